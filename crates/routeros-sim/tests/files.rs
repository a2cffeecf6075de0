//! Files, exports, imports, backups, scripts and the scheduler.

use std::time::Duration;

use routeros_sim::{Actor, Options, Release, Simulator, Switches};

use crate::client::{Client, DEADLINE, router, router_of, value};

async fn read_all(client: &mut Client, name: &str) -> String {
    let mut text = String::new();
    loop {
        let file = format!("=file={name}");
        let offset = format!("=offset={}", text.len());
        let rows = client.rows(&["/file/read", &file, &offset, "=chunk-size=100"]).await;
        let piece = value(&rows[0], "data").unwrap();
        if piece.is_empty() {
            return text;
        }
        text += &piece;
    }
}

#[tokio::test]
async fn an_export_is_a_file_and_its_import_makes_the_same_router() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    for words in [
        &["/ip/pool/add", "=name=home", "=ranges=10.1.0.0/24"][..],
        &["/ppp/profile/add", "=name=gold \"1\"", "=remote-address=home", "=on-up=:log info \"$user\"\r\n# é"],
        &["/ppp/secret/add", "=name=anna", "=password=hidden", "=profile=gold \"1\"", "=disabled=yes"],
        &[
            "/ip/firewall/filter/add",
            "=chain=input",
            "=action=accept",
            "=src-address=!10.0.0.0/8",
            "=in-interface=ether1",
        ],
    ] {
        client.added(words).await;
    }
    client.does(&["/ip/service/set", "=.id=telnet", "=disabled=yes"]).await;
    client.does(&["/interface/set", "=.id=ether2", "=name=uplink"]).await;
    client.does(&["/ppp/aaa/set", "=use-radius=yes"]).await;
    client.does(&["/export", "=file=all", "=show-sensitive="]).await;
    let text = read_all(&mut client, "all.rsc").await;
    let expected = [
        "/interface ethernet\nset [ find default-name=ether2 ] name=uplink\n",
        "/ip pool\nadd name=home ranges=10.1.0.0/24\n",
        "add name=\"gold \\\"1\\\"\" on-up=\":log info \\\"\\$user\\\"\\r\\n# \\C3\\A9\" remote-address=home\n",
        "/ppp secret\nadd name=anna disabled=yes password=hidden profile=\"gold \\\"1\\\"\"\n",
        "/ppp aaa\nset use-radius=yes\n",
        "set [ find name=telnet ] disabled=yes\n",
        "add action=accept chain=input in-interface=ether1 src-address=!10.0.0.0/8\n",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(!text.contains("/ip address"), "what left the factory is not exported\n{text}");

    let other = router().await;
    other.router().write_file("all.rsc", text.as_bytes());
    let mut second = Client::admin(&other).await;
    second.does(&["/import", "=file-name=all.rsc"]).await;
    let (same, there) = (without_head(&text), other.router().export_text(None, true, false));
    assert_eq!(without_head(&there), same);
}

fn without_head(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn exports_hide_secrets_as_their_release_does() {
    for (release, argument, shown) in [
        ("7.18", None, false),
        ("7.18", Some("=show-sensitive="), true),
        ("6.49", None, true),
        ("6.49", Some("=hide-sensitive="), false),
    ] {
        let simulator = router_of(release).await;
        let mut client = Client::admin(&simulator).await;
        client.added(&["/ppp/secret/add", "=name=anna", "=password=hidden"]).await;
        let mut words = vec!["/export", "=file=x"];
        words.extend(argument);
        client.does(&words).await;
        let contents = client.value(&["/file/print", "?name=x.rsc"], "contents").await.unwrap();
        assert_eq!(contents.contains("hidden"), shown, "{release} {argument:?}");
    }
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.call(&["/ppp/secret/export"]).await, [["!done"]]);
    let switches = Switches { export_answers: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    assert!(client.call(&["/ppp/secret/export"]).await[0][1].starts_with("=ret=# 20"));
}

#[tokio::test]
async fn files_print_their_contents_up_to_a_size() {
    for (release, most) in [("6.49", 4096), ("7.12", 61_440)] {
        let simulator = router_of(release).await;
        simulator.router().write_file("small.txt", &vec![b'a'; most]);
        simulator.router().write_file("large.txt", &vec![b'a'; most + 1]);
        let mut client = Client::admin(&simulator).await;
        assert_eq!(
            client.value(&["/file/print", "?name=small.txt"], "contents").await.map(|text| text.len()),
            Some(most)
        );
        assert_eq!(client.value(&["/file/print", "?name=large.txt"], "contents").await, None);
        assert_eq!(client.value(&["/file/print", "?name=large.txt"], "size").await, Some((most + 1).to_string()));
    }
    let simulator = router_of("7.12").await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.refused(&["/file/read", "=file=x"]).await, "no such command", "reading in pieces came with 7.13");
    let id = client.added(&["/file/add", "=name=page.html", "=contents=<p>hello"]).await;
    assert_eq!(
        client.refused(&["/file/set", &format!("=.id={id}"), &format!("=contents={}", "x".repeat(61_441))]).await,
        "failure: contents too long"
    );
    client.does(&["/file/remove", "=.id=page.html"]).await;
    assert_eq!(client.rows(&["/file/print"]).await.len(), 0);
}

