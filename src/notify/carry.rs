//! Takes what a channel composed to whom it is for, once, and brings the answer back.
//!
//! # Invariants
//! * An attempt ends in time, whatever the other side does, and no attempt waits for another.
//! * Words about a failure hold no secret: no address of a webhook, no password, no header.

mod http;
mod mail;
mod run;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::channels::{MailServer, Outgoing, line};
use crate::fetch::Fetcher;
use crate::limits;

/// Everything that can take a message somewhere. Clones share it.
#[derive(Debug, Clone)]
pub struct Carriers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fetcher: Fetcher,
    mail: Option<MailServer>,
    within: Duration,
}

/// The answer of whom it was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The HTTP status, which may be no success; 250 for e-mail that was taken, 0 for a command that ended well.
    pub status: u16,
    /// The body, no more than `limits::ATTEMPT_ANSWER`. Of e-mail: the Message-ID without angle brackets in its first
    /// line, then what the server said; of a command: what it printed.
    pub body: Vec<u8>,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    /// How long it took.
    pub took: Duration,
}

/// Why there is no answer, or none that can be a success. In words without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncarried {
    /// It may be tried again.
    #[error("{0}")]
    Later(String),
    /// This message will not be taken, however often it is tried.
    #[error("{0}")]
    Never(String),
    /// There is no such reader: nothing more should be sent there.
    #[error("{0}")]
    Bounced(String),
}

/// What a carrier brings back: the status, the body and the wait.
type Answer = Result<(u16, Vec<u8>, Option<Duration>), Uncarried>;

impl Carriers {
    /// Ready to go out; opens no connection.
    pub fn new(fetcher: Fetcher, mail: Option<MailServer>) -> Self {
        Self::with_patience(fetcher, mail, limits::ATTEMPT)
    }

    /// The same with another time for one attempt.
    pub fn with_patience(fetcher: Fetcher, mail: Option<MailServer>, within: Duration) -> Self {
        Self(Arc::new(Inner { fetcher, mail, within }))
    }

    /// Makes one attempt. `allow_private`: an HTTP server may be on a network that is not public; the mail server's own
    /// settings say so for it.
    ///
    /// # Errors
    /// Where there is no answer; a status that is no success is one.
    pub async fn carry(&self, out: Outgoing, allow_private: bool) -> Result<Carried, Uncarried> {
        let Inner { fetcher, mail, within } = &*self.0;
        let started = Instant::now();
        let (status, body, retry_after) = match out {
            Outgoing::Call(call) => http::carry(fetcher, call, allow_private, *within).await,
            Outgoing::Mail(letter) => match mail {
                Some(server) => mail::carry(fetcher, server, *letter, *within).await,
                None => Err(Uncarried::Later("no mail server is configured".to_owned())),
            },
            Outgoing::Run(run) => run::carry(run, *within).await,
        }?;
        Ok(Carried { status, body, retry_after, took: started.elapsed() })
    }
}

/// What somebody else said, as it may stand in a log: one line, and not for ever.
fn said(text: &str) -> String {
    line(text).chars().take(limits::TITLE).collect()
}
