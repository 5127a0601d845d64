//! What holds for every sequence of orders.

use std::time::Duration;

use allclear::model::command::{Edit, Judgement, ManualState, Planning, Wish};
use allclear::model::desk::Affects;
use proptest::prelude::*;

use super::*;

fn any_state() -> impl Strategy<Value = State> {
    prop::sample::select(State::ALL.to_vec())
}

fn any_service() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["checkout", "search", "nowhere"])
}

fn any_id() -> impl Strategy<Value = IncidentId> {
    (0..4_u8).prop_map(|number| IncidentId::new(format!("i{number}")))
}

fn any_works() -> impl Strategy<Value = IncidentId> {
    (0..3_u8).prop_map(|number| IncidentId::new(format!("m{number}")))
}

fn any_impact() -> impl Strategy<Value = Impact> {
    prop::sample::select(vec![Impact::None, Impact::Minor, Impact::Major, Impact::Critical])
}

fn any_phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(Phase::ALL.to_vec())
}

fn any_post() -> impl Strategy<Value = Post> {
    let services = prop::option::of(prop::collection::vec((any_service(), any_state()), 0..3));
    (prop::option::of(any_phase()), prop::option::of(any_impact()), services, any::<bool>()).prop_map(
        |(phase, impact, services, says)| Post {
            phase,
            impact,
            services: services.map(|all| all.into_iter().map(|(service, state)| hit(service, state)).collect()),
            words: if says { words("So it is.") } else { Words::default() },
        },
    )
}

fn any_opening() -> impl Strategy<Value = Command> {
    (any_id(), any_impact(), any_phase(), any_service(), any_state(), any::<bool>()).prop_map(
        |(id, impact, phase, service, state, suggested)| {
            let services = vec![hit(service, state)];
            Command::Open(Opening { id, impact, phase, services, suggested, ..opening("") })
        },
    )
}

fn any_plan() -> impl Strategy<Value = Command> {
    (any_works(), any_service(), 0..3_u64).prop_map(|(id, service, hours)| {
        let starts_at = at("2026-03-01T13:00:00Z");
        Command::Plan(Planning {
            id,
            title: "Works".into(),
            starts_at,
            ends_at: starts_at + Duration::from_secs(hours * 3600),
            services: vec![ServiceId::new(service)],
            words: Words::default(),
            wish: Wish::default(),
        })
    })
}

fn any_command() -> impl Strategy<Value = Command> {
    let seen = || prop::option::weighted(0.3, 0..6_u64);
    let by_hand = (any_state(), any::<bool>()).prop_map(|(state, says)| ManualState {
        state,
        reason: if says { "Seen".into() } else { String::new() },
        until: None,
    });
    prop_oneof![
        4 => any_opening(),
        6 => (any_id(), seen(), any_post()).prop_map(|(id, seen, post)| Command::Post(id, seen, post)),
        2 => (any_id(), seen(), any_impact()).prop_map(|(id, seen, impact)| {
            Command::Edit(id, seen, Box::new(Edit { impact: Some(impact), ..Edit::default() }))
        }),
        1 => (any_id(), seen(), 0..4_u32).prop_map(|(id, seen, n)| Command::Correct(id, seen, n, words("Right."))),
        1 => any_id().prop_map(|id| Command::Note(id, words("Ask Sam."))),
        1 => (any_id(), seen()).prop_map(|(id, seen)| Command::Postmortem(id, seen, words("A cable."))),
        2 => (any_id(), seen()).prop_map(|(id, seen)| Command::Publish(id, seen)),
        1 => (any_id(), seen()).prop_map(|(id, seen)| Command::Delete(id, seen)),
        2 => any_plan(),
        4 => (any_works(), seen(), any_post()).prop_map(|(id, seen, post)| Command::Work(id, seen, post)),
        1 => (any_works(), seen()).prop_map(|(id, seen)| Command::DeleteMaintenance(id, seen)),
        1 => any_id().prop_map(Command::Acknowledge),
        1 => any_id().prop_map(|id| {
            Command::Judge(id, None, Box::new(Judgement { affects: Some(Affects::Yes), ..Judgement::default() }))
        }),
        3 => (any_service(), seen(), by_hand).prop_map(|(id, seen, set)| {
            Command::SetService(ServiceId::new(id), seen, set)
        }),
        1 => (any_service(), seen()).prop_map(|(id, seen)| Command::EndService(ServiceId::new(id), seen)),
    ]
}

