//! One entry of `sources`.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::fields::{Context, Fields};
use super::ids::{self, Ids};
use super::tree::{Mark, Node, Value};
use super::{Reader, SourceConfig, secret, suggest, target};
use crate::catalog::{self, Vendor};
use crate::formats::{Format, Options};
use crate::limits;
use crate::model::filter::Filter;
use crate::model::id::SourceId;
use crate::model::news::Tier;
use crate::model::source::Source;

const KEYS: &[&str] = &[
    "use",
    "id",
    "name",
    "url",
    "tags",
    "tier",
    "format",
    "components",
    "ignore",
    "interval",
    "headers",
    "token",
    "hook",
    "allow_private",
    "ca",
    "target",
];
/// A glob's usual mistakes.
const GLOB: &str = "`*` stands for anything, `[` and `{` need their end";

pub(super) fn compile(context: &mut Context<'_>, node: &Node, pace: Duration, taken: &mut Ids) -> Option<SourceConfig> {
    if let Value::Scalar(_) = node.value {
        let vendor = vendor(context, node)?;
        let bare = Node { at: node.at, value: Value::Map(Vec::new()) };
        let fields = context.fields(&bare, "a source", KEYS)?;
        return entry(context, fields, Some(vendor), pace, taken);
    }
    if let Value::Null = node.value {
        context.wrong(node, "a source", "write a name from the catalogue, or `name` and `url`");
        return None;
    }
    let keys: Vec<&str> = KEYS.iter().copied().chain(context.registry.iter().map(|format| format.name)).collect();
    let fields = context.fields(node, "a source", &keys)?;
    let vendor = match fields.get("use") {
        Some(node) => Some(vendor(context, node)?),
        None => None,
    };
    entry(context, fields, vendor, pace, taken)
}

