//! `allclear catalog`.

use super::{BAD_NEWS, GOOD, table};
use crate::catalog::{self, Vendor};

/// Search the vendors that are known by name.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// A part of a name, an alias, a category or an address; all of them without it.
    word: Option<String>,
    /// Print them as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints what is found; bad news where nothing is.
pub fn run(args: &Args) -> u8 {
    let found = match &args.word {
        Some(word) => catalog::search(word),
        None => catalog::all().iter().collect(),
    };
    if args.json {
        let list: Vec<serde_json::Value> = found.iter().map(|vendor| json(vendor)).collect();
        anstream::println!("{:#}", serde_json::Value::Array(list));
        return if found.is_empty() { BAD_NEWS } else { GOOD };
    }
    if found.is_empty() {
        let word = args.word.as_deref().unwrap_or_default();
        let near = catalog::suggest(word);
        let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
        anstream::eprintln!("no vendor is known by `{word}`{hint}");
        anstream::eprintln!("any status page can be read by its address: allclear probe https://status.example.com");
        return BAD_NEWS;
    }
    let mut shown = table::table(&["use", "name", "category", "format", "page"]);
    for vendor in &found {
        let format = if vendor.sure { vendor.format } else { "found out on first use" };
        shown.add_row([vendor.slug, vendor.name, vendor.category, format, vendor.page]);
    }
    table::print(&shown, &[]);
    GOOD
}

fn json(vendor: &Vendor) -> serde_json::Value {
    serde_json::json!({
        "use": vendor.slug,
        "name": vendor.name,
        "aliases": vendor.aliases,
        "category": vendor.category,
        "format": Some(vendor.format).filter(|format| !format.is_empty()),
        "sure": vendor.sure,
        "address": vendor.address.as_str(),
        "page": vendor.page,
        "homepage": vendor.homepage,
    })
}
