//! What is known of single properties: how their values compare, what they are when they are not there, how they are
//! cleared. Forms and defaults as published for RouterOS 7.9 to 7.24.

use crate::menus::Table;
use crate::release::Release;
use crate::sensitive::is_sensitive;

/// How values of a property compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Byte by byte.
    Text,
    /// Byte by byte, but for the ends of lines.
    Script,
    /// Comma-joined, in whatever order.
    Set,
    /// As a set; those with `!` are not granted.
    Policies,
    /// `rx/tx`, bits per second, and what may follow.
    Rates,
    /// A comma-joined list whose order counts, or one value.
    Plain,
}

const TEXTS: &[&str] = &[
    "action",
    "address-list",
    "chain",
    "comment",
    "common-name",
    "connect-to",
    "contact",
    "content",
    "country",
    "dns-name",
    "domain",
    "dst-host",
    "endpoint-address",
    "group",
    "html-directory",
    "html-directory-override",
    "list",
    "locality",
    "location",
    "log-prefix",
    "name",
    "organization",
    "path",
    "public-key",
    "realm",
    "contents",
    "server-dns-names",
    "service-name",
    "state",
    "time-zone-name",
    "tls-host",
    "unit",
    "user",
];

const SCRIPTS: &[&str] = &["lease-script", "on-down", "on-event", "on-login", "on-logout", "on-up", "script", "source"];

const SETS: &[&str] = &[
    "addresses",
    "allow",
    "allowed-address",
    "authentication",
    "connection-nat-state",
    "connection-state",
    "dns-server",
    "dst-port",
    "exclude",
    "include",
    "key-usage",
    "login-by",
    "servers",
    "src-port",
    "subject-alt-name",
    "tcp-flags",
    "topics",
    "trust-store",
];

const RATES: &[&str] = &[
    "burst-limit",
    "burst-threshold",
    "limit-at",
    "max-limit",
    "rate-limit",
    "total-burst-limit",
    "total-burst-threshold",
    "total-limit-at",
    "total-max-limit",
];

/// How values of this property compare.
pub(super) fn form(menu: &str, name: &str) -> Form {
    match name {
        "policy" => Form::Policies,
        "address" if matches!(menu, "/user" | "/ip/service") => Form::Set,
        "service" if menu == "/radius" => Form::Set,
        _ if SETS.contains(&name) => Form::Set,
        _ if SCRIPTS.contains(&name) => Form::Script,
        _ if RATES.contains(&name) => Form::Rates,
        _ if TEXTS.contains(&name) || is_sensitive(name) || name.ends_with("-mark") => Form::Text,
        _ => Form::Plain,
    }
}

/// What a property is that is absent or empty; an empty menu stands for all.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("", "disabled", "no"),
    ("", "log", "no"),
    ("", "parent-queue", "none"),
    ("/certificate", "trusted", "no"),
    ("/interface/l2tp-client", "add-default-route", "no"),
    ("/interface/l2tp-client", "dial-on-demand", "no"),
    ("/interface/l2tp-client", "use-ipsec", "no"),
    ("/interface/sstp-client", "add-default-route", "no"),
    ("/interface/sstp-client", "certificate", "none"),
    ("/interface/sstp-client", "dial-on-demand", "no"),
    ("/interface/sstp-client", "http-proxy", "0.0.0.0"),
    ("/interface/sstp-client", "pfs", "no"),
    ("/interface/sstp-client", "tls-version", "any"),
    ("/interface/sstp-client", "verify-server-address-from-certificate", "no"),
    ("/interface/sstp-client", "verify-server-certificate", "no"),
    ("/interface/wireguard/peers", "endpoint-port", "0"),
    ("/interface/wireguard/peers", "persistent-keepalive", "0s"),
    ("/interface/wireguard/peers", "responder", "no"),
    ("/ip/dhcp-server", "add-arp", "no"),
    ("/ip/dhcp-server", "address-pool", "static-only"),
    ("/ip/dhcp-server", "bootp-support", "static"),
    ("/ip/dhcp-server", "client-mac-limit", "unlimited"),
    ("/ip/dhcp-server", "delay-threshold", "none"),
    ("/ip/dhcp-server", "dhcp-option-set", "none"),
    ("/ip/dhcp-server", "relay", "0.0.0.0"),
    ("/ip/dhcp-server", "server-address", "0.0.0.0"),
    ("/ip/dhcp-server", "use-radius", "no"),
    ("/ip/hotspot", "address-pool", "none"),
    ("/ip/hotspot", "idle-timeout", "none"),
    ("/ip/hotspot", "keepalive-timeout", "none"),
    ("/ip/hotspot", "login-timeout", "none"),
    ("/ip/hotspot/profile", "ssl-certificate", "none"),
    ("/ip/hotspot/user/profile", "address-pool", "none"),
    ("/ip/hotspot/user/profile", "idle-timeout", "none"),
    ("/ip/pool", "next-pool", "none"),
    ("/ip/service", "certificate", "none"),
    ("/ip/service", "tls-version", "any"),
    ("/ip/service", "vrf", "main"),
    ("/ppp/profile", "change-tcp-mss", "default"),
    ("/ppp/profile", "only-one", "default"),
    ("/ppp/profile", "use-compression", "default"),
    ("/ppp/profile", "use-encryption", "default"),
    ("/ppp/profile", "use-mpls", "default"),
    ("/ppp/profile", "use-upnp", "default"),
    ("/radius", "certificate", "none"),
    ("/radius", "protocol", "udp"),
    ("/radius", "src-address", "0.0.0.0"),
    ("/snmp", "src-address", "0.0.0.0"),
    ("/system/ntp/client", "primary-ntp", "0.0.0.0"),
    ("/system/ntp/client", "secondary-ntp", "0.0.0.0"),
];

