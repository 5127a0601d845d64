//! What somebody types, to a request.

use std::time::Duration;

use jiff::SignedDuration;

use super::Request;
use crate::limits;
use crate::model::level::Impact;

const IMPACTS: [&str; 4] = ["none", "minor", "major", "critical"];

/// Reads a line of a chat. A slash in front, and the name of a bot behind the first word, are left out.
///
/// # Errors
/// In words for whoever typed it.
pub fn parse(line: &str) -> Result<Request, String> {
    let line = line.trim();
    let line = line.strip_prefix('/').unwrap_or(line);
    let (first, rest) = word(line);
    let first = first.split('@').next().unwrap_or_default().to_lowercase();
    match first.as_str() {
        "" | "help" | "start" => Ok(Request::Help),
        "status" => Ok(Request::Status),
        "incidents" => Ok(Request::Incidents),
        "incident" => incident(rest),
        "ack" => Ok(Request::Acknowledge { id: id(rest, "ack ID")?.0 }),
        "mute" => mute(rest),
        other => Err(format!("I do not know `{}`. Try `help`.", short(other))),
    }
}

fn incident(rest: &str) -> Result<Request, String> {
    let (verb, rest) = word(rest);
    match verb.to_lowercase().as_str() {
        "open" => open(rest),
        "update" => {
            let (id, words) = id(rest, "incident update ID WORDS")?;
            if words.is_empty() {
                return Err("What is to be said? Write `incident update ID WORDS`.".to_owned());
            }
            Ok(Request::Update { id, words })
        }
        "resolve" => id(rest, "incident resolve ID").map(|(id, words)| Request::Resolve { id, words }),
        other => Err(format!("An incident can be told to `open`, `update` or `resolve`, not `{}`.", short(other))),
    }
}

/// A title, with `service=` and `impact=` anywhere in it.
fn open(rest: &str) -> Result<Request, String> {
    let (mut title, mut services, mut impact) = (Vec::new(), Vec::new(), None);
    for word in rest.split_whitespace() {
        match word.split_once('=') {
            Some(("service" | "services", ids)) => {
                services.extend(ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned));
            }
            Some(("impact", word)) => {
                let known = Impact::from_word(word).filter(|_| IMPACTS.contains(&word));
                let problem = || format!("`{}` is no impact; it is one of {}.", short(word), IMPACTS.join(", "));
                impact = Some(known.ok_or_else(problem)?);
            }
            _ => title.push(word),
        }
    }
    if title.is_empty() {
        return Err("What is wrong? Write `incident open TITLE service=ID impact=minor`.".to_owned());
    }
    Ok(Request::Open { title: title.join(" "), services, impact })
}

fn mute(rest: &str) -> Result<Request, String> {
    const USAGE: &str = "mute ID 2h, or mute ID until change";
    let (id, how_long) = id(rest, USAGE)?;
    let how_long = how_long.to_lowercase();
    if matches!(how_long.as_str(), "until change" | "until it changes" | "change") {
        return Ok(Request::Mute { id, how_long: None });
    }
    let read: Option<SignedDuration> = how_long.trim_start_matches("for ").parse().ok();
    let read = read.and_then(|read| Duration::try_from(read).ok());
    match read.filter(|read| (Duration::from_secs(60)..=limits::BOT_MUTE).contains(read)) {
        Some(read) => Ok(Request::Mute { id, how_long: Some(read) }),
        None => Err(format!("For how long? From a minute to 30 days: `{USAGE}`.")),
    }
}

/// The first word as an id, and the rest.
fn id(rest: &str, usage: &str) -> Result<(String, String), String> {
    match word(rest) {
        ("", _) => Err(format!("Which one? Write `{usage}`; `incidents` lists their ids.")),
        (id, rest) => Ok((id.trim_matches('`').to_owned(), rest.to_owned())),
    }
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (text, ""),
    }
}

/// Said back so far, and no further.
fn short(word: &str) -> String {
    word.chars().take(40).filter(|c| *c != '`').collect()
}
