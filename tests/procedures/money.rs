//! Payments.

use domain::customer::{Customer, Status};
use domain::payment::{LedgerKind, PaymentDraft, PaymentMethod};
use domain::{ErrorCode, Money, Problem};
use operations::{Result, Session};
use sqlx::types::chrono::{DateTime, Utc};
use tests::provider::{Provider, customer, package, pppoe};

async fn pay(session: &Session, customer_id: i64, amount: &str, request_id: &str) -> Result<Customer> {
    let payment = PaymentDraft {
        renew: true,
        customer_id,
        amount: amount.into(),
        method: PaymentMethod::MobileBanking,
        reference: "TX-1".into(),
        request_id: request_id.into(),
    };
    operations::customer::pay(session, &payment).await
}

fn request() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[tokio::test]
async fn a_payment_writes_a_bill_a_payment_and_a_later_expiry() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let mut draft = pppoe("Rahim", "rahim", package(session).await.id);
    draft.first_payment = false;
    let unpaid = customer(session, &draft).await;
    assert_eq!((unpaid.status, unpaid.expires_at), (Status::Expired, None));

    let offered = unpaid.next_expires_at.unwrap();
    let paid = pay(session, unpaid.id, "", &request()).await.unwrap();
    assert_eq!(paid.status, Status::Active);
    assert_eq!(paid.balance, Money(0));
    let late = paid.expires_at.unwrap() - offered;
    assert!((0..60).contains(&late.num_seconds()), "30 days from the payment: {late}");
    let kinds: Vec<_> = paid.ledger.iter().map(|entry| (entry.kind, entry.amount)).collect();
    assert_eq!(kinds, [(LedgerKind::Payment, Money(50_000)), (LedgerKind::Bill, Money(50_000))]);

    // paid again before it runs out: from the expiry on; too little leaves a debt
    let again = pay(session, unpaid.id, "450.50", &request()).await.unwrap();
    assert_eq!((again.expires_at.unwrap() - paid.expires_at.unwrap()).num_days(), 30);
    assert_eq!(again.balance, Money(-4_950));
    assert_eq!(again.expires_at, paid.next_expires_at, "what was offered is what was given");
}

#[tokio::test]
async fn the_same_payment_sent_twice_is_one_payment() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    let request = request();
    let shouted = request.to_uppercase();
    let (first, second) =
        tokio::join!(pay(session, rahim.id, "500", &request), pay(session, rahim.id, "500", &shouted));
    assert_eq!(first.unwrap().expires_at, second.unwrap().expires_at);
    let shown = operations::customer::show(session, rahim.id).await.unwrap();
    assert_eq!(shown.ledger.len(), 4, "two bills and two payments, the first ones among them");
}

#[tokio::test]
async fn a_request_that_paid_for_one_customer_does_not_pay_for_another() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    let rahim = customer(session, &pppoe("Rahim", "rahim", home.id)).await;
    let salma = customer(session, &pppoe("Salma", "salma", home.id)).await;
    let request = request();
    pay(session, rahim.id, "", &request).await.unwrap();
    let error = pay(session, salma.id, "", &request).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidInput);
    assert!(error.message.contains("another customer"), "{error}");
}

#[tokio::test]
async fn what_is_owed_is_settled_without_buying_anything_new() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    let owing = pay(session, rahim.id, "100", &request()).await.unwrap();
    assert_eq!(owing.balance, Money(-40_000));

    let mut settle = PaymentDraft {
        customer_id: rahim.id,
        renew: false,
        amount: "400".into(),
        method: PaymentMethod::Cash,
        reference: String::new(),
        request_id: request(),
    };
    for _ in 0..2 {
        // sent twice, it is one
        let settled = operations::customer::pay(session, &settle).await.unwrap();
        assert_eq!((settled.balance, settled.expires_at), (Money(0), owing.expires_at));
        assert_eq!(settled.ledger.len(), owing.ledger.len() + 1);
    }
    // nothing is owed any more, so the amount has to be named
    settle.request_id = request();
    settle.amount = String::new();
    let error = operations::customer::pay(session, &settle).await.unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &error.fields[0].problem), ("amount", &Problem::Required));
}

#[tokio::test]
async fn a_day_is_a_day_where_the_provider_is() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    // over the night of 14 March 2027, when New York loses an hour
    sqlx::raw_sql(
        "update tenant set time_zone = 'America/New_York'; update customer set expires_at = '2027-03-01T05:00Z'",
    )
    .execute(&provider.administrator().await)
    .await
    .unwrap();
    let paid = pay(session, rahim.id, "", &request()).await.unwrap();
    let midnight: DateTime<Utc> = "2027-03-31T04:00:00Z".parse().unwrap();
    assert_eq!(paid.expires_at, Some(midnight));
}

#[tokio::test]
async fn amounts_that_are_none_are_refused_beside_the_field() {
    let provider = Provider::new().await;
    let session = &provider.session;
    let rahim = customer(session, &pppoe("Rahim", "rahim", package(session).await.id)).await;
    for (amount, problem) in [
        ("1.005", Problem::NotMoney { currency: "BDT".into() }),
        ("much", Problem::NotMoney { currency: "BDT".into() }),
        ("-5", Problem::NotMoney { currency: "BDT".into() }),
    ] {
        let error = pay(session, rahim.id, amount, &request()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInput);
        assert_eq!((error.fields[0].field.as_str(), &error.fields[0].problem), ("amount", &problem), "{amount}");
    }
    let error = pay(session, rahim.id, "0", &request()).await.unwrap_err();
    assert_eq!(error.fields[0].problem, Problem::Nothing);
    assert_eq!(pay(session, 999, "5", &request()).await.unwrap_err().code, ErrorCode::NotFound);
}
