//! `/wall`: the present for a screen on a wall.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::App;
use super::super::error::Fail;
use super::super::ready::HTML;
use super::{Asked, Present, said};
use crate::render::Glance;
use crate::render::subject::Subject;

/// The same present for a screen: big, and it needs no pointer.
pub(in crate::http) async fn wall(
    State(app): State<App>,
    asked: HeaderMap,
    Query(query): Query<Asked>,
) -> Result<Response, Fail> {
    let subject = match query.subject()? {
        subject @ (Subject::Page | Subject::Tag(_)) => subject,
        _ => {
            let problem = "is no choice here: a wall shows everything, or one `tag`".to_owned();
            return Err(Fail::Parameter { name: "source", problem });
        }
    };
    let theme = query.theme()?;
    let present = Present::of(&app);
    present.say(&subject)?;
    let (old, pages) = (present.old, app.clone());
    let name = format!("/wall {subject:?} {theme:?}");
    present
        .once(&asked, &name, HTML, move |snapshot| {
            let said = said(snapshot, &subject, old).ok_or(Fail::Internal)?;
            let glance = Glance { subject: &subject, said, theme, old };
            Ok(pages.0.pages.wall(snapshot, glance)?.into_bytes())
        })
        .await
}
