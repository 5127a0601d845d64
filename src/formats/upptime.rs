//! Upptime: `history/summary.json` of its repository, as `https://raw.githubusercontent.com/<owner>/<repo>/HEAD/…`.
//!
//! Facts: recorded files and the project's documentation. Incidents and planned work are issues of the repository, told
//! apart by their labels; that interface allows sixty requests an hour and address, so they may fail. A planned window
//! stands in a comment of the issue's text. The monitored addresses are not taken over.

use url::Url;

use super::draft::{self, Draft, by_window};
use super::json::Value;
use super::plain::{Doc, Plain, Where, compile};
use super::words::Table;
use super::{Clues, Document, Format, ParseError, Role, Sureness, embedded, json, text};
use crate::model::id::ComponentId;
use crate::model::incident::Phase;
use crate::model::level::{Impact, State};
use crate::model::observation::{Basis, SeenComponent, SeenIncident, SeenMaintenance};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "upptime",
    about: "Upptime (https://raw.githubusercontent.com/<owner>/<repo>/HEAD/history/summary.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let row = &sample.json()[0];
        let issue = row["number"].is_number() && row["labels"].is_array() && row.get("closed_at").is_some();
        if row["slug"].is_string() && row.get("uptimeDay").is_some() {
            Sureness::Certain
        } else if issue {
            Sureness::Likely
        } else {
            Sureness::No
        }
    },
    clues: Clues { hosts: &[], marks: &["upptime"], leads },
};

static READER: Plain = Plain {
    documents: Where::By(documents),
    expected: "an Upptime summary (a JSON list with `slug` and `status`), or the issues of its repository",
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

/// The summary, and the issues of the repository in whose files it stands.
fn documents(base: &Url) -> Vec<Document> {
    let document = |name, url, role| Document { name, url, role, accept: "application/json" };
    let mut all = vec![document("summary", base.clone(), Role::Present)];
    let mut parts = base.path_segments().into_iter().flatten();
    if let (Some(owner), Some(repository)) = (parts.next(), parts.next()) {
        let path = format!("/repos/{owner}/{repository}/issues?state=all&per_page=50");
        let public = base.host_str() == Some("raw.githubusercontent.com");
        let issues = if public { Url::parse("https://api.github.com").ok() } else { Some(base.clone()) };
        let issues = issues.and_then(|host| host.join(&path).ok());
        all.extend(issues.map(|url| document("issues", url, Role::Extra)));
    }
    all
}

fn read(docs: &[Doc<'_>], draft: &mut Draft) -> Result<(), ParseError> {
    let (issues, summaries): (Vec<&Doc<'_>>, Vec<&Doc<'_>>) =
        docs.iter().partition(|doc| doc.body.name == "issues" || doc.value[0]["number"].is_number());
    for doc in summaries {
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
    if draft.seen.components.is_empty() {
        draft.seen.basis = Basis::Announcements;
    }
    for doc in issues {
        // Pull requests are issues, too, to this interface.
        doc.items()?.iter().filter(|row| row.get("pull_request").is_none()).for_each(|row| issue(row, draft));
    }
    Ok(())
}

fn issue(row: &Value, draft: &mut Draft) {
    let labels = row["labels"].as_array().into_iter().flatten();
    let labels: Vec<String> =
        labels.filter_map(|label| json::string(label, "name").or_else(|| label.as_str().map(str::to_owned))).collect();
    let has = |wanted: &str| labels.iter().any(|label| label == wanted);
    let id = json::string(row, "number").unwrap_or_default();
    let title = json::string(row, "title").unwrap_or_default();
    let url = json::string(row, "html_url").and_then(|url| text::link(&url));
    let (created_at, closed_at) = (draft.past(row, "created_at"), draft.past(row, "closed_at"));
    let updated_at = draft.past(row, "updated_at");
    let over = row["state"] == "closed";
    let body = json::string(row, "body").unwrap_or_default();
    let updates = vec![draft.update(created_at, None, &body)];
    let touched = |slugs: Vec<String>, draft: &Draft| -> Vec<ComponentId> {
        slugs.iter().map(|slug| draft::id(slug.trim())).filter(|id| draft.lists(id)).collect()
    };
    if has("maintenance") {
        let said = |key: &str| body.lines().find_map(|line| Some(line.trim().strip_prefix(key)?.trim().to_owned()));
        let (starts_at, ends_at) = (draft.notes.planned(said("start:")), draft.notes.planned(said("end:")));
        let slugs = ["expectedDown:", "expectedDegraded:"].iter().filter_map(|key| said(key));
        let slugs = slugs.flat_map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
        let window = by_window(starts_at, ends_at, draft.notes.now);
        draft.maintenance(SeenMaintenance {
            phase: if over { Some(Phase::Completed) } else { window },
            starts_at,
            ends_at,
            updated_at,
            url,
            components: touched(slugs, draft),
            updates,
            ..draft::maintenance(&id, &title)
        });
    } else if has("status") {
        let words = title.to_lowercase();
        let impact = match (words.contains("degraded"), words.contains("down")) {
            (true, _) => Some(Impact::Minor),
            (_, true) => Some(Impact::Critical),
            _ => None,
        };
        draft.incident(SeenIncident {
            phase: Some(if over { Phase::Resolved } else { Phase::Investigating }),
            impact,
            started_at: created_at,
            updated_at,
            resolved_at: closed_at.filter(|_| over),
            url,
            components: touched(labels.clone(), draft),
            updates,
            ..draft::incident(&id, &title)
        });
    }
}
