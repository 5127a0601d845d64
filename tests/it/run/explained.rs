//! Who was told, and what would be told, at the terminal: `allclear explain`, `allclear rehearse`.

use std::process::Output;

use allclear::model::people::Scope;
use serde_json::{Value, json};

use super::api::{Program, TEAM, token};
use super::inbox::{Inbox, at_once};
use super::server::{Home, SOON, program, said, until};

fn run(home: &Home, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = program(home.folder.path());
    command.args(args).envs(env.iter().copied());
    tokio::task::block_in_place(|| command.output().unwrap())
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", said(output)))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_told_and_what_would_be_told_is_said_at_the_terminal() {
    let inbox = Inbox::open().await;
    let configured = format!("{TEAM}{}", at_once(&[inbox.channel("chat")]));
    let home = Home::new(&configured);
    let secret = token(&home, &[Scope::Incidents, Scope::Messages]);
    let server = home.serve().await;
    let api = Program { server: &server, token: &secret };
    let body = json!({"title": "Payments fail", "impact": "minor", "services": [{"id": "checkout", "state": "partial_outage"}]});
    let made = api.write("POST", "/api/v1/incidents", body).await;
    let id = made["id"].as_str().unwrap();
    inbox.until("it is told", |got| (!got.is_empty()).then_some(())).await;
    let url = server.url();
    let here = [("ALLCLEAR_URL", url.as_str()), ("ALLCLEAR_TOKEN", secret.as_str())];
    // That the receiver has it is written down just after it answered.
    let explained = until("it is said to be sent", SOON, async || {
        let output = run(&home, &["explain", id, "--json"], &here);
        (parsed(&output)["items"][0]["receivers"][0]["fate"] == "sent").then_some(output)
    })
    .await;
    assert_eq!(explained.status.code(), Some(0), "{}", said(&explained));
    let table = run(&home, &["explain", id], &[&here[..], &[("COLUMNS", "200")]].concat());
    assert_eq!(table.status.code(), Some(0), "{}", said(&table));
    for shown in ["Payments fail", "chat", "sent as opened"] {
        assert!(said(&table).contains(shown), "{shown}: {}", said(&table));
    }
    let unknown = run(&home, &["explain", "nobody"], &here);
    assert_eq!(unknown.status.code(), Some(1), "{}", said(&unknown));
    assert!(said(&unknown).contains("no such thing"), "{}", said(&unknown));
    let stranger = run(&home, &["explain", id], &here[..1]);
    assert_eq!(stranger.status.code(), Some(2), "{}", said(&stranger));

    // The same rules would say the same again, also beside a running server …
    let again = run(&home, &["rehearse", "--since", "7d", "--json"], &[]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let told = parsed(&again);
    assert_eq!(told["receivers"][0]["messages"][0]["items"][0]["happening"], "opened", "{told:#}");
    assert_eq!(told["receivers"][0]["messages"][0]["items"][0]["title"], "Payments fail");
    // … and others would not.
    let stricter = configured.replace("name: chat\n", "name: chat\n      only: {impact: critical}\n");
    assert_ne!(stricter, configured);
    let other = home.folder.path().join("stricter.yaml");
    std::fs::write(&other, stricter).unwrap();
    let other = other.to_str().unwrap();
    let held = run(&home, &["rehearse", "--config", other, "--json"], &[]);
    let told = parsed(&held);
    assert_eq!(told["receivers"][0]["messages"], json!([]), "{told:#}");
    assert!(told["receivers"][0]["held"]["too_mild"].as_u64() >= Some(1), "{told:#}");
    let words = said(&run(&home, &["rehearse", "--config", other], &[]));
    for shown in ["since there are messages", "0 messages", "milder than this receiver wants to hear of"] {
        assert!(words.contains(shown), "{shown}: {words}");
    }
    assert_eq!(run(&home, &["rehearse", "--since", "-7d"], &[]).status.code(), Some(2));
    assert_eq!(inbox.told().len(), 1, "a rehearsal sends nothing");
}
