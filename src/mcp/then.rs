//! What it was like at a moment of the past, or why nobody can say.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Text, when};
use super::{Page, broken, is_up};
use crate::model::past::Past;
use crate::wire::{Time, time};

/// What stood on the page at a moment; of the thing of this name, where one is asked for.
pub fn then(past: &Past, at: Timestamp, name: Option<&str>) -> Answer {
    match past {
        Past::Shown(shown) => {
            let page = Page { snapshot: &shown.snapshot, at, past: true };
            let mut answer = name.map_or_else(|| broken(page), |name| is_up(page, name));
            let until = shown.until.map_or_else(|| "now".to_owned(), when);
            let mut head = format!("At {} (it stood so from {} until {until}): ", when(at), when(shown.since));
            if shown.lost > 0 {
                head.push_str(&format!("{} incidents or maintenances of then are kept no longer. ", shown.lost));
            }
            answer.text.insert_str(0, &head);
            if let Value::Object(fields) = &mut answer.data {
                fields.insert("since".to_owned(), json!(Time(shown.since)));
                fields.insert("until".to_owned(), json!(time(shown.until)));
                fields.insert("lost".to_owned(), shown.lost.into());
            }
            answer
        }
        Past::Asleep { since, until } => {
            let end = until.map_or_else(String::new, |until| format!(" until {}", when(until)));
            let why = format!("allclear was not running: nothing was observed from {}{end}", when(*since));
            unknown(at, &why, json!({"since": Time(*since), "until": time(*until)}))
        }
        Past::Before { first } => {
            let why = match first {
                Some(first) => format!("that is from before what is kept, which begins at {}", when(*first)),
                None => "nothing is kept of the past".to_owned(),
            };
            unknown(at, &why, json!({"kept_from": time(*first)}))
        }
    }
}

/// Nobody knows: that is an answer, and not a good one.
fn unknown(at: Timestamp, why: &str, mut data: Value) -> Answer {
    let mut text = Text::default();
    text.line(format!("UNKNOWN: what was up or down at {} is not known here: {why}.", when(at)));
    if let Value::Object(fields) = &mut data {
        fields.insert("answer".to_owned(), "unknown".into());
        fields.insert("reason".to_owned(), "not_observed".into());
        fields.insert("as_of".to_owned(), json!(Time(at)));
    }
    Answer::new(text, data)
}
