//! `allclear mcp`: an assistant asks on standard input and output, and a running allclear answers.

use serde_json::{Map, Value, json};

use super::remote::Place;
use super::{GOOD, complain};
use crate::mcp::{self, Answer};

/// Speak the Model Context Protocol on standard input and output, for an assistant on this machine.
#[derive(Debug, clap::Parser)]
pub struct Args {
    #[command(flatten)]
    place: Place,
}

/// Good where the input ended.
pub async fn run(args: Args) -> u8 {
    match mcp::over_stdio(Remote(args.place)).await {
        Ok(()) => GOOD,
        Err(error) => complain(&error),
    }
}

/// An allclear that is asked over HTTP. Each call is one request: it may be away between two.
#[derive(Debug, Clone)]
struct Remote(Place);

impl mcp::Answers for Remote {
    async fn answer(&self, tool: &str, arguments: Map<String, Value>) -> Answer {
        let params = json!({"name": tool, "arguments": arguments});
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        match self.0.mcp(&call).await {
            Ok(said) => answer(&said),
            Err(failed) => Answer::failed(failed.message()),
        }
    }
}

/// What was answered there. What is no answer is not taken for one.
fn answer(said: &Value) -> Answer {
    let result = &said["result"];
    match (result["content"][0]["text"].as_str(), said["error"]["message"].as_str()) {
        (Some(text), _) => Answer {
            text: text.to_owned(),
            data: result["structuredContent"].clone(),
            failed: result["isError"].as_bool().unwrap_or(false),
        },
        (None, Some(error)) => Answer::failed(error),
        (None, None) => Answer::failed("what answers there is no allclear, or an older one"),
    }
}
