//! Whether two values mean the same.

use std::borrow::Cow;
use std::net::IpAddr;

use super::known::{Form, default, form};
use crate::value::{self, Duration};

/// Whether a router's value means what is wanted. Routers print many values in another form than they were given; what is
/// absent is what is empty, and both are the menu's default where it is known. What has no known form is compared byte by
/// byte.
pub fn same_value(menu: &str, name: &str, wanted: &[u8], actual: Option<&[u8]>) -> bool {
    let actual = actual.unwrap_or_default();
    if wanted == actual {
        return true;
    }
    match (std::str::from_utf8(wanted), std::str::from_utf8(actual)) {
        (Ok(wanted), Ok(actual)) => meaning(menu, name, wanted) == meaning(menu, name, actual),
        _ => false,
    }
}

/// One text for all that mean the same.
fn meaning<'a>(menu: &str, name: &str, text: &'a str) -> Cow<'a, str> {
    let text = if text.is_empty() { default(menu, name).unwrap_or_default() } else { text };
    let one = |part: &str| single(menu, name, part.trim());
    match form(menu, name) {
        Form::Text => Cow::Borrowed(text),
        Form::Script => Cow::Owned(text.replace("\r\n", "\n")),
        Form::Plain => Cow::Owned(text.split(',').map(one).collect::<Vec<_>>().join(",")),
        Form::Set => Cow::Owned(set(text.split(',').map(one))),
        Form::Policies => {
            let granted = text.split(',').map(str::trim).filter(|policy| !policy.starts_with('!'));
            Cow::Owned(set(granted.map(str::to_owned)))
        }
        Form::Rates => Cow::Owned(text.split_whitespace().map(rates).collect::<Vec<_>>().join(" ")),
    }
}

fn set(parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.sort();
    parts.dedup();
    parts.join(",")
}

/// `5M/10M`, `10s/10s`, or one for both.
fn rates(part: &str) -> String {
    let (first, second) = part.split_once('/').unwrap_or((part, part));
    let one = |text: &str| match text.parse::<value::Rates>() {
        Ok(rates) => rates.rx.to_string(),
        Err(_) => seconds(text).unwrap_or_else(|| text.to_owned()),
    };
    format!("{}/{}", one(first), one(second))
}

fn single(menu: &str, name: &str, part: &str) -> String {
    if let Some(denied) = part.strip_prefix('!') {
        return format!("!{}", single(menu, name, denied));
    }
    match part {
        "true" => return "yes".to_owned(),
        "false" => return "no".to_owned(),
        // an address that is unset is printed in either family
        "::" if name == "src-address" && matches!(menu, "/radius" | "/snmp") => return "0.0.0.0".to_owned(),
        _ => {}
    }
    let known = mac(part).or_else(|| network(menu, name, part)).or_else(|| range(part)).or_else(|| seconds(part));
    known.unwrap_or_else(|| part.to_owned())
}

/// A MAC address in capitals with colons.
fn mac(part: &str) -> Option<String> {
    let pairs: Vec<&str> = part.split([':', '-']).collect();
    let pair = |pair: &&str| pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
    (pairs.len() == 6 && pairs.iter().all(pair)).then(|| pairs.join(":").to_ascii_uppercase())
}

/// An address; one that stands for itself loses its length. Where the length is that of a network, what is behind it is
/// cleared, as routers do; an address of an interface keeps it.
fn network(menu: &str, name: &str, part: &str) -> Option<String> {
    let (address, length) = part.split_once('/').map_or((part, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().ok()?;
    let whole: u32 = if address.is_ipv4() { 32 } else { 128 };
    let length: u32 = length.map_or(Some(whole), |length| length.parse().ok())?;
    if length >= whole {
        return (length == whole).then(|| address.to_string());
    }
    if menu == "/ip/address" && name == "address" {
        return Some(format!("{address}/{length}"));
    }
    let address = match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(whole - length).unwrap_or(0);
            IpAddr::from((u32::from(address) & mask).to_be_bytes())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(whole - length).unwrap_or(0);
            IpAddr::from((u128::from(address) & mask).to_be_bytes())
        }
    };
    Some(format!("{address}/{length}"))
}

/// A range of addresses or of ports; one of a single value is that value.
fn range(part: &str) -> Option<String> {
    let (first, last) = part.split_once('-')?;
    let plain = |text: &str| text.parse::<IpAddr>().is_ok() || text.parse::<u16>().is_ok();
    (plain(first) && plain(last)).then(|| if first == last { first.to_owned() } else { part.to_owned() })
}

