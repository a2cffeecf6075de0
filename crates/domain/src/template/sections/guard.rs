//! Sections about who may come near the router.

use crate::template::section::section;

section! {
    /// The router's input chain: what is accepted stands above the first rule that drops.
    Access "access" {
        /// Interface list of the customers; PPP interfaces join it by their profile.
        list: One Name = ["demarc-access"];
        /// Interfaces of the customers. Those of the sections `pppoe` and `hotspot` belong to them without being named.
        interfaces: Many Interface = [];
        /// Address list of those who may manage the router.
        management_list: One Name = ["demarc-mgmt"];
        /// Networks and addresses in it: the centre, the offices.
        management: Many Networks;
        /// The laptop that this is done from. It is put into the list if none of `management` covers it.
        laptop: Maybe Address = ["{laptop_address}"];
        /// TCP ports that they reach: API over TLS, WinBox, SSH.
        management_ports: One Text = ["8729,8291,22"];
        /// Interface list towards the Internet. Where the router has none of that name, `demarc-wan` with `wan_interface`
        /// takes its place.
        wan_list: One Name = ["WAN"];
        /// The interface towards the Internet, for routers without such a list.
        wan_interface: Maybe Interface;
        /// Whether customers may ask the router for names and for addresses (DNS, DHCP).
        serve_customers: One YesNo = ["yes"];
        /// Whether pings are answered.
        ping: One YesNo = ["yes"];
        /// Whether invalid packets are dropped.
        drop_invalid: One YesNo = ["yes"];
        /// Whether names asked for from the Internet are dropped: otherwise the router answers anybody's questions.
        drop_dns: One YesNo = ["yes"];
        /// Whether everything else from the Internet is dropped, after all other rules.
        drop_rest: One YesNo = ["no"];
    }
}

section! {
    /// How Demarc logs in to the router: a user and a certificate of its own. What is not needed is switched off last.
    Management "management" {
        /// The user.
        user: One Name = ["{management_user}"];
        /// Its password.
        password: One Secret = ["{management_password}"];
        /// Its group.
        group: One Name = ["demarc"];
        /// What the group may: `policy` for users and the scheduler, `sensitive` for secrets, `ftp` for files and backups,
        /// `reboot` for restoring one.
        policy: Many Name = ["api", "read", "write", "test", "policy", "sensitive", "ftp", "reboot"];
        /// The certificate of the API over TLS.
        certificate: One Name = ["demarc-api"];
        /// The address that it is made out to.
        certificate_address: One Address = ["{router_address}"];
        /// How long it is good for, in days.
        certificate_days: One Text = ["1825"];
        /// Bits of its key. A small board works on 2048 for minutes.
        certificate_bits: One Text = ["2048"];
        /// Which TLS is spoken: `only-1.2`, or `any`.
        tls_version: One Choice ["any", "only-1.2"] = ["only-1.2"];
        /// Whether the API and the user are only for the networks that `access` names.
        narrow: One YesNo = ["yes"];
        /// Services that are switched off at the end. WinBox and SSH stay.
        services_off: Many Choice ["telnet", "ftp", "www", "www-ssl", "api", "ssh", "winbox"] = ["telnet", "ftp", "www", "api"];
    }
}

section! {
    /// Accept rules above FastTrack for the customers: what FastTrack takes passes by the speeds that RADIUS gives.
    FastTrack "fast_track" {
        /// Whether they are made even on routers that have no FastTrack rule yet.
        always: One YesNo = ["no"];
        /// States of the connections that are kept from it.
        connection_state: One Text = ["established,related"];
    }
}

section! {
    /// SNMP, for the monitoring server alone.
    Snmp "snmp" {
        /// The monitoring server; the input chain is open for it.
        monitor: One Address;
        /// The community's name, which is also the user's name of SNMP 3.
        community: One Secret = ["{snmp_community}"];
        /// `none`: whoever knows the community's name reads. `private`: SNMP 3 with both passwords.
        security: One Choice ["none", "private"] = ["private"];
        /// Password that proves who asks (SHA1).
        authentication_password: One Secret, only security is "private";
        /// Password that what is said is encrypted with (AES).
        encryption_password: One Secret, only security is "private";
        /// Whom to call.
        contact: Maybe Text = ["{operator}"];
        /// Where the router stands.
        location: Maybe Text = ["{router_name}"];
        /// Whether the community that every router comes with (`public`) is closed.
        close_default: One YesNo = ["yes"];
        /// UDP port.
        port: One Port = ["161"];
    }
}
