//! Finds out what an address is: step by step, without doing the requests itself.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::Timestamp;
use url::Url;

use crate::formats::{Body, Format, REGISTRY, Role, Sample, Sureness, alternates};

/// Requests of one detection.
const REQUESTS: usize = 6;
/// What is asked for while the format is unknown.
const ACCEPT: &str = "application/json, application/atom+xml, application/rss+xml, text/html;q=0.8, */*;q=0.5";

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Download this and come back with the answer.
    Fetch {
        /// Where it is.
        url: Url,
        /// For the `Accept` header.
        accept: &'static str,
    },
    /// It is known now.
    Found(Detected),
    /// It is none that can be read.
    NotFound {
        /// What was tried, and what was there.
        seen: Vec<String>,
    },
}

/// What an address turned out to be.
#[derive(Debug)]
pub struct Detected {
    /// How to read it, without options.
    pub format: &'static Format,
    /// What the format reads.
    pub address: Url,
    /// Where the page was met: the address given, or where redirects of it led.
    pub page: Url,
    /// How sure that is; the document was understood in any case.
    pub sureness: Sureness,
    /// Whose page it is, by its own words.
    pub name: Option<String>,
    /// What was tried, and what was there.
    pub seen: Vec<String>,
}

/// A document to ask for, and as what.
#[derive(Debug, Clone)]
struct Try {
    url: Url,
    /// The format whose document it would be, and the address that would be configured.
    lead: Option<(&'static Format, Url)>,
}

/// The search for one address's format.
#[derive(Debug)]
pub struct Detector {
    registry: &'static [Format],
    given: Url,
    /// Where the search stands: the address given, or where it was redirected to.
    page: Url,
    waiting: VecDeque<Try>,
    asked: Vec<Try>,
    /// Documents of no known format: many pages answer everything with the same one, which is looked at once.
    unknown: Vec<Bytes>,
    seen: Vec<String>,
}

/// Documents that several platforms keep at the same place, most common first: asked for where nothing gives the
/// platform away.
const BLIND: [&str; 4] = ["index.json", "summary.json", "history.atom", "history.rss"];

/// Words in an address at which a page's own address ends.
const PARTS: [&str; 7] = ["history", "incident", "incidents", "maintenance", "maintenances", "notices", "uptime"];

impl Detector {
    /// Begins with an address as a person gave it.
    pub fn new(url: Url) -> Self {
        Self::with(url, REGISTRY)
    }

    /// The same with other formats than the built-in ones.
    pub fn with(url: Url, registry: &'static [Format]) -> Self {
        let mut waiting = VecDeque::new();
        let plain = |url: Url| Try { url, lead: None };
        if is_document(&url) {
            waiting.push_back(plain(url.clone()));
        }
        let host = url.host_str().unwrap_or_default();
        for format in registry.iter().filter(|format| format.clues.knows_host(host)) {
            waiting.extend(leads(format, "", &url));
        }
        let page = whole(&url);
        waiting.extend(usual(&page));
        Self { registry, page, given: url, waiting, asked: Vec::new(), unknown: Vec::new(), seen: Vec::new() }
    }

    /// Takes the answer to the last request (`None` at the beginning, the reason where it failed).
    pub fn next(&mut self, answer: Option<Result<&Body, &str>>, now: Timestamp) -> Step {
        if let (Some(answer), Some(asked)) = (answer, self.asked.last().cloned()) {
            match answer {
                Err(reason) => self.saw(&asked.url, reason),
                Ok(body) if !(200..300).contains(&body.status) => {
                    self.saw(&asked.url, &format!("status {}", body.status));
                }
                Ok(body) if asked.lead.is_none() && self.unknown.contains(&body.bytes) => {
                    self.saw(&asked.url, "the same as before");
                    self.go_on_from(&asked, body);
                }
                Ok(body) => match self.judge(&asked, body, now) {
                    Some(found) => return Step::Found(found),
                    None => {
                        self.go_on_from(&asked, body);
                        self.follow(&asked.url, body);
                    }
                },
            }
        }
        while let Some(next) = self.waiting.pop_front() {
            if self.asked.len() < REQUESTS && !self.asked.iter().any(|asked| asked.url == next.url) {
                let url = next.url.clone();
                self.asked.push(next);
                return Step::Fetch { url, accept: ACCEPT };
            }
        }
        Step::NotFound { seen: std::mem::take(&mut self.seen) }
    }

