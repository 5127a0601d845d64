//! Rows of versions. A row begins with a version that stands for itself and goes on with differences until it fills a
//! page of the file: a row for each version would be mostly key and empty room.

use redb::{ReadableTable, Table};

use super::pack::{NOTHING, Unpacker};
use crate::limits;
use crate::store::error::Fault;

/// What rows are in.
pub type Rows<'txn> = Table<'txn, (&'static str, i64), &'static [u8]>;
/// Bytes that rows of a leaf take.
pub type Sizes<'txn> = Table<'txn, &'static str, u64>;

/// Since when something stood there, and what; none where nothing stood there any more.
pub type Stood = (i64, Option<Vec<u8>>);

/// Before each version: microseconds since the row's first, then its length.
const HEAD: usize = AFTER + size_of::<u32>();
const AFTER: usize = 6;
/// Bytes of a row beside its leaf's name and its value.
const AROUND: usize = 24;

/// The versions of a row, each with the moment since when it stood.
pub fn versions(first: i64, row: &[u8]) -> impl Iterator<Item = Result<(i64, &[u8]), Fault>> {
    let mut rest = row;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let split = split(rest);
        rest = split.map_or(&[], |(_, _, after)| after);
        let torn = || Fault::Record("versions of the page do not end where they should".to_owned());
        Some(split.map(|(after, version, _)| (first.saturating_add(after), version)).ok_or_else(torn))
    })
}

fn split(row: &[u8]) -> Option<(i64, &[u8], &[u8])> {
    let (after, row) = row.split_first_chunk::<AFTER>()?;
    let after = after.iter().fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
    let (length, row) = row.split_first_chunk::<{ size_of::<u32>() }>()?;
    let (version, rest) = row.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((after, version, rest))
}

/// Puts a version at the end of a row; false where it does not go in there.
fn join(row: &mut Vec<u8>, after: i64, version: &[u8]) -> bool {
    let [0, 0, after @ ..] = after.to_be_bytes() else { return false };
    let Ok(length) = u32::try_from(version.len()) else { return false };
    row.extend(after);
    row.extend(length.to_be_bytes());
    row.extend(version);
    true
}

/// Adds a version to the row that began at `first`. False where that row is full or gone: then a new one begins.
pub fn add(
    rows: &mut Rows<'_>,
    sizes: &mut Sizes<'_>,
    leaf: &str,
    first: i64,
    new: (i64, &[u8]),
) -> Result<bool, Fault> {
    let (at, version) = new;
    let Some(mut row) = rows.get((leaf, first))?.map(|row| row.value().to_vec()) else { return Ok(false) };
    let before = row.len();
    let filled = leaf.len().saturating_add(before).saturating_add(HEAD).saturating_add(version.len());
    if filled > limits::PAST_ROW || !join(&mut row, at.saturating_sub(first), version) {
        return Ok(false);
    }
    rows.insert((leaf, first), row.as_slice())?;
    grow(sizes, leaf, row.len().saturating_sub(before))?;
    Ok(true)
}

/// Begins a row with a version that stands for itself.
pub fn begin(rows: &mut Rows<'_>, sizes: &mut Sizes<'_>, leaf: &str, at: i64, version: &[u8]) -> Result<(), Fault> {
    let mut row = Vec::with_capacity(HEAD.saturating_add(version.len()));
    if !join(&mut row, 0, version) {
        return Err(Fault::Record(format!("{leaf}: a version of the page is too long to be kept")));
    }
    rows.insert((leaf, at), row.as_slice())?;
    grow(sizes, leaf, row.len().saturating_add(around(leaf)))
}

/// Bytes of a row beside its value.
const fn around(leaf: &str) -> usize {
    leaf.len().saturating_add(AROUND)
}

fn grow(sizes: &mut Sizes<'_>, leaf: &str, by: usize) -> Result<(), Fault> {
    let held = sizes.get(leaf)?.map_or(0, |size| size.value());
    sizes.insert(leaf, held.saturating_add(u64::try_from(by).unwrap_or(u64::MAX)))?;
    Ok(())
}

fn shrink(sizes: &mut Sizes<'_>, leaf: &str, by: usize) -> Result<(), Fault> {
    let held = sizes.get(leaf)?.map_or(0, |size| size.value());
    sizes.insert(leaf, held.saturating_sub(u64::try_from(by).unwrap_or(u64::MAX)))?;
    Ok(())
}

