//! Over HTTP, through the one door.

use std::time::Duration;

use super::{Answer, Uncarried};
use crate::channels::Call;
use crate::fetch::{Fetcher, Sending};

/// Sends one request. Whatever kept it from being answered may be over later.
pub async fn carry(fetcher: &Fetcher, call: Call, allow_private: bool, within: Duration) -> Answer {
    let headers: Vec<(&'static str, &str)> = call.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let sending = Sending {
        method: call.method,
        url: &call.url,
        kind: call.kind,
        body: call.body,
        headers: &headers,
        authorization: call.authorization,
        allow_private,
    };
    let sent = fetcher.deliver(sending, within).await.map_err(|error| Uncarried::Later(error.to_string()))?;
    Ok((sent.status, sent.body.to_vec(), sent.retry_after))
}
