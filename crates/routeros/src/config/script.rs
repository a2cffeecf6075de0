//! Taking changes back by a script on the router itself, for when nobody reaches it any more.

use super::change::{Alteration, Change, Follower, Kept, What};
use super::find::Find;
use super::known::can_be_unset;
use super::quoting::{console, quoted};
use super::raw::Raw;

/// A command that may fail without ending the script.
fn guarded(command: &str) -> String {
    format!(":do {{ {command} }} on-error={{}}")
}

fn pair(name: &str, value: &Raw) -> String {
    format!(" {name}={}", quoted(value.bytes()))
}

impl Find {
    fn script(&self) -> String {
        let Self::Item(conditions) = self else { return String::new() };
        let conditions =
            conditions.iter().map(|property| format!(" {}={}", property.name, quoted(property.value.as_bytes())));
        format!(" [find{}]", conditions.collect::<String>())
    }
}

/// The item that something stood before: by its comment if it has one.
fn follower(kept: &Kept) -> String {
    let told = |(name, _): &&(String, Raw)| !crate::is_sensitive(name);
    let conditions: String = match kept.get("comment") {
        Some(comment) => pair("comment", comment),
        None => kept.0.iter().filter(told).map(|(name, value)| pair(name, value)).collect(),
    };
    format!("[find{conditions}]")
}

impl Change {
    /// One line of a script that takes the change back and does nothing if it was never made: every command is guarded. It
    /// holds secrets in clear. Empty where nothing can be taken back. It knows not what somebody changed since. RouterOS
    /// 6.49 and newer.
    pub fn inverse_script(&self) -> String {
        if matches!(&self.find, Find::Item(conditions) if conditions.is_empty()) {
            // `[find]` alone would be every item
            return String::new();
        }
        let menu = console(&self.menu);
        let found = self.find_after().script();
        match &self.what {
            What::Add { .. } => guarded(&format!("{menu} remove{found}")),
            What::Set(alterations) => self.set_back_script(&menu, &found, alterations),
            What::Move { stood, .. } => match stood.first() {
                Some(Follower { row: kept, .. }) => {
                    guarded(&format!("{menu} move{found} destination={}", follower(kept)))
                }
                None => guarded(&format!("{menu} move{found}")),
            },
            What::Remove { row, stood } => {
                // it may still be there: then it goes first, so that there are never two
                let values: String = self.restorable(row, None).map(|(name, value)| pair(name, value)).collect();
                let add = format!("{menu} add{values}");
                let add = match stood.first() {
                    Some(Follower { row: kept, .. }) => {
                        format!(":do {{ {add} place-before={} }} on-error={{ {} }}", follower(kept), guarded(&add))
                    }
                    None => guarded(&add),
                };
                format!("{}; {add}", guarded(&format!("{menu} remove{found}")))
            }
            What::Do(_) => String::new(),
        }
    }

    fn set_back_script(&self, menu: &str, found: &str, alterations: &[Alteration]) -> String {
        if let [one] = alterations
            && one.old.is_none()
            && can_be_unset(&self.menu, &one.name, None)
        {
            return guarded(&format!("{menu} unset{found} value-name={}", one.name));
        }
        let told = alterations.iter().filter(|one| !one.untold);
        let old: String = told.map(|one| pair(&one.name, &one.put_back())).collect();
        guarded(&format!("{menu} set{found}{old}"))
    }
}