/// What a property is that is absent or empty.
pub(super) fn default(menu: &str, name: &str) -> Option<&'static str> {
    let known = DEFAULTS.iter().find(|(known, property, _)| *property == name && (*known == menu || known.is_empty()));
    known.map(|(_, _, value)| *value)
}

/// What of a rule never had a value that could be unset.
const RULE_ALWAYS: &[&str] = &[
    "action",
    "address-list",
    "address-list-timeout",
    "chain",
    "comment",
    "disabled",
    "hw-offload",
    "jump-target",
    "log",
    "log-prefix",
    "new-connection-mark",
    "new-packet-mark",
    "passthrough",
    "randomise-ports",
    "reject-with",
    "same-not-by-dst",
    "socks5-port",
    "socks5-server",
    "socksify-service",
];

const UNSET: &[(&str, &[&str])] = &[
    (
        "/ppp/profile",
        &[
            "bridge",
            "bridge-horizon",
            "bridge-path-cost",
            "bridge-port-priority",
            "bridge-port-trusted",
            "bridge-port-vid",
            "dhcpv6-lease-time",
            "dhcpv6-use-radius",
            "dns-server",
            "idle-timeout",
            "incoming-filter",
            "insert-queue-before",
            "interface-list",
            "local-address",
            "outgoing-filter",
            "parent-queue",
            "queue-type",
            "rate-limit",
            "remote-address",
            "remote-ipv6-prefix-reuse",
            "session-timeout",
            "wins-server",
        ],
    ),
    (
        "/ip/hotspot/user/profile",
        &[
            "idle-timeout",
            "insert-queue-before",
            "keepalive-timeout",
            "mac-cookie-timeout",
            "parent-queue",
            "queue-type",
        ],
    ),
    ("/ip/hotspot/walled-garden", &["dst-host", "dst-port", "method", "path", "server", "src-address"]),
    (
        "/ip/hotspot/walled-garden/ip",
        &["dst-address", "dst-address-list", "dst-port", "protocol", "server", "src-address", "src-address-list"],
    ),
    ("/ip/dhcp-server/network", &["next-server"]),
];

/// Whether `unset` clears this property on this release.
pub(super) fn can_be_unset(menu: &str, name: &str, release: Option<Release>) -> bool {
    if !Table::get().may_have(menu, "unset", release) {
        return false;
    }
    match menu {
        "/ip/firewall/filter" | "/ip/firewall/nat" | "/ip/firewall/mangle" => !RULE_ALWAYS.contains(&name),
        _ => UNSET.iter().any(|(known, names)| *known == menu && names.contains(&name)),
    }
}

/// Properties that no two items of a menu have alike, in menus whose items have no names: adding a second one is refused.
const ALIKE: &[(&str, &[&str])] = &[
    ("/ip/address", &["address", "interface"]),
    ("/ip/firewall/address-list", &["list", "address"]),
    ("/interface/list/member", &["list", "interface"]),
    ("/ip/dhcp-server/network", &["address"]),
];

/// Which properties make an item of this menu the only one of its kind.
pub(super) fn only_one_with(menu: &str) -> &'static [&'static str] {
    ALIKE.iter().find(|(known, _)| *known == menu).map_or(&[], |(_, names)| names)
}

/// Whether items of this menu have comments on this release.
pub(super) fn has_comments(menu: &str, release: Option<Release>) -> bool {
    ["add", "set"].iter().any(|verb| Table::get().arguments(menu, verb, release).any(|name| name == "comment"))
}
