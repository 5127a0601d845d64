//! What the words of a page mean, by the operator's table.
//!
//! Patterns ignore upper and lower case and take a run of white space for one space; `*` stands for any text. A word
//! itself is stronger than a pattern with `*`, a pattern with more letters stronger than one with fewer; of two equally
//! strong ones the worse state counts. What no pattern fits is unknown.

use super::super::{OptionProblem, Options};
use crate::model::level::State;

/// Characters of a word that is looked at; a longer one is prose, not a word.
const LONGEST: usize = 2_000;

/// The table.
#[derive(Debug)]
pub struct States {
    /// Strongest first, in lower case.
    patterns: Vec<(String, State)>,
}

impl States {
    /// Reads the table; every mistake is told.
    pub fn read(value: &Options) -> Result<Self, Vec<OptionProblem>> {
        let at =
            |pattern: Option<&String>| [Some(&"states".to_owned()), pattern].into_iter().flatten().cloned().collect();
        let Some(map) = value.as_object().filter(|map| !map.is_empty()) else {
            let message = "expected words and their states, as `{OK: operational, \"*\": major_outage}`".to_owned();
            return Err(vec![OptionProblem { at: at(None), message }]);
        };
        let mut problems = Vec::new();
        let mut patterns: Vec<(String, State)> = Vec::new();
        for (written, value) in map {
            let pattern = plain(written);
            let word = value.as_str().map(str::trim);
            let Some(state) = word.and_then(State::from_word) else {
                problems.push(OptionProblem { at: at(Some(written)), message: no_state(value) });
                continue;
            };
            match patterns.iter().find(|(known, _)| *known == pattern) {
                Some((_, known)) if *known != state => {
                    let message = format!("`{pattern}` is given twice, as {known} and as {state}");
                    problems.push(OptionProblem { at: at(Some(written)), message });
                }
                _ => patterns.push((pattern, state)),
            }
        }
        patterns.sort_by_key(|(pattern, state)| {
            let letters = pattern.chars().filter(|c| *c != '*').count();
            std::cmp::Reverse((!pattern.contains('*'), letters, state.weight()))
        });
        if problems.is_empty() { Ok(Self { patterns }) } else { Err(problems) }
    }

    /// The state for a word; `None` where no pattern fits.
    pub fn of(&self, word: &str) -> Option<State> {
        if word.len() > LONGEST && word.chars().take(LONGEST + 1).count() > LONGEST {
            return None;
        }
        let word = plain(word);
        self.patterns.iter().find(|(pattern, _)| fits(pattern, &word)).map(|(_, state)| *state)
    }
}

fn plain(text: &str) -> String {
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return text.to_ascii_lowercase();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn no_state(value: &Options) -> String {
    let words = State::ALL.map(State::as_str);
    let near = value.as_str().and_then(|word| nearest(word, words));
    let hint = near.map_or_else(|| format!("there are {}", quoted(words)), |near| format!("did you mean `{near}`?"));
    let found = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("`{}` is no state; {hint}", super::super::text::line(&found, 60))
}

/// The known word that somebody may have meant.
pub fn nearest<const N: usize>(word: &str, known: [&'static str; N]) -> Option<&'static str> {
    let word = word.to_lowercase().replace([' ', '-'], "_");
    let begins = known.into_iter().find(|other| word.len() >= 4 && other.split('_').any(|part| part == word));
    let distance = |other: &str| strsim::damerau_levenshtein(&word, other);
    begins.or_else(|| known.into_iter().min_by_key(|other| distance(other)).filter(|other| distance(other) <= 3))
}

/// `a`, `b` and so on, for messages.
pub fn quoted<const N: usize>(words: [&str; N]) -> String {
    words.map(|word| format!("`{word}`")).join(", ")
}

/// Whether a pattern with `*` fits the whole text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*').filter(|piece| !piece.is_empty()) {
        let Some((_, after)) = left.split_once(piece) else { return false };
        left = after;
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_fit_the_whole_text() {
        for (pattern, text, fit) in [
            ("ok", "ok", true),
            ("ok", "not ok", false),
            ("*", "", true),
            ("*wartung*", "geplante wartung heute", true),
            ("a*b", "ab", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("*b*b", "b", false),
            ("a**b", "axb", true),
            ("*ok", "ok!", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }

    #[test]
    fn the_strongest_pattern_decides() {
        let table = json!({"*": "major_outage", "OK": "operational", "*ok*": "degraded_performance",
            "*not ok*": "partial_outage", "ok*": "under_maintenance"});
        let states = States::read(&table).unwrap();
        for (word, state) in [
            (" Ok\n", State::OPERATIONAL),
            ("ok so far", State::DEGRADED_PERFORMANCE),
            ("it is not  ok", State::PARTIAL_OUTAGE),
            ("ok\u{200b}", State::DEGRADED_PERFORMANCE),
            ("down", State::MAJOR_OUTAGE),
        ] {
            assert_eq!(states.of(word), Some(state), "{word:?}");
        }
        assert_eq!(states.of(&"ok ".repeat(2_000)), None);
        assert_eq!(States::read(&json!({"ok": "operational"})).unwrap().of("okay"), None);
    }
}
