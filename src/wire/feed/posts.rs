//! An entry for each update, for those who post what is new: it comes once, and a correction rewrites it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{About, Item, item, legal, urn};
use crate::model::incident::{Listing, Phase, Update};

/// What is said of an incident or a maintenance, one entry each; the newest of a vendor first.
pub(super) fn of(about: About<'_>) -> Vec<Item> {
    let whole = Item::of(about);
    let (id, updates) = match about {
        About::Incident(view) => (view.incident.id.as_str(), &view.incident.updates),
        About::Maintenance(view) => (view.maintenance.id.as_str(), &view.maintenance.updates),
    };
    let post = |key: &str, word: &str, at: Timestamp, html: &str, says: &str| Item {
        id: urn(&format!("{id} {key}")),
        title: legal(&format!("{} ({word})", whole.title)),
        path: whole.path.clone(),
        theirs: whole.theirs.clone(),
        published: at,
        updated: at,
        html: legal(html),
        summary: legal(&if says.is_empty() { word.to_owned() } else { format!("{word}: {says}") }),
        words: whole.words.clone(),
    };
    let mut posts: Vec<Item> = updates
        .iter()
        .zip(keys(updates))
        .map(|(update, key)| {
            let at = update.at.or(update.noticed_at).unwrap_or(whole.published);
            let word = update.phase.map_or("Update", Phase::label);
            let mut item = post(&key, word, at, &update.body.html, &update.body.plain);
            let corrected = update.told.as_ref().and_then(|told| told.corrected.as_ref()).map(|(at, _)| *at);
            item.updated = corrected.map_or(at, |corrected| corrected.max(at));
            item
        })
        .collect();
    if updates.is_empty() {
        let (word, html) = match about {
            About::Incident(_) => ("Opened", String::new()),
            About::Maintenance(view) => ("Announced", item::window(view)),
        };
        posts.push(post("begin", word, whole.published, &html, ""));
    }
    if let Some((word, at)) = silent_end(about, updates) {
        posts.insert(0, post("end", word, at.unwrap_or(whole.updated), "", ""));
    }
    if let About::Incident(view) = about {
        // What does not affect us is no news.
        let verdict = view.verdict.as_ref().filter(|_| !view.is_dismissed());
        let says = item::verdict(view);
        if let Some(verdict) = verdict.filter(|_| !says.is_empty()) {
            posts.push(post(&format!("verdict {}", verdict.version), "Our note", verdict.at, &says, ""));
        }
        let learned = view.incident.local.as_ref().and_then(|local| local.postmortem.as_ref());
        posts.extend(learned.map(|signed| post("learned", "What was learned", signed.at, &item::learned(view), "")));
    }
    posts
}

/// The end of what is over, where no update tells of it.
fn silent_end(about: About<'_>, updates: &[Update]) -> Option<(&'static str, Option<Timestamp>)> {
    let said = updates.iter().any(|update| update.phase.is_some_and(|phase| !phase.is_open()));
    if about.is_open() || said {
        return None;
    }
    let (listing, phase, at) = match about {
        About::Incident(view) => {
            let incident = &view.incident;
            (incident.listing, incident.phase, incident.resolved_at.or(incident.updated_at))
        }
        About::Maintenance(view) => {
            let maintenance = &view.maintenance;
            (maintenance.listing, maintenance.phase, maintenance.revision.at.or(maintenance.updated_at))
        }
    };
    Some(match listing {
        Listing::NoLongerListed { since } => ("No longer listed", Some(since)),
        Listing::Listed | Listing::Missing { .. } => (phase.map_or("Over", Phase::label), at),
    })
}

/// A name for each update that stays whatever is posted after it: its number where it is ours, else when it was posted,
/// or noticed here. Of several at one moment the oldest has the plain name.
fn keys(updates: &[Update]) -> Vec<String> {
    let mut twins: HashMap<String, usize> = HashMap::new();
    let mut keys: Vec<String> = updates
        .iter()
        .rev()
        .map(|update| {
            let name = match (&update.told, update.at, update.noticed_at) {
                (Some(told), ..) => format!("update {}", told.number),
                (None, Some(at), _) => format!("at {at}"),
                (None, None, Some(noticed)) => format!("noticed {noticed}"),
                (None, None, None) => format!("says {}", update.body.plain),
            };
            let before = twins.entry(name.clone()).or_default();
            *before += 1;
            if *before == 1 { name } else { format!("{name}, the {before}.") }
        })
        .collect();
    keys.reverse();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::Text;

    fn update(at: Option<&str>, says: &str) -> Update {
        let body = Text { html: String::new(), plain: says.to_owned() };
        Update { at: at.map(|at| at.parse().unwrap()), phase: None, body, noticed_at: None, told: None }
    }

    #[test]
    fn an_update_keeps_its_name_when_others_come_and_when_its_words_are_changed() {
        let noon = Some("2026-01-02T12:00:00Z");
        let old = vec![update(noon, "b"), update(noon, "a"), update(None, "z")];
        let names = keys(&old);
        let mut later = vec![update(Some("2026-01-02T13:00:00Z"), "c"), update(noon, "twin")];
        later.extend(old);
        later[2].body.plain = "b, put right".to_owned();
        let after = keys(&later);
        assert_eq!(after[2..], names[..]);
        let different: std::collections::HashSet<&String> = after.iter().collect();
        assert_eq!(different.len(), 5, "{after:?}");
    }
}
