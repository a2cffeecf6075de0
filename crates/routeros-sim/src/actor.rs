//! Who does something: a user over the API, a script, or the router itself.

use std::net::IpAddr;

use crate::policies::POLICIES;

/// Granted policies of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Policies(u32);

impl Policies {
    /// All of them.
    pub const ALL: Self = Self(u32::MAX);

    /// Reads `read,write,!ftp` as a group or a script has it.
    pub fn parse(text: &str) -> Self {
        let mut bits = 0;
        for (index, policy) in POLICIES.split('|').enumerate() {
            if text.split(',').any(|one| one.trim() == policy) {
                bits |= 1 << index;
            }
        }
        Self(bits)
    }

    /// Is this one granted?
    pub fn has(self, policy: &str) -> bool {
        POLICIES.split('|').position(|one| one == policy).is_some_and(|index| self.0 >> index & 1 == 1)
    }

    /// Are all of these granted?
    pub fn covers(self, other: Self) -> bool {
        self == Self::ALL || other.0 & !self.0 == 0
    }

    /// Names of those granted, comma-joined.
    pub(crate) fn text(self) -> String {
        let granted: Vec<&str> = POLICIES.split('|').filter(|policy| self.has(policy)).collect();
        granted.join(",")
    }

    pub(crate) fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The router: sessions, timers, start-up.
    Router,
    /// A test in the same process, or the control port.
    Test,
    /// A user over the API.
    User(User),
    /// A script or scheduler job of this owner.
    Script {
        /// Its `owner`.
        owner: String,
        /// What it may.
        policies: Policies,
    },
}

/// A user who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// As in `/user`.
    pub name: String,
    /// As in `/user/group`.
    pub group: String,
    /// Where from.
    pub address: IpAddr,
    /// `api` or `api-ssl`.
    pub via: &'static str,
    /// The number of the connection, from 1.
    pub connection: u64,
    /// Of the group, when the user logged in.
    pub policies: Policies,
}

impl Actor {
    /// What it may do.
    pub fn policies(&self) -> Policies {
        match self {
            Self::Router | Self::Test => Policies::ALL,
            Self::User(user) => user.policies,
            Self::Script { policies, .. } => *policies,
        }
    }

    /// The name that logs and the history give.
    pub fn name(&self) -> &str {
        match self {
            Self::Router | Self::Test => "system",
            Self::User(user) => &user.name,
            Self::Script { owner, .. } => owner,
        }
    }

    pub(crate) fn is_person(&self) -> bool {
        matches!(self, Self::User(_) | Self::Script { .. })
    }
}
