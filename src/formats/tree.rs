//! JSON as a tree that is made to be read: once, by keys that are known.
//!
//! Objects are lists, since rows of status pages have a dozen keys, and what is looked for is compared, not hashed; only
//! those with many keys have an index. Keys come again in every row, and are kept once.

mod read;

use std::collections::HashSet;
use std::ops::Index;
use std::sync::Arc;

use serde_json::Number;

/// Objects with more keys than this have an index: comparing one by one would take the square of their size.
const FEW: usize = 24;
static NULL: Value = Value::Null;

/// One value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// `null`, and what is not there.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A number, as precise as it was written.
    Number(Number),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Keys and values.
    Object(Map),
}

/// An object: its keys in the order in which they were written, each of them once.
#[derive(Debug, Clone, Default)]
pub struct Map {
    entries: Vec<(Arc<str>, Value)>,
    /// Places of the entries in the order of their keys, where there are many.
    sorted: Vec<u32>,
}

impl Map {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        if self.sorted.is_empty() {
            return self.entries.iter().find(|(known, _)| **known == *key).map(|(_, value)| value);
        }
        let at = self.sorted.binary_search_by(|at| self.key(*at).cmp(key)).ok()?;
        self.entry(*self.sorted.get(at)?).map(|(_, value)| value)
    }

    /// The value under a key, to be changed.
    fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|(known, _)| **known == *key).map(|(_, value)| value)
    }

    /// Keys and values, as written.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    /// The keys, as written.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, as written.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True where there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// True where there is this key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn entry(&self, at: u32) -> Option<&(Arc<str>, Value)> {
        self.entries.get(usize::try_from(at).ok()?)
    }

    fn key(&self, at: u32) -> &str {
        self.entry(at).map_or("", |(key, _)| key)
    }

    /// Takes what was read of an object; the error is a key that comes twice.
    fn of(entries: Vec<(Arc<str>, Value)>) -> Result<Self, Arc<str>> {
        let mut map = Self { entries, sorted: Vec::new() };
        if map.len() > FEW {
            let mut sorted: Vec<u32> = (0..).take(map.len()).collect();
            sorted.sort_by(|a, b| map.key(*a).cmp(map.key(*b)));
            let twins = sorted.windows(2).find_map(|two| match two {
                [one, other] if map.key(*one) == map.key(*other) => map.entry(*one),
                _ => None,
            });
            if let Some((key, _)) = twins {
                return Err(Arc::clone(key));
            }
            map.sorted = sorted;
        }
        Ok(map)
    }
}

/// The order of the keys says nothing.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a str, &'a Value);
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        Entries(self.entries.iter())
    }
}

/// Goes through an object.
#[derive(Debug)]
pub struct Entries<'a>(std::slice::Iter<'a, (Arc<str>, Value)>);

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (&**key, value))
    }
}

impl Value {
    /// An object of these entries; of two with one key the first counts.
    pub fn object<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        let mut known = HashSet::new();
        let first = entries.into_iter().filter(|(key, _)| known.insert(*key));
        let entries = first.map(|(key, value)| (Arc::from(key), value)).collect();
        // No key comes twice here.
        Self::Object(Map::of(entries).unwrap_or_default())
    }

    /// What stands under a key or in a place; none where there is nothing.
    pub fn get<P: Place>(&self, place: P) -> Option<&Self> {
        place.of(self)
    }

    /// What stands under a key, to be changed; none where there is nothing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Object(map) => map.get_mut(key),
            _ => None,
        }
    }

    /// Its text, where it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What it says, where it is true or false.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(is) => Some(*is),
            _ => None,
        }
    }

    /// Its number, where it is a whole one and not below zero.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// Its number, where it is a whole one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Its number, where it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// Its items, where it is a list.
    pub fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Its entries, where it is an object.
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Self::Object(map) => Some(map),
            _ => None,
        }
    }

    /// True for text.
    pub fn is_string(&self) -> bool {
        matches!(self, Self::String(_))
    }

    /// True for a list.
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// True for an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// True for `null`, and for what is not there.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// True for a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// True for true or false.
    pub fn is_boolean(&self) -> bool {
        matches!(self, Self::Bool(_))
    }
}

/// A key or the number of an item.
pub trait Place {
    /// What stands there.
    fn of(self, value: &Value) -> Option<&Value>;
}

impl Place for &str {
    fn of(self, value: &Value) -> Option<&Value> {
        value.as_object()?.get(self)
    }
}

impl Place for &String {
    fn of(self, value: &Value) -> Option<&Value> {
        value.as_object()?.get(self)
    }
}

impl Place for usize {
    fn of(self, value: &Value) -> Option<&Value> {
        value.as_array()?.get(self)
    }
}

/// `null` where there is nothing.
impl<P: Place> Index<P> for Value {
    type Output = Self;

    fn index(&self, place: P) -> &Self {
        place.of(self).unwrap_or(&NULL)
    }
}

macro_rules! compares {
    ($($kind:ty: $how:expr),* $(,)?) => { $(
        impl PartialEq<$kind> for Value {
            fn eq(&self, other: &$kind) -> bool {
                let how: fn(&Value, &$kind) -> bool = $how;
                how(self, other)
            }
        }
    )* };
}
compares! {
    str: |value, other| value.as_str() == Some(other),
    &str: |value, other| value.as_str() == Some(*other),
    String: |value, other| value.as_str() == Some(other.as_str()),
    bool: |value, other| value.as_bool() == Some(*other),
    i32: |value, other| value.as_i64() == Some(i64::from(*other)),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(items)
    }
}
