//! Questions of operators to those who read pages: what does this one say, and how would it be watched?

use tokio::sync::{mpsc, oneshot};

use crate::model::intake::{Draft, Entry, Sighting};

/// One question, with the way back.
#[derive(Debug)]
pub enum Ask {
    /// What does the page at this address, or of this name, say?
    Look(String, oneshot::Sender<Result<Sighting, String>>),
    /// What entry of `sources.yaml` is this? The page is looked at unless the draft says otherwise.
    Compose(Box<Draft>, oneshot::Sender<Result<Entry, String>>),
}

/// The way to those who read pages. Clones lead to the same ones.
#[derive(Debug, Clone)]
pub struct Desk(mpsc::Sender<Ask>);

impl Desk {
    /// A way to whoever holds the other end.
    pub fn to(inbox: mpsc::Sender<Ask>) -> Self {
        Self(inbox)
    }

    /// What a page says.
    ///
    /// # Errors
    /// In words for whoever asks.
    pub async fn look(&self, page: String) -> Result<Sighting, String> {
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Look(page, reply), answer).await
    }

    /// The entry for a draft.
    ///
    /// # Errors
    /// In words for whoever asks.
    pub async fn compose(&self, draft: Draft) -> Result<Entry, String> {
        let (reply, answer) = oneshot::channel();
        self.ask(Ask::Compose(Box::new(draft), reply), answer).await
    }

    async fn ask<T>(&self, ask: Ask, answer: oneshot::Receiver<Result<T, String>>) -> Result<T, String> {
        let stopping = || "allclear is stopping".to_owned();
        match self.0.try_send(ask) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(stopping())),
            Err(mpsc::error::TrySendError::Full(_)) => Err("too many pages are being looked at: try again soon".into()),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(stopping()),
        }
    }
}
