//! Any tool, by a signed webhook: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
//!
//! Facts: headers `webhook-id`, `webhook-timestamp` and `webhook-signature`; the signature is `v1,` and the Base64 of an
//! HMAC-SHA256 of `id.timestamp.body`; several are separated by spaces. A secret is `whsec_` and the Base64 of 24 to 64
//! bytes. The receiver refuses timestamps that are more than some minutes off.

use std::time::Duration;

use data_encoding::{BASE64, BASE64_NOPAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use url::Url;

use super::document::document;
use super::{Call, Channel, Kind, Markup, Message, Outgoing, SecretUrl, Sort, Spec, Wrong};

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a secret.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Webhooks.
pub const KIND: Kind = Kind {
    name: "webhook",
    label: "Webhook",
    options: &[
        Spec { key: "url", sort: Sort::SecretUrl, needed: true, hint: "where the tool listens" },
        Spec {
            key: "secret",
            sort: Sort::Secret,
            needed: true,
            hint: "`whsec_` and the output of `openssl rand -base64 32`; the tool checks signatures with it",
        },
        Spec {
            key: "previous_secret",
            sort: Sort::Secret,
            needed: false,
            hint: "while the tool may still know the old secret: signed with both",
        },
    ],
    markup: Markup::Plain,
    longest: 20_000,
    spacing: Duration::ZERO,
    make: |given| {
        let url = given.url("url").ok_or_else(|| wrong("url", "is missing"))?;
        let mut secrets = vec![("secret", given.secret("secret"))];
        secrets.extend(given.maybe_secret("previous_secret").map(|secret| ("previous_secret", secret)));
        let keys = secrets.iter().map(|(key, secret)| bytes(secret).map_err(|why| wrong(key, &why)));
        Ok(Box::new(Webhook { url: SecretUrl::new(url), keys: keys.collect::<Result<_, _>>()? }))
    },
};

fn wrong(key: &'static str, message: &str) -> Wrong {
    let hint = "make one by `echo whsec_$(openssl rand -base64 32)`".to_owned();
    Wrong { key, message: message.to_owned(), hint }
}

/// A tool that listens for webhooks.
#[derive(Debug)]
pub struct Webhook {
    url: SecretUrl,
    /// The newest first.
    keys: Vec<SecretSlice<u8>>,
}

impl Webhook {
    /// One that signs with each of these secrets, of which there are two while they are changed.
    ///
    /// # Errors
    /// Where there is none, or one is no secret of the scheme.
    pub fn new(url: Url, secrets: &[SecretString]) -> Result<Self, String> {
        let keys = secrets.iter().map(bytes).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err("there is no secret to sign with".to_owned());
        }
        Ok(Self { url: SecretUrl::new(url), keys })
    }
}

impl Channel for Webhook {
    fn compose(&self, message: &Message<'_>) -> Result<Vec<Outgoing>, String> {
        let body = document(message).to_string();
        let signatures = self.keys.iter().map(|key| sign(key.expose_secret(), message.key, message.at, &body));
        let signature = signatures.collect::<Result<Vec<_>, _>>()?.join(" ");
        let headers = vec![
            ("webhook-id", message.key.to_owned()),
            ("webhook-timestamp", message.at.to_string()),
            ("webhook-signature", signature),
        ];
        let url = self.url.reveal().clone();
        let kind = "application/json";
        Ok(vec![Outgoing::Call(Call { method: "POST", url, kind, body, headers, authorization: None })])
    }
}

/// The bytes of a secret as it is written.
fn bytes(secret: &SecretString) -> Result<SecretSlice<u8>, String> {
    let text = secret.expose_secret().trim();
    let encoded = text.strip_prefix(PREFIX).ok_or_else(|| format!("does not begin with `{PREFIX}`"))?;
    let bytes = BASE64_NOPAD.decode(encoded.trim_end_matches('=').as_bytes());
    let bytes = bytes.map_err(|_| format!("is no Base64 after `{PREFIX}`"))?;
    if !BYTES.contains(&bytes.len()) {
        return Err(format!("has {} bytes; it takes {} to {}", bytes.len(), BYTES.start(), BYTES.end()));
    }
    Ok(SecretSlice::from(bytes))
}

/// One signature of the header.
fn sign(key: &[u8], id: &str, at: i64, body: &str) -> Result<String, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| format!("cannot be signed: {error}"))?;
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    Ok(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S16: what the scheme's own libraries sign.
    #[test]
    fn signatures_are_those_of_the_scheme() {
        let key = bytes(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw".into()).unwrap();
        let signed = |id, at, body| sign(key.expose_secret(), id, at, body).unwrap();
        let good = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(good, "v1,q6KMVIJHk4Gs770FfR5f591Ftx7uVJSGl5wHV1ri978=");
        assert_ne!(signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_331, r#"{"test": 2432232314}"#), good);
        assert_ne!(signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232315}"#), good);
    }

    #[test]
    fn a_secret_is_one_of_the_scheme() {
        let of = |count: usize| format!("{PREFIX}{}", BASE64.encode(&vec![7; count]));
        for good in [of(24), of(64), of(32), of(32).trim_end_matches('=').to_owned(), format!(" {}\n", of(24))] {
            assert!(bytes(&good.as_str().into()).is_ok(), "{good}");
        }
        for bad in [of(23), of(65), of(32).replace(PREFIX, ""), format!("{PREFIX}not base64!"), String::new()] {
            assert!(bytes(&bad.as_str().into()).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_without_a_secret_is_none() {
        assert!(Webhook::new("https://tool.example/".parse().unwrap(), &[]).is_err());
    }
}
