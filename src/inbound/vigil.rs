//! Vigil's webhook: the health of all of one Vigil, with the replicas that are ill. Its times have no date.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};

use super::signal::{labels, signal};
use super::{Kind, Push, Refusal};
use crate::formats::json;
use crate::formats::notes::Notes;
use crate::formats::time::offset;
use crate::limits;
use crate::model::level::Impact;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "vigil",
    about: "Vigil, `notify.webhook`",
    by_get: false,
    signs: |value| value["replicas"].is_array() && value["page"].is_object(),
    read,
};

const EXPECTED: &str = "Vigil's `type`, `status` and `replicas`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let replicas = push.value["replicas"].as_array().ok_or_else(|| push.refuse(EXPECTED))?;
    let status = push.word(&["status"]).ok_or_else(|| push.refuse(EXPECTED))?;
    let page = &push.value["page"];
    let name = json::string(page, "title").unwrap_or_else(|| "Vigil".to_owned());
    let (course, impact, word) = match status.as_str() {
        "healthy" if push.value["type"] == "startup" => {
            // It starts with everything healthy, before it has looked at anything.
            notes.say(format!("{} has started: that ends nothing", text::line(&name, 100)));
            return Ok(Vec::new());
        }
        "healthy" => (Course::Resolved, None, "healthy"),
        "sick" => (Course::Firing, Some(Impact::Minor), "sick"),
        "dead" => (Course::Firing, Some(Impact::Major), "dead"),
        other => return Err(push.refuse_word("a `status` of healthy, sick or dead", other)),
    };
    let key = json::string(page, "url").unwrap_or_else(|| name.clone());
    let mut ill: Vec<(String, String)> = replicas.iter().filter_map(json::scalar).filter_map(|id| node(&id)).collect();
    ill.dedup();
    ill.truncate(limits::HOOK_LABELS);
    let nodes: Vec<String> = ill.iter().map(|(probe, node)| format!("{probe}/{node}")).collect();
    let mut signal = signal(&key, course, &format!("{name} is {word}"), &nodes.join("\n"));
    signal.at = push.word(&["time"]).and_then(|raw| time(&raw, push.now, notes));
    signal.impact = impact;
    signal.labels = labels(ill.iter().map(|(probe, _)| ("service", probe)));
    signal.labels.dedup();
    signal.url = json::word(page, "url").and_then(|url| text::link(&url));
    Ok(vec![signal])
}

/// Probe and node of a replica, `jobs:worker:192.168.1.10`; its address is nobody's business.
fn node(id: &str) -> Option<(String, String)> {
    let mut parts = id.split(':');
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

/// `08:58:28 UTC+0200`, on the day that brings it nearest to now.
fn time(raw: &str, now: Timestamp, notes: &mut Notes) -> Option<Timestamp> {
    let found = nearest(raw, now);
    if found.is_none() {
        notes.say(format!("`{}` is no time", text::line(raw, 40)));
    }
    found
}

fn nearest(raw: &str, now: Timestamp) -> Option<Timestamp> {
    let (clock, zone) = raw.split_once(" UTC")?;
    let clock: Time = clock.trim().parse().ok()?;
    let offset = offset(if zone.is_empty() { "UTC" } else { zone })?;
    let today = offset.to_datetime(now).date();
    let days = [today.yesterday().ok(), Some(today), today.checked_add(1.day()).ok()];
    let moments = days.into_iter().flatten().filter_map(|day| offset.to_timestamp(day.to_datetime(clock)).ok());
    moments.min_by_key(|at| at.duration_since(now).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_date_is_the_nearest_one() {
        let now: Timestamp = "2026-01-02T00:01:00Z".parse().unwrap();
        for (raw, at) in [
            ("00:00:30 UTC+00:00", "2026-01-02T00:00:30Z"),
            ("23:59:30 UTC+00:00", "2026-01-01T23:59:30Z"),
            ("01:00:30 UTC+0100", "2026-01-02T00:00:30Z"),
            ("19:00:30 UTC-05:00", "2026-01-02T00:00:30Z"),
            ("00:00:30 UTC", "2026-01-02T00:00:30Z"),
        ] {
            assert_eq!(nearest(raw, now), Some(at.parse().unwrap()), "{raw}");
        }
        for raw in ["", "25:00:00 UTC", "00:00:30", "00:00:30 UTC+xx", "noon UTC"] {
            assert_eq!(nearest(raw, now), None, "{raw}");
        }
    }
}
