//! States set by hand, and words kept ready.

use allclear::limits;
use allclear::model::command::ManualState;
use allclear::model::desk::Template;

use super::*;

fn set(state: State) -> ManualState {
    ManualState { state, reason: "Seen with own eyes".into(), until: None }
}

fn acme() -> SourceId {
    SourceId::new("acme")
}

fn checkout() -> ServiceId {
    ServiceId::new("checkout")
}

#[test]
fn a_source_is_set_by_hand_and_is_what_was_read_again() {
    let mut team = Team::new();
    let effect = team.order(Command::Override(acme(), Some(0), set(State::MAJOR_OUTAGE)));
    assert_eq!((kinds(&effect), effect.audit.action), (vec![EventKind::SourceOverride], "source.override"));
    assert_eq!((effect.events[0].from.as_deref(), effect.events[0].to.as_deref()), (None, Some("major_outage")));
    assert_eq!(team.desk.overrides[&acme()].author, "ada");
    let again = Command::Override(acme(), Some(0), set(State::OPERATIONAL));
    assert_eq!(team.refusal(again), Refused::Outdated { current: 1 });
    let effect = team.order(Command::Override(acme(), Some(1), set(State::OPERATIONAL)));
    assert_eq!((version(&effect.done), effect.events[0].from.as_deref()), (2, Some("major_outage")));
    assert_eq!(team.refusal(Command::EndOverride(acme(), Some(1))), Refused::Outdated { current: 2 });
    let effect = team.order(Command::EndOverride(acme(), Some(2)));
    assert_eq!((effect.events[0].to.as_deref(), effect.audit.action), (None, "source.override.end"));
    assert!(team.desk.overrides.is_empty());
    assert!(matches!(team.refusal(Command::EndOverride(acme(), None)), Refused::NotFound(_)));
}

#[test]
fn a_service_is_as_bad_as_the_worst_that_is_said_of_it() {
    let mut team = Team::new();
    let effect = team.order(Command::SetService(checkout(), Some(0), set(State::PARTIAL_OUTAGE)));
    assert_eq!((kinds(&effect), effect.audit.action), (vec![EventKind::ServiceState], "service.set"));
    team.order(Command::Open(opening("i1")));
    assert_eq!(team.service("checkout"), State::PARTIAL_OUTAGE, "what is set hides no incident, and none hides it");
    let worse = Opening { services: vec![hit("checkout", State::MAJOR_OUTAGE)], ..opening("i2") };
    team.order(Command::Open(worse));
    assert_eq!(team.service("checkout"), State::MAJOR_OUTAGE);
    let good = team.order(Command::SetService(checkout(), Some(1), set(State::OPERATIONAL)));
    assert_eq!((team.service("checkout"), version(&good.done)), (State::MAJOR_OUTAGE, 2));
    assert_eq!(good.events, [], "nothing changed for anybody");
    assert_eq!(team.refusal(Command::EndService(checkout(), Some(9))), Refused::Outdated { current: 2 });
    team.order(Command::EndService(checkout(), None));
    assert!(matches!(team.refusal(Command::EndService(checkout(), None)), Refused::NotFound(_)));
}

#[test]
fn what_is_not_watched_without_reason_or_over_already_is_refused() {
    let team = Team::new();
    assert!(matches!(
        team.refusal(Command::Override(SourceId::new("nowhere"), None, set(State::OPERATIONAL))),
        Refused::NotFound(_)
    ));
    assert!(matches!(
        team.refusal(Command::SetService(ServiceId::new("nowhere"), None, set(State::OPERATIONAL))),
        Refused::NotFound(_)
    ));
    let mute = ManualState { reason: String::new(), ..set(State::OPERATIONAL) };
    let over = ManualState { until: Some(team.now), ..set(State::OPERATIONAL) };
    for (name, set) in [("reason", mute), ("until", over)] {
        assert_eq!(field(&team.refusal(Command::Override(acme(), None, set.clone()))), name);
        assert_eq!(field(&team.refusal(Command::SetService(checkout(), None, set))), name);
    }
}

#[test]
fn templates_are_put_changed_and_removed() {
    let mut team = Team::new();
    let template = |id: &str, title: &str| {
        Box::new(Template {
            id: id.into(),
            version: 0,
            name: "Slow".into(),
            title: title.into(),
            body: "{{service}} is slow".into(),
            impact: Some(Impact::Minor),
            services: vec![ServiceId::new("gone-since")],
            at: Timestamp::UNIX_EPOCH,
            author: String::new(),
        })
    };
    let effect = team.order(Command::PutTemplate(None, template("slow", "It is slow")));
    assert_eq!((version(&effect.done), effect.audit.before), (1, None));
    assert_eq!((team.desk.templates["slow"].at, team.desk.templates["slow"].author.as_str()), (team.now, "ada"));
    assert_eq!(team.refusal(Command::PutTemplate(Some(0), template("slow", "x"))), Refused::Outdated { current: 1 });
    let effect = team.order(Command::PutTemplate(Some(1), template("slow", "So slow")));
    assert!(version(&effect.done) == 2 && effect.audit.before.unwrap().contains("It is slow"));
    assert_eq!(field(&team.refusal(Command::PutTemplate(None, template("", "x")))), "name");
    assert_eq!(field(&team.refusal(Command::PutTemplate(None, template("x", "")))), "title");
    assert_eq!(team.refusal(Command::RemoveTemplate("slow".into(), Some(1))), Refused::Outdated { current: 2 });
    team.order(Command::RemoveTemplate("slow".into(), Some(2)));
    assert!(matches!(team.refusal(Command::RemoveTemplate("slow".into(), None)), Refused::NotFound(_)));
    for number in 0..limits::TEMPLATES {
        team.order(Command::PutTemplate(None, template(&format!("t{number}"), "x")));
    }
    assert!(matches!(team.refusal(Command::PutTemplate(None, template("more", "x"))), Refused::Conflict(_)));
    team.order(Command::PutTemplate(None, template("t0", "changed")));
}
