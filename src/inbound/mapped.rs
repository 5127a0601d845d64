//! JSON of any shape, where `sources.yaml` says what stands where.

use super::signal::{labels_of, labels_of_tags, signal};
use super::{Kind, Push, Refusal};
use crate::formats::json::{self, Value};
use crate::formats::notes::Notes;
use crate::model::level::Impact;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind =
    Kind { name: "json", about: "JSON of any shape, read by `map`", by_get: false, signs: |_| false, read };

/// The way to a value: keys, and numbers of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way(Vec<String>);

impl Way {
    /// Reads `alert.labels.0`, or the same as a JSON Pointer, which takes any key: `/alert/labels/0`.
    ///
    /// # Errors
    /// In words, where it leads nowhere.
    pub fn new(raw: &str) -> Result<Self, String> {
        let keys: Vec<String> = match raw.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(|key| key.replace("~1", "/").replace("~0", "~")).collect(),
            None => raw.split('.').map(str::to_owned).collect(),
        };
        if keys.iter().any(String::is_empty) {
            return Err(format!("`{}` has an empty part", text::line(raw, 80)));
        }
        Ok(Self(keys))
    }

    /// What stands there.
    fn to<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, key| match value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            _ => value.get(key),
        })
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0.join("."))
    }
}

/// What stands where, and what its words mean. Ways begin at an alert: the document, or an item of `each`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// A list of alerts; `None`: the document is one.
    pub each: Option<Way>,
    /// What tells alerts apart and is the same from first to last.
    pub key: Way,
    /// One line.
    pub title: Way,
    /// The rest.
    pub text: Option<Way>,
    /// How it goes.
    pub status: Way,
    /// Words that say that something is wrong.
    pub firing: Vec<String>,
    /// Words that say that it is over.
    pub resolved: Vec<String>,
    /// Words of pushes that say neither.
    pub ignore: Vec<String>,
    /// How much it matters.
    pub impact: Option<Way>,
    /// Words for that.
    pub impacts: Vec<(String, Impact)>,
    /// When this changed.
    pub at: Option<Way>,
    /// When it began.
    pub since: Option<Way>,
    /// The sender's page about it.
    pub url: Option<Way>,
    /// An object of labels, or a list of tags.
    pub labels: Option<Way>,
}

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    // The configuration gives every hook of this kind one.
    let map = push.mapping.ok_or_else(|| push.refuse("a `map` in the hook's entry"))?;
    let alerts = match &map.each {
        None => std::slice::from_ref(push.value),
        Some(way) => match way.to(push.value) {
            Some(Value::Array(items)) => items.as_slice(),
            _ => return Err(push.refuse(&format!("a list at `{way}`"))),
        },
    };
    let (mut signals, mut refusals) = (Vec::new(), Vec::new());
    for alert in alerts {
        match one(push, map, alert, notes) {
            Ok(signal) => signals.extend(signal),
            Err(refusal) => refusals.push(refusal),
        }
    }
    // What is good in a list counts, whatever stands beside it.
    if let Some(first) = refusals.first().filter(|_| signals.is_empty()) {
        return Err(first.clone());
    }
    refusals.into_iter().for_each(|refusal| notes.say(format!("left out: {refusal}")));
    Ok(signals)
}

fn one(push: &Push<'_>, map: &Mapping, alert: &Value, notes: &mut Notes) -> Result<Option<Signal>, Refusal> {
    let word = |way: &Way| way.to(alert).and_then(said);
    let needed = |way: &Way, what: &str| word(way).ok_or_else(|| push.refuse(&format!("{what} at `{way}`")));
    let status = needed(&map.status, "the status")?;
    let is = |words: &[String]| words.iter().any(|known| same(known, &status));
    let course = if is(&map.firing) {
        Course::Firing
    } else if is(&map.resolved) {
        Course::Resolved
    } else if is(&map.ignore) {
        notes.say(format!("`{}` is ignored", text::line(&status, 60)));
        return Ok(None);
    } else {
        let expected = format!("a word of `firing`, `resolved` or `ignore` at `{}`", map.status);
        return Err(push.refuse_word(&expected, &status));
    };
    let key = needed(&map.key, "the key")?;
    let title = match course {
        // The end of an alert needs no words.
        Course::Resolved => word(&map.title).unwrap_or_default(),
        _ => needed(&map.title, "the title")?,
    };
    let optional = |way: &Option<Way>| way.as_ref().and_then(word);
    let mut signal = signal(&key, course, &title, &optional(&map.text).unwrap_or_default());
    signal.at = notes.past(optional(&map.at));
    signal.started_at = notes.past(optional(&map.since));
    signal.impact = optional(&map.impact).and_then(|word| impact(map, &word, notes));
    signal.url = optional(&map.url).and_then(|url| text::link(&url));
    signal.labels = map.labels.as_ref().and_then(|way| way.to(alert)).map(labels).unwrap_or_default();
    Ok(Some(signal))
}

/// Text, a number, true or false: all are words to a status.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Bool(is) => Some(is.to_string()),
        other => json::scalar(other).map(|word| word.trim().to_owned()),
    }
}

fn same(known: &str, word: &str) -> bool {
    known.trim().to_lowercase() == word.to_lowercase()
}

/// The impact that a word means: as declared, else by its name.
fn impact(map: &Mapping, word: &str, notes: &mut Notes) -> Option<Impact> {
    let declared = map.impacts.iter().find(|(known, _)| same(known, word)).map(|(_, impact)| *impact);
    let impact = declared.or_else(|| Impact::from_word(word));
    if impact.is_none() {
        notes.say(format!("the impact “{}” is not known: the hook's counts", text::line(word, 60)));
    }
    impact
}

fn labels(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(tags) => {
            let tags: Vec<_> = tags.iter().filter_map(json::scalar).collect();
            labels_of_tags(&tags.join("\n"), '\n')
        }
        Value::String(tags) => labels_of_tags(tags, ','),
        other => labels_of(other),
    }
}
