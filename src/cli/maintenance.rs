//! `allclear maintenance`: plan, move, start and end maintenances, over the API.

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::remote::{Failed, Remote, line, list, shown, text, time, words};

/// Plan, move, start and end maintenances.
#[derive(Debug, clap::Parser)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    what: What,
}

/// A step of one maintenance.
#[derive(Debug, clap::Args)]
struct Step {
    /// Which.
    id: String,
    /// What is to be said, Markdown; `-` reads standard input.
    #[arg(long, short, value_name = "WORDS")]
    message: Option<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Announce a maintenance.
    Plan {
        /// What is planned, in a few words.
        title: String,
        /// Planned start, as 2026-01-02T03:00:00Z.
        #[arg(long, value_name = "TIME")]
        starts: Timestamp,
        /// Planned end, as 2026-01-02T04:00:00Z.
        #[arg(long, value_name = "TIME")]
        ends: Timestamp,
        /// A service that it touches; may be given again.
        #[arg(long = "service", value_name = "ID")]
        services: Vec<String>,
        /// The announcement, Markdown; `-` reads standard input.
        #[arg(long, short, value_name = "WORDS")]
        message: Option<String>,
    },
    /// Give a maintenance another window.
    #[command(group = clap::ArgGroup::new("window").required(true).multiple(true).args(["starts", "ends"]))]
    Move {
        /// Which.
        id: String,
        /// Planned start.
        #[arg(long, value_name = "TIME")]
        starts: Option<Timestamp>,
        /// Planned end.
        #[arg(long, value_name = "TIME")]
        ends: Option<Timestamp>,
    },
    /// Work begins.
    Start(Step),
    /// Work is done.
    Complete(Step),
    /// It will not happen.
    Cancel(Step),
    /// List maintenances, vendors' too.
    List,
}

/// Good where it was done.
pub async fn run(args: Args) -> u8 {
    let Args { remote, what } = args;
    let json = remote.json;
    let result = match what {
        What::List => {
            let head = ["id", "source", "title", "status", "starts", "ends"];
            let row = |one: &Value| {
                let source = one["source"].as_str().unwrap_or("local");
                let (starts, ends) = (time(&one["starts_at"]), time(&one["ends_at"]));
                [text(one, "id"), source, text(one, "title"), text(one, "status"), &starts, &ends]
                    .map(str::to_owned)
                    .to_vec()
            };
            return shown(remote.get(&["maintenances"], &[]).await, json, |said| list(said, &head, row));
        }
        What::Plan { title, starts, ends, services, message } => {
            plan(&remote, &title, (starts, ends), &services, message.as_deref()).await
        }
        What::Move { id, starts, ends } => {
            let mut window = serde_json::Map::new();
            for (name, at) in [("starts_at", starts), ("ends_at", ends)] {
                window.extend(at.map(|at| (name.to_owned(), json!(at.to_string()))));
            }
            remote.write("PATCH", &["maintenances", &id], &Value::Object(window)).await
        }
        What::Start(step) => turn(&remote, &step, "in_progress").await,
        What::Complete(step) => turn(&remote, &step, "completed").await,
        What::Cancel(step) => turn(&remote, &step, "cancelled").await,
    };
    shown(result, json, line)
}

async fn plan(
    remote: &Remote,
    title: &str,
    (starts, ends): (Timestamp, Timestamp),
    services: &[String],
    message: Option<&str>,
) -> Result<Value, Failed> {
    let body = words(message)?;
    let new = json!({
        "title": title, "starts_at": starts.to_string(), "ends_at": ends.to_string(), "services": services, "body": body
    });
    remote.write("POST", &["maintenances"], &new).await
}

async fn turn(remote: &Remote, step: &Step, status: &str) -> Result<Value, Failed> {
    let post = json!({"status": status, "body": words(step.message.as_deref())?});
    remote.write("POST", &["maintenances", &step.id, "updates"], &post).await
}
