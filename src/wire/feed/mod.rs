//! What feeds tell: incidents and maintenances that count, the last changed first.

pub(crate) mod atom;
pub(crate) mod json;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::limits;
use crate::model::desk::Affects;
use crate::model::id::SourceId;
use crate::model::incident::{Phase, Update};
use crate::model::snapshot::{IncidentView, MaintenanceView, Snapshot};

/// Which part of the present a feed is about.
#[derive(Debug)]
pub(crate) enum Scope {
    All,
    Source(String),
    Tag(String),
}

impl Scope {
    /// The path before `/feed.atom`.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Source(id) => format!("/sources/{}", escaped(id)),
            Self::Tag(tag) => format!("/tags/{}", escaped(tag)),
        }
    }
}

/// One part of a path, with what may not stand there escaped.
pub(crate) fn escaped(part: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    part.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Everything that a feed says.
#[derive(Debug)]
pub(crate) struct Items {
    pub(crate) title: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) updated: Timestamp,
    pub(crate) items: Vec<Item>,
}

/// One incident or maintenance.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) path: String,
    pub(crate) theirs: Option<String>,
    pub(crate) published: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) html: String,
    pub(crate) summary: String,
    pub(crate) words: Vec<String>,
}

impl Items {
    /// Gathers what counts of `snapshot` within `scope`.
    pub(crate) fn of(snapshot: &Snapshot, scope: &Scope) -> Self {
        let within = |source: Option<&SourceId>| match scope {
            Scope::All => true,
            Scope::Source(id) => source.is_some_and(|source| source.as_str() == id),
            Scope::Tag(tag) => source
                .and_then(|source| snapshot.source(source.as_str()))
                .is_some_and(|view| view.source.tags.contains(tag)),
        };
        let incidents = snapshot.incidents.iter().chain(&snapshot.recent);
        let incidents =
            incidents.filter(|view| (view.counted || view.is_dismissed()) && within(view.incident.source.as_ref()));
        let maintenances = snapshot.maintenances.iter().chain(&snapshot.recent_maintenances);
        let maintenances = maintenances.filter(|view| view.counted && within(view.maintenance.source.as_ref()));
        let mut items: Vec<Item> = incidents
            .map(|view| Item::incident(view))
            .chain(maintenances.map(|view| Item::maintenance(view)))
            .collect();
        items.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id)));
        items.truncate(limits::LIST_PAGE);
        let quiet = || snapshot.sources.iter().map(|view| view.since).max().unwrap_or(snapshot.generated_at);
        let name = match scope {
            Scope::All => String::new(),
            Scope::Source(id) => format!(": {}", snapshot.source(id).map_or(id.as_str(), |view| &view.source.name)),
            Scope::Tag(tag) => format!(": {tag}"),
        };
        let path = scope.path();
        Self {
            title: legal(&format!("{}{name}", snapshot.page.title)),
            id: urn(&format!("feed {} {path}", snapshot.page.url.as_deref().unwrap_or_default())),
            path,
            updated: items.first().map_or_else(quiet, |item| item.updated),
            items,
        }
    }
}

impl Item {
    fn incident(view: &IncidentView) -> Self {
        let incident = &view.incident;
        let word = if incident.is_open() { incident.phase.map_or("Unclear", Phase::label) } else { "Resolved" };
        let newest = incident.updates.iter().filter_map(|update| update.at).max();
        // What does not affect us is said without making the item a new one.
        let judged = view.verdict.as_ref().filter(|_| !view.is_dismissed()).map(|verdict| verdict.at);
        let updated = incident.updated_at.max(newest).max(incident.resolved_at).max(judged);
        let updated = updated.unwrap_or(incident.first_seen_at);
        let words = ["incident", view.state.as_str()].into_iter().chain(incident.impact.map(|impact| impact.as_str()));
        Self {
            id: urn(incident.id.as_str()),
            title: legal(&format!("{}: {}", view.source_name, incident.title)),
            path: format!("/incidents/{}", escaped(incident.id.as_str())),
            theirs: incident.url.clone(),
            published: incident.began_at(),
            updated,
            html: legal(&format!("{}{}", ours(view), html(&incident.updates))),
            summary: summary(word, &incident.updates),
            words: words.map(str::to_owned).collect(),
        }
    }

