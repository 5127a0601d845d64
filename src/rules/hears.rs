//! A policy in words: what a receiver hears, when, and when not.

use std::time::Duration;

use super::announce::is_usual;
use crate::model::level::Impact;
use crate::model::news::{Happening, Tier};
use crate::model::policy::{Confirm, Hours, Policy, Wants};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What somebody with this policy hears, in parts of a sentence; the first says of what, the others when.
pub fn in_words(policy: &Policy) -> Vec<String> {
    let mut parts = vec![of_what(&policy.wants)];
    if let Some(kinds) = kinds(&policy.wants) {
        parts.push(kinds);
    }
    if !policy.wants.hours.is_empty() {
        parts.push(format!("only {} ({})", hours(&policy.wants.hours), policy.zone));
    }
    parts.push(confirmed(policy));
    if !policy.quiet.is_empty() {
        let quiet = hours(&policy.quiet);
        parts.push(format!("quiet {quiet} ({}) but for what is vital and at least major", policy.zone));
    }
    if let Some(digest) = policy.digest {
        let day = digest.weekday.and_then(|day| DAYS.get(usize::from(day))).map_or("every day", |day| day);
        parts.push(format!("all in one summary {day} at {} ({})", clock(digest.at), policy.zone));
    }
    if let Some(every) = policy.remind {
        parts.push(format!("again every {} while it goes on", lasting(every)));
    }
    if !policy.spacing.is_zero() {
        parts.push(format!("no more than one message every {}", lasting(policy.spacing)));
    }
    parts
}

fn of_what(wants: &Wants) -> String {
    let mut of = Vec::new();
    match wants.impact {
        Some(Impact::Critical) => of.push("that is critical".to_owned()),
        Some(impact @ (Impact::Major | Impact::Minor)) => of.push(format!("that is at least {}", impact.as_str())),
        Some(Impact::None | Impact::Maintenance) | None => {}
    }
    match wants.tier {
        Some(Tier::Vital) => of.push("of vital vendors".to_owned()),
        Some(Tier::Normal) => of.push("of vendors that are not background".to_owned()),
        Some(Tier::Background) | None => {}
    }
    let incidents: Vec<String> = wants.incidents.iter().map(ToString::to_string).collect();
    for (what, names) in [
        ("from", &wants.sources),
        ("that touches the services", &wants.services),
        ("tagged", &wants.tags),
        ("about the components", &wants.components),
        ("about", &incidents),
    ] {
        if !names.is_empty() {
            of.push(format!("{what} {}", either(names)));
        }
    }
    let quoted = |words: &[String]| either(&words.iter().map(|word| format!("“{word}”")).collect::<Vec<_>>());
    if !wants.words.is_empty() {
        of.push(format!("that says {}", quoted(&wants.words)));
    }
    if !wants.without.is_empty() {
        of.push(format!("that does not say {}", quoted(&wants.without)));
    }
    if of.is_empty() { "everything".to_owned() } else { format!("everything {}", of.join(", ")) }
}

/// Which happenings, where they are not the usual ones.
fn kinds(wants: &Wants) -> Option<String> {
    let kinds = wants.kinds.as_ref()?;
    let (all, usual) = (Happening::ALL, |kind: &Happening| is_usual(*kind));
    if all.iter().all(|kind| kinds.contains(kind) == usual(kind)) {
        return None;
    }
    if all.iter().all(|kind| kinds.contains(kind)) {
        return Some("with every update".to_owned());
    }
    let names: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    Some(if names.is_empty() { "but nothing of it".to_owned() } else { format!("only when {}", either(&names)) })
}

fn confirmed(policy: &Policy) -> String {
    let [vital, normal, background] =
        [policy.confirm_vital, policy.confirm, policy.confirm_background].map(confirmation);
    if vital == normal && normal == background {
        return normal;
    }
    format!("{normal} (vital: {vital}, background: {background})")
}

fn confirmation(confirm: Confirm) -> String {
    match confirm {
        Confirm::After(wait) if wait.is_zero() => "at once".to_owned(),
        Confirm::After(wait) => format!("once it has lasted {}", lasting(wait)),
        Confirm::Readings(0) => "at once".to_owned(),
        Confirm::Readings(1) => "once another reading agrees".to_owned(),
        Confirm::Readings(more) => format!("once {more} more readings agree"),
    }
}

