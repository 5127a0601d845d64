//! Made-up records and a small generator of chance whose seed can be printed.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use allclear::model::incident::{Incident, Listing, Maintenance, Origin, Phase, Revision, Update};
use allclear::model::level::{Impact, State};
use allclear::model::receipt::{Reading, Receipt};
use allclear::model::snapshot::{Headline, ServiceView, Snapshot};
use allclear::model::source::{PageSettings, Service};
use allclear::model::state::{Component, SourceState, Transport};
use allclear::model::text::Text;
use allclear::store::{Batch, SourceChange};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

/// Chance with a seed.
pub struct Chance(pub u64);

impl Chance {
    /// A seed that differs each time, or the one of `ALLCLEAR_SEED`; it is printed.
    pub fn new() -> Self {
        let seed = std::env::var("ALLCLEAR_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("ALLCLEAR_SEED={seed}");
        Self(seed)
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Words that do not pack to nothing.
    pub fn words(&mut self, count: usize) -> String {
        let mut out = String::new();
        for _ in 0..count {
            out.push_str(&format!("{:x} ", self.below(1 << 32)));
        }
        out
    }
}

/// A page on which nothing stands.
pub fn page(seconds: i64) -> Snapshot {
    Snapshot {
        generated_at: at(seconds),
        seq: 0,
        page: Arc::new(PageSettings::default()),
        headline: Headline {
            state: State::OPERATIONAL,
            text: "All clear".to_owned(),
            detail: String::new(),
            counts: BTreeMap::new(),
        },
        sources: Vec::new(),
        services: Vec::new(),
        incidents: Vec::new(),
        maintenances: Vec::new(),
        recent: Vec::new(),
        recent_maintenances: Vec::new(),
        notices: Vec::new(),
    }
}

/// A service in this state.
pub fn service(id: &str, state: State) -> ServiceView {
    let service = Service {
        id: ServiceId::new(id),
        name: id.to_owned(),
        description: None,
        group: None,
        tags: Vec::new(),
        needs: Vec::new(),
    };
    ServiceView { service: Arc::new(service), state, set: None, at_risk: Vec::new() }
}

/// A fixed moment, moved by seconds.
pub fn at(seconds: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

pub fn source_id(name: &str) -> SourceId {
    SourceId::new(name)
}

pub fn event(seq: u64, source: &str, subject: &str) -> Event {
    Event {
        seq,
        at: at(i64::try_from(seq).unwrap()),
        since: None,
        kind: EventKind::ComponentState,
        source: Some(source_id(source)),
        subject: Some(subject.to_owned()),
        name: "Europe/API gateway".to_owned(),
        from: Some("operational".to_owned()),
        to: Some("partial_outage".to_owned()),
        cause: Cause::Reading,
        note: None,
        baseline: false,
    }
}

pub fn incident(source: Option<&str>, name: &str, start: i64, open: bool) -> Incident {
    let id = match source {
        Some(source) => IncidentId::upstream(&source_id(source), name),
        None => IncidentId::new(format!("local.{name}")),
    };
    Incident {
        id,
        origin: if source.is_some() { Origin::Upstream } else { Origin::Local },
        source: source.map(source_id),
        upstream_ids: vec![name.to_owned()],
        title: format!("Elevated errors {name}"),
        phase: Some(if open { Phase::Investigating } else { Phase::Resolved }),
        impact: Some(Impact::Minor),
        started_at: Some(at(start)),
        updated_at: Some(at(start + 60)),
        resolved_at: (!open).then(|| at(start + 600)),
        url: Some(format!("https://status.example.com/incidents/{name}")),
        components: vec![ComponentId::new("api")],
        services: Vec::new(),
        updates: vec![Update {
            at: Some(at(start)),
            phase: Some(Phase::Investigating),
            body: Text {
                html: "<p>We are looking into errors.</p>".to_owned(),
                plain: "We are looking into errors.".to_owned(),
            },
            noticed_at: Some(at(start)),
            told: None,
        }],
        first_seen_at: at(start),
        listing: Listing::Listed,
        local: None,
    }
}

pub fn maintenance(source: Option<&str>, name: &str, start: i64, open: bool) -> Maintenance {
    let like = incident(source, name, start, open);
    Maintenance {
        id: IncidentId::new(format!("{}-m", like.id)),
        origin: like.origin,
        source: like.source,
        upstream_ids: like.upstream_ids,
        title: like.title,
        phase: Some(if open { Phase::Scheduled } else { Phase::Completed }),
        starts_at: Some(at(start)),
        ends_at: Some(at(start + 3600)),
        updated_at: like.updated_at,
        url: like.url,
        components: like.components,
        services: like.services.into_iter().map(|hit| hit.service).collect(),
        updates: like.updates,
        first_seen_at: like.first_seen_at,
        listing: like.listing,
        revision: Revision { number: 3, at: Some(at(start)) },
        local: like.local,
    }
}

pub fn state(incidents: Vec<Incident>) -> SourceState {
    let mut state = SourceState::never_read(at(0));
    state.components = (0..20)
        .map(|n| Component {
            id: ComponentId::new(format!("component-{n}")),
            name: format!("Part {n}"),
            path: format!("Group/Part {n}"),
            state: State::OPERATIONAL,
            since: at(n),
            description: None,
            quiet: false,
            unlisted_since: None,
        })
        .collect();
    state.incidents = incidents;
    state
}

pub fn transport(seconds: i64) -> Transport {
    Transport { checked_at: Some(at(seconds)), ok_at: Some(at(seconds)), ..Transport::default() }
}

/// A change in which all incidents of `state` are written.
pub fn change(source: &str, state: Option<SourceState>, seconds: i64) -> SourceChange {
    let touched = state.iter().flat_map(|state| &state.incidents).map(|one| one.id.clone()).collect();
    SourceChange {
        id: source_id(source),
        state,
        touched,
        past_incidents: Vec::new(),
        past_maintenances: Vec::new(),
        transport: transport(seconds),
        receipts: Vec::new(),
        detected: None,
    }
}

pub fn receipt(document: &str, seconds: i64, body: impl Into<Bytes>) -> Receipt {
    Receipt {
        document: document.to_owned(),
        url: "https://status.example.com/api/v2/summary.json".to_owned(),
        content_type: Some("application/json".to_owned()),
        read_at: at(seconds),
        body: body.into(),
        place: 0,
        history: false,
        reading: Reading { documents: 1, format: "statuspage".to_owned(), ..Reading::default() },
    }
}

/// Batch `n` of a run in which everything that is written tells `n`: one event, its outbox row, the state, one
/// incident and one receipt.
pub fn numbered(n: u64) -> Batch {
    let name = format!("n{n}");
    let mut one = change("acme", Some(state(vec![incident(Some("acme"), &name, i64::try_from(n).unwrap(), true)])), 0);
    if let Some(state) = &mut one.state {
        state.warnings = vec![n.to_string()];
    }
    one.transport.fingerprint = n.to_string();
    one.receipts = vec![receipt("summary", i64::try_from(n).unwrap(), format!("{{\"n\":{n}}}"))];
    Batch {
        sources: vec![one],
        events: vec![event(n, "acme", &format!("acme.{name}"))],
        outbox: vec![n],
        ..Batch::default()
    }
}
