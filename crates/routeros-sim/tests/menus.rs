//! Menus with commands of their own, and what the router says about itself.

use routeros_sim::{Actor, Options, Seeds, Simulator, Switches};

use crate::client::{Client, DEADLINE, router, router_of, value};

#[tokio::test]
async fn a_router_tells_what_it_is() {
    for (release, version) in [("7.18.2", "7.18.2 (stable)"), ("6.49", "6.49 (long-term)")] {
        let simulator = router_of(release).await;
        let mut client = Client::admin(&simulator).await;
        let row = client.rows(&["/system/resource/print"]).await.remove(0);
        assert_eq!(value(&row, "version").as_deref(), Some(version));
        assert_eq!(value(&row, "board-name").as_deref(), Some("RB4011iGS+"));
        let first = value(&row, "uptime").unwrap();
        simulator.router().advance(93_784_000);
        let later = client.value(&["/system/resource/print"], "uptime").await.unwrap();
        assert_ne!(first, later);
        assert!(later.starts_with("1d2h3m"), "{later}");
        assert_eq!(client.value(&["/system/routerboard/print"], "model").await.as_deref(), Some("RB4011iGS+"));
    }
    let simulator = Simulator::start(Options { board: None, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.value(&["/system/resource/print"], "board-name").await.as_deref(), Some("CHR"));
    assert_eq!(client.refused(&["/system/routerboard/print"]).await, "no such command or directory (routerboard)");
}

#[tokio::test]
async fn dates_have_the_form_of_their_release() {
    for (release, form) in [("6.49", 11), ("7.9", 11), ("7.12", 10)] {
        let simulator = router_of(release).await;
        let mut client = Client::admin(&simulator).await;
        let date = client.value(&["/system/clock/print"], "date").await.unwrap();
        assert_eq!(date.len(), form, "{release} {date}");
        assert_eq!(date.contains('/'), form == 11);
    }
}

#[tokio::test]
async fn every_date_has_the_form_of_its_release() {
    for (release, slash) in [("6.43", true), ("6.49", true), ("7.9", true), ("7.10", false), ("7.24", false)] {
        let simulator = router_of(release).await;
        simulator.router().add_as(&Actor::Test, "/system/script", &[("name", "s"), ("source", ":put a")]).unwrap();
        simulator.router().add_as(&Actor::Test, "/certificate", &[("name", "c")]).unwrap();
        let job = [("name", "j"), ("interval", "1d"), ("start-date", "nov/23/2035"), ("start-time", "10:00:00")];
        simulator.router().add_as(&Actor::Test, "/system/scheduler", &job).unwrap();
        let mut client = Client::admin(&simulator).await;
        client.call(&["/system/script/run", "=number=s"]).await;
        client.call(&["/certificate/sign", "=number=c"]).await;
        client.added(&["/ip/pool/add", "=name=p", "=ranges=10.0.0.1"]).await;
        for (menu, property) in [
            ("/user", "last-logged-in"),
            ("/user/active", "when"),
            ("/system/script", "last-started"),
            ("/system/scheduler", "start-date"),
            ("/system/scheduler", "next-run"),
            ("/certificate", "invalid-before"),
            ("/certificate", "invalid-after"),
            ("/system/history", "time"),
        ] {
            let date = client.rows(&[&format!("{menu}/print")]).await.iter().find_map(|row| value(row, property));
            let date = date.unwrap_or_else(|| panic!("{release} {menu} {property}"));
            let letters = date.chars().take(3).filter(char::is_ascii_lowercase).count();
            let fits = if slash { letters == 3 && date.as_bytes()[3] == b'/' } else { date.as_bytes()[4] == b'-' };
            assert!(fits, "{release} {menu} {property} {date}");
        }
        let next = client.value(&["/system/scheduler/print"], "next-run").await.unwrap();
        assert_eq!(next, if slash { "nov/23/2035 10:00:00" } else { "2035-11-23 10:00:00" });
    }
}

#[tokio::test]
async fn the_clock_can_be_set_and_jobs_follow_it() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/system/clock/set", "=date=2030-01-31", "=time=09:59:00"]).await;
    let row = client.rows(&["/system/clock/print"]).await.remove(0);
    assert_eq!(value(&row, "date").as_deref(), Some("2030-01-31"));
    assert!(value(&row, "time").unwrap().starts_with("09:59:"), "{row:?}");
    let daily = ["/system/scheduler/add", "=name=j", "=interval=1d", "=start-time=10:00:00", "=start-date=2030-01-01"];
    client.added(&daily).await;
    let next = ["/system/scheduler/print"];
    assert_eq!(client.value(&next, "next-run").await.as_deref(), Some("2030-01-31 10:00:00"));
    simulator.router().advance(61_000);
    let ran = |router: &routeros_sim::Router| router.rows("/system/scheduler")[0].get("run-count") == Some("1");
    simulator.until(DEADLINE, ran).await.unwrap();
    let planned = |router: &routeros_sim::Router| {
        router.rows("/system/scheduler")[0].get("next-run") == Some("2030-02-01 10:00:00")
    };
    simulator.until(DEADLINE, planned).await.unwrap();
    client.does(&["/system/clock/set", "=date=2030-03-01"]).await;
    assert_eq!(client.value(&next, "next-run").await.as_deref(), Some("2030-03-02 10:00:00"));
}

