//! What the writer holds in memory: every source, and what stands on the page because of it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::desk::Desk;
use crate::model::event::{Cause, Event, EventKind};
use crate::model::hook::Hook;
use crate::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use crate::model::incident::{Incident, Maintenance};
use crate::model::level::State;
use crate::model::pushed::Followed;
use crate::model::snapshot::{Affected, IncidentView, MaintenanceView, Notice, Snapshot};
use crate::model::state::{Held, Now, SourceState, Transport};
use crate::rules::derive::{self, Derived, Force};
use crate::rules::desk::Scene;
use crate::rules::{self, cascade, headline, judged, pushed};
use crate::store::Loaded;
use crate::telemetry::Pulse;

use super::{Feedback, Watched};

/// How far the wall clock may be behind the newest stored time before it is not believed.
const CLOCK_SLACK: std::time::Duration = std::time::Duration::from_secs(2);

/// Every source as held, with what is derived from it.
#[derive(Debug)]
pub struct Present {
    watched: Watched,
    sources: HashMap<SourceId, Slot>,
    desk: Arc<Desk>,
    local: Vec<Arc<IncidentView>>,
    local_maintenances: Vec<Arc<MaintenanceView>>,
    /// The last event.
    pub seq: u64,
    cut_off: bool,
    clock_behind: Option<Timestamp>,
    /// Sources that are no longer watched, and of which the log still says what they were last.
    parted: Vec<Parted>,
}

/// A source that is no longer watched.
#[derive(Debug)]
pub struct Parted {
    /// Which.
    pub id: SourceId,
    /// For people.
    pub name: String,
    /// As last read.
    pub state: SourceState,
    /// How reading it went.
    pub transport: Transport,
}

#[derive(Debug)]
struct Slot {
    held: Held,
    derived: Derived,
    dirty: bool,
}

impl Present {
    /// Takes up what was stored for what is watched; sources that are new start as never read.
    pub fn new(watched: Watched, mut loaded: Loaded, now: Now) -> Self {
        let newest = loaded.newest.filter(|newest| newest.duration_since(now.wall) > slack());
        let desk = desk(&mut loaded);
        let mut sources = HashMap::with_capacity(watched.sources.len());
        for source in &watched.sources {
            let (state, mut transport) = loaded
                .sources
                .remove(&source.id)
                .unwrap_or_else(|| (SourceState::never_read(now.wall), Transport::default()));
            transport.ok_mono = match newest {
                // A clock that went back says nothing about the age of anything.
                Some(_) => None,
                None => transport.ok_at.and_then(|at| age(at, now)).map(|age| now.mono.saturating_sub(age)),
            };
            let held = Held { source: Arc::clone(source), state, transport };
            let derived = judged::source(derive::source(&held, now), &held, &desk, now);
            sources.insert(source.id.clone(), Slot { held, derived, dirty: false });
        }
        let mut present = Self {
            watched,
            sources,
            desk: Arc::new(Desk::default()),
            local: Vec::new(),
            local_maintenances: Vec::new(),
            seq: loaded.seq,
            cut_off: false,
            clock_behind: newest,
            parted: Vec::new(),
        };
        for (id, (state, transport)) in std::mem::take(&mut loaded.sources) {
            present.part_with(Parted { name: id.to_string(), id, state, transport });
        }
        present.set_desk(Arc::new(desk));
        present
    }

    /// What operators hold.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Takes up what operators hold now.
    pub fn set_desk(&mut self, desk: Arc<Desk>) {
        let judged = |id: &SourceId| {
            let of = |ids: &Desk| ids.overrides.get(id).map(|set| set.version);
            of(&self.desk) != of(&desk)
        };
        let verdicts_changed = self.desk.verdicts != desk.verdicts;
        for (id, slot) in &mut self.sources {
            slot.dirty |= verdicts_changed || judged(id);
        }
        self.desk = desk;
        self.view_local();
    }

    fn view_local(&mut self) {
        let desk = Arc::clone(&self.desk);
        let public = desk.incidents.values().filter(|incident| !rules::desk::is_suggested(incident));
        self.local = public.map(|incident| self.local_view(incident)).collect();
        self.local_maintenances = desk.maintenances.values().map(|one| self.local_maintenance(one)).collect();
    }

