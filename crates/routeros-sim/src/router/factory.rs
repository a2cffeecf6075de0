//! What a new router holds before anyone configured it, and the seeds.

use super::Router;
use crate::actor::Actor;
use crate::schema::{MenuIndex, Shape};
use crate::table::Item;
use crate::value::Value;

const BY: &Actor = &Actor::Router;

impl Router {
    pub(super) fn factory(&mut self) {
        let schema = self.schema();
        for (menu, shape) in schema.menus() {
            if shape.shape == Shape::Single {
                let mut item = Item::new(0, false);
                self.fill_defaults(menu, &mut item);
                self.store.insert(menu, item, None);
            }
        }
        self.factory_interfaces();
        self.factory_profiles();
        self.factory_users();
        self.factory_services();
        self.factory_queues();
        let identity = self.options.identity.clone();
        if self.options.switches.incoming_port_1700 {
            self.put_single("/radius/incoming", &[("port", "1700")]);
        }
        self.factory_system();
        self.factory = Some(Box::new(self.store.clone()));
        self.put_single("/system/identity", &[("name", &identity)]);
        if self.options.factory {
            self.home();
        }
        self.seed();
    }

    /// An item of the factory: nothing is checked, properties that this release lacks are left out.
    pub(crate) fn place(&mut self, path: &str, values: &[(&str, &str)]) -> u32 {
        let Some(menu) = self.menu(path) else { return 0 };
        let mut item = Item::new(0, false);
        self.fill_defaults(menu, &mut item);
        for (name, value) in values {
            self.put_raw(menu, &mut item, name, value);
        }
        let ids = self.store.interface_of(menu).map_or(menu, |(interfaces, _)| interfaces);
        item.id = self.store.table_mut(ids).take_id(false);
        let id = item.id;
        self.insert_item(menu, item, None, BY);
        id
    }

    fn put_raw(&self, menu: MenuIndex, item: &mut Item, name: &str, value: &str) {
        let schema = self.schema();
        let Some(field) = schema.menu(menu).field(name) else { return };
        let kind = &schema.menu(menu).fields[usize::from(field)].kind;
        let value = kind.read(value.as_bytes(), &self.store).unwrap_or_else(|_| Value::text(value));
        item.set(field, value);
    }

    /// Properties of the one item of a menu.
    pub(crate) fn put_single(&mut self, path: &str, values: &[(&str, &str)]) {
        let Some(menu) = self.menu(path) else { return };
        let Some(item) = self.store.item(menu, 0) else { return };
        let mut item = Item::clone(item);
        for (name, value) in values {
            self.put_raw(menu, &mut item, name, value);
        }
        self.store.replace(menu, item);
    }

    /// What this item is now, the export takes for what left the factory.
    pub(crate) fn as_from_factory(&mut self, path: &str, id: u32) {
        let item = self.menu(path).and_then(|menu| Some((menu, Item::clone(self.store.item(menu, id)?))));
        if let (Some((menu, item)), Some(factory)) = (item, &mut self.factory) {
            factory.replace(menu, item);
        }
    }

    /// Is this property what it was when the router left the factory?
    pub(crate) fn is_as_from_factory(&self, path: &str, id: u32, property: &str) -> bool {
        let Some((menu, factory)) = self.menu(path).zip(self.factory.as_deref()) else { return false };
        let now = self.store.item(menu, id).and_then(|item| self.store.text(menu, item, property));
        now == factory.item(menu, id).and_then(|item| factory.text(menu, item, property))
    }

    fn factory_interfaces(&mut self) {
        let ports = match (self.options.factory, &self.options.board) {
            (true, _) => 5,
            (false, Some(_)) => 10,
            (false, None) => 2,
        };
        for port in 1..=ports {
            let name = format!("ether{port}");
            let mac = format!("48:8F:5A:00:00:{port:02X}");
            let running = if port <= 3 { "true" } else { "false" };
            self.place(
                "/interface/ethernet",
                &[
                    ("name", &name),
                    ("default-name", &name),
                    ("mac-address", &mac),
                    ("orig-mac-address", &mac),
                    ("mtu", "1500"),
                    ("l2mtu", "1592"),
                    ("disabled", "false"),
                    ("running", running),
                    ("slave", "false"),
                    ("auto-negotiation", "true"),
                    ("arp", "enabled"),
                ],
            );
        }
        for (name, comment) in [
            ("all", "contains all interfaces"),
            ("none", "contains no interfaces"),
            ("dynamic", "contains dynamic interfaces"),
            ("static", "contains static interfaces"),
        ] {
            let id = self.place(
                "/interface/list",
                &[("name", name), ("comment", comment), ("include", ""), ("exclude", ""), ("builtin", "true")],
            );
            self.set_values("/interface/list", id, &[("builtin", true.into())], BY);
        }
        if self.options.factory {
            self.factory_home_board();
            return;
        }
        self.place(
            "/ip/address",
            &[
                ("address", "192.168.88.1/24"),
                ("network", "192.168.88.0"),
                ("interface", "ether1"),
                ("actual-interface", "ether1"),
                ("comment", "defconf"),
                ("disabled", "false"),
            ],
        );
    }

