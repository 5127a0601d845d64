//! What other tools push, carried out on local incidents; and what operators' orders mean for the alerts behind them.
//!
//! # Invariants
//! * An alert's new state and what was done because of it are one effect.
//! * No alert is dropped unsaid: what cannot be followed is counted, what cannot be opened yet waits.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Scene, effect, incident};
use crate::limits;
use crate::model::actor::Actor;
use crate::model::command::{Command, Done, Effect, Opening, Post, Refused, Taken};
use crate::model::desk::{Desk, Drawer, Kept};
use crate::model::hook::{Hook, Mode};
use crate::model::id::{IncidentId, ServiceId};
use crate::model::incident::{Incident, Phase};
use crate::model::level::Impact;
use crate::model::local::{self, Hit, Words};
use crate::model::pushed::{Followed, Pushed, Standing, place};
use crate::model::signal::{Course, Signal};
use crate::model::text::Text;
use crate::rules::pushed::{self as alerts, Intent, Said};

/// Takes what was pushed.
pub(super) fn take(scene: &Scene<'_>, by: &Actor, hook: &Hook, signals: &[Signal]) -> Effect {
    let mut round = Round::new(scene, by, hook);
    for signal in signals {
        round.hear(signal);
    }
    round.done()
}

/// Lets time pass for these alerts.
pub(super) fn follow(scene: &Scene<'_>, by: &Actor, hook: &Hook, keys: &[String]) -> Effect {
    let mut round = Round::new(scene, by, hook);
    for key in keys {
        let Some(held) = round.held(key) else { continue };
        let (state, intents) = alerts::due(&held, hook, scene.now);
        round.settle(&held, state, intents);
    }
    round.done()
}

/// Forgets alerts.
pub(super) fn forget(scene: &Scene<'_>, by: &Actor, places: &[String]) -> Effect {
    let mut effect = effect(scene, by, "alert.forget", "alerts", Done::Gone);
    effect.gone = places.iter().map(|place| (Drawer::Pushed, place.clone())).collect();
    effect.unlogged = true;
    effect
}

/// The incidents that an order may touch: what is not held in memory is to be looked up first.
pub fn named(scene: &Scene<'_>, command: &Command) -> Vec<IncidentId> {
    let (hook, signals) = match command {
        Command::Take(hook, signals) => (hook, signals),
        Command::Follow(hook, keys) => {
            let held = keys.iter().filter_map(|key| scene.desk.pushed.get(&place(&hook.id, key)));
            return held.flat_map(|held| subjects(&alerts::due(&held.alert, hook, scene.now).1)).collect();
        }
        other => return other.subject().cloned().into_iter().collect(),
    };
    let mut states: Vec<Pushed> = Vec::new();
    let mut found = Vec::new();
    for signal in signals {
        let held = states.iter().position(|state| state.key == signal.key);
        let held = held
            .map(|at| states.swap_remove(at))
            .or_else(|| scene.desk.pushed.get(&place(&hook.id, &signal.key)).map(|held| held.alert.clone()));
        let (state, intents) = alerts::take(&held.unwrap_or_else(|| Pushed::new(&signal.key)), signal, hook, scene.now);
        found.extend(subjects(&intents));
        states.push(state);
    }
    found
}

fn subjects(intents: &[Intent]) -> Vec<IncidentId> {
    let subject = |intent: &Intent| match intent {
        Intent::Open { incident, .. }
        | Intent::Reopen { incident, .. }
        | Intent::Update { incident, .. }
        | Intent::Resolve { incident, .. }
        | Intent::Watch { incident, .. } => incident.clone(),
    };
    intents.iter().map(subject).collect()
}

/// What an operator's order means for the alerts behind the incidents that it closes, opens again or removes.
pub(super) fn follow_up(scene: &Scene<'_>, effect: &Effect) -> Vec<Kept> {
    let mut kept = Vec::new();
    for after in &effect.incidents {
        let was_open = scene.desk.incidents.get(&after.id).map_or(!after.is_open(), |before| before.is_open());
        match (was_open, after.is_open()) {
            (true, false) => kept.extend(changed(scene, after, alerts::closed)),
            (false, true) => kept.extend(changed(scene, after, alerts::opened)),
            _ => {}
        }
    }
    let removed = effect.removed.iter().filter_map(|id| scene.desk.incidents.get(id));
    kept.extend(removed.filter_map(|incident| changed(scene, incident, alerts::closed)));
    kept
}

