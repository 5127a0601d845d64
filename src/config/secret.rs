//! Values from the environment and from secret files, and the keeping of them out of messages.

use std::path::Path;

use super::Environment;
use super::tree::{Fault, Node, Value};

/// Shorter values are too common to be told from words.
const SHORTEST: usize = 4;
/// Bytes of a secret file.
const LARGEST: u64 = 64 << 10;

/// All that must not appear in a message.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.0.push(secret.to_owned());
        }
    }

    /// The text with every known secret replaced.
    pub fn cut(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

/// Replaces `${NAME}` and `${NAME:-default}` in all values (not in keys); `$${` stands for `${`.
pub(super) fn expand(node: &mut Node, environment: Environment<'_>, secrets: &mut Secrets, faults: &mut Vec<Fault>) {
    match &mut node.value {
        Value::Null => {}
        Value::List(items) => items.iter_mut().for_each(|item| expand(item, environment, secrets, faults)),
        Value::Map(entries) => {
            entries.iter_mut().for_each(|(_, value)| expand(value, environment, secrets, faults));
        }
        Value::Scalar(scalar) if scalar.text.contains("${") => match expanded(&scalar.text, environment, secrets) {
            Ok((text, from_outside)) => {
                scalar.text = text;
                scalar.plain = false;
                scalar.hidden = from_outside;
            }
            Err((message, hint)) => {
                faults.push(Fault { at: node.at, message, hint: Some(hint) });
                // The rest of the checks would only repeat this mistake.
                node.value = Value::Null;
            }
        },
        Value::Scalar(_) => {}
    }
}

type Refusal = (String, String);

fn expanded(text: &str, environment: Environment<'_>, secrets: &mut Secrets) -> Result<(String, bool), Refusal> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut from_outside = false;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        if before.ends_with('$') {
            out.push('{');
            rest = after;
            continue;
        }
        let Some((inside, after)) = after.split_once('}') else {
            return Err((
                "`${` without `}`".to_owned(),
                "close it, or write `$${` for the characters themselves".to_owned(),
            ));
        };
        rest = after;
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err((
                "the name of an environment variable holds only letters, digits and `_`".to_owned(),
                "write `${NAME}` or `${NAME:-default}`".to_owned(),
            ));
        }
        match (environment(name).filter(|value| !value.is_empty() || default.is_none()), default) {
            (Some(value), _) => {
                secrets.add(&value);
                from_outside = true;
                out.push_str(&value);
            }
            (None, Some(default)) => out.push_str(default),
            (None, None) => {
                return Err((
                    format!("the environment variable `{name}` is not set"),
                    format!("set it, or give a default: `${{{name}:-…}}`"),
                ));
            }
        }
    }
    out.push_str(rest);
    Ok((out, from_outside))
}

/// Reads a secret file without its last line break.
///
/// # Errors
/// In words, without the content.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let text = bytes(path).and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()))?;
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text) }
}

/// Reads a small file whole.
///
/// # Errors
/// In words, without the content.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if !about.is_file() {
        return Err("it is no file".to_owned());
    }
    if about.len() > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    std::fs::read(path).map_err(|error| reason(&error))
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_and_escapes_kept() {
        let environment = |name: &str| (name == "A").then(|| "x: [1]".to_owned());
        let mut secrets = Secrets::default();
        let mut read = |text: &str| expanded(text, &environment, &mut secrets);
        assert_eq!(read("<${A}>").unwrap(), ("<x: [1]>".to_owned(), true));
        assert_eq!(read("${B:-d}").unwrap(), ("d".to_owned(), false));
        assert_eq!(read("$${A}").unwrap(), ("${A}".to_owned(), false));
        assert!(read("${B}").unwrap_err().0.contains("`B` is not set"));
        assert!(read("${A").is_err());
        assert_eq!(secrets.cut("it is x: [1]!"), "it is ***!");
    }
}
