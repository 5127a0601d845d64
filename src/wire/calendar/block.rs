//! Components of an iCalendar document (RFC 5545), line by line: escaped, folded, and with nothing that is not put in.

use std::fmt;

use icalendar::{Parameter, Property};

/// One component with its properties in order, and the components inside it.
#[derive(Debug)]
pub(super) struct Block {
    kind: &'static str,
    lines: Vec<Property>,
    inside: Vec<Block>,
}

impl Block {
    /// An empty one.
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, lines: Vec::new(), inside: Vec::new() }
    }

    /// A property whose value is written as iCalendar wants it: a time, a number, a rule, or a text without what would
    /// have to be escaped.
    pub(super) fn put(&mut self, name: &str, value: impl Into<String>) {
        self.lines.push(Property::new(name, value));
    }

    /// The same with parameters.
    pub(super) fn put_with(&mut self, name: &str, parameters: &[(&str, &str)], value: impl Into<String>) {
        let mut property = Property::new(name, value);
        for (key, value) in parameters {
            property.append_parameter(Parameter::new(key, value));
        }
        self.lines.push(property);
    }

    /// Text from anywhere.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        // Said outright, since the crate does not know of every name that it is one of a text.
        let stated: &[(&str, &str)] = if name == "NAME" { &[("VALUE", "TEXT")] } else { &[] };
        self.put_with(name, stated, printable(text));
    }

    /// A list of short texts from anywhere.
    pub(super) fn words(&mut self, name: &str, words: &[String]) {
        let escaped = words.iter().map(|word| {
            printable(word).replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;").replace('\n', "\\n")
        });
        self.put(name, escaped.collect::<Vec<_>>().join(","));
    }

    /// A component inside this one.
    pub(super) fn push(&mut self, block: Block) {
        self.inside.push(block);
    }

    /// True where nothing is inside.
    pub(super) fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }

    /// Writes it with all that is inside.
    pub(super) fn write(self, out: &mut String) -> fmt::Result {
        let kind = self.kind;
        out.push_str(&format!("BEGIN:{kind}\r\n"));
        for property in self.lines {
            let line: String = property.try_into()?;
            out.push_str(&line);
        }
        for block in self.inside {
            block.write(out)?;
        }
        out.push_str(&format!("END:{kind}\r\n"));
        Ok(())
    }
}

/// Without control characters, which iCalendar has no way to escape; lines end with one character.
fn printable(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text_and_lines_stay_short() {
        let mut block = Block::new("VEVENT");
        block.text("SUMMARY", "a;b,c\\d\r\nATTACH:http://evil.example\u{0}\u{7}");
        block.text("NAME", "one, two");
        block.words("CATEGORIES", &["x,y".into(), "z".into()]);
        block.text("DESCRIPTION", &"Ä wörd ".repeat(40));
        let mut out = String::new();
        block.write(&mut out).unwrap();
        assert!(out.contains("SUMMARY:a\\;b\\,c\\\\d\\nATTACH:http://evil.example\r\n"), "{out}");
        assert!(out.contains("NAME;VALUE=TEXT:one\\, two\r\n"), "{out}");
        assert!(out.contains("CATEGORIES:x\\,y,z\r\n"), "{out}");
        assert!(out.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{out}");
        assert_eq!(out.replace("\r\n ", "").matches("Ä wörd ").count(), 40);
    }
}
