//! What the team says of vendors' incidents, and for how long that holds.

use allclear::model::command::Judgement;
use allclear::model::desk::{Affects, Mute};
use allclear::model::event::{Cause, Event};
use allclear::model::filter::Filter;
use allclear::model::observation::Observation;
use allclear::model::source::PageSettings;
use allclear::rules::derive::{self, Derived};
use allclear::rules::{announce, headline, judged};

use super::super::{Play, component, incident, page};
use super::*;

/// A vendor and the team that judges it.
struct Both {
    play: Play,
    team: Team,
}

impl Both {
    fn reading(seen: &Observation) -> Self {
        let mut both = Self { play: Play::new(Filter::default()), team: Team::new() };
        both.read(seen);
        both
    }

    fn read(&mut self, seen: &Observation) {
        self.play.wait(60);
        self.play.read(seen);
        self.team.now = self.play.now().wall;
        self.team.upstream = self.shown().incidents;
        let parts = self.play.held.state.components.iter();
        self.team.parts = parts.map(|one| (one.id.clone(), one.state)).collect();
    }

    fn shown(&self) -> Derived {
        let derived = derive::source(&self.play.held, self.play.now());
        judged::source(derived, &self.play.held, &self.team.desk, self.play.now())
    }

    /// What counts of the source, and whether its first incident is dismissed.
    fn counts(&self) -> (State, bool) {
        let shown = self.shown();
        (shown.view.counted_state, shown.incidents[0].is_dismissed())
    }

    /// True where nobody is to be told of the incident.
    fn is_quiet(&self) -> bool {
        let (shown, now) = (self.shown(), self.play.now());
        let parts = headline::Parts {
            page: &Arc::new(PageSettings::default()),
            services: &[],
            sources: vec![&shown],
            desk: &self.team.desk,
            local: &[],
            local_maintenances: &[],
            notices: Vec::new(),
            cut_off: false,
            seq: 1,
        };
        let event = Event {
            seq: 1,
            at: now.wall,
            since: None,
            kind: EventKind::IncidentUpdated,
            source: Some(SourceId::new("acme")),
            subject: Some(id().as_str().to_owned()),
            name: "Trouble".into(),
            from: None,
            to: None,
            cause: Cause::Reading,
            note: None,
            baseline: false,
        };
        let quiet = announce::news(&event, &headline::snapshot(parts, now)).unwrap().quiet;
        quiet.dismissed || quiet.muted_until.is_some_and(|until| until > now.wall)
    }
}

fn id() -> IncidentId {
    IncidentId::new("acme.a")
}

fn naming(id: &str, parts: &[&str], impact: Impact) -> allclear::model::observation::SeenIncident {
    let mut seen = incident(id, Phase::Investigating);
    seen.impact = Some(impact);
    seen.components = parts.iter().map(ComponentId::new).collect();
    seen
}

/// `api` in this state with an incident about it, `web` in that state.
fn troubled(api: State, web: State, impact: Impact) -> Observation {
    page(vec![component("api", api), component("web", web)], vec![naming("a", &["api"], impact)])
}

fn affects(affects: Affects) -> Command {
    Command::Judge(id(), None, Box::new(Judgement { affects: Some(affects), ..Judgement::default() }))
}

#[test]
fn what_does_not_affect_us_counts_no_more_and_is_shown_all_the_same() {
    let mut both = Both::reading(&troubled(State::PARTIAL_OUTAGE, State::OPERATIONAL, Impact::Major));
    assert_eq!(both.counts(), (State::PARTIAL_OUTAGE, false));
    let effect = both.team.order(affects(Affects::No));
    assert_eq!((kinds(&effect), effect.audit.action), (vec![EventKind::IncidentJudged], "verdict.set"));
    assert_eq!(both.counts(), (State::OPERATIONAL, true));
    assert!(both.is_quiet());
    let shown = both.shown();
    assert_eq!((shown.view.state, shown.view.read), (State::PARTIAL_OUTAGE, State::PARTIAL_OUTAGE));
    assert!(shown.view.components[0].dismissed && !shown.view.components[1].dismissed);
    both.team.order(affects(Affects::Yes));
    assert_eq!(both.counts(), (State::PARTIAL_OUTAGE, false));
}