#[tokio::test]
async fn a_backup_brings_everything_back_by_a_reboot() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ppp/secret/add", "=name=anna"]).await;
    client.does(&["/system/backup/save", "=name=before", "=password=p"]).await;
    client.does(&["/ppp/secret/remove", "=.id=anna"]).await;
    client.does(&["/system/identity/set", "=name=changed"]).await;
    assert_eq!(client.refused(&["/system/backup/load", "=name=before"]).await, "missing =password=");
    assert!(
        client
            .refused(&["/system/backup/load", "=name=before", "=password=q"])
            .await
            .starts_with("failure: backup could not be loaded")
    );
    client.does(&["/system/backup/load", "=name=before", "=password=p"]).await;
    assert_eq!(client.next().await, None, "loading reboots");
    simulator.until(DEADLINE, |router| router.count("/ppp/secret") == 1).await.unwrap();
    assert_eq!(simulator.router().setting("/system/identity", "name").as_deref(), Some("MikroTik"));
}

#[tokio::test]
async fn scripts_run_and_say_what_was_wrong() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let source = "# undo of a run\n/ip pool\nadd name=a ranges=10.0.0.2-10.0.0.9; add name=\"b c\" \\\n  ranges=10.1.0.0/24\n/ppp/profile/add name=p remote-address=a\n\
        :do { /ip/pool/remove [find name=nothing]; /ip/pool/add name=a ranges=10.2.0.0/24 } on-error={ :log warning \"a was there\" }\n\
        /ip pool set [find where name~\"^b\"] name=d; /ppp profile remove [find name=p]";
    client.added(&["/system/script/add", "=name=s", &format!("=source={source}")]).await;
    client.does(&["/system/script/run", "=number=s"]).await;
    let names: Vec<_> = client.rows(&["/ip/pool/print", "=.proplist=name"]).await.concat();
    assert_eq!(names, ["=name=a", "=name=d"]);
    assert_eq!(simulator.router().count("/ppp/profile"), 2);
    assert!(simulator.router().rows("/log").iter().any(|row| row.get("message") == Some("a was there")));
    for (source, text) in [
        ("/foo add", "bad command name foo"),
        ("/ip pool add name=a", "missing =ranges="),
        ("/ip pool add name=\"a", "syntax error: expected closing quote"),
        (":error \"no\"", "no"),
        (":foreach i in=[find] do={}", "bad command name foreach (simulated scripts are simple)"),
    ] {
        client.does(&["/system/script/set", "=.id=s", &format!("=source={source}")]).await;
        assert_eq!(client.refused(&["/system/script/run", "=.id=s"]).await, text, "{source}");
    }
    // a script that calls itself ends
    client.does(&["/system/script/set", "=.id=s", "=source=/system script run s"]).await;
    assert_eq!(client.refused(&["/system/script/run", "=.id=s"]).await, "maximum script recursion depth reached");
}

