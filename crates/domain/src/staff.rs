//! People who log in.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The level of a person; each is a group role of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Owns providers, and makes their admins.
    SuperAdmin,
    /// Does everything in one provider.
    Admin,
}
