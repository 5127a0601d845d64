//! Pages that lose what they always had, pages that change for good, pages that nobody tends.

use allclear::model::filter::Filter;
use allclear::model::incident::Phase;
use allclear::model::level::State;
use allclear::model::observation::{Basis, Observation};
use allclear::model::outline::{DocumentKind, DocumentShape, ListShape};
use allclear::model::source::FailureKind;
use allclear::rules::derive;
use proptest::prelude::*;

use super::*;

const HALF_AN_HOUR: u64 = 30 * 60;

fn parts(ids: &[&str]) -> Vec<SeenComponent> {
    ids.iter().map(|id| component(id, State::OPERATIONAL)).collect()
}

fn well(ids: &[&str]) -> Observation {
    page(parts(ids), vec![])
}

const ALL: [&str; 6] = ["api", "web", "jobs", "mail", "search", "docs"];

/// A source that has been read a few times, all well.
fn calm() -> Play {
    let mut play = Play::new(Filter::default());
    play.shape =
        document(DocumentKind::Object, &[("components", 6), ("incidents", 0), ("past", 9), ("open", 1)], 9_000);
    for _ in 0..5 {
        play.read(&well(&ALL));
        play.wait(120);
    }
    assert_eq!(play.state(), State::OPERATIONAL);
    play
}

fn document(kind: DocumentKind, lists: &[(&str, u32)], bytes: u64) -> Shape {
    let lists = lists.iter().map(|(path, items)| ListShape { path: (*path).to_owned(), items: *items }).collect();
    let document = DocumentShape { name: "summary".into(), kind, lists, nulls: Vec::new() };
    Shape { reader: "one".into(), documents: vec![document], bytes }
}

/// Why the source is not believed, as it is shown.
fn why(play: &Play) -> Option<String> {
    let failure = derive::source(&play.held, play.now()).view.freshness.error.clone()?;
    assert_eq!(failure.kind, FailureKind::Changed);
    Some(failure.message)
}

#[test]
fn a_page_that_loses_its_components_is_unknown_at_once_and_believed_as_soon_as_they_are_back() {
    let mut play = calm();
    let good = play.held.transport.ok_at;
    let told = play.read(&well(&["docs"]));
    assert_eq!(kinds(&told), [EventKind::SourceUnreadable, EventKind::SourceState], "and no component is unlisted");
    assert_eq!(why(&play).as_deref(), Some("5 of 6 components are gone (API, WEB, JOBS, …)"));
    assert_eq!(told[0].note, why(&play));
    let view = derive::source(&play.held, play.now()).view;
    assert_eq!((view.state, view.last_known), (State::Unknown, Some(State::OPERATIONAL)));
    assert_eq!((view.freshness.ok_at, Some(view.since)), (good, good), "unknown since the last good reading");
    assert!(view.components.iter().all(|part| part.state == State::Unknown && part.unlisted_since.is_none()));
    for _ in 0..3 {
        play.wait(120);
        assert_eq!(play.read(&well(&["docs"])), [], "told once");
    }
    let told = play.read(&well(&ALL));
    assert_eq!(kinds(&told), [EventKind::SourceReadable, EventKind::SourceState]);
    assert_eq!((play.state(), why(&play)), (State::OPERATIONAL, None));
}

#[test]
fn what_is_lost_is_said() {
    let shape = |lists: &[(&str, u32)], bytes| document(DocumentKind::Object, lists, bytes);
    let whole = [("components", 6), ("incidents", 0), ("past", 9), ("open", 1)];
    let rows: Vec<(&str, Observation, Shape)> = vec![
        ("all 6 components are gone (API, WEB, JOBS, …)", well(&[]), shape(&whole, 9_000)),
        ("3 of 6 components are gone (API, WEB, JOBS)", well(&ALL[3..]), shape(&whole, 9_000)),
        ("6 of 6", well(&["a", "b", "c", "d", "e", "f"]), shape(&whole, 9_000)),
        (
            "1 of 6 components is gone (DOCS); the page is less than a fifth of its usual size",
            well(&ALL[..5]),
            shape(&whole, 1_700),
        ),
        ("`incidents` is no longer in summary", well(&ALL), shape(&[("components", 6), ("past", 9)], 9_000)),
        ("`incidents` and `past` are no longer in summary", well(&ALL), shape(&[("components", 6)], 9_000)),
        ("`components`, `incidents`, `past` are no longer in summary", well(&ALL), shape(&[], 9_000)),
        ("summary is markup, and was a JSON object", well(&ALL), document(DocumentKind::Markup, &[], 9_000)),
    ];
    for (what, seen, shape) in rows {
        let mut play = calm();
        play.shape = shape;
        play.read(&seen);
        let said = why(&play).unwrap_or_default();
        let expected = if what == "6 of 6" { "all 6 components are gone (API, WEB, JOBS, …)" } else { what };
        assert_eq!((said.as_str(), play.state()), (expected, State::Unknown));
    }
}

