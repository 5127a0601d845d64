//! What a vendor's incident means here: the form, beside what the vendor says.

use serde::Serialize;

use super::Slip;
use crate::model::desk::{Affects, Mute};
use crate::model::snapshot::IncidentView;
use crate::render::view::admin::Choice;
use crate::render::view::verdict::{Verdict, verdict};
use crate::render::view::{IncidentItem, Post, incident_item, posts};

/// The page.
#[derive(Debug, Serialize)]
pub struct Judge {
    slip: Slip,
    id: String,
    item: IncidentItem,
    verdict: Option<Verdict>,
    counted: bool,
    open: bool,
    affects: &'static str,
    owner: String,
    note: String,
    workaround: String,
    answers: Vec<Choice>,
    mutes: Vec<Choice>,
    mute: &'static str,
    zone: String,
    updates: Vec<Post>,
}

fn answers() -> Vec<Choice> {
    let label = |affects| match affects {
        Affects::Yes => "Yes, it affects us",
        Affects::No => "No: no noise, no headline",
        Affects::NotKnown => "Not known yet",
    };
    Affects::ALL.into_iter().map(|affects| Choice { value: affects.as_str(), label: label(affects) }).collect()
}

fn mutes(mute: Mute) -> Vec<Choice> {
    let keep = match mute {
        Mute::Off => None,
        Mute::Until(_) | Mute::UntilChange => Some(Choice { value: "keep", label: "As it is" }),
    };
    let all = [
        ("off", "Not muted"),
        ("1h", "For 1 hour"),
        ("4h", "For 4 hours"),
        ("tomorrow", "Until tomorrow, 9:00"),
        ("change", "Until it becomes worse"),
    ];
    keep.into_iter().chain(all.map(|(value, label)| Choice { value, label })).collect()
}

/// Makes the page.
pub fn page(view: &IncidentView, slip: Slip, zone: String) -> Judge {
    let held = view.verdict.as_deref();
    let markdown = |words: &Option<crate::model::local::Words>| {
        words.as_ref().map(|words| words.markdown.clone()).unwrap_or_default()
    };
    let mute = held.map_or(Mute::Off, |verdict| verdict.mute);
    Judge {
        slip,
        id: view.incident.id.to_string(),
        item: incident_item(view),
        verdict: verdict(view),
        counted: view.counted,
        open: view.incident.is_open(),
        affects: held.map_or(Affects::NotKnown, |verdict| verdict.affects).as_str(),
        owner: held.and_then(|verdict| verdict.owner.clone()).unwrap_or_default(),
        note: held.map(|verdict| markdown(&verdict.note)).unwrap_or_default(),
        workaround: held.map(|verdict| markdown(&verdict.workaround)).unwrap_or_default(),
        answers: answers(),
        mute: if mute == Mute::Off { "off" } else { "keep" },
        mutes: mutes(mute),
        zone,
        updates: posts(&view.incident.updates, &crate::model::receipt::Evidence::default()),
    }
}
