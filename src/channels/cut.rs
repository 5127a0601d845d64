//! Texts cut to what a provider takes, never within a character.

/// What stands where something was cut off.
const MORE: char = '…';

/// No more than so many characters.
pub fn chars(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push(MORE);
    cut
}

/// No more than so many bytes.
pub fn bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub(MORE.len_utf8());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let mut cut = text.get(..end).unwrap_or_default().trim_end().to_owned();
    cut.push(MORE);
    cut
}

/// One line: whatever breaks a line is a space, and nothing else controls anything.
pub fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_stays_as_it_is() {
        assert_eq!(chars("Zürich", 6), "Zürich");
        assert_eq!(bytes("Zürich", 7), "Zürich");
        assert_eq!(chars("Zürich is down", 7), "Zürich…");
        assert_eq!(bytes("🚨🚨🚨", 8), "🚨…");
    }

    #[test]
    fn a_line_has_no_breaks() {
        assert_eq!(line("  a\r\nBcc: b\t\u{2028}c \u{0}d\u{85} "), "a Bcc: b c d");
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_asked(text in any::<String>(), most in 3_usize..40) {
            prop_assert!(chars(&text, most).chars().count() <= most);
            prop_assert!(bytes(&text, most).len() <= most);
        }
    }
}
