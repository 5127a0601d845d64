//! An address with a secret in it, that shows no more than its host.

use std::fmt;

use url::Url;

/// Who knows it may send: it is printed without its path.
#[derive(Clone)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// Hides an address.
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    /// The address, for the one place that needs it.
    pub fn reveal(&self) -> &Url {
        &self.0
    }

    /// The same with these segments at the end of its path.
    pub fn with(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}/***", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_host_is_shown() {
        let url = SecretUrl::new("https://someone:hush@hooks.example/services/T0/B0/hush?key=hush".parse().unwrap());
        assert_eq!(format!("{url:?}"), "https://hooks.example/***");
    }

    #[test]
    fn segments_are_added_whether_the_path_ends_in_a_slash_or_not() {
        for base in ["https://push.example/sub", "https://push.example/sub/"] {
            let url = SecretUrl::new(base.parse().unwrap());
            assert_eq!(url.with(&["message", "a b"]).as_str(), "https://push.example/sub/message/a%20b");
        }
    }
}
