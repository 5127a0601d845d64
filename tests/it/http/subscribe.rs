//! Readers subscribe themselves: the form, the signed links, and that nobody learns who is signed up.

use std::collections::BTreeSet;
use std::sync::Arc;

use allclear::clock::Clock;
use allclear::http::{Parts, app};
use allclear::ingest::{self, Watched};
use allclear::model::desk::Desk;
use allclear::model::subscriber::Subscriber;
use allclear::nudge::Nudges;
use allclear::render::Pages;
use allclear::rules::subscribers::{Purpose, link};
use allclear::store::Store;
use allclear::store::handle::Handle;
use allclear::telemetry::{Metrics, Pulse};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::world::{Answer, World, noon, snapshot};

/// A served present with a writer behind it.
struct Town {
    world: World,
    desk: watch::Receiver<Arc<Desk>>,
    store: Handle,
    _writer: JoinSet<()>,
}

impl Town {
    async fn new(subscribe: bool, private: bool) -> Self {
        let store = Handle::new(Store::in_memory().unwrap());
        let (pulse, clock, metrics) = (Arc::new(Pulse::default()), Clock::set_to(noon()), Arc::new(Metrics::new()));
        let mut present = snapshot(0, "Errors in the API").as_ref().clone();
        let mut page = present.page.as_ref().clone();
        (page.subscribe, page.private) = (subscribe, private);
        present.page = Arc::new(page);
        let (writer, ends) = ingest::writer(ingest::Parts {
            watched: Watched {
                page: Arc::clone(&present.page),
                sources: Vec::new(),
                services: Vec::new(),
                hooks: Vec::new(),
            },
            loaded: store.run(|store| store.load(noon())).await.unwrap(),
            store: store.clone(),
            clock: clock.clone(),
            pulse: Arc::clone(&pulse),
            metrics: Arc::clone(&metrics),
        });
        let app = app(Parts {
            store: store.clone(),
            pages: Pages::new().unwrap(),
            pulse: Arc::clone(&pulse),
            metrics,
            clock: clock.clone(),
            nudges: Nudges::default(),
            door: ends.door,
            desk: ends.desk.clone(),
            asks: allclear::nudge::ask::Desk::to(tokio::sync::mpsc::channel(1).0),
            post: allclear::nudge::post::Post::to(tokio::sync::mpsc::channel(1).0),
            plan: tokio::sync::watch::channel(std::sync::Arc::default()).1,
            hooks: watch::Sender::default().subscribe(),
            sign_on: watch::Sender::default().subscribe(),
            fetcher: watch::Sender::default().subscribe(),
            first: ingest::Published { snapshot: Arc::new(present), events: Vec::new() },
        });
        let world =
            World { app: app.unwrap(), pulse, clock, nudges: Nudges::default(), hooks: watch::Sender::default() };
        let mut tasks = JoinSet::new();
        tasks.spawn(writer.run(CancellationToken::new()));
        Self { world, desk: ends.desk, store, _writer: tasks }
    }

    fn all(&self) -> Vec<Arc<Subscriber>> {
        self.desk.borrow().subscribers.values().cloned().collect()
    }

    fn only(&self) -> Arc<Subscriber> {
        let all = self.all();
        assert_eq!(all.len(), 1);
        all[0].clone()
    }

    /// Opens a page and sends its form to this address with these fields, as a browser would.
    async fn fill(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.world.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text());
        self.send(&shown, action, fields).await
    }

    /// Sends a form of a page that was shown.
    async fn send(&self, shown: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let html = shown.text();
        assert!(html.contains(&format!("action=\"{action}\"")), "no form {action}: {html}");
        let (_, rest) = html.split_once("name=\"csrf\" value=\"").unwrap();
        let csrf = rest.split('"').next().unwrap();
        let cookie = shown.header("set-cookie").split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", csrf).extend_pairs(fields);
        self.world.send(Method::POST, action, headers, body.finish()).await
    }

    async fn sign_up(&self, address: &str) -> Answer {
        let fields = [("address", address), ("what", "source:acme"), ("impact", "major"), ("digest", "daily")];
        self.fill("/subscribe", "/subscribe", &fields).await
    }

    async fn actions(&self) -> Vec<String> {
        let rows = self.store.run(|store| store.audit(None, 100)).await.unwrap().items;
        rows.iter().rev().map(|row| row.action.clone()).collect()
    }
}

const SAM: &str = "sam@example.com";

