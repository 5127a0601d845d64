//! Building a tree out of what serde reads.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::{FEW, Map, Value};
use crate::text;

/// Places for keys that may come again; two that share a place only lose the saving.
const PLACES: usize = 128;

/// Refuses a key that comes twice.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Reader(&mut Keys::default()).deserialize(from)
    }
}

/// Keys that were read, so that those that come again are not made anew.
struct Keys(Vec<Option<Arc<str>>>);

impl Default for Keys {
    fn default() -> Self {
        Self(vec![None; PLACES])
    }
}

impl Keys {
    fn take(&mut self, key: &str) -> Arc<str> {
        let bytes = key.as_bytes();
        let some = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
        let mix =
            some(bytes.first()) + 7 * some(bytes.last()) + 31 * some(bytes.get(bytes.len() / 2)) + 61 * bytes.len();
        let Some(place) = self.0.get_mut(mix % PLACES) else { return Arc::from(key) };
        match place {
            Some(known) if **known == *key => Arc::clone(known),
            _ => Arc::clone(place.insert(Arc::from(key))),
        }
    }
}

struct Reader<'k>(&'k mut Keys);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Reader(self.0))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let twice = |key: &str| A::Error::custom(format!("the key `{}` is given twice", text::line(key, 60)));
        let mut list: Vec<(Arc<str>, Value)> = Vec::new();
        while let Some(key) = entries.next_key_seed(KeyReader(self.0))? {
            // In larger ones they are found when all is read.
            if list.len() < FEW && list.iter().any(|(known, _)| *known == key) {
                return Err(twice(&key));
            }
            list.push((key, entries.next_value_seed(Reader(self.0))?));
        }
        Map::of(list).map(Value::Object).map_err(|key| twice(&key))
    }
}

struct KeyReader<'k>(&'k mut Keys);

impl<'de> DeserializeSeed<'de> for KeyReader<'_> {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Arc<str>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyReader<'_> {
    type Value = Arc<str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Arc<str>, E> {
        Ok(self.0.take(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// `{"k0": 0, "k1": 1, …}`, with one more entry behind.
    fn many(count: usize, last: &str) -> String {
        let entries: String = (0..count).map(|n| format!("\"k{n}\": {n}, ")).collect();
        format!("{{{entries}{last}}}")
    }

    #[test]
    fn values_are_found_by_key_and_place_and_what_is_not_there_is_null() {
        let value = read(r#"{"a": [1, {"b": "text"}], "c": true, "d": -2.5, "e": null}"#).unwrap();
        assert_eq!(value["a"][1]["b"], "text");
        assert_eq!(value["a"][0], 1);
        assert_eq!(value["c"], true);
        assert_eq!((value["d"].as_f64(), value["d"].as_i64()), (Some(-2.5), None));
        assert!(value["e"].is_null() && value.get("e").is_some());
        for nothing in [&value["x"], &value["a"][9], &value["a"]["b"], &value["c"]["x"], &value[0]] {
            assert!(nothing.is_null());
        }
        assert!(value.as_object().unwrap().keys().eq(["a", "c", "d", "e"]), "in the order in which they are written");
    }

    #[test]
    fn a_key_given_twice_is_refused_in_small_and_in_large_objects() {
        for (text, twice) in [
            (r#"{"a": 1, "a": 1}"#.to_owned(), "`a`"),
            (r#"[{"x": {"b": 1, "c": 2, "\u0062": 3}}]"#.to_owned(), "`b`"),
            (many(FEW, "\"k0\": 7"), "`k0`"),
            (many(1_000, "\"k500\": 7"), "`k500`"),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(twice) && error.contains("given twice"), "{error}");
        }
    }

    #[test]
    fn objects_of_every_size_find_each_of_their_keys() {
        for count in [0, 1, FEW - 1, FEW, FEW + 1, 5_000] {
            let value = read(&many(count, "\"last\": \"one\"")).unwrap();
            let map = value.as_object().unwrap();
            assert_eq!(map.len(), count + 1);
            assert!((0..count).all(|n| map.get(&format!("k{n}")).and_then(Value::as_u64) == u64::try_from(n).ok()));
            assert_eq!(value["last"], "one");
            assert!(!map.contains_key("k") && !map.contains_key("zz") && !map.contains_key(""));
        }
    }
}
