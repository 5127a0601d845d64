//! `allclear probe`: what a page says now.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use url::Url;

use super::{BAD_NEWS, GOOD, WRONG, complain, table};
use crate::catalog;
use crate::clock::Clock;
use crate::config::{self, SourceConfig};
use crate::fetch::{Fetcher, Settings};
use crate::formats::{self, Format};
use crate::ingest::Door;
use crate::limits;
use crate::model::incident::Phase;
use crate::model::level::State;
use crate::model::observation::Observation;
use crate::poll::{self, Shared};
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
        let source = match source(page, args.allow_private) {
            Ok(source) => source,
            Err(error) => {
                complain(&error);
                return WRONG;
            }
        };
        if at > 0 && !args.json {
            anstream::println!();
        }
        match poll::look(&source, &shared).await {
            Ok((reader, observation)) => {
                status = status.max(verdict(&observation));
                if args.json {
                    anstream::println!("{:#}", formats::wire::observation_json(reader.format.name, &observation));
                } else {
                    show(&source, reader.format, &observation);
                }
            }
            Err(failure) => {
                status = status.max(BAD_NEWS);
                complain(&format!("{page}: {}\n  hint: {}", failure.message, failure.kind.advice()));
            }
        }
    }
    status
}

/// Makes a source of an address or a name.
pub fn source(page: &str, allow_private: bool) -> Result<Arc<SourceConfig>, String> {
    let named = page.parse::<Url>().is_err() && catalog::find(page).is_some();
    let address = if page.contains("://") { page.to_owned() } else { format!("https://{page}") };
    let entry = if named {
        format!("use: {page:?}")
    } else {
        format!("name: probe\n    url: {address:?}\n    allow_private: {allow_private}")
    };
    let text = format!("sources:\n  - {entry}\n");
    let parsed = config::parse(&text, std::path::Path::new("probe"), &|_| None);
    let config = parsed.map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        format!("{page}: {first}")
    })?;
    config.sources.first().cloned().ok_or_else(|| format!("{page}: neither an address nor a known name"))
}

fn verdict(observation: &Observation) -> u8 {
    match observation.state() {
        Some(State::OPERATIONAL | State::UNDER_MAINTENANCE) => GOOD,
        _ => BAD_NEWS,
    }
}

fn show(source: &SourceConfig, format: &Format, observation: &Observation) {
    let state = observation.state().unwrap_or(State::Unknown);
    let style = table::style(state).bold();
    let name = observation.page.name.as_deref().unwrap_or(&source.source.url);
    anstream::println!("{style}{} {name}: {}{style:#}", table::shape(state), state.label());
    anstream::println!("  read as `{}` from {}", format.name, source.source.url);
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
    anstream::println!("\nTo watch it, put this into sources.yaml:\n  - name: {name}\n    url: {}", source.source.url);
}
