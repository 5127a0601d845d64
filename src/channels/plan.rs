//! Who is told on which channel, as configured.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::{Channel, Kind, MailServer};
use crate::limits;
use crate::model::id::{ChannelId, ReceiverId};
use crate::model::policy::{Confirm, Policy, Wants};

/// Everything that is configured under `notify`.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// In the order of the file.
    pub lines: Vec<Arc<Line>>,
    /// Through which server e-mail goes; `None`: none is sent.
    pub mail: Option<Arc<MailServer>>,
    /// The channel on which the trouble of another channel is told; `None`: the first other one.
    pub fallback: Option<ChannelId>,
    /// Who is told that this program works.
    pub ping: Option<Arc<Ping>>,
    /// What readers who subscribe hear, and when; what of, they say themselves.
    pub readers: Policy,
}

/// One configured channel.
pub struct Line {
    /// Its id.
    pub id: ChannelId,
    /// For people.
    pub name: String,
    /// What kind it is.
    pub kind: &'static Kind,
    /// How messages get its form.
    pub channel: Arc<dyn Channel>,
    /// What it hears, and when.
    pub policy: Policy,
    /// The operator's own template of the first line.
    pub title: Option<String>,
    /// The operator's own template of the text.
    pub text: Option<String>,
    /// It may be on a network that is not public.
    pub allow_private: bool,
    /// What is cut out of everything that is shown.
    pub secrets: Vec<SecretString>,
}

impl Line {
    /// Who is told by it.
    pub fn receiver(&self) -> ReceiverId {
        ReceiverId::channel(&self.id)
    }
}

impl fmt::Debug for Line {
    /// Without the channel, which holds secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Line").field("id", &self.id).field("kind", &self.kind.name).finish_non_exhaustive()
    }
}

/// Somebody who is told that this program works, and notices when that ceases.
#[derive(Debug, Clone)]
pub struct Ping {
    /// Asked by GET; may hold a secret.
    pub url: Url,
    /// How often.
    pub every: Duration,
    /// It may be on a network that is not public.
    pub allow_private: bool,
}

/// What a channel hears that says nothing else.
pub fn usual_policy(zone: &str) -> Policy {
    Policy {
        wants: Wants::default(),
        zone: zone.to_owned(),
        confirm_vital: Confirm::After(limits::CONFIRM_VITAL),
        confirm: Confirm::After(limits::CONFIRM),
        confirm_background: Confirm::After(limits::CONFIRM_BACKGROUND),
        unreadable: limits::CONFIRM_UNREADABLE,
        group: limits::LETTER_GROUP,
        spacing: limits::LETTER_SPACING,
        quiet: Vec::new(),
        digest: None,
        remind: None,
    }
}