/// Each is something that good pages do.
#[test]
fn normal_life_is_never_a_change() {
    let shape = |lists: &[(&str, u32)], bytes| document(DocumentKind::Object, lists, bytes);
    let whole = [("components", 6), ("incidents", 0), ("past", 9), ("open", 1)];
    let renamed = |from: &str, to: &str| {
        let mut seen = well(&ALL);
        let part = seen.components.iter_mut().find(|part| part.id.as_str() == from).unwrap();
        *part = component(to, State::OPERATIONAL);
        seen
    };
    let mut regrouped = well(&["1", "2", "3", "4", "5", "6"]);
    for (part, id) in regrouped.components.iter_mut().zip(ALL) {
        part.name = id.to_uppercase();
        part.group = Some("New group".into());
    }
    let nulls = |nulls: &[&str]| {
        let mut shape = shape(&[("components", 6)], 9_000);
        shape.documents[0].nulls = nulls.iter().map(|path| (*path).to_owned()).collect();
        shape
    };
    let rows: Vec<(&str, Observation, Shape)> = vec![
        ("an incident opens", page(parts(&ALL), vec![incident("a", Phase::Investigating)]), shape(&whole, 90_000)),
        ("one component leaves", well(&ALL[1..]), shape(&whole, 8_000)),
        ("two leave", well(&ALL[2..]), shape(&whole, 7_000)),
        ("one is renamed", renamed("api", "new-api"), shape(&whole, 9_000)),
        ("all have new ids and groups", regrouped, shape(&whole, 9_000)),
        ("many are new", well(&["api", "web", "jobs", "mail", "search", "docs", "x", "y", "z"]), shape(&whole, 9_000)),
        (
            "a list that is only written while something is in it",
            well(&ALL),
            shape(&[("components", 6), ("incidents", 0), ("past", 9)], 9_000),
        ),
        ("lists run empty", well(&ALL), shape(&[("components", 0), ("incidents", 0), ("past", 0)], 9_000)),
        ("null takes the place of lists", well(&ALL), nulls(&["incidents", "past", "open"])),
        ("it shrinks and nothing is lost", well(&ALL), shape(&whole, 10)),
        ("a document does not answer", well(&ALL), Shape { reader: "one".into(), ..Shape::default() }),
    ];
    for (what, seen, shape) in rows {
        let mut play = calm();
        play.shape = shape.clone();
        play.read(&seen);
        assert_eq!(why(&play), None, "{what}");
        let mut back = calm();
        back.shape = shape;
        back.read(&seen);
        back.shape = calm().shape;
        back.read(&well(&ALL));
        assert_eq!(why(&back), None, "{what}, and back");
    }
}

#[test]
fn components_that_only_incidents_bring_may_all_leave_with_them() {
    let mut open = incident("a", Phase::Investigating);
    open.components = ["api", "web", "jobs"].map(ComponentId::new).into();
    for state in [State::MAJOR_OUTAGE, State::OPERATIONAL] {
        let mut play = Play::new(Filter::default());
        play.read(&page(vec![], vec![]));
        play.wait(120);
        let parts = open.components.iter().map(|id| component(id.as_str(), state)).collect();
        play.read(&page(parts, vec![open.clone()]));
        play.wait(120);
        play.read(&page(vec![], vec![incident("a", Phase::Resolved)]));
        assert_eq!(why(&play), None, "{state}");
    }
    let announces = |ids: &[&str]| Observation { basis: Basis::Announcements, components: parts(ids), ..well(&[]) };
    let mut play = Play::new(Filter::default());
    play.read(&announces(&ALL));
    play.read(&announces(&[]));
    assert_eq!(why(&play), None, "who announces trouble lists what is in trouble");
}

#[test]
fn what_does_not_count_may_leave() {
    let mut play = Play::new(Filter::new(&["DOCS", "MAIL"], &[]).unwrap());
    play.read(&well(&ALL));
    play.read(&well(&["docs", "mail"]));
    assert_eq!((why(&play), play.state()), (None, State::OPERATIONAL));
    play.read(&well(&[]));
    assert_eq!(why(&play).as_deref(), Some("all 2 components are gone (DOCS, MAIL)"));
}

