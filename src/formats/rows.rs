//! Rows of a list by their keys, so that what points at one finds it at once, however long the list is.

use std::collections::HashMap;

use super::json::Value;

/// The first row under each value of a key.
pub fn by<'v>(rows: &'v [Value], key: impl Fn(&Value) -> Option<String>) -> HashMap<String, &'v Value> {
    let mut found: HashMap<String, &'v Value> = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(own) = key(row) {
            found.entry(own).or_insert(row);
        }
    }
    found
}

/// All rows under each value of a key, in their order.
pub fn all_by<'v>(rows: &'v [Value], key: impl Fn(&Value) -> Option<String>) -> HashMap<String, Vec<&'v Value>> {
    let mut found: HashMap<String, Vec<&'v Value>> = HashMap::new();
    for row in rows {
        if let Some(own) = key(row) {
            found.entry(own).or_default().push(row);
        }
    }
    found
}
