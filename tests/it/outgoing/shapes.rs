//! Requests have the shapes that their providers document, whatever stands in a message.

use std::fmt::Write as _;

use allclear::channels::{Kind, Outgoing, REGISTRY, Refusal, Reply, find};
use secrecy::ExposeSecret as _;
use serde_json::Value as Json;

use super::*;

/// Everything of a request, as it would go over the wire.
fn shown(out: &Outgoing) -> String {
    let mut shown = String::new();
    match out {
        Outgoing::Call(call) => {
            writeln!(shown, "{} {}", call.method, call.url).unwrap();
            writeln!(shown, "content-type: {}", call.kind).unwrap();
            for (name, value) in &call.headers {
                writeln!(shown, "{name}: {value}").unwrap();
            }
            if let Some(authorization) = &call.authorization {
                writeln!(shown, "authorization: {}", authorization.expose_secret()).unwrap();
            }
            match serde_json::from_str::<Json>(&call.body) {
                Ok(json) => writeln!(shown, "{}", serde_json::to_string_pretty(&json).unwrap()).unwrap(),
                Err(_) => writeln!(shown, "{}", call.body.replace('&', "\n&")).unwrap(),
            }
        }
        Outgoing::Mail(mail) => {
            let (id, before, leave) = (&mail.message_id, &mail.in_reply_to, &mail.unsubscribe);
            writeln!(shown, "to: {}\nsubject: {}", mail.to.join(", "), mail.subject).unwrap();
            writeln!(shown, "id: {id}\nbefore: {before:?}\nunsubscribe: {leave:?}").unwrap();
            writeln!(shown, "--- text\n{}--- html\n{}", mail.text, mail.html).unwrap();
        }
        Outgoing::Run(run) => {
            let json: Json = serde_json::from_str(&run.input).unwrap();
            let pretty = serde_json::to_string_pretty(&json).unwrap();
            writeln!(shown, "{:?}\n{pretty}", run.argv).unwrap();
        }
    }
    shown
}

#[test]
fn each_kind_and_style_has_its_form() {
    for kind in KINDS {
        let channel = channel(kind);
        let mut shown_all = String::new();
        for (name, told) in all() {
            writeln!(shown_all, "===== {name}").unwrap();
            let out = told.composed(&*channel);
            if out.is_empty() {
                writeln!(shown_all, "nothing to send").unwrap();
            }
            for one in &out {
                shown_all.push_str(&shown(one));
            }
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("channel_{kind}"), shown_all);
        });
    }
}

#[test]
fn kinds_are_told_apart_and_say_what_they_need() {
    let mut names: Vec<&str> = REGISTRY.iter().map(|kind| kind.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), REGISTRY.len());
    for Kind { name, options, .. } in REGISTRY {
        let mut keys: Vec<&str> = options.iter().map(|spec| spec.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), options.len(), "{name}");
        assert!(options.iter().all(|spec| !spec.hint.is_empty()), "{name}");
    }
}

#[test]
fn the_document_tells_every_kind_and_option() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/channels.md");
    let document = std::fs::read_to_string(file).unwrap();
    for kind in KINDS {
        assert!(document.contains(&format!("(`{kind}`)")), "{kind}");
        for spec in find(kind).unwrap().options {
            let (told, shown) = (format!("`{}", spec.key), format!(" {}:", spec.key));
            assert!(document.contains(&told) || document.contains(&shown), "{kind}: {}", spec.key);
        }
    }
    // The webhook that it shows is one of ours, field for field.
    let shown = document.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let shown: Json = serde_json::from_str(shown).unwrap();
    let sent: Json = serde_json::from_str(&call(all()[0].1.composed(&*channel("webhook")).remove(0)).body).unwrap();
    let names = |json: &Json| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&shown), names(&sent));
    assert_eq!(names(&shown["data"]), names(&sent["data"]));
    assert_eq!(names(&shown["data"]["items"][0]), names(&sent["data"]["items"][0]));
}

