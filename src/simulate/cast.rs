//! Who is in the world: the named vendors with their roles, and the many of the load world.

use std::time::Duration;

use jiff::Timestamp;

use super::play::{Behaviour, Change, Component, Event, Script, Stage, Update, earlier};
use super::speak::{Dialect, dialects};

/// In which shape a vendor speaks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Statuspage,
    Rss,
    Atom,
    JsonFeed,
    Table,
    Divs,
    Health,
    Speaks(&'static Dialect),
}

/// A vendor before it has an address.
#[derive(Debug)]
pub(super) struct Part {
    pub name: String,
    pub kind: Kind,
    pub plays: &'static str,
    pub stage: Stage,
    pub script: Script,
}

pub(super) fn minutes(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(60))
}

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Components given as `Group/Name` or `Name`.
fn components(paths: &[&str], at: Timestamp) -> Vec<Component> {
    let changed = earlier(at, minutes(60 * 24 * 9));
    paths
        .iter()
        .enumerate()
        .map(|(number, path)| {
            let (group, name) = path.split_once('/').unwrap_or(("", path));
            Component {
                id: format!("c{number:011}"),
                name: name.to_owned(),
                group: group.to_owned(),
                state: "operational",
                changed,
            }
        })
        .collect()
}

/// Title, first words and last words of what happened before.
const PAST: [(&str, &str, &str); 6] = [
    ("Delayed delivery of notifications", "Some notifications arrive late.", "The backlog has been delivered."),
    ("Elevated error rates on sign-in", "A part of sign-ins fails with a timeout.", "A faulty release was taken back."),
    (
        "Slow dashboards",
        "Dashboards take up to a minute to load.",
        "A missing index was added; loading times are normal.",
    ),
    (
        "Exports fail for large accounts",
        "Exports above 10 000 rows do not finish.",
        "Exports finish again; failed ones were restarted.",
    ),
    ("Connection resets in one region", "A network device drops connections.", "Traffic was moved to other devices."),
    ("Search results out of date", "New records appear in search after an hour.", "The index has caught up."),
];

/// A dozen incidents that are over, newest first.
fn past(at: Timestamp, touched: &str) -> Vec<Event> {
    (0_u64..12)
        .zip(PAST.iter().cycle())
        .map(|(number, (title, first, last))| {
            let opened = earlier(at, minutes(60 * (50 + number * 97)));
            let id = format!("past{number:08}");
            let step = |count: u64, phase, body: &str| Update {
                id: format!("p{number:05}{count:06}"),
                phase,
                body: body.to_owned(),
                at: super::play::later(opened, minutes(count * 25)),
            };
            let updates = vec![
                step(3, "resolved", last),
                step(2, "monitoring", "A fix is in place and we are watching the results."),
                step(1, "identified", "The cause has been found and a fix is being made."),
                step(0, "investigating", first),
            ];
            Event {
                id,
                title: (*title).to_owned(),
                impact: "minor",
                phase: "resolved",
                opened,
                window: None,
                components: vec![touched.to_owned()],
                updates,
            }
        })
        .collect()
}

pub(super) fn part(name: &str, kind: Kind, plays: &'static str, paths: &[&str], at: Timestamp) -> Part {
    let components = components(paths, at);
    let touched = components.first().map_or_else(String::new, |component| component.name.clone());
    let stage = Stage::new(components, past(at, &touched), Behaviour::Healthy, earlier(at, minutes(90)));
    Part { name: name.to_owned(), kind, plays, stage, script: Script::default() }
}

fn behaving(name: &str, plays: &'static str, behaviour: Behaviour, at: Timestamp) -> Part {
    let mut part = part(name, Kind::Statuspage, plays, &["API", "Website"], at);
    part.stage.behaviour = behaviour;
    part
}

pub(super) fn component(name: &str, state: &'static str) -> Change {
    Change::Component { name: name.to_owned(), state }
}

pub(super) fn update(id: &str, phase: &'static str, body: &str) -> Change {
    Change::Update { id: id.to_owned(), phase, body: body.to_owned() }
}