/// The alert behind an incident, where that changes it.
fn changed(scene: &Scene<'_>, incident: &Incident, change: fn(&Pushed) -> Pushed) -> Option<Kept> {
    let of = incident.local.as_ref()?.pushed.as_ref()?;
    let hook = crate::model::id::HookId::new(&of.hook);
    let held = &scene.desk.pushed.get(&place(&hook, &of.key))?.alert;
    held.raised.as_ref().filter(|raised| raised.incident == incident.id)?;
    let after = change(held);
    (after != *held).then(|| Kept::Pushed(Box::new(Followed::new(&hook, after))))
}

/// One push, or one moment, on its way through the alerts of a hook.
struct Round<'a> {
    scene: &'a Scene<'a>,
    by: &'a Actor,
    hook: &'a Hook,
    /// With everything on it that was done so far.
    desk: Desk,
    effect: Effect,
    /// What was done, for the row in the log.
    did: Vec<(&'static str, IncidentId)>,
    told: Taken,
    /// Alerts of the hook that are followed.
    count: usize,
}

impl<'a> Round<'a> {
    fn new(scene: &'a Scene<'a>, by: &'a Actor, hook: &'a Hook) -> Self {
        Self {
            scene,
            by,
            hook,
            desk: scene.desk.clone(),
            effect: effect(scene, by, "hook.push", hook.id.as_str(), Done::Gone),
            did: Vec::new(),
            told: Taken::default(),
            count: scene.desk.pushed_by(&hook.id).count(),
        }
    }

    fn held(&self, key: &str) -> Option<Pushed> {
        self.desk.pushed.get(&place(&self.hook.id, key)).map(|held| held.alert.clone())
    }

    fn hear(&mut self, signal: &Signal) {
        let held = self.held(&signal.key);
        let is_new = held.is_none();
        let held = held.unwrap_or_else(|| Pushed::new(&signal.key));
        let (state, intents) = alerts::take(&held, signal, self.hook, self.scene.now);
        if state == held && intents.is_empty() {
            return;
        }
        if is_new && !self.has_room() {
            // The end of what was never heard of is no loss.
            self.told.left_out += usize::from(signal.course != Course::Resolved);
            return;
        }
        self.count += usize::from(is_new);
        self.settle(&held, state, intents);
    }

    /// True where one more alert can be followed; what has been over for longest makes room.
    fn has_room(&mut self) -> bool {
        if self.count < limits::HOOK_KEYS {
            return true;
        }
        let over = self.desk.pushed_by(&self.hook.id).filter(|held| !held.alert.is_firing());
        let Some(place) = over.min_by_key(|held| held.alert.over_heard).map(|held| held.place().to_owned()) else {
            return false;
        };
        self.desk.remove(Drawer::Pushed, &place);
        self.effect.kept.retain(|kept| kept.place() != (Drawer::Pushed, &place));
        self.effect.gone.push((Drawer::Pushed, place));
        self.count = self.count.saturating_sub(1);
        true
    }

