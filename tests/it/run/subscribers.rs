//! Those who are told, seen from the API and the console of the running program.

use allclear::model::people::Scope;
use serde_json::{Value, json};

use super::api::{Program, TEAM, rows, token};
use super::person::{Person, home};
use super::server::{Answer, Home, Server, list};

const SUBSCRIBERS: &str = "/api/v1/subscribers";

async fn items(program: &Program<'_>, query: &str) -> Vec<Value> {
    let answer = program.get(&format!("{SUBSCRIBERS}{query}")).await;
    let shown: Value = serde_json::from_str(&answer.body).unwrap();
    list(&shown["items"]).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_adds_changes_stops_exports_and_erases_subscribers() {
    let home = Home::new(TEAM);
    let secret = token(&home, &[Scope::Subscribers]);
    let mut server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let body = json!({"address": "Sam@Example.com", "scope": "service", "of": "checkout", "impact": "major",
        "digest": "daily", "confirmed": true});
    let made = program.write("POST", SUBSCRIBERS, body.clone()).await;
    let sam = made["id"].as_str().unwrap().to_owned();
    assert_eq!((&made["address"], &made["state"]), (&json!("Sam@example.com"), &json!("active")), "{made}");
    assert_eq!((&made["scope"], &made["of"], &made["secret"]), (&json!("service"), &json!("checkout"), &Value::Null));
    assert_eq!(program.send("POST", SUBSCRIBERS, "", &body).await.status(), "409");
    let asked = program.write("POST", SUBSCRIBERS, json!({"address": "kim@example.com"})).await;
    assert_eq!((&asked["state"], &asked["digest"]), (&json!("asked"), &json!("none")));

    let hook = json!({"url": "https://tools.example/T0/secret-path?key=1"});
    let hook = program.write("POST", SUBSCRIBERS, hook).await;
    assert!(hook["secret"].as_str().unwrap().starts_with("whsec_") && hook["state"] == "active", "{hook}");
    assert_eq!(hook["url"], "https://tools.example/…");
    let all = program.get(SUBSCRIBERS).await.body;
    assert!(!all.contains("whsec_") && !all.contains("secret-path"), "{all}");

    for (body, field) in [
        (json!({}), "address"),
        (json!({"address": "sam", "url": "https://a.example"}), "address"),
        (json!({"address": "sam@@example.com"}), "address"),
        (json!({"url": "ftp://tools.example"}), "url"),
        (json!({"url": "https://me:pw@tools.example"}), "url"),
        (json!({"address": "a@example.com", "scope": "vendor"}), "scope"),
        (json!({"address": "a@example.com", "scope": "service", "of": "nowhere"}), "of"),
        (json!({"address": "a@example.com", "impact": "huge"}), "impact"),
        (json!({"address": "a@example.com", "digest": "hourly"}), "digest"),
        (json!({"address": "a@example.com", "unheard": 1}), "unheard"),
    ] {
        let answer = program.send("POST", SUBSCRIBERS, "", &body).await;
        assert!(answer.status() == "400" && answer.body.contains(field), "{body}: {}", answer.body);
    }

    let at = format!("{SUBSCRIBERS}/{sam}");
    let changed = program.write("PATCH", &at, json!({"scope": "all", "impact": ""})).await;
    assert_eq!(
        (&changed["scope"], &changed["impact"], &changed["digest"]),
        (&json!("all"), &Value::Null, &json!("daily"))
    );
    let stale = program.send("PATCH", &at, "if-match: \"v1\"\r\n", &json!({"digest": "none"})).await;
    assert_eq!(stale.status(), "412", "{}", stale.body);
    let stop = json!({"address": "sam@EXAMPLE.com", "reason": "complaint"});
    let stopped = program.write("POST", &format!("{SUBSCRIBERS}/suspend"), stop).await;
    assert_eq!((&stopped["state"], &stopped["suspended_for"]), (&json!("suspended"), &json!("complaint")));
    assert_eq!(items(&program, "?state=suspended").await.len(), 1);
    assert_eq!(items(&program, "?q=KIM@").await[0]["address"], "kim@example.com");
    let one: Value = serde_json::from_str(&program.get(&format!("{SUBSCRIBERS}?limit=2")).await.body).unwrap();
    let rest = items(&program, &format!("?limit=2&cursor={}", one["next"].as_str().unwrap())).await;
    assert_eq!((list(&one["items"]).len(), rest.len()), (2, 1));
    program.write("POST", &format!("{SUBSCRIBERS}/resume"), json!({"id": sam})).await;

    // What was stored is there after a restart, and what was erased is not.
    server.terminate();
    server.ended().await;
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let whole: Value = serde_json::from_str(&program.get(&format!("{at}/export")).await.body).unwrap();
    assert_eq!((&whole["address"], &whole["state"]), (&json!("Sam@example.com"), &json!("active")));
    assert_eq!(program.send("DELETE", &at, "", &Value::Null).await.status(), "204");
    assert_eq!(program.get(&at).await.status(), "404");
    drop(server);
    let rows = rows(&home);
    assert_eq!(rows.iter().filter(|row| row.ends_with(&sam)).count(), 5, "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_added_at_once_and_leave_as_a_table_that_can_be_read_back() {
    let home = Home::new(TEAM);
    let secret = token(&home, &[Scope::Subscribers]);
    let server = home.serve().await;
    let program = Program { server: &server, token: &secret };
    let body = json!({"confirmed": true, "subscribers": [
        {"address": "sam@example.com", "scope": "service", "of": "search"},
        {"address": "=cmd@example.com"},
        {"address": "nobody"},
        {"address": "sam@example.com"},
        {"address": "kim@example.com", "scope": "service", "of": "nowhere"},
    ]});
    let told = program.write("POST", &format!("{SUBSCRIBERS}/import"), body).await;
    assert_eq!((&told["added"], &told["known"], &told["left_out"]), (&json!(2), &json!(1), &json!(0)), "{told}");
    let refused: Vec<_> = list(&told["refused"]).iter().map(|one| one["row"].as_u64().unwrap()).collect();
    assert_eq!(refused, [3, 5]);
    let csv = program.get(&format!("{SUBSCRIBERS}/export?format=csv")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.body.contains("\r\n'=cmd@example.com,all,,,none,active,"), "{}", csv.body);
    assert!(csv.body.contains("\r\nsam@example.com,service,search,,none,active,"), "{}", csv.body);
    let all: Value = serde_json::from_str(&program.get(&format!("{SUBSCRIBERS}/export")).await.body).unwrap();
    assert_eq!(list(&all).len(), 2);
    let many: Vec<_> = (0..5_001).map(|at| json!({"address": format!("a{at}@example.com")})).collect();
    let many = json!({"subscribers": many});
    assert_eq!(program.send("POST", &format!("{SUBSCRIBERS}/import"), "", &many).await.status(), "400");
}

fn led(answer: &Answer) -> &str {
    answer.header("location").unwrap_or_else(|| panic!("{} {}", answer.head, answer.body))
}

async fn page(server: &Server, admin: &mut Person) -> String {
    admin.get(server, "/admin/subscribers").await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_sees_to_subscribers_in_the_console() {
    let server = home("").serve().await;
    let mut admin = Person::set_up(&server, "admin").await;
    let (at, import) = ("/admin/subscribers", "/admin/subscribers/import");
    let table = "address,scope,of,impact,digest,state\nsam@example.com,all,,major,weekly,active\n\
                 kim@example.com,,,,,suspended\n<b>@example.com\n'=lee@example.com";
    let told = admin.fill(&server, at, import, &[("list", table), ("confirmed", "on")]).await;
    assert!(told.body.contains("2 added, 0 known already, 0 left out."), "{}", told.body);
    assert!(told.body.contains("Row 2: ") && told.body.contains("Row 3: "), "{}", told.body);
    let shown = page(&server, &mut admin).await;
    assert!(shown.contains("sam@example.com") && shown.contains("=lee@example.com"), "{shown}");
    assert!(!shown.contains("kim@example.com"), "who was stopped elsewhere is not started here");
    let found = admin.get(&server, "/admin/subscribers?q=lee").await.body;
    assert!(!found.contains("sam@example.com"), "{found}");
    let of_sam = |rest: &&str| rest.split_once("</form>").is_some_and(|(form, _)| form.contains("sam@example.com"));
    let id = shown.split("/admin/subscribers/").find(of_sam).unwrap();
    let id = id.split('/').next().unwrap();
    let (stop, resume) = (format!("{at}/{id}/suspend"), format!("{at}/{id}/resume"));
    assert_eq!(led(&admin.fill(&server, at, &stop, &[]).await), "/admin/subscribers?said=suspended");
    assert!(page(&server, &mut admin).await.contains("suspended (admin)"));
    assert_eq!(led(&admin.fill(&server, at, &resume, &[]).await), "/admin/subscribers?said=resumed");
    let csv = admin.get(&server, "/admin/subscribers.csv").await;
    assert_eq!(csv.body.lines().count(), 3, "{}", csv.body);
    let erase = format!("{at}/{id}/erase");
    assert_eq!(led(&admin.fill(&server, &erase, &erase, &[]).await), "/admin/subscribers?said=erased");
    assert!(!page(&server, &mut admin).await.contains("sam@example.com"));
    // No mail is configured: nobody is asked to sign up.
    assert_eq!(server.get("/subscribe").await.status(), "404");
    let log = admin.get(&server, "/admin/audit.json").await.body;
    assert!(log.contains("subscriber.erase") && !log.contains("@example.com"), "{log}");
}
