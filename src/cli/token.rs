//! `allclear token`: make, list and revoke API tokens of a running allclear.

use clap::Subcommand;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::{BAD_NEWS, GOOD, WRONG, complain, table};
use crate::clock::Clock;
use crate::fetch::{Fetcher, Sending, Settings};

/// Make, list and revoke API tokens.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Where allclear is.
    #[arg(long, global = true, env = "ALLCLEAR_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: Url,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token and print it. It is not shown again.
    Create {
        /// Which program it is for.
        name: String,
        /// What it may be used for: read, incidents:write, maintenances:write, verdicts:write, sources:write,
        /// subscribers:write, messages:write, admin.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<String>,
        /// After so many days it is worth nothing; without: until it is revoked.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
    },
    /// List all tokens, without what they are shown by.
    List {
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a token worthless, at once.
    Revoke {
        /// Its id, from `list`.
        id: String,
    },
}

/// Asks with the token in `ALLCLEAR_TOKEN`, which needs the scope `admin`.
pub async fn run(args: Args) -> u8 {
    // Not as an argument: those are in the list of processes.
    let Ok(token) = std::env::var("ALLCLEAR_TOKEN") else {
        return complain(&"ALLCLEAR_TOKEN holds no token: make one with the scope `admin` at /admin/tokens");
    };
    match done(&args, &token).await {
        Ok(status) => status,
        Err(error) => {
            complain(&error);
            BAD_NEWS
        }
    }
}

async fn done(args: &Args, token: &str) -> Result<u8, String> {
    match &args.what {
        What::Create { name, scopes, days } => {
            let until = days.map(|days| {
                let days = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
                Clock::system().now().wall.saturating_add(days).map(|end| end.to_string()).unwrap_or_default()
            });
            let body = json!({"name": name, "scopes": scopes, "expires_at": until}).to_string();
            let (status, said) = ask(&args.url, "POST", "api/v1/tokens", body, token).await?;
            match said["token"].as_str().filter(|_| status == 201) {
                Some(made) => anstream::println!("{made}"),
                None => return Ok(refused(&said)),
            }
        }
        What::List { json } => {
            let (status, said) = ask(&args.url, "GET", "api/v1/tokens", String::new(), token).await?;
            if status != 200 {
                return Ok(refused(&said));
            }
            if *json {
                anstream::println!("{said:#}");
            } else {
                show(&said);
            }
        }
        What::Revoke { id } => {
            let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
            let (status, said) = ask(&args.url, "DELETE", &format!("api/v1/tokens/{id}"), String::new(), token).await?;
            if status != 204 {
                return Ok(refused(&said));
            }
        }
    }
    Ok(GOOD)
}

fn refused(said: &Value) -> u8 {
    complain(&said["detail"].as_str().unwrap_or("this is no allclear"));
    WRONG
}

fn show(said: &Value) {
    let mut table = table::table(&["id", "name", "begins with", "scopes", "good until", "last used"]);
    for token in said["items"].as_array().into_iter().flatten() {
        let text = |name: &str| token[name].as_str().unwrap_or("-").to_owned();
        let scopes = token["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let scopes = scopes.collect::<Vec<_>>().join(" ");
        table.add_row([text("id"), text("name"), text("prefix"), scopes, text("expires_at"), text("used_at")]);
    }
    anstream::println!("{table}");
}

async fn ask(base: &Url, method: &'static str, path: &str, body: String, token: &str) -> Result<(u16, Value), String> {
    let url = base.join(path).map_err(|error| error.to_string())?;
    let fetcher = Fetcher::new(Settings::default(), Clock::system()).map_err(|error| error.to_string())?;
    let authorization = Some(SecretString::from(format!("Bearer {token}")));
    let kind = "application/json";
    let sending = Sending { method, url: &url, kind, body, headers: &[], authorization, allow_private: true };
    let sent = fetcher.send(sending).await.map_err(|error| format!("{url}: {error}; is allclear serving there?"))?;
    Ok((sent.status, serde_json::from_slice(&sent.body).unwrap_or_default()))
}
