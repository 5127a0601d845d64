//! The first page: what needs a decision, then what goes on.

use axum::response::Response;
use jiff::Timestamp;

use super::order::slip;
use crate::http::auth::Visit;
use crate::http::error::Fail;
use crate::model::actor::Role;
use crate::model::incident::{Incident, Maintenance};
use crate::model::local::Local;
use crate::model::snapshot::IncidentView;
use crate::render::console::home::{self, Action, Decision, Way};
use crate::rules::upkeep::Overdue;
use crate::rules::waiting::{Waiting, waiting};

const PAGE: &str = "admin/home.html";

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    if visit.person().map_or(Role::Viewer, |person| person.role) < Role::Operator {
        return Ok(visit.go("/admin/account"));
    }
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let desk = visit.app.0.desk.borrow().clone();
    let now = visit.app.0.clock.now().wall;
    let mut forms = Forms { key: slip(0)?.key, made: 0 };
    let waits = waiting(&desk, &snapshot, now);
    let decisions = waits.iter().map(|one| decision(one, now, &mut forms)).collect();
    visit.show(PAGE, &home::page(&snapshot, decisions))
}

/// Gives every form of the page a key of its own.
struct Forms {
    key: String,
    made: usize,
}

impl Forms {
    fn tap(&mut self, label: &'static str, to: String, version: Option<u64>, more: &[(&'static str, &str)]) -> Action {
        self.made = self.made.saturating_add(1);
        let mut hidden = vec![("key", format!("{}-{}", self.key, self.made)), ("from", "home".to_owned())];
        hidden.extend(version.map(|version| ("version", version.to_string())));
        hidden.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Action { label, to, hidden, plain: true }
    }
}

fn decision(one: &Waiting, now: Timestamp, forms: &mut Forms) -> Decision {
    match one {
        Waiting::Suggested(incident) => suggested(incident, forms),
        Waiting::Outdated(view) => upstream("It became worse since it was judged", view, forms),
        Waiting::Unjudged(view) => upstream("Does it affect us?", view, forms),
        Waiting::Overdue(maintenance, Overdue::Start) => {
            phased("It should have begun", maintenance, ("Start it", "in_progress"), forms)
        }
        Waiting::Overdue(maintenance, Overdue::End) => {
            phased("It should be over", maintenance, ("Complete it", "completed"), forms)
        }
        Waiting::Silent(incident, since) => {
            let minutes = now.duration_since(*since).as_mins();
            let quiet = if minutes < 120 { format!("{minutes} minutes") } else { format!("{} hours", minutes / 60) };
            let mut decision = home::ours(format!("Readers have heard nothing for {quiet}"), incident);
            decision.links.push(Way { href: format!("{}#update", decision.href), label: "Say something" });
            decision
        }
        Waiting::Soon(maintenance) => phased("It begins soon", maintenance, ("Start it now", "in_progress"), forms),
    }
}

fn version(local: Option<&Local>) -> Option<u64> {
    Some(local.map_or(0, |local| local.version))
}

fn suggested(incident: &Incident, forms: &mut Forms) -> Decision {
    let by = incident.local.as_ref().and_then(|local| local.pushed.as_ref()).map(|pushed| pushed.hook.as_str());
    let why = format!("Suggested by {}: readers do not see it yet", by.unwrap_or("another tool"));
    let mut decision = home::ours(why, incident);
    let to = format!("/admin/incidents/{}/publish", incident.id);
    decision
        .actions
        .push(Action { plain: false, ..forms.tap("Publish it", to, version(incident.local.as_deref()), &[]) });
    decision.links.push(Way { href: format!("/admin/incidents/{}/delete", incident.id), label: "Discard it" });
    decision
}

fn upstream(why: &str, view: &IncidentView, forms: &mut Forms) -> Decision {
    let mut decision = home::vendors(why.to_owned(), view);
    let id = &view.incident.id;
    let held = Some(view.verdict.as_ref().map_or(0, |verdict| verdict.version));
    let to = format!("/admin/incidents/{id}/verdict");
    decision.actions.push(Action { plain: false, ..forms.tap("Affects us", to.clone(), held, &[("affects", "yes")]) });
    decision.actions.push(forms.tap("Does not", to.clone(), held, &[("affects", "no")]));
    if decision.seen.is_none() {
        let to = format!("/admin/incidents/{id}/acknowledge");
        decision.actions.push(forms.tap("I have seen it", to, None, &[]));
    }
    decision.links.push(Way { href: to, label: "Note, owner, mute" });
    decision.links.push(Way { href: format!("/admin/incidents/new?related={id}"), label: "Declare one of ours" });
    decision
}

fn phased(why: &str, one: &Maintenance, (label, phase): (&'static str, &str), forms: &mut Forms) -> Decision {
    let mut decision = home::planned(why.to_owned(), one);
    let to = format!("/admin/maintenances/{}/update", one.id);
    let tap = forms.tap(label, to, version(one.local.as_deref()), &[("status", phase)]);
    decision.actions.push(Action { plain: false, ..tap });
    decision.links.push(Way { href: format!("/admin/maintenances/{}/edit", one.id), label: "Move it" });
    decision
}
