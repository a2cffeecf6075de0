//! Log-in: both forms, and how each fails.

use std::time::Duration;

use md5::{Digest, Md5};
use routeros_sim::{Options, Simulator, Switches};

use crate::client::{Client, router, router_of};

#[tokio::test]
async fn a_password_logs_in_and_a_wrong_one_says_so() {
    let options = Options { password: "right".to_owned(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let refused = client.call(&["/login", "=name=admin", "=password=wrong"]).await;
    assert_eq!(refused, [vec!["!trap", "=message=invalid user name or password (6)"], vec!["!done"]]);
    assert_eq!(client.call(&["/login", "=name=admin", "=password=right", ".tag=7"]).await, [["!done", ".tag=7"]]);
    assert_eq!(client.call(&["/system/identity/print"]).await, [vec!["!re", "=name=MikroTik"], vec!["!done"]]);
}

#[tokio::test]
async fn the_fifth_attempt_ends_the_connection() {
    let simulator = router().await;
    let mut client = Client::connect(&simulator).await;
    for _ in 0..4 {
        assert_eq!(
            client.refused(&["/login", "=name=admin", "=password=wrong"]).await,
            "invalid user name or password (6)"
        );
    }
    assert_eq!(
        client.call(&["/login", "=name=admin", "=password="]).await,
        [["!fatal", "too many commands before login"]]
    );
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn an_old_router_asks_for_the_digest() {
    let options = Options { release: "6.42".parse().unwrap(), password: "passTest".to_owned(), ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::connect(&simulator).await;
    // a client that takes any `!done` for success is not logged in
    let answer = client.call(&["/login", "=name=admin", "=password=passTest"]).await;
    assert_eq!(answer[0][0], "!done");
    assert_eq!(answer[0][1].len(), "=ret=".len() + 32);
    assert_eq!(client.refused(&["/system/identity/print"]).await, "not logged in");

    let answer = client.call(&["/login"]).await;
    let challenge = challenge_in(&answer[0][1]);
    let response = |password: &str| {
        let digest = Md5::new().chain_update([0]).chain_update(password).chain_update(&challenge).finalize();
        digest.iter().fold("=response=00".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    };
    let wrong = client.call(&["/login", "=name=admin", &response("other")]).await;
    assert_eq!(wrong, [vec!["!trap", "=message=cannot log in"], vec!["!done"]]);
    // a challenge serves once
    assert_eq!(client.refused(&["/login", "=name=admin", &response("passTest")]).await, "cannot log in");
    let answer = client.call(&["/login"]).await;
    let challenge = challenge_in(&answer[0][1]);
    let digest = Md5::new().chain_update([0]).chain_update("passTest").chain_update(&challenge).finalize();
    let response = digest.iter().fold("=response=00".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    client.does(&["/login", "=name=admin", &response]).await;
    assert_eq!(client.rows(&["/system/identity/print"]).await.len(), 1);
}

fn challenge_in(word: &str) -> Vec<u8> {
    let digits = word.strip_prefix("=ret=").unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[tokio::test]
async fn newer_routers_take_the_challenge_too_unless_told_otherwise() {
    let simulator = router_of("6.49").await;
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.call(&["/login"]).await[0][1].len(), "=ret=".len() + 32);
    let switches = Switches { late_challenge: false, ..Switches::default() };
    let simulator = Simulator::start(Options { switches, ..Options::default() }).await.unwrap();
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.refused(&["/login"]).await, "invalid user name or password (6)");
}

#[tokio::test]
async fn nothing_is_answered_before_log_in() {
    let simulator = router().await;
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.refused(&["/ppp/secret/print"]).await, "not logged in");
    // sentences before log-in are small
    let mut client = Client::connect(&simulator).await;
    client.send(&["/login", &format!("=name={}", "x".repeat(5000))]).await;
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn users_disabled_of_other_networks_or_without_the_policy_stay_out() {
    let simulator = router().await;
    let mut admin = Client::admin(&simulator).await;
    admin.added(&["/user/group/add", "=name=no-api", "=policy=read,write"]).await;
    for user in [
        &["/user/add", "=name=a", "=group=full", "=disabled=yes"][..],
        &["/user/add", "=name=b", "=group=full", "=address=10.0.0.0/8"],
        &["/user/add", "=name=c", "=group=no-api"],
    ] {
        admin.added(user).await;
    }
    for name in ["a", "b", "c"] {
        let mut client = Client::connect(&simulator).await;
        let text = client.refused(&["/login", &format!("=name={name}"), "=password="]).await;
        assert_eq!(text, "invalid user name or password (6)");
    }
}

#[tokio::test]
async fn quit_ends_with_a_bare_word() {
    let simulator = router().await;
    let mut client = Client::admin(&simulator).await;
    assert_eq!(client.call(&["/quit"]).await, [["!fatal", "session terminated on request"]]);
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn the_last_user_of_group_full_stays_and_keeps_his_rights() {
    let simulator = router().await;
    let mut admin = Client::admin(&simulator).await;
    let text = "failure: the last user of group full must stay";
    for words in [
        &["/user/remove", "=.id=admin"][..],
        &["/user/set", "=.id=admin", "=group=read"],
        &["/user/set", "=.id=admin", "=disabled=yes"],
        &["/user/disable", "=.id=admin"],
    ] {
        assert_eq!(admin.refused(words).await, text, "{words:?}");
    }
    admin.added(&["/user/add", "=name=other", "=group=full"]).await;
    admin.does(&["/user/set", "=.id=admin", "=group=read"]).await;
    // rights are gone at once
    assert_eq!(admin.refused(&["/ip/pool/add", "=name=p", "=ranges=10.0.0.1"]).await, "not enough permissions (9)");
}

#[tokio::test]
async fn who_is_removed_is_logged_out() {
    let simulator = router().await;
    let mut admin = Client::admin(&simulator).await;
    admin.added(&["/user/add", "=name=b", "=group=full"]).await;
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let mut client = Client::connect(&simulator).await;
        client.does(&["/login", "=name=b", "=password="]).await;
        sessions.push(client);
    }
    admin.does(&["/user/remove", "=.id=b"]).await;
    for mut client in sessions {
        assert_eq!(client.next().await, None);
    }
    admin.added(&["/user/add", "=name=c", "=group=full"]).await;
    admin.does(&["/user/remove", "=.id=admin"]).await;
    assert_eq!(admin.next().await, None);
}

#[tokio::test]
async fn who_does_not_log_in_takes_no_session_and_is_shown_out() {
    let log_in_within = Duration::from_secs(1);
    let simulator = Simulator::start(Options { log_in_within, ..Options::default() }).await.unwrap();
    let mut admin = Client::admin(&simulator).await;
    admin.does(&["/ip/service/set", "=.id=api", "=max-sessions=2"]).await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(Client::connect(&simulator).await);
    }
    let mut second = Client::admin(&simulator).await;
    for client in &mut idle {
        assert_eq!(client.next().await, None, "closed after the time for logging in");
    }
    let mut third = Client::connect(&simulator).await;
    assert_eq!(third.next().await, None, "two have logged in");
    assert_eq!(second.rows(&["/system/identity/print"]).await.len(), 1, "who has logged in stays");
}
