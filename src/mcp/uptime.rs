//! How much of the last days something was up, of the time that was observed alone.

use std::time::Duration;

use serde_json::json;

use super::answer::{Answer, Text, when};
use super::name::Subject;
use crate::history::Window;
use crate::history::uptime::Tally;
use crate::wire::Time;

/// The share of a window in which something was up. What was not observed counts neither way, and is said.
pub fn uptime(subject: &Subject, window: Window, tally: &Tally) -> Answer {
    let (Subject::Source(_, name) | Subject::Component(_, _, name) | Subject::Service(_, name)) = subject;
    let mut text = Text::default();
    let span = format!("from {} to {}", when(window.from()), when(window.to()));
    let percent = |share: Option<crate::model::target::Share>| share.map(|share| share.percent());
    let shares = [percent(tally.with_maintenance()), percent(tally.without_maintenance()), percent(tally.coverage())];
    let said = |share: Option<f64>| share.map_or_else(|| "not known".to_owned(), |share| format!("{share} %"));
    if let [Some(_), without, coverage] = shares {
        text.line(format!(
            "{name}, {span}: up {} of the time that was observed, planned work counted as not up; {} without the time of \
             planned work. Observed: {} of the time; the rest counts neither way.",
            said(shares[0]),
            said(without),
            said(coverage)
        ));
        text.line(format!(
            "Down, for some or for all: {}. Degraded: {}. Under maintenance: {}.",
            length(tally.down()),
            length(tally.degraded),
            length(tally.maintenance)
        ));
    } else {
        text.line(format!("UNKNOWN: {name} was not observed {span}; nothing can be said of its uptime."));
    }
    let [with, without, coverage] = shares;
    Answer::new(
        text,
        json!({
            "name": name,
            "window": {"from": Time(window.from()), "to": Time(window.to())},
            "uptime_with_maintenance": with,
            "uptime_without_maintenance": without,
            "coverage": coverage,
            "seconds": {
                "operational": tally.operational.as_secs(),
                "under_maintenance": tally.maintenance.as_secs(),
                "degraded_performance": tally.degraded.as_secs(),
                "partial_outage": tally.partial.as_secs(),
                "major_outage": tally.major.as_secs(),
                "unknown": tally.unknown.as_secs(),
                "not_observed": tally.unobserved.as_secs(),
            },
        }),
    )
}

/// `40 s`, `12 min`, `3 h 5 min`.
fn length(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ ..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
