//! Text made shorter, never within a letter, an entity, an escape or a tag.

/// The sign that something is missing.
const MORE: char = '…';

/// At most so many characters; the last is an ellipsis where something is missing.
pub fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) if longest == 0 => String::new(),
        Some(_) => {
            let mut short: String = text.chars().take(longest.saturating_sub(1)).collect();
            short.truncate(short.trim_end().len());
            short.push(MORE);
            short
        }
    }
}

/// The same for a markup in which no mark reaches over the end of a line: whole lines, unless the first alone is too
/// long. That one is cut where nothing is open.
pub fn lines(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    // Room for a line end and the ellipsis.
    let head: String = text.chars().take(longest.saturating_sub(2)).collect();
    match head.rfind('\n').and_then(|end| head.get(..end)).map(str::trim_end) {
        Some(whole) if !whole.is_empty() => format!("{whole}\n{MORE}"),
        _ => within(text, longest),
    }
}

/// One line too long: it ends before a word, as no escape, entity or address has a blank in it.
fn within(text: &str, longest: usize) -> String {
    if longest == 0 {
        return String::new();
    }
    let head: String = text.chars().take(longest.saturating_sub(1)).collect();
    let end = head.rfind(char::is_whitespace).or_else(|| head.rfind(['&', '<', '[', '\\'])).unwrap_or(head.len());
    let kept = head.get(..end).unwrap_or_default().trim_end();
    // The mark found last may be the second of an escaped escape.
    let escapes = kept.len().saturating_sub(kept.trim_end_matches('\\').len());
    let whole = if escapes % 2 == 0 { kept } else { kept.strip_suffix('\\').unwrap_or(kept) };
    format!("{whole}{MORE}")
}

/// HTML: no tag or entity is cut through, and what is open is closed.
pub fn html(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut used = 0usize;
    let mut rest = text;
    while let Some(piece) = next_piece(rest) {
        let room = closing(&open).saturating_add(1);
        let size = piece.chars().count();
        // A tag that is opened has to be closed, too.
        let reserve = opened(piece).map_or(0, |name| name.len().saturating_add(3));
        if used.saturating_add(size).saturating_add(room).saturating_add(reserve) > longest {
            break;
        }
        if let Some(name) = opened(piece) {
            open.push(name);
        } else if piece.starts_with("</") {
            open.pop();
        }
        kept.push_str(piece);
        used = used.saturating_add(size);
        rest = rest.get(piece.len()..).unwrap_or_default();
    }
    if longest > 0 {
        kept.push(MORE);
    }
    for name in open.iter().rev() {
        kept.push_str(&format!("</{name}>"));
    }
    kept
}

/// A tag, an entity or one letter.
fn next_piece(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let whole = |close: char| text.find(close).map(|at| at.saturating_add(1));
    let end = match first {
        '<' => whole('>'),
        '&' => whole(';').filter(|end| *end <= 10),
        _ => None,
    };
    text.get(..end.unwrap_or(first.len_utf8()))
}

/// The name of the tag that this piece opens; a line break needs no end.
fn opened(piece: &str) -> Option<&str> {
    let inside = piece.strip_prefix('<')?.strip_suffix('>')?;
    let name = inside.split([' ', '\n']).next()?;
    (!name.is_empty() && !inside.starts_with('/') && !inside.ends_with('/') && name != "br").then_some(name)
}

fn closing(open: &[&str]) -> usize {
    open.iter().map(|name| name.len().saturating_add(3)).sum()
}

/// HTML of a template as plain text: tags are left out, entities are letters again.
pub fn bare(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(piece) = next_piece(rest) {
        match piece {
            "&amp;" => plain.push('&'),
            "&lt;" => plain.push('<'),
            "&gt;" => plain.push('>'),
            "&quot;" => plain.push('"'),
            _ if piece.len() > 1 && piece.starts_with('<') => {}
            _ => plain.push_str(piece),
        }
        rest = rest.get(piece.len()..).unwrap_or_default();
    }
    plain
}
