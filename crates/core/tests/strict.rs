//! Reading a stranger's JSON and base64url: every looseness of ordinary readers is refused, by its own error, before
//! anything is made of it.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use sayso_core::digest::{decode, decode_array, encode};
use sayso_core::json::{self, JsonError, MAX_DEPTH};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    n: u64,
    text: Option<String>,
    #[serde(default)]
    inner: BTreeMap<String, Vec<u64>>,
}

fn read(text: &str) -> Result<Shape, JsonError> {
    json::read(text.as_bytes(), 4096)
}

#[test]
fn what_is_of_the_shape_is_read() {
    let shape = read(" {\"n\": 1, \"text\": \"\\u00e9\", \"inner\": {\"a\": [1, 2]}}\n").unwrap();
    assert_eq!((shape.n, shape.text.as_deref()), (1, Some("é")));
    assert_eq!(shape.inner["a"], [1, 2]);
}

#[test]
fn a_member_twice_is_named_wherever_it_is_and_however_it_is_spelt() {
    let table = [
        (r#"{"n":1,"n":1}"#, "n"),
        (r#"{"n":1,"text":"a","text":"b"}"#, "text"),
        // The same name in other letters: an ordinary comparison of bytes would miss it.
        (r#"{"n":1,"te\u0078t":"a","text":"b"}"#, "text"),
        (r#"{"n":1,"inner":{"a":[],"a":[]}}"#, "a"),
        // In a place that is not even of the shape, and said before that.
        (r#"{"n":1,"other":[{"b":1,"b":2}]}"#, "b"),
        (r#"{"n":1,"":1,"":1}"#, ""),
    ];
    for (text, member) in table {
        assert_eq!(
            read(text),
            Err(JsonError::Duplicate(member.into())),
            "{text}"
        );
    }
}

#[test]
fn a_member_twice_is_found_among_many() {
    let names: Vec<String> = (0..200).map(|n| format!("m{n}")).collect();
    let object = |names: &[String]| {
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":[1]")).collect();
        format!("{{\"n\":1,\"inner\":{{{}}}}}", members.join(","))
    };
    assert_eq!(read(&object(&names)).unwrap().inner.len(), names.len());
    for first in [0, 1, 30, 31, 32, 33, 34, 100, 199] {
        let mut twice = names.clone();
        twice.push(names[first].clone());
        let found = read(&object(&twice));
        assert_eq!(found, Err(JsonError::Duplicate(names[first].clone())));
    }
}

#[test]
fn a_null_is_not_a_way_to_leave_something_out() {
    for text in [
        r#"{"n":1,"text":null}"#,
        r#"{"n":null}"#,
        r#"{"n":1,"inner":{"a":[null]}}"#,
        "null",
    ] {
        assert_eq!(read(text), Err(JsonError::Null), "{text}");
    }
}

#[test]
fn depth_and_length_are_bounded_before_anything_is_made_of_the_text() {
    let nested = |levels: usize| {
        format!(
            r#"{{"n":1,"x":{}{}}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    // As deep as allowed: then it is the unknown member that is at fault.
    assert!(matches!(read(&nested(MAX_DEPTH)), Err(JsonError::Shape(_))));
    assert_eq!(read(&nested(MAX_DEPTH + 1)), Err(JsonError::TooDeep));
    let objects = format!("{}1{}", r#"{"x":"#.repeat(50), "}".repeat(50));
    assert_eq!(read(&objects), Err(JsonError::TooDeep));

    // So deep that a reader by recursion would end the process, and never closed: refused at the ninth level.
    let endless = "[".repeat(4_000_000);
    assert_eq!(
        json::read::<Shape>(endless.as_bytes(), usize::MAX),
        Err(JsonError::TooDeep)
    );
    let long = format!(r#"{{"n":1,"text":"{}"}}"#, "x".repeat(4096));
    let length = long.len();
    let limit = 4096;
    assert_eq!(read(&long), Err(JsonError::TooLong { length, limit }));
}

#[test]
fn whatever_else_is_loose_is_refused() {
    for text in [
        "",
        "{",
        r#"{"n":1}{"n":1}"#,
        r#"{"n":1} x"#,
        r#"{"n":1,}"#,
        r#"{n:1}"#,
        r#"{'n':1}"#,
        r#"{"n":1}//"#,
        r#"{"n":"1"}"#,
        r#"{"n":1.0}"#,
        r#"{"n":1e0}"#,
        r#"{"n":-1}"#,
        r#"{"n":-0}"#,
        r#"{"n":+1}"#,
        r#"{"n":01}"#,
        r#"{"n":0x1}"#,
        r#"{"n":NaN}"#,
        r#"{"n":18446744073709551616}"#,
        r#"{"n":1,"text":"\ud800"}"#,
        r#"{"n":1,"text":"\x41"}"#,
        "{\"n\":1,\"text\":\"a\nb\"}",
        "\u{feff}{\"n\":1}",
        r#"{"n":1,"unknown":1}"#,
        r#"{"N":1}"#,
        "[1]",
    ] {
        assert!(
            matches!(read(text), Err(JsonError::Shape(_))),
            "{text:?}: {:?}",
            read(text)
        );
    }
    let not_utf8 = b"{\"n\":1,\"text\":\"\xff\"}";
    assert!(json::read::<Shape>(not_utf8, 4096).is_err());
}

#[test]
fn base64url_has_one_spelling() {
    for bytes in [&b""[..], b"\0", b"ab", b"abc", &[0xff; 32], &[0xfb, 0xef]] {
        let text = encode(bytes);
        assert_eq!(decode(&text).as_deref(), Some(bytes));
        for other in [
            format!("{text}="),
            format!("{text}=="),
            format!(" {text}"),
            format!("{text}\n"),
            format!("{text}A"),
            text.replace('-', "+"),
            text.replace('_', "/"),
        ] {
            assert!(
                other == text || decode(&other).as_deref() != Some(bytes),
                "{other:?} is a second spelling of {text:?}"
            );
        }
    }
    // Stray bits behind the last byte: ordinary readers take all sixteen of these for the one byte 0x61.
    let spellings: Vec<_> = "QRSTUVWXYZabcdef"
        .chars()
        .filter(|last| decode(&format!("Y{last}")).is_some())
        .collect();
    assert_eq!(spellings, ['Q'], "only YQ is the letter a");
    assert_eq!(decode("YQ").as_deref(), Some(&b"a"[..]));
    assert_eq!(decode_array::<1>("YWI"), None, "another length");
}

#[test]
fn base64url_of_every_length_is_what_another_library_makes_of_it() {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    // Every byte value, in every place of a group of three, and every length of the rest.
    let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).chain(0..=9).collect();
    for start in 0..3 {
        for end in start..bytes.len() {
            let part = &bytes[start..end];
            let text = Base64UrlUnpadded::encode_string(part);
            assert_eq!(encode(part), text);
            assert_eq!(decode(&text).as_deref(), Some(part));
        }
    }
    // A stranger in any place of a text with whole groups and a rest.
    let text = encode(&bytes[..64]);
    for at in 0..text.len() {
        for stranger in ["+", "/", "=", ".", " ", "\n", "\u{7f}"] {
            let mut text = text.clone();
            text.replace_range(at..=at, stranger);
            assert_eq!(decode(&text), None, "{text}");
        }
        let mut cut = text.clone();
        cut.replace_range(at..at + 1, "ü");
        assert_eq!(decode(&cut), None, "{cut}");
    }
}
