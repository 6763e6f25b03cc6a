//! A style sheet without what only its authors read: comments and white space.

/// Removes comments and needless white space; strings stay as they are.
pub fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut chars = css.chars().peekable();
    let mut gap = false;
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
                gap = true;
            }
            c if c.is_whitespace() => gap = true,
            c => {
                if gap && keeps_gap(out.chars().next_back(), c) {
                    out.push(' ');
                }
                gap = false;
                if c == '}' && out.ends_with(';') {
                    out.pop();
                }
                if c == '.' && ends_with_zero(&out) {
                    out.pop();
                }
                out.push(c);
                if c == '"' || c == '\'' {
                    copy_string(c, &mut chars, &mut out);
                }
            }
        }
    }
    out
}

/// A space means something unless a separator stands beside it. `:` loses only the space after it: `a :hover` differs
/// from `a:hover`.
fn keeps_gap(before: Option<char>, after: char) -> bool {
    let Some(before) = before else { return false };
    !matches!(before, '{' | '}' | ';' | ',' | ':') && !matches!(after, '{' | '}' | ';' | ',' | '!')
}

/// Whether a zero stands last that is a number's whole part: `0.5` and `-0.5`, not `10.5` or `a0.5`.
fn ends_with_zero(out: &str) -> bool {
    let mut back = out.chars().rev();
    back.next() == Some('0') && matches!(back.next(), Some(' ' | ':' | ',' | '(' | '-'))
}

fn copy_string(quote: char, chars: &mut impl Iterator<Item = char>, out: &mut String) {
    let mut escaped = false;
    for c in chars {
        out.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => break,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn keeps_meaning() {
        let table = [
            ("a { color : red ; }\n\n b{}", "a{color :red}b{}"),
            (
                "/* x */ a :hover > b , c { margin: 0 auto; }",
                "a :hover > b,c{margin:0 auto}",
            ),
            (
                "a{content:\"  /* kept */  \\\" ; \"}",
                "a{content:\"  /* kept */  \\\" ; \"}",
            ),
            ("a{width:calc(1px + 2px)}", "a{width:calc(1px + 2px)}"),
            (
                "@media (min-width: 3px) and (hover) { a { b: c } }",
                "@media (min-width:3px) and (hover){a{b:c}}",
            ),
            ("a/**/b{}", "a b{}"),
            ("a { b: c !important; }", "a{b:c!important}"),
            (
                "a{margin:0.5em -0.25em 10.5px 0;b:calc(0.5 * 0.6)}",
                "a{margin:.5em -.25em 10.5px 0;b:calc(.5 * .6)}",
            ),
            ("", ""),
        ];
        for (css, wanted) in table {
            assert_eq!(minify(css), wanted, "{css}");
        }
    }
}
