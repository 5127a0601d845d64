//! Says when the configuration file has changed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};

/// Editors write a file in several steps; they count as one.
const SETTLE: Duration = Duration::from_millis(300);

/// Watches as long as it lives.
pub struct Watcher(
    #[expect(dead_code, reason = "it works until it is dropped")] Debouncer<RecommendedWatcher, RecommendedCache>,
);

/// The file cannot be watched; changes need a restart.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {directory}: {source}; changes are taken up at the next start")]
pub struct WatchError {
    directory: PathBuf,
    source: notify_debouncer_full::notify::Error,
}

/// Calls `changed` (on a thread of its own) each time the file was written or replaced. Whether it holds anything else
/// than what was last read is for whoever read it to say.
///
/// The directory is watched, since editors and orchestrators replace the file. Other files in it do not count, and
/// neither does it that somebody reads it.
///
/// # Errors
/// Where the directory cannot be watched.
pub fn watch(file: PathBuf, changed: impl Fn() + Send + 'static) -> Result<Watcher, WatchError> {
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let refused = |source| WatchError { directory: directory.clone(), source };
    let handler = move |result: DebounceEventResult| {
        // An error may hide a change: look.
        let concerns = result.map_or(true, |events| {
            let written = events.iter().filter(|event| !event.kind.is_access());
            written.flat_map(|event| event.paths.iter()).any(|path| is_ours(path, &file))
        });
        if concerns {
            changed();
        }
    };
    let mut debouncer = new_debouncer(SETTLE, None, handler).map_err(refused)?;
    debouncer.watch(&directory, RecursiveMode::NonRecursive).map_err(refused)?;
    Ok(Watcher(debouncer))
}

/// The file itself, or the link by which orchestrators swap all files of a volume at once.
fn is_ours(path: &Path, file: &Path) -> bool {
    path.file_name() == file.file_name() || path.file_name() == Some(OsStr::new("..data"))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_changed_file_is_noticed_and_its_neighbours_are_not() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sources.yaml");
        std::fs::write(&file, "a").unwrap();
        let (send, receive) = mpsc::channel();
        let _watcher = watch(file.clone(), move || send.send(()).unwrap()).unwrap();
        std::fs::write(directory.path().join("other"), "x").unwrap();
        std::fs::write(directory.path().join("new"), "b").unwrap();
        std::fs::rename(directory.path().join("new"), &file).unwrap();
        receive.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(receive.try_recv().is_err());
    }
}
