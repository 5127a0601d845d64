//! `notify.mail`: through which server e-mail goes.

use super::super::fields::Context;
use super::super::tree::Node;
use crate::channels::MailServer;

const KEYS: &[&str] = &["server", "from", "reply_to", "ca", "allow_private"];

pub(super) fn compile(context: &mut Context<'_>, node: &Node) -> Option<MailServer> {
    let fields = context.fields(node, "`notify.mail`", KEYS)?;
    let allow_private = fields.get("allow_private").and_then(|node| context.boolean(node)).unwrap_or(false);
    let reply_to = fields.get("reply_to").and_then(|node| context.text(node, "where answers go"));
    let ca = fields.get("ca").and_then(|node| super::super::source::authority(context, node));
    let mut needed = |key: &str, hint: &str| {
        let node = fields.get(key);
        if node.is_none() {
            context.fault(fields.at, format!("`notify.mail` without `{key}`"), hint);
        }
        node
    };
    let server = needed("server", "write `smtps://user:password@mail.example.com`")?;
    let from = needed("from", "write `Acme status <status@acme.example>`")?;
    let (secret, from) = (context.secret(server, "the mail server")?, context.text(from, "the sender")?);
    match MailServer::new(&secret, &from, reply_to.as_deref()) {
        Ok(made) => Some(MailServer { allow_private, ca, ..made }),
        Err(wrong) => {
            // It calls the server's address `url`, as its parts are named there.
            let key = if wrong.key == "url" { "server" } else { wrong.key };
            let at = fields.entry(key).map_or(fields.at, |(_, node)| node.at);
            context.fault(at, format!("`{key}` {}", wrong.message), wrong.hint);
            None
        }
    }
}
