//! People: their roles, what each role may do, and what is asked for when one is made.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::{Draft, FieldError, Problem};
use crate::names;

/// The level of a person; each is a group role of the database. One manages those of a higher level number within reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reaches every provider, and makes super admins.
    Developer,
    /// Owns providers, and makes their admins.
    SuperAdmin,
    /// Does everything in one provider.
    Admin,
    /// Runs an operator, with its sub-operators.
    Operator,
    /// Runs a sub-operator.
    SubOperator,
    /// Works for an operator, as permitted one by one.
    Manager,
    /// Reads money.
    Accountant,
    /// Sees and makes customers, sells packages; no network.
    SalesManager,
    /// Routers; customers read only.
    Technician,
    /// Support, as permitted one by one.
    Staff,
    /// Sells cards through the REST API; no log-in.
    CardDistributor,
    /// A subscriber, through the portal; no log-in.
    Customer,
}

impl Role {
    /// All of them, the highest first.
    pub const ALL: [Self; 12] = [
        Self::Developer,
        Self::SuperAdmin,
        Self::Admin,
        Self::Operator,
        Self::SubOperator,
        Self::Manager,
        Self::Accountant,
        Self::SalesManager,
        Self::Technician,
        Self::Staff,
        Self::CardDistributor,
        Self::Customer,
    ];

    /// A lower number manages higher ones.
    pub fn level(self) -> u8 {
        match self {
            Self::Developer => 0,
            Self::SuperAdmin => 10,
            Self::Admin => 20,
            Self::Operator => 30,
            Self::SubOperator => 40,
            Self::Manager => 50,
            Self::Accountant => 60,
            Self::SalesManager => 70,
            Self::Technician => 75,
            Self::Staff => 80,
            Self::CardDistributor => 90,
            Self::Customer => 100,
        }
    }

    /// Whether a person of this role logs in to the database.
    pub fn logs_in(self) -> bool {
        !matches!(self, Self::CardDistributor | Self::Customer)
    }

    /// Whether the role has a place at this depth of the sales tree: 0 is the provider, 1 an operator, 2 a sub-operator.
    pub fn belongs_at(self, depth: i16) -> bool {
        match self {
            Self::Developer | Self::Customer => false,
            Self::SuperAdmin | Self::Admin => depth == 0,
            Self::Operator => depth == 1,
            Self::SubOperator => depth == 2,
            _ => true,
        }
    }

    /// As people say it in English.
    pub fn words(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::SuperAdmin => "super admin",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::SubOperator => "sub-operator",
            Self::Manager => "manager",
            Self::Accountant => "accountant",
            Self::SalesManager => "sales manager",
            Self::Technician => "technician",
            Self::Staff => "staff",
            Self::CardDistributor => "card distributor",
            Self::Customer => "customer",
        }
    }
}

/// What a person may do. The database's grants and policies, commands and screens ask for the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See customers, their devices, log-ins and usage.
    CustomerRead,
    /// Add and change customers and their devices.
    CustomerWrite,
    /// Suspend and activate.
    CustomerSuspend,
    /// See a customer's password.
    CustomerPassword,
    /// Take payments, which renew.
    PaymentTake,
    /// See bills and payments.
    MoneyRead,
    /// See sessions and log-in attempts, and have a log-in explained.
    SessionRead,
    /// End live sessions, or have them made what they should be.
    SessionChange,
    /// Add and change packages.
    PackageWrite,
    /// Add and change zones.
    ZoneWrite,
    /// See routers.
    RouterRead,
    /// Add and change routers.
    RouterWrite,
    /// See and keep the secrets of routers.
    RouterSecret,
    /// Bring routers into service from templates, take it back, and keep their configurations.
    Provision,
    /// Write templates.
    TemplateWrite,
    /// Make, change and switch off people beneath oneself.
    StaffManage,
    /// Make, move and close operators beneath one's own.
    OperatorManage,
    /// See who did what.
    AuditRead,
    /// Change the provider's settings.
    ProviderWrite,
    /// Write FreeRADIUS's configuration.
    RadiusSetup,
    /// Rotate the organisation's key.
    KeyRotate,
    /// Make tenants.
    TenantManage,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::CustomerRead,
        Self::CustomerWrite,
        Self::CustomerSuspend,
        Self::CustomerPassword,
        Self::PaymentTake,
        Self::MoneyRead,
        Self::SessionRead,
        Self::SessionChange,
        Self::PackageWrite,
        Self::ZoneWrite,
        Self::RouterRead,
        Self::RouterWrite,
        Self::RouterSecret,
        Self::Provision,
        Self::TemplateWrite,
        Self::StaffManage,
        Self::OperatorManage,
        Self::AuditRead,
        Self::ProviderWrite,
        Self::RadiusSetup,
        Self::KeyRotate,
        Self::TenantManage,
    ];

    /// What it lets a person do, in English.
    pub fn words(self) -> &'static str {
        match self {
            Self::CustomerRead => "see customers",
            Self::CustomerWrite => "add and change customers",
            Self::CustomerSuspend => "suspend and activate customers",
            Self::CustomerPassword => "see customers' passwords",
            Self::PaymentTake => "take payments",
            Self::MoneyRead => "see bills and payments",
            Self::SessionRead => "see sessions and log-in attempts",
            Self::SessionChange => "end and change sessions",
            Self::PackageWrite => "add and change packages",
            Self::ZoneWrite => "add and change zones",
            Self::RouterRead => "see routers",
            Self::RouterWrite => "add and change routers",
            Self::RouterSecret => "see routers' secrets",
            Self::Provision => "provision routers",
            Self::TemplateWrite => "write templates",
            Self::StaffManage => "manage staff",
            Self::OperatorManage => "manage operators",
            Self::AuditRead => "see the audit",
            Self::ProviderWrite => "change the provider's settings",
            Self::RadiusSetup => "set up FreeRADIUS",
            Self::KeyRotate => "rotate the organisation's key",
            Self::TenantManage => "make tenants",
        }
    }
}

