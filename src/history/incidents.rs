//! How a vendor handled its incidents: how many, how soon it spoke of them, how long they took.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::uptime::Part;
use super::window::Window;
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::incident::{Incident, Listing};

/// How we came to know that something was wrong with a vendor, other than by its own incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// One of our tools pushed an alert about a service that needs it.
    Alert,
    /// One of us declared an incident of such a service, or one that names the vendor's.
    Declared,
    /// A state on its own page turned bad.
    State,
    /// Another vendor's incident names it.
    Mention,
}

impl Sign {
    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Declared => "declared",
            Self::State => "state",
            Self::Mention => "mention",
        }
    }
}

/// That something was wrong, as we noticed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How.
    pub sign: Sign,
    /// Of which component; `None`: of the vendor as a whole, or that is not known.
    pub component: Option<ComponentId>,
    /// The incident that shows it, where it is one.
    pub incident: Option<String>,
}

/// One incident on a clock.
#[derive(Debug, Clone)]
pub struct Course<'a> {
    /// The incident.
    pub incident: &'a Incident,
    /// Its beginning as the vendor states it, else its first post; `None` where it dates neither.
    pub began: Option<Timestamp>,
    /// The vendor's first post about it; `None` where it dates none.
    pub posted: Option<Timestamp>,
    /// What we noticed of it before the vendor spoke; `None` where the vendor was first.
    pub notice: Option<&'a Notice>,
    /// From our notice to the vendor's first post.
    pub acknowledged: Option<Duration>,
    /// From the beginning to the end that the vendor states.
    pub resolved: Option<Duration>,
}

/// Durations in two numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many could be measured.
    pub measured: usize,
    /// The one in the middle.
    pub median: Option<Duration>,
    /// The longest.
    pub longest: Option<Duration>,
}

/// What incidents add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many began. `None`: nobody looked, and none is known.
    pub count: Option<usize>,
    /// How many of them go on.
    pub open: usize,
    /// How soon the vendor spoke after we knew.
    pub acknowledge: Spread,
    /// How long they took.
    pub resolve: Spread,
}

/// Puts incidents of one vendor on a clock, in the order of their beginnings. `notices` are of this vendor.
pub fn courses<'a>(incidents: &'a [Incident], notices: &'a [Notice]) -> Vec<Course<'a>> {
    let posts: Vec<(Timestamp, Option<Timestamp>)> = incidents
        .iter()
        .map(|incident| (first_post(incident).unwrap_or(incident.first_seen_at), end(incident)))
        .collect();
    // What is noticed while the vendor talks of something already is no news about its next incident.
    let fresh: Vec<&Notice> = notices
        .iter()
        .filter(|notice| {
            let talks =
                |(from, to): &(Timestamp, Option<Timestamp>)| *from <= notice.at && to.is_none_or(|to| notice.at < to);
            !posts.iter().any(talks)
        })
        .collect();
    let mut courses: Vec<Course<'a>> = incidents.iter().map(|incident| course(incident, &fresh, &posts)).collect();
    courses.sort_by_key(|course| course.incident.began_at());
    courses
}

