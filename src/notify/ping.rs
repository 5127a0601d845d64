//! The dead-man's switch: somebody outside is told that this program works, and raises the alarm when that ceases.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::carry::Carriers;
use crate::channels::{Call, Outgoing, Ping, Plan};
use crate::limits;
use crate::model::snapshot::Snapshot;
use crate::model::state::Now;
use crate::telemetry::Pulse;

/// How often it is looked whether one is configured now.
const LOOK: Duration = Duration::from_secs(5);

/// Pings while polls and deliveries work, until `stop`.
pub async fn run(shared: Shared, mut plan: watch::Receiver<Arc<Plan>>, stop: CancellationToken) {
    let (mut failed, mut ill) = (false, false);
    loop {
        let ping = plan.borrow_and_update().ping.clone();
        let mut wait = ping.as_ref().map_or(LOOK, |ping| ping.every);
        if let Some(ping) = &ping {
            let known = known(&shared.latest.borrow());
            match unwell(&shared.pulse, known, shared.clock.now()) {
                None => {
                    ill = false;
                    failed = send(&shared, ping, failed).await;
                }
                Some(why) => {
                    if !std::mem::replace(&mut ill, true) {
                        tracing::warn!(why, "the dead-man's switch is not told that all is well");
                    }
                    // As soon as all is well again, it is told.
                    wait = wait.min(limits::PING_FLOOR);
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            Ok(()) = plan.changed() => {}
            () = shared.clock.sleep(wait) => {}
        }
    }
}

/// Sources that are not known, and all.
fn known(snapshot: &Snapshot) -> (usize, usize) {
    (snapshot.sources.iter().filter(|view| view.freshness.stale).count(), snapshot.sources.len())
}

/// Why this program does not do what it is there for.
fn unwell(pulse: &Pulse, (stale, all): (usize, usize), now: Now) -> Option<String> {
    let silent = pulse.silence(now.mono);
    if silent > limits::SCHEDULER_STUCK {
        return Some(format!("no reading was begun for {} s", silent.as_secs()));
    }
    if let Some(problem) = pulse.store() {
        return Some(format!("nothing can be stored: {problem}"));
    }
    if let Some(problem) = pulse.telling() {
        return Some(format!("nobody can be told of anything: {problem}"));
    }
    let long = SignedDuration::try_from(limits::CHANNEL_FAILING).unwrap_or_default();
    let channels = pulse.channels();
    let failing = channels.iter().find(|(_, failing)| now.wall.duration_since(failing.since) >= long);
    if let Some((channel, failing)) = failing {
        return Some(format!("the channel `{channel}` takes no messages: {}", failing.problem));
    }
    (stale.saturating_mul(2) > all).then(|| format!("{stale} of {all} sources are not known"))
}

/// True where it could not be told.
async fn send(shared: &Shared, ping: &Ping, failed: bool) -> bool {
    let Some(fetcher) = shared.fetcher.borrow().clone() else { return failed };
    let call = Call {
        method: "GET",
        url: ping.url.clone(),
        kind: "text/plain",
        body: String::new(),
        headers: Vec::new(),
        authorization: None,
    };
    let carried = Carriers::new(fetcher, None).carry(Outgoing::Call(call), ping.allow_private).await;
    let problem = match carried {
        Ok(carried) if (200..300).contains(&carried.status) => None,
        Ok(carried) => Some(format!("it answered {}", carried.status)),
        Err(error) => Some(error.to_string()),
    };
    match (&problem, failed) {
        (Some(problem), false) => tracing::warn!(problem, "the dead-man's switch cannot be reached"),
        (None, true) => tracing::info!("the dead-man's switch is reached again"),
        _ => {}
    }
    problem.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Failing;

    fn now() -> Now {
        Now { wall: "2026-03-02T12:00:00Z".parse().unwrap(), mono: Duration::from_secs(10_000) }
    }

    fn failing(minutes: i64) -> Option<Failing> {
        let since = now().wall.checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        Some(Failing { since, problem: "the answer was 500".to_owned() })
    }

    /// A name, what is wrong, sources that are not known of how many, and words of what is said.
    type Case = (&'static str, fn(&Pulse), (usize, usize), Option<&'static str>);

    #[test]
    fn all_is_well_only_where_readings_store_and_channels_work() {
        let cases: [Case; 11] = [
            ("nothing is watched", |_| (), (0, 0), None),
            ("half is not known", |_| (), (1, 2), None),
            ("most is not known", |_| (), (2, 3), Some("2 of 3 sources are not known")),
            ("a beat just now", |pulse| pulse.beat(now().mono), (0, 1), None),
            ("none for a minute", |pulse| pulse.beat(now().mono - limits::SCHEDULER_STUCK), (0, 1), None),
            ("none for longer", |pulse| pulse.beat(Duration::from_secs(9_900)), (0, 1), Some("no reading was begun")),
            ("the disk", |pulse| pulse.set_store(Some("full".to_owned())), (0, 1), Some("nothing can be stored: full")),
            ("the teller", |pulse| pulse.set_telling(Some("gone".to_owned())), (0, 1), Some("nobody can be told")),
            ("a channel, just now", |pulse| pulse.set_channel("chat", failing(9)), (0, 1), None),
            ("a channel, for long", |pulse| pulse.set_channel("chat", failing(10)), (0, 1), Some("the channel `chat`")),
            ("a channel that works again", |pulse| pulse.set_channel("chat", None), (0, 1), None),
        ];
        for (what, wrong, known, expected) in cases {
            let pulse = Pulse::default();
            wrong(&pulse);
            let found = unwell(&pulse, known, now());
            match expected {
                None => assert_eq!(found, None, "{what}"),
                Some(words) => assert!(found.as_ref().is_some_and(|why| why.contains(words)), "{what}: {found:?}"),
            }
        }
    }
}
