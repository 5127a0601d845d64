//! The configuration: what is right is taken, what is wrong is named with its place, all at once.

use std::path::Path;

use allclear::config::{Config, Problem, parse, parse_with};
use allclear::formats::{Adapter, Body, Clues, Document, Format, OptionProblem, ParseError, Sureness};
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
