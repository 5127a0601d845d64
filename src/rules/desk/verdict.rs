//! What the team says of a vendor's incident, and for how long that holds.

use jiff::Timestamp;

use super::{Scene, describe, effect, event, invalid, is_suggested, unchanged};
use crate::model::actor::Actor;
use crate::model::command::{Done, Effect, Judgement, Refused};
use crate::model::desk::{Affects, Kept, Mute, Seen, Verdict};
use crate::model::event::EventKind;
use crate::model::id::{ComponentId, IncidentId};
use crate::model::incident::Incident;
use crate::model::level::State;
use crate::model::local::Words;

/// True while the incident looks as it did when it was judged, or better: the same impact, and nothing that it names
/// is worse. What is worse comes back for judgement.
pub fn stands(verdict: &Verdict, incident: &Incident, state_of: &dyn Fn(&ComponentId) -> Option<State>) -> bool {
    let no_worse = |id: &ComponentId| match state_of(id) {
        Some(state) if state.is_trouble() => {
            verdict.seen.components.get(id).is_some_and(|seen| seen.weight() >= state.weight())
        }
        _ => true,
    };
    incident.impact == verdict.seen.impact && incident.components.iter().all(no_worse)
}

pub(super) fn judge(
    scene: &Scene<'_>,
    by: &Actor,
    id: &IncidentId,
    version: Option<u64>,
    judgement: &Judgement,
) -> Result<Effect, Refused> {
    let (incident, seen) = incident(scene, id)?;
    let before = scene.desk.verdicts.get(id);
    unchanged(before.map_or(0, |verdict| verdict.version), version)?;
    let mut verdict = before.cloned().unwrap_or_else(|| fresh(scene, by, id));
    if let Some(affects) = judgement.affects {
        if incident.source.is_none() && affects != Affects::Yes {
            return Err(invalid("affects", "is always `yes` for an incident of our own: resolve or delete it"));
        }
        verdict.affects = affects;
    }
    if let Some(mute) = judgement.mute {
        if matches!(mute, Mute::Until(at) if at <= scene.now) {
            return Err(invalid("mute_until", "is over already"));
        }
        verdict.mute = mute;
    }
    if judgement.affects.is_some() || judgement.mute.is_some() {
        verdict.seen = seen;
    }
    if let Some(owner) = &judgement.owner {
        verdict.owner = Some(owner.clone()).filter(|owner| !owner.is_empty());
    }
    let words = |new: &Option<Words>, old: &mut Option<Words>| {
        if let Some(new) = new {
            *old = Some(new.clone()).filter(|words| !words.text.is_empty());
        }
    };
    words(&judgement.note, &mut verdict.note);
    words(&judgement.workaround, &mut verdict.workaround);
    Ok(settled(scene, by, "verdict.set", before, verdict, &incident))
}

pub(super) fn acknowledge(scene: &Scene<'_>, by: &Actor, id: &IncidentId) -> Result<Effect, Refused> {
    let (incident, _) = incident(scene, id)?;
    let before = scene.desk.verdicts.get(id);
    let mut verdict = before.cloned().unwrap_or_else(|| fresh(scene, by, id));
    verdict.acknowledged = Some((scene.now, by.name.clone()));
    Ok(settled(scene, by, "verdict.acknowledge", before, verdict, &incident))
}

fn fresh(scene: &Scene<'_>, by: &Actor, id: &IncidentId) -> Verdict {
    Verdict {
        incident: id.clone(),
        version: 0,
        affects: Affects::NotKnown,
        owner: None,
        note: None,
        workaround: None,
        acknowledged: None,
        mute: Mute::Off,
        seen: Seen::default(),
        at: scene.now,
        author: by.name.clone(),
    }
}

/// The incident, and what it looks like now.
fn incident(scene: &Scene<'_>, id: &IncidentId) -> Result<(Incident, Seen), Refused> {
    if let Some(local) = scene.desk.incidents.get(id) {
        return Ok((local.as_ref().clone(), Seen { impact: local.impact, ..Seen::default() }));
    }
    let view = (scene.upstream)(id).ok_or(Refused::NotFound("open or recent incident"))?;
    let named = view.affected.iter().map(|touched| (touched.id.clone(), touched.state));
    let troubled = |id: &ComponentId, state: State| state.is_trouble().then(|| (id.clone(), state));
    let mut seen = Seen { impact: view.incident.impact, components: named.collect() };
    if view.incident.components.is_empty()
        && let Some(source) = &view.incident.source
    {
        // One that names nothing is about all that is wrong there.
        seen.components = (scene.components)(source).iter().filter_map(|(id, state)| troubled(id, *state)).collect();
    }
    Ok((view.incident.clone(), seen))
}

fn settled(
    scene: &Scene<'_>,
    by: &Actor,
    action: &'static str,
    before: Option<&Verdict>,
    mut verdict: Verdict,
    incident: &Incident,
) -> Effect {
    let now: Timestamp = scene.now;
    (verdict.version, verdict.at, verdict.author) = (verdict.version.saturating_add(1), now, by.name.clone());
    let mut effect = effect(scene, by, action, incident.id.as_str(), Done::Verdict(Box::new(verdict.clone())));
    effect.audit.before = before.map(describe::verdict);
    effect.audit.after = Some(describe::verdict(&verdict));
    let mut event = event(scene, by, EventKind::IncidentJudged, incident.id.as_str(), &incident.title);
    event.source.clone_from(&incident.source);
    event.from = before.map(|verdict| verdict.affects.as_str().to_owned());
    event.to = Some(verdict.affects.as_str().to_owned());
    event.note = verdict.note.as_ref().map(|words| words.text.plain.clone());
    // Nobody outside hears of what is only suggested.
    if !is_suggested(incident) {
        effect.events.push(event);
    }
    effect.kept.push(Kept::Verdict(verdict));
    effect
}
