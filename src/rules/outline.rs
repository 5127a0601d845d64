//! Whether a reading is believed: it has what every reading before it had, or has lacked it for long enough.
//!
//! A page that was rebuilt, moved or half delivered still parses, and what it no longer says looks like good news.
//! Additions never matter, nor what comes and goes with incidents: lists that run empty, parts that only they name.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::limits;
use crate::model::level::State;
use crate::model::observation::{Basis, Observation, SeenComponent};
use crate::model::outline::{DocumentShape, Doubt, Outline, Shape};
use crate::model::source::Source;
use crate::model::state::{Component, SourceState};

use super::reading::Reading;

/// What a reading is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As ever, with what is known of all readings now.
    Good(Outline),
    /// Something is lost, and has been for so long that the page is like this now.
    Accepted {
        /// Learned anew, from this reading.
        outline: Outline,
        /// What is lost.
        what: String,
    },
    /// Something is lost.
    Doubted(Doubt),
}

/// Compares a reading with what the readings before it had. The first one of a reader is as good as any.
pub fn judge(before: &SourceState, seen: &Observation, reading: Reading<'_>) -> Verdict {
    let known = before.outline.as_ref().filter(|outline| outline.least.reader == reading.shape.reader);
    let (Some(outline), Some(_)) = (known, before.first_read_at) else {
        return Verdict::Good(first(reading.shape));
    };
    let Some((what, slight)) = loss(before, outline, seen, reading) else {
        return Verdict::Good(learn(outline, reading.shape));
    };
    let doubt = doubt(before.doubt.as_ref(), what, slight, reading);
    if is_over(&doubt, reading.now) {
        return Verdict::Accepted { outline: first(reading.shape), what: doubt.what };
    }
    Verdict::Doubted(doubt)
}

/// One more reading that lost the same.
pub fn agree(doubt: &Doubt) -> Doubt {
    Doubt { readings: doubt.readings.saturating_add(1), ..doubt.clone() }
}

fn doubt(before: Option<&Doubt>, what: String, slight: bool, reading: Reading<'_>) -> Doubt {
    match before {
        Some(same) if same.what == what => agree(same),
        other => Doubt {
            what,
            since: other.map_or(reading.now, |other| other.since),
            good_at: other.map_or(reading.good_at, |other| other.good_at),
            same_since: reading.now,
            readings: 0,
            slight,
            worst: other.map_or(State::Unknown, |other| other.worst),
        },
    }
}

fn is_over(doubt: &Doubt, now: Timestamp) -> bool {
    let waited = now >= doubt.same_since && now.duration_since(doubt.same_since).unsigned_abs() >= limits::CHANGE_TIME;
    if doubt.slight { doubt.readings > 0 } else { doubt.readings >= limits::CHANGE_READINGS && waited }
}

/// What is lost, in words, and whether it is so little that a second reading is enough.
fn loss(before: &SourceState, outline: &Outline, seen: &Observation, reading: Reading<'_>) -> Option<(String, bool)> {
    let parts = Parts::of(before, seen, reading.source);
    let is_learned = outline.readings >= limits::OUTLINE_READINGS;
    let fields = fields(outline, reading.shape, is_learned);
    let shrunk = is_learned && reading.shape.bytes.saturating_mul(limits::SHRUNK) < outline.least.bytes;
    let grave = parts.many_gone() || (parts.standing_gone > 0 && shrunk);
    // Rows of a scraped page are found by how it looks: each that is gone may be one that is no longer found.
    let scraped = reading.source.format.as_deref() == Some("html") && parts.standing_gone > 0;
    let mut said = Vec::new();
    if grave || scraped {
        said.push(parts.words());
        said.extend(shrunk.then(|| "the page is less than a fifth of its usual size".to_owned()));
    }
    let slight = !grave && fields.is_empty();
    said.extend(fields);
    (!said.is_empty()).then(|| (said.join("; "), slight))
}

/// The components that count, and those of them that a reading does not list.
#[derive(Default)]
struct Parts<'a> {
    listed: usize,
    gone: Vec<&'a Component>,
    /// Those that are listed because they exist, not because they are in trouble.
    standing: usize,
    standing_gone: usize,
    /// Nothing is listed any more, and not only what incidents had brought.
    emptied: bool,
}

impl<'a> Parts<'a> {
    fn of(before: &'a SourceState, seen: &Observation, source: &Source) -> Self {
        let mut parts = Self::default();
        // Who only announces trouble lists what is in trouble.
        if before.basis != Basis::States {
            return parts;
        }
        let counts = |c: &&Component| c.unlisted_since.is_none() && source.filter.counts(&c.path);
        let listed: Vec<&Component> = before.components.iter().filter(counts).collect();
        let works = |c: &Component| !c.quiet && !c.state.is_trouble();
        let exists = |c: &Component| before.doubt.is_some() || !is_named(c, before);
        // Where nothing is listed but what incidents name or what is in trouble, all of it may leave with them.
        let lists_all = listed.iter().any(|component| works(component) && exists(component));
        let mut here = Here::of(&before.components, &seen.components);
        for component in &listed {
            // Leaving the list while in trouble is no good news anyway: see `derive`.
            let stands = lists_all && works(component);
            parts.standing += usize::from(stands);
            if !here.has(component) {
                parts.gone.push(component);
                parts.standing_gone += usize::from(stands);
            }
        }
        parts.listed = listed.len();
        parts.emptied = seen.components.is_empty() && listed.iter().any(|c| !c.quiet && (lists_all || exists(c)));
        parts
    }

