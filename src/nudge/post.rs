//! Wishes of operators to those who send messages: try a channel out, send something again.

use tokio::sync::{mpsc, oneshot};

use crate::model::id::ChannelId;

/// One wish, with the way back: the number of the delivery.
#[derive(Debug)]
pub enum Wish {
    /// Send a test to this channel.
    Test(ChannelId, oneshot::Sender<Result<u64, String>>),
    /// Send what was given up again.
    Resend(u64, oneshot::Sender<Result<u64, String>>),
}

/// The way to those who send. Clones lead to the same ones.
#[derive(Debug, Clone)]
pub struct Post(mpsc::Sender<Wish>);

impl Post {
    /// A way to whoever holds the other end.
    pub fn to(inbox: mpsc::Sender<Wish>) -> Self {
        Self(inbox)
    }

    /// Queues a test message to a channel; its number.
    ///
    /// # Errors
    /// In words for whoever asks.
    pub async fn test(&self, channel: ChannelId) -> Result<u64, String> {
        let (reply, answer) = oneshot::channel();
        self.wish(Wish::Test(channel, reply), answer).await
    }

    /// Queues what was given up again.
    ///
    /// # Errors
    /// In words for whoever asks.
    pub async fn resend(&self, delivery: u64) -> Result<u64, String> {
        let (reply, answer) = oneshot::channel();
        self.wish(Wish::Resend(delivery, reply), answer).await
    }

    async fn wish(&self, wish: Wish, answer: oneshot::Receiver<Result<u64, String>>) -> Result<u64, String> {
        let stopping = || "allclear is stopping".to_owned();
        self.0.send(wish).await.map_err(|_| stopping())?;
        answer.await.unwrap_or_else(|_| Err(stopping()))
    }
}
