//! The configuration changes under way; and there may be no network at all.

use super::server::{Home, SOON, by_id, list, play, program, said, until, yaml};

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_configuration_is_refused_whole_and_a_good_one_taken_up() {
    let play = play(Some(4)).await;
    let vendors = play.of(&["statuspage"]);
    let (first, second) = (yaml(&vendors[1..3]), yaml(&vendors[2..4]));
    let home = Home::new(&first);
    let server = home.serve().await;
    let all_read = |summary: &serde_json::Value| {
        let read = list(&summary["sources"]).iter().all(|source| source["state"] == "operational");
        read.then(|| summary.clone())
    };
    let before = server.until("both are read", all_read).await;
    let broken = first.replace("interval: 1s", "intervall: 1s");
    let line = broken.lines().position(|line| line.contains("intervall")).unwrap() + 1;
    let place = format!("sources.yaml:{line}:5:");
    std::fs::write(home.config(), &broken).unwrap();
    let summary = server
        .until("the notice is shown", |summary| (!list(&summary["notices"]).is_empty()).then(|| summary.clone()))
        .await;
    let notice = &summary["notices"][0];
    assert_eq!(notice["kind"], "configuration");
    assert!(notice["text"].as_str().unwrap().contains(&place), "{notice}");
    assert_eq!(list(&summary["sources"]).len(), 2, "the old one stays in force");
    assert_eq!(server.get("/").await.status(), "200");
    let ready = server.json("/readyz").await;
    assert_eq!(ready["ready"], true, "{ready}");
    assert!(ready["warnings"][0]["text"].as_str().unwrap().contains(&place), "{ready}");
    assert!(server.log().contains(&place), "{}", server.log());
    let check = home.run(&["check"]);
    let text = said(&check);
    assert_eq!(check.status.code(), Some(2), "{text}");
    assert!(text.contains(&place) && text.contains("hint: ") && text.contains("interval"), "{text}");
    let asked = play.world.requests().len();
    until("it goes on reading", SOON, async || (play.world.requests().len() > asked + 3).then_some(())).await;

    std::fs::write(home.config(), &second).unwrap();
    let after = server
        .until("the new one is taken up", |summary| {
            let new = by_id(&summary["sources"], &vendors[3].id)?;
            (new["state"] == "operational").then(|| summary.clone())
        })
        .await;
    assert!(list(&after["notices"]).is_empty(), "{after}");
    assert!(by_id(&after["sources"], &vendors[1].id).is_none(), "what was removed is gone");
    let stayed = |summary: &serde_json::Value| {
        let shown = by_id(&summary["sources"], &vendors[2].id).unwrap();
        (shown["state"].clone(), shown["state_since"].clone(), shown["components"].clone())
    };
    assert_eq!(stayed(&after), stayed(&before));
    assert!(list(&server.json("/readyz").await["warnings"]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_wrong_file_costs_a_reading() {
    let play = play(Some(3)).await;
    let vendors = play.of(&["statuspage"]);
    let good = yaml(&vendors[1..3]);
    let home = Home::new(&good);
    let server = home.serve().await;
    let read = |summary: &serde_json::Value| (summary["headline"]["state"] != "unknown").then_some(());
    server.until("all are read", read).await;
    let entry = good.split_once("sources:\n").unwrap().1;
    let wrong = [
        ("cut", good[..good.len() - 30].to_owned() + "\"", ""),
        ("a wrong type", good.replace("sources:", "sources: 7\nservices:"), "sources.yaml:3:10:"),
        ("an id twice", format!("{good}{entry}"), "sources.yaml:16:5:"),
        ("no such variable", good.replace("name: \"V", "token: ${ALLCLEAR_TEST_NOBODY}\n    name: \"V"), "5:12:"),
        ("no text at all", "\u{0}\u{1}".to_owned(), ""),
        ("an unknown zone", good.replace("page:", "page:\n  timezone: Mars/Crater"), "sources.yaml:2:13:"),
    ];
    let mut last = String::new();
    for (what, text, place) in wrong {
        std::fs::write(home.config(), text).unwrap();
        last = server
            .until(what, |summary| {
                let notice = summary["notices"][0]["text"].as_str()?.to_owned();
                (notice != last && notice.contains(place)).then_some(notice)
            })
            .await;
        assert_eq!(server.json("/readyz").await["warnings"][0]["kind"], "configuration");
    }
    assert!(server.get("/metrics").await.body.lines().any(|line| line.contains("config") && line.ends_with(" 1")));
    std::fs::write(home.config(), &good).unwrap();
    server.until("all is good again", |summary| list(&summary["notices"]).is_empty().then_some(())).await;
    for vendor in &vendors[1..3] {
        let times: Vec<_> =
            play.world.requests().into_iter().filter(|it| it.vendor == vendor.id).map(|it| it.at).collect();
        let longest = times.windows(2).map(|two| two[1].duration_since(two[0]).as_secs_f64()).fold(0.0, f64::max);
        assert!(times.len() >= 3 && longest < 3.1, "{}: {longest} s without a reading", vendor.id);
    }
    let summary = server.summary().await;
    assert!(list(&summary["sources"]).iter().all(|source| source["freshness"]["error"].is_null()), "{summary}");
}

/// Serves the shipped configuration where only loopback exists, prints the first summary, then the
/// first one in which every source was tried.
const ALONE: &str = r#"
ip link set lo up || exit 99
"$0" serve --config "$1" --data "$2" --listen 127.0.0.1:8080 2>"$2.log" &
server=$!
for try in $(seq 300); do "$0" health 2>/dev/null && break; sleep 0.05; done
"$0" status --json >"$2.first"
for try in $(seq 200); do
  "$0" status --json >"$2.last"
  grep -q '"error": null' "$2.last" || break
  sleep 0.1
done
kill -TERM $server; wait $server
"#;

#[test]
fn without_a_network_every_source_is_unknown_and_says_why() {
    let alone = |args: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--map-root-user", "--net", "sh", "-c"]).args(args);
        command
    };
    let possible = alone(&["ip link set lo up"]).output().is_ok_and(|output| output.status.success());
    if !possible {
        eprintln!("skipped: this machine gives no process a network of its own");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/sources.yaml");
    let data = folder.path().join("data");
    let name = program(folder.path()).get_program().to_owned();
    let output = alone(&[ALONE, name.to_str().unwrap(), shipped, data.to_str().unwrap()]).output().unwrap();
    let read = |end: &str| std::fs::read_to_string(folder.path().join(format!("data{end}"))).unwrap_or_default();
    assert!(output.status.success(), "{}{}", said(&output), read(".log"));
    for (end, tried) in [(".first", false), (".last", true)] {
        let summary: serde_json::Value = serde_json::from_str(&read(end)).unwrap();
        let sources = list(&summary["sources"]);
        assert!(sources.len() >= 20);
        for source in sources {
            assert_eq!(source["state"], "unknown", "{source}");
            assert!(source["freshness"]["ok_at"].is_null());
            assert!(!tried || source["freshness"]["error"]["message"].is_string(), "{source}");
        }
        assert_eq!(summary["headline"]["state"], "unknown");
    }
    let last: serde_json::Value = serde_json::from_str(&read(".last")).unwrap();
    assert_eq!(last["notices"][0]["kind"], "cut_off", "{}", last["notices"]);
}
