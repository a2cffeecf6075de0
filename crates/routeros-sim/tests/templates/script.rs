//! The commands, in console spelling: `/menu verb [NAME] name=value`; `@7.15` before a line bounds its releases.

use routeros_sim::Release;

/// Of the seed's profile: stored, never run here.
pub const ON_UP: &str = r#":foreach i in=[/ppp/active find where name=$user] do={:if ([/ppp/active get $i caller-id]!=$"caller-id") do={/ppp/active remove $i}}"#;

/// A blank router has no such list.
pub const LISTS: &str = "/interface/list add name=WAN\n/interface/list/member add list=WAN interface=ether1\n";

const BASICS: &str = r"
/system/identity set name=tower-4
/system/clock set time-zone-autodetect=no time-zone-name=Asia/Dhaka
@7 /system/ntp/client set enabled=yes mode=unicast servers=10.88.0.1,ntp.example.net
@-6 /system/ntp/client set enabled=yes primary-ntp=10.88.0.1 secondary-ntp=10.88.0.2
@7 /interface/wireguard add name=demarc-wg listen-port=13231 mtu=1420
@7 /interface/wireguard/peers add interface=demarc-wg public-key=HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw= preshared-key=FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE= endpoint-address=hub.example.net endpoint-port=51820 allowed-address=10.88.0.1/32 persistent-keepalive=25s
@7 /ip/address add address=10.88.0.7/24 interface=demarc-wg comment=demarc:tunnel:address
/interface/l2tp-client add name=demarc-l2tp connect-to=hub.example.net user=u password=p use-ipsec=yes ipsec-secret=s allow=mschap2 profile=default-encryption add-default-route=no keepalive-timeout=60 disabled=no
/interface/sstp-client add name=demarc-sstp connect-to=hub.example.net port=443 user=u password=p authentication=mschap2 verify-server-certificate=yes add-default-route=no disabled=no
/ip/firewall/nat add chain=dstnat in-interface-list=WAN protocol=tcp dst-port=5001-5500 src-address-list=demarc-winbox action=dst-nat to-addresses=10.88.0.7 to-ports=8291
";

const ACCESS: &str = r"
/user/group add name=demarc-watch policy=api,read,test
/user/group add name=demarc-run policy=api,read,write,test,policy,sensitive,ftp,reboot
/user add name=demarc-watch group=demarc-watch password=abc address=10.88.0.0/24
/user add name=demarc-run group=demarc-run password=def address=10.88.0.0/24,192.168.88.0/24
/certificate add name=demarc-api common-name=10.88.0.7 subject-alt-name=IP:10.88.0.7 days-valid=1825 key-size=2048 key-usage=digital-signature,key-encipherment,tls-server
/certificate sign demarc-api
/ip/service set api-ssl certificate=demarc-api tls-version=only-1.2 address=10.88.0.0/24 disabled=no
/ip/service set telnet disabled=yes
/ip/service set ftp disabled=yes
/ip/service set www disabled=yes
/ip/service set api disabled=yes
";

const FIREWALL: &str = r"
/interface/list add name=demarc-access
/interface/list/member add list=demarc-access interface=ether2 comment=demarc:access:member
/ip/firewall/address-list add list=demarc-mgmt address=10.88.0.1 comment=demarc:access:centre
/ip/firewall/address-list add list=demarc-mgmt address=192.168.88.10 timeout=12h
/ip/firewall/filter add chain=input action=accept connection-state=established,related,untracked comment=demarc:access:established
/ip/firewall/filter add chain=input action=accept src-address-list=demarc-mgmt protocol=tcp dst-port=8729,8291,22
/ip/firewall/filter add chain=input action=accept src-address=10.88.0.1 protocol=udp dst-port=3799
/ip/firewall/filter add chain=input action=accept src-address=10.88.0.1 protocol=udp dst-port=161
/ip/firewall/filter add chain=input action=accept protocol=icmp
/ip/firewall/filter add chain=input action=accept in-interface-list=demarc-access protocol=udp dst-port=53,67
/ip/firewall/filter add chain=input action=accept in-interface-list=demarc-access protocol=tcp dst-port=53
/ip/firewall/filter add chain=input action=drop connection-state=invalid
/ip/firewall/filter add chain=input action=drop in-interface-list=WAN protocol=udp dst-port=53
/ip/firewall/filter add chain=input action=drop in-interface-list=WAN protocol=tcp dst-port=53
/ip/firewall/filter add chain=input action=drop in-interface-list=WAN
/ip/firewall/filter add chain=forward action=accept connection-state=established,related in-interface-list=demarc-access
/ip/firewall/filter add chain=forward action=accept connection-state=established,related out-interface-list=demarc-access
";

