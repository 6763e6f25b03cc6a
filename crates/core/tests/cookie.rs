//! The cookie: its grammar to the letter, and which of two states wins.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::map::Map;

use proptest::prelude::*;
use sayso_core::cookie::{Choice, Cookie, CookieError, Letter};
use sayso_core::policy::{PurposeId, ServiceId};

#[test]
fn reads_and_writes_the_published_example() {
    let text = "1.toujs0.analytics:g3.g68~media:r1.g68+vimeo~necessary:n1-livechat";
    let cookie = Cookie::parse(text).unwrap();
    assert_eq!(cookie.time, 1_795_255_200);
    let media = &cookie.choices["media"];
    assert_eq!(
        (media.letter, media.revision, media.day),
        (Letter::Refused, 1, Some(20_960))
    );
    assert!(media.services["vimeo"]);
    assert!(!cookie.choices["necessary"].services["livechat"]);
    assert_eq!(cookie.to_string(), text);
}

#[test]
fn whatever_strays_from_the_grammar_is_no_cookie() {
    let table = [
        ("", CookieError::Form),
        ("2.toujs0.a:g1", CookieError::Form),
        ("1.toujs0", CookieError::Form),
        ("1..a:g1", CookieError::Time),
        ("1.0toujs.a:g1", CookieError::Time),
        ("1.TOUJS0.a:g1", CookieError::Time),
        ("1.zzzzzzzzz.a:g1", CookieError::Time),
        ("1.toujs0.a", CookieError::Choice),
        ("1.toujs0.a:x1", CookieError::Choice),
        ("1.toujs0.a:g", CookieError::Choice),
        ("1.toujs0.a:g0", CookieError::Choice),
        ("1.toujs0.a:g01", CookieError::Choice),
        ("1.toujs0.a:g1.", CookieError::Choice),
        ("1.toujs0.a:g1.0g68", CookieError::Choice),
        ("1.toujs0.a:g1+", CookieError::Choice),
        ("1.toujs0.a:g1+Vimeo", CookieError::Choice),
        ("1.toujs0.A:g1", CookieError::Choice),
        ("1.toujs0.a:g1~", CookieError::Choice),
        ("1.toujs0.a:g1~a:r1", CookieError::Twice),
        ("1.toujs0.a:g1+v-v", CookieError::Twice),
        ("1.toujs0.a:g1 ", CookieError::Choice),
        ("1.toujs0.__proto__:g1", CookieError::Choice),
    ];
    for (text, error) in table {
        assert_eq!(Cookie::parse(text), Err(error), "{text:?}");
    }
    assert_eq!(
        Cookie::parse(&format!("1.t.{}", "a".repeat(1100))),
        Err(CookieError::TooLong)
    );
}

#[test]
fn the_later_wins_and_of_equal_times_what_shuts() {
    let table = [
        ("1.b.a:g1", "1.a.a:r1", "1.b.a:g1"),
        ("1.a.a:g1", "1.b.a:w1", "1.b.a:w1"),
        ("1.a.a:g1", "1.a.a:w1", "1.a.a:w1"),
        ("1.a.a:g1+v", "1.a.a:g1", "1.a.a:g1"),
        ("1.a.a:g1+v", "1.a.a:g1+v-w", "1.a.a:g1+v-w"),
        ("1.a.a:g1-v", "1.a.a:g1+v", "1.a.a:g1-v"),
        ("1.a.a:g1~b:r1", "1.a.c:g1", "1.a.b:r1"),
    ];
    for (one, other, expected) in table {
        let (one, other) = (Cookie::parse(one).unwrap(), Cookie::parse(other).unwrap());
        assert_eq!(one.clone().merge(other.clone()).to_string(), expected);
        assert_eq!(
            other.merge(one).to_string(),
            expected,
            "whichever is read first"
        );
    }
}

prop_compose! {
    fn choice()(letter in 0usize..7, revision in 1u32..1000, day in proptest::option::of(0u32..100_000),
                services in proptest::collection::btree_map("[a-z][a-z0-9_]{0,8}", any::<bool>(), 0..3)) -> Choice {
        let letter = Letter::from_char("grwosdn".chars().nth(letter).unwrap()).unwrap();
        let services = services.into_iter().map(|(id, open)| (ServiceId::new(&id).unwrap(), open)).collect();
        Choice { letter, revision, day, services }
    }
}

prop_compose! {
    fn cookie()(time in 0u64..4_000_000_000,
                choices in proptest::collection::btree_map("[a-z][a-z0-9-]{0,8}", choice(), 0..4)) -> Cookie {
        let choices: Map<_, _> = choices.into_iter().map(|(id, c)| (PurposeId::new(&id).unwrap(), c)).collect();
        Cookie { time, choices }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(cookie in cookie()) {
        prop_assert_eq!(Cookie::parse(&cookie.to_string()), Ok(cookie));
    }

    #[test]
    fn what_is_read_is_written_the_same_or_refused(text in "1\\.[a-z0-9]{1,3}\\.[a-c:g1.~+-]{0,12}") {
        if let Ok(cookie) = Cookie::parse(&text) {
            prop_assert_eq!(Cookie::parse(&cookie.to_string()), Ok(cookie));
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = Cookie::parse(&text);
    }

    #[test]
    fn merging_opens_nothing_that_either_shuts(mut a in cookie(), b in cookie()) {
        a.time = b.time;
        let merged = a.clone().merge(b.clone());
        for (id, choice) in &merged.choices {
            if choice.letter == Letter::Given {
                prop_assert_eq!(a.choices.get(id).map(|c| c.letter), Some(Letter::Given));
                prop_assert_eq!(b.choices.get(id).map(|c| c.letter.shuts()), Some(false));
            }
        }
        prop_assert_eq!(merged.clone().merge(merged.clone()), merged);
    }
}
