//! What a pretend vendor is and how it changes: its components, its incidents, its script.

use std::time::Duration;

use jiff::Timestamp;

/// How a vendor behaves towards who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers at once, and well.
    Healthy,
    /// Answers well after this long.
    Slow(Duration),
    /// Accepts, and never answers.
    Hang,
    /// Closes every connection at once.
    Down,
    /// Answers bytes that are no HTTP.
    Garbage,
    /// Answers 200 with a page to sign in.
    SignIn,
    /// Answers 429 with `Retry-After` in seconds to so many requests, then well.
    RateLimit {
        /// How many requests are still refused.
        left: u32,
        /// Seconds asked for.
        retry_after: u32,
    },
    /// Redirects to an address inside a cloud machine.
    Redirect,
    /// A body of 1 GiB in small pieces.
    Endless,
    /// 1 GiB of zeros, compressed.
    Bomb,
    /// Answers 503.
    Failing,
}

/// One change to a vendor: by its script, or by a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Opens an incident.
    Open {
        /// Its id: 12 letters and digits; a script adds the round to it.
        id: String,
        /// What it is called.
        title: String,
        /// `none`, `minor`, `major` or `critical`.
        impact: &'static str,
        /// The first update.
        body: String,
        /// Names of the components it touches.
        components: Vec<String>,
    },
    /// Adds an update to an incident or a maintenance.
    Update {
        /// Which.
        id: String,
        /// The new phase, as the format writes it: `identified`, `monitoring`, `resolved`, `in_progress`, `completed` …
        phase: &'static str,
        /// What it says.
        body: String,
    },
    /// Changes the impact of an incident.
    Impact {
        /// Which.
        id: String,
        /// The new one.
        impact: &'static str,
    },
    /// Puts a component into a state, as the format writes it.
    Component {
        /// Its name.
        name: String,
        /// `operational`, `degraded_performance` …, or a word nobody knows.
        state: &'static str,
    },
    /// Announces a maintenance.
    Maintenance {
        /// Its id.
        id: String,
        /// What it is called.
        title: String,
        /// From now to its start; zero: it is in progress at once.
        starts_in: Duration,
        /// How long it takes.
        lasts: Duration,
        /// Names of the components it touches.
        components: Vec<String>,
    },
    /// Moves a maintenance that has not begun.
    Move {
        /// Which.
        id: String,
        /// From now to its new start.
        starts_in: Duration,
        /// How long it takes.
        lasts: Duration,
    },
    /// Corrects the title and the newest update of an incident or a maintenance where they stand.
    Reword {
        /// Which.
        id: String,
        /// The new title.
        title: String,
        /// The new words.
        body: String,
    },
    /// Removes an incident or a maintenance as if it had never been.
    Vanish {
        /// Which.
        id: String,
    },
    /// Lists only the first so many components from now on, as a page that was rebuilt; the others are kept aside.
    Lose {
        /// How many stay.
        left: usize,
    },
    /// Lists again all that it has lost.
    Restore,
    /// Changes how the vendor behaves.
    Behave(Behaviour),
}

/// A component of a vendor.
#[derive(Debug, Clone)]
pub struct Component {
    pub(super) id: String,
    pub(super) name: String,
    /// The group it is listed under; empty for none.
    pub(super) group: String,
    pub(super) state: &'static str,
    pub(super) changed: Timestamp,
}

/// One update of an incident or a maintenance.
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub id: String,
    pub phase: &'static str,
    pub body: String,
    pub at: Timestamp,
}

/// An incident or a maintenance.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub id: String,
    pub title: String,
    pub impact: &'static str,
    pub phase: &'static str,
    pub opened: Timestamp,
    /// From and until, where it is a maintenance.
    pub window: Option<(Timestamp, Timestamp)>,
    pub components: Vec<String>,
    /// Newest first.
    pub updates: Vec<Update>,
}

impl Event {
    pub(super) fn open(&self) -> bool {
        !matches!(self.phase, "resolved" | "completed" | "postmortem")
    }

    /// When the last update was made.
    pub(super) fn updated(&self) -> Timestamp {
        self.updates.first().map_or(self.opened, |update| update.at)
    }
}

/// What a vendor will do, round after round, in script time from its start.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    pub steps: Vec<(Duration, Change)>,
    /// The length of a round; zero: it is played once.
    pub round: Duration,
}

/// All that a vendor says at the moment.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub components: Vec<Component>,
    /// Components that the page has lost.
    pub lost: Vec<Component>,
    /// Newest first.
    pub events: Vec<Event>,
    pub behaviour: Behaviour,
    pub changed: Timestamp,
    /// Counts changes, so that documents are rendered once per change.
    pub version: u64,
    next: usize,
    round: u32,
}

/// How many past events a vendor keeps.
const KEPT: usize = 40;

/// `at` moved by `by`, standing still at the end of time.
pub(super) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// `at` moved back by `by`, standing still at the start of time.
pub(super) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

impl Stage {
    pub(super) fn new(components: Vec<Component>, events: Vec<Event>, behaviour: Behaviour, at: Timestamp) -> Self {
        Self { components, lost: Vec::new(), events, behaviour, changed: at, version: 1, next: 0, round: 0 }
    }

