//! Sections about the customers.

use crate::template::section::section;

/// Ends the sessions that a customer has on other devices when a new one comes up.
const ON_UP: &str = ":foreach i in=[/ppp active find where name=$user] do={{:if ([/ppp active get $i caller-id]!=$\"caller-id\") do={{/ppp active remove $i}}";

section! {
    /// Who the router asks about log-ins, and tells about sessions.
    Radius "radius" {
        /// What it is asked for.
        services: Many Choice ["ppp", "hotspot", "dhcp", "login", "wireless", "ipsec", "dot1x"];
        /// The server.
        address: One Address = ["{radius_address}"];
        /// What router and server share.
        secret: One Secret = ["{radius_secret}"];
        /// The address that the router asks from: the one that the server knows it by. Through WireGuard it is the tunnel's.
        /// Empty, or none that the router has: whichever leads there.
        source_address: Maybe Address = ["{router_address}"];
        /// UDP port for log-ins.
        authentication_port: One Port = ["1812"];
        /// UDP port for accounting.
        accounting_port: One Port = ["1813"];
        /// How long an answer may take; a server may hold back a refusal for a second.
        timeout: One Text = ["3s"];
        /// Whether answers without Message-Authenticator are refused, on releases that can (6.49.17, 7.15).
        message_authenticator: One YesNo = ["yes"];
        /// Whether the server may change and end sessions.
        incoming: One YesNo = ["yes"];
        /// UDP port for that. RouterOS itself takes 3799 or 1700, by release.
        incoming_port: One Port = ["{coa_port}"];
        /// How often a session's counters are told.
        interim_update: One Duration = ["5m"];
        /// Whether PPP sessions are told at all.
        accounting: One YesNo = ["yes"];
        /// Whether their IPv6 is counted too, on releases that can (7.15).
        ipv6_accounting: One YesNo = ["yes"];
    }
}

section! {
    /// Customers by PPPoE.
    Pppoe "pppoe" {
        /// The interface that they dial in on.
        interface: One Interface = ["{access_interface}"];
        /// Name of the service.
        service_name: One Name = ["demarc-{site}"];
        /// Name of the PPP profile.
        profile: One Name = ["demarc-pppoe"];
        /// Name of the pool.
        pool: One Name = ["demarc-pppoe"];
        /// The network that customers' addresses are from.
        network: One Network;
        /// The router's own address towards all of them. Empty: the first of the network.
        local_address: Maybe Address;
        /// What the pool gives out. Empty: all of the network but `local_address`.
        ranges: Maybe Ranges;
        /// Who answers customers' questions for names. Empty: the router itself.
        dns: Many Address = [];
        /// How passwords are proved.
        authentication: Many Choice ["pap", "chap", "mschap1", "mschap2"] = ["pap", "chap", "mschap2"];
        /// Whether a name is in use once only on this router.
        only_one: One Choice ["default", "no", "yes"] = ["yes"];
        /// Whether TCP is told about the smaller packets.
        change_tcp_mss: One Choice ["default", "no", "yes"] = ["yes"];
        /// Whether PPP compresses.
        use_compression: One Choice ["default", "no", "yes"] = ["no"];
        /// Whether PPP encrypts.
        use_encryption: One Choice ["default", "no", "yes", "required"] = ["no"];
        /// Whether customers' machines may open ports by UPnP.
        use_upnp: One Choice ["default", "no", "yes"] = ["no"];
        /// Whether customers get IPv6.
        use_ipv6: One Choice ["default", "no", "yes", "required"] = ["no"];
        /// Script that runs when a session comes up: ends the sessions that the same name has on other devices.
        on_up: Maybe Text = [ON_UP];
        /// Whether a device has one session only.
        one_session_per_host: One YesNo = ["yes"];
        /// Seconds after which a silent customer is gone.
        keepalive: One Text = ["30"];
        /// Bytes of a packet sent.
        mtu: One Text = ["1480"];
        /// Bytes of a packet received.
        mru: One Text = ["1480"];
    }
}