/// What a vendor really took off is believed after a while, and is said once.
#[test]
fn a_change_that_stays_is_accepted_after_a_while_and_is_an_event() {
    let mut play = calm();
    play.read(&well(&["docs"]));
    // Readings of unchanged documents are readings of the changed page.
    play.wait(HALF_AN_HOUR / 2);
    assert_eq!(play.unchanged(), []);
    play.wait(HALF_AN_HOUR / 2);
    assert_eq!(play.unchanged(), []);
    assert_eq!(play.state(), State::Unknown, "what was good before is not refreshed");
    let told = play.read(&well(&["docs"]));
    assert_eq!(kinds(&told)[0], EventKind::SourceReshaped);
    assert_eq!(told[0].note.as_deref(), Some("5 of 6 components are gone (API, WEB, JOBS, …)"));
    let unlisted = told.iter().filter(|event| event.kind == EventKind::ComponentUnlisted).count();
    assert_eq!((unlisted, play.state(), why(&play)), (5, State::OPERATIONAL, None));
    play.wait(120);
    assert_eq!(play.read(&well(&["docs"])), []);
}

#[test]
fn neither_time_nor_readings_alone_make_a_change_believed() {
    let mut often = calm();
    let mut seldom = calm();
    often.read(&well(&[]));
    seldom.read(&well(&[]));
    for _ in 0..20 {
        often.wait(60);
        often.read(&well(&[]));
    }
    assert_eq!(often.state(), State::Unknown);
    seldom.wait(HALF_AN_HOUR * 4);
    seldom.read(&well(&[]));
    assert_eq!(seldom.state(), State::Unknown);
}

#[test]
fn a_loss_that_goes_on_changing_begins_anew_each_time() {
    let mut play = calm();
    for round in 0..10 {
        play.read(&well(if round % 2 == 0 { &["docs"] } else { &["mail"] }));
        play.wait(HALF_AN_HOUR);
        assert_eq!(play.state(), State::Unknown);
    }
}

#[test]
fn failures_in_between_neither_end_a_doubt_nor_show_the_state_before_it() {
    let mut play = calm();
    play.read(&well(&[]));
    play.wait(60);
    play.fail(FailureKind::Timeout);
    assert_eq!(play.state(), State::Unknown, "within the horizon of what was good before");
    play.wait(60);
    play.read(&well(&[]));
    assert_eq!((play.state(), why(&play).is_some()), (State::Unknown, true));
}

/// The page may have lost most of itself because of the very outage that it reports.
#[test]
fn trouble_that_a_doubted_page_reports_is_shown() {
    let mut play = calm();
    let told = play.read(&page(vec![component("api", State::MAJOR_OUTAGE)], vec![incident("a", Phase::Investigating)]));
    assert_eq!(kinds(&told), [EventKind::IncidentOpened, EventKind::SourceUnreadable, EventKind::SourceState]);
    let derived = derive::source(&play.held, play.now());
    assert_eq!((derived.view.state, derived.view.since), (State::MAJOR_OUTAGE, play.now().wall));
    assert_eq!(derived.incidents.len(), 1);
    play.wait(120);
    assert_eq!(play.read(&page(vec![component("api", State::OPERATIONAL)], vec![incident("a", Phase::Resolved)])), []);
    assert_eq!(play.state(), State::MAJOR_OUTAGE, "its good news is not believed");
    let back = play.read(&page(parts(&ALL), vec![incident("a", Phase::Resolved)]));
    assert!(kinds(&back).contains(&EventKind::IncidentResolved));
    assert_eq!(play.state(), State::OPERATIONAL);
}

#[test]
fn trouble_that_was_known_does_not_end_with_the_components() {
    let mut play = calm();
    let mut down = well(&ALL);
    down.components[0].state = State::PARTIAL_OUTAGE;
    play.read(&down);
    play.wait(60);
    play.read(&well(&[]));
    assert_eq!(play.state(), State::PARTIAL_OUTAGE);
    let view = derive::source(&play.held, play.now()).view;
    assert_eq!((view.components[0].state, view.components[1].state), (State::PARTIAL_OUTAGE, State::Unknown));
}

#[test]
fn a_page_on_which_everything_is_down_and_then_nothing_is_listed_is_not_better() {
    let mut play = calm();
    let down = |ids: &[&str]| page(ids.iter().map(|id| component(id, State::MAJOR_OUTAGE)).collect(), vec![]);
    play.read(&down(&ALL));
    play.wait(60);
    play.read(&well(&[]));
    assert_eq!((play.state(), why(&play).is_some()), (State::MAJOR_OUTAGE, true));
}