#[tokio::test]
async fn jobs_run_on_time_and_at_start_up() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let undo = client
        .added(&[
            "/system/scheduler/add",
            "=name=undo",
            "=interval=10m",
            "=on-event=/system identity set name=undone; /system scheduler remove undo",
        ])
        .await;
    client
        .added(&[
            "/system/scheduler/add",
            "=name=boot",
            "=start-time=startup",
            "=on-event=/ip pool add name=boot ranges=10.0.0.1",
        ])
        .await;
    assert_eq!(client.value(&["/system/scheduler/print", "?name=undo"], "owner").await.as_deref(), Some("admin"));
    simulator.router().advance(599_000);
    assert_eq!(simulator.router().setting("/system/identity", "name").as_deref(), Some("MikroTik"));
    simulator.router().advance(2_000);
    simulator
        .until(DEADLINE, |router| router.setting("/system/identity", "name").as_deref() == Some("undone"))
        .await
        .unwrap();
    simulator.until(DEADLINE, |router| router.count("/system/scheduler") == 1).await.unwrap();
    assert!(simulator.router().find("/system/scheduler", "name", "undo").is_none(), "{undo}");
    assert_eq!(simulator.router().count("/ip/pool"), 0);
    simulator.reboot();
    simulator.until(DEADLINE, |router| router.count("/ip/pool") == 1).await.unwrap();
}

#[tokio::test]
async fn a_job_may_not_more_than_its_owner() {
    let simulator = router().await;
    let mut admin = Client::admin(&simulator).await;
    admin.added(&["/user/group/add", "=name=some", "=policy=api,read,write,policy"]).await;
    admin.added(&["/user/add", "=name=s", "=group=some"]).await;
    let mut client = Client::connect(&simulator).await;
    client.does(&["/login", "=name=s", "=password="]).await;
    assert_eq!(
        client.refused(&["/system/scheduler/add", "=name=x", "=policy=read,reboot"]).await,
        "not enough permissions (9)"
    );
    client
        .added(&[
            "/system/scheduler/add",
            "=name=x",
            "=policy=read",
            "=interval=1s",
            "=on-event=/ip pool add name=p ranges=10.0.0.1",
        ])
        .await;
    simulator.router().advance(1_000);
    simulator
        .until(DEADLINE, |router| {
            router
                .rows("/log")
                .iter()
                .any(|row| row.get("message").is_some_and(|text| text.ends_with("not enough permissions (9)")))
        })
        .await
        .unwrap();
    assert_eq!(simulator.router().count("/ip/pool"), 0);
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("router.json");
    let options = Options { state: Some(state.clone()), ..Options::default() };
    let simulator = Simulator::start(options.clone()).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ip/pool/add", "=name=home", "=ranges=10.1.0.0/24"]).await;
    client.added(&["/ppp/profile/add", "=name=gold", "=remote-address=home"]).await;
    client.send_bytes(&[b"/ppp/secret/add", b"=name=\xC0\xFF", b"=profile=gold"]).await;
    client.answer().await;
    simulator.router().insert_dynamic("/ppp/active", &[("name", "x".into())], &Actor::Test);
    drop(simulator);

    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.does(&["/ip/pool/set", "=.id=home", "=name=house"]).await;
    assert_eq!(client.value(&["/ppp/profile/print", "?name=gold"], "remote-address").await.as_deref(), Some("house"));
    client.send_bytes(&[b"/ppp/secret/print", b"=.proplist=name,profile"]).await;
    assert_eq!(client.read().await.unwrap(), [b"!re".to_vec(), b"=name=\xC0\xFF".to_vec(), b"=profile=gold".to_vec()]);
    assert_eq!(simulator.router().count("/ppp/active"), 0);
    drop(simulator);

    std::fs::write(&state, "{\"format\":1,").unwrap();
    let error = Simulator::start(Options { state: Some(state.clone()), ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("could not read the state in `{}`", state.display())), "{error}");
}

#[tokio::test]
async fn an_entry_with_a_timeout_counts_down_and_goes() {
    let options = Options { release: Release::V7_24, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ip/firewall/address-list/add", "=list=l", "=address=10.0.0.1", "=timeout=1h"]).await;
    client.added(&["/ip/firewall/address-list/add", "=list=l", "=address=10.0.0.2"]).await;
    let row = client.rows(&["/ip/firewall/address-list/print", "?dynamic=true"]).await.remove(0);
    assert!(value(&row, "timeout").unwrap().starts_with("59m5") || value(&row, "timeout").unwrap() == "1h");
    simulator.router().advance(Duration::from_secs(3601).as_millis().try_into().unwrap());
    simulator.until(DEADLINE, |router| router.count("/ip/firewall/address-list") == 1).await.unwrap();
}
