//! It stops in order, and only one process serves a database.

use std::time::{Duration, Instant};

use super::server::{Home, SOON, play, said, until, yaml};

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_in_time_despite_viewers_and_hanging_vendors() {
    let play = play(None).await;
    let hanging = play.plays("hangs");
    let home = Home::new(&yaml([&hanging, &play.plays("slow"), &play.plays("calm")]));
    let mut server = home.serve().await;
    let viewer = server.watch();
    let half = std::net::TcpStream::connect(server.address).unwrap();
    std::io::Write::write_all(&mut &half, b"GET / HTT").unwrap();
    until("a reading hangs and a viewer watches", SOON, async || {
        let asked = play.world.requests().iter().any(|request| request.vendor == hanging.id);
        (asked && viewer.is_greeted()).then_some(())
    })
    .await;
    let started = Instant::now();
    server.terminate();
    let status = server.ended().await;
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert!(server.log().contains("everything is stored"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_told_which_file_is_in_use() {
    let home = Home::new("sources: []\n");
    let server = home.serve().await;
    let second = tokio::task::block_in_place(|| home.run(&["serve", "--listen", "127.0.0.1:0"]));
    let text = said(&second);
    assert_eq!(second.status.code(), Some(2), "{text}");
    assert!(text.contains("allclear.redb") && text.contains("another allclear"), "{text}");
    let taken = server.address.to_string();
    let third = tokio::task::block_in_place(|| home.run(&["serve", "--data", "other", "--listen", &taken]));
    assert_eq!(third.status.code(), Some(2));
    assert!(said(&third).contains(&taken), "{}", said(&third));
    assert_eq!(server.get("/").await.status(), "200", "the first one goes on");
}
