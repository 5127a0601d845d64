//! Datadog's webhooks integration: the body that docs/hooks.md offers, as JSON or as a form, or what it sends by itself.
//!
//! Its own body has neither the transition nor a key: both are taken from the title, `[Triggered on {host:a}] Name`.
//! That form of titles is known from examples only; what does not fit it is refused.

use super::signal::{labels_of_tags, severity, signal};
use super::{Kind, Push, Refusal};
use crate::formats::notes::Notes;
use crate::model::level::Impact;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "datadog",
    about: "Datadog, integration “Webhooks”",
    by_get: false,
    signs: |value| {
        value.get("transition").is_some() || value.get("event_type").is_some() && value.get("last_updated").is_some()
    },
    read,
};

const EXPECTED: &str = "Datadog's `transition` and `cycle`, or a title like `[Triggered] …`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let word = |keys: &[&str]| push.word(keys).filter(|word| !is_variable(word));
    let title = word(&["title"]).unwrap_or_default();
    let titled = Titled::of(&title);
    let transition = match push.word(&["transition", "alert_transition"]) {
        Some(variable) if is_variable(&variable) => {
            notes.say("a test, with its variables unreplaced: it makes nothing".to_owned());
            return Ok(Vec::new());
        }
        Some(transition) => transition,
        None => match &titled {
            Some(titled) => titled.transition.to_owned(),
            None if title.is_empty() => return Err(push.refuse(EXPECTED)),
            None => return Err(push.refuse_word(EXPECTED, &title)),
        },
    };
    let (course, usual) = match transition.to_ascii_lowercase().as_str() {
        "triggered" | "re-triggered" | "renotify" => (Course::Firing, Some(Impact::Major)),
        "warn" | "re-warn" => (Course::Firing, Some(Impact::Minor)),
        // How bad it is, nobody knows.
        "no data" | "re-no data" => (Course::Firing, None),
        "recovered" => (Course::Resolved, None),
        _ => return Err(push.refuse_word("a transition such as Triggered or Recovered", &transition)),
    };
    let key = word(&["cycle", "alert_cycle_key"])
        .or_else(|| word(&["aggreg", "aggreg_key"]))
        .or_else(|| word(&["id", "alert_id"]).filter(|_| push.value.get("transition").is_some()))
        .or_else(|| titled.as_ref().map(|titled| titled.subject.clone()))
        .ok_or_else(|| push.refuse(EXPECTED))?;
    let name = titled.map_or(title.as_str(), |titled| titled.name);
    let mut signal = signal(&key, course, name, &word(&["body", "text"]).unwrap_or_default());
    signal.at = notes.past(word(&["at", "date", "last_updated"]));
    let priority = word(&["priority", "alert_priority"]).and_then(|word| severity(&word));
    signal.impact = if usual == Some(Impact::Minor) { usual } else { priority.or(usual) };
    signal.labels = labels_of_tags(&word(&["tags"]).unwrap_or_default(), ',');
    signal.url = word(&["url", "link"]).and_then(|url| text::link(&url));
    Ok(vec![signal])
}

/// A monitor's title, taken apart.
struct Titled<'t> {
    transition: &'t str,
    /// What stays the same from the alert to its end.
    subject: String,
    name: &'t str,
}

impl<'t> Titled<'t> {
    /// `[P1] [Triggered on {host:a}] Name`.
    fn of(title: &'t str) -> Option<Self> {
        let (mut inside, mut name) = bracket(title)?;
        if matches!(inside.as_bytes(), [b'P', b'1'..=b'5']) {
            (inside, name) = bracket(name)?;
        }
        let (transition, group) = inside.split_once(" on ").unwrap_or((inside, ""));
        let known = ["triggered", "re-triggered", "renotify", "warn", "re-warn", "no data", "re-no data", "recovered"];
        let is_known = known.contains(&transition.to_ascii_lowercase().as_str());
        (is_known && !name.is_empty()).then(|| Self { transition, subject: format!("{group} {name}"), name })
    }
}

/// What stands in the bracket with which a text begins, and what follows it.
fn bracket(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.trim_start().strip_prefix('[')?.split_once(']')?;
    Some((inside.trim(), rest.trim()))
}

/// `$ALERT_ID`: nothing was put in its place.
fn is_variable(word: &str) -> bool {
    word.strip_prefix('$')
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}
