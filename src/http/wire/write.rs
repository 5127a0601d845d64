//! What programs send to change something, as JSON. Unknown keys are refused: a slip of the pen must not be lost.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A service, and what the incident does to it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Hit {
    /// Its id alone: its state follows the impact.
    Id(String),
    /// With a state of its own.
    State(HitState),
}

/// A service with its state.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HitState {
    /// The service's id.
    pub id: String,
    /// `operational`, `under_maintenance`, `degraded_performance`, `partial_outage`, `major_outage`.
    pub state: String,
}

/// A new incident.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIncident {
    /// What is wrong, in a few words.
    pub title: String,
    /// `none`, `minor` (the default), `major`, `critical`.
    pub impact: Option<String>,
    /// `investigating` (the default), `identified`, `monitoring`, `resolved`.
    pub status: Option<String>,
    /// What it touches.
    #[serde(default)]
    pub services: Vec<Hit>,
    /// When it began; now where it is not given.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// The first update, Markdown.
    #[serde(default)]
    pub body: String,
    /// A remark that only signed-in people see, Markdown.
    #[serde(default)]
    pub note: String,
    /// Ids of upstream incidents that have to do with it.
    #[serde(default)]
    pub related: Vec<String>,
}

/// What to change of an incident; what is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentChange {
    /// What is wrong, in a few words.
    pub title: Option<String>,
    /// How bad it is.
    pub impact: Option<String>,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// What it touches.
    pub services: Option<Vec<Hit>>,
    /// Ids of upstream incidents that have to do with it.
    pub related: Option<Vec<String>>,
}

/// An update of an incident or a maintenance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpdate {
    /// How far it has come; as before where it is not given.
    pub status: Option<String>,
    /// What is to be said, Markdown.
    #[serde(default)]
    pub body: String,
    /// How bad it is: incidents only.
    pub impact: Option<String>,
    /// What it touches: incidents only.
    pub services: Option<Vec<Hit>>,
}

/// Words alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWords {
    /// Markdown.
    pub body: String,
}

/// A new maintenance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMaintenance {
    /// What is planned, in a few words.
    pub title: String,
    /// Planned start.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// Planned end.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Ids of the services that it touches.
    #[serde(default)]
    pub services: Vec<String>,
    /// The announcement, Markdown.
    #[serde(default)]
    pub body: String,
    /// It begins by itself at its planned start.
    #[serde(default)]
    pub auto_start: bool,
    /// It ends by itself at its planned end.
    #[serde(default)]
    pub auto_end: bool,
    /// Minutes before its start at which people are reminded.
    #[serde(default)]
    pub remind_minutes_before: Vec<u32>,
}

/// A maintenance that comes again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeries {
    /// What is planned, in a few words.
    pub title: String,
    /// When it comes again: an RRULE (RFC 5545), such as `FREQ=WEEKLY;BYDAY=TU`.
    pub rule: String,
    /// Whose clocks the rule goes by, an IANA name; the page's where it is not given.
    pub timezone: Option<String>,
    /// Where the rule begins, on those clocks; its time of day is that of every occurrence.
    #[schema(value_type = String, example = "2026-12-01T22:00:00")]
    pub starts: jiff::civil::DateTime,
    /// How long each occurrence is planned to take.
    pub duration_minutes: u32,
    /// Ids of the services that it touches.
    #[serde(default)]
    pub services: Vec<String>,
    /// What each is announced with, Markdown.
    #[serde(default)]
    pub body: String,
    /// Each begins by itself at its planned start.
    #[serde(default)]
    pub auto_start: bool,
    /// Each ends by itself at its planned end.
    #[serde(default)]
    pub auto_end: bool,
    /// Minutes before its start at which people are reminded.
    #[serde(default)]
    pub remind_minutes_before: Vec<u32>,
}

/// What to change of a maintenance; what is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceChange {
    /// What is planned, in a few words.
    pub title: Option<String>,
    /// Planned start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// Planned end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// Ids of the services that it touches.
    pub services: Option<Vec<String>>,
    /// It begins by itself at its planned start.
    pub auto_start: Option<bool>,
    /// It ends by itself at its planned end.
    pub auto_end: Option<bool>,
    /// Minutes before its start at which people are reminded.
    pub remind_minutes_before: Option<Vec<u32>>,
}

/// What to change of a verdict; what is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictChange {
    /// `yes`, `no`, `not_known`.
    pub affects: Option<String>,
    /// Who looks after it here; an empty text: nobody.
    pub owner: Option<String>,
    /// What it means here, Markdown; an empty text takes it away.
    pub note: Option<String>,
    /// What helps meanwhile, Markdown; an empty text takes it away.
    pub workaround: Option<String>,
    /// It makes no noise until then; null ends the muting.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub mute_until: Option<Option<Timestamp>>,
    /// It makes no noise until it becomes worse; false ends the muting.
    pub mute_until_change: Option<bool>,
}

/// A state to be set by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewState {
    /// What it is said to be.
    pub state: String,
    /// Why.
    pub reason: String,
    /// When that ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// Words kept ready for incidents; `{{name}}` stands for what is filled in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    /// For people.
    pub name: String,
    /// The incident's title.
    pub title: String,
    /// Its first update, Markdown.
    #[serde(default)]
    pub body: String,
    /// How bad such a thing is.
    pub impact: Option<String>,
    /// Ids of the services that it usually touches.
    #[serde(default)]
    pub services: Vec<String>,
}

/// A source to be watched besides those of the configuration file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// A name from the catalogue, or the address of a status page.
    pub page: String,
    /// What it is called here; what it calls itself where it is not given.
    #[serde(default)]
    pub name: String,
    /// For grouping and filtering.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Globs over component paths that count; none: all.
    #[serde(default)]
    pub components: Vec<String>,
    /// Globs over component paths that do not count.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Seconds between readings; as all others where it is not given.
    pub interval_seconds: Option<u64>,
    /// Add it although it cannot be read now.
    #[serde(default)]
    pub unread: bool,
}

/// Tells null from what is not there.
fn given<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    Option::<Timestamp>::deserialize(input).map(Some)
}
