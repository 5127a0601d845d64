//! Rows of a page: what each is called, where it stands, and how it is.

use std::collections::HashMap;

use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node};

use super::super::notes::Notes;
use super::super::text;
use super::options::{Page, Pick};
use crate::limits;
use crate::model::id::ComponentId;
use crate::model::level::State;
use crate::model::observation::SeenComponent;

/// Elements that do not part words.
const INLINE: &[&str] =
    &["a", "abbr", "b", "bdi", "code", "em", "font", "i", "mark", "small", "span", "strong", "sub", "sup", "u", "wbr"];
/// Bytes of text read of one element; more is prose.
const TEXT: usize = 16_384;

/// What the rows of a page say.
#[derive(Debug, Default)]
pub struct Read<'a> {
    /// Named rows.
    pub components: Vec<SeenComponent>,
    /// The worst of rows that have no name of their own.
    pub overall: Option<State>,
    /// An option and its selector that found nothing in any row.
    pub never_found: Option<(&'static str, &'a str)>,
}

/// The rows, in the page's order. What stands in a `template` is not shown to people and is none.
pub fn find<'a>(html: &'a Html, page: &Page) -> Vec<ElementRef<'a>> {
    let Some(selector) = &page.component.selector else { return Vec::new() };
    html.select(selector)
        .filter(|row| !above(*row).any(|above| above.value().name() == "template"))
        .filter(|row| !is_heading(row))
        .collect()
}

/// A row of headings only: `<tr><th>Service</th><th>Status</th></tr>`.
fn is_heading(row: &ElementRef<'_>) -> bool {
    let mut cells = row.child_elements().peekable();
    row.value().name() == "tr" && cells.peek().is_some() && cells.all(|cell| cell.value().name() == "th")
}

