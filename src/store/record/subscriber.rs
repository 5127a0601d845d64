//! The stored shape of a reader, or a tool, that asked to be told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Word;
use crate::model::id::IncidentId;
use crate::model::level::Impact;
use crate::model::news::{Happening, Tier};
use crate::model::people::Hidden;
use crate::model::policy::{Digest, Hours, Wants};
use crate::model::subscriber::{Interest, Reach, Subscriber};

#[derive(Serialize, Deserialize)]
pub struct Shape {
    version: u64,
    reach: ReachShape,
    interest: InterestShape,
    key: String,
    made_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asked_at: Vec<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suspended: Option<(Timestamp, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proposed: Option<InterestShape>,
}

#[derive(Serialize, Deserialize)]
enum ReachShape {
    Mail(String),
    Webhook { url: String, secret: String },
}

#[derive(Serialize, Deserialize)]
struct InterestShape {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    services: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    components: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    impact: Option<Word<Impact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<Word<Tier>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<Word<Happening>>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    words: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    /// Days from Monday on, from, to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hours: Vec<([bool; 7], u16, u16)>,
    /// Weekday, minutes after midnight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<(Option<u8>, u16)>,
}

pub fn shape(from: &Subscriber) -> Shape {
    Shape {
        version: from.version,
        reach: match &from.reach {
            Reach::Mail(address) => ReachShape::Mail(address.clone()),
            Reach::Webhook { url, secret } => {
                ReachShape::Webhook { url: url.clone(), secret: secret.reveal().to_owned() }
            }
        },
        interest: interest(&from.wants, from.digest),
        key: from.key.reveal().to_owned(),
        made_at: from.made_at,
        confirmed_at: from.confirmed_at,
        asked_at: from.asked_at.clone(),
        suspended: from.suspended.clone(),
        proposed: from.proposed.as_ref().map(|proposed| interest(&proposed.wants, proposed.digest)),
    }
}

pub fn back(id: &str, shape: Shape) -> Subscriber {
    let Interest { wants, digest } = interest_back(shape.interest);
    Subscriber {
        id: id.to_owned(),
        version: shape.version,
        reach: match shape.reach {
            ReachShape::Mail(address) => Reach::Mail(address),
            ReachShape::Webhook { url, secret } => Reach::Webhook { url, secret: Hidden::new(secret) },
        },
        wants,
        digest,
        key: Hidden::new(shape.key),
        made_at: shape.made_at,
        confirmed_at: shape.confirmed_at,
        asked_at: shape.asked_at,
        suspended: shape.suspended,
        proposed: shape.proposed.map(interest_back),
    }
}

fn interest(wants: &Wants, digest: Option<Digest>) -> InterestShape {
    InterestShape {
        sources: wants.sources.clone(),
        services: wants.services.clone(),
        tags: wants.tags.clone(),
        components: wants.components.clone(),
        incidents: wants.incidents.iter().map(|id| id.as_str().to_owned()).collect(),
        impact: wants.impact.map(Word),
        tier: wants.tier.map(Word),
        kinds: wants.kinds.as_ref().map(|kinds| kinds.iter().copied().map(Word).collect()),
        words: wants.words.clone(),
        without: wants.without.clone(),
        hours: wants.hours.iter().map(|hours| (hours.days, hours.from, hours.to)).collect(),
        digest: digest.map(|digest| (digest.weekday, digest.at)),
    }
}

fn interest_back(shape: InterestShape) -> Interest {
    let wants = Wants {
        sources: shape.sources,
        services: shape.services,
        tags: shape.tags,
        components: shape.components,
        incidents: shape.incidents.into_iter().map(IncidentId::new).collect(),
        impact: shape.impact.map(|word| word.0),
        tier: shape.tier.map(|word| word.0),
        kinds: shape.kinds.map(|kinds| kinds.into_iter().map(|word| word.0).collect()),
        words: shape.words,
        without: shape.without,
        hours: shape.hours.into_iter().map(|(days, from, to)| Hours { days, from, to }).collect(),
    };
    Interest { wants, digest: shape.digest.map(|(weekday, at)| Digest { weekday, at }) }
}
