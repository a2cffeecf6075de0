//! Jobs that bring a router back when nobody calls them off.

use std::fmt::Write;

use routeros_sim::{Actor, Options, Simulator, Switches};

use crate::client::{Client, DEADLINE, router, value};

/// What a run leaves on the router before it begins: undone every ten minutes unless the run removes it.
fn revert(steps: usize) -> String {
    let mut script = String::new();
    for step in 0..steps {
        let _ = writeln!(
            script,
            ":do {{ /ip pool remove [find name=\"demarc-{step}\" and comment=\"demarc:\\\"a\\\" \\$b\"] }} on-error={{}}"
        );
    }
    script + "/system scheduler remove [find name=demarc-revert]\n"
}

async fn add_job(client: &mut Client, script: &str) {
    let event = format!("=on-event={script}");
    let policy = "=policy=read,write,policy,test,ftp,sensitive";
    client.added(&["/system/scheduler/add", "=name=demarc-revert", "=interval=10m", policy, &event]).await;
}

#[tokio::test]
async fn a_job_takes_back_what_a_run_left_and_removes_itself() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let script = revert(330);
    assert!((29_000..32_000).contains(&script.len()), "{}", script.len());
    add_job(&mut client, &script).await;
    let job = client.rows(&["/system/scheduler/print"]).await.remove(0);
    assert_eq!(value(&job, "on-event").as_deref(), Some(&*script));
    assert!(value(&job, "start-date").is_some() && value(&job, "next-run").is_some(), "{job:?}");
    for number in [0, 329, 400] {
        let name = format!("=name=demarc-{number}");
        client.added(&["/ip/pool/add", &name, "=ranges=10.0.0.1", "=comment=demarc:\"a\" $b"]).await;
    }
    client.added(&["/ip/pool/add", "=name=demarc-7", "=ranges=10.0.0.1", "=comment=somebody else's"]).await;
    simulator.router().advance(9 * 60_000);
    client.rows(&["/ip/pool/print"]).await;
    assert_eq!(simulator.router().count("/ip/pool"), 4);
    simulator.router().advance(60_000);
    simulator.until(DEADLINE, |router| router.count("/system/scheduler") == 0).await.unwrap();
    let rows = client.rows(&["/ip/pool/print", "=.proplist=name"]).await;
    assert_eq!(rows, [["=name=demarc-400"], ["=name=demarc-7"]]);
}

#[tokio::test]
async fn a_job_survives_a_restart_and_may_begin_with_one() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    add_job(&mut client, "/ip pool remove [/ip pool find where !dynamic name~\"^de\"]").await;
    let event = "=on-event=:delay 5s; /system script run note";
    client.added(&["/system/scheduler/add", "=name=first", "=start-time=startup", event]).await;
    client.added(&["/system/script/add", "=name=note", "=source=/system identity set name=up"]).await;
    client.added(&["/ip/pool/add", "=name=demarc", "=ranges=10.0.0.1"]).await;
    simulator.reboot();
    simulator.until(DEADLINE, |router| router.setting("/system/identity", "name").unwrap() == "up").await.unwrap();
    assert_eq!(simulator.router().count("/ip/pool"), 1);
    simulator.router().advance(10 * 60_000);
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 0).await.unwrap();
}

#[tokio::test]
async fn an_event_may_be_the_name_of_a_script_and_variables_are_only_stored() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/system/script/add", "=name=undo", "=source=/ip pool remove [find]", "=policy=read,write"]).await;
    add_job(&mut client, "undo").await;
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    let source = ":local a 1; :foreach i in=[/ppp/active find] do={:if (\\$a) do={}}";
    client.added(&["/ppp/profile/add", "=name=p", &format!("=on-up={source}")]).await;
    simulator.router().advance(10 * 60_000 + 1000);
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 0).await.unwrap();
    assert!(simulator.router().run(source).is_err());
    // quotes hold every byte; a variable that nobody set is nothing
    simulator.router().run("/ip pool add name=b ranges=10.0.0.1 comment=\"\\\"\\\\\\$x\\E0\\n[;{\"").unwrap();
    simulator.router().run("/ip pool add name=\"c\\24 $nobody\" ranges=10.0.0.1").unwrap();
    let rows = simulator.router().rows("/ip/pool");
    let comment = rows[0].values.iter().find(|(name, _)| name == "comment").map(|(_, value)| value.clone());
    assert_eq!(comment.as_deref(), Some(&b"\"\\$x\xE0\n[;{"[..]));
    assert_eq!(rows[1].get("name"), Some("c$ "));
}

#[tokio::test]
async fn a_job_may_no_more_than_who_makes_it() {
    let simulator = router().await;
    let mut router = simulator.router();
    let policy = "api,read,write,test,policy";
    router.add_as(&Actor::Test, "/user/group", &[("name", "run"), ("policy", policy)]).unwrap();
    router.add_as(&Actor::Test, "/user", &[("name", "run"), ("group", "run")]).unwrap();
    drop(router);
    let mut client = Client::connect(&simulator).await;
    client.does(&["/login", "=name=run", "=password="]).await;
    let add = ["/system/scheduler/add", "=name=j", "=interval=10m", "=on-event=/ip pool remove [find]"];
    let refused = client.refused(&[&add[..], &["=policy=read,write,reboot"]].concat()).await;
    assert_eq!(refused, "not enough permissions (9)");
    client.added(&[&add[..], &["=policy=read,write"]].concat()).await;
    let row = client.rows(&["/system/scheduler/print"]).await.remove(0);
    assert_eq!(value(&row, "owner").as_deref(), Some("run"));
}

#[tokio::test]
async fn device_mode_home_has_no_scheduler_hotspot_or_l2tp() {
    let switches = Switches { device_mode_home: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    for add in [
        &["/system/scheduler/add", "=name=j", "=on-event=x"][..],
        &["/ip/hotspot/add", "=interface=ether2"],
        &["/interface/l2tp-client/add", "=connect-to=10.0.0.1", "=user=u"],
    ] {
        assert_eq!(client.refused(add).await, "failure: not allowed by device-mode", "{add:?}");
    }
    let mode = client.rows(&["/system/device-mode/print"]).await.remove(0);
    assert_eq!(value(&mode, "mode").as_deref(), Some("home"));
    assert_eq!(value(&mode, "scheduler").as_deref(), Some("false"));
}

#[tokio::test]
async fn a_job_that_safe_mode_brings_back_runs_again() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    add_job(&mut client, "/ip pool remove [find]").await;
    client.added(&["/ip/pool/add", "=name=a", "=ranges=10.0.0.1"]).await;
    client.does(&["/safe-mode/take"]).await;
    client.does(&["/system/scheduler/remove", "=numbers=demarc-revert"]).await;
    client.does(&["/safe-mode/unroll"]).await;
    simulator.router().advance(10 * 60_000 + 1000);
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 0).await.unwrap();
}
