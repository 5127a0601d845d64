//! Answers operators who ask what a page says, or how it would be watched.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Unread, entry, look, source, vendor};
use crate::clock::Clock;
use crate::config::{self, SourceConfig};
use crate::fetch::Fetcher;
use crate::formats::Sureness;
use crate::ingest::Door;
use crate::limits;
use crate::model::intake::{Draft, Entry, Sighting};
use crate::model::level::State;
use crate::nudge::Nudges;
use crate::nudge::ask::Ask;
use crate::poll::{Looked, Shared};
use crate::telemetry::{Metrics, Pulse};

/// Those who look at pages for operators.
#[derive(Debug)]
pub struct Office {
    /// Questions.
    pub asks: mpsc::Receiver<Ask>,
    /// The way out, as configured now.
    pub fetcher: watch::Receiver<Option<Fetcher>>,
    /// The time.
    pub clock: Clock,
    /// Parsing blocks: shared with all other reading.
    pub parsers: Arc<Semaphore>,
}

impl Office {
    /// Answers until stopped, a few at a time.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut looking = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(_) = looking.join_next(), if !looking.is_empty() => {}
                asked = self.asks.recv(), if looking.len() < limits::LOOKS_AT_ONCE => match asked {
                    Some(ask) => drop(looking.spawn(answer(ask, self.shared()))),
                    None => return,
                },
            }
        }
    }

    /// What it takes to go out. Nothing that is read for an operator goes to the writer.
    fn shared(&self) -> Result<Shared, String> {
        let (door, _) = mpsc::channel(1);
        Ok(Shared {
            fetcher: self.fetcher.borrow().clone().ok_or("there is no way out")?,
            door: Door::to(door),
            clock: self.clock.clone(),
            nudges: Nudges::default(),
            metrics: Arc::new(Metrics::default()),
            pulse: Arc::new(Pulse::default()),
            parsers: Arc::clone(&self.parsers),
        })
    }
}

async fn answer(ask: Ask, shared: Result<Shared, String>) {
    // Whoever asked may have gone.
    match ask {
        Ask::Look(page, reply) => {
            let _ = reply.send(match shared {
                Ok(shared) => sighting(&page, &shared).await,
                Err(error) => Err(error),
            });
        }
        Ask::Compose(draft, reply) => {
            let _ = reply.send(match shared {
                Ok(shared) => compose(&draft, &shared).await,
                Err(error) => Err(error),
            });
        }
    }
}

async fn seen(page: &str, shared: &Shared) -> Result<(Arc<SourceConfig>, Looked), String> {
    let page = page.trim();
    if page.is_empty() || page.len() > limits::URL {
        return Err("give the address of a status page, or a name from the catalogue".to_owned());
    }
    look(page, false, shared).await.map_err(|unread| match unread {
        Unread::Wrong(error) => error,
        Unread::Failed(failure) => format!("{}: {}", failure.message, failure.kind.advice()),
    })
}

async fn sighting(page: &str, shared: &Shared) -> Result<Sighting, String> {
    let (source, looked) = seen(page, shared).await?;
    let observation = &looked.observation;
    let open = observation.incidents.iter().filter(|incident| incident.is_open());
    Ok(Sighting {
        page: page.trim().to_owned(),
        name: match vendor(page.trim()) {
            Some(_) => source.source.name.clone(),
            None => observation.page.name.clone().unwrap_or_else(|| source.source.host().to_owned()),
        },
        format: looked.reader.format.name.to_owned(),
        recognised: recognised(&looked),
        state: observation.state().unwrap_or(State::Unknown),
        components: observation.components.iter().map(|component| (component.path(), component.state)).collect(),
        incidents: open.map(|incident| incident.title.clone()).collect(),
        warnings: observation.warnings.clone(),
    })
}

fn recognised(looked: &Looked) -> Vec<String> {
    let Some(found) = &looked.found else { return vec!["known by name".to_owned()] };
    let sure = match found.sureness {
        Sureness::Certain => "certain: the document names itself",
        Sureness::Likely => "likely: the document has the shape of this format",
        Sureness::Maybe | Sureness::No => "a guess: the page points there, but the shape fits other formats, too",
    };
    let moved = looked.page_moved_to().map(|to| format!("the page has moved for good to {to}"));
    [sure.to_owned(), format!("asked: {}", found.seen.join("; "))].into_iter().chain(moved).collect()
}

async fn compose(draft: &Draft, shared: &Shared) -> Result<Entry, String> {
    let page = draft.page.trim();
    let (source, looked) = if draft.unread {
        (source(page, "https", false)?, None)
    } else {
        let (source, looked) = seen(page, shared).await?;
        (source, Some(looked))
    };
    let name = Some(draft.name.trim()).filter(|name| !name.is_empty());
    let mut lines = match vendor(page) {
        Some(vendor) => {
            let mut lines = vec![format!("use: {}", vendor.slug)];
            lines.extend(name.map(|name| format!("name: {}", entry::quoted(name))));
            lines
        }
        None => entry::lines(&source, source.address.as_str(), name, looked.as_ref()),
    };
    for (key, values) in [("tags", &draft.tags), ("components", &draft.components), ("ignore", &draft.ignore)] {
        if !values.is_empty() {
            let quoted: Vec<String> = values.iter().map(|value| entry::quoted(value)).collect();
            lines.push(format!("{key}: [{}]", quoted.join(", ")));
        }
    }
    lines.extend(draft.interval.map(|seconds| format!("interval: {seconds}s")));
    read(&lines)
}

/// The entry, if it is a good one. Nothing in it is taken from the environment or from files.
fn read(lines: &[String]) -> Result<Entry, String> {
    let text = format!("sources:\n{}", entry::pasted(lines));
    let parsed = config::parse(&text, Path::new("the new source"), &|_| None);
    let config = parsed.map_err(|problems| {
        let words = |problem: &config::Problem| match &problem.hint {
            Some(hint) => format!("{}; {hint}", problem.message),
            None => problem.message.clone(),
        };
        problems.first().map(words).unwrap_or_default()
    })?;
    let source = &config.sources.first().ok_or("it is no source")?.source;
    Ok(Entry { id: source.id.clone(), name: source.name.clone(), lines: lines.to_vec() })
}
