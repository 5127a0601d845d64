//! How good or bad the news is, as a colour and as a round mark before the words that say it.

use crate::model::level::{Level, State};
use crate::model::news::Happening;

/// The tone of a message; the worst of what it tells counts. Declared best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Over.
    Good,
    /// Nothing is broken: planned work, a remark, a test.
    Calm,
    /// Not known.
    Unknown,
    /// Slow or with errors.
    Degraded,
    /// Down for some.
    Partial,
    /// Down.
    Major,
}

impl Tone {
    /// The tone of one thing that happened.
    pub fn of(happening: Happening, state: State) -> Self {
        match happening {
            Happening::Resolved | Happening::Ended | Happening::Cancelled | Happening::Readable => Self::Good,
            Happening::Announced | Happening::Moved | Happening::Soon | Happening::Started => Self::Calm,
            Happening::Unreadable => Self::Unknown,
            Happening::Opened
            | Happening::Worsened
            | Happening::Updated
            | Happening::Improved
            | Happening::Reminder => match state {
                State::Known(Level::MajorOutage) => Self::Major,
                State::Known(Level::PartialOutage) => Self::Partial,
                State::Known(Level::DegradedPerformance) => Self::Degraded,
                State::Known(Level::UnderMaintenance | Level::Operational) => Self::Calm,
                State::Unknown => Self::Unknown,
            },
        }
    }

    /// The round mark that chats show in colour. The words beside it say the same.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Good => "🟢",
            Self::Calm => "🔵",
            Self::Unknown => "⚪",
            Self::Degraded => "🟡",
            Self::Partial => "🟠",
            Self::Major => "🔴",
        }
    }

    /// Red, green and blue.
    pub fn colour(self) -> u32 {
        let [red, green, blue] = match self {
            Self::Good => [0x2e, 0x7d, 0x32],
            Self::Calm => [0x15, 0x65, 0xc0],
            Self::Unknown => [0x75, 0x75, 0x75],
            Self::Degraded => [0xf9, 0xa8, 0x25],
            Self::Partial => [0xef, 0x6c, 0x00],
            Self::Major => [0xc6, 0x28, 0x28],
        };
        u32::from_be_bytes([0, red, green, blue])
    }

    /// The colour as `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:06x}", self.colour())
    }
}
