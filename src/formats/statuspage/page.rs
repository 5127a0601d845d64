//! A Statuspage's page for people, for pages whose API is switched off or answers with this very page.
//!
//! Facts: recorded pages of 2021 to 2024. The overall block is left out while incidents are unresolved. Times carry no
//! year: it is taken from the list of past days, whose first day is the day of the reading.

use jiff::Timestamp;
use scraper::{ElementRef, Html};

use crate::formats::draft::{self, Draft};
use crate::formats::feed::dates;
use crate::formats::json::Value;
use crate::formats::plain::{Doc, Plain, Where, compile, json_or_markup, present};
use crate::formats::words::{self, IMPACTS, PHASES, STATES, Table, look_up};
use crate::formats::{Clues, Format, ParseError, Sureness, scrape, text};
use crate::model::incident::{Phase, Update};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "statuspage-html",
    about: "the page for people of an Atlassian Statuspage whose API is switched off",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let is_page =
            sample.holds(&["data-component-status", "unresolved-incident", "class=\"page-status", "incidents-list"]);
        let is_ours = sample.holds(&["statuspage.io", "layout-content status", "page_display_customizations"]);
        if is_page && is_ours { Sureness::Likely } else { Sureness::No }
    },
    clues: Clues::marks(&["data-component-status", "page_display_customizations"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "the page of a Statuspage (HTML with `data-component-status`)",
    basis: Basis::States,
    load: json_or_markup,
    read,
};

const OVERALL: &Table<State> = &[
    ("status-none", State::OPERATIONAL),
    ("status-maintenance", State::UNDER_MAINTENANCE),
    ("status-minor", State::DEGRADED_PERFORMANCE),
    ("status-major", State::PARTIAL_OUTAGE),
    ("status-critical", State::MAJOR_OUTAGE),
];

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let Value::String(markup) = &doc.value else { return Err(doc.not_ours()) };
        let html = scrape::page(markup, doc)?;
        page(&html, doc, draft)?;
    }
    Ok(())
}

fn page(html: &Html, doc: &Doc<'_>, draft: &mut Draft) -> Result<(), ParseError> {
    let home =
        scrape::all(html, "link[rel=canonical]").first().and_then(|link| link.value().attr("href").map(str::to_owned));
    let title = scrape::title(html).map(|title| title.trim_end_matches(" Status").to_owned());
    draft.page(title, home);
    let days = scrape::all(html, ".status-day .date");
    let near =
        days.first().and_then(|day| dates::told(&format!("{} 12:00 UTC", scrape::words(*day)), draft.notes.now, None));
    let near = near.unwrap_or(draft.notes.now);
    if let Some(block) = scrape::all(html, ".page-status").first() {
        let class = block.value().attr("class").unwrap_or_default();
        let word = class.split_whitespace().find(|class| class.starts_with("status-"));
        let state = words::state(OVERALL, "the page", word, &mut draft.notes);
        draft.indicator(state);
    }
    scrape::all(html, "[data-component-id][data-component-status]").into_iter().for_each(|row| component(row, draft));
    for row in scrape::all(html, ".unresolved-incident") {
        let updates = updates(row, near, draft);
        let phase = updates.iter().find_map(|update| update.phase).filter(|phase| phase.is_open());
        incident(row, phase.or(Some(Phase::Investigating)), updates, draft);
    }
    for row in scrape::all(html, ".scheduled-maintenance") {
        maintenance(row, near, draft);
    }
    for row in scrape::all(html, ".status-day .incident-container") {
        let updates = updates(row, near, draft);
        let said = updates.iter().find_map(|update| update.phase);
        if said.is_some_and(Phase::is_maintenance) {
            let Some((id, title)) = named(row) else { continue };
            draft.maintenance(SeenMaintenance { phase: said, updates, ..draft::maintenance(&id, &title) });
        } else {
            incident(row, Some(said.unwrap_or(Phase::Resolved)), updates, draft);
        }
    }
    if draft.seen.components.is_empty()
        && draft.seen.indicator.is_none()
        && draft.seen.incidents.iter().all(|incident| !incident.is_open())
    {
        return Err(doc.broken("the page shows neither a component nor a state where these pages do"));
    }
    Ok(())
}

