//! `auth` and `http`: how people are let in, and which proxies are believed.

use ipnet::IpNet;

use super::fields::Context;
use super::suggest;
use super::tree::{Node, Value};
use crate::model::actor::Role;
use crate::model::people::Hidden;
use crate::model::signon::{Oidc, ProxySignOn, Roles, SignOn};

const ROLES: [&str; 3] = ["viewer", "operator", "admin"];

/// Reads `http` into `sign_on`.
pub(super) fn http(context: &mut Context<'_>, node: &Node, sign_on: &mut SignOn) {
    let Some(fields) = context.fields(node, "`http`", &["trusted_proxies"]) else { return };
    if let Some(node) = fields.get("trusted_proxies") {
        sign_on.trusted_proxies = networks(context, node);
    }
}

/// Reads `auth` into `sign_on`.
pub(super) fn auth(context: &mut Context<'_>, node: &Node, sign_on: &mut SignOn) {
    let keys = ["passwords", "second_factor", "proxy", "oidc"];
    let Some(fields) = context.fields(node, "`auth`", &keys) else { return };
    if let Some(passwords) = fields.get("passwords").and_then(|node| context.boolean(node)) {
        sign_on.passwords = passwords;
    }
    if let Some(node) = fields.get("second_factor") {
        match context.text(node, "`optional` or `required`").as_deref() {
            Some("required") => sign_on.second_factor = true,
            Some("optional") | None => {}
            Some(other) => {
                let hint = suggest::hint(other, &["optional", "required"]);
                context.wrong(node, "`optional` or `required`", &hint);
            }
        }
    }
    sign_on.proxy = fields.get("proxy").and_then(|node| proxy(context, node));
    sign_on.oidc = fields.get("oidc").and_then(|node| oidc(context, node));
    if !sign_on.passwords && fields.get("proxy").is_none() && fields.get("oidc").is_none() {
        let hint = "leave `passwords` on, or give `oidc` or `proxy`";
        context.fault(fields.at, "nobody could sign in: passwords are off and nothing stands in for them", hint);
    }
}

fn proxy(context: &mut Context<'_>, node: &Node) -> Option<ProxySignOn> {
    let fields = context.fields(node, "`auth.proxy`", &["header", "groups_header", "networks", "roles"])?;
    let header = fields.get("header").and_then(|node| header_name(context, node));
    let groups_header = fields.get("groups_header").and_then(|node| header_name(context, node));
    let networks = fields.get("networks").map(|node| networks(context, node)).unwrap_or_default();
    if networks.is_empty() {
        // From anywhere it would be a password that everybody knows.
        let hint = "name the addresses of the proxy: `networks: [10.0.0.2]`";
        context.fault(node.at, "`auth.proxy` names no `networks`", hint);
    }
    let roles = fields.get("roles").map(|node| roles(context, node)).unwrap_or_default();
    if roles.0.is_empty() {
        context.fault(
            node.at,
            "`auth.proxy` gives nobody a role",
            "write `roles: {group: operator}`; `*` is everybody",
        );
    }
    if header.is_none() && fields.get("header").is_none() {
        context.fault(
            node.at,
            "`auth.proxy` names no `header`",
            "write `header: X-Forwarded-User`, as the proxy sends it",
        );
    }
    Some(ProxySignOn { header: header?, groups_header, networks, roles })
}

fn header_name(context: &mut Context<'_>, node: &Node) -> Option<String> {
    let text = context.text(node, "the name of a header")?.to_ascii_lowercase();
    let good = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !good {
        context.fault(node.at, "this is no name of a header", "write it as X-Forwarded-User");
    }
    good.then_some(text)
}

fn oidc(context: &mut Context<'_>, node: &Node) -> Option<Oidc> {
    let keys = ["name", "issuer", "client_id", "client_secret", "scopes", "groups_claim", "roles"];
    let fields = context.fields(node, "`auth.oidc`", &keys)?;
    let issuer = fields.get("issuer").and_then(|node| context.url(node).map(|url| (node, url)));
    let client_id = fields.get("client_id").and_then(|node| context.text(node, "the client's id"));
    let secret = fields.get("client_secret").and_then(|node| context.secret(node, "the client's secret"));
    let scopes = fields.get("scopes").map(|node| context.texts(node, "a scope"));
    let scopes = scopes.map(|scopes| scopes.into_iter().map(|(_, scope)| scope).collect());
    let groups_claim = fields.get("groups_claim").and_then(|node| context.text(node, "the name of a claim"));
    let name = fields.get("name").and_then(|node| context.text(node, "a name"));
    let roles = fields.get("roles").map(|node| roles(context, node)).unwrap_or_default();
    for (key, is) in [("issuer", issuer.is_some()), ("client_id", client_id.is_some())] {
        if !is && fields.get(key).is_none() {
            context.fault(
                node.at,
                format!("`auth.oidc` has no `{key}`"),
                "the provider shows it where allclear is registered",
            );
        }
    }
    if roles.0.is_empty() {
        context.fault(node.at, "`auth.oidc` gives nobody a role", "write `roles: {group: operator}`; `*` is everybody");
    }
    let (at, issuer) = issuer?;
    let local = matches!(issuer.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if issuer.scheme() != "https" && !local {
        context.fault(
            at.at,
            "an identity provider without https can be impersonated by anybody in between",
            "use https://",
        );
    }
    Some(Oidc {
        name: name.unwrap_or_else(|| issuer.host_str().unwrap_or("the identity provider").to_owned()),
        issuer: issuer.as_str().to_owned(),
        client_id: client_id?,
        client_secret: secret.map(|secret| Hidden::new(secrecy::ExposeSecret::expose_secret(&secret))),
        scopes: scopes.unwrap_or_else(|| vec!["profile".to_owned(), "email".to_owned(), "groups".to_owned()]),
        groups_claim: groups_claim.unwrap_or_else(|| "groups".to_owned()),
        roles,
    })
}

fn roles(context: &mut Context<'_>, node: &Node) -> Roles {
    let Value::Map(entries) = &node.value else {
        context.wrong(node, "a map from group to role", "write `{team-ops: operator, team-it: admin}`");
        return Roles::default();
    };
    let mut roles = Vec::new();
    for (group, node) in entries {
        let Some(word) = context.text(node, "a role") else { continue };
        match Role::from_word(&word) {
            Some(role) => roles.push((group.text.clone(), role)),
            None => context.wrong(node, "a role", &suggest::hint(&word, &ROLES)),
        }
    }
    Roles(roles)
}

/// Networks, or single addresses.
pub(super) fn networks(context: &mut Context<'_>, node: &Node) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for (at, text) in context.texts(node, "a network") {
        match text.parse::<IpNet>().or_else(|_| text.parse().map(|ip: std::net::IpAddr| IpNet::from(ip))) {
            Ok(network) => networks.push(network),
            Err(_) => context.fault(at, format!("`{text}` is no network"), "write it as 10.0.0.0/8 or fd00::/8"),
        }
    }
    networks
}
