//! The documents are true: their examples work, and the tests and files that they name are there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn blocks(document: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    document.split(open.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_configuration_in_the_readme_is_good() {
    let blocks = blocks(&text("README.md"), "yaml");
    assert!(!blocks.is_empty());
    let environment = |name: &str| name.ends_with("_HOOK").then(|| "0123456789abcdef".to_owned());
    for block in blocks {
        if let Err(problems) = allclear::config::parse(&block, Path::new("README.md"), &environment) {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }
}

#[test]
fn the_places_of_publishing_md_are_good() {
    let blocks = blocks(&text("docs/publishing.md"), "yaml");
    assert!(!blocks.is_empty());
    for block in blocks {
        let config = allclear::config::parse(&block, Path::new("docs/publishing.md"), &|_| None);
        assert_eq!(config.unwrap_or_else(|problems| panic!("{}", problems[0])).publish.len(), 2);
    }
}

/// The hooks of docs/hooks.md, whose senders' secrets stand in the environment.
fn documented_hooks() -> Vec<std::sync::Arc<allclear::inbound::Gate>> {
    let environment = |name: &str| name.ends_with("_HOOK").then(|| "0123456789abcdef".to_owned());
    let blocks = blocks(&text("docs/hooks.md"), "yaml");
    assert!(!blocks.is_empty());
    let configs = blocks.iter().map(|block| {
        allclear::config::parse(block, Path::new("docs/hooks.md"), &environment)
            .unwrap_or_else(|problems| panic!("{}", problems[0]))
    });
    configs.flat_map(|config| config.hooks).collect()
}

/// What senders put in the place of their variables.
const FILLED_IN: &[(&str, &str)] = &[
    ("$NAME_JSON", "\"Nightly \\\"backup\\\"\""),
    ("$CODE", "77d87726-8013-4abf-91fb-b89f8b14ad1e"),
    ("$STATUS", "down"),
    ("$NOW", "2026-01-02T03:04:05+00:00"),
    ("$TAGS", "env:prod"),
    ("$ALERT_ID", "1"),
    ("$ALERT_CYCLE_KEY", "2"),
    ("$ALERT_TRANSITION", "Triggered"),
    ("$ALERT_PRIORITY", "P2"),
    ("$EVENT_TITLE", "[Triggered] Latency"),
    ("$TEXT_ONLY_MSG", "p95 is high"),
    ("$LINK", "https://app.datadoghq.example/1"),
    ("$DATE", "1767323045000"),
    ("[ALERT_TRIGGERED_OR_RESOLVED]", "TRIGGERED"),
    ("[ENDPOINT_NAME]", "API"),
    ("[ENDPOINT_GROUP]", "core"),
    ("[ENDPOINT_URL]", "https://api.acme.example"),
    ("[ALERT_DESCRIPTION]", "unhealthy"),
    ("[RESULT_ERRORS]", "timeout"),
];

#[test]
fn every_kind_of_hook_is_documented_and_the_bodies_to_paste_are_understood() {
    use allclear::inbound::{Asked, REGISTRY, Reader};
    let document = text("docs/hooks.md");
    let hooks = documented_hooks();
    let mut read = 0;
    for kind in REGISTRY {
        let heading = format!("(`{}`)\n", kind.name);
        let (_, rest) = document.split_once(&heading).unwrap_or_else(|| panic!("docs/hooks.md lacks {heading}"));
        let section = rest.split("\n## ").next().unwrap();
        let mapping = hooks.iter().find(|hook| hook.reader.kind.name == kind.name);
        let reader = Reader { kind, mapping: mapping.and_then(|hook| hook.reader.mapping.clone()) };
        for body in blocks(section, "json") {
            let body = FILLED_IN.iter().fold(body, |body, (variable, value)| body.replace(variable, value));
            assert!(!body.contains('$'), "{}: a variable is left in {body}", kind.name);
            let asked = Asked { method: "POST", query: "", header: &|_| None, body: body.as_bytes() };
            let heard = reader.read(&asked, "2026-01-02T03:10:00Z".parse().unwrap());
            let heard = heard.unwrap_or_else(|refusal| panic!("{refusal}\n{body}"));
            assert_eq!((heard.signals.len(), heard.notes.len()), (1, 0), "{heard:?}");
            read += 1;
        }
    }
    assert!(read >= 4, "only {read} bodies");
}

