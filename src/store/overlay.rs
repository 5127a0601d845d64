//! A file that is only read: what would be written stays in memory, so that a check may repair and change nothing.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::backends::FileBackend;
use redb::{BackendError, ConcurrencyMode, Database, StorageBackend};

use super::door::{builder, guarded};
use super::error::{StoreError, damaged, of_io};

const PAGE: u64 = 4096;

type Held<'a> = MutexGuard<'a, Changes>;

#[derive(Debug)]
struct Changes {
    length: u64,
    /// Bytes of the file that still count; beyond it all is zero.
    real: u64,
    pages: HashMap<u64, Vec<u8>>,
}

/// Reads from the file, writes to memory. Locks are the file's own.
#[derive(Debug)]
struct Overlay {
    file: FileBackend,
    changes: Mutex<Changes>,
}

/// Opens a database with its integrity check and without changing it.
pub fn open(path: &Path) -> Result<Database, StoreError> {
    let length = std::fs::metadata(path).map_err(|error| of_io(path, &error))?.len();
    if length == 0 {
        return Err(damaged(path, "the file is empty, and an empty file is no database"));
    }
    // Writing is asked for because the lock of a writer needs it; where that is refused, nobody here can write.
    let file = OpenOptions::new().read(true).write(true).open(path);
    let (file, mode) = match file {
        Ok(file) => (file, ConcurrencyMode::SingleWriter),
        Err(_) => {
            let file = OpenOptions::new().read(true).open(path).map_err(|error| of_io(path, &error))?;
            (file, ConcurrencyMode::ExclusiveWriter)
        }
    };
    guarded(path, || {
        let file = FileBackend::new(file)?;
        let changes = Mutex::new(Changes { length, real: length, pages: HashMap::new() });
        Ok(builder(mode).create_with_backend(Overlay { file, changes })?)
    })
}

impl Overlay {
    fn changes(&self) -> Held<'_> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page(&self, held: &Changes, number: u64) -> Result<Vec<u8>, io::Error> {
        if let Some(page) = held.pages.get(&number) {
            return Ok(page.clone());
        }
        let mut page = vec![0; size(PAGE)];
        let start = number.saturating_mul(PAGE);
        let there = held.real.saturating_sub(start).min(PAGE);
        if let Some(part) = page.get_mut(..size(there))
            && there > 0
        {
            self.file.read(start, part)?;
        }
        Ok(page)
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn out_of_range() -> io::Error {
    io::Error::from(io::ErrorKind::UnexpectedEof)
}

/// Calls `each` with a page's number, the range within it and the range within the caller's bytes.
fn pieces(
    offset: u64,
    length: usize,
    mut each: impl FnMut(u64, std::ops::Range<usize>, std::ops::Range<usize>) -> Result<(), io::Error>,
) -> Result<(), io::Error> {
    let mut done = 0;
    while done < length {
        let at = offset.saturating_add(u64::try_from(done).unwrap_or(u64::MAX));
        let within = size(at % PAGE);
        let count = (size(PAGE) - within).min(length - done);
        each(at / PAGE, within..within + count, done..done + count)?;
        done += count;
    }
    Ok(())
}

impl StorageBackend for Overlay {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.changes().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let held = self.changes();
        if offset.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX)) > held.length {
            return Err(out_of_range());
        }
        pieces(offset, out.len(), |number, within, part| {
            let page = self.page(&held, number)?;
            match (out.get_mut(part), page.get(within)) {
                (Some(to), Some(from)) => to.copy_from_slice(from),
                _ => return Err(out_of_range()),
            }
            Ok(())
        })
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        let mut held = self.changes();
        held.length = length;
        if length < held.real {
            held.real = length;
        }
        held.pages.retain(|number, _| number.saturating_mul(PAGE) < length);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let mut held = self.changes();
        pieces(offset, data.len(), |number, within, part| {
            let mut page = self.page(&held, number)?;
            match (page.get_mut(within), data.get(part)) {
                (Some(to), Some(from)) => to.copy_from_slice(from),
                _ => return Err(out_of_range()),
            }
            held.pages.insert(number, page);
            Ok(())
        })
    }

    fn close(&self) -> Result<(), io::Error> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
