//! Who may push: a secret, or a signature over the bytes as they came, before anything of them is read.
//!
//! # Invariants
//! * Without a secret there is no key, and without a key there is no hook.
//! * Secrets and signatures are compared in a time that does not tell how much of them is right.
//! * What is signed counts once: the caller keeps what `Key::check` returns for `limits::HOOK_ONCE`, from the moment
//!   that the push was taken, and answers repeats as if they were taken.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest as _, Sha256};

use super::Asked;
use crate::limits;

/// Signatures of one push that are tried: senders list two while they change their secret.
const TRIED: usize = 8;
/// Headers that hold a plain secret, beside `Authorization`.
const HEADERS: [&str; 3] = ["x-hook-secret", "x-api-key", "x-auth-token"];

/// How a sender shows that it is the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// It sends the secret: in the address, in `Authorization`, or in a header of its own.
    None,
    /// Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    Standard,
    /// As GitHub does: `X-Hub-Signature-256`, over the body alone.
    Github,
    /// As Slack does, version 0: `X-Slack-Signature`, `X-Slack-Request-Timestamp`.
    Slack,
    /// As PagerDuty does: `X-PagerDuty-Signature`, over the body alone.
    PagerDuty,
}

impl Signature {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::None, Self::Standard, Self::Github, Self::Slack, Self::PagerDuty];

    /// The word in `sources.yaml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::Github => "github",
            Self::Slack => "slack",
            Self::PagerDuty => "pagerduty",
        }
    }

    /// Reads a word of `sources.yaml`; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signature| signature.as_str() == word)
    }
}

/// What tells a signed push from all others of its hook.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Once(pub String);

/// Why a push is not let in. Nothing of it is shown to who pushed but that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// A header is missing, or is not what it should be.
    #[error("the header `{0}` is missing or malformed")]
    Unsigned(&'static str),
    /// It was signed too long ago, or the clocks differ.
    #[error("it was signed more than five minutes from now: it is old, or a clock is wrong")]
    Old,
    /// The secret, or the signature, is another one.
    #[error("the secret or the signature is wrong")]
    Wrong,
}

/// What is needed to check a hook's pushes.
#[derive(Debug)]
pub struct Key {
    signature: Signature,
    secret: SecretSlice<u8>,
}

