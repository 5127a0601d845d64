//! What templates show, ready to be put in: no logic is left to them but loops and choices.

pub mod admin;
pub mod claim;
pub mod console;
pub mod docs;
pub mod embed;
pub mod figures;
pub mod history;
pub mod incident;
pub mod past;
pub mod receipts;
pub mod reports;
pub mod review;
pub mod service;
pub mod source;
pub mod status;
pub mod told;
pub mod verdict;
pub mod wall;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::model::event::{Event, EventKind};
use crate::model::incident::{Listing, Phase, Update};
use crate::model::level::State;
use crate::model::receipt::{Evidence, Kept};
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView, Snapshot, SourceView};
use crate::model::source::{FailureKind, PageSettings};
use crate::model::text::Text;
use crate::render::assets;
use crate::render::subject::Subject;

/// What every page has.
#[derive(Debug, Serialize)]
pub struct Page {
    title: String,
    style: String,
    script: String,
    generated: Time,
    /// The names of events at which the page refreshes itself; `None`: it does not.
    live: Option<String>,
    /// Readers can sign up.
    subscribe: bool,
    /// What stands before the path of a calendar, so that a click subscribes to it.
    calendars: String,
    /// What a chat shows of a link to it.
    share: Option<Share>,
}

/// What a chat shows of a link. It is kept for days: it says for when it holds.
#[derive(Debug, Serialize)]
struct Share {
    title: String,
    description: String,
    url: String,
    image: String,
}

impl Page {
    /// The same with what a chat shows of a link to `path`, where strangers may read it. Programs that fetch previews
    /// need whole addresses: those are given where it is known where people reach the page.
    fn shared(self, snapshot: &Snapshot, path: &str, title: &str, says: &str) -> Self {
        if snapshot.page.private {
            return self;
        }
        let base = snapshot.page.url.as_deref().unwrap_or_default();
        let picture = if path.starts_with("/maintenances/") { "" } else { path.trim_end_matches('/') };
        let share = Share {
            title: title.to_owned(),
            description: format!("{says}; as of {}", self.generated.text),
            url: format!("{base}{path}"),
            image: format!("{base}{picture}/og.png"),
        };
        Self { share: Some(share), ..self }
    }
}

/// A moment for people and for programs.
#[derive(Debug, Clone, Serialize)]
pub struct Time {
    iso: String,
    text: String,
}

impl Time {
    /// For people, in UTC.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A state as word and as label.
#[derive(Debug, Serialize)]
pub struct Shown {
    word: &'static str,
    label: &'static str,
}

/// A component that something touches.
#[derive(Debug, Serialize)]
pub struct Part {
    path: String,
    /// `None`: no component, but how many more there are.
    state: Option<&'static str>,
    counted: bool,
}

/// An incident in a list.
#[derive(Debug, Serialize)]
pub struct IncidentItem {
    href: String,
    title: String,
    state: &'static str,
    label: &'static str,
    source: String,
    source_href: Option<String>,
    phase: &'static str,
    since: Option<Time>,
    url: Option<String>,
    marked: Option<&'static str>,
    says: Option<String>,
    said_at: Option<Time>,
    affected: Vec<Part>,
    verdict: Option<verdict::Verdict>,
}

/// A maintenance in a list.
#[derive(Debug, Serialize)]
pub struct MaintenanceItem {
    href: String,
    title: String,
    state: &'static str,
    source: String,
    source_href: Option<String>,
    phase: &'static str,
    starts: Option<Time>,
    ends: Option<Time>,
    url: Option<String>,
    marked: Option<&'static str>,
    affected: Vec<Part>,
}

/// Ninety days as runs of equal days.
#[derive(Debug, Serialize)]
pub struct Days {
    words: String,
    runs: Vec<Run>,
}

#[derive(Debug, Serialize)]
struct Run {
    at: usize,
    days: usize,
    state: Option<&'static str>,
}

/// One update on a timeline.
#[derive(Debug, Serialize)]
pub struct Post {
    at: Option<Time>,
    phase: Option<&'static str>,
    /// Who wrote it, where that was one of us.
    author: Option<String>,
    /// When it was put right.
    corrected: Option<Time>,
    words: minijinja::Value,
    sent: Vec<Sent>,
}

/// A document as its vendor sent it.
#[derive(Debug, Serialize)]
pub struct Sent {
    name: String,
    href: String,
}

/// One line of the log.
#[derive(Debug, Serialize)]
pub struct Line {
    at: Time,
    what: String,
    name: String,
    note: Option<String>,
    sent: Vec<Sent>,
}

/// The frame of a page about the present.
pub fn page(snapshot: &Snapshot, live: bool) -> Page {
    let kinds: Vec<&str> = EventKind::ALL.into_iter().map(EventKind::as_str).collect();
    Page {
        title: snapshot.page.title.clone(),
        style: assets::style(),
        script: assets::script(),
        generated: time(snapshot.generated_at),
        live: live.then(|| kinds.join(" ")),
        subscribe: snapshot.page.subscribe,
        calendars: calendars(&snapshot.page),
        share: None,
    }
}

/// `webcal:` and where the page is. Calendars cannot sign in: on a private page the path alone, for a file to keep.
fn calendars(page: &PageSettings) -> String {
    let url = page.url.as_deref().filter(|_| !page.private).and_then(|url| url.split_once("://"));
    url.map_or_else(String::new, |(_, rest)| format!("webcal://{}", rest.trim_end_matches('/')))
}

/// The frame of a page without a moment.
pub fn still(title: &str) -> Page {
    Page {
        title: title.to_owned(),
        style: assets::style(),
        script: assets::script(),
        generated: Time { iso: String::new(), text: String::new() },
        live: None,
        subscribe: false,
        calendars: String::new(),
        share: None,
    }
}

/// The one place where HTML from outside is put in as it is. `Text::html` was sanitised at the boundary.
fn words(text: &Text) -> minijinja::Value {
    minijinja::Value::from_safe_string(text.html.clone())
}

/// A moment in words that hold everywhere; the page's script says it in the reader's own.
pub fn time(at: Timestamp) -> Time {
    let text = at.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b %Y, %H:%M UTC").to_string();
    let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
    Time { iso: seconds.to_string(), text }
}

/// A state as word and as label.
pub fn shown(state: State) -> Shown {
    Shown { word: state.as_str(), label: state.label() }
}

fn parts(affected: &[Affected]) -> Vec<Part> {
    // What counts comes first; a long list is cut where nobody reads on.
    let mut sorted: Vec<&Affected> = affected.iter().collect();
    sorted.sort_by_key(|part| (!part.counted, std::cmp::Reverse(part.state.weight())));
    let mut parts: Vec<Part> = sorted
        .iter()
        .take(12)
        .map(|part| Part { path: part.path.clone(), state: Some(part.state.as_str()), counted: part.counted })
        .collect();
    if sorted.len() > parts.len() {
        let more = sorted.len() - parts.len();
        parts.push(Part { path: format!("and {more} more"), state: None, counted: true });
    }
    parts
}

fn phase(phase: Option<Phase>) -> &'static str {
    phase.map_or("Status not understood", Phase::label)
}

