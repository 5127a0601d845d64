//! The built-in vendors: where the status pages stand and how they are read.

pub mod detect;

use std::collections::HashMap;
use std::sync::LazyLock;

use url::Url;

/// One well-known vendor.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// Kebab-case, unique; what is written in `sources.yaml`, and the id of the source.
    pub slug: &'static str,
    /// For people.
    pub name: &'static str,
    /// Other words that find it, in kebab-case.
    pub aliases: Vec<&'static str>,
    /// What it sells, in a word; the source's tag.
    pub category: &'static str,
    /// The status page for people.
    pub page: &'static str,
    /// Name of the format in which it is read; empty where that is found out on first use.
    pub format: &'static str,
    /// What the format reads: the page's base, or the document itself.
    pub address: Url,
    /// The vendor's own site.
    pub homepage: &'static str,
    /// Components that are none, as globs.
    pub ignore: Vec<&'static str>,
    /// Options of the format; `Null` where there are none.
    pub options: serde_json::Value,
    /// False where the facts are weak: the page's address was seen, and how it publishes is found out on first use.
    pub sure: bool,
}

static VENDORS: LazyLock<Vec<Vendor>> =
    LazyLock::new(|| include_str!("vendors.tsv").lines().skip(1).filter_map(vendor).collect());

/// Every word that names a vendor, without its hyphens, and the vendor's place.
static NAMES: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let named =
        |(at, vendor): (usize, &Vendor)| words(vendor).map(move |word| (word.replace('-', ""), at)).collect::<Vec<_>>();
    VENDORS.iter().enumerate().flat_map(named).collect()
});

/// All vendors, sorted by slug.
pub fn all() -> &'static [Vendor] {
    &VENDORS
}

/// The vendor of this slug, alias or name; case and punctuation do not matter.
pub fn find(name_or_alias: &str) -> Option<&'static Vendor> {
    let wanted = crate::model::id::kebab(name_or_alias).replace('-', "");
    NAMES.get(&wanted).and_then(|at| VENDORS.get(*at))
}

/// All vendors whose slug, name, alias or category holds the word, the best matches first; all of them for an empty
/// one.
pub fn search(word: &str) -> Vec<&'static Vendor> {
    let word = word.trim().to_lowercase();
    let plain = crate::model::id::kebab(&word);
    let rank = |vendor: &'static Vendor| {
        let by_name = words(vendor).filter_map(|known| {
            let place = known.find(&plain).or_else(|| known.find(&word))?;
            Some(match (place, known.len() == plain.len()) {
                (0, true) => 0,
                (0, false) => 1,
                _ => 2,
            })
        });
        let category = vendor.category.contains(&word).then_some(3);
        by_name.chain(category).min().map(|rank| (rank, vendor))
    };
    let mut found: Vec<(u8, &'static Vendor)> = VENDORS.iter().filter_map(rank).collect();
    found.sort_by_key(|(rank, vendor)| (*rank, vendor.slug));
    found.into_iter().map(|(_, vendor)| vendor).collect()
}

/// Slugs of the vendors that may be meant by a mistyped name, likeliest first, at most three.
pub fn suggest(word: &str) -> Vec<&'static str> {
    let wanted = crate::model::id::kebab(word);
    let mut near: Vec<(usize, &'static str)> = VENDORS
        .iter()
        .filter_map(|vendor| {
            let distance = words(vendor).map(|known| strsim::damerau_levenshtein(&known, &wanted)).min()?;
            (distance <= (wanted.chars().count() / 3).max(1)).then_some((distance, vendor.slug))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, slug)| slug).collect()
}

/// Every word that names the vendor, in kebab-case.
fn words(vendor: &Vendor) -> impl Iterator<Item = String> + '_ {
    let listed = vendor.aliases.iter().map(|alias| (*alias).to_owned());
    [vendor.slug.to_owned(), crate::model::id::kebab(vendor.name)].into_iter().chain(listed)
}

fn vendor(line: &'static str) -> Option<Vendor> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next();
    Some(Vendor {
        slug: cell()?,
        name: cell()?,
        aliases: list(cell()?),
        category: cell()?,
        page: cell()?,
        format: cell()?,
        address: Url::parse(cell()?).ok()?,
        homepage: cell()?,
        ignore: list(cell()?),
        options: match cell()? {
            "" => serde_json::Value::Null,
            json => serde_json::from_str(json).ok()?,
        },
        sure: cell()? == "sure",
    })
}

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_is_a_vendor_with_a_known_format_and_good_addresses() {
        let lines = include_str!("vendors.tsv").lines().count();
        assert_eq!(all().len(), lines - 1);
        assert!(all().len() >= 1_500);
        for vendor in all() {
            match vendor.sure {
                true => assert!(crate::formats::find(vendor.format).is_some(), "{}", vendor.slug),
                false => assert_eq!(vendor.format, "", "{}: weak facts are no format", vendor.slug),
            }
            for address in [vendor.page, vendor.homepage, vendor.address.as_str()] {
                let url = Url::parse(address).unwrap();
                assert!(url.scheme() == "https" && url.host_str().is_some(), "{}: {address}", vendor.slug);
            }
            assert!(crate::model::filter::Filter::new(&[] as &[&str], &vendor.ignore).is_ok(), "{}", vendor.slug);
            assert_eq!(crate::model::id::kebab(vendor.slug), vendor.slug);
        }
    }

    #[test]
    fn vendors_are_sorted_and_no_word_means_two() {
        assert!(all().is_sorted_by(|a, b| a.slug < b.slug));
        let mut seen = HashSet::new();
        for vendor in all() {
            let own: HashSet<String> = words(vendor).collect();
            for word in own {
                assert!(seen.insert(word.clone()), "{word}");
            }
        }
    }

    #[test]
    fn what_a_person_types_finds_the_vendor() {
        for vendor in all() {
            assert_eq!(find(vendor.slug).unwrap().slug, vendor.slug);
            assert_eq!(find(vendor.name).unwrap().slug, vendor.slug);
            assert_eq!(find(&vendor.name.to_uppercase()).unwrap().slug, vendor.slug);
        }
        for (typed, slug) in [
            ("Claude", "anthropic"),
            ("gcp", "google-cloud"),
            ("pypi", "python"),
            ("Fly.io", "fly-io"),
            ("newrelic", "new-relic"),
            ("G Suite", "google-workspace"),
            ("Amazon Web Services", "aws"),
            ("Office 365", "microsoft-365"),
            ("ChatGPT", "openai"),
            ("GitLab", "gitlab"),
        ] {
            assert_eq!(find(typed).unwrap().slug, slug, "{typed}");
        }
        let known = include_str!("../../tests/it/known-vendors.tsv").lines().skip(1);
        let mut count = 0;
        for (typed, slug) in known.filter_map(|line| line.split_once('\t')) {
            assert_eq!(find(typed).map(|vendor| vendor.slug), Some(slug), "{typed}");
            count += 1;
        }
        assert!(count >= 200, "{count}");
        assert!(find("nobody-at-all").is_none());
        assert_eq!(suggest("githb").first(), Some(&"github"));
        assert!(search("payments").iter().any(|vendor| vendor.slug == "stripe"));
    }
}