/// An outage that opens after 30 s of script, worsens, is fixed, and comes again every quarter of an hour.
fn outage(touched: &str) -> Script {
    let id = "outage0";
    let open = Change::Open {
        id: id.to_owned(),
        title: format!("Errors on {touched}"),
        impact: "major",
        body: "We see more errors than usual and are looking for the cause.".to_owned(),
        components: vec![touched.to_owned()],
    };
    let steps = vec![
        (seconds(30), open),
        (seconds(30), component(touched, "partial_outage")),
        (seconds(120), component(touched, "major_outage")),
        (seconds(120), Change::Impact { id: id.to_owned(), impact: "critical" }),
        (seconds(120), update(id, "investigating", "Requests now fail in all regions. All hands are on it.")),
        (
            seconds(240),
            update(id, "identified", "A configuration change overloaded the edge servers; it is taken back."),
        ),
        (seconds(420), component(touched, "degraded_performance")),
        (seconds(420), update(id, "monitoring", "The change is taken back. Errors fall; we keep watching.")),
        (seconds(600), component(touched, "operational")),
        (seconds(600), update(id, "resolved", "Error rates have been normal for a while. This incident is over.")),
    ];
    Script { steps, round: minutes(15) }
}

/// A long degradation that is there from the start and is spoken of every half hour.
fn degraded(touched: &str) -> Script {
    let id = "slowly0";
    let open = Change::Open {
        id: id.to_owned(),
        title: format!("{touched} slower than usual"),
        impact: "minor",
        body: "Jobs wait longer than usual before they start.".to_owned(),
        components: vec![touched.to_owned()],
    };
    let steps = vec![
        (seconds(0), open),
        (seconds(0), component(touched, "degraded_performance")),
        (
            minutes(30),
            update(id, "identified", "A storage cluster rebuilds a lost disk; that slows everything behind it."),
        ),
        (minutes(90), update(id, "identified", "The rebuild is at 60 %. Nothing is lost; waiting times stay long.")),
        (minutes(180), update(id, "monitoring", "The rebuild is done. Waiting times fall.")),
        (minutes(235), update(id, "resolved", "Waiting times are normal.")),
        (minutes(235), component(touched, "operational")),
    ];
    Script { steps, round: minutes(240) }
}

/// One maintenance that runs for 45 min of every hour, and one that is announced.
fn maintained(touched: &str) -> Script {
    let work = |id: &str, title: &str, starts_in, lasts| Change::Maintenance {
        id: id.to_owned(),
        title: title.to_owned(),
        starts_in,
        lasts,
        components: vec![touched.to_owned()],
    };
    let steps = vec![
        (seconds(0), work("working", "Database upgrade", Duration::ZERO, minutes(45))),
        (seconds(0), component(touched, "under_maintenance")),
        (seconds(0), work("planned", "Move to new network devices", minutes(60 * 26), minutes(120))),
        (minutes(40), update("working", "verifying", "The upgrade is done and being checked.")),
        (minutes(45), update("working", "completed", "The work is done.")),
        (minutes(45), component(touched, "operational")),
        (minutes(59), Change::Vanish { id: "planned".to_owned() }),
    ];
    Script { steps, round: minutes(60) }
}

fn flapping(touched: &str) -> Script {
    let steps =
        vec![(seconds(60), component(touched, "partial_outage")), (seconds(120), component(touched, "operational"))];
    Script { steps, round: seconds(120) }
}

/// A page that is rebuilt after a while, badly, and is put back as it was.
fn rebuilt() -> Script {
    let steps = vec![(minutes(4), Change::Lose { left: 1 }), (minutes(9), Change::Restore)];
    Script { steps, round: minutes(15) }
}

/// Names and texts of somebody who tries to break the page.
fn hostile(at: Timestamp) -> Part {
    let long = format!("Extremely {}long name", "very ".repeat(60));
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "Pay\u{202e}lanoitarepo\u{202c}ments",
        "واجهة برمجة التطبيقات",
        "שירות ההודעות",
        long.as_str(),
    ];
    let mut part = part("Bramble <b onmouseover=alert(1)>& Sons", Kind::Statuspage, "hostile", &[], at);
    part.stage.components = components(&["x"; 6], at);
    for (component, name) in part.stage.components.iter_mut().zip(names) {
        component.name = name.to_owned();
    }
    for event in &mut part.stage.events {
        event.title = format!("<script>alert('{}')</script> {}", event.title, "\u{202e}");
        for update in &mut event.updates {
            update
                .body
                .push_str("<script>alert(1)</script><a href=\"javascript:alert(1)\">more</a><iframe src=//x.invalid>");
        }
    }
    part
}

