//! The API over people, tokens and the audit log.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::App;
use super::super::error::Fail;
use super::super::wire::{List, Problem};
use super::super::write::Asked;
use super::pages::{account_name, people as invited, tokens as issued};
use super::rows::{self, Shape, Wanted};
use super::{Access, Caller, Routes};
use crate::limits;
use crate::model::actor::Role;
use crate::model::command::Done;
use crate::model::people as model;
use crate::model::people::{AccountEdit, PeopleChange, Scope};

const ADMIN: Access = Access::Api(Role::Admin, Scope::Admin);

/// All of it.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/tokens", ADMIN, tokens)
        .post("/api/v1/tokens", ADMIN, make_token)
        .delete("/api/v1/tokens/{id}", ADMIN, revoke_token)
        .get("/api/v1/people", ADMIN, people)
        .post("/api/v1/people", ADMIN, invite)
        .patch("/api/v1/people/{id}", ADMIN, update)
        .get("/api/v1/audit", ADMIN, audit)
}

/// A token, without what it is shown by.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Token {
    /// Its id.
    id: String,
    /// For people.
    name: String,
    /// How it begins.
    prefix: String,
    /// What it may be used for.
    scopes: Vec<&'static str>,
    /// It is worth nothing from then on.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was last used, to a few minutes.
    #[schema(value_type = Option<String>, format = DateTime)]
    used_at: Option<Timestamp>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who made it.
    author: String,
}

impl Token {
    fn of(token: &model::Token) -> Self {
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            prefix: token.prefix.clone(),
            scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
            expires_at: token.expires_at,
            used_at: token.used_at,
            created_at: token.created_at,
            author: token.author.clone(),
        }
    }
}

/// A token that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewToken {
    /// Which program it is for.
    name: String,
    /// What it may be used for: `read`, `incidents:write`, `maintenances:write`, `verdicts:write`, `sources:write`,
    /// `subscribers:write`, `messages:write`, `admin`.
    scopes: Vec<String>,
    /// It is worth nothing from then on; without: until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A token that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct MadeToken {
    /// What to show. It is in this answer and nowhere else.
    token: String,
    #[serde(flatten)]
    about: Token,
}

/// Somebody who may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Person {
    /// Their id.
    id: String,
    /// Rises with every change.
    version: u64,
    /// What they sign in with.
    name: String,
    /// `viewer`, `operator` or `admin`.
    role: &'static str,
    /// They cannot sign in.
    disabled: bool,
    /// They have a second factor.
    second_factor: bool,
    /// They must have one.
    second_factor_required: bool,
    /// They have not joined yet.
    invited: bool,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl Person {
    fn of(account: &model::Account) -> Self {
        Self {
            id: account.id.clone(),
            version: account.version,
            name: account.name.clone(),
            role: account.role.as_str(),
            disabled: account.disabled,
            second_factor: account.factor.is_some(),
            second_factor_required: account.factor_required,
            invited: account.invitation.is_some(),
            created_at: account.created_at,
        }
    }
}

/// Somebody who is to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewPerson {
    /// What they sign in with.
    name: String,
    /// `viewer`, `operator` or `admin`.
    role: String,
    /// They must have a second factor.
    #[serde(default)]
    second_factor_required: bool,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Invited {
    /// Where they choose a password, once. It is in this answer and nowhere else.
    join: String,
    #[serde(flatten)]
    about: Person,
}

/// What to change of somebody; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PersonChange {
    /// `viewer`, `operator` or `admin`.
    role: Option<String>,
    /// They cannot sign in; all their sessions end.
    disabled: Option<bool>,
    /// They must have a second factor.
    second_factor_required: Option<bool>,
    /// The version that was seen; another one in force refuses the change.
    version: Option<u64>,
}

