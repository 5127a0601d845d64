//! The operators' console, by its forms alone: as in a browser without scripts.

use allclear::simulate::Change;
use serde_json::Value;

use super::person::{Person, home};
use super::server::{Answer, Home, SOON, Server, by_id, list, play, until, yaml};

const SERVICES: &str = "page: {title: Acme, timezone: Europe/Berlin}\nservices:\n  - {id: checkout, name: Checkout}\n  - {id: search, name: Search}";

/// Where an answer leads, without what is said there.
fn led(answer: &Answer) -> String {
    assert_eq!(answer.status(), "303", "{} {}", answer.head, answer.body);
    let to = answer.header("location").unwrap();
    to.split('?').next().unwrap().to_owned()
}

/// The value of a hidden field of the form with this action.
fn hidden(page: &Answer, action: &str, name: &str) -> String {
    let html = scraper::Html::parse_document(&page.body);
    let at = format!("form[action='{action}'] input[name='{name}']");
    let input =
        html.select(&scraper::Selector::parse(&at).unwrap()).next().unwrap_or_else(|| panic!("no {at}: {}", page.body));
    input.value().attr("value").unwrap_or_default().to_owned()
}

/// The whole of a document as text, without its tags.
fn text(page: &Answer) -> String {
    let html = scraper::Html::parse_document(&page.body);
    html.root_element().text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn declare(operator: &mut Person, server: &Server, fields: &[(&str, &str)]) -> String {
    let declared = operator.fill(server, "/admin/incidents/new", "/admin/incidents/new", fields).await;
    led(&declared)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_declared_told_resolved_and_learned_from_by_forms_alone() {
    let server = home(SERVICES).serve().await;
    let viewer = server.watch();
    let mut robin = Person::set_up(&server, "robin").await;
    let fields =
        [("title", "Checkout is slow"), ("impact", "major"), ("service", "checkout"), ("body", "We **look**.")];
    let at = declare(&mut robin, &server, &fields).await;
    let id = at.strip_prefix("/admin/incidents/").unwrap().to_owned();
    let update = format!("{at}/update");
    for (status, body) in
        [("identified", "A full disk."), ("monitoring", "It is emptied."), ("resolved", "All is well.")]
    {
        let sent = robin.fill(&server, &at, &update, &[("status", status), ("impact", "major"), ("body", body)]).await;
        assert_eq!(led(&sent), at);
        // What was answered is told everywhere already.
        let told: Value = server.json(&format!("/api/v1/incidents/{id}")).await;
        assert_eq!(
            (told["status"].as_str(), told["updates"][0]["body"].as_str()),
            (Some(status), Some(body)),
            "{told}"
        );
        assert!(server.get(&format!("/incidents/{id}")).await.body.contains(body));
        assert!(server.get("/feed.json").await.body.contains(body));
        let note = |event: &Value| event["note"].as_str().is_some_and(|note| note == body);
        until("the viewers are told", SOON, async || viewer.events().iter().any(note).then_some(())).await;
    }
    let learned = robin.fill(&server, &at, &format!("{at}/postmortem"), &[("postmortem", "Watch the disk.")]).await;
    assert_eq!(led(&learned), at);
    let noted = robin.fill(&server, &at, &format!("{at}/note"), &[("note", "for us alone")]).await;
    assert_eq!(led(&noted), at);
    let correct = format!("{at}/correct/2");
    let corrected = robin.fill(&server, &at, &correct, &[("correction", "A *very* full disk.")]).await;
    assert_eq!(led(&corrected), at);
    let page = server.get(&format!("/incidents/{id}")).await;
    for shown in ["Watch the disk.", "<em>very</em> full disk", "corrected", "robin", "<strong>look</strong>"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("for us alone") && !server.get("/feed.json").await.body.contains("for us alone"));
    assert!(robin.get(&server, &at).await.body.contains("for us alone"));
    let summary = server.summary().await;
    assert_eq!(by_id(&summary["services"], "checkout").unwrap()["state"], "operational");
    let sure = format!("{at}/delete");
    assert_eq!(led(&robin.fill(&server, &sure, &sure, &[]).await), "/admin/incidents");
    assert_eq!(server.get(&format!("/incidents/{id}")).await.status(), "404");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_the_page_of_readers_and_declares_nothing() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let form = "/admin/incidents/new";
    let typed =
        [("title", "Search is <down>"), ("impact", "critical"), ("service", "search"), ("body", "- one\n- two")];
    let shown = robin.fill(&server, form, form, &[&typed[..], &[("do", "preview")]].concat()).await;
    assert_eq!(shown.status(), "200", "{}", shown.body);
    for part in ["As readers will see it", "<li>one</li>", "Major outage", "- one\n- two", "checked"] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    assert!(list(&server.summary().await["incidents"]).is_empty(), "nothing is declared by looking at it");
    // What is sent from the preview is what was previewed.
    let sent = robin.send(&server, &shown, form, &typed).await;
    let id = led(&sent).rsplit('/').next().unwrap().to_owned();
    let page = server.get(&format!("/incidents/{id}")).await;
    assert!(page.body.contains("<li>two</li>") && text(&page).contains("Search is <down>"), "{}", page.body);
    for (fields, fault) in [
        ([("title", " "), ("started", "")], "is empty"),
        ([("title", "x"), ("started", "2026-03-29T02:30")], "does not exist"),
        ([("title", "x"), ("started", "2999-01-01T00:00")], "in the future"),
    ] {
        for button in ["preview", "declare"] {
            let fields = [&fields[..], &[("do", button), ("note", "keep me")]].concat();
            let refused = robin.fill(&server, form, form, &fields).await;
            assert_eq!(refused.status(), "422", "{fault}");
            assert!(refused.body.contains(fault) && refused.body.contains("keep me"), "{fault}: {}", refused.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_declares_once() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let form = "/admin/incidents/new";
    let shown = robin.get(&server, form).await;
    let fields = [("title", "Twice"), ("impact", "minor")];
    let first = robin.send(&server, &shown, form, &fields).await;
    let second = robin.send(&server, &shown, form, &fields).await;
    assert_eq!(first.header("location"), second.header("location"));
    assert_eq!(list(&server.summary().await["incidents"]).len(), 1);
    let other = robin.send(&server, &shown, form, &[("title", "Other words"), ("impact", "minor")]).await;
    assert_eq!(other.status(), "422", "a form that was sent is not silently sent with other words");
    assert!(other.body.contains("Other words"));
    // The form that comes back is a new one.
    assert_eq!(
        robin.send(&server, &other, form, &[("title", "Other words"), ("impact", "minor")]).await.status(),
        "303"
    );
    assert_eq!(list(&server.summary().await["incidents"]).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_never_overwrite_each_other() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let (mut kim, _) = Person::sign_in(&server, "robin", super::person::PASSWORD).await;
    let at = declare(&mut robin, &server, &[("title", "Slow"), ("impact", "minor")]).await;
    let id = at.rsplit('/').next().unwrap().to_owned();
    let edit = format!("{at}/edit");
    let seen = kim.get(&server, &edit).await;
    assert_eq!(led(&robin.fill(&server, &edit, &edit, &[("title", "Very slow"), ("impact", "major")]).await), at);
    let late = kim.send(&server, &seen, &edit, &[("title", "A bit slow"), ("impact", "minor")]).await;
    assert_eq!(late.status(), "409", "{}", late.body);
    for shown in ["somebody else was faster", "A bit slow", "Very slow", "robin"] {
        assert!(text(&late).contains(shown) || late.body.contains(shown), "{shown}: {}", late.body);
    }
    let told = server.json(&format!("/api/v1/incidents/{id}")).await;
    assert_eq!(told["title"], "Very slow");
    // Who has seen what changed may send it all the same.
    assert_eq!(led(&kim.send(&server, &late, &edit, &[("title", "A bit slow")]).await), at);
    assert_eq!(server.json(&format!("/api/v1/incidents/{id}")).await["title"], "A bit slow");
    // A form without a version is none of ours.
    let csrf = hidden(&seen, &edit, "csrf");
    let bare = [("csrf", csrf.as_str()), ("title", "Blind"), ("impact", "minor"), ("started", "")];
    let bare: Vec<(String, String)> = bare.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    assert_eq!(kim.post(&server, &edit, &bare).await.status(), "409");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_incident_that_does_not_affect_us_leaves_the_headline_until_it_becomes_worse() {
    let play = play(Some(1)).await;
    let vendor = play.world.vendors()[0].clone();
    let server = Home::new(&yaml([&vendor])).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let open = Change::Open {
        id: "outage00none".into(),
        title: "Errors in a far region".into(),
        impact: "minor",
        body: "We look into it.".into(),
        components: Vec::new(),
    };
    assert!(play.world.set(&vendor.id, open));
    let titled = |summary: &Value| {
        list(&summary["incidents"]).iter().find(|it| it["title"] == "Errors in a far region").cloned()
    };
    let incident = server.until("it is shown", |summary| titled(summary)).await;
    let id = incident["id"].as_str().unwrap().to_owned();
    let worst = |summary: &Value| summary["headline"]["state"].as_str().unwrap().to_owned();
    assert_eq!(worst(&server.summary().await), "degraded_performance");
    let home = robin.get(&server, "/admin").await;
    assert!(home.body.contains("Does it affect us?"), "{}", home.body);
    // One tap, and then a note, which keeps the answer.
    let verdict = format!("/admin/incidents/{id}/verdict");
    assert_eq!(led(&robin.fill(&server, "/admin", &verdict, &[("affects", "no")]).await), "/admin");
    let fields = [("affects", "no"), ("note", "We are **not** there."), ("owner", "kim"), ("mute", "off")];
    assert_eq!(led(&robin.fill(&server, &verdict, &verdict, &fields).await), verdict);
    assert_eq!(worst(&server.summary().await), "operational");
    let page = server.get("/").await;
    assert!(page.body.contains("does not affect us") && page.body.contains("We are not there."), "{}", page.body);
    assert!(!robin.get(&server, "/admin").await.body.contains("Does it affect us?"));
    assert!(play.world.set(&vendor.id, Change::Impact { id: "outage00none".into(), impact: "critical" }));
    server.until("it counts again", |summary| (worst(summary) == "major_outage").then_some(())).await;
    let home = robin.get(&server, "/admin").await;
    assert!(home.body.contains("It became worse since it was judged"), "{}", home.body);
    let seen = format!("/admin/incidents/{id}/acknowledge");
    assert_eq!(led(&robin.fill(&server, &verdict, &verdict, &[("affects", "yes"), ("mute", "4h")]).await), verdict);
    let csrf = robin.get(&server, &verdict).await;
    assert_eq!(led(&robin.send(&server, &csrf, &seen, &[]).await), verdict);
    let told = server.json(&format!("/api/v1/incidents/{id}")).await;
    assert_eq!(told["verdict"]["affects"], "yes", "{told}");
    // A source's state is set over what is read, and ends.
    let by_hand = format!("/admin/sources/{}/override", vendor.id);
    let fields = [("state", "operational"), ("reason", "We use another region")];
    assert_eq!(led(&robin.fill(&server, &by_hand, &by_hand, &fields).await), "/admin/services");
    assert!(server.get(&format!("/sources/{}", vendor.id)).await.body.contains("We use another region"));
    assert_eq!(led(&robin.fill(&server, &by_hand, &format!("{by_hand}/end"), &[]).await), "/admin/services");
    let source = server.json(&format!("/api/v1/sources/{}", vendor.id)).await;
    assert_eq!(source["state"], "major_outage", "what is read again: {source}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_asks_for_what_stands_between_braces() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let new = "/admin/templates/new";
    let wrong = [("name", "Slow region"), ("title", "Slow in {{ region.name }}"), ("body", "")];
    let refused = robin.fill(&server, new, new, &wrong).await;
    assert_eq!(refused.status(), "422");
    assert!(refused.body.contains("between two braces stands one name"), "{}", refused.body);
    let fields = [
        ("name", "Slow region"),
        ("title", "Slow in {{region}}"),
        ("body", "Since {{ since }}."),
        ("impact", "major"),
        ("service", "search"),
    ];
    assert_eq!(led(&robin.fill(&server, new, new, &fields).await), "/admin/templates");
    let taken = robin.fill(&server, new, new, &fields).await;
    assert_eq!(taken.status(), "422");
    assert!(taken.body.contains("of another template"));
    let asks = robin.get(&server, "/admin/incidents/new?template=slow-region").await;
    assert!(asks.body.contains("name=\"v.region\"") && asks.body.contains("name=\"v.since\""), "{}", asks.body);
    let filled = robin.get(&server, "/admin/incidents/new?template=slow-region&v.region=EU&v.since=noon").await;
    for part in ["value=\"Slow in EU\"", "Since noon.", "value=\"major\" selected", "value=\"search\" checked"] {
        assert!(filled.body.contains(part), "{part}: {}", filled.body);
    }
    let half = robin.get(&server, "/admin/incidents/new?template=slow-region&v.region=EU").await;
    assert!(half.body.contains("since is not filled in"), "{}", half.body);
    let remove = "/admin/templates/slow-region/remove";
    assert_eq!(led(&robin.fill(&server, remove, remove, &[]).await), "/admin/templates");
    assert!(text(&robin.get(&server, "/admin/templates").await).contains("There are none."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_is_planned_on_the_clocks_of_the_page_moved_begun_and_completed() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let new = "/admin/maintenances/new";
    let year: i16 = jiff::tz::TimeZone::UTC.to_datetime(allclear::clock::Clock::system().now().wall).year() + 1;
    let (starts, ends) = (format!("{year}-01-05T10:00"), format!("{year}-01-05T12:00"));
    let fields = [
        ("title", "Move the database"),
        ("starts", &starts),
        ("ends", &ends),
        ("service", "checkout"),
        ("body", "Be patient."),
    ];
    let planned = robin.fill(&server, new, new, &fields).await;
    let at = led(&planned);
    let id = at.rsplit('/').next().unwrap().to_owned();
    let told = server.json(&format!("/api/v1/maintenances/{id}")).await;
    assert_eq!(told["starts_at"], format!("{year}-01-05T09:00:00Z"), "ten in Berlin in winter: {told}");
    let month = robin.get(&server, &format!("/admin/maintenances?month={year}-01")).await;
    assert!(text(&month).contains("10:00 Move the database"), "{}", text(&month));
    // Another one that overlaps on the same service is warned of before it is announced.
    let other =
        [("title", "Also that"), ("starts", &starts), ("ends", &ends), ("service", "checkout"), ("do", "preview")];
    let shown = robin.fill(&server, new, new, &other).await;
    assert_eq!(shown.status(), "200", "{}", shown.body);
    for part in ["overlap, and both touch Checkout", "As readers will see it"] {
        assert!(text(&shown).contains(part), "{part}: {}", shown.body);
    }
    for (starts, ends, fault) in [
        (&ends, &starts, "is not after"),
        (&starts, &String::new(), "is missing"),
        (&String::from("x"), &ends, "is no date"),
    ] {
        let refused = robin.fill(&server, new, new, &[("title", "x"), ("starts", starts), ("ends", ends)]).await;
        assert_eq!(refused.status(), "422", "{fault}");
        assert!(refused.body.contains(fault), "{fault}: {}", refused.body);
    }
    let edit = format!("{at}/edit");
    let (later, end) = (format!("{year}-07-05T10:00"), format!("{year}-07-05T12:00"));
    let fields =
        [("title", "Move the database"), ("starts", later.as_str()), ("ends", end.as_str()), ("service", "checkout")];
    assert_eq!(led(&robin.fill(&server, &edit, &edit, &fields).await), at);
    let told = server.json(&format!("/api/v1/maintenances/{id}")).await;
    assert_eq!(told["starts_at"], format!("{year}-07-05T08:00:00Z"), "ten in Berlin in summer: {told}");
    let update = format!("{at}/update");
    for (status, state) in [("in_progress", "under_maintenance"), ("completed", "operational")] {
        let shown = robin.get(&server, &at).await;
        let sent = robin.send(&server, &shown, &update, &[("status", status), ("body", "")]).await;
        assert_eq!(led(&sent), at);
        let summary = server.summary().await;
        assert_eq!(by_id(&summary["services"], "checkout").unwrap()["state"], state);
    }
    // One that comes again keeps its hour over the change of the clocks.
    let (starts, ends) = (format!("{year}-03-20T22:00"), format!("{year}-03-20T23:00"));
    let weekly =
        [("title", "Patch day"), ("starts", starts.as_str()), ("ends", ends.as_str()), ("repeat", "FREQ=WEEKLY")];
    assert_eq!(led(&robin.fill(&server, new, new, &weekly).await), "/admin/maintenances");
    let listed = robin.get(&server, "/admin/maintenances").await;
    assert!(listed.body.contains("FREQ=WEEKLY"), "{}", listed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_services_state_is_set_by_hand_with_a_reason() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let form = "/admin/services/search";
    let none = robin.fill(&server, form, form, &[("state", "partial_outage"), ("reason", "")]).await;
    assert_eq!(none.status(), "422");
    assert!(none.body.contains("say why"), "{}", none.body);
    let set =
        robin.send(&server, &none, form, &[("state", "partial_outage"), ("reason", "The index is rebuilt")]).await;
    assert_eq!(led(&set), "/admin/services");
    let summary = server.summary().await;
    assert_eq!(by_id(&summary["services"], "search").unwrap()["state"], "partial_outage");
    assert_eq!(led(&robin.fill(&server, form, "/admin/services/search/end", &[]).await), "/admin/services");
    assert_eq!(by_id(&server.summary().await["services"], "search").unwrap()["state"], "operational");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_operators_gets_to_the_console() {
    let server = home(SERVICES).serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    let invited = robin.fill(&server, "/admin/people", "/admin/people", &[("name", "vera"), ("role", "viewer")]).await;
    let invited = text(&invited);
    let (_, code) = invited.split_once("/admin/join?code=").unwrap();
    let code: String = code.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let (mut vera, join) = (Person::default(), format!("/admin/join?code={code}"));
    let password = super::person::PASSWORD;
    vera.fill(&server, &join, "/admin/join", &[("password", password), ("again", password)]).await;
    assert_eq!(led(&vera.get(&server, "/admin").await), "/admin/account");
    for path in
        ["/admin/incidents", "/admin/incidents/new", "/admin/maintenances", "/admin/services", "/admin/templates"]
    {
        assert_eq!(vera.get(&server, path).await.status(), "403", "{path}");
        assert!(server.get(path).await.header("location").unwrap().starts_with("/admin/sign-in"), "{path}");
    }
}
