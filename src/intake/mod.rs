//! From an address or a name to a source: looks at the page, and writes the entry of `sources.yaml` for it.

pub mod entry;
pub mod office;

use std::sync::Arc;

use url::Url;

use crate::catalog::{self, Vendor};
use crate::config::{self, SourceConfig};
use crate::model::source::{Failure, FailureKind};
use crate::poll::{self, Looked, Shared};

/// Why a page was not read.
pub enum Unread {
    /// It is neither an address nor a name.
    Wrong(String),
    /// It was asked for, and this came of it.
    Failed(Failure),
}

/// Reads a page that is given by its address or by a name. Where the address is given without a scheme and nobody
/// speaks https there, http is tried.
pub async fn look(page: &str, allow_private: bool, shared: &Shared) -> Result<(Arc<SourceConfig>, Looked), Unread> {
    let first = source(page, "https", allow_private).map_err(Unread::Wrong)?;
    let failure = match poll::look(&first, shared).await {
        Ok(looked) => return Ok((first, looked)),
        Err(failure) => failure,
    };
    if page.contains("://") || vendor(page).is_some() || failure.kind != FailureKind::Unreachable {
        return Err(Unread::Failed(failure));
    }
    let second = source(page, "http", allow_private).map_err(Unread::Wrong)?;
    match poll::look(&second, shared).await {
        Ok(looked) => Ok((second, looked)),
        Err(again) if again.kind == FailureKind::Unreachable => Err(Unread::Failed(failure)),
        Err(again) => Err(Unread::Failed(again)),
    }
}

/// The vendor that is meant by what was typed, if it is a name.
pub fn vendor(page: &str) -> Option<&'static Vendor> {
    catalog::find(page).filter(|_| !page.contains("://") && page.parse::<Url>().is_err())
}

/// Makes a source of an address or a name.
pub fn source(page: &str, scheme: &str, allow_private: bool) -> Result<Arc<SourceConfig>, String> {
    let address = if page.contains("://") { page.to_owned() } else { format!("{scheme}://{page}") };
    let entry = match vendor(page) {
        Some(vendor) => format!("use: {}", vendor.slug),
        None => format!("name: probe\n    url: {}\n    allow_private: {allow_private}", entry::quoted(&address)),
    };
    let text = format!("sources:\n  - {entry}\n");
    let parsed = config::parse(&text, std::path::Path::new("probe"), &|_| None);
    let config = parsed.map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        format!("{page}: {first}")
    })?;
    config.sources.first().cloned().ok_or_else(|| format!("{page}: neither an address nor a known name"))
}
