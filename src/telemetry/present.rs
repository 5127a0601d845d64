//! Figures that are read off the present, so that a source that is gone leaves none behind.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::exposition::{Form, Kind, Sheet};
use crate::limits;
use crate::model::level::State;
use crate::model::snapshot::{Notice, Snapshot};
use crate::model::state::Now;

/// What one snapshot comes to in each form, written when somebody asks first.
#[derive(Debug, Default)]
pub struct Drawn {
    open: OnceLock<String>,
    text: OnceLock<String>,
}

impl Drawn {
    /// All that depends on nothing but the snapshot. It computes for a while: not for an async thread.
    pub fn of(&self, snapshot: &Snapshot, form: Form) -> &str {
        let place = match form {
            Form::OpenMetrics => &self.open,
            Form::Text => &self.text,
        };
        place.get_or_init(|| {
            let mut sheet = Sheet::new(form);
            sources(snapshot, &mut sheet);
            components(snapshot, &mut sheet);
            services(snapshot, &mut sheet);
            events(snapshot, &mut sheet);
            whole(snapshot, &mut sheet);
            sheet.part()
        })
    }
}

fn sources(snapshot: &Snapshot, sheet: &mut Sheet) {
    let all = || snapshot.sources.iter().map(|view| (view, ("source", view.source.id.as_str())));
    let name = "allclear_source_info";
    sheet.family(name, Kind::Gauge, "What a source is, always 1");
    for (view, id) in all() {
        let (title, tier) = (view.source.name.as_str(), view.source.tier.as_str());
        let format = view.format.as_deref().unwrap_or_default();
        sheet.sample(name, &[id, ("name", title), ("tier", tier), ("format", format)], 1);
    }
    let name = "allclear_source_state";
    sheet.family(name, Kind::Gauge, "1 for the state that a source is in, 0 for all others");
    for (view, id) in all() {
        sheet.states(name, &[id], view.state);
    }
    let name = "allclear_source_state_weight";
    let help = "0 operational, 1 maintenance, 2 unknown, 3 degraded, 4 partial outage, 5 major outage";
    sheet.family(name, Kind::Gauge, help);
    for (view, id) in all() {
        sheet.sample(name, &[id], view.state.weight());
    }
    let name = "allclear_source_stale";
    sheet.family(name, Kind::Gauge, "1: not read within its horizon, or not believed");
    for (view, id) in all() {
        sheet.sample(name, &[id], u8::from(view.freshness.stale));
    }
    let name = "allclear_source_last_success_timestamp_seconds";
    sheet.family(name, Kind::Gauge, "When a source was last read well; missing where it never was");
    for (view, id) in all() {
        if let Some(at) = view.freshness.ok_at {
            sheet.sample(name, &[id], seconds(at));
        }
    }
    let name = "allclear_source_next_check_timestamp_seconds";
    sheet.family(name, Kind::Gauge, "When a source is read next");
    for (view, id) in all() {
        if let Some(at) = view.freshness.next_check_at {
            sheet.sample(name, &[id], seconds(at));
        }
    }
}

/// Components that count, by path. Several of one path are one: the worst of them.
fn components(snapshot: &Snapshot, sheet: &mut Sheet) {
    let name = "allclear_component_state";
    sheet.family(name, Kind::Gauge, "1 for the state that a component that counts is in, 0 for all others");
    let (mut shown, mut left_out) = (0, 0);
    for view in &snapshot.sources {
        let mut paths: BTreeMap<&str, State> = BTreeMap::new();
        for part in view.components.iter().filter(|part| part.counted) {
            let worst = paths.get(part.path.as_str()).map_or(part.state, |other| other.worse(part.state));
            paths.insert(&part.path, worst);
        }
        for (path, state) in paths {
            if shown == limits::FIGURE_COMPONENTS {
                left_out += 1;
                continue;
            }
            shown += 1;
            sheet.states(name, &[("source", view.source.id.as_str()), ("component", path)], state);
        }
    }
    sheet.single("allclear_components_left_out", "Components without figures: there are too many", left_out);
}

fn services(snapshot: &Snapshot, sheet: &mut Sheet) {
    let name = "allclear_service_state";
    sheet.family(name, Kind::Gauge, "1 for the state that a service is in, 0 for all others");
    for view in &snapshot.services {
        sheet.states(name, &[("service", view.service.id.as_str())], view.state);
    }
    let name = "allclear_service_at_risk";
    sheet.family(name, Kind::Gauge, "How much of what a service needs is not operational");
    for view in &snapshot.services {
        sheet.sample(name, &[("service", view.service.id.as_str())], view.at_risk.len());
    }
}

/// Incidents and maintenances.
fn events(snapshot: &Snapshot, sheet: &mut Sheet) {
    let mut open: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for view in &snapshot.incidents {
        let source = view.incident.source.as_ref().map_or(LOCAL, |id| id.as_str());
        let impact = view.incident.impact.map_or("unknown", |impact| impact.as_str());
        *open.entry((source, impact)).or_default() += 1;
    }
    let name = "allclear_open_incidents";
    sheet.family(name, Kind::Gauge, "Incidents that go on; missing where there are none");
    for ((source, impact), count) in open {
        sheet.sample(name, &[("source", source), ("impact", impact)], count);
    }
    let mut planned: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for view in &snapshot.maintenances {
        let source = view.maintenance.source.as_ref().map_or(LOCAL, |id| id.as_str());
        let phase = if view.maintenance.is_running() { "running" } else { "upcoming" };
        *planned.entry((source, phase)).or_default() += 1;
    }
    let name = "allclear_maintenances";
    sheet.family(name, Kind::Gauge, "Maintenances that run or are to come; missing where there are none");
    for ((source, phase), count) in planned {
        sheet.sample(name, &[("source", source), ("phase", phase)], count);
    }
}

/// The page as a whole.
fn whole(snapshot: &Snapshot, sheet: &mut Sheet) {
    let name = "allclear_headline_state";
    sheet.family(name, Kind::Gauge, "1 for the state of the headline, 0 for all others");
    sheet.states(name, &[], snapshot.headline.state);
    let name = "allclear_notice";
    sheet.family(name, Kind::Gauge, "1: something is wrong with allclear itself, as the page says");
    for kind in Notice::KINDS {
        let is_said = snapshot.notices.iter().any(|notice| notice.kind == kind);
        sheet.sample(name, &[("kind", kind)], u8::from(is_said));
    }
    let at = seconds(snapshot.generated_at);
    sheet.single("allclear_snapshot_timestamp_seconds", "When the present was derived", at);
    sheet.single("allclear_event_log_seq", "The number of the last event", snapshot.seq);
}

/// What changes while nothing happens.
pub fn ages(snapshot: &Snapshot, now: Now, sheet: &mut Sheet) {
    let since = |at: Timestamp| now.wall.duration_since(at).as_secs_f64().max(0.0);
    let name = "allclear_source_last_success_age_seconds";
    sheet.family(name, Kind::Gauge, "Age of the last good reading; missing where there was none");
    for view in &snapshot.sources {
        if let Some(at) = view.freshness.ok_at {
            sheet.sample(name, &[("source", view.source.id.as_str())], since(at));
        }
    }
    sheet.single("allclear_snapshot_age_seconds", "Age of the present that is shown", since(snapshot.generated_at));
}

/// What stands for a source where the team itself is the source.
const LOCAL: &str = "local";

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1_000.0
}
