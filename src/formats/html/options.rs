//! The operator's selectors and words, checked and compiled once.

use scraper::Selector;

use super::super::{Adapter, OptionProblem, Options};
use super::states::{self, States};

const KEYS: [&str; 6] = ["component", "name", "state", "group", "states", "end"];

/// How one page is read.
#[derive(Debug)]
pub struct Page {
    /// Finds the rows.
    pub component: Pick,
    /// In a row: what the part is called.
    pub name: Option<Pick>,
    /// In a row: the word for its state.
    pub state: Option<Pick>,
    /// Anywhere: the heading under which the rows after it stand.
    pub group: Option<Pick>,
    /// What the words mean.
    pub states: States,
    /// Text that the whole page always ends with, where it is not `</html>`.
    pub end: Option<String>,
}

/// A selector, and an attribute to read instead of the text: `i.icon@class`, `@data-status`.
#[derive(Debug)]
pub struct Pick {
    /// As the operator wrote it.
    pub written: String,
    /// `None`: the row itself.
    pub selector: Option<Selector>,
    /// `None`: its text.
    pub attribute: Option<String>,
}

/// Compiles the options; every mistake is told.
pub fn compile(options: &Options) -> Result<Box<dyn Adapter>, Vec<OptionProblem>> {
    let Options::Object(map) = options else {
        let message = "needs `component` (the selector of the rows) and `states` (what their words mean)".to_owned();
        return Err(vec![OptionProblem { at: Vec::new(), message }]);
    };
    let mut problems = Vec::new();
    for key in map.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let hint = states::nearest(key, KEYS)
            .map_or_else(|| format!("there are {}", states::quoted(KEYS)), |near| format!("did you mean `{near}`?"));
        problems.push(OptionProblem { at: vec![key.clone()], message: format!("unknown option `{key}`; {hint}") });
    }
    let mut pick = |key: &str| {
        let read = Pick::read(map.get(key)?);
        read.map_err(|message| problems.push(OptionProblem { at: vec![key.to_owned()], message })).ok()
    };
    let (component, name, state, group) = (pick("component"), pick("name"), pick("state"), pick("group"));
    for (key, pick) in [("component", &component), ("group", &group)] {
        if pick.as_ref().is_some_and(|pick| pick.selector.is_none() || (key == "component" && pick.attribute.is_some()))
        {
            let message = "finds elements of the page: write a selector without `@`".to_owned();
            problems.push(OptionProblem { at: vec![key.to_owned()], message });
        }
    }
    for (key, needed) in [("component", "the CSS selector of the rows"), ("states", "what the words of the page mean")]
    {
        if !map.contains_key(key) {
            problems.push(OptionProblem { at: Vec::new(), message: format!("needs `{key}`, {needed}") });
        }
    }
    let states = match map.get("states").map(States::read) {
        Some(Ok(states)) => Some(states),
        Some(Err(wrong)) => {
            problems.extend(wrong);
            None
        }
        None => None,
    };
    let end = map.get("end").and_then(|end| {
        let end = end.as_str().map(str::trim).filter(|end| !end.is_empty());
        let good = end.filter(|end| !end.starts_with('<') || end.ends_with('>'));
        if good.is_none() {
            let message = "expected text that only the whole page has, as `</main>`".to_owned();
            problems.push(OptionProblem { at: vec!["end".to_owned()], message });
        }
        good.map(str::to_owned)
    });
    match (component, states) {
        (Some(component), Some(states)) if problems.is_empty() => {
            Ok(Box::new(Page { component, name, state, group, states, end }))
        }
        _ => Err(problems),
    }
}

impl Pick {
    fn read(value: &Options) -> Result<Self, String> {
        let written = value.as_str().map(str::trim).filter(|written| !written.is_empty());
        let written = written.ok_or_else(|| "expected a CSS selector, as `td:nth-child(2)`".to_owned())?;
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        };
        let (selector, attribute) = match written.rsplit_once('@') {
            Some((selector, attribute)) if is_name(attribute) => {
                (selector.trim(), Some(attribute.to_ascii_lowercase()))
            }
            _ => (written, None),
        };
        let selector = match selector {
            "" => None,
            selector => Some(Selector::parse(selector).map_err(|error| format!("no CSS selector: {error}"))?),
        };
        Ok(Self { written: written.to_owned(), selector, attribute })
    }
}
