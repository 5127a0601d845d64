//! The page for the review of one vendor: its figures, each with what it rests on. It prints well.

use std::time::Duration;

use serde::Serialize;

use super::figures::{Bar, Promise, Windows, Words, bar, length, maybe, month, percent};
use super::{Page, Shown, Time, shown, time};
use crate::history::incidents::{Course, Figures, Sign, Spread, during};
use crate::history::report::Report;
use crate::history::targets::Budget;
use crate::history::uptime::{Outage, Part, Tally};
use crate::model::incident::{Maintenance, Phase};
use crate::model::level::State;
use crate::model::receipt::{Evidence, Kept};
use crate::model::snapshot::{Snapshot, SourceView};
use crate::model::target::Target;
use crate::render::plot::{Column, Plot, columns, counts, percent as scale};

/// Ranges of times to resolve.
const RANGES: [(&str, u64); 6] = [
    ("15 min", 15 * 60),
    ("1 h", 3_600),
    ("4 h", 4 * 3_600),
    ("12 h", 12 * 3_600),
    ("1 d", 86_400),
    ("more", u64::MAX),
];

/// What was said and sent while it was down.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// All incidents that touch the window, those that began before it included.
    pub courses: &'a [Course<'a>],
    /// The documents behind it.
    pub evidence: &'a Evidence,
}

/// What the page is made of.
#[derive(Debug)]
pub struct Input<'a> {
    /// The figures.
    pub report: &'a Report<'a>,
    /// What was said and sent.
    pub said: Said<'a>,
    /// What was promised, and how it stands.
    pub promise: Option<&'a (Target, Budget)>,
    /// Planned work that touches the window, in order.
    pub planned: &'a [Maintenance],
    /// The oldest incidents are not in it.
    pub cut: bool,
}

/// The page for the review of one vendor.
#[derive(Debug, Serialize)]
pub struct Review {
    page: Page,
    id: String,
    name: String,
    url: String,
    /// Where people reach this page; links on paper begin with it.
    here: String,
    windows: Windows,
    words: Words,
    outages: usize,
    longest: Option<String>,
    incidents: String,
    open: usize,
    acknowledge: Times,
    resolve: Times,
    promise: Option<Promise>,
    bar: Bar,
    plots: Vec<Plot>,
    components: Vec<Component>,
    more_components: usize,
    downtime: Vec<Down>,
    timeline: Vec<Clocked>,
    planned: Vec<Planned>,
    cut: bool,
}

/// Planned work.
#[derive(Debug, Serialize)]
struct Planned {
    href: String,
    title: String,
    phase: &'static str,
    starts: Option<Time>,
    ends: Option<Time>,
    /// How long before its start it was announced.
    ahead: Option<String>,
}

#[derive(Debug, Serialize)]
struct Times {
    measured: usize,
    median: String,
    longest: String,
}

#[derive(Debug, Serialize)]
struct Component {
    path: String,
    counted: bool,
    words: Words,
}

/// A stretch of time that it was down, with what shows it.
#[derive(Debug, Serialize)]
pub struct Down {
    from: Time,
    to: Time,
    length: String,
    state: Shown,
    edge: Option<&'static str>,
    said: Vec<Told>,
    sent: Vec<Sent>,
}

#[derive(Debug, Serialize)]
struct Told {
    href: String,
    title: String,
    /// The vendor's first and last words.
    posts: Vec<Post>,
}

#[derive(Debug, Serialize)]
struct Post {
    at: Option<Time>,
    phase: Option<&'static str>,
    text: String,
}

/// A document as its vendor sent it, to be read on paper.
#[derive(Debug, Serialize)]
struct Sent {
    name: String,
    href: String,
    hash: String,
    read_at: Time,
}

#[derive(Debug, Serialize)]
struct Clocked {
    href: String,
    title: String,
    began: Option<Time>,
    posted: Option<Time>,
    noticed: Option<Time>,
    sign: Option<&'static str>,
    sign_href: Option<String>,
    acknowledged: Option<String>,
    resolved: Option<String>,
    open: bool,
    sent: Vec<Sent>,
}

