//! Status.io: `https://api.status.io/1.0/status/<page id>`.
//!
//! Facts: recorded answers and an example of the vendor's documentation. The document holds open incidents only. That
//! maintenance states 300 and 400 mean verifying and completed is a guess. A security event counts as a major outage,
//! with a warning, since readers of this format disagree about it. Page ids that do not exist answer HTML with 200.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::{Table, impact_of, look_up};
use super::{Clues, Format, ParseError, Sureness, embedded, json};
use crate::model::id::ComponentId;
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statusio",
    about: "Status.io (https://api.status.io/1.0/status/<page id>)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let result = &sample.json()["result"];
        if result["status_overall"].is_object() || result["status"].is_array() {
            Sureness::Certain
        } else {
            Sureness::No
        }
    },
    clues: Clues { hosts: &["api.status.io"], marks: &["statuspageId", "statusbar_text"], leads },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "")]),
    expected: "a Status.io document (JSON with `result.status_overall`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const CODES: &Table<State> = &[
    ("100", State::OPERATIONAL),
    ("200", State::UNDER_MAINTENANCE),
    ("300", State::DEGRADED_PERFORMANCE),
    ("400", State::PARTIAL_OUTAGE),
    ("500", State::MAJOR_OUTAGE),
    ("600", State::MAJOR_OUTAGE),
];

const WORDS: &Table<State> = &[
    ("operational", State::OPERATIONAL),
    ("planned maintenance", State::UNDER_MAINTENANCE),
    ("degraded performance", State::DEGRADED_PERFORMANCE),
    ("partial service disruption", State::PARTIAL_OUTAGE),
    ("service disruption", State::MAJOR_OUTAGE),
    ("security event", State::MAJOR_OUTAGE),
    ("security issue", State::MAJOR_OUTAGE),
];

const INCIDENT: &Table<Phase> =
    &[("100", Phase::Investigating), ("200", Phase::Identified), ("300", Phase::Monitoring), ("400", Phase::Resolved)];

const MAINTENANCE: &Table<Phase> =
    &[("100", Phase::Scheduled), ("200", Phase::InProgress), ("300", Phase::Verifying), ("400", Phase::Completed)];

/// The API's address has the page id, which stands in a script and in the link of the feed. A page may serve its own.
fn leads(markup: &str, page: &Url) -> Vec<Url> {
    let is_id = |id: &&str| id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let after = markup.split_once("statuspageId").and_then(|(_, rest)| rest.split(['\'', '"']).nth(1)).filter(is_id);
    let id = after.or_else(|| embedded::between(markup, "/pages/", "/rss").filter(is_id));
    let Some(id) = id else { return Vec::new() };
    let own = page.join(&format!("/1.0/status/{id}"));
    let public = Url::parse(&format!("https://api.status.io/1.0/status/{id}"));
    [own, public].into_iter().flatten().collect()
}

/// By code and by word: where they contradict each other, the worse counts.
fn state(row: &Value, name: &str, draft: &mut Draft) -> State {
    let code = draft.state(CODES, name, row, "status_code");
    if row["status_code"] == 600 {
        draft.notes.say(format!("{name}: a security event, read as a major outage"));
    }
    match json::string(row, "status") {
        Some(word) => code.worse(look_up(WORDS, &word).unwrap_or(code)),
        None => code,
    }
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let result = &doc.value["result"];
        if !result["status_overall"].is_object() && !result["status"].is_array() {
            return Err(doc.not_ours());
        }
        draft.page_updated(json::string(&result["status_overall"], "updated"));
        let overall = state(&result["status_overall"], "the page", draft);
        draft.indicator(overall);
        for row in doc.list_in(result, "status")? {
            component(row, doc, draft)?;
        }
        for row in doc.list_in(result, "incidents")? {
            let (phase, updates, worst) = messages(row, INCIDENT, doc, draft)?;
            let (started_at, components) = (draft.past(row, "datetime_open"), touched(row, doc, draft)?);
            draft.incident(SeenIncident {
                phase,
                impact: worst.and_then(impact_of),
                started_at,
                resolved_at: updates.first().and_then(|update| update.at).filter(|_| phase == Some(Phase::Resolved)),
                components,
                updates,
                ..draft::incident(&id(row), &json::string(row, "name").unwrap_or_default())
            });
        }
        for key in ["active", "upcoming"] {
            for row in doc.list_in(&result["maintenance"], key)? {
                let (said, updates, _) = messages(row, MAINTENANCE, doc, draft)?;
                let starts_at = draft.planned(row, "datetime_planned_start");
                let ends_at = draft.planned(row, "datetime_planned_end");
                let phase =
                    if key == "active" && said == Some(Phase::Scheduled) { Some(Phase::InProgress) } else { said };
                draft.maintenance(SeenMaintenance {
                    phase,
                    starts_at,
                    ends_at,
                    components: touched(row, doc, draft)?,
                    updates,
                    ..draft::maintenance(&id(row), &json::string(row, "name").unwrap_or_default())
                });
            }
        }
    }
    Ok(())
}

