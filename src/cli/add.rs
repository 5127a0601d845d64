//! `allclear add`.

use std::path::Path;
use std::sync::Arc;

use super::{BAD_NEWS, GOOD, Places, WRONG, complain, look};
use crate::config::{self, SourceConfig};
use crate::fetch::Settings;
use crate::intake::{self, entry};
use crate::poll::Looked;

/// Put a vendor or a status page into the configuration.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// A name from the catalogue, or the address of any status page.
    page: String,
    /// How it is called here; without it, as it calls itself.
    #[arg(long)]
    name: Option<String>,
    /// The address is on a network that is not public.
    #[arg(long)]
    allow_private: bool,
    /// Add it although it cannot be read now.
    #[arg(long)]
    unread: bool,
}

/// Reads the page once, then adds it; bad news where it cannot be read.
pub async fn run(args: Args, places: &Places) -> u8 {
    let (source, looked) = match look(&args).await {
        Ok(read) => read,
        Err(status) => return status,
    };
    if let Some(looked) = &looked {
        anstream::println!("{} is read as `{}`", source.source.url, looked.reader.format.name);
        if let Some(to) = looked.page_moved_to() {
            anstream::println!("it has moved for good to {to}, which is what is added");
        }
    }
    let entry = match intake::vendor(&args.page) {
        Some(vendor) => vec![vendor.slug.to_owned()],
        None => entry::lines(&source, source.address.as_str(), args.name.as_deref(), looked.as_ref()),
    };
    match add(&places.config, &entry) {
        Ok(()) => {
            anstream::println!("added to {}", places.config.display());
            GOOD
        }
        Err(error) => {
            complain(&error);
            WRONG
        }
    }
}

/// The source, and what it says unless that does not matter; else the exit status.
async fn look(args: &Args) -> Result<(Arc<SourceConfig>, Option<Looked>), u8> {
    if args.unread {
        let source = intake::source(&args.page, "https", args.allow_private).map_err(|error| complain(&error))?;
        return Ok((source, None));
    }
    let shared = look::shared(Settings::default()).map_err(|error| complain(&error))?;
    match intake::look(&args.page, args.allow_private, &shared).await {
        Ok((source, looked)) => Ok((source, Some(looked))),
        Err(intake::Unread::Wrong(error)) => Err(complain(&error)),
        Err(intake::Unread::Failed(failure)) => {
            complain(&format!("{}: {}; with --unread it is added all the same", args.page, failure.message));
            Err(BAD_NEWS)
        }
    }
}

/// Writes the file anew in one step, if the whole is a good configuration afterwards.
fn add(file: &Path, entry: &[String]) -> Result<(), String> {
    let at = |error: std::io::Error| format!("{}: {error}", file.display());
    let before = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(at)?,
    };
    let after = config::insert::source(&before, entry).map_err(|error| format!("{}: {error}", file.display()))?;
    if let Err(problems) = config::parse(&after, file, &|name| std::env::var(name).ok()) {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        return Err(format!("nothing was added: {first}"));
    }
    let beside = file.with_extension("yaml.new");
    std::fs::write(&beside, after).map_err(at)?;
    std::fs::rename(&beside, file).map_err(at)
}
