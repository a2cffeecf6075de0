//! Payments, and the bills that they pay.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::field::{Draft, FieldError, Problem};
use crate::{Currency, Money, names};

/// A bill or a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LedgerEntry {
    pub at: DateTime<Utc>,
    pub kind: LedgerKind,
    pub amount: Money,
    /// For a bill: the period that it pays for.
    pub period_from: Option<DateTime<Utc>>,
    pub period_to: Option<DateTime<Utc>>,
    /// For a payment: how it was made and what the receipt says.
    pub method: Option<PaymentMethod>,
    pub reference: Option<String>,
    pub package_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LedgerKind {
    Bill,
    Payment,
}

/// How a payment was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    #[default]
    Cash,
    MobileBanking,
    BankTransfer,
    Card,
    Other,
}

/// A payment as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PaymentDraft {
    pub customer_id: i64,
    /// It buys a validity: a bill is written and the expiry moves on. Else it settles what is owed and buys nothing.
    pub renew: bool,
    /// Empty: the package's price, or what is owed.
    #[serde(default)]
    pub amount: String,
    #[serde(default)]
    pub method: PaymentMethod,
    /// Receipt or transaction number.
    #[serde(default)]
    pub reference: String,
    /// Drawn by the caller (a UUID) for each payment: the same one sent twice is one payment.
    pub request_id: String,
}

/// A payment that is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPayment {
    pub customer_id: i64,
    /// It buys a validity.
    pub renew: bool,
    /// More than nothing, unless the package costs nothing.
    pub amount: Money,
    pub method: PaymentMethod,
    /// At most 100 characters; may be empty.
    pub reference: String,
    /// A UUID, in lower case.
    pub request_id: String,
}

impl PaymentDraft {
    /// Reads the payment; an empty amount is what is `due`: the price, or what is owed.
    pub fn check(&self, currency: &Currency, due: Option<Money>) -> Result<CheckedPayment, Vec<FieldError>> {
        let mut draft = Draft::default();
        let amount = match (self.amount.trim(), due) {
            ("", Some(due)) => Ok(due),
            ("", None) => Err(Problem::Required),
            (text, _) => Money::parse(text, currency),
        };
        let amount = amount.and_then(|amount| {
            let free = self.renew && due == Some(Money::ZERO);
            if amount > Money::ZERO || free { Ok(amount) } else { Err(Problem::Nothing) }
        });
        let amount = draft.take("amount", amount);
        let reference = draft.optional("reference", &self.reference, |text| names::line(text, 100));
        let request_id = draft.required("request_id", &self.request_id, uuid);

        draft.finish_with(amount.zip(request_id).map(|(amount, request_id)| CheckedPayment {
            customer_id: self.customer_id,
            renew: self.renew,
            amount,
            method: self.method,
            reference: reference.unwrap_or_default(),
            request_id,
        }))
    }
}

/// A UUID as RFC 9562 writes it, in lower case.
fn uuid(text: &str) -> Result<String, Problem> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths == [8, 4, 4, 4, 12] && groups.concat().bytes().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Problem::BadCharacters { allowed: "a UUID".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T>(checked: Result<T, Vec<FieldError>>) -> Vec<(String, Problem)> {
        let errors = checked.err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.problem)).collect()
    }

    fn payment(amount: &str) -> PaymentDraft {
        PaymentDraft {
            customer_id: 7,
            renew: true,
            amount: amount.into(),
            method: PaymentMethod::MobileBanking,
            reference: " TX 1 ".into(),
            request_id: "67E55044-10B1-426F-9247-BB680E5FE0C8".into(),
        }
    }

    #[test]
    fn a_payment_is_the_amount_or_the_price() {
        let bdt = Currency::parse("BDT").unwrap();
        let paid = payment("1,250").check(&bdt, Some(Money(5))).unwrap();
        assert_eq!(
            paid,
            CheckedPayment {
                renew: true,
                customer_id: 7,
                amount: Money(125_000),
                method: PaymentMethod::MobileBanking,
                reference: "TX 1".into(),
                request_id: "67e55044-10b1-426f-9247-bb680e5fe0c8".into(),
            }
        );
        assert_eq!(payment(" ").check(&bdt, Some(Money(5))).map(|paid| paid.amount), Ok(Money(5)));
        assert_eq!(refused(payment("").check(&bdt, None)), [("amount".into(), Problem::Required)]);
    }

    #[test]
    fn a_payment_of_nothing_is_refused_unless_the_package_costs_nothing() {
        let bdt = Currency::parse("BDT").unwrap();
        assert_eq!(refused(payment("0").check(&bdt, None)), [("amount".into(), Problem::Nothing)]);
        assert_eq!(refused(payment("0").check(&bdt, Some(Money(100)))), [("amount".into(), Problem::Nothing)]);
        let settling = PaymentDraft { renew: false, ..payment("") };
        assert_eq!(refused(settling.check(&bdt, Some(Money::ZERO))), [("amount".into(), Problem::Nothing)]);
        assert!(payment("").check(&bdt, Some(Money::ZERO)).is_ok());
        assert!(payment("0.01").check(&bdt, None).is_ok());
    }

    #[test]
    fn a_request_id_is_a_uuid() {
        let bdt = Currency::parse("BDT").unwrap();
        for request_id in ["", "1", "67e5504410b1426f9247bb680e5fe0c8", "67e55044-10b1-426f-9247-bb680e5fe0cg"] {
            let payment = PaymentDraft { request_id: request_id.into(), ..payment("1") };
            assert_eq!(refused(payment.check(&bdt, None)).len(), 1, "{request_id}");
        }
    }
}
