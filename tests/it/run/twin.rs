//! allclear reads allclear: in its own form and in Statuspage's, with the same result; and never hears itself.

use std::time::Duration;

use allclear::simulate::{Change, VendorInfo};
use serde_json::{Value, json};

use super::api::{Program, writer};
use super::server::{Home, SOON, Server, by_id, list, play, until, yaml};

/// A source of each form that reads this server.
fn reading(server: &Server) -> String {
    let source = |format: &str| {
        let url = server.url();
        format!(
            "  - id: {format}\n    name: Other\n    url: {url}\n    format: {format}\n    allow_private: true\n    interval: 1s\n"
        )
    };
    format!("page:\n  title: Readers\nsources:\n{}{}", source("statuspage"), source("allclear"))
}

/// What a summary says of a source, in words that both forms have.
fn said(summary: &Value, source: &str) -> Option<Value> {
    let shown = by_id(&summary["sources"], source)?;
    let part = |row: &Value| json!([row["path"], row["state"], row["last_known"], row["counted"]]);
    let mut parts: Vec<Value> = list(&shown["components"]).iter().map(part).collect();
    parts.sort_by_key(Value::to_string);
    let post = |row: &Value| json!([row["at"], row["body"]]);
    let touched = |row: &Value| {
        let mut all: Vec<Value> = list(&row["affected"]).iter().map(|row| row["path"].clone()).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    let incident = |row: &Value| {
        json!([
            row["title"],
            row["status"],
            row["impact"],
            row["state"],
            row["started_at"],
            touched(row),
            list(&row["updates"]).iter().map(post).collect::<Vec<_>>()
        ])
    };
    let work = |row: &Value| {
        json!([
            row["title"],
            row["status"],
            row["starts_at"],
            row["ends_at"],
            touched(row),
            list(&row["updates"]).iter().map(post).collect::<Vec<_>>()
        ])
    };
    let of = |key: &str, shape: &dyn Fn(&Value) -> Value| {
        let own = list(&summary[key]).iter().filter(|row| row["source"] == source);
        let mut all: Vec<Value> = own.map(shape).collect();
        all.sort_by_key(Value::to_string);
        all
    };
    let state = shown["state"].clone();
    Some(
        json!({"state": state, "parts": parts, "incidents": of("incidents", &incident), "works": of("maintenances", &work)}),
    )
}

/// What is said of a component, by path.
fn state<'a>(said: &'a Value, path: &str) -> &'a Value {
    list(&said["parts"]).iter().find(|part| part[0] == path).map_or(&Value::Null, |part| &part[1])
}

