//! YAML text as a tree in which every key and every value knows its line and column.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

/// Nesting of `sources.yaml`.
const DEPTH: usize = 32;
/// Nodes of `sources.yaml`, those that aliases repeat counted each time.
const NODES: usize = 100_000;

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub line: u64,
    pub column: u64,
}

/// A mistake at a place.
pub(super) struct Fault {
    pub at: Mark,
    pub message: String,
    pub hint: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub at: Mark,
    pub value: Value,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone)]
pub(super) struct Scalar {
    pub text: String,
    /// Without quotes, so that `true` is a boolean and `5` a number.
    pub plain: bool,
    /// From the environment: text, whatever it looks like, and never shown.
    pub hidden: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub at: Mark,
    pub text: String,
}

impl Node {
    /// What stands here, in words for a message; nothing from the environment.
    pub fn found(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
            Value::Scalar(scalar) => scalar.found(),
        }
    }

    /// The tree as JSON, for the options of a format.
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.text.clone(), node.json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Scalar(scalar) => scalar.json(),
        }
    }

    /// The place to which keys and indices lead; the nearest one above where they lead nowhere.
    pub fn place(&self, path: &[String]) -> Mark {
        let Some((first, rest)) = path.split_first() else { return self.at };
        match &self.value {
            Value::Map(entries) => match entries.iter().find(|(key, _)| key.text == *first) {
                Some((_, node)) => node.place(rest),
                None => self.at,
            },
            Value::List(items) => {
                first.parse().ok().and_then(|index: usize| items.get(index)).map_or(self.at, |node| node.place(rest))
            }
            _ => self.at,
        }
    }
}

impl Scalar {
    /// `Some` for a boolean: `true` or `false` without quotes, nothing else.
    pub fn boolean(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" | "True" | "TRUE" if self.plain && !self.hidden => Some(true),
            "false" | "False" | "FALSE" if self.plain && !self.hidden => Some(false),
            _ => None,
        }
    }

    fn json(&self) -> serde_json::Value {
        if let Some(boolean) = self.boolean() {
            return boolean.into();
        }
        if !self.plain || self.hidden {
            return self.text.clone().into();
        }
        match serde_json::from_str::<serde_json::Number>(&self.text) {
            Ok(number) => number.into(),
            Err(_) => self.text.clone().into(),
        }
    }

    fn found(&self) -> String {
        if self.hidden {
            return "a value from the environment".to_owned();
        }
        let short: String = self.text.chars().take(40).collect();
        match self.json() {
            serde_json::Value::Bool(_) => format!("the boolean `{short}`"),
            serde_json::Value::Number(_) => format!("the number `{short}`"),
            _ => format!("`{short}`"),
        }
    }
}

/// Reads one document; an empty text is `Null`. What can be read is returned beside the faults.
///
/// # Errors
/// Where the text is no YAML, at the first place where it is not.
pub(super) fn read(text: &str) -> Result<(Node, Vec<Fault>), Fault> {
    let mut builder =
        Builder { parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0, faults: Vec::new() };
    let mut root = None;
    while let Some((event, span)) = builder.step()? {
        match event {
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd | Event::StreamEnd => {}
            event if root.is_none() => root = Some(builder.node(event, span, 0)?),
            _ => {
                return Err(fault(mark(&span), "a second document", Some("one file holds one document: remove `---`")));
            }
        }
    }
    let empty = Node { at: Mark { line: 1, column: 1 }, value: Value::Null };
    Ok((root.unwrap_or(empty), builder.faults))
}

struct Builder<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    faults: Vec<Fault>,
}

