//! `allclear probe`: what a page says now.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

use super::{BAD_NEWS, GOOD, WRONG, complain, table};
use crate::clock::Clock;
use crate::config::SourceConfig;
use crate::fetch::{Fetcher, Settings};
use crate::formats::{self, Sureness};
use crate::ingest::Door;
use crate::intake::{Unread, entry, look, vendor};
use crate::limits;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::Observation;
use crate::nudge::Nudges;
use crate::poll::{self, Looked, Shared};
use crate::telemetry::{Metrics, Pulse};

/// Read a status page now.
#[derive(Debug, clap::Parser)]
pub struct ProbeArgs {
    /// Addresses of status pages, or names from the catalogue.
    #[arg(required = true, value_name = "URL-or-name")]
    pages: Vec<String>,
    /// Print the observations as JSON.
    #[arg(long)]
    json: bool,
    /// Also ask addresses that are not public.
    #[arg(long)]
    allow_private: bool,
}

/// Everything that reading a source outside of `serve` needs.
///
/// # Errors
/// Where going out cannot be prepared.
pub fn shared(settings: Settings) -> Result<Shared, String> {
    let clock = Clock::system();
    let (door, _) = mpsc::channel(1);
    Ok(Shared {
        fetcher: Fetcher::new(settings, clock.clone()).map_err(|error| error.to_string())?,
        door: Door::to(door),
        clock,
        nudges: Nudges::default(),
        metrics: Arc::new(Metrics::default()),
        pulse: Arc::new(Pulse::default()),
        parsers: Arc::new(Semaphore::new(limits::PARSERS)),
    })
}

/// Shows how far a long command has come, on a terminal only.
pub fn progress(done: usize, all: usize) {
    use std::io::IsTerminal as _;
    if std::io::stderr().is_terminal() {
        let end = if done == all { "\r\x1b[K" } else { "" };
        anstream::eprint!("\r{done} of {all} read{end}");
    }
}

/// Reads pages and prints what they say; bad news where one is not operational.
pub async fn probe(args: ProbeArgs) -> u8 {
    let shared = match shared(Settings::default()) {
        Ok(shared) => shared,
        Err(error) => return complain(&error),
    };
    let mut status = GOOD;
    for (at, page) in args.pages.iter().enumerate() {
        if at > 0 && !args.json {
            anstream::println!();
        }
        match look(page, args.allow_private, &shared).await {
            Ok((source, looked)) => {
                status = status.max(verdict(&looked.observation));
                if args.json {
                    let json = formats::wire::observation_json(looked.reader.format.name, &looked.observation);
                    anstream::println!("{json:#}");
                    for line in recognition(&source, &looked) {
                        anstream::eprintln!("{line}");
                    }
                } else {
                    show(page, &source, &looked);
                }
            }
            Err(Unread::Wrong(error)) => {
                complain(&error);
                return WRONG;
            }
            Err(Unread::Failed(failure)) => {
                status = status.max(BAD_NEWS);
                complain(&format!("{page}: {}\n  hint: {}", failure.message, failure.kind.advice()));
            }
        }
    }
    status
}

fn verdict(observation: &Observation) -> u8 {
    match observation.state() {
        Some(State::OPERATIONAL | State::UNDER_MAINTENANCE) => GOOD,
        _ => BAD_NEWS,
    }
}

/// How the page is read, how sure that is, and what was seen on the way.
fn recognition(source: &SourceConfig, looked: &Looked) -> Vec<String> {
    let format = looked.reader.format.name;
    let Some(found) = &looked.found else {
        return vec![format!("  read as `{format}` from {}, as it is known by name", source.source.url)];
    };
    let sure = match found.sureness {
        Sureness::Certain => "certain: the document names itself",
        Sureness::Likely => "likely: the document has the shape of this format",
        Sureness::Maybe | Sureness::No => "a guess: the page points there, but the shape fits other formats, too",
    };
    let mut lines = vec![format!("  recognised as `{format}`, {sure}"), format!("  asked: {}", found.seen.join("; "))];
    match looked.page_moved_to() {
        Some(to) => lines.push(format!("  the page has moved for good to {to}")),
        None if found.page != source.address => lines.push(format!("  redirected to {}", poll::shown(&found.page))),
        None => {}
    }
    lines
}

fn show(page: &str, source: &SourceConfig, looked: &Looked) {
    let observation = &looked.observation;
    let state = observation.state().unwrap_or(State::Unknown);
    let style = table::style(state).bold();
    let name = observation.page.name.as_deref().unwrap_or(&source.source.url);
    anstream::println!("{style}{} {name}: {}{style:#}", table::shape(state), state.label());
    for line in recognition(source, looked) {
        anstream::println!("{line}");
    }
    if !observation.components.is_empty() {
        let mut shown = table::table(&["component", "state"]);
        for component in &observation.components {
            shown.add_row([component.path(), table::state(component.state.as_str())]);
        }
        let states: Vec<State> = observation.components.iter().map(|component| component.state).collect();
        anstream::println!();
        table::print(&shown, &states);
    }
    let word = |phase: Option<Phase>| phase.map_or("Unknown", Phase::label);
    let mut shown = table::table(&["incident or maintenance", "status", "from"]);
    let open = observation.incidents.iter().filter(|incident| incident.is_open());
    let mut rows = 0;
    for incident in open {
        let from = incident.started_at.map(|at| at.to_string()).unwrap_or_default();
        shown.add_row([incident.title.as_str(), word(incident.phase), &from]);
        rows += 1;
    }
    for maintenance in observation.maintenances.iter().filter(|m| m.phase.is_none_or(Phase::is_open)) {
        let from = maintenance.starts_at.map(|at| at.to_string()).unwrap_or_default();
        shown.add_row([maintenance.title.as_str(), word(maintenance.phase), &from]);
        rows += 1;
    }
    if rows > 0 {
        anstream::println!();
        table::print(&shown, &[]);
    }
    for warning in &observation.warnings {
        anstream::println!("  warning: {warning}");
    }
    let lines = match vendor(page) {
        Some(vendor) => vec![vendor.slug.to_owned()],
        None => entry::lines(source, &source.source.url, None, Some(looked)),
    };
    anstream::print!("\nTo watch it, put this into sources.yaml, under `sources:`\n{}", entry::pasted(&lines));
}
