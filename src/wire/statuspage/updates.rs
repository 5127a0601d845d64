//! What was said of an incident or a maintenance: the vendor's updates, our notes and what was learned, in one list.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::scene::{self, Scene};
use super::thread::Told;
use super::words;
use crate::model::desk::Verdict;
use crate::model::local::Signed;

/// The status of an incident that is over and written up, and of the update that does so.
pub const POSTMORTEM: &str = "postmortem";

/// One update.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageUpdate)]
pub struct Post {
    id: String,
    status: &'static str,
    /// Text; what could be taken for a tag in it is escaped.
    body: String,
    incident_id: String,
    created_at: String,
    updated_at: String,
    display_at: String,
    /// Which components it put into which state: nobody tells.
    #[schema(value_type = Option<Vec<Object>>)]
    affected_components: Option<Vec<()>>,
    deliver_notifications: bool,
    #[schema(value_type = Option<String>)]
    custom_tweet: Option<&'static str>,
    #[schema(value_type = Option<String>)]
    tweet_id: Option<&'static str>,
    /// When it was posted.
    #[serde(skip)]
    pub at: Timestamp,
}

/// Everything that its publisher said, newest first. Where it was closed unsaid, that is said.
pub fn of(told: &Told<'_>, scene: &Scene<'_>) -> Vec<Post> {
    let mut posts = Vec::with_capacity(told.updates.len());
    // The oldest first: an update that changes no status has that of the one before it.
    let mut status = told
        .updates
        .iter()
        .rev()
        .find_map(|update| update.phase)
        .map_or(told.status, |first| words::phase(Some(first)));
    let (mut last, mut same) = (None, 0_usize);
    for update in told.updates.iter().rev() {
        status = update.phase.map_or(status, |phase| words::phase(Some(phase)));
        same = if last == Some(update.at) { same.saturating_add(1) } else { 0 };
        last = Some(update.at);
        let at = update.at.unwrap_or_else(|| told.created_at());
        // A local one stays the same when it is put right; a vendor's is known by its time.
        let own = update.told.as_ref().map_or_else(|| format!("{at} {same}"), |told| told.number.to_string());
        posts.push(post("update", &own, status, at, &update.body.plain, told, scene));
    }
    if let Some(since) = told.unlisted_at() {
        let body = format!("{} no longer lists this. Nobody said that it is over.", told.source_name());
        posts.push(post("unlisted", "", told.over.as_str(), since, &body, told, scene));
    }
    posts.reverse();
    posts
}

/// What the team says of a vendor's incident.
pub fn note(verdict: &Verdict, told: &Told<'_>, scene: &Scene<'_>) -> Option<Post> {
    let words = verdict.note.as_ref()?;
    Some(post("note", "", told.status, verdict.at, &words.text.plain, told, scene))
}

/// What was learned.
pub fn report(report: &Signed, told: &Told<'_>, scene: &Scene<'_>) -> Post {
    post(POSTMORTEM, "", POSTMORTEM, report.at, &report.words.text.plain, told, scene)
}

fn post(
    kind: &str,
    which: &str,
    status: &'static str,
    at: Timestamp,
    plain: &str,
    told: &Told<'_>,
    scene: &Scene<'_>,
) -> Post {
    let (incident_id, time) = (told.thread_id(), scene.time(at));
    Post {
        id: scene::id(kind, &[&incident_id, which]),
        status,
        // Clients show bodies as text or as HTML: this is safe as either.
        body: plain.replace('<', "&lt;"),
        incident_id,
        created_at: time.clone(),
        updated_at: time.clone(),
        display_at: time,
        affected_components: None,
        deliver_notifications: true,
        custom_tweet: None,
        tweet_id: None,
        at,
    }
}
