//! Passwords: which are good enough, and how they are kept (argon2id).

use std::collections::HashSet;
use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;

use super::random;
use crate::limits;

/// Every password of at least the shortest length among the 50,000 commonest; shorter ones are refused as it is.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("common.txt").lines().collect());
/// What is verified where there is no account, so that its absence does not show in time.
static NOBODY: LazyLock<String> = LazyLock::new(|| phc(FIGURES, &[7; SALT], &[7; OUTPUT]));

const FIGURES: Figures =
    Figures { memory: limits::PASSWORD_MEMORY_KIB, passes: limits::PASSWORD_PASSES, lanes: limits::PASSWORD_LANES };
const SALT: usize = 16;
const OUTPUT: usize = 32;
/// A password of fewer different characters is a pattern.
const DIFFERENT: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too short.
    #[error(
        "needs at least {} characters; three or four words that do not belong together are fine",
        limits::PASSWORD_SHORTEST
    )]
    Short,
    /// Too long.
    #[error("has more than {} characters", limits::PASSWORD_LONGEST)]
    Long,
    /// Everybody tries it first.
    #[error("is one of the commonest, which are tried first; choose another")]
    Common,
}

/// A hash could not be made.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The system gives no random bytes.
    #[error("no random bytes from the system: {0}")]
    Random(#[from] random::RandomError),
    /// The figures, or memory.
    #[error("the password could not be hashed: {0}")]
    Argon(String),
}

/// Whether a password is good enough for the account of this name.
///
/// # Errors
/// Where it is not.
pub fn check(password: &str, name: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < limits::PASSWORD_SHORTEST {
        return Err(Weak::Short);
    }
    if length > limits::PASSWORD_LONGEST {
        return Err(Weak::Long);
    }
    let lower = password.to_lowercase();
    let different = lower.chars().collect::<HashSet<_>>().len();
    let only_name = !name.is_empty() && lower.replace(&name.to_lowercase(), "").chars().count() < DIFFERENT;
    if different < DIFFERENT || only_name || COMMON.contains(lower.as_str()) {
        return Err(Weak::Common);
    }
    Ok(())
}

/// The hash to keep of a password, with its salt and its figures. Takes 19 MiB and some 30 ms.
///
/// # Errors
/// Where the system gives no random bytes or no memory.
pub fn hash(password: &str) -> Result<String, HashError> {
    let salt = random::bytes::<SALT>()?;
    let output = derive(password, FIGURES, &salt).map_err(HashError::Argon)?;
    Ok(phc(FIGURES, &salt, &output))
}

/// Whether this is the password of that hash. `None` in place of a hash takes as long and is never right.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let Some((there, figures, salt, expected)) = against(hash) else { return false };
    // A longer one was never taken; it is not worth hashing.
    if password.chars().count() > limits::PASSWORD_LONGEST {
        return false;
    }
    let output = derive(password, figures, &salt).unwrap_or_default();
    let differs = output.iter().zip(&expected).fold(0_u8, |differs, (a, b)| differs | (a ^ b));
    output.len() == expected.len() && differs == 0 && there
}

/// What a password is held against, and whether there is such a thing: without a hash it is one that costs as much.
fn against(hash: Option<&str>) -> Option<(bool, Figures, Vec<u8>, Vec<u8>)> {
    let known = hash.and_then(read);
    let there = known.is_some();
    known.or_else(|| read(&NOBODY)).map(|(figures, salt, output)| (there, figures, salt, output))
}

/// True where a hash was made with lesser figures than those in force.
pub fn is_outdated(hash: &str) -> bool {
    read(hash).is_none_or(|(figures, _, _)| figures.memory < FIGURES.memory || figures.passes < FIGURES.passes)
}

fn derive(password: &str, figures: Figures, salt: &[u8]) -> Result<Vec<u8>, String> {
    let params = Params::new(figures.memory, figures.passes, figures.lanes, Some(OUTPUT));
    let params = params.map_err(|error| error.to_string())?;
    let mut output = vec![0_u8; OUTPUT];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut output)
        .map_err(|error| error.to_string())?;
    Ok(output)
}

