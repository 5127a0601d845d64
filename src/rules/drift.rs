//! A page that was read one way and is found to be another one later: when to look, and what to make of it.

use jiff::Timestamp;

use crate::limits;
use crate::model::source::FailureKind;
use crate::model::state::Drift;

/// What looking at a page anew has found, beside what was known.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The format in which it was read, and the address.
    pub was: (&'a str, &'a str),
    /// The format in which it can be read now, and the address.
    pub now: (&'a str, &'a str),
    /// Where the page was met; may be shown.
    pub page: &'a str,
    /// That is at the host that is configured.
    pub at_home: bool,
    /// Permanent redirects alone led there.
    pub moved: bool,
    /// The configuration names no format, so that it is ours to find out.
    pub ours: bool,
}

/// What to make of it. The texts are for the operator, and may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing else than before.
    Same,
    /// Read it in the new way.
    TakeUp(String),
    /// Go on as before, and say this.
    Tell(String),
}

/// Formats that only announce trouble: a page that is followed into one of them would say less than before, and its
/// silence would look like good news.
const SILENT: [&str; 1] = ["feed"];
/// Words in the names of pages that say nothing about whose they are.
const COMMON: [&str; 6] = ["a", "of", "page", "status", "system", "the"];

/// True for failures that a page which moved or changed its platform would give.
pub fn is_strange(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unreadable | FailureKind::Gone | FailureKind::Moved)
}

/// True where a page that failed strangely so many times in a row is to be looked at anew.
pub fn is_due(strange: u32, last: Option<&Drift>, now: Timestamp) -> bool {
    let long_ago = |drift: &Drift| now.duration_since(drift.at).unsigned_abs() >= limits::DRIFT_EVERY;
    strange >= limits::DRIFT_FAILURES && last.is_none_or(long_ago)
}

/// What to make of what was found.
///
/// A page is followed only where its format is ours to find out, where it is still at its host or says itself that it
/// has moved for good, and where it tells no less than before.
pub fn judge(sight: Sight<'_>) -> Verdict {
    let Sight { was: (old, old_address), now: (new, address), page, .. } = sight;
    if sight.was == sight.now {
        return Verdict::Same;
    }
    if !(sight.at_home || sight.moved) {
        let text =
            format!("the page has moved to {page}, which is read as `{new}`: change its address in sources.yaml");
        return Verdict::Tell(text);
    }
    if !sight.ours {
        let text = format!(
            "the page at {page} is now read as `{new}`, and was as `{old}`: change `url` and `format` of this source in sources.yaml"
        );
        return Verdict::Tell(text);
    }
    if SILENT.contains(&new) && !SILENT.contains(&old) {
        let text = format!(
            "all that can be read of the page at {page} is a `{new}`, which tells less than `{old}` did: if that is enough, give this source `format: {new}`"
        );
        return Verdict::Tell(text);
    }
    let why = match (sight.moved, old == new && old_address != address) {
        (true, _) => format!("the page has moved for good to {page}: change its address in sources.yaml"),
        (false, true) => "the page keeps its data at another address".to_owned(),
        (false, false) => "the page changed its platform".to_owned(),
    };
    Verdict::TakeUp(format!("now read as `{new}` (was `{old}`): {why}"))
}

/// What to add where a page calls itself something else altogether than before.
pub fn renamed(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let (before, after) = (before?, after?);
    let words = |name: &str| -> Vec<String> {
        let words = name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        words.filter(|word| !word.is_empty() && !COMMON.contains(&word.as_str())).collect()
    };
    let (old, new) = (words(before), words(after));
    let strangers = !old.is_empty() && !new.is_empty() && !old.iter().any(|word| new.contains(word));
    strangers.then(|| format!("it calls itself “{after}”, and “{before}” before: make sure that it is the same page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Sight<'static> = Sight {
        was: ("statuspage", "https://status.a.example/"),
        now: ("instatus", "https://status.a.example/"),
        page: "https://status.a.example/",
        at_home: true,
        moved: false,
        ours: true,
    };

    #[test]
    fn a_page_is_followed_only_where_it_says_itself_that_it_is_the_same_and_tells_no_less() {
        let away = Sight { at_home: false, page: "https://b.example/", ..HOME };
        let feed = ("feed", "https://status.a.example/history.rss");
        for (sight, taken_up, says) in [
            (HOME, true, "now read as `instatus` (was `statuspage`): the page changed its platform"),
            (Sight { moved: true, ..away }, true, "moved for good to https://b.example/"),
            (Sight { now: ("statuspage", "https://api.a.example/1"), ..HOME }, true, "its data at another address"),
            (away, false, "moved to https://b.example/, which is read as `instatus`: change its address"),
            (Sight { ours: false, ..HOME }, false, "is now read as `instatus`, and was as `statuspage`: change"),
            (Sight { ours: false, moved: true, ..away }, false, "the page at https://b.example/ is now read as"),
            (Sight { now: feed, ..HOME }, false, "give this source `format: feed`"),
            (Sight { was: feed, now: ("feed", "https://status.a.example/new.rss"), ..HOME }, true, "another address"),
        ] {
            match judge(sight) {
                Verdict::TakeUp(text) => assert!(taken_up && text.contains(says), "{sight:?}: {text}"),
                Verdict::Tell(text) => assert!(!taken_up && text.contains(says), "{sight:?}: {text}"),
                Verdict::Same => panic!("{sight:?}"),
            }
        }
        assert_eq!(judge(Sight { now: HOME.was, ..HOME }), Verdict::Same);
    }

    #[test]
    fn a_page_is_looked_at_after_some_strange_failures_and_then_not_for_hours() {
        let now: Timestamp = "2026-01-02T03:00:00Z".parse().unwrap();
        let looked =
            |minutes| Drift { at: now - jiff::SignedDuration::from_mins(minutes), found: None, taken_up: false };
        for (strange, last, due) in [
            (2, None, false),
            (3, None, true),
            (9, Some(looked(10)), false),
            (9, Some(looked(359)), false),
            (9, Some(looked(360)), true),
        ] {
            assert_eq!(is_due(strange, last.as_ref(), now), due, "{strange} {last:?}");
        }
        let strange = FailureKind::ALL.into_iter().filter(|kind| is_strange(*kind)).count();
        assert_eq!(strange, 3);
    }

    #[test]
    fn another_name_is_said_and_another_spelling_is_not() {
        for (before, after, said) in [
            (Some("Acme Status"), Some("ACME - status page"), false),
            (Some("Acme"), Some("Acme Payments"), false),
            (Some("Acme Status"), Some("Blog of Bolt"), true),
            (Some("Status"), Some("Bolt"), false),
            (None, Some("Bolt"), false),
            (Some("Acme"), None, false),
        ] {
            assert_eq!(renamed(before, after).is_some(), said, "{before:?} {after:?}");
        }
    }
}
