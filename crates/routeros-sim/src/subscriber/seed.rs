//! Sessions that are there from the beginning: `--seed-active N`.

use super::admission::{Candidate, Decision, given, profile};
use super::{Method, Subscriber, Subscribers};
use crate::radius::{Line, Proof, RateLimit, Service};
use crate::router::Router;

impl Subscribers {
    /// PPPoE sessions of `customer-000001` and on, as the router's own secrets would have them, each with some
    /// traffic. Where their profile gives no address they have one of 100.64.0.0/10, and without a rate 5M/20M.
    pub(super) fn seed(&self, router: &mut Router, count: u32) {
        let server = router.rows("/interface/pppoe-server/server").into_iter().next();
        let text = |name: &str| server.as_ref().and_then(|row| row.get(name)).unwrap_or_default();
        let identity = router.setting("/system/identity", "name").unwrap_or_default();
        for number in 1..=count {
            let mut subscriber = Subscriber::pppoe(format!("customer-{number:06}"), "");
            // believable and different, yet the same at each start
            subscriber.download = 40_000 + u64::from(number) * 7919 % 4_000_000;
            subscriber.upload = subscriber.download / 8;
            let session = self.registry().next_number(Service::Pppoe);
            let candidate = Candidate {
                line: Line {
                    service: Service::Pppoe,
                    session,
                    user_name: subscriber.name.clone().into(),
                    nas_identifier: identity.clone().into(),
                    nas_ip_address: self.nas_ip_address(&[]),
                    nas_port_type: 15,
                    nas_port_id: if text("interface").is_empty() {
                        b"ether2".to_vec()
                    } else {
                        text("interface").into()
                    },
                    calling_station_id: subscriber.mac_text().into(),
                    called_station_id: text("service-name").into(),
                    address: None,
                    location: (Vec::new(), Vec::new()),
                    logoff_url: Vec::new(),
                },
                proof: Proof::give(Method::Pap, b"", b""),
                server: server.as_ref().map(|row| row.id),
                user: router.find("/ppp/secret", "name", &subscriber.name),
                servers: Vec::new(),
                label: String::new(),
                login_by: "",
                taken: None,
                seeded: true,
            };
            self.seed_one(router, &subscriber, &candidate, number);
        }
    }

    fn seed_one(&self, router: &mut Router, subscriber: &Subscriber, candidate: &Candidate, number: u32) {
        let secret = candidate.user.and_then(|user| router.row("/ppp/secret", user));
        let profile = profile(router, "/ppp/profile", &[given(secret.as_ref(), "profile")]);
        let rate_limit = given(profile.as_ref(), "rate-limit").unwrap_or("5M/20M");
        let decide = || {
            let mut decision = Decision { user: candidate.user, ..Decision::default() };
            decision.grant.policy.rate_limit = RateLimit::parse(rate_limit);
            decision
        };
        if self.admit_pppoe(router, subscriber, candidate, decide()).is_err() {
            let mut decision = decide();
            decision.grant.address = Some((0x6440_0000 + (number & 0x3f_ffff)).into());
            // refused only where a name may have one session, and this one has it
            let _ = self.admit_pppoe(router, subscriber, candidate, decision);
        }
    }
}
