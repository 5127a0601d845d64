//! Orders about incidents of the team's own.

use allclear::limits;
use allclear::model::command::Edit;

use super::*;

fn id() -> IncidentId {
    IncidentId::new("i1")
}

fn opened() -> Team {
    let mut team = Team::new();
    team.order(Command::Open(opening("i1")));
    team
}

#[test]
fn an_incident_is_declared_with_its_first_update_its_event_and_its_row() {
    let mut team = Team::new();
    let effect = team.order(Command::Open(Opening { note: words("Ask Sam."), ..opening("i1") }));
    assert_eq!(kinds(&effect), [EventKind::IncidentOpened, EventKind::ServiceState]);
    assert_eq!(
        (effect.audit.action, effect.audit.subject.as_deref(), &effect.audit.actor),
        ("incident.open", Some("i1"), &ada())
    );
    let after = effect.audit.after.unwrap();
    assert!(effect.audit.before.is_none() && after.contains("said: We are looking."), "{after}");
    let incident = team.incident("i1");
    let local = incident.local.as_ref().unwrap();
    assert_eq!((local.version, local.author.as_str(), local.notes.len()), (1, "ada", 1));
    assert_eq!(incident.updates[0].told.as_ref().map(|told| (told.number, told.author.as_str())), Some((1, "ada")));
    assert_eq!((incident.started_at, incident.resolved_at), (Some(team.now), None));
    assert_eq!(team.service("checkout"), State::DEGRADED_PERFORMANCE);
    assert_eq!(team.service("search"), State::OPERATIONAL);
    let said = effect.events.iter().find(|event| event.kind == EventKind::IncidentOpened).unwrap();
    assert!(!said.note.as_deref().unwrap_or_default().contains("Sam"), "a remark is not public: {said:?}");
}

#[test]
fn what_cannot_be_declared_is_refused_with_the_field() {
    let team = opened();
    let later = team.now + limits::AHEAD + std::time::Duration::from_secs(1);
    let rows: [(&str, Opening); 6] = [
        ("title", Opening { title: String::new(), ..opening("i2") }),
        ("status", Opening { phase: Phase::Scheduled, ..opening("i2") }),
        ("services", Opening { services: vec![hit("nowhere", State::MAJOR_OUTAGE)], ..opening("i2") }),
        (
            "services",
            Opening {
                services: vec![hit("checkout", State::MAJOR_OUTAGE), hit("checkout", State::OPERATIONAL)],
                ..opening("i2")
            },
        ),
        ("started_at", Opening { started_at: Some(later), ..opening("i2") }),
        ("started_at", Opening { started_at: Some(at("1999-12-31T00:00:00Z")), ..opening("i2") }),
    ];
    for (name, opening) in rows {
        assert_eq!(field(&team.refusal(Command::Open(opening))), name);
    }
    assert!(matches!(team.refusal(Command::Open(opening("i1"))), Refused::Conflict(_)), "the id is taken");
    let mut full = Team::new();
    for number in 0..limits::LOCAL_OPEN {
        full.order(Command::Open(opening(&format!("i{number}"))));
    }
    assert!(matches!(full.refusal(Command::Open(opening("more"))), Refused::Conflict(_)));
    full.order(Command::Post(IncidentId::new("i0"), None, turning(Phase::Resolved)));
    full.order(Command::Open(opening("more")));
}

/// Every order that changes one raises its version by one, and is refused where the asker has seen another.
#[test]
fn who_has_seen_another_version_is_refused_and_told_which_is_in_force() {
    type Make = fn(Option<u64>) -> Command;
    let rows: [Make; 5] = [
        |seen| Command::Edit(id(), seen, Box::new(Edit { title: Some("Other".into()), ..Edit::default() })),
        |seen| Command::Post(id(), seen, saying("More is known.")),
        |seen| Command::Correct(id(), seen, 1, words("We look.")),
        |seen| Command::Post(id(), seen, turning(Phase::Resolved)),
        |seen| Command::Postmortem(id(), seen, words("A cable.")),
    ];
    let mut team = opened();
    for (before, make) in (1..).zip(rows) {
        for wrong in [before - 1, before + 1, u64::MAX] {
            assert_eq!(team.refusal(make(Some(wrong))), Refused::Outdated { current: before });
        }
        assert_eq!(version(&team.ask(make(None)).unwrap().done), before + 1, "who names none takes what is there");
        let effect = team.order(make(Some(before)));
        assert_eq!(version(&effect.done), before + 1, "{}", effect.audit.action);
    }
    assert_eq!(team.refusal(Command::Delete(id(), Some(5))), Refused::Outdated { current: 6 });
    team.order(Command::Delete(id(), Some(6)));
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let team = opened();
    let nobody = || IncidentId::new("nobody");
    let rows = [
        Command::Edit(nobody(), None, Box::default()),
        Command::Post(nobody(), None, saying("x")),
        Command::Correct(nobody(), None, 1, words("x")),
        Command::Correct(id(), None, 2, words("x")),
        Command::Note(nobody(), words("x")),
        Command::Postmortem(nobody(), None, words("x")),
        Command::Publish(nobody(), None),
        Command::Delete(nobody(), None),
        Command::Acknowledge(nobody()),
    ];
    for command in rows {
        let named = format!("{command:?}");
        assert!(matches!(team.refusal(command), Refused::NotFound(_)), "{named}");
    }
}

