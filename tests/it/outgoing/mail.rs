//! S6, S12, S14: mail is well-formed whatever it tells, goes over a way that is kept, and a refusal says what it means.

pub mod server;

use allclear::channels::{Email, MailServer, Outgoing, Tls};
use allclear::notify::carry::{Carried, Carriers, Uncarried};
use data_encoding::BASE64;
use secrecy::ExposeSecret as _;

use super::*;
use server::{Responder, Script};

const LONG: Duration = Duration::from_secs(60);

fn settings(responder: &Responder, scheme: &str, more: &str) -> MailServer {
    let url = format!("{scheme}://{}{more}", responder.address);
    let mut server =
        MailServer::new(&url.into(), "Prüfung, Status <status@example.com>", Some("ops@example.com")).unwrap();
    server.allow_private = true;
    server
}

fn letter() -> allclear::channels::Mail {
    mail(all()[1].1.composed(&Email::new(vec!["ops@example.com".to_owned()]).unwrap()).remove(0))
}

async fn sent(server: MailServer, mail: allclear::channels::Mail, within: Duration) -> Result<Carried, Uncarried> {
    let carriers = Carriers::with_patience(crate::fetch::fetcher(), Some(server), within);
    carriers.carry(Outgoing::Mail(Box::new(mail)), false).await
}

async fn plain(script: Script, mail: allclear::channels::Mail) -> (Result<Carried, Uncarried>, Vec<String>) {
    let responder = Responder::start(script).await;
    let answer = sent(settings(&responder, "smtp", "?tls=none"), mail, LONG).await;
    (answer, responder.heard())
}

/// Headers of a mail as it went over the wire, unfolded, and its body.
fn parsed(raw: &str) -> (Vec<(String, String)>, String) {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        assert!(!line.contains(['\r', '\n', '\0']) && line.is_ascii() && line.len() <= 998, "{line:?}");
        if line.starts_with([' ', '\t']) {
            headers.last_mut().unwrap().1.push_str(line);
        } else {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no header: {line:?}"));
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }
    (headers, body.to_owned())
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let found: Vec<&str> = headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found[0]
}

