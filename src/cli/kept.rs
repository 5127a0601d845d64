//! How documents that were kept are read again: in the same way as then.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::app;
use crate::config::{Reader, SourceConfig};
use crate::formats::{self, Body, Options, Role};
use crate::model::id::SourceId;
use crate::store::{Detected, ReceiptMeta};

/// What is known of how sources are read: as configured now, and as found out before.
#[derive(Debug)]
pub struct Ways {
    configured: HashMap<SourceId, Arc<SourceConfig>>,
    detected: HashMap<SourceId, Detected>,
    /// Why the configuration is of no help, where it is not.
    pub problem: Option<String>,
}

impl Ways {
    /// Those of a configuration, which need not be there, and of what a store remembers.
    pub fn of(configuration: &Path, detected: HashMap<SourceId, Detected>) -> Self {
        let (sources, problem) = match app::read_config(configuration) {
            Ok(config) => (config.sources, None),
            Err(problems) => {
                let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                (Vec::new(), Some(format!("{}: {first}", configuration.display())))
            }
        };
        let configured = sources.into_iter().map(|config| (config.source.id.clone(), config)).collect();
        Self { configured, detected, problem }
    }

    /// The source as configured, if it still is.
    pub fn configured(&self, source: &SourceId) -> Option<&Arc<SourceConfig>> {
        self.configured.get(source)
    }

    /// How the documents of one reading of `source` are read.
    ///
    /// # Errors
    /// Why they cannot be, in words.
    pub fn reader(&self, source: &SourceId, documents: &[ReceiptMeta]) -> Result<Reader, String> {
        let then = documents.iter().find_map(|meta| meta.reading.as_ref());
        let config = self.configured.get(source);
        let found = self.detected.get(source);
        if let Some(config) = config
            && let Some(reader) = &config.reader
            && then.is_none_or(|then| then.format == reader.format.name && then.options == config.options)
        {
            return Ok(reader.clone());
        }
        let name = match (then, found) {
            (Some(then), _) if !then.options.is_empty() => {
                return Err(format!("read as `{}` with options that the configuration does not hold now", then.format));
            }
            (Some(then), _) => &then.format,
            (None, Some(found)) => &found.format,
            (None, None) => return Err("how it was read is not known".to_owned()),
        };
        plain(name)
    }
}

/// Kept documents as they were handed to the adapter then: in that order, and what was answered well.
pub fn bodies(mut kept: Vec<(&ReceiptMeta, Bytes)>) -> Vec<Body> {
    kept.sort_by_key(|(meta, _)| (meta.history, meta.place));
    let body = |(meta, bytes): (&ReceiptMeta, Bytes)| Body {
        name: meta.document.clone(),
        role: if meta.history { Role::History } else { Role::Present },
        content_type: meta.content_type.clone(),
        url: meta.url.parse().ok(),
        status: 200,
        bytes,
    };
    kept.into_iter().map(body).collect()
}

/// A format without options.
fn plain(name: &str) -> Result<Reader, String> {
    let format = formats::find(name).ok_or_else(|| format!("no format is called `{name}` any more"))?;
    match (format.compile)(&Options::Null) {
        Ok(adapter) => Ok(Reader { format, adapter: Arc::from(adapter) }),
        Err(_) => Err(format!("`{name}` needs the options that the source had")),
    }
}
