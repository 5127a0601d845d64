//! Who may sign in, who is signed in, which programs may write, and who must wait before the next attempt.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;

use super::actor::Role;

/// Text that is in no message: it prints as `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// A second factor: codes that change every 30 seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// What codes are made from, in Base32.
    pub secret: Hidden,
    /// The newest step of which a code was used: it and all before it count no more.
    pub used_step: u64,
    /// Digests of the recovery codes that are left.
    pub recovery: Vec<String>,
}

/// A link by which somebody may set a password, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The digest of its code.
    pub digest: String,
    /// It is worth nothing from then on.
    pub until: Timestamp,
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Random, never used again.
    pub id: String,
    /// Rises with every change.
    pub version: u64,
    /// What they sign in with, lower case; it stands beside what they write.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The hash of the password; `None`: they cannot sign in by one.
    pub password: Option<Hidden>,
    /// The second factor, where there is one.
    pub factor: Option<Factor>,
    /// They must have one.
    pub factor_required: bool,
    /// They cannot sign in.
    pub disabled: bool,
    /// They have not set a password yet.
    pub invitation: Option<Invitation>,
    /// Who they are to the identity provider: `issuer subject`.
    pub delegated: Option<String>,
    /// Addresses from which they signed in, the newest first: others' failures do not hold these up.
    pub places: Vec<IpAddr>,
    /// When they were let in.
    pub created_at: Timestamp,
}

/// How far somebody has come in signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The password was right, the second factor is still to come.
    Half,
    /// Signed in.
    Whole,
}

/// Somebody who is signed in, in one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The first characters of the digest.
    pub id: String,
    /// The digest of what the cookie holds.
    pub digest: String,
    /// Whose it is.
    pub account: String,
    /// How far they have come.
    pub stage: Stage,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to a few minutes.
    pub seen_at: Timestamp,
    /// Where from.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub agent: String,
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read what is private.
    Read,
    /// Declare and change incidents.
    Incidents,
    /// Plan and change maintenances.
    Maintenances,
    /// Judge vendors' incidents, set states by hand.
    Verdicts,
    /// Change what is watched.
    Sources,
    /// See, add and remove those who are told.
    Subscribers,
    /// See what was told to whom, try channels out, send again what was given up.
    Messages,
    /// Everything, people and tokens as well.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Incidents,
        Self::Maintenances,
        Self::Verdicts,
        Self::Sources,
        Self::Subscribers,
        Self::Messages,
        Self::Admin,
    ];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Incidents => "incidents:write",
            Self::Maintenances => "maintenances:write",
            Self::Verdicts => "verdicts:write",
            Self::Sources => "sources:write",
            Self::Subscribers => "subscribers:write",
            Self::Messages => "messages:write",
            Self::Admin => "admin",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// What a program shows to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The first characters of the digest.
    pub id: String,
    /// The digest of the whole.
    pub digest: String,
    /// For people.
    pub name: String,
    /// How it begins, so that it is known again.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// It is worth nothing from then on; `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to a few minutes.
    pub used_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// Who made it.
    pub author: String,
}

/// How often somebody failed to sign in, and when the next attempt is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    /// Whom it holds up.
    pub key: String,
    /// Failures so far.
    pub failures: u32,
    /// The last one.
    pub at: Timestamp,
    /// Attempts before this are refused unheard.
    pub until: Timestamp,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// By id.
    pub accounts: BTreeMap<String, Account>,
    /// By id.
    pub sessions: BTreeMap<String, Session>,
    /// By id.
    pub tokens: BTreeMap<String, Token>,
    /// By key.
    pub throttles: BTreeMap<String, Throttle>,
}

impl People {
    /// The account of this name.
    pub fn named(&self, name: &str) -> Option<&Account> {
        self.accounts.values().find(|account| account.name == name)
    }
}

/// What changes of people, sessions and tokens.
#[derive(Debug, Clone)]
pub enum PeopleChange {
    /// The first account of all, signed in.
    SetUp(Box<Account>, Box<Session>),
    /// Somebody is about to be heard: it counts as a failure until they were right. Leaves no row.
    Attempt(Vec<String>),
    /// It was right after all, where that is no signing in. Leaves no row.
    Cleared(Vec<String>),
    /// It was a failure: of this account, where there is one; why, in words for the log.
    Failed(Option<String>, String),
    /// The password was right, by this hash; the second factor is to come. Leaves no row.
    Half(Box<Session>, Hidden),
    /// They were right in all.
    SignIn(Box<SignIn>),
    /// The identity provider says who it is; the account is made or brought up to date.
    Delegate(Box<Account>, Box<Session>),
    /// A proxy names somebody who was not here for a while.
    Named,
    /// They leave.
    SignOut(String),
    /// Sessions and tokens were used. Leaves no row.
    Touch(Timestamp, Vec<String>, Vec<String>),
    /// Sessions of an account end, all or all but one, or just one.
    End(String, Ending),
    /// Another password; every session ends, and a new one begins.
    Password(String, Hidden, Box<Session>),
    /// A password from whoever runs the machine: every session and the second factor end.
    Reset(String, Hidden),
    /// A second factor from now on.
    Enrol(String, Box<Factor>),
    /// No second factor any more.
    DropFactor(String),
    /// New recovery codes, by their digests.
    Recovery(String, Vec<String>),
    /// Somebody may join.
    Invite(Box<Account>),
    /// The same person may set a password anew.
    Reinvite(String, Invitation),
    /// They do, by the digest of the code: password and first session.
    Join(String, String, Hidden, Box<Session>),
    /// What an account may do.
    Update(String, Option<u64>, AccountEdit),
    /// A token from now on.
    AddToken(Box<Token>),
    /// It is worth nothing any more.
    RevokeToken(String),
}

/// Somebody who was right in all.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The account.
    pub account: String,
    /// The new session.
    pub session: Session,
    /// The half one that ends.
    pub half: Option<String>,
    /// The hash by which the password was right; `None` after a half session.
    pub against: Option<Hidden>,
    /// How the second factor was shown.
    pub proof: Proof,
    /// The password hashed anew, where the figures were raised.
    pub rehashed: Option<Hidden>,
    /// Throttles that end.
    pub cleared: Vec<String>,
}

/// How the second factor was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Not at all.
    None,
    /// By the code of this step.
    Code(u64),
    /// By the recovery code of this digest.
    Recovery(String),
}

/// Which sessions of an account end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// This one.
    One(String),
    /// All but this one.
    Others(String),
    /// All.
    All,
}

/// What to change of an account; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct AccountEdit {
    /// What they may do.
    pub role: Option<Role>,
    /// They cannot sign in.
    pub disabled: Option<bool>,
    /// They must have a second factor.
    pub factor_required: Option<bool>,
}
