//! Customers: the subscribers of a provider.

use std::fmt;
use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::address::{Loopback, unicast};
use crate::device::Device;
use crate::explanation::NearMiss;
use crate::field::{Draft, FieldError, Problem};
use crate::payment::LedgerEntry;
use crate::session::{LiveChange, OnlineState, Quota, Service, SessionRow};
use crate::{Country, MacAddress, Money, Msisdn, names};

/// How a customer is connected; it decides which fields a customer has and what its log-in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionType {
    /// Logs in with a user name and password.
    Pppoe,
    /// Logs in with its mobile number and password, or by its device's MAC.
    Hotspot,
    /// Has a fixed address, handed out by DHCP through RADIUS to its MAC.
    StaticIp,
    /// Anything else: kept and billed, not authenticated.
    Other,
}

/// What a customer may do now. *Expired* is an active customer whose expiry has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// May log in.
    Active,
    /// Cut off by a person.
    Suspended,
    /// Cut off by its expiry.
    Expired,
}

/// One line of the list of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerRow {
    pub id: i64,
    pub name: String,
    pub connection_type: ConnectionType,
    /// What identifies the customer to a router: user name, mobile, MAC or address.
    pub identity: Option<String>,
    /// In E.164, `+8801712345678`.
    pub mobile: Option<String>,
    pub status: Status,
    pub package_name: Option<String>,
    pub zone_name: Option<String>,
    /// Whose customer it is.
    pub operator_name: String,
    pub expires_at: Option<DateTime<Utc>>,
    /// Payments less bills, in the smallest unit of the provider's currency; negative is owed.
    pub balance: Money,
}

/// By what the list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CustomerSort {
    #[default]
    Name,
    Registered,
    Expiry,
    Balance,
}

/// Which customers, in which order, from where on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerQuery {
    /// Part of a name, user name, mobile, MAC or address; empty is everybody.
    pub search: String,
    pub status: Option<Status>,
    pub connection_type: Option<ConnectionType>,
    pub package_id: Option<i64>,
    pub zone_id: Option<i64>,
    /// One operator's own; none is everybody within reach.
    #[serde(default)]
    pub operator_id: Option<i64>,
    pub sort: CustomerSort,
    pub descending: bool,
    /// `next` of the page before; none is the first page.
    pub after: Option<String>,
    /// Rows a page, 1 to 500.
    pub limit: u32,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerPage {
    pub rows: Vec<CustomerRow>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// How many customers a query finds: exact up to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerCount {
    pub count: i64,
    /// There are more than `count`.
    pub more: bool,
}

/// Everything on a customer's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Customer {
    pub id: i64,
    pub version: i32,
    pub name: String,
    pub operator_id: i64,
    /// Whose customer it is.
    pub operator_name: String,
    pub connection_type: ConnectionType,
    pub mobile: Option<String>,
    /// PPPoE user name.
    pub username: Option<String>,
    /// The primary device, `AA:BB:CC:DD:EE:FF`.
    pub mac: Option<String>,
    /// The primary one first.
    pub devices: Vec<Device>,
    /// Log-in only from one of the devices, once there is one.
    pub devices_only: bool,
    /// Fixed IPv4 address.
    pub address: Option<String>,
    pub status: Status,
    /// What was given as the reason when it was suspended; may be empty.
    pub suspended_reason: String,
    pub package_id: Option<i64>,
    pub package_name: Option<String>,
    pub zone_id: Option<i64>,
    pub zone_name: Option<String>,
    pub postal_address: String,
    pub note: String,
    pub registered_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub balance: Money,
    /// What the package costs; what a payment offers to take.
    pub price: Option<Money>,
    /// What the expiry becomes when the price is paid now.
    pub next_expires_at: Option<DateTime<Utc>>,
    pub online: OnlineState,
    /// None: neither volume nor hours are limited, and nothing was used yet.
    pub quota: Option<Quota>,
    /// Newest first, at most 10.
    pub sessions: Vec<SessionRow>,
    /// What was sent to live sessions in the last hour, newest first, at most 10.
    pub live_changes: Vec<LiveChange>,
    /// Newest first, at most 50.
    pub ledger: Vec<LedgerEntry>,
    /// Changes of this customer, newest first, at most 50.
    pub history: Vec<HistoryEntry>,
    /// RADIUS log-in attempts of this customer, newest first, at most 20.
    pub attempts: Vec<Attempt>,
}

