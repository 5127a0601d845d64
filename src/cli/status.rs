//! `allclear status` and `allclear health`: ask a running allclear.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::{BAD_NEWS, GOOD, complain, table};
use crate::clock::Clock;
use crate::fetch::{Fetcher, Request, Settings};
use crate::model::level::State;

/// Show the merged present of a running allclear.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Where it is.
    #[arg(long, env = "ALLCLEAR_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: Url,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
    /// Show it again every few seconds, until interrupted.
    #[arg(long, conflicts_with = "json")]
    watch: bool,
    /// Show sources that are operational, too.
    #[arg(long)]
    all: bool,
}

/// Ask a running allclear whether it is alive.
#[derive(Debug, clap::Parser)]
pub struct HealthArgs {
    /// Where it is.
    #[arg(long, env = "ALLCLEAR_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: Url,
}

/// Good where everything is operational or planned; bad news otherwise.
pub async fn run(args: Args) -> u8 {
    let fetcher = match fetcher() {
        Ok(fetcher) => fetcher,
        Err(error) => return complain(&error),
    };
    loop {
        let summary = match summary(&fetcher, &args.url).await {
            Ok(summary) => summary,
            Err(error) if args.watch => {
                anstream::println!("\x1b[2J\x1b[H{error}");
                tokio::time::sleep(Duration::from_secs(3)).await;
                continue;
            }
            Err(error) => {
                complain(&error);
                return BAD_NEWS;
            }
        };
        if args.json {
            anstream::println!("{summary:#}");
            return verdict(&summary);
        }
        if args.watch {
            anstream::print!("\x1b[2J\x1b[H");
        }
        show(&summary, args.all || args.watch);
        if !args.watch {
            return verdict(&summary);
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
}

/// Good where it answers.
pub async fn health(args: HealthArgs) -> u8 {
    let asked = async {
        let url = args.url.join("healthz").map_err(|error| error.to_string())?;
        get(&fetcher()?, &url).await.map(drop)
    };
    match asked.await {
        Ok(()) => GOOD,
        Err(error) => {
            complain(&error);
            BAD_NEWS
        }
    }
}

fn fetcher() -> Result<Fetcher, String> {
    let settings = Settings { host_spacing: Duration::from_millis(1), ..Settings::default() };
    Fetcher::new(settings, Clock::system()).map_err(|error| error.to_string())
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<bytes::Bytes, String> {
    let request =
        Request { url, accept: "application/json", headers: &[], allow_private: true, ca: None, validators: None };
    let answer = fetcher.get(request).await.map_err(|error| format!("{url}: {error}; is allclear serving there?"))?;
    answer.body.ok_or_else(|| format!("{url}: an empty answer"))
}

async fn summary(fetcher: &Fetcher, base: &Url) -> Result<Value, String> {
    let url = base.join("api/v1/summary").map_err(|error| error.to_string())?;
    let body = get(fetcher, &url).await?;
    serde_json::from_slice(&body).map_err(|error| format!("{url}: this is no allclear: {error}"))
}

fn verdict(summary: &Value) -> u8 {
    match summary["headline"]["state"].as_str() {
        Some("operational" | "under_maintenance") => GOOD,
        _ => BAD_NEWS,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn show(summary: &Value, all: bool) {
    let headline = &summary["headline"];
    let state = State::from_word(text(&headline["state"])).unwrap_or(State::Unknown);
    let style = table::style(state).bold();
    anstream::println!("{style}{} {}{style:#}", table::shape(state), text(&headline["text"]));
    anstream::println!("  {}\n", text(&headline["detail"]));
    for notice in list(&summary["notices"]) {
        anstream::println!("! {}\n", text(&notice["text"]));
    }
    let counted = |incident: &&Value| incident["counted"].as_bool().unwrap_or(true);
    let incidents: Vec<&Value> = list(&summary["incidents"]).iter().filter(counted).collect();
    if !incidents.is_empty() {
        let mut shown = table::table(&["incident", "source", "status", "since"]);
        let mut states = Vec::new();
        for incident in incidents {
            states.push(State::from_word(text(&incident["state"])).unwrap_or(State::Unknown));
            shown.add_row([
                text(&incident["title"]),
                incident["source"].as_str().unwrap_or("local"),
                incident["status"].as_str().unwrap_or("unknown"),
                &since(&incident["started_at"]),
            ]);
        }
        table::print(&shown, &states);
        anstream::println!();
    }
    let mut sources: Vec<&Value> = list(&summary["sources"]).iter().collect();
    let weight = |source: &Value| State::from_word(text(&source["state"])).unwrap_or(State::Unknown).weight();
    sources.sort_by_key(|source| std::cmp::Reverse(weight(source)));
    let mut shown = table::table(&["source", "state", "since", "note"]);
    let mut states = Vec::new();
    for source in sources.iter().filter(|source| all || weight(source) > 0) {
        states.push(State::from_word(text(&source["state"])).unwrap_or(State::Unknown));
        shown.add_row([
            text(&source["name"]),
            &table::state(text(&source["state"])),
            &since(&source["state_since"]),
            text(&source["freshness"]["error"]["message"]),
        ]);
    }
    if !states.is_empty() {
        table::print(&shown, &states);
    }
    let hidden = sources.len().saturating_sub(states.len());
    if hidden > 0 {
        anstream::println!("\n{hidden} operational; --all shows them");
    }
}

/// `09:41 UTC` of today's times, the day of older ones.
fn since(time: &Value) -> String {
    let Ok(at) = text(time).parse::<jiff::Timestamp>() else { return String::new() };
    at.strftime("%b %d %H:%M UTC").to_string()
}