fn titles(said: &Value, key: &str) -> Vec<String> {
    list(&said[key]).iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

/// Work that begins in so many seconds.
fn works(id: &str, starts_in: u64) -> Change {
    Change::Maintenance {
        id: id.into(),
        title: "New disks".into(),
        starts_in: Duration::from_secs(starts_in),
        lasts: Duration::from_secs(7200),
        components: vec!["Dashboard".into()],
    }
}

/// The vendors that play these.
fn cast(play: &super::server::Play, roles: &[&str]) -> Vec<VendorInfo> {
    roles.iter().map(|role| play.plays(role)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_allclear_reads_the_same_in_its_own_form_and_in_statuspage_s() {
    let play = play(None).await;
    let vendors = cast(&play, &["calm", "400 components", "unknown word", "sign-in page"]);
    let (calm, unreadable) = (&vendors[0], &vendors[3]);
    let home = Home::new(&format!("{}services:\n  - name: Checkout\n", yaml(&vendors)));
    let secret = writer(&home);
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let ours = json!({"title": "Tills are down", "impact": "critical", "body": "We <b>look</b> & see.", "services": ["checkout"]});
    let ours = program.write("POST", "/api/v1/incidents", ours).await;
    for change in [
        Change::Component { name: "API".into(), state: "partial_outage" },
        Change::Open {
            id: "declined0001".into(),
            title: "Cards are declined".into(),
            impact: "major",
            body: "Payments by card fail.".into(),
            components: vec!["API".into()],
        },
        works("disks0000001", 0),
        works("disks0000002", 3600),
    ] {
        assert!(play.world.set(&calm.id, change));
    }
    let found = format!("  - id: found\n    name: Found\n    url: {}\n    allow_private: true\n", server.url());
    let reader = Home::new(&format!("{}{found}", reading(&server))).serve().await;
    let both = async |what: &str, wanted: &dyn Fn(&Value) -> bool| {
        let mut last = (Value::Null, Value::Null);
        let same = until(what, SOON * 2, async || {
            let summary = reader.summary().await;
            last = (said(&summary, "statuspage")?, said(&summary, "allclear")?);
            (last.0 == last.1 && wanted(&last.0)).then(|| last.0.clone())
        });
        match tokio::time::timeout(SOON, same).await {
            Ok(same) => same,
            Err(_) => panic!("{what}: {:#}\n{:#}", last.0, last.1),
        }
    };
    let title = format!("{}: Cards are declined", calm.name);
    let same = both("both forms say the same", &|said| {
        titles(said, "incidents").contains(&title) && *state(said, &unreadable.name) == "unknown"
    })
    .await;
    assert!(titles(&same, "incidents").contains(&"Tills are down".to_owned()), "{same:#}");
    assert_eq!(state(&same, "Services/Checkout"), "major_outage");
    assert_eq!(titles(&same, "works"), [format!("{}: New disks", calm.name), format!("{}: New disks", calm.name)]);
    // Each component has its path there below the source's name, and its state there.
    let summary = server.summary().await;
    for source in list(&summary["sources"]) {
        let name = source["name"].as_str().unwrap();
        assert_eq!(state(&same, name), &source["state"], "{name}");
        for part in list(&source["components"]) {
            let path = format!("{name}/{}", part["path"].as_str().unwrap());
            assert_eq!(state(&same, &path), &part["state"], "{path}");
        }
    }
    for change in [
        Change::Component { name: "API".into(), state: "operational" },
        Change::Update { id: "declined0001".into(), phase: "resolved", body: "Cards work.".into() },
    ] {
        assert!(play.world.set(&calm.id, change));
    }
    program
        .write(
            "POST",
            &format!("/api/v1/incidents/{}/updates", ours["id"].as_str().unwrap()),
            json!({"body": "Over.", "status": "resolved"}),
        )
        .await;
    both("and so they do when it is over", &|said| {
        let open = titles(said, "incidents");
        !open.contains(&title) && !open.contains(&"Tills are down".to_owned())
    })
    .await;
    let found = until("the better form is found out", SOON, async || {
        by_id(&reader.summary().await["sources"], "found")?["format"].as_str().map(str::to_owned)
    });
    assert_eq!(found.await, "allclear");
    for source in ["statuspage", "allclear"] {
        let over = reader.json(&format!("/api/v1/incidents?status=resolved&source={source}")).await;
        let titles: Vec<&Value> = list(&over["items"]).iter().map(|row| &row["title"]).collect();
        assert!(titles.contains(&&json!(title)) && titles.contains(&&json!("Tills are down")), "{source}: {titles:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_read_each_other_in_statuspage_s_form_do_not_echo() {
    let play = play(None).await;
    let vendors = cast(&play, &["calm"]);
    assert!(play.world.set(&vendors[0].id, Change::Component { name: "API".into(), state: "major_outage" }));
    let home = Home::new(&yaml(&vendors));
    let server = home.serve().await;
    let far = Home::new(&format!("{}services:\n  - name: Checkout\n", reading(&server)));
    let other = far.serve().await;
    other
        .until("it reads the first", |summary| {
            let all = list(&summary["sources"]).iter().all(|source| !list(&source["components"]).is_empty());
            all.then_some(())
        })
        .await;
    let back = reading(&other).replace("page:\n  title: Readers\nsources:\n", "");
    std::fs::write(home.config(), format!("{}{back}", yaml(&vendors))).unwrap();
    let heard = server
        .until("the first reads it back", |summary| {
            let heard: Option<Vec<&Value>> =
                ["statuspage", "allclear"].map(|id| by_id(&summary["sources"], id)).into_iter().collect();
            let heard = heard?;
            heard.iter().all(|source| source["relays"] == true).then(|| json!(heard))
        })
        .await;
    for source in list(&heard) {
        let paths: Vec<&Value> = list(&source["components"]).iter().map(|part| &part["path"]).collect();
        assert_eq!(paths, ["Services/Checkout"], "only what the other one says of its own: {source:#}");
        assert_eq!(source["state"], "operational", "and its roll-up, which holds our trouble, is not heard");
    }
    let relayed = other.json("/api/v2/components.json").await;
    let rows = list(&relayed["components"]);
    assert!(
        rows.iter().any(|row| row["name"] == vendors[0].name.as_str()),
        "what is read of others is shown all the same"
    );
}
