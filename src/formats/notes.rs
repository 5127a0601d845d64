//! What a reading did not understand, gathered so that a warning is said once with its count.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::limits;

use super::{text, time};

/// Warnings of one reading.
#[derive(Debug)]
pub struct Notes {
    /// The moment against which times are held.
    pub now: Timestamp,
    said: Vec<String>,
    counted: BTreeMap<&'static str, usize>,
}

impl Notes {
    /// Nothing noted yet.
    pub fn new(now: Timestamp) -> Self {
        Self { now, said: Vec::new(), counted: BTreeMap::new() }
    }

    /// Notes something once, however often it is said.
    pub fn say(&mut self, warning: String) {
        let warning = text::line(&warning, limits::TITLE);
        if !self.said.contains(&warning) {
            self.said.push(warning);
        }
    }

    /// Counts something that is said once with its number: `incident updates had no time`.
    pub fn count(&mut self, what: &'static str) {
        *self.counted.entry(what).or_default() += 1;
    }

    /// Notes a word that is not understood.
    pub fn oddity(&mut self, of_what: &str, word: &str) {
        self.say(format!("{of_what} “{}” is not understood and shown as unknown", text::line(word, 60)));
    }

    /// Reads a time of something that has happened.
    pub fn past(&mut self, raw: Option<impl AsRef<str>>) -> Option<Timestamp> {
        let read = time::past(raw?.as_ref(), self.now);
        self.take(read)
    }

    /// Reads a planned time.
    pub fn planned(&mut self, raw: Option<impl AsRef<str>>) -> Option<Timestamp> {
        let read = time::planned(raw?.as_ref(), self.now);
        self.take(read)
    }

    fn take(&mut self, read: time::Read) -> Option<Timestamp> {
        if let Some(warning) = read.warning {
            self.say(warning);
        }
        read.at
    }

    /// All of it, for people; beyond the limit only the number.
    pub fn into_warnings(self) -> Vec<String> {
        let counted = self.counted.into_iter().map(|(what, count)| format!("{count} {what}"));
        let mut warnings: Vec<String> = self.said.into_iter().chain(counted).collect();
        if warnings.len() > limits::WARNINGS {
            let more = warnings.len() - limits::WARNINGS + 1;
            warnings.truncate(limits::WARNINGS - 1);
            warnings.push(format!("and {more} more"));
        }
        warnings
    }
}
