//! What an allclear that speaks this API says besides, under a key that no page of Statuspage has.
//!
//! Statuspage has no word for what is not known, for work that was called off, and for trouble of a group as a whole.

use crate::formats::draft;
use crate::formats::json::{self, Value};
use crate::model::id::ComponentId;

/// The key.
const KEY: &str = "allclear";

/// The marks of one document; a page that is none of ours has none.
#[derive(Debug, Clone, Copy)]
pub struct Marks<'a>(&'a Value);

/// What is said of one component.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a>(&'a Value);

/// What is said of one incident or maintenance.
#[derive(Debug, Clone, Copy)]
pub struct Thread<'a>(&'a Value);

impl<'a> Marks<'a> {
    /// Those of a document.
    pub fn of(document: &'a Value) -> Self {
        Self(&document[KEY])
    }

    /// True where the document is another allclear's.
    pub fn are_there(self) -> bool {
        self.0.is_object()
    }

    /// What is said of a component.
    pub fn component(self, item: &Value) -> Component<'a> {
        Component(self.of_id("components", item))
    }

    /// What is said of an incident or a maintenance.
    pub fn thread(self, item: &Value) -> Thread<'a> {
        Thread(self.of_id("incidents", item))
    }

    fn of_id(self, of: &str, item: &Value) -> &'a Value {
        let id = json::word(item, "id").unwrap_or_default();
        &self.0[of][id.as_ref()]
    }
}

impl Component<'_> {
    /// True where it came to the other allclear from yet another.
    pub fn relays(self) -> bool {
        self.0["relayed"] == true
    }

    /// True for a group that has a state of its own.
    pub fn is_source(self) -> bool {
        self.0["source"] == true
    }

    /// True where its status stands for one that is not known.
    pub fn is_unknown(self) -> bool {
        self.0["status"] == "unknown"
    }
}

impl Thread<'_> {
    /// True where it came to the other allclear from yet another.
    pub fn relays(self) -> bool {
        self.0["relayed"] == true
    }

    /// True where its status is not known.
    pub fn has_no_status(self) -> bool {
        self.0["status"] == "unknown"
    }

    /// True where it was called off.
    pub fn is_cancelled(self) -> bool {
        self.0["status"] == "cancelled"
    }

    /// True where nobody said how bad it is.
    pub fn has_no_impact(self) -> bool {
        self.0["impact"] == "unknown"
    }

    /// True where nobody said when work is to begin.
    pub fn has_no_start(self) -> bool {
        self.0["scheduled_for"] == "unknown"
    }

    /// True where nobody said when work is to end.
    pub fn has_no_end(self) -> bool {
        self.0["scheduled_until"] == "unknown"
    }

    /// The group all of which it touches.
    pub fn group(self) -> Option<ComponentId> {
        json::word(self.0, "group").map(|id| draft::id(&id))
    }
}