/// Components whose figures stand on the page; the API has all.
const COMPONENTS: usize = 60;
/// Words of a vendor on the page; the incident's own page has all.
const WORDS: usize = 400;

fn times(spread: &Spread) -> Times {
    Times { measured: spread.measured, median: maybe(spread.median), longest: maybe(spread.longest) }
}

fn sent(evidence: &Evidence, documents: &[Kept]) -> Vec<Sent> {
    let Some(source) = &evidence.source else { return Vec::new() };
    let one = |kept: &Kept| Sent {
        name: kept.document.clone(),
        href: format!("/sources/{source}/receipts/{}", kept.hash),
        hash: kept.hash.clone(),
        read_at: time(kept.read_at),
    };
    documents.iter().map(one).collect()
}

fn told(course: &Course<'_>) -> Told {
    let updates = &course.incident.updates;
    let post = |update: &crate::model::incident::Update| Post {
        at: update.at.map(time),
        phase: update.phase.map(Phase::label),
        text: update.body.plain.chars().take(WORDS).collect(),
    };
    let first = updates.last().map(post);
    let last = updates.first().filter(|_| updates.len() > 1).map(post);
    Told {
        href: format!("/incidents/{}", course.incident.id),
        title: course.incident.title.clone(),
        posts: first.into_iter().chain(last).collect(),
    }
}

/// One outage with what was said and sent.
pub fn down(outage: &Outage, said: Said<'_>) -> Down {
    let ends = [outage.window.from(), outage.window.to()];
    Down {
        from: time(ends[0]),
        to: time(ends[1]),
        length: length(outage.window.length()),
        state: shown(State::Known(outage.worst)),
        edge: match (outage.start_seen, outage.end_seen) {
            (true, true) => None,
            (true, false) => Some("its end was not seen"),
            (false, true) => Some("its beginning was not seen"),
            (false, false) => Some("neither its beginning nor its end was seen"),
        },
        said: during(said.courses, outage.window).into_iter().map(told).collect(),
        sent: ends.into_iter().flat_map(|at| sent(said.evidence, said.evidence.at(Some(at)))).collect(),
    }
}

fn sign(sign: Sign) -> &'static str {
    match sign {
        Sign::Alert => "an alert of ours",
        Sign::Declared => "an incident of ours",
        Sign::State => "a state on its page",
        Sign::Mention => "another vendor’s words",
    }
}

fn clocked(course: &Course<'_>, evidence: &Evidence) -> Clocked {
    let incident = course.incident;
    let first = incident.updates.iter().filter_map(|update| update.noticed_at).min();
    Clocked {
        href: format!("/incidents/{}", incident.id),
        title: incident.title.clone(),
        began: course.began.map(time),
        posted: course.posted.map(time),
        noticed: course.notice.map(|notice| time(notice.at)),
        sign: course.notice.map(|notice| sign(notice.sign)),
        sign_href: course.notice.and_then(|notice| notice.incident.as_ref()).map(|id| format!("/incidents/{id}")),
        acknowledged: course.acknowledged.map(length),
        resolved: course.resolved.map(length),
        open: incident.is_open(),
        sent: sent(evidence, evidence.at(first)),
    }
}

fn planned(work: &Maintenance) -> Planned {
    let ahead = work.starts_at.map(|starts| starts.duration_since(work.announced_at()));
    Planned {
        href: format!("/maintenances/{}", work.id),
        title: work.title.clone(),
        phase: work.phase.map_or("Not understood", Phase::label),
        starts: work.starts_at.map(time),
        ends: work.ends_at.map(time),
        ahead: ahead.and_then(|ahead| Duration::try_from(ahead).ok()).map(length),
    }
}