fn vendor(context: &mut Context<'_>, node: &Node) -> Option<&'static Vendor> {
    let name = context.text(node, "a name from the catalogue")?;
    let found = catalog::find(&name);
    if found.is_none() {
        let near = catalog::suggest(&name);
        let hint = match near.first() {
            Some(first) => format!("did you mean {first}?"),
            None => "search with `allclear catalog`, or give `name` and `url`".to_owned(),
        };
        context.fault(node.at, format!("{} is not in the catalogue", node.found()), hint);
    }
    found
}

fn entry(
    context: &mut Context<'_>,
    fields: Fields<'_>,
    vendor: Option<&'static Vendor>,
    pace: Duration,
    taken: &mut Ids,
) -> Option<SourceConfig> {
    let name = match fields.get("name") {
        Some(node) => context.text(node, "a name"),
        None => vendor.map(|vendor| vendor.name.to_owned()),
    };
    let own_url = fields.get("url").map(|node| (context.url(node), hidden(node)));
    let address = match &own_url {
        Some((url, _)) => url.clone(),
        None => vendor.map(|vendor| vendor.address.clone()),
    };
    if fields.get("name").is_none() && fields.entry("name").is_none() && vendor.is_none() && own_url.is_some() {
        context.fault(fields.at, "a source without `name`", "give it a `name`");
    }
    if own_url.is_none() && fields.entry("url").is_none() && vendor.is_none() {
        context.fault(fields.at, "a source without an address", "give it a `url`, or `use` a name from the catalogue");
    }
    let tags = match fields.get("tags") {
        Some(_) => ids::tags(context, fields),
        None => vendor.map(|vendor| vec![vendor.category.to_owned()]).unwrap_or_default(),
    };
    let tier = fields.get("tier").and_then(|node| tier(context, node)).unwrap_or_default();
    let filter = filter(context, fields, vendor);
    let host = address.as_ref().and_then(Url::host_str).unwrap_or_default();
    let floor = limits::interval_floor(host);
    let interval = fields.get("interval").and_then(|node| context.interval(node, floor)).unwrap_or(pace);
    let headers = headers(context, fields);
    let allow_private = fields.get("allow_private").and_then(|node| context.boolean(node)).unwrap_or(false);
    let hook = hook(context, fields);
    let ca = fields.get("ca").and_then(|node| authority(context, node));
    let target = fields.get("target").and_then(|node| target::compile(context, node));
    let reading = reading(context, fields, vendor);
    let id = match (fields.get("id"), &name, vendor) {
        (None, _, Some(vendor)) => Some(vendor.slug.to_owned()),
        (_, Some(name), _) => ids::id(context, fields, name, fields.at),
        _ => None,
    };
    if let Some(id) = &id {
        taken.take(context, fields.at, id, "source");
    }
    let (id, name, address) = (id?, name?, address?);
    let (reader, options) = match reading {
        Some((reader, options)) => (Some(reader), options),
        None => (None, Options::Null),
    };
    let format = reader.as_ref().map(|reader| reader.format.name);
    let url = match (&own_url, vendor) {
        (None, Some(vendor)) => vendor.page.to_owned(),
        _ => public(&address, own_url.as_ref().is_some_and(|(_, hidden)| *hidden)),
    };
    let fingerprint = fingerprint(&address, format, &options);
    let (id, format) = (SourceId::new(id), format.map(str::to_owned));
    let source = Source { id, name, url, tags, tier, format, filter, interval, target };
    let options = if options.is_null() { String::new() } else { digest(&options.to_string()) };
    let source = Arc::new(source);
    Some(SourceConfig { source, address, reader, options, headers, allow_private, ca, hook, fingerprint })
}

fn tier(context: &mut Context<'_>, node: &Node) -> Option<Tier> {
    let words = Tier::ALL.map(Tier::as_str);
    let word = context.text(node, "how much the source matters")?;
    let found = Tier::from_word(&word);
    if found.is_none() {
        context.fault(node.at, format!("unknown tier {}", node.found()), suggest::hint(&word, &words));
    }
    found
}

fn filter(context: &mut Context<'_>, fields: Fields<'_>, vendor: Option<&Vendor>) -> Filter {
    let mut patterns = |key: &str| -> Option<Vec<String>> {
        let texts = context.texts(fields.get(key)?, "a pattern");
        let mut good = Vec::new();
        for (at, text) in texts {
            match Filter::new(&[&text], &[]) {
                Ok(_) => good.push(text),
                Err(message) => context.fault(at, message, GLOB),
            }
        }
        Some(good)
    };
    let only = patterns("components").unwrap_or_default();
    let mut ignore = patterns("ignore").unwrap_or_default();
    ignore.extend(vendor.iter().flat_map(|vendor| vendor.ignore.iter()).map(|pattern| (*pattern).to_owned()));
    match Filter::new(&only, &ignore) {
        Ok(filter) => filter,
        Err(message) => {
            context.fault(fields.at, message, GLOB);
            Filter::default()
        }
    }
}

fn headers(context: &mut Context<'_>, fields: Fields<'_>) -> Vec<(String, SecretString)> {
    let mut headers = Vec::new();
    if let Some(node) = fields.get("headers") {
        let Value::Map(entries) = &node.value else {
            context.wrong(node, "a map of headers", "write `Name: value`");
            return headers;
        };
        for (key, value) in entries {
            let good = !key.text.is_empty()
                && key.text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
            if !good {
                context.fault(key.at, "this is no name of a header", "use letters, digits and `-`");
            }
            if let Some(secret) = context.secret(value, "a header").filter(|secret| sendable(context, value.at, secret))
            {
                headers.push((key.text.clone(), secret));
            }
        }
    }
    if let Some(node) = fields.get("token") {
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            context.fault(node.at, "`token` and the header `Authorization` say the same", "remove one of them");
        }
        if let Some(token) = context.secret(node, "the token").filter(|secret| sendable(context, node.at, secret)) {
            headers.push(("Authorization".into(), SecretString::from(format!("Bearer {}", token.expose_secret()))));
        }
    }
    headers
}

/// The secret in the address to which the vendor pushes. It must stand in an address as it is.
fn hook(context: &mut Context<'_>, fields: Fields<'_>) -> Option<SecretString> {
    let node = fields.get("hook")?;
    let secret = context.secret(node, "the hook's secret")?;
    let text = secret.expose_secret();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    if plain && text.len() >= limits::HOOK_SECRET {
        return Some(secret);
    }
    let message =
        format!("the hook's secret is not {} or more letters, digits, `-`, `.`, `_` or `~`", limits::HOOK_SECRET);
    context.fault(node.at, message, "make one with `openssl rand -hex 16`");
    None
}

