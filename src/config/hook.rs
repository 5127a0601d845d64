//! One entry of `hooks`.

use std::sync::Arc;
use std::time::Duration;

use super::fields::{Context, Fields};
use super::ids::{self, Ids};
use super::suggest;
use super::tree::{Key as KeyNode, Node, Value};
use crate::inbound::mapped::{Mapping, Way};
use crate::inbound::verify::{Key, Signature};
use crate::inbound::{self, Gate, Kind, Reader};
use crate::limits;
use crate::model::hook::{Hook, Mode, ServiceLabel};
use crate::model::id::{HookId, ServiceId};
use crate::model::level::Impact;
use crate::model::source::Service;

const KEYS: &[&str] = &[
    "name",
    "id",
    "kind",
    "secret",
    "signature",
    "publish",
    "hold",
    "reopen",
    "services",
    "label",
    "values",
    "impact",
    "resolve",
    "link",
    "map",
];
const MAP_KEYS: &[&str] = &[
    "each", "key", "title", "text", "status", "firing", "resolved", "ignore", "impact", "impacts", "at", "since",
    "url", "labels",
];
/// Names of addresses of their own: what vendors push, and what people write in a chat.
const TAKEN: [&str; 3] = ["statuspage", "slack", "telegram"];
const MAKE_ONE: &str = "make one with `openssl rand -hex 16`";

pub(super) fn compile(
    context: &mut Context<'_>,
    node: &Node,
    services: &[Arc<Service>],
    known: &Ids,
    taken: &mut Ids,
) -> Option<Gate> {
    let fields = context.fields(node, "a hook", KEYS)?;
    let reader = reader(context, fields);
    let key = key(context, fields);
    let touched = touched(context, fields, known);
    let label = label(context, fields, services, known);
    let mode = mode(context, fields);
    let hold = wait(context, fields, "hold", limits::HOOK_HOLD);
    let reopen = wait(context, fields, "reopen", limits::HOOK_REOPEN);
    let impact = fields.get("impact").and_then(|node| impact(context, node)).unwrap_or(Impact::Major);
    let mut is = |key: &str, usual: bool| fields.get(key).and_then(|node| context.boolean(node)).unwrap_or(usual);
    let (resolve, link) = (is("resolve", true), is("link", false));
    let (id, name) = named(context, fields, taken)?;
    let (reader, key) = (reader?, key?);
    let hook = Hook {
        id: HookId::new(id),
        name,
        kind: reader.kind.name.to_owned(),
        mode,
        hold,
        reopen,
        services: touched,
        label,
        impact,
        resolve,
        link,
    };
    Some(Gate { hook: Arc::new(hook), key, reader })
}

fn named(context: &mut Context<'_>, fields: Fields<'_>, taken: &mut Ids) -> Option<(String, String)> {
    let Some(node) = fields.get("name") else {
        context.fault(fields.at, "a hook without `name`", "give it a `name`");
        return None;
    };
    let name = context.text(node, "a name")?;
    let id = ids::id(context, fields, &name, node.at)?;
    if TAKEN.contains(&id.as_str()) {
        let hint = match id.as_str() {
            "statuspage" => "give it another `id`; a vendor's own page takes `hook` in its source",
            _ => "give it another `id`; this address is for what people write in a chat",
        };
        let at = fields.get("id").unwrap_or(node).at;
        context.fault(at, format!("no hook may have the id `{id}`"), hint);
    }
    taken.take(context, fields.at, &id, "hook");
    Some((id, name))
}

