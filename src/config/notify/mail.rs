//! `notify.mail`: through which server e-mail goes.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::super::fields::Context;
use super::super::tree::Node;
use crate::channels::{MailServer, Tls};

const KEYS: &[&str] = &["server", "from", "reply_to", "ca", "allow_private", "insecure"];
const SERVER: &str =
    "write `smtps://user:password@host` (port 465) or `smtp://user:password@host` (STARTTLS, port 587)";

pub(super) fn compile(context: &mut Context<'_>, node: &Node) -> Option<MailServer> {
    let fields = context.fields(node, "`notify.mail`", KEYS)?;
    let insecure = fields.get("insecure").and_then(|node| context.boolean(node)).unwrap_or(false);
    let allow_private = fields.get("allow_private").and_then(|node| context.boolean(node)).unwrap_or(false);
    let from = match fields.get("from") {
        Some(node) => address(context, node, "the sender"),
        None => {
            context.fault(node.at, "`notify.mail` without `from`", "write `Acme status <status@acme.example>`");
            None
        }
    };
    let reply_to = fields.get("reply_to").and_then(|node| address(context, node, "where answers go"));
    let ca = fields.get("ca").and_then(|node| super::super::source::authority(context, node));
    let Some(node) = fields.get("server") else {
        context.fault(node.at, "`notify.mail` without `server`", SERVER);
        return None;
    };
    let secret = context.secret(node, "the mail server")?;
    let Some(url) = Url::parse(secret.expose_secret().trim()).ok().filter(Url::has_host) else {
        context.fault(node.at, "the mail server is no address", SERVER);
        return None;
    };
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let (tls, usual) = match url.scheme() {
        "smtps" => (Tls::Implicit, 465),
        "smtp" if insecure => (Tls::None, 25),
        "smtp" => (Tls::Required, 587),
        _ => {
            context.fault(node.at, "the mail server's address does not begin with `smtps` or `smtp`", SERVER);
            return None;
        }
    };
    let decoded = |text: &str| percent(text);
    let user = Some(url.username()).filter(|user| !user.is_empty()).map(decoded);
    let password = url.password().map(decoded).map(SecretString::from);
    if let Some(password) = &password {
        context.secrets.add(password.expose_secret());
    }
    let port = url.port().unwrap_or(usual);
    Some(MailServer { host, port, tls, user, password, from: from?, reply_to, ca, allow_private })
}

/// `name@host` or `Name <name@host>`, on one line.
fn address(context: &mut Context<'_>, node: &Node, what: &str) -> Option<String> {
    let text = context.text(node, what)?;
    let bare = text.rsplit_once('<').map_or(text.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    let good = bare.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.chars().any(char::is_control)
        && bare.matches('@').count() == 1
        && !bare.contains(char::is_whitespace);
    if !good {
        context.wrong(node, "an e-mail address", "write `Acme status <status@acme.example>`");
    }
    good.then_some(text)
}

/// Undoes `%40` and the like in a user's name or password.
fn percent(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
