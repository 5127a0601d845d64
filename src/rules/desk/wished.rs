//! Messages that somebody wished for: they are on their way already, and stand in the audit log.

use super::{Scene, effect};
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Wished};

pub(super) fn note(scene: &Scene<'_>, by: &Actor, wished: &Wished) -> Effect {
    let (action, subject, delivery) = match wished {
        Wished::Test(channel, delivery) => ("channel.test", channel.as_str().to_owned(), delivery),
        Wished::Resend(delivery) => ("delivery.resend", delivery.to_string(), delivery),
    };
    let mut effect = effect(scene, by, action, &subject, Done::Gone);
    effect.audit.after = Some(format!("message {delivery} is queued"));
    effect
}
