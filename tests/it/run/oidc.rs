//! Signing in through an identity provider, a stand-in for one that can also be wrong in every way.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use allclear::auth::random;
use allclear::clock::Clock;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

use super::person::{Person, home, texts};
use super::server::{Answer, Home, Server};

/// The provider: whom it signs in, and how it is wrong.
#[derive(Default)]
struct Book {
    at: String,
    claims: Value,
    /// Laid over what the ID token says.
    wrong: Value,
    other_key: bool,
    codes: HashMap<String, HashMap<String, String>>,
}

#[derive(Clone)]
struct Provider {
    book: Arc<Mutex<Book>>,
    keys: Arc<[(EncodingKey, Jwk); 2]>,
}

struct Running {
    provider: Provider,
    address: SocketAddr,
    _task: AbortOnDropHandle<()>,
}

fn key(kid: &str) -> (EncodingKey, Jwk) {
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let key = EncodingKey::from_ec_der(&pair.serialize_der());
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    (key, jwk)
}

#[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
async fn start() -> Running {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let book = Book { at: format!("http://{address}"), ..Book::default() };
    let provider = Provider { book: Arc::new(Mutex::new(book)), keys: Arc::new([key("k1"), key("k1")]) };
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(about))
        .route("/keys", get(keys))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/me", get(me))
        .with_state(provider.clone());
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Running { provider, address, _task: AbortOnDropHandle::new(task) }
}

