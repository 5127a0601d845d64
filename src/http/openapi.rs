//! The description of the API, made from the code that answers.

use jiff::Timestamp;
use serde_json::json;
use utoipa::OpenApi;

use super::auth::api as people;
use super::glance::{badge, picture, strip};
use super::guard::is_for_programs;
use super::ready::{Doc, JSON};
use super::{
    api, calendar, decisions, events, feeds, figures, health, hooks, messages, past, pushes, scrape, statuspage, write,
};

/// Everything that programs read.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "allclear",
        version = "1",
        description = "Which of your vendors is down, and what of yours it touches. Times are RFC 3339 in UTC. \
                       Lists page by cursor. Unknown parameters are ignored; bad values are answered with 400.",
        license(name = "MIT")
    ),
    paths(
        api::summary,
        api::sources,
        api::source,
        api::services,
        api::service,
        api::incidents,
        api::incident,
        api::maintenances,
        api::maintenance,
        past::diff_json,
        past::of_incident,
        write::incidents::open,
        write::incidents::edit,
        write::incidents::delete,
        write::incidents::post,
        write::incidents::correct,
        write::incidents::notes,
        write::incidents::note,
        write::incidents::postmortem,
        write::incidents::publish,
        write::verdicts::judge,
        write::verdicts::acknowledge,
        write::maintenances::plan,
        write::maintenances::replan,
        write::maintenances::delete,
        write::maintenances::post,
        write::series::list,
        write::series::open,
        write::series::put,
        write::series::end,
        write::sources::look,
        write::sources::list,
        write::sources::add,
        write::sources::remove,
        write::states::source,
        write::states::end_source,
        write::states::service,
        write::states::end_service,
        write::templates::list,
        write::templates::put,
        write::templates::remove,
        write::subscribers::list,
        write::subscribers::add,
        write::subscribers::export,
        write::subscribers::import,
        write::subscribers::suspend,
        write::subscribers::resume,
        write::subscribers::bounces,
        write::subscribers::one,
        write::subscribers::update,
        write::subscribers::erase,
        write::subscribers::export_one,
        messages::channels,
        messages::test,
        messages::deliveries,
        messages::delivery,
        messages::resend,
        decisions::incident,
        decisions::maintenance,
        decisions::source,
        figures::uptime::source,
        figures::uptime::service,
        figures::reports::all,
        figures::reports::scorecard,
        figures::reports::review,
        figures::claims::claim,
        events::events,
        feeds::all_atom,
        feeds::all_rss,
        feeds::all_json,
        feeds::source_atom,
        feeds::source_rss,
        feeds::source_json,
        feeds::service_atom,
        feeds::service_rss,
        feeds::service_json,
        feeds::tag_atom,
        feeds::tag_rss,
        feeds::tag_json,
        calendar::all,
        calendar::source,
        calendar::service,
        calendar::tag,
        statuspage::summary,
        statuspage::status,
        statuspage::components,
        statuspage::incidents,
        statuspage::unresolved,
        statuspage::maintenances,
        statuspage::upcoming,
        statuspage::active,
        badge::badge,
        badge::endpoint,
        strip::embed,
        picture::page,
        picture::source,
        picture::service,
        picture::incident,
        hooks::statuspage,
        pushes::push,
        pushes::push_by_address,
        super::bots::slack,
        super::bots::telegram,
        people::tokens,
        people::make_token,
        people::revoke_token,
        people::people,
        people::invite,
        people::update,
        people::audit,
        health::alive,
        health::ready,
        scrape::metrics,
    ),
    tags(
        (name = "present", description = "what is so now"),
        (name = "history", description = "what was and what is planned"),
        (name = "operators", description = "what operators declare, judge and set by hand; with a token or a session"),
        (name = "messages", description = "who was told of what, who was not and why; for operators, and programs with the scope `messages:write`"),
        (name = "live", description = "changes as they come"),
        (name = "feeds", description = "incidents and maintenances for feed readers, maintenances for calendars"),
        (name = "statuspage", description = "the present in the form of Statuspage's API, version 2: for whatever reads that"),
        (name = "glance", description = "what other pages and chats show of the present; with an ETag, to be asked for before it is shown again"),
        (name = "hooks", description = "what vendors and your own tools push"),
        (name = "people", description = "who may do what, and who did"),
        (name = "subscribers", description = "who is told; for admins, and programs with the scope `subscribers:write`"),
        (name = "operation", description = "for those who run it"),
    )
)]
struct Description;

/// The document as bytes.
pub(super) fn document(at: Timestamp) -> Result<Doc, serde_json::Error> {
    Ok(Doc::new(JSON, at, serde_json::to_vec(&value()?)?.into(), None))
}

/// The document as a value, for the page that shows it.
pub(super) fn value() -> Result<serde_json::Value, serde_json::Error> {
    let mut value = serde_json::to_value(Description::openapi())?;
    let paths = value["paths"].as_object_mut().into_iter().flatten();
    for (path, operations) in paths {
        for operation in operations.as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
            if let Some(responses) = operation["responses"].as_object_mut() {
                responses.insert("default".to_owned(), otherwise(path));
            }
        }
    }
    Ok(value)
}

/// What is answered where nothing better is said: not signed in, not allowed, not understood, not now.
fn otherwise(path: &str) -> serde_json::Value {
    let description = "what went wrong, and what to do";
    match is_for_programs(path) {
        true => json!({"description": description, "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}),
        false => json!({"description": description, "content": {"text/html": {}}}),
    }
}