/// RADIUS, PPPoE and the suspended: needs the list of [`FIREWALL`].
pub const PPPOE: &str = r"
@7.15 /radius add service=ppp,hotspot address=10.88.0.1 src-address=10.88.0.7 secret=abc authentication-port=1812 accounting-port=1813 timeout=3s require-message-auth=yes-for-request-resp
@-7.14 /radius add service=ppp,hotspot address=10.88.0.1 src-address=10.88.0.7 secret=abc authentication-port=1812 accounting-port=1813 timeout=3s
/radius/incoming set accept=yes port=3799
/ppp/aaa set use-radius=yes accounting=yes interim-update=5m
@7.15 /ppp/aaa set enable-ipv6-accounting=yes
/ip/pool add name=demarc-pppoe ranges=10.20.0.2-10.20.3.254
/ppp/profile add name=demarc-pppoe local-address=10.20.0.1 remote-address=demarc-pppoe dns-server=10.20.0.1,1.1.1.1 only-one=yes change-tcp-mss=yes use-compression=no use-encryption=no use-upnp=no interface-list=demarc-access use-ipv6=no on-up={ON-UP}
/interface/pppoe-server/server add service-name=demarc-mirpur interface=ether2 default-profile=demarc-pppoe authentication=pap,chap,mschap2 one-session-per-host=yes keepalive-timeout=30 max-mtu=1480 max-mru=1480 disabled=no
/ip/firewall/nat add chain=srcnat action=masquerade out-interface-list=WAN src-address=10.20.0.0/22
/ip/pool add name=demarc-suspended ranges=10.255.255.2-10.255.255.254
/ip/firewall/address-list add list=demarc-garden address=pay.example.net
/ip/firewall/nat add chain=dstnat action=redirect src-address-list=demarc-suspended protocol=udp dst-port=53
/ip/firewall/nat add chain=dstnat action=dst-nat to-addresses=10.88.0.1 to-ports=80 src-address-list=demarc-suspended dst-address-list=!demarc-garden protocol=tcp dst-port=80
/ip/firewall/filter add chain=forward action=accept src-address-list=demarc-suspended dst-address-list=demarc-garden
/ip/firewall/filter add chain=forward action=accept src-address-list=demarc-garden dst-address-list=demarc-suspended
/ip/firewall/filter add chain=forward action=reject reject-with=tcp-reset protocol=tcp src-address-list=demarc-suspended
/ip/firewall/filter add chain=forward action=drop src-address-list=demarc-suspended
";

/// Needs the list `demarc-garden`, which may be empty.
pub const HOTSPOT: &str = r"
/ip/pool add name=demarc-hs ranges=10.30.0.2-10.30.3.254
/ip/address add address=10.30.0.1/22 interface=ether3
/ip/dhcp-server add name=demarc-hs interface=ether3 address-pool=demarc-hs lease-time=1h disabled=no
/ip/dhcp-server/network add address=10.30.0.0/22 gateway=10.30.0.1 dns-server=10.30.0.1
/ip/dns set allow-remote-requests=yes
/ip/hotspot/user/profile set default shared-users=1 keepalive-timeout=2m transparent-proxy=no
/ip/hotspot/profile add name=demarc-hs hotspot-address=10.30.0.1 dns-name=hs.example.net html-directory=flash/demarc-hs login-by=mac,cookie,http-chap http-cookie-lifetime=1d use-radius=yes radius-accounting=yes radius-interim-update=received mac-auth-mode=mac-as-username mac-auth-password=abc radius-mac-format=XX:XX:XX:XX:XX:XX nas-port-type=wireless-802.11
/ip/hotspot add name=demarc-mirpur interface=ether3 profile=demarc-hs address-pool=demarc-hs addresses-per-mac=2 idle-timeout=5m login-timeout=5m disabled=no
/ip/hotspot/walled-garden/ip add server=demarc-mirpur action=accept dst-address-list=demarc-garden
/ip/hotspot/walled-garden add server=demarc-mirpur action=allow dst-host=*.example.net
/ip/firewall/nat add chain=pre-hotspot action=accept hotspot=auth dst-address-type=!local
/ip/firewall/nat add chain=srcnat action=masquerade out-interface-list=WAN src-address=10.30.0.0/22
";

