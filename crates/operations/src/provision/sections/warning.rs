//! What to know before a template is applied to a router, and what cannot be done there.

use std::net::{IpAddr, Ipv4Addr};

use domain::provision::PlanWarning;
use domain::template::Filled;
use routeros::config::Identity;

use super::extra::is_step;
use super::facts::Facts;
use super::walled_garden::wild;
use super::{Making, hotspot, overlap, pppoe, tunnel, wanted};

/// What makes the template impossible on this router: nothing may be written.
pub fn refusals(filled: &Filled, facts: &Facts) -> Vec<PlanWarning> {
    let making = Making { filled, facts };
    let refusals = [
        no_wireguard(&making),
        forbidden(&making),
        no_interface(&making),
        bridge_ports(&making),
        locked_out(&making),
        wan(&making, true),
        overlap::interfaces(&making),
        overlap::networks(&making),
    ];
    refusals.concat().into_iter().map(|refusal| PlanWarning { forbids: true, ..refusal }).collect()
}

/// What is possible and should be known.
pub fn warnings(filled: &Filled, facts: &Facts) -> Vec<PlanWarning> {
    let making = Making { filled, facts };
    [
        no_message_authenticator(&making),
        license(&making),
        fast_track(&making),
        wan(&making, false),
        laptop(&making),
        open_input(&making),
        busy(&making),
        source_address(&making),
        behind_the_hub(&making),
        wild_hosts(&making),
        steps(&making),
    ]
    .concat()
}

pub(super) fn told(key: &str, message: String, hint: &str) -> PlanWarning {
    PlanWarning { key: key.to_owned(), message, hint: hint.to_owned(), forbids: false }
}

fn release(facts: &Facts) -> String {
    facts.release.map_or_else(|| "this release".to_owned(), |release| format!("RouterOS {release}"))
}

fn no_wireguard(making: &Making<'_>) -> Vec<PlanWarning> {
    let wanted = making.filled.sections.tunnel.as_ref().is_some_and(|tunnel| &*tunnel.kind == "wireguard");
    if !wanted || making.facts.has(tunnel::WIREGUARD) {
        return Vec::new();
    }
    let message = format!("{} has no WireGuard", release(making.facts));
    vec![told("tunnel.kind", message, "choose `l2tp` for the tunnel, or update the router to RouterOS 7")]
}

fn forbidden(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let kind = sections.tunnel.as_ref().map_or("", |tunnel| &*tunnel.kind);
    let needed = [("hotspot", sections.hotspot.is_some()), ("l2tp", kind == "l2tp")];
    let forbids = |feature: &str| making.facts.forbidden.iter().any(|forbidden| forbidden == feature);
    let one = |(feature, _): (&str, bool)| {
        let hint = format!(
            "somebody at the router runs `/system/device-mode/update {feature}=yes` and presses its button within 5 minutes"
        );
        told(&format!("device-mode.{feature}"), format!("the router's device-mode forbids `{feature}`"), &hint)
    };
    needed.into_iter().filter(|(feature, needed)| *needed && forbids(feature)).map(one).collect()
}

/// The interfaces that the template is about, each with the field that says so.
fn interfaces<'a>(making: &Making<'a>) -> Vec<(&'static str, &'a str)> {
    let sections = &making.filled.sections;
    let access = sections.access.as_ref();
    let named = access.iter().flat_map(|access| &access.interfaces).map(|name| ("access.interfaces", &**name));
    let wan = access.iter().map(|access| ("access.wan_interface", &*access.wan_interface));
    let pppoe = sections.pppoe.iter().map(|pppoe| ("pppoe.interface", &*pppoe.interface));
    let hotspot = sections.hotspot.iter().map(|hotspot| ("hotspot.interface", &*hotspot.interface));
    named.chain(wan).chain(pppoe).chain(hotspot).filter(|(_, name)| !name.is_empty()).collect()
}

