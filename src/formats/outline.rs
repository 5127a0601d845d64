//! The shape of a reading's documents: what sort they are, and which lists stand in them.
//!
//! Only lists that are reached through objects count. What is in them comes and goes; that they are there does not, and
//! a list that is missing reads like an empty one, which is good news.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Body, Role, text};
use crate::limits;
use crate::model::outline::{DocumentKind, DocumentShape, ListShape, Shape};

/// The shape of documents that `reader` has understood. What speaks of the past, and what is no success, has none.
pub fn shape(documents: &[Body], reader: String) -> Shape {
    let present = || documents.iter().filter(|body| body.role != Role::History && (200..300).contains(&body.status));
    let bytes = present().map(|body| u64::try_from(body.bytes.len()).unwrap_or(u64::MAX));
    Shape { reader, bytes: bytes.fold(0, u64::saturating_add), documents: present().filter_map(document).collect() }
}

/// `None` where there is too much to say anything.
fn document(body: &Body) -> Option<DocumentShape> {
    let decoded = text::decode(&body.bytes, body.content_type.as_deref());
    let mut found = Found::default();
    let kind = match decoded.trim_start().chars().next() {
        Some('<') => DocumentKind::Markup,
        Some('{' | '[') => {
            let walk = Walk { path: String::new(), depth: 0, found: &mut found };
            walk.deserialize(&mut serde_json::Deserializer::from_str(&decoded)).unwrap_or(DocumentKind::Text)
        }
        _ => DocumentKind::Text,
    };
    let enough = found.lists.len().saturating_add(found.nulls.len()) <= limits::OUTLINE_PATHS;
    enough.then(|| DocumentShape { name: body.name.clone(), kind, lists: found.lists, nulls: found.nulls })
}

#[derive(Debug, Default)]
struct Found {
    lists: Vec<ListShape>,
    nulls: Vec<String>,
}

impl Found {
    fn is_full(&self) -> bool {
        self.lists.len().saturating_add(self.nulls.len()) > limits::OUTLINE_PATHS
    }
}

/// Goes through a JSON value without keeping it, and notes the lists in it.
struct Walk<'w> {
    path: String,
    depth: usize,
    found: &'w mut Found,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = DocumentKind;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<DocumentKind, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = DocumentKind;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<DocumentKind, E> {
        Ok(DocumentKind::Text)
    }

    fn visit_i64<E>(self, _: i64) -> Result<DocumentKind, E> {
        Ok(DocumentKind::Text)
    }

    fn visit_u64<E>(self, _: u64) -> Result<DocumentKind, E> {
        Ok(DocumentKind::Text)
    }

    fn visit_f64<E>(self, _: f64) -> Result<DocumentKind, E> {
        Ok(DocumentKind::Text)
    }

    fn visit_str<E>(self, _: &str) -> Result<DocumentKind, E> {
        Ok(DocumentKind::Text)
    }

    fn visit_unit<E>(self) -> Result<DocumentKind, E> {
        if self.depth > 0 && !self.found.is_full() {
            self.found.nulls.push(self.path);
        }
        Ok(DocumentKind::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<DocumentKind, A::Error> {
        let mut items = 0_u32;
        while list.next_element::<IgnoredAny>()?.is_some() {
            items = items.saturating_add(1);
        }
        if self.depth > 0 && !self.found.is_full() {
            self.found.lists.push(ListShape { path: self.path, items });
        }
        Ok(DocumentKind::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<DocumentKind, A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            if self.depth < limits::OUTLINE_DEPTH && is_name(&key) {
                let path = if self.path.is_empty() { key } else { format!("{}.{key}", self.path) };
                let depth = self.depth.saturating_add(1);
                entries.next_value_seed(Walk { path, depth, found: &mut *self.found })?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(DocumentKind::Object)
    }
}

/// True for the name of a field; other keys are ids and titles, which come and go with what they name.
fn is_name(key: &str) -> bool {
    key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn body(name: &str, text: &str) -> Body {
        Body {
            name: name.to_owned(),
            role: Role::Present,
            content_type: None,
            url: None,
            status: 200,
            bytes: Bytes::copy_from_slice(text.as_bytes()),
        }
    }

    fn lists(text: &str) -> Vec<(String, u32)> {
        let shape = shape(&[body("a", text)], String::new());
        shape.documents[0].lists.iter().map(|list| (list.path.clone(), list.items)).collect()
    }

    #[test]
    fn lists_are_known_by_the_fields_that_lead_to_them() {
        let text = r#"{"page": {"id": 1}, "components": [{"parts": []}, {}], "incidents": [],
                       "result": {"works": {"active": [1], "deep": {"deeper": []}}}, "17": [], "A title": []}"#;
        let expected = [("components", 2), ("incidents", 0), ("result.works.active", 1)];
        assert_eq!(lists(text), expected.map(|(path, items)| (path.to_owned(), items)));
        assert_eq!(lists("[[], {}]"), []);
    }

    #[test]
    fn what_is_null_says_neither_yes_nor_no() {
        let shape = shape(&[body("a", r#"{"incidents": null, "page": {"notes": null}}"#)], String::new());
        assert_eq!(shape.documents[0].nulls, ["incidents", "page.notes"]);
    }

    #[test]
    fn documents_have_a_kind_and_a_size_and_the_past_has_neither() {
        let history = Body { role: Role::History, ..body("past", "[1]") };
        let failed = Body { status: 503, ..body("failed", "{}") };
        let all = [body("a", "{}"), body("b", " [1]"), body("c", "<html>"), body("d", "ok"), history, failed];
        let shape = shape(&all, String::new());
        let kinds: Vec<DocumentKind> = shape.documents.iter().map(|document| document.kind).collect();
        assert_eq!(kinds, [DocumentKind::Object, DocumentKind::List, DocumentKind::Markup, DocumentKind::Text]);
        assert_eq!(shape.bytes, 2 + 4 + 6 + 2);
    }

    #[test]
    fn a_document_with_too_many_lists_has_no_shape() {
        let name = |number: usize| -> String {
            number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
        };
        let of = |count: usize| {
            let fields: Vec<String> = (0..count).map(|number| format!("\"{}\": []", name(number))).collect();
            shape(&[body("a", &format!("{{{}}}", fields.join(",")))], String::new()).documents.len()
        };
        assert_eq!(of(limits::OUTLINE_PATHS), 1);
        assert_eq!(of(limits::OUTLINE_PATHS + 1), 0);
    }
}
