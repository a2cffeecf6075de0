//! The log: a file a day in the data folder, seven of them kept. No secret is ever logged.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Starts logging; what is returned must live as long as the program, or the last lines are lost.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("demarc")
        .filename_suffix("log")
        .max_log_files(7)
        .build(folder.join("log"));
    match appender {
        Ok(appender) => {
            let (writer, guard) = tracing_appender::non_blocking(appender);
            let filter = EnvFilter::try_from_env("DEMARC_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
            tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(filter).init();
            Some(guard)
        }
        Err(error) => {
            eprintln!("demarc: no log can be written in {}: {error}", folder.display());
            None
        }
    }
}
