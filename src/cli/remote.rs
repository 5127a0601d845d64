//! Asking a running allclear over its API: what it answers, and what to say where it does not.

use std::io::Read as _;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::{BAD_NEWS, GOOD, WRONG, complain, table};
use crate::auth::random;
use crate::clock::Clock;
use crate::fetch::{Fetcher, Sending, Settings};
use crate::limits;
use crate::model::level::State;

/// Pauses after answers that did not come. A write carries a key: however often it arrives, it counts once.
const AGAIN: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// Where allclear is, and how to come to it.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Where allclear is.
    #[arg(long, global = true, env = "ALLCLEAR_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: Url,
    /// The token to come with; better in ALLCLEAR_TOKEN, since arguments stand in the list of processes.
    #[arg(long, global = true, env = "ALLCLEAR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<SecretString>,
}

/// The same, and how to say what it answers.
#[derive(Debug, clap::Args)]
pub struct Remote {
    #[command(flatten)]
    place: Place,
    /// Print the answer as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Why there is no good answer: what to say, and the exit status.
#[derive(Debug)]
pub struct Failed {
    message: String,
    status: u8,
    /// There is no such thing.
    missing: bool,
}

impl Failed {
    /// The call is wrong.
    pub fn wrong(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: WRONG, missing: false }
    }

    /// It is right, and cannot be had now.
    fn bad(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: BAD_NEWS, missing: false }
    }

    /// What to say.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Says it.
    pub fn status(&self) -> u8 {
        complain(&self.message);
        self.status
    }
}

impl Remote {
    /// Reads something.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Failed> {
        let mut url = self.place.at(&["api", "v1"], path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.place.ask("GET", &url, String::new(), &[]).await
    }

    /// Reads something that need not be there.
    ///
    /// # Errors
    /// Where there is no good answer, and nobody says that there is no such thing.
    pub async fn get_if_there(&self, path: &[&str]) -> Result<Option<Value>, Failed> {
        match self.get(path, &[]).await {
            Ok(found) => Ok(Some(found)),
            Err(failed) if failed.missing => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    /// Writes something, once, however often the connection is lost.
    ///
    /// # Errors
    /// Where it was not done, or nobody can say whether it was.
    pub async fn write(&self, method: &'static str, path: &[&str], body: &Value) -> Result<Value, Failed> {
        if self.place.token.is_none() {
            let message = "no token: make one at /admin/tokens and put it into ALLCLEAR_TOKEN";
            return Err(Failed::wrong(message));
        }
        let key = random::id().map_err(|error| Failed::bad(format!("no random bytes from the system: {error}")))?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let url = self.place.at(&["api", "v1"], path)?;
        self.place.ask(method, &url, body, &[("idempotency-key", &key)]).await
    }
}

impl Place {
    /// Sends a message of the Model Context Protocol.
    ///
    /// # Errors
    /// Where there is no good answer.
    pub async fn mcp(&self, message: &Value) -> Result<Value, Failed> {
        let accept = [("accept", "application/json, text/event-stream")];
        self.ask("POST", &self.at(&["mcp"], &[])?, message.to_string(), &accept).await
    }

    fn at(&self, root: &[&str], path: &[&str]) -> Result<Url, Failed> {
        let mut url = self.url.clone();
        let no_base = |()| Failed::wrong(format!("{} is no address of an allclear", self.url));
        url.path_segments_mut().map_err(no_base)?.pop_if_empty().extend(root).extend(path);
        Ok(url)
    }

    async fn ask(
        &self,
        method: &'static str,
        url: &Url,
        body: String,
        headers: &[(&'static str, &str)],
    ) -> Result<Value, Failed> {
        let settings = Settings { host_spacing: Duration::from_millis(1), ..Settings::default() };
        let fetcher = Fetcher::new(settings, Clock::system()).map_err(|error| Failed::bad(error.to_string()))?;
        let mut pauses = AGAIN.iter();
        loop {
            let bearer = |token: &SecretString| format!("Bearer {}", secrecy::ExposeSecret::expose_secret(token));
            let sending = Sending {
                method,
                url,
                kind: "application/json",
                body: body.clone(),
                headers,
                authorization: self.token.as_ref().map(bearer).map(SecretString::from),
                allow_private: true,
            };
            match (fetcher.send(sending).await, pauses.next()) {
                (Ok(sent), _) => return answer(url, sent.status, &sent.body),
                (Err(_), Some(pause)) => tokio::time::sleep(*pause).await,
                (Err(error), None) => {
                    return Err(Failed::bad(format!("{url}: {error}; is allclear serving there?")));
                }
            }
        }
    }
}

fn answer(url: &Url, status: u16, body: &[u8]) -> Result<Value, Failed> {
    let said: Value = if body.is_empty() { json!({}) } else { serde_json::from_slice(body).unwrap_or_default() };
    if (200..300).contains(&status) && !said.is_null() {
        return Ok(said);
    }
    let detail = said["detail"].as_str().map_or_else(|| format!("{url}: this is no allclear"), str::to_owned);
    Err(match status {
        // An answer of ours: a page that is no allclear has no detail.
        404 => Failed { missing: said["detail"].is_string(), ..Failed::wrong(detail) },
        400..500 => Failed::wrong(detail),
        _ => Failed::bad(detail),
    })
}

/// Words from the command line; `-` is standard input.
pub fn words(message: Option<&str>) -> Result<String, Failed> {
    match message {
        Some("-") => {
            let mut text = String::new();
            let most = u64::try_from(limits::API_BODY).unwrap_or(u64::MAX);
            let read = std::io::stdin().lock().take(most).read_to_string(&mut text);
            read.map_err(|error| Failed::wrong(format!("standard input: {error}")))?;
            Ok(text.trim().to_owned())
        }
        other => Ok(other.unwrap_or_default().to_owned()),
    }
}

/// `checkout` or `checkout=partial_outage`, as the API takes it.
pub fn services(all: &[String]) -> Value {
    let one = |text: &String| match text.split_once('=') {
        Some((id, state)) => json!({"id": id, "state": state}),
        None => json!(text),
    };
    all.iter().map(one).collect()
}

/// Prints what came back: as JSON, or by `show`. Says what went wrong.
pub fn shown(result: Result<Value, Failed>, json: bool, show: impl FnOnce(&Value)) -> u8 {
    match result {
        Ok(said) if json => anstream::println!("{said:#}"),
        Ok(said) => show(&said),
        Err(failed) => return failed.status(),
    }
    GOOD
}

/// `2026-01-02 03:04 UTC`, or nothing.
pub fn time(value: &Value) -> String {
    let at = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default()
}

/// A text of an answer; what is not there is a dash.
pub fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or("-")
}

/// One line about an incident or a maintenance.
pub fn line(said: &Value) {
    if let Some(id) = said["id"].as_str() {
        anstream::println!("{id}  {}  {}", text(said, "status"), text(said, "title"));
    }
}

/// A list of things with these columns; `name` of one and the state that colours it.
pub fn list(said: &Value, head: &[&str], row: impl Fn(&Value) -> Vec<String>) {
    let mut shown = table::table(head);
    let mut states = Vec::new();
    for one in said["items"].as_array().into_iter().flatten() {
        states.push(State::from_word(text(one, "state")).unwrap_or(State::UNDER_MAINTENANCE));
        shown.add_row(row(one));
    }
    if states.is_empty() {
        anstream::println!("none");
    } else {
        table::print(&shown, &states);
    }
}