/// What is worse than when it was judged comes back; what is no worse does not.
#[test]
fn a_verdict_stands_until_it_gets_worse() {
    let (down, slow, fine) = (State::PARTIAL_OUTAGE, State::DEGRADED_PERFORMANCE, State::OPERATIONAL);
    let rows: [(&str, Observation, (State, bool)); 7] = [
        ("as it was", troubled(down, fine, Impact::Major), (fine, true)),
        ("better", troubled(slow, fine, Impact::Major), (fine, true)),
        ("over for the part", troubled(fine, fine, Impact::Major), (fine, true)),
        ("the part is worse", troubled(State::MAJOR_OUTAGE, fine, Impact::Major), (State::MAJOR_OUTAGE, false)),
        ("the impact changed", troubled(down, fine, Impact::Critical), (State::MAJOR_OUTAGE, false)),
        ("another part is in trouble", troubled(down, slow, Impact::Major), (slow, true)),
        ("the part is not understood", troubled(State::Unknown, fine, Impact::Major), (State::Unknown, true)),
    ];
    for (what, seen, counts) in rows {
        let mut both = Both::reading(&troubled(down, fine, Impact::Major));
        both.team.order(affects(Affects::No));
        both.read(&seen);
        assert_eq!(both.counts(), counts, "{what}");
        // Judged anew as it is now, it is settled again.
        let (_, dismissed) = counts;
        if !dismissed {
            both.team.order(affects(Affects::No));
            assert_eq!(both.counts(), (fine, true), "{what}");
        }
    }
}

#[test]
fn a_part_that_another_incident_names_counts_all_the_same() {
    let (down, fine) = (State::PARTIAL_OUTAGE, State::OPERATIONAL);
    let mut both = Both::reading(&troubled(down, fine, Impact::Major));
    both.team.order(affects(Affects::No));
    let seen = page(
        vec![component("api", down), component("web", fine)],
        vec![naming("a", &["api"], Impact::Major), naming("b", &["api"], Impact::Major)],
    );
    both.read(&seen);
    assert_eq!(both.shown().view.counted_state, down);
}

#[test]
fn one_that_names_nothing_explains_what_was_wrong_then_and_nothing_new() {
    let (down, fine) = (State::PARTIAL_OUTAGE, State::OPERATIONAL);
    let nameless =
        |api, web| page(vec![component("api", api), component("web", web)], vec![naming("a", &[], Impact::Major)]);
    let mut both = Both::reading(&nameless(down, fine));
    both.team.order(affects(Affects::No));
    assert_eq!(both.counts(), (fine, true));
    both.read(&nameless(down, down));
    assert_eq!(both.shown().view.counted_state, down, "new trouble is hidden by nothing that was said before it");
    both.read(&nameless(State::MAJOR_OUTAGE, fine));
    assert_eq!(both.shown().view.counted_state, State::MAJOR_OUTAGE, "nor is worse trouble of the same part");
}

#[test]
fn muting_ends_in_time_or_with_the_next_bad_news() {
    let (down, fine) = (State::PARTIAL_OUTAGE, State::OPERATIONAL);
    let mute = |mute| Command::Judge(id(), None, Box::new(Judgement { mute: Some(mute), ..Judgement::default() }));
    let mut both = Both::reading(&troubled(down, fine, Impact::Major));
    let soon = both.team.now + jiff::SignedDuration::from_mins(30);
    both.team.order(mute(Mute::Until(soon)));
    assert!(both.is_quiet());
    assert_eq!(both.counts(), (down, false), "it is quiet and counts");
    both.play.wait(1801);
    assert!(!both.is_quiet());
    both.team.now = both.play.now().wall;
    assert_eq!(field(&both.team.refusal(mute(Mute::Until(soon)))), "mute_until");
    both.team.order(mute(Mute::UntilChange));
    assert!(both.is_quiet());
    both.read(&troubled(State::MAJOR_OUTAGE, fine, Impact::Major));
    assert!(!both.is_quiet());
    both.team.order(mute(Mute::Off));
    assert!(!both.is_quiet());
}