/// `a, b or c`.
fn either(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn hours(all: &[Hours]) -> String {
    all.iter().map(of_week).collect::<Vec<_>>().join(" and ")
}

/// `Mon–Fri 09:00–17:00`.
fn of_week(hours: &Hours) -> String {
    let time = match hours.from == hours.to {
        true => "all day".to_owned(),
        false => format!("{}–{}", clock(hours.from), clock(hours.to)),
    };
    match days(&hours.days) {
        Some(days) => format!("{days} {time}"),
        None => time,
    }
}

/// Runs of days; `None`: every day.
fn days(on: &[bool; 7]) -> Option<String> {
    if on.iter().all(|on| *on) {
        return None;
    }
    let mut runs: Vec<(&str, &str, usize)> = Vec::new();
    let mut open = false;
    for (day, on) in DAYS.into_iter().zip(on) {
        match (runs.last_mut(), on) {
            (Some(run), true) if open => (run.1, run.2) = (day, run.2 + 1),
            (_, true) => runs.push((day, day, 1)),
            (_, false) => {}
        }
        open = *on;
    }
    let run = |(from, to, length): &(&str, &str, usize)| match length {
        1 => (*from).to_owned(),
        2 => format!("{from}, {to}"),
        _ => format!("{from}–{to}"),
    };
    Some(runs.iter().map(run).collect::<Vec<_>>().join(", "))
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A duration in its largest whole units: `90 s`, `2 min`, `4 h`, `3 days`.
fn lasting(wait: Duration) -> String {
    let seconds = wait.as_secs();
    match seconds {
        _ if seconds > 86_400 && seconds.is_multiple_of(86_400) => format!("{} days", seconds / 86_400),
        _ if seconds > 0 && seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        _ if seconds > 0 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::IncidentId;
    use crate::model::policy::Digest;

    fn words(policy: &Policy) -> String {
        in_words(policy).join("; ")
    }

    fn wants(wants: Wants) -> String {
        of_what(&wants)
    }

    #[test]
    fn a_policy_that_says_nothing_hears_everything_at_once() {
        assert_eq!(words(&Policy::default()), "everything; at once");
    }

    #[test]
    fn every_part_of_a_policy_is_said() {
        let night = Hours { days: [true; 7], from: 22 * 60, to: 7 * 60 };
        let policy = Policy {
            wants: Wants {
                impact: Some(Impact::Major),
                tier: Some(Tier::Vital),
                hours: vec![Hours { days: [true, true, true, true, true, false, false], from: 0, to: 0 }],
                kinds: Some([Happening::Opened, Happening::Resolved].into()),
                ..Wants::default()
            },
            zone: "Europe/Berlin".to_owned(),
            confirm_vital: Confirm::After(Duration::from_secs(30)),
            confirm: Confirm::After(Duration::from_secs(120)),
            confirm_background: Confirm::Readings(3),
            quiet: vec![night],
            digest: Some(Digest { weekday: Some(0), at: 9 * 60 + 5 }),
            remind: Some(Duration::from_secs(4 * 3600)),
            spacing: Duration::from_secs(60),
            ..Policy::default()
        };
        assert_eq!(
            in_words(&policy),
            [
                "everything that is at least major, of vital vendors",
                "only when opened or resolved",
                "only Mon–Fri all day (Europe/Berlin)",
                "once it has lasted 2 min (vital: once it has lasted 30 s, background: once 3 more readings agree)",
                "quiet 22:00–07:00 (Europe/Berlin) but for what is vital and at least major",
                "all in one summary Mon at 09:05 (Europe/Berlin)",
                "again every 4 h while it goes on",
                "no more than one message every 1 min",
            ]
        );
    }

    #[test]
    fn what_is_heard_of_is_named() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            wants(Wants { sources: names(&["a", "b-*", "c"]), ..Wants::default() }),
            "everything from a, b-* or c"
        );
        let all = Wants {
            services: names(&["checkout"]),
            tags: names(&["shop"]),
            components: names(&["acme/Core/*"]),
            incidents: vec![IncidentId::new("acme.1")],
            words: names(&["Frankfurt", "eu-west"]),
            without: names(&["test"]),
            ..Wants::default()
        };
        assert_eq!(
            wants(all),
            "everything that touches the services checkout, tagged shop, about the components acme/Core/*, about \
             acme.1, that says “Frankfurt” or “eu-west”, that does not say “test”"
        );
    }

    #[test]
    fn kinds_are_said_where_they_are_not_the_usual_ones() {
        let said = |of: Vec<Happening>| kinds(&Wants { kinds: Some(of.into_iter().collect()), ..Wants::default() });
        assert_eq!(said(Happening::ALL.into_iter().filter(|kind| is_usual(*kind)).collect()), None);
        assert_eq!(said(Happening::ALL.to_vec()).unwrap(), "with every update");
        assert_eq!(said(vec![]).unwrap(), "but nothing of it");
    }

    #[test]
    fn days_are_said_in_runs() {
        let on = |text: &str| {
            let mut on = [false; 7];
            for (at, letter) in text.chars().enumerate() {
                on[at] = letter == 'x';
            }
            days(&on)
        };
        assert_eq!(on("xxxxxxx"), None);
        assert_eq!(on("xxxxx--").unwrap(), "Mon–Fri");
        assert_eq!(on("x-x--xx").unwrap(), "Mon, Wed, Sat, Sun");
        assert_eq!(on("-------").unwrap(), "");
    }

    #[test]
    fn durations_are_said_in_their_largest_whole_units() {
        for (seconds, said) in [
            (0, "0 s"),
            (90, "90 s"),
            (120, "2 min"),
            (7_200, "2 h"),
            (86_400, "24 h"),
            (259_200, "3 days"),
            (172_800, "2 days"),
        ] {
            assert_eq!(lasting(Duration::from_secs(seconds)), said, "{seconds}");
        }
    }
}
