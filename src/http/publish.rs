//! From the writer to the readers: renders every change once, swaps it in, then tells the viewers.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::App;
use super::ready::Ready;
use crate::ingest::Published;
use crate::limits;

/// Renders every change once, swaps the ready bytes, then tells the viewers.
///
/// What has queued is drained before each rendering. What is nothing but newer times waits until
/// `limits::QUIET_PUBLISH` has passed since the last. Ends when stopped or when the writer is gone.
pub async fn publish(mut inbox: UnboundedReceiver<Published>, app: App, stop: CancellationToken) {
    let mut quiet_until = Instant::now() + limits::QUIET_PUBLISH;
    let mut held: Option<Published> = None;
    let mut rested_at = Instant::now();
    loop {
        // A storm of changes to a large page is told in fewer, larger steps: rendering takes a quarter of the time
        // at most.
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(rested_at) => {}
        }
        let came = tokio::select! {
            () = stop.cancelled() => return,
            came = inbox.recv() => match came {
                Some(came) => Some(came),
                None => return finish(&app, held).await,
            },
            () = sleep_until(quiet_until), if held.is_some() => None,
        };
        let due = came.is_none();
        let mut next = match (held.take(), came) {
            (Some(held), Some(came)) => join(held, came),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => continue,
        };
        while let Ok(more) = inbox.try_recv() {
            next = join(next, more);
        }
        if !due && Instant::now() < quiet_until && is_quiet(&app, &next) {
            held = Some(next);
            continue;
        }
        let began = Instant::now();
        held = show(&app, next).await;
        rested_at = Instant::now() + began.elapsed() * 3;
        quiet_until = Instant::now() + limits::QUIET_PUBLISH;
    }
}

async fn finish(app: &App, held: Option<Published>) {
    if let Some(held) = held {
        show(app, held).await;
    }
}

fn join(mut before: Published, after: Published) -> Published {
    before.events.extend(after.events);
    Published { snapshot: after.snapshot, events: before.events }
}

/// Renders and swaps; gives the change back where rendering failed, so that its events are not lost.
async fn show(app: &App, published: Published) -> Option<Published> {
    let (inner, snapshot) = (Arc::clone(&app.0), Arc::clone(&published.snapshot));
    let built = tokio::task::spawn_blocking(move || {
        let before = inner.ready.load();
        Ready::build(&inner.pages, snapshot, Some(&before))
    });
    match built.await {
        Ok(Ok(ready)) => {
            let seq = ready.snapshot.seq;
            app.0.ready.store(Arc::new(ready));
            app.0.shown.send_replace(seq);
            app.0.viewers.tell(&published.events);
            None
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "a change could not be shown; it is tried again");
            Some(published)
        }
        Err(error) => {
            tracing::error!(%error, "a change could not be shown; it is tried again");
            Some(published)
        }
    }
}

/// True where nothing but times is newer than what is shown.
fn is_quiet(app: &App, next: &Published) -> bool {
    next.events.is_empty() && app.0.ready.load().snapshot.says_the_same(&next.snapshot)
}
