//! What is recorded beside what the same documents say when they are read again.

use allclear::model::filter::Filter;
use allclear::model::incident::Phase;
use allclear::model::level::State;
use allclear::rules::gist;
use allclear::rules::replay::{Difference, differences};

use super::*;

fn difference(about: &str, recorded: &str, reads: &str) -> Difference {
    Difference { about: about.into(), recorded: recorded.into(), reads: reads.into() }
}

fn seen() -> Observation {
    Observation {
        indicator: Some(State::MAJOR_OUTAGE),
        components: vec![component("api", State::MAJOR_OUTAGE), component("web", State::OPERATIONAL)],
        incidents: vec![incident("a", Phase::Investigating), incident("old", Phase::Resolved)],
        maintenances: vec![maintenance("m", Phase::Scheduled, "2026-01-05T00:00:00Z")],
        ..Observation::default()
    }
}

#[test]
fn an_adapter_that_reads_otherwise_is_told_precisely() {
    let mut play = Play::new(Filter::default());
    play.read(&seen());
    let recorded = &play.held.state;
    let source = source(Filter::default());
    assert_eq!(differences(recorded, &seen(), &source), []);
    for (name, change, expected) in [
        (
            "a word that is understood otherwise",
            (|seen| seen.components[0].state = State::PARTIAL_OUTAGE) as fn(&mut Observation),
            vec![difference("component API", "major_outage", "partial_outage")],
        ),
        (
            "a component that is not found any more",
            |seen| drop(seen.components.remove(1)),
            vec![difference("component WEB", "operational", "nothing")],
        ),
        (
            "a component that was overlooked",
            |seen| seen.components.push(component("new", State::Unknown)),
            vec![difference("component NEW", "nothing", "unknown")],
        ),
        (
            "a group that was overlooked",
            |seen| seen.components[1].group = Some("Europe".into()),
            vec![difference("component web", "WEB", "Europe/WEB")],
        ),
        (
            "an overall state that is not found any more",
            |seen| seen.indicator = None,
            vec![difference("its own overall state", "major_outage", "nothing")],
        ),
        (
            "an incident that is not found any more",
            |seen| drop(seen.incidents.remove(0)),
            vec![difference("incident “Trouble a”", "investigating", "nothing")],
        ),
        (
            "an incident that was overlooked",
            |seen| seen.incidents.push(incident("b", Phase::Identified)),
            vec![difference("incident “Trouble b”", "nothing", "open")],
        ),
        (
            "an incident that is over",
            |seen| seen.incidents[0].phase = Some(Phase::Resolved),
            vec![difference("incident “Trouble a”", "investigating", "resolved")],
        ),
        (
            "a past incident whose words are read otherwise",
            |seen| seen.incidents[1].updates = vec![update(Phase::Resolved, "It was the disk")],
            vec![difference(
                "incident “Trouble old”",
                "one thing",
                "another, in its title, times, components or updates",
            )],
        ),
        (
            "a maintenance of which a phase is not understood any more",
            |seen| seen.maintenances[0].phase = None,
            vec![difference("maintenance “Works m”", "scheduled", "a phase that is not understood")],
        ),
        ("words that differ in warnings only", |seen| seen.warnings.push("what is this?".into()), vec![]),
    ] {
        let mut now = seen();
        change(&mut now);
        assert_eq!(differences(recorded, &now, &source), expected, "{name}");
        // The gist of the reading alone knows that something differs, too.
        let told = gist::differences(&gist::of(&seen()), &gist::of(&now));
        assert_eq!(told.is_empty(), expected.is_empty(), "{name}: {told:?}");
    }
}

#[test]
fn what_left_the_page_after_the_reading_is_not_missed_in_it() {
    let mut play = Play::new(Filter::default());
    play.read(&seen());
    let calm = Observation { components: seen().components, indicator: seen().indicator, ..Observation::default() };
    play.read(&calm);
    assert_eq!(differences(&play.held.state, &calm, &source(Filter::default())), [], "it is marked as missing");
}

#[test]
fn a_gist_says_which_part_differs_and_how_many_there_were() {
    let then = gist::of(&seen());
    assert_eq!((then.components.count, then.incidents.count, then.maintenances.count), (2, 1, 1));
    let mut now = seen();
    now.components.pop();
    now.incidents[0].title = "Other words".into();
    now.page.name = Some("Acme".into());
    assert_eq!(
        gist::differences(&then, &gist::of(&now)),
        [
            "the page's name or its own overall state",
            "components: 2 listed then, 1 now",
            "incidents: as many, but not the same"
        ]
    );
    let other = allclear::model::receipt::Gist { scheme: 0, ..gist::of(&now) };
    assert!(gist::differences(&other, &then).is_empty(), "one that was made in another way says nothing");
}

#[test]
fn an_update_remembers_the_reading_that_first_said_it() {
    let mut play = Play::new(Filter::default());
    let first = |play: &Play| {
        let updates = play.held.state.incidents[0].updates.iter();
        updates.map(|update| (update.body.plain.clone(), update.noticed_at.unwrap())).collect::<Vec<_>>()
    };
    let mut seen = Observation { incidents: vec![incident("a", Phase::Investigating)], ..Observation::default() };
    play.read(&seen);
    let began = play.now().wall;
    play.wait(60);
    seen.incidents[0].updates.insert(0, update(Phase::Identified, "It is the disk"));
    play.read(&seen);
    let later = play.now().wall;
    let say = |words: &str, at| (words.to_owned(), at);
    assert_eq!(first(&play), [say("It is the disk", later), say("We look into it", began)]);
    // An edited one says something that only the new reading holds.
    play.wait(60);
    seen.incidents[0].updates[1] = update(Phase::Investigating, "We looked into it");
    play.read(&seen);
    let last = play.now().wall;
    assert_eq!(first(&play), [say("It is the disk", later), say("We looked into it", last)]);
    // One that the page drops is kept with its reading.
    play.wait(60);
    seen.incidents[0].updates = vec![Update { at: None, ..update(Phase::Monitoring, "A new disk is in") }];
    play.read(&seen);
    assert!(first(&play).contains(&say("A new disk is in", play.now().wall)));
    assert!(first(&play).contains(&say("It is the disk", later)));
}
