//! Incidents in the console: the list, the form to declare one, and everything about one.

use serde::Serialize;

use super::{Faults, Pick, Preview, Slip, Tick, impacts, phases, picks, states};
use crate::model::desk::Template;
use crate::model::incident::{Incident, Phase, Update};
use crate::model::snapshot::{IncidentView, Snapshot};
use crate::render::view::admin::Choice;
use crate::render::view::told::Told;
use crate::render::view::{IncidentItem, Shown, Time, shown, time, words};

/// The list.
#[derive(Debug, Serialize)]
pub struct List {
    /// Suggested by other tools.
    pub suggested: Vec<IncidentItem>,
    /// Open.
    pub open: Vec<IncidentItem>,
    /// Over, newest first.
    pub past: Vec<IncidentItem>,
    /// Where older ones are.
    pub next: Option<String>,
}

/// The form to declare an incident.
#[derive(Debug, Serialize)]
pub struct Declare {
    /// What it carries.
    pub slip: Slip,
    /// What is filled in.
    pub title: String,
    /// The impact chosen.
    pub impact: String,
    /// The status chosen.
    pub status: String,
    /// When it began, on the clocks of the zone; empty: now.
    pub started: String,
    /// Whose clocks these are.
    pub zone: String,
    /// The first update.
    pub body: String,
    /// For signed-in people.
    pub note: String,
    /// What it touches.
    pub services: Vec<Tick>,
    /// Vendors' incidents that it may have to do with.
    pub related: Vec<Tick>,
    /// To choose from.
    pub impacts: Vec<Choice>,
    /// To choose from.
    pub phases: Vec<Choice>,
    /// What was wrong.
    pub faults: Faults,
    /// As readers will see it.
    pub preview: Option<Preview>,
    /// Words kept ready.
    pub templates: Vec<Offer>,
    /// The ones chosen, with what is to be filled in.
    pub chosen: Option<Fill>,
}

impl Declare {
    /// An empty form.
    pub fn new(slip: Slip, zone: String) -> Self {
        Self {
            slip,
            title: String::new(),
            impact: "minor".into(),
            status: Phase::Investigating.as_str().into(),
            started: String::new(),
            zone,
            body: String::new(),
            note: String::new(),
            services: Vec::new(),
            related: Vec::new(),
            impacts: impacts(),
            phases: phases(),
            faults: Faults::new(),
            preview: None,
            templates: Vec::new(),
            chosen: None,
        }
    }
}

