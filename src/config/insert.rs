//! Adding a source to the text of a configuration, with all of its comments and its order as they are.

/// The text with an entry at the end of its list of sources.
///
/// `entry` is the entry's lines without the dash and without indentation.
///
/// # Errors
/// Where the list is not written one source a line.
pub fn source(text: &str, entry: &[String]) -> Result<String, String> {
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines: Vec<&str> = text.lines().collect();
    let Some(head) = lines.iter().position(|line| line.trim_end().starts_with("sources:")) else {
        let start = if text.is_empty() || text.ends_with('\n') { "" } else { ending };
        return Ok(format!("{text}{start}sources:{ending}{}", written(entry, 2, ending)));
    };
    let beside = lines.get(head).and_then(|line| line.trim_end().strip_prefix("sources:")).unwrap_or_default().trim();
    if !beside.is_empty() && !beside.starts_with('#') {
        return Err(format!(
            "line {}: `sources` is written in one line; write one source a line",
            head.saturating_add(1)
        ));
    }
    let inside = |line: &&&str| line.is_empty() || line.starts_with([' ', '\t', '-', '#', '\r']);
    let block = lines.iter().skip(head.saturating_add(1)).take_while(inside);
    let content = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let (mut last, mut indent) = (head, None);
    for (number, line) in block.enumerate().filter(|(_, line)| content(line)) {
        last = head.saturating_add(1).saturating_add(number);
        let blanks = line.len().saturating_sub(line.trim_start().len());
        indent = indent.or_else(|| line.trim_start().starts_with('-').then_some(blanks));
    }
    let added = written(entry, indent.unwrap_or(2), ending);
    let mut out = String::with_capacity(text.len().saturating_add(added.len()));
    for (number, line) in lines.iter().enumerate() {
        out.push_str(line.trim_end_matches('\r'));
        out.push_str(ending);
        if number == last {
            out.push_str(&added);
        }
    }
    Ok(out)
}

fn written(entry: &[String], indent: usize, ending: &str) -> String {
    let pad = " ".repeat(indent);
    let dash = |number: usize| if number == 0 { "- " } else { "  " };
    entry.iter().enumerate().map(|(number, line)| format!("{pad}{}{line}{ending}", dash(number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_added_at_the_end_and_nothing_else_changes() {
        let entry = ["name: Acme".to_owned(), "url: https://status.acme.example".to_owned()];
        for (before, after) in [
            (
                "# ours\nsources:\n  - github  # code\n  # the rest\n\nservices:\n  - name: Web\n",
                "# ours\nsources:\n  - github  # code\n  - name: Acme\n    url: https://status.acme.example\n  # the rest\n\nservices:\n  - name: Web\n",
            ),
            ("sources:\n- github\n", "sources:\n- github\n- name: Acme\n  url: https://status.acme.example\n"),
            (
                "sources:\n    - use: a\n      tags: [x]\n",
                "sources:\n    - use: a\n      tags: [x]\n    - name: Acme\n      url: https://status.acme.example\n",
            ),
            ("", "sources:\n  - name: Acme\n    url: https://status.acme.example\n"),
            (
                "sources:\r\n  - github\r\n",
                "sources:\r\n  - github\r\n  - name: Acme\r\n    url: https://status.acme.example\r\n",
            ),
        ] {
            assert_eq!(source(before, &entry).unwrap(), after);
        }
        assert!(source("sources: [github]\n", &entry).unwrap_err().contains("line 1"));
    }
}
