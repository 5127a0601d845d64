//! What goes out to people: the form that each channel gives it, and the way there.

mod commands;
mod http;
pub mod mail;
mod shapes;

use std::time::Duration;

use allclear::channels::{Call, Channel, Given, Mail, Message, Outgoing, Run, Value, find};
use allclear::model::event::Cause;
use allclear::model::id::{IncidentId, ServiceId, SourceId};
use allclear::model::incident::Phase;
use allclear::model::ledger::{Item, Style};
use allclear::model::level::{Impact, State};
use allclear::model::news::{Happening, News, NewsKind, Quiet, Thread, Tier};

/// Secrets that nothing but a request may show.
pub const HUSH: &str = "hush0123456789hush";
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw";
const WHSEC_OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const NOW: i64 = 1_767_323_050;

/// The kinds of this file, each as an operator would configure it.
pub const KINDS: &[&str] = &[
    "email",
    "pagerduty",
    "opsgenie",
    "jsm",
    "incident_io",
    "ntfy",
    "gotify",
    "pushover",
    "twilio",
    "whatsapp",
    "webhook",
    "command",
];

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn secret(value: &str) -> Value {
    Value::Secret(value.into())
}

fn url(value: &str) -> Value {
    Value::Url(value.parse().unwrap())
}

fn texts(values: &[&str]) -> Value {
    Value::Texts(values.iter().map(|value| (*value).to_owned()).collect())
}

/// The options of each kind.
pub fn options(kind: &str) -> Vec<(&'static str, Value)> {
    match kind {
        "email" => vec![("to", texts(&["ops@example.com", "boss@example.com"]))],
        "pagerduty" => vec![("routing_key", secret(HUSH))],
        "opsgenie" => vec![("key", secret(HUSH)), ("eu", Value::Flag(true))],
        "jsm" => vec![("key", secret(HUSH))],
        "incident_io" => vec![("alert_source", text("01GW2G3V0S59R238FAHPDS1R66")), ("token", secret(HUSH))],
        "ntfy" => vec![("url", url(&format!("https://ntfy.example/sub/{HUSH}"))), ("token", secret("tk_hush"))],
        "gotify" => vec![("url", url("https://push.example/gotify/")), ("token", secret(HUSH))],
        "pushover" => vec![("token", secret(HUSH)), ("user", secret("uhush")), ("emergency", Value::Flag(true))],
        "twilio" => vec![
            ("account", text("AC0123456789")),
            ("token", secret(HUSH)),
            ("from", text("+15550100")),
            ("to", text("+15550101")),
        ],
        "whatsapp" => vec![
            ("phone_number_id", text("106540352242922")),
            ("token", secret(HUSH)),
            ("to", text("+15550101")),
            ("message_template", text("status_update")),
        ],
        "webhook" => vec![
            ("url", url(&format!("https://tool.example/hooks/{HUSH}"))),
            ("secret", secret(WHSEC)),
            ("previous_secret", secret(WHSEC_OLD)),
        ],
        "command" => vec![("argv", texts(&["/usr/local/bin/tell", "--loud"]))],
        other => panic!("{other}"),
    }
}

pub fn channel(kind: &str) -> Box<dyn Channel> {
    with(kind, options(kind))
}

