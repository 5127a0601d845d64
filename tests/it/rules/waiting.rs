//! What waits for an operator.

use std::collections::BTreeMap;
use std::sync::Arc;

use allclear::model::desk::{Affects, Desk, Mute, Verdict};
use allclear::model::id::{IncidentId, SourceId};
use allclear::model::incident::{Incident, Listing, Maintenance, Origin, Phase, Revision};
use allclear::model::level::{Impact, State};
use allclear::model::local::Local;
use allclear::model::series::Plan;
use allclear::model::snapshot::{Headline, IncidentView, Snapshot};
use allclear::rules::waiting::{Waiting, waiting};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    format!("2026-11-26T{text}:00Z").parse().unwrap()
}

fn incident(id: &str, local: Option<Local>, began: &str) -> Incident {
    Incident {
        id: IncidentId::new(id),
        origin: if local.is_some() { Origin::Local } else { Origin::Upstream },
        source: local.is_none().then(|| SourceId::new("vendor")),
        upstream_ids: Vec::new(),
        title: id.to_owned(),
        phase: Some(Phase::Investigating),
        impact: Some(Impact::Minor),
        started_at: Some(at(began)),
        updated_at: None,
        resolved_at: None,
        url: None,
        components: Vec::new(),
        services: Vec::new(),
        updates: Vec::new(),
        first_seen_at: at(began),
        listing: Listing::Listed,
        local: local.map(Box::new),
    }
}

fn judged(affects: Affects, mute: Mute) -> Verdict {
    Verdict {
        incident: IncidentId::new("vendor.a"),
        version: 1,
        affects,
        owner: None,
        note: None,
        workaround: None,
        acknowledged: None,
        mute,
        seen: Default::default(),
        at: at("10:00"),
        author: "robin".into(),
    }
}

fn vendors(id: &str, counted: bool, verdict: Option<Verdict>, stands: bool) -> Arc<IncidentView> {
    let incident = incident(id, None, "10:00");
    let state = State::DEGRADED_PERFORMANCE;
    let verdict = verdict.map(Arc::new);
    let source_name = "Vendor".into();
    Arc::new(IncidentView {
        incident,
        source_name,
        state,
        counted,
        affected: Vec::new(),
        stale: false,
        verdict,
        stands,
    })
}

fn planned(id: &str, phase: Phase, starts: &str, ends: &str, plan: Plan) -> Maintenance {
    Maintenance {
        id: IncidentId::new(id),
        origin: Origin::Local,
        source: None,
        upstream_ids: Vec::new(),
        title: id.to_owned(),
        phase: Some(phase),
        starts_at: Some(at(starts)),
        ends_at: Some(at(ends)),
        updated_at: None,
        url: None,
        components: Vec::new(),
        services: Vec::new(),
        updates: Vec::new(),
        first_seen_at: at("00:00"),
        listing: Listing::Listed,
        revision: Revision::default(),
        local: Some(Box::new(Local { plan, ..Local::default() })),
    }
}

fn snapshot(incidents: Vec<Arc<IncidentView>>) -> Snapshot {
    let headline =
        Headline { state: State::OPERATIONAL, text: String::new(), detail: String::new(), counts: BTreeMap::new() };
    Snapshot {
        generated_at: at("12:00"),
        seq: 0,
        page: Arc::default(),
        headline,
        sources: Vec::new(),
        services: Vec::new(),
        incidents,
        maintenances: Vec::new(),
        recent: Vec::new(),
        recent_maintenances: Vec::new(),
        notices: Vec::new(),
    }
}

/// What waits, in a word with the id.
fn words(desk: &Desk, snapshot: &Snapshot) -> Vec<String> {
    let word = |one: &Waiting| match one {
        Waiting::Suggested(one) => format!("suggested {}", one.id),
        Waiting::Outdated(view) => format!("outdated {}", view.incident.id),
        Waiting::Unjudged(view) => format!("unjudged {}", view.incident.id),
        Waiting::Overdue(one, what) => format!("overdue {what:?} {}", one.id),
        Waiting::Silent(one, _) => format!("silent {}", one.id),
        Waiting::Soon(one) => format!("soon {}", one.id),
    };
    waiting(desk, snapshot, at("12:00")).iter().map(word).collect()
}

#[test]
fn a_vendors_incident_waits_until_it_is_judged_and_again_when_it_is_worse() {
    let (yes, no, open) = (Affects::Yes, Affects::No, Affects::NotKnown);
    for (view, waits) in [
        (vendors("vendor.a", true, None, false), "unjudged vendor.a"),
        (vendors("vendor.a", false, None, false), ""),
        (vendors("vendor.a", true, Some(judged(open, Mute::Off)), true), "unjudged vendor.a"),
        (vendors("vendor.a", true, Some(judged(yes, Mute::Off)), true), ""),
        (vendors("vendor.a", true, Some(judged(no, Mute::Off)), true), ""),
        (vendors("vendor.a", true, Some(judged(no, Mute::Off)), false), "outdated vendor.a"),
        (vendors("vendor.a", true, Some(judged(yes, Mute::Off)), false), "outdated vendor.a"),
        (vendors("vendor.a", true, Some(judged(no, Mute::Until(at("13:00")))), false), ""),
        (vendors("vendor.a", true, Some(judged(no, Mute::Until(at("11:00")))), false), "outdated vendor.a"),
        (vendors("vendor.a", true, Some(judged(open, Mute::UntilChange)), true), ""),
        (vendors("vendor.a", true, Some(judged(open, Mute::UntilChange)), false), "unjudged vendor.a"),
    ] {
        let shown = format!("{view:?}");
        let expected: Vec<&str> = Some(waits).filter(|waits| !waits.is_empty()).into_iter().collect();
        assert_eq!(words(&Desk::default(), &snapshot(vec![view])), expected, "{shown}");
    }
}

#[test]
fn decisions_come_before_reminders() {
    let by_itself = Plan { auto_start: true, auto_end: true, ..Plan::default() };
    let mut desk = Desk::default();
    for one in [
        incident("fresh", Some(Local::default()), "11:30"),
        incident("silent", Some(Local::default()), "11:00"),
        incident("suggested", Some(Local { suggested: true, ..Local::default() }), "11:59"),
    ] {
        desk.incidents.insert(one.id.clone(), Arc::new(one));
    }
    for one in [
        planned("late", Phase::Scheduled, "11:00", "18:00", Plan::default()),
        planned("long", Phase::InProgress, "10:00", "11:00", Plan::default()),
        planned("soon", Phase::Scheduled, "13:30", "15:00", Plan::default()),
        planned("later", Phase::Scheduled, "14:30", "15:00", Plan::default()),
        planned("alone", Phase::Scheduled, "11:00", "15:00", by_itself),
    ] {
        desk.maintenances.insert(one.id.clone(), Arc::new(one));
    }
    let snapshot = snapshot(vec![vendors("vendor.a", true, None, false)]);
    let expected = [
        "suggested suggested",
        "unjudged vendor.a",
        "overdue End long",
        "overdue Start late",
        "silent silent",
        "soon soon",
    ];
    assert_eq!(words(&desk, &snapshot), expected);
}
