//! What goes out to whom in which form: a message to the requests of one channel. Pure. One file per kind, one line in
//! `REGISTRY`.
//!
//! # Invariants
//! * What others wrote arrives as text: no mention, no masked link, no markup of theirs works (`markup`).
//! * Nothing is sent here, and nothing decided: `rules::announce` decides, `notify` sends.

mod alarm;
mod chat;
mod command;
mod cut;
mod discord;
mod document;
mod email;
mod given;
mod google_chat;
mod gotify;
mod incident_io;
mod jsm;
mod mail_server;
mod markup;
mod matrix;
mod mattermost;
mod ntfy;
mod opsgenie;
mod pagerduty;
mod plan;
mod pushover;
mod rocketchat;
mod secret_url;
mod slack;
mod teams;
mod telegram;
mod tone;
mod twilio;
mod webhook;
mod whatsapp;

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::model::ledger::{Item, Style};
use crate::model::news::News;

pub use cut::line;
pub use email::Email;
pub use given::{Given, Sort, Spec, Value};
pub use mail_server::{MailServer, Tls};
pub use markup::{Markup, bare, cut};
pub use plan::{Line, Ping, Plan, usual_policy};
pub use secret_url::SecretUrl;
pub use tone::Tone;
pub use webhook::Webhook;

/// A kind of channel.
#[derive(Debug)]
pub struct Kind {
    /// The word in `sources.yaml`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it takes in `sources.yaml` besides what all channels take.
    pub options: &'static [Spec],
    /// How its text is written.
    pub markup: Markup,
    /// Characters of a text that it takes.
    pub longest: usize,
    /// The least time between two messages to one channel, as its provider asks for.
    pub spacing: Duration,
    /// Makes one of its options, or says what is wrong with which.
    pub make: fn(&mut Given) -> Result<Box<dyn Channel>, Wrong>,
}

/// What is wrong with an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The option's key.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// A message in words, before it has the form of a channel.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    /// The same at every attempt, and in no other message.
    pub key: &'a str,
    /// When it was decided, in seconds since 1970.
    pub made_at: i64,
    /// When this attempt is made, in seconds since 1970: what is signed, is signed for this moment.
    pub at: i64,
    /// How it is written.
    pub style: Style,
    /// What it tells, each with its news; empty for a test.
    pub items: Vec<(&'a Item, &'a News)>,
    /// One line, plain: what stands in it is not yet safe in any markup.
    pub title: String,
    /// In the kind's markup, others' words made safe; cut to `longest`.
    pub text: String,
    /// Our page about it, or our first page; in a question whether it was them, where they say so. `None` where
    /// `page.url` is not configured.
    pub link: Option<String>,
    /// The page's title.
    pub page: &'a str,
    /// The host of `page.url`, else of the mail's sender: never empty, and without a port.
    pub host: &'a str,
    /// Where one click ends the subscription; `None` for a channel of the team's.
    pub unsubscribe: Option<String>,
    /// Where a reader changes of what they are told; `None` for a channel of the team's.
    pub manage: Option<String>,
    /// What the receiver calls the message that began this thread there.
    pub before: Option<&'a str>,
}

/// One thing to send.
#[derive(Debug)]
pub enum Outgoing {
    /// Over HTTP.
    Call(Call),
    /// By e-mail.
    Mail(Box<Mail>),
    /// To a command of the operator's.
    Run(Run),
}

/// One HTTP request.
pub struct Call {
    /// `POST`, `PUT`, `PATCH`.
    pub method: &'static str,
    /// Where to; may hold secrets.
    pub url: Url,
    /// For `Content-Type`.
    pub kind: &'static str,
    /// The body.
    pub body: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// For `Authorization`.
    pub authorization: Option<SecretString>,
}

/// Address and body may hold secrets.
impl fmt::Debug for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(out, "Call({} {host}, {} bytes)", self.method, self.body.len())
    }
}

