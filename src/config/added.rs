//! Sources that operators added beside the configuration file.

use std::path::Path;

use super::{Config, parse};
use crate::model::desk::Added;

impl Config {
    /// The configuration with sources that were added beside it. The file is the truth: one that it names, too, is left
    /// out, and so is one that is no good entry any more; why is said in the log.
    #[must_use]
    pub fn with_added<'a>(mut self, added: impl IntoIterator<Item = &'a Added>) -> Self {
        for one in added {
            if self.sources.iter().any(|source| source.source.id == one.id) {
                tracing::info!(source = %one.id, "sources.yaml names it, too, and counts");
                continue;
            }
            match self.read_added(one) {
                Ok(sources) => self.sources.extend(sources),
                Err(problem) => tracing::warn!(source = %one.id, %problem, "a source that was added is left out"),
            }
        }
        self
    }

    fn read_added(&self, added: &Added) -> Result<Vec<std::sync::Arc<super::SourceConfig>>, String> {
        let mut text = format!("poll:\n  interval: {}s\nsources:\n", self.poll.interval.as_secs());
        for (number, line) in added.lines.iter().enumerate() {
            text.push_str(if number == 0 { "  - " } else { "    " });
            text.push_str(line);
            text.push('\n');
        }
        // Nothing in it is taken from the environment or from files: whoever adds a source need not be who runs this.
        let read = parse(&text, Path::new("an added source"), &|_| None);
        read.map(|config| config.sources)
            .map_err(|problems| problems.first().map(|problem| problem.message.clone()).unwrap_or_default())
    }
}
