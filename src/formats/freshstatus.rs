//! Freshstatus: `https://public-api.freshstatus.io/v1/public-components/?account_id=<n>` and `…/public-incidents/`.
//!
//! Facts: recorded components; incidents were seen in public clients. Components that the vendor takes out of its own
//! overall state (`ignore_overall_status`, a text) are marked as hidden while they work, and count as what they are.
//! Where the account id stands in a page is a guess: any `account_id` in its data is tried.

use url::Url;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile};
use super::words::Table;
use super::{Clues, Document, Format, ParseError, Role, Sureness, json};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "freshstatus",
    about: "Freshstatus (https://public-api.freshstatus.io/v1/public-components/?account_id=<n>)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let coded = |row: &Value| {
            leaf(row).is_some_and(|leaf| {
                leaf["status"].as_str().is_some_and(|word| STATES.iter().any(|(code, _)| *code == word))
            })
        };
        let incident = &value["results"][0];
        if coded(&value["results"][0]) || coded(&value["components"][0]) || incident.get("is_planned").is_some() {
            Sureness::Certain
        } else if value["results"].is_array() && value.get("next").is_some() {
            Sureness::Maybe
        } else {
            Sureness::No
        }
    },
    clues: Clues { hosts: &["public-api.freshstatus.io"], marks: &["freshstatus"], leads },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "a Freshstatus document (JSON with `results` or `components`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("OP", State::OPERATIONAL),
    ("UM", State::UNDER_MAINTENANCE),
    ("PD", State::DEGRADED_PERFORMANCE),
    ("PO", State::PARTIAL_OUTAGE),
    ("MO", State::MAJOR_OUTAGE),
];

/// The first component at the bottom of a tree.
fn leaf(row: &Value) -> Option<&Value> {
    let mut row = row;
    for _ in 0..8 {
        match row["components"].get(0) {
            Some(inner) => row = inner,
            None => return Some(row),
        }
    }
    None
}

fn leads(markup: &str, page: &Url) -> Vec<Url> {
    if page.host_str() == Some("public-api.freshstatus.io") {
        return vec![page.clone()];
    }
    let ids = markup.match_indices("account").filter_map(|(at, _)| {
        let rest =
            markup.get(at..)?.strip_prefix("account_id").or_else(|| markup.get(at..)?.strip_prefix("accountId"))?;
        let digits = rest.trim_start_matches(['"', '\'', ' ', ':', '=', '\\']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end).filter(|id| !id.is_empty() && id.len() < 12)
    });
    let Some(id) = ids.into_iter().next() else { return Vec::new() };
    let path = format!("/v1/public-components/?account_id={id}");
    let public = Url::parse(&format!("https://public-api.freshstatus.io{path}"));
    [page.join(&path), public].into_iter().flatten().collect()
}

fn documents(base: &Url) -> Vec<Document> {
    let document = |name, path: &str, role| {
        let mut url = base.clone();
        url.set_path(path);
        if role == Role::Extra {
            url.query_pairs_mut().append_pair("end_time__isempty", "true");
        }
        Document { name, url, role, accept: "application/json" }
    };
    vec![
        document("components", "/v1/public-components/", Role::Present),
        document("open", "/v1/public-incidents/", Role::Extra),
        document("incidents", "/v1/public-incidents/", Role::History),
    ]
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let key = if doc.value["results"].is_array() { "results" } else { "components" };
        if !doc.value[key].is_array() {
            return Err(doc.not_ours());
        }
        let rows = doc.list(key)?;
        // Lists come in pages, of which the first is read; of what is over, that is enough.
        if doc.is_present() && json::string(&doc.value, "next").is_some() {
            let all = doc.value["count"].as_u64().and_then(|all| usize::try_from(all).ok());
            draft.partial(rows.len(), all.unwrap_or(rows.len()), "rows of a list");
        }
        for row in rows {
            if row.get("is_planned").is_some() || row.get("start_time").is_some() {
                thread(row, doc, draft)?;
            } else {
                component(row, None, doc, draft, 0)?;
            }
        }
    }
    Ok(())
}

fn component(
    row: &Value,
    group: Option<&str>,
    doc: &Doc<'_>,
    draft: &mut Draft,
    depth: usize,
) -> Result<(), ParseError> {
    let name = json::string(row, "name").unwrap_or_default();
    let parts = doc.list_in(row, "components")?;
    if !parts.is_empty() && depth < 8 {
        let path = group.map_or_else(|| name.clone(), |above| format!("{above}/{name}"));
        for part in parts {
            component(part, Some(&path), doc, draft, depth.saturating_add(1))?;
        }
        return Ok(());
    }
    if row["components"].is_array() && row.get("status").is_none() {
        return Ok(());
    }
    let state = draft.state(STATES, &name, row, "status");
    let ignored = json::string(&row["display_options"], "ignore_overall_status").as_deref() == Some("true")
        || row["display_options"]["ignore_overall_status"] == true;
    if ignored && state != State::OPERATIONAL {
        draft.notes.say(format!("{name}: the vendor leaves it out of its own overall state"));
    }
    draft.component(SeenComponent {
        group: draft::group(group.map(str::to_owned)),
        state,
        quiet: ignored,
        ..draft::component(&json::string(row, "id").unwrap_or_else(|| name.clone()), &name)
    });
    Ok(())
}

fn thread(row: &Value, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let id = json::string(row, "id").unwrap_or_default();
    let title = json::string(row, "title").unwrap_or_default();
    let components: Vec<ComponentId> = doc
        .list_in(row, "affected_components")?
        .iter()
        .filter_map(|part| Some(draft::id(&json::string(part, "component")?)))
        .collect();
    let mut updates = Vec::new();
    if let Some(words) = json::string(row, "description") {
        let at = draft.past(row, "start_time");
        updates.push(draft.update(at, None, &words));
    }
    for update in doc.list_in(row, "updates")? {
        let at = draft.past(update, "created_at").or_else(|| draft.past(update, "updated_at"));
        let words = json::string(update, "message").or_else(|| json::string(update, "description"));
        updates.push(draft.update(at, None, &words.unwrap_or_default()));
    }
    let (started_at, ended_at) = (draft.past(row, "start_time"), draft.past(row, "end_time"));
    let updated_at = draft.past(row, "updated_at");
    if row["is_planned"] == true {
        let starts_at = draft.planned(row, "scheduled_start_time").or(started_at);
        let ends_at = draft.planned(row, "scheduled_end_time");
        let phase =
            if ended_at.is_some() { Some(Phase::Completed) } else { by_window(starts_at, ends_at, draft.notes.now) };
        draft.maintenance(SeenMaintenance {
            phase,
            starts_at,
            ends_at,
            updated_at,
            components,
            updates,
            ..draft::maintenance(&id, &title)
        });
        return Ok(());
    }
    let mut worst = None;
    for part in doc.list_in(row, "affected_components")? {
        worst = State::worst(worst.into_iter().chain([draft.state(STATES, &title, part, "new_status")]));
    }
    draft.incident(SeenIncident {
        phase: Some(if ended_at.is_some() { Phase::Resolved } else { Phase::Investigating }),
        impact: worst.and_then(super::words::impact_of),
        started_at,
        updated_at,
        resolved_at: ended_at,
        components,
        updates,
        ..draft::incident(&id, &title)
    });
    Ok(())
}
