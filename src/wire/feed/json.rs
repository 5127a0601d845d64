//! JSON Feed 1.1.

use serde::Serialize;

use super::{Form, Items};
use crate::model::snapshot::Snapshot;
use crate::wire::Time;

#[derive(Debug, Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_page_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<String>,
    authors: [Author<'a>; 1],
    items: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    title: &'a str,
    content_html: &'a str,
    summary: &'a str,
    date_published: Time,
    date_modified: Time,
    tags: &'a [String],
}

/// The feed as bytes. Links to this page stand in it only where its address is configured.
pub(super) fn document(snapshot: &Snapshot, items: &Items) -> Result<Vec<u8>, serde_json::Error> {
    let base = crate::wire::base(snapshot);
    let entries = items.items.iter().map(|item| Entry {
        id: &item.id,
        url: base.map(|base| format!("{base}{}", item.path)),
        external_url: item.theirs.as_deref(),
        title: &item.title,
        content_html: &item.html,
        summary: &item.summary,
        date_published: Time(item.published),
        date_modified: Time(item.updated),
        tags: &item.words,
    });
    serde_json::to_vec(&Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: &items.title,
        home_page_url: base.map(|base| format!("{base}{}", items.home)),
        feed_url: base.map(|base| items.own(base, Form::Json)),
        authors: [Author { name: &items.title }],
        items: entries.collect(),
    })
}