#[test]
fn another_way_of_reading_begins_anew() {
    let mut play = calm();
    play.shape.reader = "two".into();
    play.read(&well(&["docs"]));
    assert_eq!((why(&play), play.state()), (None, State::OPERATIONAL));
    let mut play = calm();
    play.read(&well(&["docs"]));
    play.shape.reader = "two".into();
    play.read(&well(&["docs"]));
    assert_eq!((why(&play), play.state()), (None, State::OPERATIONAL), "and ends a doubt");
}

#[test]
fn a_list_that_is_missing_counts_only_where_every_one_of_enough_readings_had_it() {
    let with = || document(DocumentKind::Object, &[("incidents", 0)], 100);
    let without = || document(DocumentKind::Object, &[], 100);
    let mut early = Play::new(Filter::default());
    for shape in [with(), with(), without(), with(), with(), without()] {
        early.shape = shape;
        early.read(&well(&ALL));
        assert_eq!(why(&early), None);
    }
    let mut late = Play::new(Filter::default());
    for shape in [without(), with(), with(), with(), with(), without()] {
        late.shape = shape;
        late.read(&well(&ALL));
        assert_eq!(why(&late), None, "additions never matter");
    }
}

#[test]
fn a_page_on_which_nothing_changes_for_long_is_said_to_be_abandoned() {
    let warning = |play: &Play| derive::source(&play.held, play.now()).view.warnings.clone();
    let day = 24 * 3600;
    let mut dated = well(&ALL);
    dated.components[2].updated_at = Some(at("2024-12-01T00:00:00Z"));
    dated.page.updated_at = Some(at("2024-11-01T00:00:00Z"));
    let mut play = Play::new(Filter::default());
    play.read(&dated);
    assert_eq!(warning(&play), [] as [&str; 0], "thirteen months");
    play.wait(10 * day);
    play.read(&dated);
    let told = play.read(&dated);
    assert_eq!(warning(&play), ["nothing on this page has changed since 2024-12-01: it may be abandoned"]);
    assert_eq!((told, play.state()), (vec![], State::OPERATIONAL), "it is said, and nothing else");
    dated.page.updated_at = Some(play.now().wall);
    play.read(&dated);
    assert_eq!(warning(&play), [] as [&str; 0]);

    let mut undated = Play::new(Filter::default());
    undated.read(&well(&ALL));
    undated.wait(401 * day);
    undated.read(&well(&ALL));
    assert_eq!(warning(&undated), ["nothing on this page has changed since 2026-01-02: it may be abandoned"]);
    let mut down = well(&ALL);
    down.components[0].state = State::MAJOR_OUTAGE;
    undated.read(&down);
    assert_eq!(warning(&undated), [] as [&str; 0], "what was seen here counts, too");

    let mut check = Play::new(Filter::default());
    check.read(&well(&[]));
    check.wait(401 * day);
    check.read(&well(&[]));
    assert_eq!(warning(&check), [] as [&str; 0], "a plain check has nothing that could change");
}

fn shrunk() -> impl Strategy<Value = (Observation, bool, u64)> {
    let parts = prop::collection::vec((0..2_usize, prop::sample::select(State::ALL.to_vec())), 0..4);
    let incidents = prop::collection::vec(
        (0..3_u8, prop::sample::select(vec![Phase::Investigating, Phase::Monitoring, Phase::Resolved])),
        0..3,
    );
    let seen = (parts, incidents).prop_map(|(parts, incidents)| {
        let parts = parts.into_iter().map(|(at, state)| component(ALL[at], state)).collect();
        page(parts, incidents.into_iter().map(|(id, phase)| incident(&format!("i{id}"), phase)).collect())
    });
    (seen, any::<bool>(), 1..600_u64)
}

proptest! {
    /// Until it is accepted, nothing that a shrunken page says makes anything better than the worst that is known.
    #[test]
    fn no_shrunken_page_shows_a_better_state_than_the_worst_that_is_known(
        before in prop::sample::select(State::ALL.to_vec()),
        readings in prop::collection::vec(shrunk(), 1..12),
    ) {
        let mut play = calm();
        let mut last = well(&ALL);
        last.components[5].state = before;
        play.read(&last);
        let mut worst = play.state().worse(State::Unknown);
        for (seen, unchanged, wait) in readings {
            if unchanged && play.held.state.doubt.is_some() {
                play.unchanged();
            } else {
                let told = play.read(&seen);
                if kinds(&told).contains(&EventKind::SourceReshaped) {
                    break;
                }
                worst = worst.worse(seen.state().unwrap_or(State::Unknown));
            }
            prop_assert!(play.held.state.doubt.is_some());
            prop_assert_eq!(play.state(), worst);
            play.wait(wait % 300);
            prop_assert_eq!(play.state(), worst);
        }
    }
}
