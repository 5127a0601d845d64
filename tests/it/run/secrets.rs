//! No secret of the configuration is shown anywhere, not even in the most talkative log.

use std::fmt::Write as _;

use super::server::{Home, SOON, Server, list, play, said, until};

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
