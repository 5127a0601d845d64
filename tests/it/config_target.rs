//! Service levels in the configuration: what is right is taken, what is wrong is named with its place.

use std::path::Path;

use allclear::config::parse;
use allclear::model::level::Level;
use allclear::model::target::{Period, Share, Target};

fn read(target: &str) -> Result<Option<Target>, Vec<String>> {
    let text = format!("sources:\n  - {{use: github, target: {target}}}\n");
    match parse(&text, Path::new("sources.yaml"), &|_| None) {
        Ok(config) => Ok(config.sources[0].source.target.clone()),
        Err(problems) => Err(problems.iter().map(|one| one.to_string().replace("\n  hint: ", " | ")).collect()),
    }
}

#[test]
fn a_target_is_a_percentage_or_says_over_how_long_and_what_counts() {
    let target = |uptime: &str, period, counts: &[Level]| Target {
        uptime: Share::from_percent(uptime).unwrap(),
        period,
        counts: counts.to_vec(),
    };
    for (text, expected) in [
        ("99.9%", target("99.9", Period::Month, &Target::DOWN)),
        ("99.95", target("99.95", Period::Month, &Target::DOWN)),
        ("{uptime: 99.5%, window: 30d}", target("99.5", Period::Days(30), &Target::DOWN)),
        (
            "{uptime: 99%, window: quarter, counts: [major_outage, degraded_performance, major_outage]}",
            target("99", Period::Quarter, &[Level::DegradedPerformance, Level::MajorOutage]),
        ),
        ("{uptime: 100, counts: under_maintenance}", target("100", Period::Month, &[Level::UnderMaintenance])),
    ] {
        assert_eq!(read(text).unwrap(), Some(expected), "{text}");
    }
    assert_eq!(read("null").unwrap(), None);
}

#[test]
fn every_mistake_in_a_target_has_its_place_and_its_hint() {
    for (text, expected) in [
        (
            "101%",
            "2:27: expected an uptime such as `99.9%`, found `101%` | a percentage from 0 to 100 with at most four decimals",
        ),
        ("{window: month}", "2:27: a target without `uptime` | write for example `uptime: 99.9%`"),
        ("{uptime: 99%, windw: month}", "2:41: unknown key `windw` in `target` | did you mean `window`?"),
        (
            "{uptime: 99%, window: 2y}",
            "2:49: expected `month`, `quarter` or a number of days such as `30d`, found `2y` | at most 366 days",
        ),
        (
            "{uptime: 99%, window: 400d}",
            "2:49: expected `month`, `quarter` or a number of days such as `30d`, found `400d` | at most 366 days",
        ),
        (
            "{uptime: 99%, counts: [major_outtage]}",
            "2:50: `major_outtage` cannot count as down | did you mean `major_outage`?",
        ),
        (
            "{uptime: 99%, counts: [unknown]}",
            "2:50: `unknown` cannot count as down | one of: under_maintenance, degraded_performance, partial_outage, major_outage",
        ),
        (
            "{uptime: 99%, counts: []}",
            "2:49: no state counts as down | one or more of: under_maintenance, degraded_performance, partial_outage, major_outage",
        ),
        ("[99.9]", "2:27: expected `target` as a map, found a list | keys: uptime, window, counts"),
    ] {
        assert_eq!(read(text).unwrap_err(), [format!("sources.yaml:{expected}")], "{text}");
    }
}
