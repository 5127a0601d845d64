//! What rings: for each thing that a message tells, whether somebody is to be woken, or may sleep on.

use sha2::{Digest, Sha256};

use super::{Message, cut};
use crate::model::ledger::{Item, Style};
use crate::model::level::{Level, State};
use crate::model::news::{Happening, News, Thread};

/// Characters of a key that every pager takes.
const KEY: usize = 255;

/// How urgent it is. Declared mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It is over, planned, or a test.
    Low,
    /// Slow, or nobody knows.
    Middle,
    /// Down for some.
    High,
    /// Down.
    Critical,
}

impl Urgency {
    /// By how bad it is.
    pub fn of(state: State) -> Self {
        match state {
            State::Known(Level::MajorOutage) => Self::Critical,
            State::Known(Level::PartialOutage) => Self::High,
            State::Known(Level::DegradedPerformance) | State::Unknown => Self::Middle,
            State::Known(Level::UnderMaintenance | Level::Operational) => Self::Low,
        }
    }

    /// The most urgent that a message tells.
    pub fn of_message(message: &Message<'_>) -> Self {
        let one = |(item, news): &(&Item, &News)| {
            if item.happening.is_end() || matches!(item.thread, Thread::Maintenance(_)) {
                Self::Low
            } else {
                Self::of(news.state)
            }
        };
        message.items.iter().map(one).max().unwrap_or(Self::Low)
    }
}

/// One thing that begins to ring, rings again, or falls silent.
#[derive(Debug)]
pub struct Alarm<'a> {
    /// The same from its first ring to its end; no more than 255 characters.
    pub key: String,
    /// It is over.
    pub over: bool,
    /// How urgent it is.
    pub urgency: Urgency,
    /// One line.
    pub title: String,
    /// What is known of it; plain.
    pub text: String,
    /// What it is about; nothing for a test.
    pub news: Option<&'a News>,
}

/// What a message has to say to a pager. Planned work, summaries, milder words and better news wake nobody; a test rings
/// and falls silent again.
pub fn alarms<'a>(message: &Message<'a>) -> Vec<Alarm<'a>> {
    match message.style {
        Style::Single | Style::Several => message.items.iter().filter_map(|told| alarm(message, *told)).collect(),
        Style::Test => [false, true].into_iter().map(|over| test(message, over)).collect(),
        Style::Digest | Style::Confirm => Vec::new(),
    }
}

fn alarm<'a>(message: &Message<'a>, (item, news): (&'a Item, &'a News)) -> Option<Alarm<'a>> {
    if matches!(item.thread, Thread::Maintenance(_)) {
        return None;
    }
    let over = item.happening.is_end();
    // Somebody may have closed it at the pager: what is no worse must not ring anew.
    let rings =
        matches!(item.happening, Happening::Opened | Happening::Worsened | Happening::Unreadable | Happening::Reminder);
    if !over && !rings && item.root.is_some() {
        return None;
    }
    let alone = message.style == Style::Single;
    let title = if alone { message.title.clone() } else { title(item, news) };
    let text = match &news.text {
        _ if alone => message.text.clone(),
        Some(text) => text.clone(),
        None => news.state.label().to_owned(),
    };
    Some(Alarm {
        key: key(&item.thread.to_string()),
        over,
        urgency: Urgency::of(news.state),
        title: cut::line(&title),
        text,
        news: Some(news),
    })
}

fn title(item: &Item, news: &News) -> String {
    if news.source_name.is_empty() || news.title.starts_with(&news.source_name) {
        return format!("{}: {}", item.happening.label(), news.title);
    }
    format!("{}: {}: {}", item.happening.label(), news.source_name, news.title)
}

fn test<'a>(message: &Message<'a>, over: bool) -> Alarm<'a> {
    Alarm {
        key: key(&format!("test/{}", message.key)),
        over,
        urgency: Urgency::Low,
        title: cut::line(&message.title),
        text: message.text.clone(),
        news: None,
    }
}

/// A thread's word as pagers take it: without a slash, since it stands in paths of theirs.
fn key(word: &str) -> String {
    let key = word.replacen('/', ":", 1);
    if key.len() <= KEY && !key.contains('/') {
        return key;
    }
    let kind = key.split(':').next().unwrap_or_default();
    format!("{kind}:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(word.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_threads_word_where_that_can_stand_in_a_path() {
        assert_eq!(key("incident/github.k3lw9x"), "incident:github.k3lw9x");
        let odd = key("here/a/b");
        assert!(odd.starts_with("here:") && !odd.contains('/'), "{odd}");
        let long = key(&format!("incident/{}", "x".repeat(300)));
        assert!(long.len() <= KEY && long.starts_with("incident:"), "{long}");
        assert_ne!(key("here/a/b"), key("here/a/c"));
    }

    #[test]
    fn not_knowing_is_more_urgent_than_planned_work_and_less_than_an_outage() {
        assert!(Urgency::of(State::Unknown) > Urgency::of(State::UNDER_MAINTENANCE));
        assert!(Urgency::of(State::Unknown) < Urgency::of(State::PARTIAL_OUTAGE));
        assert!(Urgency::of(State::MAJOR_OUTAGE) > Urgency::of(State::PARTIAL_OUTAGE));
    }
}