impl Key {
    /// Takes a hook's secret.
    ///
    /// # Errors
    /// In words without the secret, where it is none or too short to keep strangers out.
    pub fn new(signature: Signature, secret: &SecretString) -> Result<Self, String> {
        let text = secret.expose_secret().trim();
        let secret = match signature {
            Signature::Standard => BASE64
                .decode(text.strip_prefix("whsec_").unwrap_or(text).as_bytes())
                .map_err(|_| "the secret is not `whsec_` and base64".to_owned())?,
            Signature::None if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)) => {
                return Err("the secret holds more than letters, digits, `-`, `.`, `_` and `~`".to_owned());
            }
            _ => text.as_bytes().to_vec(),
        };
        if secret.len() < limits::HOOK_SECRET {
            return Err(format!("the secret is shorter than {} characters", limits::HOOK_SECRET));
        }
        Ok(Self { signature, secret: SecretSlice::from(secret) })
    }

    /// How the sender signs.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// Lets a push in, or not. `given` is the secret in the address, where one stands there. What comes back counts
    /// once; pushes without a signature may come again, and `rules::pushed` bears it.
    ///
    /// # Errors
    /// Says why not, for the log.
    pub fn check(&self, asked: &Asked<'_>, given: Option<&str>, now: Timestamp) -> Result<Option<Once>, Denied> {
        match self.signature {
            Signature::None => self.plain(asked, given).map(|()| None),
            Signature::Standard => {
                let id = header(asked, "webhook-id")?;
                let at = header(asked, "webhook-timestamp")?;
                timely(at, "webhook-timestamp", now)?;
                let listed = header(asked, "webhook-signature")?.split(' ');
                let listed =
                    listed.filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?.as_bytes()).ok());
                self.signed(&[id.as_bytes(), b".", at.as_bytes(), b".", asked.body], listed)?;
                Ok(Some(once(&[id.as_bytes()])))
            }
            Signature::Github => {
                let listed = header(asked, "x-hub-signature-256")?.strip_prefix("sha256=").and_then(unhex);
                self.signed(&[asked.body], listed)?;
                Ok(Some(once(&[asked.body])))
            }
            Signature::Slack => {
                let at = header(asked, "x-slack-request-timestamp")?;
                timely(at, "x-slack-request-timestamp", now)?;
                let listed = header(asked, "x-slack-signature")?.strip_prefix("v0=").and_then(unhex);
                let parts: [&[u8]; 4] = [b"v0:", at.as_bytes(), b":", asked.body];
                self.signed(&parts, listed)?;
                Ok(Some(once(&parts)))
            }
            Signature::PagerDuty => {
                let listed = header(asked, "x-pagerduty-signature")?.split(',');
                self.signed(
                    &[asked.body],
                    listed.filter_map(|signature| unhex(signature.trim().strip_prefix("v1=")?)),
                )?;
                Ok(Some(once(&[asked.body])))
            }
        }
    }

    /// True for one right secret among all that were sent.
    fn plain(&self, asked: &Asked<'_>, given: Option<&str>) -> Result<(), Denied> {
        let authorization = (asked.header)("authorization").and_then(authorized);
        let headers = HEADERS.into_iter().filter_map(|name| (asked.header)(name).map(str::to_owned));
        let sent: Vec<String> = given.map(str::to_owned).into_iter().chain(authorization).chain(headers).collect();
        let wanted: [u8; 32] = Sha256::digest(self.secret.expose_secret()).into();
        let right = sent.iter().fold(false, |right, secret| {
            let differs = Sha256::digest(secret).iter().zip(wanted).fold(0, |all, (a, b)| all | (a ^ b));
            right | (differs == 0)
        });
        if right { Ok(()) } else { Err(Denied::Wrong) }
    }

    /// Checks whether one of the signatures is that of these parts, one after another.
    fn signed(&self, parts: &[&[u8]], listed: impl IntoIterator<Item = Vec<u8>>) -> Result<(), Denied> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret()).map_err(|_| Denied::Wrong)?;
        parts.iter().for_each(|part| mac.update(part));
        let good = listed.into_iter().take(TRIED).any(|signature| mac.clone().verify_slice(&signature).is_ok());
        if good { Ok(()) } else { Err(Denied::Wrong) }
    }
}

fn header<'a>(asked: &Asked<'a>, name: &'static str) -> Result<&'a str, Denied> {
    (asked.header)(name).map(str::trim).filter(|value| !value.is_empty()).ok_or(Denied::Unsigned(name))
}

/// Checks that a time in seconds since 1970 is about now.
fn timely(at: &str, name: &'static str, now: Timestamp) -> Result<(), Denied> {
    let at = at.parse().ok().and_then(|second| Timestamp::from_second(second).ok()).ok_or(Denied::Unsigned(name))?;
    let skew = SignedDuration::try_from(limits::HOOK_SKEW).unwrap_or(SignedDuration::ZERO);
    if at.duration_since(now).abs() <= skew { Ok(()) } else { Err(Denied::Old) }
}

/// The secret in `Authorization`: a bearer's token, or a password; a user without a password is one.
fn authorized(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().to_owned()),
        "basic" => {
            let pair = String::from_utf8(BASE64.decode(rest.trim().as_bytes()).ok()?).ok()?;
            let (user, password) = pair.split_once(':')?;
            Some(if password.is_empty() { user } else { password }.to_owned())
        }
        _ => None,
    }
}

fn once(parts: &[&[u8]]) -> Once {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    Once(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    let whole = pairs.remainder().is_empty();
    let bytes = pairs.map(|pair| pair.iter().fold(0, |byte: u8, digit| byte << 4 | digit)).collect();
    whole.then_some(bytes)
}

#[cfg(test)]
mod tests;
