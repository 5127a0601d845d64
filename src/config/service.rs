//! One entry of `services`.

use super::fields::{Context, Fields};
use super::ids::{self, Ids};
use super::suggest;
use super::tree::{Mark, Node};
use crate::model::filter::Filter;
use crate::model::id::{ServiceId, SourceId};
use crate::model::source::{Need, Service};

const KEYS: &[&str] = &["name", "id", "description", "group", "tags", "needs"];

pub(super) fn compile(context: &mut Context<'_>, node: &Node, sources: &Ids, taken: &mut Ids) -> Option<Service> {
    let fields = context.fields(node, "a service", KEYS)?;
    let needs = needs(context, fields, sources);
    let tags = ids::tags(context, fields);
    let mut optional = |key: &str| fields.get(key).and_then(|node| context.text(node, &format!("`{key}` as text")));
    let (description, group) = (optional("description"), optional("group"));
    let Some(name_node) = fields.get("name") else {
        context.fault(node.at, "a service without `name`", "give it a `name`");
        return None;
    };
    let name = context.text(name_node, "a name")?;
    let id = ids::id(context, fields, &name, name_node.at)?;
    taken.take(context, node.at, &id, "service");
    Some(Service { id: ServiceId::new(id), name, description, group, tags, needs })
}

fn needs(context: &mut Context<'_>, fields: Fields<'_>, sources: &Ids) -> Vec<Need> {
    let Some(node) = fields.get("needs") else { return Vec::new() };
    let texts = context.texts(node, "what the service needs");
    texts.into_iter().filter_map(|(at, text)| need(context, at, &text, sources)).collect()
}

fn need(context: &mut Context<'_>, at: Mark, text: &str, sources: &Ids) -> Option<Need> {
    let (source, component) = match text.split_once('/') {
        Some((source, component)) => (source.trim(), Some(component.trim())),
        None => (text, None),
    };
    if !sources.has(source) {
        let hint = suggest::hint(source, &sources.all());
        context.fault(at, format!("`needs` names `{source}`, which is no source's id"), hint);
        return None;
    }
    let only: Vec<&str> = component.into_iter().collect();
    match Filter::new(&only, &[]) {
        Ok(components) => Some(Need { source: SourceId::new(source), components }),
        Err(message) => {
            context.fault(at, message, "`*` stands for anything, `[` and `{` need their end");
            None
        }
    }
}
