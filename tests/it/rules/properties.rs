//! What holds for every sequence of readings.

use allclear::model::event::EventKind;
use allclear::model::filter::Filter;
use allclear::model::incident::Phase;
use allclear::model::level::State;
use allclear::model::observation::Observation;
use proptest::prelude::*;

use super::*;

fn any_state() -> impl Strategy<Value = State> {
    prop::sample::select(State::ALL.to_vec())
}

fn any_phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(vec![Phase::Investigating, Phase::Identified, Phase::Monitoring, Phase::Resolved])
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let components = prop::collection::vec((0..5_u8, any_state()), 0..6);
    let incidents = prop::collection::vec((0..5_u8, any_phase()), 0..5);
    (components, incidents, any_state()).prop_map(|(components, incidents, indicator)| Observation {
        indicator: Some(indicator),
        components: components.into_iter().map(|(id, state)| component(&format!("c{id}"), state)).collect(),
        incidents: incidents.into_iter().map(|(id, phase)| incident(&format!("i{id}"), phase)).collect(),
        ..Observation::default()
    })
}

proptest! {
    #[test]
    fn seeing_the_same_page_twice_changes_nothing(pages in prop::collection::vec(any_observation(), 1..6)) {
        let mut play = Play::new(Filter::default());
        for seen in &pages {
            play.read(seen);
            let before = play.held.state.clone();
            let again = play.read(seen);
            prop_assert_eq!(again, vec![]);
            prop_assert_eq!(&before.components, &play.held.state.components);
        }
    }

    #[test]
    fn what_is_recorded_is_what_its_newest_page_says(pages in prop::collection::vec(any_observation(), 1..6)) {
        let mut play = Play::new(Filter::default());
        for seen in &pages {
            play.read(seen);
            // What is doubted is not recorded.
            if play.held.state.doubt.is_none() {
                let found = allclear::rules::replay::differences(&play.held.state, seen, &play.held.source);
                prop_assert_eq!(found, vec![]);
            }
            play.wait(120);
        }
    }

    #[test]
    fn a_source_is_never_better_than_its_worst_part(pages in prop::collection::vec(any_observation(), 1..6)) {
        let mut play = Play::new(Filter::default());
        for seen in &pages {
            play.read(seen);
            if let Some(claimed) = seen.state() {
                prop_assert!(play.state().weight() >= claimed.weight(), "{:?} but {:?}", play.state(), claimed);
            }
        }
    }

    #[test]
    fn no_id_is_held_twice_and_no_open_incident_is_lost(pages in prop::collection::vec(any_observation(), 1..8)) {
        let mut play = Play::new(Filter::default());
        for seen in &pages {
            let open: Vec<_> = play.held.state.incidents.iter().filter(|i| i.is_open()).map(|i| i.id.clone()).collect();
            play.read(seen);
            let mut ids: Vec<_> = play.held.state.incidents.iter().map(|i| i.id.clone()).collect();
            for id in &open {
                prop_assert!(ids.contains(id), "{} is lost", id);
            }
            ids.sort();
            let count = ids.len();
            ids.dedup();
            prop_assert_eq!(count, ids.len());
        }
    }

    #[test]
    fn openings_and_ends_of_an_incident_alternate(pages in prop::collection::vec(any_observation(), 1..12)) {
        let mut play = Play::new(Filter::default());
        for seen in &pages {
            play.read(seen);
            play.wait(120);
        }
        let mut open = std::collections::HashMap::new();
        for event in &play.events {
            let id = event.subject.clone().unwrap_or_default();
            match event.kind {
                EventKind::IncidentOpened | EventKind::IncidentReopened => {
                    prop_assert_ne!(open.insert(id, true), Some(true), "opened twice: {:?}", event);
                }
                EventKind::IncidentResolved | EventKind::IncidentUnlisted => {
                    prop_assert_eq!(open.insert(id, false), Some(true), "closed unopened: {:?}", event);
                }
                _ => {}
            }
        }
    }
}
