//! Channels and messages to try out.

use std::collections::BTreeMap;
use std::time::Duration;

use allclear::channels::{Call, Channel, Given, Markup, Message, Outgoing, Value, find};
use allclear::model::event::Cause;
use allclear::model::id::{IncidentId, ServiceId, SourceId};
use allclear::model::incident::Phase;
use allclear::model::ledger::{Item, Letter, Style};
use allclear::model::level::{Impact, State};
use allclear::model::news::{Happening, News, NewsKind, Quiet, Thread, Tier};
use allclear::model::source::PageSettings;
use allclear::render::letter::{LetterView, Letters, Occasion};
use jiff::Timestamp;
use secrecy::ExposeSecret;

/// Keys and values.
type Options = &'static [(&'static str, &'static str)];

/// Every way to reach a chat: a name, its kind, and what `sources.yaml` has for it.
pub const WAYS: [(&str, &str, Options); 10] = [
    ("slack-webhook", "slack", &[("url", "https://hooks.slack.example/services/T0/B0/secret")]),
    ("slack-bot", "slack", &[("token", "xoxb-secret"), ("channel", "C0OPS")]),
    ("teams", "teams", &[("url", "https://flow.example/workflows/1/paths/invoke?sig=secret")]),
    ("discord", "discord", &[("url", "https://discord.example/api/webhooks/1/secret?thread_id=7")]),
    ("google-chat", "google_chat", &[("url", "https://chat.example/v1/spaces/A/messages?key=k&token=secret")]),
    ("mattermost-webhook", "mattermost", &[("url", "https://mm.example/hooks/secret")]),
    ("mattermost-bot", "mattermost", &[("server", "https://mm.example"), ("token", "secret"), ("channel", "c0ops")]),
    ("rocketchat", "rocketchat", &[("url", "https://rocket.example/hooks/1/secret")]),
    ("matrix", "matrix", &[("server", "https://hs.example"), ("token", "secret"), ("room", "!ops:hs.example")]),
    ("telegram", "telegram", &[("token", "12:secret"), ("chat", "-100200"), ("topic", "5")]),
];

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A channel of this kind with these options.
pub fn channel(kind: &str, options: &[(&str, &str)]) -> Box<dyn Channel> {
    let kind = find(kind).unwrap();
    (kind.make)(&mut given(kind.name, options)).unwrap()
}

/// What `sources.yaml` would have given.
pub fn given(kind: &str, options: &[(&str, &str)]) -> Given {
    let kind = find(kind).unwrap();
    let mut values = BTreeMap::new();
    for (key, value) in options {
        let spec = kind.options.iter().find(|spec| spec.key == *key).unwrap();
        let value = match spec.sort {
            allclear::channels::Sort::Secret => Value::Secret((*value).into()),
            allclear::channels::Sort::Url | allclear::channels::Sort::SecretUrl => Value::Url(value.parse().unwrap()),
            _ => Value::Text((*value).to_owned()),
        };
        values.insert(spec.key, value);
    }
    Given(values)
}

/// The channel and the markup of a way.
pub fn way(name: &str) -> (Box<dyn Channel>, &'static allclear::channels::Kind) {
    let (_, kind, options) = WAYS.into_iter().find(|(way, ..)| *way == name).unwrap();
    (channel(kind, options), find(kind).unwrap())
}

/// News of an incident at a vendor.
pub fn trouble(seq: u64, vendor: &str) -> News {
    let id = vendor.to_lowercase();
    News {
        seq,
        at: at("2026-11-26T13:05:00Z"),
        kind: NewsKind::Trouble,
        thread: Thread::Incident(IncidentId::new(format!("{id}.k3lw9x"))),
        title: "Errors in Actions".into(),
        source: Some(SourceId::new(&id)),
        source_name: vendor.into(),
        tags: vec!["ci".into()],
        tier: Tier::Normal,
        services: vec![(ServiceId::new("deploys"), "Deploys".into()), (ServiceId::new("shop"), "Shop".into())],
        components: vec!["Actions".into(), "Pages".into()],
        state: State::PARTIAL_OUTAGE,
        impact: Some(Impact::Major),
        phase: Some(Phase::Identified),
        text: Some("Jobs wait longer than usual.\nWe found the cause and are fixing it.".into()),
        url: Some(format!("https://status.{id}.example/incidents/k3lw9x?a=1&b=2")),
        starts_at: None,
        ends_at: None,
        cause: Cause::Reading,
        local: false,
        quiet: Quiet::default(),
        pace: Duration::from_secs(60),
    }
}

/// News of planned work.
pub fn planned(seq: u64) -> News {
    News {
        kind: NewsKind::Soon,
        thread: Thread::Maintenance(IncidentId::new("acme.db")),
        title: "Database upgrade".into(),
        state: State::UNDER_MAINTENANCE,
        impact: Some(Impact::Maintenance),
        phase: Some(Phase::Scheduled),
        text: Some("The console cannot be reached for a moment.".into()),
        starts_at: Some(at("2026-11-26T21:00:00Z")),
        ends_at: Some(at("2026-11-26T22:00:00Z")),
        ..trouble(seq, "Acme")
    }
}

/// An item that tells this news.
pub fn item(news: &News, happening: Happening) -> Item {
    Item { thread: news.thread.clone(), happening, seq: news.seq, covers: Vec::new(), root: None, edit: false }
}