/// A component; a row with parts below it is a group of them.
fn component(row: ElementRef<'_>, draft: &mut Draft) {
    if scrape::first(row, ".group-parent-indicator").is_some() {
        return;
    }
    let name = scrape::words_at(row, "span.name").unwrap_or_default();
    let inside = row.ancestors().filter_map(ElementRef::wrap).find(|above| {
        above
            .value()
            .attr("class")
            .is_some_and(|class| class.split_whitespace().any(|class| class == "child-components-container"))
    });
    let head = inside.and_then(|inside| {
        inside.prev_siblings().filter_map(ElementRef::wrap).find(|row| row.value().attr("data-component-id").is_some())
    });
    let group = head.and_then(|head| scrape::words_at(head, "span.name"));
    let state = words::state(STATES, &name, row.value().attr("data-component-status"), &mut draft.notes);
    let id = row.value().attr("data-component-id").unwrap_or(&name);
    draft.component(SeenComponent { group: draft::group(group), state, ..draft::component(id, &name) });
}

/// The code at the end of the link, and the title.
fn named(row: ElementRef<'_>) -> Option<(String, String)> {
    let link = scrape::first(row, ".incident-title a[href*='/incidents/']")?;
    let code = link.value().attr("href")?.rsplit_once("/incidents/")?.1.trim_end_matches('/').to_owned();
    Some((code, scrape::words(link)))
}

fn incident(row: ElementRef<'_>, phase: Option<Phase>, updates: Vec<Update>, draft: &mut Draft) {
    let Some((id, title)) = named(row) else { return };
    let own = row.value().attr("class").unwrap_or_default().to_owned();
    let title_class =
        scrape::first(row, ".incident-title").and_then(|title| title.value().attr("class")).unwrap_or_default();
    let impact = own
        .split_whitespace()
        .chain(title_class.split_whitespace())
        .find_map(|class| look_up(IMPACTS, class.strip_prefix("impact-")?));
    let times = || updates.iter().filter_map(|update| update.at);
    let ended =
        updates.iter().filter(|update| update.phase == Some(Phase::Resolved)).filter_map(|update| update.at).min();
    draft.incident(SeenIncident {
        phase,
        impact,
        started_at: times().min(),
        resolved_at: ended.filter(|_| phase == Some(Phase::Resolved)),
        updates,
        ..draft::incident(&id, &title)
    });
}

/// `Investigating - text`, and below it when it was posted.
fn updates(row: ElementRef<'_>, near: Timestamp, draft: &mut Draft) -> Vec<Update> {
    let mut updates = Vec::new();
    for post in scrape::inside(row, ".update") {
        let small = scrape::words_at(post, "small").unwrap_or_default();
        let told = small.trim_start_matches("Posted on ").trim();
        let at = dates::told(told, near, None).filter(|at| at.duration_since(draft.notes.now).is_negative());
        let label = scrape::words_at(post, "strong");
        let phase = label.as_deref().and_then(|label| look_up(PHASES, &label.to_lowercase().replace(' ', "_")));
        let html = post.inner_html();
        let html = html.split_once("<small").map_or(html.as_str(), |(text, _)| text);
        let words = text::strip(html);
        let words = match &label {
            Some(label) => words.strip_prefix(label.as_str()).unwrap_or(&words).trim_start_matches([' ', '-', '–']),
            None => &words,
        };
        updates.push(draft.update(at, phase, words));
    }
    updates
}

fn maintenance(row: ElementRef<'_>, near: Timestamp, draft: &mut Draft) {
    let Some((id, title)) = named(row) else { return };
    let shown = scrape::first(row, ".incident-title small").map(scrape::words).unwrap_or_default();
    let (from, to) = dates::window(&shown.replace('-', " - ").replace("  ", " "), near);
    let unix = scrape::first(row, "[data-unix-time]")
        .and_then(|small| small.value().attr("data-unix-time").map(str::to_owned));
    let starts_at = draft.notes.planned(unix).or(from);
    let updates = updates(row, near, draft);
    let said = updates.iter().find_map(|update| update.phase).filter(|phase| phase.is_maintenance());
    draft.maintenance(SeenMaintenance {
        phase: said.or(Some(Phase::Scheduled)),
        starts_at,
        ends_at: to,
        updates,
        ..draft::maintenance(&id, &title)
    });
}
