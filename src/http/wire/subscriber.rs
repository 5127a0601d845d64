//! Those who are told, as the API shows and takes them. No key and no secret is in any of it but the answer that makes
//! a webhook.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use crate::model::people::Hidden;
use crate::model::subscriber as model;
use crate::model::subscriber::{Interest, Reach};
use crate::rules::subscribers::{Subject, digest_word};

/// A reader, or a tool, that is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscriber)]
pub struct Subscriber {
    /// Its id.
    pub id: String,
    /// Rises with every change.
    pub version: u64,
    /// `mail` or `webhook`.
    pub reach: &'static str,
    /// The e-mail address of a reader.
    pub address: Option<String>,
    /// Where a tool listens. Its path may be a secret, and is cut.
    pub url: Option<String>,
    /// Of what it is told.
    #[serde(flatten)]
    pub told_of: ToldOf,
    /// `asked` (not confirmed yet), `active` or `suspended`.
    pub state: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When the reader said that it was them, or an admin vouched for them.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub confirmed_at: Option<Time>,
    /// Since when nothing is sent.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub suspended_at: Option<Time>,
    /// Why: `bounce`, `complaint` or `admin`.
    pub suspended_for: Option<String>,
}

/// Of what somebody is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToldOf {
    /// `all`, `tag`, `service`, `source` or `incident`; `other` for what only the configuration can say.
    pub scope: &'static str,
    /// The tag, or the id; empty for everything.
    pub of: String,
    /// Nothing that is milder: `minor`, `major` or `critical`.
    pub impact: Option<&'static str>,
    /// `none`, `daily` or `weekly`.
    pub digest: &'static str,
}

impl ToldOf {
    /// In the words of the API.
    pub fn of(interest: &Interest) -> Self {
        let subject = Subject::of_wants(&interest.wants);
        Self {
            scope: subject.as_ref().map_or("other", Subject::kind),
            of: subject.as_ref().map(|subject| subject.of().to_owned()).unwrap_or_default(),
            impact: interest.wants.impact.map(|impact| impact.as_str()),
            digest: digest_word(interest.digest),
        }
    }
}

/// The word for how it stands with somebody.
pub fn state(one: &model::Subscriber) -> &'static str {
    match (&one.suspended, one.confirmed_at) {
        (Some(_), _) => "suspended",
        (None, Some(_)) => "active",
        (None, None) => "asked",
    }
}

impl Subscriber {
    /// Shapes one.
    pub fn of(one: &model::Subscriber) -> Self {
        let (reach, address, url) = match &one.reach {
            Reach::Mail(address) => ("mail", Some(address.clone()), None),
            Reach::Webhook { url, .. } => ("webhook", None, Some(cut(url))),
        };
        Self {
            id: one.id.clone(),
            version: one.version,
            reach,
            address,
            url,
            told_of: ToldOf::of(&one.interest()),
            state: state(one),
            created_at: Time(one.made_at),
            confirmed_at: one.confirmed_at.map(Time),
            suspended_at: one.suspended.as_ref().map(|(at, _)| Time(*at)),
            suspended_for: one.suspended.as_ref().map(|(_, why)| why.clone()),
        }
    }
}

/// An address without what may be a secret in it.
fn cut(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(parsed) if parsed.path() == "/" && parsed.query().is_none() => url.to_owned(),
        Ok(parsed) => format!("{}/…", parsed.origin().ascii_serialization()),
        Err(_) => String::new(),
    }
}

/// Everything that is kept of one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriberData)]
pub struct Whole {
    #[serde(flatten)]
    about: Subscriber,
    /// When it was asked lately whether it was them.
    #[schema(value_type = Vec<String>)]
    asked_at: Vec<Time>,
    /// What was asked for since, and waits for their word.
    proposed: Option<ToldOf>,
}

impl Whole {
    /// Shapes one.
    pub fn of(one: &model::Subscriber) -> Self {
        Self {
            about: Subscriber::of(one),
            asked_at: one.asked_at.iter().copied().map(Time).collect(),
            proposed: one.proposed.as_ref().map(ToldOf::of),
        }
    }
}

/// One that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeSubscriber {
    /// What a webhook is signed with (Standard Webhooks). It is in this answer and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(flatten)]
    about: Subscriber,
}

impl MadeSubscriber {
    /// Shapes one.
    pub fn of(one: &model::Subscriber) -> Self {
        let secret = match &one.reach {
            Reach::Webhook { secret, .. } => Some(Hidden::reveal(secret).to_owned()),
            Reach::Mail(_) => None,
        };
        Self { secret, about: Subscriber::of(one) }
    }
}

/// Somebody, or some tool, to be told.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscriber {
    /// An e-mail address; this or `url`.
    pub address: Option<String>,
    /// Where a tool listens, http or https; this or `address`.
    pub url: Option<String>,
    /// `all` (the default), `tag`, `service`, `source` or `incident`.
    pub scope: Option<String>,
    /// The tag, or the id.
    pub of: Option<String>,
    /// Nothing that is milder: `minor`, `major` or `critical`; everything where it is not given.
    pub impact: Option<String>,
    /// `none` (the default), `daily` or `weekly`.
    pub digest: Option<String>,
    /// You vouch for them: they are told at once. Else a mail asks them first. A webhook is never asked.
    #[serde(default)]
    pub confirmed: bool,
}

/// Of what somebody is to be told; what is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriberUpdate {
    /// `all`, `tag`, `service`, `source` or `incident`.
    pub scope: Option<String>,
    /// The tag, or the id.
    pub of: Option<String>,
    /// Nothing that is milder; an empty text: everything.
    pub impact: Option<String>,
    /// `none`, `daily` or `weekly`.
    pub digest: Option<String>,
}

/// Many to be told by mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscribers {
    /// At most 5,000, each with an address.
    pub subscribers: Vec<NewReader>,
    /// You vouch for them: they are told at once. Else a mail asks each of them first.
    #[serde(default)]
    pub confirmed: bool,
}

/// One of many.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReader {
    /// The e-mail address.
    pub address: String,
    /// `all` (the default), `tag`, `service`, `source` or `incident`.
    pub scope: Option<String>,
    /// The tag, or the id.
    pub of: Option<String>,
    /// Nothing that is milder.
    pub impact: Option<String>,
    /// `none` (the default), `daily` or `weekly`.
    pub digest: Option<String>,
}

/// What came of adding many.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedSubscribers {
    /// So many were added.
    pub added: usize,
    /// So many were there already; they stay as they are.
    pub known: usize,
    /// So many found no room, or were asked too often within the hour.
    pub left_out: usize,
    /// What could not be used, and why; at most a hundred are named.
    pub refused: Vec<RefusedReader>,
}

/// One that could not be used.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedReader {
    /// Its place in the list, from 1.
    pub row: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// To whom nothing is to be sent, or something again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// The e-mail address; this or `id`.
    pub address: Option<String>,
    /// The subscriber's id; this or `address`.
    pub id: Option<String>,
    /// `bounce`, `complaint` or `admin` (the default); of no meaning where it ends.
    pub reason: Option<String>,
}

/// What came of a mail provider's report.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bounced {
    /// So many addresses are sent nothing any more.
    pub suspended: usize,
    /// So many are of nobody here.
    pub unknown: usize,
}
