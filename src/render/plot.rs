//! Plots as numbers: where each bar, tick and label stands. The template draws them, and a table says the same.

use serde::Serialize;

/// The size of a plot in its own units; it is drawn as wide as there is room.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 160.0;
/// Room for the ticks' words, for what stands over the bars, and for what stands under them.
const LEFT: f64 = 40.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 20.0;
/// Words that fit under the bars, and over them.
const LABELS: usize = 7;

/// One bar and what it stands for.
#[derive(Debug, Clone)]
pub struct Column {
    /// What it is of: a month, a range.
    pub label: String,
    /// Its value in words.
    pub shown: String,
    /// Its value; `None`: it cannot be said, and nothing is drawn.
    pub value: Option<f64>,
}

/// What the height of a bar means.
#[derive(Debug, Clone)]
pub struct Scale {
    /// The value at the foot.
    pub from: f64,
    /// The value at the top.
    pub to: f64,
    /// Values that are written at the side.
    pub ticks: Vec<(f64, String)>,
}

/// A plot, ready to be drawn, and the table that says the same.
#[derive(Debug, Serialize)]
pub struct Plot {
    id: &'static str,
    title: &'static str,
    about: String,
    width: f64,
    height: f64,
    left: f64,
    foot: f64,
    ticks: Vec<Tick>,
    bars: Vec<Bar>,
    head: [&'static str; 2],
    rows: Vec<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct Tick {
    y: f64,
    label: String,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    middle: f64,
    known: bool,
    over: Option<String>,
    under: Option<String>,
}

/// A tenth of a unit is finer than any screen shows.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Bars side by side. `about` says in a sentence what there is to see.
pub fn columns(
    (id, title): (&'static str, &'static str),
    about: String,
    head: [&'static str; 2],
    columns: &[Column],
    scale: &Scale,
) -> Plot {
    let foot = HEIGHT - BOTTOM;
    let range = scale.to - scale.from;
    let part = |value: f64| if range > 0.0 { ((value - scale.from) / range).clamp(0.0, 1.0) } else { 0.0 };
    let y = |value: f64| foot - part(value) * (foot - TOP);
    let count = columns.len().max(1);
    // Counts are small: they are exact as floating-point numbers.
    let slot = (WIDTH - LEFT) / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let every = count.div_ceil(LABELS).max(1);
    let bars = columns.iter().enumerate().map(|(place, column)| {
        let begins = LEFT + slot * f64::from(u32::try_from(place).unwrap_or(u32::MAX));
        let top = column.value.map_or(foot, y);
        Bar {
            x: rounded(begins + slot * 0.15),
            y: rounded(top),
            width: rounded((slot * 0.7).min(36.0)),
            height: rounded(foot - top),
            middle: rounded(begins + slot * 0.15 + (slot * 0.7).min(36.0) / 2.0),
            known: column.value.is_some(),
            over: (count <= LABELS).then(|| column.shown.clone()),
            under: place.is_multiple_of(every).then(|| column.label.clone()),
        }
    });
    Plot {
        id,
        title,
        about,
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        foot,
        bars: bars.collect(),
        ticks: scale.ticks.iter().map(|(value, label)| Tick { y: rounded(y(*value)), label: label.clone() }).collect(),
        head,
        rows: columns.iter().map(|column| [column.label.clone(), column.shown.clone()]).collect(),
    }
}

/// A scale for counts: from nothing to a round number.
pub fn counts(most: usize) -> Scale {
    let most = u32::try_from(most).unwrap_or(u32::MAX).max(2);
    let magnitude = 10_u32.checked_pow(most.ilog10()).unwrap_or(1);
    let top = [1, 2, 5, 10]
        .into_iter()
        .filter_map(|times| magnitude.checked_mul(times))
        .find(|top| *top >= most)
        .unwrap_or(most);
    let half = top / 2;
    let ticks = [0, half, top].map(|value| (f64::from(value), value.to_string())).to_vec();
    Scale { from: 0.0, to: f64::from(top), ticks }
}

/// A scale for percentages up to 100. It begins where the lowest can still be told from the foot, and says so at the
/// side: between 99 and 100 lies all that matters of a good vendor.
pub fn percent(lowest: f64) -> Scale {
    let from = [99.9, 99.0, 95.0, 90.0, 50.0].into_iter().find(|from| lowest > *from).unwrap_or(0.0);
    let middle = (from + 100.0) / 2.0;
    let tick = |value: f64| (value, format!("{} %", (value * 100.0).round() / 100.0));
    Scale { from, to: 100.0, ticks: vec![tick(from), tick(middle), tick(100.0)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(value: Option<f64>) -> Column {
        Column { label: "May".into(), shown: value.map_or("not known".into(), |value| value.to_string()), value }
    }

    #[test]
    fn a_bar_is_as_high_as_its_value_and_what_cannot_be_said_is_not_drawn() {
        let all = [column(Some(0.0)), column(Some(5.0)), column(Some(10.0)), column(None), column(Some(99.0))];
        let plot = columns(("p", "t"), String::new(), ["a", "b"], &all, &counts(10));
        let heights: Vec<f64> = plot.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0.0, 62.0, 124.0, 0.0, 124.0]);
        assert_eq!(plot.bars.iter().map(|bar| bar.known).collect::<Vec<_>>(), [true, true, true, false, true]);
        assert_eq!(plot.rows[3], ["May", "not known"], "the table says what the plot cannot");
        for bar in &plot.bars {
            assert!(bar.x >= LEFT && bar.x + bar.width <= WIDTH, "{bar:?}");
        }
    }

    #[test]
    fn scales_are_round_and_hold_what_they_show() {
        for (most, top) in [(0, 2.0), (1, 2.0), (2, 2.0), (3, 5.0), (7, 10.0), (11, 20.0), (200, 200.0), (201, 500.0)] {
            assert!((counts(most).to - top).abs() < f64::EPSILON, "{most}");
        }
        for (lowest, from) in [(99.95, 99.9), (99.9, 99.0), (97.0, 95.0), (12.0, 0.0), (0.0, 0.0)] {
            assert!((percent(lowest).from - from).abs() < f64::EPSILON, "{lowest}");
        }
    }

    #[test]
    fn many_bars_have_few_words() {
        let plot = columns(("p", "t"), String::new(), ["a", "b"], &vec![column(Some(1.0)); 40], &counts(2));
        assert!(plot.bars.iter().filter(|bar| bar.under.is_some()).count() <= LABELS);
        assert!(plot.bars.iter().all(|bar| bar.over.is_none()));
    }
}
