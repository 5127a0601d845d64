//! Typed reading of the tree: every mistake is noted, and reading goes on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::Url;

use super::secret::{self, Secrets};
use super::suggest;
use super::tree::{Fault, Key, Mark, Node, Scalar, Value};
use crate::formats::Format;
use crate::limits;

/// What all steps share.
pub(super) struct Context<'a> {
    pub file: &'a Path,
    pub registry: &'static [Format],
    pub secrets: Secrets,
    pub faults: Vec<Fault>,
}

/// The entries of one map.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub at: Mark,
    entries: &'a [(Key, Node)],
}

impl<'a> Fields<'a> {
    /// The value of a key that is there and not empty.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|(_, node)| node).filter(|node| !matches!(node.value, Value::Null))
    }

    pub fn entry(&self, key: &str) -> Option<&'a (Key, Node)> {
        self.entries.iter().find(|(known, _)| known.text == key)
    }
}

impl Context<'_> {
    pub fn fault(&mut self, at: Mark, message: impl Into<String>, hint: impl Into<String>) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self.faults.push(Fault { at, message: message.into(), hint });
    }

    /// A map with these keys only.
    pub fn fields<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            self.wrong(node, &format!("{what} as a map"), &format!("keys: {}", keys.join(", ")));
            return None;
        };
        for (key, _) in entries {
            if !keys.contains(&key.text.as_str()) {
                self.fault(key.at, format!("unknown key `{}` in {what}", key.text), suggest::hint(&key.text, keys));
            }
        }
        Some(Fields { at: node.at, entries })
    }

    pub fn wrong(&mut self, node: &Node, expected: &str, hint: &str) {
        self.fault(node.at, format!("expected {expected}, found {}", node.found()), hint);
    }

    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => {
                self.wrong(node, what, "write one entry a line, each after `- `");
                &[]
            }
        }
    }

    fn scalar<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n Scalar> {
        match &node.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => {
                self.wrong(node, expected, "");
                None
            }
        }
    }

    /// Text; numbers count as text as they are written, booleans do not.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        let scalar = self.scalar(node, what)?;
        if scalar.boolean().is_some() {
            self.wrong(node, what, "put it in quotes if it is meant as text");
            return None;
        }
        let text = scalar.text.trim();
        if text.is_empty() {
            self.fault(node.at, format!("expected {what}, found an empty text"), "");
            return None;
        }
        Some(text.to_owned())
    }

    /// One text, or a list of them.
    pub fn texts(&mut self, node: &Node, what: &str) -> Vec<(Mark, String)> {
        if let Value::Scalar(_) = node.value {
            return self.text(node, what).map(|text| (node.at, text)).into_iter().collect();
        }
        let items = self.list(node, &format!("a list of texts ({what})"));
        items.iter().filter_map(|item| self.text(item, what).map(|text| (item.at, text))).collect()
    }

    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        let found = self.scalar(node, "true or false")?.boolean();
        if found.is_none() {
            self.wrong(node, "true or false", "write `true` or `false`, without quotes");
        }
        found
    }

    /// Reads a duration.
    fn duration(&mut self, node: &Node) -> Option<Duration> {
        let expected = "a duration such as `2m`, `90s` or `1h30m`";
        let text = self.scalar(node, expected)?.text.clone();
        let found = duration(&text);
        if found.is_none() {
            let number = text.bytes().all(|b| b.is_ascii_digit()) && !node.found().contains("environment");
            let hint = if number { format!("did you mean `{text}s`?") } else { "units are d, h, m and s".to_owned() };
            self.wrong(node, expected, &hint);
        }
        found
    }

    /// Reads a wait of at most `most` hours; `0s` is none.
    pub fn wait(&mut self, node: &Node, most: Duration) -> Option<Duration> {
        let duration = self.duration(node)?;
        if duration > most {
            let hours = most.as_secs() / 3600;
            self.fault(node.at, format!("this is at most {hours}h"), format!("write `{hours}h` or less"));
            return None;
        }
        Some(duration)
    }

    /// Reads a pace that is not under `floor`.
    pub fn interval(&mut self, node: &Node, floor: Duration) -> Option<Duration> {
        let duration = self.duration(node)?;
        if duration < floor {
            let least = floor.as_secs();
            self.fault(
                node.at,
                format!("an interval is at least {least}s"),
                format!("vendors block those who ask more often; write `{least}s` or more"),
            );
            return None;
        }
        if duration > limits::INTERVAL_CEILING {
            self.fault(node.at, "an interval is at most 24h", "write `24h` or less");
            return None;
        }
        Some(duration)
    }

    /// An absolute http or https address. Never shown in messages: it may hold a password.
    pub fn url(&mut self, node: &Node) -> Option<Url> {
        let text = self.text(node, "an address")?;
        if text.chars().count() > limits::URL {
            self.fault(node.at, format!("the address is longer than {} characters", limits::URL), "");
            return None;
        }
        let shown = matches!(&node.value, Value::Scalar(scalar) if !scalar.hidden) && !text.contains(['@', '?']);
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                if let Some(password) = url.password() {
                    self.secrets.add(password);
                }
                Some(url)
            }
            Ok(url) if text.contains("://") => {
                let scheme = url.scheme().to_owned();
                self.fault(
                    node.at,
                    format!("an address of scheme `{scheme}` cannot be read"),
                    "use https:// or http://",
                );
                None
            }
            Err(error) if text.contains("://") => {
                self.fault(
                    node.at,
                    format!("this is no address: {error}"),
                    "write it as in the browser: https://status.example.com",
                );
                None
            }
            _ => {
                let hint = if shown && text.contains('.') {
                    format!("did you mean `https://{text}`?")
                } else {
                    "write it whole, with https://".to_owned()
                };
                self.fault(node.at, "the address has no scheme", hint);
                None
            }
        }
    }

    pub fn timezone(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node, "a time zone such as `Europe/Berlin`")?;
        if TimeZone::get(&name).is_ok() {
            return Some(name);
        }
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
        let hint = match suggest::nearest(&name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use an IANA name such as `Europe/Berlin` or `UTC`".to_owned(),
        };
        self.fault(node.at, format!("unknown time zone {}", node.found()), hint);
        None
    }

    /// A secret: text, or `{file: path}`.
    pub fn secret(&mut self, node: &Node, what: &str) -> Option<SecretString> {
        let text = match &node.value {
            Value::Scalar(scalar) => scalar.text.clone(),
            Value::Map(_) => {
                let fields = self.fields(node, what, &["file"])?;
                let Some(file) = fields.get("file") else {
                    self.fault(node.at, format!("{what} names no file"), "write `{file: /run/secrets/…}`");
                    return None;
                };
                let path = self.path(file)?;
                match secret::read(&path) {
                    Ok(text) => text,
                    Err(reason) => {
                        let message = format!("cannot read the secret file {}: {reason}", path.display());
                        self.fault(file.at, message, "check the path and who may read it");
                        return None;
                    }
                }
            }
            _ => {
                self.wrong(node, &format!("{what} as text or as `{{file: /run/secrets/…}}`"), "");
                return None;
            }
        };
        self.secrets.add(&text);
        Some(SecretString::from(text))
    }

    /// A path, relative to the configuration file.
    pub fn path(&mut self, node: &Node) -> Option<PathBuf> {
        let text = self.text(node, "a path")?;
        Some(self.file.parent().unwrap_or(Path::new("")).join(text))
    }
}

/// `1h30m`, `90s`; `None` for anything else.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut seconds = 0u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let unit = after.chars().next()?;
        let factor = match unit {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
        rest = after.get(1..)?.trim_start();
    }
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [
            ("2m", Some(120)),
            ("90s", Some(90)),
            ("1h30m", Some(5400)),
            ("1h 5s", Some(3605)),
            ("5", None),
            ("", None),
            ("m", None),
            ("2w", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(duration(text), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