section! {
    /// Customers and guests by hotspot.
    Hotspot "hotspot" {
        /// The interface that they are on: a bridge, a VLAN or a port, but no port of a bridge.
        interface: One Interface = ["{hotspot_interface}"];
        /// Name of the server.
        name: One Name = ["demarc-{site}"];
        /// Name of the server's profile.
        profile: One Name = ["demarc-hotspot"];
        /// Name of the pool.
        pool: One Name = ["demarc-hotspot"];
        /// Name of the DHCP server.
        dhcp_server: One Name = ["demarc-hotspot"];
        /// Their network.
        network: One Network;
        /// The router's address in it. Empty: the first.
        gateway: Maybe Address;
        /// What the pool gives out. Empty: all of the network but `gateway`.
        ranges: Maybe Ranges;
        /// How long an address is lent. Phones change their MAC address: short.
        lease_time: One Duration = ["1h"];
        /// The name that the log-in page is found under.
        dns_name: One Host = ["login.hotspot"];
        /// Ways to log in.
        login_by: Many Choice ["mac", "cookie", "http-chap", "http-pap", "https", "mac-cookie", "trial"] = ["mac", "cookie", "http-chap"];
        /// How long a browser is remembered.
        cookie_lifetime: One Duration = ["1d"];
        /// What a device that logs in by its MAC address gives as password.
        mac_password: One Secret = ["{mac_password}"];
        /// How RADIUS is told MAC addresses.
        mac_format: One Text = ["XX:XX:XX:XX:XX:XX"];
        /// NAS-Port-Type that RADIUS is told.
        port_type: One Name = ["wireless-802.11"];
        /// Directory of the log-in page; `flash/` is put before it on boards that have it. Empty: the router's own page stays.
        html_directory: Maybe Text;
        /// Whether RADIUS decides.
        radius: One YesNo = ["yes"];
        /// Whether RADIUS is told about sessions.
        accounting: One YesNo = ["yes"];
        /// How often: `received` is what the server says.
        interim_update: One Text = ["received"];
        /// Addresses that one device may have.
        addresses_per_mac: One Text = ["2"];
        /// How long a device that has not logged in may be silent.
        idle_timeout: One Duration = ["5m"];
        /// How long a device may take to log in.
        login_timeout: One Duration = ["5m"];
        /// Sessions that one name may have; RADIUS users get it from the default user profile.
        shared_users: One Text = ["1"];
        /// How long a device that is logged in may be out of reach.
        keepalive: One Duration = ["2m"];
        /// Whether the router stands in as web proxy.
        transparent_proxy: One YesNo = ["no"];
    }
}

section! {
    /// What customers reach without having logged in or paid.
    WalledGarden "walled_garden" {
        /// Name of the address list.
        list: One Name = ["demarc-garden"];
        /// The centre: portal, notice, application.
        central: Many Hosts;
        /// Payment gateways, `*.` in front for all below a name: those only the hotspot can tell.
        payment: Many Hosts = [];
        /// Servers of names that may be asked directly.
        dns: Many Address = [];
    }
}

section! {
    /// Address translation.
    Nat "nat" {
        /// Whether customers' addresses are translated towards the Internet. Left alone where a rule of the router's own
        /// does it.
        masquerade: One YesNo = ["yes"];
        /// Whether hotspot users who are logged in pass by the hotspot's own translation.
        hotspot_bypass: One YesNo = ["yes"];
        /// Web server that hotspot users who are not logged in are led to, instead of the router's page. Empty: the page
        /// leads them.
        portal: Maybe Address;
        /// Its TCP port.
        portal_port: One Port = ["80"];
    }
}

section! {
    /// What becomes of suspended and expired customers where RADIUS lets them in to a notice. Where it refuses them this is
    /// not needed.
    Suspended "suspended" {
        /// Name of the pool that RADIUS gives them.
        pool: One Text = ["{suspended_pool}"];
        /// What it gives out.
        ranges: One Ranges = ["10.255.255.2-10.255.255.254"];
        /// Name of the address list that RADIUS puts them in.
        list: One Text = ["{suspended_list}"];
        /// Web server of the notice. Empty: their pages are refused.
        notice: Maybe Address;
        /// Its TCP port.
        notice_port: One Port = ["80"];
        /// Whether their questions for names all go to the router.
        redirect_dns: One YesNo = ["yes"];
        /// Whether TCP is refused at once, so that devices look for the notice, rather than left to wait.
        reject: One YesNo = ["yes"];
    }
}
