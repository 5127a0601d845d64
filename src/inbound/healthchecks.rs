//! Healthchecks' integration “Webhook”: the body that docs/hooks.md offers, `$JSON`, or the same in a query or a form.

use super::signal::{labels_of_tags, signal};
use super::{Kind, Push, Refusal};
use crate::formats::notes::Notes;
use crate::model::signal::{Course, Signal};
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "healthchecks",
    about: "Healthchecks (healthchecks.io), integration “Webhook”",
    by_get: true,
    signs: |value| value.get("ping_url").is_some() || value.get("code").is_some() && value.get("status").is_some(),
    read,
};

const EXPECTED: &str = "Healthchecks' `status` and `code`, or its `$JSON`";

fn read(push: &Push<'_>, notes: &mut Notes) -> Result<Vec<Signal>, Refusal> {
    let status = push.word(&["status"]).ok_or_else(|| push.refuse(EXPECTED))?;
    let key = push.word(&["code", "uuid", "unique_key"]).ok_or_else(|| push.refuse(EXPECTED))?;
    let name = push.word(&["name", "slug"]).unwrap_or_else(|| format!("Check {key}"));
    if name == "TEST" {
        // Its code is a new one each time: an incident made of it would never end.
        notes.say("a test: it makes nothing".to_owned());
        return Ok(Vec::new());
    }
    let course = match status.as_str() {
        "down" => Course::Firing,
        "up" => Course::Resolved,
        "new" | "grace" | "started" | "paused" => {
            notes.say(format!("{} is “{status}”: that neither begins nor ends anything", text::line(&name, 100)));
            return Ok(Vec::new());
        }
        other => return Err(push.refuse_word("a `status` of up or down", other)),
    };
    let body = push.word(&["text", "desc"]).filter(|_| course == Course::Firing).unwrap_or_default();
    let mut signal = signal(&key, course, &format!("{name} is down"), &body);
    signal.at = notes.past(push.word(&["at", "now"]));
    signal.labels = labels_of_tags(&push.word(&["tags"]).unwrap_or_default(), ' ');
    Ok(vec![signal])
}
