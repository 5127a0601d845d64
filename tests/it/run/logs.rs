//! S10: whatever outsiders write, one event of the log is one line, and no line commands a terminal.

use std::fmt::Write as _;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use super::server::{Home, Server, list};

/// What breaks out of a line, a JSON string or a terminal's good manners.
const HOSTILE: [&str; 10] = [
    "a\nb",
    "a\r\nb",
    "a\u{2028}b",
    "a\u{85}b",
    "\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{9b}31mred",
    "\u{8}\u{8}gone",
    "a\u{0}b",
    "\"}\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
];

/// Answers every request on any address of this machine with a page whose title, or whose JSON, holds what the path's
/// number says.
#[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
async fn vendors() -> (u16, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4_096];
            let count = stream.read(&mut head).await.unwrap_or(0);
            let path = String::from_utf8_lossy(&head[..count]).split(' ').nth(1).unwrap_or_default().to_owned();
            let digits = path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
            let number: usize = digits.parse().unwrap_or(0);
            let words = HOSTILE[number / 2];
            let body = match number % 2 {
                0 => format!("<html><title>{words}</title></html>"),
                _ => Value::from([(words.to_owned(), Value::from(1))].into_iter().collect::<serde_json::Map<_, _>>())
                    .to_string(),
            };
            let answer =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            // Who hangs up early needs no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, AbortOnDropHandle::new(task))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_is_one_line_whatever_outsiders_write() {
    let (port, _vendors) = vendors().await;
    let mut sources = String::from("sources:\n");
    for number in 0..HOSTILE.len() * 2 {
        let _ = write!(
            sources,
            "  - id: v{number}\n    name: V{number}\n    url: http://127.0.1.{number}:{port}/{number}\n    format: statuspage\n    allow_private: true\n"
        );
    }
    for format in ["json", "text"] {
        let home = Home::new(&sources);
        let server = Server::start(home.serving_with_log(format)).await;
        server
            .until("every vendor was refused", |summary| {
                let refused = list(&summary["sources"]).iter().filter(|it| it["freshness"]["error"].is_object());
                (refused.count() == HOSTILE.len() * 2).then_some(())
            })
            .await;
        let log = server.log();
        let told: Vec<&str> = log.lines().filter(|line| line.contains("cannot be read")).collect();
        assert_eq!(told.len(), HOSTILE.len() * 2, "{log}");
        for line in log.lines() {
            assert!(!line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')), "{line:?}");
            if format == "json" {
                let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(event["timestamp"].is_string() && event["message"] != "forged", "{line}");
            } else {
                assert!(line.starts_with("20"), "a line that no event began: {line}");
            }
        }
    }
}
