//! The configuration: what is right is taken, what is wrong is named with its place, all at once.

use std::path::Path;
use std::time::Duration;

use allclear::config::{Config, Problem, parse, parse_with};
use allclear::formats::{Adapter, Body, Clues, Document, Format, OptionProblem, ParseError, Sureness};
use allclear::inbound::verify::Signature;
use allclear::limits::{HOOK_HOLD, HOOK_REOPEN};
use allclear::model::hook::Mode;
use allclear::model::id::ServiceId;
use allclear::model::level::Impact;
use allclear::model::observation::Observation;

#[derive(Debug)]
struct Fake;

impl Adapter for Fake {
    fn documents(&self, _: &url::Url) -> Vec<Document> {
        Vec::new()
    }

    fn parse(&self, _: &[Body], _: jiff::Timestamp) -> Result<Observation, ParseError> {
        Err(ParseError::Broken { document: "fake".into(), problem: "fake".into() })
    }
}

fn selectors(options: &serde_json::Value) -> Result<Box<dyn Adapter>, Vec<OptionProblem>> {
    match options["component"].as_str() {
        Some(text) if text.starts_with('[') => {
            Err(vec![OptionProblem { at: vec!["component".into()], message: format!("`{text}` is no selector") }])
        }
        _ => Ok(Box::new(Fake)),
    }
}

static FORMATS: &[Format] = &[
    Format {
        name: "statuspage",
        about: "",
        compile: |_| Ok(Box::new(Fake)),
        recognise: |_| Sureness::No,
        clues: Clues::NONE,
    },
    Format {
        name: "feed",
        about: "",
        compile: |_| Ok(Box::new(Fake)),
        recognise: |_| Sureness::No,
        clues: Clues::NONE,
    },
    Format { name: "html", about: "", compile: selectors, recognise: |_| Sureness::No, clues: Clues::NONE },
];

fn read(text: &str) -> Result<Config, Vec<Problem>> {
    let environment = |name: &str| (name == "SECRET").then(|| "hunter2-hunter2".to_owned());
    parse_with(text, Path::new("sources.yaml"), &environment, FORMATS)
}

fn messages(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(|problem| problem.to_string().replace("\n  hint: ", " | ")).collect()
}

#[test]
fn every_mistake_has_its_place_and_its_hint() {
    for (text, expected) in [
        ("sources:\n  - githb\n", "2:5: `githb` is not in the catalogue | did you mean github?"),
        (
            "sources:\n  - use: github\n    intervall: 2m\n",
            "3:5: unknown key `intervall` in a source | did you mean `interval`?",
        ),
        (
            "poll: {interval: 5}\nsources: []\n",
            "1:18: expected a duration such as `2m`, `90s` or `1h30m`, found the number `5` | did you mean `5s`?",
        ),
        (
            "poll: {interval: 5s}\nsources: []\n",
            "1:18: an interval is at least 30s | vendors block those who ask more often; write `30s` or more",
        ),
        ("poll: {interval: 25h}\nsources: []\n", "1:18: an interval is at most 24h | write `24h` or less"),
        (
            "page: {timezone: Europe/Berlinn}\nsources: []\n",
            "1:18: unknown time zone `Europe/Berlinn` | did you mean `Europe/Berlin`?",
        ),
        (
            "page: {access: open}\nsources: []\n",
            "1:16: expected `public` or `private`, found `open` | one of: public, private",
        ),
        ("page: []\nsources: []\n", "1:7: expected `page` as a map, found a list | keys: title, url, timezone, access"),
        (
            "sources:\n  - {name: A, url: a.example}\n",
            "2:20: the address has no scheme | did you mean `https://a.example`?",
        ),
        (
            "sources:\n  - {name: A, url: \"ftp://a.example\"}\n",
            "2:20: an address of scheme `ftp` cannot be read | use https:// or http://",
        ),
        (
            "sources: [github, github]\n",
            "1:19: a second source with the id `github`, the first is in line 1 | give one of them another `id`",
        ),
        (
            "sources:\n  - use: github\n    use: stripe\n",
            "3:5: the key `use` is here a second time, first in line 2 | remove one of them",
        ),
        (
            "sources:\n  - {use: github, components: [\"[\"]}\n",
            "2:32: `[` is no pattern: unclosed character class; missing ']' | `*` stands for anything, `[` and `{` need their end",
        ),
        ("sources:\n  - {use: github, format: fed}\n", "2:27: unknown format `fed` | did you mean `feed`?"),
        (
            "sources:\n  - {use: github, allow_private: no}\n",
            "2:34: expected true or false, found `no` | write `true` or `false`, without quotes",
        ),
        (
            "sources:\n  - {use: github, token: \"${NONE}\"}\n",
            "2:26: the environment variable `NONE` is not set | set it, or give a default: `${NONE:-…}`",
        ),
        (
            "sources:\n  - {use: github, hook: a/b?c=d-and-so-on-0123}\n",
            "2:25: the hook's secret is not 16 or more letters, digits, `-`, `.`, `_` or `~` | make one with `openssl rand -hex 16`",
        ),
        (
            "sources:\n  - {use: github, token: {file: /nowhere/x}}\n",
            "2:33: cannot read the secret file /nowhere/x: there is no such file | check the path and who may read it",
        ),
        (
            "sources:\n  - name: A\n    url: https://a.example\n    html:\n      component: \"[x\"\n",
            "5:18: html.component: `[x` is no selector",
        ),
        (
            "sources: [stripe]\nservices:\n  - {name: A, needs: [strip]}\n",
            "3:23: `needs` names `strip`, which is no source's id | did you mean `stripe`?",
        ),
        ("sources:\n  - {url: \"https://a.example\"}\n", "2:5: a source without `name` | give it a `name`"),
        (
            "sources:\n  - {name: A}\n",
            "2:5: a source without an address | give it a `url`, or `use` a name from the catalogue",
        ),
    ] {
        assert_eq!(messages(text), [format!("sources.yaml:{expected}")], "{text}");
    }
}

