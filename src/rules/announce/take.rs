//! A piece of news comes to a receiver.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::limits;
use crate::model::event::Cause;
use crate::model::id::ReceiverId;
use crate::model::incident::Phase;
use crate::model::ledger::{Fate, Ledger, Wait, Why};
use crate::model::level::State;
use crate::model::news::{Happening, News, NewsKind, Thread, Tier};
use crate::model::policy::{Confirm, Policy};

use super::ledger::{Telling, after};
use super::{Step, conversation, wanted};

/// Takes a piece of news, which is newer than all that came of its thread before: it is held or waits. What a receiver
/// is told of what is older than `since` is nothing.
///
/// The step has decisions and no letters.
pub fn take(
    ledger: &mut Ledger,
    policy: &Policy,
    receiver: &ReceiverId,
    since: Timestamp,
    news: &News,
    now: Timestamp,
) -> Step {
    let mut telling = Telling::new(ledger, policy, receiver, now);
    telling.take(news, since);
    telling.finish(Vec::new())
}

impl Telling<'_> {
    fn take(&mut self, news: &News, since: Timestamp) {
        let thread = &news.thread;
        if self.strand(thread).is_some_and(|strand| strand.newest >= news.seq) {
            return;
        }
        if news.kind == NewsKind::Judged {
            return self.judged(news, since);
        }
        // A part that does not count says nothing of its source.
        if news.quiet.uncounted && matches!(thread, Thread::Source(_)) {
            return self.decide(news.seq, thread, Fate::Held(Why::Uncounted));
        }
        let was_open = self.strand(thread).map(|strand| strand.open);
        self.note(news);
        if news.at < since {
            return self.decide(news.seq, thread, Fate::Held(Why::BeforeReceiver));
        }
        match (thread, news.kind) {
            (Thread::Maintenance(_), _) => self.planned(news),
            (_, NewsKind::Over | NewsKind::Readable | NewsKind::Ended | NewsKind::Cancelled) => {
                self.over(news, was_open);
            }
            _ => self.trouble(news, was_open != Some(true)),
        }
    }

    /// Writes down how a thread stands now.
    fn note(&mut self, news: &News) {
        let over = matches!(news.kind, NewsKind::Over | NewsKind::Readable | NewsKind::Ended | NewsKind::Cancelled);
        let from = self.now.checked_sub(limits::FLAP_WITHIN).unwrap_or(Timestamp::MIN);
        let lately = self.now.checked_sub(limits::FLAP_MEMORY).unwrap_or(Timestamp::MIN);
        let muted_until = news.quiet.muted_until.filter(|until| *until > self.now);
        let strand = self.strand_mut(&news.thread);
        let was_open = strand.open;
        (strand.newest, strand.at, strand.open, strand.said) = (news.seq, news.at, !over, said(news));
        strand.state = if over { State::OPERATIONAL } else { news.state };
        strand.source.clone_from(&news.source);
        strand.loud = wanted::is_loud(news);
        strand.turns.retain(|at| *at > from);
        strand.flapped = strand.flapped.filter(|flapped| flapped.at > lately);
        if !over && !was_open {
            strand.turns.push(news.at);
        }
        if over {
            (strand.hushed, strand.soon_at) = (false, None);
        }
        strand.dismissed = news.quiet.dismissed;
        strand.muted_until = muted_until;
        strand.acknowledged = news.quiet.acknowledged;
    }

    /// The team said something of it: that may quiet it, or end a quiet.
    fn judged(&mut self, news: &News, since: Timestamp) {
        let thread = &news.thread;
        let why = if news.at < since { Why::BeforeReceiver } else { Why::NothingNew };
        self.decide(news.seq, thread, Fate::Held(why));
        if self.strand(thread).is_none() {
            return;
        }
        let muted_until = news.quiet.muted_until.filter(|until| *until > self.now);
        let strand = self.strand_mut(thread);
        strand.dismissed = news.quiet.dismissed;
        strand.muted_until = muted_until;
        strand.acknowledged = news.quiet.acknowledged;
        let quiet = if news.quiet.dismissed { Some(Why::Dismissed) } else { None };
        match quiet.or(self.is_muted(thread).then_some(Why::Muted)) {
            Some(why) if self.waiting(thread).is_some_and(|waiting| !waiting.happening.is_end()) => {
                self.hold(thread, why);
                self.hush(thread);
            }
            Some(_) => {}
            None => self.speak_up(thread, None),
        }
    }

    /// Remembers that something is untold, to be told if what holds it ends in time.
    pub(super) fn hush(&mut self, thread: &Thread) {
        let Some(state) = self.strand(thread).filter(|strand| strand.open).map(|strand| strand.state) else { return };
        if self.heard(thread).is_none_or(|heard| state.weight() > heard.worst.weight()) {
            self.strand_mut(thread).hushed = true;
        }
    }

    /// What held it is gone: what goes on and is not known to the receiver in this gravity is told now.
    pub(super) fn speak_up(&mut self, thread: &Thread, first: Option<(Wait, Timestamp)>) {
        let Some(strand) = self.strand(thread).filter(|strand| strand.hushed && strand.open && !strand.dismissed)
        else {
            return;
        };
        let (state, newest, source) = (strand.state, strand.newest, strand.source.clone());
        if self.is_muted(thread) {
            return;
        }
        self.strand_mut(thread).hushed = false;
        if self.heard(thread).is_none() {
            let teller = self.strand(thread).and_then(|strand| strand.joined.clone());
            if teller.is_some_and(|teller| self.waiting(&teller).is_some()) {
                return;
            }
            self.strand_mut(thread).joined = None;
        }
        if let (Thread::Incident(_), Some(source)) = (thread, source) {
            self.absorb(thread, &[Thread::Source(source)]);
        }
        let happening = match self.heard(thread) {
            None if matches!(thread, Thread::Reading(_)) => Happening::Unreadable,
            None if matches!(thread, Thread::Maintenance(_)) => Happening::Announced,
            None => Happening::Opened,
            Some(heard) if state.weight() > heard.worst.weight() => Happening::Worsened,
            Some(_) => return,
        };
        if wanted::names(self.policy, happening) {
            self.wait(thread, newest, (happening, false), first);
        }
    }

    /// Planned work is over: what it explained is not explained any more.
    pub(super) fn uncover(&mut self, news: &News) {
        let until = after(self.now, self.confirmation(news));
        for thread in conversation::about(news) {
            self.speak_up(&thread, Some((Wait::Confirm, until)));
        }
    }

    /// How long this must last before it is told. What people or tools of the team say needs no confirmation.
    pub(super) fn confirmation(&self, news: &News) -> Duration {
        let said_here = matches!(news.cause, Cause::Operator | Cause::Push)
            || (news.local && matches!(news.cause, Cause::Time) && !matches!(news.thread, Thread::Here(_)));
        if said_here {
            return Duration::ZERO;
        }
        if matches!(news.thread, Thread::Reading(_)) {
            return self.policy.unreadable;
        }
        let confirm = match news.tier {
            Tier::Vital => self.policy.confirm_vital,
            Tier::Normal => self.policy.confirm,
            Tier::Background => self.policy.confirm_background,
        };
        match confirm {
            Confirm::After(wait) => wait,
            Confirm::Readings(count) => news.pace.saturating_mul(count),
        }
    }
}

/// What a piece of news says, in a number that is the same after every restart.
fn said(news: &News) -> u64 {
    let mut all = format!("{}\n{}", news.state, news.phase.map_or("", Phase::as_str));
    for at in [news.starts_at, news.ends_at] {
        let _ = write!(all, "\n{}", at.map(|at| at.to_string()).unwrap_or_default());
    }
    for words in news.components.iter().chain([&news.title]).chain(&news.text) {
        let _ = write!(all, "\n{words}");
    }
    let digest = Sha256::digest(all.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
