//! The page of all vendors' figures, and the page of some of them side by side.

use serde::Serialize;

use super::Page;
use super::figures::{Windows, Words, length, maybe, month, percent, says};
use crate::history::report::{Line, Report};
use crate::history::targets::{Budget, Standing};
use crate::model::snapshot::Snapshot;
use crate::model::target::Target;

/// The page of all vendors' figures.
#[derive(Debug, Serialize)]
pub struct Reports {
    page: Page,
    windows: Windows,
    sort: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    words: Words,
    outages: usize,
    longest: Option<String>,
    incidents: String,
    promise: Option<Stands>,
}

/// How a promise stands, short.
#[derive(Debug, Serialize)]
struct Stands {
    target: String,
    says: &'static str,
    broken: bool,
}

/// By what a list of vendors is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The least up first; of whom nothing is known, last.
    Uptime,
    /// By name.
    Name,
    /// The most first.
    Incidents,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Uptime, Self::Name, Self::Incidents];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uptime => "uptime",
            Self::Name => "name",
            Self::Incidents => "incidents",
        }
    }

    /// Reads a word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == word)
    }
}

fn stands(promise: Option<&(Target, Budget)>) -> Option<Stands> {
    promise.map(|(target, budget)| Stands {
        target: format!("{} %", target.uptime),
        says: says(budget),
        broken: budget.standing == Standing::Broken,
    })
}

fn count(count: Option<usize>) -> String {
    count.map_or_else(|| super::figures::UNKNOWN.to_owned(), |count| count.to_string())
}

/// Makes the page of all vendors' figures.
pub fn all(snapshot: &Snapshot, windows: Windows, mut lines: Vec<Line>, sort: Sort) -> Reports {
    let name = |line: &Line| line.name.to_lowercase();
    match sort {
        Sort::Name => lines.sort_by_key(name),
        Sort::Uptime => lines.sort_by_key(|line| {
            let share = line.tally.without_maintenance();
            (share.is_none(), share, name(line))
        }),
        Sort::Incidents => lines.sort_by_key(|line| (std::cmp::Reverse(line.incidents), name(line))),
    }
    let row = |line: Line| Row {
        words: Words::of(&line.tally),
        outages: line.outages.len(),
        longest: line.outages.iter().map(|outage| outage.window.length()).max().map(length),
        incidents: count(line.incidents),
        promise: stands(line.promise.as_ref()),
        id: line.id,
        name: line.name,
    };
    let rows = lines.into_iter().map(row).collect();
    Reports { page: super::page(snapshot, false), windows, sort: sort.as_str(), rows }
}

/// Some vendors side by side.
#[derive(Debug, Serialize)]
pub struct Compare {
    page: Page,
    windows: Windows,
    choices: Vec<Choice>,
    most: usize,
    cards: Vec<Card>,
    /// One row for each figure, one cell for each card.
    rows: Vec<Figure>,
    months: Vec<Figure>,
}

#[derive(Debug, Serialize)]
struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

#[derive(Debug, Serialize)]
struct Card {
    id: String,
    name: String,
    cut: bool,
}

#[derive(Debug, Serialize)]
struct Figure {
    label: String,
    cells: Vec<String>,
}

/// What stands in one column.
#[derive(Debug)]
pub struct Compared<'a> {
    /// The source.
    pub id: &'a str,
    /// For people.
    pub name: &'a str,
    /// Its figures.
    pub report: &'a Report<'a>,
    /// What it promised.
    pub promise: Option<&'a (Target, Budget)>,
    /// Its oldest incidents are not counted.
    pub cut: bool,
}

/// Makes the page of vendors side by side.
pub fn compare(snapshot: &Snapshot, windows: Windows, columns: &[Compared<'_>], most: usize) -> Compare {
    let row = |label: &str, of: &dyn Fn(&Compared<'_>) -> String| Figure {
        label: label.to_owned(),
        cells: columns.iter().map(of).collect(),
    };
    let rows = vec![
        row("Uptime without planned work", &|one| percent(one.report.tally.without_maintenance())),
        row("Uptime with planned work", &|one| percent(one.report.tally.with_maintenance())),
        row("Observed", &|one| percent(one.report.tally.coverage())),
        row("Down", &|one| length(one.report.tally.down())),
        row("Degraded", &|one| length(one.report.tally.degraded)),
        row("Planned work", &|one| length(one.report.tally.maintenance)),
        row("Outages", &|one| one.report.outages.len().to_string()),
        row("Longest outage", &|one| {
            let longest = one.report.outages.iter().map(|outage| outage.window.length()).max();
            longest.map_or_else(|| "none".to_owned(), length)
        }),
        row("Incidents", &|one| count(one.report.figures.count)),
        row("Speaks of them after we know, median", &|one| maybe(one.report.figures.acknowledge.median)),
        row("Time to resolve, median", &|one| maybe(one.report.figures.resolve.median)),
        row("Time to resolve, longest", &|one| maybe(one.report.figures.resolve.longest)),
        row("Promised", &|one| {
            one.promise.map_or_else(
                || "nothing".to_owned(),
                |(target, budget)| format!("{} %: {}", target.uptime, says(budget)),
            )
        }),
    ];
    let first = columns.iter().map(|one| one.report.months.as_slice()).max_by_key(|months| months.len());
    let months = first.unwrap_or_default().iter().map(|(part, _)| Figure {
        label: month(part),
        cells: columns
            .iter()
            .map(|one| {
                let same = one.report.months.iter().find(|(other, _)| other.date == part.date);
                percent(same.and_then(|(other, _)| other.tally.without_maintenance()))
            })
            .collect(),
    });
    let card = |one: &Compared<'_>| Card { id: one.id.to_owned(), name: one.name.to_owned(), cut: one.cut };
    Compare {
        page: super::page(snapshot, false),
        windows,
        choices: snapshot
            .sources
            .iter()
            .map(|view| Choice {
                id: view.source.id.to_string(),
                name: view.source.name.clone(),
                chosen: columns.iter().any(|one| one.id == view.source.id.as_str()),
            })
            .collect(),
        most,
        cards: columns.iter().map(card).collect(),
        rows,
        months: months.collect(),
    }
}
