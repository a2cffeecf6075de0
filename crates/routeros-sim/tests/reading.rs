//! `print` and its queries, `get`, `listen`, tags and `/cancel`.

use routeros_sim::{Actor, Options, Seeds, Simulator, Switches};

use crate::client::{Client, router, router_of, value};

async fn seeded(secrets: u32) -> Simulator {
    let seeds = Seeds { secrets, profiles: 3, pools: 2, active: 0 };
    Simulator::start(Options { seeds, ..Options::default() }).await.unwrap()
}

#[tokio::test]
async fn a_secret_prints_as_on_a_router() {
    let simulator = seeded(2).await;
    let mut client = Client::admin(&simulator).await;
    let answer = client.call(&["/ppp/secret/print", "?name=customer-000001", ".tag=a"]).await;
    let mut row = answer[0].clone();
    assert_eq!(row[..3], ["!re", ".tag=a", "=.id=*1"]);
    row[3..].sort();
    let expected = [
        "=caller-id=",
        "=disabled=false",
        "=ipv6-routes=",
        "=last-caller-id=",
        "=last-disconnect-reason=",
        "=last-logged-out=",
        "=limit-bytes-in=0",
        "=limit-bytes-out=0",
        "=name=customer-000001",
        "=password=secret-000001",
        "=profile=package-2",
        "=routes=",
        "=service=pppoe",
    ];
    assert_eq!(row[3..], expected);
    assert_eq!(answer[1..], [["!done", ".tag=a"]]);
    let same = client.rows(&["/ppp/secret/getall", "?.id=*1", "=.proplist=name,comment,.id"]).await;
    assert_eq!(same, [["=.id=*1", "=name=customer-000001"]]);
    assert_eq!(client.call(&["/ppp/secret/print", "=count-only="]).await, [["!done", "=ret=2"]]);
    assert_eq!(client.call(&["/ppp/secret/print", "=count-only=", "?name=nobody"]).await, [["!done", "=ret=0"]]);
    assert_eq!(
        client.call(&["/ppp/secret/get", "=.id=*2", "=value-name=name"]).await,
        [["!done", "=ret=customer-000002"]]
    );
    assert_eq!(client.call(&["/ppp/secret/find", "?profile=package-3"]).await, [["!done", "=ret=*2"]]);
}

#[tokio::test]
async fn nothing_found_is_said_as_the_release_says_it() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.call(&["/ppp/secret/print", ".tag=1"]).await, [["!empty", ".tag=1"], ["!done", ".tag=1"]]);
    let simulator = router_of("7.12").await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.call(&["/ppp/secret/print"]).await, [["!done"]]);
}

#[tokio::test]
async fn a_property_that_nobody_has_leaves_empty_rows() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let answer = client.call(&["/ip/service/print", "=.proplist=comment"]).await;
    assert_eq!(answer.len(), 9);
    assert!(answer[..8].iter().all(|row| *row == ["!re"]), "{answer:?}");
}

