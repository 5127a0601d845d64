//! Figures about the past as JSON. What cannot be said is null, never zero.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use crate::history::incidents::{Figures, Spread};
use crate::history::targets::Budget;
use crate::history::uptime::{Part, Tally};
use crate::history::{Report, Window};
use crate::model::level::State;
use crate::model::target::Target;

/// From when to when.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportWindow)]
pub struct Span {
    /// The first moment.
    from: Time,
    /// The first moment after it; what is to come is left out.
    to: Time,
    /// The calendar of days and months.
    timezone: String,
}

impl Span {
    /// Shapes a window.
    pub fn of(window: Window, zone: &str) -> Self {
        Self { from: Time(window.from()), to: Time(window.to()), timezone: zone.to_owned() }
    }
}

/// Whole seconds in each state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StateSeconds)]
pub struct Seconds {
    operational: u64,
    under_maintenance: u64,
    degraded_performance: u64,
    partial_outage: u64,
    major_outage: u64,
    /// Read, and not understood.
    unknown: u64,
    /// Nobody looked.
    not_observed: u64,
    /// All of it.
    total: u64,
}

/// How long in which state, and what share of the observed time it was up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UptimeFigure)]
pub struct Figure {
    /// Percent of the observed time; planned work counts as not up. Rounded down to four decimals; null: nothing was
    /// observed.
    uptime_with_maintenance: Option<f64>,
    /// The same without the time of planned work.
    uptime_without_maintenance: Option<f64>,
    /// Percent of the time in which something was known.
    coverage: Option<f64>,
    /// Seconds in each state.
    seconds: Seconds,
}

impl Figure {
    /// Shapes a tally.
    pub fn of(tally: &Tally) -> Self {
        Self {
            uptime_with_maintenance: tally.with_maintenance().map(|share| share.percent()),
            uptime_without_maintenance: tally.without_maintenance().map(|share| share.percent()),
            coverage: tally.coverage().map(|share| share.percent()),
            seconds: Seconds {
                operational: tally.operational.as_secs(),
                under_maintenance: tally.maintenance.as_secs(),
                degraded_performance: tally.degraded.as_secs(),
                partial_outage: tally.partial.as_secs(),
                major_outage: tally.major.as_secs(),
                unknown: tally.unknown.as_secs(),
                not_observed: tally.unobserved.as_secs(),
                total: tally.whole().as_secs(),
            },
        }
    }
}

/// A day or a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UptimePart)]
pub struct Piece {
    /// Its first day.
    #[schema(value_type = String, format = Date)]
    date: String,
    /// The worst that was read; null: nobody looked at all.
    worst: Option<&'static str>,
    #[serde(flatten)]
    figure: Figure,
}

impl Piece {
    /// Shapes a part of the calendar.
    pub fn of(part: &Part) -> Self {
        Self { date: part.date.to_string(), worst: part.worst.map(State::as_str), figure: Figure::of(&part.tally) }
    }
}

/// Uptime of one source, component or service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Uptime)]
pub struct Uptime {
    /// The source's or the service's.
    pub id: String,
    /// For people.
    pub name: String,
    /// The component's path; null: the thing as a whole.
    pub component: Option<String>,
    /// What it is of.
    pub window: Span,
    /// How long in which state.
    #[serde(flatten)]
    pub figure: Figure,
    /// `day` or `month`.
    pub granularity: &'static str,
    /// Day by day, or month by month.
    pub items: Vec<Piece>,
}

/// Durations in two numbers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportTimes)]
pub struct Times {
    /// How many could be measured.
    measured: usize,
    /// In seconds; null where none could be measured.
    median_seconds: Option<u64>,
    /// In seconds.
    longest_seconds: Option<u64>,
}

impl Times {
    fn of(spread: &Spread) -> Self {
        Self {
            measured: spread.measured,
            median_seconds: spread.median.map(|length| length.as_secs()),
            longest_seconds: spread.longest.map(|length| length.as_secs()),
        }
    }
}

/// What incidents add up to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentFigures)]
pub struct Handling {
    /// How many began; null: nobody looked, and none is known.
    count: Option<usize>,
    /// How many of them go on.
    open: usize,
    /// From our first notice to the vendor's first post, where we knew first.
    acknowledge: Times,
    /// From their stated beginning to their stated end.
    resolve: Times,
}