/// One message with what it is made from.
#[derive(Debug, Clone)]
pub struct Case {
    pub letter: Letter,
    pub news: Vec<News>,
    pub before: bool,
}

/// One thing told alone.
pub fn single(news: News, happening: Happening, before: bool) -> Case {
    let letter = Letter { style: Style::Single, items: vec![item(&news, happening)] };
    Case { letter, news: vec![news], before }
}

pub fn page() -> PageSettings {
    PageSettings {
        title: "Acme Status".into(),
        url: Some("https://status.acme.example/".into()),
        timezone: "Europe/Berlin".into(),
        private: false,
        subscribe: false,
    }
}

impl Case {
    pub fn view(&self) -> LetterView {
        let page = page();
        let occasion = Occasion { page: &page, made_at: at("2026-11-26T13:52:30Z"), confirm: None, unsubscribe: None };
        LetterView::of(&self.letter, &self.news, occasion)
    }

    /// What a channel is asked to send for it.
    pub fn sent(&self, way_name: &str) -> Vec<Call> {
        let (channel, kind) = way(way_name);
        let letters = Letters::new(None, None, kind.markup).unwrap();
        let view = self.view();
        let message = Message {
            key: "msg_1",
            made_at: 1_795_701_150,
            at: 1_795_701_150,
            host: "status.acme.example",
            unsubscribe: None,
            manage: None,
            style: self.letter.style,
            items: self
                .letter
                .items
                .iter()
                .map(|item| (item, self.news.iter().find(|news| news.seq == item.seq).unwrap()))
                .collect(),
            title: letters.title(&view).unwrap(),
            text: letters.text(&view, kind.longest).unwrap(),
            link: view.link.clone(),
            page: "Acme Status",
            before: self.before.then_some("1795698300"),
        };
        let calls = channel.compose(&message).unwrap();
        calls
            .into_iter()
            .map(|outgoing| match outgoing {
                Outgoing::Call(call) => call,
                other => panic!("a chat is reached over HTTP: {other:?}"),
            })
            .collect()
    }
}

/// Every sort of message that there is.
pub fn cases() -> Vec<(&'static str, Case)> {
    let earlier = trouble(1, "GitHub");
    let worse = News { seq: 2, state: State::MAJOR_OUTAGE, at: at("2026-11-26T13:20:00Z"), ..earlier.clone() };
    let over = News {
        seq: 3,
        kind: NewsKind::Over,
        state: State::OPERATIONAL,
        phase: Some(Phase::Resolved),
        text: Some("This incident has been resolved.".into()),
        at: at("2026-11-26T13:52:00Z"),
        ..earlier.clone()
    };
    let with_earlier = |mut case: Case| {
        case.news.push(earlier.clone());
        case
    };
    let mut edit = with_earlier(single(News { seq: 2, ..earlier.clone() }, Happening::Updated, true));
    edit.letter.items[0].edit = true;
    let vendors = [
        "AWS",
        "Azure",
        "Cloudflare",
        "Datadog",
        "Fastly",
        "GitHub",
        "Heroku",
        "Okta",
        "Slack",
        "Stripe",
        "Twilio",
        "Zoom",
    ];
    let news: Vec<News> = (10..).zip(vendors).map(|(seq, vendor)| trouble(seq, vendor)).collect();
    let items = news.iter().map(|news| item(news, Happening::Opened)).collect();
    let several = Case { letter: Letter { style: Style::Several, items }, news, before: false };
    let began = News { at: at("2026-11-25T20:00:00Z"), ..trouble(20, "Stripe") };
    let items = vec![
        item(&earlier, Happening::Opened),
        item(&over, Happening::Resolved),
        item(&began, Happening::Resolved),
        item(&planned(21), Happening::Announced),
    ];
    let digest = Case {
        letter: Letter { style: Style::Digest, items },
        news: vec![earlier.clone(), over.clone(), began, planned(21)],
        before: false,
    };
    let test = Case { letter: Letter { style: Style::Test, items: vec![] }, news: vec![], before: false };
    vec![
        ("opened", single(earlier.clone(), Happening::Opened, false)),
        ("worsened", with_earlier(single(worse, Happening::Worsened, true))),
        ("resolved", with_earlier(single(over, Happening::Resolved, true))),
        ("maintenance soon", single(planned(4), Happening::Soon, false)),
        ("several", several),
        ("digest", digest),
        ("test", test),
        ("edit", edit),
    ]
}

/// The body of a request.
pub fn body(call: &Call) -> serde_json::Value {
    serde_json::from_str(&call.body).unwrap()
}

/// A request as people read it.
pub fn shown(call: &Call) -> String {
    let authorization =
        call.authorization.as_ref().map(|secret| format!("Authorization: {}\n", secret.expose_secret()));
    format!(
        "{} {}\nContent-Type: {}\n{}\n{}\n",
        call.method,
        call.url,
        call.kind,
        authorization.unwrap_or_default(),
        serde_json::to_string_pretty(&body(call)).unwrap()
    )
}

/// All markups.
pub const MARKUPS: [Markup; 8] = [
    Markup::Plain,
    Markup::Html,
    Markup::ChatHtml,
    Markup::Slack,
    Markup::Discord,
    Markup::Mattermost,
    Markup::RocketChat,
    Markup::AdaptiveCard,
];