    /// The scene that an order is held against, on this desk.
    pub fn scene<T>(
        &self,
        desk: &Desk,
        old: &super::operate::Old,
        now: Timestamp,
        work: impl FnOnce(&Scene<'_>) -> T,
    ) -> T {
        let is_source = |id: &SourceId| self.sources.contains_key(id);
        let upstream = |id: &IncidentId| {
            let derived =
                self.sources.values().flat_map(|slot| slot.derived.incidents.iter().chain(&slot.derived.recent));
            derived.into_iter().find(|view| view.incident.id == *id).cloned()
        };
        let components = |id: &SourceId| {
            let parts = self.sources.get(id).into_iter().flat_map(|slot| &slot.held.state.components);
            parts.map(|component| (component.id.clone(), component.state)).collect()
        };
        work(&Scene {
            desk,
            old_incidents: &old.incidents,
            old_maintenance: old.maintenance.as_ref(),
            services: &self.watched.services,
            is_source: &is_source,
            upstream: &upstream,
            components: &components,
            now,
        })
    }

    /// The alerts whose hold is over, by their hooks.
    pub fn overdue(&self, now: Timestamp) -> Vec<(Arc<Hook>, Vec<String>)> {
        let of_hook = |hook: &Arc<Hook>| {
            let due = |held: &&Followed| held.alert.held_until.is_some_and(|until| until <= now);
            let keys: Vec<_> = self.desk.pushed_by(&hook.id).filter(due).map(|held| held.alert.key.clone()).collect();
            (!keys.is_empty()).then(|| (Arc::clone(hook), keys))
        };
        self.watched.hooks.iter().filter_map(of_hook).collect()
    }

    /// The places of alerts on which nothing depends any more.
    pub fn spent(&self, now: Timestamp) -> Vec<String> {
        let spent = |(place, held): &(&String, &Arc<Followed>)| {
            let hook = Followed::hook_of(place).map(|(hook, _)| hook);
            match self.watched.hooks.iter().find(|known| Some(&known.id) == hook.as_ref()) {
                Some(hook) => pushed::is_spent(&held.alert, hook, now),
                None => pushed::is_orphaned(&held.alert, now),
            }
        };
        self.desk.pushed.iter().filter(spent).map(|(place, _)| place.clone()).collect()
    }

    /// Every source as held.
    pub fn held(&self) -> impl Iterator<Item = &Held> {
        self.sources.values().map(|slot| &slot.held)
    }

    /// One source, to be changed; what is derived from it is derived anew.
    pub fn held_mut(&mut self, id: &SourceId) -> Option<&mut Held> {
        let slot = self.sources.get_mut(id)?;
        slot.dirty = true;
        Some(&mut slot.held)
    }

    /// One source as held.
    pub fn get(&self, id: &SourceId) -> Option<&Held> {
        self.sources.get(id).map(|slot| &slot.held)
    }

    /// Sources of which something is to be told although nobody read them.
    pub fn due(&self, now: Now) -> Vec<SourceId> {
        let due = |held: &&Held| {
            let stale = derive::force(held, now) != Force::Full;
            let untold = stale && !held.state.told_unreadable && derive::failure(held).is_some();
            untold || derive::state_now(held, now) != held.state.told
        };
        self.held().filter(due).map(|held| held.source.id.clone()).collect()
    }

    /// Takes up a changed configuration. What is known of a source that stays, stays.
    pub fn configure(&mut self, watched: Watched, now: Now) {
        let mut before = std::mem::take(&mut self.sources);
        for source in &watched.sources {
            let held = match before.remove(&source.id) {
                Some(slot) => Held { source: Arc::clone(source), ..slot.held },
                None => Held {
                    source: Arc::clone(source),
                    state: SourceState::never_read(now.wall),
                    transport: Transport::default(),
                },
            };
            let derived = judged::source(derive::source(&held, now), &held, &self.desk, now);
            self.sources.insert(source.id.clone(), Slot { held, derived, dirty: false });
        }
        for (id, slot) in before {
            let Held { source, state, transport } = slot.held;
            self.part_with(Parted { id, name: source.name.clone(), state, transport });
        }
        self.watched = watched;
        self.view_local();
    }

    fn part_with(&mut self, parted: Parted) {
        if parted.state.told != State::Unknown {
            self.parted.push(parted);
        }
    }

    /// Sources that are no longer watched since this was asked last.
    pub fn take_parted(&mut self) -> Vec<Parted> {
        std::mem::take(&mut self.parted)
    }

    /// Derives anew what has changed.
    pub fn refresh(&mut self, now: Now) {
        for slot in self.sources.values_mut().filter(|slot| slot.dirty) {
            slot.derived = judged::source(derive::source(&slot.held, now), &slot.held, &self.desk, now);
            slot.dirty = false;
        }
        if self.clock_behind.is_some_and(|newest| newest.duration_since(now.wall) <= slack()) {
            self.clock_behind = None;
        }
    }

    /// True while this machine is cut off.
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// Looks whether this machine is cut off, and tells where that changed.
    pub fn watch_egress(&mut self, now: Now) -> Option<Event> {
        let cut_off = cascade::is_cut_off(self.sources.values().map(|slot| &slot.held));
        if cut_off == self.cut_off {
            return None;
        }
        self.cut_off = cut_off;
        Some(Event {
            seq: 0,
            at: now.wall,
            kind: if cut_off { EventKind::CutOff } else { EventKind::Reconnected },
            source: None,
            subject: None,
            name: self.watched.page.title.clone(),
            since: None,
            from: None,
            to: None,
            cause: Cause::Reading,
            note: None,
            baseline: false,
        })
    }

    /// Puts the snapshot together from what is derived.
    pub fn snapshot(&self, now: Now, pulse: &Pulse) -> Snapshot {
        let sources =
            self.watched.sources.iter().filter_map(|source| self.sources.get(&source.id)).map(|slot| &slot.derived);
        let parts = headline::Parts {
            page: &self.watched.page,
            services: &self.watched.services,
            sources: sources.collect(),
            desk: &self.desk,
            local: &self.local,
            local_maintenances: &self.local_maintenances,
            notices: self.notices(pulse),
            cut_off: self.cut_off,
            seq: self.seq,
        };
        headline::snapshot(parts, now)
    }

    fn notices(&self, pulse: &Pulse) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(problem) = pulse.configuration() {
            let text = format!("the changed sources.yaml is refused and the one before stays in force: {problem}");
            notices.push(Notice { kind: "configuration", text });
        }
        if let Some(problem) = pulse.store() {
            let text = format!("nothing can be stored now, the page goes on from memory: {problem}");
            notices.push(Notice { kind: "disk", text });
        }
        if let Some(newest) = self.clock_behind {
            let text = format!("this machine's clock is behind what was stored at {newest}: set it right");
            notices.push(Notice { kind: "clock", text });
        }
        if self.cut_off {
            let text = "most vendors cannot be reached from here: check this machine's own network".to_owned();
            notices.push(Notice { kind: "cut_off", text });
        }
        notices
    }

