//! Alerts that other tools push: repeats, pushes out of order, blips, and what comes back.

use allclear::model::hook::{Hook, Mode, ServiceLabel};
use allclear::model::id::{HookId, IncidentId, ServiceId};
use allclear::model::pushed::{Pushed, Standing};
use allclear::model::signal::{Course, Signal};
use allclear::rules::pushed::{self, Intent};
use proptest::prelude::*;

use super::*;

const HOLD: u64 = 120;
const REOPEN: u64 = 900;

fn hook(hold: u64) -> Hook {
    Hook {
        id: HookId::new("kuma"),
        name: "Kuma".into(),
        kind: "uptimekuma".into(),
        mode: Mode::Publish,
        hold: Duration::from_secs(hold),
        reopen: Duration::from_secs(REOPEN),
        services: vec![ServiceId::new("shop")],
        label: Some(ServiceLabel {
            name: "service".into(),
            values: vec![("Checkout".into(), ServiceId::new("checkout")), ("pay".into(), ServiceId::new("payments"))],
        }),
        impact: Impact::Major,
        resolve: true,
        link: false,
    }
}

/// A moment, in seconds after one that is long past.
fn second(second: i64) -> Timestamp {
    at("2026-01-02T03:00:00Z") + jiff::SignedDuration::from_secs(second)
}

fn signal(course: Course, time: Option<i64>) -> Signal {
    Signal {
        key: "7".into(),
        course,
        at: time.map(second),
        standing: false,
        started_at: None,
        title: "API is down".into(),
        text: Text::default(),
        impact: None,
        labels: Vec::new(),
        url: Some("https://kuma.internal.example/7".into()),
    }
}

fn fires(time: i64) -> Signal {
    signal(Course::Firing, Some(time))
}

fn ends(time: i64) -> Signal {
    signal(Course::Resolved, Some(time))
}

/// What is done, in a word each, with the second of its time.
fn words(intents: &[Intent]) -> Vec<String> {
    let time = |at: &Timestamp| at.duration_since(second(0)).as_secs();
    let word = |intent: &Intent| match intent {
        Intent::Open { started_at, .. } => format!("open {}", time(started_at)),
        Intent::Reopen { at, .. } => format!("reopen {}", time(at)),
        Intent::Update { at, .. } => format!("update {}", time(at)),
        Intent::Resolve { at, .. } => format!("resolve {}", time(at)),
        Intent::Watch { at, .. } => format!("watch {}", time(at)),
    };
    intents.iter().map(word).collect()
}

fn incident_of(intent: &Intent) -> IncidentId {
    match intent {
        Intent::Open { incident, .. }
        | Intent::Reopen { incident, .. }
        | Intent::Update { incident, .. }
        | Intent::Resolve { incident, .. }
        | Intent::Watch { incident, .. } => incident.clone(),
    }
}

/// One alert and all that was done because of it.
struct Alert {
    hook: Hook,
    state: Pushed,
    done: Vec<Intent>,
}

impl Alert {
    fn new(hook: Hook) -> Self {
        Self { hook, state: Pushed::new("7"), done: Vec::new() }
    }

    fn hears(&mut self, signal: &Signal, now: i64) -> Vec<String> {
        let (state, intents) = pushed::take(&self.state, signal, &self.hook, second(now));
        self.state = state;
        self.done.extend(intents.clone());
        words(&intents)
    }

    fn waits(&mut self, now: i64) -> Vec<String> {
        let (state, intents) = pushed::due(&self.state, &self.hook, second(now));
        self.state = state;
        self.done.extend(intents.clone());
        words(&intents)
    }