    /// Plays what is due after `elapsed` of script time; `wall` gives the wall time of a script time.
    pub(super) fn play(&mut self, script: &Script, elapsed: Duration, wall: impl Fn(Duration) -> Timestamp) {
        if script.steps.is_empty() {
            return;
        }
        loop {
            let Some((offset, change)) = script.steps.get(self.next) else {
                if script.round.is_zero() {
                    return;
                }
                self.next = 0;
                self.round = self.round.saturating_add(1);
                continue;
            };
            let at = script.round.saturating_mul(self.round).saturating_add(*offset);
            if at > elapsed {
                return;
            }
            let change = in_wall_time(of_round(change.clone(), self.round), at, &wall);
            self.apply(change, wall(at));
            self.next = self.next.saturating_add(1);
        }
    }

    /// Makes one change at `at`.
    pub(super) fn apply(&mut self, change: Change, at: Timestamp) {
        match change {
            Change::Open { id, title, impact, body, components } => {
                let first = Update { id: update_id(&id, 0), phase: "investigating", body, at };
                let event = Event {
                    id,
                    title,
                    impact,
                    phase: first.phase,
                    opened: at,
                    window: None,
                    components,
                    updates: vec![first],
                };
                self.add(event);
            }
            Change::Update { id, phase, body } => {
                if let Some(event) = self.events.iter_mut().find(|event| event.id == id) {
                    let update = Update { id: update_id(&id, event.updates.len()), phase, body, at };
                    event.phase = phase;
                    event.updates.insert(0, update);
                }
            }
            Change::Impact { id, impact } => {
                if let Some(event) = self.events.iter_mut().find(|event| event.id == id) {
                    event.impact = impact;
                }
            }
            Change::Component { name, state } => {
                if let Some(component) = self.components.iter_mut().find(|component| component.name == name) {
                    component.state = state;
                    component.changed = at;
                }
            }
            Change::Maintenance { id, title, starts_in, lasts, components } => {
                let from = later(at, starts_in);
                let phase = if starts_in.is_zero() { "in_progress" } else { "scheduled" };
                let body = format!("We will carry out planned work: {title}. Short interruptions are possible.");
                let first = Update { id: update_id(&id, 0), phase, body, at };
                let window = Some((from, later(from, lasts)));
                let event = Event {
                    id,
                    title,
                    impact: "maintenance",
                    phase,
                    opened: at,
                    window,
                    components,
                    updates: vec![first],
                };
                self.add(event);
            }
            Change::Move { id, starts_in, lasts } => {
                if let Some(event) = self.events.iter_mut().find(|event| event.id == id) {
                    let from = later(at, starts_in);
                    event.window = Some((from, later(from, lasts)));
                }
            }
            Change::Reword { id, title, body } => {
                if let Some(event) = self.events.iter_mut().find(|event| event.id == id) {
                    event.title = title;
                    if let Some(newest) = event.updates.first_mut() {
                        newest.body = body;
                    }
                }
            }
            Change::Vanish { id } => self.events.retain(|event| event.id != id),
            Change::Lose { left } => {
                let lost = self.components.split_off(left.min(self.components.len()));
                self.lost.splice(0..0, lost);
            }
            Change::Restore => self.components.append(&mut self.lost),
            Change::Behave(behaviour) => self.behaviour = behaviour,
        }
        self.changed = at;
        self.version = self.version.saturating_add(1);
    }

    fn add(&mut self, event: Event) {
        self.events.retain(|old| old.id != event.id);
        self.events.insert(0, event);
        while self.events.len() > KEPT {
            // The oldest that is over goes; an open one is never forgotten.
            match self.events.iter().rposition(|event| !event.open()) {
                Some(place) => drop(self.events.remove(place)),
                None => return,
            }
        }
    }

    /// The worst state among the components, as the format writes it.
    pub(super) fn worst(&self) -> &'static str {
        self.components.iter().map(|component| component.state).max_by_key(|state| rank(state)).unwrap_or("operational")
    }
}

/// How bad a word is; a word nobody knows is worse than operational and not as bad as degraded.
pub(super) fn rank(state: &str) -> u8 {
    match state {
        "operational" => 0,
        "under_maintenance" => 2,
        "degraded_performance" => 3,
        "partial_outage" => 4,
        "major_outage" => 5,
        _ => 1,
    }
}

fn update_id(id: &str, number: usize) -> String {
    let tail: String = id.chars().rev().take(9).collect();
    format!("u{number:02}{tail:0>9}")
}

/// The change with what lies ahead of it as far ahead as the script's pace makes it.
fn in_wall_time(mut change: Change, at: Duration, wall: &impl Fn(Duration) -> Timestamp) -> Change {
    let ahead = |by: Duration| {
        let there = wall(at.saturating_add(by)).duration_since(wall(at));
        Duration::try_from(there).unwrap_or(by)
    };
    if let Change::Maintenance { starts_in, lasts, .. } | Change::Move { starts_in, lasts, .. } = &mut change {
        (*starts_in, *lasts) = (ahead(*starts_in), ahead(*lasts));
    }
    change
}

/// The change with its ids made those of the round, so that every round is a new incident.
fn of_round(mut change: Change, round: u32) -> Change {
    match &mut change {
        Change::Open { id, .. }
        | Change::Update { id, .. }
        | Change::Impact { id, .. }
        | Change::Maintenance { id, .. }
        | Change::Move { id, .. }
        | Change::Reword { id, .. }
        | Change::Vanish { id } => {
            let head: String = id.chars().take(7).collect();
            *id = format!("{head:0<7}{round:05}");
        }
        Change::Component { .. } | Change::Lose { .. } | Change::Restore | Change::Behave(_) => {}
    }
    change
}
