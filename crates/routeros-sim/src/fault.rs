//! Faults put in the way of chosen commands.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Which command a fault meets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fault {
    /// Only commands of this menu, such as `/ppp/secret`; none: of all.
    #[serde(default)]
    pub menu: Option<String>,
    /// Only this command, such as `add`; none: all.
    #[serde(default)]
    pub verb: Option<String>,
    /// The n-th command from now on that fits, counted from 1. The log-in counts only if its path `/login` fits.
    #[serde(default = "first")]
    pub nth: u64,
    /// Before the command takes effect, or after.
    #[serde(default)]
    pub moment: Moment,
    /// What happens.
    pub what: Mishap,
}

fn first() -> u64 {
    1
}

/// Does the command take effect?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// It does not.
    #[default]
    Before,
    /// It does, and then something happens to its answer.
    After,
}

/// What happens at a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mishap {
    /// The connection is closed without an answer.
    Drop,
    /// The command answers this trap.
    Trap(String),
    /// The answer comes this many milliseconds late.
    Late(u64),
    /// There is no answer, the connection stays.
    Silence,
    /// Half of the answer, then the connection closes.
    Half,
    /// Bytes that are no sentence, then the connection closes.
    Garbage,
    /// The line is dead: nothing comes or goes any more, and nobody hangs up.
    Dead,
    /// The router reboots.
    Reboot,
}

impl Mishap {
    pub(crate) fn delay(&self) -> Duration {
        match self {
            Self::Late(milliseconds) => Duration::from_millis(*milliseconds),
            _ => Duration::ZERO,
        }
    }
}

/// Faults that have not happened yet.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn push(&mut self, mut fault: Fault) {
        fault.nth = fault.nth.max(1);
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts a command, and gives the fault that it meets.
    pub(crate) fn meet(&mut self, menu: &str, verb: &str) -> Option<Fault> {
        let mut met = None;
        for (at, fault) in self.0.iter_mut().enumerate() {
            let fits = fault.menu.as_deref().is_none_or(|wanted| wanted == menu)
                && fault.verb.as_deref().is_none_or(|wanted| wanted == verb);
            // the log-in is met only by a fault that names it
            let meant = !menu.is_empty() || verb != "login" || fault.verb.is_some();
            if fits && meant {
                fault.nth -= 1;
                if fault.nth == 0 && met.is_none() {
                    met = Some(at);
                }
                fault.nth = fault.nth.max(1);
            }
        }
        met.map(|at| self.0.remove(at))
    }
}