    fn is_open(&self) -> bool {
        self.state.raised.as_ref().is_some_and(|raised| raised.standing == Standing::Open)
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_blip_makes_no_incident_and_what_stays_makes_one() {
    let mut alert = Alert::new(hook(HOLD));
    assert_eq!(alert.hears(&fires(0), 1), NOTHING);
    assert_eq!(pushed::next_due([&alert.state]), Some(second(121)));
    assert_eq!(alert.waits(120), NOTHING);
    assert_eq!(alert.hears(&ends(100), 101), NOTHING);
    assert_eq!(pushed::next_due([&alert.state]), None);
    assert_eq!(alert.waits(1_000), NOTHING);
    assert!(alert.state.raised.is_none());

    assert_eq!(alert.hears(&fires(2_000), 2_001), NOTHING);
    assert_eq!(alert.waits(2_121), ["open 2000"]);
    assert_eq!(alert.waits(9_000), NOTHING);
    assert_eq!(alert.hears(&ends(9_001), 9_002), ["resolve 9001"]);
    assert_eq!(alert.waits(20_000), NOTHING);
}

#[test]
fn without_a_hold_it_opens_at_once_and_a_hold_that_is_over_counts_though_nobody_looked() {
    assert_eq!(Alert::new(hook(0)).hears(&fires(0), 5), ["open 0"]);
    let mut alert = Alert::new(hook(HOLD));
    alert.hears(&fires(0), 1);
    assert_eq!(alert.hears(&ends(500), 501), ["open 0", "resolve 500"]);
}

#[test]
fn repeats_and_what_was_overtaken_change_nothing() {
    let mut alert = Alert::new(hook(HOLD));
    alert.hears(&fires(0), 1);
    alert.hears(&fires(0), 3);
    assert_eq!(pushed::next_due([&alert.state]), Some(second(121)), "a repeat holds nothing back");
    alert.waits(121);
    let open = alert.state.clone();
    assert_eq!(alert.hears(&fires(0), 200), NOTHING);
    assert_eq!(alert.state, open);
    assert_eq!(alert.hears(&ends(300), 301), ["resolve 300"]);
    let over = alert.state.clone();
    for late in [fires(0), fires(299), ends(300), ends(10), fires(300)] {
        assert_eq!(alert.hears(&late, 90_000), NOTHING, "{late:?}");
        assert_eq!(alert.state, over, "{late:?}");
    }
}

#[test]
fn a_reminder_is_told_only_where_its_words_changed() {
    let mut alert = Alert::new(hook(0));
    alert.hears(&fires(0), 0);
    let elsewhere = Signal { url: None, labels: vec![("a".into(), "b".into())], ..fires(60) };
    assert_eq!(alert.hears(&elsewhere, 60), NOTHING);
    let worse = Signal { impact: Some(Impact::Critical), ..fires(120) };
    assert_eq!(alert.hears(&worse, 121), ["update 120"]);
    let old = Signal { title: "Something older".into(), ..fires(90) };
    assert_eq!(alert.hears(&old, 122), NOTHING);
    let seen = Signal { impact: Some(Impact::Critical), ..signal(Course::Acknowledged, Some(180)) };
    assert_eq!(alert.hears(&seen, 181), ["update 180"]);
    assert!(matches!(alert.done.last(), Some(Intent::Update { said, .. }) if said.phase == Phase::Identified));
    // Who tells only since when things stand so changes its words without a time.
    let standing = Signal { standing: true, title: "97 % full".into(), ..fires(180) };
    assert_eq!(alert.hears(&standing, 600), ["update 600"]);
}

#[test]
fn what_comes_back_soon_goes_on_and_what_comes_back_late_is_new() {
    let mut alert = Alert::new(hook(0));
    alert.hears(&fires(0), 0);
    alert.hears(&ends(100), 100);
    assert_eq!(alert.hears(&fires(1_000), 1_000), ["reopen 1000"]);
    alert.hears(&ends(1_100), 1_100);
    assert_eq!(alert.hears(&fires(2_001), 2_001), ["open 2001"]);
    let ids: Vec<IncidentId> = alert.done.iter().map(incident_of).collect();
    assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4] != ids[0], "{ids:?}");
    // A blip after the end opens nothing again, but what follows it soon is still the same trouble.
    let mut alert = Alert::new(hook(HOLD));
    alert.hears(&fires(0), 0);
    alert.waits(120);
    alert.hears(&ends(200), 200);
    assert_eq!(alert.hears(&fires(800), 800), NOTHING);
    assert_eq!(alert.hears(&ends(850), 850), NOTHING);
    alert.hears(&fires(1_700), 1_700);
    assert_eq!(alert.waits(1_820), ["reopen 1700"]);
}

#[test]
fn an_end_that_was_overtaken_parts_what_lies_far_apart() {
    let mut alert = Alert::new(hook(HOLD));
    alert.hears(&fires(0), 0);
    alert.waits(120);
    assert_eq!(alert.hears(&fires(5_000), 5_000), NOTHING, "it goes on, for all that is known");
    assert_eq!(alert.hears(&ends(200), 5_010), ["resolve 200"]);
    assert_eq!(alert.waits(5_130), ["open 5000"]);
    // What lies close together goes on.
    assert_eq!(alert.hears(&fires(5_400), 5_400), NOTHING);
    assert_eq!(alert.hears(&ends(5_300), 5_410), NOTHING);
    assert!(alert.is_open());
    assert_eq!(alert.hears(&ends(5_500), 5_510), ["resolve 5500"]);
}

