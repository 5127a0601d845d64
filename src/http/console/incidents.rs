//! The list of our own incidents.

use axum::response::Response;

use crate::http::auth::Visit;
use crate::http::error::Fail;
use crate::http::find;
use crate::http::lists::{self, Asked};
use crate::model::snapshot::IncidentView;
use crate::render::console::home::incident as item;
use crate::render::console::incident::List;
use crate::rules::desk::is_suggested;

const PAGE: &str = "admin/incidents.html";

pub(super) async fn list(visit: Visit) -> Result<Response, Fail> {
    let snapshot = visit.app.0.ready.load().snapshot.clone();
    let desk = visit.app.0.desk.borrow().clone();
    let first = visit.query("cursor").is_empty();
    let open = desk.incidents.values().filter(|one| first && one.is_open());
    let mut open: Vec<IncidentView> =
        open.map(|one| find::view_incident(&visit.app, &snapshot, one.as_ref().clone())).collect();
    open.sort_by_key(|view| std::cmp::Reverse((view.state.weight(), view.incident.began_at())));
    let (suggested, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|view| is_suggested(&view.incident));
    let (past, next) =
        lists::incidents(&visit.app, &snapshot, &Asked::ours_over(visit.query("cursor")).read()?).await?;
    let view = List {
        suggested: suggested.iter().map(item).collect(),
        open: open.iter().map(item).collect(),
        past: past.iter().filter(|view| !is_suggested(&view.incident)).map(|view| item(view)).collect(),
        next: next.map(|next| {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &next).finish();
            format!("/admin/incidents?{query}")
        }),
    };
    visit.show(PAGE, &view)
}
