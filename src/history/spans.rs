//! Marks laid out in time: which state held from when to when, and when nobody looked.

use std::time::Duration;

use jiff::Timestamp;

use super::window::Window;
use crate::model::level::State;
use crate::model::mark::Mark;

/// A stretch of time in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From when to when.
    pub window: Window,
    /// [`State::Unknown`]: it was read, and not understood. `None`: nobody observed it.
    pub state: Option<State>,
}

impl Span {
    /// How long it is.
    pub fn length(&self) -> Duration {
        self.window.length()
    }
}

/// What held when within `window`, without a gap and without an overlap. `marks` ascend; before the first of them
/// nobody observed anything. Where two are of one moment, the later in the list holds.
pub fn spans(marks: &[Mark], window: Window) -> Vec<Span> {
    let mut found = Vec::new();
    let (mut from, mut state) = (window.from(), None);
    for mark in marks {
        if mark.at >= window.to() {
            break;
        }
        let at = mark.at.max(from);
        put(&mut found, from, at, state);
        (from, state) = (at, mark.state);
    }
    put(&mut found, from, window.to(), state);
    found
}

/// The same, but not observed while `cover` was not: a component is known only while its source is.
pub fn masked(spans: &[Span], cover: &[Span]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut covers = cover.iter().peekable();
    for span in spans {
        let mut from = span.window.from();
        while from < span.window.to() {
            while covers.peek().is_some_and(|cover| cover.window.to() <= from) {
                covers.next();
            }
            // Where nothing is said of the cover, nobody looked.
            let (to, seen) = match covers.peek() {
                Some(cover) if cover.window.from() <= from => (cover.window.to(), cover.state.is_some()),
                Some(cover) => (cover.window.from(), false),
                None => (span.window.to(), false),
            };
            let to = to.min(span.window.to());
            put(&mut found, from, to, span.state.filter(|_| seen));
            from = to;
        }
    }
    found
}

/// The parts of spans that lie in `window`.
pub fn within(spans: &[Span], window: Window) -> Vec<Span> {
    let first = spans.partition_point(|span| span.window.to() <= window.from());
    let rest = spans.get(first..).unwrap_or_default();
    let touching = rest.iter().take_while(|span| span.window.from() < window.to());
    touching.map(|span| Span { window: span.window.common(window), ..*span }).collect()
}

fn put(found: &mut Vec<Span>, from: Timestamp, to: Timestamp, state: Option<State>) {
    if from >= to {
        return;
    }
    match found.last_mut() {
        Some(last) if last.state == state && last.window.to() == from => {
            last.window = Window::new(last.window.from(), to);
        }
        _ => found.push(Span { window: Window::new(from, to), state }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn window(from: i64, to: i64) -> Window {
        Window::new(at(from), at(to))
    }

    fn laid(marks: &[(i64, Option<State>)], from: i64, to: i64) -> Vec<Span> {
        let marks: Vec<Mark> = marks.iter().map(|(second, state)| Mark { at: at(*second), state: *state }).collect();
        spans(&marks, window(from, to))
    }

    fn shown(spans: &[Span]) -> Vec<(i64, i64, &'static str)> {
        let word = |state: Option<State>| state.map_or("-", State::as_str);
        let of = |span: &Span| (span.window.from().as_second(), span.window.to().as_second(), word(span.state));
        spans.iter().map(of).collect()
    }

    const UP: Option<State> = Some(State::OPERATIONAL);
    const DOWN: Option<State> = Some(State::MAJOR_OUTAGE);

    #[test]
    fn a_window_is_covered_whole_and_begins_unobserved_without_a_mark() {
        let marks = [(10, UP), (20, DOWN), (20, Some(State::Unknown)), (25, Some(State::Unknown)), (30, None)];
        assert_eq!(
            shown(&laid(&marks, 0, 40)),
            [(0, 10, "-"), (10, 20, "operational"), (20, 30, "unknown"), (30, 40, "-")]
        );
        assert_eq!(
            shown(&laid(&marks, 15, 18)),
            [(15, 18, "operational")],
            "the mark in force at its beginning counts"
        );
        assert_eq!(shown(&laid(&[], 0, 5)), [(0, 5, "-")]);
        assert!(laid(&marks, 5, 5).is_empty());
    }

    #[test]
    fn a_component_is_not_observed_while_its_source_is_not() {
        let part = laid(&[(0, UP), (50, DOWN)], 0, 100);
        let source = laid(&[(10, UP), (20, None), (30, Some(State::Unknown)), (60, None), (90, UP)], 0, 100);
        assert_eq!(
            shown(&masked(&part, &source)),
            [
                (0, 10, "-"),
                (10, 20, "operational"),
                (20, 30, "-"),
                (30, 50, "operational"),
                (50, 60, "major_outage"),
                (60, 90, "-"),
                (90, 100, "major_outage"),
            ]
        );
        assert_eq!(shown(&masked(&part, &[])), [(0, 100, "-")]);
        assert_eq!(
            shown(&masked(&part, &laid(&[(0, UP)], 40, 60))),
            [(0, 40, "-"), (40, 50, "operational"), (50, 60, "major_outage"), (60, 100, "-")]
        );
    }

    #[test]
    fn a_part_of_spans_is_cut_at_both_ends() {
        let all = laid(&[(0, UP), (50, DOWN), (60, UP)], 0, 100);
        assert_eq!(shown(&within(&all, window(55, 70))), [(55, 60, "major_outage"), (60, 70, "operational")]);
        assert!(within(&all, window(100, 120)).is_empty());
    }
}
