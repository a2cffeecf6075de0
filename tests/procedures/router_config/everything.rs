//! One of everything that the shipped templates configure.

use routeros::config::{Action, Identity, Item, Place, Property, Wanted};

/// With all that must be quoted, and the ends of lines that WinBox writes.
const SCRIPT: &str = "# \"one\" $user\r\n:foreach i in=[/ppp/active find where name=$user] do={:put \"a\\\\b {\"}";

/// `name=value name=value`; `_` stands for a blank.
pub fn values(text: &str) -> Vec<Property> {
    let pairs = text.split_whitespace().map(|word| word.split_once('=').expect("name=value"));
    pairs.map(|(name, value)| Property::new(name, value.replace('_', " "))).collect()
}

fn item(key: &str, step: &str, menu: &str, identity: Identity, text: &str) -> Item {
    Item {
        key: key.to_owned(),
        step: step.to_owned(),
        menu: menu.to_owned(),
        identity,
        values: values(text),
        place: Place::Anywhere,
        action: None,
    }
}

pub fn named(key: &str, step: &str, menu: &str, text: &str) -> Item {
    item(key, step, menu, Identity::Named("name".to_owned()), text)
}

pub fn marked(key: &str, step: &str, menu: &str, text: &str) -> Item {
    item(key, step, menu, Identity::Marked, text)
}

pub fn settings(key: &str, step: &str, menu: &str, text: &str) -> Item {
    item(key, step, menu, Identity::Settings, text)
}

fn existing(key: &str, step: &str, menu: &str, which: &str, text: &str) -> Item {
    item(key, step, menu, Identity::Existing(values(which)), text)
}

/// A rule above the first drop, and above FastTrack, of its chain.
fn rule(key: &str, menu: &str, text: &str) -> Item {
    let drops = vec![values("action=drop"), values("action=reject"), values("action=fasttrack-connection")];
    Item { place: Place::Above(drops), ..marked(key, "rules", menu, text) }
}

fn time(old: bool) -> Vec<Item> {
    let servers = if old {
        "enabled=yes primary-ntp=192.0.2.1 secondary-ntp=192.0.2.2"
    } else {
        "enabled=yes mode=unicast servers=192.0.2.1,ntp.example.net"
    };
    vec![
        settings("identity", "time", "/system/identity", "name=tower-3"),
        settings("clock", "time", "/system/clock", "time-zone-autodetect=no time-zone-name=Asia/Dhaka"),
        settings("ntp", "time", "/system/ntp/client", servers),
    ]
}

fn tunnel(old: bool) -> Vec<Item> {
    let l2tp = "name=demarc-l2tp connect-to=hub.example.net user=u password=tunnel-1 use-ipsec=yes ipsec-secret=psk-1 \
                allow=mschap2 profile=default-encryption add-default-route=no keepalive-timeout=60 disabled=no";
    let sstp = "name=demarc-sstp connect-to=hub.example.net port=443 user=u password=tunnel-2 authentication=mschap2 \
                verify-server-certificate=yes add-default-route=no disabled=no";
    let mut items = vec![
        named("l2tp", "tunnel", "/interface/l2tp-client", l2tp),
        named("sstp", "tunnel", "/interface/sstp-client", sstp),
    ];
    let peer = "interface=demarc-wg public-key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= preshared-key=FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE= endpoint-address=hub.example.net \
                endpoint-port=51820 allowed-address=10.99.0.1/32 persistent-keepalive=25s";
    if !old {
        items.push(named("wg", "tunnel", "/interface/wireguard", "name=demarc-wg listen-port=13231 mtu=1420"));
        items.push(marked("wg.peer", "peer", "/interface/wireguard/peers", peer));
        items.push(marked("wg.address", "peer", "/ip/address", "address=10.99.0.9/24 interface=demarc-wg"));
    }
    items
}

