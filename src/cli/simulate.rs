//! `allclear simulate`.

use std::net::IpAddr;
use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::{GOOD, complain, table};
use crate::clock::Clock;
use crate::simulate::{Cast, Settings, World};

/// Run a small world of pretend vendors.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// The address of the first vendor; the others get the addresses after it.
    #[arg(long, env = "ALLCLEAR_SIMULATE_BIND", default_value = "127.0.1.1", value_name = "ADDRESS")]
    bind: IpAddr,
    /// The port of every vendor.
    #[arg(long, default_value_t = 9100, value_name = "PORT")]
    port: u16,
    /// This many plain vendors for a load test, instead of the named ones.
    #[arg(long, value_name = "N")]
    sources: Option<usize>,
    /// One vendor for each format, instead of the named ones.
    #[arg(long, conflicts_with = "sources")]
    every_format: bool,
    /// Vendors that have a bad week: three outages, a cascade, flapping, planned work; with `--speed 600` in 17 minutes.
    #[arg(long, conflicts_with_all = ["sources", "every_format"])]
    week: bool,
    /// How many times faster than real time the script of troubles plays.
    #[arg(long, default_value_t = 1.0, value_name = "TIMES")]
    speed: f64,
    /// Makes the same world again.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// Also write the configuration that reads this world.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Serves the world until interrupted.
pub async fn run(args: Args) -> u8 {
    let cast = match args.sources {
        Some(count) => Cast::Load(count),
        None if args.week => Cast::Week,
        None if args.every_format => Cast::EveryFormat,
        None => Cast::Named,
    };
    let settings = Settings { bind: args.bind, port: args.port, cast, speed: args.speed, seed: args.seed };
    let world = match World::start(settings, Clock::system()).await {
        Ok(world) => world,
        Err(error) => return complain(&format!("{}:{}: {error}; try another --bind or --port", args.bind, args.port)),
    };
    if let Some(file) = &args.write {
        if let Err(error) = std::fs::write(file, world.config_yaml()) {
            return complain(&format!("{}: {error}", file.display()));
        }
        anstream::println!("wrote {0}; read it with: allclear --config {0}\n", file.display());
    }
    if args.sources.is_none() {
        let mut shown = table::table(&["vendor", "format", "plays", "address"]);
        for vendor in world.vendors() {
            shown.add_row([vendor.name.as_str(), vendor.format, vendor.plays, vendor.url.as_str()]);
        }
        table::print(&shown, &[]);
    }
    anstream::println!("\n{} vendors; interrupt to stop", world.vendors().len());
    let stop = CancellationToken::new();
    let ending = stop.clone();
    let interrupted = async move {
        // Where signals cannot be waited for, the world ends with its terminal.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        ending.cancel();
    };
    let (served, ()) = tokio::join!(world.run(stop), interrupted);
    match served {
        Ok(()) => GOOD,
        Err(error) => complain(&error),
    }
}
