//! What happened around one incident, as it happened: the vendor's words, ours, what was noticed and who was told.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::event::{Event, EventKind};
use crate::model::id::ReceiverId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::local::Words;
use crate::model::receipt::Evidence;
use crate::model::snapshot::IncidentView;
use crate::model::told::{Entry as Decided, Outcome};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, as well as that is known.
    pub at: Timestamp,
    /// Who speaks, or acts.
    pub who: Who,
    /// The name of who it is, where there is one: an author, a vendor, a channel.
    pub name: Option<String>,
    /// What happened, in a few words.
    pub what: String,
    /// What was said: Markdown where one of us wrote it, else plain.
    pub words: Option<String>,
    /// SHA-256 of the documents that show it.
    pub receipts: Vec<String>,
}

/// Who speaks, or acts. In this order where several things happened at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The vendor, on its page.
    Vendor,
    /// allclear noticed it.
    Noticed,
    /// One of us.
    Team,
    /// A message went out.
    Message,
}

impl Who {
    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Noticed => "noticed",
            Self::Team => "team",
            Self::Message => "message",
        }
    }
}

/// What a timeline is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The incident.
    pub view: &'a IncidentView,
    /// What was noticed of it and of what it touches, in any order.
    pub events: &'a [Event],
    /// What shows it.
    pub evidence: &'a Evidence,
    /// What was decided about telling it; empty for those who may not know.
    pub told: &'a [Decided],
    /// Whether whoever asks may read what is for signed-in people only.
    pub with_notes: bool,
}

/// Puts it together, the oldest first. `name` says what people call a receiver.
pub fn timeline(parts: &Parts<'_>, name: &dyn Fn(&ReceiverId) -> String) -> Vec<Entry> {
    let mut entries = said(parts);
    entries.extend(noticed(parts));
    entries.extend(ours(parts));
    entries.extend(parts.told.iter().flat_map(|entry| messages(entry, name)));
    entries.sort_by_key(|entry| (entry.at, entry.who));
    entries
}

fn said(parts: &Parts<'_>) -> Vec<Entry> {
    let incident = &parts.view.incident;
    let local = incident.local.is_some();
    let entry = |update: &Update| {
        let at = update.at.or(update.noticed_at)?;
        let (who, name) = match &update.told {
            Some(told) => (Who::Team, Some(told.author.clone())),
            None if local => (Who::Team, None),
            None => (Who::Vendor, Some(parts.view.source_name.clone())),
        };
        let what = update.phase.map_or("Update", Phase::label).to_owned();
        let words = update.told.as_ref().map_or(&update.body.plain, |told| &told.markdown).clone();
        let receipts = hashes(parts.evidence.at(update.noticed_at).iter().map(|kept| kept.hash.as_str()));
        Some(Entry { at, who, name, what, words: Some(words).filter(|words| !words.is_empty()), receipts })
    };
    incident.updates.iter().filter_map(entry).collect()
}

fn noticed(parts: &Parts<'_>) -> Vec<Entry> {
    let incident = &parts.view.incident;
    let touched: BTreeSet<&str> = incident.components.iter().map(|id| id.as_str()).collect();
    let (from, until) = (incident.began_at().min(incident.first_seen_at), incident.resolved_at);
    let entry = |event: &Event| {
        let subject = event.subject.as_deref();
        let about = subject == Some(incident.id.as_str());
        let within = event.at >= from && until.is_none_or(|until| event.at <= until.max(incident.first_seen_at));
        let part = within
            && match event.kind {
                EventKind::ComponentState => touched.is_empty() || subject.is_some_and(|id| touched.contains(id)),
                EventKind::SourceState | EventKind::SourceUnreadable | EventKind::SourceReadable => true,
                _ => false,
            };
        if !about && !part {
            return None;
        }
        let what = words(event)?;
        let receipts = hashes(parts.evidence.of_event(event).iter().map(|kept| kept.hash.as_str()));
        let words = event.note.clone().filter(|_| event.kind == EventKind::SourceUnreadable);
        Some(Entry { at: event.at, who: Who::Noticed, name: None, what, words, receipts })
    };
    parts.events.iter().filter_map(entry).collect()
}

