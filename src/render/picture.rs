//! Pictures for link previews: drawn as SVG, turned into PNG here, with letters that come with the program.
//!
//! Words from outside are escaped by the template and can add nothing to the drawing; were they to, there is nothing to
//! get: neither files nor fonts of the system are looked at.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{ImageHrefResolver, Node, Options, Tree, fontdb};
use serde::Serialize;

use super::paint::{colour, cut, drawable};
use super::{Pages, RenderError};
use crate::limits;
use crate::model::level::State;

/// What link previews ask for.
pub const WIDTH: u32 = 1200;
/// See `WIDTH`.
pub const HEIGHT: u32 = 630;

/// What a picture says.
#[derive(Debug, Clone)]
pub struct Card {
    /// Whose page it is.
    pub title: String,
    /// Gives shape and colour.
    pub state: State,
    /// The state in words.
    pub word: String,
    /// The largest line; it may be long.
    pub sentence: String,
    /// What else there is to know.
    pub detail: String,
    /// For when that holds: previews are kept for days.
    pub at: Timestamp,
}

#[derive(Debug, Serialize)]
struct View {
    title: String,
    state: &'static str,
    colour: &'static str,
    word: String,
    lines: Vec<Line>,
    size: u16,
    detail: String,
    at: String,
}

#[derive(Debug, Serialize)]
struct Line {
    y: u16,
    text: String,
}

/// Letters of the two weights that the template uses.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("../../assets/fonts/inter-regular.otf").to_vec());
    fonts.load_font_data(include_bytes!("../../assets/fonts/inter-semibold.otf").to_vec());
    fonts.set_sans_serif_family("Inter");
    Arc::new(fonts)
});

/// Room for the large lines and for the small ones.
const ROOM: f32 = 880.0;
const SMALL_ROOM: f32 = 1060.0;
/// Sizes that are tried for the large lines, with how many lines of each there are room for.
const SIZES: [(u16, usize); 3] = [(76, 2), (62, 3), (50, 3)];

impl Pages {
    /// A picture as SVG.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn card(&self, card: &Card) -> Result<String, RenderError> {
        let (size, lines) = lines(&cut(&drawable(&card.sentence), limits::PICTURE_TEXT));
        let pace = size + size / 5;
        // The block of lines stands around the middle of the shape beside it.
        let count = u16::try_from(lines.len()).unwrap_or(1);
        let first = 300_u16.saturating_sub(pace * count.saturating_sub(1) / 2).saturating_add(size / 3);
        let placed = lines.into_iter().zip(0_u16..).map(|(text, at)| Line { y: first + pace * at, text });
        let minute = card.at.to_zoned_datetime(jiff::tz::TimeZone::UTC).strftime("%-d %b %Y, %H:%M UTC").to_string();
        let view = View {
            title: fitted(&drawable(&card.title), 34, 600, SMALL_ROOM),
            state: card.state.as_str(),
            colour: colour(card.state),
            word: fitted(&drawable(&card.word), 34, 600, SMALL_ROOM),
            lines: placed.collect(),
            size,
            detail: fitted(&drawable(&card.detail), 30, 400, SMALL_ROOM),
            at: minute,
        };
        self.render("picture/card.xml", &view)
    }
}

/// A picture as PNG. It computes for a while: not for an async thread.
///
/// # Errors
/// Where the drawing is not understood, which is a fault of this program.
pub fn png(svg: &str) -> Result<Vec<u8>, RenderError> {
    let fault = |what: &str| RenderError(format!("a picture could not be drawn: {what}"));
    let tree = parse(svg).map_err(|error| fault(&error.to_string()))?;
    let mut pixels = Pixmap::new(WIDTH, HEIGHT).ok_or_else(|| fault("it has no size"))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| fault(&error.to_string()))
}

fn parse(svg: &str) -> Result<Tree, resvg::usvg::Error> {
    let options = Options {
        fontdb: Arc::clone(&FONTS),
        font_family: "Inter".to_owned(),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    Tree::from_str(svg, &options)
}

/// A sentence in lines of the largest size in which it has room; what has none is cut.
fn lines(sentence: &str) -> (u16, Vec<String>) {
    let mut last = (50, Vec::new());
    let whole: Vec<&str> = sentence.split_whitespace().collect();
    let whole = whole.join(" ");
    for (size, most) in SIZES {
        let all = wrap(sentence, size);
        let fits = all.len() <= most && all.join(" ") == whole;
        last = (size, all);
        if fits {
            return last;
        }
    }
    let (size, mut all) = last;
    let surplus = all.len() > 3;
    all.truncate(3);
    if let Some(line) = all.last_mut().filter(|_| surplus) {
        *line = fitted(&format!("{line} …"), size, 600, ROOM);
    }
    (size, all)
}

fn wrap(sentence: &str, size: u16) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in sentence.split_whitespace() {
        let longer = all.last().map(|line| format!("{line} {word}"));
        match (longer, all.last_mut()) {
            (Some(longer), Some(line)) if width(&longer, size, 600) <= ROOM => *line = longer,
            // A word that is wider than the picture is no word that anybody reads to its end.
            _ => all.push(fitted(word, size, 600, ROOM)),
        }
    }
    all
}