    /// Does what follows, and keeps the alert as it is then.
    fn settle(&mut self, held: &Pushed, mut state: Pushed, intents: Vec<Intent>) {
        let before = held.latest.as_ref().map(|signal| alerts::said(signal, self.hook));
        for intent in intents {
            match intent {
                Intent::Open { incident, started_at, said } => self.open(held, &mut state, incident, started_at, &said),
                Intent::Reopen { incident, at, said } => match self.find(&incident) {
                    Some(_) => self.say(&incident, Some(said.phase), &said, None),
                    // An operator removed it, and now it fires anew.
                    None => {
                        let anew = IncidentId::pushed(&self.hook.id, &state.key, at);
                        self.open(held, &mut state, anew, at, &said);
                    }
                },
                Intent::Update { incident, said, .. } => {
                    if self.find(&incident).is_some_and(|incident| incident.is_open()) {
                        let is_new = |phase: &Phase| before.as_ref().is_none_or(|before| before.phase != *phase);
                        self.say(&incident, Some(said.phase).filter(is_new), &said, before.as_ref());
                    }
                }
                Intent::Resolve { incident, at, text } => self.end(&incident, Phase::Resolved, &text, at),
                Intent::Watch { incident, at, text } => self.end(&incident, Phase::Monitoring, &text, at),
            }
        }
        if state != *held {
            let kept = Followed::new(&self.hook.id, state);
            self.effect.kept.retain(|other| other.place() != (Drawer::Pushed, kept.place()));
            // It may have made room for another before it came again.
            self.effect.gone.retain(|(drawer, place)| (*drawer, place.as_str()) != (Drawer::Pushed, kept.place()));
            self.desk.put(Kept::Pushed(Box::new(kept.clone())));
            self.effect.kept.push(Kept::Pushed(Box::new(kept)));
        }
    }

    fn find(&self, id: &IncidentId) -> Option<Arc<Incident>> {
        let held = self.desk.incidents.get(id).cloned();
        held.or_else(|| self.scene.old(id).map(|incident| Arc::new(incident.clone())))
    }

    fn open(&mut self, held: &Pushed, state: &mut Pushed, id: IncidentId, started_at: Timestamp, said: &Said) {
        if let Some(known) = self.find(&id) {
            // The same alert with the same start, which was forgotten meanwhile.
            let goes_on = known.is_open() || state.latest.as_ref().is_some_and(|latest| latest.standing);
            if goes_on {
                self.say(&id, Some(said.phase), said, None);
            }
            stand(state, id, if goes_on { Standing::Open } else { Standing::Closed });
            return;
        }
        if self.desk.incidents.values().filter(|one| one.is_open()).count() >= limits::LOCAL_OPEN {
            let many = limits::LOCAL_OPEN;
            self.note(format!("{many} local incidents are open: “{}” waits until some are resolved", said.title));
            if state.is_firing() {
                state.raised.clone_from(&held.raised);
                state.held_until = self.scene.now.checked_add(limits::HOOK_AGAIN).ok();
            }
            return;
        }
        let services = self.hits(said);
        let opening = Opening {
            id: id.clone(),
            title: self.title(said),
            impact: said.impact,
            phase: said.phase,
            services,
            started_at: Some(self.possible(started_at)),
            words: words(&said.text),
            note: Words::default(),
            related: Vec::new(),
            pushed: Some(local::Pushed { hook: self.hook.id.as_str().to_owned(), key: state.key.clone() }),
            suggested: self.hook.mode == Mode::Suggest,
        };
        let opened = incident::open(&Scene { desk: &self.desk, ..*self.scene }, self.by, &opening);
        self.carried(opened, |incident| incident.url.clone_from(&said.url));
        stand(state, id, Standing::Open);
    }

    /// Says of an incident what the alert says now. Where `before` is known, what is as it was then stays as operators
    /// have made it.
    fn say(&mut self, id: &IncidentId, phase: Option<Phase>, said: &Said, before: Option<&Said>) {
        let impact = Some(said.impact).filter(|impact| before.is_none_or(|before| before.impact != *impact));
        let touched = before.is_none_or(|before| before.services != said.services);
        let services = touched.then(|| self.hits(said));
        let title = self.title(said);
        let renamed = before.is_none_or(|before| before.title != said.title);
        let new_words = before.is_none_or(|before| before.text != said.text);
        let words = if new_words { words(&said.text) } else { Words::default() };
        // A title alone is news as well: without a phase there would be nothing to post.
        let phase = phase.or_else(|| self.find(id).and_then(|incident| incident.phase));
        let Some(mut incident) = self.find(id) else { return };
        let known = Arc::make_mut(&mut incident);
        if renamed {
            known.title = title;
        }
        known.url.clone_from(&said.url);
        self.post(incident, &Post { phase, impact, services, words });
    }

