//! An alert that another tool pushes, followed from its first push to its end, and what becomes of its incident.
//!
//! # Invariants
//! * A push that says nothing new changes nothing: not its repeat, and not one that was overtaken.
//! * Where a push can be placed in time, the order of arrival does not matter.
//! * An alert that is over before its hold has passed makes no incident.
//! * Only the word of its sender ends an incident here: no silence and no unknown word does.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::limits;
use crate::model::hook::Hook;
use crate::model::id::{IncidentId, ServiceId};
use crate::model::incident::Phase;
use crate::model::level::Impact;
use crate::model::pushed::{Pushed, Raised, Standing};
use crate::model::signal::{Course, Signal};
use crate::model::text::Text;

/// What is to be done with a local incident. The hook's mode says whether it is done or suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// A new incident.
    Open {
        /// The same whenever the same alert began at the same time.
        incident: IncidentId,
        /// When it began, as the sender says.
        started_at: Timestamp,
        /// What is known of it.
        said: Said,
    },
    /// The trouble is back before anybody forgot it.
    Reopen {
        /// The incident that was over, or nearly.
        incident: IncidentId,
        /// When it came back.
        at: Timestamp,
        /// What is known of it.
        said: Said,
    },
    /// The sender says something else of an open incident.
    Update {
        /// The open incident.
        incident: IncidentId,
        /// When it changed, as the sender says.
        at: Timestamp,
        /// What is known of it.
        said: Said,
    },
    /// It is over.
    Resolve {
        /// The open incident.
        incident: IncidentId,
        /// When it ended, as the sender says.
        at: Timestamp,
        /// What the sender says to that; often nothing.
        text: Text,
    },
    /// The sender says that it is over, and an operator is to say so: the incident is watched from now on.
    Watch {
        /// The open incident.
        incident: IncidentId,
        /// When it ended, as the sender says.
        at: Timestamp,
        /// What the sender says to that; often nothing.
        text: Text,
    },
}

/// What is known of an incident that was made of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Investigating, or identified where somebody is at it.
    pub phase: Phase,
    /// One line.
    pub title: String,
    /// The rest; often nothing.
    pub text: Text,
    /// The sender's, else the hook's.
    pub impact: Impact,
    /// What it touches.
    pub services: Vec<ServiceId>,
    /// As the sender sorts its alerts; for operators.
    pub labels: Vec<(String, String)>,
    /// The sender's page about it, where the hook shows it.
    pub url: Option<String>,
}

/// Takes one signal of the alert that is held, and says what is to be done. Time that has passed before counts first.
///
/// Everything that comes back is to be kept in one go: what is kept and what was done belong together.
pub fn take(held: &Pushed, signal: &Signal, hook: &Hook, now: Timestamp) -> (Pushed, Vec<Intent>) {
    let (mut state, mut intents) = due(held, hook, now);
    if place(&mut state, signal, now) {
        settle(&mut state, hook, Some(signal), now, &mut intents);
    }
    (state, intents)
}

/// Lets time pass: makes the incident whose hold is over.
pub fn due(held: &Pushed, hook: &Hook, now: Timestamp) -> (Pushed, Vec<Intent>) {
    let (mut state, mut intents) = (held.clone(), Vec::new());
    settle(&mut state, hook, None, now, &mut intents);
    (state, intents)
}

/// When `due` has something to do next.
pub fn next_due<'a>(states: impl IntoIterator<Item = &'a Pushed>) -> Option<Timestamp> {
    states.into_iter().filter_map(|state| state.held_until).min()
}

/// An operator closed the incident. While the alert goes on nothing more is said of it.
pub fn closed(held: &Pushed) -> Pushed {
    let mut state = held.clone();
    if let Some(raised) = state.raised.as_mut().filter(|raised| raised.standing == Standing::Open) {
        raised.standing = Standing::Closed;
    }
    state
}

/// An operator opened the incident again that one of them had closed: it goes on as the alert does.
pub fn opened(held: &Pushed) -> Pushed {
    let mut state = held.clone();
    let is_firing = held.is_firing();
    if let Some(raised) = state.raised.as_mut().filter(|raised| is_firing && raised.standing == Standing::Closed) {
        raised.standing = Standing::Open;
    }
    state
}

/// True where an alert's hook is configured no more, and was not for so long that the alert may be forgotten.
pub fn is_orphaned(state: &Pushed, now: Timestamp) -> bool {
    let last = state.over_heard.max(state.held_until).max(state.fired.last().copied());
    let is_open = state.raised.as_ref().is_some_and(|raised| raised.standing == Standing::Open);
    !is_open && last.is_none_or(|last| now.duration_since(last) > signed(limits::HOOK_GONE))
}

/// True where nothing depends on the alert any more, and it may be forgotten.
pub fn is_spent(state: &Pushed, hook: &Hook, now: Timestamp) -> bool {
    let wait = signed(hook.reopen.max(limits::HOOK_ONCE));
    !state.is_firing() && state.over_heard.is_none_or(|heard| now.duration_since(heard) > wait)
}

