//! What is watched: a line for each source.

use serde_json::{Value, json};

use super::Page;
use super::answer::{Answer, Text, line, when, word};
use super::ask::SourcesAsked;
use super::broken::opening;
use super::rows::{named, words};
use crate::limits;
use crate::model::level::State;
use crate::model::snapshot::SourceView;
use crate::wire::{Time, time};

/// The sources that are asked for, in the order of the configuration.
pub fn sources(page: Page<'_>, asked: &SourcesAsked) -> Answer {
    let state = match asked.state.as_deref().map(State::from_word) {
        Some(None) => {
            let words = State::ALL.map(State::as_str).join(", ");
            return Answer::failed(&format!("the argument `state` must be one of: {words}"));
        }
        other => other.flatten(),
    };
    let wanted = asked.words.as_deref().map(str::to_lowercase);
    let fits = |view: &&SourceView| {
        let source = &view.source;
        let named = format!("{} {}", source.id, source.name.to_lowercase());
        wanted.as_ref().is_none_or(|words| words.split_whitespace().all(|word| named.contains(word)))
            && state.is_none_or(|state| view.state == state)
            && asked.tag.as_ref().is_none_or(|tag| source.tags.contains(tag))
    };
    let watched = page.snapshot.sources.len();
    let all: Vec<&SourceView> = page.snapshot.sources.iter().map(AsRef::as_ref).filter(fits).collect();
    let (_, mut data) = opening(page);
    let mut text = Text::default();
    text.line(format!("{} of {watched} sources that are watched here (as of {}):", all.len(), when(page.at)));
    for view in all.iter().take(limits::MCP_SOURCES) {
        let name = named(&view.source.name, view.source.id.as_str());
        text.line(format!("- {name}: {} since {}", words(view.state), when(since(view))));
    }
    let left = all.len().saturating_sub(limits::MCP_SOURCES);
    text.more(left, "sources");
    data.insert("sources".to_owned(), all.iter().take(limits::MCP_SOURCES).map(|view| row(view)).collect());
    data.insert("sources_left_out".to_owned(), left.into());
    data.insert("watched".to_owned(), watched.into());
    Answer::new(text, Value::Object(data))
}

fn since(view: &SourceView) -> jiff::Timestamp {
    view.set.as_ref().map_or(view.since, |set| set.at)
}

fn row(view: &SourceView) -> Value {
    let tags: Vec<String> = view.source.tags.iter().take(limits::MCP_PARTS).map(|tag| line(tag)).collect();
    json!({
        "id": view.source.id.as_str(),
        "name": view.source.name,
        "answer": word(view.state),
        "state": view.state.as_str(),
        "state_since": Time(since(view)),
        "ok_at": time(view.freshness.ok_at),
        "url": view.source.url,
        "tags": tags,
    })
}
