//! Whether an ID token says what it says: by whom it is signed, for whom, when, and in answer to what. Pure.

use jiff::Timestamp;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::auth::random;

/// Clocks may differ by so many seconds.
const LEEWAY: i64 = 60;

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// By whom it is made.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// In answer to which request.
    pub nonce: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is no token, or one of a kind that proves nothing.
    #[error("it is no signed token")]
    Shape,
    /// None of the provider's keys is the one that it names.
    #[error("it is signed by a key that the provider does not list")]
    Key,
    /// The signature, the issuer or the audience is another.
    #[error("it is not signed by the provider, or not for us")]
    Signature,
    /// It is over, or not yet.
    #[error("it is not of this moment")]
    Time,
    /// It answers another request.
    #[error("it answers another request")]
    Nonce,
}

/// What a token says, where all of it is proven.
///
/// # Errors
/// Why it is not.
pub fn claims(token: &str, keys: &JwkSet, expected: Expected<'_>) -> Result<Value, Wrong> {
    let header = decode_header(token).map_err(|_| Wrong::Shape)?;
    let named: Vec<&Jwk> = match &header.kid {
        Some(kid) => keys.keys.iter().filter(|key| key.common.key_id.as_ref() == Some(kid)).collect(),
        None => keys.keys.iter().collect(),
    };
    if named.is_empty() {
        return Err(Wrong::Key);
    }
    let keys = named.into_iter().filter_map(|key| DecodingKey::from_jwk(key).ok());
    // A key that others know proves nothing.
    let keys = keys.filter(|key| key.family() != AlgorithmFamily::Hmac);
    let said = keys.into_iter().find_map(|key| {
        let mut validation = Validation::new_for_family(key.family());
        // Times are held against ours below.
        (validation.validate_exp, validation.validate_nbf) = (false, false);
        validation.set_issuer(&[expected.issuer]);
        validation.set_audience(&[expected.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        decode::<Value>(token, &key, &validation).ok()
    });
    let said = said.ok_or(Wrong::Signature)?.claims;
    // One that is for several names the one that asked.
    let several = said["aud"].as_array().is_some_and(|all| all.len() > 1);
    let party = said["azp"].as_str();
    if party.is_some_and(|party| party != expected.client_id) || (several && party.is_none()) {
        return Err(Wrong::Signature);
    }
    let (now, second) = (expected.now.as_second(), |name: &str| said[name].as_f64().map(|seconds| seconds as i64));
    let over = second("exp").is_none_or(|end| end <= now.saturating_sub(LEEWAY));
    let early = [second("nbf"), second("iat")].into_iter().flatten().any(|from| from > now.saturating_add(LEEWAY));
    if over || early {
        return Err(Wrong::Time);
    }
    if !said["nonce"].as_str().is_some_and(|nonce| random::same(nonce, expected.nonce)) {
        return Err(Wrong::Nonce);
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn key(kid: &str) -> (EncodingKey, JwkSet) {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let key = EncodingKey::from_ec_der(&pair.serialize_der());
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(kid.to_owned());
        (key, JwkSet { keys: vec![jwk] })
    }

    fn good() -> Value {
        json!({
            "iss": "https://id.example", "aud": "allclear", "sub": "u1", "exp": NOW + 300, "iat": NOW, "nonce": "n",
            "groups": ["ops"],
        })
    }

    fn signed(claims: &Value, key: &EncodingKey, kid: Option<&str>) -> String {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, key).unwrap()
    }

    fn proven(token: &str, keys: &JwkSet) -> Result<Value, Wrong> {
        let now = Timestamp::from_second(NOW).unwrap();
        claims(token, keys, Expected { issuer: "https://id.example", client_id: "allclear", nonce: "n", now })
    }

    #[test]
    fn a_token_is_believed_only_where_all_of_it_is_proven() {
        let (ours, keys) = key("k1");
        for kid in [Some("k1"), None] {
            assert_eq!(proven(&signed(&good(), &ours, kid), &keys).unwrap()["sub"], "u1");
        }
        let with = |name: &str, value: Value| {
            let mut claims = good();
            claims[name] = value;
            proven(&signed(&claims, &ours, Some("k1")), &keys)
        };
        for (name, value, wrong) in [
            ("iss", json!("https://evil.example"), Wrong::Signature),
            ("iss", json!("https://id.example/"), Wrong::Signature),
            ("aud", json!("another"), Wrong::Signature),
            ("aud", json!(["another", "allclear"]), Wrong::Signature),
            ("azp", json!("another"), Wrong::Signature),
            ("exp", json!(NOW - 61), Wrong::Time),
            ("iat", json!(NOW + 61), Wrong::Time),
            ("nbf", json!(NOW + 61), Wrong::Time),
            ("nonce", json!("another"), Wrong::Nonce),
            ("nonce", Value::Null, Wrong::Nonce),
        ] {
            assert_eq!(with(name, value.clone()), Err(wrong), "{name} {value}");
        }
        assert!(with("aud", json!(["allclear"])).is_ok());
    }

    #[test]
    fn a_token_of_another_key_or_of_none_is_not_believed() {
        let ((_, keys), (theirs, _)) = (key("k1"), key("k1"));
        assert_eq!(proven(&signed(&good(), &theirs, Some("k1")), &keys), Err(Wrong::Signature));
        assert_eq!(proven(&signed(&good(), &theirs, Some("k2")), &keys), Err(Wrong::Key));
        let part = |value: &Value| data_encoding::BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let unsigned = format!("{}.{}.", part(&json!({"alg": "none"})), part(&good()));
        assert_eq!(proven(&unsigned, &keys), Err(Wrong::Shape));
        // The public key taken for a secret that both know.
        let secret = EncodingKey::from_secret(serde_json::to_string(&keys.keys[0]).unwrap().as_bytes());
        let forged = encode(&Header::new(Algorithm::HS256), &good(), &secret).unwrap();
        assert_eq!(proven(&forged, &keys), Err(Wrong::Signature));
        for garbage in ["", "a.b.c", "....", "é.é.é"] {
            assert_eq!(proven(garbage, &keys), Err(Wrong::Shape), "{garbage}");
        }
    }
}
