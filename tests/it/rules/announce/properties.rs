//! What holds for every receiver, whatever comes, in whatever order, and whenever it is looked at.

use std::collections::{BTreeMap, BTreeSet};

use allclear::model::id::ServiceId;
use allclear::model::ledger::{Item, Style, Why};
use allclear::model::level::Impact;
use allclear::model::news::Happening;
use allclear::model::policy::{Digest, Hours};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// One thing that comes: how long after the one before, of which thread, and what.
#[derive(Debug, Clone)]
pub struct Coming {
    pub after: u64,
    thread: usize,
    kind: usize,
    state: State,
    quiet: Quiet,
    tier: Tier,
    text: u8,
    by_operator: bool,
}

fn threads() -> Vec<Thread> {
    vec![
        incident("acme.a"),
        incident("acme.b"),
        incident("ours"),
        Thread::Source(SourceId::new("acme")),
        Thread::Source(SourceId::new("beta")),
        Thread::Reading(SourceId::new("acme")),
        Thread::Service(ServiceId::new("shop")),
        Thread::Here("network".to_owned()),
        Thread::Maintenance(IncidentId::new("acme.m")),
        Thread::Maintenance(IncidentId::new("own-work")),
    ]
}

const TROUBLE: [State; 4] =
    [State::DEGRADED_PERFORMANCE, State::PARTIAL_OUTAGE, State::MAJOR_OUTAGE, State::DEGRADED_PERFORMANCE];

fn any_quiet() -> impl Strategy<Value = Quiet> {
    let rarely = || prop::bool::weighted(0.15);
    let muted = prop_oneof![6 => Just(None), 1 => Just(Some(Timestamp::MAX)), 1 => (0..20_000_u64).prop_map(|s| Some(later(start(), s)))];
    let teller =
        prop_oneof![3 => Just(None), 2 => Just(Some("acme.a")), 1 => Just(Some("acme.b")), 1 => Just(Some("ours"))];
    (rarely(), muted, rarely(), teller, rarely(), rarely()).prop_map(
        |(dismissed, muted_until, acknowledged, teller, works, uncounted)| Quiet {
            dismissed,
            muted_until,
            acknowledged,
            told_by: teller.map(IncidentId::new),
            under_maintenance: works,
            uncounted,
        },
    )
}

pub fn any_coming() -> impl Strategy<Value = Coming> {
    let after = prop_oneof![3 => 0..20_u64, 3 => 20..400_u64, 1 => 400..20_000_u64];
    let tier = select(Tier::ALL.to_vec());
    (after, 0..10_usize, 0..7_usize, select(TROUBLE.to_vec()), any_quiet(), tier, 0..3_u8, prop::bool::weighted(0.2))
        .prop_map(|(after, thread, kind, state, quiet, tier, text, by_operator)| Coming {
            after,
            thread,
            kind,
            state,
            quiet,
            tier,
            text,
            by_operator,
        })
}

pub fn any_policy() -> impl Strategy<Value = Policy> {
    let kinds = prop_oneof![
        3 => Just(None),
        1 => prop::collection::btree_set(select(Happening::ALL.to_vec()), 1..10).prop_map(Some),
    ];
    let night = Hours { days: [true; 7], from: 22 * 60, to: 7 * 60 };
    let noon = Hours { days: [true, false, true, false, true, false, true], from: 9 * 60, to: 13 * 60 };
    let quiet = select(vec![Vec::new(), vec![night], vec![noon, night]]);
    let digest = prop_oneof![4 => Just(None), 1 => Just(Some(Digest { weekday: None, at: 8 * 60 })), 1 => Just(Some(Digest { weekday: Some(2), at: 600 }))];
    let confirm =
        select(vec![Confirm::After(Duration::ZERO), Confirm::After(Duration::from_secs(120)), Confirm::Readings(3)]);
    let impact = select(vec![None, None, Some(Impact::Minor), Some(Impact::Major)]);
    let remind = select(vec![None, None, Some(Duration::from_secs(1800))]);
    let hours = select(vec![Vec::new(), Vec::new(), vec![noon]]);
    let pace = (0..60_u64, 0..180_u64);
    (kinds, quiet, digest, confirm, impact, remind, hours, pace).prop_map(
        |(kinds, quiet, digest, confirm, impact, remind, hours, (group, spacing))| Policy {
            wants: Wants { kinds, impact, hours, ..Wants::default() },
            zone: "Europe/Berlin".to_owned(),
            confirm,
            quiet,
            digest,
            remind,
            group: Duration::from_secs(group),
            spacing: Duration::from_secs(spacing),
            ..policy()
        },
    )
}

pub fn start() -> Timestamp {
    "2026-03-28T09:00:00Z".parse().unwrap()
}

