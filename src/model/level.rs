//! How bad it is, and whether that is known at all.

use std::fmt;

/// How bad it is. Declared best first: `Ord` is the severity order, and "the worst of these" is `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Works as meant.
    Operational,
    /// Not up to its usual service, as planned and announced.
    UnderMaintenance,
    /// Works, slowly or with errors.
    DegradedPerformance,
    /// Down for some.
    PartialOutage,
    /// Down.
    MajorOutage,
}

impl Level {
    /// All of them, best first.
    pub const ALL: [Self; 5] =
        [Self::Operational, Self::UnderMaintenance, Self::DegradedPerformance, Self::PartialOutage, Self::MajorOutage];

    /// True where somebody should look: worse than a planned maintenance.
    pub fn is_trouble(self) -> bool {
        self > Self::UnderMaintenance
    }
}

/// What can be said of a thing now: a level that was read, or that nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It was read, lately, and understood.
    Known(Level),
    /// It was not read, not lately, or not understood. Never a substitute for good news.
    Unknown,
}

impl State {
    /// Everything a state can be, in the order in which the interface lists them.
    pub const ALL: [Self; 6] = [
        Self::OPERATIONAL,
        Self::UNDER_MAINTENANCE,
        Self::DEGRADED_PERFORMANCE,
        Self::PARTIAL_OUTAGE,
        Self::MAJOR_OUTAGE,
        Self::Unknown,
    ];
    /// Works as meant.
    pub const OPERATIONAL: Self = Self::Known(Level::Operational);
    /// In a planned maintenance.
    pub const UNDER_MAINTENANCE: Self = Self::Known(Level::UnderMaintenance);
    /// Slow or with errors.
    pub const DEGRADED_PERFORMANCE: Self = Self::Known(Level::DegradedPerformance);
    /// Down for some.
    pub const PARTIAL_OUTAGE: Self = Self::Known(Level::PartialOutage);
    /// Down.
    pub const MAJOR_OUTAGE: Self = Self::Known(Level::MajorOutage);

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known(Level::Operational) => "operational",
            Self::Known(Level::UnderMaintenance) => "under_maintenance",
            Self::Known(Level::DegradedPerformance) => "degraded_performance",
            Self::Known(Level::PartialOutage) => "partial_outage",
            Self::Known(Level::MajorOutage) => "major_outage",
            Self::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Known(Level::Operational) => "Operational",
            Self::Known(Level::UnderMaintenance) => "Under maintenance",
            Self::Known(Level::DegradedPerformance) => "Degraded performance",
            Self::Known(Level::PartialOutage) => "Partial outage",
            Self::Known(Level::MajorOutage) => "Major outage",
            Self::Unknown => "Unknown",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The level, where one is known.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Known(level) => Some(level),
            Self::Unknown => None,
        }
    }

    /// True where somebody should look because of what was read.
    pub fn is_trouble(self) -> bool {
        self.level().is_some_and(Level::is_trouble)
    }

    /// The worse of two. Not knowing outweighs good news and planned work, and never hides trouble.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if self.weight() >= other.weight() { self } else { other }
    }

    /// The worst of many; `None` of none.
    pub fn worst(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        states.into_iter().reduce(Self::worse)
    }

    /// Where a thing stands in a list that has the worst first: bigger is worse.
    pub fn weight(self) -> u8 {
        match self {
            Self::Known(Level::Operational) => 0,
            Self::Known(Level::UnderMaintenance) => 1,
            Self::Unknown => 2,
            Self::Known(Level::DegradedPerformance) => 3,
            Self::Known(Level::PartialOutage) => 4,
            Self::Known(Level::MajorOutage) => 5,
        }
    }
}

impl From<Level> for State {
    fn from(level: Level) -> Self {
        Self::Known(level)
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// How much an incident matters, in its publisher's own judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Impact {
    /// Said to touch nobody.
    None,
    /// Planned work.
    Maintenance,
    /// Slow or with errors for some.
    Minor,
    /// Down for some.
    Major,
    /// Down.
    Critical,
}

impl Impact {
    /// All of them, mildest first.
    pub const ALL: [Self; 5] = [Self::None, Self::Maintenance, Self::Minor, Self::Major, Self::Critical];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|impact| impact.as_str() == word)
    }

    /// The level that an open incident of this impact gives to what it touches.
    pub fn level(self) -> Level {
        match self {
            Self::None => Level::Operational,
            Self::Maintenance => Level::UnderMaintenance,
            Self::Minor => Level::DegradedPerformance,
            Self::Major => Level::PartialOutage,
            Self::Critical => Level::MajorOutage,
        }
    }

    /// The impact to assume where an upstream gives only a component's level.
    pub fn of_level(level: Level) -> Self {
        match level {
            Level::Operational => Self::None,
            Level::UnderMaintenance => Self::Maintenance,
            Level::DegradedPerformance => Self::Minor,
            Level::PartialOutage => Self::Major,
            Level::MajorOutage => Self::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.as_str()), Some(state));
        }
        for impact in Impact::ALL {
            assert_eq!(Impact::from_word(impact.as_str()), Some(impact));
        }
        assert_eq!(State::from_word("Operational"), None);
    }

    #[test]
    fn not_knowing_outweighs_good_news_and_never_hides_trouble() {
        assert_eq!(State::OPERATIONAL.worse(State::Unknown), State::Unknown);
        assert_eq!(State::UNDER_MAINTENANCE.worse(State::Unknown), State::Unknown);
        assert_eq!(State::Unknown.worse(State::DEGRADED_PERFORMANCE), State::DEGRADED_PERFORMANCE);
        assert_eq!(State::worst([]), None);
    }
}