/// How a role has a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// By being of that role.
    Always,
    /// Given one by one; ticked in the form of a new person.
    Preset,
    /// Given one by one.
    Offered,
}

/// What a role may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RolePermission {
    pub role: Role,
    pub permission: Permission,
    pub held: Held,
    /// Whether the person who asks has it, and so may give it.
    pub mine: bool,
}

/// A person as others see them.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, on the wire")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StaffMember {
    pub id: i64,
    pub version: i32,
    /// Also the name to log in with.
    pub name: String,
    pub role: Role,
    /// None: a developer, who belongs to no operator.
    pub operator_id: Option<i64>,
    pub operator_name: Option<String>,
    /// The provider, for whoever has several.
    pub tenant_name: Option<String>,
    pub active: bool,
    /// What was given by hand.
    pub permissions: Vec<Permission>,
    /// Whether the person who asks may change them.
    pub manageable: bool,
    /// It is the person who asks.
    pub myself: bool,
    /// The server has a log-in for them; a database that was restored elsewhere may lack it until their password is reset.
    pub has_log_in: bool,
    pub password_set_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

/// A person as typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StaffDraft {
    pub name: String,
    pub role: Role,
    pub operator_id: Option<i64>,
    /// What is given by hand; only what the role is offered.
    #[serde(default)]
    pub permissions: Vec<Permission>,
    /// For a new person; an edit leaves it empty.
    #[serde(default)]
    pub password: String,
}

/// A person, in order.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedStaff {
    pub name: String,
    pub role: Role,
    /// None only for a developer.
    pub operator_id: Option<i64>,
    pub permissions: Vec<Permission>,
    /// None in an edit.
    pub password: Option<String>,
}

impl StaffDraft {
    /// Reads the fields; `new` asks for a password.
    pub fn check(&self, new: bool) -> Result<CheckedStaff, Vec<FieldError>> {
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::staff_name);
        if !self.role.logs_in() {
            draft.refuse("role", Problem::UnknownChoice);
        }
        if self.operator_id.is_none() != (self.role == Role::Developer) {
            draft.refuse("operator_id", Problem::Required);
        }
        let password = if new { draft.take("password", names::owner_password(&self.password)) } else { None };
        let mut permissions = self.permissions.clone();
        permissions.sort_unstable();
        permissions.dedup();
        draft.finish_with(name.map(|name| CheckedStaff {
            name,
            role: self.role,
            operator_id: self.operator_id,
            permissions,
            password,
        }))
    }
}

impl fmt::Debug for StaffDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, role, operator_id, permissions, password } = self;
        f.debug_struct("StaffDraft")
            .field("name", name)
            .field("role", role)
            .field("operator_id", operator_id)
            .field("permissions", permissions)
            .field("password", &names::masked(password))
            .finish()
    }
}

/// A new password for oneself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PasswordChange {
    /// The present one.
    pub current: String,
    pub new: String,
}

impl PasswordChange {
    /// Reads the fields.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut draft = Draft::default();
        if self.current.is_empty() {
            draft.refuse("current", Problem::Required);
        }
        draft.take("new", names::owner_password(&self.new));
        draft.finish()
    }
}

/// What ending somebody's access came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StaffEnded {
    pub member: StaffMember,
    /// How many of their open connections were ended.
    pub sessions_ended: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> StaffDraft {
        StaffDraft {
            name: " Rahima  Begum ".into(),
            role: Role::Manager,
            operator_id: Some(1),
            permissions: vec![Permission::MoneyRead, Permission::CustomerRead, Permission::MoneyRead],
            password: "long enough to do".into(),
        }
    }

    fn refused(draft: &StaffDraft, new: bool) -> Vec<String> {
        draft.check(new).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_person_is_read() {
        let checked = draft().check(true).unwrap();
        assert_eq!(checked.name, "Rahima Begum");
        assert_eq!(checked.permissions, [Permission::CustomerRead, Permission::MoneyRead]);
        assert!(!format!("{:?}", draft()).contains("long enough"));
    }

    #[test]
    fn an_edit_asks_for_no_password_and_a_new_person_for_a_long_one() {
        let short = StaffDraft { password: "short".into(), ..draft() };
        assert_eq!(refused(&short, true), ["password"]);
        assert_eq!(short.check(false).map(|checked| checked.password).ok(), Some(None));
    }

    #[test]
    fn only_a_developer_belongs_to_no_operator_and_who_has_no_log_in_is_not_made_here() {
        assert_eq!(refused(&StaffDraft { operator_id: None, ..draft() }, true), ["operator_id"]);
        assert_eq!(refused(&StaffDraft { role: Role::Developer, ..draft() }, true), ["operator_id"]);
        assert_eq!(refused(&StaffDraft { role: Role::CardDistributor, ..draft() }, true), ["role"]);
    }

    #[test]
    fn levels_rise_from_role_to_role() {
        assert!(Role::ALL.windows(2).all(|pair| pair[0].level() < pair[1].level()));
    }
}
