//! One entry of `notify.channels`.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::super::fields::{Context, Fields};
use super::super::ids::{self, Ids};
use super::super::suggest;
use super::super::tree::{Node, Value as Written};
use super::{Known, policy};
use crate::channels::{self, Given, Kind, Line, Sort, Value};
use crate::limits;
use crate::model::id::ChannelId;
use crate::model::policy::Policy;

/// Keys that every channel takes, besides those of its policy.
const KEYS: &[&str] = &["name", "id", "kind", "template", "allow_private"];
/// The kind that runs a command, which has to be allowed.
const COMMAND: &str = "command";
/// The kind that needs a mail server.
const MAIL: &str = "email";

/// What an entry is read against.
pub(super) struct About<'a> {
    pub known: &'a Known<'a>,
    /// What a channel hears that says nothing else.
    pub usual: &'a Policy,
    /// Commands may be run.
    pub commands: bool,
    /// E-mail can be sent.
    pub mail: bool,
}

pub(super) fn compile(context: &mut Context<'_>, node: &Node, about: &About<'_>, taken: &mut Ids) -> Option<Line> {
    let Written::Map(entries) = &node.value else {
        context.wrong(node, "a channel as a map", "write `name`, `kind` and what the kind takes");
        return None;
    };
    let kind = kind(context, node, entries.iter().find(|(key, _)| key.text == "kind").map(|(_, node)| node))?;
    let options = kind.options.iter().map(|spec| spec.key);
    let keys: Vec<&str> = KEYS.iter().chain(policy::KEYS).chain([&"only"]).copied().chain(options).collect();
    let fields = context.fields(node, &format!("a channel of the kind `{}`", kind.name), &keys)?;
    allowed(context, fields, kind, about);
    let mut secrets = Vec::new();
    let given = given(context, fields, kind, &mut secrets);
    let mut policy = policy::compile(context, fields, about.usual);
    if let Some(node) = fields.get("only") {
        policy.wants = super::wants::compile(context, node, about.known);
    }
    let (title, text) = templates(context, fields);
    let allow_private = fields.get("allow_private").and_then(|node| context.boolean(node)).unwrap_or(false);
    let (id, name) = named(context, fields, kind, taken)?;
    let channel = match (kind.make)(&mut given?) {
        Ok(channel) => Arc::from(channel),
        Err(wrong) => {
            let at = fields.entry(wrong.key).map_or(fields.at, |(_, node)| node.at);
            context.fault(at, wrong.message, wrong.hint);
            return None;
        }
    };
    Some(Line { id: ChannelId::new(id), name, kind, channel, policy, title, text, allow_private, secrets })
}

