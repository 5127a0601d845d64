//! `allclear explain`: who was told of something, who was not, and why.

use serde_json::{Value, json};

use super::remote::{Failed, Remote, text, time};
use super::{BAD_NEWS, GOOD, complain, table};

/// Where something may be found, in this order.
const PLACES: [&str; 3] = ["incidents", "maintenances", "sources"];

/// Print who was told of something, who was not, and why.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// An incident, a maintenance or a source, by its id.
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// Good where something is known of it; bad news otherwise.
pub async fn run(args: Args) -> u8 {
    let found = match find(&args).await {
        Ok(found) => found,
        Err(failed) => return failed.status(),
    };
    let events = found.as_ref().and_then(|found| found["items"].as_array()).filter(|events| !events.is_empty());
    if args.remote.json {
        anstream::println!("{:#}", found.clone().unwrap_or_else(|| json!({"items": [], "next": null})));
        return if events.is_some() { GOOD } else { BAD_NEWS };
    }
    match events {
        Some(events) => {
            for event in events {
                show(event);
            }
            GOOD
        }
        None => {
            let known = if found.is_some() {
                "nothing was decided about it, or it is no longer kept"
            } else {
                "there is no such thing"
            };
            complain(&format!("{}: {known}", args.id));
            BAD_NEWS
        }
    }
}

async fn find(args: &Args) -> Result<Option<Value>, Failed> {
    for place in PLACES {
        if let Some(found) = args.remote.get_if_there(&[place, &args.id, "decisions"]).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn show(event: &Value) {
    let state = event["state"].as_str().map(|state| format!("  {}", table::state(state))).unwrap_or_default();
    let what = event["kind"].as_str().unwrap_or("no longer kept");
    anstream::println!("{}  {what}  {}{state}", time(&event["at"]), text(event, "title"));
    let mut shown = table::table(&["to", "fate", "when", "why", "message"]);
    for one in event["receivers"].as_array().into_iter().flatten() {
        let fate = match (text(one, "fate"), one["happening"].as_str()) {
            (fate @ "folded", _) => format!("{fate}, {}", text(one, "status")),
            (fate, Some(happening)) => format!("{fate} as {happening}"),
            (fate, None) => fate.to_owned(),
        };
        let until = time(&one["until"]);
        let when = match one["sent_at"].is_string() {
            true => time(&one["sent_at"]),
            false if until.is_empty() => time(&one["decided_at"]),
            false => format!("until {until}"),
        };
        let message = one["delivery"].as_u64().map(|id| id.to_string()).unwrap_or_default();
        shown.add_row([text(one, "name"), &fate, &when, one["because"].as_str().unwrap_or_default(), &message]);
    }
    let counted = event["readers"].as_object().filter(|counted| !counted.is_empty());
    if let Some(counted) = counted {
        let counted: Vec<String> = counted.iter().map(|(fate, count)| format!("{count} {fate}")).collect();
        shown.add_row(["readers", &counted.join(", "), "", "", ""]);
    }
    table::print(&shown, &[]);
    anstream::println!();
}
