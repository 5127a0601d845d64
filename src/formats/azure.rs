//! Azure: its feed (`/en-us/status/feed/` of the origin host), or the page with the table of services and regions.
//!
//! Facts: recorded feeds and a recorded page. The feed lists what is going on, so an empty one means that nothing is
//! announced. Its items carry neither state nor severity. Resolution comes as words only.

use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::draft::{self, Draft};
use super::plain::{Doc, Plain, Where, compile as compile_plain, json_or_markup, present};
use super::words::{self, Table};
use super::{
    Adapter, Body, Clues, Compiled, Document, Format, Options, ParseError, Role, Sureness, feed, scrape, text,
};
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, Observation, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "azure",
    about: "Azure's own status (https://rssfeed.azure.status.microsoft/en-us/status/feed/)",
    compile,
    recognise: |sample| {
        let is_feed = sample.holds(&["<title>Azure Status</title>"]) && sample.holds(&["<rss"]);
        let is_page = sample.holds(&["region-status-table"]) && sample.holds(&["data-zone-name"]);
        if is_feed || is_page { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["azure.status.microsoft", "status.azure.com", "rssfeed.azure.status.microsoft"],
        marks: &["region-status-table"],
        leads: |markup, page| {
            // The addresses that are routed by place have served an empty feed during an outage.
            let origin = Url::parse("https://rssfeed.azure.status.microsoft/en-us/status/feed/");
            let known = page.host_str().is_some_and(|host| host.ends_with("microsoft") || host.ends_with("azure.com"));
            let own = page.join("/en-us/status/feed/");
            if known || markup.is_empty() { origin.into_iter().collect() } else { own.into_iter().collect() }
        },
    },
};

static PAGE: Plain = Plain {
    documents: Where::Below(&[present("page", "")]),
    expected: "Azure's feed (RSS titled “Azure Status”) or its page",
    basis: Basis::States,
    load: json_or_markup,
    read: page,
};

const STATES: &Table<State> = &[
    ("Good", State::OPERATIONAL),
    ("Information", State::OPERATIONAL),
    ("Warning", State::DEGRADED_PERFORMANCE),
    ("Critical", State::MAJOR_OUTAGE),
    ("Error", State::MAJOR_OUTAGE),
];

#[derive(Debug)]
struct Azure {
    feed: Box<dyn Adapter>,
}

fn compile(options: &Options) -> Compiled {
    compile_plain(options, &PAGE)?;
    // What is listed goes on, however long ago it began.
    let feed = (feed::FORMAT.compile)(&json!({ "empty": "operational", "open_for": "3650d" }))?;
    Ok(Box::new(Azure { feed }))
}

impl Adapter for Azure {
    fn documents(&self, base: &Url) -> Vec<Document> {
        vec![Document {
            name: "feed",
            url: base.clone(),
            role: Role::Present,
            accept: "application/rss+xml, application/xml",
        }]
    }

    fn parse(&self, documents: &[Body], now: Timestamp) -> Result<Observation, ParseError> {
        let decoded =
            documents.first().map(|body| text::decode(&body.bytes, body.content_type.as_deref())).unwrap_or_default();
        if decoded.contains("region-status-table") {
            return PAGE.parse(documents, now);
        }
        if !decoded.contains("<title>Azure Status</title>") {
            let Some(body) = documents.first() else { return PAGE.parse(documents, now) };
            let found = "a feed of another publisher, or none".to_owned();
            return Err(super::json::not_this(body, PAGE.expected, found));
        }
        let mut seen = self.feed.parse(documents, now)?;
        let mut components: Vec<SeenComponent> = Vec::new();
        for incident in &mut seen.incidents {
            if incident.title.to_lowercase().contains("advisory") {
                incident.impact = incident.impact.or(Some(Impact::None));
            }
            incident.phase = incident.phase.or(Some(Phase::Investigating));
            let is_open = incident.is_open();
            // `Service Issue - Virtual Machines - West Europe`
            let parts: Vec<&str> = incident.title.split(" - ").collect();
            let [.., service, region] = parts.as_slice() else { continue };
            let id = draft::id(&format!("{service}/{region}"));
            if is_open && !components.iter().any(|component| component.id == id) {
                let state = incident.state();
                components.push(SeenComponent {
                    group: draft::group(Some((*service).to_owned())),
                    state,
                    ..draft::component(id.as_str(), region)
                });
            }
            incident.components.push(id);
        }
        seen.components = components;
        Ok(seen)
    }
}

/// The page: a row for each service, a cell for each region.
fn page(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let Some(markup) = doc.value.as_str() else { return Err(doc.not_ours()) };
        let html = scrape::page(markup, doc)?;
        draft.page(scrape::title(&html), None);
        let now = scrape::all(&html, "table[data-zone-name='current-impact'] tr.current-incident");
        for row in &now {
            let quiet = scrape::words(*row).to_lowercase().contains("no active events");
            draft.indicator(if quiet { State::OPERATIONAL } else { State::DEGRADED_PERFORMANCE });
        }
        let mut rows = 0_usize;
        for table in scrape::all(&html, "table[data-zone-name]") {
            let regions: Vec<String> = scrape::inside(table, "th").into_iter().skip(1).map(scrape::words).collect();
            for row in scrape::inside(table, "tr") {
                let cells = scrape::inside(row, "td.status-cell");
                let name = scrape::words_at(row, "td").unwrap_or_default();
                for (cell, region) in cells.into_iter().zip(&regions) {
                    let Some(label) =
                        scrape::first(cell, "span[data-label]").and_then(|span| span.value().attr("data-label"))
                    else {
                        continue;
                    };
                    rows = rows.saturating_add(1);
                    if label.starts_with("Not") {
                        continue;
                    }
                    let state = words::state(STATES, &format!("{name} in {region}"), Some(label), &mut draft.notes);
                    let id = format!("{name}/{region}");
                    draft.component(SeenComponent {
                        group: draft::group(Some(name.clone())),
                        state,
                        ..draft::component(&id, region)
                    });
                }
            }
        }
        if now.is_empty() && rows == 0 {
            return Err(doc.broken("the page shows no state where it used to"));
        }
    }
    Ok(())
}
