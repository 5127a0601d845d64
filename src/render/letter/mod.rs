//! Messages in words. Templates are ours or an operator's, never anybody else's: what comes from outside is a value,
//! and every value is made harmless in the markup of the channel as it is written.
//!
//! An operator's template stands alone: nothing is included, no file is read, and its work and its size are bounded.

mod moment;
mod sample;
mod view;
mod words;

use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, filters, tests};
use serde::Serialize;

use crate::channels::{Markup, cut};
use crate::limits;

pub use view::{Group, ItemView, LetterView, Occasion, page_of};

const TITLE: &str = include_str!("../../../templates/letters/title.txt");
const TEXT: &str = include_str!("../../../templates/letters/text.txt");

/// The names of the usual templates, which stand in where an operator's own fail.
const USUAL_TITLE: &str = "usual title";
const USUAL_TEXT: &str = "usual text";

/// Statements that reach for other templates.
const REACHING: [&str; 5] = ["include", "import", "from", "extends", "block"];

/// The templates of one channel, compiled.
#[derive(Debug, Clone)]
pub struct Letters {
    templates: Arc<Environment<'static>>,
    markup: Markup,
}

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// One line, plain.
    pub title: String,
    /// In the channel's markup.
    pub text: String,
    /// Why an operator's own template was not used: a matter for the log.
    pub fault: Option<String>,
}

/// What a template finds.
#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    letter: &'a LetterView,
    /// 0 for all there is to say; what does not fit is written again with less, up to 3.
    level: usize,
    /// True where coloured marks are at home.
    chat: bool,
}

impl Letters {
    /// Compiles an operator's own templates, or the usual ones where there are none, for a channel of this markup, and
    /// tries them out on every sort of message.
    ///
    /// # Errors
    /// In words, with the line: what is not understood, not there, or not to be had.
    pub fn new(title: Option<&str>, text: Option<&str>, markup: Markup) -> Result<Self, String> {
        let mut templates = Environment::empty();
        // A name that is not there is an error, not a blank; asking whether it is there is none.
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        templates.set_fuel(Some(limits::TEMPLATE_FUEL));
        templates.set_auto_escape_callback(|_| AutoEscape::Custom("letter".into()));
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        templates.set_syntax(syntax.map_err(|error| error.to_string())?);
        furnish(&mut templates, markup);
        let named = [
            ("title", title.unwrap_or(TITLE)),
            ("text", text.unwrap_or(TEXT)),
            (USUAL_TITLE, TITLE),
            (USUAL_TEXT, TEXT),
        ];
        for (name, source) in named {
            check(source).map_err(|error| format!("{name}, {error}"))?;
            let compiled = templates.add_template_owned(name, source.to_owned());
            compiled.map_err(|error| format!("{name}, {}", said(&error)))?;
        }
        let letters = Self { templates: Arc::new(templates), markup };
        for view in sample::all() {
            letters.title(&view).map_err(|error| format!("title, {error}"))?;
            letters.text(&view, usize::MAX).map_err(|error| format!("text, {error}"))?;
        }
        Ok(letters)
    }

    /// The title: one line, plain, at most `limits::LETTER_TITLE` characters.
    ///
    /// # Errors
    /// In words, where the template fails or writes too much.
    pub fn title(&self, letter: &LetterView) -> Result<String, String> {
        self.title_by("title", letter)
    }

    fn title_by(&self, template: &str, letter: &LetterView) -> Result<String, String> {
        let written = self.write(template, letter, 0)?;
        let calm = written.split(|c: char| c.is_whitespace() || c.is_control());
        let line = calm.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        Ok(cut(&line, limits::LETTER_TITLE))
    }

    /// The text in the channel's markup, at most so many characters: what does not fit is said with fewer words, and
    /// only what is still too long is cut.
    ///
    /// # Errors
    /// In words, where the template fails or writes too much.
    pub fn text(&self, letter: &LetterView, longest: usize) -> Result<String, String> {
        self.text_by("text", letter, longest)
    }