/// Puts a signal in its place in time. False where it says nothing new.
fn place(state: &mut Pushed, signal: &Signal, now: Timestamp) -> bool {
    // Without a time of its own it is the newest of all, even where our clock was put back.
    let newest = state.fired.last().copied().max(state.over_at);
    let at = signal.at.unwrap_or_else(|| newest.map_or(now, |newest| now.max(after(newest))));
    if signal.course == Course::Resolved {
        if state.over_at.is_some_and(|over| at <= over) {
            return false;
        }
        state.over_at = Some(at);
        state.over_heard = Some(now);
        state.fired.retain(|fired| *fired > at);
        if state.fired.is_empty() {
            state.latest = None;
        }
        return true;
    }
    let at = match state.over_at {
        Some(over) if at <= over && goes_on(state, signal, now) => after(over),
        Some(over) if at <= over => return false,
        _ => at,
    };
    let known = state.fired.binary_search(&at);
    if let Err(place) = known {
        state.fired.insert(place, at);
        if state.fired.len() > limits::HOOK_FIRED {
            state.fired.remove(1);
        }
    }
    // Of two of the same time the later to arrive counts.
    if state.fired.last() == Some(&at) {
        state.latest = Some(signal.clone());
    }
    true
}

/// A sender that repeats the start of its alert, long after its end was heard, says that it did not end: an alert that
/// is fed again after a gap comes back with the start that it had.
fn goes_on(state: &Pushed, signal: &Signal, now: Timestamp) -> bool {
    let late = |heard: Timestamp| now.duration_since(heard) > signed(limits::HOOK_LATE);
    signal.standing && state.over_heard.is_some_and(late)
}

/// Brings the incident to where the alert is.
fn settle(state: &mut Pushed, hook: &Hook, signal: Option<&Signal>, now: Timestamp, intents: &mut Vec<Intent>) {
    end(state, hook, signal, intents);
    let (Some(start), Some(latest)) = (state.fired.first().copied(), state.latest.clone()) else {
        state.held_until = None;
        return;
    };
    let said = said(&latest, hook);
    let told = told(&said);
    if let Some(raised) = state.raised.as_mut().filter(|raised| raised.standing != Standing::Ended) {
        state.held_until = None;
        if raised.standing == Standing::Open && raised.told != told {
            raised.told = told;
            // Since when things stand so is not when they changed.
            let at = state.fired.last().copied().filter(|_| !latest.standing).unwrap_or(now);
            intents.push(Intent::Update { incident: raised.incident.clone(), at, said });
        }
        return;
    }
    let until = *state.held_until.get_or_insert_with(|| later(now, hook.hold));
    if now < until {
        return;
    }
    state.held_until = None;
    let before = state.raised.take().filter(|_| is_back(state.over_at, start, hook));
    let incident = match before {
        Some(raised) => {
            intents.push(Intent::Reopen { incident: raised.incident.clone(), at: start, said });
            raised.incident
        }
        None => {
            let incident = IncidentId::pushed(&hook.id, &state.key, start);
            let started_at = latest.started_at.map_or(start, |started| started.min(start));
            intents.push(Intent::Open { incident: incident.clone(), started_at, said });
            incident
        }
    };
    state.raised = Some(Raised { incident, since: start, standing: Standing::Open, told });
}

/// Ends the incident whose alert ended after it was opened, unless that was so soon back that it goes on.
fn end(state: &mut Pushed, hook: &Hook, signal: Option<&Signal>, intents: &mut Vec<Intent>) {
    let (Some(raised), Some(over)) = (state.raised.as_mut(), state.over_at) else { return };
    if raised.standing == Standing::Ended || over < raised.since {
        return;
    }
    // The end was overtaken by what came after it.
    let back = state.fired.first().copied().filter(|start| is_back(Some(over), *start, hook));
    if let Some(start) = back.filter(|_| raised.standing == Standing::Open) {
        raised.since = start;
        return;
    }
    if raised.standing == Standing::Open {
        let text = signal.filter(|signal| signal.course == Course::Resolved).map(|signal| signal.text.clone());
        let (incident, at, text) = (raised.incident.clone(), over, text.unwrap_or_default());
        intents.push(match hook.resolve {
            true => Intent::Resolve { incident, at, text },
            false => Intent::Watch { incident, at, text },
        });
    }
    raised.standing = Standing::Ended;
}

/// True where a firing follows the end so soon that it is the same trouble.
fn is_back(over: Option<Timestamp>, start: Timestamp, hook: &Hook) -> bool {
    over.is_some_and(|over| start.duration_since(over) <= signed(hook.reopen))
}

/// What a signal says of the incident that is made of it.
pub fn said(signal: &Signal, hook: &Hook) -> Said {
    Said {
        phase: if signal.course == Course::Acknowledged { Phase::Identified } else { Phase::Investigating },
        title: signal.title.clone(),
        text: signal.text.clone(),
        impact: signal.impact.unwrap_or(hook.impact),
        services: services(signal, hook),
        labels: signal.labels.clone(),
        url: signal.url.clone().filter(|_| hook.link),
    }
}

/// What the label says is touched, each once; what the hook says where it says nothing that is known.
fn services(signal: &Signal, hook: &Hook) -> Vec<ServiceId> {
    let mut found: Vec<ServiceId> = Vec::new();
    if let Some(label) = &hook.label {
        let values = signal.labels.iter().filter(|(name, _)| *name == label.name);
        for service in values.filter_map(|(_, value)| label.service(value)) {
            if !found.contains(service) {
                found.push(service.clone());
            }
        }
    }
    if found.is_empty() { hook.services.clone() } else { found }
}

/// Digest of what readers see: a reminder that says the same is no news, though its labels or its address differ.
fn told(said: &Said) -> String {
    let parts = [said.phase.as_str(), said.impact.as_str(), &said.title, &said.text.plain];
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The first moment after another.
fn after(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX)
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.checked_add(signed(wait)).unwrap_or(Timestamp::MAX)
}

fn signed(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)
}