/// One audited change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct HistoryEntry {
    pub at: DateTime<Utc>,
    /// Who, by name.
    pub by: String,
    /// `insert`, `update` or `delete`
    pub action: String,
    /// Which kind of record: `customer`, `login`, `device`, `bill`, `payment`.
    pub record: String,
    /// What changed; secrets are masked.
    pub changes: Vec<FieldChange>,
}

/// One field of an audited change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A RADIUS log-in attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Attempt {
    pub at: DateTime<Utc>,
    pub accepted: bool,
    /// Why, as a code of [`crate::radius::Verdict`].
    pub reason: String,
    pub user_name: String,
    pub router_name: Option<String>,
    /// The device's MAC as the router sent it.
    pub calling_station_id: Option<String>,
    pub service: Option<Service>,
    /// None: no password was asked for.
    pub password_matched: Option<bool>,
    /// How near a wrong password was.
    pub near_miss: Option<NearMiss>,
}

/// A customer as typed, before anything is checked. For an edit an empty password leaves it as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerDraft {
    pub connection_type: ConnectionType,
    pub name: String,
    #[serde(default)]
    pub mobile: String,
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub password: String,
    /// The primary device; further ones are added to the customer.
    #[serde(default)]
    pub mac: String,
    /// Log-in only from one of the devices, once there is one.
    #[serde(default)]
    pub devices_only: bool,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub package_id: Option<i64>,
    #[serde(default)]
    pub zone_id: Option<i64>,
    #[serde(default)]
    pub postal_address: String,
    #[serde(default)]
    pub note: String,
    /// For a new customer: takes the package's price in cash at once, so that the first period begins. Else the
    /// customer is expired until its first payment.
    #[serde(default)]
    pub first_payment: bool,
}

/// A customer whose fields are all in order. A field that its connection type does not have is none.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedCustomer {
    pub connection_type: ConnectionType,
    pub name: String,
    /// Of any connection type; for hotspot always there.
    pub mobile: Option<Msisdn>,
    /// PPPoE user name.
    pub username: Option<String>,
    /// Of PPPoE and hotspot. None leaves it as it is.
    pub password: Option<String>,
    pub mac: Option<MacAddress>,
    pub devices_only: bool,
    /// Fixed IPv4 address.
    pub address: Option<Ipv4Addr>,
    pub package_id: Option<i64>,
    pub zone_id: Option<i64>,
    /// At most 500 characters.
    pub postal_address: String,
    /// At most 2000 characters.
    pub note: String,
    /// Takes the package's price in cash at once; never in an edit.
    pub first_payment: bool,
}

impl CustomerDraft {
    /// Reads the fields that the connection type has and drops the others unread. `country` is where a mobile number
    /// without a country's code belongs; `editing` lets the password stay as it is.
    pub fn check(&self, country: Country, editing: bool) -> Result<CheckedCustomer, Vec<FieldError>> {
        use ConnectionType::{Hotspot, Other, Pppoe, StaticIp};

        let kind = self.connection_type;
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::name);
        let read_mobile = |text: &str| Msisdn::parse(text, country);
        let mobile = match kind {
            Hotspot => draft.required("mobile", &self.mobile, read_mobile),
            Pppoe | StaticIp | Other => draft.optional("mobile", &self.mobile, read_mobile),
        };
        let username = match kind {
            Pppoe => draft.required("username", &self.username, names::login_name),
            Hotspot | StaticIp | Other => None,
        };
        let password = match kind {
            Pppoe | Hotspot if editing && self.password.is_empty() => None,
            // not through `required`, which would cut blanks off
            Pppoe | Hotspot => draft.take("password", names::password(&self.password)),
            StaticIp | Other => None,
        };
        let mac = match kind {
            Pppoe | Hotspot | StaticIp => draft.optional("mac", &self.mac, MacAddress::parse),
            Other => None,
        };
        let read_address = |text: &str| unicast(text, Loopback::Refused);
        let address = match kind {
            StaticIp => draft.required("address", &self.address, read_address),
            Pppoe => draft.optional("address", &self.address, read_address),
            Hotspot | Other => None,
        };
        let first_payment = self.first_payment && !editing;
        if self.package_id.is_none() && (kind != Other || first_payment) {
            draft.refuse("package_id", Problem::Required);
        }
        let postal_address = draft.take("postal_address", names::text(&self.postal_address, 500));
        let note = draft.take("note", names::text(&self.note, 2000));

