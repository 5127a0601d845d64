//! A page that moves or changes its platform after its format was found out: followed where it says so itself, and
//! said where not; never good news out of a page that is not the one.

use allclear::simulate::{Cast, Change, VendorInfo};
use serde_json::Value;

use super::front::{Does, Front};
use super::server::{Home, Play, SOON, Server, by_id, list, play_cast, until};

/// With it, nobody waits for a back-off to pass.
const HOOK: &str = "a-hook-of-the-tests";

/// A world, an address before it that passes on what the Statuspage vendor says, and a source that reads that.
struct Place {
    play: Play,
    front: Front,
    home: Home,
    statuspage: VendorInfo,
    instatus: VendorInfo,
}

impl Place {
    async fn new(more: &str) -> Self {
        let play = play_cast(Cast::EveryFormat).await;
        let of = |format| play.of(&[format])[0].clone();
        let (statuspage, instatus) = (of("statuspage"), of("instatus"));
        let front = Front::start("127.0.63.1", statuspage.address.port(), Does::Passes(statuspage.address)).await;
        let url = front.origin();
        let yaml = format!(
            "sources:\n  - {{name: Acme, url: \"{url}\", allow_private: true, interval: 1s, hook: {HOOK}{more}}}\n"
        );
        Self { home: Home::new(&yaml), play, front, statuspage, instatus }
    }

    /// Serves it, and waits until all is well.
    async fn well(&self) -> Server {
        let server = self.home.serve().await;
        server.until("all is well", |summary| (summary["headline"]["state"] == "operational").then_some(())).await;
        server
    }
}

fn acme(summary: &Value) -> &Value {
    by_id(&summary["sources"], "acme").unwrap()
}

/// Waits until the source's failure says this, and gives the source.
async fn fails_with(server: &Server, words: &str) -> Value {
    server
        .until(&format!("it says: {words}"), |summary| {
            let error = acme(summary)["freshness"]["error"]["message"].as_str()?;
            error.contains(words).then(|| acme(summary).clone())
        })
        .await
}

/// Waits until a warning of the source says this, and gives the source.
async fn warns(server: &Server, words: &str) -> Value {
    server
        .until(&format!("it warns: {words}"), |summary| {
            let said = |warning: &Value| warning.as_str().is_some_and(|text| text.contains(words));
            list(&acme(summary)["warnings"]).iter().any(said).then(|| acme(summary).clone())
        })
        .await
}

/// Has it read now.
async fn nudge(server: &Server) {
    assert_eq!(server.post(&format!("/hooks/statuspage/acme/{HOOK}"), "{}").await.status(), "202");
}

