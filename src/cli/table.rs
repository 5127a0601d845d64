//! Tables for the terminal.

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};

use crate::model::level::{Level, State};

/// A table without lines that fits the terminal.
pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = std::env::var("COLUMNS").ok().and_then(|width| width.parse().ok()) {
        table.set_width(width);
    }
    table.set_header(head.iter().map(|word| word.to_uppercase()));
    table
}

/// A state as a shape and its words, so that it can be read without colour.
pub fn state(word: &str) -> String {
    let state = State::from_word(word).unwrap_or(State::Unknown);
    format!("{} {}", shape(state), state.label())
}

/// The shape that stands for a state.
pub fn shape(state: State) -> &'static str {
    match state {
        State::Known(Level::Operational) => "●",
        State::Known(Level::UnderMaintenance) => "◆",
        State::Known(Level::DegradedPerformance) => "▲",
        State::Known(Level::PartialOutage) => "◐",
        State::Known(Level::MajorOutage) => "■",
        State::Unknown => "?",
    }
}

/// The colour of a state, for a whole line.
pub fn style(state: State) -> Style {
    let colour = match state {
        State::Known(Level::Operational) => AnsiColor::Green,
        State::Known(Level::UnderMaintenance) => AnsiColor::Blue,
        State::Known(Level::DegradedPerformance) => AnsiColor::Yellow,
        State::Known(Level::PartialOutage) | State::Known(Level::MajorOutage) => AnsiColor::Red,
        State::Unknown => AnsiColor::Magenta,
    };
    colour.on_default()
}

/// Prints a table whose lines (after the head) have the colours of these states.
pub fn print(table: &Table, states: &[State]) {
    let text = table.to_string();
    let mut lines = text.lines();
    if let Some(head) = lines.next() {
        let dim = Style::new().dimmed();
        anstream::println!("{dim}{}{dim:#}", head.trim_end());
    }
    // A cell that was wrapped makes more lines than rows: then colours would stand beside their rows.
    let rest: Vec<&str> = lines.collect();
    let coloured = rest.len() == states.len();
    for (at, line) in rest.iter().enumerate() {
        match states.get(at).filter(|_| coloured) {
            Some(state) => {
                let style = style(*state);
                anstream::println!("{style}{}{style:#}", line.trim_end());
            }
            None => anstream::println!("{}", line.trim_end()),
        }
    }
}
