//! Data as JavaScript expressions: shorter than JSON, and ready without being parsed by anything that a page can replace.

use serde::Serialize;
use serde_json::Value;

/// An expression for a value.
pub(super) fn literal(value: &impl Serialize) -> String {
    written(value, "")
}

/// An expression for a value whose objects have no prototypes, so that a member that is not there is not there.
pub(super) fn bare(value: &impl Serialize) -> String {
    written(value, "__proto__:null,")
}

fn written(value: &impl Serialize, first: &str) -> String {
    // Strings, numbers and maps with string keys: serialising them has no way to fail.
    let value = serde_json::to_value(value).unwrap_or_default();
    let mut out = String::new();
    write(&value, first, &mut out);
    out
}

fn write(value: &Value, first: &str, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("!0"),
        Value::Bool(false) => out.push_str("!1"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&string(text)),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, first, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            out.push_str(first);
            for (at, (name, item)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&key(name));
                out.push(':');
                write(item, first, out);
            }
            if out.ends_with(',') {
                out.pop();
            }
            out.push('}');
        }
    }
}

/// In the quotes that the minified gate has, where nothing in the text would have to be escaped.
fn string(text: &str) -> String {
    let json = Value::from(text).to_string();
    let inner = &json[1..json.len() - 1];
    if inner.contains(['\\', '`']) || inner.contains("${") {
        json
    } else {
        format!("`{inner}`")
    }
}

/// A name as it stands before a colon. `__proto__` there would not be a member: in brackets it is one.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    let bare = name.starts_with(plain) && name.chars().all(|c| plain(c) || c.is_ascii_digit());
    match (bare, name) {
        (_, "__proto__") => "[\"__proto__\"]".to_owned(),
        (true, _) => name.to_owned(),
        (false, _) => Value::from(name).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn says_what_json_says_in_fewer_bytes() {
        let table = [
            (
                json!({"a": 1, "b-c": [true, false, null]}),
                r#"{a:1,"b-c":[!0,!1,null]}"#,
            ),
            (json!("plain \u{e4}"), "`plain \u{e4}`"),
            (json!("a `quote`"), r#""a `quote`""#),
            (json!("${a}"), r#""${a}""#),
            (json!("a\n\"b\" \\"), r#""a\n\"b\" \\""#),
            (json!({"2x": {}}), r#"{"2x":{}}"#),
            (json!({"__proto__": 1}), r#"{["__proto__"]:1}"#),
            (json!([]), "[]"),
        ];
        for (value, wanted) in table {
            assert_eq!(literal(&value), wanted);
        }
    }

    #[test]
    fn bare_objects_inherit_nothing() {
        let value = json!({"a": [{"b": 1}, {}]});
        let wanted = "{__proto__:null,a:[{__proto__:null,b:1},{__proto__:null}]}";
        assert_eq!(bare(&value), wanted);
    }
}
