//! A case is a folder: how it is read, the bodies, and the observation as it was reviewed.

use std::collections::BTreeMap;
use std::fs;

use allclear::formats::{Body, Options, Role, wire};
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
pub struct Case {
    pub format: String,
    #[serde(default)]
    pub options: Options,
    pub now: Option<Timestamp>,
    documents: Vec<Saved>,
}

#[derive(Deserialize)]
struct Saved {
    file: String,
    #[serde(default)]
    history: bool,
    content_type: Option<String>,
    status: Option<u16>,
}

pub fn read(file: &Path) -> (Case, Vec<Body>) {
    let case: Case = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let folder = file.parent().unwrap();
    let bodies = case
        .documents
        .iter()
        .map(|saved| Body {
            name: saved.file.clone(),
            role: if saved.history { Role::History } else { Role::Present },
            content_type: saved.content_type.clone(),
            url: None,
            status: saved.status.unwrap_or(200),
            bytes: fs::read(folder.join(&saved.file)).unwrap().into(),
        })
        .collect();
    (case, bodies)
}

#[test]
fn every_case_reads_as_reviewed() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::glob!("../fixtures", "*/*/case.json", |file| {
            let (case, bodies) = read(file);
            let folder = file.parent().unwrap();
            let read = adapter(&case.format, &case.options).parse(&bodies, case.now.unwrap_or_else(now));
            let shown = match &read {
                Ok(seen) => format!("{:#}", wire::observation_json(&case.format, seen)),
                Err(error) => format!("refused: {error}"),
            };
            let name = folder.file_name().unwrap().to_string_lossy();
            assert_eq!(read.is_err(), name.starts_with("broken"), "{}: {shown}", folder.display());
            insta::assert_snapshot!("observation", shown);
        });
    });
}

/// Formats that do not speak of planned work.
const WITHOUT_MAINTENANCE: &[&str] = &[
    "algolia",
    "alibaba",
    "auth0",
    "aws",
    "azure",
    "azuredevops",
    "cstate",
    "flashcat",
    "gatus",
    "google",
    "http",
    "meta",
    "oracle",
    "statushub",
    "statusonline",
    "stripe",
    "tencent",
    "uptimerobot",
    "vigil",
];

#[test]
fn every_format_has_a_good_a_bad_and_a_broken_day_and_a_maintenance() {
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for format in fs::read_dir(fixtures()).unwrap() {
        let format = format.unwrap();
        for case in fs::read_dir(format.path()).unwrap() {
            let name = case.unwrap().file_name().to_string_lossy().into_owned();
            cases.entry(format.file_name().to_string_lossy().into_owned()).or_default().push(name);
        }
    }
    for format in formats::REGISTRY.iter().filter(|format| !format.about.is_empty()) {
        let cases = cases.remove(format.name).unwrap_or_default();
        let mut wanted = vec!["good", "bad", "broken"];
        // Some say nothing of planned work.
        if !WITHOUT_MAINTENANCE.contains(&format.name) {
            wanted.push("maintenance");
        }
        for wanted in wanted {
            assert!(cases.iter().any(|case| case.starts_with(wanted)), "{}: no case `{wanted}…`", format.name);
        }
    }
}