    fn saw(&mut self, url: &Url, what: &str) {
        let elsewhere = if url.origin() == self.given.origin() { "" } else { url.host_str().unwrap_or_default() };
        self.seen.push(format!("{elsewhere}{}: {what}", url.path()));
    }

    /// Where the page itself is somewhere else in the end, the search goes on there: what is usual beside the old
    /// address is not asked for any more.
    fn go_on_from(&mut self, asked: &Try, body: &Body) {
        let Some(end) = body.url.as_ref().filter(|end| **end != asked.url && asked.lead.is_none()) else { return };
        // On the same host, a document that leads to the front page only says that it is not there, and a page that
        // leads deeper (to a language) still has its documents beside it.
        let sideways = asked.url == self.page && !end.path().starts_with(asked.url.path());
        if !(sideways || end.origin() != asked.url.origin()) || is_document(end) {
            return;
        }
        let shown = format!("leads to {}", plainly(end));
        self.saw(&asked.url, &shown);
        self.page = end.clone();
        self.waiting.retain(|waiting| waiting.lead.is_some());
        self.waiting.extend(usual(end).filter(|next| next.url != *end));
    }

    /// The surest format that also understands the document.
    fn judge(&mut self, asked: &Try, body: &Body, now: Timestamp) -> Option<Detected> {
        let url = &asked.url;
        let sample = Sample::new(body);
        let mut likely: Vec<(Sureness, &'static Format)> = self
            .registry
            .iter()
            .map(|format| ((format.recognise)(&sample), format))
            .filter(|(sureness, format)| {
                let expected = asked.lead.as_ref().is_some_and(|(lead, _)| lead.name == format.name);
                *sureness >= if expected { Sureness::Maybe } else { Sureness::Likely }
            })
            .collect();
        likely.sort_by_key(|(sureness, _)| std::cmp::Reverse(*sureness));
        if likely.is_empty() {
            self.saw(url, "no known format");
            self.unknown.push(body.bytes.clone());
        }
        for (sureness, format) in likely {
            let Ok(adapter) = (format.compile)(&serde_json::Value::Null) else { continue };
            let led = asked.lead.iter().filter(|(lead, _)| lead.name == format.name);
            let led = led.flat_map(|(_, base)| {
                [Some(url), body.url.as_ref()].into_iter().flatten().map(|fetched| (base.clone(), fetched.clone()))
            });
            let place = led.chain(addresses(url, body, &self.page)).find_map(|(address, fetched)| {
                let mut documents = adapter.documents(&address).into_iter();
                let document = documents.find(|document| document.role == Role::Present && document.url == fetched)?;
                Some((address, document.name))
            });
            let Some((address, name)) = place else {
                self.saw(url, &format!("{}, but not where that format keeps it", format.name));
                continue;
            };
            let named = Body { name: name.to_owned(), role: Role::Present, ..body.clone() };
            match adapter.parse(&[named], now) {
                Ok(seen) => {
                    self.saw(url, format.name);
                    let name = seen.page.name;
                    let (page, seen) = (self.page.clone(), std::mem::take(&mut self.seen));
                    return Some(Detected { format, address, page, sureness, name, seen });
                }
                Err(error) => self.saw(url, &format!("looks like {}, but {error}", format.name)),
            }
        }
        None
    }

    /// What a page gives away comes before what is guessed: first its platform, then the feeds that it names.
    fn follow(&mut self, url: &Url, body: &Body) {
        let sample = Sample::new(body);
        let markup = sample.markup();
        if markup.is_empty() {
            return;
        }
        let base = body.url.as_ref().unwrap_or(url);
        let mut named: Vec<Try> = self
            .registry
            .iter()
            .filter(|format| sample.holds(format.clues.marks))
            .flat_map(|format| leads(format, markup, base))
            .collect();
        let feeds = alternates::alternates(markup, base).into_iter().take(2);
        named.extend(feeds.map(|url| Try { url, lead: None }));
        for next in named.into_iter().rev() {
            self.waiting.push_front(next);
        }
    }
}

/// The page of which an address is a part: what people copy is often the address of one incident, or of the history.
fn whole(url: &Url) -> Url {
    let parts: Vec<&str> = url.path_segments().into_iter().flatten().collect();
    let mut page = url.clone();
    if let Some(at) = parts.iter().position(|part| PARTS.contains(part)) {
        let path: String = parts.iter().take(at).map(|part| format!("/{part}")).collect();
        page.set_path(&format!("{path}/"));
        page.set_query(None);
        page.set_fragment(None);
    }
    page
}

/// What is asked for where nothing is known of a page.
fn usual(page: &Url) -> impl Iterator<Item = Try> {
    let first = below(page, "api/v2/summary.json").into_iter().chain([page.clone()]);
    let blind = BLIND.iter().filter_map(|path| below(page, path)).collect::<Vec<_>>();
    first.chain(blind).map(|url| Try { url, lead: None })
}

/// An address without what may be secret in it.
fn plainly(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// The documents by which a page can be told to be of a format.
fn leads(format: &'static Format, markup: &str, page: &Url) -> Vec<Try> {
    let Ok(adapter) = (format.compile)(&serde_json::Value::Null) else { return Vec::new() };
    let first = |base: Url| {
        let present = adapter.documents(&base).into_iter().find(|document| document.role == Role::Present)?;
        Some(Try { url: present.url, lead: Some((format, base)) })
    };
    (format.clues.leads)(markup, page).into_iter().filter_map(first).collect()
}

/// Bases from which a format may lead to the document, each with the address it must lead to.
fn addresses(url: &Url, body: &Body, given: &Url) -> Vec<(Url, Url)> {
    let mut all = Vec::new();
    for fetched in [Some(url), body.url.as_ref()].into_iter().flatten() {
        let origin = fetched.join("/").ok();
        for base in [Some(given.clone()), origin, Some(fetched.clone())].into_iter().flatten() {
            all.push((base, fetched.clone()));
        }
        let suffix = "/api/v2/summary.json";
        if let Some(path) = fetched.path().strip_suffix(suffix) {
            let mut base = fetched.clone();
            base.set_path(path);
            all.push((base, fetched.clone()));
        }
    }
    all
}

fn is_document(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    [".json", ".rss", ".atom", ".xml", "/feed", "/rss", "/atom"].iter().any(|end| path.ends_with(end))
}

/// An address below a page, whether or not the page's own ends in a slash.
fn below(page: &Url, path: &str) -> Option<Url> {
    let mut base = page.clone();
    base.set_query(None);
    base.set_fragment(None);
    if is_document(page) {
        return base.join("/").ok()?.join(path).ok();
    }
    if !base.path().ends_with('/') {
        let longer = format!("{}/", base.path());
        base.set_path(&longer);
    }
    base.join(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Adapter, Clues, Document, ParseError};
    use crate::model::observation::Observation;

    #[derive(Debug)]
    struct Fake;

    impl Adapter for Fake {
        fn documents(&self, base: &Url) -> Vec<Document> {
            vec![Document { name: "feed", url: base.clone(), role: Role::Present, accept: "" }]
        }

        fn parse(&self, documents: &[Body], _: Timestamp) -> Result<Observation, ParseError> {
            let broken = |document: &str| ParseError::Broken { document: document.into(), problem: "cut".into() };
            Err(broken(documents.first().map_or("none", |body| body.name.as_str())))
        }
    }

    static FAKES: &[Format] = &[Format {
        name: "feed",
        about: "",
        compile: |_| Ok(Box::new(Fake)),
        recognise: |sample| if sample.text().starts_with("<rss") { Sureness::Certain } else { Sureness::No },
        clues: Clues::NONE,
    }];

    fn body(text: &'static str) -> Body {
        Body {
            name: String::new(),
            role: Role::Present,
            content_type: None,
            url: None,
            status: 200,
            bytes: Bytes::from_static(text.as_bytes()),
        }
    }

    #[test]
    fn a_page_is_asked_for_its_api_then_for_the_feed_it_names_and_no_more_than_six_times() {
        let mut detector = Detector::with(Url::parse("https://status.example.com").unwrap(), FAKES);
        let now = Timestamp::UNIX_EPOCH;
        let page =
            body("<html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/own.rss\"></head></html>");
        let broken = body("<rss>");
        let mut asked = Vec::new();
        let mut step = detector.next(None, now);
        while let Step::Fetch { url, .. } = &step {
            asked.push(url.path().to_owned());
            let answer = match url.path() {
                "/" => Ok(&page),
                "/own.rss" => Ok(&broken),
                _ => Err("404"),
            };
            step = detector.next(Some(answer), now);
        }
        assert_eq!(asked, ["/api/v2/summary.json", "/", "/own.rss", "/index.json", "/summary.json", "/history.atom"]);
        let Step::NotFound { seen } = step else { panic!("a document that is not understood is not found") };
        assert!(seen.iter().any(|line| line.contains("looks like feed, but")), "{seen:?}");
    }

    /// What is asked for where every page leads as `leads` says and nothing else is there; and what was seen.
    fn asked_behind(given: &str, leads: fn(&Url) -> Option<&'static str>) -> (Vec<String>, Vec<String>) {
        let mut detector = Detector::with(Url::parse(given).unwrap(), FAKES);
        let (mut asked, mut step) = (Vec::new(), detector.next(None, Timestamp::UNIX_EPOCH));
        while let Step::Fetch { url, .. } = &step {
            asked.push(url.to_string());
            let page = leads(url).map(|to| Body { url: Url::parse(to).ok(), ..body("<html></html>") });
            step = detector.next(Some(page.as_ref().ok_or("404")), Timestamp::UNIX_EPOCH);
        }
        let Step::NotFound { seen } = step else { panic!("there is nothing to find") };
        (asked, seen)
    }

    #[test]
    fn behind_a_redirect_the_search_goes_on_at_its_end() {
        let elsewhere = |url: &Url| (url.host_str() == Some("old.example")).then_some("https://new.example/");
        let (asked, seen) = asked_behind("https://old.example/status", elsewhere);
        assert_eq!(
            asked,
            [
                "https://old.example/status/api/v2/summary.json",
                "https://new.example/api/v2/summary.json",
                "https://new.example/index.json",
                "https://new.example/summary.json",
                "https://new.example/history.atom",
                "https://new.example/history.rss",
            ]
        );
        assert!(seen.iter().any(|line| line.ends_with("leads to https://new.example/")), "{seen:?}");
        assert!(seen.iter().any(|line| line == "new.example/index.json: 404"), "{seen:?}");
        let sideways = |url: &Url| (url.path() == "/old").then_some("https://a.example/new/");
        assert_eq!(asked_behind("https://a.example/old", sideways).0[2], "https://a.example/new/api/v2/summary.json");
        let part = |_: &Url| None;
        assert_eq!(asked_behind("https://a.example/x/incidents/k3?y#z", part).0[1], "https://a.example/x/");
        let language = |url: &Url| (url.path() == "/").then_some("https://a.example/en");
        assert_eq!(asked_behind("https://a.example/", language).0[2], "https://a.example/index.json");
    }

    #[test]
    fn a_document_is_asked_for_first() {
        let mut detector = Detector::with(Url::parse("https://example.com/news.rss").unwrap(), FAKES);
        let Step::Fetch { url, .. } = detector.next(None, Timestamp::UNIX_EPOCH) else { panic!() };
        assert_eq!(url.path(), "/news.rss");
    }
}
