//! Real servers for the tests: a provider on its own embedded database, a FreeRADIUS beside it, a router that
//! obeys it, `demarcctl`, the window.
//! Each test makes its own and leaves nothing behind.

pub mod ctl;
pub mod nas;
pub mod provider;
pub mod radius;
pub mod simulator;
pub mod tree;
pub mod window;

use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The programs as they were built, beside the tests.
pub fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("a test knows where it is");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(path.exists(), "`{}` is not built: run the tests with `make test`", path.display());
    path
}

/// Waits for something to become true, and fails after `deadline` saying what was waited for.
pub async fn wait_for<F, T>(what: &str, deadline: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(started.elapsed() < deadline, "waited {} s for {what}", deadline.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
