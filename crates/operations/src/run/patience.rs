//! How long a run waits for what does not come.

use std::time::Duration;

use runs::Pace;

/// Of a router: longer than for a person's look, as one that is being configured is busy.
pub(crate) const ANSWER: Duration = Duration::from_secs(15);

/// How long, and how often it is tried meanwhile.
#[derive(Debug, Clone)]
pub struct Patience {
    /// A lost way to a router: a board boots in one to two minutes.
    pub way: Duration,
    /// An answer of a router.
    pub answer: Duration,
    /// A hold of safe mode that a lost line left.
    pub hold: Duration,
    /// The journal, and its lease.
    pub pace: Pace,
}

impl Default for Patience {
    /// `DEMARC_RUN_PATIENCE` (seconds) is for tests of the programs.
    fn default() -> Self {
        let seconds = std::env::var("DEMARC_RUN_PATIENCE").ok().and_then(|text| text.parse().ok());
        Self {
            way: seconds.map_or(Duration::from_mins(4), Duration::from_secs),
            answer: ANSWER,
            hold: Duration::from_secs(20),
            pace: Pace::default(),
        }
    }
}