fn marked(listing: Listing, stale: bool) -> Option<&'static str> {
    match listing {
        Listing::Missing { .. } => Some("the vendor’s page does not list it any more; nobody said that it is over"),
        Listing::NoLongerListed { .. } => Some("closed because the vendor’s page stopped listing it"),
        Listing::Listed if stale => Some("the page cannot be read or believed now: this is the last that is known"),
        Listing::Listed => None,
    }
}

/// An incident in a list.
pub fn incident_item(view: &IncidentView) -> IncidentItem {
    let incident = &view.incident;
    let newest = incident.updates.first();
    IncidentItem {
        href: format!("/incidents/{}", incident.id),
        title: incident.title.clone(),
        state: view.state.as_str(),
        label: view.state.label(),
        source: view.source_name.clone(),
        source_href: incident.source.as_ref().map(|source| format!("/sources/{source}")),
        phase: phase(incident.phase),
        since: Some(time(incident.began_at())),
        url: incident.url.clone(),
        marked: marked(incident.listing, view.stale),
        says: newest.map(|update| line(&update.body.plain)).filter(|says| !says.is_empty()),
        said_at: newest.and_then(|update| update.at).map(time),
        affected: parts(&view.affected),
        verdict: verdict::verdict(view),
    }
}

/// A maintenance in a list.
pub fn maintenance_item(view: &MaintenanceView) -> MaintenanceItem {
    let maintenance = &view.maintenance;
    let running = maintenance.is_running();
    MaintenanceItem {
        href: format!("/maintenances/{}", maintenance.id),
        title: maintenance.title.clone(),
        state: if running || maintenance.is_open() { State::UNDER_MAINTENANCE } else { State::OPERATIONAL }.as_str(),
        source: view.source_name.clone(),
        source_href: maintenance.source.as_ref().map(|source| format!("/sources/{source}")),
        phase: phase(maintenance.phase),
        starts: maintenance.starts_at.map(time),
        ends: maintenance.ends_at.map(time),
        url: maintenance.url.clone(),
        marked: marked(maintenance.listing, view.stale),
        affected: parts(&view.affected),
    }
}

/// The first lines of a text as one.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ");
    if joined.chars().count() <= 240 {
        return joined;
    }
    joined.chars().take(239).chain(['…']).collect()
}

