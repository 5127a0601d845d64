//! The colours of states where no stylesheet reaches: in badges and pictures.

use crate::model::level::State;

/// The colour of a state, dark enough for white letters on it (4.5:1). What is not known is grey, never green.
pub fn colour(state: State) -> &'static str {
    match state.as_str() {
        "operational" => "#1a7f37",
        "under_maintenance" => "#0b62c4",
        "degraded_performance" => "#8f5f00",
        "partial_outage" => "#b3470b",
        "major_outage" => "#c4171f",
        _ => "#5f666e",
    }
}

/// Text without what XML cannot hold.
pub fn drawable(text: &str) -> String {
    let is_drawable = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_drawable).collect()
}

/// At most so many characters, with a sign that something was cut.
pub fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
