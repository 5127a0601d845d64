//! Signed links: who holds one may do one thing for one subscriber, without signing in.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::auth::random;
use crate::limits;
use crate::model::subscriber::Subscriber;

/// What a link is for. One for one thing is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To say that it was them who signed up; good for two days.
    Confirm,
    /// To see and change of what they are told; good until they leave.
    Manage,
    /// To leave; good until they have.
    Leave,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Manage, Self::Leave];

    /// Where its link leads.
    pub fn path(self) -> &'static str {
        match self {
            Self::Confirm => "/subscribe/confirm",
            Self::Manage => "/subscription",
            Self::Leave => "/subscription/leave",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Manage => "manage",
            Self::Leave => "leave",
        }
    }
}

/// The link of a subscriber: path and query, to be put behind the page's address. One to confirm is for the newest
/// question.
pub fn link(subscriber: &Subscriber, purpose: Purpose) -> String {
    format!("{}?token={}", purpose.path(), token(subscriber, purpose))
}

/// What the link carries: letters, digits, `-`, `_` and one dot.
pub fn token(subscriber: &Subscriber, purpose: Purpose) -> String {
    signed(subscriber, purpose, subscriber.asked_at.last().copied())
}

/// Whose token this is; `None` where it counts for nobody, or not for this, or not any more.
pub fn holder<'a>(
    all: &'a BTreeMap<String, Arc<Subscriber>>,
    token: &str,
    purpose: Purpose,
    now: Timestamp,
) -> Option<&'a Arc<Subscriber>> {
    let (id, _) = token.split_once('.')?;
    let subscriber = all.get(id)?;
    let counts = match purpose {
        Purpose::Confirm => {
            let questions = subscriber.asked_at.iter().filter(|asked| is_good(**asked, now));
            questions
                .fold(false, |found, asked| found | random::same(&signed(subscriber, purpose, Some(*asked)), token))
        }
        Purpose::Manage | Purpose::Leave => random::same(&signed(subscriber, purpose, None), token),
    };
    counts.then_some(subscriber)
}

/// True while a link that was asked for then is good.
pub(super) fn is_good(asked: Timestamp, now: Timestamp) -> bool {
    now.duration_since(asked).unsigned_abs() <= limits::CONFIRM_LINK
}

fn signed(subscriber: &Subscriber, purpose: Purpose, asked: Option<Timestamp>) -> String {
    let asked = asked.filter(|_| purpose == Purpose::Confirm).map(Timestamp::as_microsecond).unwrap_or_default();
    // No key is ever too long or too short for this kind of signature.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(subscriber.key.reveal().as_bytes()) else { return String::new() };
    mac.update(format!("allclear|{}|{}|{asked}", purpose.word(), subscriber.id).as_bytes());
    format!("{}.{}", subscriber.id, BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}
