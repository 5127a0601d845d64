//! What programs are let in by: made, shown once, revoked.

use axum::extract::Path;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::super::super::App;
use super::super::super::error::Fail;
use super::super::{Caller, Fields, Visit, start};
use super::factor::Once;
use crate::auth::random;
use crate::limits;
use crate::model::people::{PeopleChange, Scope, Token};
use crate::render::{Time, time};

const PAGE: &str = "admin/tokens.html";
const ONCE: &str = "admin/once.html";

#[derive(Debug, Serialize)]
struct View {
    rows: Vec<Row>,
    scopes: Vec<Offered>,
    name: String,
    name_error: String,
    days_error: String,
    scope_error: String,
}

#[derive(Debug, Serialize)]
struct Offered {
    id: String,
    word: &'static str,
    about: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    prefix: String,
    scopes: Vec<&'static str>,
    expires: Option<Time>,
    expired: bool,
    used: Option<Time>,
    since: Time,
    author: String,
}

fn about(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read what is private",
        Scope::Incidents => "declare and change incidents",
        Scope::Maintenances => "plan and change maintenances",
        Scope::Verdicts => "judge vendors’ incidents, set states by hand",
        Scope::Sources => "change what is watched",
        Scope::Subscribers => "see, add and remove those who are told",
        Scope::Messages => "see what channels were told, try them out, send again",
        Scope::Admin => "everything, people and tokens as well",
    }
}

fn view(visit: &Visit) -> View {
    let (people, now) = (visit.app.people(), visit.app.0.clock.now().wall);
    let mut tokens: Vec<&Token> = people.tokens.values().collect();
    tokens.sort_by_key(|token| std::cmp::Reverse(token.created_at));
    let rows = tokens.into_iter().map(|token| Row {
        id: token.id.clone(),
        name: token.name.clone(),
        prefix: token.prefix.clone(),
        scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
        expires: token.expires_at.map(time),
        expired: token.expires_at.is_some_and(|end| end <= now),
        used: token.used_at.map(time),
        since: time(token.created_at),
        author: token.author.clone(),
    });
    let offered = |scope: Scope| Offered {
        id: format!("scope-{}", scope.as_str().replace(':', "-")),
        word: scope.as_str(),
        about: about(scope),
    };
    View {
        rows: rows.collect(),
        scopes: Scope::ALL.into_iter().map(offered).collect(),
        name: String::new(),
        name_error: String::new(),
        days_error: String::new(),
        scope_error: String::new(),
    }
}

pub(super) async fn show(visit: Visit) -> Result<Response, Fail> {
    visit.show(PAGE, &view(&visit))
}

pub(super) async fn make(visit: Visit, fields: Fields) -> Result<Response, Fail> {
    let scopes: Vec<Scope> = fields.all("scope").filter_map(Scope::from_word).collect();
    let days = match fields.get("days").trim() {
        "" => Ok(None),
        days => days.parse::<u32>().map(Some).map_err(|_| ()),
    };
    let now = visit.app.0.clock.now().wall;
    let until = days.ok().map(|days| days.map(|days| after(now, days)));
    let asked = Asked { name: fields.get("name").to_owned(), scopes, expires_at: until.flatten() };
    let made = match until {
        Some(_) => issue(&visit.app, &visit.caller, asked).await,
        None => Err(Fail::Parameter { name: "days", problem: "is no number of days".to_owned() }),
    };
    let mut view = view(&visit);
    match made {
        Ok((token, shown)) => {
            let text = format!(
                "This is the token “{}”. It is not shown again: put it where its program finds it.",
                token.name
            );
            return visit.show(ONCE, &Once { title: "The new token", text, lines: vec![shown], back: "/admin/tokens" });
        }
        Err(Fail::Parameter { name: "name", problem }) => view.name_error = problem,
        Err(Fail::Parameter { name: "scopes", problem }) => view.scope_error = problem,
        Err(Fail::Parameter { problem, .. }) => view.days_error = problem,
        Err(fail) => return Err(fail),
    }
    view.name = fields.get("name").to_owned();
    visit.wrong(PAGE, "No token was made: see below.", &view)
}

fn after(now: Timestamp, days: u32) -> Timestamp {
    let hours = i64::from(days).saturating_mul(24);
    now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX)
}

/// A token that somebody asks for.
pub(in crate::http) struct Asked {
    /// For people.
    pub(in crate::http) name: String,
    /// What it may be used for.
    pub(in crate::http) scopes: Vec<Scope>,
    /// It is worth nothing from then on.
    pub(in crate::http) expires_at: Option<Timestamp>,
}

/// Makes a token, and gives it in the only form in which it is ever shown.
pub(in crate::http) async fn issue(app: &App, caller: &Caller, asked: Asked) -> Result<(Token, String), Fail> {
    let wrong = |name, problem: &str| Err(Fail::Parameter { name, problem: problem.to_owned() });
    let name: String = asked.name.trim().chars().filter(|c| !c.is_control()).collect();
    let now = app.0.clock.now().wall;
    if name.is_empty() || name.chars().count() > limits::ACCOUNT_NAME {
        return wrong("name", "needs 1 to 100 characters: say which program it is for");
    }
    if asked.scopes.is_empty() {
        return wrong(
            "scopes",
            "names none of: read, incidents:write, maintenances:write, verdicts:write, sources:write, \
             subscribers:write, messages:write, admin",
        );
    }
    if asked.expires_at.is_some_and(|end| end <= now) {
        return wrong("expires_at", "is over already");
    }
    let mut scopes = asked.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    let shown = random::token().map_err(start::no_random)?;
    let digest = random::digest(&shown);
    let actor = caller.actor();
    let token = Token {
        id: random::id_of(&digest),
        digest,
        name,
        prefix: random::shown(&shown),
        scopes,
        expires_at: asked.expires_at,
        used_at: None,
        created_at: now,
        author: actor.name.clone(),
    };
    let change = PeopleChange::AddToken(Box::new(token.clone()));
    app.change(actor, change).await.map_err(|refused| app.refused(refused))?;
    Ok((token, shown))
}

pub(super) async fn revoke(visit: Visit, Path(id): Path<String>) -> Result<Response, Fail> {
    visit.change(PeopleChange::RevokeToken(id)).await?;
    Ok(visit.go("/admin/tokens?said=revoked"))
}