#[test]
fn what_is_not_needed_may_be_left_out() {
    for kind in KINDS {
        let needed: Vec<&str> = find(kind).unwrap().options.iter().filter(|spec| spec.needed).map(|s| s.key).collect();
        let mut least = options(kind);
        // One of the two senders of an SMS has to be there.
        least.retain(|(key, _)| needed.contains(key) || (*kind == "twilio" && *key == "from"));
        assert!(!Told::new(Style::Single, all()[0].1.items.clone()).composed(&*with(kind, least)).is_empty(), "{kind}");
    }
}

/// S15
#[test]
fn secrets_are_not_shown_by_what_holds_them() {
    for kind in KINDS {
        let channel = channel(kind);
        let known = channel.secrets();
        for (_, told) in all() {
            for out in told.composed(&*channel) {
                for printed in [format!("{channel:?}"), format!("{out:?}")] {
                    for word in ["hush", "whsec_", "MfKQ9r8GKYqrTwjU"] {
                        assert!(!printed.contains(word), "{kind}: {printed}");
                    }
                }
                // What a body holds is named, so that it is cut where the request is shown.
                if let Outgoing::Call(call) = out {
                    let cut = known.iter().fold(call.body, |body, secret| body.replace(secret.expose_secret(), "***"));
                    assert!(!cut.contains("hush"), "{kind}: {cut}");
                }
            }
        }
    }
}

/// Texts that are longer, and stranger, than anybody takes.
fn monstrous() -> Vec<Told> {
    let words =
        ["🚨".repeat(6_000), "a\r\nb\t    c\u{0}\u{2028}d ".repeat(900), String::new(), "\"'<&>%{{1}}`".repeat(300)];
    let mut all: Vec<Told> = Vec::new();
    for word in words {
        for (_, mut told) in super::all() {
            told.title.clone_from(&word);
            told.text = word.chars().take(20_000).collect();
            for (_, news) in &mut told.items {
                news.title.clone_from(&word);
                news.source_name.clone_from(&word);
                news.text = Some(word.clone());
                news.tags = vec![word.clone(); 40];
                news.components = vec![word.clone(); 3];
                news.services = vec![(ServiceId::new("checkout"), word.clone())];
            }
            all.push(told);
        }
    }
    all.extend(super::all().into_iter().map(|(_, told)| told));
    all
}

fn length(value: &Json) -> usize {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).chars().count()
}

fn requests(kind: &str) -> Vec<(Told, allclear::channels::Call, Json)> {
    let channel = channel(kind);
    let of = |told: Told| {
        let out = told.composed(&*channel);
        out.into_iter().map(move |out| {
            let call = call(out);
            let json = serde_json::from_str(&call.body).unwrap_or_default();
            (told.clone(), call, json)
        })
    };
    monstrous().into_iter().flat_map(of).collect()
}