#[test]
fn updates_resolve_and_reopen_and_say_which_it_was() {
    let mut team = opened();
    let rows = [
        (turning(Phase::Identified), EventKind::IncidentUpdated, "incident.update", true),
        (saying("Still."), EventKind::IncidentUpdated, "incident.update", true),
        (turning(Phase::Resolved), EventKind::IncidentResolved, "incident.resolve", false),
        (saying("All good."), EventKind::IncidentUpdated, "incident.update", false),
        (turning(Phase::Investigating), EventKind::IncidentReopened, "incident.reopen", true),
        (turning(Phase::Monitoring), EventKind::IncidentUpdated, "incident.update", true),
        (turning(Phase::Resolved), EventKind::IncidentResolved, "incident.resolve", false),
    ];
    let mut ended = None;
    for (number, (post, kind, action, open)) in (2..).zip(rows) {
        team.wait(60);
        let effect = team.order(Command::Post(id(), None, post));
        assert_eq!((kinds(&effect)[0], effect.audit.action), (kind, action));
        let incident = team.incident("i1");
        assert_eq!(incident.is_open(), open);
        assert_eq!(incident.updates[0].told.as_ref().unwrap().number, number);
        if kind == EventKind::IncidentResolved {
            ended = Some(team.now);
        }
        assert_eq!(incident.resolved_at, if open { None } else { ended }, "words after the end do not move it");
        let service = if open { State::DEGRADED_PERFORMANCE } else { State::OPERATIONAL };
        assert_eq!(team.service("checkout"), service);
    }
    assert_eq!(team.incident("i1").updates.len(), 8);
}

#[test]
fn updates_that_say_nothing_and_phases_of_maintenances_are_refused() {
    let mut team = opened();
    assert_eq!(field(&team.refusal(Command::Post(id(), None, Post::default()))), "body");
    assert_eq!(field(&team.refusal(Command::Post(id(), None, turning(Phase::InProgress)))), "status");
    let elsewhere = Post { services: Some(vec![hit("nowhere", State::MAJOR_OUTAGE)]), ..saying("x") };
    assert_eq!(field(&team.refusal(Command::Post(id(), None, elsewhere))), "services");
    for _ in 1..limits::UPDATES {
        team.order(Command::Post(id(), None, saying("again")));
    }
    assert!(matches!(team.refusal(Command::Post(id(), None, saying("too many"))), Refused::Conflict(_)));
}

/// A service whose state followed the impact follows it still; one that was given a state keeps it.
#[test]
fn states_follow_the_impact_unless_they_were_given() {
    let mut team = Team::new();
    let services = vec![hit("checkout", Impact::Minor.level().into()), hit("search", State::MAJOR_OUTAGE)];
    team.order(Command::Open(Opening { services, ..opening("i1") }));
    let worse = |impact| Command::Edit(id(), None, Box::new(Edit { impact: Some(impact), ..Edit::default() }));
    team.order(worse(Impact::Major));
    assert_eq!(team.service("checkout"), Impact::Major.level().into());
    assert_eq!(team.service("search"), State::MAJOR_OUTAGE);
    let both = Post {
        impact: Some(Impact::Critical),
        services: Some(vec![hit("search", State::DEGRADED_PERFORMANCE)]),
        ..saying("It moved.")
    };
    let effect = team.order(Command::Post(id(), None, both));
    assert_eq!((team.service("checkout"), team.service("search")), (State::OPERATIONAL, State::DEGRADED_PERFORMANCE));
    assert_eq!(kinds(&effect), [EventKind::IncidentUpdated, EventKind::ServiceState, EventKind::ServiceState]);
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let mut team = opened();
    let before = team.incident("i1").clone();
    let begun = team.now - jiff::SignedDuration::from_hours(1);
    let related = vec![IncidentId::new("acme.x1")];
    let edit = Edit { started_at: Some(begun), related: Some(related.clone()), ..Edit::default() };
    let effect = team.order(Command::Edit(id(), Some(1), Box::new(edit)));
    let after = team.incident("i1");
    assert_eq!((after.started_at, &after.local.as_ref().unwrap().related), (Some(begun), &related));
    assert_eq!((&after.title, after.impact, &after.services), (&before.title, before.impact, &before.services));
    assert_eq!(after.updates, before.updates);
    assert!(effect.audit.before.unwrap().contains("Trouble i1") && effect.audit.after.unwrap().contains("acme.x1"));
    let empty = Edit { title: Some(String::new()), ..Edit::default() };
    assert_eq!(field(&team.refusal(Command::Edit(id(), None, Box::new(empty)))), "title");
    team.order(Command::Post(id(), None, turning(Phase::Resolved)));
    team.wait(120);
    let late = Edit { started_at: Some(team.now), ..Edit::default() };
    assert_eq!(field(&team.refusal(Command::Edit(id(), None, Box::new(late)))), "started_at");
}

