//! Who is let in, and who is not.

use super::*;

const NOW: i64 = 1_767_323_045;
const BODY: &[u8] = br#"{"status": "down"}"#;
/// Base64 of 24 bytes.
const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECRET: &str = "0123456789abcdef";

type Headers = Vec<(&'static str, String)>;

fn key(signature: Signature) -> Key {
    let secret = if signature == Signature::Standard { STANDARD_SECRET } else { SECRET };
    Key::new(signature, &SecretString::from(secret)).unwrap()
}

fn check(key: &Key, given: Option<&str>, headers: &Headers, body: &[u8], second: i64) -> Result<Option<Once>, Denied> {
    let find = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let asked = Asked { method: "POST", query: "", header: &find, body };
    key.check(&asked, given, Timestamp::from_second(second).unwrap())
}

fn mac(secret: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The headers of a sender that knows the secret.
fn signed(signature: Signature, body: &[u8], id: &str, at: i64) -> Headers {
    let at = at.to_string();
    match signature {
        Signature::None => vec![("authorization", format!("Bearer {SECRET}"))],
        Signature::Standard => {
            let secret = BASE64.decode(&STANDARD_SECRET.as_bytes()[6..]).unwrap();
            let mac = mac(&secret, &[format!("{id}.{at}.").as_bytes(), body]);
            let listed = format!("v1a,AAAA v1,{} v1,{}", BASE64.encode(&[0; 32]), BASE64.encode(&mac));
            vec![("webhook-id", id.to_owned()), ("webhook-timestamp", at), ("webhook-signature", listed)]
        }
        Signature::Github => {
            vec![("x-hub-signature-256", format!("sha256={}", hex(&mac(SECRET.as_bytes(), &[body]))))]
        }
        Signature::Slack => {
            let mac = mac(SECRET.as_bytes(), &[format!("v0:{at}:").as_bytes(), body]);
            vec![("x-slack-signature", format!("v0={}", hex(&mac))), ("x-slack-request-timestamp", at)]
        }
        Signature::PagerDuty => {
            let mac = hex(&mac(SECRET.as_bytes(), &[body]));
            vec![("x-pagerduty-signature", format!("v1={},v1={mac}", "0".repeat(64)))]
        }
    }
}

const SIGNED: [Signature; 4] = [Signature::Standard, Signature::Github, Signature::Slack, Signature::PagerDuty];

#[test]
fn a_thousand_replays_are_one_push() {
    for signature in SIGNED {
        let (key, headers) = (key(signature), signed(signature, BODY, "msg_1", NOW));
        let first = check(&key, None, &headers, BODY, NOW).unwrap().unwrap();
        for _ in 0..1_000 {
            assert_eq!(check(&key, None, &headers, BODY, NOW + 299).unwrap().as_ref(), Some(&first), "{signature:?}");
        }
        let other = br#"{"status": "up"}"#;
        let next = check(&key, None, &signed(signature, other, "msg_2", NOW), other, NOW).unwrap().unwrap();
        assert_ne!(first, next, "{signature:?}");
    }
}

#[test]
fn one_bit_changed_anywhere_is_refused() {
    for signature in SIGNED {
        let (key, headers) = (key(signature), signed(signature, BODY, "msg_1", NOW));
        for at in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[at] ^= 1;
            assert_eq!(check(&key, None, &headers, &body, NOW), Err(Denied::Wrong), "{signature:?} {at}");
        }
        let last = headers.last().map(|(name, _)| *name).unwrap();
        for name in ["webhook-id", "webhook-timestamp", "x-slack-request-timestamp", last] {
            let mut changed = headers.clone();
            let Some((_, value)) = changed.iter_mut().find(|(known, _)| *known == name) else { continue };
            let end = value.trim_end_matches('=').len() - 1;
            let other = if value[end..].starts_with('1') { "2" } else { "1" };
            value.replace_range(end..end + 1, other);
            assert!(check(&key, None, &changed, BODY, NOW).is_err(), "{signature:?} {name}");
        }
        assert!(check(&key, None, &headers, b"", NOW).is_err());
    }
}

#[test]
fn what_is_unsigned_old_or_from_the_future_is_refused() {
    for signature in SIGNED {
        let (key, headers) = (key(signature), signed(signature, BODY, "msg_1", NOW));
        for missing in 0..headers.len() {
            let mut fewer = headers.clone();
            fewer.remove(missing);
            assert!(matches!(check(&key, None, &fewer, BODY, NOW), Err(Denied::Unsigned(_))), "{signature:?}");
        }
        for other in SIGNED.into_iter().filter(|other| *other != signature) {
            let others = signed(other, BODY, "msg_1", NOW);
            assert!(
                matches!(check(&key, None, &others, BODY, NOW), Err(Denied::Unsigned(_))),
                "{signature:?} {other:?}"
            );
        }
        // The secret itself is no signature.
        assert!(check(&key, Some(SECRET), &signed(Signature::None, BODY, "", NOW), BODY, NOW).is_err());
        if matches!(signature, Signature::Standard | Signature::Slack) {
            for (second, refused) in [(NOW + 300, false), (NOW - 300, false), (NOW + 301, true), (NOW - 301, true)] {
                let checked = check(&key, None, &headers, BODY, second);
                assert_eq!(checked == Err(Denied::Old), refused, "{signature:?} {second}: {checked:?}");
            }
        }
    }
    for at in ["", "now", "99999999999999999999", "-1"] {
        let mut headers = signed(Signature::Slack, BODY, "", NOW);
        headers[1].1 = at.to_owned();
        assert!(check(&key(Signature::Slack), None, &headers, BODY, NOW).is_err(), "{at}");
    }
}

#[test]
fn a_plain_secret_may_stand_in_the_address_or_in_a_header() {
    let key = key(Signature::None);
    let basic = |pair: &str| format!("Basic {}", BASE64.encode(pair.as_bytes()));
    for (given, header, value, good) in [
        (Some(SECRET), "x", String::new(), true),
        (None, "authorization", format!("Bearer {SECRET}"), true),
        (None, "authorization", format!("bearer {SECRET}"), true),
        (None, "authorization", basic(&format!("alerts:{SECRET}")), true),
        (None, "authorization", basic(&format!("{SECRET}:")), true),
        (None, "x-hook-secret", SECRET.to_owned(), true),
        (None, "x-api-key", SECRET.to_owned(), true),
        (Some("wrong"), "x-auth-token", SECRET.to_owned(), true),
        (None, "x", String::new(), false),
        (Some(""), "x", String::new(), false),
        (Some("0123456789abcdeF"), "x", String::new(), false),
        (Some("0123456789abcde"), "x", String::new(), false),
        (Some("0123456789abcdef0"), "x", String::new(), false),
        (None, "authorization", SECRET.to_owned(), false),
        (None, "authorization", basic(SECRET), false),
        (None, "authorization", "Basic !!".to_owned(), false),
        (None, "x-other", SECRET.to_owned(), false),
    ] {
        let checked = check(&key, given, &vec![(header, value.clone())], BODY, NOW);
        assert_eq!(checked, if good { Ok(None) } else { Err(Denied::Wrong) }, "{given:?} {header} {value}");
    }
}

#[test]
fn without_a_secret_there_is_no_key_and_no_message_shows_it() {
    for signature in Signature::ALL {
        for secret in ["", " ", "short", "whsec_", "whsec_AAAA"] {
            assert!(Key::new(signature, &SecretString::from(secret)).is_err(), "{signature:?} {secret:?}");
        }
        assert_eq!(Signature::from_word(signature.as_str()), Some(signature));
        let shown = format!("{:?}", key(signature));
        assert!(!shown.contains(SECRET) && !shown.contains("48, 49"), "{shown}");
    }
    let error = Key::new(Signature::None, &SecretString::from("a/b?c=d-and-so-on-0123")).unwrap_err();
    assert!(error.contains("letters") && !error.contains("so-on"), "{error}");
    assert!(Key::new(Signature::Standard, &SecretString::from("whsec_no base64 at all!")).is_err());
}

/// The example of the Standard Webhooks specification's reference libraries.
#[test]
fn a_known_signature_is_the_same_here() {
    let body = br#"{"test": 2432232314}"#;
    let headers = vec![
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()),
        ("webhook-timestamp", "1614265330".to_owned()),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()),
    ];
    assert!(check(&key(Signature::Standard), None, &headers, body, 1_614_265_330).unwrap().is_some());
}
