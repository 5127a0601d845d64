//! The table of who may do what, walked: every route, everybody, public and private.

use std::sync::Arc;

use allclear::auth::random;
use allclear::http::{Access, Declared, access};
use allclear::ingest::Published;
use allclear::model::actor::Role;
use allclear::model::desk::{Desk, Kept};
use allclear::model::people::{Account, Hidden, People, Scope, Session, Stage, Token};
use allclear::model::policy::Wants;
use allclear::model::subscriber::{Reach, Subscriber};
use allclear::nudge::post::Post;
use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::world::{Answer, Behind, World, event, noon, snapshot};

/// Somebody who comes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Who {
    Nobody,
    Person(Role),
    /// Somebody who has no second factor and must have one.
    Unfinished,
    Token(Scope),
}

fn everybody() -> Vec<Who> {
    let people = Role::ALL.into_iter().map(Who::Person);
    let tokens = Scope::ALL.into_iter().map(Who::Token);
    [Who::Nobody, Who::Unfinished].into_iter().chain(people).chain(tokens).collect()
}

fn secret(name: &str) -> String {
    format!("secret-of-{name}")
}

fn people() -> People {
    let mut people = People::default();
    let names = Role::ALL.map(|role| (role.as_str(), role, false));
    for (name, role, factor_required) in names.into_iter().chain([("unfinished", Role::Admin, true)]) {
        let account = Account {
            id: name.into(),
            version: 1,
            name: name.into(),
            role,
            password: None,
            factor: None,
            factor_required,
            disabled: false,
            invitation: None,
            delegated: None,
            places: vec![],
            created_at: noon(),
        };
        let digest = random::digest(&secret(name));
        let session = Session {
            id: random::id_of(&digest),
            digest,
            account: name.into(),
            stage: Stage::Whole,
            created_at: noon(),
            seen_at: noon(),
            address: None,
            agent: String::new(),
        };
        people.accounts.insert(account.id.clone(), account);
        people.sessions.insert(session.id.clone(), session);
    }
    for scope in Scope::ALL {
        let digest = random::digest(&format!("acl_{}", scope.as_str()));
        let token = Token {
            id: random::id_of(&digest),
            digest,
            name: scope.as_str().into(),
            prefix: "acl_".into(),
            scopes: vec![scope],
            expires_at: None,
            used_at: Some(noon()),
            created_at: noon(),
            author: "admin".into(),
        };
        people.tokens.insert(token.id.clone(), token);
    }
    people
}

/// Whoever is signed in with this role, as a page of ours sends it; and the token of its forms.
pub fn signed_in(role: Role) -> (HeaderMap, String) {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, format!("__Host-allclear={}", secret(role.as_str())).parse().unwrap());
    headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    (headers, format!("csrf={}", random::form_token(&secret(role.as_str()))))
}

/// A program with the token of this scope.
pub fn program(scope: Scope) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("Bearer acl_{}", scope.as_str()).parse().unwrap());
    headers
}

/// A reader who is told of everything.
fn reader() -> Subscriber {
    Subscriber {
        id: "acme".into(),
        version: 1,
        reach: Reach::Mail("sam@example.com".into()),
        wants: Wants::default(),
        digest: None,
        key: Hidden::new("key"),
        made_at: noon(),
        confirmed_at: Some(noon()),
        asked_at: vec![noon()],
        suspended: None,
        proposed: None,
    }
}

/// A world with somebody of each role and a token of each scope, called `acl_` and the scope.
pub fn world(private: bool) -> World {
    world_with(private, Post::to(tokio::sync::mpsc::channel(1).0)).0
}

/// The same with a way to somebody who sends.
pub fn world_with(private: bool, post: Post) -> (World, Behind) {
    let mut present = snapshot(1, "Errors in the API").as_ref().clone();
    let mut page = present.page.as_ref().clone();
    page.private = private;
    present.page = Arc::new(page);
    let first = Published { snapshot: Arc::new(present), events: vec![event(1, "Errors")] };
    let mut desk = Desk { people: Arc::new(people()), ..Desk::default() };
    desk.put(Kept::Subscriber(Arc::new(reader())));
    World::with_post(first, desk, post)
}

/// The request of somebody, as a page of ours or a program sends it.
async fn comes(world: &World, who: Who, method: &Method, path: &str, access: Access) -> Answer {
    let mut headers = HeaderMap::new();
    let name = match who {
        Who::Nobody | Who::Token(_) => None,
        Who::Person(role) => Some(role.as_str()),
        Who::Unfinished => Some("unfinished"),
    };
    let mut body = String::new();
    if let Some(name) = name {
        let cookie = format!("__Host-allclear={}", secret(name));
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    }
    if let Who::Token(scope) = who {
        headers.insert(header::AUTHORIZATION, format!("Bearer acl_{}", scope.as_str()).parse().unwrap());
    }
    if *method != Method::GET {
        let form = !matches!(access, Access::Public | Access::Api(..));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if form {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            body = format!("csrf={}", random::form_token(&secret(name.unwrap_or_default())));
        }
    }
    world.send(method.clone(), path, headers, body).await
}

fn path(declared: &Declared) -> String {
    let mut parts = declared.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| format!("{path}/{part}"))
}