/// Reads the rows. One that lacks its name or its state is kept, as unknown.
pub fn read<'a>(page: &'a Page, html: &Html, rows: &[ElementRef<'_>], notes: &mut Notes) -> Read<'a> {
    let mut read = Read::default();
    let groups = groups(page, html, rows);
    let (mut named, mut stated) = (0_usize, 0_usize);
    // Text that holds the state as well would give the part another name with each state.
    let own_text_is_name = page.state.as_ref().is_some_and(|state| state.attribute.is_some());
    for (number, row) in rows.iter().enumerate() {
        let name = match &page.name {
            Some(pick) => first(pick, *row),
            None => own_text_is_name.then(|| words(*row)).filter(|name| !name.is_empty()),
        };
        let mut words = page.state.as_ref().map_or_else(|| vec![words(*row)], |pick| picked(pick, *row));
        words.retain(|word| !word.is_empty());
        named += usize::from(name.is_some());
        stated += usize::from(!words.is_empty());
        let called = name.as_deref().map(|name| text::line(name, limits::NAME)).filter(|name| !name.is_empty());
        let is_named = page.name.is_some() || own_text_is_name;
        if is_named && called.is_none() {
            notes.count("rows had no name and are shown as unknown");
        }
        let called = called.unwrap_or_else(|| format!("Row {}", number + 1));
        let state = state(page, &called, &words, notes);
        if !is_named {
            read.overall = State::worst(read.overall.into_iter().chain([state]));
            continue;
        }
        let group = groups.get(number).cloned().flatten();
        // Whose state it is cannot be said without a name.
        let state = if name.is_some() { state } else { state.worse(State::Unknown) };
        let mut component = SeenComponent {
            id: ComponentId::new(""),
            name: called,
            group,
            state,
            description: None,
            updated_at: None,
            quiet: false,
        };
        component.id = ComponentId::new(component.path());
        read.components.push(component);
    }
    for (option, pick, found) in [("name", &page.name, named), ("state", &page.state, stated)] {
        if let (Some(pick), 0) = (pick, found) {
            read.never_found = Some((option, &pick.written));
        }
    }
    read
}

fn state(page: &Page, called: &str, words: &[String], notes: &mut Notes) -> State {
    if words.is_empty() {
        notes.say(format!("“{called}” has no state and is shown as unknown"));
        return State::Unknown;
    }
    let states = words.iter().map(|word| {
        page.states.of(word).unwrap_or_else(|| {
            notes.oddity(&format!("the state of “{}”:", text::line(called, 80)), word);
            State::Unknown
        })
    });
    State::worst(states).unwrap_or(State::Unknown)
}

/// Adds rows. One name twice is one part, as bad as the worse of the two.
pub fn add(components: Vec<SeenComponent>, into: &mut Vec<SeenComponent>, notes: &mut Notes) {
    let mut places: HashMap<ComponentId, usize> =
        into.iter().enumerate().map(|(at, known)| (known.id.clone(), at)).collect();
    for component in components {
        match places.get(&component.id).and_then(|at| into.get_mut(*at)) {
            Some(known) => {
                notes.count("rows had the name of another; the worst of them counts");
                known.state = known.state.worse(component.state);
            }
            None => {
                places.insert(component.id.clone(), into.len());
                into.push(component);
            }
        }
    }
}

/// For each row the last heading before it.
fn groups(page: &Page, html: &Html, rows: &[ElementRef<'_>]) -> Vec<Option<String>> {
    let Some((pick, selector)) = page.group.as_ref().and_then(|pick| Some((pick, pick.selector.as_ref()?))) else {
        return vec![None; rows.len()];
    };
    let order: HashMap<_, usize> =
        html.tree.root().descendants().enumerate().map(|(number, node)| (node.id(), number)).collect();
    let place = |element: &ElementRef<'_>| order.get(&element.id()).copied().unwrap_or_default();
    let headings: Vec<(usize, String)> = html
        .select(selector)
        .map(|heading| (place(&heading), text::line(&value(pick, heading), limits::NAME)))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    rows.iter()
        .map(|row| {
            let before = headings.partition_point(|(at, _)| *at <= place(row));
            before.checked_sub(1).and_then(|last| headings.get(last)).map(|(_, name)| name.clone())
        })
        .collect()
}

/// The first that a selector finds in a row and that is not empty.
fn first(pick: &Pick, row: ElementRef<'_>) -> Option<String> {
    match &pick.selector {
        Some(selector) => row.select(selector).map(|found| value(pick, found)).find(|value| !value.is_empty()),
        None => Some(value(pick, row)).filter(|value| !value.is_empty()),
    }
}

/// What a selector finds in a row: text or an attribute of each.
fn picked(pick: &Pick, row: ElementRef<'_>) -> Vec<String> {
    match &pick.selector {
        Some(selector) => row.select(selector).map(|found| value(pick, found)).collect(),
        None => vec![value(pick, row)],
    }
}

fn value(pick: &Pick, element: ElementRef<'_>) -> String {
    match &pick.attribute {
        Some(attribute) => element.value().attr(attribute).unwrap_or_default().trim().to_owned(),
        None => words(element),
    }
}

fn above(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

/// The text of an element as people see it: one space wherever a block, a cell or a line ends.
fn words(element: ElementRef<'_>) -> String {
    let mut out = Words::default();
    let mut block = None;
    for node in element.descendants() {
        match node.value() {
            Node::Element(inner) if inner.name() == "br" => out.gap(),
            Node::Text(piece) => {
                let Some(own) = block_of(node) else { continue };
                if block != Some(own) {
                    out.gap();
                    block = Some(own);
                }
                out.add(piece);
            }
            _ => {}
        }
        if out.read > TEXT {
            break;
        }
    }
    out.text
}

/// Words with one space between them, whatever stood there.
#[derive(Debug, Default)]
struct Words {
    text: String,
    gap: bool,
    read: usize,
}

impl Words {
    fn gap(&mut self) {
        self.gap = true;
        self.read = self.read.saturating_add(1);
    }

    fn add(&mut self, piece: &str) {
        self.gap |= piece.starts_with(char::is_whitespace);
        self.read = self.read.saturating_add(piece.len());
        for word in piece.split_whitespace() {
            if self.gap && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(word);
            self.gap = true;
        }
        // The next piece goes on with the last word, unless a space ends this one.
        if !piece.trim().is_empty() {
            self.gap = piece.ends_with(char::is_whitespace);
        }
    }
}

/// The nearest element around a text that parts words; `None` for text that people do not see.
fn block_of(text: NodeRef<'_, Node>) -> Option<NodeId> {
    let mut own = None;
    for around in text.ancestors().filter_map(ElementRef::wrap) {
        let name = around.value().name();
        if matches!(name, "script" | "style" | "template") {
            return None;
        }
        if own.is_none() && !INLINE.contains(&name) {
            own = Some(around.id());
        }
    }
    own.or_else(|| Some(text.id()))
}
