//! JSON as upstreams send it: read strictly, looked into leniently.

use std::borrow::Cow;

use serde::Deserialize as _;

use super::{Body, ParseError, text};

pub use super::tree::{Map, Value};

/// Reads a document. A key given twice is an error: whichever one were taken, the other might be the truth.
///
/// # Errors
/// Says in words what is there instead of JSON, or where the JSON is broken.
pub fn read(body: &Body, expected: &str) -> Result<Value, ParseError> {
    if !(200..300).contains(&body.status) {
        return Err(not_this(body, expected, format!("an answer with status {}", body.status)));
    }
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    let trimmed = decoded.trim_start();
    if trimmed.is_empty() {
        return Err(not_this(body, expected, "nothing: the document is empty".to_owned()));
    }
    if trimmed.starts_with('<') {
        return Err(not_this(body, expected, markup(trimmed)));
    }
    let mut reader = serde_json::Deserializer::from_str(&decoded);
    let value = Value::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| ParseError::Broken { document: body.name.clone(), problem: format!("broken JSON: {error}") })
}

/// Reads the first value of a text, whatever follows it; a key given twice is an error here, too.
pub fn first(text: &str) -> Option<Value> {
    Value::deserialize(&mut serde_json::Deserializer::from_str(text.trim_start())).ok()
}

/// The error for a document that is something else.
pub fn not_this(body: &Body, expected: &str, found: String) -> ParseError {
    ParseError::NotThisFormat { document: body.name.clone(), expected: expected.to_owned(), found }
}

/// What JSON of another shape looks like, for an error.
pub fn shape(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => "an empty JSON object".to_owned(),
        Value::Object(map) => {
            let keys: Vec<&str> = map.keys().take(8).collect();
            format!("JSON with the keys {}", text::line(&keys.join(", "), 120))
        }
        Value::Array(list) => format!("a JSON list of {} items", list.len()),
        _ => "JSON that is neither an object nor a list".to_owned(),
    }
}

/// What markup looks like, for an error: its title tells a sign-in page from a parked domain.
pub fn markup(document: &str) -> String {
    let head: String = document.chars().take(20_000).collect();
    let lower = head.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let inner = head.get(at..)?.split_once('>')?.1.split_once('<')?.0;
        Some(text::line(inner, 80)).filter(|title| !title.is_empty())
    });
    let kind = if lower.starts_with("<?xml") || lower.starts_with("<rss") || lower.starts_with("<feed") {
        "XML"
    } else if lower.contains("type=\"password\"") || lower.contains("/login") || lower.contains("sign in") {
        "what looks like a sign-in page"
    } else {
        "an HTML page"
    };
    match title {
        Some(title) => format!("{kind} titled “{title}”"),
        None => kind.to_owned(),
    }
}

/// Text under a key; numbers count as their digits.
pub fn string(value: &Value, key: &str) -> Option<String> {
    word(value, key).map(Cow::into_owned)
}

/// The same without a copy, to look a word up or to read a time.
pub fn word<'v>(value: &'v Value, key: &str) -> Option<Cow<'v, str>> {
    scalar(value.get(key)?)
}

/// Text that says something, or the digits of a number.
pub fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// Text under a key that may hold one text for each language: `{"default": "API", "de": "Schnittstelle"}`.
pub fn translated(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Object(languages) => ["default", "en"]
            .iter()
            .find_map(|language| string(value.get(key)?, language))
            .or_else(|| languages.keys().find_map(|language| string(value.get(key)?, language))),
        _ => string(value, key),
    }
}

/// A list under a key: `null` and a missing key are empty lists, anything else that is no list is an error.
///
/// # Errors
/// Where something else stands there.
pub fn list<'a>(value: &'a Value, key: &str, body: &Body) -> Result<&'a [Value], ParseError> {
    rows(&value[key], key, body)
}

/// A value as a list, as `list` takes it; `name` is what errors call it.
///
/// # Errors
/// Where it is something else.
pub fn rows<'a>(value: &'a Value, name: &str, body: &Body) -> Result<&'a [Value], ParseError> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(items) => match items.iter().find(|item| !item.is_object()) {
            None => Ok(items),
            Some(other) => Err(broken(body, format!("`{name}` holds {} instead of objects", kind(other)))),
        },
        other => Err(broken(body, format!("`{name}` is {} instead of a list", kind(other)))),
    }
}

/// The error for a document whose parts are of the wrong kind.
pub fn broken(body: &Body, problem: String) -> ParseError {
    ParseError::Broken { document: body.name.clone(), problem }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
