//! What an order about people, sessions or tokens changes: all of it or nothing.

mod account;
mod sign;

use jiff::Timestamp;

use crate::auth::valid;
use crate::model::actor::Actor;
use crate::model::audit::Entry;
use crate::model::command::{Done, Effect, Refused};
use crate::model::desk::{Drawer, Kept};
use crate::model::people::{Account, People, PeopleChange, Session};

/// What all of it is held against.
#[derive(Clone, Copy)]
struct Scene<'a> {
    people: &'a People,
    by: &'a Actor,
    now: Timestamp,
}

/// Carries out an order, without changing anything.
///
/// # Errors
/// Why not; nothing is to be changed then.
pub fn apply(people: &People, by: &Actor, change: &PeopleChange, now: Timestamp) -> Result<Effect, Refused> {
    let scene = Scene { people, by, now };
    match change {
        PeopleChange::SetUp(account, session) => sign::set_up(scene, account, session),
        PeopleChange::Attempt(keys) => sign::attempt(scene, keys),
        PeopleChange::Cleared(keys) => {
            let gone = keys.iter().map(|key| (Drawer::Throttle, key.clone())).collect();
            Ok(scene.unlogged(Vec::new(), gone, Done::Gone))
        }
        PeopleChange::Failed(account, why) => Ok(sign::failed(scene, account.as_deref(), why)),
        PeopleChange::Half(session, against) => sign::half(scene, session, against),
        PeopleChange::SignIn(sign_in) => sign::sign_in(scene, sign_in),
        PeopleChange::Delegate(account, session) => sign::delegate(scene, account, session),
        PeopleChange::Named => {
            let row = scene.row("sign_in", Some(&by.id), None, Some("by the proxy".to_owned()));
            Ok(effect(Vec::new(), Vec::new(), row, Done::Gone))
        }
        PeopleChange::SignOut(session) => sign::sign_out(scene, session),
        PeopleChange::Touch(at, sessions, tokens) => Ok(sign::touch(scene, *at, sessions, tokens)),
        PeopleChange::End(account, ending) => sign::end(scene, account, ending),
        PeopleChange::Password(account, hash, session) => account::password(scene, account, hash, session),
        PeopleChange::Reset(account, hash) => account::reset(scene, account, hash),
        PeopleChange::Enrol(account, factor) => account::enrol(scene, account, factor),
        PeopleChange::DropFactor(account) => account::drop_factor(scene, account),
        PeopleChange::Recovery(account, digests) => account::recovery(scene, account, digests),
        PeopleChange::Invite(account) => account::invite(scene, account),
        PeopleChange::Reinvite(account, invitation) => account::reinvite(scene, account, invitation),
        PeopleChange::Join(account, code, hash, session) => account::join(scene, account, code, hash, session),
        PeopleChange::Update(account, version, edit) => account::update(scene, account, *version, edit),
        PeopleChange::AddToken(token) => account::add_token(scene, token),
        PeopleChange::RevokeToken(token) => account::revoke_token(scene, token),
    }
}

impl<'a> Scene<'a> {
    fn account(self, id: &str) -> Result<&'a Account, Refused> {
        self.people.accounts.get(id).ok_or(Refused::NotFound("account"))
    }

    fn row(self, action: &'static str, subject: Option<&str>, before: Option<String>, after: Option<String>) -> Entry {
        let (actor, subject) = (self.by.clone(), subject.map(str::to_owned));
        Entry { at: self.now, actor, action, subject, before, after }
    }

    /// What nobody changed leaves no row.
    fn unlogged(self, kept: Vec<Kept>, gone: Vec<(Drawer, String)>, done: Done) -> Effect {
        Effect { unlogged: true, ..effect(kept, gone, self.row("people", None, None, None), done) }
    }

    /// Sessions of an account but this one.
    fn sessions_but(self, account: &str, but: Option<&str>) -> Vec<(Drawer, String)> {
        let ours = self.people.sessions.values().filter(|one| one.account == account && Some(one.id.as_str()) != but);
        ours.map(|one| (Drawer::Session, one.id.clone())).collect()
    }

    /// Sessions that have ended by themselves.
    fn ended(self) -> impl Iterator<Item = (Drawer, String)> + 'a {
        let ended = self.people.sessions.values().filter(move |one| !valid::is_alive(one, self.now));
        ended.map(|one| (Drawer::Session, one.id.clone()))
    }
}

fn effect(kept: Vec<Kept>, gone: Vec<(Drawer, String)>, audit: Entry, done: Done) -> Effect {
    Effect {
        incidents: Vec::new(),
        maintenances: Vec::new(),
        removed: Vec::new(),
        kept,
        gone,
        events: Vec::new(),
        questions: Vec::new(),
        audit,
        unlogged: false,
        done,
    }
}

fn changed(account: &Account) -> Account {
    let mut account = account.clone();
    account.version = account.version.saturating_add(1);
    account
}

fn keep(account: Account, session: &Session) -> Vec<Kept> {
    vec![Kept::Account(Box::new(account)), Kept::Session(Box::new(session.clone()))]
}

/// What an account is, in words for the log.
fn words(account: &Account) -> String {
    let mut words = format!("{}, {}", account.name, account.role.as_str());
    for (is, word) in [
        (account.disabled, "disabled"),
        (account.factor_required, "second factor required"),
        (account.factor.is_some(), "second factor enrolled"),
    ] {
        if is {
            words.push_str(", ");
            words.push_str(word);
        }
    }
    words
}
