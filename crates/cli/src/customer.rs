//! `demarcctl customer`

use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};
use domain::customer::{ConnectionType, Customer, CustomerDraft, CustomerQuery, CustomerSort, Status};
use domain::device::DeviceDraft;
use domain::explanation::AskAbout;
use domain::payment::{PaymentDraft, PaymentMethod};
use domain::{Error, ErrorCode};
use operations::{Result, Session, customer, package, provider, zone};
use serde_json::json;

use crate::customer_text::{customer_text, page_text};
use crate::explanation_text::{explanation_text, usage_text};
use crate::{Context, output, secret};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Add a customer; the first payment is taken at once unless --unpaid
    Add(Add),
    /// A page of customers
    List(List),
    /// How many customers there are
    Count(Filter),
    /// Everything about one customer: state, money, log-in attempts, history
    Show {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
    },
    /// Change a customer; what is not named stays
    Edit(Edit),
    /// Cut a customer off from the next log-in on
    Suspend {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// Why; kept with the customer
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Lift a suspension
    Activate {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
    },
    /// Record a payment; it extends the expiry by the package's validity, unless it settles what is owed
    Pay(Pay),
    /// Why a customer cannot log in: every check, the first cause, and what mends it
    Explain {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// The name as it is typed at the router [default: the one last tried]
        #[arg(long, value_name = "NAME")]
        user_name: Option<String>,
        /// The device [default: the one last tried]
        #[arg(long)]
        mac: Option<String>,
        /// The router, by name or number [default: the one last tried]
        #[arg(long)]
        router: Option<String>,
    },
    /// What a customer moved, day by day [default: the last thirty days]
    Usage {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// The first day, like 2026-11-01
        #[arg(long, value_name = "DAY", requires = "to")]
        from: Option<NaiveDate>,
        /// The last day, included
        #[arg(long, value_name = "DAY", requires = "from")]
        to: Option<NaiveDate>,
    },
    /// Add a device
    AddDevice {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// Its MAC, in any notation
        mac: String,
        /// What to call it
        #[arg(long, default_value = "")]
        name: String,
        /// It becomes the primary device
        #[arg(long)]
        primary: bool,
    },
    /// Take a device away
    RemoveDevice {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// Its MAC
        mac: String,
    },
    /// Make a device the primary one
    PrimaryDevice {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
        /// Its MAC
        mac: String,
    },
    /// Print the customer's password; the look at it is audited
    RevealPassword {
        /// Number, user name, mobile, MAC, address or full name
        customer: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Type {
    /// User name and password
    Pppoe,
    /// Mobile number and password, or the device's MAC
    Hotspot,
    /// A fixed address
    StaticIp,
    /// Kept and billed, not authenticated
    Other,
}

impl From<Type> for ConnectionType {
    fn from(word: Type) -> Self {
        match word {
            Type::Pppoe => Self::Pppoe,
            Type::Hotspot => Self::Hotspot,
            Type::StaticIp => Self::StaticIp,
            Type::Other => Self::Other,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum StatusWord {
    Active,
    Suspended,
    Expired,
}

#[derive(Clone, Copy, ValueEnum)]
enum SortWord {
    Name,
    Registered,
    Expiry,
    Balance,
}

#[derive(Clone, Copy, ValueEnum)]
enum MethodWord {
    Cash,
    MobileBanking,
    BankTransfer,
    Card,
    Other,
}

#[derive(Args)]
struct Fields {
    /// Mobile number, national or with + and the country's code
    #[arg(long)]
    mobile: Option<String>,
    /// PPPoE user name
    #[arg(long)]
    username: Option<String>,
    /// Read the customer's password from this file, - is standard input (else DEMARC_CUSTOMER_PASSWORD, else asked for)
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Device's MAC, in any notation
    #[arg(long)]
    mac: Option<String>,
    /// Log-in only from the registered devices, or from any
    #[arg(long, value_name = "BOOL")]
    devices_only: Option<bool>,
    /// Fixed IPv4 address
    #[arg(long)]
    address: Option<String>,
    /// Package, by name or number
    #[arg(long)]
    package: Option<String>,
    /// Zone, by name or number; empty for none
    #[arg(long)]
    zone: Option<String>,
    /// Street and house
    #[arg(long)]
    postal_address: Option<String>,
    /// Whatever should be remembered
    #[arg(long)]
    note: Option<String>,
}

#[derive(Args)]
pub(crate) struct Add {
    /// The customer's name
    name: String,
    /// How the customer is connected
    #[arg(long = "type", value_name = "TYPE")]
    connection_type: Type,
    #[command(flatten)]
    fields: Fields,
    /// Take no payment: the customer stays expired until the first one
    #[arg(long)]
    unpaid: bool,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// Number, user name, mobile, MAC, address or full name
    customer: String,
    /// The customer's name
    #[arg(long)]
    name: Option<String>,
    /// How the customer is connected
    #[arg(long = "type", value_name = "TYPE")]
    connection_type: Option<Type>,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Args)]
pub(crate) struct Filter {
    /// Part of a name, user name, mobile, MAC or address
    #[arg(long, default_value = "", value_name = "TEXT")]
    search: String,
    #[arg(long)]
    status: Option<StatusWord>,
    #[arg(long = "type", value_name = "TYPE")]
    connection_type: Option<Type>,
    /// Package, by name or number
    #[arg(long)]
    package: Option<String>,
    /// Zone, by name or number
    #[arg(long)]
    zone: Option<String>,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    #[arg(long, default_value = "name")]
    sort: SortWord,
    #[arg(long)]
    descending: bool,
    /// Rows a page, 1 to 500
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// `next` of the page before
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
}

#[derive(Args)]
pub(crate) struct Pay {
    /// Number, user name, mobile, MAC, address or full name
    customer: String,
    /// [default: the package's price, or with --settle what is owed]
    #[arg(long, default_value = "", hide_default_value = true)]
    amount: String,
    /// Settle what is owed: no bill is written and the expiry stays
    #[arg(long)]
    settle: bool,
    #[arg(long, default_value = "cash")]
    method: MethodWord,
    /// Receipt or transaction number
    #[arg(long, default_value = "")]
    reference: String,
    /// A UUID of your own: the same one sent twice is one payment
    #[arg(long, value_name = "UUID")]
    request_id: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    let reads = matches!(
        verb,
        Verb::List(_)
            | Verb::Count(_)
            | Verb::Show { .. }
            | Verb::Explain { .. }
            | Verb::Usage { .. }
            | Verb::RevealPassword { .. }
    );
    let session = &if reads { context.session().await? } else { context.session_that_changes().await? };
    let shown = match verb {
        Verb::Add(add) => customer::add(session, &draft_of(session, add).await?).await?,
        Verb::Show { customer } => customer::show(session, customer::find(session, &customer).await?).await?,
        Verb::Edit(edit) => edited(session, edit).await?,
        Verb::Suspend { customer, reason } => {
            customer::suspend(session, customer::find(session, &customer).await?, &reason).await?
        }
        Verb::Activate { customer } => customer::activate(session, customer::find(session, &customer).await?).await?,
        Verb::Pay(pay) => paid(session, pay).await?,
        Verb::RevealPassword { customer } => {
            let id = customer::find(session, &customer).await?;
            let password = customer::reveal_password(session, id).await?;
            output::print(context, &json!({ "id": id, "password": password }), |_| password.clone());
            return Ok(());
        }
        Verb::Explain { customer, user_name, mac, router } => {
            let about = AskAbout {
                user_name: user_name.unwrap_or_default(),
                mac: mac.unwrap_or_default(),
                router_id: match router {
                    Some(name) => Some(operations::router::find(session, &name).await?.id),
                    None => None,
                },
            };
            let id = customer::find(session, &customer).await?;
            output::print(context, &customer::explain(session, id, &about).await?, explanation_text);
            return Ok(());
        }
        Verb::Usage { customer, from, to } => {
            let id = customer::find(session, &customer).await?;
            output::print(context, &operations::session::usage(session, id, from, to).await?, usage_text);
            return Ok(());
        }
        Verb::AddDevice { customer, mac, name, primary } => {
            let id = customer::find(session, &customer).await?;
            customer::add_device(session, id, &DeviceDraft { mac, name, primary }).await?
        }
        Verb::RemoveDevice { customer, mac } => {
            let (id, device_id) = device(session, &customer, &mac).await?;
            customer::remove_device(session, id, device_id).await?
        }
        Verb::PrimaryDevice { customer, mac } => {
            let (id, device_id) = device(session, &customer, &mac).await?;
            customer::primary_device(session, id, device_id).await?
        }
        Verb::Count(filter) => {
            let counted = customer::count(session, &query_of(session, filter).await?).await?;
            output::print(context, &counted, |counted| {
                format!("{}{}", counted.count, if counted.more { "+" } else { "" })
            });
            return Ok(());
        }
        Verb::List(list) => {
            let query = CustomerQuery {
                sort: match list.sort {
                    SortWord::Name => CustomerSort::Name,
                    SortWord::Registered => CustomerSort::Registered,
                    SortWord::Expiry => CustomerSort::Expiry,
                    SortWord::Balance => CustomerSort::Balance,
                },
                descending: list.descending,
                after: list.after,
                limit: list.limit,
                ..query_of(session, list.filter).await?
            };
            let time_zone = time_zone(session).await?;
            output::print(context, &customer::list(session, &query).await?, |page| {
                page_text(page, &session.currency, time_zone)
            });
            return Ok(());
        }
    };
    let time_zone = time_zone(session).await?;
    output::print(context, &shown, |customer| customer_text(customer, &session.currency, time_zone));
    Ok(())
}

/// A customer's device, by its MAC.
async fn device(session: &Session, customer: &str, mac: &str) -> Result<(i64, i64)> {
    let id = customer::find(session, customer).await?;
    let wanted = domain::MacAddress::parse(mac)
        .map_err(|problem| Error::invalid(vec![domain::FieldError::new("mac", problem)]))?
        .to_string();
    let devices = customer::show(session, id).await?.devices;
    let found = devices.into_iter().find(|device| device.mac == wanted);
    found.map(|device| (id, device.id)).ok_or_else(|| Error::not_found("device", wanted))
}

async fn draft_of(session: &Session, add: Add) -> Result<CustomerDraft> {
    let fields = add.fields;
    let connection_type = ConnectionType::from(add.connection_type);
    refuse_unfitting(connection_type, &fields)?;
    let wants_password = matches!(connection_type, ConnectionType::Pppoe | ConnectionType::Hotspot);
    let password = if wants_password {
        secret::given("DEMARC_CUSTOMER_PASSWORD", fields.password_file.as_deref(), "The customer's password: ")?
    } else {
        None
    };
    let package_id = match fields.package {
        Some(name) => Some(package::find(session, &name).await?.id),
        None => None,
    };
    Ok(CustomerDraft {
        connection_type,
        name: add.name,
        mobile: fields.mobile.unwrap_or_default(),
        username: fields.username.unwrap_or_default(),
        password: password.unwrap_or_default(),
        mac: fields.mac.unwrap_or_default(),
        devices_only: fields.devices_only.unwrap_or_default(),
        address: fields.address.unwrap_or_default(),
        package_id,
        zone_id: zone_id(session, fields.zone, None).await?,
        postal_address: fields.postal_address.unwrap_or_default(),
        note: fields.note.unwrap_or_default(),
        first_payment: !add.unpaid && package_id.is_some(),
    })
}

async fn edited(session: &Session, edit: Edit) -> Result<Customer> {
    let id = customer::find(session, &edit.customer).await?;
    let now = customer::show(session, id).await?;
    let fields = edit.fields;
    let connection_type = edit.connection_type.map_or(now.connection_type, ConnectionType::from);
    refuse_unfitting(connection_type, &fields)?;
    // an edit asks for no password: without one, the present one stays
    let given = fields.password_file.is_some() || std::env::var_os("DEMARC_CUSTOMER_PASSWORD").is_some();
    let password = if given {
        secret::given("DEMARC_CUSTOMER_PASSWORD", fields.password_file.as_deref(), "")?.unwrap_or_default()
    } else {
        String::new()
    };
    let draft = CustomerDraft {
        connection_type,
        name: edit.name.unwrap_or(now.name),
        mobile: fields.mobile.or(now.mobile).unwrap_or_default(),
        username: fields.username.or(now.username).unwrap_or_default(),
        password,
        mac: fields.mac.or(now.mac).unwrap_or_default(),
        devices_only: fields.devices_only.unwrap_or(now.devices_only),
        address: fields.address.or(now.address).unwrap_or_default(),
        package_id: match fields.package {
            Some(name) => Some(package::find(session, &name).await?.id),
            None => now.package_id,
        },
        zone_id: zone_id(session, fields.zone, now.zone_id).await?,
        postal_address: fields.postal_address.unwrap_or(now.postal_address),
        note: fields.note.unwrap_or(now.note),
        first_payment: false,
    };
    customer::edit(session, id, now.version, &draft).await
}

/// An option that this type of customer has no use for is a mistake, and is not passed over in silence.
fn refuse_unfitting(connection_type: ConnectionType, fields: &Fields) -> Result<()> {
    use ConnectionType::{Hotspot, Other, Pppoe, StaticIp};
    for (option, given, fits) in [
        ("--username", fields.username.is_some(), connection_type == Pppoe),
        ("--password-file", fields.password_file.is_some(), matches!(connection_type, Pppoe | Hotspot)),
        ("--mac", fields.mac.is_some(), connection_type != Other),
        ("--devices-only", fields.devices_only.is_some(), connection_type != Other),
        ("--address", fields.address.is_some(), matches!(connection_type, Pppoe | StaticIp)),
    ] {
        if given && !fits {
            let word = match connection_type {
                Pppoe => "pppoe",
                Hotspot => "hotspot",
                StaticIp => "static-ip",
                Other => "other",
            };
            return Err(Error::new(ErrorCode::InvalidInput, format!("a customer of type {word} has no {option}"))
                .hint("leave it out, or choose another --type"));
        }
    }
    Ok(())
}

async fn paid(session: &Session, pay: Pay) -> Result<Customer> {
    let payment = PaymentDraft {
        customer_id: customer::find(session, &pay.customer).await?,
        renew: !pay.settle,
        amount: pay.amount,
        method: match pay.method {
            MethodWord::Cash => PaymentMethod::Cash,
            MethodWord::MobileBanking => PaymentMethod::MobileBanking,
            MethodWord::BankTransfer => PaymentMethod::BankTransfer,
            MethodWord::Card => PaymentMethod::Card,
            MethodWord::Other => PaymentMethod::Other,
        },
        reference: pay.reference,
        request_id: pay.request_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
    };
    customer::pay(session, &payment).await
}

async fn zone_id(session: &Session, given: Option<String>, now: Option<i64>) -> Result<Option<i64>> {
    match given {
        None => Ok(now),
        Some(name) if name.is_empty() => Ok(None),
        Some(name) => Ok(Some(zone::find(session, &name).await?.id)),
    }
}

async fn query_of(session: &Session, filter: Filter) -> Result<CustomerQuery> {
    Ok(CustomerQuery {
        search: filter.search,
        status: filter.status.map(|status| match status {
            StatusWord::Active => Status::Active,
            StatusWord::Suspended => Status::Suspended,
            StatusWord::Expired => Status::Expired,
        }),
        connection_type: filter.connection_type.map(ConnectionType::from),
        package_id: match filter.package {
            Some(name) => Some(package::find(session, &name).await?.id),
            None => None,
        },
        zone_id: zone_id(session, filter.zone, None).await?,
        ..CustomerQuery::default()
    })
}

async fn time_zone(session: &Session) -> Result<Tz> {
    let name = provider::show(session).await?.time_zone;
    name.parse().map_err(|_| Error::new(ErrorCode::Internal, format!("`{name}` is not a time zone that Demarc knows")))
}
