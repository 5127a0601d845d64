//! Planned work that meets other planned work.

use std::sync::Arc;

use allclear::model::filter::Filter;
use allclear::model::id::{IncidentId, ServiceId, SourceId};
use allclear::model::incident::Phase;
use allclear::model::source::{Need, Service};
use allclear::rules::clash::{Clash, Whose, Window, clashes};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::at;

/// Checkout needs all of GitHub but its docs, and Cloudflare's workers; Search needs nothing.
fn services() -> Vec<Arc<Service>> {
    let need = |source: &str, only: &[&str], ignore: &[&str]| Need {
        source: SourceId::new(source),
        components: Filter::new(only, ignore).unwrap(),
    };
    let service = |id: &str, name: &str, needs| {
        Arc::new(Service {
            id: ServiceId::new(id),
            name: name.into(),
            description: None,
            group: None,
            tags: Vec::new(),
            needs,
        })
    };
    vec![
        service("checkout", "Checkout", vec![need("github", &[], &["Docs"]), need("cloudflare", &["Workers*"], &[])]),
        service("mail", "Mail", vec![need("github", &[], &[])]),
        service("search", "Search", vec![]),
    ]
}

fn hour(hour: &str) -> Option<Timestamp> {
    (!hour.is_empty()).then(|| at(&format!("2026-12-01T{hour}:00:00Z")))
}

fn ours(id: &str, services: &[&str], from: &str, until: &str) -> Window {
    let services = services.iter().map(ServiceId::new).collect();
    let (starts_at, ends_at, whose) = (hour(from), hour(until), Whose::Ours { services });
    Window {
        id: IncidentId::new(id),
        title: id.to_uppercase(),
        whose,
        phase: Some(Phase::Scheduled),
        starts_at,
        ends_at,
    }
}

fn vendors(source: &str, paths: &[&str], from: &str, until: &str) -> Window {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let whose = Whose::Vendors { source: SourceId::new(source), name: source.to_uppercase(), paths };
    Window { id: IncidentId::new(format!("{source}.1")), title: "Works".into(), whose, ..ours("", &[], from, until) }
}

fn said(windows: &[Window]) -> Vec<String> {
    clashes(windows, &services()).into_iter().map(|clash| clash.sentence).collect()
}

#[test]
fn work_of_a_vendor_that_a_service_needs_is_in_the_way() {
    let none: [&str; 0] = [];
    let ours = |services: &[&str]| ours("upgrade", services, "10", "12");
    for (services, vendor, expected) in [
        (
            &["checkout"][..],
            vendors("github", &[], "11", "13"),
            "GITHUB works on “Works”, which Checkout needs, during “UPGRADE”",
        ),
        (
            &["checkout", "mail"],
            vendors("github", &["Actions"], "09", "15"),
            "GITHUB works on “Works”, which Checkout and Mail need, during “UPGRADE”",
        ),
        (&["checkout"], vendors("github", &["Docs"], "11", "13"), ""),
        (
            &["mail"],
            vendors("github", &["Docs"], "11", "13"),
            "GITHUB works on “Works”, which Mail needs, during “UPGRADE”",
        ),
        (&["search"], vendors("github", &[], "11", "13"), ""),
        (
            &["checkout"],
            vendors("cloudflare", &["Workers KV"], "11", "13"),
            "CLOUDFLARE works on “Works”, which Checkout needs, during “UPGRADE”",
        ),
        (&["checkout"], vendors("cloudflare", &["DNS"], "11", "13"), ""),
        (
            &["checkout"],
            vendors("cloudflare", &[], "11", ""),
            "CLOUDFLARE works on “Works”, which Checkout needs, during “UPGRADE”, with no planned end",
        ),
        (&["checkout"], vendors("stripe", &[], "11", "13"), ""),
    ] {
        let found = said(&[vendor.clone(), ours(services)]);
        let expected: Vec<&str> = if expected.is_empty() { none.to_vec() } else { vec![expected] };
        assert_eq!(found, expected, "{services:?} {vendor:?}");
    }
}

#[test]
fn only_what_overlaps_in_time_is_in_the_way() {
    let upgrade = ours("upgrade", &["checkout"], "10", "12");
    for (from, until, meets) in [
        ("08", "09", false),
        ("08", "10", false),
        ("08", "11", true),
        ("10", "12", true),
        ("11", "11", true),
        ("12", "14", false),
        ("13", "14", false),
        ("08", "", true),
        ("12", "", false),
        ("", "14", false),
        ("", "", false),
        // An end before the start is no end.
        ("11", "09", true),
    ] {
        let found = clashes(&[upgrade.clone(), vendors("github", &[], from, until)], &services());
        assert_eq!(found.len(), usize::from(meets), "{from} to {until}");
    }
    let running = Window { phase: Some(Phase::InProgress), ..vendors("github", &[], "", "11") };
    let found = clashes(&[running, upgrade], &services());
    assert_eq!((found[0].from, found[0].until), (hour("10"), hour("11")), "it has begun, whenever that was");
}

