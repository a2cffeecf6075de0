//! What the blanks of a template are filled with for one router.

use std::collections::BTreeMap;
use std::net::UdpSocket;

use domain::provision::{Blank, BlankKind, BlankSource, ProvisionRequest};
use domain::router::Router;
use domain::template::{BlankSpec, Template, built_in};
use domain::{Error, FieldError, Permission, Problem};
use rand::distr::{Alphanumeric, SampleString};
use routeros::config::Wanted;

use super::job::Remembered;
use super::template;
use crate::router::{Routers, routers};
use crate::{Result, Session};

/// What several routers can have in common: servers, and not interfaces, networks or secrets.
const COMMON: [BlankKind; 6] =
    [BlankKind::Address, BlankKind::Networks, BlankKind::Host, BlankKind::Hosts, BlankKind::Port, BlankKind::YesNo];

/// Characters of a secret that is drawn.
const DRAWN: usize = 32;

/// Values of blanks, and where each comes from.
pub(super) struct Values {
    pub values: BTreeMap<String, String>,
    sources: BTreeMap<String, BlankSource>,
}

/// What a router was provisioned with before.
pub(super) struct Before {
    pub template: String,
    pub version: i32,
    blanks: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

/// The blanks that a template needs for a router, with what they are filled with. The router is asked for its interfaces only
/// if it answers at once.
pub async fn list(session: &Session, routers: &Routers, request: &ProvisionRequest) -> Result<Vec<Blank>> {
    session.require(Permission::Provision)?;
    let router = store::router::show(session, request.router_id).await?;
    let (_, parsed) = template::parsed(session, &request.template).await?;
    let values = fill(session, &router, &parsed, request).await?;
    let interfaces = interfaces(session, routers, &router).await;
    Ok(values.shown(&parsed, &interfaces))
}

/// The names of a router's interfaces, if it answers soon.
async fn interfaces(session: &Session, routers: &Routers, router: &Router) -> Vec<String> {
    let asked = async {
        let (_, connection) = routers.connection(session, router).await.ok()?;
        routeros::menus::Interface::read(&connection).await.ok()
    };
    let all = tokio::time::timeout(std::time::Duration::from_secs(3), asked).await.ok().flatten().unwrap_or_default();
    all.into_iter().filter(|one| !one.dynamic).map(|one| one.name.to_string()).collect()
}

/// Fills what can be filled. Secrets that are drawn are drawn here, unless the router has them already.
pub(super) async fn fill(
    session: &Session,
    router: &Router,
    template: &Template,
    request: &ProvisionRequest,
) -> Result<Values> {
    let before = before(session, router.id).await?;
    let mut values = Values { values: BTreeMap::new(), sources: BTreeMap::new() };
    let known = known(session, router).await?;
    let defaults = store::provision::blanks(session, router.id).await?;
    let ours = |name: &str| built_in().iter().any(|blank| blank.name == name);
    for blank in template.blanks.iter().chain(built_in()) {
        let name = blank.name.as_str();
        let typed = request.blanks.get(name).filter(|value| !value.trim().is_empty() || blank.optional);
        let kept = before.as_ref().and_then(|before| before.blanks.get(name).or(before.secrets.get(name)));
        let found = [
            (typed, BlankSource::Typed),
            (known.get(name), BlankSource::Known),
            (kept.filter(|_| !ours(name) || blank.kind == BlankKind::Secret), BlankSource::Before),
            // no secret and nothing of ours: whoever writes defaults decides nothing else
            (defaults.get(name).filter(|_| !ours(name) && COMMON.contains(&blank.kind)), BlankSource::Operator),
        ];
        if let Some((value, source)) = found.into_iter().find_map(|(value, source)| Some((value?, source))) {
            values.give(name, value.clone(), source);
        } else if blank.is_drawn() {
            values.give(name, Alphanumeric.sample_string(&mut rand::rng(), DRAWN), BlankSource::Drawn);
        }
    }
    // what is typed and no blank at all is refused with the others
    for (name, value) in &request.blanks {
        values.values.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Ok(values)
}

/// Keeps what was typed for the operator's other routers, as far as it is no router's own.
pub(super) async fn remember(session: &Session, template: &Template, request: &ProvisionRequest) -> Result<()> {
    for (name, value) in &request.blanks {
        let own = template.blanks.iter().find(|blank| blank.name == *name);
        if own.is_some_and(|blank| COMMON.contains(&blank.kind)) {
            store::provision::keep_blank(session, name, value.trim()).await?;
        }
    }
    Ok(())
}

/// What the router was provisioned with before. None: nothing.
pub(super) async fn before(session: &Session, router_id: i64) -> Result<Option<Before>> {
    let Some(provisioned) = store::provision::of_router(session, router_id).await? else { return Ok(None) };
    let key = store::router_key::of(session, router_id).await?;
    let remembered = store::provision::applied(session, &key, router_id).await?;
    let secrets =
        remembered.and_then(|value| serde_json::from_value::<Remembered>(value).ok()).map(|kept| kept.secrets);
    Ok(Some(Before {
        template: provisioned.template,
        version: provisioned.version,
        blanks: provisioned.blanks,
        secrets: secrets.unwrap_or_default(),
    }))
}

/// What was applied to a router. None: nothing.
pub(super) async fn applied(session: &Session, router_id: i64) -> Result<Option<Wanted>> {
    if store::provision::of_router(session, router_id).await?.is_none() {
        return Ok(None);
    }
    let key = store::router_key::of(session, router_id).await?;
    let remembered = store::provision::applied(session, &key, router_id).await?;
    Ok(remembered.and_then(|value| serde_json::from_value::<Remembered>(value).ok()).map(|kept| kept.wanted))
}

/// What Demarc knows of a router, its operator and its provider.
async fn known(session: &Session, router: &Router) -> Result<BTreeMap<String, String>> {
    let provider = store::provider::show(session).await?;
    let mut known = BTreeMap::from(
        [
            ("router_name", router.name.clone()),
            ("router_address", router.address.clone()),
            ("site", site(&router.name)),
            ("operator", router.operator_name.clone()),
            ("tenant", provider.name),
            ("time_zone", provider.time_zone),
            ("coa_port", router.coa_port.to_string()),
            ("radius_secret", store::router::reveal_secret(session, router.id).await?),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let mut add = |name: &str, value: String| {
        if !value.trim().is_empty() {
            known.insert(name.to_owned(), value);
        }
    };
    add("suspended_pool", provider.suspended_pool);
    add("suspended_list", provider.suspended_list);
    add("laptop_address", own_address(router).unwrap_or_default());
    // a router that was provisioned before keeps the password of its management
    let management = built_in().iter().find(|blank| blank.name == "management_user");
    let management = management.and_then(|blank| blank.default.clone());
    if router.access_user.is_some() && router.access_user == management {
        add("management_password", routers::log_in_of(session, router).await?.password);
    }
    Ok(known)
}

/// The address that this computer's packets to the router come from. Nothing is sent.
fn own_address(router: &Router) -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect((router.api.host.as_str(), router.api.port)).ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}

/// A router's name in small letters, digits and hyphens.
fn site(name: &str) -> String {
    let mut site = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => site.push(c),
            _ if !site.is_empty() && !site.ends_with('-') => site.push('-'),
            _ => {}
        }
    }
    let site = site.trim_end_matches('-');
    if site.is_empty() { "router".to_owned() } else { site.chars().take(32).collect() }
}

impl Values {
    pub(super) fn give(&mut self, name: &str, value: String, source: BlankSource) {
        self.values.insert(name.to_owned(), value);
        self.sources.insert(name.to_owned(), source);
    }

