//! The server that takes our e-mail, and from whom it comes.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Wrong, cut};

/// Where mail is handed in.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name, or a literal address; its certificate is for this.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept from others.
    pub tls: Tls,
    /// Who hands in, and their password.
    pub login: Option<(String, SecretString)>,
    /// The sender's name.
    pub from_name: Option<String>,
    /// The sender's address.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// May be on a network that is not public.
    pub allow_private: bool,
    /// PEM of a private certificate authority that is trusted as well.
    pub ca: Option<Vec<u8>>,
}

/// How the way to a mail server is kept from others. Certificates are always checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte, as on port 465.
    Implicit,
    /// By STARTTLS, or not at all.
    Required,
    /// It is not.
    None,
}

impl MailServer {
    /// Reads `smtps://user:password@host:465` or `smtp://host:587`, and a sender like `Status <status@example.com>`.
    /// `smtp` asks for STARTTLS; `?tls=none` goes without on this machine, `?tls=insecure` anywhere.
    ///
    /// # Errors
    /// Where one of them is not of this form; `key` is `url`, `from` or `reply_to`.
    pub fn new(url: &SecretString, from: &str, reply_to: Option<&str>) -> Result<Self, Wrong> {
        let wrong = |key, message: &str, hint: &str| Wrong { key, message: message.to_owned(), hint: hint.to_owned() };
        let form = "for example smtps://user:password@mail.example.com:465 or smtp://mail.example.com:587";
        let url: Url = url.expose_secret().trim().parse().map_err(|_| wrong("url", "is no address", form))?;
        let host = url.host_str().map(|host| host.trim_start_matches('[').trim_end_matches(']').to_owned());
        let host = host.filter(|host| !host.is_empty()).ok_or_else(|| wrong("url", "names no host", form))?;
        let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let (usual, tls) = match (url.scheme(), asked.as_deref()) {
            ("smtps", None | Some("required")) => (465, Tls::Implicit),
            ("smtp", None | Some("required")) => (587, Tls::Required),
            ("smtp", Some("none")) if is_here(&host) => (25, Tls::None),
            ("smtp", Some("insecure")) => (25, Tls::None),
            ("smtp", Some("none")) => {
                let hint = "leave `tls` out, or write `tls=insecure` if you mean it";
                return Err(wrong("url", "goes without TLS over a network", hint));
            }
            _ => return Err(wrong("url", "is neither smtp nor smtps, or its `tls` is not known", form)),
        };
        let decoded = |text: &str| {
            let pairs = format!("x={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(pairs.as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let login = (!url.username().is_empty())
            .then(|| (decoded(url.username()), SecretString::from(decoded(url.password().unwrap_or_default()))));
        if tls == Tls::None && login.is_some() && !is_here(&host) {
            let hint = "leave `tls` out, or send without signing on";
            return Err(wrong("url", "would send its password over a network without TLS", hint));
        }
        let sender = "for example `Status <status@example.com>`";
        let (from_name, from) = mailbox(from).ok_or_else(|| wrong("from", "is no e-mail address", sender))?;
        let reply_to = match reply_to.map(mailbox) {
            Some(None) => return Err(wrong("reply_to", "is no e-mail address", "for example ops@example.com")),
            Some(Some((_, address))) => Some(address),
            None => None,
        };
        let port = url.port().unwrap_or(usual);
        Ok(Self { host, port, tls, login, from_name, from, reply_to, allow_private: false, ca: None })
    }
}

/// True for this machine.
fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The name, where there is one, and the address of `Name <address>`.
fn mailbox(text: &str) -> Option<(Option<String>, String)> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (cut::line(name.trim().trim_matches('"')), address.trim()),
        None => (String::new(), text),
    };
    is_address(address).then(|| (Some(name).filter(|name| !name.is_empty()), address.to_owned()))
}

/// True for an e-mail address that every server takes: no quotes, no comments, nothing beyond ASCII.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_word = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let local_good =
        (1..=64).contains(&local.len()) && local.split('.').all(|part| !part.is_empty() && part.chars().all(is_word));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    local_good && text.len() <= 254 && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Result<MailServer, Wrong> {
        MailServer::new(&url.into(), "All clear <status@example.com>", None)
    }

    #[test]
    fn an_address_says_how_the_way_is_kept() {
        for (url, host, port, tls) in [
            ("smtps://mail.example.com", "mail.example.com", 465, Tls::Implicit),
            ("smtps://mail.example.com:4650", "mail.example.com", 4_650, Tls::Implicit),
            ("smtp://mail.example.com", "mail.example.com", 587, Tls::Required),
            ("smtp://mail.example.com:25?tls=required", "mail.example.com", 25, Tls::Required),
            ("smtp://127.0.0.1:2525?tls=none", "127.0.0.1", 2_525, Tls::None),
            ("smtp://[::1]:2525?tls=none", "::1", 2_525, Tls::None),
            ("smtp://relay.example.com?tls=insecure", "relay.example.com", 25, Tls::None),
        ] {
            let server = server(url).unwrap();
            assert_eq!((server.host.as_str(), server.port, server.tls), (host, port, tls), "{url}");
            assert_eq!((server.from_name.as_deref(), server.from.as_str()), (Some("All clear"), "status@example.com"));
        }
    }

    #[test]
    fn nothing_goes_unprotected_by_mistake() {
        for url in [
            "smtp://relay.example.com?tls=none",
            "smtp://user:hush@relay.example.com?tls=insecure",
            "smtp://relay.example.com?tls=maybe",
            "smtps://relay.example.com?tls=none",
            "http://relay.example.com",
            "relay.example.com:25",
            "smtp://",
            "",
        ] {
            let wrong = server(url).unwrap_err();
            assert_eq!(wrong.key, "url", "{url}");
            assert!(!format!("{wrong:?}").contains("hush"), "{wrong:?}");
        }
    }

    #[test]
    fn a_password_may_have_any_character() {
        let (user, password) =
            server("smtps://me%40example.com:a%2Fb%3A+c%25@mail.example.com").unwrap().login.unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("me@example.com", "a/b:+c%"));
    }

    #[test]
    fn addresses_are_plain() {
        for good in ["a@b.example", "first.last+tag@sub.example.com", "root@localhost", "o'neill@xn--bcher-kva.example"]
        {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b.example\r\nBcc: c@d.example",
            "<a@b.example>",
            "a,b@c.example",
            "\"a\"@b.example",
            "a@b@c.example",
            ".a@b.example",
            "a..b@c.example",
            "a@-b.example",
            "a@b..example",
            "ä@b.example",
            "a@b.example.",
        ] {
            assert!(!is_address(bad), "{bad:?}");
        }
    }
}
