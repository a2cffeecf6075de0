//! Changing items: what is taken, what is refused, and with which words.

use routeros_sim::{Options, Simulator, Switches};

use crate::client::{Client, router, router_of, value};

#[tokio::test]
async fn add_set_unset_disable_and_remove() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let id = client.added(&["/ppp/secret/add", "=name=anna", "=remote-address=10.0.0.7", "=comment=house 3"]).await;
    assert_eq!(id, "*1");
    let print = ["/ppp/secret/print", "?name=anna"];
    assert_eq!(client.value(&print, "remote-address").await.as_deref(), Some("10.0.0.7"));
    client.does(&["/ppp/secret/set", "=.id=anna", "=name=anne", "=comment="]).await;
    let print = ["/ppp/secret/print", "?name=anne"];
    assert_eq!(client.value(&print, "comment").await, None);
    client.does(&["/ppp/secret/unset", "=.id=*1", "=value-name=remote-address"]).await;
    assert_eq!(client.value(&print, "remote-address").await, None);
    client.does(&["/ppp/secret/disable", "=numbers=*1"]).await;
    assert_eq!(client.value(&print, "disabled").await.as_deref(), Some("true"));
    client.does(&["/ppp/secret/set", "=.id=*1", "=disabled=false"]).await;
    client.does(&["/ppp/secret/comment", "=.id=*1", "=comment=x"]).await;
    assert_eq!(client.value(&print, "comment").await.as_deref(), Some("x"));
    assert_eq!(client.added(&["/ppp/secret/add", "=name=bert", "=copy-from=*1"]).await, "*2");
    client.does(&["/ppp/secret/remove", "=.id=*1,*2"]).await;
    assert_eq!(client.rows(&["/ppp/secret/print"]).await.len(), 0);
    assert_eq!(client.added(&["/ppp/secret/add", "=name=carl"]).await, "*3", "an id is never given twice");
}

#[tokio::test]
async fn refusals_use_the_router_s_words() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/ppp/secret/add", "=name=anna"]).await;
    client.added(&["/ip/pool/add", "=name=p", "=ranges=10.0.0.2-10.0.0.9"]).await;
    client.added(&["/ip/hotspot/user/add", "=name=h"]).await;
    let cases: &[(&[&str], &str)] = &[
        (&["/foo/bar/print"], "no such command or directory (foo)"),
        (&["/ppp/secrets/print"], "no such command or directory (secrets)"),
        (&["/ppp/secret/prind"], "no such command"),
        (&["/ppp/secret/add", "=name=x", "=wrong=1"], "unknown parameter wrong"),
        (&["/ppp/secret/print", "=wrong="], "unknown parameter wrong"),
        (&["/ppp/secret/add"], "missing =name="),
        (&["/ppp/secret/remove"], "missing =.id="),
        (&["/ppp/secret/remove", "=.id=*77"], "no such item (4)"),
        (&["/ppp/secret/add", "=name=x", "=profile=nothing"], "input does not match any value of profile"),
        (&["/ppp/secret/add", "=name=x", "=service=ppp"], "input does not match any value of service"),
        (&["/ppp/secret/add", "=name=x", "=disabled=maybe"], "input does not match any value of disabled"),
        (&["/ppp/secret/add", "=name=x", "=remote-address=10.0.0"], "invalid value for argument remote-address"),
        (&["/ppp/profile/add", "=name=x", "=remote-address=nowhere"], "invalid value for argument address"),
        (&["/radius/add", "=address=nowhere"], "invalid value for argument ipv6-address"),
        (
            &["/radius/add", "=authentication-port=abc"],
            "invalid value abc for authentication-port, an integer required",
        ),
        (&["/radius/add", "=authentication-port=70000"], "value of authentication-port out of range (0..65535)"),
        (&["/radius/add", "=timeout=2m"], "value of timeout out of range (10ms..1m)"),
        (&["/ip/pool/add", "=name=q", "=ranges=abc"], "value of range expects range of ip addresses"),
        (&["/ip/pool/add", "=name=q", "=ranges=x-10.0.0.1"], "value of range must have ip address before '-'"),
        (&["/ip/pool/add", "=name=q", "=ranges=10.0.0.1-x"], "value of range must have ip address after '-'"),
        (&["/ip/hotspot/user/add", "=name=x", "=mac-address=zz"], "invalid value of mac, mac address required"),
        (&["/ppp/secret/add", "=name=anna"], "failure: secret with the same name already exists"),
        (&["/ip/pool/add", "=name=p", "=ranges=10.0.0.2-10.0.0.9"], "failure: pool with such name exists"),
        (&["/ip/hotspot/user/add", "=name=h"], "failure: already have user with this name for this server"),
        (&["/interface/bridge/add", "=name=ether1"], "failure: already have interface with such name"),
        (&["/ip/address/add", "=address=192.168.88.1/24", "=interface=ether1"], "failure: already have such address"),
        (&["/ppp/profile/remove", "=.id=default"], "can not remove default profile"),
        (&["/user/group/remove", "=.id=full"], "failure: group has some users"),
        (&["/queue/simple/move", "=numbers=*1"], "no such item (4)"),
    ];
    for (words, text) in cases {
        assert_eq!(client.refused(words).await, *text, "{words:?}");
    }
    assert_eq!(
        client.call(&["/ppp/secret/remove", "=.id=*77"]).await[0],
        ["!trap", "=category=0", "=message=no such item (4)"]
    );
    let failure = client.call(&["/ppp/secret/add", "=name=anna"]).await;
    assert_eq!(failure[0], ["!trap", "=message=failure: secret with the same name already exists"]);
    assert_eq!(client.rows(&["/ppp/secret/print"]).await.len(), 1, "nothing refused was stored");
}

