//! What sources, services and hooks share: ids, and tags.

use std::collections::{BTreeSet, HashMap};

use super::fields::{Context, Fields};
use super::tree::Mark;
use crate::model::id::kebab;

/// Ids that are taken, and where.
#[derive(Default)]
pub(super) struct Ids(HashMap<String, u64>);

impl Ids {
    /// Takes an id, or notes who has it.
    pub fn take(&mut self, context: &mut Context<'_>, at: Mark, id: &str, what: &str) {
        if let Some(line) = self.0.get(id) {
            let message = format!("a second {what} with the id `{id}`, the first is in line {line}");
            context.fault(at, message, "give one of them another `id`");
        } else {
            self.0.insert(id.to_owned(), at.line);
        }
    }

    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub fn all(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.0.keys().map(String::as_str).collect();
        all.sort_unstable();
        all
    }
}

/// The id that is written, or the one that follows from the name.
pub(super) fn id(context: &mut Context<'_>, fields: Fields<'_>, name: &str, at: Mark) -> Option<String> {
    let Some(node) = fields.get("id") else {
        let id = kebab(name);
        if id.is_empty() {
            context.fault(at, "the name holds no letter and no digit", "give it an `id`");
            return None;
        }
        return Some(id);
    };
    let id = context.text(node, "an id")?;
    if kebab(&id) == id {
        return Some(id);
    }
    let better = kebab(&id);
    let hint =
        if better.is_empty() { "use letters, digits and `-`".to_owned() } else { format!("did you mean `{better}`?") };
    context.fault(node.at, format!("an id is kebab-case, found {}", node.found()), hint);
    None
}

pub(super) fn tags(context: &mut Context<'_>, fields: Fields<'_>) -> Vec<String> {
    let Some(node) = fields.get("tags") else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let texts = context.texts(node, "a tag");
    texts.into_iter().map(|(_, tag)| tag).filter(|tag| seen.insert(tag.clone())).collect()
}
