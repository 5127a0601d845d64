//! The strip that other sites frame.

use serde::Serialize;

use super::Time;
use crate::model::snapshot::Snapshot;
use crate::render::subject::{Said, amiss};
use crate::render::{Glance, assets};

/// The strip.
#[derive(Debug, Serialize)]
pub struct Embed {
    style: String,
    theme: Option<&'static str>,
    title: String,
    state: &'static str,
    sentence: String,
    detail: String,
    href: String,
    generated: Time,
    items: Vec<Item>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct Item {
    state: &'static str,
    name: String,
    word: String,
    href: String,
}

/// Makes the strip.
pub fn page(snapshot: &Snapshot, glance: Glance<'_>) -> Embed {
    // One thing is told whole by the first line; and nothing that is too old to be believed is told.
    let alone = !matches!(glance.subject, super::Subject::Page | super::Subject::Tag(_));
    let (items, more) = if alone || glance.old.is_some() { (Vec::new(), 0) } else { amiss(snapshot, glance.subject) };
    let base = snapshot.page.url.as_deref().unwrap_or_default();
    let item = |said: Said| Item {
        state: said.state.as_str(),
        href: format!("{base}{}", said.path),
        name: said.name,
        word: said.word,
    };
    let Said { name, state, sentence, detail, path, .. } = glance.said;
    let named = alone || matches!(glance.subject, super::Subject::Page);
    Embed {
        style: assets::embed_style(),
        theme: glance.theme,
        title: snapshot.page.title.clone(),
        state: state.as_str(),
        sentence: if named { sentence } else { format!("{name}: {sentence}") },
        detail,
        href: format!("{base}{path}"),
        generated: super::time(snapshot.generated_at),
        items: items.into_iter().map(item).collect(),
        more,
    }
}
