//! Jira Service Management's operations, by the integration API that took over Opsgenie's alerts:
//! <https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/intro/>.
//!
//! Facts: `https://api.atlassian.com/jsm/ops/integration/v2/alerts` takes what Opsgenie's Alert API takes, with the key
//! of an API integration as `GenieKey`.

use std::time::Duration;

use super::opsgenie::Alerts;
use super::{Kind, Markup, Sort, Spec};

const URL: &str = "https://api.atlassian.com/jsm/ops/integration/v2/alerts";

/// Jira Service Management.
pub const KIND: Kind = Kind {
    name: "jsm",
    label: "Jira Service Management",
    options: &[
        Spec {
            key: "key",
            sort: Sort::Secret,
            needed: true,
            hint: "the key of an API integration, in a team's Operations under Integrations",
        },
        Spec { key: "url", sort: Sort::Url, needed: false, hint: "another address of the alerts, up to `/v2/alerts`" },
    ],
    markup: Markup::Plain,
    longest: 10_000,
    spacing: Duration::from_millis(250),
    make: |given| {
        let url = super::address(given, URL)?;
        Ok(Box::new(Alerts::new(url, given.secret("key"))))
    },
};
