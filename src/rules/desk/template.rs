//! Words kept ready for incidents.

use super::{Scene, effect, invalid, unchanged};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Drawer, Kept, Template};

pub(super) fn put(scene: &Scene<'_>, by: &Actor, version: Option<u64>, template: &Template) -> Result<Effect, Refused> {
    if template.id.is_empty() {
        return Err(invalid("name", "holds no letter and no digit"));
    }
    if template.title.is_empty() {
        return Err(invalid("title", "is empty"));
    }
    // A service that left sources.yaml since must not keep the words from being changed.
    let before = scene.desk.templates.get(&template.id);
    if before.is_none() && scene.desk.templates.len() >= limits::TEMPLATES {
        return Err(Refused::Conflict(format!("there are {} templates, and no more are kept", limits::TEMPLATES)));
    }
    unchanged(before.map_or(0, |one| one.version), version)?;
    let mut one = template.clone();
    one.version = before.map_or(0, |one| one.version).saturating_add(1);
    (one.at, one.author) = (scene.now, by.name.clone());
    let mut effect = effect(scene, by, "template.put", &one.id, Done::Template(Box::new(one.clone())));
    effect.audit.before = before.map(words);
    effect.audit.after = Some(words(&one));
    effect.kept.push(Kept::Template(one));
    Ok(effect)
}

pub(super) fn remove(scene: &Scene<'_>, by: &Actor, id: &str, version: Option<u64>) -> Result<Effect, Refused> {
    let before = scene.desk.templates.get(id).ok_or(Refused::NotFound("template"))?;
    unchanged(before.version, version)?;
    let mut effect = effect(scene, by, "template.remove", id, Done::Gone);
    effect.audit.before = Some(words(before));
    effect.gone.push((Drawer::Template, id.to_owned()));
    Ok(effect)
}

fn words(one: &Template) -> String {
    format!("name: {}\ntitle: {}\nbody: {}", one.name, one.title, one.body)
}
