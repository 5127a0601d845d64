//! The document in a request: JSON whatever it calls itself, a form, a form with JSON in it, or the query.

use bytes::Bytes;
use url::form_urlencoded;

use super::{Asked, multipart};
use crate::formats::json::{self, Value};
use crate::formats::{Body, ParseError, Role};
use crate::{limits, text};

/// Fields of forms in which senders put the whole of their JSON.
const WHOLE: &[&str] = &["data", "payload"];

/// True where everything that is said stands in the address.
pub(super) fn is_in_query(asked: &Asked<'_>) -> bool {
    asked.method.eq_ignore_ascii_case("GET") || asked.body.trim_ascii().is_empty() && !asked.query.is_empty()
}

/// Reads a request's document; fields of a form or a query are an object of texts.
///
/// The error says what was found instead.
pub(super) fn read(asked: &Asked<'_>) -> Result<Value, String> {
    if is_in_query(asked) {
        return fields(pairs(asked.query.as_bytes()));
    }
    let declared = (asked.header)("content-type").unwrap_or_default();
    let head = text::decode(asked.body, Some(declared)).trim_start().chars().next();
    if matches!(head, Some('{' | '[')) {
        return parsed(asked.body, Some(declared));
    }
    let kind = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "multipart/form-data" => fields(multipart::read(declared, asked.body)?),
        "application/x-www-form-urlencoded" => fields(pairs(asked.body)),
        _ => parsed(asked.body, Some(declared)),
    }
}

/// Reads JSON that stands as text in something else.
pub(super) fn inner(raw: &str) -> Result<Value, String> {
    parsed(raw.as_bytes(), None)
}

fn parsed(bytes: &[u8], content_type: Option<&str>) -> Result<Value, String> {
    let body = Body {
        name: "the push".to_owned(),
        role: Role::Present,
        content_type: content_type.map(str::to_owned),
        url: None,
        status: 200,
        bytes: Bytes::copy_from_slice(bytes),
    };
    json::read(&body, "JSON").map_err(|error| match error {
        ParseError::NotThisFormat { found, .. } => found,
        ParseError::Broken { problem, .. } => problem,
        other => other.to_string(),
    })
}

fn pairs(raw: &[u8]) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(raw).take(limits::HOOK_FIELDS.saturating_add(1));
    pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

fn fields(pairs: Vec<(String, String)>) -> Result<Value, String> {
    if pairs.len() > limits::HOOK_FIELDS {
        return Err(format!("more than {} fields", limits::HOOK_FIELDS));
    }
    if pairs.iter().all(|(key, _)| key.is_empty()) {
        return Err("no field at all".to_owned());
    }
    if let [(key, value)] = pairs.as_slice()
        && WHOLE.contains(&key.as_str())
    {
        return inner(value);
    }
    Ok(Value::object(pairs.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str())))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, query: &str, kind: &'static str, body: &[u8]) -> Result<Value, String> {
        let header = |name: &str| (name == "content-type").then_some(kind);
        read(&Asked { method, query, header: &header, body })
    }

    #[test]
    fn one_document_is_read_however_it_is_wrapped() {
        let wanted = json::first(r#"{"msg": "a b", "n": "1"}"#).unwrap();
        let whole = r#"{"msg": "a b", "n": "1"}"#;
        let multipart = format!("--x\r\ncontent-disposition: form-data; name=\"data\"\r\n\r\n{whole}\r\n--x--\r\n");
        let form = format!("payload={}", form_urlencoded::byte_serialize(whole.as_bytes()).collect::<String>());
        for (method, query, kind, body) in [
            ("POST", "", "application/json", whole),
            ("POST", "secret=1", "text/plain", whole),
            ("PUT", "", "", whole),
            ("POST", "", "application/x-www-form-urlencoded", whole),
            ("GET", "msg=a+b&n=1", "", ""),
            ("POST", "msg=a%20b&n=1", "application/json", " "),
            ("POST", "", "application/x-www-form-urlencoded; charset=utf-8", "msg=a+b&n=1"),
            ("POST", "", "application/x-www-form-urlencoded", &form),
            ("POST", "", "multipart/form-data; boundary=x", &multipart),
        ] {
            assert_eq!(ask(method, query, kind, body.as_bytes()), Ok(wanted.clone()), "{method} {query} {kind} {body}");
        }
    }

    #[test]
    fn what_is_no_document_is_named() {
        let many = "a=1&".repeat(100);
        for (query, kind, body, found) in [
            ("", "", "", "nothing: the document is empty"),
            ("", "text/html", "<html><title>Sign in</title>", "titled “Sign in”"),
            ("", "text/plain", "down", "broken JSON"),
            ("", "application/json", "{\"a\": 1, \"a\": 2}", "`a`"),
            ("", "application/json", "{\"a\":", "broken JSON"),
            (&many, "", "", "more than 64 fields"),
            ("&", "", "", "no field at all"),
            ("", "multipart/form-data", "--x", "no boundary"),
        ] {
            let error = ask("POST", query, kind, body.as_bytes()).unwrap_err();
            assert!(error.contains(found), "{error}");
        }
    }
}
