//! Whatever address is given for a page, its format is found, it is said how, and the entry that is printed works.

use std::path::Path;
use std::process::Output;

use allclear::config::{self, Config};
use allclear::simulate::{Cast, VendorInfo};

use super::front::{Does, Front};
use super::server::{Home, Play, play_cast, program, said};

/// The entry that a probe printed, as a configuration.
fn pasted(output: &str) -> (String, Config) {
    let (_, entry) = output.split_once("under `sources:`\n").unwrap_or_else(|| panic!("no entry: {output}"));
    let text = format!("sources:\n{entry}");
    let config = config::parse(&text, Path::new("sources.yaml"), &|_| None);
    let config = config.unwrap_or_else(|problems| panic!("{text}{}", problems[0]));
    (text, config)
}

fn vendor(play: &Play, format: &str) -> VendorInfo {
    play.of(&[format])[0].clone()
}

/// Runs a command beside whatever else the test does.
async fn run(home: &Home, args: &[&str]) -> Output {
    let mut command = program(home.folder.path());
    command.args(args);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// What a probe prints.
async fn probe(home: &Home, address: &str) -> String {
    let output = run(home, &["probe", address, "--allow-private"]).await;
    assert_eq!(output.status.code(), Some(0), "{address}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A world of its own, and an address before it.
struct Place {
    play: Play,
    front: Front,
    statuspage: VendorInfo,
    instatus: VendorInfo,
}

impl Place {
    async fn new(does: impl Fn(&VendorInfo, &VendorInfo) -> Does) -> Self {
        let play = play_cast(Cast::EveryFormat).await;
        let (statuspage, instatus) = (vendor(&play, "statuspage"), vendor(&play, "instatus"));
        let front = Front::start("127.0.62.1", statuspage.address.port(), does(&statuspage, &instatus)).await;
        Self { play, front, statuspage, instatus }
    }
}

/// Probes what `typed` gives, and expects this format, this address in the entry, and these words.
async fn case(place: Place, format: &str, typed: &str, entry: &str, says: &str) {
    let home = Home::new("sources: []\n");
    let output = probe(&home, typed).await;
    assert!(output.contains(&format!("recognised as `{format}`, ")), "{typed}: {output}");
    assert!(output.contains(says) && output.contains("asked: "), "{typed}: {output}");
    // Six to find it out, and what a first reading with its history takes.
    let requests = [place.play.world.requests().len(), place.front.asked().len()];
    assert!(requests.iter().all(|count| *count <= 6 + 4), "{typed}: {requests:?} requests");
    let (text, config) = pasted(&output);
    assert_eq!(config.sources[0].address.as_str(), entry, "{typed}: {text}");
    // What is printed reads the same page.
    std::fs::write(home.config(), text).unwrap();
    let checked = run(&home, &["check", "--online"]).await;
    assert_eq!(checked.status.code(), Some(0), "{typed}: {}", said(&checked));
    assert!(said(&checked).contains(format), "{typed}: {}", said(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_give_an_address_finds_the_page_and_prints_an_entry_that_works() {
    let itself = |statuspage: &VendorInfo, _: &VendorInfo| Does::Passes(statuspage.address);
    let slash = |origin: &str| format!("{origin}/");
    let document = "/api/v2/summary.json: statuspage";
    let direct = async |typed: fn(&VendorInfo) -> String, says| {
        let place = Place::new(itself).await;
        let (typed, entry) = (typed(&place.statuspage), slash(&place.statuspage.origin));
        case(place, "statuspage", &typed, &entry, says).await;
    };
    let below = async |end: &str| {
        let place = Place::new(|statuspage, _| Does::Below("/status", statuspage.address)).await;
        let typed = format!("{}/status{end}", place.front.origin());
        case(place, "statuspage", &typed, &typed, "/status/api/v2/summary.json: statuspage").await;
    };
    let moved = async || {
        let place = Place::new(|statuspage, _| Does::Moves(301, statuspage.origin.clone())).await;
        let (typed, entry) = (place.front.origin(), slash(&place.statuspage.origin));
        case(place, "statuspage", &typed, &entry, "moved for good to").await;
    };
    let led = async |status, says| {
        let place = Place::new(|_, instatus| Does::Leads(status, format!("{}/", instatus.origin))).await;
        let typed = place.front.origin();
        let entry = if status == 301 { slash(&place.instatus.origin) } else { slash(&typed) };
        case(place, "instatus", &typed, &entry, says).await;
    };
    tokio::join!(
        direct(|vendor| vendor.origin.clone(), "certain: "),
        direct(|vendor| format!("{}/", vendor.origin), document),
        direct(|vendor| vendor.address.to_string(), document),
        direct(|vendor| format!("{}/incidents/k3lw9x?a=b#now", vendor.origin), document),
        below(""),
        below("/"),
        moved(),
        led(302, "redirected to"),
        led(301, "moved for good to"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_of_a_probe_is_the_observation_alone_and_the_rest_is_said_beside_it() {
    let play = play_cast(Cast::EveryFormat).await;
    let home = Home::new("sources: []\n");
    let url = vendor(&play, "instatus").origin;
    let output = run(&home, &["probe", &url, "--allow-private", "--json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["format"], "instatus");
    assert!(seen.get("sureness").is_none() && seen.get("seen").is_none(), "{seen}");
    let beside = String::from_utf8_lossy(&output.stderr);
    assert!(beside.contains("recognised as `instatus`") && beside.contains("asked: "), "{beside}");
}

#[tokio::test(flavor = "multi_thread")]
async fn add_puts_the_entry_of_a_probe_after_the_others_and_touches_nothing_else() {
    const BEFORE: &str = "# ours\nsources:\n  - github   # code\n\n# the end\n";
    let play = play_cast(Cast::EveryFormat).await;
    let statuspage = vendor(&play, "statuspage");
    let old = Front::start("127.0.62.4", statuspage.address.port(), Does::Moves(308, statuspage.origin.clone())).await;
    let home = Home::new(BEFORE);
    let added = run(&home, &["add", &old.origin(), "--allow-private"]).await;
    assert_eq!(added.status.code(), Some(0), "{}", said(&added));
    assert!(said(&added).contains("moved for good"), "{}", said(&added));
    let (entry, _) = pasted(&probe(&home, &old.origin()).await);
    let entry = entry.strip_prefix("sources:\n").unwrap();
    let after = std::fs::read_to_string(home.config()).unwrap();
    assert_eq!(after, BEFORE.replace("# code\n", &format!("# code\n{entry}")));
}
