//! The names of what a group, a script or a job may do.

use crate::kind::Refusal;
use crate::release::Release;

/// All policies of a group, in the order in which a group prints them; `rest-api` is of 7, what follows it of 6.
pub(crate) const POLICIES: &str = "local|telnet|ssh|ftp|reboot|read|write|policy|test|winbox|password|web|sniff|sensitive|api|\
    romon|rest-api|dude|tikapp";

/// The policies that a release knows.
pub(crate) fn policies_of(release: Release) -> impl Iterator<Item = &'static str> {
    let other: &[&str] = if release.major == 6 { &["rest-api"] } else { &["dude", "tikapp"] };
    POLICIES.split('|').filter(move |policy| !other.contains(policy))
}

/// Policies of a group are printed all, those not granted with `!`.
pub(crate) fn read_policy(text: &str, release: Release) -> Result<String, Refusal> {
    let mut granted = Vec::new();
    for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        let name = one.strip_prefix('!').unwrap_or(one);
        if !policies_of(release).any(|policy| policy == name) {
            return Err(Refusal::Match);
        }
        if name == one {
            granted.push(name);
        }
    }
    let (have, have_not): (Vec<_>, Vec<_>) = policies_of(release).partition(|policy| granted.contains(policy));
    let denied = have_not.iter().map(|policy| format!("!{policy}"));
    Ok(have.iter().map(|policy| (*policy).to_owned()).chain(denied).collect::<Vec<_>>().join(","))
}
