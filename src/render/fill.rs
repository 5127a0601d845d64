//! Templates of incidents: words with names between braces, filled in. A name is all that can stand there: words of an
//! operator run nothing.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior};

/// Words that cannot be filled in, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// Something else than a name stands between braces.
    #[error("`{0}` cannot be filled in: between two braces stands one name, as in {{{{region}}}}")]
    NoName(String),
    /// A name has no value.
    #[error("{0} is not filled in")]
    Missing(String),
    /// It could not be filled in for another reason.
    #[error("it cannot be filled in: {0}")]
    Other(String),
}

/// The names that are to be filled in, in the order in which they first stand.
///
/// # Errors
/// Where something else stands between braces.
pub fn variables<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, FillError> {
    let mut names: Vec<String> = Vec::new();
    for text in texts {
        if let Some(mark) = ["{%", "{#"].into_iter().find(|mark| text.contains(mark)) {
            return Err(FillError::NoName(mark.to_owned()));
        }
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("{{") {
            let shown = || FillError::NoName(format!("{{{{{}", after.chars().take(30).collect::<String>()));
            let (inside, after) = after.split_once("}}").ok_or_else(shown)?;
            let name = inside.trim();
            if !is_name(name) {
                return Err(shown());
            }
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
            rest = after;
        }
    }
    Ok(names)
}

/// The words with every name replaced by its value, as it is: nothing is escaped, and a value is not filled in again.
///
/// # Errors
/// Where a name has no value, or something else than a name stands between braces.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> Result<String, FillError> {
    let names = variables([text])?;
    let is_missing = |name: &&String| values.get(*name).is_none_or(|value| value.trim().is_empty());
    if let Some(missing) = names.iter().find(is_missing) {
        return Err(FillError::Missing(missing.clone()));
    }
    let mut bare = Environment::empty();
    bare.set_undefined_behavior(UndefinedBehavior::Strict);
    bare.render_str(text, minijinja::value::Serde(values)).map_err(|error| FillError::Other(error.to_string()))
}

/// Letters, digits and low lines, no digit first; none of the words that mean something between braces.
fn is_name(name: &str) -> bool {
    const TAKEN: [&str; 10] = ["true", "false", "none", "True", "False", "None", "and", "or", "not", "if"];
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
        && !TAKEN.contains(&name)
        && !matches!(name, "in" | "is" | "else" | "loop" | "self")
        && name.len() <= 40
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn names_between_braces_are_filled_in_and_nothing_else_is_touched() {
        let given = values(&[("region", "eu <b>{{name}}</b>"), ("name", "x")]);
        for (text, filled) in [
            ("Slow in {{region}}", "Slow in eu <b>{{name}}</b>"),
            ("{{ name }} and\n{{name}}", "x and\nx"),
            ("no names { here } at all", "no names { here } at all"),
            ("", ""),
        ] {
            assert_eq!(fill(text, &given).as_deref(), Ok(filled), "{text}");
        }
        assert_eq!(variables(["{{b}} {{a}}", "{{a}}{{c}}"]).unwrap(), ["b", "a", "c"]);
    }

    #[test]
    fn what_is_no_name_is_refused_and_never_run() {
        for text in [
            "{{ 'a' * 100000000 }}",
            "{{ a.b }}",
            "{{ range(9) }}",
            "{{ a|upper }}",
            "{{",
            "{{}}",
            "{{ a",
            "{% for a in b %}{% endfor %}",
            "{# a #}",
            "{{ true }}",
            "{{ 1a }}",
        ] {
            assert!(matches!(fill(text, &values(&[("a", "x")])), Err(FillError::NoName(_))), "{text}");
        }
    }

    #[test]
    fn a_name_without_a_value_is_asked_for() {
        for given in [values(&[]), values(&[("a", "  ")])] {
            assert_eq!(fill("{{a}}", &given), Err(FillError::Missing("a".into())));
        }
    }
}
