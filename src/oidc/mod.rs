//! Somebody else says who it is: OpenID Connect, by code with PKCE, state and nonce.
//!
//! # Invariants
//! * Nothing is believed that is not signed by the provider, for us, now, in answer to a request of the same browser.
//! * Requests go out through `fetch` and its guard: a provider that is not on the public network has to be in
//!   `poll.allow_networks`.

mod proof;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64;
use jsonwebtoken::jwk::JwkSet;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use url::Url;

use crate::auth::random;
use crate::clock::Clock;
use crate::fetch::{FetchError, Fetcher, Request, Sending};
use crate::limits;
use crate::model::signon::Oidc;

pub use proof::Wrong;

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider cannot be reached, or says no.
    #[error("the provider cannot be asked: {0}")]
    Fetch(#[from] FetchError),
    /// What it says is not what the standard promises.
    #[error("the provider says something else than expected: {0}")]
    Shape(String),
    /// The ID token proves nothing.
    #[error("the provider's word is not proven: {0}")]
    Proof(#[from] Wrong),
    /// The answer belongs to no request of this browser, or to one that is too old.
    #[error("this answer belongs to no request of this browser; sign in anew")]
    State,
    /// The system gives no random bytes.
    #[error("no random bytes from the system: {0}")]
    Random(#[from] random::RandomError),
    /// Nothing can go out yet.
    #[error("requests cannot go out at the moment")]
    Offline,
}

/// Who somebody is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider and its word for them, which never changes.
    pub subject: String,
    /// What people call them.
    pub name: String,
    /// Their groups.
    pub groups: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    #[serde(default)]
    userinfo_endpoint: Option<Url>,
    #[serde(default)]
    end_session_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
}

#[derive(Debug)]
struct Known {
    metadata: Metadata,
    keys: JwkSet,
    at: Duration,
}

#[derive(Debug)]
struct Pending {
    browser: String,
    nonce: String,
    verifier: String,
    to: String,
    at: Duration,
}

/// The configured provider: what is known of it, and who is on the way there.
#[derive(Debug)]
pub struct Provider {
    fetcher: watch::Receiver<Option<Fetcher>>,
    clock: Clock,
    known: Mutex<Option<Arc<Known>>>,
    pending: Mutex<HashMap<String, Pending>>,
}

impl Provider {
    /// Knows nothing yet.
    pub fn new(fetcher: watch::Receiver<Option<Fetcher>>, clock: Clock) -> Self {
        Self { fetcher, clock, known: Mutex::default(), pending: Mutex::default() }
    }

    /// Where to send somebody who wants to sign in. `browser`: what only theirs holds; `back`: where they come back to.
    ///
    /// # Errors
    /// Where the provider cannot be asked what it is.
    pub async fn start(&self, oidc: &Oidc, browser: &str, back: &str, to: &str) -> Result<Url, OidcError> {
        let known = self.known(oidc, false).await?;
        let (state, nonce, verifier) = (random::secret()?, random::secret()?, random::secret()?);
        let mut url = known.metadata.authorization_endpoint.clone();
        let scopes = std::iter::once("openid").chain(oidc.scopes.iter().map(String::as_str));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &oidc.client_id)
            .append_pair("redirect_uri", back)
            .append_pair("scope", &scopes.collect::<Vec<_>>().join(" "))
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &random::challenge(&verifier))
            .append_pair("code_challenge_method", "S256");
        let at = self.clock.now().mono;
        let one = Pending { browser: random::digest(browser), nonce, verifier, to: to.to_owned(), at };
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, one| at.saturating_sub(one.at) < limits::SESSION_HALF);
        if pending.len() >= limits::ON_THE_WAY {
            let oldest = pending.iter().min_by_key(|(_, one)| one.at).map(|(state, _)| state.clone());
            oldest.and_then(|state| pending.remove(&state));
        }
        pending.insert(state, one);
        Ok(url)
    }

    /// Who somebody is that came back with this code, and where they wanted to go.
    ///
    /// # Errors
    /// Where that is not proven.
    pub async fn finish(
        &self,
        oidc: &Oidc,
        browser: &str,
        back: &str,
        state: &str,
        code: &str,
    ) -> Result<(Identity, String), OidcError> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(state);
        let age = |one: &Pending| self.clock.now().mono.saturating_sub(one.at);
        let pending = pending.filter(|one| random::same(&one.browser, &random::digest(browser)));
        let pending = pending.filter(|one| age(one) < limits::SESSION_HALF).ok_or(OidcError::State)?;
        let known = self.known(oidc, false).await?;
        let tokens = self.exchange(oidc, &known.metadata, back, code, &pending.verifier).await?;
        let expected = |known: &Known| {
            let now = self.clock.now().wall;
            let (issuer, client_id) = (known.metadata.issuer.as_str(), oidc.client_id.as_str());
            proof::claims(
                &tokens.id_token,
                &known.keys,
                proof::Expected { issuer, client_id, nonce: &pending.nonce, now },
            )
        };
        let claims = match expected(&known) {
            // Keys are changed now and then.
            Err(Wrong::Key) => expected(self.known(oidc, true).await?.as_ref())?,
            other => other?,
        };
        let said = self.complete(oidc, &known.metadata, claims, tokens.access_token.as_deref()).await?;
        Ok((identity(oidc, &known.metadata.issuer, &said)?, pending.to))
    }

    /// Where somebody signs out of the provider as well, where it offers that and was asked before.
    pub fn end_session(&self, oidc: &Oidc, back: &str) -> Option<Url> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let mut url = known.metadata.end_session_endpoint.clone()?;
        url.query_pairs_mut().append_pair("client_id", &oidc.client_id).append_pair("post_logout_redirect_uri", back);
        Some(url)
    }

    /// What the provider is, asked anew once an hour, or at once.
    async fn known(&self, oidc: &Oidc, anew: bool) -> Result<Arc<Known>, OidcError> {
        let held = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = self.clock.now().mono;
        let issuer = oidc.issuer.trim_end_matches('/');
        let fresh = |known: &Arc<Known>| {
            known.metadata.issuer.trim_end_matches('/') == issuer
                && now.saturating_sub(known.at) < limits::PROVIDER_KNOWN
        };
        if let Some(known) = held.filter(|known| !anew && fresh(known)) {
            return Ok(known);
        }
        let at: Url = format!("{issuer}/.well-known/openid-configuration").parse().map_err(shape)?;
        let metadata: Metadata = serde_json::from_slice(&self.get(&at, None).await?).map_err(shape)?;
        if metadata.issuer.trim_end_matches('/') != issuer {
            return Err(OidcError::Shape("it calls itself by another issuer".to_owned()));
        }
        let keys: JwkSet = serde_json::from_slice(&self.get(&metadata.jwks_uri, None).await?).map_err(shape)?;
        let known = Arc::new(Known { metadata, keys, at: now });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn exchange(
        &self,
        oidc: &Oidc,
        metadata: &Metadata,
        back: &str,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, OidcError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", verifier),
        ];
        let methods = &metadata.token_endpoint_auth_methods_supported;
        // Without a word the standard says `client_secret_basic`.
        let basic = methods.is_empty() || methods.iter().any(|method| method == "client_secret_basic");
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let id = encoded(&oidc.client_id);
        let secret = oidc.client_secret.as_ref().map(|secret| secret.reveal());
        let login = secret.filter(|_| basic).map(|secret| format!("{id}:{}", encoded(secret)));
        if login.is_none() {
            form.push(("client_id", &oidc.client_id));
            form.extend(secret.map(|secret| ("client_secret", secret)));
        }
        let sending = Sending {
            method: "POST",
            url: &metadata.token_endpoint,
            kind: "application/x-www-form-urlencoded",
            headers: &[],
            body: url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish(),
            authorization: login.map(|login| format!("Basic {}", BASE64.encode(login.as_bytes())).into()),
            allow_private: false,
        };
        let sent = self.fetcher()?.send(sending).await?;
        match sent.status {
            200 => serde_json::from_slice(&sent.body).map_err(shape),
            status => Err(OidcError::Shape(format!("it takes the code with status {status}"))),
        }
    }

    /// What the ID token leaves out, the provider tells to whom has the access token.
    async fn complete(
        &self,
        oidc: &Oidc,
        metadata: &Metadata,
        claims: Value,
        access: Option<&str>,
    ) -> Result<Value, OidcError> {
        let (Some(at), Some(access)) = (&metadata.userinfo_endpoint, access) else { return Ok(claims) };
        if found(&claims, &oidc.groups_claim).is_some() && claims["preferred_username"].is_string() {
            return Ok(claims);
        }
        let more: Value = serde_json::from_slice(&self.get(at, Some(access)).await?).map_err(shape)?;
        if more["sub"] != claims["sub"] {
            return Err(OidcError::Shape("it tells of somebody else".to_owned()));
        }
        let mut all = more;
        if let (Some(all), Some(proven)) = (all.as_object_mut(), claims.as_object()) {
            all.extend(proven.clone());
        }
        Ok(all)
    }

    async fn get(&self, url: &Url, access: Option<&str>) -> Result<bytes::Bytes, OidcError> {
        let headers: Vec<_> = access
            .map(|token| ("authorization".to_owned(), SecretString::from(format!("Bearer {token}"))))
            .into_iter()
            .collect();
        let request = Request {
            url,
            accept: "application/json",
            headers: &headers,
            allow_private: false,
            ca: None,
            validators: None,
        };
        let answer = self.fetcher()?.get(request).await?;
        answer.body.ok_or_else(|| OidcError::Shape("it says nothing".to_owned()))
    }

    fn fetcher(&self) -> Result<Fetcher, OidcError> {
        self.fetcher.borrow().clone().ok_or(OidcError::Offline)
    }
}

