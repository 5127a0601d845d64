//! All figures of one vendor over one window, ready to be shown.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::incidents::{self, Course, Figures, Notice, Sign};
use super::spans::Span;
use super::targets::Budget;
use super::uptime::{self, Outage, Part, Tally, outages};
use super::window::Window;
use crate::model::id::ComponentId;
use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::target::Target;

/// What is known of one vendor's past.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Of the vendor as a whole, over the whole window.
    pub spans: Vec<Span>,
    /// Of its components, each masked by the vendor's.
    pub components: Vec<Piece>,
    /// Its incidents that touch the window.
    pub incidents: Vec<Incident>,
    /// Its planned work that touches the window, in order.
    pub planned: Vec<Maintenance>,
    /// What we noticed of it.
    pub notices: Vec<Notice>,
    /// There are more incidents than a report reads: the oldest are not in it.
    pub cut: bool,
}

/// One component over the window.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The upstream's id.
    pub id: ComponentId,
    /// `Group/Name`; the id where it is no longer listed.
    pub path: String,
    /// It counts for this team.
    pub counted: bool,
    /// Masked by the vendor's.
    pub spans: Vec<Span>,
}

/// All figures of one vendor over one window.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The part of what was asked for that is over.
    pub window: Window,
    /// How long in which state.
    pub tally: Tally,
    /// Day by day.
    pub days: Vec<Part>,
    /// Month by month.
    pub months: Vec<(Part, Figures)>,
    /// Stretches of time that it was down, in order.
    pub outages: Vec<Outage>,
    /// What its incidents add up to: those that began in the window.
    pub figures: Figures,
    /// These incidents on a clock, in order.
    pub courses: Vec<Course<'a>>,
    /// Each component's share.
    pub components: Vec<(&'a Piece, Tally)>,
}

/// What a list of all vendors says of one.
#[derive(Debug, Clone)]
pub struct Line {
    /// The source.
    pub id: String,
    /// For people.
    pub name: String,
    /// How long in which state.
    pub tally: Tally,
    /// Stretches of time that it was down, in order.
    pub outages: Vec<Outage>,
    /// Incidents that began; `None`: nobody looked, and none is known.
    pub incidents: Option<usize>,
    /// What was promised for the present period, and how it stands.
    pub promise: Option<(Target, Budget)>,
}

/// Makes a report; `window` is what is over of it.
pub fn report<'a>(past: &'a Past, window: Window, zone: &TimeZone) -> Report<'a> {
    let mut courses = incidents::courses(&past.incidents, &past.notices);
    courses.retain(|course| window.holds(course.incident.began_at()));
    let tally = Tally::of(&past.spans);
    let months = uptime::months(&past.spans, window, zone);
    let by_month: Vec<(Date, Figures)> = incidents::by_month(&courses, &months);
    Report {
        window,
        tally,
        days: uptime::days(&past.spans, window, zone),
        months: months.into_iter().zip(by_month.into_iter().map(|(_, figures)| figures)).collect(),
        outages: outages(&past.spans, &Target::DOWN),
        figures: incidents::figures(courses.iter(), tally.unobserved < window.length()),
        courses,
        components: past.components.iter().map(|piece| (piece, Tally::of(&piece.spans))).collect(),
    }
}

/// Each time that something turned bad, as we read it; what was bad from the beginning turned so at a time that is not
/// known.
pub fn turned_bad(spans: &[Span], component: Option<&ComponentId>) -> Vec<Notice> {
    let is_bad = |span: &Span| span.state.is_some_and(State::is_trouble);
    let mut was_bad = spans.first().is_some_and(is_bad);
    let mut found = Vec::new();
    for span in spans {
        if is_bad(span) && !was_bad {
            let at: Timestamp = span.window.from();
            found.push(Notice { at, sign: Sign::State, component: component.cloned(), incident: None });
        }
        was_bad = is_bad(span);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::spans::spans;
    use crate::model::mark::Mark;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn turning_bad_is_noticed_once_until_it_is_good_again() {
        let marks = [
            ("2025-12-31T00:00:00Z", Some(State::MAJOR_OUTAGE)),
            ("2026-01-01T00:30:00Z", Some(State::OPERATIONAL)),
            ("2026-01-01T01:00:00Z", Some(State::DEGRADED_PERFORMANCE)),
            ("2026-01-01T02:00:00Z", Some(State::MAJOR_OUTAGE)),
            ("2026-01-01T03:00:00Z", None),
            ("2026-01-01T04:00:00Z", Some(State::PARTIAL_OUTAGE)),
            ("2026-01-01T05:00:00Z", Some(State::UNDER_MAINTENANCE)),
        ];
        let marks = marks.map(|(text, state)| Mark { at: at(text), state });
        let window = Window::new(at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        let found: Vec<String> =
            turned_bad(&spans(&marks, window), None).iter().map(|notice| notice.at.to_string()).collect();
        assert_eq!(found, ["2026-01-01T01:00:00Z", "2026-01-01T04:00:00Z"]);
    }

    #[test]
    fn a_report_counts_what_began_in_its_window_and_leaves_empty_months_in() {
        let window = Window::new(at("2026-01-10T00:00:00Z"), at("2026-03-02T00:00:00Z"));
        let marks = [Mark { at: at("2026-02-01T00:00:00Z"), state: Some(State::OPERATIONAL) }];
        let past = Past { spans: spans(&marks, window), ..Past::default() };
        let report = report(&past, window, &TimeZone::UTC);
        assert_eq!(report.days.len(), 51);
        let counts: Vec<Option<usize>> = report.months.iter().map(|(_, figures)| figures.count).collect();
        assert_eq!(counts, [None, Some(0), Some(0)], "nobody looked in January");
        assert_eq!(report.figures.count, Some(0));
    }
}
