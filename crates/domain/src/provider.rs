//! The provider: one tenant, its owner, and what it decided for all its customers.

use std::fmt;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::{Draft, FieldError, Problem};
use crate::{Country, Currency, RateLimit, names};

/// What happens to suspended and expired customers when they log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SuspendedPolicy {
    /// Refused.
    #[default]
    Reject,
    /// Let in, slowly and only to a notice.
    Redirect,
}

/// The provider and its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Provider {
    pub id: i64,
    pub version: i32,
    pub name: String,
    /// ISO 3166 code.
    pub country: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Decimals of the currency: 2 for BDT, 0 for JPY.
    pub currency_exponent: u8,
    /// IANA name, `Asia/Dhaka`.
    pub time_zone: String,
    pub suspended_policy: SuspendedPolicy,
    /// For `redirect`: the router's address pool (Framed-Pool).
    pub suspended_pool: String,
    /// For `redirect`: the router's address list (Mikrotik-Address-List).
    pub suspended_list: String,
    /// For `redirect`: upload/download.
    pub suspended_rate_limit: String,
}

/// The provider's settings as typed. Country and currency stay as they were set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ProviderDraft {
    pub name: String,
    pub time_zone: String,
    pub suspended_policy: SuspendedPolicy,
    pub suspended_pool: String,
    pub suspended_list: String,
    pub suspended_rate_limit: String,
}

/// What the first start asks for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ProviderSetup {
    pub provider_name: String,
    /// ISO 3166 code.
    pub country: String,
    /// ISO 4217 code.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
    /// The owner's name, which is also the name to log in with.
    pub owner_name: String,
    pub password: String,
}

/// Another tenant, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TenantDraft {
    pub name: String,
    /// ISO 3166 code.
    pub country: String,
    /// ISO 4217 code.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
}

/// A tenant, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedTenant {
    pub name: String,
    pub country: Country,
    pub currency: Currency,
    pub time_zone: Tz,
}

impl TenantDraft {
    /// Reads the fields.
    pub fn check(&self) -> Result<CheckedTenant, Vec<FieldError>> {
        let mut draft = Draft::default();
        let name = draft.required("name", &self.name, names::name);
        let country = draft.required("country", &self.country, Country::parse);
        let currency = draft.required("currency", &self.currency, Currency::parse);
        let time_zone = draft.required("time_zone", &self.time_zone, time_zone);
        let all = name.zip(country).zip(currency.zip(time_zone));
        draft.finish_with(all.map(|((name, country), (currency, time_zone))| CheckedTenant {
            name,
            country,
            currency,
            time_zone,
        }))
    }
}

/// What the first start offers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SetupChoices {
    pub countries: Vec<CountryChoice>,
    pub currencies: Vec<CurrencyChoice>,
    pub time_zones: Vec<String>,
    /// This computer's own, offered first.
    pub time_zone: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CountryChoice {
    /// ISO 3166 code.
    pub code: String,
    pub name: String,
    /// ISO 4217 code of the currency used there.
    pub currency: Option<String>,
    /// `880` for Bangladesh.
    pub calling_code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CurrencyChoice {
    /// ISO 4217 code.
    pub code: String,
    pub name: String,
    pub symbol: String,
    pub exponent: u8,
}

/// What the first start was told, in order.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedSetup {
    pub provider_name: String,
    pub country: Country,
    pub currency: Currency,
    pub time_zone: Tz,
    pub owner_name: String,
    pub password: String,
}

impl ProviderSetup {
    /// Reads the fields.
    pub fn check(&self) -> Result<CheckedSetup, Vec<FieldError>> {
        let mut draft = Draft::default();
        let provider_name = draft.required("provider_name", &self.provider_name, names::name);
        let country = draft.required("country", &self.country, Country::parse);
        let currency = draft.required("currency", &self.currency, Currency::parse);
        let time_zone = draft.required("time_zone", &self.time_zone, time_zone);
        let owner_name = draft.required("owner_name", &self.owner_name, names::staff_name);
        let password = draft.take("password", names::owner_password(&self.password));

        let places = country.zip(currency).zip(time_zone);
        let people = provider_name.zip(owner_name).zip(password);
        draft.finish_with(places.zip(people).map(
            |(((country, currency), time_zone), ((provider_name, owner_name), password))| CheckedSetup {
                provider_name,
                country,
                currency,
                time_zone,
                owner_name,
                password,
            },
        ))
    }
}

