//! A program with a token, over plain sockets.

use allclear::auth::random;
use allclear::model::desk::Kept;
use allclear::model::people::{Scope, Token};
use allclear::store::{Batch, Store};
use serde_json::Value;

use super::server::{Answer, Home, SOON, Server, ask_with};

/// A configuration with two services and no vendor.
pub const TEAM: &str = "page:\n  title: Acme status\nsources: []\nservices:\n  - name: Checkout\n  - name: Search\n";

/// Puts a token with these scopes where a home keeps its people; nobody serves it meanwhile.
pub fn token(home: &Home, scopes: &[Scope]) -> String {
    let secret = random::token().unwrap();
    let digest = random::digest(&secret);
    let token = Token {
        id: random::id_of(&digest),
        prefix: random::shown(&secret),
        digest,
        name: "deploys".into(),
        scopes: scopes.to_vec(),
        expires_at: None,
        used_at: None,
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        author: "robin".into(),
    };
    let store = Store::open(&home.data()).unwrap();
    store.commit(&Batch { kept: vec![Kept::Token(Box::new(token))], ..Batch::default() }).unwrap();
    secret
}

/// Every scope but the one for people.
pub fn writer(home: &Home) -> String {
    token(home, &[Scope::Read, Scope::Incidents, Scope::Maintenances, Scope::Verdicts, Scope::Sources])
}

/// A program that writes.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    pub server: &'a Server,
    pub token: &'a str,
}

impl Program<'_> {
    /// Sends a write with these further header lines, each with its line end.
    pub async fn send(&self, method: &str, path: &str, headers: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.ask(method, path, &self.head(headers), &body).await
    }

    /// The same, or nothing where no answer comes.
    pub async fn try_send(&self, method: &str, path: &str, headers: &str, body: &Value) -> Option<Answer> {
        let (head, body) = (self.head(headers), body.to_string());
        let answer = ask_with(self.server.address, method, path, &head, &body);
        // An answer that was cut off is none.
        let whole = |answer: &Answer| {
            let length = answer.header("content-length").and_then(|length| length.parse().ok());
            length.is_none_or(|length: usize| answer.body.len() == length)
        };
        tokio::time::timeout(SOON, answer).await.ok()?.ok().filter(whole)
    }

    /// A write that has to be taken; what comes back.
    pub async fn write(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.send(method, path, "", &body).await;
        assert!(answer.status().starts_with('2'), "{method} {path} {body}: {} {}", answer.head, answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", &Value::Null).await
    }

    fn head(&self, headers: &str) -> String {
        format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n{headers}", self.token)
    }
}

/// Rows of the audit log of a home that nobody serves, oldest first, as `action subject`.
pub fn rows(home: &Home) -> Vec<String> {
    let store = Store::open(&home.data()).unwrap();
    let mut rows = store.audit(None, usize::MAX).unwrap().items;
    rows.reverse();
    rows.iter().map(|row| format!("{} {}", row.action, row.subject.as_deref().unwrap_or("-"))).collect()
}
