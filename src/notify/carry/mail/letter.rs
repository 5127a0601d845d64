//! A mail as bytes: every header encoded, a text part always, nothing of this machine's name.

use data_encoding::BASE64;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use crate::channels::{Mail, MailServer, line};

/// Bytes of an id or of an address in a header: a line takes 998.
const TOKEN: usize = 900;
/// Bytes in one encoded word, so that it fits on a line of 76 beside the name of its header.
const ENCODED: usize = 39;

/// The mail as it is handed in.
///
/// # Errors
/// Where something of it cannot stand in a mail.
pub fn write(server: &MailServer, mail: &Mail) -> Result<Vec<u8>, String> {
    let mailbox = |name: Option<&String>, address: &str| {
        let address: Address = address.parse().map_err(|error| format!("the address {address}: {error}"))?;
        Ok::<_, String>(Mailbox::new(name.map(|name| line(name)), address))
    };
    let mut builder = Message::builder().from(mailbox(server.from_name.as_ref(), &server.from)?);
    for reader in &mail.to {
        builder = builder.to(mailbox(None, reader)?);
    }
    if let Some(reply_to) = &server.reply_to {
        builder = builder.reply_to(mailbox(None, reply_to)?);
    }
    let mut headers = vec![
        ("Subject", subject(&line(&mail.subject))),
        ("Message-ID", format!("<{}>", token(&mail.message_id)?)),
        // Who is away need not say so to us (RFC 3834).
        ("Auto-Submitted", "auto-generated".to_owned()),
    ];
    if let Some(first) = &mail.in_reply_to {
        headers.push(("In-Reply-To", format!("<{}>", token(first)?)));
        headers.push(("References", format!("<{}>", token(first)?)));
    }
    if let Some(leave) = &mail.unsubscribe {
        headers.push(("List-Unsubscribe", format!("<{}>", token(leave)?)));
        headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    for (name, value) in headers {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|error| error.to_string())?;
        // Encoded already, or made of what needs none; ids and links must not be broken into lines.
        builder = builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value));
    }
    let parts = MultiPart::alternative_plain_html(body(&mail.text), body(&mail.html));
    builder.multipart(parts).map(|message| message.formatted()).map_err(|error| error.to_string())
}

/// One line as a header holds it (RFC 2047). What looks encoded already is encoded: else it would be read as something
/// that it does not say.
fn subject(line: &str) -> String {
    if line.is_ascii() && !line.contains("=?") {
        return line.to_owned();
    }
    let mut words = vec![String::new()];
    for c in line.chars() {
        match words.last_mut() {
            Some(word) if word.len().saturating_add(c.len_utf8()) <= ENCODED => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let encoded = words.iter().map(|word| format!("=?utf-8?b?{}?=", BASE64.encode(word.as_bytes())));
    encoded.collect::<Vec<_>>().join("\r\n ")
}

/// Lines without anything else that controls.
fn body(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// An id or an address that can stand between angle brackets.
fn token(text: &str) -> Result<&str, String> {
    let good =
        !text.is_empty() && text.len() <= TOKEN && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>".contains(&b));
    if good { Ok(text) } else { Err("an id or a link of this mail cannot stand in a header".to_owned()) }
}