fn no_interface(making: &Making<'_>) -> Vec<PlanWarning> {
    let known = &making.facts.interfaces;
    let missing = interfaces(making)
        .into_iter()
        .filter(|(_, name)| !known.is_empty() && !known.iter().any(|interface| interface.name == *name));
    missing
        .map(|(key, name)| {
            told(key, format!("the router has no interface `{name}`"), "choose one of those that it has")
        })
        .collect()
}

fn bridge_ports(making: &Making<'_>) -> Vec<PlanWarning> {
    let served = interfaces(making).into_iter().filter(|(key, _)| *key != "access.wan_interface");
    served
        .filter_map(|(key, name)| {
            let interface = making.facts.interfaces.iter().find(|interface| interface.name == name)?;
            let bridge = interface.bridge.as_ref()?;
            let message = format!("`{name}` is a port of the bridge `{bridge}`: a server on it does not work");
            Some(told(key, message, &format!("choose `{bridge}`, or take the port out of the bridge")))
        })
        .collect()
}

/// This computer must be let in afterwards; the lists hold IPv4 only.
fn locked_out(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let narrow = sections.management.as_ref().is_some_and(|management| management.narrow.is_yes());
    let closed = narrow || sections.access.as_ref().is_some_and(|access| access.drop_rest.is_yes());
    let Some(IpAddr::V6(own)) = making.facts.own_address.filter(|_| closed) else { return Vec::new() };
    if own.to_ipv4_mapped().is_some() {
        return Vec::new();
    }
    let message = format!("this computer comes from `{own}`, and access would be for IPv4 networks only");
    vec![told("access.laptop", message, "connect to the router by its IPv4 address")]
}

fn no_message_authenticator(making: &Making<'_>) -> Vec<PlanWarning> {
    let wanted = making.filled.sections.radius.as_ref().is_some_and(|radius| radius.message_authenticator.is_yes());
    if !wanted || making.has_message_authenticator() {
        return Vec::new();
    }
    let message =
        format!("{} cannot ask RADIUS for Message-Authenticator: an answer can be forged", release(making.facts));
    vec![told("radius.message_authenticator", message, "let RADIUS go through a tunnel, or update the router")]
}

/// How many sessions a licence has.
fn license(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let served = sections.pppoe.is_some() || sections.hotspot.is_some();
    let sessions = match making.facts.license_level.filter(|_| served) {
        Some(0 | 1) => "1 session of each kind",
        Some(3 | 4) => "200 PPPoE and 200 hotspot sessions",
        Some(5) => "500 PPPoE and 500 hotspot sessions",
        _ => return Vec::new(),
    };
    vec![told(
        "license",
        format!("the router's licence allows {sessions}"),
        "more customers need a licence of a higher level",
    )]
}

fn fast_track(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let served = sections.pppoe.is_some() || sections.hotspot.is_some();
    if !served || !making.facts.fast_track || sections.fast_track.is_some() {
        return Vec::new();
    }
    let message = "the router has FastTrack, behind which the speeds that RADIUS gives do nothing".to_owned();
    vec![told("fast_track", message, "add the section `fast_track` to the template")]
}

/// Who serves customers must know where the Internet is; otherwise it is a warning.
fn wan(making: &Making<'_>, forbids: bool) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let served = sections.pppoe.is_some() || sections.hotspot.is_some();
    let Some(access) = sections.access.as_ref().filter(|_| served == forbids && making.wan_list().is_none()) else {
        return Vec::new();
    };
    let message = format!(
        "the router has no interface list `{}`: nothing from the Internet would be dropped, and nobody translated towards it",
        &*access.wan_list
    );
    vec![told(
        "access.wan_interface",
        message,
        "fill the blank `wan_interface` with the interface towards the Internet",
    )]
}

fn laptop(making: &Making<'_>) -> Vec<PlanWarning> {
    let one = |laptop: &Ipv4Addr| {
        let message = format!(
            "this computer (`{laptop}`) is in none of the management networks; it gets an entry of its own, which stays"
        );
        told("access.laptop", message, "name its network among the management networks, or take the entry out later")
    };
    making.laptops().iter().map(one).collect()
}