async fn about(State(provider): State<Provider>) -> Json<Value> {
    let at = provider.book.lock().unwrap().at.clone();
    Json(json!({
        "issuer": at, "authorization_endpoint": format!("{at}/authorize"), "token_endpoint": format!("{at}/token"),
        "jwks_uri": format!("{at}/keys"), "userinfo_endpoint": format!("{at}/me"),
        "end_session_endpoint": format!("{at}/end"),
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<JwkSet> {
    Json(JwkSet { keys: vec![provider.keys[0].1.clone()] })
}

async fn authorize(State(provider): State<Provider>, Query(asked): Query<HashMap<String, String>>) -> Response {
    assert_eq!((&*asked["response_type"], &*asked["code_challenge_method"]), ("code", "S256"));
    assert_eq!(asked["scope"], "openid profile email groups");
    let mut book = provider.book.lock().unwrap();
    let code = format!("code{}", book.codes.len());
    let back = format!("{}?code={code}&state={}", asked["redirect_uri"], asked["state"]);
    book.codes.insert(code, asked);
    Redirect::to(&back).into_response()
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut book = provider.book.lock().unwrap();
    let login = data_encoding::BASE64.encode(b"allclear:a+secret%26more");
    assert_eq!(headers[header::AUTHORIZATION], format!("Basic {login}"));
    let Some(asked) = book.codes.remove(&form["code"]) else { return StatusCode::BAD_REQUEST.into_response() };
    assert_eq!(random::challenge(&form["code_verifier"]), asked["code_challenge"]);
    assert_eq!(form["redirect_uri"], asked["redirect_uri"]);
    let now = Clock::system().now().wall.as_second();
    let mut claims = json!({
        "iss": book.at, "aud": "allclear", "exp": now + 300, "iat": now, "nonce": asked["nonce"], "sub": book.claims["sub"],
    });
    for (name, value) in book.wrong.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let header = Header { kid: Some("k1".into()), ..Header::new(Algorithm::ES256) };
    let id_token = encode(&header, &claims, &provider.keys[usize::from(book.other_key)].0).unwrap();
    Json(json!({"access_token": "for-me", "token_type": "Bearer", "id_token": id_token})).into_response()
}

async fn me(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer for-me") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(provider.book.lock().unwrap().claims.clone()).into_response()
}

fn configured(running: &Running) -> Home {
    home(&format!(
        "page: {{access: private}}\npoll: {{allow_networks: [127.0.0.1]}}\nauth:\n  passwords: false\n  oidc:\n    name: The company\n    \
         issuer: http://{}\n    client_id: allclear\n    client_secret: a secret&more\n    roles: {{ops: operator, it: admin}}",
        running.address
    ))
}

impl Running {
    fn knows(&self, claims: Value) {
        self.provider.book.lock().unwrap().claims = claims;
    }

    /// Asks the provider as a browser does, and gives the path to come back to.
    async fn visit(&self, url: &str) -> String {
        let path = url.strip_prefix(&format!("http://{}", self.address)).unwrap_or_else(|| panic!("elsewhere: {url}"));
        let answer = super::server::ask_at(self.address, path).await;
        let back = answer.header("location").unwrap_or_else(|| panic!("{}", answer.head));
        back.split_once("/admin/").map(|(_, rest)| format!("/admin/{rest}")).unwrap()
    }
}

/// All the way there and back.
async fn sign_in(server: &Server, running: &Running, person: &mut Person) -> Answer {
    let page = person.get(server, "/admin/sign-in?to=/admin/account").await;
    assert!(page.body.contains("The company") && !page.body.contains("type=\"password\""), "{}", page.body);
    let away = person.get(server, "/admin/oidc/start?to=/admin/account").await;
    let back = running.visit(away.header("location").unwrap_or_else(|| panic!("{} {}", away.head, away.body))).await;
    person.get(server, &back).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_provider_signs_people_in_with_the_role_of_their_groups() {
    let running = start().await;
    let server = configured(&running).serve().await;
    assert!(!server.log().contains("/admin/setup"), "{}", server.log());
    let mut robin = Person::default();
    running.knows(json!({"sub": "u1", "preferred_username": "Robin", "groups": ["sales", "ops"]}));
    let answer = sign_in(&server, &running, &mut robin).await;
    assert_eq!(answer.header("location"), Some("/admin/account"), "{} {} {}", answer.head, answer.body, server.log());
    let account = robin.get(&server, "/admin/account").await;
    assert_eq!(texts(&account.body, ".who .small"), ["operator"]);
    assert_eq!(robin.get(&server, "/admin/people").await.status(), "403");
    // The group decides anew at each sign-in; the account is the same.
    running.knows(json!({"sub": "u1", "preferred_username": "robin.s", "groups": ["it"]}));
    let mut again = Person::default();
    assert_eq!(sign_in(&server, &running, &mut again).await.status(), "303");
    let people: Value = serde_json::from_str(&again.get(&server, "/api/v1/people").await.body).unwrap();
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    assert_eq!((&people["items"][0]["name"], &people["items"][0]["role"]), (&json!("robin.s"), &json!("admin")));
    // Another person of the same name is no way into it.
    running.knows(json!({"sub": "u2", "preferred_username": "robin.s", "groups": ["it"]}));
    let refused = sign_in(&server, &running, &mut Person::default()).await;
    assert_eq!(refused.status(), "422", "{}", refused.body);
    let out = again.fill(&server, "/admin/account", "/admin/sign-out", &[]).await;
    assert!(texts(&out.body, "h1").concat().contains("signed out") && out.body.contains("end"), "{}", out.body);
    assert!(!again.is_signed_in(&server).await);
    assert!(!server.log().contains("a secret&more"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_does_not_prove_signs_nobody_in() {
    let running = start().await;
    let server = configured(&running).serve().await;
    let good = json!({"sub": "u1", "preferred_username": "robin", "groups": ["it"]});
    for (claims, wrong, other_key) in [
        (json!({"sub": "u1", "preferred_username": "robin", "groups": ["sales"]}), json!({}), false),
        (json!({"sub": "u1", "preferred_username": "robin"}), json!({}), false),
        (good.clone(), json!({"nonce": "another"}), false),
        (good.clone(), json!({"aud": "another"}), false),
        (good.clone(), json!({"iss": "https://evil.example"}), false),
        (good.clone(), json!({"exp": 1_000_000_000}), false),
        (good.clone(), json!({"sub": "u2"}), false),
        (good.clone(), json!({}), true),
    ] {
        running.knows(claims.clone());
        {
            let mut book = running.provider.book.lock().unwrap();
            (book.wrong, book.other_key) = (wrong.clone(), other_key);
        }
        let mut person = Person::default();
        let refused = sign_in(&server, &running, &mut person).await;
        assert_eq!(refused.status(), "422", "{claims} {wrong} {other_key}");
        assert!(refused.body.contains("You are not signed in"), "{}", refused.body);
        assert!(!person.is_signed_in(&server).await);
    }
    {
        let mut book = running.provider.book.lock().unwrap();
        (book.wrong, book.other_key) = (json!({}), false);
    }
    running.knows(good);
    // An answer counts in the browser that asked, and once.
    let mut robin = Person::default();
    let away = robin.get(&server, "/admin/oidc/start").await;
    let back = running.visit(away.header("location").unwrap()).await;
    let mut thief = Person::default();
    assert_eq!(thief.get(&server, &back).await.status(), "422");
    assert_eq!(robin.get(&server, &back).await.status(), "422", "what another browser tried is spent");
    for path in ["/admin/oidc/callback", "/admin/oidc/callback?code=x", "/admin/oidc/callback?code=x&state=y"] {
        assert_eq!(robin.get(&server, path).await.status(), "422", "{path}");
    }
    assert_eq!(sign_in(&server, &running, &mut robin).await.header("location"), Some("/admin/account"));
    let rows: Vec<Value> = serde_json::from_str(&robin.get(&server, "/admin/audit.json").await.body).unwrap();
    let failed = rows.iter().filter(|row| row["action"] == "sign_in.failed").count();
    assert_eq!((failed, rows.len()), (8 + 2 + 3, 8 + 2 + 3 + 1), "each leaves one row");
}