/// What of an event a timeline tells; what was said stands there by itself.
fn words(event: &Event) -> Option<String> {
    let state = |word: &Option<String>| {
        let state = word.as_deref().and_then(State::from_word);
        state.map_or_else(|| "nothing".to_owned(), |state| state.label().to_lowercase())
    };
    Some(match event.kind {
        EventKind::ComponentState | EventKind::SourceState => {
            format!("{}: {} → {}", event.name, state(&event.from), state(&event.to))
        }
        EventKind::SourceUnreadable => format!("{} cannot be read", event.name),
        EventKind::SourceReadable => format!("{} can be read again", event.name),
        EventKind::IncidentOpened => "Seen here for the first time".to_owned(),
        EventKind::IncidentResolved => "Seen here to be over".to_owned(),
        EventKind::IncidentReopened => "Seen here to go on".to_owned(),
        EventKind::IncidentUnlisted => "The page stopped listing it, without an end".to_owned(),
        _ => return None,
    })
}

fn ours(parts: &Parts<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut say = |at: Timestamp, author: &str, what: &str, words: Option<&Words>| {
        entries.push(Entry {
            at,
            who: Who::Team,
            name: Some(author.to_owned()),
            what: what.to_owned(),
            words: words.map(|words| words.markdown.clone()).filter(|words| !words.is_empty()),
            receipts: Vec::new(),
        });
    };
    if let Some(verdict) = &parts.view.verdict {
        if let Some((at, author)) = &verdict.acknowledged {
            say(*at, author, "Acknowledged", None);
        }
        if let Some(note) = &verdict.note {
            say(verdict.at, &verdict.author, "What it means here", Some(note));
        }
        if let Some(workaround) = &verdict.workaround {
            say(verdict.at, &verdict.author, "Workaround", Some(workaround));
        }
    }
    if let Some(local) = &parts.view.incident.local {
        for note in local.notes.iter().filter(|_| parts.with_notes) {
            say(note.at, &note.author, "Note", Some(&note.words));
        }
        if let Some(signed) = &local.postmortem {
            say(signed.at, &signed.author, "What was learned", Some(&signed.words));
        }
    }
    entries
}

fn messages(entry: &Decided, name: &dyn Fn(&ReceiverId) -> String) -> Vec<Entry> {
    let what = entry.news.as_ref().map_or("a change", |news| news.kind.label()).to_lowercase();
    let line = |at: Timestamp, who: Option<String>, what: String| Entry {
        at,
        who: Who::Message,
        name: who,
        what,
        words: None,
        receipts: Vec::new(),
    };
    let mut entries: Vec<Entry> = Vec::new();
    for told in &entry.told {
        let who = Some(name(&told.receiver));
        let because = || told.because.as_ref().map_or_else(String::new, |because| format!(": {}", because.label()));
        match (told.outcome, told.sent_at) {
            (Outcome::Sent | Outcome::Folded, Some(at)) => entries.push(line(at, who, format!("Told of: {what}"))),
            (Outcome::Failed, _) => {
                entries.push(line(told.at, who, format!("Could not be told of: {what}{}", because())));
            }
            (Outcome::Held, _) => entries.push(line(told.at, who, format!("Not told of: {what}{}", because()))),
            _ => {}
        }
    }
    let sent = entry.readers.get(&Outcome::Sent).copied().unwrap_or(0);
    if sent > 0 {
        entries.push(line(entry.at, None, format!("{sent} readers told of: {what}")));
    }
    entries
}

fn hashes<'a>(of: impl Iterator<Item = &'a str>) -> Vec<String> {
    of.map(str::to_owned).collect()
}