#[test]
fn words_owner_and_who_saw_it_stay_until_they_are_changed() {
    let mut both = Both::reading(&troubled(State::PARTIAL_OUTAGE, State::OPERATIONAL, Impact::Major));
    let effect = both.team.order(Command::Acknowledge(id()));
    assert_eq!((effect.audit.action, version(&effect.done)), ("verdict.acknowledge", 1));
    let now = both.team.now;
    let judge = |version, judgement| Command::Judge(id(), version, Box::new(judgement));
    let first =
        Judgement { owner: Some("Sam".into()), note: Some(words("Use the other one.")), ..Judgement::default() };
    assert_eq!(both.team.refusal(judge(Some(0), first.clone())), Refused::Outdated { current: 1 });
    both.team.order(judge(Some(1), first));
    let more = Judgement { workaround: Some(words("Wait.")), ..Judgement::default() };
    both.team.order(judge(Some(2), more));
    let verdict = both.team.desk.verdicts[&id()].clone();
    assert_eq!((verdict.version, verdict.owner.as_deref()), (3, Some("Sam")));
    assert_eq!(verdict.acknowledged, Some((now, "ada".into())));
    assert_eq!(verdict.note.map(|words| words.markdown).as_deref(), Some("Use the other one."));
    let none = Judgement { owner: Some(String::new()), note: Some(Words::default()), ..Judgement::default() };
    both.team.order(judge(None, none));
    let verdict = &both.team.desk.verdicts[&id()];
    assert_eq!((&verdict.owner, &verdict.note, verdict.workaround.is_some()), (&None, &None, true));
}

#[test]
fn our_own_incidents_affect_us_always_and_unknown_ones_cannot_be_judged() {
    let mut team = Team::new();
    team.order(Command::Open(opening("i1")));
    let judge = |id: &str, affects| {
        let judgement = Judgement { affects: Some(affects), ..Judgement::default() };
        Command::Judge(IncidentId::new(id), None, Box::new(judgement))
    };
    for refused in [Affects::No, Affects::NotKnown] {
        assert_eq!(field(&team.refusal(judge("i1", refused))), "affects");
    }
    team.order(judge("i1", Affects::Yes));
    team.order(Command::Acknowledge(IncidentId::new("i1")));
    assert!(matches!(team.refusal(judge("acme.nobody", Affects::No)), Refused::NotFound(_)));
    assert!(matches!(team.refusal(Command::Acknowledge(IncidentId::new("acme.nobody"))), Refused::NotFound(_)));
}

/// Vendors may raise their overall state before any part or incident says why.
#[test]
fn an_overall_state_that_is_worse_than_what_was_judged_counts() {
    let (down, fine) = (State::PARTIAL_OUTAGE, State::OPERATIONAL);
    let overall = |indicator| {
        let seen = troubled(down, fine, Impact::Major);
        Observation { indicator: Some(indicator), ..seen }
    };
    let mut both = Both::reading(&overall(down));
    both.team.order(affects(Affects::No));
    assert_eq!(both.counts(), (fine, true), "what was judged explains it");
    both.read(&overall(State::MAJOR_OUTAGE));
    assert_eq!(both.counts(), (State::MAJOR_OUTAGE, true), "nothing that was judged is as bad as that");
    both.read(&overall(State::Unknown));
    assert_eq!(both.counts(), (State::Unknown, true), "what is not known, nothing explains");
}
