//! Messages as they may come, so that a template is tried out before anything happens.

use std::time::Duration;

use jiff::Timestamp;

use super::view::{LetterView, Occasion};
use crate::model::event::Cause;
use crate::model::id::{IncidentId, ServiceId, SourceId};
use crate::model::incident::Phase;
use crate::model::ledger::{Item, Letter, Style};
use crate::model::level::{Impact, State};
use crate::model::news::{Happening, News, NewsKind, Quiet, Thread, Tier};
use crate::model::source::PageSettings;

/// One message of every sort.
pub fn all() -> Vec<LetterView> {
    let maintenance = IncidentId::new("example.upgrade");
    let news = [
        piece(1, Thread::Incident(IncidentId::new("example.errors")), NewsKind::Trouble),
        piece(2, Thread::Maintenance(maintenance), NewsKind::Soon),
    ];
    let item = |number: usize, happening| {
        let news = news.get(number)?;
        let thread = news.thread.clone();
        Some(Item { thread, happening, seq: news.seq, covers: Vec::new(), root: None, edit: false })
    };
    let (trouble, soon) = (item(0, Happening::Opened), item(1, Happening::Soon));
    let over = item(0, Happening::Resolved);
    let page = PageSettings { url: Some("https://status.example".into()), ..PageSettings::default() };
    let link = Some("https://status.example/link");
    let occasion = Occasion { page: &page, made_at: Timestamp::UNIX_EPOCH, confirm: link, unsubscribe: link };
    let letter = |style, items: &[&Option<Item>]| Letter {
        style,
        items: items.iter().filter_map(|item| (*item).clone()).collect(),
    };
    [
        letter(Style::Single, &[&trouble]),
        letter(Style::Single, &[&soon]),
        letter(Style::Single, &[&over]),
        letter(Style::Several, &[&trouble, &soon]),
        letter(Style::Digest, &[&over, &soon]),
        letter(Style::Test, &[]),
        letter(Style::Confirm, &[]),
    ]
    .iter()
    .map(|letter| LetterView::of(letter, &news, occasion))
    .collect()
}

fn piece(seq: u64, thread: Thread, kind: NewsKind) -> News {
    let planned = kind == NewsKind::Soon;
    News {
        seq,
        at: Timestamp::UNIX_EPOCH,
        kind,
        thread,
        title: "Errors in the interface".into(),
        source: Some(SourceId::new("example")),
        source_name: "Example".into(),
        tags: Vec::new(),
        tier: Tier::Normal,
        services: vec![(ServiceId::new("shop"), "Shop".into())],
        components: vec!["Interface".into()],
        state: if planned { State::UNDER_MAINTENANCE } else { State::PARTIAL_OUTAGE },
        impact: Some(if planned { Impact::Maintenance } else { Impact::Major }),
        phase: Some(if planned { Phase::Scheduled } else { Phase::Investigating }),
        text: Some("We are looking into it.".into()),
        url: Some("https://status.example.com/1".into()),
        starts_at: planned.then_some(Timestamp::UNIX_EPOCH),
        ends_at: planned.then_some(Timestamp::UNIX_EPOCH),
        cause: Cause::Reading,
        local: false,
        quiet: Quiet::default(),
        pace: Duration::from_secs(120),
    }
}
