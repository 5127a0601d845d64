//! What a vendor promised: so much uptime in so long.

use std::fmt;
use std::time::Duration;

use super::level::Level;

/// Millionths of a whole.
const WHOLE: u32 = 1_000_000;

/// A part of a whole, to the millionth; never more than the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// All of it.
    pub const ALL: Self = Self(WHOLE);

    /// `part` of `whole`, rounded down: what is not quite all of it is never shown as all. `None` of nothing.
    pub fn of(part: Duration, whole: Duration) -> Option<Self> {
        let millionths = part.min(whole).as_nanos().saturating_mul(u128::from(WHOLE)).checked_div(whole.as_nanos())?;
        u32::try_from(millionths).ok().map(|millionths| Self(millionths.min(WHOLE)))
    }

    /// Reads `99.95` or `99.95%`; `None` where it is no percentage from 0 to 100 with at most four decimals.
    pub fn from_percent(text: &str) -> Option<Self> {
        let text = text.strip_suffix('%').unwrap_or(text).trim();
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || rest.len() > 4 || !digits(whole) || !digits(rest) {
            return None;
        }
        let millionths: u32 = format!("{whole}{rest:0<4}").parse().ok()?;
        (millionths <= WHOLE).then_some(Self(millionths))
    }

    /// In hundredths, for programs.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// The rest of a whole of this length.
    pub fn rest_of(self, whole: Duration) -> Duration {
        let rest = u64::from(WHOLE.saturating_sub(self.0));
        let nanos = whole.as_nanos().saturating_mul(u128::from(rest)) / u128::from(WHOLE);
        u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
    }
}

impl fmt::Display for Share {
    /// `99.95`, `100`: as many decimals as it takes.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        out.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Over how long a promise is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// The last so many days, up to now.
    Days(u16),
    /// A month of the calendar.
    Month,
    /// A quarter of the calendar.
    Quarter,
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(out, "{days}d"),
            Self::Month => out.write_str("month"),
            Self::Quarter => out.write_str("quarter"),
        }
    }
}

/// A service level that was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How much of the time it is to be up.
    pub uptime: Share,
    /// Over how long.
    pub period: Period,
    /// What counts as down, worst last.
    pub counts: Vec<Level>,
}

impl Target {
    /// What counts as down where nothing else was agreed on.
    pub const DOWN: [Level; 2] = [Level::PartialOutage, Level::MajorOutage];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_read_and_write_back_without_loss() {
        for (text, shown) in
            [("99.9%", "99.9"), ("99.95", "99.95"), ("100%", "100"), ("0", "0"), ("99.9999 %", "99.9999")]
        {
            assert_eq!(Share::from_percent(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["", "%", "100.1", "1000", "-1", "99.99999", "99,9", "99.9%%", ".5", "1e1"] {
            assert_eq!(Share::from_percent(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_quite_all_is_never_shown_as_all() {
        let year = Duration::from_secs(365 * 86_400);
        assert_eq!(Share::of(year - Duration::from_secs(1), year).unwrap().to_string(), "99.9999");
        assert_eq!(Share::of(year, year), Some(Share::ALL));
        assert_eq!(Share::of(Duration::ZERO, Duration::ZERO), None);
    }

    #[test]
    fn the_budget_of_three_nines_is_known() {
        let month = Duration::from_secs(30 * 86_400);
        assert_eq!(Share::from_percent("99.9").unwrap().rest_of(month), Duration::from_secs(2_592));
    }
}
