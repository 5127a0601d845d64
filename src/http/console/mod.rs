//! The operators' console: pages with forms, over the same orders that the API gives.

mod again;
mod channels;
mod declare;
mod deliveries;
mod home;
mod incident;
mod incidents;
mod maintenance;
mod maintenances;
mod order;
mod scene;
mod sources;
mod states;
mod subscribers;
mod templates;
mod verdict;
mod when;

use super::auth::{Access, Routes};
use crate::model::actor::Role;

const OPERATOR: Access = Access::Person(Role::Operator);
const ADMIN: Access = Access::Person(Role::Admin);

/// All of it, and who may.
pub(super) fn routes(routes: Routes) -> Routes {
    let routes = routes
        // Viewers are led on to what is their own.
        .get("/admin", Access::Own, home::show)
        .get("/admin/incidents", OPERATOR, incidents::list)
        .get("/admin/incidents/new", OPERATOR, declare::show)
        .post("/admin/incidents/new", OPERATOR, declare::send)
        .get("/admin/incidents/{id}", OPERATOR, incident::show)
        .post("/admin/incidents/{id}/update", OPERATOR, incident::update)
        .get("/admin/incidents/{id}/edit", OPERATOR, incident::head)
        .post("/admin/incidents/{id}/edit", OPERATOR, incident::edit)
        .post("/admin/incidents/{id}/correct/{number}", OPERATOR, incident::correct)
        .post("/admin/incidents/{id}/note", OPERATOR, incident::note)
        .post("/admin/incidents/{id}/postmortem", OPERATOR, incident::postmortem)
        .post("/admin/incidents/{id}/publish", OPERATOR, incident::publish)
        .get("/admin/incidents/{id}/delete", OPERATOR, incident::sure)
        .post("/admin/incidents/{id}/delete", OPERATOR, incident::delete)
        .get("/admin/incidents/{id}/verdict", OPERATOR, verdict::show)
        .post("/admin/incidents/{id}/verdict", OPERATOR, verdict::judge)
        .post("/admin/incidents/{id}/acknowledge", OPERATOR, verdict::acknowledge);
    routes
        .get("/admin/services", OPERATOR, states::list)
        .get("/admin/services/{id}", OPERATOR, states::service)
        .post("/admin/services/{id}", OPERATOR, states::set_service)
        .post("/admin/services/{id}/end", OPERATOR, states::end_service)
        .get("/admin/sources/{id}/override", OPERATOR, states::source)
        .post("/admin/sources/{id}/override", OPERATOR, states::set_source)
        .post("/admin/sources/{id}/override/end", OPERATOR, states::end_source)
        .get("/admin/channels", OPERATOR, channels::list)
        .post("/admin/channels/{id}/test", OPERATOR, channels::test)
        .get("/admin/deliveries", OPERATOR, deliveries::list)
        .get("/admin/deliveries/{id}", OPERATOR, deliveries::show)
        .post("/admin/deliveries/{id}/resend", OPERATOR, deliveries::resend)
        .get("/admin/sources", ADMIN, sources::list)
        .get("/admin/sources/new", ADMIN, sources::look)
        .post("/admin/sources/new", ADMIN, sources::add)
        .get("/admin/sources/{id}/remove", ADMIN, sources::sure)
        .post("/admin/sources/{id}/remove", ADMIN, sources::remove)
        .get("/admin/subscribers", ADMIN, subscribers::list)
        .get("/admin/subscribers.csv", ADMIN, subscribers::table)
        .post("/admin/subscribers/import", ADMIN, subscribers::import)
        .post("/admin/subscribers/{id}/suspend", ADMIN, subscribers::suspend)
        .post("/admin/subscribers/{id}/resume", ADMIN, subscribers::resume)
        .get("/admin/subscribers/{id}/erase", ADMIN, subscribers::sure)
        .post("/admin/subscribers/{id}/erase", ADMIN, subscribers::erase)
        .get("/admin/templates", OPERATOR, templates::list)
        .get("/admin/templates/new", OPERATOR, templates::new)
        .post("/admin/templates/new", OPERATOR, templates::make)
        .get("/admin/templates/{id}", OPERATOR, templates::show)
        .post("/admin/templates/{id}", OPERATOR, templates::change)
        .get("/admin/templates/{id}/remove", OPERATOR, templates::sure)
        .post("/admin/templates/{id}/remove", OPERATOR, templates::remove)
        .get("/admin/maintenances", OPERATOR, maintenances::list)
        .get("/admin/maintenances/new", OPERATOR, maintenances::new)
        .post("/admin/maintenances/new", OPERATOR, maintenances::plan)
        .get("/admin/series/{id}/end", OPERATOR, maintenances::sure)
        .post("/admin/series/{id}/end", OPERATOR, maintenances::end)
        .get("/admin/maintenances/{id}", OPERATOR, maintenance::show)
        .get("/admin/maintenances/{id}/edit", OPERATOR, maintenance::head)
        .post("/admin/maintenances/{id}/edit", OPERATOR, maintenance::edit)
        .post("/admin/maintenances/{id}/update", OPERATOR, maintenance::update)
        .get("/admin/maintenances/{id}/delete", OPERATOR, maintenance::sure)
        .post("/admin/maintenances/{id}/delete", OPERATOR, maintenance::delete)
}
