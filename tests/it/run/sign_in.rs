//! Setting up, signing in and out, and what ends a session.

use allclear::auth::{code, random};
use allclear::clock::Clock;
use serde_json::Value;

use super::person::{PASSWORD, Person, home, id_of, invite, set_up_path, texts, value_of};
use super::server::{SOON, Server, list, until};

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

/// Everything in the audit log as `action`, newest last.
async fn actions(server: &Server, admin: &mut Person) -> Vec<String> {
    let answer = admin.get(server, "/admin/audit.json").await;
    let rows: Value = serde_json::from_str(&answer.body).unwrap();
    let mut actions: Vec<String> = list(&rows).iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect();
    actions.reverse();
    actions
}

#[tokio::test(flavor = "multi_thread")]
async fn s20_what_ends_a_session_ends_it_at_once_and_its_open_stream_too() {
    let server = home("page: {access: private}").serve().await;
    let mut admin = Person::set_up(&server, "admin").await;
    invite(&server, &mut admin, "kim", "viewer").await;
    for end in ["sign out", "password", "others", "one", "all by admin", "disable"] {
        let mut password = PASSWORD.to_owned();
        if end != "sign out" {
            password = format!("{PASSWORD} again");
        }
        let mut kims = Vec::new();
        for _ in 0..3 {
            let (mut kim, answer) = Person::sign_in(&server, "kim", &password).await;
            assert!(kim.is_signed_in(&server).await, "{end}: {} {}", answer.head, answer.body);
            kims.push(kim);
        }
        let streams: Vec<_> = kims.iter().map(|kim| server.watch_as(&kim.head())).collect();
        for stream in &streams {
            until("the viewer is greeted", SOON, async || stream.is_greeted().then_some(())).await;
        }
        let (mut first, mut admins) = (kims[0].clone(), admin.clone());
        let account = "/admin/account";
        let stays = match end {
            "sign out" => {
                first.fill(&server, account, "/admin/sign-out", &[]).await;
                // The rest of the password's history begins here.
                let mut second = kims[1].clone();
                let next = format!("{PASSWORD} again");
                let fields = [("current", PASSWORD), ("password", &*next), ("again", &*next)];
                let done = second.fill(&server, account, "/admin/account/password", &fields).await;
                assert_eq!(done.status(), "303", "{}", done.body);
                None
            }
            "password" => {
                let fields = [("current", &*password), ("password", &*password), ("again", &*password)];
                let done = first.fill(&server, account, "/admin/account/password", &fields).await;
                assert_eq!(done.status(), "303", "{}", done.body);
                assert_ne!(first.cookies["allclear"], kims[0].cookies["allclear"]);
                assert!(first.is_signed_in(&server).await);
                None
            }
            "others" => {
                first.fill(&server, account, "/admin/account/sessions/end", &[("session", "others")]).await;
                Some(0)
            }
            "one" => {
                for kim in &kims[1..] {
                    let id = random::id_of(&random::digest(&kim.cookies["allclear"]));
                    first.fill(&server, account, "/admin/account/sessions/end", &[("session", &*id)]).await;
                }
                Some(0)
            }
            "all by admin" => {
                let id = id_of(&server, &mut admins, "kim").await;
                admins.fill(&server, "/admin/people", &format!("/admin/people/{id}/sessions/end"), &[]).await;
                None
            }
            _ => {
                let id = id_of(&server, &mut admins, "kim").await;
                let fields = [("role", "viewer"), ("disabled", "on")];
                let done = admins.fill(&server, "/admin/people", &format!("/admin/people/{id}"), &fields).await;
                assert_eq!(done.status(), "303", "{}", done.body);
                None
            }
        };
        for (at, (kim, stream)) in kims.iter_mut().zip(&streams).enumerate() {
            let still = stays == Some(at);
            assert_eq!(kim.is_signed_in(&server).await, still, "{end} {at}");
            if !still {
                until("the stream ends", SOON, async || stream.has_ended().then_some(())).await;
            }
            assert_eq!(stream.has_ended(), !still, "{end} {at}");
        }
    }
    let (_, answer) = Person::sign_in(&server, "kim", &format!("{PASSWORD} again")).await;
    assert_eq!(answer.status(), "422", "who is disabled is told what anybody is told");
    assert!(answer.body.contains("Name or password is wrong"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn s24_a_second_factor_is_asked_for_and_each_code_counts_once() {
    let server = home("auth: {second_factor: required}").serve().await;
    let mut robin = Person::set_up(&server, "robin").await;
    // Nothing else is reached before there is one.
    for path in ["/admin/people", "/admin/audit", "/admin/tokens"] {
        assert_eq!(robin.get(&server, path).await.header("location"), Some("/admin/account/factor"), "{path}");
    }
    assert_eq!(robin.get(&server, "/api/v1/people").await.status(), "403");
    let page = robin.get(&server, "/admin/account/factor").await;
    let secret = value_of(&page.body, "secret");
    let address = texts(&page.body, "details code").concat();
    assert!(address.starts_with(&format!("otpauth://totp/allclear:robin?secret={secret}&issuer=")), "{address}");
    assert_eq!(texts(&page.body, "svg.code").len(), 1);
    let wrong = robin.send(&server, &page, "/admin/account/factor", &[("code", "000000")]).await;
    assert_eq!(wrong.status(), "422");
    let code = code::shown(&secret, Clock::system().now().wall).unwrap();
    let done = robin.send(&server, &page, "/admin/account/factor", &[("code", &code)]).await;
    let codes: Vec<String> = texts(&done.body, ".once code");
    assert_eq!(codes.len(), 10, "{}", done.body);
    assert_eq!(robin.get(&server, "/admin/people").await.status(), "200");
    let (mut half, answer) = Person::sign_in(&server, "robin", PASSWORD).await;
    assert_eq!(answer.header("location"), Some("/admin/sign-in/code?to="), "{}", answer.body);
    assert!(!half.is_signed_in(&server).await, "a password alone is not enough");
    let step = "/admin/sign-in/code";
    for used in [code.as_str(), "123456"] {
        assert_eq!(half.fill(&server, step, step, &[("code", used)]).await.status(), "422", "{used}");
    }
    let before = half.cookies["allclear"].clone();
    let done = half.fill(&server, step, step, &[("code", &codes[0].to_uppercase())]).await;
    assert_eq!(done.header("location"), Some("/admin"), "{}", done.body);
    assert_ne!(half.cookies["allclear"], before, "signing in gives a new session");
    assert!(half.is_signed_in(&server).await);
    let (mut again, _) = Person::sign_in(&server, "robin", PASSWORD).await;
    assert_eq!(again.fill(&server, step, step, &[("code", &codes[0])]).await.status(), "422", "a used recovery code");
    assert_eq!(again.fill(&server, step, step, &[("code", &codes[1])]).await.status(), "303");
    // New recovery codes take the place of the old ones, for the password.
    let wrong = again.fill(&server, "/admin/account", "/admin/account/recovery", &[("confirm", "wrong")]).await;
    assert_eq!(wrong.status(), "422");
    let kept = again.fill(&server, "/admin/account", "/admin/account/recovery", &[("confirm", PASSWORD)]).await;
    assert_eq!(texts(&kept.body, ".once code").len(), 10, "{}", kept.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn s18_failures_hold_up_the_next_attempt_also_after_a_restart_and_leave_few_rows() {
    let home = home("http: {trusted_proxies: [127.0.0.1]}");
    let mut server = home.serve().await;
    let mut admin = Person::set_up(&server, "robin").await;
    let at = |address: &str| Person { headers: format!("x-forwarded-for: {address}\r\n"), ..Person::default() };
    let fields = [("name", "robin"), ("password", "a wrong password")];
    let mut statuses = Vec::new();
    for n in 0..12 {
        let mut thief = at(&format!("203.0.113.{n}"));
        statuses.push(thief.fill(&server, "/admin/sign-in", "/admin/sign-in", &fields).await.status().to_owned());
    }
    assert_eq!(statuses[..5], ["422"; 5], "{statuses:?}");
    let held = statuses.iter().filter(|status| *status == "429").count();
    assert!(held >= 4, "{statuses:?}");
    let mut thief = at("203.0.113.99");
    // By now it waits for seconds: what is asked at once is refused.
    let refused = until("an attempt is held up", SOON, async || {
        let answer = thief.fill(&server, "/admin/sign-in", "/admin/sign-in", &fields).await;
        (answer.status() == "429").then_some(answer)
    })
    .await;
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    let rows = actions(&server, &mut admin).await;
    let failed = rows.iter().filter(|action| *action == "sign_in.failed").count();
    assert!((5..12).contains(&failed), "{rows:?}");
    // Somebody else is not held up, nor is robin where robin signed in before.
    let mut kim = at("203.0.113.7");
    let kims = [("name", "kim"), ("password", "a wrong password")];
    assert_eq!(kim.fill(&server, "/admin/sign-in", "/admin/sign-in", &kims).await.status(), "422");
    for _ in 0..6 {
        thief.fill(&server, "/admin/sign-in", "/admin/sign-in", &fields).await;
    }
    server.terminate();
    server.ended().await;
    let server = home.serve().await;
    let kept = until("the throttle is kept", SOON, async || {
        let answer = at("203.0.113.98").fill(&server, "/admin/sign-in", "/admin/sign-in", &fields).await;
        (answer.status() == "429").then_some(answer)
    })
    .await;
    assert!(kept.body.contains("too many attempts failed"), "{}", kept.body);
    let mut home_again = Person::default();
    let right = [("name", "robin"), ("password", PASSWORD)];
    let answer = home_again.fill(&server, "/admin/sign-in", "/admin/sign-in", &right).await;
    assert_eq!(answer.header("location"), Some("/admin"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn s19_whether_an_account_exists_does_not_show_in_words() {
    let server = home("").serve().await;
    Person::set_up(&server, "robin").await;
    let mut pages = Vec::new();
    for name in ["robin", "nobody"] {
        let (_, answer) = Person::sign_in(&server, name, "not the password").await;
        let token = value_of(&answer.body, "csrf");
        let body = answer.body.replace(&token, "").replace(&format!("value=\"{name}\""), "");
        pages.push((answer.status().to_owned(), body));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn s17_many_who_sign_in_at_once_take_little_memory() {
    let server = home("http: {trusted_proxies: [127.0.0.1]}").serve().await;
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let mut first = Person::default();
    first.get(&server, "/admin/sign-in").await;
    let before = peak();
    let attempts = (0..200).map(|n| {
        let mut person = Person { headers: format!("x-forwarded-for: 198.51.{n}.1\r\n"), ..Person::default() };
        let name = format!("somebody-{n}");
        let server = &server;
        async move {
            let fields = [("name", &*name), ("password", "a password of some length")];
            person.fill(server, "/admin/sign-in", "/admin/sign-in", &fields).await.status().to_owned()
        }
    });
    let statuses = futures_util::future::join_all(attempts).await;
    assert!(statuses.iter().all(|status| status == "422"), "{statuses:?}");
    let grown = peak() - before;
    assert!(grown <= 100 << 10, "{grown} kB more");
}
