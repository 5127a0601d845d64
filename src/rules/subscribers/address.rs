//! E-mail addresses: which can be used, and which are one mailbox.

use url::Host;

use crate::limits;

/// The address as it is kept: the domain in small letters and as the network spells it, what stands before the `@` as
/// it was typed.
///
/// # Errors
/// Why it cannot be used, for people.
pub fn address(typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    let Some((local, domain)) = typed.split_once('@') else { return Err("is no e-mail address: it has no @") };
    if domain.contains('@') {
        return Err("is not one e-mail address: it has more than one @");
    }
    let sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let dotted = local.split('.').all(|part| !part.is_empty() && part.chars().all(sign));
    if !dotted || local.len() > limits::MAIL_LOCAL {
        return Err("is no e-mail address that can be written to: look at what stands before the @");
    }
    let wrong = "is no e-mail address that can be written to: look at what stands behind the @";
    let plain = domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let Some(Host::Domain(domain)) = plain.then(|| Host::parse(domain).ok()).flatten() else { return Err(wrong) };
    let label = |part: &str| (1..=63).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-');
    if !domain.contains('.') || !domain.split('.').all(label) {
        return Err(wrong);
    }
    let address = format!("{local}@{domain}");
    if address.len() > limits::MAIL_ADDRESS {
        return Err("is longer than an e-mail address can be");
    }
    Ok(address)
}

/// What tells mailboxes apart. Nearly all servers put mail for `Sam+news` and `sam` into one: who floods it with
/// questions could else write the same address in a thousand ways.
pub fn mailbox(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let local = local.split('+').next().unwrap_or_default();
    format!("{}@{domain}", local.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_the_network_spells_it() {
        for (typed, kept) in [
            ("sam@example.com", "sam@example.com"),
            ("  Sam.Doe+news@EXAMPLE.Com ", "Sam.Doe+news@example.com"),
            ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
            ("sam@BÜCHER.example", "sam@xn--bcher-kva.example"),
            ("=1+1@example.com", "=1+1@example.com"),
        ] {
            assert_eq!(address(typed).as_deref(), Ok(kept), "{typed}");
        }
    }

    #[test]
    fn what_nobody_can_write_to_is_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("sam@{}example.com", "abcdefgh.".repeat(30));
        for typed in [
            "",
            "sam",
            "@example.com",
            "sam@",
            "sam@example",
            "sam@@example.com",
            "sam@doe@example.com",
            "sam doe@example.com",
            "sam@exam ple.com",
            "sam@example.com\r\nBcc: all@example.com",
            "sam\n@example.com",
            "sam\0@example.com",
            "Sam <sam@example.com>",
            "sam@example.com, kim@example.com",
            ".sam@example.com",
            "sam.@example.com",
            "sam..doe@example.com",
            "\"sam doe\"@example.com",
            "süd@example.com",
            "sam@127.0.0.1",
            "sam@[127.0.0.1]",
            "sam@0x7f.1",
            "sam@-example.com",
            "sam@example..com",
            "sam@example.com.",
            "sam@exa%6dple.com",
            "sam@example.com/x",
            "sam@example.com:25",
            long.as_str(),
            longer.as_str(),
        ] {
            assert!(address(typed).is_err(), "{typed:?}");
        }
    }

    #[test]
    fn one_mailbox_is_one_however_it_is_written() {
        for (a, b, same) in [
            ("sam@example.com", "SAM+1@example.com", true),
            ("sam@example.com", "sam+a+b@example.com", true),
            ("sam@example.com", "kim@example.com", false),
            ("sam@example.com", "sam@example.org", false),
        ] {
            assert_eq!(mailbox(a) == mailbox(b), same, "{a} {b}");
        }
    }
}
