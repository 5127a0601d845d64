//! `allclear add`.

use std::path::Path;

use super::{BAD_NEWS, GOOD, Places, WRONG, complain, look};
use crate::fetch::Settings;
use crate::poll;
use crate::{catalog, config};

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
    let source = match look::source(&args.page, args.allow_private) {
        Ok(source) => source,
        Err(error) => return complain(&error),
    };
    let mut name = args.name.clone();
    if !args.unread {
        let shared = match look::shared(Settings::default()) {
            Ok(shared) => shared,
            Err(error) => return complain(&error),
        };
        match poll::look(&source, &shared).await {
            Ok((reader, seen)) => {
                anstream::println!("{} is read as `{}`", source.source.url, reader.format.name);
                name = name.or(seen.page.name);
            }
            Err(failure) => {
                complain(&format!("{}: {}; with --unread it is added all the same", args.page, failure.message));
                return BAD_NEWS;
            }
        }
    }
    let known = catalog::find(&args.page).filter(|_| !args.page.contains("://"));
    let entry = match known {
        Some(vendor) => vec![vendor.slug.to_owned()],
        None => {
            let host = source.address.host_str().unwrap_or_default().to_owned();
            // A JSON string is a YAML one.
            let quoted = |text: &str| serde_json::Value::from(text).to_string();
            let mut lines = vec![
                format!("name: {}", quoted(&name.unwrap_or(host))),
                format!("url: {}", quoted(source.address.as_str())),
            ];
            lines.extend(args.allow_private.then(|| "allow_private: true".to_owned()));
            lines
        }
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
