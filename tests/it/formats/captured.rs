//! Documents captured from real pages, where the folder with them is at hand: nothing in them is lost.

use std::fs;

use allclear::model::level::State;
use serde_json::Value;

use super::*;

/// The captured documents of a format, or `None`, said plainly, where they are not at hand.
pub fn captured(format: &str) -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/payloads").join(format);
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("skipped: there are no captured documents at {}", folder.display());
        return None;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    Some(files)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn statuspage_documents_lose_nothing() {
    for file in captured("statuspage").unwrap_or_default() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&file).unwrap();
        // Recorded at different times: none of their times may lie ahead.
        let now = "2026-11-24T00:00:00Z".parse().unwrap();
        let read = adapter("statuspage", &Options::Null).parse(&[body(&name, bytes.clone())], now);
        if name.starts_with("broken-") {
            let error = read.unwrap_err();
            assert!(formats::recognise(&[body(&name, bytes)]).is_none_or(|f| f.name != "statuspage"), "{name}");
            eprintln!("{name}: {error}");
            continue;
        }
        let seen = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(formats::recognise(&[body(&name, bytes.clone())]).unwrap().name, "statuspage", "{name}");
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        if value.is_array() {
            assert!(seen.components.len() + seen.incidents.len() + seen.maintenances.len() > 0, "{name}");
            continue;
        }
        let leaves: Vec<&Value> = list(&value, "components").iter().filter(|c| c["group"] != true).collect();
        assert_eq!(seen.components.len(), leaves.len(), "{name}: components");
        for leaf in leaves {
            let read = seen.components.iter().find(|c| Some(c.id.as_str()) == leaf["id"].as_str()).unwrap();
            assert_eq!(read.state.as_str(), leaf["status"].as_str().unwrap(), "{name}: {}", read.name);
        }
        let rows: Vec<&Value> =
            list(&value, "incidents").iter().chain(list(&value, "scheduled_maintenances")).collect();
        assert_eq!(seen.incidents.len() + seen.maintenances.len(), rows.len(), "{name}: incidents");
        for row in rows {
            let id = row["id"].as_str().unwrap();
            let updates = match seen.incidents.iter().find(|incident| incident.id == id) {
                Some(incident) => &incident.updates,
                None => &seen.maintenances.iter().find(|m| m.id == id).unwrap().updates,
            };
            let report = usize::from(row["postmortem_body"].is_string());
            assert_eq!(updates.len(), list(row, "incident_updates").len() + report, "{name}: {id}");
            assert!(updates.iter().all(|update| update.at.is_some() && !update.body.is_empty()), "{name}: {id}");
        }
        if value["status"]["indicator"] == "none" && seen.incidents.iter().all(|i| !i.is_open()) {
            assert_eq!(seen.state(), Some(State::OPERATIONAL), "{name}");
        }
    }
}

/// Documents that carry no status of their own, each with its reason.
const WITHOUT_STATUS: &[(&str, &str)] = &[
    ("gatus/acme-page-shell.html", "the shell of a script"),
    ("html/lambstatus-spa-shell.html", "the shell of a script"),
    ("kener/demo-bad-page.html", "its states are loaded by a script"),
    ("upptime/hallobayi-api-google-uptime-badge.json", "a badge"),
];

/// Every captured status document is recognised and read without a word about its format; all else is refused.
#[test]
fn every_captured_document_is_recognised_and_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/payloads");
    let Ok(index) = fs::read_to_string(root.join("INDEX.tsv")) else {
        eprintln!("skipped: there are no captured documents at {}", root.display());
        return;
    };
    // Recorded at different times: none of them may lie ahead.
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let (mut read, mut refused) = (0, 0);
    for file in index.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        let folder = file.split('/').next().unwrap();
        let bytes = fs::read(root.join(file)).unwrap();
        let document = body(file, bytes);
        let exempt = file.contains("/broken-")
            || folder.starts_with("inbound-")
            || matches!(folder, "other-datocms" | "prometheus" | "healthchecks")
            || WITHOUT_STATUS.iter().any(|(name, _)| *name == file);
        let parsed = formats::recognise(std::slice::from_ref(&document))
            .map(|format| (format, adapter(format.name, &Options::Null).parse(&[document], now)));
        match parsed {
            Some((_, Ok(seen))) if !exempt => {
                read += 1;
                let says = seen.state().is_some() || !seen.incidents.is_empty() || !seen.maintenances.is_empty();
                let partial = ["statping-groups", "openstatus/acme-good-incidents", "uptimekuma/empty-good"];
                assert!(says || partial.iter().any(|name| file.contains(name)), "{file}: nothing was read");
            }
            Some((format, Err(error))) if !exempt => panic!("{file}: recognised as {}, but {error}", format.name),
            None if !exempt => panic!("{file}: not recognised"),
            Some((format, Ok(_))) if folder != "inbound-statuspage" && !folder.starts_with("inbound") => {
                panic!("{file}: read as {} although it carries no status", format.name)
            }
            _ => refused += 1,
        }
    }
    eprintln!("{read} documents read, {refused} refused");
}