#[test]
fn the_targets_in_the_document_about_figures_are_good() {
    let blocks = blocks(&text("docs/figures.md"), "yaml");
    assert!(!blocks.is_empty());
    for block in blocks {
        let read = allclear::config::parse(&block, Path::new("docs/figures.md"), &|_| None);
        let config = read.unwrap_or_else(|problems| panic!("{}", problems[0]));
        assert!(config.sources.iter().all(|source| source.source.target.is_some()));
    }
}

#[test]
fn every_command_in_the_readme_is_one() {
    let readme = text("README.md");
    let section = readme.split("## Commands").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut commands: Vec<&str> = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        commands.extend(cell.split('`').skip(1).step_by(2).map(|word| word.split(' ').next().unwrap()));
    }
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let help = Command::new(env!("CARGO_BIN_EXE_allclear")).args([command, "--help"]).output().unwrap();
        assert!(help.status.success(), "{command}: {}", String::from_utf8_lossy(&help.stderr));
    }
}

#[test]
fn every_file_that_a_document_links_to_is_there() {
    for document in [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "docs/promises.md",
        "docs/load.md",
        "docs/hooks.md",
        "docs/channels.md",
        "docs/subscribers.md",
        "docs/feeds.md",
        "docs/deliveries.md",
        "docs/embedding.md",
        "docs/figures.md",
        "docs/history.md",
        "docs/publishing.md",
        "docs/statuspage.md",
    ] {
        let folder = root().join(document).parent().unwrap().to_owned();
        for link in text(document).split("](").skip(1) {
            let target = link.split(')').next().unwrap();
            if !target.contains("://") && !target.starts_with('#') {
                assert!(folder.join(target).exists(), "{document}: {target}");
            }
        }
    }
}

#[test]
fn every_test_that_proves_a_promise_is_there() {
    fn gather(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut code = String::new();
    for folder in ["src", "tests/it", "benches"] {
        gather(&root().join(folder), &mut code);
    }
    let browser = text("tests/browser/run.mjs") + &text("tests/browser/published.mjs");
    let promises = text("docs/promises.md");
    for row in promises.lines().filter(|line| line.starts_with("| R") || line.starts_with("| S")) {
        let proof = row.split('|').nth(3).unwrap();
        for name in
            proof.split('`').skip(1).step_by(2).filter(|name| name.contains('_') && !name.starts_with("ALLCLEAR"))
        {
            assert!(code.contains(&format!("fn {name}")), "{row}\nno test is called {name}");
        }
        for name in proof.split('“').skip(1).map(|rest| rest.split('”').next().unwrap()) {
            assert!(browser.contains(name), "{row}\nno browser test is called {name}");
        }
    }
}

#[test]
fn the_changelog_and_the_package_agree() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = text("CHANGELOG.md");
    assert!(changelog.contains("## [Unreleased]") || changelog.contains(&format!("## [{version}]")));
}

#[test]
fn every_format_is_documented() {
    let document = text("docs/formats.md");
    for format in allclear::formats::REGISTRY {
        let line = format!("| `{}` | {} |", format.name, format.about).replace('<', "\\<");
        assert!(document.contains(&line), "docs/formats.md lacks: {line}");
    }
}

#[test]
fn every_kind_of_channel_is_documented_with_all_that_it_takes() {
    let document = text("docs/channels.md");
    for kind in allclear::channels::REGISTRY {
        let heading = format!("## {} (`{}`)\n", kind.label, kind.name);
        let (_, rest) = document.split_once(&heading).unwrap_or_else(|| panic!("docs/channels.md lacks {heading}"));
        let section = rest.split("\n## ").next().unwrap();
        let example = blocks(section, "yaml").join("\n");
        assert!(example.contains(&format!("kind: {}\n", kind.name)), "{}", kind.name);
        for spec in kind.options {
            assert!(example.contains(&format!(" {}:", spec.key)), "{} lacks {}", kind.name, spec.key);
        }
    }
}
