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

/// How often it is looked whether one is configured now.
const LOOK: Duration = Duration::from_secs(5);

/// Pings while polls and deliveries work, until `stop`.
pub async fn run(shared: Shared, mut plan: watch::Receiver<Arc<Plan>>, stop: CancellationToken) {
    let mut failed = false;
    loop {
        let ping = plan.borrow_and_update().ping.clone();
        let wait = ping.as_ref().map_or(LOOK, |ping| ping.every);
        if let Some(ping) = &ping {
            match unwell(&shared) {
                None => failed = send(&shared, ping, failed).await,
                Some(why) => tracing::warn!(why, "the dead-man's switch is not told that all is well"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            Ok(()) = plan.changed() => {}
            () = shared.clock.sleep(wait) => {}
        }
    }
}

/// Why this program does not do what it is there for.
fn unwell(shared: &Shared) -> Option<String> {
    let now = shared.clock.now();
    let silent = shared.pulse.silence(now.mono);
    if silent > limits::SCHEDULER_STUCK {
        return Some(format!("no reading was begun for {} s", silent.as_secs()));
    }
    if let Some(problem) = shared.pulse.store() {
        return Some(format!("nothing can be stored: {problem}"));
    }
    if let Some(problem) = shared.pulse.telling() {
        return Some(format!("nobody can be told of anything: {problem}"));
    }
    let long = SignedDuration::try_from(limits::CHANNEL_FAILING).unwrap_or_default();
    let channels = shared.pulse.channels();
    let failing = channels.iter().find(|(_, failing)| now.wall.duration_since(failing.since) >= long);
    if let Some((channel, failing)) = failing {
        return Some(format!("the channel `{channel}` takes no messages: {}", failing.problem));
    }
    let snapshot = shared.latest.borrow();
    let stale = snapshot.sources.iter().filter(|view| view.freshness.stale).count();
    let all = snapshot.sources.len();
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
