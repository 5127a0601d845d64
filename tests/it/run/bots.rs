//! People who command from a chat: shown to come from there, known by name, with the rights of their account.

use allclear::model::people::Scope;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::api::{Program, TEAM, rows, token};
use super::person::Person;
use super::server::{Answer, Home, Server, by_id, list};

const SLACK: &str = "0123456789abcdef0123456789abcdef";
const TELEGRAM: &str = "a-secret-for_telegram";

fn home() -> Home {
    Home::new(&format!(
        "{TEAM}bots:\n  slack:\n    signing_secret: {SLACK}\n    users: {{U012AB3CD: Robin, U0NOBODY: nobody}}\n  \
         telegram:\n    secret: {TELEGRAM}\n    users: {{\"123456\": robin}}\n"
    ))
}

fn now() -> i64 {
    allclear::clock::Clock::system().now().wall.as_second()
}

fn signature(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{at}:{body}").as_bytes());
    format!("v0={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn form(user: &str, text: &str) -> String {
    let pairs = [("command", "/allclear"), ("user_id", user), ("text", text), ("channel_id", "C1")];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn push(server: &Server, at: i64, signature: &str, body: &str) -> Answer {
    let headers = format!(
        "content-type: application/x-www-form-urlencoded\r\nx-slack-request-timestamp: {at}\r\nx-slack-signature: {signature}\r\n"
    );
    server.ask("POST", "/hooks/slack", &headers, body).await
}

/// What Slack is answered to what this user types.
async fn slack(server: &Server, user: &str, text: &str) -> Value {
    let (at, body) = (now(), form(user, text));
    let answer = push(server, at, &signature(SLACK, at, &body), &body).await;
    assert_eq!(answer.status(), "200", "{text}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

async fn robin(server: &Server, text: &str) -> Value {
    slack(server, "U012AB3CD", text).await
}

fn update(number: u64, user: u64, kind: &str, text: &str) -> Value {
    json!({"update_id": number, "message": {
        "message_id": 1, "date": 1, "from": {"id": user, "is_bot": false, "first_name": "R"},
        "chat": {"id": -100_123, "type": kind}, "text": text}})
}

async fn telegram(server: &Server, update: &Value) -> Value {
    let headers = format!("content-type: application/json\r\nx-telegram-bot-api-secret-token: {TELEGRAM}\r\n");
    let answer = server.ask("POST", "/hooks/telegram", &headers, &update.to_string()).await;
    assert_eq!(answer.status(), "200", "{update}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_declared_followed_and_ended_from_a_chat() {
    let home = home();
    let mut server = home.serve().await;
    Person::set_up(&server, "robin").await;
    let calm = robin(&server, "status").await;
    assert!(calm["response_type"] == "ephemeral" && calm["mrkdwn"] == false, "{calm}");
    let opened = robin(&server, "incident open Checkout &lt;slow&gt; service=Checkout impact=major").await;
    assert_eq!(opened["response_type"], "in_channel", "{opened}");
    assert!(opened["text"].as_str().unwrap().contains("Checkout &lt;slow&gt;"), "{opened}");
    let summary = server.summary().await;
    let incident = &summary["incidents"][0];
    let id = incident["id"].as_str().unwrap();
    assert_eq!(
        (&incident["title"], &incident["impact"], &incident["author"]),
        (&json!("Checkout <slow>"), &json!("major"), &json!("robin"))
    );
    assert_eq!(by_id(&summary["services"], "checkout").unwrap()["state"], "partial_outage");
    let listed = robin(&server, "incidents").await;
    assert!(listed["text"].as_str().unwrap().contains(id), "{listed}");
    let mut number = 0;
    let mut ask = async |text: String| {
        number += 1;
        telegram(&server, &update(number, 123_456, "group", &text)).await
    };
    let seen = ask(format!("/ack@Bot {}", &id[..6])).await;
    assert_eq!(
        (&seen["method"], &seen["chat_id"], seen.get("parse_mode")),
        (&json!("sendMessage"), &json!(-100_123), None)
    );
    assert!(seen["text"].as_str().unwrap().contains("robin has seen"), "{seen}");
    let muted = ask(format!("/mute {id} 2h")).await;
    assert!(muted["text"].as_str().unwrap().contains("muted"), "{muted}");
    let updated = ask(format!("/incident update {id} @all: it is the *disk*")).await;
    assert!(updated["text"].as_str().unwrap().contains("updated"), "{updated}");
    let shown = server.json(&format!("/api/v1/incidents/{id}")).await;
    assert_eq!(shown["updates"][0]["body"], "@all: it is the disk");
    assert!(shown["verdict"]["acknowledged_by"] == "robin" && shown["verdict"]["muted_until"].is_string(), "{shown}");
    let resolved = ask(format!("/incident resolve {id} All well.")).await;
    assert!(resolved["text"].as_str().unwrap().contains("resolved"), "{resolved}");
    assert!(list(&server.summary().await["incidents"]).is_empty());
    for (text, says) in
        [("incident open x service=nowhere", "nowhere"), ("incident resolve nothing", "no such"), ("reboot", "help")]
    {
        let refused = robin(&server, text).await;
        assert!(
            refused["response_type"] == "ephemeral" && refused["text"].as_str().unwrap().contains(says),
            "{refused}"
        );
    }
    server.terminate();
    server.ended().await;
    let expected = ["incident.open", "verdict.acknowledge", "verdict.set", "incident.update", "incident.resolve"];
    let rows: Vec<String> = rows(&home).into_iter().filter(|row| row.contains(id)).collect();
    assert_eq!(rows, expected.map(|action| format!("{action} {id}")));
    let store = allclear::store::Store::open(&home.data()).unwrap();
    for row in store.audit(None, 100).unwrap().items.iter().filter(|row| row.subject.as_deref() == Some(id)) {
        assert_eq!((row.actor.means.as_str(), row.actor.name.as_str()), ("bot", "robin"), "{row:?}");
        assert!(row.actor.address.is_some());
    }
}

/// S26
#[tokio::test(flavor = "multi_thread")]
async fn s26_who_cannot_show_to_come_from_the_chat_changes_nothing() {
    let home = home();
    let server = home.serve().await;
    Person::set_up(&server, "robin").await;
    let (at, body) = (now(), form("U012AB3CD", "incident open Forged"));
    let good = signature(SLACK, at, &body);
    let flipped = good.replace(&good[20..21], if &good[20..21] == "0" { "1" } else { "0" });
    let old = at - 301;
    let rows = [
        (at, flipped, body.clone()),
        (at, good.clone(), format!("{body}x")),
        (at + 1, good.clone(), body.clone()),
        (old, signature(SLACK, old, &body), body.clone()),
        (at + 600, signature(SLACK, at + 600, &body), body.clone()),
        (at, signature("", at, &body), body.clone()),
        (at, signature(TELEGRAM, at, &body), body.clone()),
        (at, good.replace("v0=", "v1="), body.clone()),
        (at, String::new(), body.clone()),
    ];
    for (at, signature, body) in rows {
        assert_eq!(push(&server, at, &signature, &body).await.status(), "401", "{at} {signature}");
    }
    assert_eq!(server.ask("POST", "/hooks/slack", "", &body).await.status(), "401");
    let sent = update(1, 123_456, "private", "incident open Forged").to_string();
    for header in
        ["", "x-telegram-bot-api-secret-token: \r\n", "x-telegram-bot-api-secret-token: a-secret-for_telegraM\r\n"]
    {
        assert_eq!(server.ask("POST", "/hooks/telegram", header, &sent).await.status(), "401", "{header}");
    }
    for path in ["/hooks/slack", "/hooks/telegram"] {
        assert_eq!(server.get(path).await.status(), "405");
    }
    assert!(list(&server.summary().await["incidents"]).is_empty());
    let without = Home::new(TEAM).serve().await;
    for path in ["/hooks/slack", "/hooks/telegram"] {
        assert_eq!(without.post(path, "x").await.status(), "404", "what is not configured is not there");
    }
}

/// S26
#[tokio::test(flavor = "multi_thread")]
async fn s26_what_comes_again_counts_once_also_after_a_kill() {
    let home = home();
    let mut server = home.serve().await;
    Person::set_up(&server, "robin").await;
    let (at, body) = (now(), form("U012AB3CD", "incident open Once"));
    let signed = signature(SLACK, at, &body);
    let first = push(&server, at, &signed, &body).await;
    let sent = update(7, 123_456, "private", "incident open Once more");
    let told = telegram(&server, &sent).await;
    for round in 0..20 {
        if round == 10 {
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            server = home.serve().await;
        }
        assert_eq!(push(&server, at, &signed, &body).await.body, first.body);
        assert_eq!(telegram(&server, &sent).await, told);
    }
    assert_eq!(list(&server.summary().await["incidents"]).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_are_those_of_the_account_at_that_moment() {
    let home = home();
    let secret = token(&home, &[Scope::Admin]);
    let server = home.serve().await;
    let admin = Program { server: &server, token: &secret };
    let says = async |user: &str, line: &str| slack(&server, user, line).await["text"].as_str().unwrap().to_owned();
    assert!(says("U012AB3CD", "status").await.contains("do not know you"), "there is no account yet");
    let made = admin.write("POST", "/api/v1/people", json!({"name": "robin", "role": "viewer"})).await;
    let person = format!("/api/v1/people/{}", made["id"].as_str().unwrap());
    for stranger in ["U0STRANGER", "U0NOBODY", "u012ab3cd", ""] {
        for line in ["status", "incident open x"] {
            assert!(says(stranger, line).await.contains("do not know you"), "{stranger}");
        }
    }
    let headline = server.summary().await["headline"]["text"].as_str().unwrap().to_owned();
    assert!(says("U012AB3CD", "status").await.starts_with(&headline));
    for line in ["incident open x", "incident resolve x", "ack x", "mute x 2h", "incident update x y"] {
        assert!(says("U012AB3CD", line).await.contains("change nothing"), "{line}");
    }
    admin.write("PATCH", &person, json!({"role": "operator"})).await;
    assert!(says("U012AB3CD", "incident open Now I may").await.contains("declared"));
    admin.write("PATCH", &person, json!({"second_factor_required": true})).await;
    assert!(says("U012AB3CD", "status").await.contains("second factor"));
    admin.write("PATCH", &person, json!({"second_factor_required": false, "disabled": true})).await;
    for line in ["status", "incident open x"] {
        assert!(says("U012AB3CD", line).await.contains("do not know you"), "{line}");
    }
    // What people say to each other in a group is none of its business.
    assert_eq!(telegram(&server, &update(1, 123_456, "group", "status")).await, json!({}));
    assert_eq!(telegram(&server, &json!({"update_id": 2, "edited_message": {}})).await, json!({}));
    assert_eq!(list(&server.summary().await["incidents"]).len(), 1);
}