    fn end(&mut self, id: &IncidentId, phase: Phase, text: &Text, at: Timestamp) {
        let Some(mut open) = self.find(id).filter(|incident| incident.is_open()) else { return };
        if !phase.is_open() {
            let at = at.clamp(open.began_at().min(self.scene.now), self.scene.now);
            Arc::make_mut(&mut open).resolved_at = Some(at);
        }
        self.post(open, &Post { phase: Some(phase), words: words(text), ..Post::default() });
    }

    fn post(&mut self, mut incident: Arc<Incident>, post: &Post) {
        if incident.updates.len() >= limits::UPDATES {
            self.make_room(Arc::make_mut(&mut incident));
        }
        let id = incident.id.clone();
        self.desk.incidents.insert(id.clone(), incident);
        let posted = incident::post(&Scene { desk: &self.desk, ..*self.scene }, self.by, &id, None, post);
        self.carried(posted, |_| {});
    }

    /// An alert that flaps for days must be able to end: its oldest update but the first goes, none of an operator's.
    fn make_room(&self, incident: &mut Incident) {
        let is_ours = |told: &local::Told| told.author == self.by.name;
        let last = incident.updates.len().saturating_sub(1);
        let ours = incident.updates.iter().take(last).rposition(|one| one.told.as_deref().is_some_and(is_ours));
        if let Some(at) = ours {
            incident.updates.remove(at);
        }
    }

    /// Takes up what an order on one incident came to.
    fn carried(&mut self, came: Result<Effect, Refused>, touch: impl FnOnce(&mut Incident)) {
        let one = match came {
            Ok(one) => one,
            Err(refused) => return self.note(format!("an incident stays as it was: {refused}")),
        };
        let Effect { incidents, events, audit, .. } = one;
        if let Some(mut incident) = incidents.into_iter().next() {
            touch(&mut incident);
            self.did.push((audit.action, incident.id.clone()));
            self.desk.incidents.insert(incident.id.clone(), Arc::new(incident.clone()));
            self.effect.incidents.retain(|other| other.id != incident.id);
            self.effect.incidents.push(incident);
        }
        (self.effect.audit.before, self.effect.audit.after) = (audit.before, audit.after);
        self.effect.events.extend(events);
    }

    /// What is touched, as far as it is a service of ours.
    fn hits(&mut self, said: &Said) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        for service in &said.services {
            if !self.scene.services.iter().any(|known| known.id == *service) {
                self.note(format!("`{service}` is no service in sources.yaml any more, and is left out"));
            } else if hits.iter().all(|hit| hit.service != *service) {
                hits.push(hit(service, said.impact));
            }
        }
        hits
    }

    fn title(&self, said: &Said) -> String {
        if said.title.is_empty() { self.hook.name.clone() } else { said.title.clone() }
    }

    /// A sender's clock may be wrong; its alert counts all the same.
    fn possible(&self, at: Timestamp) -> Timestamp {
        if at.as_second() < limits::OLDEST_TIME { self.scene.now } else { at.min(self.scene.now) }
    }

    fn note(&mut self, note: String) {
        if self.told.notes.len() < limits::WARNINGS && !self.told.notes.contains(&note) {
            self.told.notes.push(note);
        }
    }

    fn done(self) -> Effect {
        let Self { mut effect, did, told, .. } = self;
        effect.unlogged = did.is_empty();
        match did.as_slice() {
            [(action, id)] => (effect.audit.action, effect.audit.subject) = (action, Some(id.as_str().to_owned())),
            many => {
                let lines: Vec<String> = many.iter().map(|(action, id)| format!("{action} {id}")).collect();
                (effect.audit.before, effect.audit.after) = (None, Some(lines.join("\n")));
            }
        }
        effect.done = Done::Taken(told);
        effect
    }
}

/// Notes which incident stands for the alert, where its state says that there is one.
fn stand(state: &mut Pushed, id: IncidentId, standing: Standing) {
    if let Some(raised) = state.raised.as_mut() {
        raised.incident = id;
        if raised.standing == Standing::Open {
            raised.standing = standing;
        }
    }
}

fn hit(service: &ServiceId, impact: Impact) -> Hit {
    Hit { service: service.clone(), state: impact.level().into() }
}

fn words(text: &Text) -> Words {
    Words { markdown: text.plain.clone(), text: text.clone() }
}
