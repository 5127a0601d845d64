//! Secrets that cannot be guessed, and the digests under which they are kept.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How every API token begins, so that scanners of leaked secrets find it.
pub const TOKEN_PREFIX: &str = "acl_";
/// Characters of a token that are shown to know it again.
const SHOWN: usize = 8;
/// Characters of a digest that make an id.
const ID: usize = 16;

/// The system gives no random bytes.
pub type RandomError = getrandom::Error;

/// Random bytes.
///
/// # Errors
/// Where the system gives none.
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// 256 random bits as text that fits into a cookie and into an address.
///
/// # Errors
/// Where the system gives none.
pub fn secret() -> Result<String, RandomError> {
    Ok(BASE64URL_NOPAD.encode(&bytes::<32>()?))
}

/// A new API token.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn token() -> Result<String, RandomError> {
    Ok(format!("{TOKEN_PREFIX}{}", secret()?))
}

/// A new key to sign what is sent to a tool, as the Standard Webhooks scheme writes it.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn webhook_secret() -> Result<String, RandomError> {
    Ok(format!("whsec_{}", BASE64.encode(&bytes::<32>()?)))
}

/// An id that says nothing.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn id() -> Result<String, RandomError> {
    Ok(HEXLOWER.encode(&bytes::<8>()?))
}

/// How a token begins.
pub fn shown(token: &str) -> String {
    token.chars().take(TOKEN_PREFIX.len().saturating_add(SHOWN)).collect()
}

/// The digest under which a secret of 256 bits is kept: nobody finds the secret again.
pub fn digest(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}

/// The id of what is kept under a digest.
pub fn id_of(digest: &str) -> String {
    digest.chars().take(ID).collect()
}

/// The token that a form carries, which only the holder of this secret can be given.
pub fn form_token(secret: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(b"allclear form");
    BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

/// What may be shown of a secret before the secret itself is (PKCE, `S256`).
pub fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()))
}

/// True for the same text, in a time that does not tell where they differ.
pub fn same(a: &str, b: &str) -> bool {
    let differs = a.bytes().zip(b.bytes()).fold(0_u8, |differs, (a, b)| differs | (a ^ b));
    a.len() == b.len() && !a.is_empty() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_different_and_not_kept_as_they_are() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert!(a.starts_with("acl_") && a.len() == 4 + 43, "{a}");
        assert_ne!(a, b);
        assert_eq!(shown(&a).len(), 12);
        let digest = digest(&a);
        assert!(digest.len() == 64 && !digest.contains(&a[4..]));
        assert!(digest.starts_with(&id_of(&digest)) && id_of(&digest).len() == 16);
    }

    #[test]
    fn only_the_same_text_is_the_same() {
        for (a, b, is) in [("ab", "ab", true), ("ab", "aB", false), ("ab", "abc", false), ("", "", false)] {
            assert_eq!(same(a, b), is, "{a} {b}");
        }
        assert!(same(&form_token("x"), &form_token("x")) && !same(&form_token("x"), &form_token("y")));
    }
}
