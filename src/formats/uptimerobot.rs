//! UptimeRobot status pages: `/api/getMonitorList/<page key>` and, for announcements, `/api/getEventFeed/<page key>`.
//!
//! Facts: recorded answers in an older and a newer form. There are monitors and no incidents. Times carry no zone and
//! the page's is not said, so none is read. Of a list in pages the first is read, and the rest is unknown. The monitored addresses may be internal and are not taken over.

use url::Url;

use super::draft::{self, Draft};
use super::plain::{Doc, Plain, Where, compile};
use super::words::Table;
use super::{Clues, Document, Format, ParseError, Role, Sureness, json, text};
use crate::limits;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "uptimerobot",
    about: "UptimeRobot status pages (/api/getMonitorList/<page key>)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let ours = value["psp"]["monitors"].is_array()
            || value["data"][0]["statusClass"].is_string()
            || value["results"][0]["eventType"].is_string();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &["stats.uptimerobot.com"], marks: &["pspApiPath"], leads },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "an UptimeRobot document (JSON with `psp.monitors` or `data`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> = &[
    ("success", State::OPERATIONAL),
    ("info", State::OPERATIONAL),
    ("warning", State::DEGRADED_PERFORMANCE),
    ("danger", State::MAJOR_OUTAGE),
];

/// The address that the page's script asks.
fn leads(markup: &str, page: &Url) -> Vec<Url> {
    let named = markup.split_once("pspApiPath").and_then(|(_, rest)| rest.split(['\'', '"']).nth(1));
    let named = named.and_then(|path| page.join(path).ok());
    let key = page.path_segments().and_then(|mut parts| parts.next_back()).filter(|key| !key.is_empty());
    let by_key =
        key.and_then(|key| page.join(&format!("/api/getMonitorList/{key}")).ok()).filter(|_| markup.is_empty());
    named.into_iter().chain(by_key).collect()
}

fn documents(base: &Url) -> Vec<Document> {
    let mut events = base.clone();
    events.set_path(&base.path().replacen("getMonitorList", "getEventFeed", 1));
    let document = |name, url, role| Document { name, url, role, accept: "application/json" };
    let mut all = vec![document("monitors", base.clone(), Role::Present)];
    if events != *base {
        all.push(document("events", events, Role::Extra));
    }
    all
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let rows =
            if doc.value["psp"].is_object() { doc.list_in(&doc.value["psp"], "monitors")? } else { doc.list("data")? };
        if doc.value["results"].is_array() {
            events(doc, draft)?;
        } else if rows.is_empty() && !doc.value["psp"]["monitors"].is_array() {
            return Err(doc.not_ours());
        }
        // Long lists come in pages, of which the first is read; the page counts them all.
        let counts = &doc.value["statistics"]["counts"];
        let all = doc.value["psp"]["totalMonitors"].as_u64().or_else(|| counts["total"].as_u64());
        let all = all.and_then(|all| usize::try_from(all).ok()).unwrap_or_default();
        if all > rows.len() {
            draft.partial(rows.len(), all, "monitors");
            if counts["down"].as_u64().is_some_and(|down| down > 0) {
                draft.indicator(State::PARTIAL_OUTAGE);
            }
        }
        for row in rows {
            let name = json::string(row, "name").unwrap_or_default();
            if matches!(row["statusClass"].as_str(), Some("black" | "paused")) {
                draft.notes.say(format!("{} is paused and not counted", text::line(&name, limits::NAME)));
                continue;
            }
            let state = draft.state(STATES, &name, row, "statusClass");
            draft.component(SeenComponent {
                state,
                ..draft::component(&json::string(row, "monitorId").unwrap_or_else(|| name.clone()), &name)
            });
        }
    }
    Ok(())
}

/// Announcements of the page's owner. One counts as going on for as long as a feed's entry that does not say.
fn events(doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    if draft.seen.components.is_empty() {
        draft.seen.basis = Basis::Announcements;
    }
    for row in doc.list("results")?.iter().filter(|row| row["eventType"] == "ann") {
        let title = json::string(row, "title").unwrap_or_default();
        let stamp = json::string(row, "ts").unwrap_or_default();
        let at = draft.past(row, "ts");
        let recent = at.is_none_or(|at| {
            draft.notes.now.duration_since(at)
                < jiff::SignedDuration::try_from(limits::FEED_OPEN_FOR).unwrap_or_default()
        });
        let over = !row["endDate"].is_null() || !recent;
        let update = draft.update(at, None, &json::string(row, "content").unwrap_or_default());
        draft.incident(SeenIncident {
            phase: if over { Some(Phase::Resolved) } else { None },
            started_at: at,
            updates: vec![update],
            ..draft::incident(&format!("{stamp}/{title}"), &title)
        });
    }
    Ok(())
}
