//! What was, as JSON: the difference of two pages, and the timeline of an incident.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use crate::history::difference::{self, Changed, Moved, Part};
use crate::history::timeline;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};

/// What is different between two moments.
#[derive(Debug, Serialize, ToSchema)]
pub struct Difference<'a> {
    /// The earlier moment.
    from: Time,
    /// The later moment.
    to: Time,
    /// The first line; null where it is the same.
    headline: Option<Line<'a>>,
    /// Sources whose state, or one of whose components, is another.
    sources: Vec<Other<'a>>,
    /// Services whose state is another.
    services: Vec<Other<'a>>,
    /// Incidents that were opened, changed or closed.
    incidents: Vec<Thing<'a>>,
    /// Maintenances that were announced, changed or are over.
    maintenances: Vec<Thing<'a>>,
}

/// A first line before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct Line<'a> {
    /// Before.
    from: &'a str,
    /// After.
    to: &'a str,
}

/// A source or a service that is different.
#[derive(Debug, Serialize, ToSchema)]
pub struct Other<'a> {
    /// Its id.
    id: &'a str,
    /// For people.
    name: &'a str,
    /// Its state before; null: it was not watched.
    from: Option<&'static str>,
    /// Its state after; null: it is not watched.
    to: Option<&'static str>,
    /// Its components that are different.
    components: Vec<Component<'a>>,
}

/// A component that is different.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangedComponent)]
pub struct Component<'a> {
    /// `Group/Name`.
    path: &'a str,
    /// Its state before; null: it was not listed.
    from: Option<&'static str>,
    /// Its state after; null: it is not listed.
    to: Option<&'static str>,
}

/// An incident or a maintenance that is different.
#[derive(Debug, Serialize, ToSchema)]
pub struct Thing<'a> {
    /// Its id.
    id: &'a str,
    /// Its title.
    title: &'a str,
    /// Whose it is.
    source: &'a str,
    /// `opened`, `changed` or `closed`.
    change: &'static str,
    /// Its status before.
    from: Option<&'static str>,
    /// Its status after.
    to: Option<&'static str>,
    /// Its impact after, where that is another.
    impact: Option<&'static str>,
    /// Updates that were added.
    updates: usize,
}

fn word(state: Option<State>) -> Option<&'static str> {
    state.map(State::as_str)
}

impl<'a> Difference<'a> {
    /// Shapes a difference.
    pub fn of(from: jiff::Timestamp, to: jiff::Timestamp, found: &'a difference::Difference) -> Self {
        Self {
            from: Time(from),
            to: Time(to),
            headline: found.headline.as_ref().map(|(from, to)| Line { from, to }),
            sources: found.sources.iter().map(Other::of).collect(),
            services: found.services.iter().map(Other::of).collect(),
            incidents: found.incidents.iter().map(Thing::of).collect(),
            maintenances: found.maintenances.iter().map(Thing::of).collect(),
        }
    }
}

impl<'a> Other<'a> {
    fn of(changed: &'a Changed) -> Self {
        let component = |part: &'a Part| Component { path: &part.path, from: word(part.from), to: word(part.to) };
        Self {
            id: &changed.id,
            name: &changed.name,
            from: word(changed.from),
            to: word(changed.to),
            components: changed.components.iter().map(component).collect(),
        }
    }
}

impl<'a> Thing<'a> {
    fn of(moved: &'a Moved) -> Self {
        Self {
            id: &moved.id,
            title: &moved.title,
            source: &moved.source,
            change: moved.how.as_str(),
            from: moved.from.map(Phase::as_str),
            to: moved.to.map(Phase::as_str),
            impact: moved.impact.and_then(|(_, to)| to).map(Impact::as_str),
            updates: moved.updates,
        }
    }
}

/// What happened around one incident, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline<'a> {
    /// The incident's id.
    id: &'a str,
    /// Its title.
    title: &'a str,
    /// Whose it is.
    source: &'a str,
    /// When it began.
    started_at: Time,
    /// When it ended; null while it goes on, and where nobody said when.
    resolved_at: Option<Time>,
    /// What happened.
    entries: Vec<Entry<'a>>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry<'a> {
    /// When.
    at: Time,
    /// `vendor`, `noticed` (by allclear), `team` or `message`.
    who: &'static str,
    /// Who that is.
    name: Option<&'a str>,
    /// What happened.
    what: &'a str,
    /// What was said: Markdown where one of us wrote it, else plain.
    words: Option<&'a str>,
    /// SHA-256 of the documents that show it, as under `/sources/{id}/receipts/{hash}`.
    receipts: &'a [String],
}

impl<'a> Timeline<'a> {
    /// Shapes a timeline.
    pub fn of(view: &'a crate::model::snapshot::IncidentView, entries: &'a [timeline::Entry]) -> Self {
        let incident = &view.incident;
        let entry = |one: &'a timeline::Entry| Entry {
            at: Time(one.at),
            who: one.who.as_str(),
            name: one.name.as_deref(),
            what: &one.what,
            words: one.words.as_deref(),
            receipts: &one.receipts,
        };
        Self {
            id: incident.id.as_str(),
            title: &incident.title,
            source: &view.source_name,
            started_at: Time(incident.began_at()),
            resolved_at: super::time(incident.resolved_at),
            entries: entries.iter().map(entry).collect(),
        }
    }
}

/// The same as Markdown, for a report. `base`: the page's address, for links to receipts.
pub fn markdown(view: &crate::model::snapshot::IncidentView, entries: &[timeline::Entry], base: &str) -> String {
    use std::fmt::Write as _;
    let incident = &view.incident;
    let end =
        incident.resolved_at.map_or_else(|| "still open, or nobody said when".to_owned(), |at| format!("{at:.0}"));
    let mut out = format!(
        "# {}\n\n- Source: {}\n- Began: {:.0}\n- Ended: {end}\n- Id: `{}`\n",
        plain(&incident.title),
        plain(&view.source_name),
        incident.began_at(),
        incident.id,
    );
    if let Some(url) = &incident.url {
        // Writing to a string does not fail.
        let _ = writeln!(out, "- Vendor's page: <{url}>");
    }
    out.push_str("\n## Timeline (UTC)\n");
    let mut day = String::new();
    for entry in entries {
        let today = entry.at.strftime("%Y-%m-%d").to_string();
        if today != day {
            let _ = write!(out, "\n### {today}\n\n");
            day = today;
        }
        let name = entry.name.as_deref().map(|name| format!(" {}", plain(name))).unwrap_or_default();
        let label = match entry.who {
            timeline::Who::Vendor => "vendor",
            timeline::Who::Noticed => "allclear",
            timeline::Who::Team => "team",
            timeline::Who::Message => "message",
        };
        let _ = writeln!(out, "- **{}** [{label}{name}] {}", entry.at.strftime("%H:%M:%S"), plain(&entry.what));
        for line in entry.words.iter().flat_map(|words| words.lines()) {
            let line = if entry.who == timeline::Who::Team { line.to_owned() } else { plain(line) };
            let _ = writeln!(out, "  > {line}");
        }
        if let Some(source) = incident.source.as_ref() {
            for hash in &entry.receipts {
                let _ = writeln!(out, "  - as sent: {base}/sources/{source}/receipts/{hash}");
            }
        }
    }
    out
}

/// Words from outside that are not to be read as Markdown.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!') {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}
