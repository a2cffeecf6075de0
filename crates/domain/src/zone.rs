//! Zones: named areas.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::{Draft, FieldError};
use crate::names;

/// A named area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Zone {
    pub id: i64,
    pub version: i32,
    pub name: String,
    /// Whose zone it is.
    pub operator_name: String,
    /// How many customers live there.
    pub customers: i64,
}

/// A zone as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ZoneDraft {
    pub name: String,
}

/// A zone whose name is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedZone {
    pub name: String,
}

impl ZoneDraft {
    /// Reads the name.
    pub fn check(&self) -> Result<CheckedZone, Vec<FieldError>> {
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::name);
        draft.finish_with(name.map(|name| CheckedZone { name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_a_name() {
        let check =
            |name: &str| ZoneDraft { name: name.into() }.check().map(|zone| zone.name).map_err(|errors| errors.len());
        assert_eq!(check("  North   side "), Ok("North side".into()));
        assert_eq!(check(" "), Err(1));
    }
}
