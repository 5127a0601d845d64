//! `allclear check`.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{BAD_NEWS, GOOD, Places, WRONG, complain, look, table};
use crate::app;
use crate::limits;
use crate::model::hook::Mode;
use crate::model::level::State;
use crate::poll;

/// Read the configuration.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Read every source once as well.
    #[arg(long)]
    online: bool,
}

/// Prints every mistake, and with `--online` what every source says.
pub async fn run(args: Args, places: &Places) -> u8 {
    let config = match app::read_config(&places.config) {
        Ok(config) => config,
        Err(problems) => {
            for problem in &problems {
                complain(problem);
            }
            let count = problems.len();
            anstream::eprintln!("{count} mistake{} in {}", if count == 1 { "" } else { "s" }, places.config.display());
            return WRONG;
        }
    };
    anstream::println!(
        "{}: good, {} sources, {} services and {} hooks",
        places.config.display(),
        config.sources.len(),
        config.services.len(),
        config.hooks.len()
    );
    for gate in &config.hooks {
        let hook = &gate.hook;
        let how = if hook.mode == Mode::Suggest { "an operator publishes" } else { "published at once" };
        anstream::println!("  /hooks/{}: {}; {how}", hook.id, gate.reader.kind.about);
    }
    for outlet in config.publish.iter() {
        anstream::println!("  published to {}", outlet.place);
    }
    if !args.online {
        return GOOD;
    }
    let shared = match look::shared(poll::fetch_settings(&config)) {
        Ok(shared) => shared,
        Err(error) => return complain(&error),
    };
    let at_once = Arc::new(Semaphore::new(16));
    let mut readings = JoinSet::new();
    for (place, source) in config.sources.iter().cloned().enumerate() {
        let (shared, at_once) = (shared.clone(), Arc::clone(&at_once));
        readings.spawn(async move {
            let _permit = at_once.acquire_owned().await;
            let read = poll::look(&source, &shared).await;
            (place, source, read)
        });
    }
    let mut done = Vec::new();
    while let Some(read) = readings.join_next().await {
        let Ok(read) = read else { continue };
        done.push(read);
        look::progress(done.len(), config.sources.len());
    }
    done.sort_by_key(|(place, _, _)| *place);
    let mut shown = table::table(&["source", "format", "state", "says"]);
    let mut states = Vec::new();
    for (_, source, read) in &done {
        let (format, state, says) = match read {
            Ok(poll::Looked { reader, observation, .. }) => {
                let state = observation.state().unwrap_or(State::Unknown);
                let says = format!(
                    "{} components, {} incidents, {} maintenances",
                    observation.components.len(),
                    observation.incidents.iter().filter(|incident| incident.is_open()).count(),
                    observation.maintenances.len()
                );
                (reader.format.name, state, says)
            }
            Err(failure) => ("-", State::Unknown, format!("{}: {}", failure.kind.as_str(), failure.message)),
        };
        states.push(state);
        shown.add_row([source.source.name.as_str(), format, &table::state(state.as_str()), &says]);
    }
    table::print(&shown, &states);
    let unread = done.iter().filter(|(_, _, read)| read.is_err()).count();
    let within = limits::WHOLE_ANSWER.as_secs();
    match unread {
        0 => GOOD,
        some => {
            anstream::eprintln!("{some} of {} cannot be read (each was given up to {within} s)", done.len());
            BAD_NEWS
        }
    }
}
