//! The snapshot as HTML. Templates are compiled at the start; upstream text is hostile.
//!
//! Templates escape everything but one thing: the bodies of updates, which were sanitised at the boundary and pass
//! through `view::words` and nowhere else.

mod assets;
pub mod badge;
pub mod fill;
pub mod letter;
mod paint;
pub mod picture;
mod plot;
mod reports;
pub mod subject;
mod view;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::history::Part;
use crate::history::difference::Difference;
use crate::limits;
use crate::model::event::Event;
use crate::model::incident::{Incident, Maintenance};
use crate::model::past::Shown;
use crate::model::receipt::{Evidence, Kept};
use crate::model::snapshot::{IncidentView, MaintenanceView, ServiceView, Snapshot, SourceView};

pub use assets::{Asset, asset, public as public_assets};
pub use reports::{Claimed, Compared, Reviewed, Said, Sort, Windows, windows, zone};
pub use view::admin::{Choice, Frame, Link, Who};
pub use view::console;
pub use view::history::Days;
pub use view::past::{Gap, Then};
pub use view::told::{Told, told};
pub use view::{Time, time};

/// All templates, compiled.
#[derive(Debug)]
pub struct Pages {
    templates: Environment<'static>,
}

/// What was, for the page of a source or a service.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past<'a> {
    /// Incidents that are over.
    pub incidents: &'a [Incident],
    /// Maintenances that are over.
    pub maintenances: &'a [Maintenance],
    /// What was noticed here, newest first.
    pub events: &'a [Event],
    /// The days of its bar, oldest first; none where the store cannot say.
    pub days: &'a [Part],
}

/// What a strip or a screen is to show.
#[derive(Debug)]
pub struct Glance<'a> {
    /// What it is about.
    pub subject: &'a subject::Subject,
    /// What is said of that.
    pub said: subject::Said,
    /// `light` or `dark`, where it is not the reader's.
    pub theme: Option<&'static str>,
    /// Since when nothing is known, where the snapshot is too old to be believed.
    pub old: Option<Timestamp>,
}

/// A template failed: a fault of this program.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made: {0}")]
pub struct RenderError(pub String);

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

