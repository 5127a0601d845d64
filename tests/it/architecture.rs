//! Who may import whom: ARCHITECTURE.md's table, held against the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room, the rooms that it may import, and the outside crates that no other room may use.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &["globset"]),
    ("limits", &[], &[]),
    ("clock", &["model"], &[]),
    ("rules", &["model", "limits", "auth"], &[]),
    ("text", &["model", "limits"], &["ammonia", "encoding_rs", "unicode_normalization", "pulldown_cmark"]),
    ("formats", &["model", "limits", "text"], &["feed_rs", "chrono"]),
    ("inbound", &["model", "formats", "limits", "text"], &[]),
    ("bots", &["model", "limits"], &[]),
    ("channels", &["model", "limits"], &[]),
    ("catalog", &["model", "formats", "limits"], &[]),
    ("auth", &["model", "limits"], &["argon2", "sha1", "qrcode"]),
    (
        "config",
        &["model", "formats", "inbound", "channels", "catalog", "limits"],
        &["granit_parser", "notify", "notify_debouncer_full"],
    ),
    ("fetch", &["model", "limits", "clock"], &["reqwest", "rustls", "webpki_root_certs", "governor"]),
    ("nudge", &["model"], &[]),
    ("oidc", &["model", "limits", "fetch", "auth", "clock"], &["jsonwebtoken"]),
    ("store", &["model", "limits"], &["redb", "zstd"]),
    ("wire", &["model", "history", "limits"], &["atom_syndication", "rss", "icalendar"]),
    ("history", &["model", "limits"], &[]),
    ("mcp", &["model", "wire", "history", "limits"], &["rmcp", "schemars"]),
    ("render", &["model", "channels", "history", "limits"], &["minijinja", "resvg"]),
    (
        "telemetry",
        &["model", "limits"],
        &[
            "prometheus_client",
            "tracing_subscriber",
            "opentelemetry",
            "opentelemetry_sdk",
            "opentelemetry_appender_tracing",
            "opentelemetry_otlp",
            "tracing_opentelemetry",
        ],
    ),
    ("ingest", &["model", "rules", "store", "clock", "limits", "telemetry"], &[]),
    (
        "poll",
        &[
            "model",
            "rules",
            "config",
            "catalog",
            "formats",
            "fetch",
            "nudge",
            "ingest",
            "store",
            "clock",
            "limits",
            "telemetry",
        ],
        &[],
    ),
    (
        "http",
        &[
            "model",
            "rules",
            "auth",
            "bots",
            "inbound",
            "channels",
            "oidc",
            "fetch",
            "render",
            "store",
            "nudge",
            "ingest",
            "limits",
            "clock",
            "telemetry",
            "text",
            "wire",
            "history",
            "mcp",
        ],
        &["tower_http", "arc_swap", "brotli"],
    ),
    (
        "intake",
        &["model", "catalog", "config", "formats", "fetch", "poll", "nudge", "ingest", "clock", "limits", "telemetry"],
        &[],
    ),
    (
        "notify",
        &["model", "rules", "channels", "store", "fetch", "render", "nudge", "ingest", "clock", "limits", "telemetry"],
        &["lettre"],
    ),
    ("publish", &["model", "wire", "render", "clock", "limits", "telemetry"], &["object_store"]),
    ("simulate", &["model", "limits", "clock"], &[]),
];

/// Used by several rooms, each for its own reason.
const SHARED: &[&str] =
    &["axum", "data_encoding", "flate2", "hmac", "httpdate", "hyper", "hyper_util", "scraper", "tower", "utoipa"];

/// Rooms that may import everything and that nobody imports.
const TOP: &[&str] = &["app", "cli", "main", "lib"];

fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let room =
                inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            // Tests inside a file may use what they need.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            (room, path, text)
        })
        .collect()
}

/// Code without comments and strings, where a name would be no import.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names: `crate::room::…` and `use crate::{room::…, other}`.
fn imports(text: &str) -> BTreeSet<String> {
    let text = code(text);
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(std::mem::take(&mut name));
                    }
                    _ if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.insert(name);
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
        .iter()
        .map(|name| name.trim().split("::").next().unwrap_or_default().trim().to_owned())
        .filter(|n| !n.is_empty())
        .collect()
}

fn problems(files: &[(String, PathBuf, String)]) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = TABLE.iter().map(|(room, may, _)| (*room, *may)).collect();
    let mut problems = Vec::new();
    for (room, path, text) in files {
        if TOP.contains(&room.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(room.as_str()) else {
            problems.push(format!("{}: the room `{room}` is not in the table", path.display()));
            continue;
        };
        for import in imports(text) {
            if import != *room
                && !may.contains(&import.as_str())
                && import.chars().next().is_some_and(char::is_lowercase)
            {
                problems.push(format!("{}: `{room}` may not import `{import}`", path.display()));
            }
        }
        for (owner, _, crates) in TABLE {
            for name in crates.iter().filter(|_| owner != room) {
                if code(text).contains(&format!("{name}::")) {
                    problems.push(format!("{}: `{name}` belongs to `{owner}`", path.display()));
                }
            }
        }
    }
    problems
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let found = problems(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_forbidden_import_is_found() {
    let file = |room: &str, text: &str| (room.to_owned(), PathBuf::from(format!("{room}.rs")), text.to_owned());
    for (room, text) in [
        ("model", "use crate::store::Store;"),
        ("rules", "fn a() { crate::fetch::now() }"),
        ("formats", "use crate::{\n    model::id,\n    poll,\n};"),
        ("rules", "use redb::Database;"),
        ("attic", ""),
    ] {
        assert_eq!(problems(&[file(room, text)]).len(), 1, "{room}: {text}");
    }
    assert!(problems(&[file("rules", "use crate::model::id;\n// crate::store is not for us")]).is_empty());
}

#[test]
fn only_the_clock_asks_for_the_time_and_nothing_unsafe_is_written() {
    for (room, path, text) in sources() {
        let text = code(&text);
        for word in ["Timestamp::now(", "SystemTime::now(", "unsafe "] {
            let allowed = room == "clock";
            assert!(allowed || !text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn files_can_be_read_in_one_sitting_and_say_what_they_are() {
    for (_, path, _) in sources() {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        assert!(lines <= 450, "{}: {lines} lines", path.display());
        assert!(text.starts_with("//!"), "{}: does not say in a sentence what it is", path.display());
    }
}

/// Crates that several rooms use are named, so that a new one is a decision.
#[test]
fn the_list_of_shared_crates_is_not_in_the_table_as_well() {
    for (_, _, crates) in TABLE {
        assert!(crates.iter().all(|name| !SHARED.contains(name)));
    }
}
