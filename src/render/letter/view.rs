//! What a message says, as its template finds it.

use jiff::Timestamp;
use serde::Serialize;

use super::moment::{Moments, lasted};
use super::words;
use crate::channels::{Tone, cut};
use crate::limits;
use crate::model::incident::Phase;
use crate::model::ledger::{Item, Letter, Style};
use crate::model::level::Impact;
use crate::model::news::{News, Thread};
use crate::model::source::PageSettings;

/// Where and when a message is written.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// Our page.
    pub page: &'a PageSettings,
    /// When the message was decided; "today" is this day.
    pub made_at: Timestamp,
    /// Where one click says that it was them who signed up.
    pub confirm: Option<&'a str>,
    /// Where one click ends the subscription.
    pub unsubscribe: Option<&'a str>,
}

/// A message as templates find it: nothing in it is safe in any markup yet.
#[derive(Debug, Clone, Serialize)]
pub struct LetterView {
    /// `single`, `several`, `digest`, `test`, `confirm`.
    pub style: &'static str,
    /// How many things it tells.
    pub count: usize,
    /// The first thing in one line; empty where there is none.
    pub headline: String,
    /// All of it in one line.
    pub summary: String,
    /// What it tells.
    pub items: Vec<ItemView>,
    /// The same, what goes on first.
    pub groups: Vec<Group>,
    /// Our page.
    pub page: PageView,
    /// Our page about it, or our first page; in a question whether it was them, where they say so.
    pub link: Option<String>,
    /// Where one click confirms.
    pub confirm: Option<String>,
    /// Where one click ends the subscription.
    pub unsubscribe: Option<String>,
}

/// Our page.
#[derive(Debug, Clone, Serialize)]
pub struct PageView {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: Option<String>,
}

/// Things under one heading.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The heading; empty where there is only one group.
    pub title: &'static str,
    /// The things.
    pub items: Vec<ItemView>,
}

/// One thing that a message tells.
#[derive(Debug, Clone, Serialize)]
pub struct ItemView {
    /// The word of the public interface: `opened`, `worsened` and so on.
    pub happening: &'static str,
    /// That in words.
    pub label: &'static str,
    /// All of it in one line.
    pub headline: String,
    /// What can be said beside the names: `Partial outage since 14:05 CET`.
    pub says: String,
    /// An incident's or a maintenance's title, else the name of the source or service.
    pub title: String,
    /// The title, where it says more than the source's name.
    pub name: Option<String>,
    /// The source's name; the page's title for what is ours.
    pub source: String,
    /// The source's id.
    pub source_id: Option<String>,
    /// The word of the public interface.
    pub state: &'static str,
    /// That in words.
    pub state_label: &'static str,
    /// A round mark in the colour of the news.
    pub mark: &'static str,
    /// The publisher's judgement.
    pub impact: Option<&'static str>,
    /// The word of the public interface.
    pub phase: Option<&'static str>,
    /// That in words.
    pub phase_label: Option<&'static str>,
    /// The publisher's newest words, cut to what there is room for.
    pub text: Option<String>,
    /// What stands before them: the phase, or who says them.
    pub voice: String,
    /// The publisher's own page about it.
    pub vendor_url: Option<String>,
    /// Our page about it.
    pub link: Option<String>,
    /// Names of services that are touched or at risk.
    pub services: Vec<String>,
    /// The first of them in one line.
    pub services_line: String,
    /// `At risk`, or `Was at risk` where it is over.
    pub reach: &'static str,
    /// Paths of the components that are touched; none: all of the source.
    pub components: Vec<String>,
    /// The first of them in one line.
    pub components_line: String,
    /// The planned window of a maintenance.
    pub window: Option<String>,
    /// Its start.
    pub starts: Option<String>,
    /// Its end.
    pub ends: Option<String>,
    /// When it began here.
    pub since: String,
    /// How long it has lasted.
    pub lasted: Option<String>,
    /// When it was noticed.
    pub at: String,
    /// It is over.
    pub over: bool,
    /// It is planned work.
    pub maintenance: bool,
    /// It was declared here.
    pub local: bool,
    /// It takes the place of what was told before.
    pub edit: bool,
}