fn access() -> Vec<Item> {
    let user = |key: &str, group: &str| {
        let text = format!("name={group} group={group} address=10.99.0.0/24,10.98.0.1");
        let mut user = named(key, "users", "/user", &text);
        user.values.push(Property::untold("password", "random-32"));
        user
    };
    let certificate = "name=demarc-api common-name=10.99.0.9 subject-alt-name=IP:10.99.0.9 days-valid=1825 key-size=2048 \
                       key-usage=digital-signature,key-encipherment,tls-server";
    let sign = Action { verb: "sign".into(), arguments: Vec::new(), done_when: "fingerprint".into(), deadline: 300 };
    let run = "name=demarc-run policy=api,read,write,test,policy,sensitive,ftp,reboot";
    vec![
        named("watch", "groups", "/user/group", "name=demarc-watch policy=api,read,test"),
        named("run", "groups", "/user/group", run),
        user("user.watch", "demarc-watch"),
        user("user.run", "demarc-run"),
        Item { action: Some(sign), ..named("certificate", "certificate", "/certificate", certificate) },
        existing(
            "api-ssl",
            "service",
            "/ip/service",
            "name=api-ssl",
            "certificate=demarc-api tls-version=only-1.2 address=10.99.0.0/24,127.0.0.0/8 disabled=no",
        ),
        existing("telnet", "service", "/ip/service", "name=telnet", "disabled=yes"),
        existing("ftp", "service", "/ip/service", "name=ftp", "disabled=yes"),
    ]
}

pub fn input() -> Vec<Item> {
    let filter = "/ip/firewall/filter";
    let list = "/ip/firewall/address-list";
    let mut end = marked("input.wan", "rules", filter, "chain=input action=drop in-interface-list=demarc-access");
    end.place = Place::End;
    vec![
        named("list", "lists", "/interface/list", "name=demarc-access"),
        marked("member", "members", "/interface/list/member", "list=demarc-access interface=ether3"),
        marked("mgmt", "lists", list, "list=demarc-mgmt address=10.98.0.1"),
        marked("mgmt.own", "lists", list, "list=demarc-mgmt address=192.0.2.77 timeout=12h"),
        rule("input.est", filter, "chain=input action=accept connection-state=established,related,untracked"),
        rule(
            "input.mgmt",
            filter,
            "chain=input action=accept src-address-list=demarc-mgmt protocol=tcp dst-port=8729,8291,22",
        ),
        rule("input.coa", filter, "chain=input action=accept src-address=10.99.0.1 protocol=udp dst-port=3799"),
        rule("input.icmp", filter, "chain=input action=accept protocol=icmp"),
        rule("input.invalid", filter, "chain=input action=drop connection-state=invalid"),
        end,
        rule(
            "forward.in",
            filter,
            "chain=forward action=accept connection-state=established,related in-interface-list=demarc-access",
        ),
        rule("forward.out", filter, "chain=forward action=accept out-interface-list=demarc-access"),
    ]
}

fn radius(old_or_before_7_15: bool) -> Vec<Item> {
    let mut server = marked(
        "radius",
        "radius",
        "/radius",
        "service=ppp,hotspot address=10.99.0.1 src-address=10.99.0.9 secret=random-32 authentication-port=1812 \
         accounting-port=1813 timeout=3s",
    );
    let mut aaa = settings("aaa", "radius", "/ppp/aaa", "use-radius=yes accounting=yes interim-update=5m");
    if !old_or_before_7_15 {
        server.values.push(Property::new("require-message-auth", "no"));
        aaa.values.push(Property::new("enable-ipv6-accounting", "yes"));
    }
    vec![server, settings("incoming", "radius", "/radius/incoming", "accept=yes port=1700"), aaa]
}

fn pppoe() -> Vec<Item> {
    let mut profile = named(
        "pppoe.profile",
        "profiles",
        "/ppp/profile",
        "name=demarc-pppoe local-address=10.5.0.1 remote-address=demarc-pppoe dns-server=10.5.0.1,10.5.0.2 only-one=yes \
         change-tcp-mss=yes use-compression=no use-encryption=no use-upnp=no interface-list=demarc-access use-ipv6=no",
    );
    profile.values.push(Property::new("on-up", SCRIPT));
    let server = item(
        "pppoe.server",
        "servers",
        "/interface/pppoe-server/server",
        Identity::Named("service-name".into()),
        "service-name=demarc-site interface=ether3 default-profile=demarc-pppoe authentication=pap,chap,mschap2 \
         one-session-per-host=yes keepalive-timeout=30 max-mtu=1480 max-mru=1480 disabled=no",
    );
    let nat = "chain=srcnat action=masquerade out-interface-list=all src-address=10.5.0.0/24";
    vec![
        named("pppoe.pool", "pools", "/ip/pool", "name=demarc-pppoe ranges=10.5.0.2-10.5.0.250"),
        profile,
        server,
        rule("pppoe.nat", "/ip/firewall/nat", nat),
    ]
}

