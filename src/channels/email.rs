//! E-mail: RFC 5322 for threads, RFC 2369 and RFC 8058 for leaving with one click.
//!
//! Facts: a message answers another by `In-Reply-To` and `References`; readers' programs run no style sheet reliably, so
//! every style stands at its element, and nothing is loaded from elsewhere.

use std::time::Duration;

use super::alarm::Urgency;
use super::{Channel, Kind, Mail, Markup, Message, Outgoing, Refusal, Reply, Sort, Spec, Wrong, cut, mail_server};
use crate::limits;
use crate::model::ledger::Style;

/// E-mail.
pub const KIND: Kind = Kind {
    name: "email",
    label: "E-mail",
    options: &[Spec {
        key: "to",
        sort: Sort::Texts,
        needed: true,
        hint: "one address or several, who see each other; the sender and its server are set once for all",
    }],
    markup: Markup::Plain,
    longest: 20_000,
    spacing: Duration::ZERO,
    make: |given| {
        let email = Email::new(given.texts("to"));
        let hint = "for example ops@example.com".to_owned();
        Ok(Box::new(email.map_err(|message| Wrong { key: "to", message, hint })?))
    },
};

/// Readers of e-mail.
#[derive(Debug)]
pub struct Email {
    to: Vec<String>,
}

impl Email {
    /// Those with these addresses, who get one mail together.
    ///
    /// # Errors
    /// Where there are none or too many, or one is no address.
    pub fn new(to: Vec<String>) -> Result<Self, String> {
        if to.is_empty() || to.len() > limits::MAIL_READERS {
            return Err(format!("takes 1 to {} addresses", limits::MAIL_READERS));
        }
        match to.iter().find(|address| !mail_server::is_address(address)) {
            Some(bad) => Err(format!("`{}` is no e-mail address", cut::line(bad))),
            None => Ok(Self { to }),
        }
    }
}

impl Channel for Email {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let plain = |text: &str| text.replace("\r\n", "\n");
        let mut text = plain(message.text.trim_end());
        if let Some(link) = message.link.as_deref().filter(|link| !text.contains(*link)) {
            text.push_str(&format!("\n\n{link}"));
        }
        text.push_str(&format!("\n\n-- \n{}\n", cut::line(message.page)));
        for (label, link) in ways_on(message) {
            text.push_str(&format!("{label}: {link}\n"));
        }
        Ok(vec![Outgoing::Mail(Box::new(Mail {
            to: self.to.clone(),
            subject: cut::chars(&cut::line(&message.title), limits::MAIL_SUBJECT),
            text,
            html: html(message),
            message_id: format!("{}@{}", message.key, message.host),
            in_reply_to: message.before.map(str::to_owned),
            unsubscribe: message.unsubscribe.clone(),
        }))])
    }

    fn read(&self, reply: &Reply<'_>) -> Result<Option<String>, Refusal> {
        let said = String::from_utf8_lossy(reply.body);
        Ok(said.lines().next().map(str::to_owned).filter(|id| id.contains('@')))
    }
}

/// What a reader can do about these messages.
fn ways_on<'a>(message: &'a Message<'_>) -> impl Iterator<Item = (&'static str, &'a String)> {
    let ways = [("Change what you are told", &message.manage), ("Unsubscribe", &message.unsubscribe)];
    ways.into_iter().filter_map(|(label, link)| Some((label, link.as_ref()?)))
}

/// The message as a page of its own, readable without a style sheet.
fn html(message: &Message<'_>) -> String {
    let safe = |text: &str| Markup::Html.neutralise(text);
    let title = safe(&cut::line(&message.title));
    let mut words = String::new();
    let mut button = message.link.as_deref().map(|link| {
        let label = if message.style == Style::Confirm { "Confirm" } else { "Open the status page" };
        format!(
            "<p style=\"margin:16px 0\"><a href=\"{}\" style=\"display:inline-block;padding:9px 16px;\
             background:#1f2937;color:#ffffff;text-decoration:none;border-radius:6px\">{label}</a></p>\n",
            safe(link)
        )
    });
    for paragraph in message.text.replace("\r\n", "\n").split("\n\n").map(str::trim) {
        // Where the words are nothing but our link, the button takes their place.
        let is_link = |line: &&str| message.link.as_deref() == Some(line.trim());
        let (links, lines): (Vec<&str>, Vec<&str>) = paragraph.lines().partition(is_link);
        if !lines.is_empty() {
            let lines = safe(&lines.join("\n")).replace('\n', "<br>\n");
            words.push_str(&format!("<p style=\"margin:0 0 12px\">{lines}</p>\n"));
        }
        if !links.is_empty() {
            words.push_str(&button.take().unwrap_or_default());
        }
    }
    words.push_str(&button.unwrap_or_default());
    let mut foot = safe(&cut::line(message.page));
    for (label, link) in ways_on(message) {
        foot.push_str(&format!(" · <a href=\"{}\" style=\"color:#57606a\">{label}</a>", safe(link)));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\n\
         <body style=\"margin:0;padding:24px 12px;background:#f3f4f6;color:#1f2328;overflow-wrap:anywhere;\
         font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif\">\n\
         <div style=\"max-width:600px;margin:0 auto;padding:20px 24px;background:#ffffff;\
         border:1px solid #d0d7de;border-left:4px solid {colour};border-radius:6px\">\n\
         <h1 style=\"margin:0 0 12px;font-size:19px;line-height:1.35\">{title}</h1>\n{words}</div>\n\
         <p style=\"max-width:600px;margin:12px auto 0;font-size:13px;color:#57606a\">{foot}</p>\n</body>\n</html>\n",
        colour = colour(message),
    )
}

/// The bar beside the message: as bad as the worst that it tells.
fn colour(message: &Message<'_>) -> &'static str {
    let over = !message.items.is_empty() && message.items.iter().all(|(item, _)| item.happening.is_end());
    match Urgency::of_message(message) {
        Urgency::Critical => "#cf222e",
        Urgency::High => "#d4650b",
        Urgency::Middle => "#bf8700",
        Urgency::Low if over => "#1a7f37",
        Urgency::Low => "#0969da",
    }
}
