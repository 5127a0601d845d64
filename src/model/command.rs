//! What operators ask for, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::actor::Actor;
use super::desk::{Added, Affects, ByHand, Drawer, Mute, Override, Template, Verdict};
use super::hook::Hook;
use super::id::{ChannelId, IncidentId, SeriesId, ServiceId, SourceId};
use super::incident::{Incident, Maintenance, Phase};
use super::intake::Entry;
use super::level::{Impact, State};
use super::local::{Hit, Pushed, Words};
use super::people::{Account, PeopleChange, Session, Token};
use super::series::Series;
use super::signal::Signal;
use super::subscriber::{Subscriber, SubscriberChange};

/// One thing that somebody asks for.
#[derive(Debug, Clone)]
pub struct Order {
    /// Who asks.
    pub actor: Actor,
    /// For what.
    pub command: Command,
}

/// What can be asked for. `version`: what the asker has seen; another one in force refuses it.
#[derive(Debug, Clone)]
pub enum Command {
    /// Declare an incident.
    Open(Opening),
    /// Change what an incident says of itself.
    Edit(IncidentId, Option<u64>, Box<Edit>),
    /// Add an update to an incident.
    Post(IncidentId, Option<u64>, Post),
    /// Put an update right; the timeline shows that it was.
    Correct(IncidentId, Option<u64>, u32, Words),
    /// Add a remark that only signed-in people see.
    Note(IncidentId, Words),
    /// Write down what was learned; empty words take it away.
    Postmortem(IncidentId, Option<u64>, Words),
    /// Show a suggested incident to everybody.
    Publish(IncidentId, Option<u64>),
    /// Remove a local incident; the audit log keeps it.
    Delete(IncidentId, Option<u64>),
    /// Announce a maintenance.
    Plan(Planning),
    /// Change what a maintenance says of itself; a new window is announced as moved.
    Replan(IncidentId, Option<u64>, Box<Replan>),
    /// Add an update to a maintenance; its phase may start, end or cancel it.
    Work(IncidentId, Option<u64>, Post),
    /// Remove a local maintenance; the audit log keeps it.
    DeleteMaintenance(IncidentId, Option<u64>),
    /// Tell that a maintenance starts in so much time.
    Remind(IncidentId, Duration),
    /// Announce a maintenance that comes again, over the one of the same id, and its occurrences with it.
    PutSeries(Option<u64>, Box<Series>),
    /// Let a maintenance come no more; what is still planned of it is cancelled.
    EndSeries(SeriesId, Option<u64>),
    /// Announce what time has brought near of a maintenance that comes again.
    Unroll(SeriesId),
    /// Say what a vendor's incident means here.
    Judge(IncidentId, Option<u64>, Box<Judgement>),
    /// Say that a vendor's or an own incident was seen.
    Acknowledge(IncidentId),
    /// Set a source's state.
    Override(SourceId, Option<u64>, ManualState),
    /// Let a source's state be what was read.
    EndOverride(SourceId, Option<u64>),
    /// Set a service's state.
    SetService(ServiceId, Option<u64>, ManualState),
    /// Let a service's state be what its incidents say.
    EndService(ServiceId, Option<u64>),
    /// Keep words ready, over those of the same id.
    PutTemplate(Option<u64>, Box<Template>),
    /// Remove words kept ready.
    RemoveTemplate(String, Option<u64>),
    /// Watch a source that the configuration file does not name.
    AddSource(Entry),
    /// Watch a source no more that was added here.
    RemoveSource(SourceId, Option<u64>),
    /// Take what another tool pushed, and do what follows for its incidents.
    Take(Arc<Hook>, Vec<Signal>),
    /// Let time pass for these alerts of a hook: what was held back opens.
    Follow(Arc<Hook>, Vec<String>),
    /// Forget alerts on which nothing depends any more, by their places.
    Forget(Vec<String>),
    /// A message was queued because somebody wished it: for the audit log alone.
    Wished(Wished),
    /// Something of people, sessions or tokens.
    People(PeopleChange),
    /// Something of those who are told.
    Subscriber(SubscriberChange),
}

