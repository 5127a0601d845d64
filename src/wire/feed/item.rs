//! An entry for each incident and maintenance, rewritten with every update under the same name.

use super::{About, Item, legal, urn};
use crate::model::desk::Affects;
use crate::model::incident::{Phase, Update};
use crate::model::snapshot::{IncidentView, MaintenanceView};
use crate::wire::scope::escaped;

impl Item {
    /// The entry about it.
    pub(super) fn of(about: About<'_>) -> Self {
        match about {
            About::Incident(view) => Self::incident(view),
            About::Maintenance(view) => Self::maintenance(view),
        }
    }

    fn incident(view: &IncidentView) -> Self {
        let incident = &view.incident;
        let word = if incident.is_open() { incident.phase.map_or("Unclear", Phase::label) } else { "Resolved" };
        let newest = incident.updates.iter().filter_map(|update| update.at).max();
        // What does not affect us is said without making the item a new one.
        let judged = view.verdict.as_ref().filter(|_| !view.is_dismissed()).map(|verdict| verdict.at);
        let updated = incident.updated_at.max(newest).max(incident.resolved_at).max(judged);
        let published = incident.began_at();
        let words = ["incident", view.state.as_str()].into_iter().chain(incident.impact.map(|impact| impact.as_str()));
        Self {
            id: urn(incident.id.as_str()),
            title: legal(&format!("{}: {}", view.source_name, incident.title)),
            path: format!("/incidents/{}", escaped(incident.id.as_str())),
            theirs: incident.url.clone(),
            published,
            updated: updated.unwrap_or(incident.first_seen_at).max(published),
            html: legal(&format!("{}{}{}", verdict(view), learned(view), html(&incident.updates))),
            summary: summary(word, &incident.updates),
            words: words.map(str::to_owned).collect(),
        }
    }

    fn maintenance(view: &MaintenanceView) -> Self {
        let maintenance = &view.maintenance;
        let posted = || maintenance.updates.iter().filter_map(|update| update.at);
        // Announced before it was first seen here, or then.
        let published = posted().min().map_or(maintenance.first_seen_at, |first| first.min(maintenance.first_seen_at));
        let updated = maintenance.updated_at.max(posted().max()).max(maintenance.revision.at);
        Self {
            id: urn(maintenance.id.as_str()),
            title: legal(&format!("{}: {}", view.source_name, maintenance.title)),
            path: format!("/maintenances/{}", escaped(maintenance.id.as_str())),
            theirs: maintenance.url.clone(),
            published,
            updated: updated.unwrap_or(maintenance.first_seen_at).max(published),
            html: legal(&format!("{}{}", window(view), html(&maintenance.updates))),
            summary: summary(maintenance.phase.map_or("Maintenance", Phase::label), &maintenance.updates),
            words: vec!["maintenance".to_owned()],
        }
    }
}

/// From when to when it is planned.
pub(super) fn window(view: &MaintenanceView) -> String {
    match (view.maintenance.starts_at, view.maintenance.ends_at) {
        (Some(starts), Some(ends)) => format!("<p>Planned from {starts:.0} to {ends:.0}</p>"),
        (Some(starts), None) => format!("<p>Planned from {starts:.0}</p>"),
        (None, _) => String::new(),
    }
}

/// What the team says of it: before what the vendor says, and never instead of it.
pub(super) fn verdict(view: &IncidentView) -> String {
    let Some(verdict) = &view.verdict else { return String::new() };
    let says = match (verdict.affects, view.stands) {
        (Affects::Yes, _) => Some("It affects us."),
        (Affects::No, true) => Some("It does not affect us."),
        (Affects::No, false) => Some("It has become worse since it was judged not to affect us."),
        (Affects::NotKnown, _) => None,
    };
    let mut out = says.map(|says| format!("<p><strong>{says}</strong></p>")).unwrap_or_default();
    out.extend(verdict.note.iter().map(|note| note.text.html.as_str()));
    let workaround = verdict.workaround.as_ref();
    out.extend(workaround.map(|words| format!("<p><strong>Workaround</strong></p>{}", words.text.html)));
    out
}

/// What the team has learned from it.
pub(super) fn learned(view: &IncidentView) -> String {
    let learned = view.incident.local.as_ref().and_then(|local| local.postmortem.as_ref());
    let said = learned.map(|signed| format!("<p><strong>What was learned</strong></p>{}", signed.words.text.html));
    said.unwrap_or_default()
}

fn html(updates: &[Update]) -> String {
    let posts = updates.iter().map(|update| {
        let at = update.at.map(|at| format!("{at:.0}")).unwrap_or_default();
        let word = update.phase.map_or("Update", Phase::label);
        format!("<p><strong>{word}</strong> {at}</p>{}", update.body.html)
    });
    posts.collect()
}

fn summary(word: &str, updates: &[Update]) -> String {
    let said = updates.first().map_or("", |update| update.body.plain.as_str());
    legal(if said.is_empty() { word.to_owned() } else { format!("{word}: {said}") }.as_str())
}
