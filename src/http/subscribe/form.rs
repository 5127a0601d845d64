//! Signing up.

use axum::response::Response;
use serde::Serialize;

use super::choice::{Choices, Chosen, what};
use crate::auth::random;
use crate::http::auth::{Caller, Fields, Visit};
use crate::http::error::Fail;
use crate::model::actor::Actor;
use crate::model::people::Hidden;
use crate::model::subscriber::{Interest, Reach, Subscriber, SubscriberChange};
use crate::rules::subscribers;

const PAGE: &str = "reader/subscribe.html";

#[derive(Debug, Serialize)]
struct View {
    address: String,
    address_error: String,
    what_error: String,
    choices: Choices,
    sources: usize,
}

/// Refuses what nobody could be told by, and whoever asks too often.
fn open(visit: &Visit) -> Result<(), Fail> {
    if !visit.app.0.ready.load().snapshot.page.subscribe {
        return Err(Fail::NotFound("page"));
    }
    visit.app.costly(&visit.caller)
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    open(&visit)?;
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let asked = ["incident", "source", "service", "tag"].into_iter().find_map(|kind| {
        let of = visit.query(kind);
        what(&snapshot, kind, of).map(|_| format!("{kind}:{of}"))
    });
    let what = asked.unwrap_or_else(|| "all".to_owned());
    let chosen = Chosen { what, impact: String::new(), digest: "none".to_owned() };
    visit.show(PAGE, &view(&visit, chosen))
}

fn view(visit: &Visit, chosen: Chosen) -> View {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    View {
        address: String::new(),
        address_error: String::new(),
        what_error: String::new(),
        choices: Choices::new(&snapshot, chosen, true),
        sources: snapshot.sources.len(),
    }
}

pub(super) async fn send(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    open(&visit)?;
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let text = |name: &str| fields.get(name).to_owned();
    let chosen = Chosen { what: text("what"), impact: text("impact"), digest: text("digest") };
    let address = subscribers::address(fields.get("address"));
    let interest = chosen.read(&snapshot, None);
    match (address, interest) {
        (Ok(address), Ok(interest)) => {
            let new = reader(&visit.app, Reach::Mail(address), interest)?;
            let done = visit.app.subscriber(Actor::reader(), SubscriberChange::Ask(Box::new(new))).await;
            done.map_err(|refused| visit.app.refused(refused))?;
            Ok(visit.go("/subscribe?said=asked"))
        }
        (address, interest) => {
            let what_error = interest.err().map(|_| "cannot be chosen any more: choose again".to_owned());
            let again = match what_error {
                Some(_) => Chosen { what: "all".to_owned(), impact: String::new(), digest: "none".to_owned() },
                None => chosen,
            };
            let view = View {
                address: text("address"),
                address_error: address.err().unwrap_or_default().to_owned(),
                what_error: what_error.unwrap_or_default(),
                ..view(&visit, again)
            };
            visit.wrong(PAGE, "Nothing is sent yet: see below.", &view)
        }
    }
}

/// Somebody, or some tool, with an id and a key of its own; nothing of them is kept yet.
pub(in crate::http) fn reader(app: &crate::http::App, reach: Reach, interest: Interest) -> Result<Subscriber, Fail> {
    let no_random = |error: random::RandomError| {
        tracing::error!(%error, "the system gives no random bytes");
        Fail::Internal
    };
    let Interest { wants, digest } = interest;
    Ok(Subscriber {
        id: random::id().map_err(no_random)?,
        version: 1,
        reach,
        wants,
        digest,
        key: Hidden::new(random::secret().map_err(no_random)?),
        made_at: app.0.clock.now().wall,
        confirmed_at: None,
        asked_at: Vec::new(),
        suspended: None,
        proposed: None,
    })
}

/// True for somebody who may see all that is watched.
pub(super) fn sees_all(visit: &Visit) -> bool {
    !visit.app.0.ready.load().snapshot.page.private || !matches!(visit.caller, Caller::Nobody(_))
}