impl fmt::Debug for ProviderSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider_name, country, currency, time_zone, owner_name, password } = self;
        f.debug_struct("ProviderSetup")
            .field("provider_name", provider_name)
            .field("country", country)
            .field("currency", currency)
            .field("time_zone", time_zone)
            .field("owner_name", owner_name)
            .field("password", &names::masked(password))
            .finish()
    }
}

impl fmt::Debug for CheckedSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider_name, country, currency, time_zone, owner_name, password } = self;
        f.debug_struct("CheckedSetup")
            .field("provider_name", provider_name)
            .field("country", country)
            .field("currency", currency)
            .field("time_zone", time_zone)
            .field("owner_name", owner_name)
            .field("password", &names::masked(password))
            .finish()
    }
}

/// The provider's settings, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedProvider {
    pub name: String,
    pub time_zone: Tz,
    pub suspended_policy: SuspendedPolicy,
    /// For `redirect`, this or the list is there.
    pub suspended_pool: Option<String>,
    pub suspended_list: Option<String>,
    /// For `redirect` always there: none would be unlimited.
    pub suspended_rate_limit: Option<RateLimit>,
}

impl ProviderDraft {
    /// Reads the fields. Under `redirect` a pool or a list and a rate limit are needed, or the suspended would be let in
    /// to everything.
    pub fn check(&self) -> Result<CheckedProvider, Vec<FieldError>> {
        let mut draft = Draft::default();
        let redirect = self.suspended_policy == SuspendedPolicy::Redirect;
        let name = draft.required("name", &self.name, names::name);
        let time_zone = draft.required("time_zone", &self.time_zone, time_zone);
        let suspended_pool = draft.optional("suspended_pool", &self.suspended_pool, names::pool_name);
        let suspended_list = draft.optional("suspended_list", &self.suspended_list, names::pool_name);
        if redirect && self.suspended_pool.trim().is_empty() && self.suspended_list.trim().is_empty() {
            draft.refuse("suspended_pool", Problem::Required);
        }
        let suspended_rate_limit = if redirect {
            draft.required("suspended_rate_limit", &self.suspended_rate_limit, RateLimit::parse)
        } else {
            draft.optional("suspended_rate_limit", &self.suspended_rate_limit, RateLimit::parse)
        };

        draft.finish_with(name.zip(time_zone).map(|(name, time_zone)| CheckedProvider {
            name,
            time_zone,
            suspended_policy: self.suspended_policy,
            suspended_pool,
            suspended_list,
            suspended_rate_limit,
        }))
    }
}

/// A time zone by its IANA name.
fn time_zone(name: &str) -> Result<Tz, Problem> {
    name.trim().parse().map_err(|_| Problem::UnknownChoice)
}

impl SetupChoices {
    /// Everything there is to choose from. `time_zone` is this computer's; one that is unknown becomes `UTC`.
    pub fn all(time_zone: String) -> Self {
        // old spellings and abbreviations stay out: `US/Pacific`, `EST5EDT`, `Etc/GMT+5`
        const AREAS: [&str; 10] = [
            "Africa",
            "America",
            "Antarctica",
            "Arctic",
            "Asia",
            "Atlantic",
            "Australia",
            "Europe",
            "Indian",
            "Pacific",
        ];
        let time_zone = if time_zone.parse::<Tz>().is_ok() { time_zone } else { Tz::UTC.name().to_owned() };
        let listed = |name: &str| name.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area));
        let mut time_zones: Vec<String> = chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| zone.name())
            .filter(|name| listed(name) || *name == "UTC" || *name == time_zone)
            .map(str::to_owned)
            .collect();
        time_zones.sort();
        Self {
            countries: Country::all().into_iter().map(CountryChoice::of).collect(),
            currencies: Currency::all().into_iter().map(CurrencyChoice::of).collect(),
            time_zones,
            time_zone,
        }
    }
}

