//! A bad week, from Monday 00:00: flapping, a cascade, three outages, planned work, pages that cannot be read.

use std::time::Duration;

use jiff::Timestamp;

use super::cast::{Kind, Part, component, minutes, part, seconds, update};
use super::play::{Behaviour, Change, Script};

/// A real outage of the bad week: what people must hear of.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// The name of the vendor.
    pub vendor: &'static str,
    /// When its page first shows it, from the start of the week.
    pub shows: Duration,
    /// When its page shows nothing of it any more.
    pub over: Duration,
    /// One of many that one cause brings down.
    pub in_cascade: bool,
}

/// How a vendor falls when its cloud does, in minutes after that.
struct Falls {
    vendor: &'static str,
    part: &'static str,
    state: &'static str,
    from: u64,
    until: u64,
    /// When it posts an incident about it, and how bad it says that is.
    posts: Option<(u64, &'static str)>,
}

const fn moment(day: u64, hour: u64, minute: u64) -> Duration {
    Duration::from_secs(((day * 24 + hour) * 60 + minute) * 60)
}

const fn alone(vendor: &'static str, shows: Duration, over: Duration) -> Outage {
    Outage { vendor, shows, over, in_cascade: false }
}

const PAYMENTS: Outage = alone("Northwind Pay", moment(1, 10, 12), moment(1, 13, 14));
const DATABASE: Outage = alone("Cobalt Database", moment(3, 2, 37), moment(3, 4, 20));
const NAMES: Outage = alone("Ridge DNS", moment(4, 16, 20), moment(4, 18, 5));
/// When the cloud fails.
const CLOUD: Duration = moment(2, 14, 0);

const CASCADE: [Falls; 12] = [
    falls("Nimbus Cloud", "Compute", "major_outage", 0, 92, Some((2, "critical"))),
    falls("Harbor Git", "Git operations", "partial_outage", 3, 70, Some((8, "major"))),
    falls("Lumen Mail", "Sending", "partial_outage", 4, 81, None),
    falls("Quill CDN", "Control panel", "degraded_performance", 5, 95, Some((11, "minor"))),
    falls("Fern Search", "Queries", "major_outage", 5, 66, None),
    falls("Osprey Maps", "Tiles", "partial_outage", 7, 77, Some((9, "major"))),
    falls("Juniper Backup", "Restores", "partial_outage", 9, 118, None),
    falls("Pebble Forms", "Submissions", "major_outage", 10, 74, Some((12, "critical"))),
    falls("Tarn Analytics", "Ingestion", "degraded_performance", 12, 140, None),
    falls("Otter Ledger", "Bookings", "partial_outage", 14, 88, Some((14, "major"))),
    falls("Sable Chat", "Messages", "partial_outage", 17, 69, None),
    falls("Willow Docs", "Editing", "degraded_performance", 19, 103, Some((25, "minor"))),
];

const fn falls(
    vendor: &'static str,
    part: &'static str,
    state: &'static str,
    from: u64,
    until: u64,
    posts: Option<(u64, &'static str)>,
) -> Falls {
    Falls { vendor, part, state, from, until, posts }
}

/// The outages that are real, in the order in which they show.
pub fn outages() -> Vec<Outage> {
    let falls = CASCADE.iter().map(|one| Outage {
        vendor: one.vendor,
        shows: CLOUD + minutes(one.from),
        over: CLOUD + minutes(one.until),
        in_cascade: true,
    });
    let mut all: Vec<Outage> = falls.chain([PAYMENTS, DATABASE, NAMES]).collect();
    all.sort_by_key(|outage| outage.shows);
    all
}

/// What a vendor does in the week.
#[derive(Default)]
struct Acts(Vec<(Duration, Change)>);

impl Acts {
    fn at(mut self, at: Duration, change: Change) -> Self {
        self.0.push((at, change));
        self
    }

    fn turns(self, at: Duration, part: &str, state: &'static str) -> Self {
        self.at(at, component(part, state))
    }

    fn says(self, at: Duration, id: &str, phase: &'static str, body: &str) -> Self {
        self.at(at, update(id, phase, body))
    }

    fn rewords(self, at: Duration, id: &str, title: &str, body: &str) -> Self {
        self.at(at, Change::Reword { id: id.to_owned(), title: title.to_owned(), body: body.to_owned() })
    }

    fn opens(self, at: Duration, (id, impact): (&str, &'static str), title: &str, body: &str, part: &str) -> Self {
        let open = Change::Open {
            id: id.to_owned(),
            title: title.to_owned(),
            impact,
            body: body.to_owned(),
            components: vec![part.to_owned()],
        };
        self.at(at, open)
    }

    fn plans(self, at: Duration, id: &str, title: &str, part: &str, window: (Duration, Duration)) -> Self {
        let change = Change::Maintenance {
            id: id.to_owned(),
            title: title.to_owned(),
            starts_in: window.0.saturating_sub(at),
            lasts: window.1.saturating_sub(window.0),
            components: vec![part.to_owned()],
        };
        self.at(at, change)
    }

    fn moves(self, at: Duration, id: &str, window: (Duration, Duration)) -> Self {
        let (starts_in, lasts) = (window.0.saturating_sub(at), window.1.saturating_sub(window.0));
        self.at(at, Change::Move { id: id.to_owned(), starts_in, lasts })
    }

    /// Planned work that goes as planned.
    fn works(self, id: &str, part: &str, (from, until): (Duration, Duration)) -> Self {
        self.says(from, id, "in_progress", "The work has begun.")
            .turns(from, part, "under_maintenance")
            .says(until, id, "completed", "The work is done.")
            .turns(until, part, "operational")
    }

    /// Comes and goes so many times, for one to four minutes each, from this moment on.
    fn flaps(mut self, from: Duration, times: u64, part: &str, state: &'static str) -> Self {
        let mut at = from;
        for number in 0..times {
            // Uneven, and the same in every week.
            let lasts = seconds(60 + (number * 73 + from.as_secs() / 60) % 181);
            let rests = seconds(180 + (number * 131 + from.as_secs() / 60) % 421);
            self = self.turns(at, part, state).turns(at + lasts, part, "operational");
            at += lasts + rests;
        }
        self
    }

    fn played_by(mut self, name: &str, plays: &'static str, paths: &[&str], start: Timestamp) -> Part {
        self.0.sort_by_key(|(at, _)| *at);
        let script = Script { steps: self.0, round: Duration::ZERO };
        Part { script, ..part(name, Kind::Statuspage, plays, paths, start) }
    }
}

/// Everybody who is in the week that begins at `start`.
pub(super) fn vendors(start: Timestamp) -> Vec<Part> {
    let mut all = vec![
        payments().played_by(PAYMENTS.vendor, "vital outage", &["Card payments", "Payouts", "Dashboard"], start),
        database().played_by(DATABASE.vendor, "outage at night", &["Clusters", "Backups"], start),
        names().played_by(NAMES.vendor, "outage without a word", &["Resolvers", "Zone updates", "Website"], start),
    ];
    for one in &CASCADE {
        let plays = if one.from == 0 { "the cloud fails" } else { "falls with its cloud" };
        let acts = planned(one.vendor, falling(one));
        all.push(acts.played_by(one.vendor, plays, &[one.part, "API", "Website"], start));
    }
    all.extend(others(start));
    all
}

/// A vital vendor is down for three hours, worsens once, and speaks six times of it.
fn payments() -> Acts {
    let after = |count| PAYMENTS.shows + minutes(count);
    let (id, part) = ("payfail", "Card payments");
    Acts::default()
        .turns(after(0), part, "partial_outage")
        .opens(after(2), (id, "major"), "Card paymnets fail", "A part of card payments is declined.", part)
        .rewords(after(5), id, "Card payments fail", "A part of card payments is declined by us, not by banks.")
        .turns(after(28), part, "major_outage")
        .at(after(28), Change::Impact { id: id.to_owned(), impact: "critical" })
        .says(after(29), id, "investigating", "Nearly all card payments are declined now.")
        .says(after(55), id, "identified", "A certificate of the card network's gateway has expired.")
        .says(after(90), id, "identified", "The new certificate is on its way through the card network.")
        .rewords(after(93), id, "Card payments fail", "The new certificate is on its way through the card networks.")
        .turns(after(150), part, "degraded_performance")
        .says(after(152), id, "monitoring", "Payments go through again; some take longer.")
        .turns(PAYMENTS.over, part, "operational")
        .says(PAYMENTS.over, id, "resolved", "Payments have been normal for half an hour.")
}

/// Also works on Friday, which was to be Thursday.
fn database() -> Acts {
    let after = |count| DATABASE.shows + minutes(count);
    let (id, part) = ("nightdb", "Clusters");
    let window = (moment(4, 9, 0), moment(4, 10, 0));
    Acts::default()
        .plans(moment(0, 9, 30), "dbworks", "Upgrade of the storage engine", part, (moment(3, 9, 0), moment(3, 10, 0)))
        .moves(moment(1, 16, 0), "dbworks", window)
        .works("dbworks", part, window)
        .turns(after(0), part, "partial_outage")
        .opens(after(8), (id, "major"), "Clusters lose their primary", "Writes fail on some clusters.", part)
        .says(after(41), id, "identified", "Elections end without a winner; we raise their time limit.")
        .says(after(80), id, "monitoring", "All clusters have a primary again.")
        .turns(DATABASE.over, part, "operational")
        .says(DATABASE.over, id, "resolved", "All clusters have been well for a while.")
}

/// Red for 50 minutes before a word is said of it.
fn names() -> Acts {
    let after = |count| NAMES.shows + minutes(count);
    let id = "dnsfail";
    Acts::default()
        .turns(after(0), "Resolvers", "partial_outage")
        .turns(after(6), "Zone updates", "degraded_performance")
        .opens(after(50), (id, "major"), "Names do not resolve", "Some resolvers answer SERVFAIL.", "Resolvers")
        .says(after(75), id, "monitoring", "A faulty rule was taken back.")
        .turns(after(80), "Zone updates", "operational")
        .turns(after(100), "Resolvers", "operational")
        .says(NAMES.over, id, "resolved", "Names resolve.")
}

fn falling(one: &Falls) -> Acts {
    let (from, until) = (CLOUD + minutes(one.from), CLOUD + minutes(one.until));
    let acts = Acts::default();
    let acts = match one.state {
        // The worst is seldom the first.
        "major_outage" => {
            acts.turns(from, one.part, "partial_outage").turns(from + minutes(6), one.part, "major_outage")
        }
        state => acts.turns(from, one.part, state),
    };
    let acts = acts.turns(until, one.part, "operational");
    let Some((after, impact)) = one.posts else { return acts };
    let id = "cascade";
    acts.opens(
        CLOUD + minutes(after),
        (id, impact),
        &format!("Errors on {}", one.part),
        "We see errors and are looking for the cause.",
        one.part,
    )
    .says(CLOUD + minutes(40), id, "identified", "The cause is at our cloud provider.")
    .says(until.saturating_sub(minutes(15)), id, "monitoring", "It recovers.")
    .says(until, id, "resolved", "All is well again.")
}

/// Planned work of vendors that fall with the cloud.
fn planned(vendor: &str, acts: Acts) -> Acts {
    match vendor {
        // As planned.
        "Lumen Mail" => {
            let window = (moment(5, 6, 0), moment(5, 7, 30));
            acts.plans(moment(2, 9, 0), "mailsrv", "New mail servers", "Sending", window)
                .rewords(moment(3, 9, 0), "mailsrv", "New mail servers", "Mail may be delayed by some minutes.")
                .works("mailsrv", "Sending", window)
        }
        // Called off two days before.
        "Juniper Backup" => acts
            .plans(
                moment(0, 11, 0),
                "tapelib",
                "Move of the tape library",
                "Restores",
                (moment(5, 20, 0), moment(5, 23, 0)),
            )
            .at(moment(3, 15, 0), Change::Vanish { id: "tapelib".to_owned() }),
        _ => acts,
    }
}

fn others(start: Timestamp) -> Vec<Part> {
    let flapping = |bouts: &[(u64, u64, u64)], part: &str, state| {
        bouts.iter().fold(Acts::default(), |acts, (day, hour, times)| {
            acts.flaps(moment(*day, *hour, 7 * times), *times, part, state)
        })
    };
    let calls = [(0, 9, 5), (0, 15, 4), (1, 20, 6), (3, 11, 5), (5, 3, 5), (6, 18, 6)];
    let metrics = [(1, 7, 5), (2, 5, 6), (4, 13, 5), (4, 22, 4), (5, 12, 5), (6, 8, 5)];
    vec![
        flapping(&calls, "Calls", "partial_outage").played_by("Wren Telephony", "flapping", &["Calls", "Texts"], start),
        flapping(&metrics, "Ingest", "degraded_performance").played_by(
            "Thrift Metrics",
            "flapping",
            &["Ingest", "Alerts"],
            start,
        ),
        blinks().played_by("Marrow Gateway", "incidents of a minute", &["Gateway", "Console"], start),
        overdue().played_by("Atlas Compute", "maintenance that runs late", &["Machines", "Volumes"], start),
        unreadable().played_by("Gatehouse CRM", "not read for 7 minutes", &["Contacts", "Reports"], start),
        Acts::default().at(moment(3, 12, 0), Change::Behave(Behaviour::Down)).played_by(
            "Ember Auth",
            "dead from Thursday on",
            &["Sign-in", "Tokens"],
            start,
        ),
        background().played_by("Static Radio", "background noise", &["Streams", "Archive"], start),
        Acts::default().played_by("Sloth Storage", "calm", &["Buckets", "Console"], start),
    ]
}

/// Incidents that are over within a minute.
fn blinks() -> Acts {
    (0..12_u64).fold(Acts::default(), |acts, number| {
        let (id, at) = (format!("blink{number:02}"), moment(0, 8, 1) + minutes(number * 797));
        acts.opens(at, (&id, "minor"), "Short interruption", "Some requests failed.", "Gateway").says(
            at + seconds(50),
            &id,
            "resolved",
            "It lasted for some seconds.",
        )
    })
}

/// Work that was to take two hours takes four, and not all goes well.
fn overdue() -> Acts {
    let (id, part) = ("netmove", "Machines");
    let (from, until) = (moment(3, 20, 0), moment(3, 22, 0));
    Acts::default()
        .plans(moment(0, 10, 0), id, "Move to new network devices", part, (from, until))
        .says(from + minutes(1), id, "in_progress", "The work has begun.")
        .turns(from + minutes(1), part, "under_maintenance")
        .turns(from + minutes(50), part, "degraded_performance")
        .turns(from + minutes(75), part, "under_maintenance")
        .says(until + minutes(10), id, "in_progress", "It takes longer than planned.")
        .turns(until + minutes(40), part, "degraded_performance")
        .turns(until + minutes(118), part, "operational")
        .says(until + minutes(120), id, "completed", "The work is done.")
}

/// A page that fails for some minutes, and planned work that is moved shortly before it.
fn unreadable() -> Acts {
    let (id, part) = ("crmidx1", "Reports");
    let window = (moment(6, 13, 0), moment(6, 14, 0));
    Acts::default()
        .at(moment(2, 8, 31), Change::Behave(Behaviour::Failing))
        .at(moment(2, 8, 38), Change::Behave(Behaviour::Healthy))
        .plans(moment(5, 14, 0), id, "New indices", part, (moment(6, 10, 0), moment(6, 11, 0)))
        .moves(moment(5, 17, 0), id, window)
        .works(id, part, window)
}

/// Small things that hardly anybody needs to know.
fn background() -> Acts {
    let noise =
        [("crackle", moment(0, 13, 4), 7), ("archive", moment(2, 19, 40), 9), ("silence", moment(4, 11, 3), 45)];
    noise.into_iter().fold(Acts::default(), |acts, (id, at, lasts)| {
        let over = at + minutes(lasts);
        acts.turns(at, "Streams", "degraded_performance")
            .opens(at, (id, "minor"), "Streams crackel", "Some streams crackle.", "Streams")
            .rewords(at + minutes(3), id, "Streams crackle", "Some streams crackle.")
            .turns(over, "Streams", "operational")
            .says(over, id, "resolved", "They sound well again.")
    })
}