/// Prometheus loses its Alertmanager for a while: the alert times out, and comes back with the start that it had.
#[test]
fn an_alert_that_is_fed_again_with_its_old_start_has_not_ended() {
    let standing = |signal: Signal| Signal { standing: true, ..signal };
    let mut alert = Alert::new(hook(0));
    alert.hears(&standing(fires(0)), 30);
    alert.hears(&standing(ends(400)), 420);
    assert_eq!(alert.hears(&standing(fires(0)), 430), NOTHING, "it may have been overtaken");
    assert_eq!(alert.hears(&standing(fires(0)), 720), ["reopen 400"]);
    assert_eq!(alert.hears(&standing(fires(0)), 1_020), NOTHING, "a reminder");
    assert_eq!(alert.hears(&standing(ends(400)), 1_030), NOTHING, "the old end");
    assert!(alert.is_open());
    assert_eq!(alert.hears(&standing(ends(1_100)), 1_110), ["resolve 1100"]);
    // Senders that say when something happened mean it, however late.
    let mut alert = Alert::new(hook(0));
    alert.hears(&fires(0), 0);
    alert.hears(&ends(400), 420);
    assert_eq!(alert.hears(&fires(0), 80_000), NOTHING);
}

#[test]
fn without_times_pushes_count_as_they_come_even_where_our_clock_was_put_back() {
    let mut alert = Alert::new(hook(0));
    let (fires, ends) = (signal(Course::Firing, None), signal(Course::Resolved, None));
    assert_eq!(alert.hears(&fires, 1_000), ["open 1000"]);
    assert_eq!(alert.hears(&ends, 1_100), ["resolve 1100"]);
    assert_eq!(alert.hears(&fires, 500), ["reopen 1100"]);
    assert_eq!(alert.hears(&ends, 400), ["resolve 1100"]);
    assert_eq!(alert.hears(&ends, 401), NOTHING);
    assert!(!alert.state.is_firing());
}

#[test]
fn an_operator_s_end_stands_until_it_fires_anew() {
    let mut alert = Alert::new(hook(0));
    alert.hears(&fires(0), 0);
    alert.state = pushed::closed(&alert.state);
    let worse = Signal { title: "Still down".into(), ..fires(60) };
    assert_eq!(alert.hears(&worse, 60), NOTHING);
    assert_eq!(alert.hears(&ends(100), 100), NOTHING);
    assert_eq!(alert.hears(&fires(200), 200), ["reopen 200"]);
    // Also where the end in between was overtaken.
    alert.state = pushed::closed(&alert.state);
    assert_eq!(alert.hears(&fires(400), 400), NOTHING);
    assert_eq!(alert.hears(&ends(300), 410), ["reopen 400"]);
}

#[test]
fn a_hook_that_does_not_resolve_lets_an_operator_do_it() {
    let mut alert = Alert::new(Hook { resolve: false, ..hook(0) });
    alert.hears(&fires(0), 0);
    let end = Signal { text: allclear::text::body("200 - OK"), ..ends(100) };
    assert_eq!(alert.hears(&end, 100), ["watch 100"]);
    assert!(matches!(alert.done.last(), Some(Intent::Watch { text, .. }) if text.plain == "200 - OK"));
    assert_eq!(alert.hears(&end, 101), NOTHING);
    assert_eq!(alert.hears(&fires(200), 200), ["reopen 200"]);
}

#[test]
fn labels_say_what_is_touched_and_the_hook_where_they_do_not() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for (labels, wanted) in [
        (vec![], vec!["shop"]),
        (vec![pair("service", "unheard of")], vec!["shop"]),
        (vec![pair("team", "pay")], vec!["shop"]),
        (vec![pair("service", "CHECKOUT ")], vec!["checkout"]),
        (
            vec![pair("service", "pay"), pair("service", "checkout"), pair("service", "pay")],
            vec!["payments", "checkout"],
        ),
    ] {
        for link in [false, true] {
            let mut alert = Alert::new(Hook { link, ..hook(0) });
            alert.hears(&Signal { labels: labels.clone(), ..fires(0) }, 0);
            let [Intent::Open { said, .. }] = alert.done.as_slice() else { panic!("{:?}", alert.done) };
            let services: Vec<&str> = said.services.iter().map(ServiceId::as_str).collect();
            assert_eq!(services, wanted);
            assert_eq!(said.impact, Impact::Major);
            assert_eq!(said.url.is_some(), link);
        }
    }
}

#[test]
fn an_alert_is_forgotten_only_when_nothing_depends_on_it() {
    let mut alert = Alert::new(hook(0));
    alert.hears(&fires(0), 0);
    assert!(!pushed::is_spent(&alert.state, &alert.hook, second(10_000_000)));
    alert.hears(&ends(100), 100);
    assert!(!pushed::is_spent(&alert.state, &alert.hook, second(86_500)));
    assert!(pushed::is_spent(&alert.state, &alert.hook, second(86_501)));
}

