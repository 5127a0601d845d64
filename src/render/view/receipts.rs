//! What a vendor really sent: the receipts that are kept of one source.

use serde::Serialize;

use super::{Page, Time};
use crate::model::receipt::Kept;
use crate::model::snapshot::{Snapshot, SourceView};

/// The page of one source's receipts.
#[derive(Debug, Serialize)]
pub struct Receipts {
    page: Page,
    name: String,
    href: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    read_at: Time,
    document: String,
    url: String,
    size: String,
    short: String,
    href: String,
}

/// Makes the page; the newest comes first.
pub fn page(snapshot: &Snapshot, view: &SourceView, kept: &[Kept]) -> Receipts {
    let source = format!("/sources/{}", view.source.id);
    let rows = kept.iter().map(|receipt| Row {
        read_at: super::time(receipt.read_at),
        document: receipt.document.clone(),
        url: receipt.url.clone(),
        size: format!("{} kB", receipt.size.div_ceil(1_000)),
        short: receipt.hash.chars().take(12).collect(),
        href: format!("{source}/receipts/{}", receipt.hash),
    });
    Receipts { page: super::page(snapshot, false), name: view.source.name.clone(), rows: rows.collect(), href: source }
}
