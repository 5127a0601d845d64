//! When a channel is told: confirmation, pace, quiet hours, digests, reminders.

use std::time::Duration;

use super::super::fields::{Context, Fields};
use super::super::tree::{Node, Value};
use super::hours;
use crate::model::policy::{Confirm, Policy};

/// Keys of a policy; under `notify` itself they hold for all channels that say nothing else.
pub(super) const KEYS: &[&str] =
    &["timezone", "confirm", "unreadable", "group", "spacing", "quiet_hours", "digest", "remind"];

/// The longest of all these waits.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);
const CONFIRM: &str = "a duration such as `2m`, or readings such as `3 readings`";

pub(super) fn compile(context: &mut Context<'_>, fields: Fields<'_>, usual: &Policy) -> Policy {
    let mut policy = usual.clone();
    if let Some(zone) = fields.get("timezone").and_then(|node| context.timezone(node)) {
        policy.zone = zone;
    }
    if let Some(node) = fields.get("confirm") {
        confirm(context, node, &mut policy);
    }
    for (key, place) in
        [("unreadable", &mut policy.unreadable), ("group", &mut policy.group), ("spacing", &mut policy.spacing)]
    {
        if let Some(wait) = fields.get(key).and_then(|node| context.wait(node, LONGEST)) {
            *place = wait;
        }
    }
    if let Some(node) = fields.get("quiet_hours") {
        policy.quiet = hours::all(context, node);
    }
    if let Some(node) = fields.get("digest") {
        policy.digest = hours::digest(context, node);
    }
    if let Some(wait) = fields.get("remind").and_then(|node| context.wait(node, LONGEST)) {
        policy.remind = Some(wait).filter(|wait| !wait.is_zero());
    }
    policy
}

/// One value for all tiers, or one for each.
fn confirm(context: &mut Context<'_>, node: &Node, policy: &mut Policy) {
    if let Value::Map(_) = node.value {
        let Some(fields) = context.fields(node, "`confirm`", &["vital", "normal", "background"]) else { return };
        for (key, place) in [
            ("vital", &mut policy.confirm_vital),
            ("normal", &mut policy.confirm),
            ("background", &mut policy.confirm_background),
        ] {
            if let Some(found) = fields.get(key).and_then(|node| one(context, node)) {
                *place = found;
            }
        }
        return;
    }
    if let Some(found) = one(context, node) {
        (policy.confirm_vital, policy.confirm, policy.confirm_background) = (found, found, found);
    }
}

fn one(context: &mut Context<'_>, node: &Node) -> Option<Confirm> {
    let text = context.text(node, CONFIRM)?;
    if let Some(number) = text.strip_suffix("readings").or_else(|| text.strip_suffix("reading")) {
        let number = number.trim().parse::<u32>().ok().filter(|number| *number <= 1_000);
        if number.is_none() {
            context.wrong(node, CONFIRM, "");
        }
        return number.map(Confirm::Readings);
    }
    context.wait(node, LONGEST).map(Confirm::After)
}
