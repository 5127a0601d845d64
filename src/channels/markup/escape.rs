//! Words of others, made to be nothing but words: one function for each way in which a program reads text.
//!
//! Where a program documents an escape, that is used. Where it does not, what would mean something is parted by a blank
//! of no width, or a mark is replaced by one that looks the same.

/// A blank of no width: no program takes it for part of a name, or for the start of a block.
const GAP: char = '\u{200b}';

/// Marks that open and close formatting, and what looks the same and does not.
const LOOK_ALIKES: [(char, char); 4] = [('*', '\u{2217}'), ('_', '\u{2cd}'), ('~', '\u{223c}'), ('`', '\u{2cb}')];

/// A letter, with what stands before and after it.
type Seen = (Option<char>, char, Option<char>);

/// HTML in which nothing calls anybody.
pub fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().saturating_add(text.len() / 8));
    for c in text.chars() {
        entity(c, &mut safe);
    }
    safe
}

/// HTML of a chat, which looks for `@name` in the text.
pub fn chat_html(text: &str) -> String {
    each(text, |(_, c, _), safe| {
        entity(c, safe);
        if c == '@' {
            safe.push(GAP);
        }
    })
}

/// mrkdwn: `&`, `<` and `>` have their documented entities; for the rest there is no escape.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub fn slack(text: &str) -> String {
    lines(text, &['>', '`'], "&amp;", |(before, c, after), safe| match c {
        '&' | '<' | '>' => entity(c, safe),
        '@' | '#' => safe.extend([c, GAP]),
        _ => safe.push(unless_inside((before, c, after))),
    })
}

/// Markdown with the backslash; addresses are left alone, as a backslash would end up in them.
/// <https://support.discord.com/hc/en-us/articles/210298617>
pub fn discord(text: &str) -> String {
    lines(text, &['>', '#', '-', '+', '='], "&", |(_, c, _), safe| match c {
        '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '[' | ']' => safe.extend(['\\', c]),
        '@' => safe.extend([c, GAP]),
        _ => safe.push(c),
    })
}

/// Markdown with the backslash, in which `@name`, `~channel` and `#tag` are found afterwards.
/// <https://docs.mattermost.com/end-user-guide/collaborate/format-messages.html>
pub fn mattermost(text: &str) -> String {
    lines(text, &['>', '#', '-', '+', '=', '~', '|'], "&", |(_, c, _), safe| match c {
        '\\' | '*' | '_' | '`' | '|' | '[' | ']' => safe.extend(['\\', c]),
        '~' => safe.extend(['\\', c, GAP]),
        '@' | '#' | '<' => safe.extend([c, GAP]),
        _ => safe.push(c),
    })
}

/// What Rocket.Chat's grammar reads, taken apart: it has no escape.
/// <https://github.com/RocketChat/Rocket.Chat/blob/develop/packages/message-parser/src/grammar.pegjs>
pub fn rocket_chat(text: &str) -> String {
    lines(text, &['>', '#', '-', '+', '|'], "&", |(_, c, _), safe| match c {
        // An address may begin with a blank of no width, so only a real one parts it from the bracket.
        '<' => safe.extend([c, ' ']),
        ']' | '@' | '#' | '|' | '\\' | '$' => safe.extend([c, GAP]),
        // Here they format within words, too.
        _ => safe.push(alike(c)),
    })
}

/// A text run of an Adaptive Card has no markup, but `{{DATE(…)}}` and `{{TIME(…)}}` are read as times.
/// <https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features>
pub fn adaptive_card(text: &str) -> String {
    text.replace("{{DATE", "{\u{200b}{DATE").replace("{{TIME", "{\u{200b}{TIME")
}

fn entity(c: char, safe: &mut String) {
    match c {
        '&' => safe.push_str("&amp;"),
        '<' => safe.push_str("&lt;"),
        '>' => safe.push_str("&gt;"),
        '"' => safe.push_str("&quot;"),
        _ => safe.push(c),
    }
}

/// What looks like this mark and formats nothing.
fn alike(c: char) -> char {
    LOOK_ALIKES.iter().find(|(mark, _)| *mark == c).map_or(c, |(_, alike)| *alike)
}

/// The same, but for a mark between two letters: there none formats anything in Slack but the backtick, and names with
/// low lines stay what they are.
fn unless_inside((before, c, after): Seen) -> char {
    let inside = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    if c != '`' && inside(before) && inside(after) {
        return c;
    }
    alike(c)
}

/// Every letter in turn.
fn each(text: &str, write: impl Fn(Seen, &mut String)) -> String {
    let mut safe = String::with_capacity(text.len().saturating_add(text.len() / 8));
    let mut letters = text.chars().peekable();
    let mut before = None;
    while let Some(c) = letters.next() {
        write((before, c, letters.peek().copied()), &mut safe);
        before = Some(c);
    }
    safe
}

/// Line by line: one that would begin a quote, a heading, a list or a block of code begins with a blank of no width.
/// Addresses pass as they are as far as nothing in them means anything; `and` is how `&` is written.
fn lines(text: &str, blocks: &[char], and: &str, write: impl Fn(Seen, &mut String)) -> String {
    let mut safe = String::with_capacity(text.len().saturating_add(text.len() / 4));
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            safe.push('\n');
        }
        if begins_block(line, blocks) {
            safe.push(GAP);
        }
        let mut rest = line;
        while let Some((words, address, after)) = next_address(rest) {
            safe.push_str(&each(words, &write));
            safe.push_str(&address.replace('&', and));
            rest = after;
        }
        safe.push_str(&each(rest, &write));
    }
    safe
}

fn begins_block(line: &str, blocks: &[char]) -> bool {
    let words = line.trim_start();
    let indented = line.len().saturating_sub(words.len()) >= 4 || line.starts_with('\t');
    let digits = words.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.len() < words.len() && digits.starts_with(['.', ')']);
    !words.is_empty() && (indented || numbered || words.starts_with('*') || words.starts_with(blocks))
}

/// What stands before the first address, the address as far as it is harmless, and the rest.
fn next_address(text: &str) -> Option<(&str, &str, &str)> {
    let at = ["https://", "http://"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    let (words, from) = text.split_at(at);
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-._/?%&=+:;,".contains(c);
    let end = from.find(|c| !harmless(c)).unwrap_or(from.len());
    let (address, after) = from.split_at(end);
    Some((words, address, after))
}