/// It is asked again, and what was last read well stays what it was.
async fn stays(place: &Place, server: &Server, ok_at: &Value) {
    let asked = place.front.asked().len();
    nudge(server).await;
    until("it is asked again", SOON, async || (place.front.asked().len() > asked).then_some(())).await;
    let summary = server.summary().await;
    assert_eq!(&acme(&summary)["freshness"]["ok_at"], ok_at, "{}", acme(&summary));
    assert!(acme(&summary)["freshness"]["error"].is_object(), "{}", acme(&summary));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_changes_its_platform_is_read_on_and_nothing_of_the_new_one_is_news() {
    let place = Place::new("").await;
    let open = |id: &str| Change::Open {
        id: id.into(),
        title: "Errors on API".into(),
        impact: "critical",
        body: "We are looking into it.".into(),
        components: vec!["API".into()],
    };
    place.play.world.set(&place.instatus.id, open("trouble00001"));
    place.play.world.set(&place.instatus.id, Change::Component { name: "API".into(), state: "major_outage" });
    let mut server = place.well().await;
    let before = server.summary().await;
    let viewer = server.watch();
    until("the viewer is greeted", SOON, async || viewer.is_greeted().then_some(())).await;
    place.front.set(Does::Passes(place.instatus.address));
    let shown = warns(&server, "now read as `instatus` (was `statuspage`): the page changed its platform").await;
    assert_eq!(shown["format"], "instatus");
    assert!(shown["freshness"]["error"].is_null(), "{shown}");
    assert_eq!(shown["state"], "major_outage", "what it says is judged as always");
    assert!(server.log().contains("now read as `instatus`"), "{}", server.log());
    let told = |kind: &str| viewer.events().into_iter().find(|event| event["kind"] == kind);
    until("the source's own state is news", SOON, async || told("source.state")).await;
    for event in viewer.events() {
        let news = event["kind"].as_str().unwrap().starts_with("source.");
        assert!(news || event["baseline"] == true, "{event}");
        assert_ne!(event["kind"], "component.unlisted", "{event}");
    }
    // The components go on under new ids: none is there twice.
    let paths = |source: &Value| -> Vec<String> {
        list(&source["components"]).iter().map(|one| one["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths(&shown), paths(acme(&before)));
    // A restart finds nothing out again, and says the same.
    server.terminate();
    server.ended().await;
    let asked = place.front.asked().len();
    let server = place.home.serve().await;
    warns(&server, "now read as `instatus`").await;
    until("it is read again", SOON, async || (place.front.asked().len() >= asked + 2).then_some(())).await;
    let paths = place.front.asked();
    let only = ["/summary.json", "/v2/components.json"];
    assert!(paths[asked..].iter().all(|path| only.contains(&path.as_str())), "{:?}", &paths[asked..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_moves_for_good_is_followed_and_names_its_new_address() {
    let place = Place::new("").await;
    let server = place.well().await;
    // The same platform at another host: the documents move along.
    place.front.set(Does::Moves(301, place.statuspage.origin.clone()));
    warns(&server, &format!("moved for good to {}/: change its address", place.statuspage.origin)).await;
    // Another platform at another host: only the page leads there.
    place.front.set(Does::Leads(301, format!("{}/", place.instatus.origin)));
    let words =
        format!("now read as `instatus` (was `statuspage`): the page has moved for good to {}/", place.instatus.origin);
    let shown = warns(&server, &words).await;
    assert_eq!(shown["state"], "operational");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_merely_leads_elsewhere_is_not_followed_and_says_where_it_leads() {
    let place = Place::new("").await;
    let mut server = place.well().await;
    place.front.set(Does::Leads(302, format!("{}/", place.instatus.origin)));
    let words = format!(
        "the page has moved to {}/, which is read as `instatus`: change its address in sources.yaml",
        place.instatus.origin
    );
    let shown = fails_with(&server, &words).await;
    assert_eq!(shown["freshness"]["error"]["kind"], "gone");
    stays(&place, &server, &shown["freshness"]["ok_at"]).await;
    server.terminate();
    server.ended().await;
    // What was found is remembered: it is said without looking again.
    let server = place.home.serve().await;
    let shown = fails_with(&server, &words).await;
    let asked = place.front.asked().len();
    stays(&place, &server, &shown["freshness"]["ok_at"]).await;
    assert!(
        place.front.asked()[asked..].iter().all(|path| path == "/api/v2/summary.json"),
        "{:?}",
        place.front.asked()
    );
    // It is mended: then there is nothing to say.
    place.front.set(Does::Passes(place.statuspage.address));
    nudge(&server).await;
    server
        .until("it is read again", |summary| {
            let fresh = &acme(summary)["freshness"];
            (fresh["error"].is_null() && fresh["ok_at"] != shown["freshness"]["ok_at"]).then_some(())
        })
        .await;
    assert!(list(&acme(&server.summary().await)["warnings"]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_gone_is_looked_for_once() {
    let place = Place::new("").await;
    let server = place.well().await;
    let before = place.front.asked().len();
    place.front.set(Does::Gone);
    let looked = async || place.front.asked()[before..].iter().filter(|path| *path == "/index.json").count();
    until("it is looked for", SOON, async || (looked().await == 1).then_some(())).await;
    let shown = fails_with(&server, "the page is not there (404").await;
    stays(&place, &server, &shown["freshness"]["ok_at"]).await;
    stays(&place, &server, &shown["freshness"]["ok_at"]).await;
    assert_eq!(looked().await, 1, "not again for hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_format_is_configured_is_never_read_in_another_one() {
    let place = Place::new(", format: statuspage").await;
    let server = place.well().await;
    place.front.set(Does::Passes(place.instatus.address));
    let words = format!("the page at {}/ is now read as `instatus`, and was as `statuspage`", place.front.origin());
    let shown = fails_with(&server, &words).await;
    stays(&place, &server, &shown["freshness"]["ok_at"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_stays_with_the_address_that_is_configured_wherever_the_page_leads() {
    let place = Place::new(", token: a-token-of-the-tests").await;
    let port = place.statuspage.address.port();
    let other = Front::start("127.0.63.2", port, Does::Passes(place.instatus.address)).await;
    place.front.set(Does::Leads(302, format!("{}/", other.origin())));
    let _server = place.well().await;
    assert!(place.front.heads().iter().all(|head| head.contains("a-token-of-the-tests")));
    assert!(!other.heads().is_empty() && other.heads().iter().all(|head| !head.contains("a-token-of-the-tests")));
}
