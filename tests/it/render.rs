//! The pages: whole without a script, small, and never made active by anybody's words.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use allclear::clock::Clock;
use allclear::history::incidents::{self, Sign, courses};
use allclear::history::targets::budget;
use allclear::history::{Window, report, spans};
use allclear::limits;
use allclear::model::days::Days;
use allclear::model::event::{Cause, Event, EventKind};
use allclear::model::filter::Filter;
use allclear::model::id::{ComponentId, IncidentId, ServiceId, SourceId};
use allclear::model::incident::{Incident, Listing, Maintenance, Origin, Phase, Revision, Update};
use allclear::model::level::{Impact, State};
use allclear::model::mark::Mark;
use allclear::model::observation::Page;
use allclear::model::receipt::{Evidence, Kept};
use allclear::model::snapshot::{Notice, Snapshot};
use allclear::model::source::{Failure, FailureKind, Need, PageSettings, Service, Source};
use allclear::model::state::{Component, Held, Now, SourceState, Transport};
use allclear::model::target::{Period, Share, Target};
use allclear::render::{Claimed, Compared, Pages, Past, Reviewed, Said, Sort, asset, windows};
use allclear::rules::{derive, headline};
use allclear::text;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use scraper::{Html, Selector};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Now {
    Clock::set_to(at("2026-01-02T04:00:00Z")).now()
}

/// Makes words of a vendor as the boundary lets them in.
fn name(raw: &str) -> String {
    text::line(raw, limits::NAME)
}

struct World {
    sources: Vec<Held>,
    services: Vec<Arc<Service>>,
    notices: Vec<Notice>,
    title: String,
}

