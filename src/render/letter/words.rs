//! The words of titles and lists: which vendor, what, how bad, since when.

use jiff::Timestamp;

use super::moment::Moments;
use crate::limits;
use crate::model::ledger::Item;
use crate::model::level::State;
use crate::model::news::{Happening, News, Thread};

/// What the words need besides the news.
pub struct Facts {
    /// When it began.
    pub since: String,
    /// How long it has lasted.
    pub lasted: Option<String>,
    /// The planned window.
    pub window: Option<String>,
    /// The planned end.
    pub ends: Option<String>,
}

/// The title, where it says more than the source's name.
pub fn name(news: &News) -> Option<&str> {
    let title = news.title.trim();
    (!title.is_empty() && title != news.source_name.trim()).then_some(title)
}

/// One thing in one line.
pub fn headline(happening: Happening, news: &News, facts: &Facts) -> String {
    let source = news.source_name.trim();
    let dash = |head: String| match name(news) {
        Some(name) => format!("{head} — {name}"),
        None => head,
    };
    let took = facts.lasted.as_ref().map(|lasted| format!(" ({lasted})")).unwrap_or_default();
    let window = facts.window.as_ref().map(|window| format!(", {window}")).unwrap_or_default();
    let state = lower(trouble(news.state));
    match happening {
        _ if matches!(news.thread, Thread::Here(_)) => here(happening, news, &took),
        Happening::Opened => dash(format!("{source}: {}", trouble(news.state))),
        Happening::Worsened => dash(format!("{source}: worse, now {state}")),
        Happening::Improved => dash(format!("{source}: better, now {}", lower(news.state.label()))),
        Happening::Updated => dash(format!("Update: {source}")),
        Happening::Resolved => format!("{}{took}", dash(format!("Resolved: {source}"))),
        Happening::Reminder if news.state.is_trouble() => format!("{}{took}", dash(format!("{source}: still {state}"))),
        Happening::Reminder => format!("{}{took}", dash(format!("{source}: still going on"))),
        Happening::Announced | Happening::Moved | Happening::Soon => {
            format!("{}{window}", dash(format!("{}: {source}", happening.label())))
        }
        Happening::Started => {
            let until = facts.ends.as_ref().map(|ends| format!(", until {ends}")).unwrap_or_default();
            format!("{}{until}", dash(format!("{}: {source}", happening.label())))
        }
        Happening::Ended => dash(format!("{}: {source}", happening.label())),
        Happening::Cancelled => format!("{}{window}", dash(format!("{}: {source}", happening.label()))),
        Happening::Unreadable => format!("{source}: status unknown, its page cannot be read"),
        Happening::Readable => format!("{source}: its page can be read again{took}"),
    }
}

/// What can be said of it beside the names.
pub fn says(happening: Happening, news: &News, facts: &Facts) -> String {
    let since = |words: &str| format!("{words} since {}", facts.since);
    let after = |words: &str| match &facts.lasted {
        Some(lasted) => format!("{words} after {lasted}"),
        None => words.to_owned(),
    };
    let window = |words: &str| match &facts.window {
        Some(window) => format!("{words}, {window}"),
        None => words.to_owned(),
    };
    let going = news.state.is_trouble();
    match happening {
        Happening::Opened | Happening::Reminder | Happening::Updated if going => since(news.state.label()),
        Happening::Opened => since("Problem"),
        Happening::Reminder | Happening::Updated if matches!(news.thread, Thread::Maintenance(_)) => {
            window(happening.label())
        }
        Happening::Reminder | Happening::Updated => since("Going on"),
        Happening::Worsened => since(&format!("Worse: {}, going on", lower(trouble(news.state)))),
        Happening::Improved => since(&format!("Better: {}, going on", lower(news.state.label()))),
        Happening::Resolved => after("Resolved"),
        Happening::Announced | Happening::Moved | Happening::Soon | Happening::Cancelled => window(happening.label()),
        Happening::Started => match &facts.ends {
            Some(ends) => format!("{}, until {ends}", happening.label()),
            None => happening.label().to_owned(),
        },
        Happening::Ended => happening.label().to_owned(),
        Happening::Unreadable => since("Its page cannot be read; its state is unknown"),
        Happening::Readable => after("Its page can be read again"),
    }
}

/// Several things in one line.
pub fn several(told: &[(&Item, &News)]) -> String {
    let names = distinct(told);
    let going = told.iter().filter(|(item, _)| !item.happening.is_end()).count();
    let planned = told.iter().filter(|(_, news)| is_planned(news)).count();
    let head = match (names.len(), told.len()) {
        (vendors, all) if going == all && planned == 0 && told.iter().all(|(_, news)| news.source.is_some()) => {
            if vendors == 1 {
                count(all, "problem")
            } else {
                format!("{vendors} vendors have problems")
            }
        }
        (_, all) if going == 0 && planned == 0 => match all {
            1 => "1 problem is over".to_owned(),
            all => format!("{all} problems are over"),
        },
        _ => tally(told),
    };
    if names.is_empty() { head } else { format!("{head}: {}", list(&names)) }
}

/// What passed since the last summary, in one line.
pub fn digest(told: &[(&Item, &News)], first: Option<Timestamp>, moments: &Moments) -> String {
    match first {
        Some(first) if !told.is_empty() => format!("{}: {}", moments.span(first), tally(told)),
        _ => "Nothing new".to_owned(),
    }
}

/// The first names in one line, and how many more there are.
pub fn list(names: &[String]) -> String {
    let shown = names.iter().take(limits::LETTER_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(limits::LETTER_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `3 problems, 1 still going on, 2 maintenances`.
fn tally(told: &[(&Item, &News)]) -> String {
    let (planned, problems): (Vec<_>, Vec<_>) = told.iter().partition(|(_, news)| is_planned(news));
    let going = problems.iter().filter(|(item, _)| !item.happening.is_end()).count();
    let mut parts = Vec::new();
    if !problems.is_empty() {
        parts.push(count(problems.len(), "problem"));
        parts.push(match going {
            0 => "all over".to_owned(),
            going if going == problems.len() => "still going on".to_owned(),
            going => format!("{going} still going on"),
        });
    }
    if !planned.is_empty() {
        parts.push(count(planned.len(), "maintenance"));
    }
    parts.join(", ")
}

fn here(happening: Happening, news: &News, took: &str) -> String {
    let title = news.title.trim();
    if happening.is_end() { format!("Over: {title}{took}") } else { format!("{}: {title}", news.source_name.trim()) }
}

fn distinct(told: &[(&Item, &News)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, news) in told {
        let name = if news.source.is_some() { &news.source_name } else { &news.title };
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn is_planned(news: &News) -> bool {
    matches!(news.thread, Thread::Maintenance(_)) || news.state == State::UNDER_MAINTENANCE
}

fn count(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

fn lower(words: &str) -> String {
    words.to_lowercase()
}

/// How bad it is, where that is a thing to say.
pub(super) fn trouble(state: State) -> &'static str {
    if state.is_trouble() { state.label() } else { "New problem" }
}
