//! Readers subscribe themselves: they sign up by a form, say by a signed link that it was them, and change their mind
//! or leave by another.
//!
//! # Invariants
//! * Nobody learns here who is signed up: a known address and an unknown one are answered the same.
//! * Following a link changes nothing: programs that look at mail follow them all.

mod choice;
pub(super) mod csv;
mod form;
mod mine;

use super::App;
use super::auth::{Access, Routes};
use crate::ingest::operate::Answer;
use crate::model::actor::Actor;
use crate::model::command::{Command, Done, Order, Refused};
use crate::model::subscriber::SubscriberChange;

pub(super) use choice::{label, what};
pub(super) use form::reader;

/// All of it.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/subscribe", Access::Reader, form::show)
        .post("/subscribe", Access::Reader, form::send)
        .get("/subscribe/confirm", Access::Door, mine::question)
        .post("/subscribe/confirm", Access::Door, mine::confirm)
        .get("/subscription", Access::Door, mine::show)
        .post("/subscription", Access::Door, mine::change)
        .post("/subscription/restart", Access::Door, mine::restart)
        .get("/subscription/data", Access::Door, mine::data)
        .get("/subscription/leave", Access::Door, mine::sure)
        // With one click, by the reader's mail program (RFC 8058): no cookie and no form of ours comes with it.
        .post("/subscription/leave", Access::Public, mine::leave)
}

impl App {
    /// Has something of subscribers changed, and answers when it is on disk.
    ///
    /// # Errors
    /// Why it was not.
    pub(in crate::http) async fn subscriber(&self, actor: Actor, change: SubscriberChange) -> Result<Done, Refused> {
        match self.0.door.order(Order { actor, command: Command::Subscriber(change) }, None).await? {
            Answer::Done(done, _) => Ok(done),
            // Only what has a key is ever answered so.
            Answer::Again(_) => Ok(Done::Gone),
        }
    }
}
