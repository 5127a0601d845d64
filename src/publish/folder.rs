//! A folder of this machine that keeps files, each put in place by a rename.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use super::target::TargetError;
use crate::limits;

/// A folder.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// What is being written, in the root: renaming works within one file system only. One is enough, since files are
    /// written one after the other, and what a killed process left of its own is written over or lies there alone.
    part: PathBuf,
}

impl Folder {
    /// The folder, which is made where it is missing.
    pub fn new(root: PathBuf) -> Self {
        let part = root.join(format!(".allclear-{}.part", std::process::id()));
        Self { root, part }
    }

    /// Writes a file under another name, and renames it.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), TargetError> {
        let whole = self.root.join(path);
        let parent = whole.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).await.map_err(about(parent))?;
        let write = async {
            let mut file = fs::File::create(&self.part).await?;
            file.write_all(&bytes).await?;
            // Otherwise a power cut could leave the name with nothing in it.
            file.sync_all().await
        };
        write.await.map_err(about(&self.part))?;
        fs::rename(&self.part, &whole).await.map_err(about(&whole))
    }

    /// Reads a small file.
    pub async fn get(&self, path: &str) -> Result<Option<Vec<u8>>, TargetError> {
        let whole = self.root.join(path);
        match fs::metadata(&whole).await {
            Ok(about) if about.len() > limits::PUBLISH_MANIFEST => return Err(TargetError::TooLarge),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(about(&whole)(error)),
        }
        fs::read(&whole).await.map(Some).map_err(about(&whole))
    }

    /// Removes a file, and the folders that are empty then.
    pub async fn remove(&self, path: &str) -> Result<(), TargetError> {
        let whole = self.root.join(path);
        match fs::remove_file(&whole).await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(about(&whole)(error)),
        }
        let inside = |folder: &&Path| folder.starts_with(&self.root) && **folder != *self.root;
        for folder in whole.ancestors().skip(1).take_while(inside) {
            // Where something else is in it, it stays, and so do those around it.
            if fs::remove_dir(folder).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Removes what killed processes left half written.
    pub async fn sweep(&self) -> Result<(), TargetError> {
        let mut entries = match fs::read_dir(&self.root).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(about(&self.root)(error)),
        };
        while let Some(entry) = entries.next_entry().await.map_err(about(&self.root))? {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(".allclear-") && name.ends_with(".part") {
                // Another process that writes here now tries again.
                let _ = fs::remove_file(entry.path()).await;
            }
        }
        Ok(())
    }
}

fn about(path: &Path) -> impl FnOnce(std::io::Error) -> TargetError {
    let path = path.to_owned();
    move |error| TargetError::Folder { path, error }
}
