//! Whether a session, a token or an invitation counts now.

use jiff::Timestamp;

use super::random;
use crate::limits;
use crate::model::people::{Account, Invitation, People, Session, Stage, Token};

/// The session of this cookie and whose it is, where both count.
pub fn session<'a>(people: &'a People, cookie: &str, now: Timestamp) -> Option<(&'a Session, &'a Account)> {
    let digest = random::digest(cookie);
    let session =
        people.sessions.get(&random::id_of(&digest)).filter(|session| random::same(&session.digest, &digest))?;
    let account = people.accounts.get(&session.account)?;
    (is_alive(session, now) && !account.disabled).then_some((session, account))
}

/// False where a session has ended by itself: unused for too long, or too old.
pub fn is_alive(session: &Session, now: Timestamp) -> bool {
    let (idle, longest) = match session.stage {
        Stage::Half => (limits::SESSION_HALF, limits::SESSION_HALF),
        Stage::Whole => (limits::SESSION_IDLE, limits::SESSION_LONGEST),
    };
    // A clock that was set back makes nothing last longer.
    let within = |since: Timestamp, most| now.duration_since(since).unsigned_abs() < most;
    within(session.seen_at, idle) && within(session.created_at, longest)
}

/// The token that reads so, where it counts.
pub fn token<'a>(people: &'a People, shown: &str, now: Timestamp) -> Option<&'a Token> {
    let digest = random::digest(shown);
    let token = people.tokens.get(&random::id_of(&digest)).filter(|token| random::same(&token.digest, &digest))?;
    token.expires_at.is_none_or(|end| now < end).then_some(token)
}

/// The account that may be joined by this code.
pub fn invited<'a>(people: &'a People, code: &str, now: Timestamp) -> Option<&'a Account> {
    let digest = random::digest(code);
    people.accounts.values().find(|account| {
        let good = |one: &Invitation| now < one.until && random::same(&one.digest, &digest);
        !account.disabled && account.invitation.as_ref().is_some_and(good)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;

    #[test]
    fn s20_a_session_ends_unused_after_12_hours_and_in_any_case_after_7_days() {
        let began: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let session = |stage, seen_at| Session {
            id: "i".into(),
            digest: "d".into(),
            account: "a".into(),
            stage,
            created_at: began,
            seen_at,
            address: None,
            agent: String::new(),
        };
        for (stage, seen, now, alive) in [
            (Stage::Whole, 0, 11, true),
            (Stage::Whole, 0, 12, false),
            (Stage::Whole, 160, 167, true),
            (Stage::Whole, 167, 168, false),
            (Stage::Half, 0, 1, false),
            (Stage::Half, 0, 0, true),
        ] {
            let (seen, now) = (began + i64::from(seen).hours(), began + i64::from(now).hours());
            assert_eq!(is_alive(&session(stage, seen), now), alive, "{stage:?} {seen} {now}");
        }
        assert!(!is_alive(&session(Stage::Whole, began), began - 13.hours()), "a clock set back ends it");
    }
}
