//! Whether a receiver wants to hear of a piece of news, and if not, why not.

use jiff::tz::TimeZone;

use crate::model::filter::matches;
use crate::model::ledger::Why;
use crate::model::level::{Impact, State};
use crate::model::news::{Happening, News, Thread};
use crate::model::policy::{Policy, Wants};

use super::hours;

/// What a receiver hears that names no kinds: what asks somebody to act, and its end.
pub fn is_usual(happening: Happening) -> bool {
    match happening {
        Happening::Opened
        | Happening::Worsened
        | Happening::Resolved
        | Happening::Moved
        | Happening::Soon
        | Happening::Cancelled
        | Happening::Unreadable
        | Happening::Readable
        | Happening::Reminder => true,
        Happening::Updated | Happening::Improved | Happening::Announced | Happening::Started | Happening::Ended => {
            false
        }
    }
}

/// True where the receiver wants this sort of news.
pub(super) fn names(policy: &Policy, happening: Happening) -> bool {
    policy.wants.kinds.as_ref().map_or_else(|| is_usual(happening), |kinds| kinds.contains(&happening))
}

/// Looks at everything but the kind, which depends on what was heard. The first that does not fit is the reason:
/// subject, tier, gravity, words, hours.
///
/// # Errors
/// Why the receiver does not want it.
pub fn wanted(policy: &Policy, news: &News) -> Result<(), Why> {
    let wants = &policy.wants;
    if !is_subject(wants, news) {
        return Err(Why::OtherSubject);
    }
    if wants.tier.is_some_and(|least| news.tier < least) {
        return Err(Why::LowerTier);
    }
    if is_too_mild(wants, news) {
        return Err(Why::TooMild);
    }
    if !has_words(wants, news) {
        return Err(Why::OtherWords);
    }
    let listens = || {
        let zone = TimeZone::get(&policy.zone).unwrap_or(TimeZone::UTC);
        wants.hours.iter().any(|hours| hours::holds(*hours, &zone, news.at))
    };
    if !wants.hours.is_empty() && !listens() {
        return Err(Why::OutsideHours);
    }
    Ok(())
}

fn is_subject(wants: &Wants, news: &News) -> bool {
    let one_of = |patterns: &[String], text: &str| patterns.iter().any(|pattern| matches(pattern, text));
    let source = || news.source.as_ref().is_some_and(|id| one_of(&wants.sources, id.as_str()));
    let id = match &news.thread {
        Thread::Incident(id) | Thread::Maintenance(id) => Some(id),
        Thread::Source(_) | Thread::Reading(_) | Thread::Service(_) | Thread::Here(_) => None,
    };
    (wants.sources.is_empty() || source())
        && (wants.services.is_empty() || news.services.iter().any(|(id, _)| one_of(&wants.services, id.as_str())))
        && (wants.tags.is_empty() || news.tags.iter().any(|tag| one_of(&wants.tags, tag)))
        && (wants.components.is_empty() || is_part(wants, news))
        && (wants.incidents.is_empty() || id.is_some_and(|id| wants.incidents.contains(id)))
}

/// Patterns are `source/Group/Component`. What names no component is about all of the source.
fn is_part(wants: &Wants, news: &News) -> bool {
    let Some(source) = &news.source else { return false };
    let fits = |pattern: &String| match news.components.as_slice() {
        [] => matches(pattern.split('/').next().unwrap_or(pattern), source.as_str()),
        paths => paths.iter().any(|path| matches(pattern, &format!("{source}/{path}"))),
    };
    wants.components.iter().any(fits)
}

/// How bad it is by the publisher's word, else by its state. What is not known is never too mild.
fn is_too_mild(wants: &Wants, news: &News) -> bool {
    let by_state = |state: State| state.level().map(Impact::of_level);
    match (wants.impact, news.impact.or_else(|| by_state(news.state))) {
        (Some(least), Some(impact)) => impact < least,
        _ => false,
    }
}

fn has_words(wants: &Wants, news: &News) -> bool {
    if wants.words.is_empty() && wants.without.is_empty() {
        return true;
    }
    let mut all = vec![news.title.to_lowercase()];
    all.extend(news.text.iter().map(|text| text.to_lowercase()));
    all.extend(news.components.iter().map(|path| path.to_lowercase()));
    let stands = |word: &String| {
        let word = word.to_lowercase();
        all.iter().any(|text| text.contains(&word))
    };
    (wants.words.is_empty() || wants.words.iter().any(stands)) && !wants.without.iter().any(stands)
}

/// True where it does not make way for quiet hours: vital, and down for some at least.
pub(super) fn is_loud(news: &News) -> bool {
    let severe = news.impact.is_some_and(|impact| impact >= Impact::Major)
        || (news.state != State::Unknown && news.state.weight() >= State::PARTIAL_OUTAGE.weight());
    news.tier == crate::model::news::Tier::Vital && severe
}
