//! An assistant on this machine asks by `allclear mcp`, a running allclear answers, and is away in between.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use allclear::model::people::Scope;
use allclear::simulate::{Cast, Change};
use serde_json::{Value, json};

use super::api::token;
use super::server::{Home, SOON, play_cast, program, until, yaml};

/// A client of the Model Context Protocol with the program at the other end of its pipes.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Client {
    fn start(mut command: Command) -> Self {
        let command = command.arg("mcp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Self { child, input, output, last: 0 };
        let hello = client.ask(
            "initialize",
            &json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}),
        );
        assert_eq!(hello["serverInfo"]["name"], "allclear", "{hello}");
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    /// Asks, and reads lines until one is the answer. Every line is a message: nothing else comes on this pipe.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "it ended without an answer to {method}");
            let said: Value = serde_json::from_str(&line).unwrap();
            if said["id"] == id {
                return said["result"].clone();
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        tokio::task::block_in_place(|| self.ask("tools/call", &json!({"name": tool, "arguments": arguments})))
    }

    /// Ends its input; how it ended, and what it said beside its answers.
    fn end(mut self) -> (ExitStatus, String) {
        drop(self.input.take());
        let output = self.child.wait_with_output().unwrap();
        (output.status, String::from_utf8(output.stderr).unwrap())
    }
}

fn text(said: &Value) -> &str {
    said["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {said}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assistant_asks_on_standard_input_and_nothing_is_well_while_allclear_is_away() {
    let play = play_cast(Cast::EveryFormat).await;
    let vendor = play.of(&["statuspage"])[0].clone();
    let home = Home::new(&yaml([&vendor]).replace("page:\n", "page:\n  access: private\n"));
    let key = token(&home, &[Scope::Read]);
    let mut server = home.serve().await;
    let mut command = program(home.folder.path());
    command.env("ALLCLEAR_URL", server.url()).env("ALLCLEAR_TOKEN", &key);
    let mut client = Client::start(command);
    assert_eq!(client.ask("tools/list", &json!({}))["tools"].as_array().unwrap().len(), 8);

    let name = json!({"name": vendor.name});
    let said = until("it is read", SOON, async || {
        let said = client.call("is_up", &name);
        (said["structuredContent"]["answer"] == "up").then_some(said)
    })
    .await;
    assert!(text(&said).starts_with("UP: "), "{said}");

    play.world.set(&vendor.id, Change::Component { name: "API".into(), state: "major_outage" });
    play.world.set(
        &vendor.id,
        Change::Open {
            id: "trouble00001".into(),
            title: "Errors on API".into(),
            impact: "critical",
            body: "We are looking into it.".into(),
            components: vec!["API".into()],
        },
    );
    let said = until("the incident is told", SOON, async || {
        let said = client.call("whats_broken", &json!({}));
        text(&said).contains("«Errors on API»").then_some(said)
    })
    .await;
    let data = &said["structuredContent"];
    assert_eq!(data["broken"][0]["id"], vendor.id.as_str(), "{data}");
    assert!(text(&said).contains("«We are looking into it.»"), "{said}");
    let id = json!({"id": data["incidents"][0]["id"]});
    assert_eq!(client.call("get_incident", &id)["structuredContent"]["incident"]["title"], "Errors on API");
    let then = client.call("at", &json!({"moment": "-0s", "name": vendor.name}));
    assert_eq!(then["structuredContent"]["answer"], "down", "{then}");

    server.terminate();
    server.ended().await;
    let said = client.call("whats_broken", &json!({}));
    assert_eq!((&said["isError"], &said["structuredContent"]["answer"]), (&json!(true), &json!("unknown")));
    assert!(text(&said).contains("is allclear serving there?") && text(&said).contains("that is unknown"), "{said}");

    let (status, log) = tokio::task::block_in_place(|| client.end());
    assert!(status.success(), "{status}: {log}");
    assert!(!log.contains(&key), "a token does not stand in a log");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_a_private_page_says_nothing_to_an_assistant() {
    let home = Home::new("page:\n  access: private\nsources: []\nservices:\n  - name: Checkout\n");
    let server = home.serve().await;
    let mut command = program(home.folder.path());
    command.env("ALLCLEAR_URL", server.url());
    let mut client = Client::start(command);
    let said = client.call("is_up", &json!({"name": "Checkout"}));
    assert_eq!(said["isError"], true, "{said}");
    assert!(text(&said).contains("a token in the header Authorization"), "{said}");
    assert!(tokio::task::block_in_place(|| client.end()).0.success());
}

#[test]
fn who_asks_nothing_ends_it_well() {
    let home = Home::new("sources: []\n");
    let output = home.run(&["mcp"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
}
