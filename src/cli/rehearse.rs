//! `allclear rehearse`: the present rules over the recorded past.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{GOOD, Places, WRONG, complain};
use crate::app;
use crate::channels::Plan;
use crate::clock::Clock;
use crate::model::desk::Kept;
use crate::model::id::ReceiverId;
use crate::model::ledger::{Wait, Why};
use crate::model::news::{News, Thread};
use crate::model::policy::Policy;
use crate::rules::rehearse::{Listener, Rehearsal, rehearse};
use crate::store::Aside;

/// What it knows, said with every answer.
const KNOWS: &str = "It knows what was recorded since there are messages, and nothing older; each receiver begins as if \
                     it had heard nothing before.";

/// Run the present rules over the recorded past, and show what would have been sent. Sends nothing.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// How far back.
    #[arg(long, value_name = "7d", default_value = "7d", value_parser = span)]
    since: SignedDuration,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
}

/// `7d`, `36h`.
fn span(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "must be a span such as 7d or 36h".to_owned();
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let span = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    if span.is_positive() { Ok(span) } else { Err(wrong()) }
}

/// What came of it for one receiver.
struct Part {
    name: String,
    id: ReceiverId,
    came: Rehearsal,
}

/// Readers, who are summed up.
#[derive(Default)]
struct Readers {
    count: u64,
    messages: usize,
    told: u64,
    folded: u64,
    waits: HashMap<Wait, u64>,
    held: HashMap<Why, u64>,
}

/// Prints what would have been sent to whom.
pub fn run(args: &Args, places: &Places) -> u8 {
    let config = match app::read_config(&places.config) {
        Ok(config) => config,
        Err(problems) => {
            for problem in problems {
                complain(&problem);
            }
            return WRONG;
        }
    };
    let now = Clock::system().now().wall;
    let since = now.checked_sub(args.since).unwrap_or(Timestamp::MIN);
    let read = Aside::open(&places.data).and_then(|aside| Ok((aside.news_since(since)?, aside.load()?.kept)));
    let (news, kept) = match read {
        Ok(read) => read,
        Err(error) => return complain(&error),
    };
    let parts = channels(&config.notify, &news, now);
    let readers = readers(&config.notify, &kept, &news, now);
    if args.json {
        anstream::println!("{:#}", document(since, &news, &parts, &readers));
    } else {
        print(since, &news, &parts, &readers);
    }
    GOOD
}

fn channels(plan: &Plan, news: &[News], now: Timestamp) -> Vec<Part> {
    let part = |line: &std::sync::Arc<crate::channels::Line>| {
        // That a channel takes no messages is told on one other channel.
        let other = |failing: &str| {
            let all = plan.fallback.iter().chain(plan.lines.iter().map(|line| &line.id));
            all.into_iter().find(|id| id.as_str() != failing).is_some_and(|id| *id == line.id)
        };
        let is_for = |news: &&News| match &news.thread {
            Thread::Here(what) => what.strip_prefix("channel/").is_none_or(other),
            _ => true,
        };
        let heard: Vec<News> = news.iter().filter(is_for).cloned().collect();
        let listener = Listener { id: line.receiver(), policy: line.policy.clone(), can_edit: line.channel.can_edit() };
        Part { name: line.name.clone(), id: listener.id.clone(), came: rehearse(&listener, &heard, now) }
    };
    plan.lines.iter().map(part).collect()
}

fn readers(plan: &Plan, kept: &[Kept], news: &[News], now: Timestamp) -> Readers {
    let heard: Vec<News> = news.iter().filter(|news| !matches!(news.thread, Thread::Here(_))).cloned().collect();
    let mut all = Readers::default();
    let subscribers = kept.iter().filter_map(|kept| match kept {
        Kept::Subscriber(one) if one.is_active() => Some(one),
        _ => None,
    });
    for one in subscribers {
        let policy = Policy { wants: one.wants.clone(), digest: one.digest, ..plan.readers.clone() };
        let listener = Listener { id: ReceiverId::subscriber(&one.id), policy, can_edit: false };
        let came = rehearse(&listener, &heard, now);
        all.count += 1;
        all.messages += came.letters.len();
        all.told += came.told;
        all.folded += came.folded;
        add(&mut all.waits, came.waits);
        add(&mut all.held, came.held);
    }
    all
}