impl Handling {
    /// Shapes what incidents add up to.
    pub fn of(figures: &Figures) -> Self {
        Self {
            count: figures.count,
            open: figures.open,
            acknowledge: Times::of(&figures.acknowledge),
            resolve: Times::of(&figures.resolve),
        }
    }
}

/// A month with its incidents.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportMonth)]
pub struct Month {
    #[serde(flatten)]
    piece: Piece,
    /// Those that began in it.
    incidents: Handling,
}

/// One source in a list of all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UptimeRow)]
pub struct Row {
    /// The source.
    pub id: String,
    /// For people.
    pub name: String,
    /// How long in which state.
    #[serde(flatten)]
    pub figure: Figure,
    /// Stretches of time that it was down.
    pub outages: usize,
    /// Incidents that began; null: nobody looked, and none is known.
    pub incidents: Option<usize>,
    /// How its service level stands in the present period; null where none was agreed on.
    pub target: Option<Promise>,
}

/// All sources.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UptimeReport)]
pub struct All {
    /// What it is of.
    pub window: Span,
    /// In the order of the configuration.
    pub items: Vec<Row>,
}

/// How a service level stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceLevel)]
pub struct Promise {
    /// Percent.
    uptime: f64,
    /// `month`, `quarter`, or days as `30d`.
    window: String,
    /// The states that count as down.
    counts: Vec<&'static str>,
    /// When the period began.
    from: Time,
    /// When it ends.
    to: Time,
    /// Downtime that is allowed over the whole period.
    allowed_seconds: u64,
    /// Downtime that was seen.
    spent_seconds: u64,
    /// What is left of it.
    left_seconds: u64,
    /// By how much more than allowed was spent.
    over_seconds: u64,
    /// Time that was not observed, or not understood.
    unseen_seconds: u64,
    /// What it is measured in: observed time, without planned work unless that counts.
    measured_seconds: u64,
    /// Percent of that in which it was up; null: nothing was observed.
    measured_uptime: Option<f64>,
    /// How many times faster than evenly it is spent; null where there is nothing to spend.
    burn_rate: Option<f64>,
    /// `open`, `broken`, `kept`, or `unsure`: too much was not observed to say.
    standing: &'static str,
}

impl Promise {
    /// Shapes a promise and how it stands.
    pub fn of(target: &Target, budget: &Budget) -> Self {
        Self {
            uptime: target.uptime.percent(),
            window: target.period.to_string(),
            counts: target.counts.iter().map(|level| State::Known(*level).as_str()).collect(),
            from: Time(budget.period.from()),
            to: Time(budget.period.to()),
            allowed_seconds: budget.allowed.as_secs(),
            spent_seconds: budget.spent.as_secs(),
            left_seconds: budget.left().as_secs(),
            over_seconds: budget.over().as_secs(),
            unseen_seconds: budget.unseen.as_secs(),
            measured_seconds: budget.measured.as_secs(),
            measured_uptime: budget.uptime().map(|share| share.percent()),
            burn_rate: budget.burn.map(|burn| (burn * 100.0).round() / 100.0),
            standing: budget.standing.as_str(),
        }
    }
}

/// One vendor beside others.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scorecard {
    /// The source.
    pub id: String,
    /// For people.
    pub name: String,
    /// How long in which state.
    #[serde(flatten)]
    pub figure: Figure,
    /// Stretches of time that it was down.
    pub outages: usize,
    /// The longest of them; null where there is none.
    pub longest_outage_seconds: Option<u64>,
    /// Those that began in the window.
    pub incidents: Handling,
    /// Month by month.
    pub months: Vec<Month>,
    /// How its service level stands in the present period.
    pub target: Option<Promise>,
    /// There are more incidents than are read: the oldest are not counted.
    pub cut: bool,
}

impl Scorecard {
    /// Shapes a report.
    pub fn of(id: &str, name: &str, report: &Report<'_>, target: Option<Promise>, cut: bool) -> Self {
        let month =
            |(part, figures): &(Part, Figures)| Month { piece: Piece::of(part), incidents: Handling::of(figures) };
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            figure: Figure::of(&report.tally),
            outages: report.outages.len(),
            longest_outage_seconds: report.outages.iter().map(|outage| outage.window.length().as_secs()).max(),
            incidents: Handling::of(&report.figures),
            months: report.months.iter().map(month).collect(),
            target,
            cut,
        }
    }
}

/// Several vendors side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scorecards {
    /// What it is of.
    pub window: Span,
    /// In the order asked for; all where none was named, as many as stand side by side.
    pub items: Vec<Scorecard>,
}
