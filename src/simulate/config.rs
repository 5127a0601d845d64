//! The `sources.yaml` that reads a world.

use std::fmt::Write as _;
use std::sync::Arc;

use super::cast::Kind;
use super::vendor::Vendor;

/// A configuration that reads all of `vendors`, each with a comment on what it plays.
///
/// The named world is read every few seconds, as only addresses of this machine may be, so that there is something
/// to see; the load world once a minute.
pub(super) fn yaml(vendors: &[Arc<Vendor>], load: bool) -> String {
    let mut yaml = String::from(
        "# Reads the pretend vendors of `allclear simulate`. They are on loopback, hence `allow_private`.\n\
         page:\n  title: Simulated vendors\npoll:\n  interval: 1m\n\
         sources:\n",
    );
    if vendors.is_empty() {
        yaml.push_str("  []\n");
    }
    for vendor in vendors {
        let info = &vendor.info;
        // A JSON string is a YAML one.
        let name = serde_json::Value::from(info.name.as_str());
        let _ = write!(
            yaml,
            "  # plays: {}\n  - id: {}\n    name: {name}\n    url: {}\n    format: {}\n    allow_private: true\n",
            info.plays, info.id, info.url, info.format
        );
        if !load {
            let _ = write!(yaml, "    interval: 5s\n    tags: [{}]\n", tag(info.plays));
        }
        if let Some(tier) = tier(info.plays) {
            let _ = writeln!(yaml, "    tier: {tier}");
        }
        let selectors = match vendor.kind {
            Kind::Table => ("table.status tr", "td:nth-child(1)", "td:nth-child(2)"),
            Kind::Divs => ("div.service", ".name", ".state"),
            _ => continue,
        };
        let (component, name, state) = selectors;
        let _ = write!(
            yaml,
            "    html:\n      component: \"{component}\"\n      name: \"{name}\"\n      state: \"{state}\"\n      states: \
             {{Operational: operational, Degraded performance: degraded_performance, Partial outage: partial_outage, \
             Major outage: major_outage, Under maintenance: under_maintenance}}\n"
        );
    }
    if vendors.iter().any(|vendor| vendor.info.id == "northwind-pay") {
        yaml.push_str(
            "services:\n  - name: Checkout\n    needs: [northwind-pay, \"quill-cdn/*\"]\n  - name: Deployments\n    needs: [harbor-git]\n",
        );
    }
    yaml
}

/// How much a vendor matters, where its role says so.
fn tier(plays: &str) -> Option<&'static str> {
    match plays {
        "vital outage" => Some("vital"),
        "background noise" => Some("background"),
        _ => None,
    }
}

/// Those that behave badly stand together.
fn tag(plays: &str) -> &'static str {
    match plays {
        "calm" | "400 components" | "hostile" => "calm",
        "hangs" | "down" | "garbage" | "sign-in page" | "rate limit" | "redirects inwards" | "endless"
        | "gzip bomb" | "slow" => "misbehaving",
        _ => "eventful",
    }
}
