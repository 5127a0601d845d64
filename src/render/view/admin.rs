//! Around every page of the console: who is signed in, where they can go, and the token of its forms.

use serde::Serialize;

use crate::model::event::EventKind;
use crate::render::assets;

/// What every page of the console has.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Frame {
    /// The title of the page that it belongs to.
    pub site: String,
    /// Who is signed in.
    pub who: Option<Who>,
    /// Where they can go.
    pub nav: Vec<Link>,
    /// What forms carry.
    pub csrf: String,
    /// What was done.
    pub said: Option<String>,
    /// What went wrong.
    pub wrong: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct Who {
    /// What people call them.
    pub name: String,
    /// What they may do.
    pub role: &'static str,
    /// They can sign out here.
    pub session: bool,
}

/// Somewhere to go.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Its address.
    pub href: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// They are there.
    pub current: bool,
    /// What waits there for somebody to look after it.
    pub calls: Option<String>,
}

/// One of several things to choose from.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: &'static str,
    /// What people read.
    pub label: &'static str,
}

/// The frame with the addresses of its style, and what is in it.
#[derive(Debug, Serialize)]
pub struct Framed<'a, V> {
    frame: Styled<'a>,
    view: &'a V,
}

#[derive(Debug, Serialize)]
struct Styled<'a> {
    #[serde(flatten)]
    frame: &'a Frame,
    style: String,
    admin_style: String,
    script: String,
    /// The names of events that change what operators see.
    live: String,
}

/// Puts a page into its frame.
pub fn framed<'a, V: Serialize>(frame: &'a Frame, view: &'a V) -> Framed<'a, V> {
    let kinds: Vec<&str> = EventKind::ALL.into_iter().map(EventKind::as_str).collect();
    let styled = Styled {
        frame,
        style: assets::style(),
        admin_style: assets::admin_style(),
        script: assets::console_script(),
        live: kinds.join(" "),
    };
    Framed { frame: styled, view }
}
