//! What was kept can be read again: by hand, and all of it at once.

use allclear::clock::Clock;
use allclear::model::id::SourceId;
use allclear::model::level::State;
use allclear::model::receipt::{Reading, Receipt};
use allclear::simulate::{Cast, Change, Settings};
use allclear::store::{Batch, SourceChange, Store};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::server::{Home, Play, SOON, Server, by_id, list, play, play_of, said, until, yaml};

/// Runs a command to its end and checks its exit status.
fn run(home: &Home, args: &[&str], status: i32) -> String {
    let output = tokio::task::block_in_place(|| home.run(args));
    assert_eq!(output.status.code(), Some(status), "{args:?}: {}", said(&output));
    said(&output)
}

/// A page with its addresses as a browser reads them.
async fn page(server: &Server, path: &str) -> String {
    server.get(path).await.body.replace("&#x2f;", "/")
}

/// The links to receipts in a piece of a page.
fn receipts(html: &str) -> Vec<&str> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.contains("/receipts/")).collect()
}

async fn all_read(server: &Server, play: &Play) {
    let truth = play.world.truth();
    let readable = || truth.iter().filter(|vendor| vendor.readable).map(|vendor| vendor.vendor.as_str());
    let mut unread = Vec::new();
    until(&format!("every vendor is read, all but {unread:?}"), SOON, async || {
        let summary = server.summary().await;
        unread = readable()
            .filter(|id| !by_id(&summary["sources"], id).is_some_and(|one| one["freshness"]["ok_at"].is_string()))
            .map(str::to_owned)
            .collect();
        unread.is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_kept_of_every_format_says_again_what_it_said() {
    let play = play_of(Settings { cast: Cast::EveryFormat, speed: 20.0, ..Settings::default() }).await;
    let home = Home::new(&play.world.config_yaml().replace("interval: 5s", "interval: 1s"));
    let mut server = home.serve().await;
    all_read(&server, &play).await;
    server
        .until("a dozen vendors are in trouble", |summary| {
            let troubled = list(&summary["sources"]).iter().filter(|one| one["state"] != "operational");
            (troubled.count() >= 12).then_some(())
        })
        .await;
    let beside = run(&home, &["doctor", "--replay"], 0);
    assert!(beside.contains("all say what they said then"), "{beside}");
    assert!(!beside.contains("not compared"), "{beside}");
    run(&home, &["backup", "copy.redb"], 0);
    server.terminate();
    assert!(server.ended().await.success());
    let after = run(&home, &["doctor", "--replay"], 0);
    let readings: usize = after.split(' ').next().unwrap().parse().unwrap();
    assert!(readings > play.world.vendors().len(), "{after}");
    assert!(run(&home, &["doctor", "copy.redb", "--replay"], 0).contains("all say what they said then"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_configuration_only_what_needs_one_is_left_out_and_that_is_said() {
    let play = play(None).await;
    let home = Home::new(&play.world.config_yaml());
    let server = home.serve().await;
    all_read(&server, &play).await;
    let whole = run(&home, &["doctor", "--replay"], 0);
    assert!(whole.contains("all say what they said then") && !whole.contains("not compared"), "{whole}");
    std::fs::remove_file(home.config()).unwrap();
    let blind = run(&home, &["doctor", "--replay"], 0);
    assert!(blind.contains("without a configuration") && blind.contains("all say what they said then"), "{blind}");
    assert!(blind.contains("read as `html` with options that the configuration does not hold now"), "{blind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_read_differently_is_told_by_source_reading_and_part() {
    let play = play(Some(4)).await;
    let vendors = play.of(&["statuspage"])[..2].to_vec();
    let home = Home::new(&yaml(&vendors));
    let mut server = home.serve().await;
    all_read_of(&server, &vendors).await;
    server.terminate();
    assert!(server.ended().await.success());
    run(&home, &["doctor", "--replay"], 0);
    let (good, other) = (SourceId::new(&vendors[0].id), SourceId::new(&vendors[1].id));
    {
        let store = Store::open(&home.data()).unwrap();
        let loaded = store.load(Clock::system().now().wall).unwrap();
        let (mut state, transport) = loaded.sources[&good].clone();
        // Recorded as somebody read it who took the word for another one.
        state.components[0].state = State::MAJOR_OUTAGE;
        let newest = store.newest_receipts(&other, Clock::system().now().wall).unwrap();
        let read_at = newest[0].read_at;
        let cut = Receipt {
            document: newest[0].document.clone(),
            url: newest[0].url.clone(),
            content_type: None,
            read_at,
            place: 0,
            history: false,
            body: (&b"{\"page\":"[..]).into(),
            reading: Reading {
                noticed_at: Some(read_at),
                documents: 1,
                format: "statuspage".into(),
                ..newest[0].reading.clone().unwrap()
            },
        };
        let change = |id: &SourceId, state, receipts| SourceChange {
            id: id.clone(),
            state,
            touched: Vec::new(),
            past_incidents: Vec::new(),
            past_maintenances: Vec::new(),
            transport: transport.clone(),
            receipts,
            detected: None,
        };
        let sources = vec![change(&good, Some(state), Vec::new()), change(&other, None, vec![cut])];
        store.commit(&Batch { sources, ..Batch::default() }).unwrap();
    }
    let told = run(&home, &["doctor", "--replay"], 1);
    let lines: Vec<&str> = told.lines().map(str::trim).collect();
    assert_eq!(lines[0], vendors[0].id, "{told}");
    assert!(lines[1].contains("recorded as major_outage, reads as operational"), "{told}");
    assert_eq!(lines[2], vendors[1].id, "{told}");
    assert!(lines[3].contains("is not understood any more: incidents: broken JSON"), "{told}");
    assert_eq!(lines[4], "3 readings read again: 1 say something else, 1 are not understood any more", "{told}");
    run(&home, &["doctor"], 0);
}

async fn all_read_of(server: &Server, vendors: &[allclear::simulate::VendorInfo]) {
    server
        .until("the vendors are read", |summary| {
            let read =
                |id: &str| by_id(&summary["sources"], id).is_some_and(|one| one["freshness"]["ok_at"].is_string());
            vendors.iter().all(|vendor| read(&vendor.id)).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_leads_to_the_documents_that_brought_it() {
    let play = play(Some(3)).await;
    let vendor = play.of(&["statuspage"])[0].clone();
    let home = Home::new(&yaml([&vendor]));
    let server = home.serve().await;
    all_read_of(&server, std::slice::from_ref(&vendor)).await;
    let calm = page(&server, &format!("/sources/{}", vendor.id)).await;
    let (headline, _) = calm.split_once("id=\"facts\"").unwrap();
    let before = receipts(headline).first().unwrap().to_string();
    play.world.set(
        &vendor.id,
        Change::Open {
            id: "proof0000001".into(),
            title: "Errors".into(),
            impact: "major",
            body: "The first words.".into(),
            components: Vec::new(),
        },
    );
    let open = |summary: &Value| list(&summary["incidents"]).iter().find(|one| one["title"] == "Errors").cloned();
    let incident = server.until("the incident is shown", open).await;
    let own = format!("/incidents/{}", incident["id"].as_str().unwrap());
    let update = |phase, body: &str| Change::Update { id: "proof0000001".into(), phase, body: body.into() };
    play.world.set(&vendor.id, update("identified", "The second words."));
    let html = until("the second update is shown", SOON, async || {
        let html = page(&server, &own).await;
        html.contains("<p>The second words.</p>").then_some(html)
    })
    .await;
    // Each update has the reading that first said it: the second one is not in the first one's documents.
    let updates: Vec<&str> = html.split("<ol class=\"timeline\">").nth(1).unwrap().split("</li>").collect();
    let (second, first) = (receipts(updates[0]), receipts(updates[1]));
    assert_eq!((first.len(), second.len()), (1, 1), "{updates:?}");
    assert_ne!(first, second);
    let (first, second) = (server.get(first[0]).await.body, server.get(second[0]).await.body);
    assert!(first.contains("The first words.") && !first.contains("The second words."), "{first}");
    assert!(second.contains("The second words."), "{second}");
    // The log leads to the same documents, and the present state to the newest.
    let log = html.split("id=\"log\"").nth(1).unwrap();
    assert_eq!(receipts(log).len(), 2, "{log}");
    let troubled = page(&server, &format!("/sources/{}", vendor.id)).await;
    let (headline, _) = troubled.split_once("id=\"facts\"").unwrap();
    let now = receipts(headline).first().unwrap().to_string();
    assert_ne!(now, before);
    assert!(server.get(&now).await.body.contains("The second words."));
    // What was saved is what `parse` reads, and so is what is kept.
    std::fs::write(home.folder.path().join("saved"), &second).unwrap();
    let hash = now.rsplit('/').next().unwrap();
    let saved: Value = serde_json::from_str(&run(&home, &["parse", "saved"], 0)).unwrap();
    let kept: Value = serde_json::from_str(&run(&home, &["parse", "--receipt", &hash[..12]], 0)).unwrap();
    assert_eq!((&kept["format"], &kept["incidents"][0]["title"]), (&"statuspage".into(), &"Errors".into()));
    assert_eq!(saved["incidents"], kept["incidents"]);
    assert!(run(&home, &["parse", "--receipt", "0000"], 2).contains("no receipt has the hash"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_every_format_is_read_as_it_was_saved() {
    let play = play_of(Settings { cast: Cast::EveryFormat, ..Settings::default() }).await;
    let home = Home::new(&play.world.config_yaml());
    let server = home.serve().await;
    all_read(&server, &play).await;
    let (mut read, mut hashes) = (0, Vec::new());
    for vendor in play.world.vendors() {
        let listed = page(&server, &format!("/sources/{}/receipts", vendor.id)).await;
        let Some(link) = receipts(&listed).first().map(|link| (*link).to_owned()) else { continue };
        let hash = link.rsplit('/').next().unwrap();
        let sent = server.bytes(&link).await;
        let digest: String = Sha256::digest(&sent).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, hash, "as sent, to the byte");
        std::fs::write(home.folder.path().join("saved"), sent).unwrap();
        let mut args = vec!["parse", "saved", "--format", vendor.format];
        let options = r#"{"component": "table.status tr", "name": "td:nth-child(1)", "state": "td:nth-child(2)"}"#;
        if vendor.format == "html" {
            args.extend(["--options", options]);
        }
        let said: Value = serde_json::from_str(&run(&home, &args, 0)).unwrap();
        assert_eq!(said["format"], vendor.format);
        hashes.push(hash.to_owned());
        read += 1;
    }
    assert_eq!(read, play.world.vendors().len(), "every vendor has a receipt");
    let hash = hashes.first().unwrap();
    run(&home, &["parse", "--receipt", hash], 0);
}
