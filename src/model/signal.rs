//! What another tool pushed to us said of one alert.

use jiff::Timestamp;

use super::level::Impact;
use super::text::Text;

/// How an alert goes, in its sender's words made ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Course {
    /// Something is wrong.
    Firing,
    /// Something is wrong, and somebody is at it.
    Acknowledged,
    /// Over. Only a word that is known to mean it becomes this.
    Resolved,
}

impl Course {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Firing, Self::Acknowledged, Self::Resolved];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }

    /// Reads such a word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|course| course.as_str() == word)
    }
}

/// What one push says of one alert. Everything in it is safe to show and cut to size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// By which the sender tells its alerts apart: the same from the first push of an alert to its last.
    pub key: String,
    /// How it goes.
    pub course: Course,
    /// The sender's own time of this change; `None` where it says none that can be used.
    pub at: Option<Timestamp>,
    /// The sender tells how things stand, not what happened: `at` of a firing alert is its start, and every reminder
    /// says it again.
    pub standing: bool,
    /// When it began, where the sender says so.
    pub started_at: Option<Timestamp>,
    /// One line.
    pub title: String,
    /// What it says beyond the title; often nothing.
    pub text: Text,
    /// `None`: the sender does not say, or not in a word that is known.
    pub impact: Option<Impact>,
    /// Names and values by which the sender sorts its alerts; a name may come several times.
    pub labels: Vec<(String, String)>,
    /// The sender's own page about it: http or https.
    pub url: Option<String>,
}