/// What stood at a moment.
pub fn at(
    rows: &impl ReadableTable<(&'static str, i64), &'static [u8]>,
    unpacker: &mut Unpacker,
    leaf: &str,
    moment: i64,
) -> Result<Option<Stood>, Fault> {
    let Some(held) = rows.range((leaf, i64::MIN)..=(leaf, moment))?.next_back() else { return Ok(None) };
    let (place, row) = held?;
    let mut stood: Option<Stood> = None;
    for version in versions(place.value().1, row.value()) {
        let (since, version) = version?;
        if since > moment {
            break;
        }
        let before = stood.take().and_then(|(_, version)| version);
        stood = Some((since, unpacker.unpack(version, before.as_deref())?));
    }
    Ok(stood)
}

/// When what stood after a moment began.
pub fn next(
    rows: &impl ReadableTable<(&'static str, i64), &'static [u8]>,
    leaf: &str,
    moment: i64,
) -> Result<Option<i64>, Fault> {
    if let Some(held) = rows.range((leaf, i64::MIN)..=(leaf, moment))?.next_back() {
        let (place, row) = held?;
        for version in versions(place.value().1, row.value()) {
            let (since, _) = version?;
            if since > moment {
                return Ok(Some(since));
            }
        }
    }
    let later = rows.range((leaf, moment.saturating_add(1))..=(leaf, i64::MAX))?.next().transpose()?;
    Ok(later.map(|(place, _)| place.value().1))
}

/// Since when the newest version stands.
pub fn newest(rows: &Rows<'_>, leaf: &str) -> Result<Option<i64>, Fault> {
    let Some(held) = rows.range((leaf, i64::MIN)..=(leaf, i64::MAX))?.next_back() else { return Ok(None) };
    let (place, row) = held?;
    let last = versions(place.value().1, row.value()).last().transpose()?;
    Ok(last.map(|(since, _)| since))
}

/// Nothing stands there any more from a moment on.
pub fn end(rows: &mut Rows<'_>, sizes: &mut Sizes<'_>, leaf: &str, at: i64) -> Result<(), Fault> {
    begin(rows, sizes, leaf, at, &[NOTHING])
}

/// Takes out what stood after a moment.
pub fn take_back(rows: &mut Rows<'_>, sizes: &mut Sizes<'_>, leaf: &str, moment: i64) -> Result<(), Fault> {
    let mut gone = 0_usize;
    for row in rows.extract_from_if((leaf, moment.saturating_add(1))..=(leaf, i64::MAX), |_, _| true)? {
        gone = gone.saturating_add(around(leaf)).saturating_add(row?.1.value().len());
    }
    let last = rows.range((leaf, i64::MIN)..=(leaf, moment))?.next_back().transpose()?;
    if let Some((first, row)) = last.map(|(place, row)| (place.value().1, row.value().to_vec())) {
        let mut kept = Vec::with_capacity(row.len());
        for version in versions(first, &row) {
            let (since, version) = version?;
            if since > moment {
                break;
            }
            join(&mut kept, since.saturating_sub(first), version);
        }
        gone = gone.saturating_add(row.len().saturating_sub(kept.len()));
        rows.insert((leaf, first), kept.as_slice())?;
    }
    shrink(sizes, leaf, gone)
}

/// Takes a leaf out, with all that it ever was. Returns how many rows went.
pub fn forget(rows: &mut Rows<'_>, sizes: &mut Sizes<'_>, leaf: &str) -> Result<usize, Fault> {
    let gone = rows.extract_from_if((leaf, i64::MIN)..=(leaf, i64::MAX), |_, _| true)?.count();
    sizes.remove(leaf)?;
    Ok(gone)
}

/// Removes the oldest rows of a leaf while `goes` (given when the row after it begins, and the bytes that went so far),
/// but never the newest. Returns how many went.
pub fn trim(
    rows: &mut Rows<'_>,
    sizes: &mut Sizes<'_>,
    leaf: &str,
    goes: impl Fn(i64, u64) -> bool,
) -> Result<usize, Fault> {
    let (mut until, mut bytes, mut weight) = (None, 0_usize, 0_usize);
    for row in rows.range((leaf, i64::MIN)..=(leaf, i64::MAX))? {
        let (place, row) = row?;
        let first = place.value().1;
        if weight > 0 {
            if !goes(first, u64::try_from(bytes).unwrap_or(u64::MAX)) {
                break;
            }
            bytes = bytes.saturating_add(weight);
            until = Some(first);
        }
        weight = around(leaf).saturating_add(row.value().len());
    }
    let Some(until) = until else { return Ok(0) };
    let gone = rows.extract_from_if((leaf, i64::MIN)..(leaf, until), |_, _| true)?.count();
    shrink(sizes, leaf, bytes)?;
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redb::{Database, ReadableTableMetadata, TableDefinition, backends::InMemoryBackend};

    use super::super::pack::pack;
    use super::*;

    const ROWS: TableDefinition<(&str, i64), &[u8]> = TableDefinition::new("rows");
    const SIZES: TableDefinition<&str, u64> = TableDefinition::new("sizes");

    /// What happens to a leaf.
    #[derive(Debug, Clone)]
    enum Act {
        Version {
            seed: u16,
            length: usize,
        },
        End,
        /// Nothing is known any more of what was written before.
        Restart,
        /// The last so many versions were never shown.
        TakeBack(usize),
    }

    fn any_act() -> impl Strategy<Value = Act> {
        let length = prop_oneof![6 => 0..300_usize, 1 => 3_000..9_000_usize];
        prop_oneof![
            40 => (any::<u16>(), length).prop_map(|(seed, length)| Act::Version { seed, length }),
            2 => Just(Act::End),
            2 => Just(Act::Restart),
            1 => (0..9_usize).prop_map(Act::TakeBack),
        ]
    }

    /// Words that resemble those of another seed.
    fn words(seed: u16, length: usize) -> Vec<u8> {
        (0..length).flat_map(|at| format!("{} ", (usize::from(seed) % 7 + at * at) % 997).into_bytes()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Every moment finds what stood then, also after what was never shown was taken back and old rows were
        /// removed; and the bytes that are counted are those that are there.
        #[test]
        fn every_moment_finds_what_stood_then(acts in prop::collection::vec((1..1_000_000_i64, any_act()), 1..200), gone in 0..20_000_u64) {
            let file = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
            let txn = file.begin_write().unwrap();
            let (mut rows, mut sizes) = (txn.open_table(ROWS).unwrap(), txn.open_table(SIZES).unwrap());
            let mut model: Vec<Stood> = Vec::new();
            let mut held: Option<(i64, Vec<u8>)> = None;
            let (mut now, mut unpacker) = (0, Unpacker::default());
            for (after, act) in acts {
                now += after;
                match act {
                    Act::Version { seed, length } => {
                        let version = words(seed, length);
                        let first = held.take().filter(|(first, before)| {
                            let packed = pack(&version, Some(before)).unwrap();
                            add(&mut rows, &mut sizes, "x", *first, (now, &packed)).unwrap()
                        });
                        let first = first.map_or_else(|| {
                            begin(&mut rows, &mut sizes, "x", now, &pack(&version, None).unwrap()).unwrap();
                            now
                        }, |(first, _)| first);
                        held = Some((first, version.clone()));
                        model.push((now, Some(version)));
                    }
                    Act::End => {
                        end(&mut rows, &mut sizes, "x", now).unwrap();
                        held = None;
                        model.push((now, None));
                    }
                    Act::Restart => held = None,
                    Act::TakeBack(count) => {
                        model.truncate(model.len().saturating_sub(count));
                        take_back(&mut rows, &mut sizes, "x", model.last().map_or(-1, |(at, _)| *at)).unwrap();
                        held = None;
                    }
                }
            }
            prop_assert_eq!(newest(&rows, "x").unwrap(), model.last().map(|(at, _)| *at));
            trim(&mut rows, &mut sizes, "x", |_, bytes| bytes < gone).unwrap();
            let oldest = rows.iter().unwrap().next().map_or(i64::MAX, |row| row.unwrap().0.value().1);
            for (place, (at, version)) in model.iter().enumerate().filter(|(_, (at, _))| *at >= oldest) {
                let then = model.get(place + 1).map(|(at, _)| *at);
                for moment in [*at, then.unwrap_or(i64::MAX) - 1] {
                    prop_assert_eq!(super::at(&rows, &mut unpacker, "x", moment).unwrap(), Some((*at, version.clone())));
                    prop_assert_eq!(next(&rows, "x", moment).unwrap(), then);
                }
            }
            prop_assert_eq!(super::at(&rows, &mut unpacker, "x", oldest.saturating_sub(1)).unwrap(), None);
            let there: usize = rows.iter().unwrap().map(|row| 1 + AROUND + row.unwrap().1.value().len()).sum();
            prop_assert_eq!(sizes.get("x").unwrap().map_or(0, |size| size.value()), there as u64);
            forget(&mut rows, &mut sizes, "x").unwrap();
            prop_assert!(rows.is_empty().unwrap() && sizes.is_empty().unwrap());
        }
    }
}
