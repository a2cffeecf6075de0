//! Subscribers over the control port, as the documentation of [`super`] tells.

use std::net::Ipv4Addr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Access, Method, Subscriber, Subscribers, TerminateCause};
use crate::forms;
use crate::radius::SessionNumber;

// no Debug: it holds a password
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum Order {
    Dial(Dial),
    Traffic { session: String, upload: u64, download: u64 },
    Rate { session: String, upload: u64, download: u64 },
    HangUp { session: String },
    Vanish { session: String },
    Ended { session: String },
    CutPower,
}

#[derive(Deserialize)]
struct Dial {
    access: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    service: String,
    method: Option<String>,
    mac: Option<String>,
    address: Option<Ipv4Addr>,
    hotspot: Option<String>,
    #[serde(default)]
    upload: u64,
    #[serde(default)]
    download: u64,
}

/// What a request's `do` may be here.
const ORDERS: [&str; 7] = ["dial", "traffic", "rate", "hang-up", "vanish", "ended", "cut-power"];

impl Subscribers {
    /// Whether a request of the control port is about subscribers.
    pub(crate) fn understands(request: &Value) -> bool {
        request.get("do").and_then(Value::as_str).is_some_and(|order| ORDERS.contains(&order))
    }

    /// Does what a request says. An error says what is wrong with the request.
    pub(crate) async fn control(&self, request: Value) -> Result<Value, String> {
        let order: Order = serde_json::from_value(request).map_err(|error| error.to_string())?;
        match order {
            Order::Dial(dial) => {
                let subscriber = dial.subscriber()?;
                return Ok(match self.dial(&subscriber).await {
                    Ok(session) => json!({
                        "session": session.session_id(),
                        "address": session.address(),
                        "interface": session.interface(),
                    }),
                    Err(refused) => json!({ "refused": refused.to_string() }),
                });
            }
            Order::Traffic { session, upload, download } => self.count(self.alive(&session)?, upload, download),
            Order::Rate { session, upload, download } => self.flow(self.alive(&session)?, upload, download),
            Order::HangUp { session } => self.end(self.alive(&session)?, TerminateCause::UserRequest),
            Order::Vanish { session } => self.end(self.alive(&session)?, TerminateCause::LostCarrier),
            Order::CutPower => {
                self.lose_power();
                self.shared.reboot();
            }
            Order::Ended { session } => {
                let number = number(&session)?;
                let cause = match self.handle(number) {
                    Some(handle) => Some(handle.ended().await),
                    None => self.registry().past(number),
                };
                let cause = cause.ok_or_else(|| format!("there was no session `{session}`"))?;
                return Ok(json!({ "cause": cause.name() }));
            }
        }
        Ok(json!({}))
    }

    fn alive(&self, session: &str) -> Result<SessionNumber, String> {
        let number = number(session)?;
        let registry = self.registry();
        registry.get(number).map(|_| number).ok_or_else(|| format!("there is no session `{session}`"))
    }
}

fn number(session: &str) -> Result<SessionNumber, String> {
    u32::from_str_radix(session, 16).map(SessionNumber).map_err(|_| format!("`{session}` is no session's number"))
}

impl Dial {
    fn subscriber(self) -> Result<Subscriber, String> {
        let mut subscriber = match self.access.as_str() {
            "pppoe" => Subscriber {
                access: Access::Pppoe { service: self.service },
                ..Subscriber::pppoe(self.name, self.password)
            },
            "hotspot" => Subscriber::hotspot(self.name, self.password),
            "hotspot-mac" => Subscriber::hotspot_mac([0; 6]),
            other => return Err(format!("`{other}` is none of pppoe, hotspot, hotspot-mac")),
        };
        if let Some(method) = self.method {
            subscriber.method = match method.as_str() {
                "pap" => Method::Pap,
                "chap" => Method::Chap,
                "mschap2" => Method::MsChapV2,
                other => return Err(format!("`{other}` is none of pap, chap, mschap2")),
            };
        }
        match self.mac {
            Some(mac) => subscriber.mac_address = octets(&mac).ok_or_else(|| format!("`{mac}` is no MAC"))?,
            None if subscriber.access == Access::HotspotMac => return Err("a MAC is missing".to_owned()),
            None => {}
        }
        Ok(Subscriber {
            address: self.address,
            hotspot: self.hotspot,
            upload: self.upload,
            download: self.download,
            ..subscriber
        })
    }
}

fn octets(mac: &str) -> Option<[u8; 6]> {
    let mut octets = [0; 6];
    let text = forms::read_mac(mac)?;
    for (octet, digits) in octets.iter_mut().zip(text.split(':')) {
        *octet = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(octets)
}