fn shape(error: impl std::fmt::Display) -> OidcError {
    OidcError::Shape(error.to_string())
}

/// A claim, or one inside of others: `realm_access.roles`.
fn found<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| name.split('.').try_fold(claims, |inside, part| inside.get(part)))
}

fn identity(oidc: &Oidc, issuer: &str, said: &Value) -> Result<Identity, OidcError> {
    let text = |name: &str| said[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let subject = text("sub").ok_or_else(|| OidcError::Shape("it names nobody".to_owned()))?;
    let name = text("preferred_username").or_else(|| text("email")).or_else(|| text("name")).unwrap_or(subject);
    let name: String = name.to_lowercase().chars().filter(|c| !c.is_control()).take(limits::ACCOUNT_NAME).collect();
    let groups = match found(said, &oidc.groups_claim) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Ok(Identity { subject: format!("{issuer} {subject}"), name, groups })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::signon::Roles;

    fn oidc(groups_claim: &str) -> Oidc {
        Oidc {
            name: "Id".into(),
            issuer: "https://id.example".into(),
            client_id: "allclear".into(),
            client_secret: None,
            scopes: vec![],
            groups_claim: groups_claim.into(),
            roles: Roles::default(),
        }
    }

    #[test]
    fn a_name_and_groups_are_found_where_providers_put_them() {
        for (claim, said, name, groups) in [
            (
                "groups",
                json!({"sub": "u", "preferred_username": "Robin", "groups": ["a", "b", 3]}),
                "robin",
                &["a", "b"][..],
            ),
            ("groups", json!({"sub": "u", "email": "r@x.example", "groups": "a"}), "r@x.example", &["a"]),
            ("realm_access.roles", json!({"sub": "u", "realm_access": {"roles": ["a"]}}), "u", &["a"]),
            ("https://x.example/groups", json!({"sub": "u", "https://x.example/groups": ["a"]}), "u", &["a"]),
            ("groups", json!({"sub": "u", "name": "", "groups": {"a": true}}), "u", &[]),
        ] {
            let identity = identity(&oidc(claim), "https://id.example", &said).unwrap();
            assert_eq!(
                (identity.name.as_str(), &identity.groups[..]),
                (name, &groups.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>()[..])
            );
            assert_eq!(identity.subject, "https://id.example u");
        }
        assert!(identity(&oidc("groups"), "https://id.example", &json!({"name": "x"})).is_err());
    }
}