/// The usual text form, which other programs read as well.
fn phc(figures: Figures, salt: &[u8], output: &[u8]) -> String {
    let Figures { memory, passes, lanes } = figures;
    let (salt, output) = (BASE64_NOPAD.encode(salt), BASE64_NOPAD.encode(output));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}")
}

fn read(hash: &str) -> Option<(Figures, Vec<u8>, Vec<u8>)> {
    let mut parts = hash.strip_prefix("$argon2id$v=19$")?.split('$');
    let (figures, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
    let mut figures = figures.split(',');
    let mut figure = |name: &str| figures.next()?.strip_prefix(name)?.strip_prefix('=')?.parse::<u32>().ok();
    let figures = Figures { memory: figure("m")?, passes: figure("t")?, lanes: figure("p")? };
    let bytes = |text: &str| BASE64_NOPAD.decode(text.as_bytes()).ok();
    Some((figures, bytes(salt)?, bytes(output)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s17_every_character_counts_and_a_hash_tells_nothing() {
        let password = "ä long passphrase of 12 words".repeat(20);
        let hash = hash(&password).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify(&password, Some(&hash)));
        for other in [format!("{password} "), password[..password.len() - 1].to_owned(), password.to_uppercase()] {
            assert!(!verify(&other, Some(&hash)));
        }
        assert_ne!(hash, super::hash(&password).unwrap(), "every hash has its own salt");
        assert!(!verify(&password, None) && !verify("", Some("")) && !verify("x", Some("$argon2id$v=19$m=1$a$b")));
    }

    #[test]
    fn s19_an_account_that_is_not_there_costs_as_much() {
        let hash = hash("three green bicycles").unwrap();
        let (there, figures, salt, output) = against(Some(&hash)).unwrap();
        let (not_there, same_figures, other_salt, other_output) = against(None).unwrap();
        assert!(there && !not_there);
        assert_eq!(figures, same_figures);
        assert_eq!((salt.len(), output.len()), (other_salt.len(), other_output.len()));
        assert!(!verify("three green bicycles", None));
    }

    #[test]
    fn s17_a_hash_with_lesser_figures_is_outdated() {
        let lesser = Figures { memory: 8 << 10, passes: 1, lanes: 1 };
        let old =
            phc(lesser, b"0123456789abcdef", &derive("correct horse battery", lesser, b"0123456789abcdef").unwrap());
        assert!(verify("correct horse battery", Some(&old)), "it is still good for signing in");
        assert!(is_outdated(&old) && is_outdated("garbage") && !is_outdated(&NOBODY));
    }

    #[test]
    fn s17_short_long_and_common_passwords_are_refused() {
        for (password, name, answer) in [
            ("elevenchars", "", Err(Weak::Short)),
            ("twelve chars", "", Ok(())),
            ("äöüßäöüßabcd", "", Ok(())),
            ("password", "", Err(Weak::Short)),
            ("qwerty123456", "", Err(Weak::Common)),
            ("Qwerty123456", "", Err(Weak::Common)),
            ("1q2w3e4r5t6y", "", Err(Weak::Common)),
            ("aaaaaaaaaaaaaaaaaaaa", "", Err(Weak::Common)),
            ("123123123123123", "", Err(Weak::Common)),
            ("robin.smith1", "robin.smith", Err(Weak::Common)),
            ("robin.smith and a bicycle", "robin.smith", Ok(())),
        ] {
            assert_eq!(check(password, name), answer, "{password}");
        }
        assert_eq!(check(&"long pass ".repeat(102), ""), Ok(()));
        assert_eq!(check(&"long pass ".repeat(103), ""), Err(Weak::Long));
        assert!(COMMON.len() > 350 && COMMON.iter().all(|one| one.chars().count() >= limits::PASSWORD_SHORTEST));
    }
}
