//! From a form to an order: its version, its key, and where it leads.

use sha2::{Digest, Sha256};

use super::again::{self, Deed};
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::write;
use crate::ingest::operate::{Answer, Once};
use crate::limits;
use crate::model::command::{Command, Done, Order, Refused};
use crate::render::console::Slip;

/// The field with what the form was made from.
pub(super) const VERSION: &str = "version";
/// The field with the key that only this form has.
pub(super) const KEY: &str = "key";
/// The token of the session's forms, which is no part of what is asked for.
pub(super) const TOKEN: &str = "csrf";

/// What a form made from this version carries.
pub(super) fn slip(version: u64) -> Result<Slip, Fail> {
    let key = crate::auth::random::id().map_err(|error| {
        tracing::error!(%error, "the system gives no random bytes");
        Fail::Internal
    })?;
    Ok(Slip { version, key })
}

/// What a form carried that was sent, to be shown once more.
pub(super) fn kept(fields: &Fields) -> Result<Slip, Fail> {
    match (fields.get(VERSION).parse(), fields.get(KEY)) {
        (Ok(version), key) if !key.is_empty() => Ok(Slip { version, key: short(key) }),
        (version, _) => slip(version.unwrap_or(0)),
    }
}

/// The version that a form was made from. A form without one is none of ours, and overwrites nothing.
pub(super) fn version(fields: &Fields) -> Option<u64> {
    Some(fields.get(VERSION).parse().unwrap_or(u64::MAX))
}

fn short(key: &str) -> String {
    key.chars().take(limits::FORM_KEY).collect()
}

/// Has an order carried out, once for a form however often it is sent, and says where it leads.
///
/// # Errors
/// Why it was not carried out.
pub(super) async fn order(
    visit: &Visit,
    fields: &Fields,
    command: Command,
    lead: impl Fn(&Done) -> String + Clone + Send + Sync + 'static,
) -> Result<String, Refused> {
    let actor = visit.caller.actor();
    let once = Some(short(fields.get(KEY))).filter(|key| !key.is_empty()).map(|key| {
        let lead = lead.clone();
        Once {
            key: format!("form {} {} {key}", actor.means.as_str(), actor.id),
            request: digest(visit.path(), fields),
            put_down: Box::new(move |done| Some(lead(done))),
        }
    });
    match visit.app.0.door.order(Order { actor, command }, once).await? {
        Answer::Done(done, seq) => {
            write::shown(&visit.app, seq).await;
            Ok(lead(&done))
        }
        Answer::Again(said) => Ok(said),
    }
}

/// Has an order carried out and leads on; where it is refused, the form comes back with all that was typed.
///
/// # Errors
/// Where there is no such thing, or no page can be made.
pub(super) async fn carry_out(
    visit: &Visit,
    fields: &Fields,
    command: Command,
    deed: Deed,
) -> Result<axum::response::Response, Fail> {
    let to = deed.to.clone();
    match order(visit, fields, command, move |_| to.clone()).await {
        Ok(to) => Ok(visit.go(&to)),
        Err(refused) => again::show(visit, fields, deed, refused).await,
    }
}

/// What a form asks for, whichever session sends it.
fn digest(path: &str, fields: &Fields) -> String {
    let mut digest = Sha256::new();
    digest.update(path.as_bytes());
    for (name, value) in fields.iter().filter(|(name, _)| *name != TOKEN) {
        for part in [name, value] {
            digest.update([0]);
            digest.update(part.as_bytes());
        }
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