fn id(row: &Value) -> String {
    json::string(row, "_id").or_else(|| json::string(row, "id")).unwrap_or_default()
}

/// A component with several locations is a group of them; their ids are the same under each, so both ids are the key.
fn component(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let (own, name) = (id(row), json::string(row, "name").unwrap_or_default());
    let whole = state(row, &name, draft);
    let updated_at = draft.past(row, "updated");
    let places = doc.list_in(row, "containers")?;
    if places.len() < 2 {
        let alone = places.first().map(|place| state(place, &name, draft));
        let state = alone.map_or(whole, |place| whole.worse(place));
        draft.component(SeenComponent { state, updated_at, ..draft::component(&own, &name) });
        return Ok(());
    }
    let mut worst = State::OPERATIONAL;
    for place in places {
        let label = json::string(place, "name").unwrap_or_default();
        let state = state(place, &label, draft);
        worst = worst.worse(state);
        let updated_at = draft.past(place, "updated");
        let key = format!("{own}/{}", id(place));
        draft.component(SeenComponent {
            group: draft::group(Some(name.clone())),
            state,
            updated_at,
            ..draft::component(&key, &label)
        });
    }
    // What no single location accounts for stands under the component's own name.
    if worst.worse(whole) != worst {
        draft.component(SeenComponent { state: whole, updated_at, ..draft::component(&own, &name) });
    }
    Ok(())
}

/// The components that a row names; with locations, those at the locations that it names.
fn touched(row: &Value, doc: &Doc<'_>, draft: &Draft) -> Result<Vec<ComponentId>, ParseError> {
    let mut ids = Vec::new();
    let places = doc.list_in(row, "containers_affected")?;
    for component in doc.list_in(row, "components_affected")? {
        let whole = draft::id(&id(component));
        let before = ids.len();
        let there = places.iter().map(|place| draft::id(&format!("{}/{}", id(component), id(place))));
        ids.extend(there.filter(|id| draft.lists(id)));
        if ids.len() == before || draft.lists(&whole) {
            ids.push(whole);
        }
    }
    Ok(ids)
}

/// Phase, updates newest first, and the state that the latest announces.
type Said = (Option<Phase>, Vec<Update>, Option<State>);

/// What the messages of a row say.
fn messages(row: &Value, phases: &Table<Phase>, doc: &Doc<'_>, draft: &mut Draft) -> Result<Said, ParseError> {
    let mut updates = Vec::new();
    let mut latest = None;
    for message in doc.list_in(row, "messages")? {
        let at = draft.past(message, "datetime");
        let phase = draft.phase(phases, "a message", message, "state");
        latest = message.get("status").map(|_| draft.state(CODES, "a message", message, "status")).or(latest);
        updates.push(draft.update(at, phase, &json::string(message, "details").unwrap_or_default()));
    }
    updates.sort_by_key(|update| std::cmp::Reverse(update.at));
    let phase = updates.first().map_or_else(|| phases.first().map(|(_, phase)| *phase), |update| update.phase);
    Ok((phase, updates, latest))
}
