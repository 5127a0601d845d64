//! Who may do what, changed: invitations, roles, tokens, and the log of it all.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::person::{PASSWORD, Person, home, id_of, invite, texts};
use super::server::{Answer, Home, Server, list, program, said};

/// Asks the API with a token.
async fn with_token(server: &Server, token: &str, method: &str, path: &str, body: &str) -> Answer {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    server.ask(method, path, &headers, body).await
}

/// Has a token made in the console.
async fn token(server: &Server, admin: &mut Person, scopes: &[&str]) -> String {
    let mut fields = vec![("csrf".to_owned(), String::new()), ("name".to_owned(), "of the tests".to_owned())];
    let page = admin.get(server, "/admin/tokens").await;
    fields[0].1 = super::person::value_of(&page.body, "csrf");
    fields.extend(scopes.iter().map(|scope| ("scope".to_owned(), (*scope).to_owned())));
    let made = admin.post(server, "/admin/tokens", &fields).await;
    texts(&made.body, ".once code").pop().unwrap_or_else(|| panic!("no token: {}", made.body))
}

/// Every row of the log, oldest first.
async fn rows(server: &Server, admin: &mut Person) -> Vec<Value> {
    let answer = admin.get(server, "/admin/audit.json").await;
    let mut rows: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
    rows.reverse();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn s30_every_change_of_people_leaves_exactly_one_row() {
    let server = home("").serve().await;
    let mut admin = Person::set_up(&server, "admin").await;
    let mut kim = invite(&server, &mut admin, "kim", "viewer").await;
    let id = id_of(&server, &mut admin, "kim").await;
    let person = format!("/admin/people/{id}");
    let mut expected = vec!["account.set_up", "account.invite", "account.join"];
    let people = "/admin/people";
    for (action, fields, row) in [
        (person.clone(), vec![("role", "operator")], "account.change"),
        (format!("{person}/invite"), vec![], "account.invite"),
        (format!("{person}/sessions/end"), vec![], "session.end"),
    ] {
        let done = admin.fill(&server, people, &action, &fields).await;
        assert!(matches!(done.status(), "303" | "200"), "{action}: {} {}", done.head, done.body);
        expected.push(row);
    }
    assert!(!kim.is_signed_in(&server).await);
    let (mut kim, _) = Person::sign_in(&server, "kim", PASSWORD).await;
    let (_, wrong) = Person::sign_in(&server, "kim", "not the password").await;
    assert_eq!(wrong.status(), "422");
    kim.fill(&server, "/admin/account", "/admin/sign-out", &[]).await;
    let (_, wrong) = Person::sign_in(&server, "not anybody", "not the password").await;
    assert_eq!(wrong.status(), "422");
    let shown = token(&server, &mut admin, &["read"]).await;
    let own = "/admin/account/password";
    let next = [("current", PASSWORD), ("password", "another passphrase"), ("again", "another passphrase")];
    assert_eq!(admin.fill(&server, "/admin/account", own, &next).await.status(), "303");
    let tokens = admin.get(&server, "/api/v1/tokens").await;
    let tokens: Value = serde_json::from_str(&tokens.body).unwrap();
    let token = tokens["items"][0]["id"].as_str().unwrap();
    admin.fill(&server, "/admin/tokens", &format!("/admin/tokens/{token}/revoke"), &[]).await;
    expected.extend(["sign_in", "sign_in.failed", "sign_out", "sign_in.failed"]);
    expected.extend(["token.create", "password.change", "token.revoke"]);
    let rows = rows(&server, &mut admin).await;
    let actions: Vec<&str> = rows.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, expected);
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row["seq"], at as u64 + 1);
        assert_eq!(row["actor"]["address"], "127.0.0.1", "{row}");
    }
    let text = format!("{rows:?}");
    for secret in [PASSWORD, "another passphrase", &shown, "not anybody", "argon2", &admin.cookies["allclear"]] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(rows[3]["before"], "kim, viewer");
    assert_eq!(rows[3]["after"], "kim, operator");
    // Reading leaves none, and what was refused neither.
    let walk = ["/admin/people", "/admin/tokens", "/admin/audit?action=sign_in", "/admin/audit.csv", "/api/v1/audit"];
    for path in walk {
        assert_eq!(admin.get(&server, path).await.status(), "200", "{path}");
    }
    let refused = admin.fill(&server, people, people, &[("name", "kim"), ("role", "viewer")]).await;
    assert_eq!(refused.status(), "422");
    assert_eq!(self::rows(&server, &mut admin).await.len(), rows.len());
    let csv = admin.get(&server, "/admin/audit.csv?actor=kim").await;
    assert_eq!(csv.body.lines().count(), 1 + rows.iter().filter(|row| row["actor"]["name"] == "kim").count());
    let found = admin.get(&server, "/api/v1/audit?action=sign_in&limit=2").await;
    let found: Value = serde_json::from_str(&found.body).unwrap();
    assert_eq!(list(&found["items"]).len(), 2);
    let next = found["next"].as_str().unwrap();
    let more = admin.get(&server, &format!("/api/v1/audit?action=sign_in&limit=2&cursor={next}")).await;
    let more: Value = serde_json::from_str(&more.body).unwrap();
    assert_eq!(list(&more["items"]).len(), 1, "{more}");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_bound_what_people_do_and_an_admin_always_stays() {
    let server = home("").serve().await;
    let mut admin = Person::set_up(&server, "admin").await;
    let mut kim = invite(&server, &mut admin, "kim", "operator").await;
    for path in ["/admin/people", "/admin/tokens", "/admin/audit", "/api/v1/people", "/api/v1/audit"] {
        assert_eq!(kim.get(&server, path).await.status(), "403", "{path}");
    }
    let me = id_of(&server, &mut admin, "admin").await;
    for fields in [&[("role", "operator")][..], &[("role", "admin"), ("disabled", "on")]] {
        let refused = admin.fill(&server, "/admin/people", &format!("/admin/people/{me}"), fields).await;
        assert_eq!(refused.status(), "422", "{}", refused.body);
        assert!(refused.body.contains("nobody would be left"), "{}", refused.body);
    }
    let stale = [("version", "1"), ("role", "viewer")];
    let kims = id_of(&server, &mut admin, "kim").await;
    let refused = admin.fill(&server, "/admin/people", &format!("/admin/people/{kims}"), &stale).await;
    assert_eq!(refused.status(), "412", "{}", refused.body);
    admin.fill(&server, "/admin/people", &format!("/admin/people/{kims}"), &[("role", "admin")]).await;
    assert_eq!(kim.get(&server, "/admin/people").await.status(), "200", "a role counts at once");
    let done = kim.fill(&server, "/admin/people", &format!("/admin/people/{me}"), &[("role", "viewer")]).await;
    assert_eq!(done.status(), "303", "{}", done.body);
    assert_eq!(admin.get(&server, "/admin/people").await.status(), "403");
}