#[tokio::test]
async fn releases_know_their_own_arguments_only() {
    for (release, words, text) in [
        ("7.14", &["/radius/add", "=require-message-auth=no"][..], Some("unknown parameter require-message-auth")),
        ("7.15", &["/radius/add", "=require-message-auth=no"], None),
        ("6.49", &["/ppp/secret/add", "=name=x", "=wrong=1"], Some("unknown parameter")),
        ("6.49", &["/foo/print"], Some("no such command prefix")),
        ("6.49", &["/interface/wireguard/add"], Some("no such command prefix")),
        ("6.49", &["/system/ntp/client/set", "=servers=1.1.1.1"], Some("unknown parameter")),
        ("6.49", &["/system/ntp/client/set", "=primary-ntp=1.1.1.1"], None),
        ("7.24", &["/ping", "=address=127.0.0.1"], Some("no such command or directory (ping)")),
        ("7.24", &["/ppp/secret/remove", "=.id=*9"], Some("no such item")),
        ("7.24", &["/ppp/secret/print", "=show-sensitive="], None),
        ("7.18", &["/ppp/secret/print", "=show-sensitive="], Some("unknown parameter show-sensitive")),
        ("6.49", &["/export", "=show-sensitive="], Some("unknown parameter")),
        ("6.49", &["/ppp/secret/export", "=hide-sensitive="], None),
        ("7.12", &["/ip/pool/print", "=group-by=name"], Some("unknown parameter group-by")),
        ("7.18", &["/export", "=path=/ip"], Some("unknown parameter path")),
        ("7.24", &["/ppp/secret/export", "=path="], None),
        ("7.12", &["/export", "=where="], Some("unknown parameter where")),
        ("7.12", &["/import", "=dry-run="], Some("unknown parameter dry-run")),
        ("7.12", &["/tool/fetch", "=http-auth-scheme=basic"], Some("unknown parameter http-auth-scheme")),
        ("7.12", &["/file/set", "=.id=*1", "=name=x"], Some("unknown parameter name")),
        (
            "7.18",
            &["/interface/monitor-traffic", "=freeze-frame-interval=1"],
            Some("unknown parameter freeze-frame-interval"),
        ),
        ("7.24", &["/ip/firewall/connection/listen"], Some("unknown parameter follow-only")),
    ] {
        let simulator = router_of(release).await;
        let mut client = Client::admin(&simulator).await;
        let answer = client.call(words).await;
        let said = answer[0].iter().find_map(|word| word.strip_prefix("=message="));
        assert_eq!(said, text, "{release} {words:?} {answer:?}");
    }
}