fn source(number: usize, raw: &str, state: State) -> Held {
    let id = SourceId::new(format!("source-{number}"));
    let source = Source {
        id: id.clone(),
        name: name(raw),
        url: format!("https://status-{number}.example"),
        tags: vec![["cloud", "payments", "dev-tools", "auth"][number % 4].to_owned()],
        tier: allclear::model::news::Tier::Normal,
        format: Some("statuspage".into()),
        filter: Filter::default(),
        interval: Duration::from_secs(120),
        target: None,
    };
    let mut held = Held {
        source: Arc::new(source),
        state: SourceState::never_read(at("2026-01-01T00:00:00Z")),
        transport: Transport::default(),
    };
    held.state.first_read_at = Some(at("2026-01-01T00:00:00Z"));
    held.state.page = Page { name: Some(name(raw)), ..Page::default() };
    held.state.told = state;
    held.state.told_since = at("2026-01-02T03:41:00Z");
    let mut days = Days::default();
    for day in 0..60_i32 {
        let seen = if day % 17 == number as i32 % 17 { State::PARTIAL_OUTAGE } else { State::OPERATIONAL };
        days.note(
            at("2025-11-04T12:00:00Z").to_zoned_datetime(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(day),
            seen,
        );
    }
    held.state.days = days;
    for part in ["API", "Dashboard", "Webhooks"] {
        held.state.components.push(Component {
            id: ComponentId::new(format!("{part}-{number}")),
            name: part.into(),
            path: format!("Core/{}", name(&format!("{part} {raw}"))),
            state: if part == "API" && state != State::Unknown { state } else { State::OPERATIONAL },
            since: at("2026-01-02T03:41:00Z"),
            description: None,
            quiet: false,
            unlisted_since: None,
        });
    }
    if state == State::Unknown {
        held.transport.failure = Some(Failure { kind: FailureKind::Timeout, message: "no answer within 10s".into() });
        held.transport.checked_at = Some(at("2026-01-02T03:59:00Z"));
        held.transport.ok_at = Some(at("2026-01-02T03:41:00Z"));
        held.transport.next_at = Some(at("2026-01-02T04:03:00Z"));
        held.transport.failures = 5;
    } else {
        held.transport.checked_at = Some(now().wall);
        held.transport.ok_at = Some(at("2026-01-02T03:59:20Z"));
        held.transport.ok_mono = Some(now().mono);
    }
    held
}

fn incident(held: &Held, raw: &str, impact: Impact, components: usize) -> Incident {
    let update = |at_text: &str, phase, body: &str| Update {
        at: Some(at(at_text)),
        phase: Some(phase),
        body: text::body(body),
        noticed_at: None,
        told: None,
    };
    Incident {
        id: IncidentId::upstream(&held.source.id, &format!("inc{}", raw.len())),
        origin: Origin::Upstream,
        source: Some(held.source.id.clone()),
        upstream_ids: vec!["inc".into()],
        title: text::line(raw, limits::TITLE),
        phase: Some(Phase::Identified),
        impact: Some(impact),
        started_at: Some(at("2026-01-02T03:30:00Z")),
        updated_at: Some(at("2026-01-02T03:52:00Z")),
        resolved_at: None,
        url: text::link("https://status.example/incidents/x"),
        components: held.state.components.iter().take(components).map(|component| component.id.clone()).collect(),
        services: Vec::new(),
        updates: vec![
            update(
                "2026-01-02T03:52:00Z",
                Phase::Identified,
                &format!("We found the cause: {raw}\n\nA fix is being rolled out."),
            ),
            update("2026-01-02T03:31:00Z", Phase::Investigating, "We see errors and look into them."),
        ],
        first_seen_at: at("2026-01-02T03:32:00Z"),
        listing: Listing::Listed,
        local: None,
    }
}

fn maintenance(held: &Held, raw: &str) -> Maintenance {
    Maintenance {
        id: IncidentId::upstream(&held.source.id, "works"),
        origin: Origin::Upstream,
        source: Some(held.source.id.clone()),
        upstream_ids: vec!["works".into()],
        title: text::line(raw, limits::TITLE),
        phase: Some(Phase::Scheduled),
        starts_at: Some(at("2026-01-09T01:00:00Z")),
        ends_at: Some(at("2026-01-09T02:00:00Z")),
        updated_at: None,
        url: None,
        components: Vec::new(),
        services: Vec::new(),
        updates: Vec::new(),
        first_seen_at: at("2026-01-01T00:00:00Z"),
        listing: Listing::Listed,
        revision: Revision::default(),
        local: None,
    }
}

impl World {
    fn of(count: usize) -> Self {
        let vendors = ["Northwind Pay", "Quill CDN", "Harbor Git", "Lumen Mail", "Cobalt Database", "Wren Telephony"];
        let sources = (0..count)
            .map(|n| {
                source(n, &format!("{} {}", vendors[n % vendors.len()], n / vendors.len() + 1), State::OPERATIONAL)
            })
            .collect();
        Self { sources, services: Vec::new(), notices: Vec::new(), title: "Acme status".into() }
    }

    fn outage(count: usize) -> Self {
        let mut world = Self::of(count);
        for (at, state) in [
            (1, State::MAJOR_OUTAGE),
            (2, State::DEGRADED_PERFORMANCE),
            (3, State::Unknown),
            (5, State::UNDER_MAINTENANCE),
        ] {
            if at < count {
                world.sources[at] = source(at, &world.sources[at].source.name.clone(), state);
            }
        }
        if count > 2 {
            let broken =
                incident(&world.sources[1], "Requests fail with error 502 in several regions", Impact::Critical, 2);
            world.sources[1].state.incidents.push(broken);
            let planned = maintenance(&world.sources[2], "Database upgrade");
            world.sources[2].state.maintenances.push(planned);
        }
        world.services.push(Arc::new(Service {
            id: ServiceId::new("checkout"),
            name: "Checkout".into(),
            description: Some("Takes the money".into()),
            group: None,
            tags: vec!["ours".into()],
            needs: vec![Need { source: SourceId::new("source-1"), components: Filter::default() }],
        }));
        world
    }

    fn hostile(word: &str) -> Self {
        let mut world = Self::of(0);
        let mut bad = source(0, word, State::PARTIAL_OUTAGE);
        bad.state.incidents.push(incident(&bad, word, Impact::Major, 3));
        bad.state.maintenances.push(maintenance(&bad, word));
        bad.state.warnings.push(text::line(word, limits::TITLE));
        let mut unread = source(1, word, State::Unknown);
        unread.transport.failure = Some(Failure { kind: FailureKind::Unreadable, message: text::line(word, 200) });
        world.sources = vec![bad, unread];
        world.title = name(word);
        world.notices.push(Notice { kind: "configuration", text: name(word) });
        world.services.push(Arc::new(Service {
            id: ServiceId::new("own"),
            name: name(word),
            description: Some(name(word)),
            group: None,
            tags: vec![name(word)],
            needs: vec![Need { source: SourceId::new("source-0"), components: Filter::new(&["Core/*"], &[]).unwrap() }],
        }));
        world
    }

    fn snapshot(&self) -> Snapshot {
        let derived: Vec<_> = self.sources.iter().map(|held| derive::source(held, now())).collect();
        let page = PageSettings { title: self.title.clone(), ..PageSettings::default() };
        headline::snapshot(
            headline::Parts {
                page: &Arc::new(page),
                services: &self.services,
                sources: derived.iter().collect(),
                desk: &allclear::model::desk::Desk::default(),
                local: &[],
                local_maintenances: &[],
                notices: self.notices.clone(),
                cut_off: false,
                seq: 7,
            },
            now(),
        )
    }
}

fn events(word: &str) -> Vec<Event> {
    EventKind::ALL
        .into_iter()
        .map(|kind| Event {
            seq: 1,
            at: now().wall,
            since: None,
            kind,
            source: Some(SourceId::new("sender")),
            subject: None,
            name: text::line(word, 100),
            from: Some("operational".into()),
            to: Some("major_outage".into()),
            cause: Cause::Reading,
            note: Some(text::line(word, 100)),
            baseline: false,
        })
        .collect()
}

/// Documents behind all that was noticed, named in a vendor's words.
fn evidence(word: &str) -> Evidence {
    let document = Kept {
        document: text::line(word, 100),
        url: word.to_owned(),
        read_at: now().wall,
        hash: "ab".repeat(32),
        size: 1,
    };
    Evidence {
        source: Some(SourceId::new("sender")),
        readings: [(now().wall, vec![document.clone()])].into(),
        newest: vec![document],
    }
}

/// The pages about the past, of a vendor whose every word is this one.
fn reports(pages: &Pages, snapshot: &Snapshot, sent: &Evidence, word: &str) -> Vec<(String, String)> {
    let Some(view) = snapshot.sources.first() else { return Vec::new() };
    let window = Window::new(at("2025-11-20T00:00:00Z"), now().wall);
    let mark = |text: &str, state| Mark { at: at(text), state };
    let marks = [
        mark("2025-12-01T00:00:00Z", Some(State::OPERATIONAL)),
        mark("2025-12-20T00:00:00Z", Some(State::MAJOR_OUTAGE)),
        mark("2025-12-20T03:00:00Z", Some(State::UNDER_MAINTENANCE)),
        mark("2025-12-21T00:00:00Z", None),
        mark("2026-01-02T03:00:00Z", Some(State::PARTIAL_OUTAGE)),
    ];
    let spans = spans(&marks, window);
    let told: Vec<Incident> = snapshot.incidents.iter().map(|open| open.incident.clone()).collect();
    let notice = |incident: &Incident| incidents::Notice {
        at: incident.began_at() - Duration::from_secs(60),
        sign: Sign::Mention,
        component: None,
        incident: Some(name(word)),
    };
    let past = report::Past {
        components: vec![report::Piece {
            id: ComponentId::new(word),
            path: name(word),
            counted: false,
            spans: spans.clone(),
        }],
        notices: told.iter().map(notice).collect(),
        incidents: told,
        planned: snapshot.maintenances.iter().map(|view| view.maintenance.clone()).collect(),
        spans,
        cut: true,
    };
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let figures = report::report(&past, window, &zone);
    let target =
        Target { uptime: Share::from_percent("99.9").unwrap(), period: Period::Month, counts: Target::DOWN.to_vec() };
    let promise = (target.clone(), budget(&target, &past.spans, window, window.to()));
    let courses = courses(&past.incidents, &past.notices);
    let said = Said { courses: &courses, evidence: sent };
    let planned = &past.planned;
    let reviewed = Reviewed { report: &figures, said, promise: Some(&promise), planned, cut: true };
    let claimed = Claimed { target: &promise.0, budget: &promise.1, said };
    let windows = || windows(window, "Europe/Berlin", &name(word));
    let line = report::Line {
        id: view.source.id.to_string(),
        name: view.source.name.clone(),
        tally: figures.tally,
        outages: figures.outages.clone(),
        incidents: None,
        promise: Some(promise.clone()),
    };
    let column = Compared {
        id: view.source.id.as_str(),
        name: &view.source.name,
        report: &figures,
        promise: Some(&promise),
        cut: true,
    };
    vec![
        ("review".to_owned(), pages.review(snapshot, view, windows(), &reviewed).unwrap()),
        ("claim".to_owned(), pages.claim(snapshot, view, windows(), Some(&claimed)).unwrap()),
        ("claim-of-what".to_owned(), pages.claim(snapshot, view, windows(), None).unwrap()),
        ("reports".to_owned(), pages.reports(snapshot, windows(), vec![line], Sort::Uptime).unwrap()),
        ("compare".to_owned(), pages.compare(snapshot, windows(), &[column]).unwrap()),
    ]
}

/// Every page of a world.
fn pages(world: &World, word: &str) -> Vec<(String, String)> {
    let pages = Pages::new().unwrap();
    let snapshot = world.snapshot();
    let events = events(word);
    let sent = evidence(word);
    let mut all = vec![("index".to_owned(), pages.status(&snapshot).unwrap())];
    for view in snapshot.sources.iter().take(6) {
        let past: Vec<Incident> = snapshot
            .incidents
            .iter()
            .map(|open| Incident { phase: Some(Phase::Resolved), ..open.incident.clone() })
            .collect();
        let html = pages
            .source(&snapshot, view, Past { incidents: &past, maintenances: &[], events: &events, days: &[] }, &sent)
            .unwrap();
        all.push((format!("source-{}", view.source.id), html));
    }
    all.extend(reports(&pages, &snapshot, &sent, word));
    for view in &snapshot.services {
        all.push((format!("service-{}", view.service.id), pages.service(&snapshot, view, Past::default()).unwrap()));
    }
    for view in &snapshot.incidents {
        let html = pages.incident(&snapshot, view, &events, &sent, None).unwrap();
        all.push((format!("incident-{}", view.incident.id), html));
    }
    for view in &snapshot.maintenances {
        all.push((
            format!("maintenance-{}", view.maintenance.id),
            pages.maintenance(&snapshot, view, &events, &sent, None).unwrap(),
        ));
    }
    all.push(("error".to_owned(), pages.error(404, "Not here", word, word).unwrap()));
    let openapi = serde_json::json!({"info": {"description": word}, "paths": {word: {"get": {"summary": word,
        "parameters": [{"name": word, "in": "query", "description": word}], "responses": {"200": {"description": word}}}}}});
    all.push(("docs".to_owned(), pages.docs(word, &openapi).unwrap()));
    all
}

#[test]
fn every_page_of_every_world_is_made() {
    for world in [World::of(0), World::of(1), World::of(3), World::outage(7), World::outage(500)] {
        for (page, html) in pages(&world, "word") {
            assert!(html.contains("<main") && html.contains("</html>"), "{page}");
        }
    }
}

#[test]
fn the_state_is_said_in_words_and_unknown_as_loudly_as_broken() {
    let html = Pages::new().unwrap().status(&World::outage(7).snapshot()).unwrap();
    for words in [
        "2 vendors have problems, 1 unknown",
        "Requests fail with error 502",
        "Major outage",
        "Unknown",
        "was operational",
        "no answer within 10s",
        "Database upgrade",
        "Checkout",
        "at risk: Quill CDN 1",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let unread = html.find("no answer within 10s").unwrap();
    assert!(unread < html.find("Everything watched").unwrap(), "above the grid");
}

#[test]
fn the_whole_page_of_50_sources_is_under_100_kb() {
    let html = Pages::new().unwrap().status(&World::outage(50).snapshot()).unwrap();
    let linked: usize = assets(&html).iter().map(|name| asset(name).unwrap().bytes.len()).sum();
    let icon = asset("icon.svg").unwrap().bytes.len();
    let whole = html.len() + linked + icon;
    assert!(whole < 100_000, "{whole} bytes: {} of HTML, {linked} linked", html.len());
}

fn assets(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let linked = Selector::parse("link[rel=stylesheet], script[src]").unwrap();
    let names: Vec<String> = document
        .select(&linked)
        .filter_map(|element| element.value().attr("href").or(element.value().attr("src")))
        .filter_map(|address| address.strip_prefix("/assets/").map(str::to_owned))
        .collect();
    assert_eq!(names.len(), 2);
    names
}

/// R49, S4
#[test]
fn nothing_is_asked_of_another_host_and_nothing_is_inline() {
    for (page, html) in pages(&World::outage(7), "word") {
        let document = Html::parse_document(&html);
        let count = |selector: &str| document.select(&Selector::parse(selector).unwrap()).count();
        assert_eq!(count("style, [style], script:not([src]), iframe, object, embed, base"), 0, "{page}");
        for element in document.select(&Selector::parse("[src], link[href], use").unwrap()) {
            for (attribute, value) in element.value().attrs().filter(|(name, _)| ["src", "href"].contains(name)) {
                assert!(value.starts_with('/') || value.starts_with('#'), "{page}: {attribute}={value}");
            }
        }
        for element in document.select(&Selector::parse("*").unwrap()) {
            assert!(element.value().attrs().all(|(name, _)| !name.starts_with("on")), "{page}");
        }
        for name in assets(&html) {
            assert!(asset(&name).is_some(), "{page}: {name}");
        }
    }
}

const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
    "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=//evil.example>x</a>",
    "<form action=//x><input></form>",
    "<button formaction=javascript:alert(1)>x",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//x>",
    "<meta http-equiv=refresh content=0>",
    "<base href=//x>",
    "<object data=x>",
    "<embed src=x>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<keygen autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "'><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</main><script>alert(1)</script>",
    "<!--<script>alert(1)</script>-->",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "{{ 7 * 7 }}",
    "{% include 'base.html' %}",
    "${7*7}",
    "<%= 7 %>",
    "#{7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\u{202e}gnp.exe",
    "\u{200b}\u{200b}x",
    "a\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}\u{300}",
    "<p style=position:fixed>x</p>",
    "<p class=item id=main>x</p>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<x onclick=alert(1)>x</x>",
    "<a href=https://a.example onclick=alert(1) target=_blank>x</a>",
    "<p>ok</p><p>\u{0}x</p>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext>",
    "<table><td background=javascript:alert(1)>",
    "نظام الدفع <b>معطل</b>",
    "מערכת",
];

/// S1, S2
#[test]
fn nobody_s_words_become_active() {
    assert!(PAYLOADS.len() >= 60);
    for payload in PAYLOADS {
        for (page, html) in pages(&World::hostile(payload), payload) {
            let document = Html::parse_document(&html);
            let select = |selector: &str| document.select(&Selector::parse(selector).unwrap()).count();
            assert_eq!(select("script"), 1, "{page}: {payload}");
            let foreign = "iframe, object, embed, math, img, video, audio, form:not(#filter):not(#ask), base, style, textarea, template, button:not(#ask > button), marquee, plaintext, xmp";
            assert_eq!(select(foreign), 0, "{page}: {payload}");
            assert_eq!(select("main"), 1, "{page}: {payload}");
            for element in document.select(&Selector::parse("*").unwrap()) {
                for (name, value) in element.value().attrs() {
                    assert!(!name.starts_with("on") && name != "style", "{page}: {payload}: {name}");
                    if name == "href" {
                        let good = value.starts_with('/') || value.starts_with('#') || value.starts_with("http");
                        assert!(good && !value.starts_with("//"), "{page}: {payload}: {value}");
                        if value.starts_with("http") {
                            assert!(
                                element.value().attr("rel").is_some_and(|rel| rel.contains("noopener")),
                                "{page}: {value}"
                            );
                        }
                    }
                }
            }
            let own = ["docs", "error"].contains(&page.as_str());
            assert!(own || !html.contains('\u{202e}'), "{page}: {payload}");
        }
    }
}

/// Writes every page for looking at, where a folder is named.
#[test]
fn pages_for_looking_at() {
    let Ok(folder) = std::env::var("ALLCLEAR_RENDER_DIR") else {
        eprintln!("skipped: ALLCLEAR_RENDER_DIR names no folder");
        return;
    };
    let mut long = World::outage(9);
    long.sources[0] = source(
        0,
        &"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft ".repeat(2),
        State::DEGRADED_PERFORMANCE,
    );
    long.sources[4] = source(4, "شركة الدفع الإلكتروني السريع جدا", State::PARTIAL_OUTAGE);
    let rtl = incident(&long.sources[4], "تعطل في معالجة المدفوعات لبعض العملاء", Impact::Major, 2);
    long.sources[4].state.incidents.push(rtl);
    for (name, world) in [
        ("calm3", World::of(3)),
        ("calm50", World::of(50)),
        ("outage", World::outage(50)),
        ("big", World::outage(500)),
        ("long", long),
        ("none", World::of(0)),
    ] {
        let place = std::path::Path::new(&folder).join(name);
        std::fs::create_dir_all(place.join("assets")).unwrap();
        let mut index = String::new();
        for (page, html) in pages(&world, "word") {
            for file in assets(&html) {
                std::fs::write(place.join("assets").join(&file), asset(&file).unwrap().bytes).unwrap();
            }
            let _ = writeln!(index, "{page}");
            std::fs::write(
                place.join(format!("{page}.html")),
                html.replace("&#x2f;", "/").replace("\"/assets/", "\"assets/"),
            )
            .unwrap();
        }
    }
}
