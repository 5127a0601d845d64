//! Microsoft 365 for consumers and the admin centers: `https://status.cloud.microsoft/api/posts/m365Consumer`, with
//! `mac` and `ppac` (the admin centers of Microsoft 365 and Power Platform) beside it.
//!
//! Facts: four public clients; no answer was recorded. A row is the present state of a service, not an incident: its
//! time moves with every minute, so its text stands with the service. `Status` is free text, and words that were not
//! met are unknown. How a tenant's own services are, only Microsoft's signed-in interface says.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile};
use super::words::{self, Table};
use super::{Clues, Document, Format, ParseError, Role, Sureness, json, text};
use crate::limits;
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "microsoft",
    about: "Microsoft 365's public status (https://status.cloud.microsoft/api/posts/m365Consumer)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let row = if value.is_array() { &value[0] } else { value };
        let ours = row["Status"].is_string() && row.get("LastUpdatedTime").is_some();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues {
        hosts: &["status.cloud.microsoft"],
        ..Clues::marks(&["<title>Microsoft service health status", "<title>Service health status - Microsoft"])
    },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "Microsoft's posts (JSON with `Status` and `LastUpdatedTime`)",
    basis: Basis::States,
    load: json::read,
    read,
};

/// Compared without blanks, underscores and case.
const STATES: &Table<State> = &[
    ("available", State::OPERATIONAL),
    ("operational", State::OPERATIONAL),
    ("healthy", State::OPERATIONAL),
    ("normal", State::OPERATIONAL),
    ("serviceoperational", State::OPERATIONAL),
    ("servicerestored", State::OPERATIONAL),
    ("restored", State::OPERATIONAL),
    ("falsepositive", State::OPERATIONAL),
    ("postincidentreviewpublished", State::OPERATIONAL),
    ("information", State::OPERATIONAL),
    ("maintenance", State::UNDER_MAINTENANCE),
    ("advisory", State::DEGRADED_PERFORMANCE),
    ("degraded", State::DEGRADED_PERFORMANCE),
    ("servicedegradation", State::DEGRADED_PERFORMANCE),
    ("investigating", State::DEGRADED_PERFORMANCE),
    ("restoringservice", State::DEGRADED_PERFORMANCE),
    ("extendedrecovery", State::DEGRADED_PERFORMANCE),
    ("verifyingservice", State::DEGRADED_PERFORMANCE),
    ("incident", State::PARTIAL_OUTAGE),
    ("interruption", State::PARTIAL_OUTAGE),
    ("serviceinterruption", State::PARTIAL_OUTAGE),
    ("unavailable", State::MAJOR_OUTAGE),
    ("outage", State::MAJOR_OUTAGE),
];

/// What the documents are about, where their rows do not say it.
const NAMES: &Table<&str> = &[
    ("mac", "Microsoft 365 admin center"),
    ("ppac", "Power Platform admin center"),
    ("m365Consumer", "Microsoft 365"),
    ("azure", "Azure"),
];

/// All that is about Microsoft 365, or the one document that the address is.
fn documents(base: &Url) -> Vec<Document> {
    let document = |name, path: &str, role| {
        let mut url = base.clone();
        url.set_path(path);
        Document { name, url, role, accept: "application/json" }
    };
    if base.path().contains("/api/posts/") {
        return vec![document("posts", base.path(), Role::Present)];
    }
    vec![
        document("m365Consumer", "/api/posts/m365Consumer", Role::Present),
        document("mac", "/api/posts/mac", Role::Extra),
        document("ppac", "/api/posts/ppac", Role::Extra),
    ]
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        let alone = std::slice::from_ref(&doc.value);
        let rows = if doc.value.is_array() { doc.items()? } else { alone };
        if rows.is_empty() || rows.iter().any(|row| row.get("Status").is_none()) {
            return Err(doc.not_ours());
        }
        draft.page(Some("Microsoft 365".to_owned()), Some("https://status.cloud.microsoft/".to_owned()));
        rows.iter().for_each(|row| post(row, doc, draft));
    }
    Ok(())
}

fn post(row: &Value, doc: &Doc<'_>, draft: &mut Draft) {
    let place = doc.body.url.as_ref().and_then(|url| url.path_segments()?.next_back().map(str::to_owned));
    let named = |key: &str| words::look_up(NAMES, key).map(str::to_owned);
    let name = json::string(row, "ServiceDisplayName")
        .or_else(|| named(&doc.body.name))
        .or_else(|| place.as_deref().and_then(named))
        .unwrap_or_else(|| doc.body.name.clone());
    let word = json::string(row, "Status");
    let plain = word.as_ref().map(|word| word.replace([' ', '_', '-'], ""));
    let state = match plain.as_deref().and_then(|word| words::look_up(STATES, word)) {
        Some(state) => state,
        // Said with the word as it was written.
        None => words::state(STATES, &name, word.as_deref(), &mut draft.notes),
    };
    let title = json::string(row, "Title").map(|title| text::strip(&title));
    let message = json::string(row, "Message").map(|message| text::strip(&message));
    let told: Vec<String> = title.into_iter().chain(message).filter(|words| !words.trim().is_empty()).collect();
    draft.component(SeenComponent {
        state,
        description: Some(text::line(&told.join(": "), limits::TITLE)).filter(|words| !words.is_empty()),
        ..draft::component(&name, &name)
    });
}
