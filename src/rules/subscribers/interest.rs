//! Of what a reader can choose to be told, in the few words of forms and of the API.

use crate::model::id::IncidentId;
use crate::model::level::Impact;
use crate::model::policy::{Digest, Wants};

/// Summaries come at this minute of the page's day, weekly ones on Monday: before work.
const MORNING: u16 = 8 * 60;

/// Of what somebody wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Of everything.
    All,
    /// Of sources and services with this tag.
    Tag(String),
    /// Of one service of the team's own.
    Service(String),
    /// Of one source.
    Source(String),
    /// Of one incident or maintenance.
    Incident(String),
}

impl Subject {
    /// The words that `kind` can give.
    pub const KINDS: [&str; 5] = ["all", "tag", "service", "source", "incident"];

    /// Reads its two words; `None` where they mean nothing.
    pub fn from_words(kind: &str, of: &str) -> Option<Self> {
        let of = of.to_owned();
        match (kind, of.is_empty()) {
            ("all", true) => Some(Self::All),
            ("tag", false) => Some(Self::Tag(of)),
            ("service", false) => Some(Self::Service(of)),
            ("source", false) => Some(Self::Source(of)),
            ("incident", false) => Some(Self::Incident(of)),
            _ => None,
        }
    }

    /// What kind of thing.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Tag(_) => "tag",
            Self::Service(_) => "service",
            Self::Source(_) => "source",
            Self::Incident(_) => "incident",
        }
    }

    /// Which; empty for everything.
    pub fn of(&self) -> &str {
        match self {
            Self::All => "",
            Self::Tag(of) | Self::Service(of) | Self::Source(of) | Self::Incident(of) => of,
        }
    }

    /// The same as rules read it, with nothing that is milder than this.
    pub fn wants(&self, impact: Option<Impact>) -> Wants {
        let mut wants = Wants { impact, ..Wants::default() };
        match self {
            Self::All => {}
            Self::Tag(of) => wants.tags.push(literal(of)),
            Self::Service(of) => wants.services.push(literal(of)),
            Self::Source(of) => wants.sources.push(literal(of)),
            Self::Incident(of) => wants.incidents.push(IncidentId::new(of)),
        }
        wants
    }

    /// Back again; `None` where it is more particular than a reader can choose.
    pub fn of_wants(wants: &Wants) -> Option<Self> {
        let subject = match (&*wants.sources, &*wants.services, &*wants.tags, &*wants.incidents) {
            ([], [], [], []) => Self::All,
            ([one], [], [], []) => Self::Source(plain(one)),
            ([], [one], [], []) => Self::Service(plain(one)),
            ([], [], [one], []) => Self::Tag(plain(one)),
            ([], [], [], [one]) => Self::Incident(one.as_str().to_owned()),
            _ => return None,
        };
        (subject.wants(wants.impact) == *wants).then_some(subject)
    }
}

/// Reads `none`, `daily` or `weekly`; anything else is `None`.
pub fn digest(word: &str) -> Option<Option<Digest>> {
    match word {
        "none" => Some(None),
        "daily" => Some(Some(Digest { weekday: None, at: MORNING })),
        "weekly" => Some(Some(Digest { weekday: Some(0), at: MORNING })),
        _ => None,
    }
}

/// The word for a summary.
pub fn digest_word(digest: Option<Digest>) -> &'static str {
    match digest {
        None => "none",
        Some(Digest { weekday: None, .. }) => "daily",
        Some(Digest { weekday: Some(_), .. }) => "weekly",
    }
}

/// A glob that means just this text.
fn literal(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if "*?[]{}\\!".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

/// The text that such a glob means.
fn plain(glob: &str) -> String {
    let mut out = String::with_capacity(glob.len());
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_reads_back_and_means_just_that() {
        for (kind, of) in [
            ("all", ""),
            ("tag", "shop"),
            ("tag", "a*b{c}[d]\\"),
            ("service", "checkout"),
            ("source", "github"),
            ("incident", "github.k3lw9x"),
        ] {
            for impact in [None, Some(Impact::Major)] {
                let subject = Subject::from_words(kind, of).unwrap();
                let wants = subject.wants(impact);
                let back = Subject::of_wants(&wants).unwrap();
                assert_eq!((back.kind(), back.of(), wants.impact), (kind, of, impact));
                assert!(Subject::KINDS.contains(&kind));
            }
        }
        for (kind, of) in [("all", "x"), ("tag", ""), ("source", ""), ("", ""), ("vendor", "x")] {
            assert_eq!(Subject::from_words(kind, of), None, "{kind} {of}");
        }
    }

    #[test]
    fn what_is_more_particular_than_a_form_is_not_taken_for_less() {
        let both = Wants { sources: vec!["a".into()], tags: vec!["b".into()], ..Wants::default() };
        let glob = Wants { sources: vec!["git*".into()], ..Wants::default() };
        let words = Wants { words: vec!["eu".into()], ..Wants::default() };
        for wants in [both, glob, words] {
            assert_eq!(Subject::of_wants(&wants), None, "{wants:?}");
        }
    }

    #[test]
    fn summaries_have_words() {
        for word in ["none", "daily", "weekly"] {
            assert_eq!(digest_word(digest(word).unwrap()), word);
        }
        assert_eq!(digest("hourly"), None);
    }
}
