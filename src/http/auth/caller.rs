//! Who asks: nobody we know, a person with a session, a person whom a proxy names, or a program with a token.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::PoisonError;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use data_encoding::BASE64;

use super::super::App;
use super::super::error::Fail;
use super::{cookie, forward};
use crate::auth::{random, valid};
use crate::limits;
use crate::model::actor::{Actor, Means, Role};
use crate::model::people::{Account, PeopleChange, Scope, Session, Stage, Token};
use crate::model::signon::{ProxySignOn, SignOn};

/// Who asks. A handler takes it as an argument; what they may do was checked before.
#[derive(Debug, Clone)]
pub(in crate::http) enum Caller {
    /// Nobody we know, from there.
    Nobody(Option<IpAddr>),
    /// A person.
    Person(Person),
    /// A program.
    Token(Program),
}

/// A person.
#[derive(Debug, Clone)]
pub(in crate::http) struct Person {
    /// The account's id; a proxy's word for who it is.
    pub(in crate::http) id: String,
    /// What people call them.
    pub(in crate::http) name: String,
    /// What they may do.
    pub(in crate::http) role: Role,
    /// The session's id; `None`: a proxy says who they are, anew with each request.
    pub(in crate::http) session: Option<String>,
    /// They must have a second factor and have none yet.
    pub(in crate::http) must_enrol: bool,
    /// Where from.
    pub(in crate::http) address: Option<IpAddr>,
}

/// A program.
#[derive(Debug, Clone)]
pub(in crate::http) struct Program {
    /// The token's id.
    pub(in crate::http) id: String,
    /// What people call it.
    pub(in crate::http) name: String,
    /// What it may be used for.
    pub(in crate::http) scopes: Vec<Scope>,
    /// Where from.
    pub(in crate::http) address: Option<IpAddr>,
}

impl Program {
    /// Whether it may be used for that.
    pub(in crate::http) fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|has| *has == scope || *has == Scope::Admin)
    }
}

impl Caller {
    /// Who changes something, for the order and its row in the log.
    pub(in crate::http) fn actor(&self) -> Actor {
        match self {
            Self::Nobody(address) => {
                Actor { means: Means::Person, id: "nobody".into(), name: "nobody".into(), address: *address }
            }
            Self::Person(person) => Actor {
                means: Means::Person,
                id: person.id.clone(),
                name: person.name.clone(),
                address: person.address,
            },
            Self::Token(token) => {
                Actor { means: Means::Token, id: token.id.clone(), name: token.name.clone(), address: token.address }
            }
        }
    }

    /// Where the request came from.
    pub(in crate::http) fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Nobody(address) => *address,
            Self::Person(person) => person.address,
            Self::Token(token) => token.address,
        }
    }

    /// The person, where it is one.
    pub(in crate::http) fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            _ => None,
        }
    }

    /// False as soon as what let them in to what everybody reads counts no more: for what stays open.
    pub(in crate::http) fn may_watch(&self, app: &App) -> bool {
        let people = app.people();
        let now = app.0.clock.now().wall;
        match self {
            Self::Nobody(_) => !app.0.ready.load().snapshot.page.private,
            Self::Person(person) => person.session.as_ref().is_none_or(|id| {
                let session = people.sessions.get(id).filter(|session| valid::is_alive(session, now));
                let account = session.and_then(|session| people.accounts.get(&session.account));
                account.is_some_and(|account| !account.disabled)
            }),
            Self::Token(token) => {
                people.tokens.get(&token.id).is_some_and(|token| token.expires_at.is_none_or(|end| now < end))
            }
        }
    }
}

