//! Re-issuing the cookie as `Set-Cookie`, because browsers keep a cookie set by script for days only.
//!
//! **Invariant:** this renews and never decides. What comes back is what the page sent, with what remains of its days,
//! and never older than the cookie the request itself carries.

use axum::http::{HeaderMap, HeaderValue, header};
use sayso_core::cookie::{Cookie, Letter, NAME};
use sayso_core::prompt::DAY;

/// The longest that browsers keep a cookie.
const LONGEST: u64 = 400 * DAY;

/// The `Set-Cookie` for a state sent beside receipts, if it may be renewed. `now` is in milliseconds since 1970.
pub fn renew(
    state: &str,
    request: &HeaderMap,
    domain: &str,
    secure: bool,
    now: u64,
) -> Option<HeaderValue> {
    let cookie = standing(state, request)?;
    let age = remaining(&cookie, now / 1000).filter(|age| *age > 0)?;
    let domain = if domain.is_empty() {
        String::new()
    } else {
        format!("; Domain={domain}")
    };
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::try_from(format!(
        "{NAME}={cookie}; Path=/; Max-Age={age}; SameSite=Lax{domain}{secure}"
    ))
    .ok()
}

/// The state that was sent, unless the request's own cookie is newer.
pub fn standing(state: &str, request: &HeaderMap) -> Option<Cookie> {
    let state = Cookie::parse(state).ok()?;
    match own(request) {
        Some(own) if own.time > state.time => None,
        Some(own) if own.time == state.time => Some(own.merge(state)),
        _ => Some(state),
    }
}

/// The newest cookie that the request carries.
fn own(request: &HeaderMap) -> Option<Cookie> {
    request
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
        .filter_map(|value| Cookie::parse(value).ok())
        .reduce(Cookie::merge)
}

/// For how many seconds something in the cookie still counts. Objections never lapse by themselves; that no answer is
/// needed is not worth a cookie's life on its own.
fn remaining(cookie: &Cookie, now: u64) -> Option<u64> {
    cookie
        .choices
        .values()
        .filter(|choice| choice.letter != Letter::NotNeeded || !choice.services.is_empty())
        .map(|choice| {
            choice
                .day
                .map_or(LONGEST, |day| (u64::from(day) * DAY).saturating_sub(now))
        })
        .max()
        .map(|age| age.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_763_766_000_000;

    fn with_cookie(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_str(value).expect("a header"),
        );
        headers
    }

    fn renewed(state: &str, request: &str) -> Option<String> {
        renew(state, &with_cookie(request), "", true, NOW)
            .map(|v| v.to_str().expect("text").to_owned())
    }

    // 2025-11-21 is day 20413 = "fr1"; "g68" is day 21032.
    #[test]
    fn what_remains_of_its_days_and_no_more() {
        let cookie = renewed("1.t61kq0.analytics:g1.fr3", "").expect("renewed");
        let age: u64 = cookie
            .split("Max-Age=")
            .nth(1)
            .and_then(|rest| rest.split(';').next())
            .expect("an age")
            .parse()
            .expect("a number");
        assert!(age > DAY && age <= 2 * DAY, "{cookie}");
        assert!(
            cookie.starts_with("sayso=1.t61kq0.analytics:g1.fr3; Path=/; "),
            "{cookie}"
        );
        assert!(cookie.ends_with("SameSite=Lax; Secure"), "{cookie}");
        let far = renewed("1.t61kq0.analytics:g1.zzzz", "").expect("renewed");
        assert!(far.contains("Max-Age=34560000;"), "at most 400 days: {far}");
        let objected = renewed("1.t61kq0.analytics:o1", "").expect("renewed");
        assert!(objected.contains("Max-Age=34560000;"), "{objected}");
    }

    #[test]
    fn nothing_where_nothing_is_left_or_readable() {
        for state in [
            "",
            "1.t61kq0.",
            "1.t61kq0.necessary:n1",
            "1.t61kq0.analytics:g1.a",
            "2.x.y",
            "1.T.analytics:g1",
        ] {
            assert_eq!(renewed(state, ""), None, "{state}");
        }
    }

    #[test]
    fn never_older_than_what_the_browser_has() {
        let given = "1.t61kq0.analytics:g1.g68";
        assert_eq!(renewed(given, "sayso=1.t61kq1.analytics:w1.g68"), None);
        assert!(renewed(given, "other=1; sayso=1.t61kpz.analytics:w1.g68").is_some());
        // Of the same second, the one that shuts.
        let same = renewed(given, "sayso=1.t61kq0.analytics:w1.g68").expect("renewed");
        assert!(same.contains("analytics:w1.g68"), "{same}");
        // Of two cookies, the later counts.
        assert_eq!(
            renewed(
                given,
                "sayso=1.t61kpz.analytics:w1.g68; sayso=1.t61kq1.analytics:w1.g68"
            ),
            None
        );
    }

    #[test]
    fn the_domain_and_plain_http_are_the_sites() {
        let headers = HeaderMap::new();
        let cookie = renew(
            "1.t61kq0.analytics:o1",
            &headers,
            "larkspur.example",
            false,
            NOW,
        )
        .expect("renewed");
        let cookie = cookie.to_str().expect("text");
        assert!(cookie.contains("; Domain=larkspur.example"), "{cookie}");
        assert!(!cookie.contains("Secure"), "{cookie}");
    }
}