fn reader(context: &mut Context<'_>, fields: Fields<'_>) -> Option<Reader> {
    let kinds: Vec<&str> = inbound::REGISTRY.iter().map(|kind| kind.name).collect();
    let Some(node) = fields.get("kind") else {
        context.fault(fields.at, "a hook without `kind`", format!("one of: {}", kinds.join(", ")));
        return None;
    };
    let word = context.text(node, "the kind of the sender")?;
    let Some(kind) = inbound::find(&word) else {
        context.fault(node.at, format!("unknown kind {}", node.found()), suggest::hint(&word, &kinds));
        return None;
    };
    let mapping = match (fields.entry("map"), is_mapped(kind)) {
        (Some((_, node)), true) => Some(mapping(context, node)?),
        (Some((key, _)), false) => {
            let message = format!("`map` is for the kind `json`, but the kind is `{}`", kind.name);
            context.fault(key.at, message, "change `kind`, or remove `map`");
            return None;
        }
        (None, true) => {
            let hint = "say where `key`, `title` and `status` stand, and which words are `firing` and `resolved`";
            context.fault(fields.at, "a hook of kind `json` without `map`", hint);
            return None;
        }
        (None, false) => None,
    };
    Some(Reader { kind, mapping })
}

fn is_mapped(kind: &Kind) -> bool {
    kind.name == "json"
}

fn key(context: &mut Context<'_>, fields: Fields<'_>) -> Option<Key> {
    let words = Signature::ALL.map(Signature::as_str);
    let signature = match fields.get("signature") {
        None => Signature::None,
        Some(node) => {
            let word = context.text(node, "how pushes are signed")?;
            let found = Signature::from_word(&word);
            if found.is_none() {
                let message = format!("unknown signature {}", node.found());
                context.fault(node.at, message, suggest::hint(&word, &words));
            }
            found?
        }
    };
    let Some(node) = fields.get("secret") else {
        let at = fields.entry("secret").map_or(fields.at, |(key, _)| key.at);
        context.fault(at, "a hook without `secret`: anybody could push to it", MAKE_ONE);
        return None;
    };
    let secret = context.secret(node, "the hook's secret")?;
    match Key::new(signature, &secret) {
        Ok(key) => Some(key),
        Err(reason) => {
            let hint = if signature == Signature::None { MAKE_ONE } else { "copy it from the sender" };
            context.fault(node.at, reason, hint);
            None
        }
    }
}

fn mode(context: &mut Context<'_>, fields: Fields<'_>) -> Mode {
    const EXPECTED: &str = "`true` or `suggest`";
    let Some(node) = fields.get("publish") else { return Mode::Publish };
    match &node.value {
        Value::Scalar(scalar) if scalar.boolean() == Some(true) => Mode::Publish,
        Value::Scalar(scalar) if scalar.text == "suggest" => Mode::Suggest,
        _ => {
            context.wrong(node, EXPECTED, "with `suggest` an operator publishes; remove the hook to have nothing");
            Mode::Suggest
        }
    }
}

fn wait(context: &mut Context<'_>, fields: Fields<'_>, key: &str, usual: Duration) -> Duration {
    fields.get(key).and_then(|node| context.wait(node, limits::HOOK_WAIT)).unwrap_or(usual)
}

fn impact(context: &mut Context<'_>, node: &Node) -> Option<Impact> {
    // Planned work is announced, not pushed by an alarm.
    let words = ["none", "minor", "major", "critical"];
    let word = context.text(node, "an impact")?;
    let found = Impact::from_word(&word).filter(|_| words.contains(&word.as_str()));
    if found.is_none() {
        context.fault(node.at, format!("unknown impact {}", node.found()), suggest::hint(&word, &words));
    }
    found
}

fn touched(context: &mut Context<'_>, fields: Fields<'_>, known: &Ids) -> Vec<ServiceId> {
    let Some(node) = fields.get("services") else { return Vec::new() };
    let texts = context.texts(node, "what alerts touch");
    texts.into_iter().filter_map(|(at, id)| service(context, at, &id, known)).collect()
}

fn service(context: &mut Context<'_>, at: super::tree::Mark, id: &str, known: &Ids) -> Option<ServiceId> {
    if known.has(id) {
        return Some(ServiceId::new(id));
    }
    context.fault(at, format!("`{id}` is no service's id"), suggest::hint(id, &known.all()));
    None
}