pub fn suspended() -> Vec<Item> {
    let (filter, nat) = ("/ip/firewall/filter", "/ip/firewall/nat");
    vec![
        named("suspended.pool", "pools", "/ip/pool", "name=demarc-suspended ranges=10.255.255.2-10.255.255.254"),
        marked("garden", "lists", "/ip/firewall/address-list", "list=demarc-garden address=portal.example.net"),
        rule(
            "suspended.dns",
            nat,
            "chain=dstnat action=redirect src-address-list=demarc-suspended protocol=udp dst-port=53",
        ),
        rule(
            "suspended.http",
            nat,
            "chain=dstnat action=dst-nat to-addresses=192.0.2.80 to-ports=80 src-address-list=demarc-suspended \
             dst-address-list=!demarc-garden protocol=tcp dst-port=80",
        ),
        rule(
            "suspended.garden",
            filter,
            "chain=forward action=accept src-address-list=demarc-suspended dst-address-list=demarc-garden",
        ),
        rule(
            "suspended.reset",
            filter,
            "chain=forward action=reject reject-with=tcp-reset protocol=tcp src-address-list=demarc-suspended",
        ),
        rule("suspended.drop", filter, "chain=forward action=drop src-address-list=demarc-suspended"),
    ]
}

fn hotspot() -> Vec<Item> {
    let profile = "name=demarc-hs hotspot-address=10.6.0.1 dns-name=login.example.net html-directory=flash/demarc-hs \
                   login-by=mac,cookie,http-chap http-cookie-lifetime=1d use-radius=yes radius-accounting=yes \
                   radius-interim-update=received mac-auth-mode=mac-as-username mac-auth-password=random-32 \
                   radius-mac-format=XX:XX:XX:XX:XX:XX nas-port-type=wireless-802.11";
    let server = "name=demarc-site interface=ether4 profile=demarc-hs address-pool=demarc-hs addresses-per-mac=2 \
                  idle-timeout=5m login-timeout=5m disabled=no";
    let network = "address=10.6.0.0/24 gateway=10.6.0.1 dns-server=10.6.0.1";
    let garden = "/ip/hotspot/walled-garden";
    let mut first =
        marked("hs.garden.ip", "garden", "/ip/hotspot/walled-garden/ip", "server=demarc-site action=accept");
    first.values.extend(values("dst-address-list=demarc-garden"));
    vec![
        named("hs.pool", "pools", "/ip/pool", "name=demarc-hs ranges=10.6.0.2-10.6.0.250"),
        marked("hs.address", "pools", "/ip/address", "address=10.6.0.1/24 interface=ether4"),
        named(
            "hs.dhcp",
            "dhcp",
            "/ip/dhcp-server",
            "name=demarc-hs interface=ether4 address-pool=demarc-hs lease-time=1h disabled=no",
        ),
        marked("hs.network", "dhcp", "/ip/dhcp-server/network", network),
        settings("dns", "dhcp", "/ip/dns", "allow-remote-requests=yes"),
        existing(
            "hs.users",
            "profiles",
            "/ip/hotspot/user/profile",
            "default=yes",
            "shared-users=2 keepalive-timeout=3m transparent-proxy=no",
        ),
        named("hs.profile", "profiles", "/ip/hotspot/profile", profile),
        named("hs.server", "servers", "/ip/hotspot", server),
        first,
        marked("hs.garden", "garden", garden, "server=demarc-site action=allow dst-host=*.gateway.example.net"),
        rule("hs.bypass", "/ip/firewall/nat", "chain=pre-hotspot action=accept hotspot=auth dst-address-type=!local"),
    ]
}

fn snmp() -> Vec<Item> {
    let community = "name=demarc-x7 addresses=10.99.0.2/32 read-access=yes write-access=no security=private \
                     authentication-protocol=SHA1 authentication-password=random-a encryption-protocol=AES \
                     encryption-password=random-b";
    vec![
        existing(
            "snmp.public",
            "snmp",
            "/snmp/community",
            "default=yes",
            "read-access=no write-access=no addresses=127.0.0.1/32",
        ),
        named("snmp.community", "snmp", "/snmp/community", community),
        settings("snmp", "snmp", "/snmp", "enabled=yes contact=NOC_\"24/7\" location=Tower_3"),
    ]
}

/// One of everything that templates configure.
pub fn everything(version: &str) -> Wanted {
    let old = version.starts_with('6');
    let items = [
        time(old),
        tunnel(old),
        access(),
        input(),
        radius(old || version == "7.12"),
        pppoe(),
        suspended(),
        hotspot(),
        snmp(),
    ];
    Wanted { name: "all".to_owned(), items: items.into_iter().flatten().collect() }
}
