//! The worst state of each of the last ninety days.

use jiff::civil::Date;

use super::level::State;

/// How many days are kept.
pub const DAYS: usize = 90;

/// One cell a day, the newest last. A day on which nothing was observed is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    newest: Option<Date>,
    cells: Vec<Option<State>>,
}

impl Days {
    /// Rebuilds what was stored; cells beyond the kept number are dropped from the old end.
    pub fn from_parts(newest: Option<Date>, mut cells: Vec<Option<State>>) -> Self {
        if newest.is_none() {
            cells.clear();
        }
        let surplus = cells.len().saturating_sub(DAYS);
        cells.drain(..surplus);
        Self { newest, cells }
    }

    /// The day of the last cell and the cells, oldest first.
    pub fn parts(&self) -> (Option<Date>, &[Option<State>]) {
        (self.newest, &self.cells)
    }

    /// Notes that `state` was observed on `day` (UTC). Days in between were not observed.
    /// A day before the newest is ignored: the past is not rewritten when a clock jumps back.
    pub fn note(&mut self, day: Date, state: State) {
        let gap = match self.newest {
            None => 1,
            Some(newest) => i64::from((day - newest).get_days()),
        };
        if gap < 0 {
            return;
        }
        let gap = usize::try_from(gap).unwrap_or(DAYS).min(DAYS);
        self.cells.extend(std::iter::repeat_n(None, gap));
        let surplus = self.cells.len().saturating_sub(DAYS);
        self.cells.drain(..surplus);
        self.newest = Some(day);
        if let Some(cell) = self.cells.last_mut() {
            *cell = Some(cell.map_or(state, |seen| seen.worse(state)));
        }
    }

    /// Exactly `DAYS` cells that end with `today`, oldest first.
    pub fn until(&self, today: Date) -> Vec<Option<State>> {
        let mut shown = self.clone();
        if let Some(newest) = self.newest {
            let gap = usize::try_from((today - newest).get_days()).unwrap_or(0).min(DAYS);
            shown.cells.extend(std::iter::repeat_n(None, gap));
        }
        let surplus = shown.cells.len().saturating_sub(DAYS);
        shown.cells.drain(..surplus);
        let missing = DAYS - shown.cells.len();
        std::iter::repeat_n(None, missing).chain(shown.cells).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_worst_of_a_day_stays_and_days_without_a_reading_are_empty() {
        let mut days = Days::default();
        days.note(date(2026, 1, 1), State::OPERATIONAL);
        days.note(date(2026, 1, 1), State::MAJOR_OUTAGE);
        days.note(date(2026, 1, 1), State::OPERATIONAL);
        days.note(date(2026, 1, 3), State::OPERATIONAL);
        days.note(date(2026, 1, 2), State::MAJOR_OUTAGE);
        let shown = days.until(date(2026, 1, 4));
        assert_eq!(shown.len(), DAYS);
        assert_eq!(shown[DAYS - 4..], [Some(State::MAJOR_OUTAGE), None, Some(State::OPERATIONAL), None]);
        days.note(date(2027, 1, 3), State::Unknown);
        assert_eq!(days.until(date(2027, 1, 3)).iter().flatten().count(), 1);
    }
}
