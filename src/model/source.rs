//! What is watched, and for whom: sources, services, the page they stand on.

use std::time::Duration;

use super::filter::Filter;
use super::id::{ServiceId, SourceId};
use super::news::Tier;
use super::target::Target;

/// One configured upstream, as far as everything but fetching needs to know it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Kebab-case, unique.
    pub id: SourceId,
    /// For people.
    pub name: String,
    /// The status page's address for people; secrets in it are cut.
    pub url: String,
    /// For grouping and filtering, in the order given.
    pub tags: Vec<String>,
    /// How much it matters to the team.
    pub tier: Tier,
    /// The format's name; `None` while it is still to be detected.
    pub format: Option<String>,
    /// Which components count.
    pub filter: Filter,
    /// Time between readings while all is calm.
    pub interval: Duration,
    /// The service level that was agreed on with the vendor.
    pub target: Option<Target>,
}

impl Source {
    /// The host in the address: a name or a literal address, without the port.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        match authority.strip_prefix('[').and_then(|literal| literal.split_once(']')) {
            Some((literal, _)) => literal,
            None => authority.split(':').next().unwrap_or(authority),
        }
    }
}

/// Something of the team's own.
#[derive(Debug, Clone)]
pub struct Service {
    /// Kebab-case, unique.
    pub id: ServiceId,
    /// For people.
    pub name: String,
    /// For people; plain.
    pub description: Option<String>,
    /// The heading under which it stands.
    pub group: Option<String>,
    /// For grouping and filtering.
    pub tags: Vec<String>,
    /// What it cannot do without.
    pub needs: Vec<Need>,
}

/// What a service cannot do without: a whole source, or some components of it.
#[derive(Debug, Clone)]
pub struct Need {
    /// The source.
    pub source: SourceId,
    /// Which of its components; all that count where it is not narrow.
    pub components: Filter,
}

impl Need {
    /// True where something that names these components of a source touches what is needed. None named: all of it.
    pub fn is_touched<'a>(&self, source: &SourceId, paths: impl IntoIterator<Item = &'a str>) -> bool {
        let mut paths = paths.into_iter().peekable();
        self.source == *source && (paths.peek().is_none() || paths.any(|path| self.components.counts(path)))
    }
}

/// How the page presents itself.
#[derive(Debug, Clone)]
pub struct PageSettings {
    /// For people.
    pub title: String,
    /// Where people reach it; `None`: only relative links can be given.
    pub url: Option<String>,
    /// IANA name; for what cannot use the reader's own.
    pub timezone: String,
    /// Only signed-in people and programs with a token may read it.
    pub private: bool,
    /// Readers may sign up for messages: there is a way to send mail.
    pub subscribe: bool,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self { title: "allclear".into(), url: None, timezone: "UTC".into(), private: false, subscribe: false }
    }
}

/// Why a reading failed: which of the reader's next steps applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// 401, 403, 451: the page does not want us.
    Refused,
    /// 429, or 503 with Retry-After.
    RateLimited,
    /// A redirect that may not be followed.
    Moved,
    /// 404, 410.
    Gone,
    /// Any other answer that is no success.
    Broken,
    /// No connection: name, network or handshake.
    Unreachable,
    /// No whole answer in time.
    Timeout,
    /// More than a reading may hold.
    TooLarge,
    /// The address may not be contacted from here.
    Blocked,
    /// Read whole, but not what the format promises.
    Unreadable,
    /// Understood, but it lost what it always had, and is not believed yet.
    Changed,
    /// A fault of this program.
    Internal,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Refused,
        Self::RateLimited,
        Self::Moved,
        Self::Gone,
        Self::Broken,
        Self::Unreachable,
        Self::Timeout,
        Self::TooLarge,
        Self::Blocked,
        Self::Unreadable,
        Self::Changed,
        Self::Internal,
    ];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::RateLimited => "rate_limited",
            Self::Moved => "moved",
            Self::Gone => "gone",
            Self::Broken => "broken",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Blocked => "blocked",
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
            Self::Internal => "internal",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What an operator can do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Refused => "the page wants a sign-in or blocks programs: set a token or headers, or use its feed",
            Self::RateLimited => {
                "nothing to do: it is asked again when it allows; a longer interval helps if this repeats"
            }
            Self::Moved => "check the address in sources.yaml against the page in a browser",
            Self::Gone => "the page is not there any more: find its new address with `allclear probe`",
            Self::Broken => "nothing to do: their server fails; it is asked again, less often",
            Self::Unreachable => "check the address, and the network of this machine",
            Self::Timeout => "nothing to do: their server is slow; it is asked again, less often",
            Self::TooLarge => "the answer is no status document, or use a smaller one of the same page",
            Self::Blocked => {
                "set `allow_private: true` on the source, or `poll.allow_networks`, if this address is meant"
            }
            Self::Unreadable => "the page may have changed its format: try `allclear probe` on its address",
            Self::Changed => {
                "look at the page in a browser: a change that stays is believed after half an hour; if states are \
                 missing then, try `allclear probe` on its address"
            }
            Self::Internal => "this is a fault of allclear: please report it with the log",
        }
    }
}

/// One failed reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which of the reader's next steps applies.
    pub kind: FailureKind,
    /// What happened, in a sentence without secrets, addresses of ours or a full stop.
    pub message: String,
}
