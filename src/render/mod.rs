//! The snapshot as HTML. Templates are compiled at the start; upstream text is hostile.

use crate::model::event::Event;
use crate::model::incident::{Incident, Maintenance};
use crate::model::snapshot::{IncidentView, MaintenanceView, ServiceView, Snapshot, SourceView};

/// All templates, compiled.
#[derive(Debug)]
pub struct Pages {}

/// A template failed: a fault of this program.
#[derive(Debug, thiserror::Error)]
#[error("the page could not be made: {0}")]
pub struct RenderError(pub String);

/// A file that pages refer to, served from the binary.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

impl Pages {
    /// Compiles the templates.
    ///
    /// # Errors
    /// Where one does not compile.
    pub fn new() -> Result<Self, RenderError> {
        unimplemented!()
    }

    /// The combined page.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn status(&self, _snapshot: &Snapshot) -> Result<String, RenderError> {
        unimplemented!()
    }

    /// One source with its components, open and past incidents, and its last events (newest first).
    ///
    /// # Errors
    /// Where the template fails.
    pub fn source(
        &self,
        _snapshot: &Snapshot,
        _view: &SourceView,
        _past: &[Incident],
        _past_maintenances: &[Maintenance],
        _events: &[Event],
    ) -> Result<String, RenderError> {
        unimplemented!()
    }

    /// One service with what it needs.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn service(&self, _snapshot: &Snapshot, _view: &ServiceView) -> Result<String, RenderError> {
        unimplemented!()
    }

    /// One incident, open or past, with every update and what was noticed here (newest first).
    ///
    /// # Errors
    /// Where the template fails.
    pub fn incident(
        &self,
        _snapshot: &Snapshot,
        _view: &IncidentView,
        _events: &[Event],
    ) -> Result<String, RenderError> {
        unimplemented!()
    }

    /// One maintenance, planned, running or past.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn maintenance(
        &self,
        _snapshot: &Snapshot,
        _view: &MaintenanceView,
        _events: &[Event],
    ) -> Result<String, RenderError> {
        unimplemented!()
    }

    /// The API reference, made from the OpenAPI document.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn docs(&self, _title: &str, _openapi: &serde_json::Value) -> Result<String, RenderError> {
        unimplemented!()
    }

    /// A page for an error: what happened and what to do.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn error(&self, _status: u16, _title: &str, _text: &str, _request: &str) -> Result<String, RenderError> {
        unimplemented!()
    }
}

/// A file by its name in `/assets/`, which holds a digest of its content so that it can be cached for ever.
pub fn asset(_name: &str) -> Option<Asset> {
    None
}