#[tokio::test]
async fn references_are_kept_by_id() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let pool = client.added(&["/ip/pool/add", "=name=home", "=ranges=10.1.0.0/24"]).await;
    client.added(&["/ppp/profile/add", "=name=gold", "=remote-address=home"]).await;
    client.added(&["/ppp/secret/add", "=name=anna", "=profile=gold"]).await;
    client.does(&["/ip/pool/set", "=.id=home", "=name=house"]).await;
    client.does(&["/ppp/profile/set", "=.id=gold", "=name=platinum"]).await;
    assert_eq!(
        client.value(&["/ppp/profile/print", "?name=platinum"], "remote-address").await.as_deref(),
        Some("house")
    );
    assert_eq!(client.value(&["/ppp/secret/print"], "profile").await.as_deref(), Some("platinum"));
    client.does(&["/ip/pool/remove", &format!("=.id={pool}")]).await;
    assert_eq!(client.value(&["/ppp/profile/print", "?name=platinum"], "remote-address").await, Some(pool.clone()));
    client.added(&["/ip/pool/add", "=name=house", "=ranges=10.1.0.0/24"]).await;
    assert_eq!(
        client.value(&["/ppp/profile/print", "?name=platinum"], "remote-address").await,
        Some(pool),
        "a new one of that name is another one"
    );
}

#[tokio::test]
async fn order_can_be_changed_where_it_matters() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    for name in ["a", "b", "c"] {
        client.added(&["/ip/firewall/filter/add", "=chain=input", "=action=accept", &format!("=comment={name}")]).await;
    }
    client.added(&["/ip/firewall/filter/add", "=chain=input", "=comment=first", "=place-before=*1"]).await;
    client.does(&["/ip/firewall/filter/move", "=numbers=*3", "=destination=*2"]).await;
    client.does(&["/ip/firewall/filter/move", "=numbers=*1", "=destination=*99"]).await;
    let rows = client.rows(&["/ip/firewall/filter/print", "=.proplist=comment"]).await;
    let order: Vec<_> = rows.iter().filter_map(|row| value(row, "comment")).collect();
    assert_eq!(order, ["first", "c", "b", "a"]);
    assert_eq!(
        client.refused(&["/ip/firewall/filter/move", "=numbers=*2", "=destination=*2"]).await,
        "failure: can not move object before itself"
    );
    assert_eq!(
        client.refused(&["/ip/firewall/filter/set", "=.id=*2", "=place-before=*1"]).await,
        "unknown parameter place-before"
    );
    // disabled, log and log-prefix of a rule are absent until they were written
    let rows = client.rows(&["/ip/firewall/filter/print", "?disabled=false"]).await;
    assert_eq!(rows.len(), 0);
    client.does(&["/ip/firewall/filter/set", "=.id=*2", "=disabled=no"]).await;
    assert_eq!(client.rows(&["/ip/firewall/filter/print", "?disabled=false"]).await.len(), 1);
}

#[tokio::test]
async fn interfaces_stand_in_both_menus_under_one_id() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let id = client.added(&["/interface/bridge/add", "=name=lan"]).await;
    client.added(&["/ip/address/add", "=address=10.5.0.1/24", "=interface=lan"]).await;
    client.does(&["/interface/set", &format!("=.id={id}"), "=name=home", "=comment=x"]).await;
    assert_eq!(client.value(&["/interface/bridge/print"], "name").await.as_deref(), Some("home"));
    assert_eq!(client.value(&["/ip/address/print", "?network=10.5.0.0"], "interface").await.as_deref(), Some("home"));
    assert_eq!(client.value(&["/interface/print", "?name=home"], "type").await.as_deref(), Some("bridge"));
    client.does(&["/interface/bridge/remove", "=.id=home"]).await;
    assert_eq!(client.rows(&["/interface/print", "?name=home"]).await.len(), 0);
    assert_eq!(client.value(&["/ip/address/print", "?network=10.5.0.0"], "invalid").await.as_deref(), Some("true"));
}

#[tokio::test]
async fn forms_are_normalised() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/system/scheduler/add", "=name=s", "=interval=1:30:00"]).await;
    assert_eq!(client.value(&["/system/scheduler/print"], "interval").await.as_deref(), Some("1h30m"));
    client.added(&["/queue/simple/add", "=name=q", "=target=10.0.0.5", "=max-limit=5M/512k"]).await;
    let row = client.rows(&["/queue/simple/print"]).await.remove(0);
    assert_eq!(value(&row, "max-limit").as_deref(), Some("5000000/512000"));
    assert_eq!(value(&row, "target").as_deref(), Some("10.0.0.5/32"));
    client.added(&["/ip/hotspot/user/add", "=name=h", "=mac-address=aa-bb-cc-dd-ee-0f", "=limit-bytes-total=1G"]).await;
    let row = client.rows(&["/ip/hotspot/user/print", "?name=h"]).await.remove(0);
    assert_eq!(value(&row, "mac-address").as_deref(), Some("AA:BB:CC:DD:EE:0F"));
    assert_eq!(value(&row, "limit-bytes-total").as_deref(), Some("1073741824"));
    client.does(&["/ppp/aaa/set", "=use-radius=yes", "=interim-update=300"]).await;
    let aaa = client.rows(&["/ppp/aaa/print"]).await.remove(0);
    assert_eq!(value(&aaa, "use-radius").as_deref(), Some("true"));
    assert_eq!(value(&aaa, "interim-update").as_deref(), Some("5m"));
}