/// A number, or a length of time in seconds.
fn seconds(part: &str) -> Option<String> {
    if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
        let digits = part.trim_start_matches('0');
        return Some(if digits.is_empty() { "0" } else { digits }.to_owned());
    }
    let time = part.parse::<Duration>().ok()?.0;
    Some(if time.subsec_nanos() == 0 { time.as_secs().to_string() } else { format!("{}ns", time.as_nanos()) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(menu: &str, name: &str, wanted: &str, actual: &str) -> bool {
        same_value(menu, name, wanted.as_bytes(), Some(actual.as_bytes()))
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        for (menu, name, wanted, actual) in [
            ("/ip/dns", "allow-remote-requests", "yes", "true"),
            ("/ppp/aaa", "interim-update", "5m", "00:05:00"),
            ("/ppp/aaa", "interim-update", "5m", "5m0s"),
            ("/ppp/aaa", "interim-update", "300", "5m"),
            ("/ip/dhcp-server", "lease-time", "1h", "1:00:00"),
            ("/ip/hotspot/profile", "http-cookie-lifetime", "1d", "24h"),
            ("/radius", "timeout", "3s", "3000ms"),
            ("/radius", "timeout", "1s100ms", "1100ms"),
            ("/radius", "service", "ppp,hotspot", "hotspot, ppp"),
            ("/radius", "src-address", "0.0.0.0", "::"),
            ("/radius", "src-address", "", "::"),
            ("/ip/hotspot/profile", "login-by", "mac,cookie,http-chap", "cookie,http-chap,mac"),
            ("/user/group", "policy", "api,read,test", "read,test,api,!local,!telnet,!ssh,!ftp"),
            ("/user", "address", "10.0.0.1", "10.0.0.1/32"),
            ("/user", "address", "10.1.1.5/24,10.0.0.1", "10.0.0.1/32,10.1.1.0/24"),
            ("/ip/service", "address", "fd00::1/128", "fd00::1"),
            ("/ip/firewall/filter", "src-address", "!10.0.0.1/32", "!10.0.0.1"),
            ("/ip/firewall/filter", "connection-state", "established,related", "related,established"),
            ("/ip/firewall/filter", "dst-port", "8729,22", "22,8729"),
            ("/ip/firewall/filter", "src-mac-address", "aa:bb:cc:00:11:22", "AA:BB:CC:00:11:22"),
            ("/ip/firewall/filter", "disabled", "no", ""),
            ("/ip/firewall/nat", "log", "no", ""),
            ("/ip/pool", "ranges", "10.0.0.2-10.0.0.2", "10.0.0.2"),
            ("/ip/pool", "next-pool", "none", ""),
            ("/queue/simple", "max-limit", "5M/10M", "5000000/10000000"),
            ("/queue/simple", "max-limit", "5M", "5000000/5000000"),
            ("/ppp/profile", "rate-limit", "64k/1M 128k/2M 64k/1M 10s/10s", "64000/1000000 128k/2M 64k/1M 10/10"),
            ("/ppp/profile", "on-up", "a\nb", "a\r\nb"),
            ("/ppp/profile", "use-upnp", "default", ""),
            ("/interface/wireguard/peers", "persistent-keepalive", "25s", "25s"),
            ("/interface/wireguard", "mtu", "1420", "01420"),
        ] {
            assert!(same(menu, name, wanted, actual), "{menu} {name}: {wanted} and {actual}");
            assert!(same(menu, name, actual, wanted), "{menu} {name}: {actual} and {wanted}");
        }
    }

    #[test]
    fn what_differs_is_not_taken_for_the_same() {
        for (menu, name, wanted, actual) in [
            ("/ppp/profile", "use-encryption", "yes", "required"),
            ("/ppp/profile", "remote-address", "demarc-pppoe", "*1"),
            ("/ppp/profile", "name", "yes", "true"),
            ("/ip/address", "address", "10.0.0.1/24", "10.0.0.2/24"),
            ("/ip/address", "address", "10.0.0.1/24", "10.0.0.1/25"),
            ("/user/group", "policy", "api,read", "api,!read"),
            ("/user/group", "policy", "api", "api,read"),
            ("/ip/pool", "ranges", "10.0.0.2-10.0.0.9", "10.0.0.2-10.0.0.8"),
            ("/ip/pool", "ranges", "10.0.0.2,10.0.1.2", "10.0.1.2,10.0.0.2"),
            ("/radius", "secret", "1h", "60m"),
            ("/snmp", "contact", "NOC", "noc"),
            ("/ip/firewall/filter", "src-address", "10.0.0.1", "!10.0.0.1"),
            ("/ip/firewall/filter", "disabled", "yes", ""),
            ("/queue/simple", "max-limit", "5M/10M", "10M/5M"),
            ("/ppp/profile", "on-up", "a\nb", "a\n\nb"),
        ] {
            assert!(!same(menu, name, wanted, actual), "{menu} {name}: {wanted} and {actual}");
        }
        assert!(!same_value("/snmp", "contact", b"\xE9", Some(b"e")));
        assert!(same_value("/snmp", "contact", b"\xE9", Some(b"\xE9")));
    }

    proptest! {
        #[test]
        fn every_value_is_the_same_as_itself_and_none_panics(
            menu in prop_oneof![Just("/ip/address"), Just("/user"), Just("/queue/simple"), Just("/radius")],
            name in prop_oneof![Just("address"), Just("policy"), Just("max-limit"), Just("service"), Just("timeout")],
            first in "\\PC*|[0-9./:,!a-fwdhmskM-]{0,30}",
            second in "\\PC*|[0-9./:,!a-fwdhmskM-]{0,30}",
        ) {
            prop_assert!(same(menu, name, &first, &first));
            prop_assert_eq!(same(menu, name, &first, &second), same(menu, name, &second, &first));
        }
    }
}
