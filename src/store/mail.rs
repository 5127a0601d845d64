//! The store as `notify` uses it: what people are told.

use jiff::Timestamp;

use super::letters::{self, Ready, Telling};
use super::{Part, Store, StoreError, forget, read};
use crate::model::delivery::{Delivery, Status};
use crate::model::event::Event;
use crate::model::id::ReceiverId;
use crate::model::ledger::{Decision, Registered};
use crate::model::news::{News, Thread};

impl Store {
    /// Events that somebody has still to be told of, after `seq`, oldest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn outbox_after(&self, seq: u64, limit: usize) -> Result<Vec<Event>, StoreError> {
        self.door.read(|txn| read::outbox_after(txn, seq, limit))
    }

    /// How many events wait in the outbox.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn outbox_len(&self) -> Result<u64, StoreError> {
        self.door.read(read::outbox_len)
    }

    /// How large the file is; 0 where there is none.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(self.door.path()).map_or(0, |file| file.len())
    }

    /// Writes what was decided about events, and takes them out of the outbox.
    ///
    /// # Errors
    /// Nothing of it is written then.
    pub fn tell(&self, telling: &Telling) -> Result<(), StoreError> {
        self.door.write(|txn| letters::tell(txn, telling))
    }

    /// Writes deliveries as they stand now.
    ///
    /// # Errors
    /// Nothing of it is written then.
    pub fn put_deliveries(&self, deliveries: &[Delivery]) -> Result<(), StoreError> {
        self.door.write(|txn| letters::put(txn, deliveries))
    }

    /// Subscribers who are to be asked whether it was them.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn questions(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        self.door.read(|txn| letters::questions(txn, limit))
    }

    /// The number of the last delivery; 0 where there was none.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn last_delivery(&self) -> Result<u64, StoreError> {
        self.door.read(letters::last)
    }

    /// Everybody who is told, and what they have heard.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn ledgers(&self) -> Result<Vec<(ReceiverId, Registered)>, StoreError> {
        self.door.read(letters::ledgers)
    }

    /// News by their numbers, in the order asked for; what is not kept any more is left out.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn news(&self, seqs: &[u64]) -> Result<Vec<News>, StoreError> {
        self.door.read(|txn| letters::by_seq(txn, seqs))
    }

    /// News after `seq`, oldest first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn news_after(&self, seq: u64, limit: usize) -> Result<Vec<News>, StoreError> {
        self.door.read(|txn| letters::after(txn, seq, limit))
    }

    /// What was decided about one thread, oldest news first.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn decisions(&self, thread: &Thread, limit: usize) -> Result<Vec<Decision>, StoreError> {
        self.door.read(|txn| letters::decisions(txn, thread, limit))
    }

    /// One delivery.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn delivery(&self, id: u64) -> Result<Option<Delivery>, StoreError> {
        self.door.read(|txn| letters::delivery(txn, id))
    }

    /// Deliveries to receivers that are wanted, newest first; of one status, where given. A part may be short, or empty,
    /// and still have a next: `limits::DELIVERIES_LOOKED` at most are looked at.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn deliveries(
        &self,
        status: Option<Status>,
        wanted: &dyn Fn(&ReceiverId) -> bool,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Part<Delivery>, StoreError> {
        self.door.read(|txn| letters::deliveries(txn, status, wanted, cursor, limit))
    }

    /// How many deliveries are queued, and how many were given up.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn delivery_counts(&self) -> Result<(u64, u64), StoreError> {
        self.door.read(letters::counts)
    }

    /// What may be sent now to receivers whose names begin with `of` and that are `wanted`: one message each, for at
    /// most `limit` of them, none before an earlier one of its thread; and when the next one of theirs may be.
    ///
    /// # Errors
    /// Where a record cannot be read.
    pub fn ready(
        &self,
        of: &str,
        now: Timestamp,
        limit: usize,
        wanted: &dyn Fn(&ReceiverId) -> bool,
    ) -> Result<Ready, StoreError> {
        self.door.read(|txn| letters::ready(txn, of, now, limit, wanted))
    }

    /// Forgets what channels that are no more have heard, and drops what was queued for them.
    ///
    /// # Errors
    /// Nothing is changed then.
    pub fn retire_receivers(&self, receivers: &[ReceiverId]) -> Result<(), StoreError> {
        self.door.write(|txn| forget::retire(txn, receivers))
    }

    /// Readers who left the desk and of whom something may still be here.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub fn parted(&self) -> Result<Vec<ReceiverId>, StoreError> {
        self.door.read(forget::parted)
    }

    /// Forgets receivers: what they have heard, what was decided for them, and every message to them.
    ///
    /// # Errors
    /// Nothing is forgotten then.
    pub fn forget_receivers(&self, receivers: &[ReceiverId]) -> Result<(), StoreError> {
        if receivers.is_empty() {
            return Ok(());
        }
        let belongings = self.door.read(|txn| forget::belongings(txn, receivers))?;
        self.door.write(|txn| forget::forget(txn, receivers, &belongings))
    }
}