/// Words kept ready, by name.
#[derive(Debug, Serialize)]
pub struct Offer {
    /// The template's id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// All templates, to choose from.
pub fn offers<'a>(templates: impl Iterator<Item = &'a Template>) -> Vec<Offer> {
    let mut all: Vec<Offer> = templates.map(|one| Offer { id: one.id.clone(), name: one.name.clone() }).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// What a template wants to be filled in.
#[derive(Debug, Serialize)]
pub struct Fill {
    /// The template's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What stands between its braces.
    pub variables: Vec<Variable>,
    /// What is wrong with the template.
    pub fault: String,
}

/// One thing to fill in.
#[derive(Debug, Serialize)]
pub struct Variable {
    /// What it is called.
    pub name: String,
    /// What was filled in.
    pub value: String,
}

/// Everything about one incident of ours.
#[derive(Debug, Serialize)]
pub struct One {
    told: Option<Told>,
    slip: Slip,
    id: String,
    title: String,
    state: Shown,
    phase: &'static str,
    open: bool,
    suggested: bool,
    pushed: Option<String>,
    author: String,
    began: Time,
    resolved: Option<Time>,
    impact: &'static str,
    status: &'static str,
    /// The services that it touches.
    touched: Vec<Pick>,
    services: Vec<Pick>,
    states: Vec<Choice>,
    impacts: Vec<Choice>,
    phases: Vec<Choice>,
    updates: Vec<Said>,
    notes: Vec<Note>,
    postmortem: String,
    related: Vec<Related>,
    /// The log of changes is for admins.
    admin: bool,
}

#[derive(Debug, Serialize)]
struct Said {
    number: Option<u32>,
    at: Option<Time>,
    phase: Option<&'static str>,
    author: Option<String>,
    corrected: Option<Time>,
    words: minijinja::Value,
    markdown: String,
}

#[derive(Debug, Serialize)]
struct Note {
    at: Time,
    author: String,
    words: minijinja::Value,
}

#[derive(Debug, Serialize)]
struct Related {
    href: String,
    title: String,
}

fn said(update: &Update) -> Said {
    let told = update.told.as_deref();
    Said {
        number: told.map(|told| told.number),
        at: update.at.map(time),
        phase: update.phase.map(Phase::label),
        author: told.map(|told| told.author.clone()),
        corrected: told.and_then(|told| told.corrected.as_ref()).map(|(at, _)| time(*at)),
        words: words(&update.body),
        markdown: told.map(|told| told.markdown.clone()).unwrap_or_default(),
    }
}

fn related(snapshot: &Snapshot, incident: &Incident) -> Vec<Related> {
    let all = || snapshot.incidents.iter().chain(&snapshot.recent);
    let named = incident.local.iter().flat_map(|local| &local.related).map(|id| {
        let known = all().find(|view| view.incident.id == *id).map(|view| view.incident.title.clone());
        Related { href: format!("/admin/incidents/{id}/verdict"), title: known.unwrap_or_else(|| id.to_string()) }
    });
    named.collect()
}

/// Makes the page of one. `admin`: whoever looks may read the log of changes.
pub fn one(snapshot: &Snapshot, view: &IncidentView, slip: Slip, admin: bool, told: Option<Told>) -> One {
    let incident = &view.incident;
    let local = incident.local.as_deref();
    let services = picks(snapshot, &incident.services);
    let notes = local.iter().flat_map(|local| &local.notes);
    One {
        told,
        slip,
        id: incident.id.to_string(),
        title: incident.title.clone(),
        state: shown(view.state),
        phase: crate::render::view::phase(incident.phase),
        open: incident.is_open(),
        suggested: local.is_some_and(|local| local.suggested),
        pushed: local.and_then(|local| local.pushed.as_ref()).map(|pushed| pushed.hook.clone()),
        author: local.map(|local| local.author.clone()).unwrap_or_default(),
        began: time(incident.began_at()),
        resolved: incident.resolved_at.map(time),
        impact: incident.impact.map_or("minor", |impact| impact.as_str()),
        status: incident.phase.map_or("investigating", Phase::as_str),
        touched: services.iter().filter(|pick| !pick.state.is_empty()).cloned().collect(),
        services,
        states: states("not touched"),
        impacts: impacts(),
        phases: phases(),
        updates: incident.updates.iter().map(said).collect(),
        notes: notes
            .map(|note| Note { at: time(note.at), author: note.author.clone(), words: words(&note.words.text) })
            .collect(),
        postmortem: local
            .and_then(|local| local.postmortem.as_ref())
            .map(|one| one.words.markdown.clone())
            .unwrap_or_default(),
        related: related(snapshot, incident),
        admin,
    }
}

/// The form with which what an incident says of itself is changed.
#[derive(Debug, Serialize)]
pub struct Head {
    /// What it carries.
    pub slip: Slip,
    /// The incident's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its impact.
    pub impact: &'static str,
    /// When it began, on the clocks of the zone.
    pub started: String,
    /// Whose clocks these are.
    pub zone: String,
    /// What it touches.
    pub services: Vec<Pick>,
    /// Vendors' incidents that it has to do with.
    pub related: Vec<Tick>,
    /// To choose from.
    pub impacts: Vec<Choice>,
    /// To choose from.
    pub states: Vec<Choice>,
}

/// Something that is asked once more before it is gone.
#[derive(Debug, Serialize)]
pub struct Sure {
    /// What it carries.
    pub slip: Slip,
    /// “incident”.
    pub kind: &'static str,
    /// What it is called.
    pub title: String,
    /// What is lost.
    pub text: &'static str,
    /// Where it is sent.
    pub action: String,
    /// Where one gets to without it.
    pub back: String,
}

/// Vendors' incidents to tick: the open and recent ones, and those that are ticked already.
pub fn relations(snapshot: &Snapshot, ticked: &[String]) -> Vec<Tick> {
    let vendors = snapshot.incidents.iter().filter(|view| view.incident.source.is_some());
    let open: Vec<Tick> = vendors
        .map(|view| Tick {
            value: view.incident.id.to_string(),
            label: format!("{}: {}", view.source_name, view.incident.title),
            checked: ticked.iter().any(|id| id == view.incident.id.as_str()),
        })
        .collect();
    let recent = |id: &String| {
        let view = snapshot.recent.iter().find(|view| view.incident.id.as_str() == id);
        view.map_or_else(|| id.clone(), |view| format!("{}: {}", view.source_name, view.incident.title))
    };
    let others = ticked.iter().filter(|id| open.iter().all(|tick| tick.value != **id));
    let others: Vec<Tick> = others.map(|id| Tick { value: id.clone(), label: recent(id), checked: true }).collect();
    others.into_iter().chain(open).collect()
}
