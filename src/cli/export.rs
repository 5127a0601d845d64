//! `allclear export`.

use std::path::{Path, PathBuf};

use super::{BAD_NEWS, GOOD, Places, WRONG, complain};
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::ingest::Present;
use crate::model::desk::Kept;
use crate::model::snapshot::Snapshot;
use crate::publish::{self, ExportError, Site};
use crate::render::Pages;
use crate::store::{Aside, StoreError};

use crate::telemetry::Pulse;

/// Write the whole page as static files, for any web server.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// The folder; it is made where it is missing, and brought up to date where an earlier export wrote it.
    dir: PathBuf,
    /// Also where the page is private.
    #[arg(long)]
    private: bool,
    /// Also into a folder that holds other files. They stay, unless the page has files of the same names.
    #[arg(long)]
    force: bool,
}

/// Writes what the database holds now, also while another allclear serves from it.
pub async fn run(args: Args, places: &Places) -> u8 {
    let config = match app::read_config(&places.config) {
        Ok(config) => config,
        Err(problems) => {
            for problem in &problems {
                complain(problem);
            }
            return WRONG;
        }
    };
    if config.page.private && !args.private {
        return complain(&"the page is private: say --private if whoever can read that folder may read the page");
    }
    let snapshot = match present(config, &places.data) {
        Ok(snapshot) => snapshot,
        Err(error) => return complain(&error),
    };
    let site = match Pages::published().map_err(Into::into).and_then(|pages| Site::of(&pages, &snapshot)) {
        Ok(site) => site,
        Err(error) => return failed(&error),
    };
    match publish::export(&args.dir, &site, args.force).await {
        Ok(done) => {
            let folder = args.dir.display();
            anstream::println!("{folder}: {} files, {} that are gone were removed", done.put, done.removed);
            anstream::println!("as of {:.0}: {}", snapshot.generated_at, snapshot.headline.text);
            GOOD
        }
        Err(error @ ExportError::Used(_)) => complain(&error),
        Err(error @ ExportError::Target(_)) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> u8 {
    complain(error);
    BAD_NEWS
}

/// The present as whoever starts on this database would show it: what is too old is unknown.
fn present(config: Config, data: &Path) -> Result<Snapshot, StoreError> {
    let loaded = Aside::open(data)?.load()?;
    let added = loaded.kept.iter().filter_map(|kept| match kept {
        Kept::Added(added) => Some(added),
        _ => None,
    });
    let config = config.with_added(added);
    let now = Clock::system().now();
    let mut present = Present::new(app::watched(&config), loaded, now);
    // Whether this machine is cut off is part of what is known.
    present.watch_egress(now);
    Ok(present.snapshot(now, &Pulse::default()))
}
