//! What is sent, as it was read by eye.

use allclear::channels::{REGISTRY, find};

use super::shapes;
use super::world::{WAYS, cases, given, shown, way};

#[test]
fn every_sort_of_message_has_its_request_on_every_chat() {
    for (name, ..) in WAYS {
        let mut all = String::new();
        for (title, case) in cases() {
            for call in case.sent(name) {
                shapes::check(name, &call);
                all.push_str(&format!("# {title}\n{}\n", shown(&call)));
            }
        }
        insta::with_settings!({snapshot_suffix => name}, { insta::assert_snapshot!("requests", all) });
    }
}

#[test]
fn every_vendor_of_a_storm_is_named_on_every_chat() {
    let (_, several) = cases().into_iter().find(|(title, _)| *title == "several").unwrap();
    for (name, ..) in WAYS {
        let call = several.sent(name).pop().unwrap();
        for news in &several.news {
            assert!(call.body.contains(&news.source_name), "{name} does not name {}", news.source_name);
        }
    }
}

#[test]
fn an_end_changes_what_began_the_thread_and_is_told_besides() {
    let (_, resolved) = cases().into_iter().find(|(title, _)| *title == "resolved").unwrap();
    for (name, ..) in WAYS {
        let calls = resolved.sent(name);
        let (channel, _) = way(name);
        assert_eq!(calls.len(), if channel.can_edit() { 2 } else { 1 }, "{name}");
        // What is told twice after a failure is the last alone: the change comes first.
        if let [change, _] = calls.as_slice() {
            let body = format!("{} {}", change.url, change.body);
            assert!(body.contains("1795698300"), "{name} changes the message that began it");
        }
    }
}

#[test]
fn what_is_edited_is_one_request_that_names_the_old_message() {
    let (_, edit) = cases().into_iter().find(|(title, _)| *title == "edit").unwrap();
    for (name, ..) in WAYS.into_iter().filter(|(name, ..)| way(name).0.can_edit()) {
        let calls = edit.sent(name);
        assert_eq!(calls.len(), 1, "{name}");
        assert!(format!("{} {}", calls[0].url, calls[0].body).contains("1795698300"), "{name}");
    }
}

#[test]
fn a_message_without_a_page_of_ours_is_still_a_message() {
    for (name, ..) in WAYS {
        let (channel, _) = way(name);
        let message = allclear::channels::Message {
            key: "msg_1",
            made_at: 0,
            at: 0,
            host: "status.acme.example",
            unsubscribe: None,
            manage: None,
            style: allclear::model::ledger::Style::Test,
            items: vec![],
            title: "Test".into(),
            text: String::new(),
            link: None,
            page: "allclear",
            before: None,
        };
        for outgoing in channel.compose(&message).unwrap() {
            let allclear::channels::Outgoing::Call(call) = outgoing else { panic!("{name}") };
            shapes::check(name, &call);
        }
    }
}

#[test]
fn names_and_options_of_kinds_are_unique_and_explained() {
    for (at, kind) in REGISTRY.iter().enumerate() {
        assert_eq!(find(kind.name).map(|found| found.label), Some(kind.label));
        assert!(!REGISTRY[..at].iter().any(|other| other.name == kind.name), "{}", kind.name);
        for (at, spec) in kind.options.iter().enumerate() {
            assert!(!spec.hint.is_empty(), "{}.{}", kind.name, spec.key);
            assert!(!kind.options[..at].iter().any(|other| other.key == spec.key), "{}.{}", kind.name, spec.key);
        }
    }
}

#[test]
fn what_does_not_go_together_is_said_with_the_key_and_what_to_do() {
    for (kind, options, key) in [
        ("slack", &[][..], "url"),
        ("slack", &[("url", "https://a.example"), ("token", "x")], "url"),
        ("slack", &[("token", "x")], "channel"),
        ("slack", &[("channel", "C1")], "token"),
        ("mattermost", &[], "url"),
        ("mattermost", &[("url", "https://a.example"), ("channel", "x")], "url"),
        ("mattermost", &[("token", "x"), ("channel", "x")], "server"),
        ("mattermost", &[("server", "https://a.example"), ("channel", "x")], "token"),
        ("mattermost", &[("server", "https://a.example"), ("token", "x")], "channel"),
        ("matrix", &[("server", "https://a.example"), ("token", "x"), ("room", "#ops:a.example")], "room"),
        ("telegram", &[("token", "x"), ("chat", "ops")], "chat"),
        ("telegram", &[("token", "x"), ("chat", "1"), ("topic", "ops")], "topic"),
        ("teams", &[], "url"),
        ("discord", &[], "url"),
        ("google_chat", &[], "url"),
        ("rocketchat", &[], "url"),
    ] {
        let wrong = (find(kind).unwrap().make)(&mut given(kind, options)).unwrap_err();
        assert_eq!(wrong.key, key, "{kind} with {options:?}");
        assert!(!wrong.message.is_empty() && !wrong.hint.is_empty(), "{kind}");
    }
}

#[test]
fn a_channel_prints_none_of_its_secrets() {
    for (name, ..) in WAYS {
        let printed = format!("{:?}", way(name).0);
        assert!(!printed.contains("secret"), "{name}: {printed}");
    }
}
