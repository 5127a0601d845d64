//! The tree to typed values, all mistakes together.

use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;
use url::Url;

use super::fields::Context;
use super::ids::Ids;
use super::secret::{self, Secrets};
use super::tree::{self, Fault, Node, Value};
use super::{
    Config, Environment, PollSettings, Problem, bots, hook, notify, publish, service, sign_on, source, suggest,
};
use crate::formats::Format;
use crate::limits;
use crate::model::signon::SignOn;
use crate::model::source::PageSettings;

pub(super) fn compile(
    text: &str,
    file: &Path,
    environment: Environment<'_>,
    registry: &'static [Format],
) -> Result<Config, Vec<Problem>> {
    let mut context = Context { file, registry, secrets: Secrets::default(), faults: Vec::new() };
    let config = match tree::read(text) {
        Ok((mut root, faults)) => {
            context.faults = faults;
            secret::expand(&mut root, environment, &mut context.secrets, &mut context.faults);
            whole(&mut context, &root)
        }
        Err(fault) => {
            context.faults.push(fault);
            Config::default()
        }
    };
    let Context { mut faults, secrets, .. } = context;
    if faults.is_empty() {
        return Ok(config);
    }
    faults.sort_by_key(|fault| fault.at);
    Err(faults.into_iter().map(|fault| problem(fault, file, &secrets)).collect())
}

fn problem(fault: Fault, file: &Path, secrets: &Secrets) -> Problem {
    Problem {
        file: file.to_owned(),
        line: fault.at.line,
        column: fault.at.column,
        message: secrets.cut(&fault.message),
        hint: fault.hint.map(|hint| secrets.cut(&hint)),
    }
}

fn whole(context: &mut Context<'_>, root: &Node) -> Config {
    let mut config = Config::default();
    // A file that was cut off, or is still being written, must not empty the page.
    const NOTHING: &str = "write `sources: []` if nothing is to be watched";
    if matches!(root.value, Value::Null) {
        context.fault(root.at, "the configuration is empty", NOTHING);
        return config;
    }
    let Some(fields) = context.fields(
        root,
        "the configuration",
        &["page", "http", "auth", "bots", "poll", "sources", "services", "hooks", "notify", "publish"],
    ) else {
        return config;
    };
    if let Some(node) = fields.get("page") {
        page(context, node, &mut config);
    }
    let mut sign_on = SignOn::default();
    if let Some(node) = fields.get("http") {
        sign_on::http(context, node, &mut sign_on);
    }
    if let Some(node) = fields.get("auth") {
        sign_on::auth(context, node, &mut sign_on);
    }
    if let Some(node) = fields.get("bots") {
        bots::compile(context, node, &mut sign_on);
    }
    config.sign_on = Arc::new(sign_on);
    if let Some(node) = fields.get("poll") {
        config.poll = poll(context, node);
    }
    let mut ids = Ids::default();
    if let Some(node) = fields.get("sources") {
        for entry in context.list(node, "a list of sources") {
            config.sources.extend(source::compile(context, entry, config.poll.interval, &mut ids).map(Arc::new));
        }
    } else if fields.entry("sources").is_none() {
        context.fault(root.at, "the configuration has no `sources`", NOTHING);
    }
    let mut service_ids = Ids::default();
    if let Some(node) = fields.get("services") {
        for entry in context.list(node, "a list of services") {
            config.services.extend(service::compile(context, entry, &ids, &mut service_ids).map(Arc::new));
        }
    }
    if let Some(node) = fields.get("hooks") {
        let mut ids = Ids::default();
        for entry in context.list(node, "a list of hooks") {
            config.hooks.extend(hook::compile(context, entry, &config.services, &service_ids, &mut ids).map(Arc::new));
        }
    }
    if let Some(node) = fields.get("notify") {
        let mut page = PageSettings::clone(&config.page);
        let known = notify::Known { sources: &ids, services: &service_ids };
        config.notify = Arc::new(notify::compile(context, node, &mut page, &known));
        config.page = Arc::new(page);
    }
    if let Some(node) = fields.get("publish") {
        config.publish = Arc::new(publish::compile(context, node, &config.page));
    }
    config
}

fn page(context: &mut Context<'_>, node: &Node, config: &mut Config) {
    let Some(fields) = context.fields(node, "`page`", &["title", "url", "timezone", "access"]) else { return };
    let mut page = PageSettings::default();
    if let Some(title) = fields.get("title").and_then(|node| context.text(node, "a title")) {
        page.title = title;
    }
    page.url =
        fields.get("url").and_then(|node| context.url(node)).map(|url| url.as_str().trim_end_matches('/').to_owned());
    if let Some(zone) = fields.get("timezone").and_then(|node| context.timezone(node)) {
        page.timezone = zone;
    }
    if let Some(node) = fields.get("access") {
        match context.text(node, "`public` or `private`").as_deref() {
            Some("private") => page.private = true,
            Some("public") | None => {}
            Some(other) => context.wrong(node, "`public` or `private`", &suggest::hint(other, &["public", "private"])),
        }
    }
    config.page = Arc::new(page);
}

fn poll(context: &mut Context<'_>, node: &Node) -> PollSettings {
    let mut poll = PollSettings::default();
    let Some(fields) = context.fields(node, "`poll`", &["interval", "contact", "proxy", "allow_networks"]) else {
        return poll;
    };
    if let Some(interval) = fields.get("interval").and_then(|node| context.interval(node, limits::INTERVAL_FLOOR)) {
        poll.interval = interval;
    }
    poll.contact = fields.get("contact").and_then(|node| context.text(node, "an address or URL"));
    if poll.contact.as_ref().is_some_and(|contact| contact.chars().any(char::is_control)) {
        context.fault(fields.at, "`contact` holds a line break", "write one address or URL");
    }
    if let Some(node) = fields.get("proxy") {
        poll.proxy = context.secret(node, "the proxy");
        let good = poll.proxy.as_ref().is_none_or(|proxy| {
            Url::parse(proxy.expose_secret())
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.has_host())
        });
        if !good {
            context.fault(node.at, "the proxy is no address", "write http://host:port, https://… or socks5://…");
        }
    }
    if let Some(node) = fields.get("allow_networks") {
        poll.allow_networks = sign_on::networks(context, node);
    }
    poll
}
