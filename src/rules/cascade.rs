//! Whether it is us: so many sources fail to connect that this machine is cut off.

use std::collections::HashSet;

use crate::limits;
use crate::model::source::FailureKind;
use crate::model::state::Held;

/// True when half of the sources, and enough of them on enough hosts, cannot be reached.
pub fn is_cut_off<'a>(held: impl IntoIterator<Item = &'a Held>) -> bool {
    let mut all = 0_usize;
    let mut unreachable = 0_usize;
    let mut hosts = HashSet::new();
    for source in held {
        all += 1;
        if source.transport.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Unreachable) {
            unreachable += 1;
            hosts.insert(source.source.host());
        }
    }
    unreachable >= limits::CUT_OFF_SOURCES && unreachable * 2 >= all && hosts.len() >= limits::CUT_OFF_HOSTS
}
