//! Pages for people: what stands in their markup, and that a page says what the data inside it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::*;

fn at_hand(folder: &str) -> Vec<PathBuf> {
    captured::captured(folder).unwrap_or_default()
}

fn observed(file: &Path) -> Observation {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let document = body(&name, fs::read(file).unwrap());
    let format =
        formats::recognise(std::slice::from_ref(&document)).unwrap_or_else(|| panic!("{name}: not recognised"));
    let now = "2026-11-24T00:00:00Z".parse().unwrap();
    adapter(format.name, &Options::Null).parse(&[document], now).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// `x-page.html` and the data that was cut out of it, `x-embedded-….json`.
#[test]
fn a_page_says_what_the_data_inside_it_says() {
    let mut pairs = 0;
    for folder in ["incidentio", "instatus", "pagerduty"] {
        let files = at_hand(folder);
        for page in files.iter().filter(|file| file.to_string_lossy().ends_with("-page.html")) {
            let stem = page.to_string_lossy().trim_end_matches("-page.html").to_owned();
            let data = files.iter().find(|file| file.to_string_lossy().starts_with(&format!("{stem}-embedded-")));
            let Some(data) = data else { continue };
            let (page, data) = (observed(page), observed(data));
            assert_eq!(page.components, data.components, "{stem}");
            assert_eq!(page.incidents, data.incidents, "{stem}");
            assert_eq!(page.maintenances, data.maintenances, "{stem}");
            assert_eq!(page.state(), data.state(), "{stem}");
            pairs += 1;
        }
    }
    assert!(pairs > 5 || at_hand("incidentio").is_empty(), "{pairs} pairs");
}

/// Every incident that a Statuspage links from a heading is read, with as many updates as it shows.
#[test]
fn pages_of_a_statuspage_lose_nothing() {
    for file in at_hand("html") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        if !text.contains("page-status") && !text.contains("unresolved-incident") {
            continue;
        }
        let seen = observed(&file);
        let page = scraper::Html::parse_document(&text);
        let count = |selector: &str| page.select(&scraper::Selector::parse(selector).unwrap()).count();
        let links = scraper::Selector::parse(".incident-title a[href*='/incidents/']").unwrap();
        let codes: BTreeSet<&str> = page
            .select(&links)
            .filter_map(|link| link.value().attr("href")?.rsplit_once("/incidents/").map(|(_, code)| code))
            .collect();
        assert_eq!(seen.incidents.len() + seen.maintenances.len(), codes.len(), "{name}: incidents");
        let updates: usize = seen.incidents.iter().map(|incident| incident.updates.len()).sum::<usize>()
            + seen.maintenances.iter().map(|maintenance| maintenance.updates.len()).sum::<usize>();
        assert_eq!(
            updates,
            count(".incident-container .update, .unresolved-incident .update, .scheduled-maintenance .update"),
            "{name}: updates"
        );
        let groups = count(".group-parent-indicator");
        let rows = count("[data-component-id][data-component-status]");
        // A component may stand on the page more than once.
        assert!(
            seen.components.len() <= rows && seen.components.len() * 2 + groups >= rows,
            "{name}: {rows} rows, {groups} groups"
        );
    }
}