/// The words that encoded words (RFC 2047) stand for.
fn decoded(value: &str) -> String {
    let mut bytes: Vec<u8> = Vec::new();
    let mut after_encoded = true;
    for word in value.split_whitespace() {
        let inner = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        if !(after_encoded && (inner.is_some() || bytes.is_empty())) {
            bytes.push(b' ');
        }
        match inner {
            Some(inner) => bytes.extend(BASE64.decode(inner.as_bytes()).unwrap()),
            None => bytes.extend(word.bytes()),
        }
        after_encoded = inner.is_some();
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_mail_has_a_thread_two_parts_and_nothing_of_this_machine() {
    let mut mail = letter();
    mail.unsubscribe = Some("https://status.example.com/leave/s1?sig=0123456789abcdef".to_owned());
    let (answer, heard) = plain(Script::default(), mail).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 250);
    let said = String::from_utf8(answer.body).unwrap();
    assert_eq!(said, "msg_0123456789@status.example.com\n2.0.0 queued as 4F2");
    let commands = ["EHLO example.com", "MAIL FROM:<status@example.com>", "RCPT TO:<ops@example.com>", "DATA"];
    assert_eq!(heard[..4], commands);

    let (headers, body) = parsed(&heard[4]);
    for (name, value) in [
        ("to", "ops@example.com"),
        ("reply-to", "ops@example.com"),
        ("subject", "New problem: GitHub: Pages fail to load"),
        ("message-id", "<msg_0123456789@status.example.com>"),
        ("in-reply-to", "<msg_first@status.example.com>"),
        ("references", "<msg_first@status.example.com>"),
        ("list-unsubscribe", "<https://status.example.com/leave/s1?sig=0123456789abcdef>"),
        ("list-unsubscribe-post", "List-Unsubscribe=One-Click"),
        ("auto-submitted", "auto-generated"),
        ("mime-version", "1.0"),
    ] {
        assert_eq!(header(&headers, name), value);
    }
    assert!(header(&headers, "from").ends_with("<status@example.com>") && !header(&headers, "date").is_empty());
    assert!(header(&headers, "content-type").starts_with("multipart/alternative"));
    let (text, html) = (body.find("text/plain").unwrap(), body.find("text/html").unwrap());
    assert!(text < html, "the last part is the one that is shown");
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    assert!(host.trim().is_empty() || !heard.join("\n").contains(host.trim()));
}

#[tokio::test]
async fn the_first_mail_of_a_thread_answers_none_and_a_team_cannot_leave() {
    let channel = Email::new(vec!["ops@example.com".to_owned()]).unwrap();
    let (answer, heard) = plain(Script::default(), mail(all()[0].1.composed(&channel).remove(0))).await;
    answer.unwrap();
    let (headers, _) = parsed(&heard[4]);
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    for absent in ["in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post", "bcc", "cc", "user-agent"]
    {
        assert!(!names.contains(&absent), "{names:?}");
    }
}

/// S6: sixty titles that would be more than a title.
#[tokio::test]
async fn no_title_adds_a_header() {
    let hostile = [
        "\r\nBcc: all@example.net",
        "\nBcc: all@example.net",
        "\rBcc: all@example.net",
        "\r\n\r\n<script>alert(1)</script>",
        "\u{85}Bcc: all@example.net",
        "\u{2028}Bcc: all@example.net",
        "\u{0}\u{b}\u{c}Bcc: all@example.net",
        "=?utf-8?q?=0D=0ABcc:_all=40example.net?=",
        "=?utf-8?b?DQpCY2M6IGFsbEBleGFtcGxlLm5ldA==?=",
        "\t \r\n \tfolded",
        ".\r\n.\r\nQUIT",
        "\u{202e}\u{7f}\u{9f}Bcc: all@example.net",
    ];
    let places: [fn(&str) -> String; 5] = [
        |text| text.to_owned(),
        |text| format!("Störung{text}"),
        |text| format!("{text} – 🚨"),
        |text| format!("{}{text}{}", "lang ".repeat(15), "é".repeat(100)),
        |text| format!("x{}{text}", "y".repeat(300)),
    ];
    let channel = Email::new(vec!["ops@example.com".to_owned()]).unwrap();
    let responder = Responder::start(Script::default()).await;
    let mut expected: Option<Vec<String>> = None;
    for title in hostile.iter().flat_map(|text| places.iter().map(move |place| place(text))) {
        let mut told = all()[1].1.clone();
        told.title.clone_from(&title);
        told.text = format!("{title}\n.\n..\n.{title}");
        sent(settings(&responder, "smtp", "?tls=none"), mail(told.composed(&channel).remove(0)), LONG).await.unwrap();
        let raw = responder.heard().into_iter().rfind(|said| said.contains("\r\n\r\n")).unwrap();
        let (headers, _) = parsed(&raw);
        let names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(*expected.get_or_insert(names.clone()), names, "{title:?}");
        let subject = decoded(header(&headers, "subject"));
        let words: String = allclear::channels::line(&title).chars().take(249).collect();
        assert!(subject.starts_with(words.trim_end()), "{title:?}: {subject:?}");
    }
    assert_eq!(responder.heard().iter().filter(|line| line.as_str() == "DATA").count(), 60);
}

#[tokio::test]
async fn what_cannot_stand_in_a_header_is_not_sent() {
    for break_it in [
        (|mail| mail.message_id = "a\r\nBcc: b@example.net".to_owned()) as fn(&mut allclear::channels::Mail),
        |mail| mail.in_reply_to = Some("a> <b".to_owned()),
        |mail| mail.unsubscribe = Some("https://example.com/a b".to_owned()),
        |mail| mail.unsubscribe = Some(format!("https://example.com/{}", "x".repeat(2_000))),
        |mail| mail.to = vec!["ops@example.com>\r\nRCPT TO:<all@example.net".to_owned()],
    ] {
        let mut mail = letter();
        break_it(&mut mail);
        let (answer, heard) = plain(Script::default(), mail).await;
        assert!(matches!(answer, Err(Uncarried::Never(_))), "{answer:?}");
        assert_eq!(heard, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_refusal_says_whether_there_is_such_a_reader() {
    type Sort = fn(String) -> Uncarried;
    let (later, never, bounced): (Sort, Sort, Sort) = (Uncarried::Later, Uncarried::Never, Uncarried::Bounced);
    for (at, answer, sort) in [
        ("RCPT", "550 5.1.1 no such user", bounced),
        ("RCPT", "550 no such user", bounced),
        ("RCPT", "553 sorry", bounced),
        ("RCPT", "550 5.2.1 mailbox disabled", bounced),
        ("RCPT", "552 5.2.2 mailbox full", later),
        ("RCPT", "554 5.7.1 relay access denied", later),
        ("RCPT", "550 5.7.1 blocked", later),
        ("RCPT", "450 4.2.0 greylisted", later),
        ("MAIL", "550 5.1.8 bad sender", later),
        ("MAIL", "421 too busy", later),
        ("DATA", "451 try again", later),
        (".", "554 5.6.0 malformed", never),
        (".", "554 5.7.1 policy", later),
        (".", "550 5.1.1 no such user", bounced),
        (".", "451 4.3.0 try again", later),
        ("EHLO", "500 what", later),
    ] {
        let (taken, _) = plain(Script { refuse: vec![(at, answer)], ..Script::default() }, letter()).await;
        let error = taken.unwrap_err();
        let same = std::mem::discriminant(&error) == std::mem::discriminant(&sort(String::new()));
        assert!(same && error.to_string().contains(&answer[..3]), "{at} {answer}: {error:?}");
    }
}

#[tokio::test]
async fn one_reader_who_is_gone_does_not_keep_a_mail_from_the_others() {
    let three = || {
        let mut mail = letter();
        mail.to = ["a@example.com", "gone@example.com", "c@example.com"].map(str::to_owned).to_vec();
        mail
    };
    let gone = Script { refuse: vec![("RCPT TO:<gone@example.com>", "550 5.1.1 gone")], ..Script::default() };
    let (answer, heard) = plain(gone, three()).await;
    let said = String::from_utf8(answer.unwrap().body).unwrap();
    assert!(said.contains("not taken for gone@example.com") && said.contains("5.1.1"), "{said}");
    let (headers, _) = parsed(heard.iter().find(|line| line.contains("\r\n\r\n")).unwrap());
    assert_eq!(header(&headers, "to").replace(char::is_whitespace, ""), "a@example.com,gone@example.com,c@example.com");

    // Refused for now: nobody gets it yet, so that nobody gets it twice.
    let busy = Script { refuse: vec![("RCPT TO:<c@example.com>", "451 later")], ..Script::default() };
    let (answer, heard) = plain(busy, three()).await;
    assert!(matches!(&answer, Err(Uncarried::Later(why)) if why.contains("c@example.com")), "{answer:?}");
    assert!(!heard.contains(&"DATA".to_owned()), "{heard:?}");
}

#[tokio::test]
async fn a_server_that_hangs_costs_one_attempt_unless_it_has_taken_the_mail() {
    for at in ["", "EHLO", "RCPT", "."] {
        let responder = Responder::start(Script { hang: Some(at), ..Script::default() }).await;
        let answer = sent(settings(&responder, "smtp", "?tls=none"), letter(), Duration::from_secs(1)).await;
        assert!(matches!(answer, Err(Uncarried::Later(_))), "{at}: {answer:?}");
    }
    let (answer, _) = plain(Script { hang: Some("QUIT"), ..Script::default() }, letter()).await;
    assert_eq!(answer.unwrap().status, 250);
}

/// S12
#[tokio::test]
async fn a_mail_server_on_a_private_network_is_contacted_only_where_it_may_be() {
    let responder = Responder::start(Script::default()).await;
    let mut server = settings(&responder, "smtp", "?tls=none");
    server.allow_private = false;
    for host in ["127.0.0.1", "localhost", "2130706433", "::ffff:127.0.0.1"] {
        server.host = host.to_owned();
        let answer = sent(server.clone(), letter(), LONG).await;
        assert!(matches!(&answer, Err(Uncarried::Later(why)) if why.contains("not public")), "{host}: {answer:?}");
    }
    assert_eq!(responder.connections(), 0);
}

#[tokio::test]
async fn without_a_mail_server_it_waits() {
    let carriers = Carriers::with_patience(crate::fetch::fetcher(), None, LONG);
    let answer = carriers.carry(Outgoing::Mail(Box::new(letter())), false).await;
    assert!(matches!(answer, Err(Uncarried::Later(_))));
}

/// S14, S15
#[tokio::test]
async fn a_password_goes_over_tls_with_a_good_certificate_or_not_at_all() {
    let authority = server::authority();
    let other = server::authority();
    for (scheme, starttls) in [("smtps", false), ("smtp", true)] {
        for (names, ca, good) in [
            (["127.0.0.1"], Some(&authority), true),
            (["mail.example.com"], Some(&authority), false),
            (["127.0.0.1"], Some(&other), false),
            (["127.0.0.1"], None, false),
        ] {
            let tls = Some(server::certified(&authority, &names));
            let responder = Responder::start(Script { tls, starttls, ..Script::default() }).await;
            let mut server = settings(&responder, scheme, "");
            server.login = Some(("me".to_owned(), "hush".into()));
            server.ca = ca.map(|ca| ca.pem().into_bytes());
            let answer = sent(server, letter(), LONG).await;
            let secret = BASE64.encode(b"\0me\0hush");
            let signed_on = responder.heard().contains(&format!("AUTH PLAIN {secret}"));
            assert_eq!((answer.is_ok(), signed_on), (good, good), "{scheme} {names:?}: {answer:?}");
            assert!(good || !format!("{answer:?}").contains("hush"));
        }
    }
    // A server that knows no STARTTLS is told nothing.
    let responder = Responder::start(Script::default()).await;
    let mut server = settings(&responder, "smtp", "");
    assert_eq!(server.tls, Tls::Required);
    server.login = Some(("me".to_owned(), "hush".into()));
    assert!(matches!(sent(server.clone(), letter(), LONG).await, Err(Uncarried::Later(_))));
    assert!(responder.heard().iter().all(|line| line.starts_with("EHLO") || line == "QUIT"), "{:?}", responder.heard());
    assert!(!format!("{server:?}").contains("hush") && server.login.unwrap().1.expose_secret() == "hush");
}
