//! `demarcctl`: everything that the desktop can do, from a terminal or a script.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    demarcctl::main().await
}
