//! The store for async callers: every call leaves the async threads.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Store, StoreError};

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

    /// Does `work` right here: for callers that may block.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn here<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&self.0)
    }
}
