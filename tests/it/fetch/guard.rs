//! S12, S13, R56: which addresses are contacted, by whatever way one is led there.

use allclear::model::source::FailureKind;
use secrecy::SecretString;

use super::*;

const BLOCKED: &[&str] = &[
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
];

fn host(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.to_owned() }
}

#[tokio::test]
async fn literal_addresses_that_are_not_public_are_refused() {
    let listener = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let port = listener.address.port();
    let forms = [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0x7f.1",
        "user:pass@127.0.0.1",
        "１２７.０.０.１",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "[::ffff:7f00:1]",
    ];
    for target in BLOCKED.iter().map(|address| host(address)).chain(forms.map(str::to_owned)) {
        let url = format!("http://{target}:{port}/");
        if url.parse::<Url>().is_err() {
            continue; // not even an address
        }
        let error = ask(&fetcher(), &url, false, None).await.expect_err(&target);
        assert_eq!(error.kind, FailureKind::Blocked, "{target}: {error}");
    }
    assert_eq!(listener.count(), 0, "nobody came");
}

#[tokio::test]
async fn names_that_lead_there_are_refused_whatever_else_they_say() {
    let listener = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let port = listener.address.port();
    let public: IpAddr = "1.1.1.1".parse().unwrap();
    for address in BLOCKED {
        let blocked: IpAddr = address.parse().unwrap();
        for answers in [vec![vec![blocked]], vec![vec![public, blocked]], vec![vec![blocked, public]]] {
            let names = Names(Mutex::new(HashMap::from([("bad.example".to_owned(), answers)])));
            let fetcher = Fetcher::with_lookup(quick(), Clock::system(), Arc::new(names)).unwrap();
            let error = ask(&fetcher, &format!("http://bad.example:{port}/"), false, None).await.unwrap_err();
            assert_eq!(error.kind, FailureKind::Blocked, "{address}: {error}");
        }
    }
    assert_eq!(listener.count(), 0);
}

/// A name that is good when it is checked and bad when it is dialled.
#[tokio::test]
async fn a_changing_answer_does_not_lead_there() {
    let listener = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let port = listener.address.port();
    let answers = vec![vec!["192.0.2.7".parse().unwrap()], vec!["127.0.0.1".parse().unwrap()]];
    let names = Names(Mutex::new(HashMap::from([("flip.example".to_owned(), answers)])));
    let settings = Settings { allow_networks: vec!["192.0.2.0/24".parse().unwrap()], ..quick() };
    let fetcher = Fetcher::with_lookup(settings, Clock::system(), Arc::new(names)).unwrap();
    assert!(ask(&fetcher, &format!("http://flip.example:{port}/"), false, None).await.is_err());
    assert_eq!(listener.count(), 0);
}

#[tokio::test]
async fn redirects_are_checked_hop_by_hop() {
    let victim = Server::sending("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    for target in
        ["http://169.254.169.254/latest/meta-data", "http://0.0.0.0/", "http://[fd00:ec2::254]/", "http://224.0.0.1/"]
    {
        let server =
            Server::sending(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")).await;
        let error = get(&fetcher(), &server.url()).await.expect_err(target);
        assert_eq!(error.kind, FailureKind::Blocked, "{target}: {error}");
    }
    for target in
        ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "data:text/html,operational", "javascript:1"]
    {
        let server =
            Server::sending(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")).await;
        let error = get(&fetcher(), &server.url()).await.expect_err(target);
        assert_eq!(error.kind, FailureKind::Moved, "{target}: {error}");
    }
    // Another port than 80, 443 and the configured one.
    let server =
        Server::sending(format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", victim.url())).await;
    assert_eq!(get(&fetcher(), &server.url()).await.unwrap_err().kind, FailureKind::Moved);
    assert_eq!(victim.count(), 0);
}

/// R56
#[tokio::test]
async fn redirects_end_and_permanent_ones_are_told() {
    let chain = Server::start(|mut stream, head| async move {
        let step: usize =
            head.split(' ').nth(1).and_then(|path| path.trim_start_matches('/').parse().ok()).unwrap_or(0);
        let answer = if step == 0 {
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".to_owned()
        } else {
            format!("HTTP/1.1 301 Moved\r\nLocation: /{}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", step - 1)
        };
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await;
    })
    .await;
    for (steps, good) in [(0, true), (1, true), (5, true), (6, false), (100, false)] {
        let answer = get(&fetcher(), &format!("{}{steps}", chain.url())).await;
        assert_eq!(answer.is_ok(), good, "{steps}: {answer:?}");
        if let Ok(answer) = answer {
            let moved = answer.moved_to.map(|url| url.to_string());
            assert_eq!(moved, (steps > 0).then(|| format!("{}0", chain.url())), "{steps}");
        }
    }
    for location in ["/", "", "http://", "//"] {
        let server = Server::sending(format!(
            "HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ))
        .await;
        assert!(get(&fetcher(), &server.url()).await.is_err(), "{location:?}");
    }
    let nowhere = Server::sending("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(get(&fetcher(), &nowhere.url()).await.unwrap_err().kind, FailureKind::Moved);
}

/// S13: what is secret goes to the configured origin only.
#[tokio::test]
async fn credentials_do_not_follow_to_another_origin() {
    let second = Server::start(|mut stream, _| async move {
        let _ =
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    })
    .await;
    let port = second.address.port();
    // The same port under another name: another origin.
    let names =
        Names(Mutex::new(HashMap::from([("first.example".to_owned(), vec![vec!["127.0.0.1".parse().unwrap()]])])));
    let fetcher = Fetcher::with_lookup(quick(), Clock::system(), Arc::new(names)).unwrap();
    let url: Url = format!("http://first.example:{port}/").parse().unwrap();
    let headers = [("Authorization".to_owned(), SecretString::from("Bearer s3cret"))];
    let request =
        Request { url: &url, accept: "*/*", headers: &headers, allow_private: true, ca: None, validators: None };
    fetcher.get(request).await.unwrap();
    assert!(second.requests.lock().unwrap()[0].contains("s3cret"), "the configured origin gets it");

    let other = format!("http://127.0.0.1:{port}/final");
    let first = Server::sending(format!("HTTP/1.1 302 Found\r\nLocation: {other}\r\nContent-Length: 0\r\n\r\n")).await;
    // A redirect may lead to the configured port or to 80 and 443 only, so the hop is within one port by names.
    let url: Url = format!("http://localhost:{}/", first.address.port()).parse().unwrap();
    let request =
        Request { url: &url, accept: "*/*", headers: &headers, allow_private: true, ca: None, validators: None };
    let _ = fetcher.get(request).await;
    assert!(second.requests.lock().unwrap().iter().skip(1).all(|head| !head.contains("s3cret")));
}