#[test]
fn a_corrected_update_says_so_and_the_log_keeps_both() {
    let mut team = opened();
    team.order(Command::Post(id(), None, saying("The dsik is full.")));
    team.wait(30);
    let effect = team.order(Command::Correct(id(), Some(2), 2, words("The disk is full.")));
    let update = &team.incident("i1").updates[0];
    let told = update.told.as_ref().unwrap();
    assert_eq!((update.body.plain.as_str(), told.number), ("The disk is full.", 2));
    assert_eq!(told.corrected, Some((team.now, "ada".into())));
    assert_eq!(effect.audit.before.as_deref(), Some("The dsik is full."));
    assert_eq!(effect.audit.after.as_deref(), Some("The disk is full."));
    assert_eq!(field(&team.refusal(Command::Correct(id(), None, 2, Words::default()))), "body");
}

#[test]
fn nobody_outside_learns_of_a_note() {
    let mut team = opened();
    let before = team.incident("i1").updated_at;
    team.wait(30);
    let effect = team.order(Command::Note(id(), words("The on-call is Sam.")));
    assert_eq!(effect.events, []);
    assert_eq!(effect.audit.action, "incident.note");
    assert_eq!(team.incident("i1").updated_at, before, "the public time does not give it away");
    assert_eq!(team.incident("i1").local.as_ref().unwrap().notes[0].words.text.plain, "The on-call is Sam.");
    assert_eq!(field(&team.refusal(Command::Note(id(), Words::default()))), "body");
}

#[test]
fn what_was_learned_is_written_when_it_is_over() {
    let mut team = opened();
    let write = |text: &str| Command::Postmortem(id(), None, words(text));
    assert!(matches!(team.refusal(write("A cable.")), Refused::Conflict(_)));
    team.order(Command::Post(id(), None, turning(Phase::Resolved)));
    team.order(write("A cable."));
    let effect = team.order(write("A rat and a cable."));
    assert_eq!(effect.audit.before.as_deref(), Some("A cable."));
    assert_eq!(kinds(&effect), [EventKind::IncidentUpdated]);
    let empty = team.order(Command::Postmortem(id(), None, Words::default()));
    assert!(empty.audit.after.is_none() && team.incident("i1").local.as_ref().unwrap().postmortem.is_none());
}

#[test]
fn nobody_hears_of_what_is_only_suggested_until_it_is_published() {
    let mut team = Team::new();
    let suggested = team.order(Command::Open(Opening { suggested: true, ..opening("i1") }));
    assert_eq!(suggested.events, []);
    assert_eq!(team.service("checkout"), State::OPERATIONAL);
    assert_eq!(team.order(Command::Post(id(), None, saying("Still."))).events, []);
    assert_eq!(team.refusal(Command::Publish(id(), Some(1))), Refused::Outdated { current: 2 });
    let effect = team.order(Command::Publish(id(), Some(2)));
    assert_eq!(kinds(&effect), [EventKind::IncidentOpened, EventKind::ServiceState]);
    assert_eq!((effect.audit.action, version(&effect.done)), ("incident.publish", 3));
    assert_eq!(team.service("checkout"), State::DEGRADED_PERFORMANCE);
    assert!(matches!(team.refusal(Command::Publish(id(), None)), Refused::Conflict(_)));
    let mut other = Team::new();
    other.order(Command::Open(Opening { suggested: true, ..opening("i1") }));
    let effect = other.order(Command::Delete(id(), None));
    assert!(effect.events.is_empty() && effect.audit.before.is_some());
}

#[test]
fn what_is_deleted_is_gone_and_the_log_keeps_every_word() {
    let mut team = Team::new();
    team.order(Command::Open(Opening { note: words("Ask Sam."), ..opening("i1") }));
    team.order(Command::Post(id(), None, saying("The disk.")));
    let effect = team.order(Command::Delete(id(), Some(2)));
    assert_eq!(kinds(&effect), [EventKind::IncidentRemoved, EventKind::ServiceState]);
    assert_eq!(effect.removed, [id()]);
    let before = effect.audit.before.unwrap();
    for kept in ["Trouble i1", "We are looking.", "The disk.", "Ask Sam."] {
        assert!(before.contains(kept), "{kept}: {before}");
    }
    assert!(team.desk.incidents.is_empty() && team.service("checkout") == State::OPERATIONAL);
}

#[test]
fn one_too_old_to_be_held_can_still_be_changed() {
    let mut team = opened();
    team.order(Command::Post(id(), None, turning(Phase::Resolved)));
    team.old = Some(team.incident("i1").clone());
    team.desk.incidents.clear();
    assert!(matches!(team.refusal(Command::Open(opening("i1"))), Refused::Conflict(_)), "its id is taken for ever");
    let effect = team.order(Command::Post(id(), Some(2), turning(Phase::Investigating)));
    assert_eq!(kinds(&effect), [EventKind::IncidentReopened, EventKind::ServiceState]);
    assert_eq!(team.incident("i1").local.as_ref().unwrap().version, 3);
}
