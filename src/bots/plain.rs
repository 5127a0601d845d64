//! Vendors' and people's words, so that a chat shows them as they are: nobody is called, nothing becomes a link.

use crate::limits;

/// Invisible, and parts what a chat would make something of.
const APART: char = '\u{200b}';

/// As Slack shows it. `&`, `<` and `>` are all that its links and mentions are made of.
pub fn slack(words: &str) -> String {
    cut(words).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What somebody typed in Slack, which sends those three escaped.
pub fn from_slack(typed: &str) -> String {
    typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// As Telegram shows it without a `parse_mode`. Names, tags and commands would still be found in plain text.
pub fn telegram(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut before = ' ';
    for c in cut(words).chars() {
        out.push(c);
        let begins = before.is_whitespace() || matches!(before, '(' | '“' | '"' | '\'');
        if c == '@' || (begins && matches!(c, '#' | '/' | '$')) {
            out.push(APART);
        }
        before = c;
    }
    out
}

/// Not longer than a chat takes, in whole characters.
fn cut(words: &str) -> String {
    if words.chars().nth(limits::BOT_ANSWER).is_none() {
        return words.to_owned();
    }
    words.chars().take(limits::BOT_ANSWER.saturating_sub(1)).chain(['…']).collect()
}
