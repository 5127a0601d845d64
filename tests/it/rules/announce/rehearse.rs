//! A rehearsal accounts for every event, and tells what the rules tell.

use allclear::model::ledger::Why;
use allclear::rules::rehearse::{Listener, Rehearsal, rehearse};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::properties::{any_coming, any_policy, made, start};
use super::*;

fn listener(policy: Policy, can_edit: bool) -> Listener {
    Listener { id: ReceiverId::new("channel/ops"), policy, can_edit }
}

fn counted(came: &Rehearsal) -> u64 {
    came.told + came.folded + came.waits.values().sum::<u64>() + came.held.values().sum::<u64>()
}

#[test]
fn trouble_that_lasts_is_told_with_its_end_and_what_does_not_is_held() {
    let at = |seconds| start() + SignedDuration::from_secs(seconds);
    let thread = || Thread::Source(SourceId::new("acme"));
    let blip = Thread::Source(SourceId::new("beta"));
    let past = [
        some_news(1, at(0), thread(), NewsKind::Trouble, State::MAJOR_OUTAGE),
        some_news(2, at(10), blip.clone(), NewsKind::Trouble, State::MAJOR_OUTAGE),
        some_news(3, at(40), blip, NewsKind::Over, State::OPERATIONAL),
        some_news(4, at(3_600), thread(), NewsKind::Over, State::OPERATIONAL),
    ];
    let came = rehearse(&listener(policy(), true), &past, at(90_000));
    let told: Vec<(u64, &str)> = came
        .letters
        .iter()
        .flat_map(|(_, letter)| letter.items.iter().map(|item| (item.seq, item.happening.as_str())))
        .collect();
    assert_eq!(told, [(1, "opened"), (4, "resolved")]);
    assert!(came.letters[0].0 >= at(120) && came.letters[0].0 < at(240), "{:?}", came.letters);
    // Neither that it began nor that it was over was told.
    assert_eq!(came.held, [(Why::NotConfirmed, 2)].into());
    assert_eq!(counted(&came), 4);
}

proptest! {
    #[test]
    fn every_event_has_one_fate_and_messages_come_in_order(
        coming in prop::collection::vec(any_coming(), 1..40),
        policy in any_policy(),
        can_edit: bool,
    ) {
        let mut clock = start();
        let past: Vec<News> = (1..).zip(&coming).map(|(seq, one)| {
            clock = later(clock, one.after);
            made(seq, clock, one)
        }).collect();
        let now = later(clock, 40_000);
        let came = rehearse(&listener(policy.clone(), can_edit), &past, now);
        prop_assert_eq!(counted(&came), u64::try_from(past.len()).unwrap());
        prop_assert!(came.letters.is_sorted_by_key(|(at, _)| *at));
        for (at, letter) in &came.letters {
            prop_assert!(*at <= now && !letter.items.is_empty());
            prop_assert!(can_edit || letter.items.iter().all(|item| !item.edit));
            for item in &letter.items {
                let said = past.iter().find(|news| news.seq == item.seq).unwrap();
                prop_assert!(said.at <= *at, "told before it happened");
            }
        }
        let again = rehearse(&listener(policy, can_edit), &past, now);
        prop_assert_eq!(again.letters, came.letters);
    }
}
