//! Which addresses may become links: https and site-relative ones, nothing that could run as code.

/// The address if it may stand in an `href`, else `None`.
///
/// `javascript:`, `data:` and the like come from configuration, not from visitors, but a link is the one place where a
/// text becomes behaviour, so it is checked where it is drawn.
pub fn safe(url: &str) -> Option<&str> {
    if url.is_empty()
        || url
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return None;
    }
    // `get` because the address may begin with a character of several bytes.
    if url
        .get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    {
        return Some(url);
    }
    // `//host/…` would leave the site with a scheme nobody wrote down.
    if url.starts_with("//") {
        return None;
    }
    // Relative: no scheme, so no colon before the first `/`, `?` or `#`.
    let head = url.split(['/', '?', '#']).next().unwrap_or_default();
    (!head.contains(':')).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn lets_https_and_relative_pass() {
        for url in [
            "https://example.org/a?b#c",
            "HTTPS://example.org",
            "/privacy",
            "privacy.html",
            "?page=2",
            "#cookies",
            "a/b:c",
        ] {
            assert_eq!(safe(url), Some(url));
        }
    }

    #[test]
    fn refuses_everything_else() {
        for url in [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "http://example.org",
            "//example.org",
            "/\\example.org",
            "mailto:a@b",
            "vbscript:x",
            "\u{1}https://a",
        ] {
            assert_eq!(safe(url), None, "{url:?}");
        }
    }
}