/// Which rows of the log are wanted.
#[derive(Debug, Deserialize)]
pub(in crate::http) struct AuditQuery {
    actor: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

fn role(word: &str) -> Result<Role, Fail> {
    let problem = || Fail::Parameter { name: "role", problem: "is one of viewer, operator, admin".to_owned() };
    Role::from_word(word).ok_or_else(problem)
}

/// Tokens, the newest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "people",
    responses((status = 200, description = "all of them, without what they are shown by", body = List<Token>),
        (status = 401, description = "no token, or one that does not count", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the scope `admin` is missing", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn tokens(State(app): State<App>) -> Json<List<Token>> {
    let mut items: Vec<Token> = app.people().tokens.values().map(Token::of).collect();
    items.sort_by_key(|token| std::cmp::Reverse(token.created_at));
    Json(List { items, next: None })
}

/// Makes a token.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "people", request_body = NewToken,
    responses((status = 201, description = "made; what to show is in this answer and nowhere else", body = MadeToken),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the scope `admin` is missing", body = Problem, content_type = "application/problem+json"),
        (status = 507, description = "it cannot be stored", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn make_token(
    State(app): State<App>,
    caller: Caller,
    asked: Asked,
) -> Result<(StatusCode, Json<MadeToken>), Fail> {
    let new: NewToken = asked.json()?;
    let scopes: Option<Vec<Scope>> = new.scopes.iter().map(|word| Scope::from_word(word)).collect();
    let problem = || {
        "names a scope that is none; they are read, incidents:write, maintenances:write, verdicts:write, \
         sources:write, subscribers:write, messages:write, admin"
    };
    let scopes = scopes.ok_or_else(|| Fail::Parameter { name: "scopes", problem: problem().to_owned() })?;
    let wanted = issued::Asked { name: new.name, scopes, expires_at: new.expires_at };
    let (made, token) = issued::issue(&app, &caller, wanted).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token, about: Token::of(&made) })))
}

/// Makes a token worthless, at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 204, description = "it is worth nothing any more"),
        (status = 404, description = "no such token", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Fail> {
    let done = app.change(caller.actor(), PeopleChange::RevokeToken(id)).await;
    done.map_err(|refused| app.refused(refused))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everybody who may sign in, by name.
#[utoipa::path(get, path = "/api/v1/people", tag = "people",
    responses((status = 200, description = "all of them", body = List<Person>),
        (status = 403, description = "the scope `admin` is missing", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn people(State(app): State<App>) -> Json<List<Person>> {
    let mut items: Vec<Person> = app.people().accounts.values().map(Person::of).collect();
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Json(List { items, next: None })
}

/// Invites somebody.
#[utoipa::path(post, path = "/api/v1/people", tag = "people", request_body = NewPerson,
    responses((status = 201, description = "invited; the path to join by is in this answer and nowhere else", body = Invited),
        (status = 400, description = "a value is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "nobody signs in by password here", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn invite(
    State(app): State<App>,
    caller: Caller,
    asked: Asked,
) -> Result<(StatusCode, Json<Invited>), Fail> {
    let new: NewPerson = asked.json()?;
    let wrong = |problem: &str| Fail::Parameter { name: "name", problem: problem.to_owned() };
    let name = account_name(&new.name).map_err(wrong)?;
    let required = new.second_factor_required;
    let (name, code) = invited::make(&app, &caller, name, role(&new.role)?, required).await?;
    let about = app.people().named(&name).map(Person::of).ok_or(Fail::Internal)?;
    Ok((StatusCode::CREATED, Json(Invited { join: format!("/admin/join?code={code}"), about })))
}

/// Changes what somebody may do.
#[utoipa::path(patch, path = "/api/v1/people/{id}", tag = "people", params(("id" = String, Path)), request_body = PersonChange,
    responses((status = 200, description = "as they stand now", body = Person),
        (status = 404, description = "nobody of this id", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "nobody would be left who may admit people", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "another version is in force", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Json<Person>, Fail> {
    let change: PersonChange = asked.json()?;
    let edit = AccountEdit {
        role: change.role.as_deref().map(role).transpose()?,
        disabled: change.disabled,
        factor_required: change.second_factor_required,
    };
    let done = app.change(caller.actor(), PeopleChange::Update(id, change.version, edit)).await;
    match done.map_err(|refused| app.refused(refused))? {
        Done::Account(account) => Ok(Json(Person::of(&account))),
        _ => Err(Fail::Internal),
    }
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "people",
    params(("actor" = Option<String>, Query, description = "by whom: the id, or a part of the name"),
        ("action" = Option<String>, Query, description = "of which kind, by its beginning: `sign_in`"),
        ("subject" = Option<String>, Query, description = "about this id"),
        ("limit" = Option<u32>, Query, description = "1 to 100"),
        ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, description = "a part of the log", body = List<Shape>),
        (status = 400, description = "a parameter is wrong", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the scope `admin` is missing", body = Problem, content_type = "application/problem+json")))]
pub(in crate::http) async fn audit(
    State(app): State<App>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<List<Shape>>, Fail> {
    let AuditQuery { actor, action, subject, limit, cursor } = query;
    let limit = limit.unwrap_or(limits::LIST_PAGE);
    if !(1..=limits::LIST_PAGE).contains(&limit) {
        return Err(Fail::Parameter { name: "limit", problem: format!("is 1 to {}", limits::LIST_PAGE) });
    }
    let part = rows::part(&app, &Wanted { actor, action, subject }, cursor, limit).await?;
    Ok(Json(List { items: part.items.iter().map(Shape::of).collect(), next: part.next }))
}
