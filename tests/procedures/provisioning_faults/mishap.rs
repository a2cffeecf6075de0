//! What goes wrong, and where.

use routeros_sim::{Fault, Mishap, Moment, Received, Simulator};

/// Verbs that change nothing.
const READS: [&str; 9] = ["print", "getall", "get", "monitor", "listen", "read", "login", "cancel", "quit"];

/// The n-th command of its kind that a run sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub menu: String,
    pub verb: String,
    pub nth: u64,
}

impl Place {
    /// All that write, in the order in which an undisturbed run sent them.
    pub fn all(commands: &[Received]) -> Vec<Self> {
        let mut places: Vec<Self> = Vec::new();
        for (menu, verb) in commands.iter().filter_map(parts).filter(|(_, verb)| !READS.contains(verb)) {
            let nth = 1 + places.iter().filter(|place| place.is(menu, verb)).count() as u64;
            places.push(Self { menu: menu.to_owned(), verb: verb.to_owned(), nth });
        }
        places
    }

    fn is(&self, menu: &str, verb: &str) -> bool {
        self.menu == menu && self.verb == verb
    }

    /// Puts something in its way.
    pub fn put(&self, sim: &Simulator, moment: Moment, what: Mishap) {
        sim.fault(Fault { menu: Some(self.menu.clone()), verb: Some(self.verb.clone()), nth: self.nth, moment, what });
    }

    /// Whether it has been sent.
    pub fn has_come(&self, commands: &[Received]) -> bool {
        let same = commands.iter().filter_map(parts).filter(|(menu, verb)| self.is(menu, verb));
        same.count() as u64 >= self.nth
    }
}

fn parts(command: &Received) -> Option<(&str, &str)> {
    command.words.first()?.rsplit_once('/')
}

/// From here on in [`all`] the answer never comes.
pub const ENDLESS: usize = 7;

/// Every mishap that the matrix tries at each command.
pub fn all() -> Vec<(Moment, Mishap)> {
    vec![
        (Moment::Before, Mishap::Drop),
        (Moment::After, Mishap::Drop),
        (Moment::Before, Mishap::Trap("failure: no more room".into())),
        (Moment::After, Mishap::Late(300)),
        (Moment::Before, Mishap::Reboot),
        (Moment::After, Mishap::Reboot),
        (Moment::After, Mishap::Half),
        (Moment::Before, Mishap::Silence),
        (Moment::After, Mishap::Silence),
        (Moment::After, Mishap::Dead),
    ]
}
