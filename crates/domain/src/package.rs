//! Packages: what a customer buys.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::digits::whole_number;
use crate::field::{Draft, FieldError};
use crate::{Currency, Money, RateLimit, Volume, names};

/// A package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Package {
    pub id: i64,
    pub version: i32,
    pub name: String,
    /// In RouterOS's notation, upload/download: `5M/10M`. None is unlimited.
    pub rate_limit: Option<String>,
    /// Upload in bits per second, out of `rate_limit`.
    pub upload_bps: Option<i64>,
    /// Download in bits per second, out of `rate_limit`.
    pub download_bps: Option<i64>,
    /// Bytes per validity; none is unlimited.
    pub volume_bytes: Option<i64>,
    /// Hours online per validity; none is unlimited.
    pub hours: Option<i32>,
    /// Days that a payment buys.
    pub validity_days: i32,
    pub price: Money,
    /// The router's pool that customers get their address from (Framed-Pool); none leaves it to the router.
    pub address_pool: Option<String>,
    /// Simultaneous-Use: sessions at once; none is any number.
    pub max_sessions: Option<i32>,
    /// Operators beneath may sell it too.
    pub for_resellers: bool,
    /// Whose package it is.
    pub operator_name: Option<String>,
    /// Within reach; else it is an operator's above, offered for selling.
    pub own: bool,
    /// How many customers have it.
    pub customers: i64,
}

/// A package as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PackageDraft {
    pub name: String,
    /// `5M/10M`, upload first as in RouterOS; empty is unlimited.
    #[serde(default)]
    pub rate_limit: String,
    /// `50 GB`; empty is unlimited.
    #[serde(default)]
    pub volume: String,
    /// Empty is unlimited.
    #[serde(default)]
    pub hours: String,
    /// Days.
    pub validity_days: String,
    pub price: String,
    #[serde(default)]
    pub address_pool: String,
    /// Sessions at once; empty is any number.
    #[serde(default)]
    pub max_sessions: String,
    /// Operators beneath may sell it too.
    #[serde(default)]
    pub for_resellers: bool,
}

/// A package whose fields are all in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPackage {
    pub name: String,
    /// None is unlimited.
    pub rate_limit: Option<RateLimit>,
    /// Per validity; none is unlimited.
    pub volume: Option<Volume>,
    /// Hours online per validity, 1 to 100,000; none is unlimited.
    pub hours: Option<i32>,
    /// Days that a payment buys, 1 to 3650.
    pub validity_days: i32,
    /// May be nothing.
    pub price: Money,
    pub address_pool: Option<String>,
    /// 1 to 1000; none is any number.
    pub max_sessions: Option<i32>,
    pub for_resellers: bool,
}

impl PackageDraft {
    /// Reads the fields, the price in `currency`.
    pub fn check(&self, currency: &Currency) -> Result<CheckedPackage, Vec<FieldError>> {
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::name);
        let rate_limit = draft.optional("rate_limit", &self.rate_limit, RateLimit::parse);
        let volume = draft.optional("volume", &self.volume, Volume::parse);
        let hours = draft.optional("hours", &self.hours, |text| whole_number(text, 1, 100_000));
        let validity_days = draft.required("validity_days", &self.validity_days, |text| whole_number(text, 1, 3650));
        let price = draft.required("price", &self.price, |text| Money::parse(text, currency));
        let address_pool = draft.optional("address_pool", &self.address_pool, names::pool_name);
        let max_sessions = draft.optional("max_sessions", &self.max_sessions, |text| whole_number(text, 1, 1000));

        draft.finish_with(name.zip(validity_days).zip(price).map(|((name, validity_days), price)| CheckedPackage {
            name,
            rate_limit,
            volume,
            hours,
            validity_days,
            price,
            address_pool,
            max_sessions,
            for_resellers: self.for_resellers,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> PackageDraft {
        PackageDraft {
            name: "Home 10".into(),
            rate_limit: "5m/10m".into(),
            volume: "50 GB".into(),
            hours: "১০০".into(),
            validity_days: "30".into(),
            price: "1,250".into(),
            address_pool: "pool-home".into(),
            max_sessions: "2".into(),
            for_resellers: false,
        }
    }

    fn bdt() -> Currency {
        Currency::parse("BDT").unwrap()
    }

    fn refused(draft: &PackageDraft) -> Vec<String> {
        draft.check(&bdt()).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_package_is_read() {
        let package = draft().check(&bdt()).unwrap();
        assert_eq!(package.rate_limit.map(|limit| limit.to_string()).as_deref(), Some("5M/10M"));
        assert_eq!(package.volume.map(Volume::bytes), Some(50_000_000_000));
        assert_eq!((package.hours, package.validity_days, package.price), (Some(100), 30, Money(125_000)));
        assert_eq!(package.address_pool.as_deref(), Some("pool-home"));
    }

    #[test]
    fn what_is_left_empty_is_unlimited() {
        let package = PackageDraft {
            name: "All you can".into(),
            validity_days: "30".into(),
            price: "0".into(),
            ..PackageDraft::default()
        };
        let package = package.check(&bdt()).unwrap();
        assert_eq!((package.rate_limit, package.volume, package.hours), (None, None, None));
        assert_eq!((package.price, package.address_pool), (Money::ZERO, None));
    }

    #[test]
    fn all_refusals_are_told_at_once() {
        assert_eq!(refused(&PackageDraft::default()), ["name", "validity_days", "price"]);
        let wrong = PackageDraft {
            rate_limit: "0".into(),
            volume: "x".into(),
            hours: "0".into(),
            validity_days: "3651".into(),
            price: "-1".into(),
            address_pool: "পুল".into(),
            ..draft()
        };
        assert_eq!(refused(&wrong), ["rate_limit", "volume", "hours", "validity_days", "price", "address_pool"]);
    }
}
