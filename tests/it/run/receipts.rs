//! What a vendor really sent can be looked at.

use serde_json::Value;

use super::server::{Home, SOON, by_id, play, until, yaml};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_sent_is_shown_as_sent_and_as_nothing_but_text() {
    let play = play(None).await;
    let vendor = play.plays("hostile");
    let home = Home::new(&yaml([&vendor]));
    let server = home.serve().await;
    until("the vendor is read", SOON, async || {
        let summary = server.summary().await;
        by_id(&summary["sources"], &vendor.id)?["freshness"]["ok_at"].is_string().then_some(())
    })
    .await;
    let list = format!("/sources/{}/receipts", vendor.id);
    let own = server.get(&format!("/sources/{}", vendor.id)).await.body.replace("&#x2f;", "/");
    assert!(own.contains(&list), "{own}");
    let page = until("a receipt is kept", SOON, async || {
        let page = server.get(&list).await.body;
        page.contains("summary").then(|| page.replace("&#x2f;", "/"))
    })
    .await;
    let link = format!("href=\"{list}/");
    let hashes: Vec<&str> = page.split(&link).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(!hashes.is_empty(), "{page}");
    let mut read_back = 0;
    for hash in &hashes {
        let answer = server.get(&format!("{list}/{hash}")).await;
        assert!(answer.head.to_lowercase().contains("content-type: text/plain"), "{}", answer.head);
        assert!(answer.head.to_lowercase().contains("nosniff"), "{}", answer.head);
        let whole: Value = serde_json::from_str(&answer.body).unwrap();
        read_back += usize::from(whole["page"]["name"] == vendor.name.as_str());
    }
    assert_eq!(read_back, hashes.len(), "a vendor's words come back as they were sent");
    // A receipt is given out under its own source only.
    assert!(server.get(&format!("{list}/{}", "0".repeat(64))).await.head.starts_with("HTTP/1.1 404"));
}
