//! Log-in: name and password (6.43 and newer), challenge and response (before), and what goes wrong.

use md5::{Digest, Md5};

use super::{Session, Then};
use crate::actor::{Policies, User};
use crate::forms;
use crate::request::Request;
use crate::router::{Router, Row};
use crate::trap::Trap;

/// After this many refusals on one connection the next sentence ends it.
const REFUSALS: u32 = 4;

impl Session {
    pub(super) async fn log_in(&mut self, request: &Request) -> Then {
        if self.failures >= REFUSALS {
            self.fatal(request, "too many commands before login");
            return Then::Close;
        }
        let challenges = self.shared.challenges();
        let name = request.text("name").unwrap_or_default().into_owned();
        let proof = match (request.attribute("password"), request.attribute("response")) {
            (_, Some(response)) if challenges || self.shared.switches().late_challenge => match self.challenge.take() {
                Some(challenge) => Proof::Response(challenge, response.to_vec()),
                None => Proof::Nothing,
            },
            (Some(password), _) if !challenges => Proof::Password(password.to_vec()),
            // an old router answers a password by a challenge too, and nobody is logged in by that
            _ if challenges || (self.shared.switches().late_challenge && request.attributes.is_empty()) => {
                return self.challenge(request).await;
            }
            _ => Proof::Nothing,
        };
        let mut out = Vec::new();
        let mut replies = self.replies(request, &mut out);
        let user = {
            let mut router = self.shared.lock();
            if self.user.is_none() && !router.has_room(self.origin.via) {
                return Then::Cut;
            }
            self.rights = router.rights;
            router.log_in(&name, &proof, self.origin)
        };
        if let Some(user) = user {
            replies.done(None);
            if let Some(before) = self.user.replace(user) {
                self.shared.lock().logged_out(&before);
            }
        } else {
            self.failures += 1;
            let text = if challenges { "cannot log in" } else { "invalid user name or password (6)" };
            replies.trap(&Trap::new(text));
            replies.done(None);
        }
        self.output.send(out).await;
        Then::GoOn
    }

    async fn challenge(&mut self, request: &Request) -> Then {
        let mut challenge = [0; 16];
        if getrandom::fill(&mut challenge).is_err() {
            return Then::Cut;
        }
        self.challenge = Some(challenge);
        let mut out = Vec::new();
        self.replies(request, &mut out).done(Some(hex(&challenge).as_bytes()));
        self.output.send(out).await;
        Then::GoOn
    }

    pub(super) async fn not_logged_in(&mut self, request: &Request) -> Then {
        self.failures += 1;
        if self.shared.switches().fatal_before_log_in || self.failures > REFUSALS {
            let text = if self.failures > REFUSALS { "too many commands before login" } else { "not logged in" };
            self.fatal(request, text);
            return Then::Close;
        }
        let mut out = Vec::new();
        let mut replies = self.replies(request, &mut out);
        replies.trap(&Trap::new("not logged in"));
        replies.done(None);
        self.output.send(out).await;
        Then::GoOn
    }
}

/// How a user proves to be that user.
pub(crate) enum Proof {
    Password(Vec<u8>),
    /// The challenge, and `00` with the MD5 in hex.
    Response([u8; 16], Vec<u8>),
    Nothing,
}

impl Proof {
    fn holds(&self, password: &[u8]) -> bool {
        match self {
            Self::Password(given) => given == password,
            Self::Response(challenge, response) => {
                let digest = Md5::new().chain_update([0]).chain_update(password).chain_update(challenge).finalize();
                format!("00{}", hex(&digest)).as_bytes().eq_ignore_ascii_case(response)
            }
            Self::Nothing => false,
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Router {
    pub(crate) fn log_in(&mut self, name: &str, proof: &Proof, origin: super::Origin) -> Option<User> {
        let user = self.known_user(name, proof, origin);
        let (address, via) = (origin.address, origin.via);
        if let Some(user) = &user {
            self.log("system,info,account", &format!("user {name} logged in from {address} via {via}"));
            let when = self.release().date_time(self.wall());
            let values = [
                ("when", when.as_str().into()),
                ("name", user.name.as_str().into()),
                ("address", address.to_string().into()),
                ("via", via.into()),
                ("group", user.group.as_str().into()),
                ("radius", false.into()),
            ];
            let item = self.insert_dynamic("/user/active", &values, &crate::actor::Actor::Router);
            if let Some(known) = self.find("/user", "name", name) {
                self.set_values("/user", known, &[("last-logged-in", when.into())], &crate::actor::Actor::Router);
            }
            self.logged_in.insert(origin.number, (origin.via, item));
        } else {
            self.log("system,error,critical", &format!("login failure for user {name} from {address} via {via}"));
        }
        user
    }

    fn known_user(&self, name: &str, proof: &Proof, origin: super::Origin) -> Option<User> {
        let row = self.row("/user", self.find("/user", "name", name)?)?;
        let password =
            row.values.iter().find(|(property, _)| property == "password").map_or(&[][..], |(_, value)| value);
        let allowed = forms::inside(origin.address, row.get("address").unwrap_or_default());
        let (group, policies) = self.group_of(&row)?;
        let fits = proof.holds(password) && allowed && row.get("disabled") != Some("true") && policies.has("api");
        fits.then(|| User {
            name: name.to_owned(),
            group,
            address: origin.address,
            via: origin.via,
            connection: origin.number,
            policies,
        })
    }

    fn group_of(&self, user: &Row) -> Option<(String, Policies)> {
        let group = user.get("group")?.to_owned();
        let row = self.row("/user/group", self.find("/user/group", "name", &group)?)?;
        let policies = Policies::parse(row.get("policy")?);
        Some((group, policies))
    }

    /// Users or groups changed: who is logged in may from here on what the group may now.
    pub(crate) fn update_rights(&self, user: &mut User) {
        let row = self.find("/user", "name", &user.name).and_then(|id| self.row("/user", id));
        if let Some((group, policies)) = row.and_then(|row| self.group_of(&row)) {
            user.group = group;
            user.policies = policies;
        }
    }

    /// Sessions of a user who is gone end.
    pub(crate) fn users_changed(&mut self, removed: Option<&str>) {
        self.rights = self.rights.wrapping_add(1);
        let Some(name) = removed else { return };
        let is_theirs = |item: u32| self.row("/user/active", item).is_some_and(|row| row.get("name") == Some(name));
        let gone: Vec<u64> =
            self.logged_in.iter().filter(|(_, (_, item))| is_theirs(*item)).map(|(number, _)| *number).collect();
        self.unwelcome.extend(gone);
        self.hurry.notify_one();
    }

    /// May one more session of this service log in?
    pub(crate) fn has_room(&self, service: &str) -> bool {
        let open = self.logged_in.values().filter(|(via, _)| *via == service).count();
        self.service(service).is_some_and(|service| service.max_sessions.is_none_or(|most| open < most))
    }

    pub(crate) fn logged_out(&mut self, user: &User) {
        if let Some((_, item)) = self.logged_in.remove(&user.connection) {
            self.remove("/user/active", item, &crate::actor::Actor::Router);
            let User { name, address, via, .. } = user;
            self.log("system,info,account", &format!("user {name} logged out from {address} via {via}"));
        }
    }
}
