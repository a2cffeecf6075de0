//! What can go wrong, and where.

use std::collections::BTreeMap;

/// A call of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Reach,
    Prepare,
    Act,
    Observe,
    Undo,
}

/// What goes wrong in a call of the work: before its effect, in the middle of it, or after it. With an unknown outcome the
/// line is lost; killed is the whole process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Refused,
    RefusedHalf,
    UnknownBefore,
    UnknownHalf,
    UnknownAfter,
    KilledBefore,
    KilledHalf,
    KilledAfter,
    /// Not in [`TROUBLES`]: a mistake of ours.
    Panic,
}

pub const TROUBLES: [Trouble; 8] = [
    Trouble::Refused,
    Trouble::RefusedHalf,
    Trouble::UnknownBefore,
    Trouble::UnknownHalf,
    Trouble::UnknownAfter,
    Trouble::KilledBefore,
    Trouble::KilledHalf,
    Trouble::KilledAfter,
];

/// What goes wrong when an entry is written: before it is kept, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    LostBefore,
    LostAfter,
    AwhileBefore,
    AwhileAfter,
    GoneBefore,
    GoneAfter,
    SilentBefore,
    SilentAfter,
    KilledBefore,
    KilledAfter,
}

pub const PAPERS: [Paper; 10] = [
    Paper::LostBefore,
    Paper::LostAfter,
    Paper::AwhileBefore,
    Paper::AwhileAfter,
    Paper::GoneBefore,
    Paper::GoneAfter,
    Paper::SilentBefore,
    Paper::SilentAfter,
    Paper::KilledBefore,
    Paper::KilledAfter,
];

/// What comes of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    Cancel,
    Lost,
    Awhile,
    Gone,
    Silent,
    Killed,
}

pub const RENEWALS: [Renewal; 6] =
    [Renewal::Cancel, Renewal::Lost, Renewal::Awhile, Renewal::Gone, Renewal::Silent, Renewal::Killed];

/// Everything that goes wrong in one drive.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// By the number of the call.
    pub calls: BTreeMap<usize, Trouble>,
    /// By what is called: every time.
    pub always: BTreeMap<(Call, usize), Trouble>,
    /// By the number of the attempt to write.
    pub papers: BTreeMap<usize, Paper>,
    /// By the number of the attempt to renew.
    pub renewals: BTreeMap<usize, Renewal>,
}

impl Faults {
    pub fn always(call: Call, step: usize, trouble: Trouble) -> Self {
        Self { always: BTreeMap::from([((call, step), trouble)]), ..Self::default() }
    }

    pub fn call(mut self, number: usize, trouble: Trouble) -> Self {
        self.calls.insert(number, trouble);
        self
    }

    pub fn paper(mut self, number: usize, paper: Paper) -> Self {
        self.papers.insert(number, paper);
        self
    }

    pub fn renewal(mut self, number: usize, renewal: Renewal) -> Self {
        self.renewals.insert(number, renewal);
        self
    }
}
