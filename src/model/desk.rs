//! What operators hold besides incidents: verdicts, overrides, states set by hand, templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::id::{ComponentId, HookId, IncidentId, SeriesId, ServiceId, SourceId};
use super::incident::{Incident, Maintenance};
use super::level::{Impact, State};
use super::local::Words;
use super::people::{Account, People, Session, Throttle, Token};
use super::pushed::{self, Followed};
use super::series::Series;
use super::subscriber::Subscriber;

/// Whether a vendor's incident touches the team.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Affects {
    /// It does.
    Yes,
    /// It does not: no noise, no headline.
    No,
    /// Nobody has said.
    #[default]
    NotKnown,
}

impl Affects {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::NotKnown];

    /// The word of the public interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotKnown => "not_known",
        }
    }

    /// Reads a word of the public interface; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|affects| affects.as_str() == word)
    }
}

/// How long an incident makes no noise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mute {
    /// It may.
    #[default]
    Off,
    /// Until then.
    Until(Timestamp),
    /// Until its impact or what it touches changes for the worse.
    UntilChange,
}

/// What an incident looked like to whoever judged it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its impact.
    pub impact: Option<Impact>,
    /// What it touched, and how bad that was.
    pub components: BTreeMap<ComponentId, State>,
}

/// What the team says of a vendor's incident, beside the vendor's own words and never instead of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The vendor's incident.
    pub incident: IncidentId,
    /// Rises with every change.
    pub version: u64,
    /// Whether it touches the team.
    pub affects: Affects,
    /// Who looks after it here.
    pub owner: Option<String>,
    /// What it means here.
    pub note: Option<Words>,
    /// What helps meanwhile.
    pub workaround: Option<Words>,
    /// Who has seen it, and when.
    pub acknowledged: Option<(Timestamp, String)>,
    /// How long it makes no noise.
    pub mute: Mute,
    /// What it looked like when it was judged.
    pub seen: Seen,
    /// When it was last changed.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// A source's state, set by an operator over what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The source.
    pub source: SourceId,
    /// Rises with every change.
    pub version: u64,
    /// What it is said to be.
    pub state: State,
    /// Why.
    pub reason: String,
    /// When that ends by itself; `None`: when an operator ends it.
    pub until: Option<Timestamp>,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// A service's state, set by an operator without an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The service.
    pub service: ServiceId,
    /// Rises with every change.
    pub version: u64,
    /// What it is said to be.
    pub state: State,
    /// Why.
    pub reason: String,
    /// When that ends by itself; `None`: when an operator ends it.
    pub until: Option<Timestamp>,
    /// Since when.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// Words kept ready for an incident; `{{name}}` stands for what is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Kebab-case, unique.
    pub id: String,
    /// Rises with every change.
    pub version: u64,
    /// For people.
    pub name: String,
    /// The incident's title.
    pub title: String,
    /// Its first update, Markdown.
    pub body: String,
    /// How bad such a thing is.
    pub impact: Option<Impact>,
    /// What it usually touches.
    pub services: Vec<ServiceId>,
    /// When it was last changed.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// A source that was added here. The configuration file is the truth: one of the same id there takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its id.
    pub id: SourceId,
    /// Rises with every change.
    pub version: u64,
    /// For people.
    pub name: String,
    /// Its entry of `sources.yaml`: lines without the dash and without indentation.
    pub lines: Vec<String>,
    /// When it was added.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
}

/// One thing that operators hold, as it is stored and removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// What the team says of a vendor's incident.
    Verdict(Verdict),
    /// A source's state, set by an operator.
    Override(Override),
    /// A service's state, set by an operator.
    ByHand(ByHand),
    /// Words kept ready.
    Template(Template),
    /// A maintenance that comes again.
    Series(Box<Series>),
    /// A source that was added here.
    Added(Added),
    /// An alert that another tool pushes.
    Pushed(Box<Followed>),
    /// Somebody who may sign in.
    Account(Box<Account>),
    /// Somebody who is signed in.
    Session(Box<Session>),
    /// What a program shows to be let in.
    Token(Box<Token>),
    /// How long the next attempt to sign in must wait.
    Throttle(Throttle),
    /// A reader, or a tool, that asked to be told.
    Subscriber(Arc<Subscriber>),
}

