//! Requests captured from real senders, where the folder with them is at hand.

use allclear::model::signal::Course;

use super::*;

#[test]
fn every_captured_push_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/payloads");
    if !root.is_dir() {
        eprintln!("skipped: there are no captured pushes at {}", root.display());
        return;
    }
    // Recorded before this, and Vigil's times are near to it.
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    let mut seen = 0;
    for folder in files(&root) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let Some(kind) = name.strip_prefix("inbound-") else { continue };
        for file in files(&folder) {
            let saved = Saved::read(&file);
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if kind == "statuspage" {
                for kind in allclear::inbound::REGISTRY {
                    let refusal = read(kind.name, &saved, now).unwrap_err().to_string();
                    assert!(refusal.contains("Statuspage"), "{name} to {}: {refusal}", kind.name);
                }
                continue;
            }
            seen += 1;
            let heard = read(kind, &saved, now).unwrap_or_else(|refusal| panic!("{kind}/{name}: {refusal}"));
            let silent = name.contains("test-unreplaced") || name.contains("startup");
            assert_eq!(heard.signals.is_empty(), silent, "{kind}/{name}");
            assert_eq!(heard.notes.is_empty(), !silent, "{kind}/{name}: {:?}", heard.notes);
            let over = |word: &str| name.contains(word);
            for signal in &heard.signals {
                let ended = signal.course == Course::Resolved;
                if !over("mixed") {
                    assert_eq!(ended, over("resolved") || over("-up"), "{kind}/{name}");
                }
                assert!(!signal.key.is_empty() && !signal.title.is_empty(), "{kind}/{name}");
            }
        }
    }
    assert!(seen > 0, "there is a folder of captured pushes, but no push in it");
}
