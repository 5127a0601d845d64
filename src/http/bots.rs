//! People who ask and command from Slack and Telegram: shown to come from there, known by name, with the rights that
//! their account has at that moment.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request as HttpRequest, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::auth::Caller;
use super::error::Fail;
use super::wire::Problem;
use super::write::{new_id, shown, title, words};
use crate::auth::random;
use crate::bots::{self, Request};
use crate::inbound::Asked;
use crate::inbound::verify::{Denied, Key, Signature};
use crate::ingest::operate::{Answer, Once};
use crate::limits;
use crate::model::actor::{Actor, Means, Role};
use crate::model::command::{Command, Judgement, Opening, Order, Post, Refused};
use crate::model::desk::Mute;
use crate::model::id::{IncidentId, ServiceId, kebab};
use crate::model::incident::Phase;
use crate::model::level::Impact;
use crate::model::local::{Hit, Words};
use crate::model::signon::Bot;
use crate::model::snapshot::Snapshot;

/// Characters of an id that stand for the whole of it.
const SHORTEST: usize = 4;
const TELEGRAM_SECRET: &str = "x-telegram-bot-api-secret-token";

/// What somebody typed, and where.
struct Typed<'a> {
    /// What the chat calls them.
    user: &'a str,
    /// Which chat.
    chat: &'static str,
    /// The line.
    line: &'a str,
    /// The same for the same message, however often it comes.
    once: String,
    /// Who asks over HTTP.
    caller: &'a Caller,
}

