//! One version in as few bytes as it can be.

use zstd::bulk::{Compressor, Decompressor};

use crate::limits;
use crate::store::error::Fault;
use crate::store::record::{bare, pack_known, unpack_bare, unpack_known};

/// Nothing stood there any more: allclear was not running.
pub const NOTHING: u8 = 0;
/// As it is.
const PLAIN: u8 = 1;
/// Whole, packed.
const WHOLE: u8 = 2;
/// Packed, with the version before as dictionary.
const DIFFERENCE: u8 = 3;

/// A packed version. `before`: the version that it differs from.
pub fn pack(version: &[u8], before: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let bad = |error: std::io::Error| Fault::Record(format!("a version of the page cannot be packed: {error}"));
    let (tag, packed) = match before {
        Some(before) => {
            let mut packer = Compressor::with_dictionary(limits::PAST_EFFORT, before).map_err(bad)?;
            (DIFFERENCE, bare(&mut packer, version).map_err(bad)?)
        }
        None => (WHOLE, pack_known(version).map_err(bad)?),
    };
    if packed.len() >= version.len() {
        return Ok(std::iter::once(PLAIN).chain(version.iter().copied()).collect());
    }
    Ok(std::iter::once(tag).chain(packed).collect())
}

/// Undoes [`pack`], for many versions with what it takes for one.
#[derive(Default)]
pub struct Unpacker {
    differences: Decompressor<'static>,
}

impl Unpacker {
    /// A version; `None` where nothing stood.
    pub fn unpack(&mut self, packed: &[u8], before: Option<&[u8]>) -> Result<Option<Vec<u8>>, Fault> {
        let bad = |error: std::io::Error| Fault::Record(format!("a version of the page cannot be unpacked: {error}"));
        match (packed.split_first(), before) {
            (Some((&NOTHING, [])), _) => Ok(None),
            (Some((&PLAIN, version)), _) => Ok(Some(version.to_vec())),
            (Some((&WHOLE, packed)), _) => unpack_known(packed).map(Some).map_err(bad),
            (Some((&DIFFERENCE, packed)), Some(before)) => {
                self.differences.set_dictionary(before).map_err(bad)?;
                unpack_bare(&mut self.differences, packed).map(Some).map_err(bad)
            }
            _ => Err(Fault::Record("a version of the page is of a kind that is not known here".to_owned())),
        }
    }
}
