//! Upptime: `history/summary.json` of its repository, as `https://raw.githubusercontent.com/<owner>/<repo>/HEAD/…`.
//!
//! Facts: recorded files and the project's documentation. Incidents are issues of the repository, whose API allows 60
//! requests an hour without a token; they are not read. The monitored addresses are not taken over.

use url::Url;

use super::draft::{self, Draft};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile, present};
use super::words::Table;
use super::{Clues, Format, ParseError, Sureness, embedded, json};
use crate::model::level::State;
use crate::model::observation::{Basis, SeenComponent};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "upptime",
    about: "Upptime (https://raw.githubusercontent.com/<owner>/<repo>/HEAD/history/summary.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = &sample.json()[0];
        if row["slug"].is_string() && row.get("uptimeDay").is_some() { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues { hosts: &[], marks: &["upptime"], leads },
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("summary", "")]),
    expected: "an Upptime summary (a JSON list with `slug` and `status`)",
    basis: Basis::States,
    load: json::read,
    read,
};

const STATES: &Table<State> =
    &[("up", State::OPERATIONAL), ("degraded", State::DEGRADED_PERFORMANCE), ("down", State::MAJOR_OUTAGE)];

/// The page's scripts name the repository.
fn leads(markup: &str, page: &Url) -> Vec<Url> {
    let named = ["raw.githubusercontent.com/", "github.com/"].iter().find_map(|host| {
        let mut parts = markup.split_once(host)?.1.split(['/', '"', '\'', ' ', '<', '?', '#']);
        Some((parts.next()?, parts.next()?))
            .filter(|(owner, repository)| !owner.is_empty() && !repository.is_empty() && *owner != "upptime")
    });
    let repository = named.or_else(|| {
        Some((embedded::between(markup, "\"owner\":\"", "\"")?, embedded::between(markup, "\"repo\":\"", "\"")?))
    });
    let Some((owner, repository)) = repository else { return Vec::new() };
    let path = format!("/{owner}/{repository}/HEAD/history/summary.json");
    let public = Url::parse(&format!("https://raw.githubusercontent.com{path}"));
    [page.join(&path), public].into_iter().flatten().collect()
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    for doc in docs {
        for row in doc.items()? {
            let name = json::string(row, "name").unwrap_or_default();
            if !row.get("slug").is_some_and(Value::is_string) {
                return Err(doc.not_ours());
            }
            let state = draft.state(STATES, &name, row, "status");
            draft.component(SeenComponent {
                state,
                ..draft::component(&json::string(row, "slug").unwrap_or_default(), &name)
            });
        }
    }
    Ok(())
}
