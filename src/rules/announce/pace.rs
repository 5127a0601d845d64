//! How often a receiver gets a message.

use jiff::Timestamp;

use crate::limits;
use crate::model::ledger::Ledger;
use crate::model::policy::Policy;

use super::ledger::after;

/// When what is ready now goes out: together with what else comes in a moment, and not too soon after the last message.
/// In a cascade that is longer, but not for what is urgent.
pub(super) fn ready(ledger: &mut Ledger, policy: &Policy, now: Timestamp, urgent: bool) -> Timestamp {
    let gap = match is_cascade(ledger, now) && !urgent {
        true => policy.spacing.saturating_mul(limits::CASCADE_PACES),
        false => policy.spacing,
    };
    // A clock that went back leaves moments that are still to come: they hold nothing up for longer than the gap.
    let last = ledger.sent.last().map_or(Timestamp::MIN, |(at, _)| after((*at).min(now), gap));
    let next = after(now, policy.group).max(last);
    let due = match ledger.due {
        Some(due) if urgent => due.min(next),
        Some(due) => due,
        None => next,
    };
    ledger.due = Some(due);
    due
}

/// Notes that messages were made, and how many sources they bring as new trouble.
pub(super) fn note(ledger: &mut Ledger, now: Timestamp, sources: usize) {
    ledger.sent.push((now, u32::try_from(sources).unwrap_or(u32::MAX)));
    let over = ledger.sent.len().saturating_sub(limits::LEDGER_SENT);
    ledger.sent.drain(..over);
}

/// True while so many sources were told as new trouble lately that they have one cause.
pub(super) fn is_cascade(ledger: &Ledger, now: Timestamp) -> bool {
    let from = now.checked_sub(limits::CASCADE_WITHIN).unwrap_or(Timestamp::MIN);
    let lately = ledger.sent.iter().filter(|(at, _)| *at > from).map(|(_, sources)| *sources);
    lately.fold(0_u32, u32::saturating_add) >= limits::CASCADE_SOURCES
}
