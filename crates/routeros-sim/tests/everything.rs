//! Every command of every menu of four releases, with and without arguments: each is answered, whatever it is given.

use std::fmt::Write;

use routeros_sim::{Options, Release, Schema, Seeds, Simulator};

use crate::client::Client;

/// Commands after which this test's own connection is gone.
const ENDING: [&str; 4] = ["/system/reboot", "/system/shutdown", "/user/active/request-logout", "/system/backup/load"];

/// None of them fits everywhere, and some fit nowhere.
const VALUES: [&str; 10] = ["", "x", "-1", "1/1", "10.0.0.1", "1w2d", "!x", "*1", "99999999999999999999", "é,\0="];

async fn answered(client: &mut Client, words: &[String]) {
    let mut sentence: Vec<&str> = words.iter().map(String::as_str).collect();
    sentence.push(".tag=a");
    client.send(&sentence).await;
    // what goes on by itself is cancelled
    client.send(&["/cancel", "=tag=a", ".tag=b"]).await;
    let mut open = 2;
    while open > 0 {
        let Some(reply) = client.next().await else { panic!("{words:?} ended the connection") };
        assert!(matches!(reply[0].as_str(), "!re" | "!done" | "!trap" | "!empty"), "{words:?} answered {reply:?}");
        if reply[0] == "!done" {
            open -= 1;
        }
    }
}

async fn every_command(release: Release) {
    let seeds = Seeds { secrets: 3, profiles: 2, pools: 2, active: 2 };
    // no interface has that name: what becomes of them concerns this client not
    let client_interface = Some("nowhere".to_owned());
    let options = Options { release, seeds, client_interface, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let mut client = Client::admin(&simulator).await;
    let schema = Schema::of(release, true);
    let mut commands = 0;
    for (_, menu) in schema.menus() {
        for verb in menu.commands() {
            let path = if verb == "." { menu.path.to_string() } else { format!("{}/{verb}", menu.path) };
            if ENDING.contains(&path.as_str()) {
                continue;
            }
            commands += 1;
            answered(&mut client, std::slice::from_ref(&path)).await;
            for id in ["*1", "*80000001", "*0", "**", "", "default,*2", "*FFFFFFFFFF"] {
                answered(&mut client, &[path.clone(), format!("=.id={id}")]).await;
            }
            for value in VALUES {
                let given = menu.fields.iter().filter(|field| field.name.len() % 3 != value.len() % 3);
                let mut words = vec![path.clone(), "=.id=*1".to_owned()];
                words.extend(given.map(|field| format!("={}={value}", field.name)));
                answered(&mut client, &words).await;
            }
            for (count, field) in menu.fields.iter().enumerate() {
                let value = VALUES[(count + commands) % VALUES.len()];
                answered(&mut client, &[path.clone(), "=.id=*2".to_owned(), format!("={}={value}", field.name)]).await;
            }
            let mut query = vec![path.clone()];
            for (count, field) in menu.fields.iter().enumerate() {
                let mut word = "?".to_owned();
                let _ = write!(word, "{}{}=1", ["", "<", ">", "-", "="][count % 5], field.name);
                query.push(word);
                query.push(["?#|", "?#!", "?#0.1&", "?#9", "?#&&&!."][count % 5].to_owned());
            }
            answered(&mut client, &query).await;
        }
    }
    assert!(commands > 500, "{release} has {commands} commands");
}

#[tokio::test]
async fn every_command_of_6_49_is_answered() {
    every_command(Release::V6_49).await;
}

#[tokio::test]
async fn every_command_of_7_12_is_answered() {
    every_command(Release::V7_12).await;
}

#[tokio::test]
async fn every_command_of_7_18_is_answered() {
    every_command(Release::V7_18).await;
}

#[tokio::test]
async fn every_command_of_7_24_is_answered() {
    every_command(Release::V7_24).await;
}
