//! The feeds and web pages of a pretend vendor.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::play::{Event, Stage};
use super::statuspage::{Page, time};

/// Text made safe for HTML and XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A state as people read it.
pub(super) fn words(state: &str) -> String {
    let mut words: String = state.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// The updates as HTML, newest first, in the manner of Statuspage's feeds.
fn content(event: &Event) -> String {
    let mut html = String::new();
    for update in &event.updates {
        let _ = write!(
            html,
            "<p><small>{} <var data-var='date'>{}</var>, <var data-var='time'>{}</var> UTC</small><br><strong>{}</strong> - {}</p>",
            update.at.strftime("%b"),
            update.at.strftime("%-d"),
            update.at.strftime("%H:%M"),
            words(update.phase),
            escape(&update.body)
        );
    }
    html
}

/// Atom, one entry per incident or maintenance.
pub(super) fn atom(page: &Page<'_>, stage: &Stage) -> String {
    let (name, url, host) = (escape(page.name), page.url, page.url.trim_start_matches("http://"));
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xml:lang=\"en-US\" xmlns=\"http://www.w3.org/2005/Atom\">\
         <id>tag:{host},2005:/history</id><link rel=\"alternate\" type=\"text/html\" href=\"{url}\"/>\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{url}/history.atom\"/>\
         <title>{name} Status - Incident History</title><updated>{}</updated><author><name>{name}</name></author>",
        time(stage.changed)
    );
    for event in &stage.events {
        let at = time(event.updated());
        let _ = write!(
            xml,
            "<entry><id>tag:{host},2005:Incident/{id}</id><published>{at}</published><updated>{at}</updated>\
             <link rel=\"alternate\" type=\"text/html\" href=\"{url}/incidents/{id}\"/><title>{}</title>\
             <content type=\"html\">{}</content></entry>",
            escape(&event.title),
            escape(&content(event)),
            id = event.id
        );
    }
    xml.push_str("</feed>\n");
    xml
}

/// RSS 2.0, one item per incident or maintenance.
pub(super) fn rss(page: &Page<'_>, stage: &Stage) -> String {
    let (name, url) = (escape(page.name), page.url);
    let date = |at: jiff::Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>{name} Status</title>\
         <link>{url}</link><description>Incident history of {name}</description><pubDate>{}</pubDate>",
        date(stage.changed)
    );
    for event in &stage.events {
        let _ = write!(
            xml,
            "<item><title>{}</title><description>{}</description><pubDate>{}</pubDate>\
             <link>{url}/incidents/{id}</link><guid>{url}/incidents/{id}</guid></item>",
            escape(&event.title),
            escape(&content(event)),
            date(event.updated()),
            id = event.id
        );
    }
    xml.push_str("</channel></rss>\n");
    xml
}

/// JSON Feed 1.1, one item per incident or maintenance.
pub(super) fn json_feed(page: &Page<'_>, stage: &Stage) -> Value {
    let items: Vec<Value> = stage
        .events
        .iter()
        .map(|event| {
            let link = format!("{}/incidents/{}", page.url, event.id);
            json!({ "id": link, "url": link, "title": event.title, "content_html": content(event),
                "date_published": time(event.opened), "date_modified": time(event.updated()) })
        })
        .collect();
    json!({ "version": "https://jsonfeed.org/version/1.1", "title": format!("{} Status", page.name),
        "home_page_url": page.url, "feed_url": format!("{}/feed.json", page.url), "items": items })
}

/// The page for people: a table, or `div`s.
pub(super) fn html(page: &Page<'_>, stage: &Stage, table: bool, feed: Option<(&str, &str)>) -> String {
    let name = escape(page.name);
    let link = feed.map_or_else(String::new, |(kind, path)| {
        format!("<link rel=\"alternate\" type=\"{kind}\" title=\"{name} Status\" href=\"{}{path}\">", page.url)
    });
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name} Status</title>{link}</head>\
         <body><h1>{name} Status</h1>"
    );
    html.push_str(if table { "<table class=\"status\"><tbody>" } else { "<main class=\"services\">" });
    for component in &stage.components {
        let (what, state) = (escape(&component.name), words(component.state));
        let _ = if table {
            write!(html, "<tr><td>{what}</td><td>{state}</td></tr>")
        } else {
            write!(
                html,
                "<div class=\"service\"><span class=\"name\">{what}</span> \
                 <span class=\"state\" data-state=\"{}\">{state}</span></div>",
                escape(component.state)
            )
        };
    }
    html.push_str(if table { "</tbody></table>" } else { "</main>" });
    for event in stage.events.iter().filter(|event| event.open()) {
        let _ = write!(
            html,
            "<article class=\"incident\" id=\"{}\"><h2>{}</h2>{}</article>",
            event.id,
            escape(&event.title),
            content(event)
        );
    }
    html.push_str("</body></html>\n");
    html
}