    /// Title and text, come what may: where an operator's template fails on this very message, the usual words say it,
    /// as no news may be lost over a template.
    pub fn words(&self, letter: &LetterView, longest: usize) -> Written {
        match (self.title(letter), self.text(letter, longest)) {
            (Ok(title), Ok(text)) => Written { title, text, fault: None },
            (Err(fault), _) | (_, Err(fault)) => Written {
                title: self.title_by(USUAL_TITLE, letter).unwrap_or_else(|_| letter.headline.clone()),
                text: self.text_by(USUAL_TEXT, letter, longest).unwrap_or_default(),
                fault: Some(fault),
            },
        }
    }

    fn text_by(&self, template: &str, letter: &LetterView, longest: usize) -> Result<String, String> {
        let mut text = String::new();
        for level in 0..limits::LETTER_WORDS.len() {
            text = tidy(&self.write(template, letter, level)?);
            if text.chars().nth(longest).is_none() {
                return Ok(text);
            }
        }
        Ok(self.markup.cut(&text, longest))
    }

    fn write(&self, name: &str, letter: &LetterView, level: usize) -> Result<String, String> {
        let letter = letter.with_words(level);
        let context = Context { letter: &letter, level, chat: self.markup.is_chat() };
        let template = self.templates.get_template(name).map_err(|error| said(&error))?;
        let written = template.render(Serde(context)).map_err(|error| said(&error))?;
        if written.len() > limits::LETTER {
            return Err(format!("it writes more than {} KiB", limits::LETTER >> 10));
        }
        Ok(written)
    }
}

/// What templates may use: no filter that marks a value as harmless is among it, but those two that make it so.
fn furnish(templates: &mut Environment<'static>, markup: Markup) {
    let is_title = |state: &State| ["title", USUAL_TITLE].contains(&state.name());
    let of = move |state: &State| if is_title(state) { Markup::Plain } else { markup };
    templates.set_formatter(move |out, state, value| {
        if value.is_none() {
            return Ok(());
        }
        if value.is_safe() {
            return Ok(out.write_str(&value.to_string())?);
        }
        Ok(out.write_str(&of(state).neutralise(&value.to_string()))?)
    });
    let harmless = |text: String| Value::from_safe_string(text);
    templates.add_filter("strong", move |state: &State, text: String| harmless(of(state).strong(&text)));
    templates.add_filter("address", move |state: &State, url: String| harmless(of(state).address(&url)));
    // Those of the library keep a mark of harmlessness on what they changed.
    templates.add_filter("upper", |text: String| text.to_uppercase());
    templates.add_filter("lower", |text: String| text.to_lowercase());
    templates.add_filter("trim", |text: String| text.trim().to_owned());
    templates.add_filter("join", |items: Vec<String>, with: Option<String>| items.join(&with.unwrap_or_default()));
    templates.add_filter("cut", |text: String, longest: usize| cut(&text, longest));
    templates.add_filter("length", filters::length);
    templates.add_filter("default", filters::default);
    templates.add_filter("first", filters::first);
    templates.add_filter("last", filters::last);
    templates.add_test("defined", tests::is_defined);
    templates.add_test("none", tests::is_none);
}

/// Refuses what is too large or reaches for other templates, before anything is compiled.
fn check(source: &str) -> Result<(), String> {
    if source.len() > limits::TEMPLATE {
        return Err(format!("line 1: a template has at most {} KiB", limits::TEMPLATE >> 10));
    }
    for (at, _) in source.match_indices("{%") {
        let (before, statement) = source.split_at(at);
        let word = statement.trim_start_matches(['{', '%', '-', '+']).trim_start();
        let word = word.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if REACHING.contains(&word) {
            let line = before.matches('\n').count().saturating_add(1);
            return Err(format!("line {line}: `{word}` is not to be had: the template of a message stands alone"));
        }
    }
    Ok(())
}

/// What went wrong, with the line.
fn said(error: &Error) -> String {
    let line = error.line().unwrap_or(1);
    match error.kind() {
        ErrorKind::OutOfFuel => format!("line {line}: it takes too long: no message needs so many steps"),
        ErrorKind::UndefinedError => format!("line {line}: there is no such value here"),
        kind => match error.detail() {
            Some(detail) => format!("line {line}: {kind}: {detail}"),
            None => format!("line {line}: {kind}"),
        },
    }
}

/// No blanks at the ends of lines, and no two empty lines in a row.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy.truncate(tidy.trim_end().len());
    tidy
}