/// The kinds of a thread, its end last.
fn kinds(thread: &Thread) -> &'static [NewsKind] {
    use NewsKind::{
        Announced, Cancelled, Ended, Judged, Moved, Over, Readable, Reworded, Soon, Started, Trouble, Unreadable,
    };
    match thread {
        Thread::Maintenance(_) => &[Announced, Moved, Reworded, Soon, Started, Cancelled, Ended],
        Thread::Reading(_) => &[Unreadable, Readable],
        _ => &[Trouble, Trouble, Judged, Over],
    }
}

pub fn made(seq: u64, at: Timestamp, coming: &Coming) -> News {
    let thread = threads()[coming.thread].clone();
    let kinds = kinds(&thread);
    let kind = kinds[coming.kind % kinds.len()];
    let state = match kind {
        NewsKind::Trouble | NewsKind::Judged => coming.state,
        NewsKind::Unreadable | NewsKind::Readable => State::Unknown,
        NewsKind::Over | NewsKind::Ended | NewsKind::Cancelled => State::OPERATIONAL,
        _ => State::UNDER_MAINTENANCE,
    };
    let mut news = some_news(seq, at, thread, kind, state);
    news.text = Some(format!("Words {}", coming.text));
    news.quiet = coming.quiet.clone();
    if !matches!(news.thread, Thread::Source(_) | Thread::Service(_)) {
        (news.quiet.told_by, news.quiet.under_maintenance) = (None, false);
    }
    if news.source.is_some() {
        news.tier = coming.tier;
    }
    if news.source.is_none() && !matches!(news.thread, Thread::Here(_)) {
        news.services = vec![(ServiceId::new("shop"), "Shop".to_owned())];
    }
    if coming.by_operator {
        news.cause = Cause::Operator;
    }
    news.starts_at = matches!(news.thread, Thread::Maintenance(_)).then(|| later(at, u64::from(coming.text) * 9000));
    news
}

/// Everything comes, then everything ends, then some days pass.
fn play(policy: &Policy, all: &[Coming], glances: u64) -> (Receiver, Vec<News>) {
    let mut receiver = Receiver::new(policy.clone());
    let (mut at, mut told) = (start(), Vec::new());
    let look = |receiver: &mut Receiver, from: Timestamp, to: Timestamp| {
        let step = to.duration_since(from).as_secs().max(0) as u64 / (glances + 1);
        for glance in 1..=glances {
            receiver.until(later(from, step * glance));
            receiver.tick(later(from, step * glance));
        }
        receiver.until(to);
    };
    for coming in all {
        let next = later(at, coming.after);
        look(&mut receiver, at, next);
        at = next;
        let news = made(told.len() as u64 + 1, at, coming);
        receiver.take(&news, at);
        told.push(news);
    }
    for thread in threads() {
        let end = *kinds(&thread).last().unwrap();
        let news = some_news(told.len() as u64 + 1, at, thread, end, State::OPERATIONAL);
        receiver.take(&news, at);
        told.push(news);
    }
    look(&mut receiver, at, later(at, 10 * 24 * 3600));
    (receiver, told)
}

/// How a conversation stands at the receiver.
fn check_conversations(receiver: &Receiver, told: &[News]) -> Result<(), TestCaseError> {
    let mut heard: BTreeMap<&Thread, u64> = BTreeMap::new();
    let mut newest: BTreeMap<&Thread, u64> = BTreeMap::new();
    for (id, letter, item) in receiver.items() {
        let root = heard.get(&item.thread).copied();
        let planned = matches!(item.thread, Thread::Maintenance(_));
        // That planned work ended as planned is told to those who ask for that.
        prop_assert!(item.root == root || (planned && item.root.is_none()), "{:?} of {:?}", item, root);
        let tells_both = letter.style == Style::Digest && !item.covers.is_empty();
        match item.happening {
            Happening::Opened | Happening::Unreadable => prop_assert!(root.is_none(), "told twice: {:?}", item),
            _ if planned && !item.happening.is_end() => {}
            _ => prop_assert!(root.is_some() || tells_both, "never told: {:?}", item),
        }
        if item.happening.is_end() {
            heard.remove(&item.thread);
        } else {
            heard.insert(&item.thread, item.root.unwrap_or(*id));
        }
        // In order: what is told of a thread is newer than all that was told of it before.
        if item.happening != Happening::Reminder {
            for seq in item.covers.iter().chain([&item.seq]) {
                let news = &told[*seq as usize - 1];
                let last = newest.insert(&news.thread, *seq).unwrap_or(0);
                prop_assert!(last < *seq || item.happening == Happening::Soon, "out of order: {:?}", item);
            }
        }
    }
    heard.retain(|thread, _| !matches!(thread, Thread::Maintenance(_)));
    prop_assert!(heard.is_empty(), "never told the end: {:?}", heard);
    Ok(())
}

