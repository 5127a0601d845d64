//! How a channel's text is written, and how others' words are kept from being more than words in it.

mod cut;
mod escape;

use url::Url;

pub use cut::{bare, cut};

use crate::limits;

/// The way in which a channel reads text. In all of them a line ends with `\n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Markup {
    /// As it stands.
    Plain,
    /// HTML of e-mail: `<b>` and `<a href>`; who sends it turns line ends into what HTML has for them.
    Html,
    /// The HTML of chats, where `@` may call somebody: Telegram, Matrix, the cards of Google Chat.
    ChatHtml,
    /// Slack's mrkdwn.
    Slack,
    /// Discord's Markdown.
    Discord,
    /// Mattermost's Markdown.
    Mattermost,
    /// Rocket.Chat's Markdown, which knows no escape.
    RocketChat,
    /// The text of an Adaptive Card's `TextRun`: no markup, but times are formatted.
    AdaptiveCard,
}

impl Markup {
    /// Others' words, so that they are shown as they are and nothing in them works: no mention, no masked link, no
    /// formatting. Addresses stay readable, and may be made links by the reader's own program.
    pub fn neutralise(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Html => escape::html(text),
            Self::ChatHtml => escape::chat_html(text),
            Self::Slack => escape::slack(text),
            Self::Discord => escape::discord(text),
            Self::Mattermost => escape::mattermost(text),
            Self::RocketChat => escape::rocket_chat(text),
            Self::AdaptiveCard => escape::adaptive_card(text),
        }
    }

    /// The same in one line, bold where there is such a thing.
    pub fn strong(self, text: &str) -> String {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let safe = self.neutralise(&line);
        if safe.is_empty() {
            return safe;
        }
        match self {
            Self::Plain | Self::AdaptiveCard => safe,
            Self::Html | Self::ChatHtml => format!("<b>{safe}</b>"),
            Self::Slack | Self::RocketChat => format!("*{safe}*"),
            Self::Discord | Self::Mattermost => format!("**{safe}**"),
        }
    }

    /// An address of others, seen whole and never behind a word; empty for what is no http or https address, or too
    /// long to be read.
    pub fn address(self, url: &str) -> String {
        let Some(url) = plain_address(url) else { return String::new() };
        match self {
            Self::Plain | Self::AdaptiveCard | Self::RocketChat => url,
            Self::Html | Self::ChatHtml => {
                let safe = escape::html(&url);
                format!("<a href=\"{safe}\">{safe}</a>")
            }
            Self::Slack => format!("<{}>", url.replace('&', "&amp;")),
            Self::Discord | Self::Mattermost => format!("<{url}>"),
        }
    }

    /// Our own address behind our own words.
    pub fn link(self, url: &str, words: &str) -> String {
        let Some(url) = plain_address(url) else { return String::new() };
        let safe = self.neutralise(words);
        match self {
            Self::Plain | Self::AdaptiveCard => format!("{safe}: {url}"),
            Self::Html | Self::ChatHtml => format!("<a href=\"{}\">{safe}</a>", escape::html(&url)),
            Self::Slack => format!("<{}|{safe}>", url.replace('&', "&amp;")),
            Self::Discord | Self::Mattermost | Self::RocketChat => format!("[{safe}]({url})"),
        }
    }

    /// True in a chat, where a coloured mark before a line is at home.
    pub fn is_chat(self) -> bool {
        !matches!(self, Self::Plain | Self::Html)
    }

    /// At most so many characters of a text in this markup, ended where a line ends if that is not far away; what is
    /// open is closed.
    pub fn cut(self, text: &str, longest: usize) -> String {
        match self {
            Self::Html | Self::ChatHtml => cut::html(text, longest),
            Self::Plain | Self::AdaptiveCard => cut(text, longest),
            Self::Slack | Self::Discord | Self::Mattermost | Self::RocketChat => cut::lines(text, longest),
        }
    }
}

/// An http or https address without a user, in which nothing means anything in any markup.
fn plain_address(url: &str) -> Option<String> {
    let mut url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    let mut plain = String::with_capacity(url.as_str().len());
    for byte in url.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._/?#%&=+:;,".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            plain.push_str(&format!("%{byte:02X}"));
        }
    }
    (plain.len() <= limits::LETTER_URL).then_some(plain)
}