#[tokio::test]
async fn a_reader_signs_up_confirms_changes_their_mind_and_leaves() {
    let town = Town::new(true, false).await;
    let preselected = town.world.get("/subscribe?service=checkout").await.text();
    assert!(preselected.contains("value=\"service:checkout\" selected"), "{preselected}");
    let asked = town.sign_up("Sam@EXAMPLE.com").await;
    assert_eq!((asked.status.as_u16(), asked.header("location")), (303, "/subscribe?said=asked"));
    assert!(town.world.get("/subscribe?said=asked").await.text().contains("a mail is on its way"));
    let one = town.only();
    assert_eq!((one.address(), one.is_active(), one.asked_at.len()), (Some("Sam@example.com"), false, 1));

    // What looks at mail for viruses follows every link: that changes nothing.
    let confirm = link(&one, Purpose::Confirm);
    for _ in 0..3 {
        let shown = town.world.get(&confirm).await;
        assert!(shown.text().contains("Yes, tell me") && shown.text().contains("The acme"), "{}", shown.text());
    }
    assert_eq!(town.only(), one);
    let confirmed = town.fill(&confirm, &confirm, &[]).await;
    let manage = link(&one, Purpose::Manage);
    assert_eq!(confirmed.header("location"), format!("{manage}&said=confirmed"));
    assert!(town.only().is_active());
    let again = town.world.get(&confirm).await.text();
    assert!(again.contains("You are told already"), "{again}");

    let shown = town.world.get(&manage).await;
    for part in ["value=\"source:acme\" selected", "value=\"major\" selected", "value=\"daily\" selected"] {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
    let fields = [("what", "tag:shop"), ("impact", ""), ("digest", "none")];
    let saved = town.send(&shown, &manage, &fields).await;
    assert_eq!(saved.header("location"), format!("{manage}&said=saved"));
    assert_eq!((town.only().wants.tags.clone(), town.only().digest), (vec!["shop".to_owned()], None));
    let gone = town.fill(&manage, &manage, &[("what", "tag:none"), ("impact", ""), ("digest", "none")]).await;
    assert!(gone.status == 422 && gone.text().contains("choose again"), "{}", gone.text());

    let data = town.world.get(&link(&one, Purpose::Manage).replace("/subscription?", "/subscription/data?")).await;
    assert_eq!((&data.json()["address"], &data.json()["scope"]), (&"Sam@example.com".into(), &"tag".into()));
    assert!(data.header("content-disposition").starts_with("attachment"));
    assert!(!data.text().contains(one.key.reveal()));

    let leave = link(&one, Purpose::Leave);
    assert!(town.world.get(&leave).await.text().contains("No more messages?"));
    assert_eq!(town.all().len(), 1);
    let left = town.send(&town.world.get(&leave).await, &leave, &[]).await;
    assert!(left.status == 200 && left.text().contains("You have left"), "{}", left.text());
    assert!(town.all().is_empty());
    let expected = ["subscriber.ask", "subscriber.confirm", "subscriber.change", "subscriber.leave"];
    assert_eq!(town.actions().await, expected);
}

#[tokio::test]
async fn s29_one_click_in_the_mail_program_is_enough_to_leave() {
    let town = Town::new(true, false).await;
    town.sign_up(SAM).await;
    let leave = link(&town.only(), Purpose::Leave);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let one_click = "List-Unsubscribe=One-Click".to_owned();
    let left = town.world.send(Method::POST, &leave, headers.clone(), one_click.clone()).await;
    assert_eq!(left.status, 200, "no cookie, no form of ours: {}", left.text());
    assert!(town.all().is_empty());
    assert_eq!(town.world.send(Method::POST, &leave, headers, one_click).await.status, 404, "there is nobody any more");
}

/// All of an answer but what is made by chance for each.
fn same(answer: &Answer) -> String {
    let mut headers: Vec<_> = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.retain(|header| !header.starts_with("x-request-id"));
    headers.sort();
    format!("{} {headers:?} {}", answer.status, answer.text())
}

#[tokio::test]
async fn s29_a_known_address_and_an_unknown_one_are_answered_with_the_same_bytes() {
    let town = Town::new(true, false).await;
    town.sign_up("asked@example.com").await;
    town.sign_up("told@example.com").await;
    let told = town.all().into_iter().find(|one| one.address() == Some("told@example.com")).unwrap();
    let confirm = link(&told, Purpose::Confirm);
    town.fill(&confirm, &confirm, &[]).await;
    for _ in 0..4 {
        town.sign_up("often@example.com").await;
    }
    let mut answers = BTreeSet::new();
    for address in ["new@example.com", "asked@example.com", "told@example.com", "often@example.com"] {
        answers.insert(same(&town.sign_up(address).await));
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
    // So are all links that do not count.
    let mut answers = BTreeSet::new();
    for token in ["", "x", &format!("{}.x", told.id), "0123456789abcdef.x"] {
        for path in ["/subscription?token=", "/subscribe/confirm?token=", "/subscription/leave?token="] {
            let answer = town.world.get(&format!("{path}{token}")).await;
            let text = same(&answer);
            // The token of the page's own form is made by chance.
            answers.insert(text.split("set-cookie").next().unwrap().to_owned() + text.split("<main").nth(1).unwrap());
            assert_eq!(answer.status, 404);
        }
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

#[tokio::test]
async fn s29_a_hundred_sign_ups_of_one_address_ask_it_three_times() {
    let town = Town::new(true, false).await;
    let shown = town.world.get("/subscribe").await;
    let fields = [("address", SAM), ("what", "all"), ("impact", ""), ("digest", "none")];
    for round in 0..100 {
        if round == 50 {
            // Whoever goes on for long enough comes past the limit of requests, and not past the other.
            town.world.clock.advance(std::time::Duration::from_secs(60));
        }
        let answer = town.send(&shown, "/subscribe", &fields).await;
        assert_eq!(answer.status, 303, "{round}");
    }
    assert_eq!(town.only().asked_at.len(), 3);
}

#[tokio::test]
async fn s29_of_a_thousand_requests_sixty_are_heard_and_the_others_told_when() {
    for path in ["/subscribe", "/subscription?token=x", "/subscription/leave?token=x", "/subscribe/confirm?token=x"] {
        let town = Town::new(true, false).await;
        let mut heard = 0;
        for _ in 0..1_000 {
            let answer = town.world.get(path).await;
            if answer.status == 429 {
                let wait: u64 = answer.header("retry-after").parse().unwrap();
                assert!((1..=61).contains(&wait), "{wait}");
            } else {
                heard += 1;
            }
        }
        assert_eq!(heard, 60, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_said_and_nothing_is_kept() {
    let town = Town::new(true, false).await;
    for (address, what, fault) in [
        ("sam", "all", "it has no @"),
        ("sam@example.com\r\nBcc: x@example.com", "all", "more than one @"),
        ("sam@example.com\r\nBcc: x", "all", "no e-mail address that can be written to"),
        (SAM, "source:nowhere", "choose again"),
        (SAM, "everything", "choose again"),
    ] {
        let fields = [("address", address), ("what", what), ("impact", ""), ("digest", "none")];
        let answer = town.fill("/subscribe", "/subscribe", &fields).await;
        assert!(answer.status == 422 && answer.text().contains(fault), "{fault}: {}", answer.text());
    }
    assert!(town.all().is_empty());
}

#[tokio::test]
async fn who_could_not_be_told_is_not_asked_to_sign_up() {
    let town = Town::new(false, false).await;
    assert_eq!(town.world.get("/subscribe").await.status, 404);
    for (path, offered) in
        [("/", "/subscribe"), ("/sources/acme", "?source=acme"), ("/incidents/acme.x1", "?incident=")]
    {
        assert!(!town.world.get(path).await.text().contains("/subscribe"), "{path}");
        let open = Town::new(true, false).await.world.get(path).await.text();
        assert!(open.contains(offered) && open.contains("Get notified"), "{path}: {open}");
    }
}

#[tokio::test]
async fn a_private_page_signs_up_only_who_may_read_it_and_a_link_shows_no_more_than_its_own() {
    let town = Town::new(true, true).await;
    let away = town.world.get("/subscribe").await;
    assert_eq!(away.header("location"), "/admin/sign-in?to=%2Fsubscribe");
    // Somebody whom an admin added.
    let open = Town::new(true, false).await;
    open.sign_up(SAM).await;
    let one = open.only();
    let mut desk = Desk::default();
    desk.put(allclear::model::desk::Kept::Subscriber(Arc::clone(&one)));
    let mut present = snapshot(1, "Errors").as_ref().clone();
    present.page = Arc::new(allclear::model::source::PageSettings { private: true, ..present.page.as_ref().clone() });
    let world = World::with_desk(ingest::Published { snapshot: Arc::new(present), events: vec![] }, desk);
    let shown = world.get(&link(&one, Purpose::Manage)).await;
    assert!(shown.status == 200 && shown.text().contains("The acme"), "{}", shown.text());
    assert!(!shown.text().contains("The bolt"), "{}", shown.text());
}
