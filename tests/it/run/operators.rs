//! Operators' writes over the API: what they do, who may, and that everybody sees it at once.

use allclear::http::{Access, access};
use allclear::model::delivery::{Delivery, Status};
use allclear::model::id::{ChannelId, ReceiverId};
use allclear::model::ledger::{Letter, Style};
use allclear::model::people::Scope;
use allclear::store::Store;
use axum::http::Method;
use serde_json::{Value, json};

use super::api::{Program, TEAM, rows, token, writer};
use super::server::{Home, SOON, Server, Viewer, by_id, until, yaml};

/// Everything that everybody reads shows these words now.
async fn everywhere(server: &Server, words: &str) {
    for path in ["/", "/api/v1/summary", "/feed.json", "/feed.atom"] {
        let shown = server.get(path).await.body;
        assert!(shown.contains(words), "{path} does not say {words}: {shown}");
    }
}

async fn told(viewer: &Viewer, kind: &str, subject: &str) -> Value {
    until(&format!("{kind} of {subject}"), SOON, async || {
        viewer.events().into_iter().find(|event| event["kind"] == kind && event["subject"] == subject)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_declared_updated_resolved_and_everybody_sees_it_with_the_answer() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let viewer = server.watch();
    until("it is greeted", SOON, async || viewer.is_greeted().then_some(())).await;
    let body = json!({
        "title": "Checkout slow", "impact": "minor", "body": "We are *looking*.", "note": "Ask Sam.",
        "services": ["checkout", {"id": "search", "state": "partial_outage"}]
    });
    let answer = program.send("POST", "/api/v1/incidents", "", &body).await;
    assert_eq!(answer.status(), "201", "{}", answer.body);
    let opened: Value = serde_json::from_str(&answer.body).unwrap();
    let id = opened["id"].as_str().unwrap();
    let at = format!("/api/v1/incidents/{id}");
    assert_eq!(answer.header("location"), Some(at.as_str()));
    assert_eq!((answer.header("etag"), &opened["version"]), (Some("\"v1\""), &json!(1)));
    everywhere(&server, "Checkout slow").await;
    let summary = server.summary().await;
    assert_eq!(by_id(&summary["services"], "checkout").unwrap()["state"], "degraded_performance");
    assert_eq!(by_id(&summary["services"], "search").unwrap()["state"], "partial_outage");
    assert_eq!(told(&viewer, "incident.opened", id).await["name"], "Checkout slow");
    assert_eq!(told(&viewer, "service.state", "search").await["to"], "partial_outage");

    let updated = program
        .write("POST", &format!("{at}/updates"), json!({"status": "identified", "body": "The **disk** is fulll."}))
        .await;
    assert_eq!(
        (&updated["status"], &updated["updates"][0]["body"]),
        (&json!("identified"), &json!("The disk is fulll."))
    );
    everywhere(&server, "The disk is fulll.").await;
    let corrected = program.write("PATCH", &format!("{at}/updates/2"), json!({"body": "The disk is full."})).await;
    assert_eq!(corrected["version"], 3);
    everywhere(&server, "The disk is full.").await;
    let edited = program.write("PATCH", &at, json!({"title": "Checkout down", "impact": "critical"})).await;
    assert_eq!((&edited["title"], &edited["state"]), (&json!("Checkout down"), &json!("major_outage")));
    everywhere(&server, "Checkout down").await;
    program.write("POST", &format!("{at}/notes"), json!({"body": "Sam is on it."})).await;
    let seen = program.write("POST", &format!("{at}/acknowledge"), Value::Null).await;
    assert_eq!(seen["acknowledged_by"], "deploys");
    let early = program.send("PUT", &format!("{at}/postmortem"), "", &json!({"body": "Too early."})).await;
    assert_eq!(early.status(), "409");
    let resolved =
        program.write("POST", &format!("{at}/updates"), json!({"status": "resolved", "body": "Over."})).await;
    assert_eq!(resolved["open"], false);
    told(&viewer, "incident.resolved", id).await;
    assert_eq!(server.summary().await["incidents"], json!([]));
    program.write("PUT", &format!("{at}/postmortem"), json!({"body": "A rat."})).await;
    assert_eq!(server.json(&at).await["postmortem"]["body"], "A rat.");

    let notes = program.get(&format!("{at}/notes")).await;
    assert!(notes.body.contains("Ask Sam.") && notes.body.contains("Sam is on it."), "{}", notes.body);
    for path in ["/", "/api/v1/summary", "/feed.json", "/feed.atom", at.as_str(), &format!("/incidents/{id}")] {
        assert!(!server.get(path).await.body.contains("Sam"), "{path} shows what is for signed-in people only");
    }
    assert!(!viewer.events().iter().any(|event| event.to_string().contains("Sam")), "so do events");
    let gone = program.send("DELETE", &at, "", &Value::Null).await;
    assert_eq!((gone.status(), server.get(&at).await.status()), ("204", "404"));
    told(&viewer, "incident.removed", id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_is_planned_moved_started_and_completed() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let body = json!({
        "title": "New disks", "starts_at": "2027-01-02T03:00:00Z", "ends_at": "2027-01-02T04:00:00Z",
        "services": ["checkout"], "body": "Short breaks."
    });
    let planned = program.write("POST", "/api/v1/maintenances", body).await;
    let id = planned["id"].as_str().unwrap();
    let at = format!("/api/v1/maintenances/{id}");
    assert_eq!(by_id(&server.summary().await["maintenances"], id).unwrap()["status"], "scheduled");
    let moved = program.write("PATCH", &at, json!({"ends_at": "2027-01-02T05:00:00Z"})).await;
    assert!(moved["updates"][0]["body"].as_str().unwrap().starts_with("Moved:"), "{moved}");
    let wrong = program.send("PATCH", &at, "", &json!({"ends_at": "2027-01-02T01:00:00Z"})).await;
    assert!(wrong.status() == "400" && wrong.body.contains("ends_at"), "{}", wrong.body);
    let update = format!("{at}/updates");
    program.write("POST", &update, json!({"status": "in_progress"})).await;
    assert_eq!(by_id(&server.summary().await["services"], "checkout").unwrap()["state"], "under_maintenance");
    program.write("POST", &update, json!({"status": "completed", "body": "Done."})).await;
    assert_eq!(by_id(&server.summary().await["services"], "checkout").unwrap()["state"], "operational");
    let again = program.send("POST", &update, "", &json!({"status": "in_progress"})).await;
    assert_eq!(again.status(), "409", "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_seen_an_older_version_changes_nothing() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let opened = program.write("POST", "/api/v1/incidents", json!({"title": "Slow"})).await;
    let at = format!("/api/v1/incidents/{}", opened["id"].as_str().unwrap());
    let edit = |title: &str| json!({"title": title});
    let read = server.get(&at).await.header("etag").unwrap().to_owned();
    let packed = server.ask("GET", &at, "accept-encoding: gzip\r\n", "").await.header("etag").unwrap().to_owned();
    for (seen, title) in [("\"v1\"".to_owned(), "By version"), (read.clone(), "By what was read"), (packed, "Packed")] {
        // Each as it is now, and then as it was.
        let now =
            if title == "By version" { seen.clone() } else { server.get(&at).await.header("etag").unwrap().into() };
        let taken = program.send("PATCH", &at, &format!("if-match: {now}\r\n"), &edit(title)).await;
        assert_eq!(taken.status(), "200", "{title}: {}", taken.body);
        let stale = program.send("PATCH", &at, &format!("if-match: {seen}\r\n"), &edit("Lost")).await;
        assert_eq!(stale.status(), "412", "{title}: {}", stale.body);
        assert!(stale.body.contains("version") && server.json(&at).await["title"] == title);
    }
    let rows: [(&str, String, Value); 9] = [
        ("POST", format!("{at}/updates"), json!({"body": "x"})),
        ("PATCH", format!("{at}/updates/1"), json!({"body": "x"})),
        ("PUT", format!("{at}/postmortem"), json!({"body": "x"})),
        ("POST", format!("{at}/publish"), Value::Null),
        ("PUT", format!("{at}/verdict"), json!({"affects": "yes"})),
        ("PUT", "/api/v1/services/checkout/state".into(), json!({"state": "major_outage", "reason": "x"})),
        ("PUT", "/api/v1/templates/slow".into(), json!({"name": "x", "title": "x"})),
        ("DELETE", at.clone(), Value::Null),
        ("POST", "/api/v1/maintenances/nothing/updates".into(), json!({"body": "x"})),
    ];
    for (method, path, body) in rows {
        for seen in ["\"v7\"", "\"what-nobody-gave-out\"", read.as_str()] {
            let answer = program.send(method, &path, &format!("if-match: {seen}\r\n"), &body).await;
            let expected = if path.contains("nothing") { "404" } else { "412" };
            assert_eq!(answer.status(), expected, "{method} {path} {seen}: {}", answer.body);
        }
    }
    assert_eq!(server.json(&at).await["title"], "Packed");
    let any = program.send("PATCH", &at, "if-match: *\r\n", &edit("Whatever it is")).await;
    assert_eq!(any.status(), "200");
}

/// The requests of one route: the writes that make something to work on, then the one that counts.
fn requests(method: &Method, path: &str) -> Option<Vec<(&'static str, &'static str, Value)>> {
    let (incident, works, series) = (
        ("POST", "/api/v1/incidents", json!({"title": "Slow", "body": "x"})),
        (
            "POST",
            "/api/v1/maintenances",
            json!({"title": "Disks", "starts_at": "2027-01-02T03:00:00Z", "ends_at": "2027-01-02T04:00:00Z"}),
        ),
        (
            "POST",
            "/api/v1/series",
            json!({"title": "Patching", "rule": "FREQ=YEARLY", "starts": "2027-01-02T03:00", "duration_minutes": 60}),
        ),
    );
    let state = json!({"state": "major_outage", "reason": "Seen"});
    let source =
        ("POST", "/api/v1/sources", json!({"page": "https://status.example.com", "name": "Ex", "unread": true}));
    let template = ("PUT", "/api/v1/templates/slow", json!({"name": "Slow", "title": "It is slow"}));
    let resolved = ("POST", "/api/v1/incidents/{id}/updates", json!({"status": "resolved"}));
    let words = json!({"body": "x"});
    let reader = ("POST", "/api/v1/subscribers", json!({"address": "reader@example.com"}));
    Some(match (method.as_str(), path) {
        ("POST", "/api/v1/incidents") => vec![incident],
        ("PATCH", "/api/v1/incidents/{id}") => {
            vec![incident, ("PATCH", "/api/v1/incidents/{id}", json!({"title": "y"}))]
        }
        ("DELETE", "/api/v1/incidents/{id}") => vec![incident, ("DELETE", "/api/v1/incidents/{id}", Value::Null)],
        ("POST", "/api/v1/incidents/{id}/updates") => vec![incident, ("POST", "/api/v1/incidents/{id}/updates", words)],
        ("PATCH", "/api/v1/incidents/{id}/updates/{number}") => {
            vec![incident, ("PATCH", "/api/v1/incidents/{id}/updates/1", words)]
        }
        ("POST", "/api/v1/incidents/{id}/notes") => vec![incident, ("POST", "/api/v1/incidents/{id}/notes", words)],
        ("PUT", "/api/v1/incidents/{id}/postmortem") => {
            vec![incident, resolved, ("PUT", "/api/v1/incidents/{id}/postmortem", words)]
        }
        ("PUT", "/api/v1/incidents/{id}/verdict") => {
            vec![incident, ("PUT", "/api/v1/incidents/{id}/verdict", json!({"owner": "Sam"}))]
        }
        ("POST", "/api/v1/incidents/{id}/acknowledge") => {
            vec![incident, ("POST", "/api/v1/incidents/{id}/acknowledge", Value::Null)]
        }
        ("POST", "/api/v1/maintenances") => vec![works],
        ("PATCH", "/api/v1/maintenances/{id}") => {
            vec![works, ("PATCH", "/api/v1/maintenances/{id}", json!({"title": "y"}))]
        }
        ("DELETE", "/api/v1/maintenances/{id}") => vec![works, ("DELETE", "/api/v1/maintenances/{id}", Value::Null)],
        ("POST", "/api/v1/maintenances/{id}/updates") => {
            vec![works, ("POST", "/api/v1/maintenances/{id}/updates", words)]
        }
        ("POST", "/api/v1/series") => vec![series],
        ("PUT", "/api/v1/series/{id}") => {
            let changed = series.2.clone();
            vec![series, ("PUT", "/api/v1/series/{id}", changed)]
        }
        ("DELETE", "/api/v1/series/{id}") => vec![series, ("DELETE", "/api/v1/series/{id}", Value::Null)],
        ("POST", "/api/v1/sources") => vec![source],
        ("DELETE", "/api/v1/sources/{id}") => vec![source, ("DELETE", "/api/v1/sources/{id}", Value::Null)],
        ("PUT", "/api/v1/sources/{id}/override") => vec![source, ("PUT", "/api/v1/sources/{id}/override", state)],
        ("DELETE", "/api/v1/sources/{id}/override") => {
            let set = ("PUT", "/api/v1/sources/{id}/override", state);
            vec![source, set, ("DELETE", "/api/v1/sources/{id}/override", Value::Null)]
        }
        ("PUT", "/api/v1/services/{id}/state") => vec![("PUT", "/api/v1/services/checkout/state", state)],
        ("DELETE", "/api/v1/services/{id}/state") => {
            let set = ("PUT", "/api/v1/services/checkout/state", state);
            vec![set, ("DELETE", "/api/v1/services/checkout/state", Value::Null)]
        }
        ("PUT", "/api/v1/templates/{id}") => vec![template],
        ("DELETE", "/api/v1/templates/{id}") => vec![template, ("DELETE", "/api/v1/templates/slow", Value::Null)],
        ("POST", "/api/v1/tokens") => vec![("POST", "/api/v1/tokens", json!({"name": "x", "scopes": ["read"]}))],
        ("DELETE", "/api/v1/tokens/{id}") => {
            let made = ("POST", "/api/v1/tokens", json!({"name": "x", "scopes": ["read"]}));
            vec![made, ("DELETE", "/api/v1/tokens/{id}", Value::Null)]
        }
        ("POST", "/api/v1/people") => vec![("POST", "/api/v1/people", json!({"name": "sam", "role": "viewer"}))],
        ("PATCH", "/api/v1/people/{id}") => {
            let invited = ("POST", "/api/v1/people", json!({"name": "kim", "role": "viewer"}));
            vec![invited, ("PATCH", "/api/v1/people/{id}", json!({"role": "operator"}))]
        }
        ("POST", "/api/v1/channels/{id}/test") => vec![("POST", "/api/v1/channels/chat/test", Value::Null)],
        ("POST", "/api/v1/deliveries/{id}/resend") => vec![("POST", "/api/v1/deliveries/1/resend", Value::Null)],
        ("POST", "/api/v1/subscribers") => vec![reader],
        ("PATCH", "/api/v1/subscribers/{id}") => {
            vec![reader, ("PATCH", "/api/v1/subscribers/{id}", json!({"digest": "daily"}))]
        }
        ("DELETE", "/api/v1/subscribers/{id}") => vec![reader, ("DELETE", "/api/v1/subscribers/{id}", Value::Null)],
        ("POST", "/api/v1/subscribers/import") => {
            vec![("POST", "/api/v1/subscribers/import", json!({"subscribers": [{"address": "many@example.com"}]}))]
        }
        ("POST", "/api/v1/subscribers/suspend") => {
            vec![reader, ("POST", "/api/v1/subscribers/suspend", json!({"id": "{id}"}))]
        }
        ("POST", "/api/v1/subscribers/resume") => {
            vec![reader, ("POST", "/api/v1/subscribers/resume", json!({"id": "{id}"}))]
        }
        ("POST", "/api/v1/subscribers/bounces") => vec![
            ("POST", "/api/v1/subscribers/import", json!({"subscribers": [{"address": "gone@example.com"}]})),
            (
                "POST",
                "/api/v1/subscribers/bounces",
                json!({"RecordType": "Bounce", "Type": "HardBounce", "Email": "gone@example.com"}),
            ),
        ],
        // Nothing can be suggested over the API; the rules' own tests publish.
        ("POST", "/api/v1/incidents/{id}/publish") => vec![],
        _ => return None,
    })
}

/// Every route of the API that changes something, as it is served.
fn writing_routes() -> Vec<(Method, &'static str, Scope)> {
    let world = crate::http::world::World::default();
    let routes = access(world.app.clone()).into_iter().filter(|route| route.path.starts_with("/api/"));
    let writing = routes.filter(|route| route.method != Method::GET).map(|route| match route.access {
        Access::Api(_, scope) => (route.method, route.path, scope),
        other => panic!("{} {} is open to {other:?}", route.method, route.path),
    });
    writing.collect()
}

/// Puts a message down that was given up.
fn given_up(home: &Home) {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let one = Delivery {
        id: 1,
        receiver: ReceiverId::channel(&ChannelId::new("chat")),
        letter: Letter { style: Style::Test, items: Vec::new() },
        made_at: at,
        key: "msg_1".into(),
        status: Status::Dead,
        tries: 80,
        next_at: at,
        attempts: Vec::new(),
        reference: None,
    };
    Store::open(&home.data()).unwrap().put_deliveries(&[one]).unwrap();
}

/// S30
#[tokio::test(flavor = "multi_thread")]
async fn s30_every_route_that_changes_something_leaves_exactly_one_row() {
    let nowhere = "{name: chat, kind: ntfy, url: \"http://127.0.0.1:9/topic\", allow_private: true}";
    let home = Home::new(&format!("{TEAM}notify:\n  channels:\n    - {nowhere}\n"));
    let secret = token(&home, &[Scope::Admin]);
    given_up(&home);
    let mut server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let mut taken = 0;
    for (method, path, _) in writing_routes() {
        let Some(requests) = requests(&method, path) else { panic!("how is {method} {path} asked?") };
        let mut id = String::new();
        for (method, path, mut body) in requests {
            let path = path.replace("{id}", &id);
            if path == "/api/v1/sources" {
                // One that was taken away is watched for a moment longer.
                body["name"] = json!(format!("Ex {taken}"));
            }
            if path == "/api/v1/subscribers" {
                body["address"] = json!(format!("reader{taken}@example.com"));
            }
            if body["id"] == "{id}" {
                body["id"] = json!(id);
            }
            let made = program.write(method, &path, body).await;
            taken += 1;
            if let Some(made) = made["id"].as_str() {
                id = made.to_owned();
            }
            if path == "/api/v1/sources" {
                let shown = format!("{path}/{id}");
                until("it is watched", SOON, async || (server.get(&shown).await.status() == "200").then_some(())).await;
            }
            // What is refused leaves none. To say that one has seen it needs neither words nor a version, nor does a test.
            if !path.ends_with("acknowledge") && !path.ends_with("/test") {
                let refused = program.send(method, &path, "if-match: \"v99\"\r\n", &json!([1])).await;
                assert!(refused.status().starts_with('4'), "{method} {path}: {}", refused.head);
            }
        }
    }
    assert!(taken > 40, "{taken}");
    server.terminate();
    server.ended().await;
    let rows: Vec<String> = rows(&home).into_iter().filter(|row| !row.starts_with("sign_in")).collect();
    assert_eq!(rows.len(), taken, "{rows:#?}");
    let store = Store::open(&home.data()).unwrap();
    for row in store.audit(None, usize::MAX).unwrap().items {
        assert_eq!((row.actor.means.as_str(), row.actor.name.as_str()), ("token", "deploys"), "{row:?}");
        assert!(row.actor.address.is_some() && (row.before.is_some() || row.after.is_some()), "{row:?}");
        assert!(!format!("{row:?}").contains(&secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_writes_what_its_scope_says_and_one_for_reading_nothing() {
    let home = Home::new(TEAM);
    let tokens = Scope::ALL.map(|scope| (scope, token(&home, &[scope])));
    let mut server = home.serve().await;
    let routes = writing_routes();
    assert!(routes.len() > 20, "{routes:?}");
    for (scope, secret) in &tokens {
        let program = Program { server: &server, token: secret };
        for (method, path, needed) in &routes {
            let path = path.replace("{id}", "nothing").replace("{number}", "1");
            // A body that no route takes: it shows who gets past the door, and changes nothing.
            let answer = program.send(method.as_str(), &path, "if-match: \"v99\"\r\n", &json!([1])).await;
            let may = *scope == Scope::Admin || scope == needed;
            assert_eq!(answer.status() != "403", may, "{} {method} {path}: {}", scope.as_str(), answer.head);
            assert!(may || answer.body.contains("admin of this allclear"), "{}", answer.body);
        }
    }
    for (method, path, _) in &routes {
        let path = path.replace("{id}", "nothing").replace("{number}", "1");
        assert_eq!(server.ask(method.as_str(), &path, "", "").await.status(), "401", "{method} {path}");
    }
    server.terminate();
    server.ended().await;
    assert_eq!(rows(&home), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_judged_and_set_by_hand_shows_beside_what_is_read() {
    let play = super::server::play(None).await;
    let vendors = play.of(&["statuspage"]);
    let home = Home::new(&format!("{}services:\n  - name: Checkout\n", yaml(&vendors)));
    let secret = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let incident = server
        .until("a vendor has an incident", |summary| {
            let mut all = summary["incidents"].as_array()?.iter();
            all.find(|one| one["counted"] == true).cloned()
        })
        .await;
    let (id, source) = (incident["id"].as_str().unwrap(), incident["source"].as_str().unwrap());
    let verdict = program
        .write(
            "PUT",
            &format!("/api/v1/incidents/{id}/verdict"),
            json!({"affects": "no", "note": "We use the other one."}),
        )
        .await;
    assert_eq!((&verdict["affects"], &verdict["version"]), (&json!("no"), &json!(1)));
    let shown = server.json(&format!("/api/v1/incidents/{id}")).await;
    assert_eq!(
        (&shown["verdict"]["note"]["body"], &shown["title"]),
        (&json!("We use the other one."), &incident["title"])
    );
    let set = json!({"state": "operational", "reason": "They are wrong"});
    program.write("PUT", &format!("/api/v1/sources/{source}/override"), set).await;
    let shown = server.json(&format!("/api/v1/sources/{source}")).await;
    assert_eq!(shown["state"], "operational");
    assert!(shown.to_string().contains("They are wrong"), "{shown}");
    program.write("DELETE", &format!("/api/v1/sources/{source}/override"), Value::Null).await;
    assert!(!server.json(&format!("/api/v1/sources/{source}")).await.to_string().contains("They are wrong"));
}

/// What is set until then ends by itself, and its end is in the log as everything is.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_until_then_ends_then() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let mut server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let until = allclear::clock::Clock::system().now().wall + std::time::Duration::from_secs(2);
    let set = json!({"state": "major_outage", "reason": "Seen", "until": until.to_string()});
    program.write("PUT", "/api/v1/services/checkout/state", set).await;
    let state = |summary: &Value, state: &str| {
        (by_id(&summary["services"], "checkout").unwrap()["state"] == state).then_some(())
    };
    server.until("it is set", |summary| state(summary, "major_outage")).await;
    server.until("it has ended", |summary| state(summary, "operational")).await;
    server.terminate();
    server.ended().await;
    assert_eq!(rows(&home), ["service.set checkout", "service.end checkout"]);
}