fn plots(report: &Report<'_>) -> Vec<Plot> {
    let up = |(part, _): &(Part, Figures)| {
        let share = part.tally.without_maintenance();
        Column { label: month(part), shown: percent(share), value: share.map(|share| share.percent()) }
    };
    let uptime: Vec<Column> = report.months.iter().map(up).collect();
    let lowest = uptime.iter().filter_map(|column| column.value).fold(100.0, f64::min);
    let begun = |(part, figures): &(Part, Figures)| {
        let count = figures.count.and_then(|count| u32::try_from(count).ok());
        Column {
            label: month(part),
            shown: count.map_or_else(|| super::figures::UNKNOWN.to_owned(), |count| count.to_string()),
            value: count.map(f64::from),
        }
    };
    let incidents: Vec<Column> = report.months.iter().map(begun).collect();
    let most = report.months.iter().filter_map(|(_, figures)| figures.count).max().unwrap_or(0);
    let resolved: Vec<Duration> = report.courses.iter().filter_map(|course| course.resolved).collect();
    let mut from = 0;
    let ranges: Vec<(Column, usize)> = RANGES
        .iter()
        .map(|(label, to)| {
            let count = resolved.iter().filter(|length| (from..*to).contains(&length.as_secs())).count();
            from = *to;
            let label = if *to == u64::MAX { (*label).to_owned() } else { format!("< {label}") };
            let value = u32::try_from(count).ok().map(f64::from);
            (Column { label, shown: count.to_string(), value }, count)
        })
        .collect();
    let longest = ranges.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let ranges: Vec<Column> = ranges.into_iter().map(|(column, _)| column).collect();
    vec![
        columns(
            ("plot-uptime", "Uptime by month"),
            format!(
                "Share of the observed time outside planned work in which it was up. The axis begins at {} %.",
                scale(lowest).from
            ),
            ["Month", "Uptime"],
            &uptime,
            &scale(lowest),
        ),
        columns(
            ("plot-incidents", "Incidents by month"),
            "Incidents that the vendor dates into the month.".to_owned(),
            ["Month", "Incidents"],
            &incidents,
            &counts(most),
        ),
        columns(
            ("plot-resolve", "Time to resolve"),
            format!("How many of the {} incidents with a stated beginning and end took how long.", resolved.len()),
            ["Took", "Incidents"],
            &ranges,
            &counts(longest),
        ),
    ]
}

/// Where people reach these pages, to begin links on paper.
pub fn here(snapshot: &Snapshot) -> String {
    snapshot.page.url.as_deref().unwrap_or_default().trim_end_matches('/').to_owned()
}

/// Makes the page.
pub fn page(snapshot: &Snapshot, view: &SourceView, windows: Windows, input: &Input<'_>) -> Review {
    let report = input.report;
    let component = |(piece, tally): &(&crate::history::report::Piece, Tally)| Component {
        path: piece.path.clone(),
        counted: piece.counted,
        words: Words::of(tally),
    };
    let longest = report.outages.iter().map(|outage| outage.window.length()).max();
    Review {
        page: super::page(snapshot, false),
        id: view.source.id.to_string(),
        name: view.source.name.clone(),
        url: view.source.url.clone(),
        here: here(snapshot),
        windows,
        words: Words::of(&report.tally),
        outages: report.outages.len(),
        longest: longest.map(length),
        incidents: report.figures.count.map_or_else(|| super::figures::UNKNOWN.to_owned(), |count| count.to_string()),
        open: report.figures.open,
        acknowledge: times(&report.figures.acknowledge),
        resolve: times(&report.figures.resolve),
        promise: input.promise.map(|(target, budget)| Promise::of(target, budget)),
        bar: bar(&report.days),
        plots: plots(report),
        more_components: report.components.len().saturating_sub(COMPONENTS),
        components: report.components.iter().take(COMPONENTS).map(component).collect(),
        downtime: report.outages.iter().rev().map(|outage| down(outage, input.said)).collect(),
        timeline: report.courses.iter().rev().map(|course| clocked(course, input.said.evidence)).collect(),
        planned: input.planned.iter().rev().map(planned).collect(),
        cut: input.cut,
    }
}
