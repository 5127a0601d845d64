//! The command line: arguments in, answers on stdout, logs on stderr, an exit status out.

mod add;
mod catalog;
mod check;
mod data;
mod explain;
mod export;
mod incident;
mod kept;
mod look;
mod maintenance;
mod mcp;
mod parse;
mod password;
mod rehearse;
mod remote;
mod replay;
mod serve;
mod simulate;
mod status;
mod table;
mod token;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::telemetry::{self, Look};

/// The answer is good.
pub const GOOD: u8 = 0;
/// The answer is bad news: a check failed, a source is not operational.
pub const BAD_NEWS: u8 = 1;
/// The call or the configuration is wrong.
pub const WRONG: u8 = 2;

/// Which of your vendors is down, and what of yours it touches: one page and one API that you host yourself.
#[derive(Debug, Parser)]
#[command(
    name = "allclear",
    version,
    after_help = "\
Start here:
  allclear simulate --write sources.demo.yaml   a small world of pretend vendors to look at
  allclear --config sources.demo.yaml           read it and serve the page at http://127.0.0.1:8080
  allclear catalog github                       is a vendor known by name?
  allclear check                                is my sources.yaml right?

Exit status: 0 good, 1 the answer is bad news, 2 the call or the configuration is wrong.",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    serve: serve::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where things are.
#[derive(Debug, Clone, clap::Args)]
pub struct Places {
    /// The configuration.
    #[arg(long, short, global = true, env = "ALLCLEAR_CONFIG", default_value = "sources.yaml", value_name = "FILE")]
    pub config: PathBuf,
    /// The folder of the database; it is made where it is missing.
    #[arg(long, global = true, env = "ALLCLEAR_DATA", default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// What to log, as `info` or `allclear=debug,warn`.
    #[arg(long, global = true, env = "ALLCLEAR_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    /// How to log.
    #[arg(long, global = true, env = "ALLCLEAR_LOG_FORMAT", default_value = "auto", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object per event.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Poll, merge, store and serve (this is what runs without a command).
    Serve(serve::Args),
    /// Read the configuration and print every mistake with file, line, column and a hint.
    Check(check::Args),
    /// Read a status page now and print what it says.
    Probe(look::ProbeArgs),
    /// Read saved documents or kept receipts and print what they say as JSON.
    Parse(parse::Args),
    /// Show the merged present of a running allclear as a table.
    Status(status::Args),
    /// Put a vendor or a status page into the configuration, with its comments and its order as they are.
    Add(add::Args),
    /// Search the vendors that are known by name.
    Catalog(catalog::Args),
    /// Declare, follow and end incidents of a running allclear, and judge vendors'.
    Incident(incident::Args),
    /// Plan, move, start and end maintenances of a running allclear.
    Maintenance(maintenance::Args),
    /// Print who was told of an incident, a maintenance or a source, who was not, and why.
    Explain(explain::Args),
    /// Run the present rules of telling people over the recorded past, and show what would have been sent.
    Rehearse(rehearse::Args),
    /// Answer an assistant on standard input and output (Model Context Protocol) from a running allclear.
    Mcp(mcp::Args),
    /// Make, list and revoke API tokens of a running allclear.
    Token(token::Args),
    /// Hash a password from standard input, or set somebody's while allclear is not serving.
    Password(password::Args),
    /// Write a consistent copy of the database, also while allclear is serving.
    Backup(data::BackupArgs),
    /// Put a copy back. The database before it is kept beside it.
    Restore(data::RestoreArgs),
    /// Check the database and say what is wrong. Changes nothing.
    Doctor(data::DoctorArgs),
    /// Write the whole page as static files, for any web server.
    Export(export::Args),
    /// Run a small world of pretend vendors on loopback that break on a schedule.
    Simulate(simulate::Args),
    /// Ask a running allclear whether it is alive; for container health checks.
    Health(status::HealthArgs),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, the rest is a wrong call. A closed terminal is no reason to panic.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { WRONG } else { GOOD });
        }
    };
    let quiet = !matches!(cli.command, None | Some(Command::Serve(_) | Command::Simulate(_)));
    let look = match cli.places.log_format {
        LogFormat::Text => Look::Lines,
        LogFormat::Json => Look::Json,
        LogFormat::Auto if std::io::stderr().is_terminal() => Look::Lines,
        LogFormat::Auto => Look::Json,
    };
    // A command that answers on the terminal says only what goes wrong, unless asked for more.
    let filter = if quiet && cli.places.log == "info" { "warn" } else { &cli.places.log };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("error: the async threads cannot be started: {error}");
            return ExitCode::from(WRONG);
        }
    };
    let serves = matches!(cli.command, None | Some(Command::Serve(_)));
    let exporting = serves.then(|| runtime.handle());
    let telemetry = match telemetry::start(filter, look, exporting) {
        Ok(telemetry) => telemetry,
        Err(error) => return ExitCode::from(complain(&error)),
    };
    let status = runtime.block_on(dispatch(cli));
    telemetry.end();
    // Blocking work in hand (a hanging name lookup, a parser) is not waited for.
    runtime.shutdown_background();
    ExitCode::from(status)
}

async fn dispatch(cli: Cli) -> u8 {
    let places = cli.places;
    match cli.command {
        None => serve::run(cli.serve, places).await,
        Some(Command::Serve(args)) => serve::run(args, places).await,
        Some(Command::Check(args)) => check::run(args, &places).await,
        Some(Command::Probe(args)) => look::probe(args).await,
        Some(Command::Parse(args)) => parse::run(&args, &places),
        Some(Command::Status(args)) => status::run(args).await,
        Some(Command::Add(args)) => add::run(args, &places).await,
        Some(Command::Catalog(args)) => catalog::run(&args),
        Some(Command::Incident(args)) => incident::run(args).await,
        Some(Command::Maintenance(args)) => maintenance::run(args).await,
        Some(Command::Explain(args)) => explain::run(args).await,
        Some(Command::Rehearse(args)) => rehearse::run(&args, &places),
        Some(Command::Mcp(args)) => mcp::run(args).await,
        Some(Command::Token(args)) => token::run(args).await,
        Some(Command::Password(args)) => password::run(&args, &places),
        Some(Command::Backup(args)) => data::backup(args, places),
        Some(Command::Restore(args)) => data::restore(args, places),
        Some(Command::Doctor(args)) => data::doctor(args, &places),
        Some(Command::Export(args)) => export::run(args, &places).await,
        Some(Command::Simulate(args)) => simulate::run(args).await,
        Some(Command::Health(args)) => status::health(args).await,
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Cli::command(), "allclear", &mut std::io::stdout());
            GOOD
        }
    }
}

/// Prints why something could not be done.
fn complain(error: &dyn std::fmt::Display) -> u8 {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{style}error:{style:#} {error}");
    WRONG
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