#[tokio::test]
async fn abbreviations_are_a_question() {
    let add = ["/ppp/secret/add", "=name=a", "=service=ppp"];
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.refused(&add).await, "input does not match any value of service");
    let reference = ["/ppp/secret/add", "=name=a", "=profile=def"];
    let several = "ambiguous value of profile, more than one possible value matches input";
    assert_eq!(client.refused(&reference).await, several);
    let switches = Switches { abbreviations: true, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    client.added(&add).await;
    assert_eq!(client.value(&["/ppp/secret/print"], "service").await.as_deref(), Some("pppoe"));
    client.does(&["/ppp/secret/set", "=.id=a", "=profile=default-"]).await;
    assert_eq!(client.value(&["/ppp/secret/print"], "profile").await.as_deref(), Some("default-encryption"));
    assert_eq!(client.refused(&["/ppp/secret/set", "=.id=a", "=profile=def"]).await, several);
}

#[tokio::test]
async fn policies_are_needed() {
    let simulator = router().await;
    let mut admin = Client::admin(&simulator).await;
    admin.added(&["/user/group/add", "=name=watch", "=policy=api,read"]).await;
    admin.added(&["/user/add", "=name=w", "=group=watch"]).await;
    admin.added(&["/ppp/secret/add", "=name=anna", "=password=hidden"]).await;
    let mut client = Client::connect(&simulator).await;
    client.does(&["/login", "=name=w", "=password="]).await;
    for words in [
        &["/ppp/secret/add", "=name=x"][..],
        &["/user/remove", "=.id=admin"],
        &["/system/reboot"],
        &["/file/remove", "=.id=*1"],
        &["/tool/ping", "=address=127.0.0.1"],
    ] {
        assert_eq!(client.refused(words).await, "not enough permissions (9)", "{words:?}");
    }
    assert_eq!(client.value(&["/ppp/secret/print"], "password").await, None);
    assert_eq!(admin.value(&["/ppp/secret/print"], "password").await.as_deref(), Some("hidden"));
    assert_eq!(admin.value(&["/user/print", "?name=w"], "password").await, None, "nobody sees a user's password");
}

#[tokio::test]
async fn who_may_not_see_secrets_cannot_ask_for_them_either() {
    let simulator = router().await;
    let mut admin = Client::admin(&simulator).await;
    admin.added(&["/user/group/add", "=name=watch", "=policy=api,read,write"]).await;
    admin.added(&["/user/add", "=name=w", "=group=watch"]).await;
    admin.added(&["/ppp/secret/add", "=name=anna", "=password=hidden"]).await;
    let mut client = Client::connect(&simulator).await;
    client.does(&["/login", "=name=w", "=password="]).await;
    for query in ["?password=hidden", "?=password=hidden", "?>password=a", "?<password=z", "?password"] {
        assert_eq!(client.rows(&["/ppp/secret/print", query]).await.len(), 0, "{query}");
        assert_eq!(client.call(&["/ppp/secret/print", "=count-only=", query]).await, [["!done", "=ret=0"]], "{query}");
        assert_eq!(admin.rows(&["/ppp/secret/print", query]).await.len(), 1, "{query}");
    }
    assert_eq!(client.rows(&["/ppp/secret/print", "?-password"]).await.len(), 1);
    assert_eq!(client.call(&["/ppp/secret/find", "?password=hidden"]).await, [["!done", "=ret="]]);
    let get = ["/ppp/secret/get", "=.id=anna", "=value-name=password"];
    assert_eq!(client.refused(&get).await, "not enough permissions (9)");
    assert_eq!(admin.call(&get).await, [["!done", "=ret=hidden"]]);
    client.call(&["/execute", "=script=/ppp secret set [find password=hidden] comment=known"]).await;
    assert_eq!(admin.value(&["/ppp/secret/print"], "comment").await, None);
    let said = simulator.commands().iter().any(|command| command.words.iter().any(|word| word.contains("hidden")));
    assert!(!said, "the journal shows no secret, wherever it stands");
}