/// The version of everything that the desk holds.
fn versions(desk: &Desk) -> Vec<(String, u64)> {
    let local = |local: &Option<Box<allclear::model::local::Local>>| local.as_ref().map_or(0, |local| local.version);
    let incidents = desk.incidents.values().map(|one| (format!("incident {}", one.id), local(&one.local)));
    let works = desk.maintenances.values().map(|one| (format!("maintenance {}", one.id), local(&one.local)));
    let verdicts = desk.verdicts.values().map(|one| (format!("verdict {}", one.incident), one.version));
    let by_hand = desk.by_hand.values().map(|one| (format!("by hand {}", one.service), one.version));
    incidents.chain(works).chain(verdicts).chain(by_hand).collect()
}

/// The worst of what is open and public, worked out apart from the rules.
fn expected(desk: &Desk, service: &str) -> State {
    let mut worst = State::OPERATIONAL;
    for incident in desk.incidents.values() {
        let open = incident.phase.is_some_and(|phase| phase != Phase::Resolved);
        let public = incident.local.as_ref().is_none_or(|local| !local.suggested);
        for hit in incident.services.iter().filter(|hit| open && public && hit.service.as_str() == service) {
            worst = worst.worse(hit.state);
        }
    }
    for works in desk.maintenances.values() {
        let running = matches!(works.phase, Some(Phase::InProgress | Phase::Verifying));
        if running && works.services.iter().any(|id| id.as_str() == service) {
            worst = worst.worse(State::UNDER_MAINTENANCE);
        }
    }
    let set = desk.by_hand.get(&ServiceId::new(service)).map(|set| set.state);
    set.map_or(worst, |state| worst.worse(state))
}

proptest! {
    #[test]
    fn every_order_is_one_row_and_one_version_or_nothing_at_all(commands in prop::collection::vec(any_command(), 1..40)) {
        let mut team = Team::new();
        for command in commands {
            team.wait(1);
            let before = team.desk.clone();
            let Ok(effect) = team.ask(command.clone()) else { continue };
            team.desk = desk::after(&before, &effect);
            prop_assert!(!effect.unlogged && effect.audit.subject.is_some(), "{:?}", command);
            prop_assert_eq!((&effect.audit.actor, effect.audit.at), (&ada(), team.now));
            // Exactly one thing is another one now, and its version says so.
            let (was, is) = (versions(&before), versions(&team.desk));
            let changed: Vec<_> = is.iter().filter(|one| !was.contains(one)).collect();
            let gone: Vec<_> = was.iter().filter(|(name, _)| is.iter().all(|(other, _)| other != name)).collect();
            prop_assert_eq!(changed.len() + gone.len(), 1, "{:?}: {:?} {:?}", command, changed, gone);
            if let Some((name, version)) = changed.first() {
                let old = was.iter().find(|(other, _)| other == name).map_or(0, |(_, version)| *version);
                prop_assert_eq!(*version, old + 1, "{}", name);
            }
            // Nobody hears of what is only suggested.
            for incident in team.desk.incidents.values().filter(|one| desk::is_suggested(one)) {
                let about = |event: &allclear::model::event::Event| event.subject.as_deref() == Some(incident.id.as_str());
                prop_assert!(!effect.events.iter().any(about), "{:?}", effect.events);
            }
            // Services are as bad as the worst that is public, and each change of that is told, once and truly.
            for service in ["checkout", "search"] {
                let (from, to) = (expected(&before, service), expected(&team.desk, service));
                prop_assert_eq!(team.service(service), to);
                let told: Vec<_> = effect.events.iter()
                    .filter(|event| event.kind == EventKind::ServiceState && event.subject.as_deref() == Some(service))
                    .map(|event| (event.from.clone().unwrap(), event.to.clone().unwrap()))
                    .collect();
                let expected = if from == to { vec![] } else { vec![(from.as_str().to_owned(), to.as_str().to_owned())] };
                prop_assert_eq!(told, expected, "{:?}", command);
            }
        }
    }

    #[test]
    fn openings_and_ends_of_a_public_incident_alternate(commands in prop::collection::vec(any_command(), 1..60)) {
        let mut team = Team::new();
        let mut open = std::collections::HashMap::new();
        for command in commands {
            team.wait(1);
            let Ok(effect) = team.ask(command) else { continue };
            team.desk = desk::after(&team.desk, &effect);
            for event in &effect.events {
                let id = event.subject.clone().unwrap();
                match event.kind {
                    EventKind::IncidentOpened => {
                        let goes_on = event.to.as_deref() != Some("resolved");
                        prop_assert_eq!(open.insert(id, goes_on), None, "opened twice: {:?}", event);
                    }
                    EventKind::IncidentReopened => prop_assert_eq!(open.insert(id, true), Some(false), "{:?}", event),
                    EventKind::IncidentResolved => prop_assert_eq!(open.insert(id, false), Some(true), "{:?}", event),
                    EventKind::IncidentRemoved => prop_assert!(open.remove(&id).is_some(), "{:?}", event),
                    _ => {}
                }
            }
        }
    }
}
