//! The rule by which an entry's text says how things stand.
//!
//! 1. A label decides: the bold word before the text of an update (Statuspage and its kin), or a line `Status: word`.
//!    `Update` keeps what the update before it said.
//! 2. Else the newest text decides by how it begins, then the title by how it begins (`STARTS`).
//! 3. Else a whole phrase anywhere in the title, then in the newest text, decides (`ANYWHERE`), unless a word of
//!    negation stands before it in the same sentence.
//! 4. Else the entry does not say how things stand.
//!
//! The first match wins, and the operator's own words come before all of these. Rules 2 and 3 are guesses: what is
//! guessed to go on counts as open only for a while.

use crate::model::incident::Phase;

/// What an entry says, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// By a label, or by the operator's own words.
    Surely(Phase),
    /// By how it reads.
    Likely(Phase),
    /// Not at all.
    Nothing,
}

const LABELS: &[(&str, Phase)] = &[
    ("investigating", Phase::Investigating),
    ("identified", Phase::Identified),
    ("monitoring", Phase::Monitoring),
    ("watching", Phase::Monitoring),
    ("resolved", Phase::Resolved),
    ("postmortem", Phase::Resolved),
    ("scheduled", Phase::Scheduled),
    ("planned", Phase::Scheduled),
    ("in progress", Phase::InProgress),
    ("verifying", Phase::Verifying),
    ("completed", Phase::Completed),
    ("cancelled", Phase::Cancelled),
    ("canceled", Phase::Cancelled),
];

const STARTS: &[(&str, Phase)] = &[
    ("[resolved]", Phase::Resolved),
    ("resolved", Phase::Resolved),
    ("[ended]", Phase::Resolved),
    ("[completed]", Phase::Completed),
    ("completed", Phase::Completed),
    ("[cancelled]", Phase::Cancelled),
    ("cancelled", Phase::Cancelled),
    ("monitoring", Phase::Monitoring),
    ("watching", Phase::Monitoring),
    ("identified", Phase::Identified),
    ("investigating", Phase::Investigating),
    ("[investigating]", Phase::Investigating),
    ("[update]", Phase::Investigating),
    ("update", Phase::Investigating),
    ("[maintenance]", Phase::Scheduled),
    ("scheduled", Phase::Scheduled),
    ("planned", Phase::Scheduled),
    ("upcoming", Phase::Scheduled),
    ("maintenance", Phase::Scheduled),
    ("geplante", Phase::Scheduled),
    ("wartung", Phase::Scheduled),
    ("in progress", Phase::InProgress),
    ("started", Phase::InProgress),
    ("verifying", Phase::Verifying),
];

const ANYWHERE: &[(&str, Phase)] = &[
    ("has been resolved", Phase::Resolved),
    ("is resolved", Phase::Resolved),
    ("was resolved", Phase::Resolved),
    ("is operating normally", Phase::Resolved),
    ("are operating normally", Phase::Resolved),
    ("has recovered", Phase::Resolved),
    ("recovered", Phase::Resolved),
    ("has been completed", Phase::Completed),
    ("behoben", Phase::Resolved),
    ("gelöst", Phase::Resolved),
    ("abgeschlossen", Phase::Completed),
    ("résolu", Phase::Resolved),
    ("resuelto", Phase::Resolved),
    ("went down", Phase::Investigating),
    ("is investigating", Phase::Investigating),
    ("are investigating", Phase::Investigating),
    ("probleme", Phase::Investigating),
    ("störung", Phase::Investigating),
    ("stoerung", Phase::Investigating),
    ("unterbruch", Phase::Investigating),
    ("wartungsarbeiten", Phase::Scheduled),
    ("scheduled maintenance", Phase::Scheduled),
];

const NEGATIONS: &[&str] = &["not", "nicht", "no", "kein", "keine", "never", "pas", "isn't", "hasn't", "noch"];

