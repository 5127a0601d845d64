//! The pretend vendors do what their roles say, over real sockets.

use std::time::Duration;

use allclear::clock::Clock;
use allclear::formats::outline;
use allclear::model::level::State;
use allclear::model::observation::{Basis, Observation};
use allclear::model::outline::Shape;
use allclear::model::source::Source;
use allclear::model::state::SourceState;
use allclear::rules::merge;
use allclear::simulate::{Behaviour, Cast, Change, Settings, VendorInfo, World};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// A running world that ends with the test.
struct Running {
    world: World,
    clock: Clock,
    _task: AbortOnDropHandle<std::io::Result<()>>,
}

#[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
async fn run_cast(cast: Cast) -> Running {
    let clock = Clock::set_to("2026-03-04T10:00:00Z".parse().unwrap());
    let world = World::start(Settings { cast, ..Settings::default() }, clock.clone()).await.unwrap();
    let task = AbortOnDropHandle::new(tokio::spawn(world.clone().run(CancellationToken::new())));
    Running { world, clock, _task: task }
}

async fn run(sources: Option<usize>) -> Running {
    run_cast(sources.map_or(Cast::Named, Cast::Load)).await
}

impl Running {
    fn plays(&self, role: &str) -> VendorInfo {
        self.world.vendors().iter().find(|vendor| vendor.plays == role).cloned().unwrap()
    }

    fn truth(&self, id: &str) -> allclear::simulate::Truth {
        self.world.truth().into_iter().find(|truth| truth.vendor == id).unwrap()
    }
}

