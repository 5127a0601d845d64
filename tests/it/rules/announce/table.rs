//! The table of docs/telling.md, row by row: what is printed there is what happens.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use allclear::model::event::Cause;
use allclear::model::id::{IncidentId, ServiceId};
use allclear::model::ledger::{Fate, Style, Wait, Why};
use allclear::model::level::{Impact, State};
use allclear::model::news::{Happening, News, NewsKind, Thread, Tier};
use allclear::model::policy::{Confirm, Digest, Hours, Policy};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{Receiver, policy, some_news};

/// The Monday of the table.
const MONDAY: Date = jiff::civil::date(2026, 3, 2);
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

struct Row {
    case: String,
    receiver: String,
    events: String,
    outcome: [String; 3],
}

fn rows(document: &str) -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    let lines = document.lines().filter(|line| line.starts_with('|'));
    let all = lines.map(cells).filter(|cells| cells.len() == 6 && cells[0] != "case" && !cells[0].starts_with("---"));
    all.map(|cells| match <[String; 6]>::try_from(cells) {
        Ok([case, receiver, events, sent, held, waited]) => {
            Row { case, receiver, events, outcome: [sent, held, waited] }
        }
        Err(cells) => panic!("{cells:?}"),
    })
    .collect()
}

/// `09:00`, `09:00:30`, `Tue 09:00`.
fn moment(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap_or(("Mon", text));
    let day = DAYS.iter().position(|name| *name == day).unwrap_or_else(|| panic!("no day: {text}"));
    let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let date = MONDAY.checked_add((day as i64).days()).unwrap();
    format!("{date}T{time}Z").parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn shown(at: Timestamp) -> String {
    let local = TimeZone::UTC.to_datetime(at);
    let day = match local.weekday() {
        Weekday::Monday if local.date() == MONDAY => String::new(),
        day => format!("{} ", DAYS[day.to_monday_zero_offset() as usize]),
    };
    let time = if local.second() == 0 { local.strftime("%H:%M") } else { local.strftime("%H:%M:%S") };
    format!("{day}{time}")
}

fn minutes(text: &str) -> u16 {
    let (hours, minutes) = text.split_once(':').unwrap();
    hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
}

fn hours(text: &str) -> Hours {
    let (from, to) = text.split_once('-').unwrap();
    Hours { days: [true; 7], from: minutes(from), to: minutes(to) }
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => panic!("no unit: {text}"),
    };
    Duration::from_secs(number.parse::<u64>().unwrap() * unit)
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

fn receiver(text: &str) -> Receiver {
    let mut made = Receiver::new(policy());
    for word in text.split_whitespace().filter(|word| *word != "usual") {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("no option: {word}"));
        if key == "since" {
            made.since = moment(value);
        } else {
            option(&mut made.policy, key, value);
        }
    }
    made
}

fn option(policy: &mut Policy, key: &str, value: &str) {
    let wants = &mut policy.wants;
    match key {
        "sources" => wants.sources = list(value),
        "services" => wants.services = list(value),
        "tags" => wants.tags = list(value),
        "components" => wants.components = list(value),
        "incidents" => wants.incidents = list(value).iter().map(IncidentId::new).collect(),
        "impact" => wants.impact = Impact::from_word(value),
        "tier" => wants.tier = Tier::from_word(value),
        "kinds" => wants.kinds = Some(list(value).iter().map(|word| Happening::from_word(word).unwrap()).collect()),
        "words" => wants.words = list(value),
        "without" => wants.without = list(value),
        "hours" => wants.hours.push(hours(value)),
        "quiet" => policy.quiet.push(hours(value)),
        "digest" => policy.digest = Some(Digest { weekday: None, at: minutes(value) }),
        "remind" => policy.remind = Some(duration(value)),
        "zone" => policy.zone = value.to_owned(),
        "confirm" => {
            policy.confirm = match value.strip_suffix("-readings") {
                Some(count) => Confirm::Readings(count.parse().unwrap()),
                None => Confirm::After(duration(value)),
            }
        }
        _ => panic!("no option: {key}"),
    }
}

