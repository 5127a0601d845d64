//! The store for async callers: every call leaves the async threads.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Store, StoreError};
use crate::limits;

/// Clones share one store.
#[derive(Debug, Clone)]
pub struct Handle(Arc<Store>);

impl Handle {
    /// Shares `store`.
    pub fn new(store: Store) -> Self {
        Self(Arc::new(store))
    }

    /// Does `work` where blocking is allowed.
    ///
    /// # Errors
    /// Those of `work`; also where `work` panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(answer) => answer,
            Err(error) => Err(StoreError::Io { path: PathBuf::from("store"), problem: error.to_string() }),
        }
    }

    /// Reads what a page can go without: whoever looks at it is not kept waiting by a disk that takes for ever.
    ///
    /// # Errors
    /// Those of `work`, and where the disk does not answer within [`limits::READ_PATIENCE`].
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(limits::READ_PATIENCE, self.run(work)).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::Io {
                path: PathBuf::from("store"),
                problem: "the disk does not answer in time".to_owned(),
            }),
        }
    }

    /// Does `work` right here: for callers that may block.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn here<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&self.0)
    }
}