/// The named world.
pub(super) fn named(at: Timestamp) -> Vec<Part> {
    let core = ["Core/API", "Core/Dashboard", "Core/Webhooks", "Regions/Europe", "Regions/Americas", "Documentation"];
    let with = |mut part: Part, script: Script| {
        part.script = script;
        part
    };
    let page = |name, plays, paths: &[&str]| part(name, Kind::Statuspage, plays, paths, at);
    let other = |name, kind, plays| part(name, kind, plays, &["Sending", "Receiving", "Archive"], at);
    let many: Vec<String> = (0..400).map(|number| format!("Zone {}/Node {number}", number / 25)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut unknown_word = page("Tarn Analytics", "unknown word", &core);
    if let Some(component) = unknown_word.stage.components.first_mut() {
        component.state = "meltdown";
    }
    vec![
        with(page("Quill CDN", "outage", &["Edge/Delivery", "Edge/Purge", "Control panel"]), outage("Delivery")),
        page("Northwind Pay", "calm", &core),
        page("Lumen Mail", "calm", &core),
        with(page("Harbor Git", "degraded", &["Git operations", "Pipelines", "Packages"]), degraded("Pipelines")),
        with(page("Cobalt Database", "maintenance", &["Clusters/Primary", "Clusters/Replicas"]), maintained("Primary")),
        with(page("Wren Telephony", "flapping", &["Calls", "Messages"]), flapping("Calls")),
        with(page("Otter Ledger", "loses components", &core), rebuilt()),
        page("Atlas Compute", "400 components", &many),
        unknown_word,
        hostile(at),
        with(other("Fern Search", Kind::Atom, "feed outage"), outage("Sending")),
        other("Pebble Forms", Kind::Rss, "calm"),
        other("Osprey Maps", Kind::JsonFeed, "calm"),
        with(other("Tidewater Hosting", Kind::Table, "flapping"), flapping("Archive")),
        other("Juniper Backup", Kind::Divs, "calm"),
        other("Marrow Gateway", Kind::Health, "calm"),
        behaving("Sloth Storage", "slow", Behaviour::Slow(seconds(3)), at),
        behaving("Mire Queue", "hangs", Behaviour::Hang, at),
        behaving("Ember Auth", "down", Behaviour::Down, at),
        behaving("Static Radio", "garbage", Behaviour::Garbage, at),
        behaving("Gatehouse CRM", "sign-in page", Behaviour::SignIn, at),
        behaving("Thrift Metrics", "rate limit", Behaviour::RateLimit { left: 2, retry_after: 60 }, at),
        behaving("Detour Links", "redirects inwards", Behaviour::Redirect, at),
        behaving("Torrent Logs", "endless", Behaviour::Endless, at),
        behaving("Balloon Files", "gzip bomb", Behaviour::Bomb, at),
    ]
}

/// One vendor for each format.
pub(super) fn every_format(at: Timestamp) -> Vec<Part> {
    let paths = ["Core/API", "Core/Dashboard", "Edge/Delivery", "Archive"];
    let mut parts: Vec<Part> = dialects()
        .map(|dialect| {
            let mut part =
                part(&format!("Every {}", dialect.format), Kind::Speaks(dialect), "every format", &paths, at);
            part.script = outage("API");
            part
        })
        .collect();
    parts.insert(0, part("Every statuspage", Kind::Statuspage, "every format", &paths, at));
    parts
}

/// `count` vendors for load: small, calm; every tenth a feed, and every twentieth flaps so that something changes.
pub(super) fn load(count: usize, seed: u64, at: Timestamp) -> Vec<Part> {
    (0..count)
        .map(|number| {
            let kind = if number % 10 == 9 { Kind::Atom } else { Kind::Statuspage };
            let name = format!("Vendor {number:05}");
            let mut part = part(&name, kind, "load", &["API", "Website", "Jobs"], at);
            part.stage.events.truncate(2);
            if number % 20 == 0 {
                part.script = flapping("API");
                // The seed sets them apart, so that not all change in the same second.
                let shift = seconds(seed.wrapping_mul(31).wrapping_add(number as u64 * 7) % 60);
                for (offset, _) in &mut part.script.steps {
                    *offset = offset.saturating_sub(shift);
                }
            }
            part
        })
        .collect()
}
