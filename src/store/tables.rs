//! Tables, their keys and the schema's number. Times in keys are microseconds since 1970.

use jiff::Timestamp;
use redb::TableDefinition;

/// The schema that this program writes. Raise it with a step in `migrate` whenever a table or record changes.
pub const SCHEMA: u64 = 4;

/// `schema`, `created`, `newest` (times), `seq` and `delivery` (of the last event and message, even after those are
/// pruned).
pub const META: TableDefinition<&str, i64> = TableDefinition::new("name_to_number_1");
/// What a source says, without incidents and maintenances.
pub const SOURCE_TO_STATE: TableDefinition<&str, &[u8]> = TableDefinition::new("source_to_state_1");
/// How reading a source goes: small, since it changes with every reading.
pub const SOURCE_TO_TRANSPORT: TableDefinition<&str, &[u8]> = TableDefinition::new("source_to_transport_1");
/// What was detected of a source.
pub const SOURCE_TO_DETECTED: TableDefinition<&str, &[u8]> = TableDefinition::new("source_to_detected_1");
/// The event log.
pub const SEQ_TO_EVENT: TableDefinition<u64, &[u8]> = TableDefinition::new("seq_to_event_1");
/// Events by source: see `postings`.
pub const SOURCE_SEQ: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("source_seq_to_events_1");
/// Events by component, incident or maintenance.
pub const SUBJECT_SEQ: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("subject_seq_to_events_1");
/// How many events of a source are in the log.
pub const SOURCE_TO_EVENTS: TableDefinition<&str, u64> = TableDefinition::new("source_to_events_1");
/// Events that somebody has to be told of.
pub const OUTBOX: TableDefinition<u64, ()> = TableDefinition::new("outbox_seq_to_nothing_1");
/// Bodies of receipts, compressed, by SHA-256.
pub const HASH_TO_BODY: TableDefinition<[u8; 32], &[u8]> = TableDefinition::new("hash_to_body_1");
/// (source, noticed at, document) to what is known of a receipt.
pub const RECEIPT: TableDefinition<(&str, i64, &str), &[u8]> = TableDefinition::new("source_receipt_to_meta_1");
/// Who refers to a body: (hash, source, noticed at, document).
pub const BODY_USE: TableDefinition<([u8; 32], &str, i64, &str), ()> = TableDefinition::new("body_use_to_nothing_1");

/// (drawer, key) to what operators hold there.
pub const DESK: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("drawer_key_to_kept_1");
/// Who did what, from 1 without gaps. Nothing is ever taken out or changed.
pub const SEQ_TO_AUDIT: TableDefinition<u64, &[u8]> = TableDefinition::new("seq_to_audit_1");
/// Asker and key of a write to when it was done, the request's digest, and the answer.
pub const KEY_TO_ANSWER: TableDefinition<&str, &[u8]> = TableDefinition::new("key_to_answer_1");
/// (when it was done, asker and key).
pub const ANSWERED: TableDefinition<(i64, &str), ()> = TableDefinition::new("answered_key_to_nothing_1");

/// What was told, or was not, as it was known then; by event.
pub const SEQ_TO_NEWS: TableDefinition<u64, &[u8]> = TableDefinition::new("seq_to_news_1");
/// What each receiver has heard.
pub const RECEIVER_TO_LEDGER: TableDefinition<&str, &[u8]> = TableDefinition::new("receiver_to_ledger_1");
/// (thread, event, receiver) to what was decided.
pub const DECISIONS: TableDefinition<(&str, u64, &str), &[u8]> = TableDefinition::new("thread_seq_receiver_to_fate_1");
/// Messages by number.
pub const ID_TO_DELIVERY: TableDefinition<u64, &[u8]> = TableDefinition::new("id_to_delivery_1");
/// (receiver, message) to when it may be tried: what is not received yet.
pub const QUEUE: TableDefinition<(&str, u64), i64> = TableDefinition::new("receiver_delivery_to_time_1");
/// (status, message).
pub const DELIVERIES_OF: TableDefinition<(&str, u64), ()> = TableDefinition::new("status_delivery_to_nothing_1");
/// Subscribers who are to be asked whether it was them.
pub const QUESTIONS: TableDefinition<&str, ()> = TableDefinition::new("question_subscriber_to_nothing_1");

