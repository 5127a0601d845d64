//! A bad week, read by the real adapters, merged by the real writer and told by the real rules, with the clock in the
//! test's hand: it is quiet, and nothing that is real is missed.

mod house;
mod past;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use allclear::limits;
use allclear::model::delivery::Delivery;
use allclear::model::ledger::{Decision, Fate, Style};
use allclear::model::news::{Happening, News, Thread};
use allclear::simulate::outages;
use jiff::{SignedDuration, Timestamp};

use house::House;

/// The week, and a day after it, so that the last summary is sent, too.
const LONG: Duration = Duration::from_secs(8 * 24 * 3600);
/// From what a page shows to the reading that sees it.
const READ: Duration = limits::INTERVAL;

/// One thing that one channel was told.
#[derive(Debug)]
struct Told {
    at: Timestamp,
    source: String,
    happening: Happening,
    thread: Thread,
}

/// What one channel got in the week.
struct Channel {
    name: &'static str,
    messages: Vec<Delivery>,
    told: Vec<Told>,
    decisions: BTreeMap<u64, Decision>,
}

impl Channel {
    async fn of(house: &House, name: &'static str, news: &BTreeMap<u64, News>) -> Self {
        let messages = house.told(name).await;
        let items = messages.iter().flat_map(|one| one.letter.items.iter().map(move |item| (one, item)));
        let told = items.map(|(one, item)| Told {
            at: one.made_at,
            source: news[&item.seq].source.as_ref().unwrap().as_str().to_owned(),
            happening: item.happening,
            thread: item.thread.clone(),
        });
        let told = told.collect();
        Self { name, messages, told, decisions: house.decisions(name).await }
    }

    /// What it was told of a vendor, in order.
    fn of_vendor(&self, source: &str) -> Vec<Happening> {
        self.told.iter().filter(|told| told.source == source).map(|told| told.happening).collect()
    }

    /// How much was held or sent, by reason; a message that tells several things counts each of them.
    fn fates(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for one in self.decisions.values() {
            let word = match one.fate {
                Fate::Waits(wait, _) => panic!("{}: {} still waits for {wait:?}", self.name, one.seq),
                Fate::Held(why) => why.as_str(),
                Fate::Queued(_) | Fate::Folded(_) => "told",
            };
            *counts.entry(word).or_default() += 1;
        }
        counts
    }
}

/// The published account: the messages of the team's channel, and what became of everything that happened.
fn account(channels: &[&Channel], news: &BTreeMap<u64, News>) -> String {
    let mut text = String::from("```text\n");
    for one in &channels[0].messages {
        let _ = writeln!(text, "{}", House::line(one, news));
    }
    text.push_str("```\n\n| channel | messages | news | of these |\n| --- | ---: | ---: | --- |\n");
    for channel in channels {
        let fates = channel.fates().into_iter().map(|(word, count)| format!("{count} `{word}`"));
        let fates = fates.collect::<Vec<_>>().join(", ");
        let (messages, all) = (channel.messages.len(), channel.decisions.len());
        let _ = writeln!(text, "| {} | {messages} | {all} | {fates} |", channel.name);
    }
    text
}

#[tokio::test]
async fn a_bad_week_is_quiet_and_nothing_real_is_missed() {
    let mut house = House::new().await;
    house.live(LONG).await;
    let news = house.news().await;
    let team = Channel::of(&house, "team", &news).await;
    let everything = Channel::of(&house, "everything", &news).await;
    let summary = Channel::of(&house, "summary", &news).await;
    let account = account(&[&team, &everything, &summary], &news);
    println!("{account}");

    assert!(team.messages.len() <= 25, "{} messages", team.messages.len());
    every_outage_is_told_in_time_and_so_is_its_end(&house, &team);
    for channel in [&team, &everything, &summary] {
        let decided: Vec<u64> = channel.decisions.keys().copied().collect();
        let happened: Vec<u64> = news.keys().copied().collect();
        assert_eq!(decided, happened, "{}: everything is decided", channel.name);
    }
    for (why, least) in [
        ("flapping", 50),
        ("not_confirmed", 10),
        ("told_by_incident", 20),
        ("under_maintenance", 3),
        ("other_kind", 10),
    ] {
        assert!(team.fates().get(why).is_some_and(|count| *count >= least), "{why}: {:?}", team.fates());
    }
    noise_stays_noise(&team, &everything);
    planned_work_is_told_when_it_comes(&team, &everything);
    a_summary_comes_once_a_day(&summary);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/telling.md");
    let published = std::fs::read_to_string(published).unwrap();
    assert!(published.contains(&account), "docs/telling.md gives another account");
    let told_apart = past::is_what_was_shown(&house, LONG).await;
    println!("{told_apart} pages of the past, each as it was shown");
    assert!(told_apart > 150, "{told_apart}");
}

