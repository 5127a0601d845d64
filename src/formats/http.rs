//! A plain check: an address that answers as expected is operational, any other answer is no statement.
//!
//! That it does not answer is a fact about the way there, never shown as the vendor's outage.

use jiff::Timestamp;
use url::Url;

use super::{Adapter, Body, Clues, Document, Format, OptionProblem, Options, ParseError, Role, Sureness, json, text};
use crate::model::level::State;
use crate::model::observation::{Basis, Observation};

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "http",
    about: "a plain check that an address answers, and that its answer holds a text (`contains`)",
    compile,
    recognise: |_| Sureness::No,
    clues: Clues::NONE,
};

fn compile(options: &Options) -> Result<Box<dyn Adapter>, Vec<OptionProblem>> {
    let mut problems = Vec::new();
    let mut check = Check { contains: None, otherwise: None };
    let at = |key: &str| vec![key.to_owned()];
    let map = match options {
        Options::Null => return Ok(Box::new(check)),
        Options::Object(map) => map,
        _ => return Err(vec![OptionProblem { at: Vec::new(), message: "expected keys and values".to_owned() }]),
    };
    for (key, value) in map {
        match (key.as_str(), value.as_str()) {
            ("contains", Some(text)) if !text.is_empty() => check.contains = Some(text.to_owned()),
            ("contains", _) => {
                problems.push(OptionProblem { at: at(key), message: "expected the text to look for".to_owned() });
            }
            ("otherwise", word) => match word.and_then(State::from_word) {
                Some(state) if state != State::OPERATIONAL => check.otherwise = Some(state),
                _ => problems.push(OptionProblem {
                    at: at(key),
                    message: "expected what an answer without the text means, as `major_outage`".to_owned(),
                }),
            },
            _ => problems.push(OptionProblem {
                at: at(key),
                message: format!("unknown option `{key}`; there are `contains` and `otherwise`"),
            }),
        }
    }
    if check.otherwise.is_some() && check.contains.is_none() {
        problems.push(OptionProblem { at: at("otherwise"), message: "needs `contains` beside it".to_owned() });
    }
    if problems.is_empty() { Ok(Box::new(check)) } else { Err(problems) }
}

#[derive(Debug)]
struct Check {
    contains: Option<String>,
    otherwise: Option<State>,
}

impl Adapter for Check {
    fn documents(&self, base: &Url) -> Vec<Document> {
        vec![Document { name: "answer", url: base.clone(), role: Role::Present, accept: "*/*" }]
    }

    fn parse(&self, documents: &[Body], _now: Timestamp) -> Result<Observation, ParseError> {
        let mut observation = Observation { basis: Basis::States, ..Observation::default() };
        for body in documents {
            if !(200..300).contains(&body.status) {
                return Err(json::not_this(body, "an answer", format!("an answer with status {}", body.status)));
            }
            let state = match &self.contains {
                None => State::OPERATIONAL,
                Some(wanted) if text::decode(&body.bytes, body.content_type.as_deref()).contains(wanted) => {
                    State::OPERATIONAL
                }
                Some(wanted) => self.otherwise.ok_or_else(|| {
                    let expected = format!("an answer that holds “{}”", text::line(wanted, 60));
                    json::not_this(body, &expected, "one that does not".to_owned())
                })?,
            };
            observation.indicator = Some(observation.indicator.map_or(state, |known| known.worse(state)));
        }
        Ok(observation)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn read(options: Options, status: u16, text: &'static str) -> Result<Option<State>, ParseError> {
        let body = Body {
            name: "answer".into(),
            role: Role::Present,
            content_type: None,
            url: None,
            status,
            bytes: Bytes::from_static(text.as_bytes()),
        };
        compile(&options).unwrap().parse(&[body], Timestamp::UNIX_EPOCH).map(|seen| seen.indicator)
    }

    #[test]
    fn only_the_expected_answer_is_good_news() {
        let contains = serde_json::json!({"contains": "pong"});
        let otherwise = serde_json::json!({"contains": "pong", "otherwise": "major_outage"});
        assert_eq!(read(Options::Null, 204, ""), Ok(Some(State::OPERATIONAL)));
        assert_eq!(read(contains.clone(), 200, "pong!"), Ok(Some(State::OPERATIONAL)));
        assert!(read(contains, 200, "Sign in").is_err());
        assert_eq!(read(otherwise, 200, "Sorry"), Ok(Some(State::MAJOR_OUTAGE)));
        assert!(read(Options::Null, 503, "pong").is_err());
    }

    #[test]
    fn every_mistake_in_the_options_is_told() {
        let wrong = serde_json::json!({"contians": "x", "otherwise": "operational"});
        let problems = compile(&wrong).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
