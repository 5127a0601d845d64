//! The stored shapes of accounts, sessions, tokens and throttles. Passwords and tokens are only here as hashes.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Word, is_false};
use crate::model::actor::Role;
use crate::model::people as model;
use crate::model::people::{Hidden, Scope, Stage};

#[derive(Serialize, Deserialize)]
pub struct Account {
    version: u64,
    name: String,
    role: Word<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor: Option<Factor>,
    #[serde(default, skip_serializing_if = "is_false")]
    factor_required: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    disabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invitation: Option<(String, Timestamp)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delegated: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Vec<IpAddr>,
    created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Factor {
    secret: String,
    used_step: u64,
    recovery: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Session {
    digest: String,
    account: String,
    half: bool,
    created_at: Timestamp,
    seen_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    agent: String,
}

#[derive(Serialize, Deserialize)]
pub struct Token {
    digest: String,
    name: String,
    prefix: String,
    scopes: Vec<Word<Scope>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<Timestamp>,
    created_at: Timestamp,
    author: String,
}

#[derive(Serialize, Deserialize)]
pub struct Throttle {
    failures: u32,
    at: Timestamp,
    until: Timestamp,
}

fn revealed(hidden: Option<&Hidden>) -> Option<String> {
    hidden.map(|hidden| hidden.reveal().to_owned())
}

pub fn account(from: &model::Account) -> Account {
    let factor = from.factor.as_ref().map(|factor| Factor {
        secret: factor.secret.reveal().to_owned(),
        used_step: factor.used_step,
        recovery: factor.recovery.clone(),
    });
    Account {
        version: from.version,
        name: from.name.clone(),
        role: Word(from.role),
        password: revealed(from.password.as_ref()),
        factor,
        factor_required: from.factor_required,
        disabled: from.disabled,
        invitation: from.invitation.as_ref().map(|one| (one.digest.clone(), one.until)),
        delegated: from.delegated.clone(),
        places: from.places.clone(),
        created_at: from.created_at,
    }
}

pub fn account_back(id: &str, shape: Account) -> model::Account {
    let factor = |factor: Factor| model::Factor {
        secret: Hidden::new(factor.secret),
        used_step: factor.used_step,
        recovery: factor.recovery,
    };
    model::Account {
        id: id.to_owned(),
        version: shape.version,
        name: shape.name,
        role: shape.role.0,
        password: shape.password.map(Hidden::new),
        factor: shape.factor.map(factor),
        factor_required: shape.factor_required,
        disabled: shape.disabled,
        invitation: shape.invitation.map(|(digest, until)| model::Invitation { digest, until }),
        delegated: shape.delegated,
        places: shape.places,
        created_at: shape.created_at,
    }
}

pub fn session(from: &model::Session) -> Session {
    Session {
        digest: from.digest.clone(),
        account: from.account.clone(),
        half: from.stage == Stage::Half,
        created_at: from.created_at,
        seen_at: from.seen_at,
        address: from.address,
        agent: from.agent.clone(),
    }
}

pub fn session_back(id: &str, shape: Session) -> model::Session {
    model::Session {
        id: id.to_owned(),
        digest: shape.digest,
        account: shape.account,
        stage: if shape.half { Stage::Half } else { Stage::Whole },
        created_at: shape.created_at,
        seen_at: shape.seen_at,
        address: shape.address,
        agent: shape.agent,
    }
}

pub fn token(from: &model::Token) -> Token {
    Token {
        digest: from.digest.clone(),
        name: from.name.clone(),
        prefix: from.prefix.clone(),
        scopes: from.scopes.iter().copied().map(Word).collect(),
        expires_at: from.expires_at,
        used_at: from.used_at,
        created_at: from.created_at,
        author: from.author.clone(),
    }
}

pub fn token_back(id: &str, shape: Token) -> model::Token {
    model::Token {
        id: id.to_owned(),
        digest: shape.digest,
        name: shape.name,
        prefix: shape.prefix,
        scopes: shape.scopes.into_iter().map(|word| word.0).collect(),
        expires_at: shape.expires_at,
        used_at: shape.used_at,
        created_at: shape.created_at,
        author: shape.author,
    }
}

pub fn throttle(from: &model::Throttle) -> Throttle {
    Throttle { failures: from.failures, at: from.at, until: from.until }
}

pub fn throttle_back(key: &str, shape: Throttle) -> model::Throttle {
    model::Throttle { key: key.to_owned(), failures: shape.failures, at: shape.at, until: shape.until }
}
