//! Stored shapes: compact JSON behind one byte that says how to read it.

pub mod audit;
pub mod delivery;
pub mod desk;
pub mod event;
pub mod incident;
pub mod ledger;
pub mod local;
pub mod news;
pub mod outline;
pub mod past;
pub mod people;
pub mod pushed;
pub mod receipt;
pub mod series;
pub mod state;
pub mod subscriber;
#[cfg(test)]
mod tests;
pub mod transport;

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;
use std::sync::LazyLock;

use serde::de::{DeserializeOwned, Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::model::actor::{Means, Role};
use crate::model::delivery::Status;
use crate::model::desk::Affects;
use crate::model::event::{Cause, EventKind};
use crate::model::incident::Phase;
use crate::model::ledger::{Style, Wait, Why};
use crate::model::level::{Impact, State};
use crate::model::news::{Happening, NewsKind, Tier};
use crate::model::outline::DocumentKind;
use crate::model::people::Scope;
use crate::model::pushed::Standing;
use crate::model::signal::Course;
use crate::model::source::FailureKind;

/// JSON, first version of the shapes.
const PLAIN: u8 = 1;
/// The same behind zstd.
const PACKED: u8 = 0x81;
/// The same behind zstd with [`KNOWN`] as its dictionary.
const PACKED_KNOWN: u8 = 0x82;
/// What records have in common: their keys and words. It is part of the format: never change it, add another.
const KNOWN: &[u8] = include_bytes!("known-1.txt");
/// Shorter records are not worth packing.
const WORTH_PACKING: usize = 48;
/// How hard is packed: a record is written once and kept for a year.
const EFFORT: i32 = 12;
/// What every frame of zstd begins with (RFC 8878, 3.1.1).
const BEGINNING: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// No record unpacks to more than this.
const LARGEST: u64 = 256 << 20;

/// The bytes of a record.
pub fn encode(shape: &impl Serialize) -> Result<Vec<u8>, String> {
    let json = serde_json::to_vec(shape).map_err(|error| error.to_string())?;
    if json.len() > WORTH_PACKING
        && let Ok(packed) = pack_known(&json)
        && packed.len() < json.len()
    {
        return Ok(std::iter::once(PACKED_KNOWN).chain(packed).collect());
    }
    Ok(std::iter::once(PLAIN).chain(json).collect())
}

/// Reads a record; the error says why not.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match bytes.split_first() {
        Some((&PLAIN, json)) => serde_json::from_slice(json).map_err(|error| error.to_string()),
        Some((&PACKED, packed)) => {
            let json = unpack(packed, LARGEST)?;
            serde_json::from_slice(&json).map_err(|error| error.to_string())
        }
        Some((&PACKED_KNOWN, packed)) => {
            let json = unpack_known(packed).map_err(|error| error.to_string())?;
            serde_json::from_slice(&json).map_err(|error| error.to_string())
        }
        Some((version, _)) => Err(format!("record version {version} is not known")),
        None => Err("empty record".to_owned()),
    }
}

/// Packs with what records have in common as dictionary, without what a reader knows anyway.
pub fn pack_known(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    static READY: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(KNOWN, EFFORT));
    let mut packer = Compressor::with_prepared_dictionary(&READY)?;
    bare(&mut packer, bytes)
}

/// Undoes [`pack_known`].
pub fn unpack_known(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    static READY: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(KNOWN));
    let mut unpacker = Decompressor::with_prepared_dictionary(&READY)?;
    unpack_bare(&mut unpacker, packed)
}

/// A frame without what a reader knows anyway: it need not stand in each of a million rows.
pub fn bare(packer: &mut Compressor<'_>, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    packer.include_checksum(false)?;
    packer.include_dictid(false)?;
    let mut packed = packer.compress(bytes)?;
    packed.drain(..BEGINNING.len().min(packed.len()));
    Ok(packed)
}

/// Undoes [`bare`].
pub fn unpack_bare(unpacker: &mut Decompressor<'_>, packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let frame = [BEGINNING.as_slice(), packed].concat();
    let said = zstd::zstd_safe::get_frame_content_size(&frame).ok().flatten().unwrap_or(LARGEST).min(LARGEST);
    unpacker.decompress(&frame, usize::try_from(said).unwrap_or(usize::MAX))
}

/// Undoes zstd, up to `most` bytes.
pub fn unpack(packed: &[u8], most: u64) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(|error| error.to_string())?;
    decoder.take(most).read_to_end(&mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

/// What is stored as its word of the public interface.
pub trait Worded: Copy {
    /// The word.
    fn word(self) -> &'static str;
    /// Back again.
    fn of_word(word: &str) -> Option<Self>;
}

macro_rules! worded {
    ($($kind:ty),*) => { $(
        impl Worded for $kind {
            fn word(self) -> &'static str {
                self.as_str()
            }
            fn of_word(word: &str) -> Option<Self> {
                Self::from_word(word)
            }
        }
    )* };
}
worded!(
    State,
    Impact,
    Phase,
    EventKind,
    Cause,
    FailureKind,
    DocumentKind,
    Affects,
    Means,
    Role,
    Scope,
    Course,
    Standing,
    NewsKind,
    Happening,
    Tier,
    Style,
    Wait,
    Why,
    Status
);

/// A value that is stored as its word. A word that is not known makes the record unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<T>(pub T);

impl<T: Worded> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.0.word())
    }
}

impl<'de, T: Worded> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<T: Worded> Visitor<'_> for Reader<T> {
            type Value = Word<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a known word")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                T::of_word(word).map(Word).ok_or_else(|| E::custom(format_args!("unknown word `{word}`")))
            }
        }
        input.deserialize_str(Reader(PhantomData))
    }
}

/// True for what need not be written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