impl Command {
    /// The local incident or maintenance that it is about.
    pub fn subject(&self) -> Option<&IncidentId> {
        match self {
            Self::Open(Opening { id, .. }) | Self::Plan(Planning { id, .. }) => Some(id),
            Self::Edit(id, ..)
            | Self::Post(id, ..)
            | Self::Correct(id, ..)
            | Self::Note(id, ..)
            | Self::Postmortem(id, ..)
            | Self::Publish(id, ..)
            | Self::Delete(id, ..)
            | Self::Replan(id, ..)
            | Self::Work(id, ..)
            | Self::DeleteMaintenance(id, ..)
            | Self::Remind(id, ..)
            | Self::Judge(id, ..)
            | Self::Acknowledge(id) => Some(id),
            Self::Override(..)
            | Self::EndOverride(..)
            | Self::SetService(..)
            | Self::EndService(..)
            | Self::PutTemplate(..)
            | Self::RemoveTemplate(..)
            | Self::AddSource(..)
            | Self::RemoveSource(..)
            | Self::PutSeries(..)
            | Self::EndSeries(..)
            | Self::Unroll(..)
            | Self::Take(..)
            | Self::Follow(..)
            | Self::Forget(..)
            | Self::Wished(..)
            | Self::People(..)
            | Self::Subscriber(..) => None,
        }
    }
}

/// A new incident.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its id, not in use yet.
    pub id: IncidentId,
    /// Plain, safe.
    pub title: String,
    /// How bad it is.
    pub impact: Impact,
    /// How far it has come.
    pub phase: Phase,
    /// What it touches.
    pub services: Vec<Hit>,
    /// When it began; `None`: now.
    pub started_at: Option<Timestamp>,
    /// The first update; empty words make none.
    pub words: Words,
    /// A first remark for signed-in people; empty words make none.
    pub note: Words,
    /// Upstream incidents that have to do with it.
    pub related: Vec<IncidentId>,
    /// Another tool opened it.
    pub pushed: Option<Pushed>,
    /// Only suggested: an operator has to publish it.
    pub suggested: bool,
}

/// What to change of an incident; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Plain, safe.
    pub title: Option<String>,
    /// How bad it is.
    pub impact: Option<Impact>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// What it touches.
    pub services: Option<Vec<Hit>>,
    /// Upstream incidents that have to do with it.
    pub related: Option<Vec<IncidentId>>,
}

/// An update.
#[derive(Debug, Clone, Default)]
pub struct Post {
    /// How far it has come; `None`: as before.
    pub phase: Option<Phase>,
    /// How bad it is; `None`: as before.
    pub impact: Option<Impact>,
    /// What it touches; `None`: as before.
    pub services: Option<Vec<Hit>>,
    /// What is to be said.
    pub words: Words,
}

/// A new maintenance.
#[derive(Debug, Clone)]
pub struct Planning {
    /// Its id, not in use yet.
    pub id: IncidentId,
    /// Plain, safe.
    pub title: String,
    /// Planned start.
    pub starts_at: Timestamp,
    /// Planned end.
    pub ends_at: Timestamp,
    /// What it touches.
    pub services: Vec<ServiceId>,
    /// The announcement; empty words make no update.
    pub words: Words,
    /// What time does to it.
    pub wish: Wish,
}

/// What time is to do to a maintenance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// It begins by itself at its planned start.
    pub auto_start: bool,
    /// It ends by itself at its planned end.
    pub auto_end: bool,
    /// How long before its start people are reminded.
    pub reminders: Vec<Duration>,
}

/// What to change of a maintenance; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Replan {
    /// Plain, safe.
    pub title: Option<String>,
    /// Planned start.
    pub starts_at: Option<Timestamp>,
    /// Planned end.
    pub ends_at: Option<Timestamp>,
    /// What it touches.
    pub services: Option<Vec<ServiceId>>,
    /// What time does to it.
    pub wish: Option<Wish>,
}

