//! Incidents and maintenances from the terminal: `allclear incident`, `allclear maintenance`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::api::{TEAM, rows, writer};
use super::server::{Home, Server, program, said};

/// Somebody at a terminal.
struct Terminal<'a> {
    home: &'a Home,
    url: String,
    token: &'a str,
}

impl Terminal<'_> {
    fn output(&self, args: &[&str], input: &str) -> Output {
        let mut command = program(self.home.folder.path());
        command.args(args).env("ALLCLEAR_URL", &self.url).env("ALLCLEAR_TOKEN", self.token);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs a command, expects this exit status, and gives what it said.
    fn run(&self, status: i32, args: &[&str]) -> String {
        let output = tokio::task::block_in_place(|| self.output(args, "From standard input.\n"));
        assert_eq!(output.status.code(), Some(status), "{args:?}: {}", said(&output));
        said(&output)
    }

    fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.run(0, &args)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_declared_followed_and_ended_at_the_terminal() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let server = home.serve().await;
    let at = Terminal { home: &home, url: server.url(), token: &secret };
    let opened = at.json(&[
        "incident",
        "open",
        "Checkout slow",
        "--service",
        "checkout",
        "--service",
        "search=partial_outage",
        "--impact",
        "major",
        "--message",
        "-",
    ]);
    assert_eq!(opened["updates"][0]["body"], "From standard input.");
    let id = opened["id"].as_str().unwrap();
    let services = server.summary().await["services"].clone();
    assert_eq!((&services[0]["state"], &services[1]["state"]), (&json!("partial_outage"), &json!("partial_outage")));
    assert!(at.run(0, &["incident", "update", id, "--status", "identified", "-m", "The disk."]).contains("identified"));
    at.run(0, &["incident", "note", id, "--message", "Ask Sam."]);
    at.run(0, &["incident", "ack", id]);
    at.run(0, &["incident", "judge", id, "--owner", "Sam", "--mute", "2h"]);
    let shown = at.json(&["incident", "show", id]);
    assert_eq!((&shown["verdict"]["owner"], &shown["status"]), (&json!("Sam"), &json!("identified")));
    assert!(shown["verdict"]["muted_until"].is_string(), "{shown}");
    assert!(at.run(0, &["incident", "show", id]).contains("The disk."));
    assert!(at.run(0, &["incident", "list"]).contains("Checkout slow"));
    at.run(0, &["incident", "resolve", id, "--message", "Over."]);
    assert!(at.run(0, &["incident", "list"]).contains("none"));
    assert!(at.run(0, &["incident", "list", "--all"]).contains("Checkout slow"));
    at.run(0, &["incident", "reopen", id]);
    assert_eq!(at.json(&["incident", "show", id])["status"], "investigating");
    at.run(0, &["incident", "delete", id]);
    assert!(at.run(2, &["incident", "show", id]).contains("no such incident"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_is_planned_moved_started_and_ended_at_the_terminal() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let server = home.serve().await;
    let at = Terminal { home: &home, url: format!("{}/", server.url()), token: &secret };
    let (starts, ends) = ("2027-01-02T03:00:00Z", "2027-01-02T04:00:00Z");
    let plan = ["maintenance", "plan", "Disks", "--starts", starts, "--ends", ends, "--service", "checkout"];
    let planned = at.json(&plan);
    let id = planned["id"].as_str().unwrap();
    at.run(0, &["maintenance", "move", id, "--ends", "2027-01-02T05:00:00Z"]);
    assert!(at.run(0, &["maintenance", "list"]).contains("2027-01-02 05:00 UTC"));
    at.run(0, &["maintenance", "start", id]);
    assert!(at.run(0, &["maintenance", "complete", id, "-m", "Done."]).contains("completed"));
    assert!(at.run(2, &["maintenance", "cancel", id]).contains("it is over"));
    let other = at.json(&plan);
    assert!(at.run(0, &["maintenance", "cancel", other["id"].as_str().unwrap()]).contains("cancelled"));
    at.run(2, &["maintenance", "move", id]);
    at.run(2, &["maintenance", "plan", "Disks", "--starts", "tomorrow", "--ends", ends]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_call_is_said_and_no_secret_with_it() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let server = home.serve().await;
    let at = Terminal { home: &home, url: server.url(), token: &secret };
    assert!(at.run(2, &["incident", "open", "x", "--service", "nowhere"]).contains("nowhere"));
    assert!(at.run(2, &["incident", "open", "x", "--impact", "huge"]).contains("critical"));
    assert!(at.run(2, &["incident", "open"]).contains("TITLE"));
    assert!(at.run(2, &["incident", "resolve", "../summary"]).contains("no such local incident"));
    assert!(
        at.run(0, &["incident", "open", "--help"]).contains("--service")
            && !at.run(0, &["incident", "--help"]).contains(&secret)
    );
    let stranger = Terminal { token: "acl_nobody", url: server.url(), home: &home };
    let refused = stranger.run(2, &["incident", "open", "x"]);
    assert!(refused.contains("does not count") && !refused.contains("acl_nobody"), "{refused}");
    let nobody = program(home.folder.path())
        .args(["incident", "open", "x", "--url", &server.url()])
        .env_remove("ALLCLEAR_TOKEN")
        .output()
        .unwrap();
    assert!(nobody.status.code() == Some(2) && said(&nobody).contains("/admin/tokens"), "{}", said(&nobody));
}

/// A door to the program that loses the first answers.
fn lossy(server: &Server, lost: usize) -> String {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, behind) = (format!("http://{}", door.local_addr().unwrap()), server.address);
    std::thread::spawn(move || {
        for (number, came) in door.incoming().enumerate() {
            let Ok(mut came) = came else { return };
            let mut request = Vec::new();
            let mut bytes = [0_u8; 8 << 10];
            // A small request comes in one or two pieces: its body ends with the brace.
            while !request.ends_with(b"}") {
                let Ok(count @ 1..) = came.read(&mut bytes) else { break };
                request.extend_from_slice(&bytes[..count]);
            }
            let request = String::from_utf8_lossy(&request).replacen("\r\n", "\r\nconnection: close\r\n", 1);
            let mut on = std::net::TcpStream::connect(behind).unwrap();
            on.write_all(request.as_bytes()).unwrap();
            let mut answer = Vec::new();
            on.read_to_end(&mut answer).unwrap();
            if number >= lost {
                came.write_all(&answer).unwrap();
            }
        }
    });
    url
}

/// R25: a connection that is lost after the write was taken does not make two of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_and_the_write_counts_once() {
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let mut server = home.serve().await;
    let at = Terminal { home: &home, url: lossy(&server, 3), token: &secret };
    let opened = at.json(&["incident", "open", "Once", "--message", "x"]);
    let id = opened["id"].as_str().unwrap().to_owned();
    let gone = Terminal { url: lossy(&server, 99), ..at };
    assert!(gone.run(1, &["incident", "open", "Never heard", "--message", "x"]).contains("serving there"));
    server.terminate();
    server.ended().await;
    let rows = rows(&home);
    assert_eq!(rows.len(), 2, "each once: {rows:?}");
    assert_eq!(rows[0], format!("incident.open {id}"));
}

/// The commands that the README shows, as they stand there.
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_for_operators_in_the_readme_do_what_they_say() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let mut blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script = blocks.find(|block| block.contains("allclear incident open")).unwrap();
    let home = Home::new(TEAM);
    let secret = writer(&home);
    let mut server = home.serve().await;
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_allclear")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let script: String =
        script.lines().filter(|line| !line.starts_with("export")).map(|line| format!("{line}\n")).collect();
    let output = tokio::task::block_in_place(|| {
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", &script]).current_dir(home.folder.path()).env("PATH", path);
        shell.env("ALLCLEAR_URL", server.url()).env("ALLCLEAR_TOKEN", &secret).output().unwrap()
    });
    assert!(output.status.success(), "{}", said(&output));
    server.terminate();
    server.ended().await;
    let rows: Vec<String> = rows(&home).iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(rows, ["incident.open", "incident.update", "incident.resolve", "maintenance.plan"]);
}
