//! Gatus' custom alert, with the body that docs/hooks.md offers. It says no time: pushes count as they arrive.

use super::signal::{labels, signal};
use super::{Kind, Push, Refusal};
use crate::formats::notes::Notes;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "gatus",
    about: "Gatus, alerting provider `custom`",
    by_get: false,
    signs: |value| value.get("event").is_some_and(|event| event.is_string()) && value.get("endpoint").is_some(),
    read,
};

const EXPECTED: &str = "Gatus' `event` and `endpoint`";

fn read(push: &Push<'_>, _: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let word = |keys: &[&str]| push.word(keys).filter(|word| !is_placeholder(word));
    let event = push.word(&["event", "status"]).ok_or_else(|| push.refuse(EXPECTED))?;
    let endpoint = word(&["endpoint", "name"]).ok_or_else(|| push.refuse(EXPECTED))?;
    let course = match event.to_ascii_uppercase().as_str() {
        "TRIGGERED" => Course::Firing,
        "RESOLVED" => Course::Resolved,
        _ => return Err(push.refuse_word("an `event` of TRIGGERED or RESOLVED", &event)),
    };
    let group = word(&["group"]);
    let key = group.as_ref().map_or_else(|| endpoint.clone(), |group| format!("{group} > {endpoint}"));
    // An end comes with the words of the alert.
    let told: &[&[&str]] = if course == Course::Firing { &[&["description"], &["errors"]] } else { &[] };
    let words: Vec<String> = told.iter().filter_map(|keys| word(keys)).collect();
    let mut signal = signal(&key, course, &format!("{endpoint} is down"), &words.join("\n\n"));
    signal.labels = labels(group.map(|group| ("group", group)));
    signal.url = word(&["url"]).and_then(|url| text::link(&url));
    Ok(vec![signal])
}

/// `[RESULT_ERRORS]`: a version of Gatus that does not know it leaves it as it is.
fn is_placeholder(word: &str) -> bool {
    let inside = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}
