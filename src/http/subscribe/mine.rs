//! What a signed link opens: one subscription, for whoever got the mail.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::choice::{Choices, Chosen, impact_label, label};
use super::form::sees_all;
use crate::http::auth::{Fields, Visit};
use crate::http::error::Fail;
use crate::http::wire::subscriber::Whole;
use crate::model::actor::Actor;
use crate::model::command::{Done, Refused};
use crate::model::snapshot::Snapshot;
use crate::model::subscriber::{Interest, Subscriber, SubscriberChange};
use crate::rules::subscribers::{self, Purpose, Subscribers, holder, link, token};

const CONFIRM: &str = "reader/confirm.html";
const MANAGE: &str = "reader/manage.html";
const LEAVE: &str = "reader/leave.html";
const TOLD: &str = "reader/told.html";

/// A few words and a way on.
#[derive(Debug, Serialize)]
struct Told {
    title: &'static str,
    text: &'static str,
    /// There is a form to sign up.
    subscribe: bool,
}

fn told(visit: &Visit, title: &'static str, text: &'static str) -> Told {
    Told { title, text, subscribe: visit.app.0.ready.load().snapshot.page.subscribe }
}

/// Whatever is wrong with a link, the answer is this.
fn stale(visit: &Visit) -> Result<Response, Fail> {
    let view = told(
        visit,
        "This link does not work any more",
        "It may be older than two days, belong to a subscription that ended, or have been cut off in the mail: copy \
         all of it.",
    );
    visit.refuse(TOLD, "Nothing was changed.", StatusCode::NOT_FOUND, &view)
}

/// Everybody who is told, as of now.
fn all(visit: &Visit) -> Arc<Subscribers> {
    Arc::clone(&visit.app.0.desk.borrow().subscribers)
}

/// Whose link it is, for one of these purposes.
fn holding(visit: &Visit, purposes: &[Purpose]) -> Option<Arc<Subscriber>> {
    let (all, now) = (all(visit), visit.app.0.clock.now().wall);
    let token = visit.query("token");
    purposes.iter().find_map(|purpose| holder(&all, token, *purpose, now)).cloned()
}

/// The same, counted against whoever shows it.
fn find(visit: &Visit, purpose: Purpose) -> Result<Option<Arc<Subscriber>>, Fail> {
    visit.app.costly(&visit.caller)?;
    Ok(holding(visit, &[purpose]))
}

/// What a subscription is, in words.
#[derive(Debug, Serialize)]
struct Words {
    what: String,
    impact: &'static str,
    digest: &'static str,
}

fn words(snapshot: &Snapshot, interest: &Interest) -> Words {
    Words {
        what: label(snapshot, &interest.wants),
        impact: impact_label(interest.wants.impact),
        digest: match subscribers::digest_word(interest.digest) {
            "daily" => "once a day",
            "weekly" => "once a week",
            _ => "as it happens",
        },
    }
}

#[derive(Debug, Serialize)]
struct Question {
    token: String,
    address: String,
    asked: Words,
    /// What it takes the place of.
    before: Option<Words>,
    done: bool,
    manage: String,
}

/// Shows the button. Nothing is changed.
pub(super) async fn question(visit: Visit) -> Result<Response, Fail> {
    let Some(one) = find(&visit, Purpose::Confirm)? else { return stale(&visit) };
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let (now, confirmed) = (one.interest(), one.confirmed_at.is_some());
    let view = Question {
        token: visit.query("token").to_owned(),
        address: one.address().unwrap_or_default().to_owned(),
        asked: words(&snapshot, one.proposed.as_ref().unwrap_or(&now)),
        before: confirmed.then(|| words(&snapshot, &now)).filter(|_| one.proposed.is_some()),
        done: confirmed && one.proposed.is_none(),
        manage: link(&one, Purpose::Manage),
    };
    visit.show(CONFIRM, &view)
}

pub(super) async fn confirm(visit: Visit) -> Result<Response, Fail> {
    visit.app.costly(&visit.caller)?;
    changed(&visit, SubscriberChange::Confirm(visit.query("token").to_owned()), "confirmed").await
}

