//! What time does to a planned maintenance: its reminders, its start, its end.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::incident::Phase;
use crate::model::series::Plan;

/// What this depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// How far it has come.
    pub phase: Phase,
    /// Planned start.
    pub starts_at: Option<Timestamp>,
    /// Planned end.
    pub ends_at: Option<Timestamp>,
    /// What was wished.
    pub plan: &'a Plan,
}

/// One thing that time makes happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// People are reminded that it starts in so much time. Whoever does it adds it to `Plan::reminded`.
    Remind(Duration),
    /// Work begins.
    Start,
    /// Work is done.
    End,
}

/// What a plan says should have happened, and what nobody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    /// Its planned start has passed and nobody began it.
    Start,
    /// Its planned end has passed and nobody ended it.
    End,
}

/// What has to happen by now, in order.
///
/// However late it is asked, it starts before it ends, and only the last of several reminders is told, and none once
/// the start has passed. What has happened does not happen again, also where the clock was set back.
pub fn due(facts: &Facts<'_>, now: Timestamp) -> Vec<Step> {
    let has_passed = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    let starts = facts.phase == Phase::Scheduled && facts.plan.auto_start && has_passed(facts.starts_at);
    let ends = (starts || facts.phase.is_running()) && facts.plan.auto_end && has_passed(facts.ends_at);
    let reminder = open_reminders(facts).filter(|(_, at)| *at <= now).min().filter(|_| !has_passed(facts.starts_at));
    let steps =
        [reminder.map(|(before, _)| Step::Remind(before)), starts.then_some(Step::Start), ends.then_some(Step::End)];
    steps.into_iter().flatten().collect()
}

/// When to ask again: `now` where something is due already, `None` where time alone changes nothing any more.
pub fn next_due(facts: &Facts<'_>, now: Timestamp) -> Option<Timestamp> {
    if !due(facts, now).is_empty() {
        return Some(now);
    }
    let is_scheduled = facts.phase == Phase::Scheduled;
    let start = facts.starts_at.filter(|_| is_scheduled && facts.plan.auto_start);
    let end = facts.ends_at.filter(|_| facts.phase.is_running() && facts.plan.auto_end);
    let reminders =
        open_reminders(facts).map(|(_, at)| at).filter(|at| facts.starts_at.is_some_and(|start| *at < start));
    reminders.chain(start).chain(end).filter(|at| *at > now).min()
}

/// What should have happened by hand and has not. What happens by itself is never overdue.
pub fn overdue(facts: &Facts<'_>, now: Timestamp) -> Option<Overdue> {
    let has_passed = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    if facts.phase == Phase::Scheduled && !facts.plan.auto_start && has_passed(facts.starts_at) {
        return Some(Overdue::Start);
    }
    (facts.phase.is_running() && !facts.plan.auto_end && has_passed(facts.ends_at)).then_some(Overdue::End)
}

/// The reminders whose time has passed when a maintenance is announced or moved: they go into its `reminded`, since
/// people hear of it just then.
pub fn passed(reminders: &[Duration], starts_at: Timestamp, now: Timestamp) -> Vec<Duration> {
    let is_past = |before: &Duration| starts_at.checked_sub(*before).is_ok_and(|at| at <= now);
    reminders.iter().copied().filter(is_past).collect()
}

/// The reminders that may still be told, with their moments. One that is further ahead than one that was told is late
/// news.
fn open_reminders<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (Duration, Timestamp)> + use<'a> {
    let starts_at = facts.starts_at.filter(|_| facts.phase == Phase::Scheduled);
    let told = facts.plan.reminded.iter().min();
    let open = facts.plan.reminders.iter().filter(move |before| told.is_none_or(|told| *before < told));
    open.filter_map(move |before| Some((*before, starts_at?.checked_sub(*before).ok()?)))
}