#[tokio::test]
async fn queries_choose_rows() {
    let simulator = seeded(50).await;
    let mut client = Client::admin(&simulator).await;
    let mut count = async |words: &[&str]| {
        let mut all = vec!["/ppp/secret/print", "=.proplist=name"];
        all.extend(words);
        client.rows(&all).await.len()
    };
    assert_eq!(count(&["?profile=package-1"]).await, 16);
    assert_eq!(count(&["?profile=package-1", "?profile=package-2", "?#|"]).await, 33);
    assert_eq!(count(&["?profile=package-1", "?#!"]).await, 34);
    assert_eq!(count(&["?disabled=false"]).await, 50);
    assert_eq!(count(&["?disabled=no"]).await, 0);
    assert_eq!(count(&["?>.id=*30"]).await, 2);
    assert_eq!(count(&["?comment"]).await, 0);
    assert_eq!(count(&["?-comment"]).await, 50);
    let switches = Switches { yes_in_queries: true, ..Switches::default() };
    let seeds = Seeds { secrets: 5, ..Seeds::default() };
    let simulator = Simulator::start(Options { switches, seeds, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.rows(&["/ppp/secret/print", "?disabled=no"]).await.len(), 5);
}

#[tokio::test]
async fn long_prints_of_two_tags_interleave_and_a_short_one_overtakes() {
    let simulator = seeded(20_000).await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/ppp/secret/print", ".tag=a"]).await;
    client.send(&["/ppp/secret/print", ".tag=b"]).await;
    client.send(&["/system/identity/print", ".tag=c"]).await;
    let mut order: Vec<String> = Vec::new();
    let mut rows = [0, 0];
    while rows != [20_000, 20_000] || order.iter().filter(|end| end.starts_with("!done")).count() < 3 {
        let sentence = client.next().await.unwrap();
        match (sentence[0].as_str(), sentence[1].as_str()) {
            ("!re", ".tag=a") => rows[0] += 1,
            ("!re", ".tag=b") => rows[1] += 1,
            ("!done", tag) => order.push(format!("!done {tag}")),
            _ => {}
        }
        if sentence[1] == ".tag=b" && rows[1] == 1 {
            assert!(rows[0] < 20_000, "the second print waited for the first");
        }
    }
    assert_eq!(order[0], "!done .tag=c");
}

#[tokio::test]
async fn commands_without_a_tag_are_answered_one_after_the_other() {
    let simulator = seeded(5_000).await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/ppp/secret/print", "=.proplist=name"]).await;
    client.send(&["/system/identity/print"]).await;
    assert_eq!(client.answer().await.len(), 5_001);
    assert_eq!(client.answer().await[0], ["!re", "=name=MikroTik"]);
}

#[tokio::test]
async fn a_print_shows_the_table_as_it_was() {
    let simulator = seeded(30_000).await;
    let mut reader = Client::admin(&simulator).await;
    let mut writer = Client::admin(&simulator).await;
    reader.send(&["/ppp/secret/print", "=.proplist=name", ".tag=long"]).await;
    assert_eq!(reader.next().await.unwrap()[2], "=name=customer-000001");
    writer.does(&["/ppp/secret/remove", "=.id=*7530"]).await;
    writer.added(&["/ppp/secret/add", "=name=late"]).await;
    let mut names = vec![];
    while let Some(sentence) = reader.next().await.filter(|sentence| sentence[0] == "!re") {
        names.push(sentence[2].clone());
    }
    assert_eq!(names.len(), 29_999);
    assert_eq!(names.last().unwrap(), "=name=customer-030000");
    assert!(names.contains(&format!("=name=customer-{:06}", 0x7530)));
}

#[tokio::test]
async fn cancel_interrupts_in_the_order_of_a_router() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/log/listen", ".tag=x"]).await;
    client.send(&["/interface/listen", ".tag=y"]).await;
    client.send(&["/cancel", "=tag=x", ".tag=z"]).await;
    assert_eq!(client.next().await.unwrap(), ["!trap", ".tag=x", "=category=2", "=message=interrupted"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=z"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=x"]);
    client.send(&["/cancel", ".tag=all"]).await;
    assert_eq!(client.next().await.unwrap(), ["!trap", ".tag=y", "=category=2", "=message=interrupted"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=all"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=y"]);
}

#[tokio::test]
async fn a_long_print_can_be_cancelled() {
    let simulator = seeded(100_000).await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/ppp/secret/print", ".tag=long"]).await;
    client.send(&["/cancel", "=tag=long", ".tag=c"]).await;
    let mut rows = 0;
    loop {
        let sentence = client.next().await.unwrap();
        if sentence[0] != "!re" {
            assert_eq!(sentence, ["!trap", ".tag=long", "=category=2", "=message=interrupted"]);
            break;
        }
        rows += 1;
    }
    assert!(rows < 100_000);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=c"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=long"]);
}

