//! The second factor: codes that change every 30 seconds (RFC 6238), and recovery codes.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use qrcode::{Color, EcLevel, QrCode};
use sha1::Sha1;

use super::random::{self, RandomError};
use crate::limits;

/// Seconds for which a code is shown.
const STEP: u64 = 30;
/// Bytes of a secret, as long as what it is hashed with.
const SECRET: usize = 20;

/// A new secret in Base32, as authenticator apps take it.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn secret() -> Result<String, RandomError> {
    Ok(BASE32_NOPAD.encode(&random::bytes::<SECRET>()?))
}

/// True for what `secret` makes.
pub fn is_secret(text: &str) -> bool {
    BASE32_NOPAD.decode(text.as_bytes()).is_ok_and(|bytes| bytes.len() == SECRET)
}

/// The step of a right code that was not used before; `None` where it is wrong or used.
pub fn step(secret: &str, code: &str, now: Timestamp, used_step: u64) -> Option<u64> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let current = u64::try_from(now.as_second()).ok()? / STEP;
    let around = [current, current.saturating_sub(1), current.saturating_add(1)];
    // All are computed: how long it takes does not tell which one it was.
    let right: Vec<u64> = around.into_iter().filter(|step| random::same(&at(&key, *step), &code)).collect();
    right.into_iter().find(|step| *step > used_step)
}

/// The code that an app shows at a moment; `None` where the secret is none.
pub fn shown(secret: &str, now: Timestamp) -> Option<String> {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    Some(at(&key, u64::try_from(now.as_second()).ok()? / STEP))
}

/// The six digits of one step.
fn at(key: &[u8], step: u64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let sum = mac.finalize().into_bytes();
    let offset = usize::from(sum.last().copied().unwrap_or_default() & 0x0f);
    let four = sum.iter().skip(offset).take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}

/// What an authenticator app reads.
pub fn uri(secret: &str, account: &str, site: &str) -> String {
    let plain =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let (site, account) = (plain(site), plain(account));
    format!("otpauth://totp/{site}:{account}?secret={secret}&issuer={site}&algorithm=SHA1&digits=6&period={STEP}")
}

/// The same as a picture: its width in modules, and the path that draws the dark ones.
pub fn picture(uri: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M).ok()?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let path = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width.max(1), at / width.max(1))).collect();
    Some((width, path))
}

/// New recovery codes: what is shown once, and the digests to keep.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn recovery() -> Result<Vec<(String, String)>, RandomError> {
    let one = || {
        let text = BASE32_NOPAD.encode(&random::bytes::<10>()?).to_lowercase();
        let shown = [text.get(..4), text.get(4..8), text.get(8..12), text.get(12..)];
        let shown = shown.into_iter().flatten().collect::<Vec<_>>().join("-");
        let digest = recovery_digest(&shown);
        Ok((shown, digest))
    };
    (0..limits::RECOVERY_CODES).map(|_| one()).collect()
}

/// The digest of a recovery code as typed: case, spaces and dashes do not matter.
pub fn recovery_digest(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    random::digest(&plain.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, cut to six digits.
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(at(b"12345678901234567890", time / STEP), code, "{time}");
        }
    }

    #[test]
    fn s24_a_code_counts_once_and_for_a_step_around_now() {
        let secret = BASE32_NOPAD.encode(b"12345678901234567890");
        let code = "050471";
        let step_of = 1_111_111_111 / STEP;
        for (time, used, right) in [
            (1_111_111_111, 0, true),
            (1_111_111_111 + 30, 0, true),
            (1_111_111_111 - 30, 0, true),
            (1_111_111_111 + 61, 0, false),
            (1_111_111_111 - 61, 0, false),
            (1_111_111_111, step_of, false),
            (1_111_111_111, step_of - 1, true),
        ] {
            assert_eq!(step(&secret, code, second(time), used), right.then_some(step_of), "{time} {used}");
        }
        assert!(step(&secret, " 050 471 ", second(1_111_111_111), 0).is_some());
        for wrong in ["", "050472", "0504711", "05047"] {
            assert!(step(&secret, wrong, second(1_111_111_111), 0).is_none(), "{wrong}");
        }
    }

    #[test]
    fn recovery_codes_are_known_however_they_are_typed() {
        let codes = recovery().unwrap();
        assert_eq!(codes.len(), limits::RECOVERY_CODES);
        for (shown, digest) in codes {
            assert_eq!(shown.len(), 19, "{shown}");
            assert_eq!(recovery_digest(&shown.replace('-', " ").to_uppercase()), digest);
        }
    }

    #[test]
    fn an_app_is_told_where_the_code_belongs() {
        let uri = uri("ABC", "robin", "Our & vendors");
        assert_eq!(
            uri,
            "otpauth://totp/Our%20%26%20vendors:robin?secret=ABC&issuer=Our%20%26%20vendors&algorithm=SHA1&digits=6&period=30"
        );
        let (width, path) = picture(&uri).unwrap();
        assert!(width > 20 && path.starts_with("M0 0h1"));
    }
}
