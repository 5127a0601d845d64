//! Feeds that an HTML page names as its own.

use scraper::{Html, Selector};
use url::Url;

/// Bytes of a page in which `<link>` is looked for: it stands in the head.
const HEAD: usize = 256 << 10;

/// Addresses of the feeds in `<link rel="alternate">`, in the order of the page; http and https only.
pub fn alternates(html: &str, base: &Url) -> Vec<Url> {
    let head = html.get(..html.floor_char_boundary(HEAD)).unwrap_or_default();
    // A page nested deeper than any head needs is not worth the time.
    let head = head.split_once("</head>").map_or(head, |(head, _)| head);
    let Ok(selector) = Selector::parse("link[rel~=\"alternate\"][href]") else { return Vec::new() };
    let page = Html::parse_document(head);
    let mut found: Vec<Url> = Vec::new();
    for link in page.select(&selector) {
        let kind = link.value().attr("type").unwrap_or_default().to_ascii_lowercase();
        let is_feed = ["application/rss+xml", "application/atom+xml", "application/feed+json"].contains(&kind.trim());
        let url = link.value().attr("href").and_then(|href| base.join(href.trim()).ok());
        if let Some(url) = url.filter(|url| is_feed && matches!(url.scheme(), "http" | "https") && !found.contains(url))
        {
            found.push(url);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_feeds_are_found_and_made_absolute() {
        let html = r#"<head><link rel=alternate type="application/atom+xml" href="history.atom">
            <link rel="alternate" hreflang=de href="/de"><link rel=stylesheet href=a.css>
            <link rel="alternate" type="application/rss+xml" href="javascript:x"></head>"#;
        let base = Url::parse("https://status.example.com/page/").unwrap();
        let found = alternates(html, &base);
        assert_eq!(found, [Url::parse("https://status.example.com/page/history.atom").unwrap()]);
    }
}
