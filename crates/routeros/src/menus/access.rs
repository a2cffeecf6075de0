//! How a router is reached and who may do what: `/ip/service`, `/certificate`, `/user`.

use std::collections::BTreeSet;

use super::item::read_all;
use super::property::menu;
use crate::command::Command;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::query::Query;
use crate::text::Text;
use crate::value::Id;

menu! {
    /// `/ip/service`: a service of the router's management.
    pub struct Service of "/ip/service" {
        /// Which item.
        id: Id = ".id",
        /// `api`, `api-ssl`, `winbox` …
        name: Text = "name",
        /// TCP port.
        port: Option<u64> = "port",
        /// Whether it is switched off.
        disabled: bool = "disabled",
        /// Whether something is wrong with it.
        invalid: bool = "invalid",
        /// From where it may be reached, prefixes joined by commas; empty: from anywhere.
        address: Text = "address",
        /// The name of the certificate that it shows; `none`, or absent where there is no TLS.
        certificate: Option<Text> = "certificate",
        /// Whether it is no service but a connection that somebody has open: RouterOS 7.20 and later list those too.
        dynamic: bool = "dynamic",
    }
}

impl Service {
    /// Reads the services, without the connections that newer releases list among them.
    pub async fn read(connection: &Connection) -> Result<Vec<Self>, CommandError> {
        let mut services: Vec<Self> = read_all(connection, Self::print()).await?;
        services.retain(|service| !service.dynamic);
        Ok(services)
    }

    /// The command that lets a service show this certificate.
    pub fn set_certificate(id: Id, certificate: &str) -> Command {
        Command::new("/ip/service/set").id(id).arg("certificate", certificate)
    }
}

menu! {
    /// `/certificate`: a certificate on the router.
    pub struct Certificate of "/certificate" {
        /// Which item.
        id: Id = ".id",
        /// Its name on the router.
        name: Text = "name",
        /// Whom it is made out to.
        common_name: Text = "common-name",
        /// SHA-256 in hexadecimal: compare as [`Fingerprint`](crate::Fingerprint). Empty: it is not signed yet.
        fingerprint: Text = "fingerprint",
        /// Whether the router has its key, so that a service can show it.
        private_key: bool = "private-key",
        /// In the router's time zone: see [`value::date_time`](crate::value::date_time).
        invalid_after: Text = "invalid-after",
    }
}

impl Certificate {
    /// Reads all certificates.
    pub async fn read(connection: &Connection) -> Result<Vec<Self>, CommandError> {
        read_all(connection, Self::print()).await
    }
}

/// What the user who is logged in may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGroup {
    /// The name of the group in `/user/group`.
    pub group: Text,
    /// The policies that it has, such as `api`, `read`, `sensitive`.
    pub policies: BTreeSet<String>,
}

impl OwnGroup {
    /// Reads it for the user with this name. None: the router does not know the user itself, a RADIUS server does, and
    /// then nobody can ask the router which group it is in.
    pub async fn read(connection: &Connection, user: &str) -> Result<Option<Self>, CommandError> {
        let users = connection.rows(Self::print_user(user)).await?;
        let Some(group) = users.first().and_then(|row| row.get("group")) else { return Ok(None) };
        let groups = connection.rows(Self::print_group(&group)).await?;
        let Some(policy) = groups.first().and_then(|row| row.get("policy")) else { return Ok(None) };
        let policies = policy.as_str();
        // those that it lacks are listed with a `!`
        let policies =
            policies.split(',').map(str::trim).filter(|policy| !policy.is_empty() && !policy.starts_with('!'));
        Ok(Some(Self { policies: policies.map(str::to_owned).collect(), group: group.detached() }))
    }

    /// The command that asks for a user's group.
    pub fn print_user(user: &str) -> Command {
        Command::new("/user/print").proplist(&["group"]).query(Query::is("name", user))
    }

    /// The command that asks for a group's policies.
    pub fn print_group(group: &Text) -> Command {
        Command::new("/user/group/print").proplist(&["policy"]).query(Query::is("name", group))
    }

    /// Those of these policies that it lacks.
    pub fn lacks<'a>(&self, needed: &[&'a str]) -> Vec<&'a str> {
        needed.iter().copied().filter(|policy| !self.policies.contains(*policy)).collect()
    }
}