impl CountryChoice {
    fn of(country: Country) -> Self {
        Self {
            code: country.code().to_owned(),
            name: country.name().to_owned(),
            currency: country.currency().map(|currency| currency.code().to_owned()),
            calling_code: country.calling_code().to_string(),
        }
    }
}

impl CurrencyChoice {
    fn of(currency: Currency) -> Self {
        Self {
            code: currency.code().to_owned(),
            name: currency.name().to_owned(),
            symbol: currency.symbol(),
            exponent: currency.exponent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup() -> ProviderSetup {
        ProviderSetup {
            provider_name: "Dhaka Net".into(),
            country: "BD".into(),
            currency: "BDT".into(),
            time_zone: "Asia/Dhaka".into(),
            owner_name: "Karim".into(),
            password: "s3cret-and-long".into(),
        }
    }

    fn settings() -> ProviderDraft {
        ProviderDraft {
            name: "Dhaka Net".into(),
            time_zone: "Asia/Dhaka".into(),
            suspended_policy: SuspendedPolicy::Redirect,
            suspended_pool: "pool-suspended".into(),
            suspended_list: String::new(),
            suspended_rate_limit: "64k".into(),
        }
    }

    fn refused<T>(checked: Result<T, Vec<FieldError>>) -> Vec<String> {
        checked.err().unwrap_or_default().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_first_start_is_read() {
        let checked = setup().check().unwrap();
        assert_eq!((checked.country.code(), checked.currency.code()), ("BD", "BDT"));
        assert_eq!(checked.time_zone, Tz::Asia__Dhaka);
    }

    #[test]
    fn all_refusals_are_told_at_once() {
        assert_eq!(
            refused(ProviderSetup::default().check()),
            ["provider_name", "country", "currency", "time_zone", "owner_name", "password"]
        );
        let wrong = ProviderSetup {
            country: "ZZ".into(),
            currency: "XXX".into(),
            time_zone: "Asia/Nowhere".into(),
            password: "short".into(),
            ..setup()
        };
        assert_eq!(refused(wrong.check()), ["country", "currency", "time_zone", "password"]);
    }

    #[test]
    fn a_password_is_not_printed() {
        assert!(!format!("{:?} {:?}", setup(), setup().check().unwrap()).contains("s3cret"));
    }

    #[test]
    fn a_redirect_needs_somewhere_to_go_and_a_rate() {
        assert!(settings().check().is_ok());
        let nowhere =
            ProviderDraft { suspended_pool: String::new(), suspended_rate_limit: String::new(), ..settings() };
        assert_eq!(refused(nowhere.check()), ["suspended_pool", "suspended_rate_limit"]);
        let listed = ProviderDraft { suspended_pool: String::new(), suspended_list: "suspended".into(), ..settings() };
        assert!(listed.check().is_ok());
        let rejected = ProviderDraft { suspended_policy: SuspendedPolicy::Reject, ..nowhere };
        assert_eq!(rejected.check().map(|provider| provider.suspended_rate_limit), Ok(None));
    }

    #[test]
    fn every_choice_that_is_offered_is_taken() {
        let choices = SetupChoices::all("Asia/Dhaka".into());
        assert_eq!(choices.time_zone, "Asia/Dhaka");
        assert!(choices.time_zones.is_sorted() && choices.time_zones.contains(&choices.time_zone));
        assert!(choices.countries.iter().all(|country| Country::parse(&country.code).is_ok()));
        assert!(choices.currencies.iter().all(|currency| Currency::parse(&currency.code).is_ok()));
        assert!(choices.time_zones.iter().all(|name| time_zone(name).is_ok()));
        let offered = |code: &String| choices.currencies.iter().any(|currency| currency.code == *code);
        assert!(choices.countries.iter().filter_map(|country| country.currency.as_ref()).all(offered));
        let bangladesh = choices.countries.iter().find(|country| country.code == "BD").unwrap();
        assert_eq!((bangladesh.calling_code.as_str(), bangladesh.currency.as_deref()), ("880", Some("BDT")));
    }

    #[test]
    fn this_computers_time_zone_is_always_offered() {
        let choices = SetupChoices::all("US/Pacific".into());
        assert!(choices.time_zones.contains(&"US/Pacific".into()));
        assert_eq!(SetupChoices::all("nonsense".into()).time_zone, "UTC");
    }
}
