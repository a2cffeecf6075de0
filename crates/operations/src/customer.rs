//! Customers: list, show, add, edit, suspend, activate, pay; their devices. What changes a live session is waited for a
//! moment, so that the answer says per session what became of it.

use domain::customer::{Customer, CustomerCount, CustomerDraft, CustomerPage, CustomerQuery};
use domain::device::DeviceDraft;
use domain::explanation::{AskAbout, Explanation};
use domain::payment::{PaymentDraft, PaymentMethod};
use domain::{Error, ErrorCode, Money, Permission, names};

use crate::{Result, Session, live};

/// A page of customers.
pub async fn list(session: &Session, query: &CustomerQuery) -> Result<CustomerPage> {
    session.require(Permission::CustomerRead)?;
    store::customer_list::page(session, query).await
}

/// How many customers a query finds.
pub async fn count(session: &Session, query: &CustomerQuery) -> Result<CustomerCount> {
    session.require(Permission::CustomerRead)?;
    store::customer_list::count(session, query).await
}

/// Everything on a customer's page.
pub async fn show(session: &Session, id: i64) -> Result<Customer> {
    session.require(Permission::CustomerRead)?;
    store::customer::show(session, id).await
}

/// The one customer that `name` means: an id, a user name, mobile, MAC, address or full name.
pub async fn find(session: &Session, name: &str) -> Result<i64> {
    session.require(Permission::CustomerRead)?;
    match store::customer::find(session, name).await?.as_slice() {
        [] => Err(Error::not_found("customer", name)),
        [(id, _)] => Ok(*id),
        several => {
            let ids: Vec<String> = several.iter().map(|(id, name)| format!("{id} ({name})")).collect();
            Err(Error::new(ErrorCode::InvalidInput, format!("`{name}` means {} customers", several.len()))
                .hint(format!("name one by its number: {}", ids.join(", "))))
        }
    }
}

/// Why a customer cannot log in, or that nothing speaks against it.
pub async fn explain(session: &Session, id: i64, about: &AskAbout) -> Result<Explanation> {
    session.require(Permission::SessionRead)?;
    store::explanation::explain(session, id, about).await
}

/// Adds a customer, with its first payment if the draft says so.
pub async fn add(session: &Session, draft: &CustomerDraft) -> Result<Customer> {
    session.require(Permission::CustomerWrite)?;
    let customer = draft.check(session.country, false).map_err(Error::invalid)?;
    let payment = match customer.package_id {
        Some(package_id) if customer.first_payment => {
            let price = store::package::show(session, package_id).await?.price;
            let payment = PaymentDraft {
                customer_id: 0,
                renew: true,
                amount: String::new(),
                method: PaymentMethod::Cash,
                reference: String::new(),
                request_id: uuid::Uuid::new_v4().to_string(),
            };
            Some(payment.check(&session.currency, Some(price)).map_err(Error::invalid)?)
        }
        _ => None,
    };
    let id = store::customer::add(session, &customer, payment.as_ref()).await?;
    show(session, id).await
}

/// Changes a customer that is still as it was read. An empty password keeps the present one.
pub async fn edit(session: &Session, id: i64, version: i32, draft: &CustomerDraft) -> Result<Customer> {
    session.require(Permission::CustomerWrite)?;
    let customer = draft.check(session.country, true).map_err(Error::invalid)?;
    store::customer::edit(session, id, version, &customer).await?;
    live::settled(session, id).await;
    show(session, id).await
}

/// Adds a device.
pub async fn add_device(session: &Session, id: i64, draft: &DeviceDraft) -> Result<Customer> {
    session.require(Permission::CustomerWrite)?;
    let device = draft.check().map_err(Error::invalid)?;
    store::device::add(session, id, &device).await?;
    live::settled(session, id).await;
    show(session, id).await
}

/// Takes a device away; if it was the primary one, the oldest of the others becomes that.
pub async fn remove_device(session: &Session, id: i64, device_id: i64) -> Result<Customer> {
    session.require(Permission::CustomerWrite)?;
    store::device::remove(session, id, device_id).await?;
    live::settled(session, id).await;
    show(session, id).await
}

/// Makes a device the primary one.
pub async fn primary_device(session: &Session, id: i64, device_id: i64) -> Result<Customer> {
    session.require(Permission::CustomerWrite)?;
    store::device::make_primary(session, id, device_id).await?;
    show(session, id).await
}

/// Cuts a customer off: from the next log-in on, and a live session is acted upon. The reason may be empty.
pub async fn suspend(session: &Session, id: i64, reason: &str) -> Result<Customer> {
    session.require(Permission::CustomerSuspend)?;
    let reason =
        names::text(reason, 500).map_err(|problem| Error::invalid(vec![domain::FieldError::new("reason", problem)]))?;
    store::customer::set_suspended(session, id, Some(&reason)).await?;
    live::settled(session, id).await;
    show(session, id).await
}

/// Lifts a suspension. An expired customer stays expired until it pays.
pub async fn activate(session: &Session, id: i64) -> Result<Customer> {
    session.require(Permission::CustomerSuspend)?;
    store::customer::set_suspended(session, id, None).await?;
    live::settled(session, id).await;
    show(session, id).await
}

/// Records a payment. One that renews extends the expiry by the package's validity; another settles what is owed.
pub async fn pay(session: &Session, payment: &PaymentDraft) -> Result<Customer> {
    session.require(Permission::PaymentTake)?;
    let payer = show(session, payment.customer_id).await?;
    let owed = (payer.balance < Money::ZERO).then(|| Money(-payer.balance.0));
    let due = if payment.renew { payer.price } else { owed };
    let checked = payment.check(&session.currency, due).map_err(Error::invalid)?;
    store::billing::pay(session, payment.customer_id, &checked).await?;
    live::settled(session, payment.customer_id).await;
    show(session, payment.customer_id).await
}

/// The customer's password. The look at it stands in the audit.
pub async fn reveal_password(session: &Session, id: i64) -> Result<String> {
    session.require(Permission::CustomerPassword)?;
    store::customer::reveal_password(session, id).await
}
