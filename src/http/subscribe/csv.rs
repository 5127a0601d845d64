//! Tables of subscribers: read from what admins paste, and written for spreadsheets (RFC 4180).

/// The rows of a table; cells are parted by commas, or by semicolons where the first line has no comma.
pub(in crate::http) fn rows(text: &str) -> Vec<Vec<String>> {
    let first = text.lines().next().unwrap_or_default();
    let comma = if !first.contains(',') && first.contains(';') { ';' } else { ',' };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            c if c == comma && !quoted => row.push(plain(&mut cell)),
            '\n' if !quoted => {
                row.push(plain(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            c => cell.push(c),
        }
    }
    row.push(plain(&mut cell));
    rows.push(row);
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    rows
}

/// The text of a cell: without the `'` that keeps a spreadsheet from taking it for a formula.
fn plain(cell: &mut String) -> String {
    let text = std::mem::take(cell);
    let text = text.trim();
    let guarded = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    guarded.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::auth::rows::csv_cell;

    #[test]
    fn a_table_reads_as_it_was_meant() {
        for (text, expected) in [
            ("sam@example.com\nkim@example.com", vec![vec!["sam@example.com"], vec!["kim@example.com"]]),
            ("a,b\r\nc,\"d,\"\"e\"\"\"\r\n\r\n", vec![vec!["a", "b"], vec!["c", "d,\"e\""]]),
            ("a;b\nc;d\n", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\"two\nlines\",x", vec![vec!["two\nlines", "x"]]),
            ("'=1+1@example.com, 'sam ", vec![vec!["=1+1@example.com", "'sam"]]),
            ("", vec![]),
        ] {
            assert_eq!(rows(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for cell in ["plain", "a,b", "a\"b", "=1+1", "+x", "@x", "-1"] {
            assert_eq!(rows(&format!("{},end\r\n", csv_cell(cell))), vec![vec![cell, "end"]], "{cell}");
        }
    }
}
