//! `allclear serve`.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::{GOOD, Places, WRONG, complain};
use crate::app::{self, AppError, Settings};
use crate::clock::Clock;

/// Poll, merge, store and serve.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// The address to serve on.
    #[arg(long, env = "ALLCLEAR_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// Runs until told to stop.
pub async fn run(args: Args, places: Places) -> u8 {
    let listener = match TcpListener::bind(args.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            return complain(&format!("{}: {error}; give another address with --listen", args.listen));
        }
    };
    let address = listener.local_addr().unwrap_or(args.listen);
    tracing::info!("serving http://{address}");
    let settings = Settings { config: places.config, data: places.data };
    match app::serve(settings, listener, Clock::system(), shutdown()).await {
        Ok(()) => {
            tracing::info!("stopped; everything is stored");
            GOOD
        }
        Err(AppError::Configuration(problems)) => {
            for problem in &problems {
                complain(problem);
            }
            WRONG
        }
        Err(AppError::Store(error)) => complain(&error),
        Err(AppError::Other(error)) => {
            complain(&format!("{error:#}"));
            super::BAD_NEWS
        }
    }
}

/// Ends at the first SIGTERM or SIGINT. A second one ends the process at once.
async fn shutdown() {
    signalled().await;
    tracing::info!("stopping; a second signal ends at once");
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            runtime.block_on(signalled());
            std::process::exit(130);
        }
    });
}

async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Where signals cannot be waited for, only the supervisor's kill ends the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
