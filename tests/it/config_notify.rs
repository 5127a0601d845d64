//! `notify`: who is told on which channel, what of, and when; every mistake has its place and its hint.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use allclear::config::{Config, Problem, parse};
use allclear::model::level::Impact;
use allclear::model::news::{Happening, Tier};
use allclear::model::policy::{Confirm, Digest};

fn read(notify: &str) -> Result<Config, Vec<Problem>> {
    let environment = |name: &str| match name {
        "URL" => Some("https://hooks.example/T0001/B0002/hunter2hunter2".to_owned()),
        "MAIL" => Some("smtps://me:hunter2@mail.example".to_owned()),
        _ => None,
    };
    let page = "page: {url: \"https://status.example\", timezone: Europe/Berlin}\n";
    let text = format!("{page}sources: [github]\nservices:\n  - {{name: Shop, needs: [github]}}\n{notify}");
    parse(&text, Path::new("sources.yaml"), &environment)
}

fn mistakes(notify: &str) -> Vec<String> {
    let problems = read(notify).err().unwrap_or_default();
    // Lines count from where `notify` begins.
    let place = |problem: &Problem| format!("{}:{}: ", problem.line - 4, problem.column);
    let hint = |problem: &Problem| problem.hint.as_ref().map(|hint| format!(" | {hint}")).unwrap_or_default();
    problems.iter().map(|one| format!("{}{}{}", place(one), one.message, hint(one))).collect()
}