fn sendable(context: &mut Context<'_>, at: Mark, secret: &SecretString) -> bool {
    let good = !secret.expose_secret().chars().any(|c| c.is_control() && c != '\t');
    if !good {
        context.fault(at, "the value holds a line break or another control character", "a header is one line");
    }
    good
}

pub(super) fn authority(context: &mut Context<'_>, node: &Node) -> Option<Vec<u8>> {
    let path = context.path(node)?;
    let reason = match secret::bytes(&path) {
        Ok(pem) if pem.windows(27).any(|part| part == b"-----BEGIN CERTIFICATE-----") => return Some(pem),
        Ok(_) => "it holds no certificate in PEM".to_owned(),
        Err(reason) => reason,
    };
    context.fault(node.at, format!("cannot use {} as `ca`: {reason}", path.display()), "give the path of a PEM file");
    None
}

/// The format with its options; `None` where it is to be detected, or where a mistake was noted.
fn reading(context: &mut Context<'_>, fields: Fields<'_>, vendor: Option<&Vendor>) -> Option<(Reader, Options)> {
    let registry = context.registry;
    let mut blocks = registry.iter().filter_map(|format| fields.entry(format.name).map(|entry| (format, entry)));
    let block = blocks.next();
    let more: Vec<Mark> = blocks.map(|(_, (key, _))| key.at).collect();
    for at in more {
        context.fault(at, "options of a second format", "a source has one format: remove the others");
    }
    let format = match fields.get("format") {
        Some(node) => Some(named(context, node)?),
        None => match (block, vendor) {
            (Some((format, _)), _) => Some(format),
            (None, Some(vendor)) if fields.get("url").is_none() => {
                registry.iter().find(|format| format.name == vendor.format)
            }
            _ => None,
        },
    }?;
    match block {
        Some((other, (key, _))) if other.name != format.name => {
            let message = format!("options of `{}`, but the format is `{}`", other.name, format.name);
            context.fault(key.at, message, "change `format`, or remove the options");
            None
        }
        Some((_, (_, node))) => compiled(context, format, Some(node), node.at, node.json()),
        None => {
            let options = vendor.filter(|vendor| vendor.format == format.name).map(|vendor| vendor.options.clone());
            compiled(context, format, None, fields.at, options.unwrap_or_default())
        }
    }
}

fn named(context: &mut Context<'_>, node: &Node) -> Option<&'static Format> {
    let name = context.text(node, "the name of a format")?;
    let registry = context.registry;
    let found = registry.iter().find(|format| format.name == name);
    if found.is_none() {
        let known: Vec<&str> = registry.iter().map(|format| format.name).collect();
        context.fault(node.at, format!("unknown format {}", node.found()), suggest::hint(&name, &known));
    }
    found
}

fn compiled(
    context: &mut Context<'_>,
    format: &'static Format,
    block: Option<&Node>,
    at: Mark,
    options: Options,
) -> Option<(Reader, Options)> {
    match (format.compile)(&options) {
        Ok(adapter) => Some((Reader { format, adapter: Arc::from(adapter) }, options)),
        Err(problems) => {
            if problems.is_empty() {
                context.fault(at, format!("`{}` cannot be read with these options", format.name), "");
            }
            for problem in problems {
                let at = block.map_or(at, |node| node.place(&problem.at));
                let path: String = problem.at.iter().map(|part| format!(".{part}")).collect();
                context.fault(at, format!("{}{path}: {}", format.name, problem.message), "");
            }
            None
        }
    }
}

fn hidden(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar) if scalar.hidden)
}

/// The address without what is secret in it.
fn public(address: &Url, hidden: bool) -> String {
    let mut url = address.clone();
    // Both only fail for addresses without a host, which hold no secret.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if hidden {
        url.set_query(None);
    }
    url.set_fragment(None);
    let text = url.to_string();
    if url.path() == "/" && url.query().is_none() { text.trim_end_matches('/').to_owned() } else { text }
}

fn fingerprint(address: &Url, format: Option<&str>, options: &Options) -> String {
    let text = format!("{address}\n{}\n{options}\n{}", format.unwrap_or_default(), env!("CARGO_PKG_VERSION"));
    digest(&text)
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
