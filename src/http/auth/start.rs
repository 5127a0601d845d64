//! New sessions, and what the rest of `http` asks of people.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use axum::http::{HeaderMap, header};

use super::super::App;
use super::super::error::Fail;
use super::forward;
use crate::auth::{random, throttle};
use crate::ingest::operate::Answer;
use crate::limits;
use crate::model::actor::{Actor, Means};
use crate::model::command::{Command, Done, Order, Refused};
use crate::model::people::{Account, People, PeopleChange, Session, Stage};
use crate::model::signon::SignOn;

impl App {
    /// Everybody, as of now.
    pub(in crate::http) fn people(&self) -> Arc<People> {
        Arc::clone(&self.0.desk.borrow().people)
    }

    /// How people are let in, as of now.
    pub(in crate::http) fn sign_on(&self) -> Arc<SignOn> {
        Arc::clone(&self.0.auth.sign_on.borrow())
    }

    /// Whether cookies go over TLS only: the page's address says so, or a proxy of ours does.
    pub(in crate::http) fn is_secure(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> bool {
        let https = self.0.ready.load().snapshot.page.url.as_deref().is_some_and(|url| url.starts_with("https://"));
        https || forward::is_https(headers, peer, &self.sign_on())
    }

    /// Has something of people changed, and answers when it is on disk.
    ///
    /// # Errors
    /// Why it was not.
    pub(in crate::http) async fn change(&self, actor: Actor, change: PeopleChange) -> Result<Done, Refused> {
        match self.0.door.order(Order { actor, command: Command::People(change) }, None).await? {
            Answer::Done(done, _) => Ok(done),
            // Only what has a key is ever answered so.
            Answer::Again(_) => Ok(Done::Gone),
        }
    }

    /// An attempt was right after all.
    pub(super) async fn clear(&self, keys: Vec<String>) {
        self.note(PeopleChange::Cleared(keys)).await;
    }

    /// The same for what nobody waits for and nobody asked for.
    pub(super) async fn note(&self, change: PeopleChange) {
        if let Err(error) = self.change(Actor::program(), change).await {
            tracing::debug!(%error, "that somebody was seen could not be written down");
        }
    }
}

/// A new session, with what its cookie is to hold.
///
/// # Errors
/// Where the system gives no random bytes.
pub(super) fn session(
    app: &App,
    account: &str,
    stage: Stage,
    headers: &HeaderMap,
    address: Option<IpAddr>,
) -> Result<(Session, String), Fail> {
    let secret = secret()?;
    let digest = random::digest(&secret);
    let now = app.0.clock.now().wall;
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let session = Session {
        id: random::id_of(&digest),
        digest,
        account: account.to_owned(),
        stage,
        created_at: now,
        seen_at: now,
        address,
        agent: agent.chars().filter(|c| !c.is_control()).take(limits::AGENT).collect(),
    };
    Ok((session, secret))
}

/// A new secret.
///
/// # Errors
/// Where the system gives no random bytes.
pub(super) fn secret() -> Result<String, Fail> {
    random::secret().map_err(no_random)
}

pub(super) fn no_random(error: random::RandomError) -> Fail {
    tracing::error!(%error, "the system gives no random bytes");
    Fail::Internal
}

/// Counts an attempt before it is heard, and says what it counts against.
///
/// # Errors
/// Where too many failed before it.
pub(super) async fn attempt(
    app: &App,
    name: &str,
    account: Option<&Account>,
    address: Option<IpAddr>,
) -> Result<Vec<String>, Fail> {
    let now = app.0.clock.now().wall;
    let waiting = || app.0.auth.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let keys = waiting().keys(throttle::keys(name, account, address), now);
    let held = throttle::held_until(&app.people(), &keys, now);
    let counted = match held {
        Some(until) => Err(Refused::Held { until }),
        None => app.change(Actor::program(), PeopleChange::Attempt(keys.clone())).await,
    };
    if matches!(counted, Err(Refused::Held { .. })) {
        waiting().held(&keys, now);
    }
    counted.map_err(|refused| app.refused(refused))?;
    Ok(keys)
}

/// Writes down that an attempt failed.
///
/// # Errors
/// Where it cannot be stored.
pub(super) async fn failed(
    app: &App,
    account: Option<&Account>,
    address: Option<IpAddr>,
    why: &str,
) -> Result<(), Fail> {
    let (id, name) = account.map_or(("nobody", "nobody"), |account| (&account.id, &account.name));
    let actor = Actor { means: Means::Person, id: id.to_owned(), name: name.to_owned(), address };
    let change = PeopleChange::Failed(account.map(|account| account.id.clone()), why.to_owned());
    app.change(actor, change).await.map_err(|refused| app.refused(refused))?;
    Ok(())
}

impl App {
    /// Why an order was refused, as an answer.
    pub(in crate::http) fn refused(&self, refused: Refused) -> Fail {
        match refused {
            Refused::Held { until } => {
                let wait = until.duration_since(self.0.clock.now().wall).as_secs();
                Fail::Held(u64::try_from(wait).unwrap_or(0).saturating_add(1))
            }
            other => other.into(),
        }
    }
}
