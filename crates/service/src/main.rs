//! `demarcd`: runs beside a provider's FreeRADIUS, changes live sessions, says whether FreeRADIUS answers, and keeps the
//! history. It decides nothing: what it may do is in the database, what it does is in `operations`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use domain::{Error, ErrorCode};
use operations::service::Beside;
use tracing_subscriber::EnvFilter;

/// Demarc beside FreeRADIUS: ends and changes live sessions, asks FreeRADIUS whether it is there, keeps the history
#[derive(Parser)]
#[command(name = "demarcd", version)]
struct Arguments {
    /// The folder that `demarcctl radius export-config` wrote on this computer; it holds the log-in to the database
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("DEMARC_LOG").unwrap_or_else(|_| EnvFilter::new("info,graphile_worker=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.message);
            if let Some(hint) = &error.hint {
                eprintln!("hint: {hint}");
            }
            // whoever starts it again, such as systemd, does so
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut stop = Stop::listen()?;
    let beside = Beside::in_folder(&arguments.folder).await?;
    tracing::info!(folder = %arguments.folder.display(), "ready");
    stop.asked().await;
    tracing::info!("finishing what is under way");
    beside.stop().await;
    Ok(())
}

/// How the system asks a service to end.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, Error> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let terminate = signal(SignalKind::terminate())
                .map_err(|error| Error::new(ErrorCode::Internal, format!("could not listen for signals: {error}")))?;
            Ok(Self { terminate })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    async fn asked(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}
