//! One step of a ledger under way: its strands, and what was decided so far.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::limits;
use crate::model::id::{ReceiverId, SourceId};
use crate::model::ledger::{Decision, Fate, Heard, Ledger, Letter, Strand, Wait, Waiting, Why};
use crate::model::level::State;
use crate::model::news::{Happening, Thread};
use crate::model::policy::Policy;

use super::{Step, hours, pace};

/// A ledger while it takes one step.
pub(super) struct Telling<'a> {
    pub(super) ledger: &'a mut Ledger,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    receiver: &'a ReceiverId,
    /// By number; what is decided last of a piece of news counts.
    decisions: BTreeMap<u64, Decision>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(ledger: &'a mut Ledger, policy: &'a Policy, receiver: &'a ReceiverId, now: Timestamp) -> Self {
        // Also before: what is too old is as unknown to whoever looked at the clock rarely.
        forget(ledger, now);
        Self { ledger, policy, now, receiver, decisions: BTreeMap::new() }
    }

    pub(super) fn finish(self, letters: Vec<Letter>) -> Step {
        forget(self.ledger, self.now);
        Step { decisions: self.decisions.into_values().collect(), letters }
    }

    pub(super) fn strand(&self, thread: &Thread) -> Option<&Strand> {
        self.ledger.strands.get(thread)
    }

    pub(super) fn strand_mut(&mut self, thread: &Thread) -> &mut Strand {
        self.ledger.strands.entry(thread.clone()).or_insert_with(empty)
    }

    pub(super) fn waiting(&self, thread: &Thread) -> Option<&Waiting> {
        self.strand(thread).and_then(|strand| strand.waiting.as_ref())
    }

    /// What waits of a thread, taken out.
    pub(super) fn take_waiting(&mut self, thread: &Thread) -> Option<Waiting> {
        self.ledger.strands.get_mut(thread).and_then(|strand| strand.waiting.take())
    }

    pub(super) fn decide(&mut self, seq: u64, thread: &Thread, fate: Fate) {
        let decision = Decision { seq, thread: thread.clone(), receiver: self.receiver.clone(), at: self.now, fate };
        self.decisions.insert(seq, decision);
    }

    /// Nothing that waits of a thread will be told.
    pub(super) fn hold(&mut self, thread: &Thread, why: Why) {
        for seq in self.take_waiting(thread).map(|waiting| waiting.seqs).unwrap_or_default() {
            self.decide(seq, thread, Fate::Held(why));
        }
    }

    /// Adds to what waits of a thread, or lets it wait: for this, or for its turn at once.
    pub(super) fn wait(
        &mut self,
        thread: &Thread,
        seq: u64,
        told: (Happening, bool),
        first: Option<(Wait, Timestamp)>,
    ) {
        let (happening, edit) = told;
        let before = self.take_waiting(thread);
        let mut seqs = before.as_ref().map(|waiting| waiting.seqs.clone()).unwrap_or_default();
        if !seqs.contains(&seq) {
            seqs.push(seq);
        }
        // What is confirmed once stays so, and what was not goes on waiting for that.
        let first = match &before {
            Some(waiting) if waiting.happening == happening && !happening.is_end() => {
                matches!(waiting.why, Wait::Confirm | Wait::Flapping).then_some((waiting.why, waiting.until))
            }
            _ => first,
        };
        let now = self.now;
        let (why, until) = first.unwrap_or((Wait::Group, now));
        let known = before.map(|waiting| (waiting.why, waiting.until));
        self.strand_mut(thread).waiting = Some(Waiting { happening, why, until, seqs, edit });
        match first {
            Some(_) => self.tell_wait(thread, None),
            None => self.stage(thread, known),
        }
    }

    /// Lets what waits of a thread go on: into the summary, through quiet hours, or to what goes out next. `known` is
    /// what is decided of it already.
    pub(super) fn stage(&mut self, thread: &Thread, known: Option<(Wait, Timestamp)>) {
        let Some((happening, loud)) =
            self.strand(thread).and_then(|one| one.waiting.as_ref().map(|waiting| (waiting.happening, one.loud)))
        else {
            return;
        };
        let urgent = loud && matches!(happening, Happening::Opened | Happening::Worsened);
        let zone = &self.policy.zone;
        let next = match self.policy.digest {
            Some(digest) => match known {
                Some((Wait::Digest, until)) if until > self.now => (Wait::Digest, until),
                _ => (Wait::Digest, hours::next_digest(digest, zone, self.now)),
            },
            None => match hours::quiet_until(&self.policy.quiet, zone, self.now).filter(|_| !urgent) {
                Some(until) => (Wait::QuietHours, until),
                None => (Wait::Group, pace::ready(self.ledger, self.policy, self.now, urgent)),
            },
        };
        if let Some(waiting) = &mut self.strand_mut(thread).waiting {
            (waiting.why, waiting.until) = next;
        }
        self.tell_wait(thread, known);
    }

    /// Decides of what waits that it does; of the newest only, where that is known of the others.
    fn tell_wait(&mut self, thread: &Thread, known: Option<(Wait, Timestamp)>) {
        let Some(Waiting { why, until, seqs, .. }) = self.waiting(thread).cloned() else { return };
        let told = if known == Some((why, until)) { seqs.len().saturating_sub(1) } else { 0 };
        for seq in seqs.into_iter().skip(told) {
            self.decide(seq, thread, Fate::Waits(why, until));
        }
    }

    /// What the receiver heard in the conversation to which a thread belongs.
    pub(super) fn heard(&self, thread: &Thread) -> Option<&Heard> {
        self.strand(&self.conversation(thread)).and_then(|strand| strand.heard.as_ref())
    }

    /// True while the team says that a thread makes no noise.
    pub(super) fn is_muted(&self, thread: &Thread) -> bool {
        self.strand(thread).and_then(|strand| strand.muted_until).is_some_and(|until| until > self.now)
    }
}