impl LetterView {
    /// What a letter says, made from its news. Give also the earlier news that began its threads, where they are kept:
    /// how long something has lasted is counted from there. What has no news any more is left out.
    pub fn of(letter: &Letter, news: &[News], occasion: Occasion<'_>) -> Self {
        let page = occasion.page;
        let moments = Moments::new(&page.timezone, occasion.made_at);
        let told: Vec<(&Item, &News)> = letter
            .items
            .iter()
            .filter_map(|item| news.iter().find(|news| news.seq == item.seq).map(|news| (item, news)))
            .collect();
        let items: Vec<ItemView> = told.iter().map(|(item, one)| item_view(item, one, news, page, &moments)).collect();
        let link = match (letter.style, items.as_slice()) {
            (Style::Single, [only]) => only.link.clone(),
            (Style::Confirm, _) => occasion.confirm.map(str::to_owned),
            _ => page.url.clone(),
        };
        let summary = match letter.style {
            Style::Single => items.first().map(|item| item.headline.clone()).unwrap_or_default(),
            Style::Several => words::several(&told),
            Style::Digest => words::digest(&told, news.iter().map(|news| news.at).min(), &moments),
            Style::Test | Style::Confirm => String::new(),
        };
        Self {
            style: letter.style.as_str(),
            count: items.len(),
            headline: items.first().map(|item| item.headline.clone()).unwrap_or_default(),
            summary,
            groups: groups(&items),
            items,
            page: PageView { title: page.title.clone(), url: page.url.clone() },
            link,
            confirm: occasion.confirm.map(str::to_owned),
            unsubscribe: occasion.unsubscribe.map(str::to_owned),
        }
    }

    /// The same with as much of the publishers' words as there is room for at this level.
    pub(super) fn with_words(&self, level: usize) -> Self {
        let longest = limits::LETTER_WORDS.get(level).copied().unwrap_or_default();
        let shorter = |item: &ItemView| ItemView {
            text: item.text.as_deref().map(|text| cut(text, longest)).filter(|text| !text.is_empty()),
            ..item.clone()
        };
        let mut view = self.clone();
        view.items = self.items.iter().map(shorter).collect();
        for group in &mut view.groups {
            group.items = group.items.iter().map(shorter).collect();
        }
        view
    }
}

/// Our page about a thread; `None` where it is not known where our pages are.
pub fn page_of(thread: &Thread, page: &PageSettings) -> Option<String> {
    let url = page.url.as_deref()?.trim_end_matches('/');
    Some(match thread {
        Thread::Incident(id) => format!("{url}/incidents/{id}"),
        Thread::Maintenance(id) => format!("{url}/maintenances/{id}"),
        Thread::Source(id) | Thread::Reading(id) => format!("{url}/sources/{id}"),
        Thread::Service(id) => format!("{url}/services/{id}"),
        Thread::Here(_) => format!("{url}/"),
    })
}

fn groups(items: &[ItemView]) -> Vec<Group> {
    let (over, going): (Vec<_>, Vec<_>) = items.iter().cloned().partition(|item| item.over);
    let split = !over.is_empty() && !going.is_empty();
    [("Going on", going), ("Over", over)]
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(title, items)| Group { title: if split { title } else { "" }, items })
        .collect()
}

fn item_view(item: &Item, one: &News, news: &[News], page: &PageSettings, moments: &Moments) -> ItemView {
    let began = news.iter().filter(|other| other.thread == item.thread).map(|other| other.at).min().unwrap_or(one.at);
    let lasted = lasted(began, one.at);
    let over = item.happening.is_end();
    let window = moments.window(one.starts_at, one.ends_at);
    let facts = words::Facts {
        since: moments.at(began),
        lasted: lasted.clone(),
        window: window.clone(),
        ends: one.ends_at.map(|at| moments.at(at)),
    };
    let services: Vec<String> = one.services.iter().map(|(_, name)| name.clone()).collect();
    ItemView {
        happening: item.happening.as_str(),
        label: item.happening.label(),
        headline: words::headline(item.happening, one, &facts),
        says: words::says(item.happening, one, &facts),
        title: one.title.clone(),
        name: words::name(one).map(str::to_owned),
        source: one.source_name.clone(),
        source_id: one.source.as_ref().map(ToString::to_string),
        state: one.state.as_str(),
        state_label: one.state.label(),
        mark: Tone::of(item.happening, one.state).mark(),
        impact: one.impact.map(Impact::as_str),
        phase: one.phase.map(Phase::as_str),
        phase_label: one.phase.map(Phase::label),
        text: one.text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        voice: one.phase.map_or_else(|| one.source_name.clone(), |phase| phase.label().to_owned()),
        vendor_url: one.url.clone(),
        link: page_of(&item.thread, page),
        services_line: words::list(&services),
        services,
        reach: if over { "Was at risk" } else { "At risk" },
        components_line: words::list(&one.components),
        components: one.components.clone(),
        window,
        starts: one.starts_at.map(|at| moments.at(at)),
        ends: facts.ends,
        since: facts.since,
        lasted,
        at: moments.at(one.at),
        over,
        maintenance: matches!(item.thread, Thread::Maintenance(_)),
        local: one.local,
        edit: item.edit,
    }
}