#[test]
fn every_mistake_in_a_hook_has_its_place_and_its_hint() {
    const HEAD: &str = "sources: []\nservices: [{name: Checkout, needs: []}]\nhooks:\n";
    const GOOD: &str = "name: A, kind: gatus, secret: 0123456789abcdef";
    const MAP: &str = "name: A, kind: json, secret: 0123456789abcdef";
    for (entry, expected) in [
        (
            "{kind: gatus, secret: 0123456789abcdef}".to_owned(),
            "4:5: a hook without `name` | give it a `name`",
        ),
        (
            "{name: A, secret: 0123456789abcdef}".to_owned(),
            "4:5: a hook without `kind` | one of: alertmanager, datadog, gatus, grafana, healthchecks, pagerduty, uptimekuma, uptimerobot, vigil, json",
        ),
        (
            "{name: A, kind: grafna, secret: 0123456789abcdef}".to_owned(),
            "4:21: unknown kind `grafna` | did you mean `grafana`?",
        ),
        (
            "{name: A, kind: gatus}".to_owned(),
            "4:5: a hook without `secret`: anybody could push to it | make one with `openssl rand -hex 16`",
        ),
        (
            "{name: A, kind: gatus, secret: tiny-one}".to_owned(),
            "4:36: the secret is shorter than 16 characters | make one with `openssl rand -hex 16`",
        ),
        (
            "{name: A, kind: gatus, secret: a/b?c=d-and-so-on-0123}".to_owned(),
            "4:36: the secret holds more than letters, digits, `-`, `.`, `_` and `~` | make one with `openssl rand -hex 16`",
        ),
        (
            "{name: A, kind: json, map: {key: a, title: b, status: c, firing: x, resolved: y}, signature: standard, secret: no base64}".to_owned(),
            "4:116: the secret is not `whsec_` and base64 | copy it from the sender",
        ),
        (
            format!("{{{GOOD}, signature: gitlab}}"),
            "4:65: unknown signature `gitlab` | did you mean `github`?",
        ),
        (
            format!("{{{GOOD}, publish: false}}"),
            "4:63: expected `true` or `suggest`, found the boolean `false` | with `suggest` an operator publishes; remove the hook to have nothing",
        ),
        (
            format!("{{{GOOD}, hold: 2}}"),
            "4:60: expected a duration such as `2m`, `90s` or `1h30m`, found the number `2` | did you mean `2s`?",
        ),
        (format!("{{{GOOD}, reopen: 2d}}"), "4:62: this is at most 24h | write `24h` or less"),
        (
            format!("{{{GOOD}, services: chekout}}"),
            "4:64: `chekout` is no service's id | did you mean `checkout`?",
        ),
        (
            format!("{{{GOOD}, label: team, values: {{pay: chekout}}}}"),
            "4:81: `chekout` is no service's id | did you mean `checkout`?",
        ),
        (
            format!("{{{GOOD}, values: {{pay: checkout}}}}"),
            "4:54: `values` of no label | name the sender's label: `label: service`",
        ),
        (
            format!("{{{GOOD}, impact: maintenance}}"),
            "4:62: unknown impact `maintenance` | one of: none, minor, major, critical",
        ),
        (
            format!("{{{GOOD}, resolve: no}}"),
            "4:63: expected true or false, found `no` | write `true` or `false`, without quotes",
        ),
        (
            format!("{{{GOOD}, id: statuspage}}"),
            "4:58: no hook may have the id `statuspage` | give it another `id`; a vendor's own page takes `hook` in its source",
        ),
        (format!("{{{GOOD}, holt: 1m}}"), "4:54: unknown key `holt` in a hook | did you mean `hold`?"),
        (
            format!("{{{GOOD}, map: {{}}}}"),
            "4:54: `map` is for the kind `json`, but the kind is `gatus` | change `kind`, or remove `map`",
        ),
        (
            format!("{{{MAP}}}"),
            "4:5: a hook of kind `json` without `map` | say where `key`, `title` and `status` stand, and which words are `firing` and `resolved`",
        ),
        (
            format!("{{{MAP}, map: {{title: b, status: c, firing: x, resolved: y}}}}"),
            "4:58: `map` without `key` | say where it stands: `alert.name`",
        ),
        (
            format!("{{{MAP}, map: {{key: a..b, title: b, status: c, firing: x, resolved: y}}}}"),
            "4:64: `a..b` has an empty part | write `alert.labels.0`, or `/alert/labels/0`",
        ),
        (
            format!("{{{MAP}, map: {{key: a, title: b, status: c, firing: x, resolved: []}}}}"),
            "4:58: `map` without `resolved` | list the words of the status that mean it",
        ),
        (
            format!("{{{MAP}, map: {{key: a, title: b, status: c, firing: [x, Up], resolved: up}}}}"),
            "4:58: `Up` is in both `firing` and `resolved` | a word means one thing",
        ),
        (
            format!("{{{MAP}, map: {{key: a, title: b, status: c, firing: x, resolved: y, impacts: {{hoch: hi}}}}}}"),
            "4:128: unknown impact `hi` | one of: none, minor, major, critical",
        ),
    ] {
        let text = format!("{HEAD}  - {entry}\n");
        assert_eq!(messages(&text), [format!("sources.yaml:{expected}")], "{text}");
    }
    let twice = format!("{HEAD}  - {{{GOOD}}}\n  - {{{GOOD}}}\n");
    assert_eq!(messages(&twice).len(), 1);
    let secret = format!("{HEAD}  - {{name: \"${{SECRET}}\", kind: gatus, secret: \"${{SECRET}} \\u00e4\"}}\n");
    assert!(!messages(&secret).join("\n").contains("hunter2"));
}

