//! `publish`: to which places the page goes as files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use url::Url;

use super::fields::{Context, Fields};
use super::tree::{Node, Value};
use crate::limits;
use crate::model::outlet::{Bucket, BucketKind, Outlet, Place};
use crate::model::people::Hidden;
use crate::model::source::PageSettings;

const KEYS: &[&str] = &[
    "to",
    "every",
    "cache",
    "private",
    "endpoint",
    "region",
    "key_id",
    "secret_key",
    "token",
    "account",
    "access_key",
    "credentials",
    "ca",
];
/// What an address of a place begins with.
const SCHEMES: [&str; 4] = ["file", "s3", "gs", "az"];
/// Keys that only some kinds of places know.
const S3: &[&str] = &["endpoint", "region", "key_id", "secret_key", "token", "ca"];
const GOOGLE: &[&str] = &["endpoint", "credentials", "ca"];
const AZURE: &[&str] = &["endpoint", "account", "access_key", "ca"];
const TO: &str = "write a folder, or `s3://bucket/prefix`, `gs://…`, `az://…`";

/// Reads `publish`: one place, or a list of them.
pub(super) fn compile(context: &mut Context<'_>, node: &Node, page: &PageSettings) -> Vec<Arc<Outlet>> {
    let entries = match &node.value {
        Value::Map(_) => std::slice::from_ref(node),
        _ => context.list(node, "a place to publish to, or a list of them"),
    };
    let mut outlets: Vec<Arc<Outlet>> = Vec::new();
    for entry in entries {
        let Some(outlet) = one(context, entry, page) else { continue };
        if outlets.iter().any(|known| known.place.to_string() == outlet.place.to_string()) {
            let hint = "two at one place would be in each other's way; remove one";
            context.fault(entry.at, format!("`{}` is there twice", outlet.place), hint);
        }
        outlets.push(Arc::new(outlet));
    }
    outlets
}

fn one(context: &mut Context<'_>, node: &Node, page: &PageSettings) -> Option<Outlet> {
    let fields = context.fields(node, "`publish`", KEYS)?;
    let every = wait(context, fields, "every", limits::PUBLISH_FLOOR, limits::PUBLISH_CEILING);
    let cache = wait(context, fields, "cache", Duration::ZERO, limits::PUBLISH_CACHE);
    let private = fields.get("private").and_then(|node| context.boolean(node)).unwrap_or(false);
    let Some(to) = fields.get("to") else {
        context.fault(fields.at, "`publish` without `to`", TO);
        return None;
    };
    if page.private && !private {
        let hint = "write `private: true` here if whoever can read that place may read the page";
        context.fault(to.at, "the page is private, and this would publish it", hint);
    }
    let place = place(context, fields, to)?;
    Some(Outlet { place, every: every.unwrap_or(limits::PUBLISH_EVERY), cache: cache.unwrap_or_default(), private })
}

fn wait(context: &mut Context<'_>, fields: Fields<'_>, key: &str, least: Duration, most: Duration) -> Option<Duration> {
    let node = fields.get(key)?;
    let wait = context.wait(node, limits::PUBLISH_WHOLE)?;
    if (least..=most).contains(&wait) {
        return Some(wait);
    }
    let (least, most) = (least.as_secs(), most.as_secs());
    context.fault(node.at, format!("`{key}` is from {least}s to {most}s"), format!("write `{most}s` or less"));
    None
}

fn place(context: &mut Context<'_>, fields: Fields<'_>, to: &Node) -> Option<Place> {
    let text = context.text(to, "a place")?;
    let Some((scheme, rest)) = text.split_once("://") else {
        // `gs:/bucket` would be a folder of that name, and nothing would ever reach the bucket.
        if text.split_once(':').is_some_and(|(scheme, _)| SCHEMES.contains(&scheme)) {
            context.fault(to.at, "an address has `://` behind its scheme", TO);
            return None;
        }
        only(context, fields, "a folder", &[]);
        return context.path(to).map(Place::Folder);
    };
    let (kind, keys) = match scheme {
        "file" => {
            only(context, fields, "a folder", &[]);
            return folder(context, to, &text).map(Place::Folder);
        }
        "s3" => (BucketKind::S3, S3),
        "gs" => (BucketKind::Google, GOOGLE),
        "az" => (BucketKind::Azure, AZURE),
        _ => {
            context.fault(to.at, "nothing can be published to such an address", TO);
            return None;
        }
    };
    only(context, fields, &format!("`{scheme}://`"), keys);
    let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_matches('/');
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            && !part.starts_with('.')
    };
    if !plain(name) || !(prefix.is_empty() || prefix.split('/').all(plain)) {
        let hint =
            format!("write `{scheme}://bucket/prefix`, with letters, digits, `.`, `-` and `_`; keys are options");
        context.fault(to.at, "this names no bucket and prefix", hint);
        return None;
    }
    bucket(context, fields, kind, name, prefix).map(Place::Bucket)
}

fn folder(context: &mut Context<'_>, to: &Node, text: &str) -> Option<PathBuf> {
    let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
    if path.is_none() {
        context.fault(to.at, "this names no folder", "write `file:///var/www/status`, or the path alone");
    }
    path
}

/// Says which keys mean nothing for this kind of place.
fn only(context: &mut Context<'_>, fields: Fields<'_>, what: &str, keys: &[&str]) {
    for key in KEYS.iter().filter(|key| !["to", "every", "cache", "private"].contains(key) && !keys.contains(key)) {
        if let Some((written, _)) = fields.entry(key) {
            context.fault(written.at, format!("`{key}` means nothing for {what}"), "remove it");
        }
    }
}

fn bucket(context: &mut Context<'_>, fields: Fields<'_>, kind: BucketKind, name: &str, prefix: &str) -> Option<Bucket> {
    let endpoint = fields.get("endpoint").and_then(|node| context.url(node));
    let region = fields.get("region").and_then(|node| context.text(node, "a region"));
    let (id, key) = match kind {
        BucketKind::S3 => ("key_id", "secret_key"),
        BucketKind::Google => ("", "credentials"),
        BucketKind::Azure => ("account", "access_key"),
    };
    let key_id = fields.get(id).and_then(|node| context.text(node, "the name of a key"));
    let mut secret = |key: &str| {
        let secret = fields.get(key).and_then(|node| context.secret(node, &format!("`{key}`")));
        secret.map(|secret| Hidden::new(secret.expose_secret()))
    };
    let (hidden, token) = (secret(key), secret("token"));
    let ca = fields.get("ca").and_then(|node| super::source::authority(context, node));
    let pairs: &[(&str, &str)] = match kind {
        BucketKind::S3 => &[("key_id", "secret_key"), ("secret_key", "key_id")],
        BucketKind::Google => &[],
        BucketKind::Azure => &[("access_key", "account")],
    };
    // One without the other would have the machine's own keys used instead.
    for (one, other) in pairs {
        if let Some((written, _)) = fields.entry(one)
            && fields.entry(other).is_none()
        {
            context.fault(written.at, format!("`{one}` without `{other}`"), format!("give `{other}`, too"));
            return None;
        }
    }
    Some(Bucket {
        kind,
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: endpoint.map(|url| url.as_str().trim_end_matches('/').to_owned()),
        region,
        key_id,
        key: hidden,
        token,
        ca,
    })
}