/// The phase that a label names; `Update` and anything else is none.
pub fn label(word: &str) -> Option<Phase> {
    let word = word.trim().trim_end_matches(':').to_lowercase();
    LABELS.iter().find(|(known, _)| *known == word).map(|(_, phase)| *phase)
}

/// What an entry without labelled updates says.
pub fn said(own: &[(String, Phase)], newest: &str, title: &str) -> Said {
    let (newest, title) = (newest.trim().to_lowercase(), title.trim().to_lowercase());
    for (word, phase) in own {
        if holds(&title, word) || holds(&newest, word) {
            return Said::Surely(*phase);
        }
    }
    let stated = newest.lines().filter_map(|line| line.trim().strip_prefix("status:")).find_map(label);
    if let Some(phase) = stated {
        return Said::Surely(phase);
    }
    for text in [&newest, &title] {
        if let Some((_, phase)) = STARTS.iter().find(|(word, _)| begins(text, word)) {
            return Said::Likely(*phase);
        }
    }
    for text in [&title, &newest] {
        if let Some((_, phase)) = ANYWHERE.iter().find(|(phrase, _)| affirmed(text, phrase)) {
            return Said::Likely(*phase);
        }
    }
    Said::Nothing
}

fn begins(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// An operator's pattern: a plain word stands anywhere, one with `*` matches the whole.
fn holds(text: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return text.contains(pattern) };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    true
}

fn affirmed(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let sentence = before.rsplit(['.', '!', '?', ';', '\n']).next().unwrap_or_default();
        !sentence.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| NEGATIONS.contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_say_how_things_stand() {
        use Said::{Likely, Nothing, Surely};
        for (newest, title, told) in [
            ("Resolved - all is well", "API errors", Likely(Phase::Resolved)),
            ("RESOLVED: all is well", "API errors", Likely(Phase::Resolved)),
            ("[Resolved] all is well", "API errors", Likely(Phase::Resolved)),
            ("All is well", "[Resolved] API errors", Likely(Phase::Resolved)),
            ("Status: Identified\nWe found it", "Resolved?", Surely(Phase::Identified)),
            ("Components affected\nStatus: Resolved", "API errors", Surely(Phase::Resolved)),
            ("We are investigating", "API errors", Likely(Phase::Investigating)),
            ("The service is operating normally.", "Increased error rates", Likely(Phase::Resolved)),
            ("The service is not operating normally.", "Increased error rates", Nothing),
            ("The issue has not been resolved", "API errors", Nothing),
            ("example.org recovered", "example.org", Likely(Phase::Resolved)),
            ("It went down.", "example.org", Likely(Phase::Investigating)),
            ("We plan works", "Scheduled maintenance of the database", Likely(Phase::Scheduled)),
            ("We plan works", "[Maintenance] database", Likely(Phase::Scheduled)),
            ("Die Störung wurde behoben.", "Störung DNS behoben", Likely(Phase::Resolved)),
            ("Die Störung ist noch nicht behoben.", "Störung DNS", Likely(Phase::Investigating)),
            ("Am 20. April.", "Geplante Wartungsarbeiten", Likely(Phase::Scheduled)),
            ("Resolvedness is a word", "Thing", Nothing),
            ("Some text", "Some title", Nothing),
            ("", "", Nothing),
        ] {
            assert_eq!(said(&[], newest, title), told, "{title}: {newest}");
        }
        let own = [("hersteld".to_owned(), Phase::Resolved), ("onderhoud*".to_owned(), Phase::Scheduled)];
        assert_eq!(said(&own, "De storing is hersteld", "x"), Surely(Phase::Resolved));
        assert_eq!(said(&own, "x", "Onderhoud database"), Surely(Phase::Scheduled));
    }

    #[test]
    fn labels_are_exact() {
        assert_eq!(label(" In progress "), Some(Phase::InProgress));
        assert_eq!(label("Update"), None);
        assert_eq!(label("Resolved?"), None);
    }
}
