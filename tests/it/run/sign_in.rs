//! Setting up, signing in and out, and what ends a session.

use super::person::{PASSWORD, Person, home, set_up_path};

#[tokio::test(flavor = "multi_thread")]
async fn s24_the_first_account_needs_the_code_of_the_log_and_set_up_is_then_gone() {
    let home = home("");
    let mut server = home.serve().await;
    let path = set_up_path(&server);
    for wrong in ["/admin/setup", "/admin/setup?code=", "/admin/setup?code=guess"] {
        assert_eq!(server.get(wrong).await.status(), "404", "{wrong}");
    }
    let mut person = Person::default();
    for (name, password, again) in
        [("robin", "short", "short"), ("robin", PASSWORD, "other"), ("a b", PASSWORD, PASSWORD)]
    {
        let fields = [("name", name), ("password", password), ("again", again)];
        let refused = person.fill(&server, &path, "/admin/setup", &fields).await;
        assert_eq!(refused.status(), "422", "{name} {password} {again}");
        assert!(refused.body.contains("aria-invalid"), "{}", refused.body);
    }
    let mut robin = Person::set_up(&server, "Robin").await;
    let account = robin.get(&server, "/admin/account").await;
    assert!(account.body.contains("robin") && account.body.contains("admin"), "{}", account.body);
    for again in [path.as_str(), "/admin/setup"] {
        assert_eq!(robin.get(&server, again).await.status(), "404", "{again}");
        assert_eq!(server.get(again).await.status(), "404", "{again}");
    }
    server.terminate();
    server.ended().await;
    let server = home.serve().await;
    assert!(!server.log().contains("/admin/setup"), "{}", server.log());
    assert!(robin.is_signed_in(&server).await, "a session outlives a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_gets_a_new_session_and_is_led_back() {
    let server = home("").serve().await;
    let first = Person::set_up(&server, "robin").await;
    let away = server.get("/admin/account?x=1").await;
    assert_eq!(away.header("location"), Some("/admin/sign-in?to=%2Fadmin%2Faccount%3Fx%3D1"));
    let mut person = Person::default();
    for (to, led) in [("/admin/account?x=1", "/admin/account?x=1"), ("//evil.example", "/admin"), ("", "/admin")] {
        let page =
            format!("/admin/sign-in?to={}", url::form_urlencoded::byte_serialize(to.as_bytes()).collect::<String>());
        let fields = [("name", "ROBIN "), ("password", PASSWORD)];
        let answer = person.fill(&server, &page, "/admin/sign-in", &fields).await;
        assert_eq!((answer.status(), answer.header("location")), ("303", Some(led)), "{}", answer.body);
        assert_ne!(person.cookies["allclear"], first.cookies["allclear"]);
        assert!(person.is_signed_in(&server).await);
        person = Person::default();
    }
    assert!(server.log().contains("set page.url"), "that cookies go without TLS is said");
}
