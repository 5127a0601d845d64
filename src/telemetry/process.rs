//! What the system says of this process, under the names that all programs use. Nothing where it does not say.

use std::fs;
use std::sync::OnceLock;

use super::exposition::{Kind, Sheet};

/// Linux counts the time of processes in this many ticks a second, whatever its kernel's own.
const TICKS: f64 = 100.0;

/// Adds what is known.
pub fn write(sheet: &mut Sheet) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).and_then(first_number);
    for (name, help, key) in [
        ("process_resident_memory_bytes", "Memory in use", "VmRSS:"),
        ("process_virtual_memory_bytes", "Memory asked for", "VmSize:"),
    ] {
        if let Some(value) = kilobytes(key) {
            sheet.single(name, help, value.saturating_mul(1_024));
        }
    }
    if let Some(threads) = kilobytes("Threads:") {
        sheet.single("process_threads", "Threads", threads);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // The one that reads the folder is gone by now.
        sheet.single("process_open_fds", "Open files and connections", open.count().saturating_sub(1));
    }
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let most = limits.lines().find_map(|line| line.strip_prefix("Max open files")).and_then(first_number);
    if let Some(most) = most {
        sheet.single("process_max_fds", "Files and connections that may be open", most);
    }
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    if let (Some(user), Some(system)) = (field(&stat, 14), field(&stat, 15)) {
        let name = "process_cpu_seconds_total";
        sheet.family(name, Kind::Counter, "Time of processors used");
        sheet.sample(name, &[], user.saturating_add(system) as f64 / TICKS);
    }
    if let Some(started) = started(&stat) {
        sheet.single("process_start_time_seconds", "When the process began", started);
    }
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

/// A field of `/proc/self/stat` by its number in proc(5). The second may hold anything, so counting begins behind it.
fn field(stat: &str, number: usize) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

/// When the process began, in seconds; it is worked out once.
fn started(stat: &str) -> Option<f64> {
    static STARTED: OnceLock<Option<f64>> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let system = fs::read_to_string("/proc/stat").ok()?;
        let booted = system.lines().find_map(|line| line.strip_prefix("btime ")).and_then(first_number)?;
        Some(booted as f64 + field(stat, 22)? as f64 / TICKS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_moves_no_field() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 10 0 0 0 250 50 0 0 20 0 9 0 12345 1 2";
        assert_eq!((field(stat, 14), field(stat, 15), field(stat, 22)), (Some(250), Some(50), Some(12_345)));
        assert_eq!(field("", 14), None);
    }
}
