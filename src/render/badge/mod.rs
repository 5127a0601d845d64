//! Badges: one state in a small picture that other pages show, drawn so that shape and word say what the colour says.

mod widths;

use serde::Serialize;

use super::paint::{colour, cut, drawable};
use super::{Pages, RenderError};
use crate::limits;
use crate::model::level::State;

/// What stands on a badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The left half; without it there is only the right one.
    pub label: String,
    /// The right half.
    pub message: String,
    /// Gives shape and colour.
    pub state: State,
}

impl Badge {
    /// The colour of its right half.
    pub fn colour(&self) -> &'static str {
        colour(self.state)
    }
}

/// The common styles, by the names that they go by elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Rounded, with a hint of light.
    #[default]
    Flat,
    /// Square.
    FlatSquare,
    /// Rounded, glossy.
    Plastic,
    /// Large capitals.
    ForTheBadge,
    /// Dark on light, with a bubble.
    Social,
}

impl Style {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Flat, Self::FlatSquare, Self::Plastic, Self::ForTheBadge, Self::Social];

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::FlatSquare => "flat-square",
            Self::Plastic => "plastic",
            Self::ForTheBadge => "for-the-badge",
            Self::Social => "social",
        }
    }

    /// Reads the word in an address.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.as_str() == word)
    }

    fn form(self) -> Form {
        let usual = Form { height: 20.0, radius: 3.0, size: 11.0, spacing: 0.0, pad: 6.0, baseline: 14.0, bold: false };
        match self {
            Self::Flat => usual,
            Self::FlatSquare => Form { radius: 0.0, ..usual },
            Self::Plastic => Form { height: 18.0, radius: 4.0, baseline: 13.0, ..usual },
            Self::ForTheBadge => {
                Form { height: 28.0, radius: 0.0, size: 10.0, spacing: 1.2, pad: 10.0, baseline: 17.5, bold: true }
            }
            Self::Social => Form { radius: 3.5, bold: true, ..usual },
        }
    }
}

/// The measures of a style.
struct Form {
    height: f64,
    radius: f64,
    size: f64,
    spacing: f64,
    pad: f64,
    baseline: f64,
    bold: bool,
}

/// Bold letters are so much wider.
const BOLD: f64 = 1.13;
/// The shape, and what stands between it and the word.
const SHAPE: f64 = 12.0;
const GAP: f64 = 4.0;
/// Between the halves of the social style.
const SPACE: f64 = 6.0;

#[derive(Debug, Serialize)]
struct View {
    style: &'static str,
    title: String,
    state: &'static str,
    colour: &'static str,
    width: f64,
    height: f64,
    radius: f64,
    size: f64,
    spacing: f64,
    baseline: f64,
    /// Where the right half begins, and how wide it is.
    split: f64,
    rest: f64,
    label: Option<Words>,
    message: Words,
    shape_x: f64,
    shape_y: f64,
}

#[derive(Debug, Serialize)]
struct Words {
    text: String,
    x: f64,
    width: f64,
    bold: bool,
}

impl Pages {
    /// A badge as SVG.
    ///
    /// # Errors
    /// Where the template fails.
    pub fn badge(&self, badge: &Badge, style: Style) -> Result<String, RenderError> {
        self.render("picture/badge.xml", &view(badge, style))
    }
}

fn view(badge: &Badge, style: Style) -> View {
    let form = style.form();
    let words = |text: &str| {
        let text = cut(&drawable(text), limits::BADGE_TEXT);
        if style == Style::ForTheBadge { text.to_uppercase() } else { text }
    };
    let measured = |text: &str, bold: bool| {
        let letters = u16::try_from(text.chars().count()).map_or(0.0, f64::from);
        tenth(widths::em(text) * form.size * if bold { BOLD } else { 1.0 } + letters * form.spacing)
    };
    let title = match badge.label.is_empty() {
        true => badge.message.clone(),
        false => format!("{}: {}", badge.label, badge.message),
    };
    let label = Some(words(&badge.label)).filter(|text| !text.is_empty()).map(|text| {
        let bold = style == Style::Social;
        Words { width: measured(&text, bold), x: form.pad, text, bold }
    });
    let message = words(&badge.message);
    let wide = measured(&message, form.bold);
    let split = label.as_ref().map_or(0.0, |label| label.width + form.pad * 2.0);
    let space = if style == Style::Social && label.is_some() { SPACE } else { 0.0 };
    let rest = form.pad + SHAPE + GAP + wide + form.pad;
    let right = split + space;
    View {
        style: style.as_str(),
        title: drawable(&title),
        state: badge.state.as_str(),
        colour: colour(badge.state),
        width: tenth(right + rest),
        height: form.height,
        radius: form.radius,
        size: form.size,
        spacing: form.spacing,
        baseline: form.baseline,
        split: tenth(right),
        rest: tenth(rest),
        label,
        message: Words { x: tenth(right + form.pad + SHAPE + GAP), width: wide, text: message, bold: form.bold },
        shape_x: tenth(right + form.pad),
        shape_y: (form.height - SHAPE) / 2.0,
    }
}

/// Rounded, so that it is short in the drawing.
fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
