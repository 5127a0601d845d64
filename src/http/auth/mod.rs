//! Who asks, and what they may do: sessions, tokens, forms, and the table of who may reach which route.

mod access;
pub(super) mod api;
mod caller;
mod check;
mod cookie;
mod form;
mod forward;
mod frame;
mod hashing;
pub(super) mod pages;
pub(super) mod rows;
mod setup;
mod start;

pub use access::{Access, Declared};
pub(super) use access::{Routes, Verdict};
pub(super) use caller::Caller;
pub(super) use check::Personal;
pub(super) use form::Fields;
pub(super) use forward::Peer;
pub(super) use frame::{Formful, REFERRER, Visit};
pub use setup::announce;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use crate::auth::throttle::Waiting;
use crate::limits;
use crate::model::signon::SignOn;
use crate::oidc::Provider;

/// What letting people in needs.
pub(super) struct Auth {
    /// As configured now.
    pub(super) sign_on: watch::Receiver<Arc<SignOn>>,
    provider: Provider,
    hashes: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    code: setup::Code,
    warned: std::sync::Once,
    waiting: Mutex<Waiting>,
    named: Mutex<HashMap<String, Duration>>,
}

impl Auth {
    pub(super) fn new(sign_on: watch::Receiver<Arc<SignOn>>, provider: Provider) -> Self {
        Self {
            sign_on,
            provider,
            hashes: Arc::new(Semaphore::new(limits::PASSWORD_HASHES)),
            queue: Arc::new(Semaphore::new(limits::PASSWORD_QUEUE)),
            code: setup::Code::default(),
            warned: std::sync::Once::new(),
            waiting: Mutex::default(),
            named: Mutex::default(),
        }
    }
}
