//! How a channel's text is written, and how others' words are kept from being more than words in it.

/// The way in which a channel reads text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Markup {
    /// As it stands.
    Plain,
    /// HTML: mail, Telegram, Matrix.
    Html,
}

impl Markup {
    /// Others' words, so that they are shown as they are and nothing in them works.
    pub fn neutralise(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Html => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        }
    }
}