    fn maintenance(view: &MaintenanceView) -> Self {
        let maintenance = &view.maintenance;
        let newest = maintenance.updates.iter().filter_map(|update| update.at).max();
        Self {
            id: urn(maintenance.id.as_str()),
            title: legal(&format!("{}: {}", view.source_name, maintenance.title)),
            path: format!("/maintenances/{}", escaped(maintenance.id.as_str())),
            theirs: maintenance.url.clone(),
            published: maintenance.first_seen_at,
            updated: maintenance.updated_at.max(newest).unwrap_or(maintenance.first_seen_at),
            html: html(&maintenance.updates),
            summary: summary(maintenance.phase.map_or("Maintenance", Phase::label), &maintenance.updates),
            words: vec!["maintenance".to_owned()],
        }
    }
}

/// What the team says of it, and what it has learned: before what the vendor says, and never instead of it.
fn ours(view: &IncidentView) -> String {
    let mut out = String::new();
    if let Some(verdict) = &view.verdict {
        let says = match (verdict.affects, view.stands) {
            (Affects::Yes, _) => Some("It affects us."),
            (Affects::No, true) => Some("It does not affect us."),
            (Affects::No, false) => Some("It has become worse since it was judged not to affect us."),
            (Affects::NotKnown, _) => None,
        };
        out.extend(says.map(|says| format!("<p><strong>{says}</strong></p>")));
        out.extend(verdict.note.iter().map(|note| note.text.html.clone()));
        let workaround = verdict.workaround.as_ref();
        out.extend(workaround.map(|words| format!("<p><strong>Workaround</strong></p>{}", words.text.html)));
    }
    let learned = view.incident.local.as_ref().and_then(|local| local.postmortem.as_ref());
    out.extend(learned.map(|signed| format!("<p><strong>What was learned</strong></p>{}", signed.words.text.html)));
    out
}

fn html(updates: &[Update]) -> String {
    let posts = updates.iter().map(|update| {
        let at = update.at.map(|at| format!("{at:.0}")).unwrap_or_default();
        let word = update.phase.map_or("Update", Phase::label);
        format!("<p><strong>{word}</strong> {at}</p>{}", update.body.html)
    });
    legal(&posts.collect::<String>())
}

fn summary(word: &str, updates: &[Update]) -> String {
    let said = updates.first().map_or("", |update| update.body.plain.as_str());
    legal(if said.is_empty() { word.to_owned() } else { format!("{word}: {said}") }.as_str())
}

/// Without the characters that XML 1.0 does not allow, even escaped.
pub(crate) fn legal(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
        .collect()
}

/// A name that stays the same on every machine: a UUID of version 8 from a digest.
fn urn(name: &str) -> String {
    let digest = Sha256::digest(format!("allclear {name}").as_bytes());
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    let value = u128::from_be_bytes(bytes);
    let value = (value & !(0xf << 76) & !(0x3 << 62)) | (0x8 << 76) | (0x2 << 62);
    let hex = format!("{value:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_left_out_and_names_are_uuids() {
        assert_eq!(legal("a\u{0}\u{8}b\u{fffe}\r\n\u{10ffff}"), "ab\n\u{10ffff}");
        let name = urn("acme.x1");
        assert_eq!(name, urn("acme.x1"));
        assert_ne!(name, urn("acme.x2"));
        let uuid = name.strip_prefix("urn:uuid:").unwrap();
        assert_eq!((uuid.len(), uuid.as_bytes()[14], uuid.matches('-').count()), (36, b'8', 4));
        assert_eq!(escaped("a b/ü"), "a%20b%2F%C3%BC");
    }
}
