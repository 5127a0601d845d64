//! Atom (RFC 4287).

pub(super) use atom_syndication::Error;
use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use jiff::Timestamp;

use super::{Form, Item, Items};
use crate::model::snapshot::Snapshot;

/// The feed as bytes. Links are relative where this page's address is not configured.
pub(super) fn document(snapshot: &Snapshot, items: &Items) -> Result<Vec<u8>, Error> {
    let base = crate::wire::base(snapshot).unwrap_or_default();
    let feed = Feed {
        title: Text::plain(items.title.clone()),
        id: items.id.clone(),
        updated: moment(items.updated),
        authors: vec![Person { name: items.title.clone(), ..Person::default() }],
        generator: Some(Generator { value: "allclear".to_owned(), ..Generator::default() }),
        links: vec![
            link("self", items.own(base, Form::Atom), Some("application/atom+xml")),
            link("alternate", format!("{base}{}", items.home), Some("text/html")),
        ],
        entries: items.items.iter().map(|item| entry(base, item)).collect(),
        ..Feed::default()
    };
    feed.write_to(Vec::new())
}

fn entry(base: &str, item: &Item) -> Entry {
    let mut links = vec![link("alternate", format!("{base}{}", item.path), Some("text/html"))];
    links.extend(item.theirs.iter().map(|url| link("via", url.clone(), None)));
    let category = |word: &String| Category { term: word.clone(), ..Category::default() };
    Entry {
        title: Text::plain(item.title.clone()),
        id: item.id.clone(),
        updated: moment(item.updated),
        published: Some(moment(item.published)),
        links,
        categories: item.words.iter().map(category).collect(),
        summary: Some(Text::plain(item.summary.clone())),
        content: Some(Content {
            value: Some(item.html.clone()),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

fn link(rel: &str, href: String, kind: Option<&str>) -> Link {
    Link { rel: rel.to_owned(), href, mime_type: kind.map(str::to_owned), ..Link::default() }
}

fn moment(at: Timestamp) -> FixedDateTime {
    FixedDateTime::parse_from_rfc3339(&format!("{at:.0}")).unwrap_or_default()
}
