//! What a calendar must know of a time zone to keep the local hour: when its offset changes, now and in future.

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::block::Block;

/// Years ahead that changes of the clocks are looked up for.
const AHEAD: i64 = 30;
/// So many years in a row by one rule, until the end of what was looked up, are taken for a rule without an end.
const REGULAR: usize = 12;

/// One sort of change: from this offset to that one, at these local times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Observance {
    dst: bool,
    from: Offset,
    to: Offset,
    name: String,
    /// On the clocks before the change.
    starts: DateTime,
    /// The other changes of this sort: by a rule, or one by one.
    again: Again,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Again {
    Rule(String),
    Dates(Vec<DateTime>),
}

/// A time zone from `since` on.
pub(super) fn block(id: &str, zone: &TimeZone, since: Timestamp) -> Block {
    let mut block = Block::new("VTIMEZONE");
    block.text("TZID", id);
    for one in observances(zone, since) {
        let mut part = Block::new(if one.dst { "DAYLIGHT" } else { "STANDARD" });
        part.put("DTSTART", local(one.starts));
        match &one.again {
            Again::Rule(rule) => part.put("RRULE", rule.as_str()),
            Again::Dates(dates) if dates.is_empty() => {}
            Again::Dates(dates) => {
                part.put("RDATE", dates.iter().map(|at| local(*at)).collect::<Vec<_>>().join(","));
            }
        }
        part.put("TZOFFSETFROM", offset(one.from));
        part.put("TZOFFSETTO", offset(one.to));
        part.text("TZNAME", &one.name);
        block.push(part);
    }
    block
}

/// A local time as iCalendar writes it.
pub(super) fn local(at: DateTime) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let odd = if all % 60 == 0 { String::new() } else { format!("{:02}", all % 60) };
    format!("{sign}{:02}{:02}{odd}", all / 3600, all / 60 % 60)
}

/// All changes of a zone, from the last one before `since` on.
pub(super) fn observances(zone: &TimeZone, since: Timestamp) -> Vec<Observance> {
    let until = since.checked_add((AHEAD * 366 * 24).hours()).unwrap_or(Timestamp::MAX);
    let mut at: Vec<Timestamp> = zone.preceding(since).take(1).map(|change| change.timestamp()).collect();
    at.extend(zone.following(since).map(|change| change.timestamp()).take_while(|at| *at < until));
    let mut sorts: BTreeMap<(bool, i32, i32, String), Vec<DateTime>> = BTreeMap::new();
    for moment in at {
        let before = zone.to_offset_info(moment.checked_sub(1.second()).unwrap_or(moment)).offset();
        let after = zone.to_offset_info(moment);
        let key = (after.dst().is_dst(), before.seconds(), after.offset().seconds(), after.abbreviation().to_owned());
        sorts.entry(key).or_default().push(before.to_datetime(moment));
    }
    if sorts.is_empty() {
        let fixed = zone.to_offset_info(since);
        let key = (false, fixed.offset().seconds(), fixed.offset().seconds(), fixed.abbreviation().to_owned());
        sorts.insert(key, vec![DateTime::constant(1970, 1, 1, 0, 0, 0, 0)]);
    }
    let mut all = Vec::new();
    for ((dst, from, to, name), times) in sorts {
        let (Ok(from), Ok(to)) = (Offset::from_seconds(from), Offset::from_seconds(to)) else { continue };
        let sort = |starts, again| Observance { dst, from, to, name: name.clone(), starts, again };
        let (single, regular) = split(&times, zone.to_datetime(until).year());
        if let Some((first, others)) = single.split_first() {
            all.push(sort(*first, Again::Dates(others.to_vec())));
        }
        if let (Some(first), Some(rule)) = (regular.first(), rule(regular)) {
            all.push(sort(*first, Again::Rule(rule)));
        }
    }
    all.sort_by_key(|one| one.starts);
    all
}

/// The changes that come one by one, and those after them that go by a rule until the end of what was looked up.
fn split(times: &[DateTime], last: i16) -> (&[DateTime], &[DateTime]) {
    let reaches = times.last().is_some_and(|at| at.year() >= last - 1);
    let begin = (0..times.len()).find(|begin| times.get(*begin..).is_some_and(|rest| rule(rest).is_some()));
    match begin.filter(|begin| reaches && times.len() - begin >= REGULAR) {
        Some(begin) => times.split_at(begin),
        None => (times, &[]),
    }
}