#[test]
fn channels_say_what_they_hear_and_when() {
    let config = read(
        "notify:
  confirm: 3m
  quiet_hours: \"22:00-07:00\"
  channels:
    - name: Ops chat
      kind: ntfy
      url: ${URL}
      only:
        sources: [git*]
        services: [shop]
        tags: [code]
        components: [\"github/Act*\"]
        impact: major
        tier: vital
        kinds: [opened, resolved]
        words: [eu-west-1]
        without: [test]
        hours: mon-fri 08:00-18:00
    - name: The week
      kind: ntfy
      url: ${URL}
      digest: mon 09:00
      timezone: UTC
      quiet_hours: []
      confirm: {vital: 2 readings, background: 1h}
      remind: 4h
      group: 0s
      template: {title: \"{{ count }}\"}
",
    );
    let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let [chat, week] = config.notify.lines.as_slice() else { panic!("two channels") };
    assert_eq!((chat.id.as_str(), chat.name.as_str(), chat.kind.name), ("ops-chat", "Ops chat", "ntfy"));
    let policy = &chat.policy;
    assert_eq!((policy.zone.as_str(), policy.confirm), ("Europe/Berlin", Confirm::After(Duration::from_secs(180))));
    assert_eq!(policy.quiet.iter().map(|hours| (hours.from, hours.to)).collect::<Vec<_>>(), [(22 * 60, 7 * 60)]);
    let wants = &policy.wants;
    assert_eq!((wants.impact, wants.tier), (Some(Impact::Major), Some(Tier::Vital)));
    assert_eq!(wants.kinds, Some(BTreeSet::from([Happening::Opened, Happening::Resolved])));
    assert_eq!((wants.sources.len(), wants.words.len(), wants.hours.len()), (1, 1, 1));
    let policy = &week.policy;
    assert_eq!(policy.digest, Some(Digest { weekday: Some(0), at: 9 * 60 }));
    assert_eq!(
        (policy.confirm_vital, policy.confirm),
        (Confirm::Readings(2), Confirm::After(Duration::from_secs(180)))
    );
    assert_eq!((policy.zone.as_str(), policy.quiet.len(), policy.group), ("UTC", 0, Duration::ZERO));
    assert_eq!((policy.remind, week.title.as_deref()), (Some(Duration::from_secs(4 * 3600)), Some("{{ count }}")));
    assert!(!format!("{config:?}").contains("hunter2"), "no secret is printed");
}

#[test]
fn every_mistake_in_notify_has_its_place_and_its_hint() {
    for (text, expected) in [
        ("notify:\n  chanels: []\n", "2:3: unknown key `chanels` in `notify` | did you mean `channels`?"),
        ("notify:\n  channels:\n    - kind: webhok\n", "3:13: unknown kind `webhok` | did you mean `webhook`?"),
        (
            "notify:\n  channels:\n    - {kind: ntfy}\n",
            "3:7: a channel of the kind `ntfy` without `url` | the topic's address, like https://ntfy.sh/your-topic; who knows it can read along",
        ),
        (
            "notify:\n  channels:\n    - {kind: ntfy, url: \"${URL}\", only: {sources: [githb]}}\n",
            "3:52: `githb` is no source's id | did you mean `github`?",
        ),
        (
            "notify:\n  channels:\n    - {kind: ntfy, url: \"${URL}\", only: {kinds: [open]}}\n",
            "3:50: unknown kind `open` | one of: opened, worsened, updated, improved, resolved, announced, moved, soon, started, ended, cancelled, unreadable, readable, reminder",
        ),
        (
            "notify:\n  channels:\n    - {kind: ntfy, url: \"${URL}\", quiet_hours: 22-7}\n",
            "3:48: expected hours such as `22:00-07:00`, `mon-fri 08:00-18:00` or `sat,sun`, found `22-7` | days are mon, tue, …, sun",
        ),
        (
            "notify:\n  channels:\n    - {kind: ntfy, url: \"${URL}\", digest: noon}\n",
            "3:43: expected `daily 09:00` or a day such as `mon 09:00`, found `noon` | the hour is on the clock of `timezone`",
        ),
        (
            "notify:\n  channels:\n    - {kind: command, argv: [page-me]}\n",
            "3:7: commands are not allowed | write `commands: true` under `notify` if this file may start programs",
        ),
        (
            "notify:\n  channels:\n    - {kind: email, to: a@b.example}\n",
            "3:7: no e-mail can be sent | say under `notify.mail` through which server it goes",
        ),
        (
            "notify:\n  subscribe: true\n",
            "2:14: readers cannot subscribe without `mail` | say through which server e-mail goes",
        ),
        (
            "notify:\n  fallback: pager\n  channels:\n    - {name: Pager 2, kind: ntfy, url: \"${URL}\"}\n",
            "2:13: `pager` is no channel's id | one of: pager-2",
        ),
        (
            "notify:\n  channels:\n    - {kind: ntfy, url: \"ftp://x.example\"}\n",
            "3:25: expected an address with http or https | copy it from where it was made",
        ),
    ] {
        assert_eq!(mistakes(text), [expected], "{text}");
    }
}

#[test]
fn readers_can_subscribe_where_mail_can_be_sent() {
    let config = read("notify:\n  subscribe: true\n  mail: {server: \"${MAIL}\", from: Acme <status@acme.example>}\n");
    let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert!(config.page.subscribe);
    let mail = config.notify.mail.as_ref().unwrap();
    assert_eq!((mail.host.as_str(), mail.port), ("mail.example", 465));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn the_shipped_example_of_notify_is_good() {
    let shipped = include_str!("../../sources.yaml");
    let example = shipped.split_once("# notify:\n").unwrap().1.split("\n\n").next().unwrap();
    let lines = example.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    let yaml = format!("notify:\n{}\n", lines.collect::<Vec<_>>().join("\n"));
    let yaml = yaml.replace("{file: /run/secrets/pagerduty}", "0123456789abcdef0123456789abcdef");
    let text = format!("page: {{url: \"https://status.example\"}}\nsources: [github]\n{yaml}");
    let environment = |name: &str| match name {
        "SLACK_WEBHOOK" => Some("https://hooks.slack.com/services/T000/B000/XXXX".to_owned()),
        "SMTP_PASSWORD" | "PING_ID" => Some("abcdefgh".to_owned()),
        _ => None,
    };
    let config = parse(&text, Path::new("sources.yaml"), &environment);
    let config = config.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(config.notify.lines.len(), 3);
    assert!(config.page.subscribe && config.notify.ping.is_some());
}
