//! Signals made of senders' words: safe, and cut to size.

use sha2::{Digest, Sha256};

use crate::formats::json::{self, Value};
use crate::model::level::Impact;
use crate::model::signal::{Course, Signal};
use crate::{limits, text};

/// A signal of the least that a sender says. The rest is put in where it says more.
pub(super) fn signal(key: &str, course: Course, title: &str, body: &str) -> Signal {
    let key = key_of(key);
    let title = text::line(title, limits::TITLE);
    Signal {
        course,
        at: None,
        standing: false,
        started_at: None,
        title: if title.is_empty() { format!("Alert {key}") } else { title },
        text: text::body(body),
        impact: None,
        labels: Vec::new(),
        url: None,
        key,
    }
}

/// A key that is short and one line; any other is replaced by its digest.
fn key_of(raw: &str) -> String {
    let raw = raw.trim();
    if raw.len() <= limits::HOOK_KEY && text::line(raw, limits::HOOK_KEY) == raw {
        return raw.to_owned();
    }
    digest(raw)
}

/// What stands for a text that is too long or too wild to be a key.
pub(super) fn digest(raw: &str) -> String {
    Sha256::digest(raw.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Labels, as many as are kept; those that say nothing are dropped.
pub(super) fn labels<N: AsRef<str>, V: AsRef<str>>(all: impl IntoIterator<Item = (N, V)>) -> Vec<(String, String)> {
    all.into_iter()
        .map(|(name, value)| (text::line(name.as_ref(), limits::NAME), text::line(value.as_ref(), limits::NAME)))
        .filter(|(name, value)| !name.is_empty() && !value.is_empty())
        .take(limits::HOOK_LABELS)
        .collect()
}

/// The labels in an object of texts.
pub(super) fn labels_of(value: &Value) -> Vec<(String, String)> {
    let entries = value.as_object().into_iter().flat_map(|map| map.iter());
    labels(entries.filter_map(|(name, value)| json::scalar(value).map(|value| (name, value))))
}

/// The labels in a list of tags: `service:api`, `region=eu`, or a word, which is a `tag`.
pub(super) fn labels_of_tags(tags: &str, separator: char) -> Vec<(String, String)> {
    labels(tags.split(separator).map(|tag| tag.split_once([':', '=']).unwrap_or(("tag", tag))))
}

/// The impact that a severity means, in the words that teams use for it; others say nothing.
pub(super) fn severity(word: &str) -> Option<Impact> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "emergency" | "fatal" | "disaster" | "p1" | "sev1" => Impact::Critical,
        "error" | "major" | "high" | "page" | "p2" | "sev2" => Impact::Major,
        "warning" | "warn" | "minor" | "medium" | "low" | "p3" | "p4" | "p5" | "sev3" | "sev4" => Impact::Minor,
        "info" | "informational" | "none" => Impact::None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_titles_and_labels_are_safe_and_bounded() {
        let long = "k".repeat(300);
        let signal = signal(&long, Course::Firing, "<b>Down</b>\n\u{202e}now", "<script>x</script><p>a");
        assert_eq!(signal.key, digest(&long));
        assert_eq!(signal.title, "<b>Down</b> now");
        assert_eq!(signal.text.html, "<p>a</p>");
        assert_eq!(super::signal("a\nb", Course::Firing, "", "").title, format!("Alert {}", digest("a\nb")));
        assert_eq!(super::signal(" 7 ", Course::Firing, "x", "").key, "7");
        let many = labels((0..100).map(|n| (format!("l{n}"), "v")));
        assert_eq!(many.len(), limits::HOOK_LABELS);
        let tags = labels_of_tags("env:prod,,api,url=a:b", ',');
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(tags, [pair("env", "prod"), pair("tag", "api"), pair("url", "a:b")]);
    }

    #[test]
    fn a_severity_that_is_not_known_says_nothing() {
        assert_eq!(severity("Critical"), Some(Impact::Critical));
        for word in ["", "ok", "operational", "P0", "tuesday"] {
            assert_eq!(severity(word), None, "{word}");
        }
    }
}
