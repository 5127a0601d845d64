//! UptimeRobot's webhooks: variables in the query, in a form or in JSON, under the names of its documentation or in
//! snake case.

use super::signal::signal;
use super::{Kind, Push, Refusal};
use crate::formats::notes::Notes;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "uptimerobot",
    about: "UptimeRobot, alert contact “Webhook”",
    by_get: true,
    signs: |value| value.get("alertType").is_some() || value.get("alert_type").is_some(),
    read,
};

const EXPECTED: &str = "UptimeRobot's `alertType` and `monitorID`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let kind = push.word(&["alertType", "alert_type"]).ok_or_else(|| push.refuse(EXPECTED))?;
    let name = push.word(&["monitorFriendlyName", "monitor_friendly_name"]);
    let address = push.word(&["monitorURL", "monitor_url"]);
    let about = name.clone().or_else(|| address.clone()).unwrap_or_default();
    let course = match kind.as_str() {
        "1" => Course::Firing,
        "2" => Course::Resolved,
        "3" => {
            notes.say(format!("a certificate or a domain of {} expires: nothing is down", text::line(&about, 100)));
            return Ok(Vec::new());
        }
        variable if is_variable(variable) => {
            notes.say("a test, with its variables unreplaced: it makes nothing".to_owned());
            return Ok(Vec::new());
        }
        other => return Err(push.refuse_word("an `alertType` of 1, 2 or 3", other)),
    };
    // Templates of their owners' making may lack the id. What they have instead must be the same in both pushes.
    let key = push.word(&["monitorID", "monitor_id"]).filter(|key| !is_variable(key));
    let key = key.or_else(|| address.clone()).or(name).ok_or_else(|| push.refuse(EXPECTED))?;
    let details = push.word(&["alertDetails", "alert_details"]).unwrap_or_default();
    let mut signal = signal(&key, course, &format!("{about} is down"), &details);
    signal.at = notes.past(push.word(&["alertDateTime", "alert_date_time", "alert_datetime"]));
    signal.url = address.and_then(|address| text::link(&address));
    Ok(vec![signal])
}

/// `*monitorID*`: nothing was put in its place.
fn is_variable(word: &str) -> bool {
    word.len() > 2 && word.starts_with('*') && word.ends_with('*')
}