fn add<K: Eq + Hash>(sum: &mut HashMap<K, u64>, more: HashMap<K, u64>) {
    for (key, count) in more {
        *sum.entry(key).or_default() += count;
    }
}

/// The most frequent first.
fn sorted<K: Copy>(counts: &HashMap<K, u64>, word: impl Fn(K) -> &'static str) -> Vec<(u64, &'static str)> {
    let mut all: Vec<(u64, &str)> = counts.iter().map(|(key, count)| (*count, word(*key))).collect();
    all.sort_by_key(|(count, word)| (std::cmp::Reverse(*count), *word));
    all
}

fn print(since: Timestamp, news: &[News], parts: &[Part], readers: &Readers) {
    anstream::println!("{} events since {}, under the present rules. {KNOWS}", news.len(), minute(since));
    if parts.is_empty() && readers.count == 0 {
        anstream::println!("\nNobody is told of anything: there is no channel under `notify:`, and nobody subscribed.");
    }
    for Part { name, id, came } in parts {
        anstream::println!("\n{name} ({id}): {}", messages(came.letters.len()));
        for (at, letter) in &came.letters {
            let mut items = letter.items.iter().map(|item| {
                let said = news.iter().find(|news| news.seq == item.seq);
                let title = said.map_or_else(|| item.thread.to_string(), |news| news.title.clone());
                format!("{}: {title}", item.happening.label())
            });
            anstream::println!("  {}  {}", minute(*at), items.next().unwrap_or_default());
            for item in items {
                anstream::println!("                          {item}");
            }
        }
        reasons(came.told, came.folded, &came.waits, &came.held);
    }
    if readers.count > 0 {
        anstream::println!("\n{} readers: {}", readers.count, messages(readers.messages));
        reasons(readers.told, readers.folded, &readers.waits, &readers.held);
    }
}

fn messages(count: usize) -> String {
    if count == 1 { "1 message".to_owned() } else { format!("{count} messages") }
}

fn reasons(told: u64, folded: u64, waits: &HashMap<Wait, u64>, held: &HashMap<Why, u64>) {
    anstream::println!("  {told} told, {folded} with another");
    for (count, why) in sorted(waits, Wait::label) {
        anstream::println!("  {count} would still wait: {why}");
    }
    for (count, why) in sorted(held, Why::label) {
        anstream::println!("  {count} held: {why}");
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn document(since: Timestamp, news: &[News], parts: &[Part], readers: &Readers) -> Value {
    let counts = |all: Vec<(u64, &'static str)>| -> BTreeMap<&'static str, u64> {
        all.into_iter().map(|(count, word)| (word, count)).collect()
    };
    let item = |item: &crate::model::ledger::Item| {
        let said = news.iter().find(|news| news.seq == item.seq);
        json!({
            "happening": item.happening.as_str(),
            "thread": item.thread.to_string(),
            "seq": item.seq,
            "title": said.map(|news| news.title.as_str()),
        })
    };
    let receiver = |part: &Part| {
        let letters = part.came.letters.iter().map(|(at, letter)| {
            json!({"at": format!("{at:.0}"), "items": letter.items.iter().map(item).collect::<Vec<_>>()})
        });
        json!({
            "receiver": part.id.to_string(),
            "name": part.name,
            "messages": letters.collect::<Vec<_>>(),
            "told": part.came.told,
            "folded": part.came.folded,
            "waits": counts(sorted(&part.came.waits, Wait::as_str)),
            "held": counts(sorted(&part.came.held, Why::as_str)),
        })
    };
    json!({
        "since": format!("{since:.0}"),
        "knows": KNOWS,
        "events": news.len(),
        "receivers": parts.iter().map(receiver).collect::<Vec<_>>(),
        "readers": {
            "receivers": readers.count,
            "messages": readers.messages,
            "told": readers.told,
            "folded": readers.folded,
            "waits": counts(sorted(&readers.waits, Wait::as_str)),
            "held": counts(sorted(&readers.held, Why::as_str)),
        },
    })
}
