//! Who changes something here, and what they may do.

use std::net::IpAddr;

use super::hook::Hook;

/// What somebody may do. Declared least first: who may more may everything that comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Read what is private.
    Viewer,
    /// Declare, judge, mute, override.
    Operator,
    /// People, tokens, sources, settings.
    Admin,
}

impl Role {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// By what means somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Means {
    /// A person in the console.
    Person,
    /// An API token.
    Token,
    /// Another tool, over its hook.
    Hook,
    /// A person in a chat.
    Bot,
    /// allclear itself, because time passed.
    Program,
}

impl Means {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Person, Self::Token, Self::Hook, Self::Bot, Self::Program];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Token => "token",
            Self::Hook => "hook",
            Self::Bot => "bot",
            Self::Program => "program",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.as_str() == word)
    }
}

/// Who changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// By what means.
    pub means: Means,
    /// The account's, token's or hook's id.
    pub id: String,
    /// What people call them; it stands beside what they write.
    pub name: String,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

impl Actor {
    /// allclear itself.
    pub fn program() -> Self {
        Self { means: Means::Program, id: "allclear".into(), name: "allclear".into(), address: None }
    }

    /// A reader, by a form or a signed link. Who they are stays out of the log, which is for ever.
    pub fn reader() -> Self {
        Self { means: Means::Person, id: "reader".into(), name: "a reader".into(), address: None }
    }

    /// The tool behind a hook.
    pub fn hook(hook: &Hook, address: Option<IpAddr>) -> Self {
        Self { means: Means::Hook, id: hook.id.as_str().to_owned(), name: hook.name.clone(), address }
    }
}