/// As much of a text as there is room for.
fn fitted(text: &str, size: u16, weight: u16, room: f32) -> String {
    let mut limit = text.chars().count();
    let mut kept = text.to_owned();
    while limit > 1 {
        let wide = width(&kept, size, weight);
        if wide <= room {
            break;
        }
        // Never fewer steps than needed, and few of them.
        let surplus = ((wide - room) / f32::from(size)).ceil().clamp(1.0, 1000.0);
        limit = limit.saturating_sub(surplus as usize).max(1);
        kept = cut(text, limit);
    }
    kept
}

/// How wide a text is in the letters of the pictures.
fn width(text: &str, size: u16, weight: u16) -> f32 {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><text font-size=\"{size}\" font-weight=\"{weight}\">{text}</text></svg>"
    );
    let Ok(tree) = parse(&svg) else { return f32::MAX };
    match tree.root().children().first() {
        Some(Node::Text(text)) => text.bounding_box().width(),
        Some(node) => node.bounding_box().width(),
        None => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(sentence: &str) -> Card {
        Card {
            title: "Acme status".into(),
            state: State::PARTIAL_OUTAGE,
            word: "Partial outage".into(),
            sentence: sentence.into(),
            detail: "38 of 38 checked in the last 2 minutes".into(),
            at: "2026-01-02T03:04:05Z".parse().unwrap(),
        }
    }

    fn texts(node: &resvg::usvg::Group, found: &mut Vec<String>, other: &mut Vec<&'static str>) {
        for child in node.children() {
            match child {
                Node::Group(group) => texts(group, found, other),
                Node::Text(text) => found.extend(text.chunks().iter().map(|chunk| chunk.text().to_owned())),
                Node::Image(_) => other.push("image"),
                Node::Path(_) => {}
            }
        }
    }

    #[test]
    fn words_from_outside_are_words_in_a_picture_and_nothing_else() {
        let pages = Pages::new().unwrap();
        let calm = parse(&pages.card(&card("calm")).unwrap()).unwrap();
        for hostile in [
            "</text><image href=\"file:///etc/passwd\" width=\"9\" height=\"9\"/><text>",
            "<image href=\"data:image/svg+xml,&lt;svg/&gt;\"/>",
            "]]><script>alert(1)</script>",
            "\" fill=\"url(#x)\" x=\"",
            "&xxe; <!DOCTYPE svg [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]>",
            "{{ 7 * 7 }} {% raw %}",
        ] {
            let mut all = card(hostile);
            (all.title, all.word, all.detail) = (hostile.into(), hostile.into(), hostile.into());
            let tree = parse(&pages.card(&all).unwrap()).unwrap();
            let (mut said, mut other) = (Vec::new(), Vec::new());
            texts(tree.root(), &mut said, &mut other);
            assert_eq!(other, Vec::<&str>::new(), "{hostile}");
            assert!(said.concat().replace(' ', "").contains(&hostile.replace(' ', "")), "{hostile}: {said:?}");
            assert_eq!(tree.root().children().len(), calm.root().children().len() + said.len() - 5, "{hostile}");
            assert!(!png(&pages.card(&all).unwrap()).unwrap().is_empty());
        }
    }

    #[test]
    fn whatever_is_said_stays_inside_the_picture() {
        let pages = Pages::new().unwrap();
        for sentence in [
            "All clear".to_owned(),
            "word ".repeat(100),
            "W".repeat(500),
            "Ω θέλω Привет ĄĘŚĆ ".repeat(20),
            "東京 ".repeat(60),
            String::new(),
            "\u{1}\u{fffe}".to_owned(),
        ] {
            let svg = pages.card(&card(&sentence)).unwrap();
            let tree = parse(&svg).unwrap();
            let size = (WIDTH as f32, HEIGHT as f32);
            assert_eq!((tree.size().width(), tree.size().height()), size);
            let mut open: Vec<&Node> = tree.root().children().iter().collect();
            while let Some(node) = open.pop() {
                if let Node::Text(text) = node {
                    let at = text.abs_bounding_box();
                    assert!(at.left() >= 0.0 && at.right() <= size.0 - 40.0, "{sentence}: {at:?}");
                    assert!(at.top() >= 0.0 && at.bottom() <= size.1, "{sentence}: {at:?}");
                }
                if let Node::Group(group) = node {
                    open.extend(group.children());
                }
            }
        }
    }

    #[test]
    fn letters_come_with_the_program() {
        for letters in ["Aa", "ĄŐ", "Ωλ", "Жя"] {
            assert!(width(letters, 20, 400) > 10.0 && width(letters, 20, 600) > 10.0, "{letters}");
        }
        assert!(width("iiii", 20, 400) < width("WWWW", 20, 400));
        assert!(width("heavy", 40, 600) > width("heavy", 40, 400));
    }
}
