//! The entry of `sources.yaml` for a page that was looked at.

use url::Url;

use crate::config::SourceConfig;
use crate::formats::Sureness;
use crate::model::id::kebab;
use crate::poll::{Found, Looked};

/// An entry's lines without the dash and without indentation, ready to be written or pasted.
///
/// The format is named where it was not certain, so that the page is read as it was now. A page that has moved for
/// good is named by its new address, and a part of a page by the whole. `address` is the one that was given, as it may be shown.
pub fn lines(source: &SourceConfig, address: &str, name: Option<&str>, looked: Option<&Looked>) -> Vec<String> {
    let host = source.address.host_str().unwrap_or_default();
    let named = looked.and_then(|looked| looked.observation.page.name.as_deref());
    let name = name.or(named).filter(|name| !name.trim().is_empty()).unwrap_or(host);
    let found = looked.and_then(|looked| looked.found.as_ref());
    let unsure = found.filter(|found| found.sureness < Sureness::Certain);
    let moved = looked.and_then(|looked| looked.moved_to.clone());
    let whole = |found: &&Found| found.sureness < Sureness::Certain || found.is_beside(&source.address);
    let url = moved
        .or_else(|| found.filter(whole).and_then(|found| pinned(&found.detected.address, address)))
        .or_else(|| looked.and_then(Looked::page_moved_to))
        .unwrap_or_else(|| address.to_owned());
    let mut lines = vec![format!("name: {}", quoted(name)), format!("url: {}", quoted(&url))];
    if kebab(name).is_empty() {
        lines.insert(0, format!("id: {}", quoted(&kebab(host))));
    }
    lines.extend(unsure.map(|found| format!("format: {}", found.detected.format)));
    lines.extend(source.allow_private.then(|| "allow_private: true".to_owned()));
    lines
}

/// The lines as they stand under `sources:`.
pub fn pasted(lines: &[String]) -> String {
    let dash = |number: usize| if number == 0 { "  - " } else { "    " };
    lines.iter().enumerate().map(|(number, line)| format!("{}{line}\n", dash(number))).collect()
}

/// The address that the format reads, where it is another one; with a login only where `given` has one.
fn pinned(read: &str, given: &str) -> Option<String> {
    let (mut read, given) = (read.parse::<Url>().ok()?, given.parse::<Url>().ok()?);
    if given.username().is_empty() && given.password().is_none() {
        // Both only fail for addresses without a host, which hold no login.
        let _ = read.set_username("");
        let _ = read.set_password(None);
    }
    (read != given).then(|| read.to_string())
}

/// A text as YAML that means nothing else: a JSON string is a YAML one, and what looks like a variable is none.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text.replace("${", "$${")).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config;

    #[test]
    fn whatever_a_page_calls_itself_the_entry_is_good_and_says_just_that() {
        let parse = |text: &str| config::parse(text, Path::new("sources.yaml"), &|_| Some("leaked".to_owned()));
        let given = parse("sources:\n  - {name: a, url: \"https://status.example.com/a?b=${c:-d}\"}\n").unwrap();
        let source = &given.sources[0];
        for name in [
            "Acme: Status # 1",
            "\"quoted\" 'twice' \\ and back",
            "${HOME} and $${HOME} and $$${HOME}",
            "- *star &anchor !tag %dir @at `tick`",
            "null",
            "2026-01-02",
            "{a: b}\n  - c",
            "ステータス",
            "😀",
        ] {
            let text = format!("sources:\n{}", pasted(&lines(source, source.address.as_str(), Some(name), None)));
            let read = parse(&text).unwrap_or_else(|problems| panic!("{text}{}", problems[0]));
            assert_eq!(read.sources[0].source.name, name, "{text}");
            assert_eq!(read.sources[0].address, source.address, "{text}");
        }
    }
}