/// Head and body of the answer, at most about 1 MiB of it.
async fn get(vendor: &VendorInfo, path: &str, more: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(vendor.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    let _ = stream.take(1 << 20).read_to_end(&mut all).await;
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").map_or(all.len(), |at| at + 4);
    let body = all.split_off(end);
    (String::from_utf8_lossy(&all).to_lowercase(), body)
}

async fn json(vendor: &VendorInfo, path: &str) -> Value {
    let (head, body) = get(vendor, path, "").await;
    assert!(head.starts_with("http/1.1 200"), "{path}: {head}");
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn statuspage_documents_have_the_shape_of_real_ones() {
    let running = run(None).await;
    let calm = running.plays("calm");
    let summary = json(&calm, "/api/v2/summary.json").await;
    assert_eq!(summary["status"]["indicator"], "none");
    assert_eq!(summary["page"]["id"].as_str().unwrap().len(), 12);
    assert!(summary["components"].as_array().unwrap().iter().any(|row| row["group"] == true));
    assert!(summary["components"].as_array().unwrap().iter().all(|row| row["id"].as_str().unwrap().len() == 12));
    assert_eq!(summary["incidents"].as_array().unwrap().len(), 0);
    let history = json(&calm, "/api/v2/incidents.json").await;
    assert_eq!(history["incidents"].as_array().unwrap().len(), 12);
    assert_eq!(history["incidents"][0]["incident_updates"].as_array().unwrap().len(), 4);
    for path in ["status.json", "components.json", "incidents/unresolved.json", "scheduled-maintenances.json"] {
        json(&calm, &format!("/api/v2/{path}")).await;
    }
    assert!(get(&calm, "/api/v2/zzz.json", "").await.0.starts_with("http/1.1 404"));
    let (_, page) = get(&calm, "/", "").await;
    assert!(String::from_utf8_lossy(&page).contains("rel=\"alternate\""));
    let big = json(&running.plays("400 components"), "/api/v2/components.json").await;
    assert_eq!(big["components"].as_array().unwrap().iter().filter(|row| row["group"] == false).count(), 400);
    let odd = running.plays("unknown word");
    assert_eq!(json(&odd, "/api/v2/components.json").await["components"][1]["status"], "meltdown");
    assert_eq!(running.truth(&odd.id).state, Some(State::Unknown));
    let works = json(&running.plays("maintenance"), "/api/v2/scheduled-maintenances.json").await;
    assert_eq!(works["scheduled_maintenances"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn feeds_can_be_read() {
    let running = run(None).await;
    for vendor in running.world.vendors().iter().filter(|vendor| vendor.format == "feed" || vendor.plays == "hostile") {
        let path = if vendor.format == "feed" { &vendor.url[vendor.origin.len()..] } else { "/history.atom" };
        let (_, body) = get(vendor, path, "").await;
        let feed = feed_rs::parser::parse(body.as_slice()).unwrap();
        assert_eq!(feed.entries.len(), 12, "{}", vendor.id);
    }
}

#[tokio::test]
async fn an_unchanged_document_answers_304_and_a_changed_one_does_not() {
    let running = run(Some(1)).await;
    let vendor = running.world.vendors()[0].clone();
    let (head, _) = get(&vendor, "/api/v2/summary.json", "").await;
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().replace("w/", "W/");
    let asked = format!("if-none-match: {etag}\r\n");
    let (head, body) = get(&vendor, "/api/v2/summary.json", &asked).await;
    assert!(head.starts_with("http/1.1 304") && body.is_empty(), "{head}");
    running.world.set(&vendor.id, Change::Component { name: "Jobs".into(), state: "major_outage" });
    assert!(get(&vendor, "/api/v2/summary.json", &asked).await.0.starts_with("http/1.1 200"));
    assert_eq!(running.truth(&vendor.id).state, Some(State::MAJOR_OUTAGE));
    let log = running.world.requests();
    assert_eq!(log.len(), 3);
    assert_eq!(log[1].if_none_match.as_deref(), Some(etag.as_str()));
}

#[tokio::test]
async fn the_outage_opens_worsens_resolves_and_comes_again() {
    let running = run(None).await;
    let vendor = running.plays("outage");
    let mut seen = Vec::new();
    let mut ids = Vec::new();
    for seconds in [0, 40, 90, 120, 180, 180, 340] {
        running.clock.advance(Duration::from_secs(seconds));
        let truth = running.truth(&vendor.id);
        let open = json(&vendor, "/api/v2/incidents/unresolved.json").await;
        assert_eq!(open["incidents"].as_array().unwrap().len(), truth.incidents.len());
        ids.extend(truth.incidents.first().map(|incident| incident.id.clone()));
        seen.push((truth.incidents.first().map(|incident| incident.phase), truth.state.unwrap()));
    }
    let expected = [
        (None, State::OPERATIONAL),
        (Some("investigating"), State::PARTIAL_OUTAGE),
        (Some("investigating"), State::MAJOR_OUTAGE),
        (Some("identified"), State::MAJOR_OUTAGE),
        (Some("monitoring"), State::DEGRADED_PERFORMANCE),
        (None, State::OPERATIONAL),
        (Some("investigating"), State::PARTIAL_OUTAGE),
    ];
    assert_eq!(seen, expected);
    assert_ne!(ids.first(), ids.last(), "each round is an incident of its own");
}

#[tokio::test]
async fn those_that_behave_badly_do_so() {
    let running = run(None).await;
    let path = "/api/v2/summary.json";
    let (head, body) = get(&running.plays("down"), path, "").await;
    assert!(head.is_empty() && body.is_empty());
    assert!(!get(&running.plays("garbage"), path, "").await.0.starts_with("http"));
    let (head, body) = get(&running.plays("sign-in page"), path, "").await;
    assert!(head.starts_with("http/1.1 200") && body.starts_with(b"<!DOCTYPE html>"));
    let limited = running.plays("rate limit");
    for status in ["429", "429", "200"] {
        let (head, _) = get(&limited, path, "").await;
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}");
        assert_eq!(head.contains("retry-after: 60"), status == "429");
    }
    let (head, _) = get(&running.plays("redirects inwards"), path, "").await;
    assert!(head.contains("location: http://169.254.169.254/latest/meta-data"));
    assert!(get(&running.plays("endless"), path, "").await.1.len() > 1_000_000);
    let (head, body) = get(&running.plays("gzip bomb"), path, "").await;
    assert!(head.contains("content-encoding: gzip") && body.len() > 100_000);
    let mire = running.plays("hangs");
    let hanging = get(&mire, path, "");
    assert!(tokio::time::timeout(Duration::from_millis(50), hanging).await.is_err());
    let calm = running.plays("calm");
    running.world.set(&calm.id, Change::Behave(Behaviour::Failing));
    assert!(get(&calm, path, "").await.0.starts_with("http/1.1 503"));
    assert!(!running.truth(&calm.id).readable);
}

#[tokio::test]
async fn two_hundred_vendors_have_an_address_each_and_a_place_in_the_configuration() {
    let running = run(Some(200)).await;
    let vendors = running.world.vendors();
    let addresses: std::collections::HashSet<_> = vendors.iter().map(|vendor| vendor.address).collect();
    assert_eq!(addresses.len(), 200);
    let config = configured(&running);
    let ids: Vec<_> = config.sources.iter().map(|source| source.source.id.as_str()).collect();
    assert_eq!(ids, vendors.iter().map(|vendor| vendor.id.as_str()).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_named_world_has_a_configuration_despite_its_names() {
    let running = run(None).await;
    let config = configured(&running);
    let ids: Vec<_> = config.sources.iter().map(|source| source.source.id.as_str()).collect();
    assert_eq!(ids, running.world.vendors().iter().map(|vendor| vendor.id.as_str()).collect::<Vec<_>>());
}

/// What the program makes of the configuration that a world writes.
fn configured(running: &Running) -> allclear::config::Config {
    let text = running.world.config_yaml();
    allclear::config::parse(&text, std::path::Path::new("sources.yaml"), &|_| None)
        .unwrap_or_else(|problems| panic!("{}\n{text}", problems.iter().map(ToString::to_string).collect::<String>()))
}

/// The format and the address that detection finds for a bare address, and how often it asked.
async fn detected(vendor: &VendorInfo) -> Result<(String, url::Url, usize), String> {
    use allclear::catalog::detect::{Detector, Step};
    let now = "2026-03-04T11:00:00Z".parse().unwrap();
    let mut detector = Detector::new(format!("{}/", vendor.origin).parse().unwrap());
    let mut answer = None;
    for asked in 0.. {
        let given: Option<Result<&allclear::formats::Body, &str>> =
            answer.as_ref().map(|answer: &Result<_, String>| answer.as_ref().map_err(String::as_str));
        match detector.next(given, now) {
            Step::Fetch { url, .. } => answer = Some(document(vendor, &url).await),
            Step::Found(found) => return Ok((found.format.name.to_owned(), found.address, asked)),
            Step::NotFound { seen } => return Err(seen.join("; ")),
        }
    }
    unreachable!()
}

async fn document(vendor: &VendorInfo, url: &url::Url) -> Result<allclear::formats::Body, String> {
    if url.host_str() != vendor.origin.parse::<url::Url>().unwrap().host_str() {
        return Err("no network here".to_owned());
    }
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let (head, bytes) = get(vendor, &path, "").await;
    let status: u16 = head[9..12].parse().unwrap();
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).map(str::to_owned);
    if status != 200 {
        return Err(format!("status {status}"));
    }
    Ok(allclear::formats::Body {
        name: path,
        role: allclear::formats::Role::Present,
        content_type: kind,
        url: Some(url.clone()),
        status,
        bytes: bytes.into(),
    })
}

/// What a reader of the vendor's format says of it now, and what its documents look like.
async fn observed(vendor: &VendorInfo) -> (Observation, Shape) {
    let format = allclear::formats::find(vendor.format).unwrap();
    let adapter = (format.compile)(&Value::Null).unwrap();
    let mut bodies = Vec::new();
    for wanted in adapter.documents(&vendor.url.parse().unwrap()) {
        match document(vendor, &wanted.url).await {
            Ok(body) => bodies.push(allclear::formats::Body { name: wanted.name.into(), role: wanted.role, ..body }),
            Err(reason) => {
                assert_ne!(wanted.role, allclear::formats::Role::Present, "{}: {} {reason}", vendor.id, wanted.url)
            }
        }
    }
    let seen = adapter
        .parse(&bodies, "2026-03-04T11:00:00Z".parse().unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", vendor.id));
    (seen, outline::shape(&bodies, vendor.format.to_owned()))
}

#[tokio::test]
async fn every_format_is_spoken_read_and_found_from_the_bare_address() {
    let running = run_cast(Cast::EveryFormat).await;
    let spoken: Vec<&str> = running.world.vendors().iter().map(|vendor| vendor.format).collect();
    for format in allclear::formats::REGISTRY.iter().filter(|format| !matches!(format.name, "feed" | "html" | "http")) {
        assert!(spoken.contains(&format.name), "nobody speaks {}", format.name);
    }
    let mut wrong = Vec::new();
    for vendor in running.world.vendors() {
        match detected(vendor).await {
            Ok((format, address, asked)) => {
                if format != vendor.format {
                    wrong.push(format!("{}: found {format} at {address}", vendor.format));
                }
                assert!(asked <= 6, "{}: {asked} requests", vendor.format);
            }
            Err(seen) => wrong.push(format!("{}: not found: {seen}", vendor.format)),
        }
        let calm = observed(vendor).await.0;
        if calm.state() != Some(State::OPERATIONAL) {
            wrong.push(format!("{}: calm reads as {:?}: {:?}", vendor.format, calm.state(), calm.warnings));
        }
        let open = Change::Open {
            id: "trouble00001".into(),
            title: "Errors on API".into(),
            impact: "critical",
            body: "We are looking into it.".into(),
            components: vec!["API".into()],
        };
        running.world.set(&vendor.id, open);
        running.world.set(&vendor.id, Change::Component { name: "API".into(), state: "major_outage" });
        let trouble = observed(vendor).await.0;
        if !matches!(trouble.state(), Some(State::Known(level)) if level.is_trouble()) {
            wrong.push(format!("{}: trouble reads as {:?}: {:?}", vendor.format, trouble.state(), trouble.warnings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is held of a vendor after one more reading.
async fn read(vendor: &VendorInfo, held: SourceState, minutes: &mut i64) -> SourceState {
    let source = Source {
        id: allclear::model::id::SourceId::new("vendor"),
        name: vendor.name.clone(),
        url: vendor.url.clone(),
        tags: Vec::new(),
        tier: allclear::model::news::Tier::Normal,
        format: Some(vendor.format.to_owned()),
        filter: allclear::model::filter::Filter::default(),
        interval: Duration::from_secs(120),
        target: None,
    };
    let (seen, shape) = observed(vendor).await;
    *minutes += 5;
    let now = "2026-03-04T11:00:00Z".parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_mins(*minutes);
    let reading = merge::Reading { source: &source, with_history: false, shape: &shape, good_at: None, now };
    merge::merge(&held, &seen, reading).state
}

/// Incidents and maintenances come and go, with all components or with one, from the first reading on or later.
#[tokio::test]
async fn in_no_format_trouble_looks_like_a_changed_page_and_lost_components_do() {
    const ALL: [&str; 4] = ["API", "Dashboard", "Delivery", "Archive"];
    let running = run_cast(Cast::EveryFormat).await;
    let never = || SourceState::never_read("2026-03-04T10:00:00Z".parse().unwrap());
    let mut wrong = Vec::new();
    let (mut lists, mut minutes) = (0, 0);
    for vendor in running.world.vendors() {
        let set = |change| assert!(running.world.set(&vendor.id, change));
        let all = |state| ALL.map(|name| Change::Component { name: name.into(), state });
        let (mut early, mut late) = (never(), never());
        for round in 0..8 {
            let id = format!("trouble{round:05}");
            let components: Vec<String> =
                ALL[..if round % 2 == 0 { 4 } else { 1 }].iter().map(|it| (*it).into()).collect();
            let (title, body) = (format!("Trouble {round}"), "We are looking into it.".to_owned());
            if round < 4 {
                set(Change::Open { id: id.clone(), title, impact: "major", body, components });
            } else {
                let (starts_in, lasts) = (Duration::ZERO, Duration::from_secs(3600));
                set(Change::Maintenance { id: id.clone(), title, starts_in, lasts, components });
            }
            all(if round % 4 < 2 { "major_outage" } else { "operational" }).into_iter().for_each(set);
            for step in 0..2 {
                early = read(vendor, early, &mut minutes).await;
                if round > 0 || step > 0 {
                    late = read(vendor, late, &mut minutes).await;
                }
                let doubt = [&early, &late].into_iter().find_map(|held| held.doubt.as_ref());
                wrong.extend(doubt.map(|doubt| format!("{}: {round}.{step}: {}", vendor.format, doubt.what)));
                let phase = if round < 4 { "resolved" } else { "completed" };
                set(Change::Update { id: id.clone(), phase, body: "It is over.".into() });
                all("operational").into_iter().for_each(set);
            }
            set(Change::Vanish { id });
        }
        late = read(vendor, late, &mut minutes).await;
        wrong.extend(late.doubt.as_ref().map(|doubt| format!("{}: calm: {}", vendor.format, doubt.what)));
        let listed = late.components.iter().filter(|component| component.unlisted_since.is_none()).count();
        if late.basis == Basis::States && listed >= ALL.len() {
            lists += 1;
            set(Change::Lose { left: 1 });
            late = read(vendor, late, &mut minutes).await;
            if late.doubt.is_none() {
                wrong.push(format!("{}: nobody misses three of four components", vendor.format));
            }
            set(Change::Restore);
            late = read(vendor, late, &mut minutes).await;
            wrong.extend(late.doubt.map(|doubt| format!("{}: restored: {}", vendor.format, doubt.what)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lists >= 25, "{lists} formats list components");
}
