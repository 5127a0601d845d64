//! `only`: what a channel hears of.

use std::collections::BTreeSet;

use super::super::fields::{Context, Fields};
use super::super::suggest;
use super::super::tree::Node;
use super::{Known, hours};
use crate::limits;
use crate::model::filter::Filter;
use crate::model::id::IncidentId;
use crate::model::level::Impact;
use crate::model::news::{Happening, Tier};
use crate::model::policy::Wants;

const KEYS: &[&str] =
    &["sources", "services", "tags", "components", "incidents", "impact", "tier", "kinds", "words", "without", "hours"];
const IMPACTS: [&str; 4] = ["none", "minor", "major", "critical"];

pub(super) fn compile(context: &mut Context<'_>, node: &Node, known: &Known<'_>) -> Wants {
    let Some(fields) = context.fields(node, "`only`", KEYS) else { return Wants::default() };
    let sources = globs(context, fields, "sources");
    exist(context, fields, "sources", "source", known.sources);
    let services = globs(context, fields, "services");
    exist(context, fields, "services", "service", known.services);
    let texts = |context: &mut Context<'_>, key: &str| -> Vec<String> {
        let Some(node) = fields.get(key) else { return Vec::new() };
        context.texts(node, &format!("`{key}`")).into_iter().map(|(_, text)| text).collect()
    };
    Wants {
        sources,
        services,
        tags: globs(context, fields, "tags"),
        components: globs(context, fields, "components"),
        incidents: texts(context, "incidents").into_iter().map(IncidentId::new).collect(),
        impact: fields.get("impact").and_then(|node| impact(context, node)),
        tier: fields.get("tier").and_then(|node| tier(context, node)),
        kinds: fields.get("kinds").map(|node| kinds(context, node)),
        words: texts(context, "words"),
        without: texts(context, "without"),
        hours: fields.get("hours").map(|node| hours::all(context, node)).unwrap_or_default(),
    }
}

fn globs(context: &mut Context<'_>, fields: Fields<'_>, key: &str) -> Vec<String> {
    let Some(node) = fields.get(key) else { return Vec::new() };
    let mut good = Vec::new();
    for (at, text) in context.texts(node, "a pattern") {
        match Filter::new(&[&text], &[]) {
            Ok(_) => good.push(text),
            Err(message) => context.fault(at, message, "`*` stands for anything, `[` and `{` need their end"),
        }
    }
    if good.len() > limits::WANTS {
        context.fault(node.at, format!("more than {} patterns", limits::WANTS), "use `*`, or tags");
    }
    good
}

/// A plain name that nothing bears would never be told of.
fn exist(context: &mut Context<'_>, fields: Fields<'_>, key: &str, what: &str, known: &super::Ids) {
    let Some(node) = fields.get(key) else { return };
    for (at, text) in context.texts(node, "a pattern") {
        if !text.contains(['*', '?', '[', '{']) && !known.has(&text) {
            let hint = suggest::hint(&text, &known.all());
            context.fault(at, format!("`{text}` is no {what}'s id"), hint);
        }
    }
}

fn impact(context: &mut Context<'_>, node: &Node) -> Option<Impact> {
    let word = context.text(node, "an impact")?;
    let found = Impact::from_word(&word).filter(|_| IMPACTS.contains(&word.as_str()));
    if found.is_none() {
        context.fault(node.at, format!("unknown impact {}", node.found()), suggest::hint(&word, &IMPACTS));
    }
    found
}

fn tier(context: &mut Context<'_>, node: &Node) -> Option<Tier> {
    let word = context.text(node, "a tier")?;
    let words = Tier::ALL.map(Tier::as_str);
    let found = Tier::from_word(&word);
    if found.is_none() {
        context.fault(node.at, format!("unknown tier {}", node.found()), suggest::hint(&word, &words));
    }
    found
}

fn kinds(context: &mut Context<'_>, node: &Node) -> BTreeSet<Happening> {
    let words = Happening::ALL.map(Happening::as_str);
    let mut kinds = BTreeSet::new();
    for (at, word) in context.texts(node, "what is told") {
        match Happening::from_word(&word) {
            Some(happening) => drop(kinds.insert(happening)),
            None => context.fault(at, format!("unknown kind `{word}`"), suggest::hint(&word, &words)),
        }
    }
    kinds
}