    fn local_view(&self, incident: &Incident) -> Arc<IncidentView> {
        let verdict = self.desk.verdicts.get(&incident.id);
        Arc::new(IncidentView {
            source_name: self.watched.page.title.clone(),
            state: incident.state(),
            counted: true,
            affected: incident.services.iter().map(|hit| self.affected(&hit.service, hit.state)).collect(),
            stale: false,
            verdict: verdict.map(|verdict| Arc::new(verdict.clone())),
            stands: verdict.is_some(),
            incident: incident.clone(),
        })
    }

    fn local_maintenance(&self, maintenance: &Maintenance) -> Arc<MaintenanceView> {
        let touched = |service| self.affected(service, State::UNDER_MAINTENANCE);
        Arc::new(MaintenanceView {
            source_name: self.watched.page.title.clone(),
            counted: true,
            affected: maintenance.services.iter().map(touched).collect(),
            stale: false,
            maintenance: maintenance.clone(),
        })
    }

    /// A service as something touched, by its name.
    fn affected(&self, id: &ServiceId, state: State) -> Affected {
        let service = self.watched.services.iter().find(|service| service.id == *id);
        let path = service.map_or_else(|| id.as_str().to_owned(), |service| service.name.clone());
        Affected { id: ComponentId::new(id.as_str()), path, state, counted: true }
    }
}

/// What operators held when the program last stopped.
fn desk(loaded: &mut Loaded) -> Desk {
    let mut desk = Desk::default();
    for kept in std::mem::take(&mut loaded.kept) {
        desk.put(kept);
    }
    for incident in std::mem::take(&mut loaded.local_incidents) {
        desk.incidents.insert(incident.id.clone(), Arc::new(incident));
    }
    for maintenance in std::mem::take(&mut loaded.local_maintenances) {
        desk.maintenances.insert(maintenance.id.clone(), Arc::new(maintenance));
    }
    desk
}

/// What a source's poller needs to know.
pub fn feedback(held: &Held, now: Now) -> Feedback {
    let incidents = held.state.incidents.iter().filter(|i| i.is_open()).filter_map(|i| i.upstream_ids.last());
    let maintenances = held.state.maintenances.iter().filter(|m| m.is_open()).filter_map(|m| m.upstream_ids.last());
    Feedback {
        open: incidents.chain(maintenances).cloned().collect(),
        in_trouble: derive::is_in_trouble(held, now),
        was_read: held.state.first_read_at.is_some(),
        in_doubt: held.state.doubt.is_some(),
        page: held.state.page.name.clone(),
    }
}

fn slack() -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(CLOCK_SLACK).unwrap_or(jiff::SignedDuration::ZERO)
}

fn age(at: Timestamp, now: Now) -> Option<std::time::Duration> {
    std::time::Duration::try_from(now.wall.duration_since(at)).ok()
}
