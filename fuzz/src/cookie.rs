//! The cookie: what is read is written as the one spelling of itself, and of two states neither is made more open.

use sayso_core::cookie::Cookie;

/// Two texts, split at the first line feed.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (first, second) = text.split_once('\n').unwrap_or((text, text));
    let (first, second) = (canonical(first), canonical(second));
    if let (Some(first), Some(second)) = (first, second) {
        let one = first.clone().merge(second.clone());
        let other = second.clone().merge(first.clone());
        assert_eq!(one, other, "the order of merging matters");
        let again = one.clone().merge(first.clone());
        assert_eq!(again, one, "merging twice is not merging once");
        assert_eq!(Cookie::parse(&one.to_string()), Ok(one));
    }
}

fn canonical(text: &str) -> Option<Cookie> {
    let cookie = Cookie::parse(text).ok()?;
    let written = cookie.to_string();
    assert_eq!(Cookie::parse(&written).as_ref(), Ok(&cookie));
    assert!(text.is_ascii(), "a character that no cookie may hold");
    let (mut kept, mut seen): (Vec<u8>, Vec<u8>) = (written.into(), text.into());
    kept.sort_unstable();
    seen.sort_unstable();
    assert_eq!(
        kept, seen,
        "read with more or fewer characters than it says"
    );
    Some(cookie)
}
