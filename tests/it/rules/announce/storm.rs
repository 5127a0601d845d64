//! Many things at once are few messages.

use std::collections::BTreeSet;

use allclear::model::level::State;
use allclear::model::news::{Happening, NewsKind, Thread, Tier};

use super::*;

fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// R41
#[test]
fn fifty_vendors_that_fail_within_a_minute_are_three_messages_at_most_that_name_all_fifty() {
    for tier in Tier::ALL {
        let mut team = Receiver::new(policy());
        for number in 0..50_u64 {
            let at = later(start(), number * 59 / 49);
            team.until(at);
            let thread = Thread::Source(SourceId::new(format!("vendor-{number}")));
            let mut news = some_news(number + 1, at, thread, NewsKind::Trouble, State::MAJOR_OUTAGE);
            news.tier = tier;
            team.take(&news, at);
        }
        team.until(later(start(), 3600));
        assert!(team.letters.len() <= 3, "{tier:?}: {} messages", team.letters.len());
        let named: BTreeSet<&Thread> = team.items().map(|(_, _, item)| &item.thread).collect();
        assert_eq!(named.len(), 50, "{tier:?}");
        // Everything is over within a minute, too.
        let before = team.letters.len();
        for number in 0..50_u64 {
            let at = later(start(), 7200 + number);
            team.until(at);
            let thread = Thread::Source(SourceId::new(format!("vendor-{number}")));
            team.take(&some_news(number + 51, at, thread, NewsKind::Over, State::OPERATIONAL), at);
        }
        team.until(later(start(), 14_400));
        let ends = team.items().filter(|(_, _, item)| item.happening == Happening::Resolved);
        assert_eq!(ends.count(), 50, "{tier:?}");
        assert!(team.letters.len() - before <= 3, "{tier:?}: {} messages", team.letters.len() - before);
    }
}

/// R38: the program was down; all of it comes at once, long after.
#[test]
fn what_changed_meanwhile_is_said_once_and_what_came_and_went_is_not() {
    let mut team = Receiver::new(policy());
    let mut seq = 0;
    let now = later(start(), 7200);
    let mut take = |team: &mut Receiver, id: &str, kind, state| {
        seq += 1;
        team.take(&some_news(seq, later(start(), seq), incident(id), kind, state), now);
    };
    for id in ["acme.a", "beta.b", "gamma.c"] {
        take(&mut team, id, NewsKind::Trouble, State::PARTIAL_OUTAGE);
    }
    take(&mut team, "beta.b", NewsKind::Trouble, State::MAJOR_OUTAGE);
    take(&mut team, "gamma.c", NewsKind::Over, State::OPERATIONAL);
    team.until(later(now, 3600));
    let said: Vec<_> = team.items().map(|(_, _, item)| (item.thread.to_string(), item.happening)).collect();
    let opened = Happening::Opened;
    assert_eq!(said, [("incident/beta.b".to_owned(), opened), ("incident/acme.a".to_owned(), opened)]);
    assert_eq!(team.letters.len(), 1);
}

/// Real trouble in the middle of a cascade does not wait for its longer pace.
#[test]
fn a_vital_outage_in_a_cascade_waits_no_longer_than_the_usual_space() {
    let mut team = Receiver::new(policy());
    for number in 0..20_u64 {
        let at = later(start(), number * 20);
        team.until(at);
        let thread = Thread::Source(SourceId::new(format!("vendor-{number}")));
        team.take(&some_news(number + 1, at, thread, NewsKind::Trouble, State::DEGRADED_PERFORMANCE), at);
    }
    let at = later(start(), 400);
    team.until(at);
    let mut news = some_news(99, at, incident("acme.a"), NewsKind::Trouble, State::MAJOR_OUTAGE);
    news.tier = Tier::Vital;
    team.take(&news, at);
    team.until(later(start(), 3600));
    let told = team.letters.iter().find(|(_, _, letter)| letter.items.iter().any(|item| item.seq == 99)).unwrap();
    assert!(told.1 <= later(at, 30 + 60 + 30), "told at {}", told.1);
    assert!(team.letters.len() <= 6, "{} messages", team.letters.len());
}