/// Lets go of what is about sources that are watched no longer: nothing more will be heard of it.
pub fn let_go(
    ledger: &mut Ledger,
    receiver: &ReceiverId,
    is_watched: &dyn Fn(&SourceId) -> bool,
    now: Timestamp,
) -> Vec<Decision> {
    let mut decisions = Vec::new();
    ledger.strands.retain(|thread, strand| {
        let stays = strand.source.as_ref().is_none_or(is_watched);
        let untold = strand.waiting.iter().filter(|_| !stays).flat_map(|waiting| &waiting.seqs);
        decisions.extend(untold.map(|seq| Decision {
            seq: *seq,
            thread: thread.clone(),
            receiver: receiver.clone(),
            at: now,
            fate: Fate::Held(Why::Uncounted),
        }));
        stays
    });
    decisions
}

/// A thread of which nothing is known.
fn empty() -> Strand {
    Strand {
        newest: 0,
        state: State::OPERATIONAL,
        open: false,
        heard: None,
        waiting: None,
        turns: Vec::new(),
        muted_until: None,
        dismissed: false,
        acknowledged: false,
        at: Timestamp::MIN,
        said: 0,
        source: None,
        loud: false,
        hushed: false,
        joined: None,
        soon_at: None,
        flapped: None,
    }
}

/// Lets go of threads that are over for long, and of the oldest of which the receiver heard nothing where there are too
/// many.
fn forget(ledger: &mut Ledger, now: Timestamp) {
    let needed: Vec<Thread> = ledger.strands.values().filter_map(|strand| strand.joined.clone()).collect();
    let idle = |thread: &Thread, strand: &Strand| {
        strand.heard.is_none() && strand.waiting.is_none() && strand.joined.is_none() && !needed.contains(thread)
    };
    let lately = now.checked_sub(limits::FLAP_MEMORY).unwrap_or(Timestamp::MIN);
    for strand in ledger.strands.values_mut() {
        strand.flapped = strand.flapped.filter(|flapped| flapped.at > lately);
    }
    let old = now.checked_sub(limits::STRAND_KEPT).unwrap_or(Timestamp::MIN);
    ledger
        .strands
        .retain(|thread, strand| strand.open || strand.flapped.is_some() || strand.at >= old || !idle(thread, strand));
    let over = ledger.strands.len().saturating_sub(limits::STRANDS);
    if over > 0 {
        let mut rest: Vec<(bool, Timestamp, Thread)> = ledger
            .strands
            .iter()
            .filter(|(thread, strand)| idle(thread, strand))
            .map(|(thread, strand)| (strand.open, strand.at, thread.clone()))
            .collect();
        rest.sort();
        for (_, _, thread) in rest.into_iter().take(over) {
            ledger.strands.remove(&thread);
        }
    }
}

/// A moment so much later; the end of time at most.
pub(super) fn after(at: Timestamp, wait: std::time::Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
