//! `allclear parse`: what saved documents and kept receipts say.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::kept::{self, Ways};
use super::{BAD_NEWS, GOOD, Places, WRONG, complain};
use crate::clock::Clock;
use crate::config::Reader;
use crate::formats::{self, Body, Options, Role};
use crate::model::id::SourceId;
use crate::store::{Aside, ReceiptMeta};

/// Read saved documents.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// The documents of one page, in any order.
    #[arg(required_unless_present = "receipt", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Receipts out of the data folder instead of files: the hash that `/sources/{id}/receipts` shows, or its start.
    #[arg(long, value_name = "HASH", conflicts_with = "files")]
    receipt: Vec<String>,
    /// Their format; recognised without it.
    #[arg(long)]
    format: Option<String>,
    /// The format's options as JSON, as they would stand under its name in `sources.yaml`.
    #[arg(long, value_name = "JSON")]
    options: Option<String>,
}

/// What is to be read, and how and as of when where that is known.
struct Saved {
    bodies: Vec<Body>,
    way: Option<Reader>,
    read_at: Timestamp,
}

/// What stands in the way: the exit status and why.
type Refused = (u8, String);

/// Reads saved documents and prints the observation; bad news where they are not understood.
pub fn run(args: &Args, places: &Places) -> u8 {
    let saved = if args.receipt.is_empty() { files(&args.files) } else { receipts(args, places) };
    let read = saved.and_then(|saved| {
        let reader = match saved.way {
            Some(reader) if args.format.is_none() && args.options.is_none() => reader,
            _ => reader(args, &saved.bodies)?,
        };
        let parsed = reader.adapter.parse(&saved.bodies, saved.read_at);
        Ok((reader.format, parsed.map_err(|error| (BAD_NEWS, error.to_string()))?))
    });
    match read {
        Ok((format, observation)) => {
            anstream::println!("{:#}", formats::wire::observation_json(format.name, &observation));
            GOOD
        }
        Err((status, error)) => {
            complain(&error);
            status
        }
    }
}

fn files(files: &[PathBuf]) -> Result<Saved, Refused> {
    let body = |file: &PathBuf| match std::fs::read(file) {
        Ok(bytes) => Ok(Body {
            name: file.display().to_string(),
            role: Role::Present,
            content_type: None,
            url: None,
            status: 200,
            bytes: Bytes::from(bytes),
        }),
        Err(error) => Err((WRONG, format!("{}: {error}", file.display()))),
    };
    let bodies = files.iter().map(body).collect::<Result<_, _>>()?;
    Ok(Saved { bodies, way: None, read_at: Clock::system().now().wall })
}

/// Receipts are read as they were then: in their format, with their options, as of their moment.
fn receipts(args: &Args, places: &Places) -> Result<Saved, Refused> {
    let wrong = |error: &dyn std::fmt::Display| (WRONG, error.to_string());
    let aside = Aside::open(&places.data).map_err(|error| wrong(&error))?;
    let mut found: Vec<(SourceId, ReceiptMeta)> = Vec::new();
    for hash in &args.receipt {
        found.push(one(hash, aside.find(&hash.to_ascii_lowercase()).map_err(|error| wrong(&error))?)?);
    }
    let Some((source, first)) = found.first() else { return Err(wrong(&"no receipt is named")) };
    if let Some((other, _)) = found.iter().find(|(other, _)| other != source) {
        return Err(wrong(&format!("receipts of {source} and of {other}: read those of one source together")));
    }
    let ways = Ways::of(&places.config, aside.load().map_err(|error| wrong(&error))?.detected);
    let metas: Vec<ReceiptMeta> = found.iter().map(|(_, meta)| meta.clone()).collect();
    let way = ways.reader(source, &metas);
    let mut kept = Vec::with_capacity(metas.len());
    for meta in &metas {
        kept.push((meta, aside.body(&meta.hash).map_err(|error| (BAD_NEWS, error.to_string()))?));
    }
    let bodies = kept::bodies(kept);
    match way {
        Err(why) if args.format.is_none() => Err((BAD_NEWS, format!("{source}: {why}; name --format and --options"))),
        way => Ok(Saved { bodies, way: way.ok(), read_at: first.read_at }),
    }
}

/// The one receipt that is meant: bodies that are the same byte for byte are one.
fn one(hash: &str, found: Vec<(SourceId, ReceiptMeta)>) -> Result<(SourceId, ReceiptMeta), Refused> {
    let mut found = found.into_iter();
    let Some(first) = found.next() else { return Err((WRONG, format!("no receipt has the hash {hash}"))) };
    match found.find(|(_, other)| other.hash != first.1.hash) {
        Some(_) => Err((WRONG, format!("several receipts begin with {hash}: write more of the hash"))),
        None => Ok(first),
    }
}

fn reader(args: &Args, bodies: &[Body]) -> Result<Reader, Refused> {
    let format = match &args.format {
        Some(name) => formats::find(name).ok_or_else(|| {
            let known: Vec<&str> = formats::REGISTRY.iter().map(|format| format.name).collect();
            (WRONG, format!("no format is called `{name}`; there are {}", known.join(", ")))
        })?,
        None => formats::recognise(bodies).ok_or_else(|| {
            let seen: Vec<String> =
                bodies.iter().map(|body| format!("{}: {}", body.name, formats::describe(body))).collect();
            (
                BAD_NEWS,
                format!("{}; this is of no known format (name one with --format if you know it)", seen.join("; ")),
            )
        })?,
    };
    let options = match &args.options {
        Some(text) => serde_json::from_str(text).map_err(|error| (WRONG, format!("--options: {error}")))?,
        None => Options::Null,
    };
    let adapter = (format.compile)(&options).map_err(|problems| {
        let list: Vec<String> = problems.iter().map(|p| format!("{}: {}", p.at.join("."), p.message)).collect();
        (WRONG, format!("the options of `{}`: {}", format.name, list.join("; ")))
    })?;
    Ok(Reader { format, adapter: Arc::from(adapter) })
}