/// A slash command from Slack, signed by it. Answered in the channel's own form, to whoever typed it; what changes
/// something is shown to the channel.
#[utoipa::path(post, path = "/hooks/slack", tag = "hooks",
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", description = "as Slack sends it: `user_id`, `text`"),
    responses((status = 200, description = "words for the channel", content_type = "application/json"),
        (status = 401, description = "it is not signed, or too old", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`bots.slack` is not configured", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn slack(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    request: HttpRequest,
) -> Result<Response, Fail> {
    let sign_on = app.sign_on();
    let bot = sign_on.slack.as_ref().ok_or(Fail::NotFound("hook"))?;
    let body = body(request).await?;
    let key = Key::new(Signature::Slack, &SecretString::from(bot.secret.reveal())).map_err(|_| Denied::Wrong)?;
    let once = {
        let header = |name: &str| headers.get(name)?.to_str().ok();
        let asked = Asked { method: "POST", query: "", header: &header, body: &body };
        key.check(&asked, None, app.0.clock.now().wall)?.ok_or(Denied::Wrong)?
    };
    let field = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(&body);
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let user = field("user_id").ok_or(Fail::Body("names no `user_id`"))?;
    let line = bots::from_slack(&field("text").unwrap_or_default());
    let typed = Typed { user: &user, chat: "slack", line: &line, once: once.0, caller: &caller };
    let (said, changed) = answer(&app, bot, &typed).await;
    let place = if changed { "in_channel" } else { "ephemeral" };
    let text = bots::slack(&said);
    let said =
        json!({"response_type": place, "text": text, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false});
    Ok(Json(said).into_response())
}

/// A message to a Telegram bot.
#[derive(Debug, Deserialize)]
struct Update {
    update_id: i64,
    message: Option<Message>,
}

#[derive(Debug, Deserialize)]
struct Message {
    from: Option<Who>,
    chat: Chat,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Who {
    id: i64,
}

#[derive(Debug, Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type", default)]
    kind: String,
}

/// A message to a Telegram bot, with the secret that its webhook was set up with. Answered in the reply itself.
#[utoipa::path(post, path = "/hooks/telegram", tag = "hooks",
    params(("X-Telegram-Bot-Api-Secret-Token" = String, Header, description = "`secret_token` of setWebhook")),
    request_body(content = Object, description = "an Update of the Bot API"),
    responses((status = 200, description = "`sendMessage`, or nothing to say", content_type = "application/json"),
        (status = 400, description = "it is no Update", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "the secret is wrong or missing", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`bots.telegram` is not configured", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn telegram(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    request: HttpRequest,
) -> Result<Response, Fail> {
    let sign_on = app.sign_on();
    let bot = sign_on.telegram.as_ref().ok_or(Fail::NotFound("hook"))?;
    let secret = headers.get(TELEGRAM_SECRET).and_then(|value| value.to_str().ok());
    let secret = secret.ok_or(Denied::Unsigned(TELEGRAM_SECRET))?;
    // Digests have one length: not even that of the secret shows in the time.
    if !random::same(&random::digest(secret), &random::digest(bot.secret.reveal())) {
        return Err(Denied::Wrong.into());
    }
    let body = body(request).await?;
    let update: Update = serde_json::from_slice(&body).map_err(|error| Fail::Shape(error.to_string()))?;
    let nothing = || Json(json!({})).into_response();
    let Some(Message { from: Some(from), chat, text: Some(line) }) = update.message else { return Ok(nothing()) };
    // What people say to each other in a group is none of ours.
    if chat.kind != "private" && !line.trim_start().starts_with('/') {
        return Ok(nothing());
    }
    let user = from.id.to_string();
    let once = update.update_id.to_string();
    let typed = Typed { user: &user, chat: "telegram", line: &line, once, caller: &caller };
    let (said, _) = answer(&app, bot, &typed).await;
    let preview = json!({"is_disabled": true});
    let text = bots::telegram(&said);
    let said = json!({"method": "sendMessage", "chat_id": chat.id, "text": text, "link_preview_options": preview});
    Ok(Json(said).into_response())
}

async fn body(request: HttpRequest) -> Result<Bytes, Fail> {
    match tokio::time::timeout(limits::REQUEST_BODY, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(Fail::Body("is larger than is accepted here, or did not arrive whole")),
        Err(_) => Err(Fail::Body("did not arrive in time")),
    }
}

/// What is answered, and whether something was changed.
async fn answer(app: &App, bot: &Bot, typed: &Typed<'_>) -> (String, bool) {
    let request = match bots::parse(typed.line) {
        Ok(request) => request,
        Err(problem) => return (problem, false),
    };
    let actor = match who(app, bot, typed, &request) {
        Ok(actor) => actor,
        Err(problem) => return (problem, false),
    };
    let present = app.0.ready.load().snapshot.clone();
    match &request {
        Request::Help => (bots::HELP.to_owned(), false),
        Request::Status => (bots::status(&present), false),
        Request::Incidents => (bots::incidents(&present), false),
        _ => match command(app, &present, &request) {
            Ok(command) => carry_out(app, typed, actor, request, command).await,
            Err(problem) => (problem, false),
        },
    }
}

/// Whose account it is, where it may do this now.
fn who(app: &App, bot: &Bot, typed: &Typed<'_>, request: &Request) -> Result<Actor, String> {
    let people = app.people();
    let account = bot.users.get(typed.user).and_then(|name| people.named(name)).filter(|account| !account.disabled);
    let Some(account) = account else {
        return Err(format!("I do not know you. Whoever runs allclear can add {} to `bots`.", title(typed.user)));
    };
    let required = account.factor_required || app.sign_on().second_factor;
    if required && account.factor.is_none() && account.delegated.is_none() {
        return Err("Set up your second factor first, in the console.".to_owned());
    }
    if request.changes() && account.role < Role::Operator {
        return Err("You may look, and change nothing; ask an admin of this allclear.".to_owned());
    }
    let (id, name) = (account.id.clone(), account.name.clone());
    Ok(Actor { means: Means::Bot, id, name, address: typed.caller.address() })
}

fn command(app: &App, present: &Snapshot, request: &Request) -> Result<Command, String> {
    Ok(match request {
        Request::Help | Request::Status | Request::Incidents => return Err(bots::HELP.to_owned()),
        Request::Open { title: named, services, impact } => {
            let impact = impact.unwrap_or(Impact::Minor);
            let hit = |wanted: &String| Hit { service: service(present, wanted), state: impact.level().into() };
            Command::Open(Opening {
                id: new_id().map_err(|fail| fail.to_string())?,
                title: title(named),
                impact,
                phase: Phase::Investigating,
                services: services.iter().map(hit).collect(),
                started_at: None,
                words: Words::default(),
                note: Words::default(),
                related: Vec::new(),
                pushed: None,
                suggested: false,
            })
        }
        Request::Update { id, words: said } => {
            Command::Post(find(present, id)?, None, Post { words: words(said), ..Post::default() })
        }
        Request::Resolve { id, words: said } => {
            let post = Post { phase: Some(Phase::Resolved), words: words(said), ..Post::default() };
            Command::Post(find(present, id)?, None, post)
        }
        Request::Acknowledge { id } => Command::Acknowledge(find(present, id)?),
        Request::Mute { id, how_long } => {
            let mute = match how_long {
                None => Mute::UntilChange,
                Some(how_long) => {
                    let now = app.0.clock.now().wall;
                    let how_long = SignedDuration::try_from(*how_long).unwrap_or(SignedDuration::ZERO);
                    Mute::Until(now.checked_add(how_long).unwrap_or(now))
                }
            };
            let judgement = Judgement { mute: Some(mute), ..Judgement::default() };
            Command::Judge(find(present, id)?, None, Box::new(judgement))
        }
    })
}

/// A service by its id or its name; what is neither is refused by the rules, which name it.
fn service(present: &Snapshot, wanted: &str) -> ServiceId {
    let like = kebab(wanted);
    let known = present.services.iter().map(|view| &view.service);
    let found = known.into_iter().find(|one| one.id.as_str() == wanted || kebab(&one.name) == like);
    found.map_or_else(|| ServiceId::new(wanted), |one| one.id.clone())
}

/// An incident by its id, or by how the id of one open incident begins.
fn find(present: &Snapshot, wanted: &str) -> Result<IncidentId, String> {
    let all = || present.incidents.iter().map(|view| &view.incident.id);
    if let Some(id) = all().find(|id| id.as_str() == wanted) {
        return Ok(id.clone());
    }
    // Of one letter nobody can tell which was meant.
    let mut like = all().filter(|id| wanted.len() >= SHORTEST && id.as_str().starts_with(wanted));
    match (like.next(), like.next()) {
        (Some(one), None) => Ok(one.clone()),
        (Some(_), Some(_)) => Err("More than one id begins so: write more of it.".to_owned()),
        // It may be over already, and is known all the same.
        (None, _) => Ok(IncidentId::new(title(wanted))),
    }
}

async fn carry_out(app: &App, typed: &Typed<'_>, actor: Actor, request: Request, command: Command) -> (String, bool) {
    let key = format!("bot {} {}", typed.chat, typed.once);
    let digest = random::digest(&format!("{} {}", typed.user, typed.line));
    let (with, by, asked) = (app.clone(), actor.name.clone(), request);
    let word = move |done: &_| bots::done(&with.0.ready.load().snapshot, &by, &asked, done);
    let later = word.clone();
    let once = Once { key, request: digest, put_down: Box::new(move |done| Some(later(done))) };
    match app.0.door.order(Order { actor, command }, Some(once)).await {
        Ok(Answer::Done(done, seq)) => {
            shown(app, seq).await;
            (word(&done), true)
        }
        Ok(Answer::Again(said)) => (said, true),
        Err(refused) => {
            if let Refused::NotStored(problem) = &refused {
                tracing::warn!(target: crate::telemetry::trace::PRIVATE, %problem, chat = typed.chat, "what somebody asked for in a chat cannot be stored");
            }
            (bots::refused(&refused), false)
        }
    }
}

/// A route that bounds what is pushed, and tells who comes with another method what it is for.
pub(super) fn layer(route: axum::routing::MethodRouter<App>) -> axum::routing::MethodRouter<App> {
    route.fallback(super::hooks::only_pushed).layer(axum::extract::DefaultBodyLimit::max(limits::HOOK_BODY))
}
