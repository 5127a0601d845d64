//! Moments in addresses: as programs write them, or as a field of a form does, in the page's time zone.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::App;
use super::error::Fail;

/// The page's time zone; UTC where it is not known here.
pub(super) fn zone(app: &App) -> TimeZone {
    TimeZone::get(&app.0.ready.load().snapshot.page.timezone).unwrap_or(TimeZone::UTC)
}

/// Reads a moment of the past.
pub(super) fn past(app: &App, name: &'static str, text: &str) -> Result<Timestamp, Fail> {
    let at = read(text.trim(), &zone(app)).ok_or_else(|| Fail::Parameter {
        name,
        problem: "must be a moment: 2026-11-24T14:05:00Z, 2026-11-24T14:05 in the page's time zone, or -2h".to_owned(),
    });
    let at = match at {
        Err(fail) => since(app, text).ok_or(fail)?,
        Ok(at) => at,
    };
    // A reader's clock may be a little ahead of ours.
    if at > app.0.clock.now().wall.saturating_add(SignedDuration::from_mins(1)).unwrap_or(Timestamp::MAX) {
        return Err(Fail::Parameter { name, problem: "is in the future".to_owned() });
    }
    Ok(at)
}

/// Reads a day in the page's time zone.
pub(super) fn day(name: &'static str, text: &str) -> Result<Date, Fail> {
    let problem = || Fail::Parameter { name, problem: "must be a day: 2026-11-24".to_owned() };
    text.trim().parse().map_err(|_| problem())
}

fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    // In an address, `+` stands for a blank.
    let text = text.replace(' ', "+");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil: DateTime = text.parse().ok()?;
    zone.to_ambiguous_timestamp(civil).compatible().ok()
}

/// `-2h`: so long ago.
fn since(app: &App, text: &str) -> Option<Timestamp> {
    let ago: SignedDuration = text.trim().strip_prefix('-')?.parse().ok()?;
    app.0.clock.now().wall.checked_sub(ago).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_programs_and_forms_write_them() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text| read(text, &berlin).map(|at| at.to_string());
        for text in ["2026-11-24T14:05:00Z", "2026-11-24T15:05:00 01:00", "2026-11-24T15:05", "2026-11-24T15:05:00"] {
            assert_eq!(at(text).as_deref(), Some("2026-11-24T14:05:00Z"), "{text}");
        }
        // The hour that the clocks leave out is read as the one after it.
        assert_eq!(at("2026-03-29T02:30").as_deref(), Some("2026-03-29T01:30:00Z"));
        for text in ["", "yesterday", "2026-13-01T00:00", "12:30"] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
