//! Time has passed: what waited goes on, and what is ready goes out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::limits;
use crate::model::id::ReceiverId;
use crate::model::ledger::{Fate, Heard, Item, Ledger, Letter, Style, Wait, Waiting, Why};
use crate::model::level::State;
use crate::model::news::{Happening, Thread};
use crate::model::policy::Policy;

use super::ledger::{Telling, after};
use super::{Step, pace, wanted};

/// When [`due`] has something to do next; `None` until more news comes. A moment that has passed means now.
pub fn next_due(ledger: &Ledger) -> Option<Timestamp> {
    let of_strands = ledger.strands.values().flat_map(|strand| {
        let waits = strand.waiting.as_ref().filter(|waiting| waiting.why != Wait::Group).map(|waiting| waiting.until);
        let unmuted = strand.muted_until.filter(|until| strand.hushed && strand.open && *until < Timestamp::MAX);
        let reminds = strand.heard.as_ref().and_then(|heard| heard.remind_at);
        [waits, unmuted, reminds, strand.soon_at]
    });
    of_strands.flatten().chain(ledger.due).min()
}

/// Lets what has waited for long enough go on, and makes letters of what is ready. They are numbered from `next_id`, in
/// the order of the step. At most one of them makes a sound: the others change what stands there already.
pub fn due(ledger: &mut Ledger, policy: &Policy, receiver: &ReceiverId, now: Timestamp, next_id: u64) -> Step {
    let mut telling = Telling::new(ledger, policy, receiver, now);
    let threads: Vec<Thread> = telling.ledger.strands.keys().cloned().collect();
    for thread in &threads {
        telling.ripen(thread);
    }
    let mut letters = Vec::new();
    telling.send_digest(&threads, next_id, &mut letters);
    telling.send_ready(&threads, next_id, &mut letters);
    telling.finish(letters)
}

/// What goes out of one conversation.
struct Part {
    conversation: Thread,
    /// Whose words are told.
    teller: Thread,
    waiting: Waiting,
    /// All that it covers, with the thread of each.
    news: BTreeMap<u64, Thread>,
    state: State,
}