#[test]
fn a_hook_is_what_its_entry_says_and_else_as_usual() {
    let text = "sources: []\nservices: [{name: Checkout, needs: []}, {name: Pay Desk, needs: []}]\nhooks:\n  \
                - {name: Prometheus (EU), kind: alertmanager, secret: \"${SECRET}-x\"}\n  \
                - {name: B, id: b, kind: pagerduty, signature: pagerduty, secret: \"${SECRET}-x\", publish: suggest, hold: 0s, \
                reopen: 1h, services: [checkout], label: team, values: {money: pay-desk}, impact: minor, resolve: false, link: true}\n";
    let config = read(text).unwrap();
    let [usual, other] = config.hooks.as_slice() else { panic!("{:?}", config.hooks) };
    assert!(!format!("{config:?}").contains("hunter2"));
    let hook = &usual.hook;
    assert_eq!(
        (hook.id.as_str(), hook.name.as_str(), hook.kind.as_str()),
        ("prometheus-eu", "Prometheus (EU)", "alertmanager")
    );
    assert_eq!((hook.mode, hook.hold, hook.reopen), (Mode::Publish, HOOK_HOLD, HOOK_REOPEN));
    assert_eq!((hook.impact, hook.resolve, hook.link, &hook.label), (Impact::Major, true, false, &None));
    assert!(hook.services.is_empty() && usual.key.signature() == Signature::None);
    let hook = &other.hook;
    assert_eq!((hook.mode, hook.hold, hook.reopen), (Mode::Suggest, Duration::ZERO, Duration::from_secs(3_600)));
    assert_eq!((hook.impact, hook.resolve, hook.link), (Impact::Minor, false, true));
    assert_eq!(hook.services, [ServiceId::new("checkout")]);
    let label = hook.label.as_ref().unwrap();
    for (value, service) in
        [("money", Some("pay-desk")), ("pay-desk", Some("pay-desk")), ("PAY DESK", Some("pay-desk")), ("x", None)]
    {
        assert_eq!(label.service(value).map(ServiceId::as_str), service, "{value}");
    }
    assert_eq!(other.key.signature(), Signature::PagerDuty);
}

