//! RSS 2.0, with what the RSS Profile of the RSS Advisory Board asks for besides.

use jiff::Timestamp;
pub(super) use rss::Error;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Guid};

use super::{Form, Item, Items};
use crate::model::snapshot::Snapshot;

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// The feed as bytes. Links are relative where this page's address is not configured.
pub(super) fn document(snapshot: &Snapshot, items: &Items) -> Result<Vec<u8>, Error> {
    let base = crate::wire::base(snapshot).unwrap_or_default();
    let own = [("rel", "self"), ("type", "application/rss+xml"), ("href", &items.own(base, Form::Rss))];
    let channel = Channel {
        title: items.title.clone(),
        link: format!("{base}{}", items.home),
        description: format!("Incidents and maintenances: {}", items.title),
        last_build_date: Some(moment(items.updated)),
        generator: Some("allclear".to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        items: items.items.iter().map(|item| entry(base, item)).collect(),
        extensions: of_atom("link", &own, None),
        namespaces: [("atom".to_owned(), ATOM.to_owned())].into(),
        ..Channel::default()
    };
    channel.write_to(Vec::new())
}

fn entry(base: &str, item: &Item) -> rss::Item {
    let category = |word: &String| Category { name: word.clone(), domain: None };
    // RSS has no place for what it says in short, so what says nothing at length says that.
    let says = if item.html.is_empty() { escaped(&item.summary) } else { item.html.clone() };
    rss::Item {
        title: Some(item.title.clone()),
        link: Some(format!("{base}{}", item.path)),
        description: Some(says),
        categories: item.words.iter().map(category).collect(),
        guid: Some(Guid { value: item.id.clone(), permalink: false }),
        pub_date: Some(moment(item.published)),
        // RSS itself has no word for when an item changed.
        extensions: of_atom("updated", &[], Some(format!("{:.0}", item.updated))),
        ..rss::Item::default()
    }
}

/// One element of Atom's.
fn of_atom(name: &str, attributes: &[(&str, &str)], value: Option<String>) -> ExtensionMap {
    let attrs = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let element = Extension { name: format!("atom:{name}"), value, attrs, ..Extension::default() };
    [("atom".to_owned(), [(name.to_owned(), vec![element])].into())].into()
}

/// Plain words as HTML.
fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A date as RFC 822 writes it, with the year in full.
fn moment(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