#[tokio::test]
async fn the_ovpn_server_is_one_thing_up_to_7_16_and_a_list_from_7_17_on() {
    let simulator = router_of("7.16.2").await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/interface/ovpn-server/server/set", "=enabled=yes"]).await;
    let row = client.rows(&["/interface/ovpn-server/server/print"]).await.remove(0);
    assert!(row.contains(&"=enabled=true".to_owned()) && !row.iter().any(|word| word.starts_with("=.id=")), "{row:?}");
    let detail = ["/interface/ovpn-server/server/print", "=detail="];
    assert_eq!(client.refused(&detail).await, "unknown parameter detail");
    assert_eq!(client.refused(&["/interface/ovpn-server/server/add"]).await, "no such command");
    let simulator = router_of("7.17").await;
    let mut client = Client::admin(&simulator).await;
    client.added(&["/interface/ovpn-server/server/add", "=name=o", "=disabled=no"]).await;
    assert_eq!(client.rows(&detail).await.len(), 1);
}

#[tokio::test]
async fn what_has_no_follow_only_cannot_be_listened_to() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    for menu in ["/system/identity", "/ppp/aaa", "/interface/l2tp-server/server"] {
        let listen = format!("{menu}/listen");
        assert_eq!(client.refused(&[&listen]).await, "unknown parameter follow-only", "{menu}");
        assert_eq!(client.rows(&[&format!("{menu}/getall")]).await.len(), 1, "{menu}");
    }
}

#[tokio::test]
async fn counters_are_set_back_of_chosen_items() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    client.does(&["/interface/reset-counters", "=numbers=ether1,ether2"]).await;
    client.does(&["/interface/reset-counters", "=.id=ether1"]).await;
    assert_eq!(client.refused(&["/interface/reset-counters"]).await, "missing =.id=");
    client.does(&["/radius/reset-counters"]).await;
    assert_eq!(client.refused(&["/radius/reset-counters", "=numbers=*1"]).await, "unknown parameter numbers");
    client.does(&["/queue/simple/reset-counters-all"]).await;
}

#[tokio::test]
async fn late_6_49_knows_require_message_auth() {
    let set = ["/radius/add", "=service=ppp", "=address=127.0.0.1", "=require-message-auth=no"];
    let simulator = router_of("6.49.17").await;
    Client::admin(&simulator).await.added(&set).await;
    let simulator = router_of("6.49.10").await;
    assert_eq!(Client::admin(&simulator).await.refused(&set).await, "unknown parameter");
}

#[tokio::test]
async fn values_are_of_their_kind() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    let rule = ["/ip/firewall/filter/add", "=chain=forward", "=action=accept"];
    for (words, text) in [
        (
            &["/queue/simple/add", "=target=10.0.0.1", "=priority=300"][..],
            Some("value of priority out of range (1..8)"),
        ),
        (&["/queue/simple/add", "=target=10.0.0.1", "=priority=1/8"], None),
        (&["/ppp/profile/add", "=name=a", "=rate-limit=garbage"], Some("invalid value for argument rate-limit")),
        (&["/ppp/profile/add", "=name=a", "=rate-limit=5M/5M 10M/10M 4M/4M 10/10 8 1M/1M"], None),
        (&["/ip/hotspot/user/profile/add", "=name=a", "=rate-limit=x"], Some("invalid value for argument rate-limit")),
        (&[rule[0], rule[1], rule[2], "=in-bridge-port=all-vlan"], None),
        (&[rule[0], rule[1], rule[2], "=out-bridge-port=!all-ppp"], None),
        (&[rule[0], rule[1], rule[2], "=connection-type=sip"], None),
        (&[rule[0], rule[1], rule[2], "=connection-type=x"], Some("input does not match any value of connection-type")),
        (&[rule[0], rule[1], rule[2], "=protocol=tcp", "=tcp-flags=syn,!ack"], None),
        (&[rule[0], rule[1], rule[2], "=tcp-flags=x"], Some("input does not match any value of tcp-flags")),
        (&[rule[0], rule[1], rule[2], "=ipsec-policy=in,none"], None),
    ] {
        let answer = client.call(words).await;
        let said = answer[0].iter().find_map(|word| word.strip_prefix("=message="));
        assert_eq!(said, text, "{words:?} {answer:?}");
    }
    let flags = client.value(&["/ip/firewall/filter/print", "?tcp-flags"], "tcp-flags").await;
    assert_eq!(flags.as_deref(), Some("syn,!ack"));
}