/// The word for a source's state: a quiet feed announces nothing, which is less than operational.
pub fn label(view: &SourceView) -> &'static str {
    match (view.basis, view.state) {
        (crate::model::observation::Basis::Announcements, State::OPERATIONAL) => "No announced incident",
        (_, State::Unknown) if is_changed(view) => "Unknown (changed)",
        (_, state) => state.label(),
    }
}

fn is_changed(view: &SourceView) -> bool {
    view.freshness.error.as_ref().is_some_and(|error| error.kind == FailureKind::Changed)
}

/// Ninety days as runs.
pub fn days(cells: &[Option<State>]) -> Days {
    let mut runs: Vec<Run> = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let state = cell.map(State::as_str);
        match runs.last_mut() {
            Some(run) if run.state == state => run.days += 1,
            _ => runs.push(Run { at, days: 1, state }),
        }
    }
    let count = |wanted: &dyn Fn(State) -> bool| cells.iter().flatten().filter(|state| wanted(**state)).count();
    let observed = cells.iter().flatten().count();
    let words = format!(
        "Of the last {} days {observed} were observed: {} with trouble, {} with maintenance, {} unknown",
        cells.len(),
        count(&State::is_trouble),
        count(&|state| state == State::UNDER_MAINTENANCE),
        count(&|state| state == State::Unknown)
    );
    Days { words, runs }
}

/// Updates on a timeline.
pub fn posts(updates: &[Update], evidence: &Evidence) -> Vec<Post> {
    let post = |update: &Update| Post {
        at: update.at.map(time),
        phase: update.phase.map(Phase::label),
        author: update.told.as_ref().map(|told| told.author.clone()),
        corrected: update.told.as_ref().and_then(|told| told.corrected.as_ref()).map(|(at, _)| time(*at)),
        words: words(&update.body),
        sent: sent(evidence, evidence.at(update.noticed_at)),
    };
    updates.iter().map(post).collect()
}

/// Links to documents as they were sent.
pub fn sent(evidence: &Evidence, documents: &[Kept]) -> Vec<Sent> {
    let Some(source) = &evidence.source else { return Vec::new() };
    let link =
        |one: &Kept| Sent { name: one.document.clone(), href: format!("/sources/{source}/receipts/{}", one.hash) };
    documents.iter().map(link).collect()
}

/// Lines of the log.
pub fn lines(events: &[Event], evidence: &Evidence) -> Vec<Line> {
    let word = |word: &Option<String>| {
        let word = word.as_deref().unwrap_or("nothing");
        State::from_word(word).map_or_else(|| word.replace('_', " "), |state| state.label().to_lowercase())
    };
    let line = |event: &Event| Line {
        at: time(event.at),
        what: match (event.kind, &event.from, &event.to) {
            (EventKind::SourceState | EventKind::ComponentState | EventKind::ServiceState, Some(_), Some(_)) => {
                format!("{} → {}", word(&event.from), word(&event.to))
            }
            _ => happened(event.kind).to_owned(),
        },
        name: event.name.clone(),
        note: event.note.as_deref().map(line),
        sent: sent(evidence, evidence.of_event(event)),
    };
    events.iter().map(line).collect()
}

fn happened(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SourceState | EventKind::ComponentState => "state changed",
        EventKind::SourceUnreadable => "cannot be read",
        EventKind::SourceReadable => "can be read again",
        EventKind::SourceReshaped => "has changed for good",
        EventKind::ComponentListed => "component listed",
        EventKind::ComponentUnlisted => "component no longer listed",
        EventKind::IncidentOpened => "incident opened",
        EventKind::IncidentUpdated => "incident updated",
        EventKind::IncidentResolved => "incident resolved",
        EventKind::IncidentReopened => "incident reopened",
        EventKind::IncidentUnlisted => "incident no longer listed",
        EventKind::MaintenanceAnnounced => "maintenance announced",
        EventKind::MaintenanceMoved => "maintenance moved",
        EventKind::MaintenanceUpdated => "maintenance updated",
        EventKind::MaintenanceStarted => "maintenance started",
        EventKind::MaintenanceCompleted => "maintenance completed",
        EventKind::MaintenanceCancelled => "maintenance cancelled",
        EventKind::MaintenanceUnlisted => "maintenance no longer listed",
        EventKind::IncidentRemoved => "incident removed",
        EventKind::IncidentJudged => "incident judged",
        EventKind::MaintenanceRemoved => "maintenance removed",
        EventKind::MaintenanceSoon => "maintenance is about to start",
        EventKind::ServiceState => "state changed",
        EventKind::SourceOverride => "state set by an operator",
        EventKind::CutOff => "allclear was cut off",
        EventKind::Reconnected => "allclear was connected again",
        EventKind::ChannelFailing => "channel takes no messages",
        EventKind::ChannelWorking => "channel takes messages again",
    }
}
