//! Names that stay the same for ever: of sources, services, components, incidents.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Makes one string newtype per kind of name, so that they cannot be mixed up.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; whoever reads it from outside checks it first.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A configured source: kebab-case, unique in `sources.yaml`.
    SourceId
}
name! {
    /// A service of the team's own: kebab-case, unique in `sources.yaml`.
    ServiceId
}
name! {
    /// A maintenance of the team's own that comes again; holds no dot.
    SeriesId
}
name! {
    /// A hook to which another tool pushes: kebab-case, unique in `sources.yaml`.
    HookId
}
name! {
    /// A channel on which people are told: kebab-case, unique in `sources.yaml`.
    ChannelId
}
name! {
    /// Somebody who is told: a channel, or a reader who subscribed.
    ReceiverId
}
name! {
    /// What the upstream calls a component; unique within its source only.
    ComponentId
}
name! {
    /// An incident or a maintenance, unique over all sources and safe in an address.
    IncidentId
}

impl ReceiverId {
    /// A configured channel.
    pub fn channel(id: &ChannelId) -> Self {
        Self::new(format!("channel/{id}"))
    }

    /// A reader, by the subscriber's id.
    pub fn subscriber(id: &str) -> Self {
        Self::new(format!("subscriber/{id}"))
    }

    /// The channel's id, where it is a channel.
    pub fn as_channel(&self) -> Option<ChannelId> {
        self.as_str().strip_prefix("channel/").map(ChannelId::new)
    }

    /// The subscriber's id, where it is one.
    pub fn as_subscriber(&self) -> Option<&str> {
        self.as_str().strip_prefix("subscriber/")
    }
}

impl IncidentId {
    /// The id of what `source` calls `upstream`: the same after every restart and on every machine.
    ///
    /// Plain upstream ids stay readable (`github.k3lw9x`); anything else is replaced by a digest.
    /// A source id holds no dot, so two sources never share an id.
    pub fn upstream(source: &SourceId, upstream: &str) -> Self {
        let plain = !upstream.is_empty()
            && upstream.len() <= 48
            && upstream.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if plain {
            return Self::new(format!("{source}.{upstream}"));
        }
        Self::new(format!("{source}.x{}", short(upstream)))
    }

    /// The id of what is made of an alert that a tool pushed: the same whenever the same alert began at the same time.
    ///
    /// It holds no dot, so it is never a source's.
    pub fn pushed(hook: &HookId, key: &str, start: Timestamp) -> Self {
        // The key is last: it may hold anything.
        Self::new(format!("pushed-{}", short(&format!("{hook}\n{start}\n{key}"))))
    }
}

/// The head of a digest, as long as it takes to be unique.
fn short(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// Turns a name for people into kebab-case: `Acme Payments (EU)` becomes `acme-payments-eu`.
///
/// Letters outside ASCII are kept as they are, in lower case. The answer is empty when the name
/// holds no letter and no digit.
pub fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_upstream_ids_stay_readable_and_others_are_digested() {
        let github = SourceId::new("github");
        assert_eq!(IncidentId::upstream(&github, "k3lw9x").as_str(), "github.k3lw9x");
        let link = IncidentId::upstream(&github, "https://example.com/a/b");
        assert!(link.as_str().starts_with("github.x"), "{link}");
        assert_eq!(link, IncidentId::upstream(&github, "https://example.com/a/b"));
        assert_ne!(link, IncidentId::upstream(&github, "https://example.com/a/c"));
    }

    #[test]
    fn a_pushed_alert_has_one_id_for_each_start_and_it_is_no_source_s() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let id = IncidentId::pushed(&HookId::new("prometheus"), "a.b\n7", at(1_000));
        assert_eq!(id, IncidentId::pushed(&HookId::new("prometheus"), "a.b\n7", at(1_000)));
        assert!(!id.as_str().contains('.'), "{id}");
        for (hook, key, start) in
            [("kuma", "a.b\n7", 1_000), ("prometheus", "a.b", 1_000), ("prometheus", "a.b\n7", 1_001)]
        {
            assert_ne!(id, IncidentId::pushed(&HookId::new(hook), key, at(start)));
        }
    }

    #[test]
    fn names_become_kebab_case() {
        for (name, id) in [
            ("GitHub", "github"),
            ("Acme Payments (EU)", "acme-payments-eu"),
            ("  a  b  ", "a-b"),
            ("Ärzte", "ärzte"),
            ("!!!", ""),
        ] {
            assert_eq!(kebab(name), id, "{name}");
        }
    }
}
