//! Planned work.

use jiff::Timestamp;

use crate::limits;
use crate::model::ledger::{Fate, Wait, Why};
use crate::model::news::{Happening, News, NewsKind};

use super::ledger::Telling;
use super::wanted;

impl Telling<'_> {
    /// News of planned work. That it is about to start is told of what is ours when its operators say so, and of a
    /// vendor's some time before (`limits::SOON`), since no vendor says that.
    pub(super) fn planned(&mut self, news: &News) {
        let thread = &news.thread;
        let over = matches!(news.kind, NewsKind::Ended | NewsKind::Cancelled);
        if over {
            self.uncover(news);
            return self.planned_end(news);
        }
        self.take_back_end(thread, true);
        self.strand_mut(thread).soon_at = None;
        if let Some(why) = self.why_not(news) {
            return self.quieten(news, why);
        }
        let happening = match self.coming(news) {
            Some(happening) => happening,
            None => match news.kind {
                NewsKind::Moved => Happening::Moved,
                NewsKind::Soon => Happening::Soon,
                NewsKind::Started => Happening::Started,
                NewsKind::Reworded => Happening::Updated,
                _ => Happening::Announced,
            },
        };
        let (waits, heard) = (self.waiting(thread).map(|waiting| waiting.happening), self.heard(thread).is_some());
        if heard && self.waiting(thread).is_none() && self.has_said(news) {
            return self.decide(news.seq, thread, Fate::Held(Why::NothingNew));
        }
        // Other words for what is not told yet go into what waits; so does that it has begun.
        let happening = match (happening, waits) {
            (Happening::Updated, Some(waiting)) if waiting.is_end() => Happening::Announced,
            (Happening::Updated, Some(waiting)) => waiting,
            (happening, _) => happening,
        };
        if self.tells(news, happening) || (waits.is_some() && !heard) {
            return self.wait(thread, news.seq, (happening, false), None);
        }
        if self.can_edit(thread) {
            return self.wait(thread, news.seq, (happening, true), None);
        }
        self.decide(news.seq, thread, Fate::Held(Why::OtherKind));
    }

    /// True where this sort of news of planned work is told by itself. That it is moved matters to those who heard of
    /// it, unless they ask for that: others hear when it is about to start.
    fn tells(&self, news: &News, happening: Happening) -> bool {
        let unheard_of = self.policy.wants.kinds.is_none() && self.heard(&news.thread).is_none();
        wanted::names(self.policy, happening) && !(happening == Happening::Moved && unheard_of)
    }

    /// A vendor's work that has not begun: it is remembered when to tell that it is about to. Where it is that late
    /// already, that is what is told.
    fn coming(&mut self, news: &News) -> Option<Happening> {
        let planned = !news.local && matches!(news.kind, NewsKind::Announced | NewsKind::Moved | NewsKind::Reworded);
        let starts = news.starts_at.filter(|starts| planned && *starts > self.now)?;
        let soon = starts.checked_sub(limits::SOON).unwrap_or(Timestamp::MIN);
        if soon > self.now {
            self.strand_mut(&news.thread).soon_at = Some(soon);
            return None;
        }
        let unheard_of = self.policy.wants.kinds.is_none() && self.heard(&news.thread).is_none();
        let late = news.kind == NewsKind::Announced || (news.kind == NewsKind::Moved && unheard_of);
        late.then_some(Happening::Soon)
    }

    fn has_said(&self, news: &News) -> bool {
        let said = self.strand(&news.thread).map(|strand| strand.said);
        news.kind == NewsKind::Reworded && self.heard(&news.thread).map(|heard| heard.said) == said
    }

    /// It is over, or will not be. Whoever heard of it hears that it is cancelled; that it ended as planned is told to
    /// those who ask for that, and changes what stands there for others.
    fn planned_end(&mut self, news: &News) {
        let thread = &news.thread;
        let end = if news.kind == NewsKind::Cancelled { Happening::Cancelled } else { Happening::Ended };
        if self.heard(thread).is_none() {
            if self.waiting(thread).is_some_and(|waiting| waiting.why == Wait::Digest) {
                return self.wait(thread, news.seq, (end, false), None);
            }
            let why = if self.waiting(thread).is_some() { Why::OverBefore } else { Why::NeverHeard };
            self.hold(thread, why);
            return self.decide(news.seq, thread, Fate::Held(why));
        }
        if end == Happening::Cancelled || wanted::names(self.policy, end) {
            return self.wait(thread, news.seq, (end, false), None);
        }
        if self.can_edit(thread) {
            return self.wait(thread, news.seq, (end, true), None);
        }
        self.hold(thread, Why::OverBefore);
        self.strand_mut(thread).heard = None;
        self.decide(news.seq, thread, Fate::Held(Why::OtherKind));
    }
}