/// What the table means, said a second time.
fn may(who: Who, access: Access, private: bool) -> bool {
    let role = match who {
        Who::Nobody | Who::Unfinished | Who::Token(_) => None,
        Who::Person(role) => Some(role),
    };
    let scope = |scope: Scope| matches!(who, Who::Token(has) if has == scope || has == Scope::Admin);
    match access {
        Access::Public | Access::Door => true,
        Access::Page => !private || role.is_some() || scope(Scope::Read),
        Access::Reader => !private || role.is_some(),
        Access::Own => role.is_some() || who == Who::Unfinished,
        Access::Person(least) => role.is_some_and(|role| role >= least),
        Access::Api(least, wanted) => role.is_some_and(|role| role >= least) || scope(wanted),
    }
}

/// True where somebody was turned away before the handler.
fn turned_away(answer: &Answer, access: Access) -> bool {
    let leads_away = |value: &HeaderValue| {
        let to = value.to_str().unwrap();
        to.starts_with("/admin/sign-in?to=") || (to == "/admin/account/factor" && access != Access::Own)
    };
    let away = answer.status == 303 && answer.headers.get(header::LOCATION).is_some_and(leads_away);
    answer.status == 401 || answer.status == 403 || away
}

#[tokio::test]
async fn s22_every_route_lets_in_whom_the_table_names_and_nobody_else() {
    for private in [false, true] {
        let world = world(private);
        let table = access(world.app.clone());
        assert!(table.len() > 60);
        for declared in &table {
            for who in everybody() {
                // Without a form's cookie nobody gets through a door; the pages' own tests do.
                let by_form = declared.access == Access::Reader && !matches!(who, Who::Person(_));
                if (declared.access == Access::Door || by_form) && declared.method != Method::GET {
                    continue;
                }
                // A stream does not end.
                if declared.path == "/events" && may(who, declared.access, private) {
                    continue;
                }
                let answer = comes(&world, who, &declared.method, &path(declared), declared.access).await;
                let welcome = !turned_away(&answer, declared.access);
                let expected = may(who, declared.access, private);
                assert_eq!(welcome, expected, "{who:?} {declared:?} private={private}: {}", answer.status);
                if who != Who::Nobody {
                    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{who:?} {declared:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn s22_nothing_of_a_private_page_shows_to_nobody() {
    let world = world(true);
    for declared in access(world.app.clone()) {
        if declared.method != Method::GET {
            continue;
        }
        for path in [path(&declared), declared.path.replace("{id}", "acme").replace("{tag}", "shop")] {
            let answer = comes(&world, Who::Nobody, &Method::GET, &path, declared.access).await;
            let said = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body)).to_lowercase();
            for word in ["the acme", "the bolt", "sources are not known", "database upgrade", "sam@example.com"] {
                assert!(!said.contains(word), "{path} shows `{word}`");
            }
            assert!(!answer.headers.contains_key(header::ETAG) || declared.access == Access::Public, "{path}");
        }
    }
    let public = self::world(false).get("/").await;
    assert!(String::from_utf8_lossy(&public.body).contains("The acme"), "the words are there to be found");
}

#[tokio::test]
async fn s21_what_does_not_come_from_a_page_of_ours_changes_nothing() {
    let world = world(false);
    let shapes: &[&[(&'static str, &'static str)]] = &[
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "SAME-ORIGIN")],
        &[("sec-fetch-site", "")],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "https://status.example.evil.example")],
        &[("origin", "http://status.example")],
        &[("origin", "https://evil.example"), ("x-forwarded-host", "evil.example")],
        &[("referer", "https://status.example/admin")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://status.example")],
    ];
    let changing = access(world.app.clone()).into_iter().filter(|one| one.method != Method::GET);
    for declared in changing.filter(|one| one.access != Access::Public) {
        for shape in shapes {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("__Host-allclear={}", secret("admin")).parse().unwrap());
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            for (name, value) in *shape {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            let body = format!("csrf={}", random::form_token(&secret("admin")));
            let answer = world.send(declared.method.clone(), &path(&declared), headers, body).await;
            assert_eq!(answer.status, 403, "{declared:?} {shape:?}");
        }
        // From our page, but with a form that was not given out.
        if declared.method == Method::POST {
            for body in ["", "csrf=", "csrf=x", &format!("csrf={}", random::form_token("another"))] {
                let mut headers = HeaderMap::new();
                headers.insert(header::COOKIE, format!("__Host-allclear={}", secret("admin")).parse().unwrap());
                headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
                let answer = world.send(Method::POST, &path(&declared), headers, body.into()).await;
                assert_eq!(answer.status, 403, "{declared:?} {body}");
            }
        }
    }
}

#[tokio::test]
async fn s23_a_token_counts_in_its_header_alone_and_a_wrong_one_is_not_as_good_as_none() {
    let world = world(true);
    let ask = |path: &'static str, bearer: &'static str| {
        let mut headers = HeaderMap::new();
        if !bearer.is_empty() {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(bearer));
        }
        world.send(Method::GET, path, headers, String::new())
    };
    for (path, bearer, status) in [
        ("/api/v1/summary", "Bearer acl_read", 200),
        ("/api/v1/summary", "bearer acl_read", 200),
        ("/api/v1/summary", "Bearer acl_incidents:write", 403),
        ("/api/v1/summary", "Bearer acl_other", 401),
        ("/api/v1/summary", "Basic acl_read", 401),
        ("/api/v1/summary", "", 401),
        ("/healthz", "Bearer acl_other", 401),
        ("/api/v1/summary?token=acl_read", "", 400),
        ("/api/v1/summary?token=acl_read", "Bearer acl_read", 400),
        ("/healthz?access_token=x", "", 400),
    ] {
        let answer = ask(path, bearer).await;
        assert_eq!(answer.status, status, "{path} {bearer}");
        if status == 401 {
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
}
