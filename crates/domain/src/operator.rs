//! The sales tree: the provider, its operators, their sub-operators; and tenants, of which each has one.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::customer::CustomerCount;
use crate::field::{Draft, FieldError};
use crate::names;

/// A node of the sales tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Operator {
    pub id: i64,
    pub version: i32,
    pub name: String,
    /// None: the provider itself.
    pub parent_id: Option<i64>,
    pub parent_name: Option<String>,
    /// 0 is the provider, 1 an operator, 2 a sub-operator.
    pub depth: i16,
    /// Its own; not those of sub-operators.
    pub customers: CustomerCount,
    pub routers: i64,
    pub packages: i64,
    pub zones: i64,
    /// People who may log in for it.
    pub staff: i64,
    /// Whether the person who asks may rename, move and close it.
    pub manageable: bool,
}

/// An operator as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OperatorDraft {
    pub name: String,
    /// Above it. An edit leaves it as it is: see [`OperatorMove`].
    pub parent_id: Option<i64>,
}

impl OperatorDraft {
    /// Reads the name.
    pub fn check(&self) -> Result<String, Vec<FieldError>> {
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::name);
        draft.finish_with(name)
    }
}

/// Where an operator goes, and where its customers go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct OperatorMove {
    /// Above it from now on.
    pub parent_id: i64,
    /// None: the customers go along. Else they stay behind with this operator.
    pub customers_to: Option<i64>,
}

/// A tenant: one provider in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Tenant {
    pub id: i64,
    pub name: String,
    /// ISO 3166 code.
    pub country: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Super admins who own it.
    pub owners: Vec<String>,
    /// The one that is worked in.
    pub current: bool,
}