pub fn with(kind: &str, options: Vec<(&'static str, Value)>) -> Box<dyn Channel> {
    let mut given = Given(options.into_iter().collect());
    let made = (find(kind).unwrap().make)(&mut given).unwrap();
    assert!(given.0.is_empty(), "{kind}: not read: {given:?}");
    made
}

pub fn news(thread: Thread, state: State) -> News {
    News {
        seq: 41,
        at: "2026-01-02T03:04:05Z".parse().unwrap(),
        kind: NewsKind::Trouble,
        thread,
        title: "Pages fail to load".to_owned(),
        source: Some(SourceId::new("github")),
        source_name: "GitHub".to_owned(),
        tags: vec!["code".to_owned()],
        tier: Tier::Vital,
        services: vec![(ServiceId::new("checkout"), "Checkout".to_owned())],
        components: vec!["Pages".to_owned(), "API / Requests".to_owned()],
        state,
        impact: Some(Impact::Major),
        phase: Some(Phase::Identified),
        text: Some("A bad deploy is being rolled back.\nWe're on it.".to_owned()),
        url: Some("https://www.githubstatus.com/incidents/k3lw9x".to_owned()),
        starts_at: None,
        ends_at: None,
        cause: Cause::Reading,
        local: false,
        quiet: Quiet::default(),
        pace: Duration::from_secs(30),
    }
}

pub fn item(thread: Thread, happening: Happening, root: Option<u64>) -> Item {
    Item { thread, happening, seq: 41, covers: Vec::new(), root, edit: false }
}

fn incident(id: &str) -> Thread {
    Thread::Incident(IncidentId::new(id))
}

/// What one message tells.
#[derive(Debug, Clone)]
pub struct Told {
    pub style: Style,
    pub title: String,
    pub text: String,
    pub items: Vec<(Item, News)>,
}

impl Told {
    pub fn new(style: Style, items: Vec<(Item, News)>) -> Self {
        let title = "New problem: GitHub: Pages fail to load".to_owned();
        let text =
            "Partial outage of Pages, API / Requests\n\nA bad deploy is being rolled back.\nWe’re on it — <soon>.";
        Self { style, title, text: text.to_owned(), items }
    }

    pub fn one(thread: Thread, happening: Happening, root: Option<u64>, state: State) -> Self {
        Self::new(Style::Single, vec![(item(thread.clone(), happening, root), news(thread, state))])
    }

    /// What a channel makes of it.
    pub fn composed(&self, channel: &dyn Channel) -> Vec<Outgoing> {
        let message = Message {
            key: "msg_0123456789",
            made_at: NOW - 5,
            at: NOW,
            style: self.style,
            items: self.items.iter().map(|(item, news)| (item, news)).collect(),
            title: self.title.clone(),
            text: self.text.clone(),
            link: Some("https://status.example.com/incidents/github.k3lw9x".to_owned()),
            page: "Example status",
            host: "status.example.com",
            unsubscribe: (self.style == Style::Digest).then(|| "https://status.example.com/leave/s1/sig".to_owned()),
            manage: (self.style == Style::Digest).then(|| "https://status.example.com/manage/s1/sig".to_owned()),
            before: self.items.first().and_then(|(item, _)| item.root).map(|_| "msg_first@status.example.com"),
        };
        channel.compose(&message).unwrap()
    }
}

/// One message of every style, and the turns of a thread.
pub fn all() -> Vec<(&'static str, Told)> {
    let maintenance = Thread::Maintenance(IncidentId::new("github.m1"));
    let reading = Thread::Reading(SourceId::new("stripe"));
    let mut unreadable = news(reading.clone(), State::Unknown);
    unreadable.title = "Stripe".to_owned();
    unreadable.source_name = "Stripe".to_owned();
    (unreadable.text, unreadable.impact, unreadable.phase) = (None, None, None);
    let mut planned = news(maintenance.clone(), State::UNDER_MAINTENANCE);
    planned.starts_at = Some("2026-01-03T03:00:00Z".parse().unwrap());
    planned.ends_at = Some("2026-01-03T04:00:00Z".parse().unwrap());
    planned.impact = Some(Impact::Maintenance);
    let several = vec![
        (
            item(incident("github.k3lw9x"), Happening::Opened, None),
            news(incident("github.k3lw9x"), State::MAJOR_OUTAGE),
        ),
        (item(reading, Happening::Unreadable, None), unreadable),
        (item(maintenance.clone(), Happening::Announced, None), planned.clone()),
        (
            item(incident("github.done"), Happening::Resolved, Some(7)),
            news(incident("github.done"), State::OPERATIONAL),
        ),
    ];
    let id = || incident("github.k3lw9x");
    vec![
        ("opened", Told::one(id(), Happening::Opened, None, State::PARTIAL_OUTAGE)),
        ("worsened", Told::one(id(), Happening::Worsened, Some(3), State::MAJOR_OUTAGE)),
        ("updated", Told::one(id(), Happening::Updated, Some(3), State::PARTIAL_OUTAGE)),
        ("resolved", Told::one(id(), Happening::Resolved, Some(3), State::OPERATIONAL)),
        ("maintenance", Told::new(Style::Single, vec![(item(maintenance, Happening::Announced, None), planned)])),
        ("several", Told::new(Style::Several, several.clone())),
        ("digest", Told::new(Style::Digest, several)),
        ("test", Told::new(Style::Test, Vec::new())),
        ("confirm", Told::new(Style::Confirm, Vec::new())),
    ]
}

pub fn call(out: Outgoing) -> Call {
    match out {
        Outgoing::Call(call) => call,
        other => panic!("{other:?}"),
    }
}

pub fn mail(out: Outgoing) -> Mail {
    match out {
        Outgoing::Mail(mail) => *mail,
        other => panic!("{other:?}"),
    }
}

pub fn run(out: Outgoing) -> Run {
    match out {
        Outgoing::Run(run) => run,
        other => panic!("{other:?}"),
    }
}
