//! Moments as people say them, on the clock of the page.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// Says moments as seen from another one.
#[derive(Debug, Clone)]
pub struct Moments {
    zone: TimeZone,
    now: ZonedDateTime,
}

impl Moments {
    /// As seen from `now`, on the clock of this IANA zone; of UTC, where there is no such zone.
    pub fn new(zone: &str, now: Timestamp) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Self { now: now.to_zoned_datetime(zone.clone()), zone }
    }

    /// `14:05 CET`, `yesterday 14:05 CET`, `Sat 28 Nov, 14:05 CET`.
    pub fn at(&self, at: Timestamp) -> String {
        let at = at.to_zoned_datetime(self.zone.clone());
        let clock = at.strftime("%H:%M %Z");
        match self.day(at.date()) {
            day if day == "today" => clock.to_string(),
            day if day.contains(' ') => format!("{day}, {clock}"),
            day => format!("{day} {clock}"),
        }
    }

    /// `today 22:00–23:00 CET`, `Sat 28 Nov, 22:00 – Sun 29 Nov, 02:00 CET`, `from tomorrow 22:00 CET`.
    pub fn window(&self, starts: Option<Timestamp>, ends: Option<Timestamp>) -> Option<String> {
        let named = |at: &ZonedDateTime| {
            let day = self.day(at.date());
            let comma = if day.contains(' ') { "," } else { "" };
            format!("{day}{comma} {}", at.strftime("%H:%M"))
        };
        let zoned = |at: Timestamp| at.to_zoned_datetime(self.zone.clone());
        match (starts.map(zoned), ends.map(zoned)) {
            (Some(starts), Some(ends)) if starts.date() == ends.date() => {
                Some(format!("{}–{}", named(&starts), ends.strftime("%H:%M %Z")))
            }
            (Some(starts), Some(ends)) => {
                Some(format!("{} – {} {}", named(&starts), named(&ends), ends.strftime("%Z")))
            }
            (Some(starts), None) => Some(format!("from {} {}", named(&starts), starts.strftime("%Z"))),
            (None, Some(ends)) => Some(format!("until {} {}", named(&ends), ends.strftime("%Z"))),
            (None, None) => None,
        }
    }

    /// What has passed since: `Today`, `Since yesterday`, `Since Mon 23 Nov`.
    pub fn span(&self, first: Timestamp) -> String {
        match self.day(first.to_zoned_datetime(self.zone.clone()).date()) {
            day if day == "today" => "Today".to_owned(),
            day => format!("Since {day}"),
        }
    }

    fn day(&self, date: Date) -> String {
        let today = self.now.date();
        match date {
            _ if date == today => "today".into(),
            _ if today.tomorrow().is_ok_and(|next| next == date) => "tomorrow".into(),
            _ if today.yesterday().is_ok_and(|last| last == date) => "yesterday".into(),
            _ if date.year() == today.year() => date.strftime("%a %-d %b").to_string(),
            _ => date.strftime("%a %-d %b %Y").to_string(),
        }
    }
}

/// `47 min`, `3 h 20 min`, `2 d 4 h`; `None` for less than a minute.
pub fn lasted(from: Timestamp, to: Timestamp) -> Option<String> {
    let minutes = to.as_second().saturating_sub(from.as_second()) / 60;
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours, rest) {
        _ if minutes < 1 => None,
        (0, 0, rest) => Some(format!("{rest} min")),
        (0, hours, 0) => Some(format!("{hours} h")),
        (0, hours, rest) => Some(format!("{hours} h {rest} min")),
        (days, 0, _) => Some(format!("{days} d")),
        (days, hours, _) => Some(format!("{days} d {hours} h")),
    }
}
