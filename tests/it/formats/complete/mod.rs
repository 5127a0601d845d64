//! Captured documents, counted a second time: what each says, told without the adapters, is all there afterwards.

mod clouds;
mod hosted;
mod installed;
mod pages;

use std::collections::BTreeMap;
use std::fs;

use allclear::model::level::State;
use allclear::text;
use serde_json::Value;

use super::*;

/// What a document says, as its own counting function tells it.
#[derive(Debug, Default)]
pub struct Told {
    /// Names of the components and their states, where the document gives one; `None` where it only names them.
    pub components: Vec<(String, Option<State>)>,
    /// Everything with a title: incidents and maintenances.
    pub threads: Vec<Thread>,
}

/// An incident or a maintenance as the raw document has it.
#[derive(Debug)]
pub struct Thread {
    pub title: String,
    pub updates: usize,
    /// The raw times that must be read: start, and end or planned end.
    pub from: Option<String>,
    pub until: Option<String>,
    pub is_planned: bool,
    pub is_open: bool,
}

impl Told {
    pub fn component(&mut self, name: &Value, state: Option<State>) {
        self.components.push((words(name), state));
    }

    pub fn incident(&mut self, row: &Value, title: &str, updates: usize, from: &str, until: &str, is_open: bool) {
        let time = |key: &str| Some(words(&row[key])).filter(|text| !text.is_empty());
        let thread = Thread {
            title: words(&row[title]),
            updates,
            from: time(from),
            until: time(until),
            is_planned: false,
            is_open,
        };
        self.threads.push(thread);
    }

    pub fn maintenance(&mut self, row: &Value, title: &str, updates: usize, from: &str, until: &str, is_open: bool) {
        self.incident(row, title, updates, from, until, is_open);
        self.threads.last_mut().unwrap().is_planned = true;
    }
}

/// Text of a value; numbers as text, nothing for everything else.
pub fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// One of our states by a small table of the format's words.
pub fn by(table: &[(&str, State)], word: &Value) -> Option<State> {
    let word = words(word);
    Some(table.iter().find(|(theirs, _)| *theirs == word).map_or(State::Unknown, |(_, ours)| *ours))
}

type Count = fn(&Value) -> Option<Told>;

/// A folder of captured documents, the format that reads it, and the function that counts it.
const FOLDERS: &[(&str, Count)] = &[
    ("apple", clouds::apple),
    ("aws", clouds::aws),
    ("azuredevops", clouds::azuredevops),
    ("gcp", clouds::google),
    ("gworkspace", clouds::google),
    ("oracle", clouds::oracle),
    ("salesforce", clouds::salesforce),
    ("heroku", clouds::heroku),
    ("slack", clouds::slack),
    ("stripe", clouds::stripe),
    ("zendesk", clouds::zendesk),
    ("other-fedora", clouds::fedora),
    ("betterstack", hosted::betterstack),
    ("firehydrant", hosted::firehydrant),
    ("freshstatus", hosted::freshstatus),
    ("incidentio", hosted::incidentio),
    ("instatus", hosted::instatus),
    ("openstatus", hosted::openstatus),
    ("other-checkly", hosted::checkly),
    ("other-flashcat", hosted::flashcat),
    ("pagerduty", hosted::pagerduty),
    ("sorry", hosted::sorry),
    ("statuscast", hosted::statuscast),
    ("statusio", hosted::statusio),
    ("uptimecom", hosted::uptimecom),
    ("uptimerobot", hosted::uptimerobot),
    ("cachet", installed::cachet),
    ("cstate", installed::cstate),
    ("gatus", installed::gatus),
    ("kener", installed::kener),
    ("statping", installed::statping),
    ("upptime", installed::upptime),
    ("uptimekuma", installed::uptimekuma),
    ("vigil", installed::vigil),
];

#[test]
fn nothing_that_a_captured_document_says_is_lost() {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (folder, count) in FOLDERS {
        for file in captured::captured(folder).unwrap_or_default() {
            let name = format!("{folder}/{}", file.file_name().unwrap().to_string_lossy());
            let document = body(&name, fs::read(&file).unwrap());
            let decoded = text::decode(&document.bytes, None);
            let Ok(value) = serde_json::from_str(&decoded) else { continue };
            let Some(told) = count(&value) else { continue };
            let Some(format) = formats::recognise(std::slice::from_ref(&document)) else {
                wrong.push(format!("{name}: not recognised"));
                continue;
            };
            // Recorded at different times: none of their times may lie ahead.
            let now = "2026-11-24T00:00:00Z".parse().unwrap();
            let seen = adapter(format.name, &Options::Null).parse(&[document], now).unwrap();
            *counted.entry(folder).or_default() += 1;
            compare(&name, &told, &seen, now, &mut wrong);
        }
    }
    eprintln!("documents counted: {counted:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let whole =
        captured::captured("statuspage").is_none() || FOLDERS.iter().all(|(name, _)| counted.contains_key(name));
    assert!(whole, "a folder of captured documents was not counted: {counted:?}");
}

fn compare(name: &str, told: &Told, seen: &Observation, now: Timestamp, wrong: &mut Vec<String>) {
    let mut left: Vec<(String, State)> = seen.components.iter().map(|c| (c.name.clone(), c.state)).collect();
    for (component, state) in &told.components {
        let component = text::line(component, 1000);
        let fits = |(name, is): &(String, State)| *name == component && state.is_none_or(|state| state == *is);
        match left.iter().position(fits) {
            Some(at) => drop(left.remove(at)),
            None => wrong.push(format!("{name}: component {component} is lost or not {state:?}")),
        }
    }
    if !left.is_empty() {
        wrong.push(format!("{name}: components that nobody told: {left:?}"));
    }
    let threads = seen.incidents.len() + seen.maintenances.len();
    if threads != told.threads.len() {
        wrong.push(format!("{name}: {} incidents and maintenances told, {threads} read", told.threads.len()));
    }
    told.threads.iter().for_each(|thread| compare_thread(name, thread, seen, now, wrong));
}

fn compare_thread(name: &str, told: &Thread, seen: &Observation, now: Timestamp, wrong: &mut Vec<String>) {
    let title = text::line(&told.title, 1000);
    let read = |raw: &Option<String>| {
        let raw = raw.as_ref()?;
        formats::time::planned(&formats::time::as_utc(&raw.replace(" +0000 UTC", "Z").replacen(' ', "T", 1)), now).at
    };
    let (from, until) = (read(&told.from), read(&told.until));
    let planned = seen
        .maintenances
        .iter()
        .filter(|m| told.is_planned && m.title.starts_with(&title))
        .map(|m| (m.updates.len(), m.starts_at, m.ends_at, m.phase.is_none_or(|phase| phase.is_open())));
    let happened = seen
        .incidents
        .iter()
        .filter(|i| !told.is_planned && i.title.starts_with(&title))
        .map(|i| (i.updates.len(), i.started_at, i.resolved_at, i.is_open()));
    let found: Vec<_> = planned.chain(happened).collect();
    let fits = |(updates, starts, ends, open): &(usize, Option<Timestamp>, Option<Timestamp>, bool)| {
        *updates == told.updates
            && (told.from.is_none() || (from.is_some() && *starts == from))
            && (told.until.is_none() || (until.is_some() && *ends == until))
            && *open == told.is_open
    };
    if !found.iter().any(fits) {
        wrong.push(format!("{name}: {told:?} was read as {found:?}"));
    }
}
