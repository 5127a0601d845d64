//! `bots`: chats in whose names people ask and command.

use std::collections::BTreeMap;

use secrecy::ExposeSecret;

use super::fields::Context;
use super::tree::{Node, Value};
use crate::limits;
use crate::model::people::Hidden;
use crate::model::signon::{Bot, SignOn};

/// Reads `bots` into `sign_on`.
pub(super) fn compile(context: &mut Context<'_>, node: &Node, sign_on: &mut SignOn) {
    let Some(fields) = context.fields(node, "`bots`", &["slack", "telegram"]) else { return };
    let slack = "Slack shows it under Basic Information, as Signing Secret";
    sign_on.slack = fields.get("slack").and_then(|node| bot(context, node, "slack", "signing_secret", slack));
    let telegram = "make one with `openssl rand -hex 16`, and give it to setWebhook as `secret_token`";
    sign_on.telegram = fields.get("telegram").and_then(|node| bot(context, node, "telegram", "secret", telegram));
    if let (Some(node), Some(bot)) = (fields.get("telegram"), &sign_on.telegram)
        && !bot.secret.reveal().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        let message = "the secret of `bots.telegram` holds what Telegram does not send";
        context.fault(node.at, message, "use letters, digits, `-` and `_`");
    }
}

fn bot(context: &mut Context<'_>, node: &Node, chat: &str, key: &str, hint: &str) -> Option<Bot> {
    let fields = context.fields(node, &format!("`bots.{chat}`"), &[key, "users"])?;
    let users = fields.get("users").map(|node| users(context, node)).unwrap_or_default();
    if users.is_empty() && fields.get("users").is_none() {
        let message = format!("`bots.{chat}` has no `users`: nobody could use it");
        context.fault(node.at, message, "write `users: {ID-IN-THE-CHAT: name-of-an-account}`");
    }
    let Some(secret) = fields.get(key) else {
        context.fault(node.at, format!("`bots.{chat}` has no `{key}`"), hint);
        return None;
    };
    let at = secret.at;
    let secret = context.secret(secret, "a secret")?;
    let text = secret.expose_secret().trim();
    if text.len() < limits::HOOK_SECRET {
        context.fault(at, format!("the secret is shorter than {} characters", limits::HOOK_SECRET), hint);
        return None;
    }
    Some(Bot { secret: Hidden::new(text), users })
}

fn users(context: &mut Context<'_>, node: &Node) -> BTreeMap<String, String> {
    let Value::Map(entries) = &node.value else {
        context.wrong(node, "a map from users of the chat to accounts", "write `{U012AB3CD: robin}`");
        return BTreeMap::new();
    };
    let mut users = BTreeMap::new();
    for (user, node) in entries {
        if let Some(account) = context.text(node, "the name of an account") {
            users.insert(user.text.clone(), account.trim().to_lowercase());
        }
    }
    users
}
