//! Trouble, and the end of it.

use crate::limits;
use crate::model::ledger::{Fate, Wait, Why};
use crate::model::news::{Happening, News, Thread, Tier};

use super::ledger::{Telling, after};
use super::{conversation, wanted};

impl Telling<'_> {
    /// Something is wrong, or is so in another way. `began`: it was not, before.
    pub(super) fn trouble(&mut self, news: &News, began: bool) {
        let thread = &news.thread;
        self.take_back_end(thread, began);
        if let Some(why) = self.why_not(news) {
            return self.quieten(news, why);
        }
        if let Some(teller) = self.teller(news) {
            self.hold(thread, Why::ToldByIncident);
            let strand = self.strand_mut(thread);
            if strand.heard.is_none() && teller != *thread {
                strand.joined = Some(teller);
            }
            return self.decide(news.seq, thread, Fate::Held(Why::ToldByIncident));
        }
        if self.heard(thread).is_none() {
            // No incident explains it any more: it is a trouble of its own.
            self.strand_mut(thread).joined = None;
        }
        if news.quiet.under_maintenance {
            return self.quieten(news, Why::UnderMaintenance);
        }
        let until = match thread {
            Thread::Incident(_) => self.absorb(thread, &conversation::about(news)),
            _ => None,
        };
        let Some(happening) = self.happening(news) else {
            let why = if self.is_flapping(thread) { Why::Flapping } else { Why::NothingNew };
            self.hold(thread, Why::OverBefore);
            return self.decide(news.seq, thread, Fate::Held(why));
        };
        self.let_wait(news, happening, until);
    }

    /// An end that was not told yet is none.
    pub(super) fn take_back_end(&mut self, thread: &Thread, began: bool) {
        // A summary tells both, and an untold end of nothing told is no end.
        if self.heard(thread).is_none() {
            return;
        }
        let why = if self.is_flapping(thread) { Why::Flapping } else { Why::OverBefore };
        for member in self.members(&self.conversation(thread)) {
            let ends = self.waiting(&member).is_some_and(|waiting| waiting.happening.is_end());
            if ends && (began || member == *thread) {
                self.hold(&member, why);
            }
        }
    }

    /// Why this receiver is not told, as far as that does not depend on what it heard.
    pub(super) fn why_not(&self, news: &News) -> Option<Why> {
        if news.quiet.uncounted {
            return Some(Why::Uncounted);
        }
        if matches!(news.thread, Thread::Reading(_)) && news.tier == Tier::Background {
            return Some(Why::Background);
        }
        if let Err(why) = wanted::wanted(self.policy, news) {
            return Some(why);
        }
        if news.quiet.dismissed {
            return Some(Why::Dismissed);
        }
        self.is_muted(&news.thread).then_some(Why::Muted)
    }

    /// Holds a piece of news, and what waits of its thread where the reason is one for all of it.
    pub(super) fn quieten(&mut self, news: &News, why: Why) {
        let thread = &news.thread;
        if !matches!(why, Why::OtherWords | Why::OutsideHours) {
            self.hold(thread, why);
            if matches!(why, Why::Dismissed | Why::Muted | Why::UnderMaintenance) {
                self.hush(thread);
            } else {
                self.release(thread, after(self.now, self.confirmation(news)));
            }
        }
        self.decide(news.seq, thread, Fate::Held(why));
    }

    /// What this is to somebody who heard what this receiver heard; `None`: nothing.
    ///
    /// Worse is what is worse than the worst that was told. Only to those who are told when it becomes better, it is
    /// what is worse than what was told last.
    fn happening(&self, news: &News) -> Option<Happening> {
        let thread = &news.thread;
        let Some(heard) = self.heard(thread) else {
            let unreadable = matches!(thread, Thread::Reading(_));
            return Some(if unreadable { Happening::Unreadable } else { Happening::Opened });
        };
        let bar = if wanted::names(self.policy, Happening::Improved) { heard.last } else { heard.worst };
        let said = self.strand(thread).map(|strand| strand.said);
        if news.state.weight() > bar.weight() {
            Some(Happening::Worsened)
        } else if news.state.weight() < heard.last.weight() && self.conversation(thread) == *thread {
            Some(Happening::Improved)
        } else if said != Some(heard.said) {
            Some(Happening::Updated)
        } else {
            None
        }
    }

    fn let_wait(&mut self, news: &News, happening: Happening, until: Option<jiff::Timestamp>) {
        let thread = &news.thread;
        let edit = !wanted::names(self.policy, happening);
        if edit && !self.can_edit(thread) {
            self.hold(thread, Why::OverBefore);
            return self.decide(news.seq, thread, Fate::Held(Why::OtherKind));
        }
        let is_new = matches!(happening, Happening::Opened | Happening::Unreadable);
        let confirm = self.confirmation(news);
        let own = after(news.at, confirm);
        let steady = after(news.at, limits::FLAP_STEADY);
        let first = match is_new {
            // What is known to come and go is told when it stays; what is vital is told at once.
            true if self.has_flapped(thread) && news.tier != Tier::Vital => Some((Wait::Flapping, own.max(steady))),
            // What came for the third time in an hour has shown that it is no mistake.
            true if self.is_flapping(thread) => None,
            true => Some((Wait::Confirm, until.map_or(own, |until| until.min(own)))),
            false => None,
        };
        if self.strand(thread).is_some_and(|strand| strand.flapped.is_some()) {
            self.note_flapping(thread);
        }
        self.wait(thread, news.seq, (happening, edit), first.filter(|(_, until)| *until > self.now));
    }

    /// True where a message tells just this thread, so that it can be changed without a sound.
    pub(super) fn can_edit(&self, thread: &Thread) -> bool {
        self.policy.digest.is_none() && self.heard(thread).is_some_and(|heard| heard.alone)
    }

    /// It is over. Whoever heard the trouble hears that, whatever else it wants. `was_open`: it went on until now; `None`
    /// where nothing was known of it.
    pub(super) fn over(&mut self, news: &News, was_open: Option<bool>) {
        let thread = &news.thread;
        let end = if matches!(thread, Thread::Reading(_)) { Happening::Readable } else { Happening::Resolved };
        if self.heard(thread).is_none() {
            return self.over_unheard(news, was_open, end);
        }
        let conversation = self.conversation(thread);
        if matches!(thread, Thread::Incident(_)) {
            self.pass_on(thread, &conversation);
        }
        let mut others: Vec<Thread> =
            self.members(&conversation).into_iter().filter(|member| member != thread).collect();
        // An operator who says that it is over knows; a vendor's page may be behind its incident, or ahead of it.
        if news.local && conversation == *thread {
            others.retain(|member| matches!(member, Thread::Incident(_)));
        }
        if others.iter().any(|member| self.is_open(member)) {
            if matches!(thread, Thread::Incident(_)) {
                let until = after(self.now, limits::END_WAITS);
                return self.wait(thread, news.seq, (end, false), Some((Wait::Confirm, until)));
            }
            self.hold(thread, Why::ToldByIncident);
            return self.decide(news.seq, thread, Fate::Held(Why::ToldByIncident));
        }
        let ends = |member: &&Thread| self.waiting(member).is_some_and(|waiting| waiting.happening.is_end());
        let vital = news.tier == Tier::Vital;
        match others.iter().find(ends).cloned() {
            Some(first) => {
                self.hold(thread, Why::ToldByIncident);
                self.decide(news.seq, thread, Fate::Held(Why::ToldByIncident));
                if let Some(last) = self.waiting(&first).and_then(|waiting| waiting.seqs.last().copied()) {
                    self.end(&first, last, end, vital);
                }
            }
            None => self.end(thread, news.seq, end, vital),
        }
    }

    /// Lets an end go on: at once, when it has lasted, or with others of the same cascade.
    fn end(&mut self, thread: &Thread, seq: u64, end: Happening, vital: bool) {
        let together = self.policy.spacing.saturating_mul(limits::CASCADE_END_PACES);
        let first = if self.is_flapping(thread) {
            Some((Wait::Flapping, after(self.now, limits::FLAP_STEADY)))
        } else if self.is_in_cascade(thread) && !vital && self.policy.digest.is_none() && !together.is_zero() {
            Some((Wait::Cascade, after(self.now, together)))
        } else {
            None
        };
        self.wait(thread, seq, (end, false), first);
    }

    /// The end of something of which the receiver heard nothing. A summary tells what was confirmed all the same.
    fn over_unheard(&mut self, news: &News, was_open: Option<bool>, end: Happening) {
        let thread = &news.thread;
        let until = after(self.now, self.confirmation(news));
        let why = match self.waiting(thread).map(|waiting| waiting.why) {
            Some(Wait::Digest) => {
                self.release(thread, until);
                return self.wait(thread, news.seq, (end, false), None);
            }
            Some(Wait::Confirm) if self.is_flapping(thread) => Why::Flapping,
            Some(Wait::Confirm) => Why::NotConfirmed,
            Some(Wait::Flapping) => Why::Flapping,
            Some(Wait::QuietHours | Wait::Group) if self.is_flapping(thread) => Why::Flapping,
            Some(Wait::QuietHours | Wait::Group | Wait::Cascade) => Why::OverBefore,
            None if news.quiet.uncounted => Why::Uncounted,
            None if self.strand(thread).is_some_and(|strand| strand.joined.is_some()) => Why::ToldByIncident,
            None if was_open == Some(false) => Why::NothingNew,
            None => Why::NeverHeard,
        };
        self.hold(thread, why);
        self.release(thread, until);
        self.strand_mut(thread).joined = None;
        self.decide(news.seq, thread, Fate::Held(why));
    }
}