/// Has something changed by the token that was shown, and leads to the subscription.
async fn changed(visit: &Visit, change: SubscriberChange, said: &str) -> Result<Response, Fail> {
    match visit.app.subscriber(Actor::reader(), change).await {
        Ok(Done::Subscriber(one)) => Ok(visit.go(&format!("{}&said={said}", link(&one, Purpose::Manage)))),
        Ok(_) => Err(Fail::Internal),
        Err(Refused::NotFound(_)) => stale(visit),
        Err(refused) => Err(visit.app.refused(refused)),
    }
}

#[derive(Debug, Serialize)]
struct Managed {
    token: String,
    leave: String,
    address: String,
    choices: Choices,
    what_error: String,
    confirmed: bool,
    suspended: Option<&'static str>,
    restarts: bool,
}

fn managed(visit: &Visit, one: &Subscriber, chosen: Chosen) -> Managed {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let why = one.suspended.as_ref().map(|(_, why)| why.as_str());
    Managed {
        token: visit.query("token").to_owned(),
        leave: token(one, Purpose::Leave),
        address: one.address().unwrap_or_default().to_owned(),
        choices: Choices::new(&snapshot, chosen, sees_all(visit)),
        what_error: String::new(),
        confirmed: one.confirmed_at.is_some(),
        suspended: why.map(|why| match why {
            subscribers::BOUNCE => "Messages to this address came back, so nothing is sent to it now.",
            subscribers::COMPLAINT => "Your mail provider says that you did not want a message, so none is sent now.",
            _ => "An admin of this page stopped these messages.",
        }),
        restarts: why.is_some_and(|why| matches!(why, subscribers::BOUNCE | subscribers::COMPLAINT)),
    }
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    let Some(one) = find(&visit, Purpose::Manage)? else { return stale(&visit) };
    visit.show(MANAGE, &managed(&visit, &one, Chosen::of(&one.interest())))
}

pub(super) async fn change(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let Some(one) = find(&visit, Purpose::Manage)? else { return stale(&visit) };
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let text = |name: &str| fields.get(name).to_owned();
    let chosen = Chosen { what: text("what"), impact: text("impact"), digest: text("digest") };
    match chosen.read(&snapshot, Some(&one.interest())) {
        Ok(interest) => {
            let change = SubscriberChange::Change(visit.query("token").to_owned(), interest);
            changed(&visit, change, "saved").await
        }
        Err(_) => {
            let mut view = managed(&visit, &one, Chosen::of(&one.interest()));
            view.what_error = "cannot be chosen any more: choose again".to_owned();
            visit.wrong(MANAGE, "Nothing was changed: see below.", &view)
        }
    }
}

pub(super) async fn restart(visit: Visit) -> Result<Response, Fail> {
    visit.app.costly(&visit.caller)?;
    changed(&visit, SubscriberChange::Restart(visit.query("token").to_owned()), "started").await
}

/// Everything that is known of them, as a file.
pub(super) async fn data(visit: Visit) -> Result<Response, Fail> {
    let Some(one) = find(&visit, Purpose::Manage)? else { return stale(&visit) };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"subscription.json\"")),
    ];
    Ok((headers, serde_json::to_string_pretty(&Whole::of(&one))?).into_response())
}

#[derive(Debug, Serialize)]
struct Leaving {
    token: String,
    address: String,
}

/// Shows the button. Nothing is changed.
pub(super) async fn sure(visit: Visit) -> Result<Response, Fail> {
    visit.app.costly(&visit.caller)?;
    let Some(one) = holding(&visit, &[Purpose::Leave, Purpose::Manage]) else { return stale(&visit) };
    let (token, address) = (visit.query("token").to_owned(), one.address().unwrap_or_default().to_owned());
    visit.show(LEAVE, &Leaving { token, address })
}

/// They leave, by the button or by one click in their mail program. A good link works once, and is never counted: a
/// mail provider leaves for many at once.
pub(super) async fn leave(visit: Visit) -> Result<Response, Fail> {
    if holding(&visit, &[Purpose::Leave, Purpose::Manage]).is_none() {
        visit.app.costly(&visit.caller)?;
        return stale(&visit);
    }
    match visit.app.subscriber(Actor::reader(), SubscriberChange::Leave(visit.query("token").to_owned())).await {
        Ok(_) => {
            let text = "Nothing more is sent to you. Your address and all that was kept with it is erased.";
            visit.show(TOLD, &told(&visit, "You have left", text))
        }
        Err(Refused::NotFound(_)) => stale(&visit),
        Err(refused) => Err(visit.app.refused(refused)),
    }
}
