//! Nudges: a vendor says that something changed, and the source's task reads it sooner. Nothing else of it is believed.
//!
//! # Invariants
//! * A nudge carries nothing but that it came: what the page says is read as always.
//! * Any number of nudges that come before they are heard are one.
//! * Without a secret there is no hook; whether a source or a secret is wrong cannot be told from the outside.

pub mod ask;
pub mod post;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::model::id::SourceId;

/// The way from whoever hears a vendor to whoever reads its page. Clones lead to the same bells.
#[derive(Debug, Clone, Default)]
pub struct Nudges(Arc<Mutex<HashMap<SourceId, Entry>>>);

#[derive(Debug, Clone, Default)]
struct Entry {
    /// The secret's digest; `None`: there is no hook.
    digest: Option<[u8; 32]>,
    bell: Bell,
}

/// What a source's task listens to.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Nudges; several before anybody listens are one.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a nudge; returns at once where one came before.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}

impl Nudges {
    /// Has these hooks and no others from now on. Whoever listens goes on listening.
    pub fn allow<'a>(&self, sources: impl IntoIterator<Item = (&'a SourceId, Option<&'a SecretString>)>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *entries);
        for (id, secret) in sources {
            let bell = before.remove(id).map(|entry| entry.bell).unwrap_or_default();
            let digest = secret.map(|secret| Sha256::digest(secret.expose_secret()).into());
            entries.insert(id.clone(), Entry { digest, bell });
        }
    }

    /// The bell behind a source's hook, for who knows its secret.
    ///
    /// Takes as long for a wrong secret as for a right one, and for a source that is not there.
    pub fn hook(&self, source: &SourceId, secret: &str) -> Option<Bell> {
        let given: [u8; 32] = Sha256::digest(secret).into();
        let entry = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(source).cloned().unwrap_or_default();
        let differs = entry.digest.unwrap_or_default().iter().zip(given).fold(0, |all, (a, b)| all | (a ^ b));
        (entry.digest.is_some() && differs == 0).then_some(entry.bell)
    }

    /// The bell of a source.
    pub fn bell(&self, source: &SourceId) -> Bell {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.entry(source.clone()).or_default().bell.clone()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn only_the_right_secret_rings_and_many_nudges_are_one() {
        let (nudges, [a, b]) = (Nudges::default(), ["a", "b"].map(SourceId::new));
        let bell = nudges.bell(&a);
        let secret = SecretString::from("a-secret-of-a-vendor");
        nudges.allow([(&a, Some(&secret)), (&b, None)]);
        for (source, secret) in
            [("a", "another-secret"), ("a", ""), ("b", ""), ("c", ""), ("c", "a-secret-of-a-vendor")]
        {
            assert!(nudges.hook(&SourceId::new(source), secret).is_none(), "{source} {secret}");
        }
        assert_eq!(bell.rung().now_or_never(), None, "nobody rang");
        (0..100).for_each(|_| nudges.hook(&a, "a-secret-of-a-vendor").unwrap().ring());
        assert_eq!(bell.rung().now_or_never(), Some(()));
        assert_eq!(bell.rung().now_or_never(), None, "a hundred were one");
        nudges.allow([(&a, None)]);
        assert!(nudges.hook(&a, "a-secret-of-a-vendor").is_none(), "a hook that is taken away is gone");
    }
}
