//! Things in words, for the audit log.

use std::fmt::Write;

use crate::model::desk::{Mute, Verdict};
use crate::model::incident::{Incident, Maintenance, Update};
use crate::model::local::Words;
use crate::model::series::Series;

/// What an incident says of itself, without its updates.
pub(super) fn incident(one: &Incident) -> String {
    let mut out = format!("title: {}", one.title);
    let status = one.phase.map_or("unknown", crate::model::incident::Phase::as_str);
    let impact = one.impact.map_or("not said", crate::model::level::Impact::as_str);
    let _ = write!(out, "\nstatus: {status}\nimpact: {impact}\nstarted: {}", one.began_at());
    for hit in &one.services {
        let _ = write!(out, "\nservice: {} {}", hit.service, hit.state.as_str());
    }
    for id in one.local.iter().flat_map(|local| &local.related) {
        let _ = write!(out, "\nrelated: {id}");
    }
    out
}

/// An incident with everything that was written about it.
pub(super) fn whole_incident(one: &Incident) -> String {
    let mut out = incident(one);
    updates(&mut out, &one.updates);
    if let Some(local) = &one.local {
        for note in &local.notes {
            let _ = write!(out, "\nnote {} {}: {}", note.at, note.author, note.words.markdown);
        }
        if let Some(postmortem) = &local.postmortem {
            let _ = write!(out, "\npostmortem: {}", postmortem.words.markdown);
        }
    }
    out
}

/// What a maintenance says of itself, without its updates.
pub(super) fn maintenance(one: &Maintenance) -> String {
    let status = one.phase.map_or("unknown", crate::model::incident::Phase::as_str);
    let mut out = format!("title: {}\nstatus: {status}", one.title);
    for (name, at) in [("starts", one.starts_at), ("ends", one.ends_at)] {
        if let Some(at) = at {
            let _ = write!(out, "\n{name}: {at}");
        }
    }
    for service in &one.services {
        let _ = write!(out, "\nservice: {service}");
    }
    out
}

/// A maintenance with everything that was written about it.
pub(super) fn whole_maintenance(one: &Maintenance) -> String {
    let mut out = maintenance(one);
    updates(&mut out, &one.updates);
    out
}

fn updates(out: &mut String, all: &[Update]) {
    for update in all {
        let at = update.at.map(|at| at.to_string()).unwrap_or_default();
        let said = update.told.as_ref().map_or(update.body.plain.as_str(), |told| told.markdown.as_str());
        let _ = write!(out, "\nupdate {at}: {said}");
    }
}

/// What the team says of a vendor's incident.
pub(super) fn verdict(one: &Verdict) -> String {
    let mut out = format!("affects us: {}", one.affects.as_str());
    let words = |words: &Option<Words>| words.as_ref().map(|words| words.markdown.clone());
    for (name, value) in
        [("owner", one.owner.clone()), ("note", words(&one.note)), ("workaround", words(&one.workaround))]
    {
        if let Some(value) = value {
            let _ = write!(out, "\n{name}: {value}");
        }
    }
    match one.mute {
        Mute::Off => {}
        Mute::Until(at) => drop(write!(out, "\nmuted until {at}")),
        Mute::UntilChange => out.push_str("\nmuted until it changes"),
    }
    if let Some((at, by)) = &one.acknowledged {
        let _ = write!(out, "\nacknowledged {at} by {by}");
    }
    out
}

/// A maintenance that comes again.
pub(super) fn series(one: &Series) -> String {
    let minutes = one.duration.as_secs() / 60;
    let mut out = format!(
        "title: {}\nrule: {}\nstarts: {} {}\nminutes: {minutes}\nstarts by itself: {}\nends by itself: {}",
        one.title, one.rule, one.starts, one.timezone, one.auto_start, one.auto_end
    );
    for service in &one.services {
        let _ = write!(out, "\nservice: {service}");
    }
    if !one.markdown.is_empty() {
        let _ = write!(out, "\nsaid: {}", one.markdown);
    }
    out
}