    fn factory_home_board(&mut self) {
        self.place(
            "/interface/wireless",
            &[
                ("name", "wlan1"),
                ("default-name", "wlan1"),
                ("mac-address", "48:8F:5A:00:00:06"),
                ("ssid", "MikroTik-000006"),
                ("mode", "ap-bridge"),
                ("disabled", "no"),
                ("running", "true"),
                ("slave", "false"),
            ],
        );
        self.place("/file", &[("name", "flash"), ("type", "disk")]);
    }

    fn factory_profiles(&mut self) {
        self.place("/ppp/profile", &[("name", "default"), ("change-tcp-mss", "yes"), ("default", "true")]);
        self.place(
            "/ppp/profile",
            &[
                ("name", "default-encryption"),
                ("change-tcp-mss", "yes"),
                ("use-encryption", "yes"),
                ("default", "true"),
            ],
        );
        // the factory's two have the lowest id and a high one on routers too
        if let Some(menu) = self.menu("/ppp/profile") {
            for (name, number) in [("default", 0), ("default-encryption", 0xFFFF_FFFE)] {
                let known = self.find("/ppp/profile", "name", name);
                if let Some(item) = known.and_then(|id| self.store.remove(menu, id)) {
                    let mut item = Item::clone(&item);
                    item.id = number;
                    self.store.insert(menu, item, None);
                }
            }
            self.store.table_mut(menu).next_id = 1;
        }
        self.place("/ip/hotspot/user/profile", &[("name", "default"), ("default", "true")]);
        self.place("/ip/hotspot/profile", &[("name", "default"), ("default", "true")]);
        self.place(
            "/ip/hotspot/user",
            &[
                ("name", "default-trial"),
                ("comment", "counters and limits for trial users"),
                ("default", "true"),
                ("server", "all"),
            ],
        );
        self.place("/snmp/community", &[("name", "public"), ("default", "true")]);
        if self.menu("/routing/table").is_some() {
            self.place("/routing/table", &[("name", "main"), ("fib", "true"), ("dynamic", "true")]);
        }
    }

    fn factory_users(&mut self) {
        let read = "local,telnet,ssh,reboot,read,test,winbox,password,web,sniff,sensitive,api,romon,rest-api";
        let write = format!("{read},write");
        let full = format!("{write},ftp,policy");
        for (name, policy) in [("read", read), ("write", &write), ("full", &full)] {
            self.place("/user/group", &[("name", name), ("policy", policy), ("skin", "default")]);
        }
        let (user, password) = (self.options.user.clone(), self.options.password.clone());
        self.place(
            "/user",
            &[("name", &user), ("group", "full"), ("password", &password), ("comment", "system default user")],
        );
    }

    fn factory_services(&mut self) {
        let plain = self.options.listen.port().to_string();
        let tls = self.options.tls.map_or(8729, |address| address.port()).to_string();
        let services = [
            ("telnet", "23", false),
            ("ftp", "21", false),
            ("www", "80", false),
            ("ssh", "22", false),
            ("www-ssl", "443", true),
            ("api", plain.as_str(), false),
            ("winbox", "8291", false),
            ("api-ssl", tls.as_str(), true),
        ];
        for (name, port, certified) in services {
            let disabled = if name == "www-ssl" { "true" } else { "false" };
            let id = self.place(
                "/ip/service",
                &[
                    ("name", name),
                    ("port", port),
                    ("disabled", disabled),
                    ("address", ""),
                    ("vrf", "main"),
                    ("proto", "tcp"),
                ],
            );
            if certified {
                self.set_values(
                    "/ip/service",
                    id,
                    &[("certificate", "none".into()), ("tls-version", "any".into())],
                    BY,
                );
            }
        }
    }

