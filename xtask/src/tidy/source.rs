//! Rules for Rust and JavaScript sources.

use super::Finding;
use super::file::File;

/// The longest a source file may be; beyond it a file has more than one job.
const LINES: usize = 600;

/// Sets markup from a string, which a strict page refuses. In two halves, so that this file keeps the rule.
const MARKUP: &str = concat!("from_html_", "unchecked");

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    match file.extension() {
        "rs" => rust(file, findings),
        "js" => script(file, findings),
        _ => return,
    }
    let count = file.text.lines().count();
    if count > LINES {
        findings.push(file.finding(
            LINES,
            format!("{count} lines; move a part that has a name into a file of its own, {LINES} are enough"),
        ));
    }
}

fn rust(file: &File, findings: &mut Vec<Finding>) {
    if !file.text.starts_with("//!") {
        findings.push(file.finding(
            1,
            "no `//!` line; begin the file with its one job in one sentence",
        ));
    }
    for (number, line) in file.lines() {
        if line.contains('\t') {
            findings
                .push(file.finding(number, "tab; indent with spaces, or write \\t in a string"));
        }
        if line.contains(MARKUP) {
            findings.push(file.finding(
                number,
                format!(
                    "`{MARKUP}` needs innerHTML, which strict pages refuse; build the elements"
                ),
            ));
        }
        if sets_style(line) {
            findings.push(file.finding(
                number,
                "a style attribute is refused by `style-src 'self'`; give it a class and write the rule in the style sheet",
            ));
        }
    }
}

/// Whether a line of Yew's `html!` sets the attribute, as in ` style="…"` or ` style={…}`. What a string says about it,
/// such as the end of one, sets nothing.
fn sets_style(line: &str) -> bool {
    let line = line.trim_start();
    let values = line.match_indices("style=").filter_map(|(at, name)| {
        let starts = at == 0 || line[..at].ends_with(' ');
        starts.then(|| &line[at + name.len()..])
    });
    let mut values = values.map(|value| {
        value.starts_with('{')
            || value
                .strip_prefix('"')
                .is_some_and(|text| text.starts_with(|c: char| c.is_alphabetic() || c == '-'))
    });
    !line.starts_with("//") && values.any(|sets| sets)
}

fn script(file: &File, findings: &mut Vec<Finding>) {
    if !file.text.is_empty() && !file.text.starts_with("/**") {
        findings.push(file.finding(
            1,
            "no `/** … */` header; begin the file with its one job in one sentence",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(&File::new(path, text), &mut findings);
        findings.into_iter().map(|f| f.text).collect()
    }

    #[test]
    fn headers_are_wanted() {
        assert_eq!(findings("a.rs", "//! Does it.\n"), [""; 0]);
        assert!(findings("a.rs", "fn main() {}\n")[0].contains("//!"));
        assert_eq!(findings("a.js", "/** Does it. */\n"), [""; 0]);
        assert!(findings("a.js", "f();\n")[0].contains("header"));
    }

    #[test]
    fn style_attributes_are_found() {
        let text = ["//! A.\n    <p class=\"a\" style", "={x}>\n"].concat();
        assert!(findings("src/a.rs", &text)[0].contains("style"));
        assert_eq!(findings("src/a.rs", "//! A.\nlet style = 1;\n"), [""; 0]);
        assert_eq!(
            findings("src/a.rs", "//! A.\nhtml.contains(\" style=\");\n"),
            [""; 0]
        );
    }

    #[test]
    fn long_files_are_found() {
        let text = "//! A.\n".repeat(LINES + 1);
        assert!(findings("a.rs", &text)[0].contains("601 lines"));
    }
}