impl Kept {
    /// Its drawer and its key there.
    pub fn place(&self) -> (Drawer, &str) {
        match self {
            Self::Verdict(verdict) => (Drawer::Verdict, verdict.incident.as_str()),
            Self::Override(set) => (Drawer::Override, set.source.as_str()),
            Self::ByHand(set) => (Drawer::ByHand, set.service.as_str()),
            Self::Template(template) => (Drawer::Template, &template.id),
            Self::Series(series) => (Drawer::Series, series.id.as_str()),
            Self::Added(added) => (Drawer::Added, added.id.as_str()),
            Self::Pushed(followed) => (Drawer::Pushed, followed.place()),
            Self::Account(account) => (Drawer::Account, &account.id),
            Self::Session(session) => (Drawer::Session, &session.id),
            Self::Token(token) => (Drawer::Token, &token.id),
            Self::Throttle(throttle) => (Drawer::Throttle, &throttle.key),
            Self::Subscriber(one) => (Drawer::Subscriber, &one.id),
        }
    }
}

/// Where one sort of thing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Drawer {
    /// Verdicts by incident.
    Verdict,
    /// Overrides by source.
    Override,
    /// States set by hand, by service.
    ByHand,
    /// Templates by id.
    Template,
    /// Maintenances that come again, by id.
    Series,
    /// Sources that were added here, by id.
    Added,
    /// Alerts that other tools push, by hook and key.
    Pushed,
    /// Accounts by id.
    Account,
    /// Sessions by id.
    Session,
    /// Tokens by id.
    Token,
    /// Throttles by whom they hold up.
    Throttle,
    /// Subscribers by id.
    Subscriber,
}

impl Drawer {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Verdict,
        Self::Override,
        Self::ByHand,
        Self::Template,
        Self::Series,
        Self::Added,
        Self::Pushed,
        Self::Account,
        Self::Session,
        Self::Token,
        Self::Throttle,
        Self::Subscriber,
    ];

    /// True for what no page shows anything of: people, and alerts apart from their incidents.
    pub fn is_unseen(self) -> bool {
        match self {
            Self::Pushed | Self::Account | Self::Session | Self::Token | Self::Throttle | Self::Subscriber => true,
            Self::Verdict | Self::Override | Self::ByHand | Self::Template | Self::Series | Self::Added => false,
        }
    }

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Override => "override",
            Self::ByHand => "by_hand",
            Self::Template => "template",
            Self::Series => "series",
            Self::Added => "added",
            Self::Pushed => "pushed",
            Self::Account => "account",
            Self::Session => "session",
            Self::Token => "token",
            Self::Throttle => "throttle",
            Self::Subscriber => "subscriber",
        }
    }

    /// Reads a stored word; anything else is `None`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|drawer| drawer.as_str() == word)
    }
}

/// Everything that operators hold.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    /// Local incidents: open ones and the recent past.
    pub incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// Local maintenances: open ones and the recent past.
    pub maintenances: BTreeMap<IncidentId, Arc<Maintenance>>,
    /// By incident.
    pub verdicts: BTreeMap<IncidentId, Verdict>,
    /// By source.
    pub overrides: BTreeMap<SourceId, Override>,
    /// By service.
    pub by_hand: BTreeMap<ServiceId, ByHand>,
    /// By id.
    pub templates: BTreeMap<String, Template>,
    /// Maintenances that come again, by id.
    pub series: BTreeMap<SeriesId, Series>,
    /// Sources that were added here, by id.
    pub added: BTreeMap<SourceId, Added>,
    /// Alerts that other tools push, by hook and key; shared, since most changes are not about them.
    pub pushed: Arc<BTreeMap<String, Arc<Followed>>>,
    /// Who may do what; shared, since most changes are not about people.
    pub people: Arc<People>,
    /// Who is told, by id; shared, since most changes are not about them.
    pub subscribers: Arc<BTreeMap<String, Arc<Subscriber>>>,
}

