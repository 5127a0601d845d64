//! Sources that are added here rather than in the configuration file.

use super::{Scene, effect, unchanged};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Added, Drawer, Kept};
use crate::model::id::SourceId;
use crate::model::intake::Entry;

pub(super) fn add(scene: &Scene<'_>, by: &Actor, entry: &Entry) -> Result<Effect, Refused> {
    if (scene.is_source)(&entry.id) || scene.desk.added.contains_key(&entry.id) {
        return Err(Refused::Conflict(format!("there is a source `{}` already: give it another name", entry.id)));
    }
    if scene.desk.added.len() >= limits::ADDED_SOURCES {
        let most = limits::ADDED_SOURCES;
        return Err(Refused::Conflict(format!("{most} sources were added here: move them into sources.yaml")));
    }
    let Entry { id, name, lines } = entry.clone();
    let added = Added { id, version: 1, name, lines, at: scene.now, author: by.name.clone() };
    let mut effect = effect(scene, by, "source.add", added.id.as_str(), Done::Added(added.clone()));
    effect.audit.after = Some(added.lines.join("\n"));
    effect.kept.push(Kept::Added(added));
    Ok(effect)
}

pub(super) fn remove(scene: &Scene<'_>, by: &Actor, id: &SourceId, version: Option<u64>) -> Result<Effect, Refused> {
    let before = scene.desk.added.get(id).ok_or(Refused::NotFound("source that was added here"))?;
    unchanged(before.version, version)?;
    let mut effect = effect(scene, by, "source.remove", id.as_str(), Done::Gone);
    effect.audit.before = Some(before.lines.join("\n"));
    effect.gone.push((Drawer::Added, id.as_str().to_owned()));
    Ok(effect)
}
