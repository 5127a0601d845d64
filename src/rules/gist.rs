//! What a reading said, in a few bytes: enough to tell later whether the same documents are still read in the same way.

use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::incident::{Phase, Update};
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, Observation, SeenComponent, SeenIncident, SeenMaintenance};
use crate::model::receipt::{Gist, Part};

/// Raise it whenever something is digested that was not, or in another order.
const SCHEME: u32 = 1;
/// Bytes of a digest that are kept: two readings do not agree in 96 bits by chance.
const DIGEST_BYTES: usize = 12;

/// The gist of an observation. Two observations have the same one where they say the same, warnings aside.
pub fn of(seen: &Observation) -> Gist {
    let mut page = Text::default();
    page.maybe(seen.page.name.as_deref()).maybe(seen.indicator.map(State::as_str));
    page.word(match seen.basis {
        Basis::States => "states",
        Basis::Announcements => "announcements",
    });
    Gist {
        scheme: SCHEME,
        page: page.part(1),
        components: part(&seen.components, component, |_| true),
        incidents: part(&seen.incidents, incident, SeenIncident::is_open),
        maintenances: part(&seen.maintenances, maintenance, |one| one.phase.is_none_or(Phase::is_open)),
    }
}

/// What reads differently in `now` than in `then`, in words; nothing where the two cannot be compared.
pub fn differences(then: &Gist, now: &Gist) -> Vec<String> {
    if then.scheme != now.scheme {
        return Vec::new();
    }
    let mut told = Vec::new();
    if then.page != now.page {
        told.push("the page's name or its own overall state".to_owned());
    }
    for (name, counted, then, now) in [
        ("components", "listed", &then.components, &now.components),
        ("incidents", "open", &then.incidents, &now.incidents),
        ("maintenances", "not over", &then.maintenances, &now.maintenances),
    ] {
        match (then.count, now.count) {
            _ if then == now => {}
            (before, after) if before != after => told.push(format!("{name}: {before} {counted} then, {after} now")),
            _ => told.push(format!("{name}: as many, but not the same")),
        }
    }
    told
}

fn part<T>(items: &[T], write: fn(&T, &mut Text), counts: impl Fn(&T) -> bool) -> Part {
    let mut text = Text::default();
    for item in items {
        write(item, &mut text);
    }
    text.part(items.iter().filter(|item| counts(item)).count())
}

fn component(one: &SeenComponent, text: &mut Text) {
    text.word(one.id.as_str()).word(&one.name).maybe(one.group.as_deref()).word(one.state.as_str());
    text.maybe(one.description.as_deref()).time(one.updated_at).word(if one.quiet { "quiet" } else { "" });
}

fn incident(one: &SeenIncident, text: &mut Text) {
    text.word(&one.id).word(&one.title).maybe(one.phase.map(Phase::as_str)).maybe(one.impact.map(Impact::as_str));
    text.time(one.started_at).time(one.updated_at).time(one.resolved_at).maybe(one.url.as_deref());
    text.list(one.components.iter().map(|id| id.as_str()));
    updates(&one.updates, text);
}

fn maintenance(one: &SeenMaintenance, text: &mut Text) {
    text.word(&one.id).word(&one.title).maybe(one.phase.map(Phase::as_str));
    text.time(one.starts_at).time(one.ends_at).time(one.updated_at).maybe(one.url.as_deref());
    text.list(one.components.iter().map(|id| id.as_str()));
    updates(&one.updates, text);
}

fn updates(updates: &[Update], text: &mut Text) {
    text.count(updates.len());
    for update in updates {
        text.time(update.at).maybe(update.phase.map(Phase::as_str)).word(&update.body.html).word(&update.body.plain);
    }
}

/// Words one after another, each behind its length, so that no two lists of words run into the same bytes.
#[derive(Default)]
struct Text(Sha256);

impl Text {
    fn count(&mut self, count: usize) -> &mut Self {
        self.0.update(u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes());
        self
    }

    fn word(&mut self, word: &str) -> &mut Self {
        self.count(word.len()).0.update(word);
        self
    }

    /// What is not said differs from what is said to be empty.
    fn maybe(&mut self, word: Option<&str>) -> &mut Self {
        match word {
            Some(word) => self.count(1).word(word),
            None => self.count(0),
        }
    }

    fn time(&mut self, at: Option<Timestamp>) -> &mut Self {
        match at {
            Some(at) => {
                self.count(1).0.update(at.as_nanosecond().to_le_bytes());
                self
            }
            None => self.count(0),
        }
    }

    fn list<'a>(&mut self, words: impl ExactSizeIterator<Item = &'a str>) {
        self.count(words.len());
        for word in words {
            self.word(word);
        }
    }

    fn part(self, count: usize) -> Part {
        let mut digest = String::with_capacity(DIGEST_BYTES * 2);
        for byte in self.0.finalize().iter().take(DIGEST_BYTES) {
            // Writing to a string does not fail.
            let _ = write!(digest, "{byte:02x}");
        }
        Part { count, digest }
    }
}
