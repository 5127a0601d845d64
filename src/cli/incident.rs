//! `allclear incident`: declare, follow and end incidents, and judge vendors', over the API.

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::remote::{Failed, Remote, line, list, services, shown, text, time, words};
use crate::clock::Clock;

/// Declare, follow and end incidents.
#[derive(Debug, clap::Parser)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
    #[command(subcommand)]
    what: What,
}

/// What is said.
#[derive(Debug, clap::Args)]
struct Message {
    /// What is to be said, Markdown; `-` reads standard input.
    #[arg(long, short, value_name = "WORDS")]
    message: Option<String>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Declare an incident.
    Open {
        /// What is wrong, in a few words.
        title: String,
        /// A service that it touches, as `checkout` or `checkout=partial_outage`; may be given again.
        #[arg(long = "service", value_name = "ID[=STATE]")]
        services: Vec<String>,
        /// none, minor, major, critical.
        #[arg(long, default_value = "minor")]
        impact: String,
        /// investigating, identified, monitoring, resolved.
        #[arg(long)]
        status: Option<String>,
        #[command(flatten)]
        message: Message,
    },
    /// Add an update.
    Update {
        /// Which.
        id: String,
        /// investigating, identified, monitoring, resolved; as before where it is not given.
        #[arg(long)]
        status: Option<String>,
        /// none, minor, major, critical; as before where it is not given.
        #[arg(long)]
        impact: Option<String>,
        /// All services that it touches; as before where none is given.
        #[arg(long = "service", value_name = "ID[=STATE]")]
        services: Vec<String>,
        #[command(flatten)]
        message: Message,
    },
    /// End an incident.
    Resolve {
        /// Which.
        id: String,
        #[command(flatten)]
        message: Message,
    },
    /// Let an incident that was over go on.
    Reopen {
        /// Which.
        id: String,
        #[command(flatten)]
        message: Message,
    },
    /// Add a remark that only signed-in people see.
    Note {
        /// Which.
        id: String,
        /// What is to be said, Markdown; `-` reads standard input.
        #[arg(long, short, value_name = "WORDS")]
        message: String,
    },
    /// List open incidents, vendors' too.
    List {
        /// Those that are over, too, newest first.
        #[arg(long)]
        all: bool,
    },
    /// Show an incident with its updates.
    Show {
        /// Which.
        id: String,
    },
    /// Remove an incident of our own; the audit log keeps it.
    Delete {
        /// Which.
        id: String,
    },
    /// Say that you have seen an incident.
    Ack {
        /// Which.
        id: String,
    },
    /// Say what a vendor's incident means here.
    Judge(Judge),
}

#[derive(Debug, clap::Args)]
struct Judge {
    /// Which.
    id: String,
    /// yes, no, not_known.
    #[arg(long)]
    affects: Option<String>,
    /// Who looks after it; an empty text: nobody.
    #[arg(long)]
    owner: Option<String>,
    /// What it means here, Markdown; `-` reads standard input; an empty text takes it away.
    #[arg(long)]
    note: Option<String>,
    /// What helps meanwhile, Markdown; an empty text takes it away.
    #[arg(long)]
    workaround: Option<String>,
    /// For how long it makes no noise, as 2h.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["mute_until_change", "unmute"])]
    mute: Option<SignedDuration>,
    /// It makes no noise until it becomes worse.
    #[arg(long, conflicts_with = "unmute")]
    mute_until_change: bool,
    /// It may make noise again.
    #[arg(long)]
    unmute: bool,
}

/// Good where it was done.
pub async fn run(args: Args) -> u8 {
    let Args { remote, what } = args;
    let json = remote.json;
    match what {
        What::List { all } => {
            let query: &[(&str, &str)] = if all { &[] } else { &[("status", "open")] };
            let head = ["id", "source", "title", "status", "since"];
            let row = |one: &Value| {
                let source = one["source"].as_str().unwrap_or("local");
                [text(one, "id"), source, text(one, "title"), text(one, "status"), &time(&one["started_at"])]
                    .map(str::to_owned)
                    .to_vec()
            };
            shown(remote.get(&["incidents"], query).await, json, |said| list(said, &head, row))
        }
        What::Show { id } => shown(remote.get(&["incidents", &id], &[]).await, json, whole),
        other => shown(write(&remote, other).await, json, line),
    }
}

async fn write(remote: &Remote, what: What) -> Result<Value, Failed> {
    match what {
        What::Open { title, services: touched, impact, status, message } => {
            let body = words(message.message.as_deref())?;
            let touched = services(&touched);
            let mut new = json!({"title": title, "impact": impact, "services": touched, "body": body});
            put(&mut new, "status", status);
            remote.write("POST", &["incidents"], &new).await
        }
        What::Update { id, status, impact, services: touched, message } => {
            let mut post = json!({"body": words(message.message.as_deref())?});
            put(&mut post, "status", status);
            put(&mut post, "impact", impact);
            if !touched.is_empty() {
                put(&mut post, "services", Some(services(&touched)));
            }
            remote.write("POST", &["incidents", &id, "updates"], &post).await
        }
        What::Resolve { id, message } => turn(remote, &id, "resolved", &message).await,
        What::Reopen { id, message } => turn(remote, &id, "investigating", &message).await,
        What::Note { id, message } => {
            let note = json!({"body": words(Some(&message))?});
            remote.write("POST", &["incidents", &id, "notes"], &note).await
        }
        What::Delete { id } => remote.write("DELETE", &["incidents", &id], &Value::Null).await,
        What::Ack { id } => remote.write("POST", &["incidents", &id, "acknowledge"], &Value::Null).await,
        What::Judge(judge) => {
            let verdict = verdict(&judge)?;
            remote.write("PUT", &["incidents", &judge.id, "verdict"], &verdict).await
        }
        What::List { .. } | What::Show { .. } => Err(Failed::wrong("this is nothing to write")),
    }
}

async fn turn(remote: &Remote, id: &str, status: &str, message: &Message) -> Result<Value, Failed> {
    let post = json!({"status": status, "body": words(message.message.as_deref())?});
    remote.write("POST", &["incidents", id, "updates"], &post).await
}

fn verdict(judge: &Judge) -> Result<Value, Failed> {
    let mut verdict = json!({});
    put(&mut verdict, "affects", judge.affects.as_deref());
    put(&mut verdict, "owner", judge.owner.as_deref());
    put(&mut verdict, "workaround", judge.workaround.as_deref());
    if let Some(note) = &judge.note {
        put(&mut verdict, "note", Some(words(Some(note))?));
    }
    if let Some(mute) = judge.mute {
        let until = Clock::system().now().wall.saturating_add(mute).unwrap_or(Timestamp::MAX);
        put(&mut verdict, "mute_until", Some(until.to_string()));
    }
    if judge.mute_until_change || judge.unmute {
        put(&mut verdict, "mute_until_change", Some(judge.mute_until_change));
    }
    Ok(verdict)
}

/// Sets a field where there is something to set.
fn put(body: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(value), Some(fields)) = (value, body.as_object_mut()) {
        fields.insert(name.to_owned(), value.into());
    }
}

/// An incident with its updates, newest first.
fn whole(said: &Value) {
    line(said);
    for update in said["updates"].as_array().into_iter().flatten() {
        anstream::println!("\n{}  {}", time(&update["at"]), text(update, "status"));
        anstream::println!("{}", update["body"].as_str().unwrap_or_default());
    }
}