impl Desk {
    /// Puts something in its place, over what was there.
    pub fn put(&mut self, kept: Kept) {
        match kept {
            Kept::Verdict(one) => drop(self.verdicts.insert(one.incident.clone(), one)),
            Kept::Override(one) => drop(self.overrides.insert(one.source.clone(), one)),
            Kept::ByHand(one) => drop(self.by_hand.insert(one.service.clone(), one)),
            Kept::Template(one) => drop(self.templates.insert(one.id.clone(), one)),
            Kept::Series(one) => drop(self.series.insert(one.id.clone(), *one)),
            Kept::Added(one) => drop(self.added.insert(one.id.clone(), one)),
            Kept::Pushed(one) => {
                Arc::make_mut(&mut self.pushed).insert(one.place().to_owned(), Arc::new(*one));
            }
            Kept::Account(one) => drop(self.people_mut().accounts.insert(one.id.clone(), *one)),
            Kept::Session(one) => drop(self.people_mut().sessions.insert(one.id.clone(), *one)),
            Kept::Token(one) => drop(self.people_mut().tokens.insert(one.id.clone(), *one)),
            Kept::Throttle(one) => drop(self.people_mut().throttles.insert(one.key.clone(), one)),
            Kept::Subscriber(one) => drop(Arc::make_mut(&mut self.subscribers).insert(one.id.clone(), one)),
        }
    }

    /// What stands at a place, as it is stored.
    pub fn get(&self, drawer: Drawer, key: &str) -> Option<Kept> {
        match drawer {
            Drawer::Verdict => self.verdicts.get(&IncidentId::new(key)).cloned().map(Kept::Verdict),
            Drawer::Override => self.overrides.get(&SourceId::new(key)).cloned().map(Kept::Override),
            Drawer::ByHand => self.by_hand.get(&ServiceId::new(key)).cloned().map(Kept::ByHand),
            Drawer::Template => self.templates.get(key).cloned().map(Kept::Template),
            Drawer::Series => self.series.get(&SeriesId::new(key)).cloned().map(Box::new).map(Kept::Series),
            Drawer::Added => self.added.get(&SourceId::new(key)).cloned().map(Kept::Added),
            Drawer::Pushed => self.pushed.get(key).map(|one| Kept::Pushed(Box::new(one.as_ref().clone()))),
            Drawer::Account => self.people.accounts.get(key).cloned().map(|one| Kept::Account(Box::new(one))),
            Drawer::Session => self.people.sessions.get(key).cloned().map(|one| Kept::Session(Box::new(one))),
            Drawer::Token => self.people.tokens.get(key).cloned().map(|one| Kept::Token(Box::new(one))),
            Drawer::Throttle => self.people.throttles.get(key).cloned().map(Kept::Throttle),
            Drawer::Subscriber => self.subscribers.get(key).cloned().map(Kept::Subscriber),
        }
    }

    /// Takes something away.
    pub fn remove(&mut self, drawer: Drawer, key: &str) {
        match drawer {
            Drawer::Verdict => drop(self.verdicts.remove(&IncidentId::new(key))),
            Drawer::Override => drop(self.overrides.remove(&SourceId::new(key))),
            Drawer::ByHand => drop(self.by_hand.remove(&ServiceId::new(key))),
            Drawer::Template => drop(self.templates.remove(key)),
            Drawer::Series => drop(self.series.remove(&SeriesId::new(key))),
            Drawer::Added => drop(self.added.remove(&SourceId::new(key))),
            Drawer::Pushed => drop(Arc::make_mut(&mut self.pushed).remove(key)),
            Drawer::Account => drop(self.people_mut().accounts.remove(key)),
            Drawer::Session => drop(self.people_mut().sessions.remove(key)),
            Drawer::Token => drop(self.people_mut().tokens.remove(key)),
            Drawer::Throttle => drop(self.people_mut().throttles.remove(key)),
            Drawer::Subscriber => drop(Arc::make_mut(&mut self.subscribers).remove(key)),
        }
    }

    /// The alerts of one hook.
    pub fn pushed_by<'a>(&'a self, hook: &HookId) -> impl Iterator<Item = &'a Followed> + use<'a> {
        let first = pushed::place(hook, "");
        let of_hook = first.clone();
        let from_there = self.pushed.range(first..);
        from_there.take_while(move |(place, _)| place.starts_with(&of_hook)).map(|(_, followed)| followed.as_ref())
    }

    fn people_mut(&mut self) -> &mut People {
        Arc::make_mut(&mut self.people)
    }
}