    fn many_gone(&self) -> bool {
        let half = self.standing_gone.saturating_mul(2) >= self.standing;
        self.emptied || (half && self.standing_gone >= limits::LOST_COMPONENTS)
    }

    fn words(&self) -> String {
        let names: Vec<&str> =
            self.gone.iter().take(limits::LOST_NAMES).map(|component| component.path.as_str()).collect();
        let more = if self.gone.len() > names.len() { ", …" } else { "" };
        let what = match (self.gone.len(), self.listed) {
            (1, 1) => "its only component is gone".to_owned(),
            (1, all) => format!("1 of {all} components is gone"),
            (gone, all) if gone == all => format!("all {all} components are gone"),
            (gone, all) => format!("{gone} of {all} components are gone"),
        };
        format!("{what} ({}{more})", names.join(", "))
    }
}

/// True where something open names it.
fn is_named(component: &Component, state: &SourceState) -> bool {
    let incidents = state.incidents.iter().filter(|it| it.is_open()).map(|it| &it.components);
    let works = state.maintenances.iter().filter(|it| it.is_open()).map(|it| &it.components);
    incidents.chain(works).any(|names| names.contains(&component.id))
}

/// What a reading lists, by id, by path, and by name where it is new: such a one may have moved.
struct Here<'a> {
    ids: HashSet<&'a str>,
    paths: HashSet<String>,
    moved: Vec<&'a str>,
}

impl<'a> Here<'a> {
    fn of(before: &[Component], seen: &'a [SeenComponent]) -> Self {
        let listed = || before.iter().filter(|component| component.unlisted_since.is_none());
        let ids: HashSet<&str> = listed().map(|component| component.id.as_str()).collect();
        let paths: HashSet<&str> = listed().map(|component| component.path.as_str()).collect();
        let is_new = |c: &&SeenComponent| !ids.contains(c.id.as_str()) && !paths.contains(c.path().as_str());
        Self {
            ids: seen.iter().map(|component| component.id.as_str()).collect(),
            paths: seen.iter().map(SeenComponent::path).collect(),
            moved: seen.iter().filter(is_new).map(|component| component.name.as_str()).collect(),
        }
    }

    /// True where it is still there. Of those that moved each stands for one.
    fn has(&mut self, component: &Component) -> bool {
        if self.ids.contains(component.id.as_str()) || self.paths.contains(component.path.as_str()) {
            return true;
        }
        match self.moved.iter().position(|name| *name == component.name) {
            Some(at) => {
                self.moved.swap_remove(at);
                true
            }
            None => false,
        }
    }
}

/// What the documents lost, in words. One that did not answer this time has lost nothing.
fn fields(outline: &Outline, shape: &Shape, is_learned: bool) -> Vec<String> {
    let mut said = Vec::new();
    for learned in &outline.least.documents {
        let Some(now) = find(shape, &learned.name) else { continue };
        if now.kind != learned.kind {
            said.push(format!("{} is {}, and was {}", now.name, now.kind.label(), learned.kind.label()));
            continue;
        }
        // A list that was written although it was empty, or was never short, does not come and go with what is in it.
        let stays = |items: u32| items == 0 || items >= limits::LONG_LIST;
        let missing = learned.lists.iter().filter(|list| is_learned && stays(list.items) && !has(now, &list.path));
        let paths: Vec<String> = missing.map(|list| format!("`{}`", list.path)).collect();
        let verb = if paths.len() == 1 { "is" } else { "are" };
        if let Some(first) = paths.get(..limits::LOST_NAMES) {
            let more = if paths.len() > first.len() { ", …" } else { "" };
            said.push(format!("{}{more} are no longer in {}", first.join(", "), now.name));
        } else if !paths.is_empty() {
            said.push(format!("{} {verb} no longer in {}", paths.join(" and "), now.name));
        }
    }
    said
}

fn find<'a>(shape: &'a Shape, name: &str) -> Option<&'a DocumentShape> {
    shape.documents.iter().find(|document| document.name == name)
}

/// True where the list is there, or nothing but a `null` stands in its place or above it.
fn has(document: &DocumentShape, path: &str) -> bool {
    let under =
        |null: &String| path.strip_prefix(null.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    document.lists.iter().any(|list| list.path == path) || document.nulls.iter().any(under)
}

fn first(shape: &Shape) -> Outline {
    let mut least = shape.clone();
    least.documents.iter_mut().for_each(|document| document.nulls.clear());
    Outline { readings: 1, least }
}

/// What is common to the readings before and this one. A document that is had for the first time is new.
fn learn(outline: &Outline, shape: &Shape) -> Outline {
    let mut least = outline.least.clone();
    least.bytes = least.bytes.min(shape.bytes);
    for document in &mut least.documents {
        let Some(now) = find(shape, &document.name) else { continue };
        document.lists.retain_mut(|list| {
            let same = now.lists.iter().find(|other| other.path == list.path);
            list.items = same.map_or(list.items, |same| same.items.min(list.items));
            has(now, &list.path)
        });
    }
    let new =
        first(shape).least.documents.into_iter().filter(|document| find(&outline.least, &document.name).is_none());
    least.documents.extend(new);
    Outline { readings: outline.readings.saturating_add(1).min(limits::OUTLINE_READINGS), least }
}