/// The yearly rule by which all of these changes come, if there is one.
fn rule(times: &[DateTime]) -> Option<String> {
    let first = times.first()?;
    let yearly = times.iter().zip(i32::from(first.year())..).all(|(at, year)| i32::from(at.year()) == year);
    let alike =
        times.iter().all(|at| (at.month(), at.weekday(), at.time()) == (first.month(), first.weekday(), first.time()));
    if !yearly || !alike {
        return None;
    }
    let (month, day) = (first.month(), weekday(first.weekday()));
    if times.iter().all(|at| at.day() + 7 > at.date().days_in_month()) {
        return Some(format!("FREQ=YEARLY;BYMONTH={month};BYDAY=-1{day}"));
    }
    let earliest = times.iter().map(|at| at.day()).min()?;
    let latest = times.iter().map(|at| at.day()).max()?;
    if latest - earliest > 6 {
        return None;
    }
    // With so many years in a row the earliest and the latest day of the week that the rule means are among them.
    if latest - earliest == 6 && earliest % 7 == 1 {
        return Some(format!("FREQ=YEARLY;BYMONTH={month};BYDAY={}{day}", (earliest - 1) / 7 + 1));
    }
    let days: Vec<String> = (earliest..=latest).map(|day| day.to_string()).collect();
    Some(format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={};BYDAY={day}", days.join(",")))
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::recurrence::Rule;

    /// All changes that the observances tell of until ten years later, ascending, as a calendar works them out.
    fn changes(observances: &[Observance], since: Timestamp) -> Vec<(Timestamp, Offset)> {
        let until = since.checked_add((3_660 * 24).hours()).unwrap();
        let mut all: Vec<(Timestamp, Offset)> = Vec::new();
        for one in observances {
            let begin = one.from.to_timestamp(one.starts).unwrap();
            all.push((begin, one.to));
            match &one.again {
                Again::Dates(dates) => all.extend(dates.iter().map(|at| (one.from.to_timestamp(*at).unwrap(), one.to))),
                Again::Rule(rule) => {
                    let (rule, clocks) = (Rule::parse(rule).unwrap(), TimeZone::fixed(one.from));
                    let again = rule.occurrences(one.starts, &clocks, begin..until, 100);
                    all.extend(again.iter().map(|occurrence| (occurrence.at, one.to)));
                }
            }
        }
        all.sort_by_key(|(at, _)| *at);
        all
    }

    #[test]
    fn every_zone_is_told_so_that_its_offset_is_right_for_ten_years() {
        let since: Timestamp = "2026-11-26T00:00:00Z".parse().unwrap();
        let (mut zones, mut ruled) = (0, 0);
        for name in jiff::tz::db().available() {
            let zone = TimeZone::get(name.as_str()).unwrap();
            let told_of = observances(&zone, since);
            ruled += usize::from(told_of.iter().any(|one| matches!(one.again, Again::Rule(_))));
            zones += 1;
            let changes = changes(&told_of, since);
            let told = |at| changes.iter().take_while(|(begin, _)| *begin <= at).last().map(|(_, to)| *to);
            // Steps of nine days and some hours, over all seasons and times of day, and both sides of every change.
            let steps = (0..390).map(|step| since.checked_add((step * 223).hours()).unwrap());
            let edges = zone.following(since).take(20).map(|change| change.timestamp());
            let edges = edges.take_while(|at| at.as_second() < since.as_second() + 3_600 * 86_400);
            for at in steps.chain(edges.flat_map(|at| [at.checked_sub(1.second()).unwrap(), at])) {
                assert_eq!(told(at), Some(zone.to_offset(at)), "{name} at {at}: {told_of:?}");
            }
        }
        assert!(zones > 400 && ruled > 100, "{ruled} of {zones}");
    }

    #[test]
    fn a_zone_is_written_as_calendars_read_it() {
        let since: Timestamp = "2026-11-26T00:00:00Z".parse().unwrap();
        let write = |name: &str| {
            let mut out = String::new();
            block(name, &TimeZone::get(name).unwrap(), since).write(&mut out).unwrap();
            out.replace("\r\n", "\n")
        };
        assert_eq!(
            write("Europe/Berlin"),
            "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:20261025T030000\n\
             RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nTZNAME:CET\nEND:STANDARD\n\
             BEGIN:DAYLIGHT\nDTSTART:20270328T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nTZOFFSETFROM:+0100\n\
             TZOFFSETTO:+0200\nTZNAME:CEST\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
        );
        assert!(write("America/New_York").contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\n"));
        assert!(write("UTC").contains("DTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000\n"));
    }
}