    fn factory_queues(&mut self) {
        for (name, kind) in [
            ("default", "pfifo"),
            ("ethernet-default", "pfifo"),
            ("wireless-default", "sfq"),
            ("synchronous-default", "red"),
            ("hotspot-default", "sfq"),
            ("pcq-upload-default", "pcq"),
            ("pcq-download-default", "pcq"),
            ("only-hardware-queue", "none"),
            ("multi-queue-ethernet-default", "mq-pfifo"),
            ("default-small", "pfifo"),
        ] {
            let id = self.place("/queue/type", &[("name", name), ("kind", kind)]);
            self.set_values("/queue/type", id, &[("default", true.into())], BY);
        }
        for (name, target) in [("memory", "memory"), ("disk", "disk"), ("echo", "echo"), ("remote", "remote")] {
            self.place("/system/logging/action", &[("name", name), ("target", target)]);
        }
        for topic in ["info", "error", "warning", "critical"] {
            let action = if topic == "critical" { "echo" } else { "memory" };
            self.place("/system/logging", &[("topics", topic), ("action", action), ("prefix", "")]);
        }
    }

    fn seed(&mut self) {
        let seeds = self.options.seeds;
        for number in 1..=seeds.pools {
            let range = format!(
                "10.{}.{}.2-10.{}.{}.254",
                100 + number / 256 % 100,
                number % 256,
                100 + number / 256 % 100,
                number % 256
            );
            self.place("/ip/pool", &[("name", &format!("pool-{number}")), ("ranges", &range)]);
        }
        for number in 1..=seeds.profiles {
            let rate = format!("{0}M/{0}M", number * 5);
            let pool = format!("pool-{}", 1 + (number - 1) % seeds.pools.max(1));
            let mut values = vec![
                ("name", format!("package-{number}")),
                ("local-address", "10.255.255.1".to_owned()),
                ("rate-limit", rate),
            ];
            if seeds.pools > 0 {
                values.push(("remote-address", pool));
            }
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.place("/ppp/profile", &values);
        }
        self.seed_secrets();
        self.seed_firewall();
    }

    /// Quick, since there may be thousands.
    fn seed_firewall(&mut self) {
        let Some(menu) = self.menu("/ip/firewall/filter") else { return };
        let schema = self.schema();
        let field = |name: &str| schema.menu(menu).field(name);
        let mut model = Item::new(0, false);
        self.fill_defaults(menu, &mut model);
        for (name, value) in [("chain", "forward"), ("protocol", "tcp")] {
            if let Some(field) = field(name) {
                model.set(field, value.into());
            }
        }
        let (Some(action), Some(source), Some(port), Some(comment)) =
            (field("action"), field("src-address"), field("dst-port"), field("comment"))
        else {
            return;
        };
        for number in 1..=self.options.seed_firewall {
            let mut item = model.clone();
            item.id = self.store.table_mut(menu).take_id(false);
            item.set(action, if number % 5 == 0 { "drop".into() } else { "accept".into() });
            item.set(source, std::net::Ipv4Addr::from(0x0a40_0000 + number).to_string().into());
            item.set(port, u64::from(1024 + number % 60_000).into());
            item.set(comment, format!("customer {number}").into());
            self.store.insert(menu, item, None);
        }
    }

    /// Quick, since there may be a hundred thousand: properties that are the same are shared.
    fn seed_secrets(&mut self) {
        let seeds = self.options.seeds;
        let Some(menu) = self.menu("/ppp/secret") else { return };
        let schema = self.schema();
        let mut model = Item::new(0, false);
        self.fill_defaults(menu, &mut model);
        let field = |name: &str| schema.menu(menu).field(name);
        let (Some(name), Some(password), Some(profile), Some(service)) =
            (field("name"), field("password"), field("profile"), field("service"))
        else {
            return;
        };
        model.set(service, "pppoe".into());
        let profiles: Vec<Value> = (1..=seeds.profiles)
            .filter_map(|number| self.reference("/ppp/profile", &format!("package-{number}")))
            .collect();
        for number in 1..=seeds.secrets {
            let mut item = model.clone();
            item.id = number;
            item.set(name, format!("customer-{number:06}").into());
            item.set(password, format!("secret-{number:06}").into());
            if let Some(reference) = profiles.get((number as usize).checked_rem(profiles.len()).unwrap_or(0)) {
                item.set(profile, reference.clone());
            }
            self.store.insert(menu, item, None);
        }
    }
}