impl<'a> Builder<'a> {
    fn step(&mut self) -> Result<Option<(Event<'a>, Span)>, Fault> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(next)) => Ok(Some(next)),
            Some(Err(error)) => {
                let marker = error.marker();
                let at = Mark { line: marker.line().max(1) as u64, column: (marker.col() as u64).saturating_add(1) };
                Err(fault(
                    at,
                    &format!("no valid YAML: {}", error.info()),
                    Some("check indentation, quotes and colons around here"),
                ))
            }
        }
    }

    fn inside(&mut self, at: Mark) -> Result<(Event<'a>, Span), Fault> {
        self.step()?.ok_or_else(|| fault(at, "no valid YAML: the document ends too early", None))
    }

    fn count(&mut self, at: Mark, more: usize) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > NODES {
            return Err(fault(at, &format!("more than {NODES} values"), Some("aliases count each time they are used")));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Fault> {
        let at = mark(&span);
        self.count(at, 1)?;
        if depth > DEPTH {
            return Err(fault(at, &format!("nested deeper than {DEPTH} levels"), None));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (scalar(&text, style, tag.is_some()), anchor),
            Event::SequenceStart(_, anchor, _) => (self.list(at, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map(at, depth)?, anchor),
            Event::Alias(id) => {
                let node = self.anchors.get(&id).cloned();
                let node = node.ok_or_else(|| fault(at, "an alias of something around itself", None))?;
                self.count(at, size(&node))?;
                return Ok(Node { at, value: node.value });
            }
            _ => return Err(fault(at, "no valid YAML: a value is missing", None)),
        };
        let node = Node { at, value };
        if anchor != 0 {
            self.count(at, size(&node))?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, at: Mark, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        loop {
            match self.inside(at)? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, span) => items.push(self.node(event, span, depth.saturating_add(1))?),
            }
        }
    }

    fn map(&mut self, at: Mark, depth: usize) -> Result<Value, Fault> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut first_at: HashMap<String, u64> = HashMap::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.inside(at)?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, span, depth.saturating_add(1))?;
            let (event, span) = self.inside(at)?;
            let node = self.node(event, span, depth.saturating_add(1))?;
            let text = match &key.value {
                Value::Scalar(scalar) => scalar.text.clone(),
                _ => {
                    let message = format!("a key must be text, found {}", key.found());
                    self.faults.push(fault(key.at, &message, Some("put it in quotes")));
                    continue;
                }
            };
            if text == "<<" {
                merged.push(node);
            } else if let Some(line) = first_at.get(&text) {
                let message = format!("the key `{text}` is here a second time, first in line {line}");
                self.faults.push(fault(key.at, &message, Some("remove one of them")));
            } else {
                first_at.insert(text.clone(), key.at.line);
                entries.push((Key { at: key.at, text }, node));
            }
        }
        for node in merged {
            self.merge(&mut entries, node, &mut first_at);
        }
        Ok(Value::Map(entries))
    }

    /// `<<`: what is not there yet comes from the other map.
    fn merge(&mut self, entries: &mut Vec<(Key, Node)>, node: Node, known: &mut HashMap<String, u64>) {
        match node.value {
            Value::Map(more) => {
                for (key, value) in more {
                    if !known.contains_key(&key.text) {
                        known.insert(key.text.clone(), key.at.line);
                        entries.push((key, value));
                    }
                }
            }
            Value::List(maps) if maps.iter().all(|map| matches!(map.value, Value::Map(_))) => {
                for map in maps {
                    self.merge(entries, map, known);
                }
            }
            _ => self.faults.push(fault(node.at, &format!("`<<` takes a map, found {}", node.found()), None)),
        }
    }
}

fn scalar(text: &str, style: ScalarStyle, tagged: bool) -> Value {
    let plain = matches!(style, ScalarStyle::Plain) && !tagged;
    match text {
        "" | "~" | "null" | "Null" | "NULL" if plain => Value::Null,
        _ => Value::Scalar(Scalar { text: text.to_owned(), plain, hidden: false }),
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.iter().map(size).fold(1, usize::saturating_add),
        Value::Map(entries) => entries.iter().map(|(_, node)| size(node)).fold(1, usize::saturating_add),
        _ => 1,
    }
}

fn mark(span: &Span) -> Mark {
    Mark { line: span.start.line() as u64, column: (span.start.col() as u64).saturating_add(1) }
}

fn fault(at: Mark, message: &str, hint: Option<&str>) -> Fault {
    Fault { at, message: message.to_owned(), hint: hint.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_and_value_knows_its_place() {
        let (root, faults) = read("a: 1\nb:\n  - x\n  - c: {d: no, e: true}\n").ok().unwrap();
        assert!(faults.is_empty());
        assert_eq!(root.json().to_string(), r#"{"a":1,"b":["x",{"c":{"d":"no","e":true}}]}"#);
        let place = |path: &[&str]| root.place(&path.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(place(&["a"]), Mark { line: 1, column: 4 });
        assert_eq!(place(&["b", "1", "c", "e"]), Mark { line: 4, column: 19 });
    }

    #[test]
    fn alias_bombs_and_deep_nesting_end_in_a_fault() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..12 {
            let list = vec![format!("*a{}", i - 1); 10].join(", ");
            bomb.push_str(&format!("a{i}: &a{i} [{list}]\n"));
        }
        assert!(read(&bomb).err().unwrap().message.contains("more than"));
        assert!(read(&"[".repeat(5_000)).is_err());
    }
}
