//! Log lines: one event, one line, whatever is in it.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Lines for people.
    Lines,
    /// One JSON object per event.
    Json,
}

/// Sends the log to stderr. Answers belong on stdout.
///
/// # Errors
/// Where the filter is none, in words.
pub fn log_to_stderr(filter: &str, look: Look) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let set = match look {
        Look::Lines => builder.compact().try_init(),
        Look::Json => builder.json().flatten_event(true).try_init(),
    };
    // Set already: by a test, which sees the log in its own way.
    drop(set);
    Ok(())
}