#[test]
fn all_mistakes_come_at_once_in_the_order_of_the_file() {
    let found = messages("page: {titel: x}\npoll: {interval: 1s}\nsources: [githb]\nservices: [{nam: x}]\n");
    assert_eq!(found.len(), 5, "{found:#?}");
    assert!(found.is_sorted_by_key(|line| line.split(':').nth(1).and_then(|line| line.parse::<u64>().ok())));
}

#[test]
fn broken_yaml_is_one_mistake_with_its_place() {
    let problems = read("page: {title: x\nsources: [\n").unwrap_err();
    assert!(problems.len() == 1 && problems[0].line > 0 && problems[0].column > 0, "{problems:?}");
}

#[test]
fn watching_nothing_must_be_meant() {
    for text in ["sources:\n", "sources: []\n"] {
        assert!(read(text).unwrap().sources.is_empty(), "{text:?}");
    }
    for (text, found) in [("", "is empty"), ("# nothing\n", "is empty"), ("page: {title: x}\n", "has no `sources`")] {
        assert!(messages(text).iter().any(|message| message.contains(found)), "{text:?}: {:?}", messages(text));
    }
}

#[test]
fn no_secret_is_in_a_message_or_in_the_source() {
    for text in [
        "sources: [\"${SECRET}\"]\n",
        "poll: {interval: \"${SECRET}\", proxy: \"${SECRET}\"}\n",
        "sources:\n  - {name: A, url: \"${SECRET}\", id: \"X ${SECRET}\"}\n",
        "sources:\n  - {name: A, url: \"https://a.example\", html: {component: \"[${SECRET}\"}}\n",
        "sources:\n  - {name: A, url: \"user:hunter2-hunter2@a.example\"}\n",
    ] {
        let found = messages(text).join("\n");
        assert!(!found.contains("hunter2"), "{found}");
    }
    let config =
        read("sources:\n  - {name: A, url: \"https://u:${SECRET}@a.example\", token: \"${SECRET}\"}\n").unwrap();
    let source = &config.sources[0];
    assert_eq!(source.source.url, "https://a.example");
    assert!(source.reader.is_none() && source.address.password().is_some());
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn the_shipped_configuration_is_good() {
    let shipped = include_str!("../../sources.yaml");
    let config = parse_with(shipped, Path::new("sources.yaml"), &|_| None, FORMATS).unwrap();
    assert!(config.sources.len() >= 25 && config.services.len() == 2);
}

#[test]
fn the_shipped_configuration_is_good_for_the_real_formats() {
    let shipped = include_str!("../../sources.yaml");
    let problems = parse(shipped, Path::new("sources.yaml"), &|_| None).err().unwrap_or_default();
    assert!(problems.is_empty(), "{problems:#?}");
}