fn course<'a>(incident: &'a Incident, notices: &[&'a Notice], posts: &[(Timestamp, Option<Timestamp>)]) -> Course<'a> {
    let posted = first_post(incident);
    let began = incident.started_at.or(posted);
    let notice = posted.and_then(|posted| {
        let since = began.map_or(posted, |began| began.min(posted)).checked_sub(limits::NOTICE_BEFORE).ok()?;
        // A notice is answered by the first post after it, whatever that post is about.
        let answered = |at: Timestamp| posts.iter().any(|(other, _)| at <= *other && *other < posted);
        let belongs = |notice: &&&Notice| {
            let component = notice.component.as_ref();
            since <= notice.at
                && notice.at < posted
                && !answered(notice.at)
                && component.is_none_or(|id| incident.components.is_empty() || incident.components.contains(id))
        };
        notices.iter().filter(belongs).min_by_key(|notice| notice.at).copied()
    });
    Course {
        incident,
        began,
        posted,
        notice,
        acknowledged: notice.zip(posted).and_then(|(notice, posted)| between(notice.at, posted)),
        resolved: began.zip(incident.resolved_at).and_then(|(began, end)| between(began, end)),
    }
}

fn between(from: Timestamp, to: Timestamp) -> Option<Duration> {
    Duration::try_from(to.duration_since(from)).ok()
}

fn first_post(incident: &Incident) -> Option<Timestamp> {
    incident.updates.iter().filter_map(|update| update.at).min()
}

/// When the vendor stopped to talk of it, as well as that is known; `None` while it does.
fn end(incident: &Incident) -> Option<Timestamp> {
    if incident.is_open() {
        return None;
    }
    let unlisted = match incident.listing {
        Listing::NoLongerListed { since } => Some(since),
        Listing::Listed | Listing::Missing { .. } => None,
    };
    Some(incident.resolved_at.or(unlisted).or(incident.updated_at).unwrap_or_else(|| incident.began_at()))
}

/// Those that went on at some time within `window`, as far as their vendor says.
pub fn during<'c, 'a>(courses: &'c [Course<'a>], window: Window) -> Vec<&'c Course<'a>> {
    let touches = |course: &&Course<'_>| {
        course.incident.began_at() < window.to() && end(course.incident).is_none_or(|end| end >= window.from())
    };
    courses.iter().filter(touches).collect()
}

/// What courses add up to. `observed`: somebody looked, so that none is none.
pub fn figures<'a>(courses: impl Iterator<Item = &'a Course<'a>>, observed: bool) -> Figures {
    let (mut count, mut open) = (0_usize, 0_usize);
    let (mut acknowledged, mut resolved) = (Vec::new(), Vec::new());
    for course in courses {
        count = count.saturating_add(1);
        open = open.saturating_add(usize::from(course.incident.is_open()));
        acknowledged.extend(course.acknowledged);
        resolved.extend(course.resolved);
    }
    Figures {
        count: (count > 0 || observed).then_some(count),
        open,
        acknowledge: spread(acknowledged),
        resolve: spread(resolved),
    }
}