proptest! {
    /// No recovery without a trouble told, no trouble told twice, order kept, and whoever heard hears the end.
    #[test]
    fn trouble_is_told_once_and_so_is_its_end(policy in any_policy(), all in prop::collection::vec(any_coming(), 1..60)) {
        let (receiver, told) = play(&policy, &all, 0);
        check_conversations(&receiver, &told)?;
        for (thread, strand) in &receiver.ledger.strands {
            prop_assert!(strand.heard.is_none() && strand.waiting.is_none(), "{}: {:?}", thread, strand);
        }
    }

    #[test]
    fn everything_is_decided_in_the_end_and_for_nothing_is_a_letter_made_up(
        policy in any_policy(),
        all in prop::collection::vec(any_coming(), 1..60),
    ) {
        let (receiver, told) = play(&policy, &all, 0);
        let fates = receiver.fates();
        prop_assert_eq!(fates.len(), told.len());
        let letters: BTreeMap<u64, &Letter> = receiver.letters.iter().map(|(id, _, letter)| (*id, letter)).collect();
        for (seq, fate) in fates {
            match fate {
                Fate::Waits(..) => prop_assert!(false, "{} still waits", seq),
                Fate::Held(_) => {}
                Fate::Queued(id) | Fate::Folded(id) => {
                    let mut items = letters[&id].items.iter();
                    prop_assert!(items.any(|item| item.seq == seq || item.covers.contains(&seq)), "{} is not in {}", seq, id);
                }
            }
        }
    }

    /// And never in quiet hours, but for what is vital and major and begins or becomes worse.
    #[test]
    fn messages_keep_their_space_and_summaries_are_all_that_is_sent_where_they_are_wanted(
        policy in any_policy(),
        all in prop::collection::vec(any_coming(), 1..60),
    ) {
        let (receiver, told) = play(&policy, &all, 0);
        let moments: BTreeSet<Timestamp> = receiver.letters.iter().map(|(_, at, _)| *at).collect();
        let moments: Vec<Timestamp> = moments.into_iter().collect();
        for pair in moments.windows(2) {
            let gap = pair[1].duration_since(pair[0]).unsigned_abs();
            prop_assert!(gap >= policy.spacing || policy.digest.is_some(), "{:?}", pair);
        }
        let zone = jiff::tz::TimeZone::get(&policy.zone).unwrap();
        for (_, at, letter) in &receiver.letters {
            prop_assert_eq!(letter.style == Style::Digest, policy.digest.is_some());
            prop_assert!(!letter.items.is_empty());
            prop_assert_eq!(letter.items.iter().any(|item| item.edit), letter.items.iter().all(|item| item.edit));
            let hour = zone.to_datetime(*at).hour();
            let nightly = policy.quiet.iter().any(|hours| hours.from == 22 * 60) && !(7..22).contains(&hour);
            if nightly && policy.digest.is_none() {
                let loud = |item: &Item| {
                    let news = &told[item.seq as usize - 1];
                    news.tier == Tier::Vital && matches!(item.happening, Happening::Opened | Happening::Worsened)
                };
                prop_assert!(letter.items.iter().any(loud), "{} {:?}", at, letter);
                // An end that waited goes with what wakes anyway.
                let ends = letter.items.iter().all(|item| loud(item) || item.happening.is_end());
                prop_assert!(ends, "{} {:?}", at, letter);
            }
        }
    }

    /// An end is true: all that belongs to the conversation is over when it is told.
    #[test]
    fn no_end_is_told_while_it_goes_on(policy in any_policy(), all in prop::collection::vec(any_coming(), 1..60)) {
        let (receiver, told) = play(&policy, &all, 0);
        let fates = receiver.fates();
        for (_, at, letter) in &receiver.letters {
            // A summary is of what its reader wants to hear of, at the hours that are wanted.
            let summed_up = letter.style == Style::Digest;
            let unwanted = |seq| matches!(fates.get(seq), Some(Fate::Held(Why::OutsideHours | Why::OtherWords)));
            for item in letter.items.iter().filter(|item| item.happening.is_end()) {
                let thread = &told[item.seq as usize - 1].thread;
                // That what is over ends once more, or is judged, does not make it go on.
                let goes_on = |news: &News| {
                    use NewsKind::{Cancelled, Ended, Judged, Over, Readable};
                    !matches!(news.kind, Cancelled | Ended | Judged | Over | Readable)
                };
                let last = told.iter().filter(|news| {
                    news.thread == *thread && news.at < *at && goes_on(news)
                        && !(summed_up && unwanted(&news.seq))
                        && !(news.quiet.uncounted && matches!(thread, Thread::Source(_)))
                });
                let last = last.map(|news| news.seq).max();
                let fate = last.and_then(|seq| fates.get(&seq));
                prop_assert!(last <= Some(item.seq), "{:?} at {} but {:?}: {:?}", item, at, last, fate);
            }
        }
    }

    /// The same comes of the same, and looking more often changes nothing.
    #[test]
    fn the_clock_may_be_looked_at_as_often_as_one_likes(
        policy in any_policy(),
        all in prop::collection::vec(any_coming(), 1..40),
        glances in 0..4_u64,
    ) {
        let (once, _) = play(&policy, &all, 0);
        let (often, _) = play(&policy, &all, glances);
        prop_assert_eq!(once.letters, often.letters);
        prop_assert_eq!(once.decisions, often.decisions);
    }
}
