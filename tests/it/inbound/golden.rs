//! A fixture is a request; what it is read as was reviewed.

use std::collections::BTreeSet;

use allclear::inbound::REGISTRY;
use allclear::model::signal::Course;

use super::*;

#[test]
fn every_push_reads_as_reviewed() {
    for kind in REGISTRY {
        let mut shown = String::new();
        for file in files(&fixtures().join(kind.name)) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let heard = read(kind.name, &Saved::read(&file), now());
            assert_eq!(heard.is_err(), name.starts_with("refused"), "{}/{name}: {heard:?}", kind.name);
            shown.push_str(&format!("== {name}\n{}\n", show(&heard)));
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots" }, {
            insta::assert_snapshot!(format!("inbound_{}", kind.name), shown);
        });
    }
}

fn show(heard: &Result<Heard, Refusal>) -> String {
    let heard = match heard {
        Ok(heard) => heard,
        Err(refusal) => return refusal.to_string(),
    };
    let mut lines = Vec::new();
    for signal in &heard.signals {
        let at = |at: Option<Timestamp>| at.map_or("-".to_owned(), |at| at.to_string());
        let standing = if signal.standing { " (standing)" } else { "" };
        lines.push(format!("{} {} at {}{standing}", signal.course.as_str(), signal.key, at(signal.at)));
        lines.push(format!("  {}", signal.title));
        lines.extend(signal.text.plain.lines().map(|line| format!("  | {line}")));
        let impact = signal.impact.map_or("-", |impact| impact.as_str());
        lines.push(format!("  impact {impact}, since {}", at(signal.started_at)));
        lines.extend(signal.labels.iter().map(|(name, value)| format!("  {name} = {value}")));
        lines.extend(signal.url.iter().map(|url| format!("  {url}")));
    }
    lines.extend(heard.notes.iter().map(|note| format!("! {note}")));
    lines.join("\n")
}

#[test]
fn every_kind_has_an_alert_an_end_and_what_it_refuses() {
    for kind in REGISTRY {
        let mut seen = BTreeSet::new();
        for file in files(&fixtures().join(kind.name)) {
            match read(kind.name, &Saved::read(&file), now()) {
                Ok(heard) => seen.extend(heard.signals.iter().map(|signal| match signal.course {
                    Course::Resolved => "end",
                    _ => "alert",
                })),
                Err(refusal) => {
                    assert!(refusal.to_string().contains(kind.name), "{refusal}");
                    seen.insert("refused");
                }
            }
        }
        assert_eq!(seen, BTreeSet::from(["alert", "end", "refused"]), "{}", kind.name);
    }
}

#[test]
fn an_alert_and_its_end_have_one_key() {
    for (kind, alert, end) in [
        ("datadog", "triggered.json", "recovered-form.http"),
        ("datadog", "own-body-triggered.json", "own-body-recovered.json"),
        ("gatus", "triggered.json", "resolved.json"),
        ("grafana", "firing.json", "resolved.json"),
        ("healthchecks", "down.json", "up-get.http"),
        ("pagerduty", "triggered.json", "resolved.json"),
        ("uptimekuma", "down-get.http", "up-form.http"),
        ("uptimerobot", "down-get.http", "up.json"),
        ("vigil", "sick.json", "healthy.json"),
    ] {
        let [alert, end] = [alert, end].map(|name| {
            let heard = read(kind, &Saved::read(&fixtures().join(kind).join(name)), now()).unwrap();
            heard.signals.into_iter().next().unwrap()
        });
        assert_eq!(alert.key, end.key, "{kind}");
        assert_eq!((alert.course, end.course), (Course::Firing, Course::Resolved), "{kind}");
    }
}

#[test]
fn an_alert_of_old_senders_is_what_it_is_about_and_when_it_began() {
    let push = |status: &str, start: &str| {
        let body = format!(
            "{{\"alerts\": [{{\"status\": \"{status}\", \"labels\": {{\"b\": \"1\", \"a\": \"2\"}}, \
             \"annotations\": {{}}, \"startsAt\": \"{start}\"}}]}}"
        );
        read("alertmanager", &Saved::json(body), now()).unwrap().signals.remove(0).key
    };
    assert_eq!(push("firing", "2026-01-02T03:00:00Z"), push("resolved", "2026-01-02T03:00:00Z"));
    assert_ne!(push("firing", "2026-01-02T03:00:00Z"), push("firing", "2026-01-02T03:30:00Z"));
}