#[tokio::test(flavor = "multi_thread")]
async fn s23_a_token_is_shown_once_and_worthless_at_once_when_it_is_revoked() {
    let home = home("page: {access: private}");
    let server = home.serve().await;
    let mut admin = Person::set_up(&server, "admin").await;
    let all = token(&server, &mut admin, &["admin"]).await;
    let made = with_token(&server, &all, "POST", "/api/v1/tokens", r#"{"name": "reader", "scopes": ["read"]}"#).await;
    assert_eq!(made.status(), "201", "{}", made.body);
    let made: Value = serde_json::from_str(&made.body).unwrap();
    let (shown, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert!(shown.starts_with("acl_") && shown.len() == 47, "{shown}");
    for (body, what) in [
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": ["write"]}), "scopes"),
        (json!({"name": " ", "scopes": ["read"]}), "name"),
        (json!({"name": "x", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"}), "expires_at"),
    ] {
        let refused = with_token(&server, &all, "POST", "/api/v1/tokens", &body.to_string()).await;
        assert_eq!(refused.status(), "400", "{body}");
        assert!(refused.body.contains(what), "{}", refused.body);
    }
    assert_eq!(with_token(&server, shown, "GET", "/api/v1/summary", "").await.status(), "200");
    assert_eq!(with_token(&server, shown, "GET", "/api/v1/tokens", "").await.status(), "403");
    let listed = with_token(&server, &all, "GET", "/api/v1/tokens", "").await;
    assert!(!listed.body.contains(shown) && listed.body.contains(&shown[..12]), "{}", listed.body);
    let listed: Value = serde_json::from_str(&listed.body).unwrap();
    assert!(list(&listed["items"]).iter().all(|token| !token["used_at"].is_null()), "{listed}");
    let file = std::fs::read(home.data().join("allclear.redb")).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains(shown), "it is kept as a digest alone");
    let revoked = with_token(&server, &all, "DELETE", &format!("/api/v1/tokens/{id}"), "").await;
    assert_eq!(revoked.status(), "204");
    assert_eq!(with_token(&server, shown, "GET", "/api/v1/summary", "").await.status(), "401");
    assert!(!server.log().contains(shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_no_header_of_a_client_opens_anything() {
    let forged = "x-forwarded-user: admin\r\nx-forwarded-groups: it\r\nx-forwarded-for: 127.0.0.1\r\n\
                  x-forwarded-host: localhost\r\nx-forwarded-proto: https\r\nforwarded: for=127.0.0.1\r\nx-real-ip: 127.0.0.1\r\n";
    let roles = "roles: {it: admin, ops: viewer}";
    let off = home("page: {access: private}").serve().await;
    let elsewhere = format!(
        "page: {{access: private}}\nauth: {{proxy: {{header: X-Forwarded-User, groups_header: X-Forwarded-Groups, networks: [192.0.2.1], {roles}}}}}"
    );
    let elsewhere = home(&elsewhere).serve().await;
    for server in [&off, &elsewhere] {
        for path in ["/", "/admin/people", "/api/v1/summary", "/api/v1/people", "/metrics", "/events", "/feed.json"] {
            let answer = server.ask("GET", path, forged, "").await;
            let away = answer.header("location").is_some_and(|to| to.starts_with("/admin/sign-in?to="));
            assert!(answer.status() == "401" || away, "{path}: {}", answer.head);
        }
    }
    let ours = format!(
        "page: {{access: private}}\nauth: {{passwords: false, proxy: {{header: X-Forwarded-User, groups_header: X-Forwarded-Groups, networks: [127.0.0.1], {roles}}}}}"
    );
    let ours = home(&ours).serve().await;
    assert!(!ours.log().contains("/admin/setup"), "nobody signs in by password");
    for (headers, path, status) in [
        (forged, "/admin/people", "200"),
        (forged, "/api/v1/people", "200"),
        ("x-forwarded-user: kim\r\nx-forwarded-groups: ops,  sales\r\n", "/", "200"),
        ("x-forwarded-user: kim\r\nx-forwarded-groups: ops\r\n", "/admin/people", "403"),
        ("x-forwarded-user: kim\r\nx-forwarded-groups: sales\r\n", "/api/v1/summary", "401"),
        ("x-forwarded-user: kim\r\n", "/api/v1/summary", "401"),
        ("x-forwarded-groups: it\r\n", "/api/v1/summary", "401"),
        // One of them is the client's.
        ("x-forwarded-user: kim\r\nx-forwarded-user: root\r\nx-forwarded-groups: it\r\n", "/api/v1/summary", "401"),
        ("x-forwarded-user: kim\r\nx-forwarded-groups: ops\r\nx-forwarded-groups: it\r\n", "/api/v1/summary", "401"),
    ] {
        assert_eq!(ours.ask("GET", path, headers, "").await.status(), status, "{headers} {path}");
    }
    let mut admin = Person { headers: forged.to_owned(), ..Person::default() };
    assert_eq!(admin.get(&ours, "/admin/account").await.status(), "200");
    let shown = token(&ours, &mut admin, &["read"]).await;
    assert!(shown.starts_with("acl_"), "forms work for whom a proxy names");
    let signed_in = rows(&ours, &mut admin).await.into_iter().filter(|row| row["action"] == "sign_in");
    let signed_in: Vec<Value> = signed_in.map(|row| row["actor"]["name"].clone()).collect();
    assert_eq!(signed_in, [json!("admin"), json!("kim")], "one row each");
    assert_eq!(ours.ask("POST", "/admin/tokens", forged, "name=x&scope=admin").await.status(), "403");
}

/// Runs a command with something on its standard input.
fn run(home: &Home, args: &[&str], input: &str, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = program(home.folder.path());
    command
        .args(args)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), said(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_passwords_are_seen_to_from_the_command_line() {
    let home = home("");
    let mut server = home.serve().await;
    let mut admin = Person::set_up(&server, "admin").await;
    let all = token(&server, &mut admin, &["admin"]).await;
    let (url, set) = (server.url(), [("ALLCLEAR_TOKEN", all.as_str())]);
    let ask = |args: &[&str]| run(&home, &[&["token", "--url", url.as_str()], args].concat(), "", &set);
    let (good, made) = ask(&["create", "reader", "--scope", "read", "--days", "3"]);
    assert!(good && made.starts_with("acl_"), "{made}");
    assert_eq!(with_token(&server, made.trim(), "GET", "/api/v1/summary", "").await.status(), "200");
    let (good, listed) = ask(&["list"]);
    assert!(good && listed.contains("reader") && !listed.contains(made.trim()), "{listed}");
    let id = listed.lines().find(|line| line.contains("reader")).unwrap().split_whitespace().next().unwrap();
    assert!(ask(&["revoke", id]).0);
    assert_eq!(with_token(&server, made.trim(), "GET", "/api/v1/summary", "").await.status(), "401");
    let (good, why) = ask(&["create", "x", "--scope", "all"]);
    assert!(!good && why.contains("incidents:write"), "{why}");
    assert!(!run(&home, &["token", "--url", &url, "list"], "", &[]).0);

    let (good, hash) = run(&home, &["password"], "three red bicycles\n", &[]);
    assert!(good && hash.starts_with("$argon2id$"), "{hash}");
    let (good, why) = run(&home, &["password"], "short\n", &[]);
    assert!(!good && why.contains("12 characters"), "{why}");
    let (good, why) = run(&home, &["password", "admin"], "three red bicycles\n", &[]);
    assert!(!good, "a server is using it: {why}");
    server.terminate();
    server.ended().await;
    let (good, why) = run(&home, &["password", "Admin"], "three red bicycles\n", &[]);
    assert!(good, "{why}");
    let server = home.serve().await;
    assert!(!admin.is_signed_in(&server).await);
    let (mut admin, _) = Person::sign_in(&server, "admin", "three red bicycles").await;
    let rows = rows(&server, &mut admin).await;
    assert!(rows.iter().any(|row| row["action"] == "password.reset" && row["actor"]["means"] == "program"));
}