#[test]
fn what_is_over_or_cancelled_is_in_nobodys_way() {
    let upgrade = ours("upgrade", &["checkout"], "10", "12");
    for (phase, meets) in [
        (None, true),
        (Some(Phase::Scheduled), true),
        (Some(Phase::InProgress), true),
        (Some(Phase::Verifying), true),
        (Some(Phase::Completed), false),
        (Some(Phase::Cancelled), false),
    ] {
        let vendor = Window { phase, ..vendors("github", &[], "10", "12") };
        assert_eq!(clashes(&[upgrade.clone(), vendor.clone()], &services()).len(), usize::from(meets), "{phase:?}");
        let other = Window { phase, ..upgrade.clone() };
        let vendor = vendors("github", &[], "10", "12");
        assert_eq!(clashes(&[other, vendor], &services()).len(), usize::from(meets), "{phase:?}");
    }
}

#[test]
fn two_of_ours_that_share_a_service_are_said_once() {
    let windows = [
        ours("b", &["search", "mail"], "10", "12"),
        ours("a", &["mail", "search", "checkout"], "11", "13"),
        ours("c", &["checkout"], "12", "14"),
        ours("d", &["mail"], "13", "14"),
    ];
    let found = clashes(&windows, &services());
    let pairs: Vec<(&str, &str)> = found.iter().map(|clash| (clash.ours.as_str(), clash.other.as_str())).collect();
    assert_eq!(pairs, [("b", "a"), ("a", "c")]);
    assert_eq!(found[0].sentence, "“B” and “A” overlap, and both touch Search and Mail");
    assert_eq!((found[0].from, found[0].until, found[0].vendor.clone()), (hour("11"), hour("12"), None));
    assert_eq!(said(&[vendors("github", &[], "10", "12"), vendors("cloudflare", &[], "10", "12")]), [] as [&str; 0]);
}

fn any_window() -> impl Strategy<Value = Window> {
    let whose = prop_oneof![
        prop::sample::subsequence(vec!["checkout", "mail", "search"], 0..3)
            .prop_map(|services| ours("x", &services, "", "").whose),
        prop::sample::select(vec!["github", "cloudflare", "stripe"])
            .prop_map(|source| vendors(source, &[], "", "").whose),
    ];
    let hours = (prop::option::of(0_i64..20), prop::option::of(0_i64..10));
    let phase = prop::option::of(prop::sample::select(Phase::ALL[4..].to_vec()));
    (0..9_u8, whose, hours, phase).prop_map(|(id, whose, (from, length), phase)| {
        let starts_at = from.map(|from| at("2026-12-01T00:00:00Z") + SignedDuration::from_hours(from));
        let ends_at = starts_at.and_then(|start| Some(start + SignedDuration::from_hours(length?)));
        Window { id: IncidentId::new(format!("w{id}")), title: "W".into(), whose, phase, starts_at, ends_at }
    })
}

proptest! {
    #[test]
    fn a_clash_is_between_open_overlapping_work_and_does_not_depend_on_the_order(
        windows in prop::collection::vec(any_window(), 0..8),
    ) {
        let mut ids = std::collections::HashSet::new();
        let windows: Vec<Window> = windows.into_iter().filter(|window| ids.insert(window.id.clone())).collect();
        let found = clashes(&windows, &services());
        let of = |id: &IncidentId| windows.iter().find(|window| window.id == *id).unwrap();
        for clash in &found {
            let is_ours = matches!(of(&clash.ours).whose, Whose::Ours { .. });
            prop_assert!(is_ours && clash.ours != clash.other);
            prop_assert!(!clash.services.is_empty());
            prop_assert!([&clash.ours, &clash.other].iter().all(|id| of(id).phase.is_none_or(Phase::is_open)));
            prop_assert!(clash.from.zip(clash.until).is_none_or(|(from, until)| from <= until));
        }
        let pair = |clash: &Clash| { let mut pair = [clash.ours.clone(), clash.other.clone()]; pair.sort(); pair };
        let mut pairs: Vec<_> = found.iter().map(pair).collect();
        let mut reversed: Vec<_> = clashes(&windows.iter().rev().cloned().collect::<Vec<_>>(), &services()).iter().map(pair).collect();
        pairs.sort();
        reversed.sort();
        prop_assert_eq!(&pairs, &reversed);
        pairs.dedup();
        prop_assert_eq!(pairs.len(), found.len(), "each pair once");
    }
}
