//! What a rule says, as a sentence: for the usual ones; the others speak for themselves.

use jiff::civil::{DateTime, Weekday};

use super::{Day, End, Every, Rule};

/// What people call them, Monday first.
const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Rule {
    /// What it says, for people: “every second Tuesday at 22:00 Europe/Berlin”. The rule itself where it is unusual.
    pub fn sentence(&self, first: DateTime, timezone: &str) -> String {
        let Some(days) = self.days_in_words(first) else {
            return format!("{} from {} {timezone}", self.text, first.strftime("%Y-%m-%d %H:%M"));
        };
        let end = match self.end {
            Some(End::Count(1)) => ", once".to_owned(),
            Some(End::Count(count)) => format!(", {count} times"),
            Some(End::Local(until)) => format!(", until {}", until.date()),
            Some(End::Instant(until)) => format!(", until {}", until.strftime("%Y-%m-%d %H:%M UTC")),
            None => String::new(),
        };
        format!("{days} at {} {timezone}{end}", first.strftime("%H:%M"))
    }

    fn days_in_words(&self, first: DateTime) -> Option<String> {
        match self.every {
            Every::Day => (self.is_plain() && self.days.is_empty()).then(|| self.turns("day")),
            Every::Week => self.is_plain().then(|| self.weekly(first.weekday())),
            Every::Month if self.months.is_empty() => {
                Some(format!("on {} of {}", self.day_of_month(first)?, self.turns("month")))
            }
            Every::Month => None,
            Every::Year => self.yearly(first),
        }
    }

    /// Nothing is named but weekdays.
    fn is_plain(&self) -> bool {
        self.months.is_empty() && self.month_days.is_empty() && self.positions.is_empty()
    }

    fn turns(&self, unit: &str) -> String {
        match self.interval {
            1 => format!("every {unit}"),
            2 => format!("every second {unit}"),
            interval => format!("every {interval} {unit}s"),
        }
    }

    fn weekly(&self, first: Weekday) -> String {
        let named: Vec<Weekday> = self.days.iter().map(|day| day.weekday).collect();
        let days = listed(if named.is_empty() { vec![first] } else { named });
        match self.interval {
            1 => format!("every {days}"),
            2 if self.days.len() < 2 => format!("every second {days}"),
            _ if days == "weekday" || days == "day" => format!("{} on all {days}s", self.turns("week")),
            _ => format!("{} on {days}", self.turns("week")),
        }
    }

    /// “day 15”, “the last day”, “the second Tuesday”, “the last weekday”.
    fn day_of_month(&self, first: DateTime) -> Option<String> {
        match (self.month_days.as_slice(), self.days.as_slice(), self.positions.as_slice()) {
            ([], [], []) => Some(format!("day {}", first.day())),
            ([-1], [], []) => Some("the last day".to_owned()),
            ([day], [], []) if *day > 0 => Some(format!("day {day}")),
            ([], [Day { nth, weekday }], []) if *nth != 0 => Some(format!("the {} {}", nth_of(*nth)?, name(*weekday))),
            ([], [Day { nth: 0, weekday }], [position]) => {
                Some(format!("the {} {}", nth_of(*position)?, name(*weekday)))
            }
            ([], days, [position]) if is_working_week(days) => Some(format!("the {} weekday", nth_of(*position)?)),
            _ => None,
        }
    }

    /// “every year on 24 November”, “every year on the last Sunday of March”.
    fn yearly(&self, first: DateTime) -> Option<String> {
        let month = match self.months.as_slice() {
            [] if self.month_days.is_empty() && self.days.is_empty() => first.month(),
            [month] => *month,
            _ => return None,
        };
        let month = usize::try_from(month).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?))?;
        let day = self.day_of_month(first)?;
        let on = day.strip_prefix("day ").map_or_else(|| format!("{day} of {month}"), |day| format!("{day} {month}"));
        Some(format!("{} on {on}", self.turns("year")))
    }
}

fn nth_of(number: i16) -> Option<&'static str> {
    Some(match number {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        -1 => "last",
        -2 => "second to last",
        _ => return None,
    })
}

fn name(weekday: Weekday) -> &'static str {
    let at = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0);
    NAMES.get(at).copied().unwrap_or_default()
}

fn is_working_week(days: &[Day]) -> bool {
    days.iter().all(|day| day.nth == 0) && sorted(days.iter().map(|day| day.weekday)) == [0, 1, 2, 3, 4]
}

fn sorted(days: impl IntoIterator<Item = Weekday>) -> Vec<i8> {
    let mut days: Vec<i8> = days.into_iter().map(Weekday::to_monday_zero_offset).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// “Tuesday”, “Monday and Thursday”, “Monday, Tuesday and Friday”, “weekday”, “day”.
fn listed(mut days: Vec<Weekday>) -> String {
    match sorted(days.iter().copied()).as_slice() {
        [0, 1, 2, 3, 4] => return "weekday".to_owned(),
        [_, _, _, _, _, _, _] => return "day".to_owned(),
        _ => {}
    }
    days.sort_unstable_by_key(|day| day.to_monday_zero_offset());
    days.dedup();
    let names: Vec<&str> = days.iter().map(|day| name(*day)).collect();
    match names.as_slice() {
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        _ => names.concat(),
    }
}