impl Telling<'_> {
    fn ripen(&mut self, thread: &Thread) {
        let Some(strand) = self.ledger.strands.get_mut(thread) else { return };
        if strand.soon_at.is_some_and(|at| at <= self.now) {
            strand.soon_at = None;
            let (newest, said) = (strand.newest, strand.said);
            let known = strand.heard.as_ref().is_some_and(|heard| heard.said == said);
            match wanted::names(self.policy, Happening::Soon) {
                true if known => self.tell_again(thread, Happening::Soon),
                true => self.wait(thread, newest, (Happening::Soon, false), None),
                false => {}
            }
        }
        if self.strand(thread).and_then(|strand| strand.muted_until).is_some_and(|until| until <= self.now) {
            self.strand_mut(thread).muted_until = None;
            self.speak_up(thread, None);
        }
        let waits = self.waiting(thread).filter(|waiting| waiting.until <= self.now);
        match waits.map(|waiting| (waiting.why, waiting.happening)) {
            // Its page still shows trouble: the end is left to that.
            Some((Wait::Confirm, happening)) if happening.is_end() => self.hold(thread, Why::NotOver),
            Some((Wait::Confirm | Wait::Flapping | Wait::Cascade | Wait::QuietHours, _)) => self.stage(thread, None),
            Some((Wait::Digest, _)) if self.policy.digest.is_none() => self.stage(thread, None),
            _ => {}
        }
        self.remind(thread);
    }

    /// What goes on is told again after a while, unless somebody has seen it or it is to make no noise.
    fn remind(&mut self, thread: &Thread) {
        let heard = self.strand(thread).and_then(|strand| strand.heard.as_ref());
        if heard.and_then(|heard| heard.remind_at).is_none_or(|at| at > self.now) {
            return;
        }
        let next = self.policy.remind.map(|wait| after(self.now, wait));
        if let Some(heard) = &mut self.strand_mut(thread).heard {
            heard.remind_at = next;
        }
        let members = self.members(thread);
        let is_quiet = |member: &Thread| {
            let strand = self.strand(member);
            self.is_muted(member) || strand.is_some_and(|strand| strand.dismissed || strand.acknowledged)
        };
        let goes_on = members.iter().any(|member| self.is_open(member));
        let busy = members.iter().any(|member| self.waiting(member).is_some_and(|waiting| !waiting.edit));
        let wanted = next.is_some() && self.policy.digest.is_none() && wanted::names(self.policy, Happening::Reminder);
        if !wanted || !goes_on || busy || members.iter().any(is_quiet) {
            return;
        }
        self.tell_again(thread, Happening::Reminder);
    }

    /// Lets what was told go out once more, as this, with what waits of it besides.
    fn tell_again(&mut self, thread: &Thread, happening: Happening) {
        let seqs = self.take_waiting(thread).map(|waiting| waiting.seqs).unwrap_or_default();
        let until = self.now;
        self.strand_mut(thread).waiting = Some(Waiting { happening, why: Wait::Group, until, seqs, edit: false });
        self.stage(thread, None);
    }

    fn send_digest(&mut self, threads: &[Thread], next_id: u64, letters: &mut Vec<Letter>) {
        let is_due = |thread: &&Thread| {
            let waiting = self.waiting(thread);
            waiting.is_some_and(|waiting| waiting.why == Wait::Digest && waiting.until <= self.now)
        };
        let ready: Vec<Thread> = threads.iter().filter(is_due).cloned().collect();
        let parts = self.parts(ready);
        self.send(Style::Digest, parts, next_id, letters);
    }

    fn send_ready(&mut self, threads: &[Thread], next_id: u64, letters: &mut Vec<Letter>) {
        if self.ledger.due.is_none_or(|at| at > self.now) {
            return;
        }
        self.ledger.due = None;
        let is_ready =
            |telling: &Self, thread: &Thread| telling.waiting(thread).is_some_and(|one| one.why == Wait::Group);
        let ready: Vec<Thread> = threads.iter().filter(|thread| is_ready(self, thread)).cloned().collect();
        // Quiet hours may have begun since, or the receiver may want a summary by now.
        for thread in &ready {
            let known = self.waiting(thread).map(|waiting| (waiting.why, waiting.until));
            self.stage(thread, known);
        }
        self.ledger.due = None;
        let mut ready: Vec<Thread> = ready.into_iter().filter(|thread| is_ready(self, thread)).collect();
        // What goes out takes along the ends that wait for company.
        if ready.iter().any(|thread| self.waiting(thread).is_some_and(|waiting| !waiting.edit)) {
            let ends = |thread: &&Thread| self.waiting(thread).is_some_and(|one| one.why == Wait::Cascade);
            ready.extend(threads.iter().filter(ends).cloned());
        }
        let (edits, told): (Vec<Part>, Vec<Part>) = self.parts(ready).into_iter().partition(|part| part.waiting.edit);
        let style = if told.len() == 1 { Style::Single } else { Style::Several };
        self.send(style, told, next_id, letters);
        for edit in edits {
            self.send(Style::Single, vec![edit], next_id, letters);
        }
    }

    /// What is ready, by conversation; ends last, and the worst first.
    fn parts(&mut self, ready: Vec<Thread>) -> Vec<Part> {
        let mut parts: BTreeMap<Thread, Part> = BTreeMap::new();
        for thread in ready {
            let conversation = self.conversation(&thread);
            let Some(waiting) = self.take_waiting(&thread) else { continue };
            let Some((newest, state)) = self.strand(&thread).map(|strand| (strand.newest, strand.state)) else {
                continue;
            };
            let mut news: BTreeMap<u64, Thread> = waiting.seqs.iter().map(|seq| (*seq, thread.clone())).collect();
            let mut waiting = waiting;
            if waiting.seqs.is_empty() {
                waiting.seqs.push(newest);
            }
            match parts.get_mut(&conversation) {
                None => {
                    let part = Part { conversation: conversation.clone(), teller: thread, waiting, news, state };
                    parts.insert(conversation, part);
                }
                Some(part) => {
                    part.news.append(&mut news);
                    if rank(&waiting) > rank(&part.waiting) {
                        (part.teller, part.waiting, part.state) = (thread, waiting, state);
                    }
                }
            }
        }
        let mut parts: Vec<Part> = parts.into_values().collect();
        parts.sort_by_key(|part| (part.waiting.happening.is_end(), std::cmp::Reverse(part.state.weight())));
        parts
    }

    fn send(&mut self, style: Style, parts: Vec<Part>, next_id: u64, letters: &mut Vec<Letter>) {
        if parts.is_empty() {
            return;
        }
        let id = next_id.saturating_add(u64::try_from(letters.len()).unwrap_or(u64::MAX));
        let alone = parts.len() == 1;
        let mut items = Vec::with_capacity(parts.len());
        let mut troubled = BTreeSet::new();
        for part in parts {
            let Some(seq) = part.waiting.seqs.last().copied() else { continue };
            for (number, thread) in &part.news {
                let fate = if alone && *number == seq { Fate::Queued(id) } else { Fate::Folded(id) };
                self.decide(*number, thread, fate);
            }
            if matches!(part.waiting.happening, Happening::Opened | Happening::Unreadable) {
                let source = self.strand(&part.teller).and_then(|strand| strand.source.clone());
                troubled.insert(source.map_or_else(|| part.teller.to_string(), |id| id.to_string()));
            }
            let heard = self.strand(&part.conversation).and_then(|strand| strand.heard.as_ref());
            items.push(Item {
                thread: part.conversation.clone(),
                happening: part.waiting.happening,
                seq,
                covers: part.news.keys().copied().filter(|number| *number != seq).collect(),
                root: heard.map(|heard| heard.root),
                edit: part.waiting.edit,
            });
            self.settle(&part, id, style == Style::Single && alone);
        }
        letters.push(Letter { style, items });
        let (now, count) = (self.now, troubled.len());
        if self.ledger.sent.last().is_none_or(|(at, _)| *at != now) {
            pace::note(self.ledger, now, count);
        } else if let Some((_, sources)) = self.ledger.sent.last_mut() {
            *sources = sources.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        }
        self.note_cascade();
    }

    /// Many troubles that were told at about the same time are one cascade, the first of them included.
    fn note_cascade(&mut self) {
        if !pace::is_cascade(self.ledger, self.now) {
            return;
        }
        let from = self.now.checked_sub(limits::CASCADE_WITHIN).unwrap_or(Timestamp::MIN);
        let told = |thread: &Thread| !matches!(thread, Thread::Maintenance(_) | Thread::Reading(_) | Thread::Here(_));
        for (_, strand) in self.ledger.strands.iter_mut().filter(|(thread, _)| told(thread)) {
            if let Some(heard) = strand.heard.as_mut().filter(|heard| heard.at > from) {
                heard.in_cascade = true;
            }
        }
    }

    /// Writes down what the receiver knows now.
    fn settle(&mut self, part: &Part, id: u64, alone: bool) {
        self.note_flapping(&part.conversation);
        if part.waiting.happening.is_end() {
            for member in self.members(&part.conversation) {
                let strand = self.strand_mut(&member);
                (strand.heard, strand.joined) = (None, None);
            }
            return;
        }
        let said = self.strand(&part.teller).map(|strand| strand.said).unwrap_or_default();
        let remind_at = self.policy.remind.map(|wait| after(self.now, wait));
        let remind_at = remind_at.filter(|_| !matches!(part.conversation, Thread::Maintenance(_)));
        let (now, state, edit) = (self.now, part.state, part.waiting.edit);
        let strand = self.strand_mut(&part.conversation);
        let fresh = Heard { worst: state, last: state, at: now, root: id, alone, in_cascade: false, said, remind_at };
        strand.heard = Some(match strand.heard.take() {
            None => fresh,
            Some(before) if part.waiting.happening == Happening::Reminder => Heard { at: now, remind_at, ..before },
            Some(before) if edit => Heard { last: state, said, ..before },
            Some(before) => {
                let Heard { root, alone, in_cascade, .. } = before;
                Heard { worst: before.worst.worse(state), root, alone, in_cascade, ..fresh }
            }
        });
    }
}

/// What is told of several things in one conversation: an end, else what makes a sound, else the newest.
fn rank(waiting: &Waiting) -> (bool, bool, u64) {
    (waiting.happening.is_end(), !waiting.edit, waiting.seqs.last().copied().unwrap_or_default())
}