fn fields(body: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn pagerduty_gets_events_of_version_2() {
    for (_, call, event) in requests("pagerduty") {
        assert_eq!((call.method, call.url.as_str()), ("POST", "https://events.pagerduty.com/v2/enqueue"));
        assert_eq!(event["routing_key"], HUSH);
        assert!((1..=255).contains(&length(&event["dedup_key"])));
        match event["event_action"].as_str().unwrap() {
            "trigger" => {
                let payload = &event["payload"];
                assert!(length(&payload["summary"]) <= 1_024);
                assert!(payload["source"].is_string());
                assert!(["critical", "error", "warning", "info"].contains(&payload["severity"].as_str().unwrap()));
                if let Some(at) = payload.get("timestamp") {
                    at.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
                }
                assert!(call.body.len() < 512 << 10, "{}", call.body.len());
            }
            "resolve" => assert!(event.get("payload").is_none()),
            other => panic!("{other}"),
        }
        assert!(!call.body.contains("null"), "{}", call.body);
    }
}

#[test]
fn opsgenie_and_jira_get_alerts_by_their_alias() {
    for (kind, base) in [
        ("opsgenie", "https://api.eu.opsgenie.com/v2/alerts"),
        ("jsm", "https://api.atlassian.com/jsm/ops/integration/v2/alerts"),
    ] {
        for (_, call, body) in requests(kind) {
            assert_eq!(call.authorization.as_ref().unwrap().expose_secret(), format!("GenieKey {HUSH}"));
            let rest = call.url.as_str().strip_prefix(base).unwrap();
            if rest.is_empty() {
                assert_eq!(call.method, "POST");
                assert!(length(&body["message"]) <= 130 && length(&body["alias"]) <= 512);
                assert!(length(&body["description"]) <= 15_000);
                let tags = body["tags"].as_array().unwrap();
                assert!(tags.len() <= 20 && tags.iter().all(|tag| length(tag) <= 50));
                assert!(body["details"].as_object().unwrap().values().all(Json::is_string));
                assert!(["P1", "P2", "P3", "P4", "P5"].contains(&body["priority"].as_str().unwrap()));
                continue;
            }
            let parts: Vec<&str> = rest.trim_start_matches('/').split(['/', '?']).collect();
            match parts.as_slice() {
                [_, "close", "identifierType=alias"] => assert_eq!(call.method, "POST"),
                [_, "priority", "identifierType=alias"] => assert_eq!(call.method, "PUT"),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn incident_io_gets_events_of_its_alert_source() {
    for (_, call, body) in requests("incident_io") {
        let url = "https://api.incident.io/v2/alert_events/http/01GW2G3V0S59R238FAHPDS1R66";
        assert_eq!((call.method, call.url.as_str()), ("POST", url));
        assert_eq!(call.authorization.as_ref().unwrap().expose_secret(), format!("Bearer {HUSH}"));
        assert!(body["title"].is_string() && body["deduplication_key"].is_string() && body["metadata"].is_object());
        assert!(["firing", "resolved"].contains(&body["status"].as_str().unwrap()));
    }
}

#[test]
fn pushes_fit_on_a_telephone() {
    for (_, call, body) in requests("ntfy") {
        assert_eq!(call.url.as_str(), "https://ntfy.example/sub/");
        assert_eq!(body["topic"], HUSH);
        assert!(body["message"].as_str().unwrap().len() <= 4_096 && length(&body["title"]) <= 250);
        assert!((1..=5).contains(&body["priority"].as_i64().unwrap()));
        assert!(body["tags"].as_array().unwrap().iter().all(Json::is_string));
    }
    for (_, call, body) in requests("gotify") {
        assert_eq!(call.url.as_str(), "https://push.example/gotify/message");
        assert!((0..=10).contains(&body["priority"].as_i64().unwrap()) && body["message"].is_string());
        assert_eq!(body["extras"]["client::display"]["contentType"], "text/plain");
    }
    for (_, call, _) in requests("pushover") {
        let fields = fields(&call.body);
        let of = |name: &str| field(&fields, name);
        assert!(of("message").unwrap().chars().count() <= 1_024 && of("title").unwrap().chars().count() <= 250);
        assert!(of("url").is_none_or(|url| url.len() <= 512) && of("url_title").is_none_or(|title| title.len() <= 100));
        let urgent = of("priority") == Some("2");
        assert_eq!((of("retry"), of("expire")), if urgent { (Some("60"), Some("1800")) } else { (None, None) });
        of("timestamp").unwrap().parse::<u32>().unwrap();
    }
}

#[test]
fn an_sms_has_two_parts_and_one_reader() {
    let gsm = |text: &str| text.chars().all(|c| c.is_ascii() || "£éèùìòàäöñüÄÖÑÜß§€".contains(c));
    for (_, call, _) in requests("twilio") {
        assert_eq!(call.url.as_str(), "https://api.twilio.com/2010-04-01/Accounts/AC0123456789/Messages.json");
        let fields = fields(&call.body);
        assert_eq!((field(&fields, "To"), field(&fields, "From")), (Some("+15550101"), Some("+15550100")));
        let body = field(&fields, "Body").unwrap();
        let most = if gsm(body) { 320 } else { 134 };
        assert!(!body.is_empty() && body.chars().count() <= most, "{} {body}", body.chars().count());
    }
    let service = vec![
        ("account", text("AC0123456789")),
        ("token", secret(HUSH)),
        ("api_key", text("SK0123456789")),
        ("messaging_service", text("MG0123456789")),
        ("to", text("+15550101")),
    ];
    let call = call(all()[0].1.composed(&*with("twilio", service)).remove(0));
    assert!(call.body.contains("MessagingServiceSid=MG0123456789") && !call.body.contains("From="));
    let login = format!("Basic {}", data_encoding::BASE64.encode(format!("SK0123456789:{HUSH}").as_bytes()));
    assert_eq!(call.authorization.unwrap().expose_secret(), login);
}

#[test]
fn whatsapp_gets_nothing_but_its_template() {
    for (_, call, body) in requests("whatsapp") {
        assert_eq!(call.url.as_str(), "https://graph.facebook.com/v24.0/106540352242922/messages");
        assert_eq!(
            (&body["messaging_product"], &body["to"], &body["type"]),
            (&"whatsapp".into(), &"15550101".into(), &"template".into())
        );
        let template = &body["template"];
        assert_eq!((&template["name"], &template["language"]["code"]), (&"status_update".into(), &"en".into()));
        let parameters = template["components"][0]["parameters"].as_array().unwrap();
        assert_eq!(parameters.len(), 2);
        let texts: Vec<&str> = parameters.iter().map(|one| one["text"].as_str().unwrap()).collect();
        assert!(
            texts.iter().all(|text| !text.is_empty() && !text.contains(['\n', '\r', '\t']) && !text.contains("    "))
        );
        assert!(texts.iter().map(|text| text.chars().count()).sum::<usize>() <= 1_024 - 150);
    }
}

#[test]
fn a_mail_is_one_for_all_its_readers_and_nothing_of_others_is_markup() {
    let channel = channel("email");
    for told in monstrous() {
        let out = told.composed(&*channel);
        assert_eq!(out.len(), 1);
        let mail = mail(out.into_iter().next().unwrap());
        assert_eq!(mail.to, ["ops@example.com", "boss@example.com"]);
        assert!(!mail.subject.contains(['\r', '\n']) && mail.subject.chars().count() <= 250);
        assert_eq!(mail.message_id, "msg_0123456789@status.example.com");
        assert!(
            mail.text.contains("https://status.example.com/incidents/github.k3lw9x") && !mail.html.contains("<soon>")
        );
        assert_eq!(mail.html.matches("<a ").count(), 1 + 2 * usize::from(mail.unsubscribe.is_some()));
        assert!(!mail.html.contains("src=") && !mail.html.contains("<script") && !mail.html.contains("<link"));
    }
    let reply = Reply { status: 250, body: b"msg_1@status.example.com\n2.0.0 queued as 4F2" };
    assert_eq!(channel.read(&reply), Ok(Some("msg_1@status.example.com".to_owned())));
}

#[test]
fn nothing_but_trouble_and_its_end_rings() {
    let channel = channel("pagerduty");
    let actions = |told: &Told| -> Vec<(String, String)> {
        let events =
            told.composed(&*channel).into_iter().map(|out| serde_json::from_str::<Json>(&call(out).body).unwrap());
        let of = |event: &Json, name: &str| event[name].as_str().unwrap().to_owned();
        events.map(|event| (of(&event, "event_action"), of(&event, "dedup_key"))).collect()
    };
    let one = |action: &str, key: &str| (action.to_owned(), key.to_owned());
    let all = all();
    let told = |name: &str| &all.iter().find(|(known, _)| *known == name).unwrap().1;
    assert_eq!(actions(told("opened")), [one("trigger", "incident:github.k3lw9x")]);
    assert_eq!(actions(told("worsened")), [one("trigger", "incident:github.k3lw9x")]);
    assert_eq!(actions(told("resolved")), [one("resolve", "incident:github.k3lw9x")]);
    for silent in ["updated", "maintenance", "digest", "confirm"] {
        assert_eq!(actions(told(silent)), [], "{silent}");
    }
    let several = [
        one("trigger", "incident:github.k3lw9x"),
        one("trigger", "reading:stripe"),
        one("resolve", "incident:github.done"),
    ];
    assert_eq!(actions(told("several")), several);
    // A test is over at once, so that nobody has to end it.
    assert_eq!(actions(told("test")), [one("trigger", "test:msg_0123456789"), one("resolve", "test:msg_0123456789")]);
    // A milder word is the first one for who came late: that rings.
    let late = Told::one(incident("github.k3lw9x"), Happening::Updated, None, State::PARTIAL_OUTAGE);
    assert_eq!(actions(&late), [one("trigger", "incident:github.k3lw9x")]);
}

#[test]
fn answers_say_what_becomes_of_a_channel() {
    let refusal = |kind: &str, status: u16, body: &str| channel(kind).refusal(&Reply { status, body: body.as_bytes() });
    assert!(matches!(refusal("twilio", 400, r#"{"code": 21610}"#), Some(Refusal::Gone(_))));
    assert_eq!(refusal("twilio", 400, r#"{"code": 21211}"#), None);
    assert!(matches!(refusal("pushover", 400, r#"{"user":"invalid","status":0}"#), Some(Refusal::Later { .. })));
    assert_eq!(refusal("pushover", 400, r#"{"message":"cannot be blank","status":0}"#), None);
    assert!(matches!(refusal("whatsapp", 400, r#"{"error":{"code":131056}}"#), Some(Refusal::Later { .. })));
    assert_eq!(refusal("whatsapp", 400, r#"{"error":{"code":132001}}"#), None);
    assert_eq!(refusal("whatsapp", 502, "<html>"), None);
    let id = channel("whatsapp").read(&Reply { status: 200, body: br#"{"messages":[{"id":"wamid.1"}]}"# });
    assert_eq!(id, Ok(Some("wamid.1".to_owned())));
}

#[test]
fn options_that_cannot_work_are_named() {
    for (kind, key, value) in [
        ("email", "to", texts(&[])),
        ("email", "to", texts(&["ops@example.com\r\nBcc: all@example.com"])),
        ("pagerduty", "routing_key", secret(" ")),
        ("incident_io", "alert_source", text("../x")),
        ("ntfy", "url", url("https://ntfy.sh/")),
        ("twilio", "account", text("AC/../x")),
        ("twilio", "to", text("5550101")),
        ("whatsapp", "phone_number_id", text("+15550101")),
        ("whatsapp", "to", text("nobody")),
        ("webhook", "secret", secret("short")),
        ("webhook", "previous_secret", secret("whsec_dG9vIHNob3J0")),
        ("command", "argv", texts(&[])),
        ("command", "argv", texts(&["  "])),
    ] {
        let mut given = Given(options(kind).into_iter().collect());
        given.0.insert(key, value);
        let wrong = (find(kind).unwrap().make)(&mut given).unwrap_err();
        assert_eq!(wrong.key, key, "{kind}");
        assert!(!wrong.message.is_empty());
    }
}

/// S16
#[test]
fn a_webhook_is_signed_anew_at_each_attempt_and_by_both_secrets() {
    let channel = channel("webhook");
    let told = &all()[0].1;
    let call = call(told.composed(&*channel).remove(0));
    let header = |name: &str| call.headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    assert_eq!((header("webhook-id").as_str(), header("webhook-timestamp")), ("msg_0123456789", NOW.to_string()));
    let signed = |secret: &str| {
        use hmac::{KeyInit as _, Mac as _};
        let key = data_encoding::BASE64.decode(secret.trim_start_matches("whsec_").as_bytes()).unwrap();
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("msg_0123456789.{NOW}.{}", call.body).as_bytes());
        format!("v1,{}", data_encoding::BASE64.encode(&mac.finalize().into_bytes()))
    };
    assert_eq!(header("webhook-signature"), format!("{} {}", signed(WHSEC), signed(WHSEC_OLD)));
}