/// One e-mail. Sender and server are configured once for all.
#[derive(Debug)]
pub struct Mail {
    /// The readers' addresses, who see each other; not empty.
    pub to: Vec<String>,
    /// One line, plain.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part: others' words escaped.
    pub html: String,
    /// Without angle brackets.
    pub message_id: String,
    /// The message that began the thread, without angle brackets.
    pub in_reply_to: Option<String>,
    /// Where one click ends the subscription (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// One run of a command.
#[derive(Debug)]
pub struct Run {
    /// The program and its arguments; no shell.
    pub argv: Vec<String>,
    /// Its standard input.
    pub input: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply<'a> {
    /// The HTTP status; 250 for e-mail that was taken, 0 for a command that ended well.
    pub status: u16,
    /// The body, cut. Of e-mail: the Message-ID without angle brackets in its first line, then what the server said.
    pub body: &'a [u8],
}

/// Why a message that was answered does not count as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It may be taken later.
    Later {
        /// In words.
        why: String,
        /// The server says how long to wait.
        wait: Option<Duration>,
    },
    /// This message will never be taken.
    Never(String),
    /// The channel is gone for good: nothing more is sent to it until it is configured anew.
    Gone(String),
    /// What it answers or changes is not there any more: it is composed again, at once, with no `before`.
    Adrift(String),
    /// It stands there already, from an earlier attempt: it counts as received.
    Had,
}

/// One channel, ready to use.
pub trait Channel: fmt::Debug + Send + Sync {
    /// What to send for a message, in order. All but the last can be repeated without harm. Nothing: this channel has
    /// no use for such a message, which counts as received.
    ///
    /// # Errors
    /// In words, where the message has no form on this channel: it is given up.
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String>;

    /// What the answer to the last request says: what the receiver calls the message, where it tells.
    ///
    /// # Errors
    /// Where it was not received, although the status is a success.
    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        let _ = reply;
        Ok(None)
    }

    /// What an answer that is no success means; `None`: what its status says (`by_status`).
    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let _ = reply;
        None
    }

    /// Secrets that stand in its bodies, or that answers repeat: cut from all that is shown of a request or an answer.
    fn secrets(&self) -> Vec<SecretString> {
        Vec::new()
    }

    /// True where a message that `edit`s changes what stands there already. Elsewhere it is not sent.
    fn can_edit(&self) -> bool {
        false
    }
}

/// The `url` that was given, else where the provider usually is.
fn address(given: &mut Given, usual: &str) -> Result<Url, Wrong> {
    match given.url("url") {
        Some(url) => Ok(url),
        None => usual.parse().map_err(|error| Wrong {
            key: "url",
            message: format!("the usual address is none: {error}"),
            hint: "set `url`".to_owned(),
        }),
    }
}

/// JSON without what is null: some providers take a field that is not there, and none that is nothing.
fn compact(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(fields) => {
            let there = fields.into_iter().filter(|(_, value)| !value.is_null());
            there.map(|(name, value)| (name, compact(value))).collect()
        }
        other => other,
    }
}

/// A request with JSON in it.
fn json(method: &'static str, url: Url, body: &serde_json::Value, authorization: Option<SecretString>) -> Outgoing {
    let body = body.to_string();
    Outgoing::Call(Call { method, url, kind: "application/json", body, headers: Vec::new(), authorization })
}

/// A request with the fields of a form in it.
fn form(url: Url, fields: &[(&str, &str)], authorization: Option<SecretString>) -> Outgoing {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = "application/x-www-form-urlencoded";
    Outgoing::Call(Call { method: "POST", url, kind, body, headers: Vec::new(), authorization })
}

/// All kinds, in the order in which they are listed to people.
pub const REGISTRY: &[Kind] = &[
    email::KIND,
    pagerduty::KIND,
    opsgenie::KIND,
    jsm::KIND,
    incident_io::KIND,
    ntfy::KIND,
    gotify::KIND,
    pushover::KIND,
    twilio::KIND,
    whatsapp::KIND,
    webhook::KIND,
    command::KIND,
    slack::KIND,
    teams::KIND,
    discord::KIND,
    google_chat::KIND,
    mattermost::KIND,
    rocketchat::KIND,
    matrix::KIND,
    telegram::KIND,
];

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    REGISTRY.iter().find(|kind| kind.name == name)
}

/// What a status that is no success means: 410 ends the channel, what the client did wrong will not get better, all
/// else may.
pub fn by_status(status: u16, wait: Option<Duration>) -> Refusal {
    let why = format!("the answer was {status}");
    match status {
        410 => Refusal::Gone(why),
        // Also 401, 403 and 404: a token may be put right, a page put back, and nothing must be lost until then.
        400 | 413 | 414 | 415 | 422 => Refusal::Never(why),
        _ => Refusal::Later { why, wait },
    }
}
