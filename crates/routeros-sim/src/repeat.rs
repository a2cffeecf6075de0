//! Commands that answer again and again: `ping`, `monitor`, `monitor-traffic`, `print =interval=`.

use std::time::Duration;

use crate::router::Router;

/// Rows of one round.
pub(crate) type Rows = Vec<Vec<(String, Vec<u8>)>>;

type Round = Box<dyn FnMut(&mut Router, u64) -> Rows + Send>;

type Over = Box<dyn Fn(&Router) -> bool + Send + Sync>;

/// Rounds of rows; each `!re` carries `=.section=N`.
pub(crate) struct Repeat {
    pub(crate) every: Duration,
    /// None: until it is cancelled.
    pub(crate) rounds: Option<u64>,
    pub(crate) round: Round,
    /// Over when this holds after a round: what was watched has come to its end.
    pub(crate) over: Option<Over>,
}

impl std::fmt::Debug for Repeat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Repeat")
            .field("every", &self.every)
            .field("rounds", &self.rounds)
            .finish_non_exhaustive()
    }
}

/// A row from names and texts.
pub(crate) fn row(values: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}