#[test]
fn of_a_hook_that_is_gone_only_what_is_open_is_kept_for_long() {
    let day = 86_400;
    let mut open = Alert::new(hook(0));
    open.hears(&fires(0), 0);
    let mut held = Alert::new(hook(HOLD));
    held.hears(&fires(0), 0);
    let mut over = Alert::new(hook(0));
    over.hears(&fires(0), 0);
    over.hears(&ends(120), 120);
    for (now, orphaned) in [(day, false), (day + 121, true)] {
        assert!(!pushed::is_orphaned(&open.state, second(now)));
        assert_eq!(pushed::is_orphaned(&held.state, second(now)), orphaned, "{now}");
        assert_eq!(pushed::is_orphaned(&over.state, second(now)), orphaned, "{now}");
    }
    assert!(pushed::is_orphaned(&pushed::closed(&open.state), second(day + 121)));
}

#[test]
fn an_alert_that_never_ends_is_kept_small() {
    let mut alert = Alert::new(hook(0));
    for time in 0..1_000 {
        alert.hears(&fires(time), time);
    }
    assert_eq!(alert.state.fired.len(), allclear::limits::HOOK_FIRED);
    assert_eq!(alert.state.fired[0], second(0));
    assert_eq!(words(&alert.done), ["open 0"]);
}

/// Pushes of one alert, each of another moment, and an order in which they arrive, some of them twice.
fn any_delivery() -> impl Strategy<Value = (Vec<Signal>, Vec<usize>)> {
    let course = prop::sample::select(vec![Course::Firing, Course::Acknowledged, Course::Resolved]);
    let word = prop::sample::select(vec!["API is down", "API is slow"]);
    prop::collection::vec((course, word, 1..700_i64), 1..8).prop_flat_map(|pushes| {
        let mut time = 0;
        let signals: Vec<Signal> = pushes
            .into_iter()
            .map(|(course, word, wait)| {
                time += wait;
                Signal { title: word.into(), ..signal(course, Some(time)) }
            })
            .collect();
        let count = signals.len();
        let again = prop::collection::vec(0..count, 0..4);
        (Just(signals), again).prop_flat_map(move |(signals, again)| {
            let order: Vec<usize> = (0..count).chain(again).collect();
            (Just(signals), Just(order).prop_shuffle())
        })
    })
}

proptest! {
    #[test]
    fn within_the_hold_no_order_and_no_repeat_makes_a_difference((signals, order) in any_delivery()) {
        let (mut told, mut shuffled) = (Alert::new(hook(HOLD)), Alert::new(hook(HOLD)));
        signals.iter().for_each(|signal| { told.hears(signal, 6_000); });
        order.iter().for_each(|at| { shuffled.hears(&signals[*at], 6_000); });
        prop_assert_eq!(&told.state, &shuffled.state);
        told.waits(6_120);
        shuffled.waits(6_120);
        prop_assert_eq!(&told.state, &shuffled.state);
        prop_assert_eq!(&told.done, &shuffled.done);
    }

    #[test]
    fn however_they_arrive_the_incident_ends_as_the_alert_does((signals, order) in any_delivery(), gap in 0..400_i64) {
        let mut alert = Alert::new(hook(HOLD));
        let mut now = 6_000;
        for at in order {
            alert.waits(now);
            alert.hears(&signals[at], now);
            now += gap;
        }
        alert.waits(now + 120);
        let newest = signals.last().unwrap();
        let firing = newest.course != Course::Resolved;
        prop_assert_eq!(alert.state.is_firing(), firing);
        prop_assert_eq!(alert.is_open(), firing);
        if firing {
            prop_assert_eq!(&alert.state.latest.as_ref().unwrap().title, &newest.title);
        }
        // Every incident that was opened and is not the open one was resolved.
        let mut open: Vec<IncidentId> = Vec::new();
        for intent in &alert.done {
            let id = incident_of(intent);
            match intent {
                Intent::Open { .. } | Intent::Reopen { .. } => {
                    prop_assert!(open.is_empty(), "{:?}", alert.done);
                    open.push(id);
                }
                Intent::Update { .. } => prop_assert!(open.contains(&id)),
                _ => {
                    prop_assert!(open.contains(&id));
                    open.clear();
                }
            }
        }
        prop_assert_eq!(!open.is_empty(), firing);
    }

    #[test]
    fn hearing_everything_again_changes_nothing((signals, order) in any_delivery()) {
        let mut alert = Alert::new(hook(HOLD));
        for (number, at) in order.iter().enumerate() {
            alert.hears(&signals[*at], 6_000 + 100 * i64::try_from(number).unwrap());
        }
        alert.waits(9_000);
        let (before, done) = (alert.state.clone(), alert.done.len());
        for at in order {
            alert.hears(&signals[at], 9_000);
        }
        prop_assert_eq!(&alert.state, &before);
        prop_assert_eq!(alert.done.len(), done);
    }
}
