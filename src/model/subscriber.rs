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
}

impl Subscriber {
    /// True for one that is sent news.
    pub fn is_active(&self) -> bool {
        self.confirmed_at.is_some() && self.suspended.is_none()
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