/// The same for each of these months; an incident is of the month in which it began.
pub fn by_month(courses: &[Course<'_>], months: &[Part]) -> Vec<(Date, Figures)> {
    let month = |part: &Part| {
        let of = courses.iter().filter(|course| part.window.holds(course.incident.began_at()));
        (part.date, figures(of, part.tally.unobserved < part.window.length()))
    };
    months.iter().map(month).collect()
}

/// Sums durations up in two numbers.
pub fn spread(mut all: Vec<Duration>) -> Spread {
    all.sort_unstable();
    let middle = all.len() / 2;
    let upper = all.get(middle).copied();
    let lower =
        if all.len().is_multiple_of(2) { middle.checked_sub(1).and_then(|at| all.get(at)).copied() } else { upper };
    Spread {
        measured: all.len(),
        median: lower.zip(upper).map(|(lower, upper)| lower.saturating_add(upper.saturating_sub(lower) / 2)),
        longest: all.last().copied(),
    }
}

/// True where `text` has `name` in it as a word of its own, in whatever case. A name of less than three letters is
/// too short to be told from other words.
pub fn mentions(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.trim().to_lowercase());
    if name.chars().count() < 3 {
        return false;
    }
    let apart = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(&name).any(|(at, found)| {
        let (before, rest) = text.split_at(at);
        apart(before.chars().next_back()) && apart(rest.get(found.len()..).and_then(|after| after.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{IncidentId, SourceId};
    use crate::model::incident::{Origin, Phase, Update};
    use crate::model::text::Text;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + minute * 60).unwrap()
    }

    fn minutes(count: u64) -> Option<Duration> {
        Some(Duration::from_secs(count * 60))
    }

    /// Said to begin, first posted, ended.
    fn incident(id: &str, started: Option<i64>, posted: Option<i64>, resolved: Option<i64>) -> Incident {
        let post =
            |minute| Update { at: Some(at(minute)), phase: None, body: Text::default(), noticed_at: None, told: None };
        Incident {
            id: IncidentId::new(id),
            origin: Origin::Upstream,
            source: Some(SourceId::new("acme")),
            upstream_ids: vec![id.to_owned()],
            title: "Errors".into(),
            phase: Some(if resolved.is_some() { Phase::Resolved } else { Phase::Investigating }),
            impact: None,
            started_at: started.map(at),
            updated_at: None,
            resolved_at: resolved.map(at),
            url: None,
            components: vec![ComponentId::new("api")],
            services: Vec::new(),
            updates: posted.into_iter().flat_map(|minute| [post(minute + 30), post(minute)]).collect(),
            first_seen_at: at(posted.unwrap_or(0) + 1),
            listing: Listing::Listed,
            local: None,
        }
    }

    fn notice(minute: i64, component: Option<&str>) -> Notice {
        Notice { at: at(minute), sign: Sign::Alert, component: component.map(ComponentId::new), incident: None }
    }

    #[test]
    fn a_vendor_is_measured_from_our_first_notice_to_its_first_post() {
        let incidents = [incident("a", Some(100), Some(130), Some(190))];
        for (notices, expected) in [
            (vec![], None),
            (vec![notice(110, None)], minutes(20)),
            (vec![notice(120, None), notice(105, Some("api"))], minutes(25)),
            // Another component, too long ago, when the vendor had spoken already.
            (vec![notice(110, Some("web")), notice(-30, None), notice(130, None), notice(140, None)], None),
        ] {
            let found = courses(&incidents, &notices);
            assert_eq!(found[0].acknowledged, expected, "{notices:?}");
            assert_eq!(found[0].resolved, minutes(90));
        }
    }

    #[test]
    fn a_notice_is_answered_once_and_none_counts_while_the_vendor_talks() {
        let incidents = [incident("b", None, Some(200), Some(230)), incident("a", None, Some(100), Some(150))];
        let notices = [notice(90, None), notice(120, None)];
        let found = courses(&incidents, &notices);
        let shown: Vec<_> = found.iter().map(|course| (course.incident.id.as_str(), course.acknowledged)).collect();
        assert_eq!(shown, [("a", minutes(10)), ("b", None)]);
    }

    #[test]
    fn what_cannot_be_said_is_left_open() {
        let undated = incident("a", None, None, Some(50));
        let backwards = incident("b", Some(60), Some(60), Some(20));
        let going_on = incident("c", Some(60), Some(61), None);
        let all = [undated, backwards, going_on];
        let found = courses(&all, &[]);
        assert!(found.iter().all(|course| course.resolved.is_none() && course.acknowledged.is_none()));
        let sums = figures(found.iter(), true);
        assert_eq!((sums.count, sums.open, sums.resolve), (Some(3), 1, Spread::default()));
        assert_eq!(figures([].iter(), true).count, Some(0));
        assert_eq!(figures([].iter(), false).count, None, "none is known of, and nobody looked");
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between() {
        let of = |all: &[u64]| spread(all.iter().map(|second| Duration::from_secs(*second)).collect());
        assert_eq!(of(&[3, 1, 2]).median, Some(Duration::from_secs(2)));
        assert_eq!(of(&[4, 1, 3, 2]).median, Some(Duration::from_millis(2_500)));
        assert_eq!(of(&[4, 1]).longest, Some(Duration::from_secs(4)));
        assert_eq!(of(&[]), Spread::default());
    }

    #[test]
    fn a_name_counts_only_as_a_word() {
        for (text, name, expected) in [
            ("Elevated errors at Cloudflare.", "Cloudflare", true),
            ("an outage of our provider (AWS) ", "aws", true),
            ("we are seeing flaws", "aws", false),
            ("Ärzte down", "Ärzte", true),
            ("GitHub Actions", "GitHub", true),
            ("githubstatus", "GitHub", false),
            ("it is up", "it", false),
            ("", "GitHub", false),
        ] {
            assert_eq!(mentions(text, name), expected, "{text} {name}");
        }
    }
}
