//! Threads that are one trouble: who belongs to whose conversation, and when it is over.

use jiff::Timestamp;

use crate::limits;
use crate::model::ledger::{Flapped, Strand, Wait, Why};
use crate::model::news::{Happening, News, Thread};

use super::ledger::Telling;
use super::wanted;

impl Telling<'_> {
    /// The thread under which the receiver hears of this one.
    pub(super) fn conversation(&self, thread: &Thread) -> Thread {
        let joined = self.strand(thread).and_then(|strand| strand.joined.as_ref());
        joined.filter(|other| self.ledger.strands.contains_key(*other)).unwrap_or(thread).clone()
    }

    /// Every thread of a conversation, itself included.
    pub(super) fn members(&self, conversation: &Thread) -> Vec<Thread> {
        let belongs = |(thread, strand): &(&Thread, &Strand)| {
            *thread == conversation || strand.joined.as_ref() == Some(conversation)
        };
        self.ledger.strands.iter().filter(belongs).map(|(thread, _)| thread.clone()).collect()
    }

    pub(super) fn is_open(&self, thread: &Thread) -> bool {
        self.strand(thread).is_some_and(|strand| strand.open)
    }

    /// True where a thread of the conversation comes and goes.
    pub(super) fn is_flapping(&self, thread: &Thread) -> bool {
        let from = self.now.checked_sub(limits::FLAP_WITHIN).unwrap_or(Timestamp::MIN);
        let flaps = |thread: &Thread| {
            let turns = self.strand(thread).map(|strand| strand.turns.iter().filter(|at| **at > from).count());
            turns.is_some_and(|turns| turns >= limits::FLAP_TURNS)
        };
        self.members(&self.conversation(thread)).iter().any(flaps)
    }

    /// Notes of what came and went how bad it was, for as long as that counts.
    pub(super) fn note_flapping(&mut self, thread: &Thread) {
        if !self.is_flapping(thread) {
            return;
        }
        let now = self.now;
        for member in self.members(&self.conversation(thread)) {
            let strand = self.strand_mut(&member);
            let worst = strand.flapped.map_or(strand.state, |flapped| flapped.worst.worse(strand.state));
            strand.flapped = Some(Flapped { at: now, worst });
        }
    }

    /// True where a thread is known to come and go, and is no worse now than it was then.
    pub(super) fn has_flapped(&self, thread: &Thread) -> bool {
        let known = self.strand(thread).and_then(|strand| Some((strand.flapped?, strand.state)));
        known.is_some_and(|(flapped, state)| state.weight() <= flapped.worst.weight())
    }

    /// True for one of many troubles, of which another goes on.
    pub(super) fn is_in_cascade(&self, thread: &Thread) -> bool {
        let conversation = self.conversation(thread);
        let belongs = |other: &Thread| self.heard(other).is_some_and(|heard| heard.in_cascade);
        belongs(&conversation)
            && self
                .ledger
                .strands
                .iter()
                .any(|(other, strand)| strand.open && belongs(other) && self.conversation(other) != conversation)
    }

    /// The conversation of the incident that explains this, where the receiver hears of that.
    pub(super) fn teller(&self, news: &News) -> Option<Thread> {
        let incident = Thread::Incident(news.quiet.told_by.clone()?);
        let is_told = self.is_open(&incident) && (self.heard(&incident).is_some() || self.waiting(&incident).is_some());
        is_told.then(|| self.conversation(&incident))
    }

    /// An incident takes over what was told, or is about to be, of the source or the services that it is about. Gives
    /// the moment until which that waited to be confirmed.
    pub(super) fn absorb(&mut self, thread: &Thread, about: &[Thread]) -> Option<Timestamp> {
        let mut confirmed_at = None;
        for other in about {
            let Some(strand) = self.strand(other).filter(|strand| strand.open && strand.joined.is_none()) else {
                continue;
            };
            let is_alone = |member: &Thread| !matches!(member, Thread::Incident(_)) || !self.is_open(member);
            if strand.heard.is_some() {
                let free = self.heard(thread).is_none() && self.members(other).iter().all(is_alone);
                if free {
                    self.strand_mut(thread).joined = Some(other.clone());
                }
                continue;
            }
            let waits = strand.waiting.as_ref().map(|waiting| match waiting.why {
                Wait::Confirm | Wait::Flapping => waiting.until,
                _ => self.now,
            });
            if waits.is_some() || strand.hushed {
                confirmed_at = confirmed_at.into_iter().chain(waits).min();
                self.hold(other, Why::ToldByIncident);
                let conversation = self.conversation(thread);
                let strand = self.strand_mut(other);
                (strand.joined, strand.hushed) = (Some(conversation), false);
            }
        }
        confirmed_at
    }

    /// What an incident explained, but of which the receiver will not hear by it, is told by itself if it lasts.
    pub(super) fn release(&mut self, thread: &Thread, until: Timestamp) {
        if self.heard(thread).is_some() {
            return;
        }
        for member in self.members(thread).into_iter().filter(|member| member != thread) {
            let strand = self.strand_mut(&member);
            strand.joined = None;
            let (open, newest) = (strand.open, strand.newest);
            if open && wanted::names(self.policy, Happening::Opened) {
                self.wait(&member, newest, (Happening::Opened, false), Some((Wait::Confirm, until)));
            }
        }
    }

    /// Lets what an incident explained go over to another one of the same source, or of ours, that the receiver heard of.
    pub(super) fn pass_on(&mut self, incident: &Thread, conversation: &Thread) {
        let Some(source) = self.strand(incident).map(|strand| strand.source.clone()) else { return };
        let another = |(thread, strand): (&Thread, &Strand)| {
            let fits = matches!(thread, Thread::Incident(_)) && strand.open && strand.source == source;
            (fits && self.heard(thread).is_some()).then(|| self.conversation(thread))
        };
        let mut others = self.ledger.strands.iter().filter_map(another).filter(|other| other != conversation);
        let Some(heir) = others.next() else { return };
        for member in self.members(conversation) {
            if member != *conversation && !matches!(member, Thread::Incident(_)) && self.is_open(&member) {
                self.strand_mut(&member).joined = Some(heir.clone());
            }
        }
    }
}

/// The threads in which trouble may have shown that an incident is about, or that planned work explains.
pub(super) fn about(news: &News) -> Vec<Thread> {
    match &news.source {
        Some(source) => vec![Thread::Source(source.clone())],
        None => news.services.iter().map(|(id, _)| Thread::Service(id.clone())).collect(),
    }
}
