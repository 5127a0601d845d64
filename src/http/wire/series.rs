//! Maintenances that come again as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, time};
use crate::model::series::{self, Exception};

/// A maintenance that comes again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Series<'a> {
    /// Stable over every change of it.
    id: &'a str,
    /// Plain text.
    title: &'a str,
    /// When it comes again: an RRULE (RFC 5545).
    rule: &'a str,
    /// Whose clocks the rule goes by.
    timezone: &'a str,
    /// Where the rule begins, on those clocks.
    starts: String,
    /// How long each occurrence is planned to take.
    duration_minutes: u64,
    /// Ids of the services that it touches.
    services: Vec<&'a str>,
    /// What each is announced with, Markdown.
    body: &'a str,
    /// Each begins by itself at its planned start.
    auto_start: bool,
    /// Each ends by itself at its planned end.
    auto_end: bool,
    /// Minutes before its start at which people are reminded.
    remind_minutes_before: Vec<u64>,
    /// Occurrences that do not go by the rule.
    exceptions: Vec<Instead>,
    /// Who announced it.
    author: &'a str,
    /// When.
    created_at: Time,
    /// Rises with every change.
    version: u64,
}

/// An occurrence that does not go by the rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Instead {
    /// Its start by the rule, on the clocks of the series.
    of: String,
    /// It does not take place.
    cancelled: bool,
    /// Its planned start instead.
    starts_at: Option<Time>,
    /// Its planned end instead.
    ends_at: Option<Time>,
}

impl<'a> Series<'a> {
    /// Shapes one.
    pub fn of(from: &'a series::Series) -> Self {
        Self {
            id: from.id.as_str(),
            title: &from.title,
            rule: &from.rule,
            timezone: &from.timezone,
            starts: from.starts.to_string(),
            duration_minutes: from.duration.as_secs() / 60,
            services: from.services.iter().map(|id| id.as_str()).collect(),
            body: &from.markdown,
            auto_start: from.auto_start,
            auto_end: from.auto_end,
            remind_minutes_before: from.reminders.iter().map(|before| before.as_secs() / 60).collect(),
            exceptions: from.exceptions.iter().map(|(of, instead)| Instead::of(&of.to_string(), *instead)).collect(),
            author: &from.author,
            created_at: Time(from.created_at),
            version: from.version,
        }
    }
}

impl Instead {
    fn of(of: &str, instead: Exception) -> Self {
        let (starts, ends) = match instead {
            Exception::Cancelled => (None, None),
            Exception::Moved { starts_at, ends_at } => (Some(starts_at), Some(ends_at)),
        };
        Self {
            of: of.to_owned(),
            cancelled: instead == Exception::Cancelled,
            starts_at: time(starts),
            ends_at: time(ends),
        }
    }
}