const WATCHING: &str = r#"
/snmp/community set public read-access=no write-access=no addresses=127.0.0.1/32
/snmp/community add name=s3cr3t addresses=10.88.0.1/32 read-access=yes write-access=no security=private authentication-protocol=SHA1 authentication-password=abcdefgh encryption-protocol=AES encryption-password=abcdefgh
/snmp set enabled=yes contact=noc location=mirpur
/ip/pool add name=lan ranges=10.40.0.2-10.40.0.9
/ip/dhcp-server add name=lan interface=ether4 address-pool=lan
/ip/dhcp-server set lan use-radius=yes
/system/scheduler add name=demarc-revert interval=10m on-event=":do { /ip pool remove [find name=x] } on-error={}" policy=read,write,policy,test
"#;

/// Each can stand alone after [`LISTS`].
pub const PARTS: [&[&str]; 4] = [&[BASICS], &[ACCESS], &[FIREWALL, PPPOE, HOTSPOT], &[WATCHING]];

/// All of it, in the order of provisioning.
pub const EVERYTHING: [&str; 7] = [LISTS, BASICS, ACCESS, FIREWALL, PPPOE, HOTSPOT, WATCHING];

/// One command.
#[derive(Clone, Debug)]
pub struct Line {
    pub menu: String,
    pub verb: String,
    pub arguments: Vec<(String, String)>,
}

impl Line {
    /// As it goes over the API.
    pub fn words(&self) -> Vec<String> {
        let path = format!("{}/{}", self.menu, self.verb);
        let arguments = self.arguments.iter().map(|(name, value)| format!("={name}={value}"));
        std::iter::once(path).chain(arguments).collect()
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(argument, _)| argument == name).map(|(_, value)| value.as_str())
    }
}

/// The commands that this release has.
pub fn lines(script: &str, release: Release) -> Vec<Line> {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter_map(|line| bounded(line, release)).map(read).collect()
}

fn bounded(line: &str, release: Release) -> Option<&str> {
    let Some(rest) = line.strip_prefix('@') else { return Some(line) };
    let (bound, line) = rest.split_once(' ').expect("a command after the bound");
    let number = |text: &str| {
        let (major, minor) = text.split_once('.').unwrap_or((text, ""));
        (major.parse::<u8>().expect("a number"), minor.parse::<u8>().ok())
    };
    let holds = if let Some(last) = bound.strip_prefix('-') {
        let (major, minor) = number(last);
        (release.major, release.minor) <= (major, minor.unwrap_or(u8::MAX))
    } else {
        let (major, minor) = number(bound);
        release.since(major, minor.unwrap_or(0))
    };
    holds.then_some(line)
}

fn read(line: &str) -> Line {
    let mut words = Vec::new();
    let mut quoted = false;
    for part in line.split(' ') {
        match words.last_mut() {
            Some(last) if quoted => *last = format!("{last} {part}"),
            _ => words.push(part.to_owned()),
        }
        quoted ^= part.matches('"').count() % 2 == 1;
    }
    let mut words = words.into_iter();
    let (menu, verb) = (words.next().expect("a menu"), words.next().expect("a command"));
    let arguments = words.map(|word| match word.split_once('=') {
        Some((name, "{ON-UP}")) => (name.to_owned(), ON_UP.to_owned()),
        Some((name, value)) => (name.to_owned(), value.trim_matches('"').to_owned()),
        None => ("numbers".to_owned(), word),
    });
    let arguments = arguments.collect();
    Line { menu, verb, arguments }
}

/// As a person would type it, the profile's script quoted.
pub fn typed(script: &str, release: Release) -> String {
    let on_up = format!("\"{}\"", ON_UP.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$"));
    let lines = script.lines().map(str::trim).filter_map(|line| bounded(line, release));
    lines.map(|line| line.replace("{ON-UP}", &on_up) + "\n").collect()
}
