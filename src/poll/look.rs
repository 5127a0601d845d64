//! One reading of a source that nobody watches.

use crate::config::{Reader, SourceConfig};
use crate::ingest::Outcome;
use crate::model::observation::Observation;
use crate::model::source::{Failure, FailureKind};

use super::Shared;
use super::detect::{self, Found};
use super::fault::Fault;
use super::reading::{Kept, Plan, Target, read, shown};

/// What a look at a source brought.
#[derive(Debug)]
pub struct Looked {
    /// How it was read.
    pub reader: Reader,
    /// What it says.
    pub observation: Observation,
    /// What was found out, where the configuration names no format.
    pub found: Option<Found>,
    /// What was read has moved for good: the address to configure instead.
    pub moved_to: Option<String>,
}

impl Looked {
    /// Where the page has moved for good.
    pub fn page_moved_to(&self) -> Option<String> {
        let page = self.found.as_ref().and_then(|found| found.moved_to.as_ref());
        self.moved_to.clone().or_else(|| page.map(shown))
    }
}

/// Reads a source that nobody has configured: `probe`, `check --online`.
///
/// # Errors
/// As `read`.
pub async fn look(config: &SourceConfig, shared: &Shared) -> Result<Looked, Failure> {
    let (target, found) = match &config.reader {
        Some(reader) => (Target { reader: reader.clone(), address: config.address.clone() }, None),
        None => {
            let found = detect::detect(&config.address, config, shared).await.map_err(|fault| fault.failure)?;
            let target = detect::target(&found.detected);
            (target.ok_or_else(|| Fault::internal("the format found cannot be used").failure)?, Some(found))
        }
    };
    let plan = Plan { config, target: &target, validators: &[], open: &[], first: true };
    let read = read(plan, &mut Kept::default(), shared).await.map_err(|fault| fault.failure)?;
    match read.outcome {
        Outcome::Seen { observation, .. } => {
            Ok(Looked { reader: target.reader, observation: *observation, found, moved_to: read.moved_to })
        }
        Outcome::Unchanged | Outcome::Failed => {
            Err(Failure { kind: FailureKind::Broken, message: "the server says “not changed” unasked".to_owned() })
        }
    }
}