#[tokio::test]
async fn sessions_have_interfaces_that_count_and_go_with_them() {
    let seeds = Seeds { secrets: 5, active: 5, ..Seeds::default() };
    let simulator = Simulator::start(Options { seeds, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let active = client.rows(&["/ppp/active/print", "?name=customer-000003"]).await.remove(0);
    assert_eq!(active[0], "=.id=*80000003");
    assert_eq!(value(&active, "session-id").as_deref(), Some("0x81000003"));
    let bytes = async |client: &mut Client| -> u64 {
        client.value(&["/interface/print", "?name=<pppoe-customer-000003>"], "tx-byte").await.unwrap().parse().unwrap()
    };
    let before = bytes(&mut client).await;
    simulator.router().advance(10_000);
    assert!(bytes(&mut client).await >= before + 400_000);
    let rate =
        client.rows(&["/interface/monitor-traffic", "=interface=<pppoe-customer-000003>", "=once="]).await.remove(0);
    assert!(value(&rate, "tx-bits-per-second").unwrap().parse::<u64>().unwrap() > 320_000);
    assert_eq!(value(&rate, ".section").as_deref(), Some("0"));
    assert_eq!(
        client.refused(&["/queue/simple/set", "=.id=<pppoe-customer-000003>", "=max-limit=1M/1M"]).await,
        "failure: can not change dynamic item"
    );
    client.does(&["/ppp/active/remove", "=.id=*80000003"]).await;
    assert_eq!(client.rows(&["/interface/print", "?name=<pppoe-customer-000003>"]).await.len(), 0);
    assert_eq!(client.rows(&["/queue/simple/print"]).await.len(), 4);
    assert_eq!(client.rows(&["/ppp/secret/print"]).await.len(), 5);
}

#[tokio::test]
async fn watching_commands_go_on_until_cancelled() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/interface/monitor-traffic", "=interface=ether1,ether2", "=interval=20ms", ".tag=m"]).await;
    for section in 0..3 {
        for name in ["ether1", "ether2"] {
            let row = client.next().await.unwrap();
            assert_eq!(value(&row, "name").as_deref(), Some(name));
            assert_eq!(value(&row, ".section"), Some(section.to_string()));
        }
    }
    client.send(&["/cancel", "=tag=m", ".tag=c"]).await;
    loop {
        let sentence = client.next().await.unwrap();
        if sentence[0] == "!trap" {
            assert_eq!(sentence, ["!trap", ".tag=m", "=category=2", "=message=interrupted"]);
            break;
        }
    }
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=c"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=m"]);
    let pings = client.rows(&["/tool/ping", "=address=10.0.0.1", "=count=3", "=interval=10ms"]).await;
    assert_eq!(pings.len(), 3);
    assert_eq!(value(&pings[2], "received").as_deref(), Some("3"));
    let lost = client.rows(&["/tool/ping", "=address=192.0.2.1", "=count=1"]).await;
    assert_eq!(value(&lost[0], "status").as_deref(), Some("timeout"));
}