/// What to change of a verdict; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// Whether it touches the team.
    pub affects: Option<Affects>,
    /// Who looks after it; an empty text: nobody.
    pub owner: Option<String>,
    /// What it means here; empty words take it away.
    pub note: Option<Words>,
    /// What helps meanwhile; empty words take it away.
    pub workaround: Option<Words>,
    /// How long it makes no noise.
    pub mute: Option<Mute>,
}

/// A state set by hand.
#[derive(Debug, Clone)]
pub struct ManualState {
    /// What it is said to be.
    pub state: State,
    /// Why.
    pub reason: String,
    /// When that ends by itself.
    pub until: Option<Timestamp>,
}

/// What came of an order.
#[derive(Debug, Clone)]
pub enum Done {
    /// An incident as it stands now.
    Incident(Box<Incident>),
    /// A maintenance as it stands now.
    Maintenance(Box<Maintenance>),
    /// A verdict as it stands now.
    Verdict(Box<Verdict>),
    /// An override as it stands now.
    Override(Override),
    /// A service's state as it stands now.
    ByHand(ByHand),
    /// Words kept ready, as they stand now.
    Template(Box<Template>),
    /// A source that was added here, as it stands now.
    Added(Added),
    /// A maintenance that comes again, as it stands now.
    Series(Box<Series>),
    /// What came of a push.
    Taken(Taken),
    /// An account as it stands now.
    Account(Box<Account>),
    /// Somebody is signed in.
    Session(Box<Session>),
    /// A token as it stands now.
    Token(Box<Token>),
    /// A subscriber as it stands now.
    Subscriber(Arc<Subscriber>),
    /// What came of adding many.
    Imported(Imported),
    /// It is gone, or there is nothing to show of it.
    Gone,
}

/// What somebody wished of those who send messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wished {
    /// A test of this channel; the delivery's number.
    Test(ChannelId, u64),
    /// That this delivery, which was given up, is tried again.
    Resend(u64),
}

/// What came of a push, for its sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// What had to be passed over.
    pub notes: Vec<String>,
    /// So many alerts could not be taken; whoever sent them has to send them again.
    pub left_out: usize,
}

/// What came of adding many subscribers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// So many were added.
    pub added: usize,
    /// So many were there already, or twice in the list.
    pub known: usize,
    /// So many found no room.
    pub left_out: usize,
}

/// What an order changes; all of it or nothing.
#[derive(Debug, Clone)]
pub struct Effect {
    /// Local incidents as they are to be.
    pub incidents: Vec<Incident>,
    /// Local maintenances as they are to be.
    pub maintenances: Vec<Maintenance>,
    /// Local incidents and maintenances that go.
    pub removed: Vec<IncidentId>,
    /// Other things as they are to be.
    pub kept: Vec<super::desk::Kept>,
    /// Other things that go.
    pub gone: Vec<(Drawer, String)>,
    /// What happened, without numbers yet.
    pub events: Vec<super::event::Event>,
    /// Subscribers who are to be asked by mail whether it was them, by id.
    pub questions: Vec<String>,
    /// One row for the order.
    pub audit: super::audit::Entry,
    /// It leaves no row, since nobody changed anything: an attempt to sign in that is not over, the time at which a
    /// session was last used.
    pub unlogged: bool,
    /// What to tell whoever asked.
    pub done: Done,
}

/// Why an order was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such thing.
    #[error("there is no such {0} here")]
    NotFound(&'static str),
    /// Somebody else changed it since.
    #[error("it was changed meanwhile: version {current} is in force")]
    Outdated {
        /// What is in force.
        current: u64,
    },
    /// A value that cannot be taken.
    #[error("`{field}` {problem}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// It cannot be done to the thing as it is.
    #[error("{0}")]
    Conflict(String),
    /// Too many attempts failed before it.
    #[error("too many attempts failed; the next one is heard at {until}")]
    Held {
        /// When it is heard.
        until: Timestamp,
    },
    /// The disk does not take it.
    #[error("nothing can be stored now, and nothing was changed: {0}")]
    NotStored(String),
}