        draft.finish_with(name.zip(postal_address).zip(note).map(|((name, postal_address), note)| CheckedCustomer {
            connection_type: kind,
            name,
            mobile,
            username,
            password,
            mac,
            devices_only: self.devices_only && kind != Other,
            address,
            package_id: self.package_id,
            zone_id: self.zone_id,
            postal_address,
            note,
            first_payment,
        }))
    }
}

impl fmt::Debug for CustomerDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connection_type,
            name,
            mobile,
            username,
            password,
            mac,
            devices_only,
            address,
            package_id,
            zone_id,
            postal_address,
            note,
            first_payment,
        } = self;
        f.debug_struct("CustomerDraft")
            .field("connection_type", connection_type)
            .field("name", name)
            .field("mobile", mobile)
            .field("username", username)
            .field("password", &names::masked(password))
            .field("mac", mac)
            .field("devices_only", devices_only)
            .field("address", address)
            .field("package_id", package_id)
            .field("zone_id", zone_id)
            .field("postal_address", postal_address)
            .field("note", note)
            .field("first_payment", first_payment)
            .finish()
    }
}

impl fmt::Debug for CheckedCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connection_type,
            name,
            mobile,
            username,
            password,
            mac,
            devices_only,
            address,
            package_id,
            zone_id,
            postal_address,
            note,
            first_payment,
        } = self;
        f.debug_struct("CheckedCustomer")
            .field("connection_type", connection_type)
            .field("name", name)
            .field("mobile", mobile)
            .field("username", username)
            .field("password", &password.as_deref().map(names::masked))
            .field("mac", mac)
            .field("devices_only", devices_only)
            .field("address", address)
            .field("package_id", package_id)
            .field("zone_id", zone_id)
            .field("postal_address", postal_address)
            .field("note", note)
            .field("first_payment", first_payment)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(connection_type: ConnectionType) -> CustomerDraft {
        CustomerDraft {
            connection_type,
            name: " Abdul  Karim ".into(),
            mobile: "01712-345678".into(),
            username: "karim".into(),
            password: "s3cret-word".into(),
            mac: "0855.31aa.0b0c".into(),
            devices_only: true,
            address: "10.20.0.5".into(),
            package_id: Some(1),
            zone_id: Some(2),
            postal_address: "House 1\r\nDhaka".into(),
            note: String::new(),
            first_payment: false,
        }
    }

    fn empty(connection_type: ConnectionType) -> CustomerDraft {
        serde_json::from_value(serde_json::json!({ "connection_type": connection_type, "name": "" })).unwrap()
    }

    fn bangladesh() -> Country {
        Country::parse("BD").unwrap()
    }

    fn refused<T>(checked: Result<T, Vec<FieldError>>) -> Vec<(String, Problem)> {
        let errors = checked.err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.problem)).collect()
    }

    fn needed(fields: &[&str]) -> Vec<(String, Problem)> {
        fields.iter().map(|field| ((*field).to_owned(), Problem::Required)).collect()
    }

    #[test]
    fn a_customer_has_the_fields_of_its_connection_type_and_no_others() {
        let check = |kind| draft(kind).check(bangladesh(), false).unwrap();
        let has = |customer: &CheckedCustomer| {
            (
                customer.username.is_some(),
                customer.password.is_some(),
                customer.mac.is_some(),
                customer.address.is_some(),
            )
        };
        assert_eq!(has(&check(ConnectionType::Pppoe)), (true, true, true, true));
        assert_eq!(has(&check(ConnectionType::Hotspot)), (false, true, true, false));
        assert_eq!(has(&check(ConnectionType::StaticIp)), (false, false, true, true));
        assert_eq!(has(&check(ConnectionType::Other)), (false, false, false, false));
    }

    #[test]
    fn what_is_kept_is_normalised() {
        let customer = draft(ConnectionType::StaticIp).check(bangladesh(), false).unwrap();
        assert_eq!(customer.name, "Abdul Karim");
        assert_eq!(customer.mobile.map(|mobile| mobile.to_string()).as_deref(), Some("+8801712345678"));
        assert_eq!(customer.mac.map(|mac| mac.to_string()).as_deref(), Some("08:55:31:AA:0B:0C"));
        assert_eq!(customer.address, Some(Ipv4Addr::new(10, 20, 0, 5)));
        assert_eq!(customer.postal_address, "House 1\nDhaka");
        assert_eq!((customer.package_id, customer.zone_id), (Some(1), Some(2)));
    }

    #[test]
    fn each_connection_type_needs_its_own_fields() {
        let check = |kind, editing| refused(empty(kind).check(bangladesh(), editing));
        assert_eq!(check(ConnectionType::Pppoe, false), needed(&["name", "username", "password", "package_id"]));
        assert_eq!(check(ConnectionType::Hotspot, false), needed(&["name", "mobile", "password", "package_id"]));
        assert_eq!(check(ConnectionType::StaticIp, false), needed(&["name", "address", "package_id"]));
        assert_eq!(check(ConnectionType::Other, false), needed(&["name"]));
    }

    #[test]
    fn an_edit_may_leave_the_password_as_it_is() {
        for kind in [ConnectionType::Pppoe, ConnectionType::Hotspot] {
            let edit = CustomerDraft { password: String::new(), ..draft(kind) };
            assert_eq!(edit.check(bangladesh(), true).map(|customer| customer.password), Ok(None));
            assert_eq!(refused(edit.check(bangladesh(), false)), needed(&["password"]));
        }
    }

    #[test]
    fn a_field_that_the_connection_type_does_not_have_is_not_read() {
        let other = CustomerDraft {
            username: "a b".into(),
            password: " ".into(),
            mac: "x".into(),
            address: "x".into(),
            ..draft(ConnectionType::Other)
        };
        assert!(other.check(bangladesh(), false).is_ok());
    }

    #[test]
    fn a_first_payment_needs_a_package_to_pay_and_is_no_part_of_an_edit() {
        let paying = CustomerDraft { first_payment: true, package_id: None, ..draft(ConnectionType::Other) };
        assert_eq!(refused(paying.check(bangladesh(), false)), needed(&["package_id"]));
        assert_eq!(paying.check(bangladesh(), true).map(|customer| customer.first_payment), Ok(false));
        let paying = CustomerDraft { package_id: Some(1), ..paying };
        assert_eq!(paying.check(bangladesh(), false).map(|customer| customer.first_payment), Ok(true));
    }

    #[test]
    fn a_password_is_not_trimmed() {
        let blank = CustomerDraft { password: " x".into(), ..draft(ConnectionType::Pppoe) };
        assert!(matches!(refused(blank.check(bangladesh(), true))[..], [(_, Problem::BadCharacters { .. })]));
    }

    #[test]
    fn all_refusals_are_told_at_once() {
        let wrong = CustomerDraft {
            mobile: "029555555".into(),
            username: "a b".into(),
            address: "127.0.0.1".into(),
            ..draft(ConnectionType::Pppoe)
        };
        let fields: Vec<String> =
            refused(wrong.check(bangladesh(), false)).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["mobile", "username", "address"]);
    }

    #[test]
    fn a_password_is_not_printed() {
        let draft = draft(ConnectionType::Pppoe);
        let checked = draft.check(bangladesh(), false).unwrap();
        assert!(!format!("{draft:?} {checked:?}").contains("s3cret"));
        assert!(format!("{draft:?}").contains("karim"));
    }
}
