//! The codec against serde_json, which everybody else reads and writes with.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;
use sayso_browser::json::{self, Object, Value};

fn ours(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Flag(*flag),
        serde_json::Value::Number(number) => number.as_u64().map_or(Value::Null, Value::Number),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(ours).collect()),
        serde_json::Value::Object(members) => {
            Value::Object(members.iter().map(|(n, v)| (n.clone(), ours(v))).collect())
        }
    }
}

fn any_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_writes(value in any_value()) {
        prop_assert_eq!(json::parse(&value.to_string()), Some(ours(&value)));
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(json::parse(&pretty), Some(ours(&value)));
    }

    #[test]
    fn writes_what_serde_json_reads(value in any_value()) {
        let text = ours(&value).write();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(ours(&read), ours(&value));
    }

    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = json::parse(&text);
    }

    #[test]
    fn what_is_nearly_json_does_not_panic_and_json_is_read_as_it_is(
        text in r#"[\[\]{}",:\\0-9a-fu\-+.truefalsn ]{0,24}"#,
    ) {
        let strict: Result<serde_json::Value, _> = serde_json::from_str(&text);
        if let Some(value) = json::parse(&text) && let Ok(strict) = strict {
            prop_assert!(matches!(strict, serde_json::Value::Object(_)) || value == ours(&strict));
        }
    }
}

#[test]
fn refuses_what_is_not_json() {
    let deep = "[".repeat(100);
    for text in [
        "",
        "{",
        "[1",
        "\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "{\"a\"}",
        "[1,]",
        "nul",
        "1 2",
        "\"\n\"",
        &deep,
    ] {
        assert_eq!(json::parse(text), None, "{text}");
    }
}

#[test]
fn objects_are_written_member_by_member() {
    let text = Object::new()
        .text("a\"", "b\\\u{1}")
        .text_if("none", "")
        .number("n", 7)
        .flag_if("no", false)
        .flag_if("yes", true)
        .texts_if("list", &["x".into()])
        .raw("raw", "{}")
        .end();
    assert_eq!(
        text,
        r#"{"a\"":"b\\\u0001","n":7,"yes":true,"list":["x"],"raw":{}}"#
    );
    assert_eq!(Object::new().end(), "{}");
}
