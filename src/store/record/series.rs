//! The stored shapes of maintenances that come again, and of what time does to one.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::is_false;
use super::local::{Words, words, words_back};
use crate::model::id::{SeriesId, ServiceId};
use crate::model::local as model;
use crate::model::series::{self, Exception, OccurrenceOf};

#[derive(Serialize, Deserialize)]
pub struct Plan {
    #[serde(default, skip_serializing_if = "is_false")]
    start: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    end: bool,
    /// Seconds before the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remind: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reminded: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<(String, DateTime)>,
}

#[derive(Serialize, Deserialize)]
enum Instead {
    Cancelled,
    Moved(Timestamp, Timestamp),
}

#[derive(Serialize, Deserialize)]
pub struct Series {
    version: u64,
    title: String,
    words: Words,
    services: Vec<String>,
    rule: String,
    timezone: String,
    starts: DateTime,
    seconds: u64,
    plan: Plan,
    instead: Vec<(DateTime, Instead)>,
    author: String,
    created: Timestamp,
    /// Missing in what was kept before it was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<Timestamp>,
}

fn seconds(all: &[Duration]) -> Vec<u64> {
    all.iter().map(Duration::as_secs).collect()
}

fn durations(all: Vec<u64>) -> Vec<Duration> {
    all.into_iter().map(Duration::from_secs).collect()
}

/// The shape of what time does; `None` where it does nothing.
pub fn plan(from: &series::Plan) -> Option<Plan> {
    (*from != series::Plan::default()).then(|| Plan {
        start: from.auto_start,
        end: from.auto_end,
        remind: seconds(&from.reminders),
        reminded: seconds(&from.reminded),
        of: from.series.as_ref().map(|of| (of.series.as_str().to_owned(), of.starts)),
    })
}

/// Back again.
pub fn plan_back(shape: Plan) -> series::Plan {
    series::Plan {
        auto_start: shape.start,
        auto_end: shape.end,
        reminders: durations(shape.remind),
        reminded: durations(shape.reminded),
        series: shape.of.map(|(id, starts)| OccurrenceOf { series: SeriesId::new(id), starts }),
    }
}

/// The shape of a maintenance that comes again.
pub fn shape(from: &series::Series) -> Series {
    let instead = |(starts, exception): (&DateTime, &Exception)| {
        let instead = match exception {
            Exception::Cancelled => Instead::Cancelled,
            Exception::Moved { starts_at, ends_at } => Instead::Moved(*starts_at, *ends_at),
        };
        (*starts, instead)
    };
    Series {
        version: from.version,
        title: from.title.clone(),
        words: words(&model::Words { markdown: from.markdown.clone(), text: from.words.clone() }),
        services: from.services.iter().map(|id| id.as_str().to_owned()).collect(),
        rule: from.rule.clone(),
        timezone: from.timezone.clone(),
        starts: from.starts,
        seconds: from.duration.as_secs(),
        plan: Plan {
            start: from.auto_start,
            end: from.auto_end,
            remind: seconds(&from.reminders),
            reminded: Vec::new(),
            of: None,
        },
        instead: from.exceptions.iter().map(instead).collect(),
        author: from.author.clone(),
        created: from.created_at,
        changed: Some(from.changed_at),
    }
}

/// Back again.
pub fn back(key: &str, shape: Series) -> series::Series {
    let instead = |(starts, instead)| match instead {
        Instead::Cancelled => (starts, Exception::Cancelled),
        Instead::Moved(starts_at, ends_at) => (starts, Exception::Moved { starts_at, ends_at }),
    };
    let words = words_back(shape.words);
    series::Series {
        id: SeriesId::new(key),
        version: shape.version,
        title: shape.title,
        markdown: words.markdown,
        words: words.text,
        services: shape.services.into_iter().map(ServiceId::new).collect(),
        rule: shape.rule,
        timezone: shape.timezone,
        starts: shape.starts,
        duration: Duration::from_secs(shape.seconds),
        auto_start: shape.plan.start,
        auto_end: shape.plan.end,
        reminders: durations(shape.plan.remind),
        exceptions: shape.instead.into_iter().map(instead).collect(),
        author: shape.author,
        created_at: shape.created,
        changed_at: shape.changed.unwrap_or(shape.created),
    }
}
