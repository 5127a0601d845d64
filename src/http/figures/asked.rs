//! Which figures are asked for: of when, by which calendar, in which form.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::history::{Range, Window};
use crate::http::error::Fail;
use crate::http::lists::{bad, short};
use crate::http::ready::{Doc, JSON};
use crate::http::{App, cache};
use crate::limits;
use crate::model::snapshot::Snapshot;
use crate::model::target::{Period, Share, Target};

/// For spreadsheets.
const CSV: &str = "text/csv; charset=utf-8; header=present";
/// What is asked for where nothing is said.
const USUAL: &str = "90d";

/// The parameters of an address, in order.
#[derive(Debug, Clone)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(raw: Option<String>) -> Self {
        Self(url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// A parameter that is there and not empty, and not too long.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<String>, Fail> {
        let found = self.0.iter().find(|(known, text)| known == name && !text.is_empty());
        short(name, found.map(|(_, text)| text.clone()))
    }

    /// Every value of a parameter, without the empty ones.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, text)| known == name && !text.is_empty()).map(|(_, text)| text.as_str()).collect()
    }
}

/// Of when, by which calendar.
#[derive(Debug, Clone)]
pub(super) struct When {
    /// All of it; its end may be still to come.
    pub(super) window: Window,
    /// The calendar of its days and months.
    pub(super) zone: TimeZone,
    /// Its name.
    pub(super) zone_name: String,
    /// The word that it was asked for by, where that is one that holds at any time.
    pub(super) word: Option<&'static str>,
    /// The same as it was given, for links and forms.
    pub(super) given: String,
}

impl When {
    /// Understands `window`, `from` and `to`, `days`, and `timezone`; `usual` is the calendar where none is named.
    pub(super) fn read(query: &Query, snapshot: &Snapshot, usual: &str) -> Result<Self, Fail> {
        let now = snapshot.generated_at;
        let zone_name = match query.get("timezone")?.as_deref() {
            None => usual.to_owned(),
            Some("page") => snapshot.page.timezone.clone(),
            Some(name) => name.to_owned(),
        };
        let zone = TimeZone::get(&zone_name)
            .map_err(|_| bad("timezone", "must be `UTC`, `page` or the IANA name of a time zone".to_owned()))?;
        if let (Some(from), to) = (query.get("from")?, query.get("to")?) {
            let from = moment("from", &from, &zone, false)?;
            let to = to.map_or(Ok(now), |to| moment("to", &to, &zone, true))?;
            let longest = std::time::Duration::from_secs(u64::from(limits::REPORT_DAYS) * 86_400);
            let window = Window::new(from, to);
            if window.is_empty() || window.length() > longest {
                return Err(bad("to", format!("must be after `from`, at most {} days", limits::REPORT_DAYS)));
            }
            return Ok(Self { window, zone, zone_name, word: None, given: String::new() });
        }
        let given = match query.get("days")? {
            Some(days) => format!("{days}d"),
            None => query.get("window")?.unwrap_or_else(|| USUAL.to_owned()),
        };
        let range = Range::read(&given, now, &zone).ok_or_else(|| {
            let words = Range::WORDS.join(", ");
            bad(
                "window",
                format!(
                    "must be one of {words}, up to {}d, a month (2026-10) or a quarter (2026-Q3)",
                    limits::REPORT_DAYS
                ),
            )
        })?;
        let word = Range::WORDS.into_iter().find(|word| *word == given);
        Ok(Self { window: range.window(now, &zone), zone, zone_name, word, given })
    }

    /// The name of a document of this window by which it is kept for whoever asks next; none where there are too many
    /// such windows to keep.
    pub(super) fn name(&self, document: &str, usual: &str) -> Option<String> {
        let word = self.word.filter(|_| self.zone_name == usual)?;
        Some(format!("{document}?{word}@{usual}"))
    }
}

/// A moment or a day; a day given as an end is in.
fn moment(name: &'static str, text: &str, zone: &TimeZone, end: bool) -> Result<Timestamp, Fail> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let day = text.parse::<Date>().map(|day| if end { day.saturating_add(1.day()) } else { day });
    let begins = day.and_then(|day| day.to_zoned_datetime(zone.clone())).map(|zoned| zoned.timestamp());
    begins.map_err(|_| bad(name, "must be a day (2026-10-01) or a moment (2026-10-01T12:00:00Z)".to_owned()))
}

/// A promise to hold a vendor to: the one in the address, else the one of the configuration.
pub(super) fn target(query: &Query, configured: Option<&Target>) -> Result<Option<Target>, Fail> {
    let Some(text) = query.get("target")? else { return Ok(configured.cloned()) };
    let uptime = Share::from_percent(&text)
        .ok_or_else(|| bad("target", "must be a percentage from 0 to 100 with at most four decimals".to_owned()))?;
    let counts = configured.map_or(Target::DOWN.to_vec(), |target| target.counts.clone());
    Ok(Some(Target { uptime, period: Period::Month, counts }))
}

/// In which form programs want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
}

impl Form {
    /// `format` outweighs what `Accept` says.
    pub(super) fn read(query: &Query, asked: &HeaderMap) -> Result<Self, Fail> {
        match query.get("format")?.as_deref() {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(_) => Err(bad("format", "must be one of: json, csv".to_owned())),
            None => {
                let accepts = asked.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
                let mut first =
                    accepts.flat_map(|list| list.split(',')).map(|one| one.split(';').next().unwrap_or(one).trim());
                Ok(if first.next() == Some("text/csv") { Self::Csv } else { Self::Json })
            }
        }
    }

    /// The media type.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Csv => CSV,
        }
    }
}

/// Answers with what `make` gives: kept under `name` for whoever asks next, or made for this request alone.
pub(super) async fn answer<F>(
    app: &App,
    asked: &HeaderMap,
    name: Option<String>,
    kind: &'static str,
    make: F,
) -> Result<Response, Fail>
where
    F: FnOnce(&App, &Snapshot) -> Result<Vec<u8>, Fail> + Send + 'static,
{
    let maker = app.clone();
    if let Some(name) = name {
        return cache::once(app, asked, name, kind, move |snapshot| make(&maker, snapshot)).await;
    }
    let snapshot = Arc::clone(&app.0.ready.load().snapshot);
    let modified = snapshot.generated_at;
    let made = tokio::task::spawn_blocking(move || make(&maker, &snapshot)).await;
    let bytes = made.map_err(|error| {
        tracing::error!(%error, "figures could not be made");
        Fail::Internal
    })??;
    cache::made(asked, Doc::plain(kind, modified, bytes.into())).await
}

/// Says that the form depends on what was accepted, and under which name a table is kept.
pub(super) fn formed(mut response: Response, form: Form, file: &str) -> Response {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    if form == Form::Csv
        && let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}.csv\""))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
