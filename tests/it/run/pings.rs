//! Somebody outside is told that all is well, and hears nothing while it is not.

use super::inbox::Inbox;
use super::server::{Home, SOON, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_mans_switch_is_told_again_and_again_but_only_while_all_is_well() {
    let inbox = Inbox::open().await;
    let ping =
        format!("notify:\n  ping: {{url: \"http://{}/ping/x\", every: 1s, allow_private: true}}\n", inbox.address);
    // Nobody listens there: all that is watched is unknown.
    let dead = "sources:\n  - {name: Dead, url: \"http://127.0.0.1:9/\", format: statuspage, allow_private: true}\n";
    let home = Home::new(&format!("{dead}{ping}"));
    let server = home.serve().await;
    until("it says why it is silent", SOON, async || {
        server.log().contains("1 of 1 sources are not known").then_some(())
    })
    .await;
    assert_eq!(inbox.got().len(), 0);
    std::fs::write(home.config(), format!("sources: []\n{ping}")).unwrap();
    let heads = inbox.until("it is told three times", |got| {
        let heads: Vec<String> = got.iter().map(|got| got.head.clone()).collect();
        (heads.len() >= 3).then_some(heads)
    });
    assert!(heads.await.iter().all(|head| head.starts_with("GET /ping/x HTTP/1.1")));
    std::fs::write(home.config(), "sources: []\n").unwrap();
    until("the switch is gone", SOON, async || {
        (server.log().matches("took up the changed configuration").count() >= 2).then_some(())
    })
    .await;
}
