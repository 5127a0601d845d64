//! What an order about those who are told changes: all of it or nothing. The audit log is for ever, and a reader's data
//! can be erased whole: its rows name a subscriber by an id that says nothing, and hold no address of anybody.

mod address;
mod interest;
mod link;
mod list;
mod reader;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::limits;
use crate::model::actor::Actor;
use crate::model::audit::Entry;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Drawer, Kept};
use crate::model::subscriber::{Subscriber, SubscriberChange};

pub use address::{address, mailbox};
pub use interest::{Subject, digest, digest_word};
pub use link::{Purpose, holder, link, token};

/// All subscribers, by id.
pub type Subscribers = BTreeMap<String, Arc<Subscriber>>;

/// Why somebody is told no more: messages to them came back.
pub const BOUNCE: &str = "bounce";
/// They told their mail provider that it is unwanted.
pub const COMPLAINT: &str = "complaint";
/// An admin says so.
pub const ADMIN: &str = "admin";

/// What all of it is held against.
#[derive(Clone, Copy)]
struct Scene<'a> {
    all: &'a Subscribers,
    by: &'a Actor,
    now: Timestamp,
}

/// Carries out an order, without changing anything.
///
/// # Errors
/// Why not; nothing is to be changed then.
pub fn apply(all: &Arc<Subscribers>, by: &Actor, change: &SubscriberChange, now: Timestamp) -> Result<Effect, Refused> {
    let scene = Scene { all, by, now };
    match change {
        SubscriberChange::Ask(new) => reader::ask(scene, new),
        SubscriberChange::Confirm(token) => reader::confirm(scene, token),
        SubscriberChange::Change(token, interest) => reader::change(scene, token, interest),
        SubscriberChange::Restart(token) => reader::restart(scene, token),
        SubscriberChange::Leave(token) => reader::leave(scene, token),
        SubscriberChange::Add(new, vouched) => list::add(scene, new, *vouched),
        SubscriberChange::Import(new, vouched) => Ok(list::import(scene, new, *vouched)),
        SubscriberChange::Update(id, version, interest) => list::update(scene, id, *version, interest),
        SubscriberChange::Suspend(who, why) => list::suspend(scene, who, why),
        SubscriberChange::Resume(who) => list::resume(scene, who),
        SubscriberChange::Erase(id) => list::erase(scene, id),
        SubscriberChange::Forget(ids) => Ok(list::forget(scene, ids)),
    }
}

/// Ids of those who never said that it was them, and were asked so long ago that they will not.
pub fn silent(all: &Subscribers, now: Timestamp) -> Vec<String> {
    let silent = all.values().filter(|one| {
        one.confirmed_at.is_none() && now.duration_since(asked(one)).unsigned_abs() > limits::UNCONFIRMED_KEPT
    });
    silent.map(|one| one.id.clone()).collect()
}

/// When it was last asked whether it was them.
fn asked(one: &Subscriber) -> Timestamp {
    one.asked_at.last().copied().unwrap_or(one.made_at)
}

/// How often a mailbox was asked within the last hour, if so often that it is not asked again.
fn asked_lately(one: &Subscriber, now: Timestamp) -> usize {
    let hour = std::time::Duration::from_secs(3600);
    one.asked_at.iter().filter(|at| now.duration_since(**at).unsigned_abs() < hour).count()
}

/// The same subscriber, changed once more.
fn changed(one: &Subscriber) -> Subscriber {
    let mut one = one.clone();
    one.version = one.version.saturating_add(1);
    one
}

/// Notes a question; those whose links are good no more are forgotten.
fn question(one: &mut Subscriber, now: Timestamp) {
    one.asked_at.retain(|asked| link::is_good(*asked, now));
    one.asked_at.push(now);
}

impl Scene<'_> {
    fn row(self, action: &'static str, subject: Option<&str>, after: Option<String>) -> Entry {
        let (actor, subject) = (self.by.clone(), subject.map(str::to_owned));
        Entry { at: self.now, actor, action, subject, before: None, after }
    }

    /// Changes nothing yet.
    fn effect(self, action: &'static str, subject: Option<&str>, done: Done) -> Effect {
        Effect {
            incidents: Vec::new(),
            maintenances: Vec::new(),
            removed: Vec::new(),
            kept: Vec::new(),
            gone: Vec::new(),
            events: Vec::new(),
            questions: Vec::new(),
            audit: self.row(action, subject, None),
            unlogged: false,
            done,
        }
    }

    /// Puts this one in its place.
    fn put(self, action: &'static str, one: Subscriber) -> Effect {
        let one = Arc::new(one);
        let mut effect = self.effect(action, Some(&one.id), Done::Subscriber(Arc::clone(&one)));
        effect.kept.push(Kept::Subscriber(one));
        effect
    }

    /// Takes this one away, and everything that is known of it.
    fn take(self, action: &'static str, id: &str) -> Effect {
        let mut effect = self.effect(action, Some(id), Done::Gone);
        effect.gone.push((Drawer::Subscriber, id.to_owned()));
        effect
    }
}
