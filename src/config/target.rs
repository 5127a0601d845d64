//! The service level that was agreed on with a vendor: `target` of a source.

use super::fields::Context;
use super::suggest;
use super::tree::{Node, Value};
use crate::limits;
use crate::model::level::{Level, State};
use crate::model::target::{Period, Share, Target};

const KEYS: &[&str] = &["uptime", "window", "counts"];
const UPTIME: &str = "an uptime such as `99.9%`";

/// `99.9%`, or a map with `uptime`, `window` and `counts`.
pub(super) fn compile(context: &mut Context<'_>, node: &Node) -> Option<Target> {
    if let Value::Scalar(_) = node.value {
        let uptime = uptime(context, node)?;
        return Some(Target { uptime, period: Period::Month, counts: Target::DOWN.to_vec() });
    }
    let fields = context.fields(node, "`target`", KEYS)?;
    let period = fields.get("window").map_or(Some(Period::Month), |node| period(context, node));
    let counts = fields.get("counts").map_or(Some(Target::DOWN.to_vec()), |node| counts(context, node));
    let Some(promised) = fields.get("uptime") else {
        context.fault(node.at, "a target without `uptime`", "write for example `uptime: 99.9%`");
        return None;
    };
    Some(Target { uptime: uptime(context, promised)?, period: period?, counts: counts? })
}

fn uptime(context: &mut Context<'_>, node: &Node) -> Option<Share> {
    let text = context.text(node, UPTIME)?;
    let found = Share::from_percent(&text);
    if found.is_none() {
        context.wrong(node, UPTIME, "a percentage from 0 to 100 with at most four decimals");
    }
    found
}

fn period(context: &mut Context<'_>, node: &Node) -> Option<Period> {
    let expected = "`month`, `quarter` or a number of days such as `30d`";
    let text = context.text(node, expected)?;
    let days = || text.strip_suffix('d')?.parse().ok().filter(|days| (1..=limits::TARGET_DAYS).contains(days));
    let found = match text.as_str() {
        "month" => Some(Period::Month),
        "quarter" => Some(Period::Quarter),
        _ => days().map(Period::Days),
    };
    if found.is_none() {
        context.wrong(node, expected, &format!("at most {} days", limits::TARGET_DAYS));
    }
    found
}

fn counts(context: &mut Context<'_>, node: &Node) -> Option<Vec<Level>> {
    // Working as meant is never down, and what is not known counts for nobody.
    let words: Vec<&str> = Level::ALL.into_iter().skip(1).map(|level| State::Known(level).as_str()).collect();
    let mut levels = Vec::new();
    let mut good = true;
    for (at, text) in context.texts(node, "the states that count as down") {
        let level = State::from_word(&text).and_then(State::level).filter(|level| *level != Level::Operational);
        match level {
            Some(level) => levels.push(level),
            None => {
                good = false;
                context.fault(at, format!("`{text}` cannot count as down"), suggest::hint(&text, &words));
            }
        }
    }
    if levels.is_empty() && good {
        context.fault(node.at, "no state counts as down", format!("one or more of: {}", words.join(", ")));
    }
    levels.sort_unstable();
    levels.dedup();
    (good && !levels.is_empty()).then_some(levels)
}
