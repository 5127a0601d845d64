//! The outline of a source: what every good reading of it had, and the doubt where one no longer has it.

use jiff::Timestamp;

use super::level::State;

/// What sort of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A JSON object.
    Object,
    /// A JSON list.
    List,
    /// HTML or XML.
    Markup,
    /// Anything else.
    Text,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Object, Self::List, Self::Markup, Self::Text];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::List => "list",
            Self::Markup => "markup",
            Self::Text => "text",
        }
    }

    /// Reads that word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Object => "a JSON object",
            Self::List => "a JSON list",
            Self::Markup => "markup",
            Self::Text => "plain text",
        }
    }
}

/// A list in a document, reached through objects only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListShape {
    /// Keys that lead to it: `incidents`, `result.maintenance.active`.
    pub path: String,
    /// How much is in it.
    pub items: u32,
}

/// The shape of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentShape {
    /// Its name within the format.
    pub name: String,
    /// What sort it is.
    pub kind: DocumentKind,
    /// Its lists.
    pub lists: Vec<ListShape>,
    /// Paths at which nothing stands but `null`, which says neither yes nor no.
    pub nulls: Vec<String>,
}

/// The shape of all documents of one reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Digest of what read them: program, format, address, options. Shapes of two readers cannot be compared.
    pub reader: String,
    /// Those that were had; never the past's.
    pub documents: Vec<DocumentShape>,
    /// All of them together.
    pub bytes: u64,
}

/// What every good reading of a source had. Its components are those that are held of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// From how many readings it was learned; counted up to where it is relied on.
    pub readings: u32,
    /// The lists that all of them had, each with the fewest items, and the fewest bytes.
    pub least: Shape,
}

/// The last reading lost something, so that it is not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What is lost, in a sentence without a full stop.
    pub what: String,
    /// The first reading that is not believed.
    pub since: Timestamp,
    /// The last reading before that.
    pub good_at: Option<Timestamp>,
    /// Since when the same is lost.
    pub same_since: Timestamp,
    /// Readings after the one of `same_since` that lost the same.
    pub readings: u32,
    /// So little is lost that one more reading is enough.
    pub slight: bool,
    /// The worst that was known before, or that a reading has said since.
    pub worst: State,
}