fn kind(context: &mut Context<'_>, entry: &Node, node: Option<&Node>) -> Option<&'static Kind> {
    let names: Vec<&str> = channels::REGISTRY.iter().map(|kind| kind.name).collect();
    let Some(node) = node else {
        context.fault(entry.at, "a channel without `kind`", format!("one of: {}", names.join(", ")));
        return None;
    };
    let word = context.text(node, "the kind of the channel")?;
    let found = channels::find(&word);
    if found.is_none() {
        context.fault(node.at, format!("unknown kind {}", node.found()), suggest::hint(&word, &names));
    }
    found
}

/// What has to be switched on, or said elsewhere, before a kind can be used.
fn allowed(context: &mut Context<'_>, fields: Fields<'_>, kind: &Kind, about: &About<'_>) {
    if kind.name == COMMAND && !about.commands {
        let hint = "write `commands: true` under `notify` if this file may start programs";
        context.fault(fields.at, "commands are not allowed", hint);
    }
    if kind.name == MAIL && !about.mail {
        context.fault(fields.at, "no e-mail can be sent", "say under `notify.mail` through which server it goes");
    }
}

fn named(context: &mut Context<'_>, fields: Fields<'_>, kind: &Kind, taken: &mut Ids) -> Option<(String, String)> {
    let (name, at) = match fields.get("name") {
        Some(node) => (context.text(node, "a name")?, node.at),
        None => (kind.label.to_owned(), fields.at),
    };
    let id = ids::id(context, fields, &name, at)?;
    taken.take(context, fields.at, &id, "channel");
    Some((id, name))
}

/// What the kind takes, each as its sort; nothing where something is missing or wrong.
fn given(
    context: &mut Context<'_>,
    fields: Fields<'_>,
    kind: &'static Kind,
    secrets: &mut Vec<SecretString>,
) -> Option<Given> {
    let mut given = Given::default();
    let mut whole = true;
    for spec in kind.options {
        let Some(node) = fields.get(spec.key) else {
            if spec.needed {
                let message = format!("a channel of the kind `{}` without `{}`", kind.name, spec.key);
                context.fault(fields.at, message, spec.hint);
                whole = false;
            }
            continue;
        };
        let what = format!("`{}`", spec.key);
        let value = match spec.sort {
            Sort::Text => context.text(node, &what).map(Value::Text),
            Sort::Flag => context.boolean(node).map(Value::Flag),
            Sort::Url => context.url(node).map(Value::Url),
            Sort::Texts => Some(Value::Texts(context.texts(node, &what).into_iter().map(|(_, text)| text).collect())),
            Sort::Map => map(context, node, &what).map(Value::Map),
            Sort::Secret => context.secret(node, &what).map(|secret| {
                secrets.push(secret.clone());
                Value::Secret(secret)
            }),
            Sort::SecretUrl => secret_url(context, node).map(|(url, whole)| {
                secrets.extend(parts(&url));
                secrets.push(whole);
                Value::Url(url)
            }),
        };
        match value {
            Some(value) => drop(given.0.insert(spec.key, value)),
            None => whole = false,
        }
    }
    whole.then_some(given)
}

/// An address with a secret in it, and the whole of it as it was given.
pub(super) fn secret_url(context: &mut Context<'_>, node: &Node) -> Option<(Url, SecretString)> {
    let secret = context.secret(node, "an address")?;
    let text = secret.expose_secret();
    let good = Url::parse(text.trim()).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && text.chars().count() <= limits::URL
    });
    match good {
        Some(url) => Some((url, secret)),
        None => {
            context.fault(node.at, "expected an address with http or https", "copy it from where it was made");
            None
        }
    }
}

/// What of an address would let somebody in: its query, its password, and the longer parts of its path.
fn parts(url: &Url) -> Vec<SecretString> {
    let path = url.path_segments().into_iter().flatten().filter(|part| part.len() >= 8);
    let query = url.query().into_iter();
    let password = url.password().into_iter();
    path.chain(query).chain(password).map(SecretString::from).collect()
}

fn map(context: &mut Context<'_>, node: &Node, what: &str) -> Option<Vec<(String, String)>> {
    let Written::Map(entries) = &node.value else {
        context.wrong(node, &format!("{what} as a map"), "write `NAME: TEXT`");
        return None;
    };
    let mut found = Vec::new();
    for (key, node) in entries {
        found.push((key.text.clone(), context.text(node, what)?));
    }
    Some(found)
}

fn templates(context: &mut Context<'_>, fields: Fields<'_>) -> (Option<String>, Option<String>) {
    let Some(node) = fields.get("template") else { return (None, None) };
    let Some(fields) = context.fields(node, "`template`", &["title", "text"]) else { return (None, None) };
    let mut read = |key: &str| {
        let node = fields.get(key)?;
        let text = match &node.value {
            Written::Map(_) => context.secret(node, "a template").map(|text| text.expose_secret().to_owned()),
            _ => context.text(node, "a template"),
        };
        if text.as_ref().is_some_and(|text| text.len() > limits::TEMPLATE) {
            let message = format!("a template of more than {} bytes", limits::TEMPLATE);
            context.fault(node.at, message, "make it shorter");
        }
        text
    };
    (read("title"), read("text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_takes_an_option_that_every_channel_takes() {
        let common: Vec<&str> = KEYS.iter().chain(policy::KEYS).chain([&"only"]).copied().collect();
        for kind in channels::REGISTRY {
            let twice = kind.options.iter().find(|spec| common.contains(&spec.key));
            assert!(twice.is_none(), "{}: {twice:?}", kind.name);
        }
    }
}
