//! `notify`: who is told on which channel, what of, and when.

mod channel;
mod hours;
mod mail;
mod policy;
mod wants;

use std::sync::Arc;
use std::time::Duration;

use super::fields::{Context, Fields};
use super::ids::Ids;
use super::suggest;
use super::tree::Node;
use crate::channels::{Ping, Plan, usual_policy};
use crate::limits;
use crate::model::source::PageSettings;

const KEYS: &[&str] = &["mail", "subscribe", "commands", "fallback", "ping", "channels"];

/// What the entries of `notify` may name.
pub(super) struct Known<'a> {
    pub sources: &'a Ids,
    pub services: &'a Ids,
}

/// Reads `notify`; `page` learns whether readers may subscribe.
pub(super) fn compile(context: &mut Context<'_>, node: &Node, page: &mut PageSettings, known: &Known<'_>) -> Plan {
    let usual = usual_policy(&page.timezone);
    let mut plan = Plan { readers: usual.clone(), ..Plan::default() };
    let keys: Vec<&str> = KEYS.iter().chain(policy::KEYS).copied().collect();
    let Some(fields) = context.fields(node, "`notify`", &keys) else { return plan };
    let usual = policy::compile(context, fields, &usual);
    plan.readers = usual.clone();
    plan.mail = fields.get("mail").and_then(|node| mail::compile(context, node)).map(Arc::new);
    subscribe(context, fields, &plan, page);
    let commands = fields.get("commands").and_then(|node| context.boolean(node)).unwrap_or(false);
    plan.ping = fields.get("ping").and_then(|node| ping(context, node)).map(Arc::new);
    let mut ids = Ids::default();
    if let Some(node) = fields.get("channels") {
        for entry in context.list(node, "a list of channels") {
            let about = channel::About { known, usual: &usual, commands, mail: plan.mail.is_some() };
            plan.lines.extend(channel::compile(context, entry, &about, &mut ids).map(Arc::new));
        }
    }
    if let Some(node) = fields.get("fallback")
        && let Some(id) = context.text(node, "a channel's id")
    {
        plan.fallback = plan.lines.iter().map(|line| &line.id).find(|known| known.as_str() == id).cloned();
        if !ids.has(&id) {
            context.fault(node.at, format!("`{id}` is no channel's id"), suggest::hint(&id, &ids.all()));
        }
    }
    plan
}

fn subscribe(context: &mut Context<'_>, fields: Fields<'_>, plan: &Plan, page: &mut PageSettings) {
    let Some(node) = fields.get("subscribe") else { return };
    let wished = context.boolean(node).unwrap_or(false);
    if wished && fields.get("mail").is_none() {
        context.fault(node.at, "readers cannot subscribe without `mail`", "say through which server e-mail goes");
    }
    if wished && page.url.is_none() {
        let hint = "say where people reach this page: the links in e-mails lead there";
        context.fault(node.at, "readers cannot subscribe without `page.url`", hint);
    }
    page.subscribe = wished && plan.mail.is_some() && page.url.is_some();
}

fn ping(context: &mut Context<'_>, node: &Node) -> Option<Ping> {
    let fields = context.fields(node, "`ping`", &["url", "every", "allow_private"])?;
    let Some(url) = fields.get("url") else {
        context.fault(node.at, "`ping` without `url`", "give it the address that a dead-man's switch gave you");
        return None;
    };
    let url = channel::secret_url(context, url).map(|(url, _)| url);
    let floor = url.as_ref().and_then(|url| url.host_str()).map_or(limits::PING_FLOOR, limits::ping_floor);
    let every = fields.get("every").and_then(|node| context.wait(node, Duration::from_secs(24 * 3600)));
    let every = every.unwrap_or(limits::PING).max(floor);
    let allow_private = fields.get("allow_private").and_then(|node| context.boolean(node)).unwrap_or(false);
    Some(Ping { url: url?, every, allow_private })
}