#[tokio::test]
async fn a_print_can_be_repeated() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let print = ["/ip/service/print", "=interval=20ms", "=.proplist=name", "?name=api", ".tag=p"];
    client.send(&print).await;
    for section in 0..3 {
        assert_eq!(client.next().await.unwrap(), ["!re", ".tag=p", "=name=api", &format!("=.section={section}")]);
    }
}

#[tokio::test]
async fn the_log_tells_log_ins_and_changes_and_can_be_followed() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/log/print", "=follow-only=", "=.proplist=topics,message", ".tag=l"]).await;
    client.does(&["/log/info", "=message=hello"]).await;
    assert_eq!(client.next().await.unwrap(), ["!re", ".tag=l", "=topics=script,info", "=message=hello"]);
    let mut other = Client::connect(&simulator).await;
    other.refused(&["/login", "=name=eve", "=password=x"]).await;
    let line = client.next().await.unwrap();
    assert_eq!(
        line[2..],
        ["=topics=system,error,critical", "=message=login failure for user eve from 127.0.0.1 via api"]
    );
    let mut other = Client::admin(&simulator).await;
    other.added(&["/ppp/secret/add", "=name=x"]).await;
    assert_eq!(client.next().await.unwrap()[3], "=message=user admin logged in from 127.0.0.1 via api");
    assert_eq!(client.next().await.unwrap()[3], "=message=ppp secret added by admin");
    drop(other);
    assert_eq!(client.next().await.unwrap()[3], "=message=user admin logged out from 127.0.0.1 via api");
}

#[tokio::test]
async fn users_who_are_logged_in_are_listed_and_can_be_sent_away() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let mut other = Client::admin(&simulator).await;
    let rows = client.rows(&["/user/active/print"]).await;
    assert_eq!(rows.len(), 2);
    assert_eq!(value(&rows[1], "via").as_deref(), Some("api"));
    let id = value(&rows[1], ".id").unwrap();
    client.does(&["/user/active/request-logout", &format!("=.id={id}")]).await;
    assert_eq!(other.next().await, None);
    simulator.until(DEADLINE, |router| router.count("/user/active") == 1).await.unwrap();
}

#[tokio::test]
async fn services_decide_who_may_come() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/ip/service/set", "=.id=api", "=max-sessions=1"]).await;
    assert_eq!(Client::connect(&simulator).await.next().await, None, "one session too many");
    client.does(&["/ip/service/set", "=numbers=api", "=max-sessions=20", "=address=10.0.0.0/8,192.168.0.0/16"]).await;
    assert_eq!(Client::connect(&simulator).await.next().await, None, "a wrong address");
    client.does(&["/ip/service/set", "=.id=api", "=address=127.0.0.0/8"]).await;
    Client::admin(&simulator).await;
    client.does(&["/ip/service/disable", "=.id=api"]).await;
    let closed = async {
        while tokio::net::TcpStream::connect(simulator.addr()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, closed).await.unwrap();
    client.does(&["/ip/service/enable", "=.id=api"]).await;
    let open = async { while tokio::net::TcpStream::connect(simulator.addr()).await.is_err() {} };
    tokio::time::timeout(DEADLINE, open).await.unwrap();
}

#[tokio::test]
async fn device_mode_home_forbids() {
    let switches = Switches { device_mode_home: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let add = ["/ip/hotspot/add", "=name=h", "=interface=ether2"];
    assert_eq!(client.refused(&add).await, "failure: not allowed by device-mode");
    assert_eq!(client.refused(&["/system/scheduler/add", "=name=s"]).await, "failure: not allowed by device-mode");
    let row = client.rows(&["/system/device-mode/update", "=hotspot=yes"]).await.remove(0);
    assert!(value(&row, "status").unwrap().starts_with("please activate"));
    assert_eq!(client.refused(&add).await, "failure: not allowed by device-mode");
    simulator.router().confirm_device_mode();
    client.added(&add).await;
    assert_eq!(
        client.value(&["/ip/hotspot/print"], "disabled").await.as_deref(),
        Some("true"),
        "a plain add leaves the server disabled"
    );
}

#[tokio::test]
async fn a_reboot_that_was_asked_for_is_answered_first() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/system/reboot"]).await;
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn known_commands_without_a_simulation_say_so() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.refused(&["/tool/fetch", "=url=http://127.0.0.1/"]).await, "failure: not simulated");
}
