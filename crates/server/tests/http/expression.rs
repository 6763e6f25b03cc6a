//! Reading back what `sayso.js` is called with: JavaScript expressions that are plain data.

use serde_json::{Map, Number, Value};

/// Reads expressions with commas between them.
pub(crate) fn read_all(text: &str) -> Vec<Value> {
    let (value, rest) = read(text);
    let mut values = vec![value];
    if let Some(rest) = rest.strip_prefix(',') {
        values.extend(read_all(rest));
    } else {
        assert_eq!(rest, "", "not the end");
    }
    values
}

/// Reads one expression, and gives what follows it.
fn read(text: &str) -> (Value, &str) {
    for (word, value) in [
        ("!0", Value::Bool(true)),
        ("!1", Value::Bool(false)),
        ("null", Value::Null),
    ] {
        if let Some(rest) = text.strip_prefix(word) {
            return (value, rest);
        }
    }
    if let Some(rest) = text.strip_prefix('{') {
        return members(rest);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return items(rest);
    }
    if text.starts_with(['"', '`']) {
        let (text, rest) = string(text);
        return (Value::String(text), rest);
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: Number = text[..end]
        .parse()
        .unwrap_or_else(|_| panic!("no value: {text:.40}"));
    (Value::Number(number), &text[end..])
}

fn items(mut text: &str) -> (Value, &str) {
    let mut items = Vec::new();
    while !text.starts_with(']') {
        let (item, rest) = read(text);
        items.push(item);
        text = rest.strip_prefix(',').unwrap_or(rest);
    }
    (Value::Array(items), &text[1..])
}

fn members(mut text: &str) -> (Value, &str) {
    let mut members = Map::new();
    while !text.starts_with('}') {
        let (name, rest) = if text.starts_with('"') {
            string(text)
        } else {
            let end = text.find(':').expect("a colon after a name");
            (text[..end].to_owned(), &text[end..])
        };
        let (value, rest) = read(rest.strip_prefix(':').expect("a colon"));
        // No member: it takes the object's prototype away.
        if name == "__proto__" {
            assert_eq!(value, Value::Null);
        } else {
            members.insert(name, value);
        }
        text = rest.strip_prefix(',').unwrap_or(rest);
    }
    (Value::Object(members), &text[1..])
}

/// A JSON string, or a template without anything to fill in; `\u003c` is all that is escaped in one.
fn string(text: &str) -> (String, &str) {
    if let Some(rest) = text.strip_prefix('`') {
        let end = rest.find('`').expect("an end");
        return (rest[..end].replace("\\u003c", "<"), &rest[end + 1..]);
    }
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let read = stream.next().expect("a string").expect("a string");
    (read, &text[stream.byte_offset()..])
}
