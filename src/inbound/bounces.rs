//! What mail providers say of messages that came back for good, and of readers who complained. Pure.

use serde_json::Value;
use url::Url;

/// Somebody to whom nothing more is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The e-mail address, as the provider writes it.
    pub address: String,
    /// They complained; else a message came back.
    pub complaint: bool,
}

/// What a provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// These are to be sent nothing; none of what does not matter here, such as that a message arrived.
    Reports(Vec<Report>),
    /// Amazon SNS asks its owner to open this address once, before it says anything.
    Open(String),
}

/// One provider: its documents, or `None` where it is none of them.
type Reader = fn(&Value) -> Option<Vec<Report>>;

/// All of them.
const PROVIDERS: [(&str, Reader); 4] =
    [("Amazon SES", ses), ("Postmark", postmark), ("Mailgun", mailgun), ("SendGrid", sendgrid)];

/// Reads a provider's document.
///
/// # Errors
/// Says what was expected.
pub fn read(body: &[u8]) -> Result<Said, String> {
    let unknown = || {
        let names: Vec<&str> = PROVIDERS.iter().map(|(name, _)| *name).collect();
        format!("no report of bounces or complaints as these send them: {}", names.join(", "))
    };
    let document: Value = serde_json::from_slice(body).map_err(|_| unknown())?;
    // SNS wraps what SES says into text.
    let inner = match text(&document, "Type") {
        Some("SubscriptionConfirmation") => return sns(&document).map(Said::Open).ok_or_else(unknown),
        Some("Notification") => text(&document, "Message").and_then(|inner| serde_json::from_str(inner).ok()),
        _ => None,
    };
    let document = inner.unwrap_or(document);
    PROVIDERS.iter().find_map(|(_, read)| read(&document)).map(Said::Reports).ok_or_else(unknown)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// The address to open, where it is Amazon's.
fn sns(document: &Value) -> Option<String> {
    let url = Url::parse(text(document, "SubscribeURL")?).ok()?;
    let theirs = url.scheme() == "https" && url.host_str().is_some_and(|host| host.ends_with(".amazonaws.com"));
    theirs.then(|| url.to_string())
}

fn reports(addresses: impl IntoIterator<Item = Option<String>>, complaint: bool) -> Vec<Report> {
    addresses.into_iter().flatten().map(|address| Report { address, complaint }).collect()
}

/// `notificationType` of a notification, `eventType` of an event. Only what is `Permanent` came back for good.
fn ses(document: &Value) -> Option<Vec<Report>> {
    let kind = text(document, "notificationType").or_else(|| text(document, "eventType"))?;
    let all = |part: &str, list: &str, complaint| {
        let list = document.get(part).and_then(|part| part.get(list)).and_then(Value::as_array);
        let address = |one: &Value| text(one, "emailAddress").map(str::to_owned);
        reports(list.into_iter().flatten().map(address), complaint)
    };
    let bounce = document.get("bounce").and_then(|bounce| text(bounce, "bounceType"));
    Some(match kind {
        "Bounce" if bounce == Some("Permanent") => all("bounce", "bouncedRecipients", false),
        "Complaint" => all("complaint", "complainedRecipients", true),
        _ => Vec::new(),
    })
}

fn postmark(document: &Value) -> Option<Vec<Report>> {
    let kind = text(document, "RecordType")?;
    let address = |key| [text(document, key).map(str::to_owned)];
    let hard = matches!(text(document, "Type"), Some("HardBounce" | "BadEmailAddress"));
    Some(match kind {
        "Bounce" if hard => reports(address("Email"), false),
        "SpamComplaint" => reports(address("Email"), true),
        "SubscriptionChange" if document.get("SuppressSending") == Some(&Value::Bool(true)) => {
            reports(address("Recipient"), text(document, "SuppressionReason") != Some("HardBounce"))
        }
        _ => Vec::new(),
    })
}

fn mailgun(document: &Value) -> Option<Vec<Report>> {
    let event = document.get("event-data")?;
    let address = || [text(event, "recipient").map(str::to_owned)];
    Some(match text(event, "event")? {
        "failed" if text(event, "severity") == Some("permanent") => reports(address(), false),
        "complained" => reports(address(), true),
        _ => Vec::new(),
    })
}

/// A list of events. A message that was `blocked` may get through another time.
fn sendgrid(document: &Value) -> Option<Vec<Report>> {
    let events = document.as_array().filter(|list| !list.is_empty())?;
    let mut found = Vec::new();
    for event in events {
        let complaint = match text(event, "event")? {
            "bounce" if text(event, "type") != Some("blocked") => false,
            "spamreport" => true,
            _ => continue,
        };
        found.extend(reports([text(event, "email").map(str::to_owned)], complaint));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_provider_s_bounces_and_complaints_are_read_and_nothing_else_counts() {
        let wrapped = |message: Value| json!({"Type": "Notification", "Message": message.to_string()});
        let bounced = |kind: &str| {
            json!({"notificationType": "Bounce", "bounce": {"bounceType": kind,
                "bouncedRecipients": [{"emailAddress": "a@x.example"}, {"emailAddress": "b@x.example"}]}})
        };
        let complaint =
            json!({"eventType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "a@x.example"}]}});
        for (document, expected) in [
            (wrapped(bounced("Permanent")), "a@x.example- b@x.example-"),
            (bounced("Permanent"), "a@x.example- b@x.example-"),
            (wrapped(bounced("Transient")), ""),
            (wrapped(complaint), "a@x.example!"),
            (wrapped(json!({"eventType": "Delivery"})), ""),
            (json!({"RecordType": "Bounce", "Type": "HardBounce", "Email": "a@x.example"}), "a@x.example-"),
            (json!({"RecordType": "Bounce", "Type": "SoftBounce", "Email": "a@x.example"}), ""),
            (json!({"RecordType": "SpamComplaint", "Email": "a@x.example"}), "a@x.example!"),
            (
                json!({"RecordType": "SubscriptionChange", "SuppressSending": true, "Recipient": "a@x.example", "SuppressionReason": "HardBounce"}),
                "a@x.example-",
            ),
            (json!({"RecordType": "SubscriptionChange", "SuppressSending": false, "Recipient": "a@x.example"}), ""),
            (json!({"RecordType": "Open"}), ""),
            (
                json!({"signature": {}, "event-data": {"event": "failed", "severity": "permanent", "recipient": "a@x.example"}}),
                "a@x.example-",
            ),
            (json!({"event-data": {"event": "failed", "severity": "temporary", "recipient": "a@x.example"}}), ""),
            (json!({"event-data": {"event": "complained", "recipient": "a@x.example"}}), "a@x.example!"),
            (
                json!([{"event": "processed", "email": "c@x.example"}, {"event": "bounce", "email": "a@x.example"},
                {"event": "bounce", "type": "blocked", "email": "d@x.example"}, {"event": "spamreport", "email": "b@x.example"}]),
                "a@x.example- b@x.example!",
            ),
        ] {
            let Ok(Said::Reports(reports)) = read(document.to_string().as_bytes()) else { panic!("{document}") };
            let sign = |one: &Report| format!("{}{}", one.address, if one.complaint { '!' } else { '-' });
            let said: Vec<String> = reports.iter().map(sign).collect();
            assert_eq!(said.join(" "), expected, "{document}");
        }
    }

    #[test]
    fn what_no_provider_sends_is_refused_with_who_is_understood() {
        for body in ["", "x", "{}", "[]", "[1]", "[{}]", "null", "{\"Type\": \"Notification\", \"Message\": \"x\"}"] {
            let refused = read(body.as_bytes()).unwrap_err();
            assert!(refused.contains("Amazon SES, Postmark, Mailgun, SendGrid"), "{body}: {refused}");
        }
    }

    #[test]
    fn only_amazon_s_own_address_is_to_be_opened() {
        let asks =
            |url: &str| read(json!({"Type": "SubscriptionConfirmation", "SubscribeURL": url}).to_string().as_bytes());
        let good = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=x";
        assert_eq!(asks(good), Ok(Said::Open(good.to_owned())));
        for bad in ["http://sns.eu-west-1.amazonaws.com/", "https://amazonaws.com.evil.example/", "x", ""] {
            assert!(asks(bad).is_err(), "{bad}");
        }
    }
}