/// `09:00 incident/acme.a major_outage says=words …`
fn news(seq: u64, text: &str) -> News {
    let mut words = text.split_whitespace();
    let mut time = words.next().unwrap().to_owned();
    if DAYS.contains(&time.as_str()) {
        write!(time, " {}", words.next().unwrap()).unwrap();
    }
    let thread = Thread::from_word(words.next().unwrap()).unwrap_or_else(|| panic!("no thread: {text}"));
    let kind = words.next().unwrap();
    let (kind, state) = match NewsKind::from_word(kind) {
        Some(NewsKind::Over | NewsKind::Ended | NewsKind::Cancelled) => {
            (NewsKind::from_word(kind).unwrap(), State::OPERATIONAL)
        }
        Some(kind @ (NewsKind::Unreadable | NewsKind::Readable)) => (kind, State::Unknown),
        Some(NewsKind::Judged) => (NewsKind::Judged, State::DEGRADED_PERFORMANCE),
        Some(kind) => (kind, State::UNDER_MAINTENANCE),
        None => (NewsKind::Trouble, State::from_word(kind).unwrap_or_else(|| panic!("no kind: {text}"))),
    };
    let mut news = some_news(seq, moment(&time), thread, kind, state);
    for word in words {
        detail(&mut news, word);
    }
    news
}

fn detail(news: &mut News, word: &str) {
    let (key, value) = word.split_once('=').unwrap_or((word, ""));
    // Times within a detail have no blank: `Tue-09:00`.
    let time = || moment(&value.replace('-', " "));
    match key {
        "vital" => news.tier = Tier::Vital,
        "background" => news.tier = Tier::Background,
        "says" => news.text = Some(value.to_owned()),
        "impact" => news.impact = Impact::from_word(value),
        "tag" => news.tags.push(value.to_owned()),
        "part" => news.components.push(value.to_owned()),
        "touches" => news.services.push((ServiceId::new(value), value.to_owned())),
        "starts" => news.starts_at = Some(time()),
        "by-operator" => news.cause = Cause::Operator,
        "muted" => news.quiet.muted_until = Some(Timestamp::MAX),
        "muted-until" => news.quiet.muted_until = Some(time()),
        "dismissed" => news.quiet.dismissed = true,
        "acknowledged" => news.quiet.acknowledged = true,
        "told-by" => news.quiet.told_by = Some(IncidentId::new(value)),
        "in-works" => news.quiet.under_maintenance = true,
        "uncounted" => news.quiet.uncounted = true,
        _ => panic!("no detail: {word}"),
    }
}

/// What is sent, what is held, and for what it waited.
fn play(row: &Row) -> ([String; 3], BTreeSet<&'static str>) {
    let mut made = receiver(&row.receiver);
    for (text, seq) in row.events.split(';').zip(1..) {
        let news = news(seq, text.trim());
        made.until(news.at);
        made.take(&news, news.at);
    }
    made.until(moment("Sun 00:00"));
    let letters = made.letters.iter().map(|(_, at, letter)| {
        let items: Vec<String> = letter
            .items
            .iter()
            .map(|item| {
                format!("{}{} {}", if item.edit { "(edit) " } else { "" }, item.happening.as_str(), item.thread)
            })
            .collect();
        let style = if letter.style == Style::Digest { "digest: " } else { "" };
        format!("{} {style}{}", shown(*at), items.join(" + "))
    });
    let held = made.fates().into_iter().filter_map(|(seq, fate)| match fate {
        Fate::Held(why) => Some(format!("{seq} {}", why.as_str())),
        Fate::Waits(wait, _) => Some(format!("{seq} still {}", wait.as_str())),
        Fate::Queued(_) | Fate::Folded(_) => None,
    });
    let mut waited: Vec<&str> = Vec::new();
    let mut words = BTreeSet::new();
    for decision in &made.decisions {
        match decision.fate {
            Fate::Waits(wait, _) => {
                words.insert(wait.as_str());
                if !waited.contains(&wait.as_str()) {
                    waited.push(wait.as_str());
                }
            }
            Fate::Held(why) => drop(words.insert(why.as_str())),
            Fate::Queued(_) | Fate::Folded(_) => {}
        }
    }
    let or_nothing = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let outcome = [
        or_nothing(letters.collect::<Vec<_>>().join("; ")),
        or_nothing(held.collect::<Vec<_>>().join(", ")),
        or_nothing(waited.join(", ")),
    ];
    (outcome, words)
}

#[test]
fn every_row_of_the_published_table_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/telling.md");
    let rows = rows(&fs::read_to_string(path).unwrap());
    let mut wrong = String::new();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let (outcome, words) = play(row);
        seen.extend(words);
        if outcome != row.outcome {
            let [sent, held, waited] = outcome;
            writeln!(wrong, "| {} | {} | {} | {sent} | {held} | {waited} |", row.case, row.receiver, row.events)
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "what happens is:\n{wrong}");
    assert!(rows.len() >= 35, "{} rows", rows.len());
    // That nobody is left to be told is for whoever knows the receivers to say.
    let all = Wait::ALL.map(Wait::as_str).into_iter().chain(Why::ALL.map(Why::as_str));
    let missing: Vec<&str> = all.filter(|word| *word != "receiver_gone" && !seen.contains(word)).collect();
    assert!(missing.is_empty(), "no row shows {missing:?}");
}
