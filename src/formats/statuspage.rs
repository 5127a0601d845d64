//! The `statuspage` format.

use super::{Format, Sureness};

/// To be replaced.
pub const FORMAT: Format =
    Format { name: "statuspage", about: "", compile: |_| Err(Vec::new()), recognise: |_| Sureness::No };
