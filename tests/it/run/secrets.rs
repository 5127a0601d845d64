//! No secret of the configuration is shown anywhere, not even in the most talkative log.

use std::fmt::Write as _;

use allclear::model::people::Scope;
use serde_json::{Value, json};

use super::api::{Program, token};
use super::inbox::{Inbox, Reply};
use super::person::Person;
use super::server::{Home, SOON, Server, list, play, said, until};
use crate::outgoing::mail::server::{Responder, Script};

/// The word that stands in every secret, as it is and as basic credentials hold it.
const MARK: &str = "s3cr3tmark";
const MARK_BASE64: [&str; 3] = ["czNjcjN0bWFya", "MzY3IzdG1hcm", "zM2NyM3RtYXJr"];

fn holds(text: &str) -> bool {
    text.contains(MARK) || MARK_BASE64.iter().any(|mark| text.contains(mark))
}

/// Everything that anybody can fetch, and the log.
async fn fetch_all(server: &Server) -> Vec<(String, String)> {
    let mut paths: Vec<String> = [
        "/",
        "/api/v1/summary",
        "/api/v1/sources",
        "/api/v1/services",
        "/api/v1/incidents",
        "/api/v1/maintenances",
        "/api/v1/nothing",
        "/nothing",
        "/feed.json",
        "/feed.atom",
        "/metrics",
        "/readyz",
        "/openapi.json",
    ]
    .map(str::to_owned)
    .to_vec();
    for source in list(&server.summary().await["sources"]) {
        let id = source["id"].as_str().unwrap();
        paths.extend([format!("/sources/{id}"), format!("/api/v1/sources/{id}"), format!("/sources/{id}/feed.json")]);
    }
    let mut all = Vec::new();
    for path in paths {
        let answer = server.get(&path).await;
        all.push((path, format!("{}\n{}", answer.head, answer.body)));
    }
    all.push(("the log".to_owned(), server.log()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_output_even_at_trace_level() {
    let play = play(None).await;
    let roles = ["calm", "down", "garbage", "sign-in page", "redirects inwards", "rate limit", "outage", "degraded"];
    let mut count = 0;
    let mut secret = || {
        count += 1;
        format!("{MARK}{count:02}")
    };
    let mut sources = String::from("sources:\n");
    for role in roles {
        let vendor = play.plays(role);
        let url = vendor.url.replace("http://", &format!("http://reader:{}@", secret()));
        let _ = write!(
            sources,
            "  - id: {}\n    name: {}\n    url: {url}\n    format: statuspage\n    allow_private: true\n    interval: 1s\n    headers:\n      X-Api-Key: {}\n",
            vendor.id,
            vendor.name,
            secret()
        );
        if ["calm", "down"].contains(&role) {
            let _ = writeln!(sources, "    token: {}", secret());
        }
    }
    let calm = play.plays("400 components");
    let _ = write!(
        sources,
        "  - id: quiet\n    name: Quiet\n    url: {}?key=${{QUERY}}\n    allow_private: true\n    interval: 1s\n    token: ${{TOKEN}}\n    hook: \"${{HOOK}}\"\n",
        calm.url
    );
    let (query, token, proxy) = (secret(), secret(), secret());
    let hook = format!("{}-of-a-vendor", secret());
    assert!(count >= 20, "{count}");
    let home = Home::new(&sources);
    let start = || {
        let mut command = home.serving();
        command.args(["--log", "trace"]).env("QUERY", &query).env("TOKEN", &token).env("HOOK", &hook);
        Server::start(command)
    };
    let server = start().await;
    until("all were tried", SOON, async || {
        let summary = server.summary().await;
        let tried = list(&summary["sources"]).iter().all(|source| !source["freshness"]["checked_at"].is_null());
        tried.then_some(())
    })
    .await;
    // Somebody knows the hook's secret, and somebody only the rest of its address.
    let pushed = format!("/hooks/statuspage/quiet/{hook}");
    assert_eq!(server.post(&pushed, "{}").await.status(), "202");
    let mut all = fetch_all(&server).await;
    for path in [pushed.clone(), format!("{pushed}/more"), pushed.replace("quiet", "nobody")] {
        for answer in [server.post(&path, "no object").await, server.get(&path).await] {
            all.push((path.replace(&hook, "…"), format!("{}\n{}", answer.head, answer.body)));
        }
    }
    assert!(server.log().contains("\"TRACE\""), "the log says all it can");
    // Through a proxy that is not there, taken up under way; then a mistake beside the secrets.
    let proxied = format!("poll:\n  proxy: http://reader:{proxy}@127.0.0.1:9\n{sources}");
    std::fs::write(home.config(), &proxied).unwrap();
    server
        .until("nothing is reached through the proxy", |summary| {
            let failing = list(&summary["sources"]).iter().filter(|it| it["freshness"]["error"].is_object());
            (failing.count() >= 7).then_some(())
        })
        .await;
    let broken = proxied.replace("interval: 1s", "interval: 0s").replace("headers:", "headers: x\n    heders:");
    std::fs::write(home.config(), broken).unwrap();
    server.until("the mistake is told", |summary| (!list(&summary["notices"]).is_empty()).then_some(())).await;
    all.extend(fetch_all(&server).await);
    let check = tokio::task::block_in_place(|| {
        let mut command = super::server::program(home.folder.path());
        command
            .args(["check", "--log", "trace"])
            .env("QUERY", &query)
            .env("TOKEN", &token)
            .env("HOOK", &hook)
            .output()
            .unwrap()
    });
    all.push(("check".to_owned(), said(&check)));
    for (what, text) in all {
        let line = text.lines().find(|line| holds(line));
        assert_eq!(line, None, "{what} shows a secret");
    }
    let database = std::fs::read(home.data().join("allclear.redb")).unwrap();
    assert!(!holds(&String::from_utf8_lossy(&database)), "the database holds a secret");
}

/// Channels of all sorts at this address, each with secrets of its own.
fn channels(at: &str) -> Vec<String> {
    let mut count = 10;
    let mut secret = || {
        count += 1;
        format!("{MARK}{count:02}")
    };
    let mut made = Vec::new();
    let mut add = |kind: &str, options: &str| {
        let options = options.replace("HERE", at);
        let filled = options.split("SECRET").enumerate().fold(String::new(), |filled, (number, part)| {
            if number == 0 { part.to_owned() } else { format!("{filled}{}{part}", secret()) }
        });
        let name = format!("{kind} {}", made.len());
        made.push(format!("    - {{name: {name}, kind: {kind}, allow_private: true, {filled}}}\n"));
    };
    // A key of 24 bytes, as Base64.
    let key = format!("whsec_SECRET{}", "A".repeat(32 - MARK.len() - 2));
    add("webhook", &format!("url: \"HERE/tools/SECRET\", secret: {key}, previous_secret: {key}"));
    add("slack", "url: \"HERE/services/T0/B0/SECRET\"");
    add("slack", "api: \"HERE/api/\", token: xoxb-SECRET, channel: C0123456789");
    add("teams", "url: \"HERE/workflows/1?sig=SECRET\"");
    add("discord", "url: \"HERE/api/webhooks/1/SECRET\"");
    add("google_chat", "url: \"HERE/v1/spaces/A/messages?key=SECRET&token=SECRET\"");
    add("mattermost", "server: \"HERE\", token: SECRET, channel: 4yxn8m3j1pbz5cqk7d9w6rtf2a");
    add("rocketchat", "url: \"HERE/hooks/1/SECRET\"");
    add("matrix", "server: \"HERE\", token: syt_SECRET, room: \"!a:example.org\"");
    add("telegram", "api: \"HERE\", token: \"123456:SECRET\", chat: \"-1001\"");
    add("pagerduty", "url: \"HERE/v2/enqueue\", routing_key: SECRET");
    add("opsgenie", "url: \"HERE/v2/alerts\", key: SECRET");
    add("jsm", "url: \"HERE/v2/alerts\", key: SECRET");
    add("incident_io", "url: \"HERE/v2/alert_events/http\", alert_source: 01GW2G3V0S59R238FAHPDS1R66, token: SECRET");
    add("ntfy", "url: \"HERE/topic-SECRET\", token: tk_SECRET");
    add("gotify", "url: \"HERE\", token: SECRET");
    add("pushover", "url: \"HERE/1/messages.json\", token: SECRET, user: SECRET");
    add("twilio", "url: \"HERE\", account: AC0123456789, token: SECRET, from: \"+15550100\", to: \"+15550101\"");
    add(
        "whatsapp",
        "url: \"HERE/v24.0\", phone_number_id: \"1\", token: SECRET, to: \"+15550101\", message_template: status",
    );
    add("email", "to: ops@example.com");
    assert!(count - 10 >= 20, "{count}");
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_channels_are_in_no_output_though_receivers_repeat_them() {
    let inbox = Inbox::open().await;
    inbox.answers(|_| Reply::Echo);
    let refuse = vec![("AUTH", "535 5.7.8 no such password: s3cr3tmark01")];
    let mail = Responder::start(Script { refuse, ..Script::default() }).await;
    let at = format!("http://{}", inbox.address);
    let channels = channels(&at);
    let home = Home::new(&format!(
        "page: {{url: \"https://status.example.com\"}}\nsources: []\nnotify:\n  ping: {{url: \"{at}/{MARK}02\", every: 1s, \
         allow_private: true}}\n  mail: {{server: \"smtp://me:{MARK}01@{}?tls=none\", from: status@example.com, \
         allow_private: true}}\n  channels:\n{}",
        mail.address,
        channels.concat()
    ));
    let secret = token(&home, &[Scope::Read, Scope::Messages, Scope::Subscribers]);
    let mut command = home.serving();
    command.args(["--log", "trace"]);
    let server = Server::start(command).await;
    let mut admin = Person::set_up(&server, "admin").await;
    let program = Program { server: &server, token: &secret };
    let known: Value = serde_json::from_str(&program.get("/api/v1/channels").await.body).unwrap();
    let mut all = Vec::new();
    for channel in list(&known["items"]) {
        let id = channel["id"].as_str().unwrap();
        let sent = program.write("POST", &format!("/api/v1/channels/{id}/test"), json!({})).await;
        let path = format!("/deliveries/{}", sent["delivery"]);
        let tried = until("it is tried", SOON, async || {
            let answer = program.get(&format!("/api/v1{path}")).await;
            let shown: Value = serde_json::from_str(&answer.body).unwrap();
            (!list(&shown["attempts"]).is_empty()).then_some(answer.body)
        });
        all.push((format!("the delivery to {id}"), tried.await));
        let page = admin.get(&server, &format!("/admin{path}")).await;
        assert_eq!(page.status(), "200", "{id}");
        all.push((format!("the page of the delivery to {id}"), page.body));
    }
    assert_eq!(all.len(), channels.len() * 2, "{known}");
    let repeated = all.iter().filter(|(_, text)| text.contains("***")).count();
    assert!(repeated >= channels.len(), "receivers repeat what must be cut: {repeated}");
    for path in ["/api/v1/channels", "/api/v1/deliveries?to=all", "/api/v1/deliveries?to=channels"] {
        all.push((path.to_owned(), program.get(path).await.body));
    }
    for path in ["/admin", "/admin/channels", "/admin/deliveries", "/admin/audit"] {
        all.push((path.to_owned(), admin.get(&server, path).await.body));
    }
    until("the switch is told", SOON, async || {
        server.log().contains("the dead-man's switch cannot be reached").then_some(())
    })
    .await;
    assert!(server.log().contains("\"TRACE\""), "the log says all it can");
    all.extend(fetch_all(&server).await);
    for (what, text) in all {
        let line = text.lines().find(|line| holds(line));
        assert_eq!(line, None, "{what} shows a secret");
    }
    drop(server);
    let database = std::fs::read(home.data().join("allclear.redb")).unwrap();
    assert!(!holds(&String::from_utf8_lossy(&database)), "the database holds a secret");
}