const TEMPLATES: &[(&str, &str)] = &[
    ("base.html", include_str!("../../templates/base.html")),
    ("sprite.html", include_str!("../../templates/sprite.html")),
    ("picture/shapes.xml", include_str!("../../templates/picture/shapes.xml")),
    ("picture/badge.xml", include_str!("../../templates/picture/badge.xml")),
    ("picture/card.xml", include_str!("../../templates/picture/card.xml")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("status.html", include_str!("../../templates/status.html")),
    ("gap.html", include_str!("../../templates/gap.html")),
    ("diff.html", include_str!("../../templates/diff.html")),
    ("history.html", include_str!("../../templates/history.html")),
    ("source.html", include_str!("../../templates/source.html")),
    ("receipts.html", include_str!("../../templates/receipts.html")),
    ("reports/parts.html", include_str!("../../templates/reports/parts.html")),
    ("reports/all.html", include_str!("../../templates/reports/all.html")),
    ("reports/compare.html", include_str!("../../templates/reports/compare.html")),
    ("reports/claim.html", include_str!("../../templates/reports/claim.html")),
    ("reports/review.html", include_str!("../../templates/reports/review.html")),
    ("service.html", include_str!("../../templates/service.html")),
    ("incident.html", include_str!("../../templates/incident.html")),
    ("embed.html", include_str!("../../templates/embed.html")),
    ("wall.html", include_str!("../../templates/wall.html")),
    ("docs.html", include_str!("../../templates/docs.html")),
    ("error.html", include_str!("../../templates/error.html")),
    ("nowhere.html", include_str!("../../templates/nowhere.html")),
    ("reader/parts.html", include_str!("../../templates/reader/parts.html")),
    ("reader/subscribe.html", include_str!("../../templates/reader/subscribe.html")),
    ("reader/confirm.html", include_str!("../../templates/reader/confirm.html")),
    ("reader/manage.html", include_str!("../../templates/reader/manage.html")),
    ("reader/leave.html", include_str!("../../templates/reader/leave.html")),
    ("reader/told.html", include_str!("../../templates/reader/told.html")),
    ("admin/subscribers.html", include_str!("../../templates/admin/subscribers.html")),
    ("admin/base.html", include_str!("../../templates/admin/base.html")),
    ("admin/forms.html", include_str!("../../templates/admin/forms.html")),
    ("admin/set-up.html", include_str!("../../templates/admin/set-up.html")),
    ("admin/join.html", include_str!("../../templates/admin/join.html")),
    ("admin/sign-in.html", include_str!("../../templates/admin/sign-in.html")),
    ("admin/code.html", include_str!("../../templates/admin/code.html")),
    ("admin/account.html", include_str!("../../templates/admin/account.html")),
    ("admin/factor.html", include_str!("../../templates/admin/factor.html")),
    ("admin/people.html", include_str!("../../templates/admin/people.html")),
    ("admin/tokens.html", include_str!("../../templates/admin/tokens.html")),
    ("admin/audit.html", include_str!("../../templates/admin/audit.html")),
    ("admin/signed-out.html", include_str!("../../templates/admin/signed-out.html")),
    ("admin/once.html", include_str!("../../templates/admin/once.html")),
    ("admin/home.html", include_str!("../../templates/admin/home.html")),
    ("admin/incidents.html", include_str!("../../templates/admin/incidents.html")),
    ("admin/declare.html", include_str!("../../templates/admin/declare.html")),
    ("admin/incident.html", include_str!("../../templates/admin/incident.html")),
    ("admin/incident-edit.html", include_str!("../../templates/admin/incident-edit.html")),
    ("admin/sure.html", include_str!("../../templates/admin/sure.html")),
    ("admin/again.html", include_str!("../../templates/admin/again.html")),
    ("admin/verdict.html", include_str!("../../templates/admin/verdict.html")),
    ("admin/states.html", include_str!("../../templates/admin/states.html")),
    ("admin/manual.html", include_str!("../../templates/admin/manual.html")),
    ("admin/templates.html", include_str!("../../templates/admin/templates.html")),
    ("admin/template.html", include_str!("../../templates/admin/template.html")),
    ("admin/maintenances.html", include_str!("../../templates/admin/maintenances.html")),
    ("admin/channels.html", include_str!("../../templates/admin/channels.html")),
    ("admin/deliveries.html", include_str!("../../templates/admin/deliveries.html")),
    ("admin/delivery.html", include_str!("../../templates/admin/delivery.html")),
    ("admin/sources.html", include_str!("../../templates/admin/sources.html")),
    ("admin/source-new.html", include_str!("../../templates/admin/source-new.html")),
    ("admin/plan.html", include_str!("../../templates/admin/plan.html")),
    ("admin/maintenance.html", include_str!("../../templates/admin/maintenance.html")),
];

impl Pages {
    /// Compiles the templates.
    ///
    /// # Errors
    /// Where one does not compile.
    pub fn new() -> Result<Self, RenderError> {
        Self::compile(false)
    }

    /// The same for a page that is published as files: it knows its age by itself, and offers nothing that needs a server.
    ///
    /// # Errors
    /// Where one does not compile.
    pub fn published() -> Result<Self, RenderError> {
        Self::compile(true)
    }

    fn compile(published: bool) -> Result<Self, RenderError> {
        let mut templates = Environment::new();
        // A name that is not there is an error, not a blank; asking whether it is there is none.
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        for (name, text) in TEMPLATES {
            templates.add_template(name, text)?;
        }
        templates.add_global("published", published);
        templates.add_global("old_after", limits::PUBLISHED_OLD.as_secs());
        Ok(Self { templates })
    }

    /// The combined page.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn status(&self, snapshot: &Snapshot) -> Result<String, RenderError> {
        self.render("status.html", &view::status::page(snapshot))
    }

    /// The combined page as it stood then.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn then(&self, shown: &Shown, then: &Then) -> Result<String, RenderError> {
        self.render("status.html", &view::status::then(shown, then))
    }

    /// Why there is no page of a moment.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn gap(&self, snapshot: &Snapshot, then: &Then, gap: Gap) -> Result<String, RenderError> {
        self.render("gap.html", &view::past::missing(snapshot, then, gap))
    }

    /// What is different between two moments; without a difference only the form that asks for it.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn difference(
        &self,
        snapshot: &Snapshot,
        between: (Timestamp, Timestamp),
        zone: &TimeZone,
        found: Option<&Difference>,
    ) -> Result<String, RenderError> {
        self.render("diff.html", &view::past::diff(snapshot, between, zone, found))
    }

    /// What went on day by day.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn history(&self, snapshot: &Snapshot, asked: &Days<'_>) -> Result<String, RenderError> {
        self.render("history.html", &view::history::page(snapshot, asked))
    }

    /// One source with its components, open and past incidents, and its last events (newest first).
    ///
    /// # Errors
    /// Where the template fails.
    pub fn source(
        &self,
        snapshot: &Snapshot,
        view: &SourceView,
        past: Past<'_>,
        evidence: &Evidence,
    ) -> Result<String, RenderError> {
        self.render("source.html", &view::source::page(snapshot, view, past, evidence))
    }

    /// What a source really sent, newest first.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn receipts(&self, snapshot: &Snapshot, view: &SourceView, kept: &[Kept]) -> Result<String, RenderError> {
        self.render("receipts.html", &view::receipts::page(snapshot, view, kept))
    }

    /// One service with what it needs.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn service(&self, snapshot: &Snapshot, view: &ServiceView, past: Past<'_>) -> Result<String, RenderError> {
        self.render("service.html", &view::service::page(snapshot, view, past))
    }

    /// One incident, open or past, with every update and what was noticed here (newest first); for those who may know, with
    /// who was told.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn incident(
        &self,
        snapshot: &Snapshot,
        view: &IncidentView,
        events: &[Event],
        evidence: &Evidence,
        told: Option<Told>,
    ) -> Result<String, RenderError> {
        self.render("incident.html", &view::incident::incident(snapshot, view, events, evidence).with(told))
    }

    /// One maintenance, planned, running or past; for those who may know, with who was told.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn maintenance(
        &self,
        snapshot: &Snapshot,
        view: &MaintenanceView,
        events: &[Event],
        evidence: &Evidence,
        told: Option<Told>,
    ) -> Result<String, RenderError> {
        self.render("incident.html", &view::incident::maintenance(snapshot, view, events, evidence).with(told))
    }

    /// The strip that other sites frame.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn embed(&self, snapshot: &Snapshot, glance: Glance<'_>) -> Result<String, RenderError> {
        self.render("embed.html", &view::embed::page(snapshot, glance))
    }

    /// The present for a screen on a wall.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn wall(&self, snapshot: &Snapshot, glance: Glance<'_>) -> Result<String, RenderError> {
        self.render("wall.html", &view::wall::page(snapshot, glance))
    }

    /// The API reference, made from the OpenAPI document.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn docs(&self, title: &str, openapi: &serde_json::Value) -> Result<String, RenderError> {
        self.render("docs.html", &view::docs::page(title, openapi))
    }

    /// A page for an error: what happened and what to do.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn error(&self, status: u16, title: &str, text: &str, request: &str) -> Result<String, RenderError> {
        self.render("error.html", &view::docs::error(status, title, text, request))
    }

    /// The page for an address that a published site does not have.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn nowhere(&self, title: &str) -> Result<String, RenderError> {
        self.render("nowhere.html", &BTreeMap::from([("title", title)]))
    }

    /// A page of the console: a template of `templates/admin`, which finds `view` under that name.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn admin(&self, template: &str, frame: &Frame, view: &impl Serialize) -> Result<String, RenderError> {
        self.render(template, &view::admin::framed(frame, view))
    }

    /// An incident as the page of readers shows it, without the frame of that page: for whoever is about to declare it.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn preview_incident(&self, snapshot: &Snapshot, view: &IncidentView) -> Result<console::Preview, RenderError> {
        self.part(&view::incident::incident(snapshot, view, &[], &Evidence::default()))
    }

    /// The same for a maintenance.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn preview_maintenance(
        &self,
        snapshot: &Snapshot,
        view: &MaintenanceView,
    ) -> Result<console::Preview, RenderError> {
        self.part(&view::incident::maintenance(snapshot, view, &[], &Evidence::default()))
    }

    fn part(&self, view: &impl Serialize) -> Result<console::Preview, RenderError> {
        let mut whole = self.templates.get_template("incident.html")?.render_captured(Serde(view))?;
        Ok(console::Preview::new(whole.with_state_mut(|state| state.render_block("main"))?))
    }

    fn render(&self, name: &str, view: &impl Serialize) -> Result<String, RenderError> {
        Ok(self.templates.get_template(name)?.render(Serde(view))?)
    }
}
