//! What somebody means by a name: exactly that, or nothing, with what is like it. A likely guess is offered, never
//! answered: it would be the state of something else.

use std::sync::Arc;

use super::answer::{line, short};
use super::rows::named;
use crate::limits;
use crate::model::id::{ComponentId, ServiceId, SourceId};
use crate::model::snapshot::{ComponentView, ServiceView, Snapshot, SourceView};

/// How alike a name must be to be offered.
const ALIKE: f64 = 0.82;
/// Names that are offered.
const OFFERED: usize = 5;

/// Something that has this name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'a> {
    Service(&'a ServiceView),
    Source(&'a SourceView),
    Component(&'a SourceView, &'a ComponentView),
}

/// One thing whose past can be measured, and what it is called.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A source as a whole.
    Source(SourceId, String),
    /// A component of a source.
    Component(SourceId, ComponentId, String),
    /// A service of the team.
    Service(ServiceId, String),
}

/// The one thing that is meant by a name.
///
/// # Errors
/// Where nothing has this name, or more than one thing.
pub fn subject(snapshot: &Snapshot, name: &str) -> Result<Subject, String> {
    let source = |view: &SourceView| named(&view.source.name, view.source.id.as_str());
    match find(snapshot, name).as_slice() {
        [] => Err(format!("nothing called {} is watched here{}", short(name), offer(like(snapshot, name)))),
        [Found::Source(view)] => Ok(Subject::Source(view.source.id.clone(), source(view))),
        [Found::Service(view)] => {
            let called = named(&view.service.name, view.service.id.as_str());
            Ok(Subject::Service(view.service.id.clone(), format!("{called}, a service of this team")))
        }
        [Found::Component(view, part)] => {
            let called = format!("{}, a component of {}", short(&part.path), source(view));
            Ok(Subject::Component(view.source.id.clone(), part.id.clone(), called))
        }
        many => Err(format!("{} things are called {}: name the source, too, or give an id", many.len(), short(name))),
    }
}

/// A name by its letters and digits alone, in words.
fn plain(name: &str) -> String {
    let letters: String = name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn squashed(name: &str) -> String {
    name.replace(' ', "")
}

fn is_called(asked: &str, id: &str, name: &str) -> bool {
    let (id, name) = (plain(id), plain(name));
    asked == id || asked == name || squashed(asked) == squashed(&name)
}

fn has_words(asked: &str, name: &str) -> bool {
    format!(" {} ", plain(name)).contains(&format!(" {asked} "))
}

fn part_is_called(asked: &str, part: &ComponentView) -> bool {
    let last = part.path.rsplit('/').next().unwrap_or(&part.path);
    asked == plain(&part.path) || asked == plain(last)
}

/// Everything that has this name: services and sources first, then a component of a source that is named before it,
/// then components of any source, then whatever has these words in its name.
pub(super) fn find<'a>(snapshot: &'a Snapshot, name: &str) -> Vec<Found<'a>> {
    let asked = plain(name);
    if asked.is_empty() || name.len() > limits::WANTED.saturating_mul(4) {
        return Vec::new();
    }
    let services = || snapshot.services.iter();
    let sources = || snapshot.sources.iter().map(Arc::as_ref);
    let all: Vec<Found<'a>> = services()
        .filter(|view| is_called(&asked, view.service.id.as_str(), &view.service.name))
        .map(Found::Service)
        .chain(
            sources().filter(|view| is_called(&asked, view.source.id.as_str(), &view.source.name)).map(Found::Source),
        )
        .collect();
    if !all.is_empty() {
        return all;
    }
    let within = sources().flat_map(|view| parts_after(&asked, view)).collect::<Vec<_>>();
    if !within.is_empty() {
        return within;
    }
    let parts = sources().flat_map(|view| {
        view.components.iter().filter(|part| part_is_called(&asked, part)).map(|part| Found::Component(view, part))
    });
    let parts: Vec<Found<'a>> = parts.collect();
    if !parts.is_empty() {
        return parts;
    }
    let services = services().filter(|view| has_words(&asked, &view.service.name)).map(Found::Service);
    services.chain(sources().filter(|view| has_words(&asked, &view.source.name)).map(Found::Source)).collect()
}

/// The components of a source that are named after it: `GitHub/Actions`, `github actions`.
fn parts_after<'a>(asked: &str, view: &'a SourceView) -> Vec<Found<'a>> {
    let source = &view.source;
    for front in [plain(source.id.as_str()), plain(&source.name)] {
        let rest = asked.strip_prefix(&front).and_then(|rest| rest.strip_prefix(' '));
        let Some(rest) = rest.filter(|_| !front.is_empty()) else { continue };
        let parts: Vec<_> = view.components.iter().filter(|part| part_is_called(rest, part)).collect();
        if !parts.is_empty() {
            return parts.into_iter().map(|part| Found::Component(view, part)).collect();
        }
    }
    Vec::new()
}

/// The names that are most like one that nothing has.
pub(super) fn like(snapshot: &Snapshot, name: &str) -> Vec<String> {
    let asked = plain(&name.chars().take(limits::WANTED).collect::<String>());
    let services = snapshot.services.iter().map(|view| (view.service.name.clone(), view.service.name.clone()));
    let sources = snapshot.sources.iter().flat_map(|view| {
        let name = &view.source.name;
        let own = (name.clone(), name.clone());
        let parts = view.components.iter().map(move |part| {
            let last = part.path.rsplit('/').next().unwrap_or(&part.path);
            (last.to_owned(), format!("{name}/{}", part.path))
        });
        std::iter::once(own).chain(parts)
    });
    let mut scored: Vec<(f64, String)> = services
        .chain(sources)
        .filter_map(|(known, shown)| {
            let known = plain(&known);
            let shares = asked.split(' ').any(|word| word.len() > 2 && has_words(word, &known));
            let words = known.split(' ').filter(|word| word.len() > 2);
            let alike = words.chain([known.as_str()]).map(|word| strsim::jaro_winkler(&asked, word));
            let score = alike.fold(0.0, f64::max);
            let score = if shares { score.max(ALIKE) } else { score };
            (score >= ALIKE).then(|| (score, line(&shown).chars().take(limits::MCP_WORDS).collect()))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// The one source that is meant by a name or an id.
///
/// # Errors
/// Where there is none, or more than one: an empty list of its incidents would look like good news.
pub fn source<'a>(snapshot: &'a Snapshot, name: &str) -> Result<&'a SourceView, String> {
    let asked = plain(name);
    let all = || snapshot.sources.iter().map(Arc::as_ref);
    let exact: Vec<_> = all().filter(|view| is_called(&asked, view.source.id.as_str(), &view.source.name)).collect();
    let found: Vec<_> = if exact.is_empty() && !asked.is_empty() {
        all().filter(|view| has_words(&asked, &view.source.name)).collect()
    } else {
        exact
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let like = like(snapshot, name).into_iter().filter(|one| all().any(|view| view.source.name == *one));
            Err(format!("no source called {} is watched here{}", short(name), offer(like.collect())))
        }
        many => {
            let names = many.iter().take(OFFERED).map(|view| view.source.id.to_string()).collect();
            Err(format!("more than one source is called {}{}", short(name), offer(names)))
        }
    }
}

/// `; did you mean “a” or “b”?`, or nothing.
pub(super) fn offer(names: Vec<String>) -> String {
    if names.is_empty() {
        return "; list_sources tells what is watched".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| short(name)).collect();
    format!("; did you mean {}?", names.join(" or "))
}
