//! The `html` format.

use super::{Format, Sureness};

/// To be replaced.
pub const FORMAT: Format =
    Format { name: "html", about: "", compile: |_| Err(Vec::new()), recognise: |_| Sureness::No };