#[tokio::test]
async fn listen_tells_every_change_and_removal_as_dead() {
    let simulator = router().await;
    let mut listener = Client::admin(&simulator).await;
    let mut other = Client::admin(&simulator).await;
    listener.send(&["/ip/pool/listen", ".tag=l"]).await;
    // the listener is heard before the change, since one connection's commands run in order
    listener.does(&["/login", "=name=admin", "=password="]).await;
    let id = other.added(&["/ip/pool/add", "=name=p", "=ranges=10.0.0.2-10.0.0.9"]).await;
    let added = listener.next().await.unwrap();
    assert_eq!(added[..2], ["!re", ".tag=l"]);
    assert_eq!(value(&added, "name").as_deref(), Some("p"));
    other.does(&["/ip/pool/set", &format!("=.id={id}"), "=name=q"]).await;
    assert_eq!(value(&listener.next().await.unwrap(), "name").as_deref(), Some("q"));
    other.does(&["/ip/pool/remove", &format!("=.id={id}")]).await;
    assert_eq!(listener.next().await.unwrap(), ["!re", ".tag=l", &format!("=.id={id}"), "=.dead=true"]);
}

#[tokio::test]
async fn follow_prints_what_is_there_first() {
    let simulator = seeded(2).await;
    let mut client = Client::admin(&simulator).await;
    client.send(&["/ppp/profile/print", "=follow=", "=.proplist=name", ".tag=f"]).await;
    for name in ["default", "default-encryption", "package-1", "package-2", "package-3"] {
        assert_eq!(client.next().await.unwrap(), ["!re", ".tag=f", &format!("=name={name}")]);
    }
    assert_eq!(client.refused(&["/ppp/aaa/print", "=follow-only="]).await, "unknown parameter follow-only");
    assert_eq!(client.refused(&["/interface/l2tp-server/server/print", "=detail="]).await, "unknown parameter detail");
}

#[tokio::test]
async fn the_tag_can_stand_last() {
    let switches = Switches { tag_last: true, empty_after_writes: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let answer = client.call(&["/system/identity/print", ".tag=t"]).await;
    assert_eq!(answer, [vec!["!re", "=name=MikroTik", ".tag=t"], vec!["!done", ".tag=t"]]);
    assert_eq!(client.call(&["/system/identity/set", "=name=x"]).await, [["!empty"], ["!done"]]);
}

#[tokio::test]
async fn values_are_bytes() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let name = [b"=name=".as_slice(), &[0xC0, 0xE8, b'=', b'\r', b'\n', 0, 0xFF]].concat();
    client.send_bytes(&[b"/ppp/secret/add", &name]).await;
    assert_eq!(client.answer().await[0][0], "!done");
    client.send_bytes(&[b"/ppp/secret/print", b"=.proplist=name"]).await;
    assert_eq!(client.read().await.unwrap(), [b"!re".to_vec(), name]);
}

#[tokio::test]
async fn the_profiles_of_the_factory_have_the_ids_of_routers() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let rows = client.rows(&["/ppp/profile/print", "=.proplist=.id,name"]).await;
    assert_eq!(rows, [["=.id=*0", "=name=default"], ["=.id=*FFFFFFFE", "=name=default-encryption"]]);
    assert_eq!(client.added(&["/ppp/profile/add", "=name=p"]).await, "*1");
    client.added(&["/ppp/secret/add", "=name=a", "=profile=*0"]).await;
    assert_eq!(client.value(&["/ppp/secret/print"], "profile").await.as_deref(), Some("default"));
}

#[tokio::test]
async fn a_listener_with_too_much_unread_is_told_that_it_was_interrupted() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ip/pool/add", "=name=p", "=ranges=10.0.0.1"]).await;
    client.send(&["/ip/pool/listen", ".tag=l"]).await;
    // heard before the changes, since one connection's commands run in order
    client.does(&["/login", "=name=admin", "=password="]).await;
    {
        let mut router = simulator.router();
        for number in 0..10_002_u64 {
            router.set_values("/ip/pool", 1, &[("comment", number.into())], &Actor::Test);
        }
    }
    let mut changes = 0;
    let last = loop {
        let sentence = client.next().await.unwrap();
        if sentence[0] != "!re" {
            break sentence;
        }
        changes += 1;
    };
    assert_eq!(changes, 10_000);
    assert_eq!(last, ["!trap", ".tag=l", "=category=2", "=message=interrupted"]);
    assert_eq!(client.next().await.unwrap(), ["!done", ".tag=l"]);
}
