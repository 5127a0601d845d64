//! Hours of the week on a receiver's clock: quiet ones, ones in which it listens, and when its summary is due.

use jiff::civil::{Date, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::model::policy::{Digest, Hours};

/// True where the moment is within these hours: by the clock on the wall, whatever that did that day.
pub(super) fn holds(hours: Hours, zone: &TimeZone, at: Timestamp) -> bool {
    let now = zone.to_datetime(at);
    let minute = minute_of(now.time());
    let on = |date: Date| hours.days.get(place(date.weekday())).copied().unwrap_or(false);
    let today = on(now.date());
    if hours.from < hours.to {
        return today && minute >= hours.from && minute < hours.to;
    }
    // Over midnight, or the whole day: it belongs to the day on which it starts.
    let yesterday = now.date().yesterday().is_ok_and(on);
    (today && minute >= hours.from) || (yesterday && minute < hours.to)
}

/// When the quiet that holds at this moment is over; `None` where none does. Quiet that follows on quiet counts as one.
pub(super) fn quiet_until(quiet: &[Hours], zone: &str, at: Timestamp) -> Option<Timestamp> {
    if quiet.is_empty() {
        return None;
    }
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let is_quiet = |at: Timestamp| quiet.iter().any(|hours| holds(*hours, &zone, at));
    if !is_quiet(at) {
        return None;
    }
    // It can only end where some hours end. All hours of a week that are quiet end never: it is looked at again then.
    let today = zone.to_datetime(at).date();
    let mut ends: Vec<Timestamp> = (0..=8)
        .filter_map(|days| today.checked_add(i64::from(days).days()).ok())
        .flat_map(|date| quiet.iter().map(move |hours| (date, hours.to)))
        .filter_map(|(date, minute)| moment(date, minute, &zone))
        .filter(|end| *end > at)
        .collect();
    ends.sort();
    ends.iter().find(|end| !is_quiet(**end)).or(ends.last()).copied()
}

/// The next time, after this moment, at which a summary is due.
pub(super) fn next_digest(digest: Digest, zone: &str, at: Timestamp) -> Timestamp {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let today = zone.to_datetime(at).date();
    let is_day = |date: &Date| digest.weekday.is_none_or(|day| usize::from(day) == place(date.weekday()));
    let days = (0..=8).filter_map(|days| today.checked_add(i64::from(days).days()).ok());
    let mut times = days.filter(is_day).filter_map(|date| moment(date, digest.at, &zone));
    times.find(|time| *time > at).unwrap_or_else(|| at.checked_add(24.hours()).unwrap_or(Timestamp::MAX))
}

fn place(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

fn minute_of(time: jiff::civil::Time) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or_default()
}

/// A time of day on a date: one that the clocks skip is moved on by what they skip, one that comes twice is the later,
/// so that no hour of the night is cut short.
fn moment(date: Date, minute: u16, zone: &TimeZone) -> Option<Timestamp> {
    let date = if minute >= 24 * 60 { date.tomorrow().ok()? } else { date };
    let minute = i64::from(minute % (24 * 60));
    let time = date.at(0, 0, 0, 0).checked_add(minute.minutes()).ok()?;
    let place = zone.to_ambiguous_timestamp(time);
    match place.offset() {
        AmbiguousOffset::Gap { .. } => place.compatible().ok(),
        _ => place.later().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn night(days: &[usize]) -> Hours {
        let mut on = [false; 7];
        days.iter().for_each(|day| on[*day] = true);
        Hours { days: on, from: 22 * 60, to: 7 * 60 }
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_starts() {
        // The night of Friday 6 March 2026, in Berlin, an hour ahead.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (time, holds_then) in [
            ("2026-03-06T20:59:00Z", false),
            ("2026-03-06T21:00:00Z", true),
            ("2026-03-07T05:59:00Z", true),
            ("2026-03-07T06:00:00Z", false),
            ("2026-03-07T21:00:00Z", false),
            ("2026-03-06T03:00:00Z", false),
        ] {
            assert_eq!(holds(night(&[4]), &zone, at(time)), holds_then, "{time}");
        }
        let whole = Hours { days: [true, false, false, false, false, false, false], from: 0, to: 0 };
        assert!(holds(whole, &TimeZone::UTC, at("2026-03-02T23:59:00Z")));
        assert!(!holds(whole, &TimeZone::UTC, at("2026-03-03T00:00:00Z")));
    }

    #[test]
    fn quiet_ends_by_the_clock_on_the_wall_in_every_night() {
        let every = night(&[0, 1, 2, 3, 4, 5, 6]);
        for (from, until) in [
            ("2026-03-02T22:00:00Z", "2026-03-03T06:00:00Z"),
            // The clocks go forward, then back: the end stays at seven.
            ("2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"),
            ("2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"),
        ] {
            assert_eq!(quiet_until(&[every], "Europe/Berlin", at(from)), Some(at(until)), "{from}");
        }
        assert_eq!(quiet_until(&[every], "Europe/Berlin", at("2026-03-03T12:00:00Z")), None);
        let weekend = Hours { days: [false, false, false, false, false, true, true], from: 0, to: 0 };
        let both = [night(&[0, 1, 2, 3, 4, 5, 6]), weekend];
        assert_eq!(quiet_until(&both, "UTC", at("2026-03-06T23:00:00Z")), Some(at("2026-03-09T07:00:00Z")));
    }

    #[test]
    fn a_summary_is_due_on_its_day_and_hour() {
        let daily = Digest { weekday: None, at: 8 * 60 };
        assert_eq!(next_digest(daily, "UTC", at("2026-03-02T07:59:00Z")), at("2026-03-02T08:00:00Z"));
        assert_eq!(next_digest(daily, "UTC", at("2026-03-02T08:00:00Z")), at("2026-03-03T08:00:00Z"));
        let weekly = Digest { weekday: Some(0), at: 8 * 60 };
        assert_eq!(next_digest(weekly, "Europe/Berlin", at("2026-03-02T08:00:00Z")), at("2026-03-09T07:00:00Z"));
        // At half past two on a night whose clocks skip that.
        let skipped = Digest { weekday: None, at: 150 };
        assert_eq!(next_digest(skipped, "Europe/Berlin", at("2026-03-28T12:00:00Z")), at("2026-03-29T01:30:00Z"));
    }
}
