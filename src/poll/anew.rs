//! Looking anew at a page that cannot be read as before: has it moved, or changed its platform?

use url::Url;

use crate::config::SourceConfig;
use crate::ingest::{Feedback, Outcome};
use crate::rules::drift::{self, Sight, Verdict};
use crate::store::Detected;

use super::reading::{Kept, Plan, Read, Target, read, shown};
use super::{Shared, detect};

/// What came of it. The texts are for the operator.
#[derive(Debug)]
pub enum Anew {
    /// Nothing else than before, or nothing at all.
    Nothing,
    /// Something else, which is not taken up.
    Other(String),
    /// It is read in another way from now on.
    Taken(Box<Taken>),
}

/// The other way, and the first reading in it.
#[derive(Debug)]
pub struct Taken {
    /// What was found.
    pub found: String,
    /// How it is read now.
    pub target: Target,
    /// To be remembered.
    pub detected: Detected,
    /// What it says.
    pub read: Read,
    /// For the next reading.
    pub kept: Kept,
}

/// Finds out how the page publishes now, in as many requests as a first time, and reads it so where it may be followed.
pub async fn look_anew(config: &SourceConfig, was: &Target, known: &Feedback, shared: &Shared) -> Anew {
    let home = home(config);
    let Ok(found) = detect::detect(&home, config, shared).await else { return Anew::Nothing };
    let detected = found.detected;
    let Some(target) = detect::target(&detected) else { return Anew::Nothing };
    let sight = Sight {
        was: (was.reader.format.name, was.address.as_str()),
        now: (target.reader.format.name, target.address.as_str()),
        page: &shown(&found.page),
        at_home: found.page.host_str() == home.host_str(),
        moved: found.moved_to.is_some(),
        ours: config.reader.is_none(),
    };
    let text = match drift::judge(sight) {
        Verdict::Same => return Anew::Nothing,
        Verdict::Tell(text) => return Anew::Other(text),
        Verdict::TakeUp(text) => text,
    };
    let mut kept = Kept::default();
    let plan = Plan { config, target: &target, validators: &[], open: &known.open, first: false };
    match read(plan, &mut kept, shared).await {
        Ok(read) => {
            let name = match &read.outcome {
                Outcome::Seen { observation, .. } => observation.page.name.as_deref(),
                Outcome::Unchanged | Outcome::Failed => None,
            };
            let renamed = drift::renamed(known.page.as_deref(), name).map(|said| format!("; {said}"));
            let since = shared.clock.now().wall.strftime("%Y-%m-%d %H:%M UTC");
            let said = format!("since {since} {text}{}", renamed.unwrap_or_default());
            Anew::Taken(Box::new(Taken { found: said, target, detected, read, kept }))
        }
        Err(fault) => {
            let format = target.reader.format.name;
            Anew::Other(format!("it looks like `{format}` now, which cannot be read either: {}", fault.failure.message))
        }
    }
}

/// The address at which people find the page: of a vendor known by name its data may be elsewhere.
fn home(config: &SourceConfig) -> Url {
    match config.source.url.parse::<Url>() {
        Ok(page) if page.host_str() != config.address.host_str() => page,
        _ => config.address.clone(),
    }
}
