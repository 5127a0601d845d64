//! What nobody should push: damaged, endless, from the wrong sender.

use allclear::inbound::REGISTRY;
use allclear::limits;
use allclear::model::signal::Course;

use super::*;

/// An end of every kind, with everything in it cut away from behind: none of it is an end that was not said.
#[test]
fn a_cut_push_is_no_push() {
    for kind in REGISTRY {
        for file in files(&fixtures().join(kind.name)) {
            let saved = Saved::read(&file);
            // The query of an address is not cut by a lost connection.
            if saved.body.is_empty() {
                continue;
            }
            let end = saved.body.trim_ascii_end().len();
            let is_form = saved.headers.iter().any(|(_, value)| value.contains("urlencoded"));
            // A form whose last `}` is missing is the first that is damaged.
            let end = if is_form { end.saturating_sub(2) } else { end };
            for cut in 0..end {
                let part = Saved { body: saved.body[..cut].to_vec(), ..copy(&saved) };
                let heard = read(kind.name, &part, now());
                assert!(heard.is_err(), "{} cut at {cut}: {heard:?}", file.display());
            }
        }
    }
}

fn copy(saved: &Saved) -> Saved {
    Saved {
        method: saved.method.clone(),
        query: saved.query.clone(),
        headers: saved.headers.clone(),
        body: saved.body.clone(),
    }
}

#[test]
fn one_kind_s_push_is_never_another_s_end() {
    for sender in REGISTRY.iter().filter(|kind| kind.name != "json") {
        for file in files(&fixtures().join(sender.name)) {
            let saved = Saved::read(&file);
            let own = read(sender.name, &saved, now());
            for kind in REGISTRY.iter().filter(|kind| kind.name != sender.name) {
                let Ok(heard) = read(kind.name, &saved, now()) else { continue };
                // Those whose bodies their owners write may look alike, and then say the same.
                let own = own.as_ref().map(|heard| heard.signals.as_slice()).unwrap_or_default();
                for end in heard.signals.iter().filter(|signal| signal.course == Course::Resolved) {
                    let said = own.iter().any(|signal| signal.course == Course::Resolved && signal.key == end.key);
                    let refused = file.file_name().unwrap().to_string_lossy().starts_with("refused");
                    assert!(said || refused, "{} is an end to {}", file.display(), kind.name);
                }
            }
        }
    }
}

#[test]
fn a_word_that_is_not_known_is_never_an_end() {
    for kind in REGISTRY {
        for file in files(&fixtures().join(kind.name)) {
            let saved = Saved::read(&file);
            let Ok(text) = String::from_utf8(saved.body.clone()) else { continue };
            for word in ["resolved", "Recovered", "RESOLVED", "healthy", "\"up\"", "\"status\": 1", "\"alertType\": 2"]
            {
                if !text.contains(word) {
                    continue;
                }
                for other in ["ok", "operational", "", "none", "0", "null", "fine", "Resolved?"] {
                    let odd = match word.split_once(": ") {
                        Some((key, _)) => format!("{key}: \"{other}\""),
                        None => word.replace(word.trim_matches('"'), other),
                    };
                    let odd = Saved { body: text.replace(word, &odd).into_bytes(), ..copy(&saved) };
                    let heard = read(kind.name, &odd, now());
                    let ends = heard.iter().flat_map(|heard| &heard.signals).filter(|s| s.course == Course::Resolved);
                    assert_eq!(ends.count(), 0, "{} with `{other}`", file.display());
                }
            }
        }
    }
}

#[test]
fn a_flood_of_alerts_is_cut_and_what_fires_is_kept() {
    let alert = |n: usize, status: &str| {
        format!(
            "{{\"status\":\"{status}\",\"labels\":{{}},\"fingerprint\":\"{n}\",\"endsAt\":\"2026-01-02T03:00:00Z\"}}"
        )
    };
    let mut alerts: Vec<String> = (0..limits::HOOK_SIGNALS).map(|n| alert(n, "resolved")).collect();
    alerts.push(alert(9_999, "firing"));
    let heard = read("alertmanager", &Saved::json(format!("{{\"alerts\":[{}]}}", alerts.join(","))), now()).unwrap();
    assert_eq!(heard.signals.len(), limits::HOOK_SIGNALS);
    assert_eq!(heard.signals[0].key, "9999");
    assert!(heard.notes[0].contains("501 alerts"), "{:?}", heard.notes);
}

#[test]
fn deep_and_endless_documents_are_refused() {
    let deep = format!("{{\"alerts\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("{{\"alerts\":[{}0]}}", "0,".repeat(100_000));
    for body in [deep.as_str(), wide.as_str(), "[]", "[{}]", "null", "1", "{}", "\u{feff}{}", "\u{0}"] {
        for kind in REGISTRY {
            assert!(
                read(kind.name, &Saved::json(body), now()).is_err(),
                "{}: {}",
                kind.name,
                &body[..body.len().min(20)]
            );
        }
    }
}
