//! What RADIUS decides about a log-in, by name.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The reason of a decision, as the database's functions write it beside each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Let in.
    Accepted,
    /// Let in to the notice only: suspended or expired under the policy `redirect`.
    Redirected,
    /// The router is not known by its address.
    UnknownRouter,
    /// Nobody of this provider has that name.
    UnknownUser,
    /// The password does not match.
    WrongPassword,
    /// Cut off by a person.
    Suspended,
    /// Cut off by its expiry.
    Expired,
    /// A device that is none of the customer's.
    WrongDevice,
    /// Nothing is left of the package's volume.
    VolumeUsed,
    /// Nothing is left of the package's hours.
    HoursUsed,
    /// As many sessions as the package allows, on other devices.
    AlreadyLoggedIn,
}
