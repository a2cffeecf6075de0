//! Sections about the router itself.

use crate::template::section::section;

section! {
    /// What the router calls itself. RADIUS sees it as NAS-Identifier: changed while customers are online, their accounting
    /// is split in two.
    Identity "identity" {
        /// Its name.
        name: One Text = ["{router_name}"];
    }
}

section! {
    /// The router's clock. Certificates and WireGuard fail on a router whose clock is in the past.
    Clock "clock" {
        /// IANA name of its time zone.
        time_zone: One TimeZone = ["{time_zone}"];
        /// Servers of the time. At least one by address, which the router reaches without the tunnel. RouterOS 6 asks at
        /// most two addresses, and names besides.
        servers: Many Host;
    }
}

section! {
    /// A line of the router's own to the hub, for routers without a public address. RADIUS, the API and changes of sessions
    /// go through it.
    Tunnel "tunnel" {
        /// Which kind. WireGuard needs RouterOS 7.1; where it or UDP is blocked take `l2tp`, and where that is too `sstp`.
        kind: One Choice ["none", "wireguard", "l2tp", "sstp"] = ["{tunnel}"];
        /// Host name or address of the hub.
        hub: One Host, only kind is "wireguard" | "l2tp" | "sstp";
        /// The hub's own address inside the tunnel: the only one that WireGuard lets through.
        hub_address: One Address, only kind is "wireguard";
        /// The router's address inside the tunnel. L2TP and SSTP are given theirs by the hub.
        address: One Address, only kind is "wireguard";
        /// Bits of the tunnel's network.
        bits: One Text = ["24"], only kind is "wireguard";
        /// The hub's public key. The router makes a key of its own, whose public half the hub has to be told.
        hub_key: One Text, only kind is "wireguard";
        /// A key that both share besides.
        preshared_key: Maybe Secret, only kind is "wireguard";
        /// UDP port of the hub.
        hub_port: One Port = ["51820"], only kind is "wireguard";
        /// UDP port of the router.
        listen_port: One Port = ["13231"], only kind is "wireguard";
        /// Bytes of a packet inside.
        mtu: One Text = ["1420"], only kind is "wireguard";
        /// How often the router says that it is there, so that what stands between keeps the way open.
        keepalive: One Duration = ["25s"], only kind is "wireguard";
        /// Who the router is to the hub.
        user: One Name, only kind is "l2tp" | "sstp";
        /// Its password there.
        password: One Secret, only kind is "l2tp" | "sstp";
        /// What both share for IPsec.
        ipsec_secret: One Secret, only kind is "l2tp";
        /// TCP port of the hub.
        sstp_port: One Port = ["443"], only kind is "sstp";
        /// Whether the hub's certificate is checked; the router must know who signed it.
        verify_certificate: One YesNo = ["yes"], only kind is "sstp";
        /// PPP profile of the line.
        profile: One Name = ["default-encryption"], only kind is "l2tp" | "sstp";
        /// Name of the interface.
        interface: One Name = ["demarc-tunnel"];
    }
}
