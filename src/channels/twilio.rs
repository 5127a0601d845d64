//! SMS, by Twilio: <https://www.twilio.com/docs/messaging/api/message-resource>.
//!
//! Facts: a form to `POST /2010-04-01/Accounts/{account}/Messages.json`, signed on with the account and its auth token or
//! with an API key and its secret; 201 for what was taken; code 21610 where the reader answered STOP. There is no key
//! against sending twice, so a channel has one number: what was sent to one is not sent again because of another.
//! A message in the GSM alphabet has 153 characters per part, any other has 67.

use std::time::Duration;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Channel, Given, Kind, Markup, Message, Outgoing, Refusal, Reply, SecretUrl, Sort, Spec, Wrong, cut};

const URL: &str = "https://api.twilio.com";
/// Two parts and a bit, as long as all is in the GSM alphabet …
const GSM_MOST: usize = 320;
/// … and two parts where it is not.
const OTHER_MOST: usize = 134;
/// Letters of the GSM alphabet (3GPP TS 23.038) beyond ASCII.
const GSM: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€";
/// ASCII that is not in it.
const NOT_GSM: char = '`';

/// SMS.
pub const KIND: Kind = Kind {
    name: "twilio",
    label: "SMS (Twilio)",
    options: &[
        Spec { key: "account", sort: Sort::Text, needed: true, hint: "the Account SID, which begins with AC" },
        Spec {
            key: "token",
            sort: Sort::Secret,
            needed: true,
            hint: "the account's auth token; with `api_key`, that key's secret",
        },
        Spec { key: "api_key", sort: Sort::Text, needed: false, hint: "the SID of an API key, which begins with SK" },
        Spec { key: "from", sort: Sort::Text, needed: false, hint: "a number of the account's, like +15550100" },
        Spec {
            key: "messaging_service",
            sort: Sort::Text,
            needed: false,
            hint: "in the place of `from`: the SID of a messaging service, which begins with MG",
        },
        Spec { key: "to", sort: Sort::Text, needed: true, hint: "one number, like +15550101" },
        Spec { key: "url", sort: Sort::Url, needed: false, hint: "another server, without `/2010-04-01`" },
    ],
    markup: Markup::Plain,
    longest: GSM_MOST,
    spacing: Duration::from_secs(1),
    make,
};

fn make(given: &mut Given) -> Result<Box<dyn Channel>, Wrong> {
    let wrong = |key, message: &str, hint: &str| Wrong { key, message: message.to_owned(), hint: hint.to_owned() };
    let account = given.text("account");
    let is_sid = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_sid(&account) {
        return Err(wrong("account", "is no SID", "it begins with AC and is on the first page of the console"));
    }
    let from = match (given.maybe_text("from"), given.maybe_text("messaging_service")) {
        (Some(from), None) => ("From", from),
        (None, Some(service)) => ("MessagingServiceSid", service),
        _ => return Err(wrong("from", "stands alone: `from` or `messaging_service`", "set just one of the two")),
    };
    let to = given.text("to");
    if !is_number(&to) {
        return Err(wrong(
            "to",
            "is no telephone number",
            "write it with its country, like +15550101; one per channel",
        ));
    }
    let user = given.maybe_text("api_key").unwrap_or_else(|| account.clone());
    let token = given.secret("token");
    let login = BASE64.encode(format!("{user}:{}", token.expose_secret().trim()).as_bytes());
    let base = SecretUrl::new(super::address(given, URL)?);
    let url = base.with(&["2010-04-01", "Accounts", &account, "Messages.json"]);
    Ok(Box::new(Twilio { url, login: format!("Basic {login}").into(), from, to }))
}

/// True for a number as E.164 writes it.
pub fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

#[derive(Debug)]
struct Twilio {
    url: Url,
    login: SecretString,
    from: (&'static str, String),
    to: String,
}

impl Channel for Twilio {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let body = short(message);
        let fields = [("To", self.to.as_str()), (self.from.0, self.from.1.as_str()), ("Body", body.as_str())];
        Ok(vec![super::form(self.url.clone(), &fields, Some(self.login.clone()))])
    }

    fn refusal(&self, reply: &Reply<'_>) -> Option<Refusal> {
        let said: serde_json::Value = serde_json::from_slice(reply.body).ok()?;
        (said["code"] == 21_610).then(|| Refusal::Gone("the reader answered STOP".to_owned()))
    }
}

/// Title, text and link, as far as they go into two parts.
fn short(message: &Message<'_>) -> String {
    let words = plain(&format!("{}\n{}", cut::line(&message.title), message.text.trim()));
    let link = message.link.as_deref().map(|link| format!("\n{link}")).unwrap_or_default();
    let most = if words.chars().chain(link.chars()).all(is_gsm) { GSM_MOST } else { OTHER_MOST };
    let room = most.saturating_sub(link.chars().count());
    // A link that leaves no room for words is left out.
    if room < most / 2 {
        return fit(words.trim(), most);
    }
    format!("{}{link}", fit(words.trim(), room))
}

/// Cut without the character that would make it twice as dear.
fn fit(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{}...", cut.trim_end())
}

/// Typographic characters by the plain ones.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' | '‚' | '`' | '´' => plain.push('\''),
            '“' | '”' | '„' | '«' | '»' => plain.push('"'),
            '–' | '—' | '‑' | '−' | '•' | '·' => plain.push('-'),
            '…' => plain.push_str("..."),
            '→' => plain.push_str("->"),
            '\u{a0}' | '\u{202f}' | '\u{2009}' => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

/// True for what a message can hold without becoming one of the longer sort. Brackets and the like count twice in it,
/// which is no matter here: the limit is one of good taste.
fn is_gsm(c: char) -> bool {
    c == '\n' || (c.is_ascii() && !c.is_ascii_control() && c != NOT_GSM) || GSM.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole() {
        for good in ["+15550101", "+4915112345678", "+1234567"] {
            assert!(is_number(good), "{good}");
        }
        for bad in
            ["", "+", "15550101", "+1 555 0101", "+123456", "+1234567890123456", "whatsapp:+15550101", "+1555a101"]
        {
            assert!(!is_number(bad), "{bad}");
        }
    }

    #[test]
    fn typography_does_not_make_a_message_dearer() {
        assert_eq!(plain("“Down” — it’s 3…5"), "\"Down\" - it's 3...5");
        assert!(plain("“Down” — it’s `so`… → é").chars().all(is_gsm));
        assert!(!is_gsm('ж') && !is_gsm('🚨'));
    }
}
