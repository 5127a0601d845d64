//! Rootly status pages: `/api/v1/status.json` and `/api/v1/incidents.json`, Statuspage's shape without ids of the page.
//!
//! Facts: the vendor's documentation. Only pages with a domain of their own publish it.

use super::plain::{Plain, Where, compile, extra, present};
use super::{Clues, Format, Sureness, json, statuspage};
use crate::model::observation::Basis;

/// The format's entry in the registry.
pub const FORMAT: Format = Format {
    name: "rootly",
    about: "Rootly status pages (/api/v1/status.json)",
    compile: |options| compile(options, &READER),
    recognise: |sample| {
        let value = sample.json();
        let page = &value["page"];
        let ours = page["time_zone"].is_string()
            && page.get("id").is_none()
            && value["status"]["indicator"].is_string()
            && value.get("components").is_none();
        if ours { Sureness::Certain } else { Sureness::No }
    },
    clues: Clues::marks(&["rootly.com", "Rootly"]),
};

static READER: Plain = Plain {
    documents: Where::Below(&[present("status", "api/v1/status.json"), extra("incidents", "api/v1/incidents.json")]),
    expected: "a Rootly document (JSON with `page` and `status.indicator`)",
    basis: Basis::States,
    load: json::read,
    read: statuspage::read,
};
