//! Our words in Statuspage's. What is not known is never good news there, and no word that it does not have.

use crate::model::incident::Phase;
use crate::model::level::{Impact, Level, State};

/// A component's status. Statuspage knows no “unknown”, and clients take a word that they do not know for anything,
/// good news included; degraded performance is the mildest trouble that it has.
pub fn status(state: State) -> &'static str {
    match state {
        State::Unknown => State::DEGRADED_PERFORMANCE.as_str(),
        known @ State::Known(_) => known.as_str(),
    }
}

/// The page's indicator.
pub fn indicator(state: State) -> &'static str {
    Impact::of_level(state.level().unwrap_or(Level::DegradedPerformance)).as_str()
}

/// What Statuspage calls it; nothing for what is not known, which it has no words for.
pub fn description(state: State) -> Option<&'static str> {
    Some(match state.level()? {
        Level::Operational => "All Systems Operational",
        Level::UnderMaintenance => "Service Under Maintenance",
        Level::DegradedPerformance => "Partially Degraded Service",
        Level::PartialOutage => "Partial System Outage",
        Level::MajorOutage => "Major Service Outage",
    })
}

/// An incident's status while it goes on. A word of the upstream that is not understood is an incident all the same.
pub fn phase(phase: Option<Phase>) -> &'static str {
    match phase {
        // It has no word for work that was called off, and no way to list it but as over.
        Some(Phase::Cancelled) => Phase::Completed.as_str(),
        Some(phase) => phase.as_str(),
        None => Phase::Investigating.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_operational_is_said_to_be() {
        for state in State::ALL {
            let well = state == State::OPERATIONAL;
            assert_eq!(status(state) == "operational", well, "{state}");
            assert_eq!(indicator(state) == "none", well, "{state}");
            assert_eq!(description(state) == Some("All Systems Operational"), well, "{state}");
        }
        assert_eq!((status(State::Unknown), indicator(State::Unknown)), ("degraded_performance", "minor"));
    }
}