    /// The blanks that are needed, with their values and what is wrong with them; secrets without their values.
    pub(super) fn shown(&self, template: &Template, interfaces: &[String]) -> Vec<Blank> {
        let needed = template.needed(&self.values);
        needed.into_iter().map(|blank| self.one(template, blank, interfaces)).collect()
    }

    fn one(&self, template: &Template, blank: &BlankSpec, interfaces: &[String]) -> Blank {
        let value = template.value(&blank.name, &self.values).unwrap_or_default();
        let source = self.sources.get(&blank.name).copied();
        let source = source.unwrap_or(if value.is_empty() { BlankSource::Missing } else { BlankSource::Template });
        let mut shown = blank.shown(&value, source);
        if blank.kind == BlankKind::Interface {
            shown.choices = interfaces.to_vec();
        }
        shown
    }

    /// The template with its blanks filled; refused with a field for each that is not in order.
    pub(super) fn fill(&self, template: &Template) -> Result<domain::template::Filled> {
        template.fill(&self.values).map_err(|problems| {
            let missing = problems.iter().filter(|(_, problem)| *problem == Problem::Required).count();
            let fields = problems.into_iter().map(|(name, problem)| FieldError::new(&name, problem)).collect();
            let error = Error::invalid(fields);
            if missing > 0 { error.hint("fill the blanks: `--set name=value`, or their fields") } else { error }
        })
    }

    /// Values that may be kept and shown, and secrets.
    pub(super) fn apart(&self, template: &Template) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let mut apart = (BTreeMap::new(), BTreeMap::new());
        for blank in template.needed(&self.values) {
            let Some(value) = template.value(&blank.name, &self.values) else { continue };
            let whose = if blank.kind == BlankKind::Secret { &mut apart.1 } else { &mut apart.0 };
            whose.insert(blank.name.clone(), value);
        }
        apart
    }
}

impl Before {
    /// The router was provisioned from this version of this template, with these blanks.
    pub(super) fn is(&self, template: &str, version: i32, blanks: &BTreeMap<String, String>) -> bool {
        (self.template.as_str(), self.version, &self.blanks) == (template, version, blanks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_a_name_that_routers_take() {
        for (name, expected) in [("Tower 3", "tower-3"), ("  ঢাকা ", "router"), ("A—B__c", "a-b-c"), ("x", "x")]
        {
            assert_eq!(site(name), expected, "{name}");
        }
        assert!(site(&"long ".repeat(20)).len() <= 32);
    }
}
