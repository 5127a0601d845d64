//! Readers who asked to be told.

use jiff::Timestamp;

use super::people::Hidden;
use super::policy::{Digest, Wants};

/// Somebody, or some tool, that asked to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Made by chance; says nothing of the person.
    pub id: String,
    /// Rises with every change.
    pub version: u64,
    /// How it is reached.
    pub reach: Reach,
    /// Of what: a scope (all, a tag, a service, a source, an incident) and a minimum impact.
    pub wants: Wants,
    /// A summary in the place of single messages.
    pub digest: Option<Digest>,
    /// Signs the links in its messages; known to nobody else.
    pub key: Hidden,
    /// When it was asked for.
    pub made_at: Timestamp,
    /// When the reader said that it was them; nothing but that question is sent before.
    pub confirmed_at: Option<Timestamp>,
    /// When it was asked whether it was them, lately; oldest first.
    pub asked_at: Vec<Timestamp>,
    /// Since when and why nothing is sent: messages come back, or the reader complained.
    pub suspended: Option<(Timestamp, String)>,
    /// What somebody asked for in the name of a reader who is told already: it counts once the reader says that it
    /// was them.
    pub proposed: Option<Interest>,
}

/// Of what somebody is told, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// Of what.
    pub wants: Wants,
    /// A summary in the place of single messages.
    pub digest: Option<Digest>,
}

impl Subscriber {
    /// True for one that is sent news.
    pub fn is_active(&self) -> bool {
        self.confirmed_at.is_some() && self.suspended.is_none()
    }

    /// The e-mail address, where it is a reader's.
    pub fn address(&self) -> Option<&str> {
        match &self.reach {
            Reach::Mail(address) => Some(address),
            Reach::Webhook { .. } => None,
        }
    }

    /// Of what it is told now, and how.
    pub fn interest(&self) -> Interest {
        Interest { wants: self.wants.clone(), digest: self.digest }
    }
}

/// How a subscriber is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// By e-mail.
    Mail(String),
    /// A tool, by a webhook that is signed with this key.
    Webhook {
        /// http or https.
        url: String,
        /// `whsec_…`, of the Standard Webhooks scheme.
        secret: Hidden,
    },
}

/// What changes of subscribers. A token is what a signed link carries.
#[derive(Debug, Clone)]
pub enum SubscriberChange {
    /// A reader asks to be told; it is asked by mail whether it was them. Where the address is known already, the
    /// subscriber of that address is asked, and this id and key are not used.
    Ask(Box<Subscriber>),
    /// It was them, says the token of that mail.
    Confirm(String),
    /// A reader changes of what they are told.
    Change(String, Interest),
    /// A reader whose messages came back wants them again.
    Restart(String),
    /// A reader leaves: nothing of them is kept.
    Leave(String),
    /// An admin adds somebody, or some tool. True: without a question, since the admin vouches for them.
    Add(Box<Subscriber>, bool),
    /// The same for many; those that are known already are left as they are.
    Import(Vec<Subscriber>, bool),
    /// An admin changes of what somebody is told.
    Update(String, Option<u64>, Interest),
    /// Nothing is sent to this id or address any more, and why.
    Suspend(String, String),
    /// It is, again.
    Resume(String),
    /// Nothing of them is kept.
    Erase(String),
    /// These never said that it was them.
    Forget(Vec<String>),
}