/// Readers who left and of whom something may still be here.
pub const PARTED: TableDefinition<&str, ()> = TableDefinition::new("parted_subscriber_to_nothing_1");

/// (track, since) to a state: what the event log says of states, in the bytes that figures need.
pub const MARKS: TableDefinition<(&str, i64), u8> = TableDefinition::new("track_time_to_state_1");
/// (leaf, since) to what stood on the page from then on: a whole version, then differences.
pub const PAST: TableDefinition<(&str, i64), &[u8]> = TableDefinition::new("leaf_time_to_versions_1");
/// Leaf to the bytes of its versions.
pub const PAST_SIZE: TableDefinition<&str, u64> = TableDefinition::new("leaf_to_bytes_1");

/// Records of one kind with their indexes. Local ones have the empty source.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// Id to record.
    pub records: TableDefinition<'static, &'static str, &'static [u8]>,
    /// (start, id).
    pub by_start: TableDefinition<'static, (i64, &'static str), ()>,
    /// (source, start, id) to (end or `OPEN`, bytes of the record).
    pub by_source: TableDefinition<'static, (&'static str, i64, &'static str), (i64, u32)>,
}

/// The end of what goes on.
pub const OPEN: i64 = i64::MAX;

/// Incidents.
pub const INCIDENTS: Shelf = Shelf {
    records: TableDefinition::new("id_to_incident_1"),
    by_start: TableDefinition::new("start_incident_to_nothing_1"),
    by_source: TableDefinition::new("source_start_incident_to_end_1"),
};
/// Maintenances.
pub const MAINTENANCES: Shelf = Shelf {
    records: TableDefinition::new("id_to_maintenance_1"),
    by_start: TableDefinition::new("start_maintenance_to_nothing_1"),
    by_source: TableDefinition::new("source_start_maintenance_to_end_1"),
};

/// Events of one source that are kept: at 400 bytes each, 4 MiB. One vendor cannot fill the disk.
pub const EVENTS_PER_SOURCE: u64 = 10_000;
/// Bytes of one source's incidents that are kept, and as many of maintenances.
pub const HISTORY_BYTES_PER_SOURCE: u64 = 3 << 20;

/// Calls `$do!(table)` for every table there is.
macro_rules! each_table {
    ($do:ident) => {{
        use $crate::store::tables as t;
        $do!(t::META);
        $do!(t::SOURCE_TO_STATE);
        $do!(t::SOURCE_TO_TRANSPORT);
        $do!(t::SOURCE_TO_DETECTED);
        $do!(t::SEQ_TO_EVENT);
        $do!(t::SOURCE_SEQ);
        $do!(t::SUBJECT_SEQ);
        $do!(t::SOURCE_TO_EVENTS);
        $do!(t::OUTBOX);
        $do!(t::HASH_TO_BODY);
        $do!(t::RECEIPT);
        $do!(t::BODY_USE);
        $do!(t::DESK);
        $do!(t::SEQ_TO_AUDIT);
        $do!(t::KEY_TO_ANSWER);
        $do!(t::ANSWERED);
        $do!(t::SEQ_TO_NEWS);
        $do!(t::RECEIVER_TO_LEDGER);
        $do!(t::DECISIONS);
        $do!(t::ID_TO_DELIVERY);
        $do!(t::QUEUE);
        $do!(t::DELIVERIES_OF);
        $do!(t::QUESTIONS);
        $do!(t::PARTED);
        $do!(t::MARKS);
        $do!(t::PAST);
        $do!(t::PAST_SIZE);
        $do!(t::INCIDENTS.records);
        $do!(t::INCIDENTS.by_start);
        $do!(t::INCIDENTS.by_source);
        $do!(t::MAINTENANCES.records);
        $do!(t::MAINTENANCES.by_start);
        $do!(t::MAINTENANCES.by_source);
    }};
}
pub(super) use each_table;

/// A time as it stands in a key.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}