fn open_input(making: &Making<'_>) -> Vec<PlanWarning> {
    let open = making.filled.sections.access.as_ref().is_some_and(|access| !access.drop_rest.is_yes());
    if !open || making.facts.input_drop {
        return Vec::new();
    }
    let message = "the router drops nothing that comes in: accept rules alone keep nobody out".to_owned();
    vec![told("access.drop_rest", message, "fill the blank `drop_rest` with `yes`")]
}

/// Servers of somebody else's on the interfaces that ours are to be on.
fn busy(making: &Making<'_>) -> Vec<PlanWarning> {
    let ours = wanted(making.filled, making.facts);
    let servers = ours
        .items
        .iter()
        .filter(|item| [pppoe::SERVER, hotspot::SERVER, "/ip/dhcp-server"].contains(&item.menu.as_str()));
    let mut told_of = Vec::new();
    for item in servers {
        let (Some(interface), Identity::Named(property)) = (item.value("interface"), &item.identity) else { continue };
        let others = making.facts.busy.iter().filter(|other| other.menu == item.menu && other.interface == interface);
        for other in others.filter(|other| item.value(property) != Some(&other.name)) {
            let message = format!("`{}` is served by `{}` of `{}` already", interface, other.name, other.menu);
            told_of.push(told(&item.key, message, "remove that server, or give ours its name to take it over"));
        }
    }
    told_of
}

fn source_address(making: &Making<'_>) -> Vec<PlanWarning> {
    let Some(radius) = &making.filled.sections.radius else { return Vec::new() };
    let source = &*radius.source_address;
    let message = match making.asks_from() {
        Some(from) if from != source => {
            format!("RADIUS is asked through the tunnel from `{from}`, and Demarc knows the router by `{source}`")
        }
        None if !source.is_empty() => {
            format!("the router has no address `{source}`: it asks RADIUS from whichever address leads there")
        }
        _ => return Vec::new(),
    };
    let hint = "let the router's address in Demarc be the one that RADIUS sees, or leave `source_address` empty";
    vec![told("radius.source_address", message, hint)]
}

/// WireGuard lets these through; that they are found behind it is for the hub, and for a route.
fn behind_the_hub(making: &Making<'_>) -> Vec<PlanWarning> {
    let behind = making.behind_the_hub();
    let Some(tunnel) = making.filled.sections.tunnel.as_ref().filter(|_| !behind.is_empty()) else { return Vec::new() };
    let message = format!(
        "`{}` is not the hub's address inside the tunnel: the hub has to route it, and the router needs a route to it through `{}`",
        behind.join("`, `"),
        &*tunnel.interface
    );
    let hint = "take the hub's address inside the tunnel for them, or add the routes in the template's section `extra`";
    vec![told("tunnel.hub_address", message, hint)]
}

fn wild_hosts(making: &Making<'_>) -> Vec<PlanWarning> {
    let sections = &making.filled.sections;
    let Some(garden) = sections.walled_garden.as_ref().filter(|_| sections.suspended.is_some()) else {
        return Vec::new();
    };
    let hosts: Vec<&str> = wild(garden).collect();
    if hosts.is_empty() {
        return Vec::new();
    }
    let message =
        format!("suspended customers do not reach `{}`: an address list has whole names only", hosts.join("`, `"));
    vec![told("walled_garden.payment", message, "name the hosts one by one for them")]
}

fn steps(making: &Making<'_>) -> Vec<PlanWarning> {
    let unknown = making.filled.sections.extra.iter().filter_map(|extra| {
        let step = extra.step.as_deref().filter(|step| !is_step(step))?;
        Some(told(
            &format!("extra.{}", extra.key),
            format!("there is no step `{step}`; it is made after all others"),
            "",
        ))
    });
    unknown.collect()
}
