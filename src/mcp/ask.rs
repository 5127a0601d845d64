//! What can be asked: the tools by name, with their arguments as they come.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A question that was understood.
#[derive(Debug)]
pub enum Question {
    /// What is wrong.
    WhatsBroken,
    /// Whether this is up.
    IsUp(String),
    /// What goes wrong, or went wrong.
    Incidents(IncidentsAsked),
    /// One incident by its id.
    Incident(String),
    /// What is planned, or goes on as planned.
    Maintenances(MaintenancesAsked),
    /// What it was like at that moment; of this thing, where one is named.
    At(String, Option<String>),
    /// What is watched.
    Sources(SourcesAsked),
    /// How much of the last so many days this was up.
    Uptime(String, Option<u16>),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IsUpAsked {
    /// A vendor, one of the team's own services, or a component, by name or id: `GitHub`, `checkout`,
    /// `GitHub/Actions`.
    name: String,
}

/// Which incidents are asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentsAsked {
    /// Only of this vendor, by name or id.
    #[serde(default)]
    pub source: Option<String>,
    /// Only those that go on, or only those that are over; both where it is not given.
    #[serde(default)]
    pub status: Option<Status>,
    /// Only of this impact, in the vendor's own judgement: `none`, `maintenance`, `minor`, `major`, `critical`.
    #[serde(default)]
    pub impact: Option<String>,
    /// Only those that went on after this moment: `2026-11-24T14:05:00Z`, or `-24h` for the last day.
    #[serde(default)]
    pub since: Option<String>,
}

/// Whether something goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Status {
    /// It goes on.
    Open,
    /// It is over.
    Closed,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IncidentAsked {
    /// Its id, as the other tools give it: `github.k3lw9x`.
    id: String,
}

/// Which maintenances are asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenancesAsked {
    /// Only of this vendor, by name or id.
    #[serde(default)]
    pub source: Option<String>,
    /// Only those that are planned, or only those that go on; both where it is not given.
    #[serde(default)]
    pub status: Option<Planned>,
}

/// Whether planned work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Planned {
    /// It has not begun.
    Upcoming,
    /// It goes on.
    Running,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AtAsked {
    /// The moment: `2026-11-24T14:05:00Z`, `2026-11-24T14:05` in the page's time zone, or `-2h` for two hours ago.
    moment: String,
    /// Only of this vendor, service or component, by name or id; everything that was wrong where it is not given.
    #[serde(default)]
    name: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UptimeAsked {
    /// A vendor, one of the team's own services, or a component, by name or id.
    name: String,
    /// Of how many days until now: 1 to 365; 30 where it is not given.
    #[serde(default)]
    days: Option<u16>,
}

/// Which sources are asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourcesAsked {
    /// Only those with these words in their name or id.
    #[serde(default)]
    pub words: Option<String>,
    /// Only in this state: `operational`, `under_maintenance`, `degraded_performance`, `partial_outage`,
    /// `major_outage`, `unknown`.
    #[serde(default)]
    pub state: Option<String>,
    /// Only with this tag.
    #[serde(default)]
    pub tag: Option<String>,
}

impl Question {
    /// Understands a call of a tool.
    ///
    /// # Errors
    /// Where there is no such tool, or an argument is missing, wrong or unheard of: one that is ignored would make the
    /// answer say something else than was asked.
    pub fn read(tool: &str, arguments: Map<String, Value>) -> Result<Self, String> {
        match tool {
            "whats_broken" => arguments_of::<Nothing>(arguments).map(|_| Self::WhatsBroken),
            "is_up" => arguments_of::<IsUpAsked>(arguments).map(|asked| Self::IsUp(asked.name)),
            "list_incidents" => arguments_of(arguments).map(Self::Incidents),
            "get_incident" => arguments_of::<IncidentAsked>(arguments).map(|asked| Self::Incident(asked.id)),
            "list_maintenances" => arguments_of(arguments).map(Self::Maintenances),
            "at" => arguments_of::<AtAsked>(arguments).map(|asked| Self::At(asked.moment, asked.name)),
            "uptime" => arguments_of::<UptimeAsked>(arguments).map(|asked| Self::Uptime(asked.name, asked.days)),
            "list_sources" => arguments_of(arguments).map(Self::Sources),
            other => Err(format!("there is no tool {}", super::answer::short(other))),
        }
    }
}

fn arguments_of<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| format!("the arguments are wrong: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_that_would_be_ignored_is_refused() {
        for (tool, arguments, good) in [
            ("whats_broken", json!({}), true),
            ("whats_broken", json!({"source": "x"}), false),
            ("is_up", json!({"name": "x"}), true),
            ("is_up", json!({}), false),
            ("list_incidents", json!({"status": "open", "source": null}), true),
            ("list_incidents", json!({"status": "fine"}), false),
            ("list_incidents", json!({"vendor": "x"}), false),
            ("list_maintenances", json!({"status": "upcoming"}), true),
            ("get_incident", json!({"id": 3}), false),
            ("at", json!({"moment": "-2h", "name": "x"}), true),
            ("list_sources", json!({"state": "unknown"}), true),
            ("uptime", json!({"name": "x", "days": 90}), true),
            ("uptime", json!({"name": "x", "days": -1}), false),
            ("delete_everything", json!({}), false),
        ] {
            let Value::Object(map) = arguments.clone() else { unreachable!() };
            assert_eq!(Question::read(tool, map).is_ok(), good, "{tool} {arguments}");
        }
    }
}
