//! Every command, its answer and its exit status.

use allclear::simulate::Change;
use serde_json::Value;

use super::server::{Home, list, play, said, yaml};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/statuspage");

/// Runs a command and expects this exit status.
fn run(home: &Home, args: &[&str], status: i32) -> (String, String) {
    let output = home.run(args);
    assert_eq!(output.status.code(), Some(status), "{args:?}: {}", said(&output));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn commands_that_need_nobody_answer() {
    let home = Home::new("sources:\n  - github\n");
    assert!(run(&home, &["check"], 0).0.contains("good"));
    assert!(run(&home, &["check", "--config", "missing.yaml"], 2).1.contains("missing.yaml"));
    std::fs::write(home.folder.path().join("bad.yaml"), "sources:\n  - gihtub\n").unwrap();
    let (_, error) = run(&home, &["check", "--config", "bad.yaml"], 2);
    assert!(error.contains("bad.yaml:2:5:") && error.contains("github"), "{error}");
    let good = format!("{FIXTURES}/good-calm/summary.json");
    let seen: Value = serde_json::from_str(&run(&home, &["parse", &good], 0).0).unwrap();
    assert_eq!(seen["format"], "statuspage", "{seen}");
    let broken = format!("{FIXTURES}/broken-cut/summary.json");
    assert!(run(&home, &["parse", &broken], 1).1.contains("error:"));
    run(&home, &["parse", &good, "--format", "fax"], 2);
    run(&home, &["parse", "missing.json"], 2);
    assert!(run(&home, &["catalog", "github"], 0).0.contains("github"));
    run(&home, &["catalog", "zzzzzz"], 1);
    let all: Value = serde_json::from_str(&run(&home, &["catalog", "--json"], 0).0).unwrap();
    assert!(list(&all).len() > 20 && list(&all).iter().all(|vendor| vendor["use"].is_string()));
    assert!(run(&home, &["completions", "bash"], 0).0.contains("allclear"));
    assert!(run(&home, &["--version"], 0).0.contains(env!("CARGO_PKG_VERSION")));
    assert!(run(&home, &["--help"], 0).0.contains("Exit status"));
    run(&home, &["serve", "--frobnicate"], 2);
    run(&home, &["status", "--url", "http://127.0.0.1:9"], 1);
    run(&home, &["health", "--url", "http://127.0.0.1:9"], 1);
    run(&home, &["doctor"], 1);
    std::fs::write(home.config(), "sources: 7\n").unwrap();
    assert!(run(&home, &["serve", "--listen", "127.0.0.1:0"], 2).1.contains("sources.yaml:1:10:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_says_what_a_page_says() {
    let play = play(None).await;
    let home = Home::new("sources: []\n");
    let calm = play.plays("calm").url;
    let (answer, _) = tokio::task::block_in_place(|| run(&home, &["probe", &calm, "--allow-private", "--json"], 0));
    let seen: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(seen["format"], "statuspage", "{seen}");
    assert_eq!(list(&seen["components"]).len(), 6);
    let probe = |role: &str, status| {
        let url = play.plays(role).url;
        tokio::task::block_in_place(|| run(&home, &["probe", &url, "--allow-private"], status))
    };
    assert!(probe("degraded", 1).0.contains("slower than usual"));
    assert!(probe("down", 1).1.contains("hint: "));
    assert!(probe("redirects inwards", 1).1.contains("hint: "));
    let (_, refused) = tokio::task::block_in_place(|| run(&home, &["probe", &calm], 1));
    assert!(refused.contains("allow_private"), "{refused}");
    tokio::task::block_in_place(|| run(&home, &["probe", "ftp://127.0.0.1/"], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_allclear_is_asked_saved_and_put_back() {
    let play = play(Some(3)).await;
    let vendors = play.of(&["statuspage"])[1..].to_vec();
    let home = Home::new(&yaml(&vendors));
    let mut server = home.serve().await;
    let run = |args: &[&str], status| tokio::task::block_in_place(|| run(&home, args, status));
    server.until("all is well", |summary| (summary["headline"]["state"] == "operational").then_some(())).await;
    let url = server.url();
    run(&["health", "--url", &url], 0);
    run(&["status", "--url", &url], 0);
    assert!(run(&["check", "--online"], 0).0.contains("Operational"));
    play.world.set(&vendors[0].id, Change::Component { name: "API".into(), state: "major_outage" });
    let before = server
        .until("the outage is shown", |summary| {
            (summary["headline"]["state"] == "major_outage").then(|| summary["seq"].clone())
        })
        .await;
    assert!(run(&["status", "--url", &url], 1).0.contains(&vendors[0].name));
    let json: Value = serde_json::from_str(&run(&["status", "--url", &url, "--json"], 1).0).unwrap();
    assert_eq!(json["seq"], before);
    run(&["status", "--json", "--watch"], 2);
    run(&["backup", "copy.redb"], 0);
    assert!(run(&["backup", "copy.redb"], 2).1.contains("copy.redb"));
    assert!(run(&["restore", "copy.redb"], 2).1.contains("another allclear"));
    run(&["doctor"], 0);
    server.terminate();
    assert!(server.ended().await.success());
    std::fs::write(home.data().join("allclear.redb"), b"nothing of ours").unwrap();
    run(&["doctor"], 1);
    assert!(run(&["serve", "--listen", "127.0.0.1:0"], 2).1.contains("allclear.redb"));
    run(&["restore", "copy.redb"], 0);
    assert!(run(&["doctor"], 0).0.contains("sound"));
    let server = home.serve().await;
    let summary = server.summary().await;
    assert!(summary["seq"].as_u64() >= before.as_u64());
    assert_eq!(summary["headline"]["state"], "major_outage");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_of_simulate_can_be_read_as_written() {
    let home = Home::new("sources: []\n");
    let port = std::net::TcpListener::bind("127.0.50.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut command = super::server::program(home.folder.path());
    command.args(["simulate", "--bind", "127.0.50.1", "--port", &port, "--sources", "5", "--write", "demo.yaml"]);
    let mut world = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let written = home.folder.path().join("demo.yaml");
    super::server::until("the world stands", super::server::SOON, async || written.exists().then_some(())).await;
    let checked = tokio::task::block_in_place(|| home.run(&["check", "--online", "--config", "demo.yaml"]));
    world.kill().unwrap();
    world.wait().unwrap();
    assert!(said(&checked).contains("5 sources"), "{}", said(&checked));
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}