/// The label with its values: those given, then every service by its id and by its name.
fn label(
    context: &mut Context<'_>,
    fields: Fields<'_>,
    services: &[Arc<Service>],
    known: &Ids,
) -> Option<ServiceLabel> {
    let mut values = Vec::new();
    if let Some((key, node)) = fields.entry("values") {
        if fields.get("label").is_none() {
            context.fault(key.at, "`values` of no label", "name the sender's label: `label: service`");
        }
        for (key, value) in entries(context, node, "`values`", "write `VALUE: SERVICE`") {
            let id = context.text(value, "a service's id");
            let service = id.and_then(|id| service(context, value.at, &id, known));
            values.extend(service.map(|service| (key.text.clone(), service)));
        }
    }
    let name = context.text(fields.get("label")?, "the name of a label")?;
    values.extend(services.iter().flat_map(|service| {
        [service.id.as_str(), service.name.as_str()].map(|value| (value.to_owned(), service.id.clone()))
    }));
    Some(ServiceLabel { name, values })
}

fn entries<'n>(context: &mut Context<'_>, node: &'n Node, what: &str, hint: &str) -> &'n [(KeyNode, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        Value::Null => &[],
        _ => {
            context.wrong(node, &format!("{what} as a map"), hint);
            &[]
        }
    }
}

fn mapping(context: &mut Context<'_>, node: &Node) -> Option<Mapping> {
    let fields = context.fields(node, "`map`", MAP_KEYS)?;
    let mut optional = |key: &str| fields.get(key).and_then(|node| way(context, node));
    let (each, text, impact) = (optional("each"), optional("text"), optional("impact"));
    let (at, since) = (optional("at"), optional("since"));
    let (url, labels) = (optional("url"), optional("labels"));
    let mut needed = |key: &str| {
        if fields.get(key).is_none() {
            context.fault(fields.at, format!("`map` without `{key}`"), "say where it stands: `alert.name`");
        }
        fields.get(key).and_then(|node| way(context, node))
    };
    let (key, title, status) = (needed("key"), needed("title"), needed("status"));
    let mut words = |key: &str, is_needed: bool| -> Vec<String> {
        let found = fields.get(key).map(|node| status_words(context, node)).unwrap_or_default();
        let is_there = |node: &Node| !matches!(&node.value, Value::List(items) if items.is_empty());
        if is_needed && !fields.get(key).is_some_and(is_there) {
            context.fault(fields.at, format!("`map` without `{key}`"), "list the words of the status that mean it");
        }
        found
    };
    let (firing, resolved, ignore) = (words("firing", true), words("resolved", true), words("ignore", false));
    let both = firing.iter().find(|word| resolved.iter().any(|other| other.to_lowercase() == word.to_lowercase()));
    if let Some(word) = both {
        let message = format!("`{word}` is in both `firing` and `resolved`");
        context.fault(fields.at, message, "a word means one thing");
    }
    let impacts = impacts(context, fields);
    let (key, title, status) = (key?, title?, status?);
    Some(Mapping { each, key, title, text, status, firing, resolved, ignore, impact, impacts, at, since, url, labels })
}

fn way(context: &mut Context<'_>, node: &Node) -> Option<Way> {
    let text = context.text(node, "the way to a value")?;
    match Way::new(&text) {
        Ok(way) => Some(way),
        Err(reason) => {
            context.fault(node.at, reason, "write `alert.labels.0`, or `/alert/labels/0`");
            None
        }
    }
}

/// Words of a status: also `true` and `false`, which are booleans elsewhere.
fn status_words(context: &mut Context<'_>, node: &Node) -> Vec<String> {
    let one = std::slice::from_ref(node);
    let nodes = if let Value::Scalar(_) = node.value { one } else { context.list(node, "a list of words") };
    nodes
        .iter()
        .filter_map(|node| match &node.value {
            Value::Scalar(scalar) => Some(scalar.text.clone()),
            _ => {
                context.wrong(node, "a word", "");
                None
            }
        })
        .collect()
}

fn impacts(context: &mut Context<'_>, fields: Fields<'_>) -> Vec<(String, Impact)> {
    let Some(node) = fields.get("impacts") else { return Vec::new() };
    let entries = entries(context, node, "`impacts`", "write `WORD: major`");
    entries.iter().filter_map(|(key, value)| Some((key.text.clone(), impact(context, value)?))).collect()
}