/// Finds out who asks.
///
/// # Errors
/// Where a token is shown that does not count: it is not as good as none.
pub(super) async fn identify(
    app: &App,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    by_password: bool,
) -> Result<Caller, Fail> {
    let sign_on = app.sign_on();
    let address = forward::address(headers, peer, &sign_on);
    let now = app.0.clock.now().wall;
    if let Some(shown) = shown(headers, by_password) {
        let people = app.people();
        let token = valid::token(&people, &shown, now).ok_or(Fail::Token)?;
        if token.used_at.is_none_or(|used| now.duration_since(used).unsigned_abs() >= limits::SEEN_EVERY) {
            app.note(PeopleChange::Touch(now, Vec::new(), vec![token.id.clone()])).await;
        }
        return Ok(Caller::Token(program(token, address)));
    }
    if let Some(person) = sign_on.proxy.as_ref().and_then(|proxy| named(proxy, headers, peer, address)) {
        note_named(app, &person).await;
        return Ok(Caller::Person(person));
    }
    let Some(shown) = cookie::session(headers, app.is_secure(headers, peer)) else {
        return Ok(Caller::Nobody(address));
    };
    let people = app.people();
    let Some((session, account)) = valid::session(&people, &shown, now) else { return Ok(Caller::Nobody(address)) };
    if session.stage == Stage::Half {
        return Ok(Caller::Nobody(address));
    }
    if now.duration_since(session.seen_at).unsigned_abs() >= limits::SEEN_EVERY {
        app.note(PeopleChange::Touch(now, vec![session.id.clone()], Vec::new())).await;
    }
    Ok(Caller::Person(person(session, account, address, &sign_on)))
}

/// Whom a proxy names signs in with every request: the log says so once, and again after they were away for long.
async fn note_named(app: &App, person: &Person) {
    let now = app.0.clock.now().mono;
    let new = {
        let mut named = app.0.auth.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.retain(|_, seen| now.saturating_sub(*seen) < limits::SESSION_IDLE);
        named.len() < limits::ACCOUNTS && named.insert(person.id.clone(), now).is_none()
    };
    if new {
        let actor = Caller::Person(person.clone()).actor();
        if let Err(error) = app.change(actor, PeopleChange::Named).await {
            tracing::warn!(%error, "that somebody was signed in by the proxy could not be written down");
        }
    }
}

/// Our own tokens only: what a proxy in front passes on for itself is none of ours. `by_password`: it may also be the
/// password of a basic authentication. A browser sends that along unasked, so it counts on no route that a browser uses.
fn shown(headers: &HeaderMap, by_password: bool) -> Option<Cow<'_, str>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, shown) = value.split_once(' ')?;
    let token = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Cow::Borrowed(shown.trim()),
        "basic" if by_password => {
            let pair = String::from_utf8(BASE64.decode(shown.trim().as_bytes()).ok()?).ok()?;
            Cow::Owned(pair.split_once(':')?.1.to_owned())
        }
        _ => return None,
    };
    token.starts_with(random::TOKEN_PREFIX).then_some(token)
}

fn program(token: &Token, address: Option<IpAddr>) -> Program {
    Program { id: token.id.clone(), name: token.name.clone(), scopes: token.scopes.clone(), address }
}

fn person(session: &Session, account: &Account, address: Option<IpAddr>, sign_on: &SignOn) -> Person {
    let required = sign_on.second_factor || account.factor_required;
    Person {
        id: account.id.clone(),
        name: account.name.clone(),
        role: account.role,
        session: Some(session.id.clone()),
        must_enrol: required && account.factor.is_none() && account.delegated.is_none(),
        address,
    }
}

/// Whom a proxy names that may.
fn named(proxy: &ProxySignOn, headers: &HeaderMap, peer: Option<IpAddr>, address: Option<IpAddr>) -> Option<Person> {
    let peer = peer?.to_canonical();
    if !proxy.networks.iter().any(|network| network.contains(&peer)) {
        return None;
    }
    let read = |name: &str| {
        let mut values = headers.get_all(name).iter();
        // Two of them: one was sent by the client. Neither is believed.
        let one = values.next().filter(|_| values.next().is_none())?;
        one.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
    };
    let name: String = read(&proxy.header)?.chars().take(limits::ACCOUNT_NAME).collect();
    let groups = proxy.groups_header.as_deref().and_then(read).unwrap_or_default();
    let role = proxy.roles.of(groups.split(',').map(str::trim))?;
    Some(Person { id: format!("proxy:{name}"), name, role, session: None, must_enrol: false, address })
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        // There is one on every route: the check put it there.
        parts.extensions.get::<Self>().cloned().ok_or(Fail::Internal)
    }
}