fn every_outage_is_told_in_time_and_so_is_its_end(house: &House, team: &Channel) {
    let moment = |after: Duration| house.start + SignedDuration::try_from(after).unwrap();
    for outage in outages() {
        let source = outage.vendor.to_lowercase().replace(' ', "-");
        let vital = house.is_vital(&source);
        let confirm = if vital { limits::CONFIRM_VITAL } else { limits::CONFIRM };
        // What belongs to a cascade that is known may wait for its next message, and so may its end.
        let (paces, end_paces) =
            if outage.in_cascade { (limits::CASCADE_PACES, limits::CASCADE_END_PACES) } else { (0, 0) };
        let opened = READ + confirm + limits::LETTER_GROUP + limits::LETTER_SPACING * paces;
        let ended = READ + limits::LETTER_GROUP + limits::LETTER_SPACING * end_paces;
        let (from, until) = (moment(outage.shows), moment(outage.over + ended));
        let told: Vec<&Told> =
            team.told.iter().filter(|told| told.source == source && told.at >= from && told.at <= until).collect();
        let [first, .., last] = told.as_slice() else { panic!("{source}: missed: {told:?}") };
        assert_eq!((first.happening, last.happening), (Happening::Opened, Happening::Resolved), "{told:?}");
        assert_eq!(first.thread, last.thread, "{source}");
        assert!(first.at <= moment(outage.shows + opened), "{source}: late: {told:?}");
        assert!(last.at >= moment(outage.over), "{source}: it is said to be over while it is not: {told:?}");
        let (begins, ends) = (Happening::Opened, Happening::Resolved);
        let count = |wanted: Happening| told.iter().filter(|one| one.happening == wanted).count();
        assert_eq!((count(begins), count(ends)), (1, 1), "{source}: told once: {told:?}");
    }
    // One cause is told as soon as one vendor's outage would be.
    let first = outages().into_iter().find(|outage| outage.in_cascade).unwrap();
    let cloud = team.told.iter().find(|told| told.source == "nimbus-cloud").unwrap();
    assert!(cloud.at <= moment(first.shows + READ + limits::CONFIRM + limits::LETTER_GROUP));
}

/// What comes and goes, what is over at once, what matters little, and pages that cannot be read.
fn noise_stays_noise(team: &Channel, everything: &Channel) {
    for flapping in ["wren-telephony", "thrift-metrics"] {
        assert_eq!(team.of_vendor(flapping), [Happening::Opened, Happening::Resolved], "{flapping}");
    }
    // The longest of three small things; the others were over before they were confirmed.
    assert_eq!(team.of_vendor("static-radio"), [Happening::Opened, Happening::Resolved]);
    for channel in [team, everything] {
        assert!(channel.of_vendor("marrow-gateway").is_empty());
        assert!(channel.of_vendor("sloth-storage").is_empty());
        assert_eq!(channel.of_vendor("ember-auth"), [Happening::Unreadable], "a dead page is told once");
        let unread = |told: &&Told| matches!(told.happening, Happening::Unreadable | Happening::Readable);
        assert_eq!(channel.told.iter().filter(unread).count(), 1, "some minutes are nobody's business");
    }
}

fn planned_work_is_told_when_it_comes(team: &Channel, everything: &Channel) {
    let works = |channel: &Channel| -> Vec<String> {
        let told = channel.told.iter().filter(|told| matches!(told.thread, Thread::Maintenance(_)));
        told.map(|told| format!("{} {} {}", told.at.strftime("%a %H:%M"), told.happening.as_str(), told.source))
            .collect()
    };
    // Those that were moved are told an hour before their new hour; the one that was called off, never.
    assert_eq!(
        works(team),
        [
            "Thu 19:00 soon atlas-compute",
            "Fri 08:00 soon cobalt-database",
            "Sat 05:00 soon lumen-mail",
            "Sun 12:00 soon gatehouse-crm",
        ]
    );
    let all = works(everything);
    for (kind, count) in [("announced", 5), ("moved", 2), ("cancelled", 1), ("soon", 4), ("started", 4), ("ended", 4)] {
        let found = all.iter().filter(|line| line.contains(&format!(" {kind} "))).count();
        assert_eq!(found, count, "{kind}: {all:#?}");
    }
    // What was red while work was done on it is told by that, also where the work took longer.
    for channel in [team, everything] {
        let trouble = |told: &&Told| told.source == "atlas-compute" && !matches!(told.thread, Thread::Maintenance(_));
        assert_eq!(channel.told.iter().find(trouble).map(|told| told.at), None);
    }
}

fn a_summary_comes_once_a_day(summary: &Channel) {
    let mut days: Vec<_> = summary.messages.iter().map(|one| one.made_at.strftime("%F").to_string()).collect();
    let all = days.len();
    days.dedup();
    assert_eq!(days.len(), all);
    assert!((5..=8).contains(&all), "{all}");
    for one in &summary.messages {
        assert_eq!((one.letter.style, one.made_at.strftime("%T").to_string().as_str()), (Style::Digest, "08:00:00"));
    }
}
