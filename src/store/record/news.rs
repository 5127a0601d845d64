//! The stored shape of news: what was told, as it was known then. Its number is its key.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, decode, encode, is_false};
use crate::model::event::Cause;
use crate::model::id::{IncidentId, ServiceId, SourceId};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::news::{News, NewsKind, Quiet, Thread, Tier};

#[derive(Serialize, Deserialize)]
struct Shape {
    at: Timestamp,
    kind: Word<NewsKind>,
    thread: String,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    source_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    tier: Word<Tier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    services: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    components: Vec<String>,
    state: Word<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    impact: Option<Word<Impact>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<Word<Phase>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
    cause: Word<Cause>,
    #[serde(default, skip_serializing_if = "is_false")]
    local: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    dismissed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    muted_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    acknowledged: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told_by: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    under_maintenance: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    uncounted: bool,
    pace: u64,
}

/// The record of one piece of news.
pub fn write(news: &News) -> Result<Vec<u8>, String> {
    let services = news.services.iter().map(|(id, name)| (id.as_str().to_owned(), name.clone()));
    encode(&Shape {
        at: news.at,
        kind: Word(news.kind),
        thread: news.thread.to_string(),
        title: news.title.clone(),
        source: news.source.as_ref().map(|id| id.as_str().to_owned()),
        source_name: news.source_name.clone(),
        tags: news.tags.clone(),
        tier: Word(news.tier),
        services: services.collect(),
        components: news.components.clone(),
        state: Word(news.state),
        impact: news.impact.map(Word),
        phase: news.phase.map(Word),
        text: news.text.clone(),
        url: news.url.clone(),
        starts_at: news.starts_at,
        ends_at: news.ends_at,
        cause: Word(news.cause),
        local: news.local,
        dismissed: news.quiet.dismissed,
        muted_until: news.quiet.muted_until,
        acknowledged: news.quiet.acknowledged,
        told_by: news.quiet.told_by.as_ref().map(|id| id.as_str().to_owned()),
        under_maintenance: news.quiet.under_maintenance,
        uncounted: news.quiet.uncounted,
        pace: news.pace.as_secs(),
    })
}

/// The news of a record.
pub fn read(seq: u64, bytes: &[u8]) -> Result<News, String> {
    let shape: Shape = decode(bytes)?;
    Ok(News {
        seq,
        at: shape.at,
        kind: shape.kind.0,
        thread: thread(&shape.thread)?,
        title: shape.title,
        source: shape.source.map(SourceId::new),
        source_name: shape.source_name,
        tags: shape.tags,
        tier: shape.tier.0,
        services: shape.services.into_iter().map(|(id, name)| (ServiceId::new(id), name)).collect(),
        components: shape.components,
        state: shape.state.0,
        impact: shape.impact.map(|word| word.0),
        phase: shape.phase.map(|word| word.0),
        text: shape.text,
        url: shape.url,
        starts_at: shape.starts_at,
        ends_at: shape.ends_at,
        cause: shape.cause.0,
        local: shape.local,
        quiet: Quiet {
            dismissed: shape.dismissed,
            muted_until: shape.muted_until,
            acknowledged: shape.acknowledged,
            told_by: shape.told_by.map(IncidentId::new),
            under_maintenance: shape.under_maintenance,
            uncounted: shape.uncounted,
        },
        pace: Duration::from_secs(shape.pace),
    })
}

/// A thread by its word.
pub fn thread(word: &str) -> Result<Thread, String> {
    Thread::from_word(word).ok_or_else(|| format!("`{word}` is no thread"))
}
