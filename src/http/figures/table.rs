//! Figures as a table for spreadsheets (RFC 4180). No cell is ever taken for a formula.

use std::time::Duration;

use jiff::Timestamp;

use crate::http::auth::rows::csv_cell;
use crate::model::target::Share;

/// Rows under their headings.
pub(super) struct Table {
    text: String,
    columns: usize,
}

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        let mut table = Self { text: String::new(), columns: head.len() };
        table.row(head.iter().map(|&cell| cell.to_owned()));
        table
    }

    /// Adds a row; it has as many cells as there are headings.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<String> = cells.into_iter().map(|cell| csv_cell(&cell)).collect();
        cells.resize(self.columns, String::new());
        self.text.push_str(&cells.join(","));
        self.text.push_str("\r\n");
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// Whole seconds; empty where it cannot be said.
pub(super) fn seconds(length: Option<Duration>) -> String {
    length.map(|length| length.as_secs().to_string()).unwrap_or_default()
}

/// A percentage; empty where it cannot be said.
pub(super) fn share(share: Option<Share>) -> String {
    share.map(|share| share.to_string()).unwrap_or_default()
}

/// A moment; empty where it cannot be said.
pub(super) fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| format!("{at:.0}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_cell_for_each_heading_and_no_formula() {
        let mut table = Table::new(&["name", "note", "end"]);
        table.row(["=HYPERLINK(\"x\")".to_owned(), "a,b".to_owned()]);
        table.row(["@a", "-1", "+1", "lost"].map(str::to_owned));
        let text = String::from_utf8(table.bytes()).unwrap();
        assert_eq!(text, "name,note,end\r\n\"'=HYPERLINK(\"\"x\"\")\",\"a,b\",\r\n'@a,'-1,'+1\r\n");
    }
}
