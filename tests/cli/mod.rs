//! `demarcctl`: the main job with it alone, its refusals, and what it prints.

use std::path::Path;

use serde_json::Value;
use tests::ctl::Ctl;
use tests::provider::{CUSTOMER_PASSWORD, OWNER_PASSWORD};

/// A set-up provider, and its owner at the terminal.
struct Terminal {
    owner: Ctl,
    folder: tempfile::TempDir,
}

impl Terminal {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let owner = Ctl::new(folder.path()).with("DEMARC_USER", "Karim").with("DEMARC_PASSWORD", OWNER_PASSWORD);
        owner.json(&[
            "init",
            "--provider",
            "Padma Net",
            "--country",
            "bd",
            "--time-zone",
            "Asia/Dhaka",
            "--owner",
            "Karim",
        ]);
        Self { owner, folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.owner.call(&["db", "stop"]);
    }
}

#[tokio::test]
async fn the_main_job_is_done_with_demarcctl_alone() {
    let terminal = Terminal::new();
    let owner = &terminal.owner;
    let package = owner.json(&[
        "package",
        "add",
        "Home 10",
        "--rate-limit",
        "5m/10m",
        "--price",
        "500",
        "--validity",
        "30",
        "--address-pool",
        "home",
        "--volume",
        "100 GB",
    ]);
    assert_eq!((&package["rate_limit"], &package["volume_bytes"]), (&"5M/10M".into(), &100_000_000_000_i64.into()));
    owner.json(&["zone", "add", "North"]);
    owner.json(&["router", "add", "tower-1", "--address", "127.0.0.1"]);
    let customer = owner.with("DEMARC_CUSTOMER_PASSWORD", CUSTOMER_PASSWORD).json(&[
        "customer",
        "add",
        "Rahim Uddin",
        "--type",
        "pppoe",
        "--username",
        "rahim",
        "--mobile",
        "01712-345678",
        "--package",
        "home 10",
        "--zone",
        "north",
    ]);
    assert_eq!((&customer["mobile"], &customer["status"]), (&"+8801712345678".into(), &"active".into()));

    let folder = terminal.path().join("radius");
    let listen = operations::radius::Listen::on_free_ports().unwrap();
    let port = listen.auth_port;
    let (port_text, console_port) = (port.to_string(), listen.console_port.to_string());
    let folder_text = folder.display().to_string();
    owner.json(&[
        "radius",
        "export-config",
        &folder_text,
        "--listen",
        "127.0.0.1",
        "--auth-port",
        &port_text,
        "--console-port",
        &console_port,
        "--log-to-stdout",
    ]);
    let secret = owner.json(&["router", "reveal-secret", "tower-1"])["secret"].as_str().unwrap().to_owned();
    let radius = operations::radius::RadiusServer::start(&folder, port).await.unwrap();
    let password = format!("User-Password = \"{CUSTOMER_PASSWORD}\"");
    let log_in = async || radius.attempt(&["User-Name = \"rahim\"", &password], &secret).await.unwrap();

    let answer = log_in().await;
    assert!(answer.starts_with("Access-Accept") && answer.contains("Mikrotik-Rate-Limit = \"5M/10M\""), "{answer}");
    let suspended = owner.json(&["customer", "suspend", "rahim", "--reason", "asked for it"]);
    assert_eq!(suspended["status"], "suspended");
    assert!(log_in().await.starts_with("Access-Reject"));
    assert_eq!(owner.json(&["customer", "activate", "rahim"])["status"], "active");
    assert!(log_in().await.starts_with("Access-Accept"));

    let paid = owner.json(&["customer", "pay", "rahim", "--amount", "450", "--method", "mobile-banking"]);
    assert_eq!(paid["balance"], -5_000);
    let settled = owner.json(&["customer", "pay", "rahim", "--settle"]);
    assert_eq!((&settled["balance"], &settled["expires_at"]), (&0.into(), &paid["expires_at"]));
    let (code, said) = owner.refused(&["customer", "edit", "rahim", "--type", "static-ip", "--username", "x"]);
    assert!(code == 3 && said.contains("static-ip has no --username"), "{said}");
    let edited = owner.json(&["customer", "edit", "rahim", "--name", "Rahim U.", "--username", "rahim.u"]);
    assert_eq!((&edited["name"], &edited["username"]), (&"Rahim U.".into(), &"rahim.u".into()));
    let list = owner.json(&["customer", "list", "--search", "rahim", "--status", "active"]);
    assert_eq!(list["rows"].as_array().unwrap().len(), 1);
    assert_eq!(owner.json(&["customer", "count"])["count"], 1);
    let attempts = owner.json(&["customer", "show", "rahim.u"])["attempts"].as_array().unwrap().len();
    assert_eq!(attempts, 3);
    // written again into the same folder, the FreeRADIUS that runs is not cut off
    owner.json(&["radius", "export-config", &folder_text, "--auth-port", &port_text]);
    let answer = radius.attempt(&["User-Name = \"rahim.u\"", &password], &secret).await.unwrap();
    assert!(answer.starts_with("Access-Accept"), "{answer}");
}

#[test]
fn a_refusal_says_what_and_what_to_do_and_has_its_exit_code() {
    let empty = tempfile::tempdir().unwrap();
    let nobody = Ctl::new(empty.path());
    let (code, said) = nobody.refused(&["customer", "list"]);
    assert_eq!(code, 4);
    assert!(said.contains("error: there is no provider") && said.contains("hint: run `demarcctl init`"), "{said}");
    assert_eq!(nobody.refused(&["customer", "list", "--frobnicate"]).0, 2);
    assert_eq!(nobody.json(&["db", "status"])["state"], "absent");

    let terminal = Terminal::new();
    let owner = &terminal.owner;
    let (code, said) = Ctl::new(terminal.path()).refused(&["customer", "list"]);
    assert_eq!(code, 5);
    assert!(said.contains("--user"), "{said}");
    let (code, said) = owner.with("DEMARC_PASSWORD", "wrong password").refused(&["customer", "list"]);
    assert_eq!(code, 5);
    assert!(said.contains("name or password is wrong") && !said.contains("wrong password"), "{said}");
    let (code, said) =
        owner.refused(&["package", "add", "Bad", "--price", "12.345", "--validity", "0", "--rate-limit", "5X"]);
    assert_eq!(code, 3);
    for words in
        ["price is not an amount of BDT", "validity days must be from 1 to 3650", "rate limit cannot be read at `5X`"]
    {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(owner.refused(&["customer", "show", "nobody"]).0, 4);
    let (code, said) =
        owner.refused(&["init", "--provider", "X", "--country", "BD", "--owner", "Y", "--time-zone", "UTC"]);
    assert_eq!(code, 7, "{said}");

    // as JSON, for programs
    let (code, said) = owner.refused(&["zone", "add", "", "--json"]);
    let error: Value = serde_json::from_str(&said).expect("the error is JSON");
    assert_eq!((code, &error["code"], &error["fields"][0]["field"]), (3, &"invalid_input".into(), &"name".into()));

    owner.json(&["db", "stop"]);
    let (code, said) = owner.refused(&["zone", "list"]);
    assert_eq!(code, 6);
    assert!(said.contains("demarcctl db start"), "{said}");
    assert_eq!(owner.json(&["db", "start"])["state"], "running");
    assert_eq!(owner.json(&["zone", "list"]), Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_central_database_is_set_up_by_its_administrator_and_used_from_any_desk() {
    // a server that somebody runs: here, the one of another provider
    let other = tests::provider::Provider::new().await;
    let server = other.demarc.place().server().await.unwrap();
    let database = format!("postgres://{}:{}/central", server.host, server.port);
    let settings = std::fs::read(other.folder.path().join("database/embedded.json")).unwrap();
    let settings: Value = serde_json::from_slice(&settings).unwrap();
    let administrator_password = settings["password"].as_str().unwrap();

    let server_room = tempfile::tempdir().unwrap();
    let administrator = Ctl::new(server_room.path())
        .with("DEMARC_DATABASE", &database)
        .with("DEMARC_PASSWORD", OWNER_PASSWORD)
        .with("DEMARC_ADMINISTRATOR_PASSWORD", administrator_password);
    let answers = ["--country", "BD", "--time-zone", "Asia/Dhaka", "--administrator", "demarc_administrator"];
    administrator.json(&[&["init", "--provider", "Padma Net", "--owner", "Karim"], &answers[..]].concat());
    let again = [&["init", "--provider", "Meghna Net", "--owner", "Jamal"], &answers[..]].concat();
    assert_eq!(administrator.refused(&again).0, 7);
    administrator.json(&[&again[..], &["--another"]].concat());
    let folder = server_room.path().join("radius").display().to_string();
    administrator.json(&["radius", "export-config", &folder, "--administrator", "demarc_administrator"]);

    // two desks, two providers, and each sees its own
    for (owner, zone) in [("Karim", "North"), ("Jamal", "South")] {
        let desk = tempfile::tempdir().unwrap();
        let person = Ctl::new(desk.path())
            .with("DEMARC_DATABASE", &database)
            .with("DEMARC_USER", owner)
            .with("DEMARC_PASSWORD", OWNER_PASSWORD);
        person.json(&["zone", "add", zone]);
        let zones = person.json(&["zone", "list"]);
        assert_eq!((zones.as_array().unwrap().len(), &zones[0]["name"]), (1, &zone.into()));
        // the administrator's business is not theirs
        assert_eq!(person.refused(&["radius", "export-config", &folder]).0, 5);
        assert_eq!(person.refused(&["db", "stop"]).0, 3);
        assert_eq!(std::fs::read_dir(desk.path()).unwrap().count(), 0, "nothing of it is kept on the desk");
    }
    let nowhere = Ctl::new(server_room.path())
        .with("DEMARC_DATABASE", "postgres://127.0.0.1:9/central")
        .with("DEMARC_USER", "Karim")
        .with("DEMARC_PASSWORD", OWNER_PASSWORD);
    let (code, said) = nowhere.refused(&["zone", "list"]);
    assert_eq!(code, 6);
    assert!(said.contains("does not answer") && !said.contains(OWNER_PASSWORD), "{said}");
}

#[test]
fn a_provider_sells_through_operators_with_demarcctl_alone() {
    let terminal = Terminal::new();
    let owner = terminal.owner.with("DEMARC_NEW_PASSWORD", "another battery staple");
    let as_person = |name: &str| {
        Ctl::new(terminal.path()).with("DEMARC_USER", name).with("DEMARC_PASSWORD", "another battery staple")
    };
    // operators, and people of each
    owner.json(&["operator", "add", "Rahim Cable"]);
    owner.json(&["operator", "add", "Other Cable"]);
    owner.json(&["staff", "add", "Rahim", "--role", "operator", "--operator", "Rahim Cable"]);
    let rahim = as_person("Rahim").with("DEMARC_NEW_PASSWORD", "another battery staple");
    rahim.json(&["operator", "add", "Sub Cable"]);
    rahim.json(&["staff", "add", "Sumon", "--role", "sub-operator", "--operator", "Sub Cable"]);
    let support = rahim.json(&["staff", "add", "Support", "--role", "staff"]);
    // what is usually given
    let given = ["customer_read", "customer_suspend", "session_read", "session_change", "router_read"];
    assert_eq!(support["permissions"], serde_json::json!(given));
    rahim.json(&["package", "add", "Home 10", "--price", "500", "--validity", "30"]);
    let add = ["customer", "add", "Rahima", "--type", "pppoe", "--username", "rahima", "--package", "Home 10"];
    rahim.with("DEMARC_CUSTOMER_PASSWORD", CUSTOMER_PASSWORD).json(&add);

    let (code, said) = as_person("Support").refused(&["customer", "pay", "rahima"]);
    assert_eq!(code, 5);
    assert!(said.contains("you may not take payments") && said.contains("hint:"), "{said}");
    rahim.json(&["staff", "edit", "Support", "--give", "payment_take,money_read"]);
    as_person("Support").json(&["customer", "pay", "rahima"]);
    let (code, said) = rahim.refused(&["staff", "edit", "Support", "--give", "key_rotate"]);
    assert_eq!((code, said.contains("this role cannot be given that")), (3, true), "{said}");
    let all = owner.json(&["permission", "list", "--role", "staff"]);
    assert_eq!(all.as_array().unwrap().len(), 10);

    // whose is what
    let names = |ctl: &Ctl| -> Vec<String> {
        let page = ctl.json(&["customer", "list"]);
        page["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((names(&owner), names(&as_person("Sumon"))), (vec!["Rahima".to_owned()], vec![]));
    let (code, said) = as_person("Sumon").refused(&["customer", "show", "rahima"]);
    assert_eq!(code, 4, "out of reach is not there: {said}");

    // moved, closed
    let (code, _) = owner.refused(&["operator", "move", "Sub Cable", "--under", "Rahim Cable", "--customers", "along"]);
    assert_eq!(code, 3, "it is there already");
    let moved = owner.json(&["operator", "move", "Sub Cable", "--under", "Other Cable", "--customers", "along"]);
    assert_eq!(moved["parent_name"], "Other Cable");
    let heir = owner.json(&["operator", "close", "Rahim Cable", "--successor", "Other Cable"]);
    assert_eq!((&heir["customers"]["count"], &heir["packages"]), (&1.into(), &1.into()));
    let (code, said) = rahim.refused(&["customer", "list"]);
    assert_eq!((code, said.contains("this log-in is switched off")), (5, true), "{said}");

    // a router's log-in, the key, and who did all that
    owner.json(&["router", "add", "tower-1", "--address", "127.0.0.1"]);
    let kept = owner.with("DEMARC_ROUTER_PASSWORD", "winbox-7f3a");
    kept.json(&["router", "keep-access", "tower-1", "--router-user", "admin"]);
    assert_eq!(owner.json(&["router", "reveal-access", "tower-1"])["password"], "winbox-7f3a");
    let state = owner.json(&["key", "rotate"]);
    assert_eq!((&state["generation"], &state["remaining"], &state["opened"]), (&2.into(), &0.into(), &true.into()));
    let page = owner.json(&["audit", "list", "--record", "staff", "--action", "update", "--by", "Rahim"]);
    let change = &page["rows"][0]["changes"][0];
    assert_eq!(
        (change["field"].as_str(), page["rows"][0]["record_name"].as_str()),
        (Some("permissions"), Some("Support"))
    );
    let page = owner.json(&["audit", "list", "--customer", "rahima", "--limit", "1"]);
    assert!(page["next"].is_string());

    // one's own password
    let sumon = as_person("Sumon").with("DEMARC_NEW_PASSWORD", "a better password");
    sumon.json(&["staff", "change-password"]);
    assert_eq!(sumon.refused(&["zone", "list"]).0, 5);
    as_person("Sumon").with("DEMARC_PASSWORD", "a better password").json(&["zone", "list"]);
    // forgotten: the administrator of the database gives the owner another
    owner.json(&["staff", "reset-password", "Karim", "--administrator"]);
    as_person("Karim").json(&["staff", "list"]);
}

#[tokio::test]
async fn several_providers_in_one_database_are_worked_in_one_at_a_time() {
    let terminal = Terminal::new();
    let owner = &terminal.owner;
    owner.json(&["tenant", "add", "Meghna Net", "--country", "bd", "--time-zone", "Asia/Dhaka"]);
    owner.json(&["zone", "add", "North"]);
    let meghna = owner.with("DEMARC_TENANT", "Meghna Net");
    meghna.json(&["zone", "add", "South"]);
    let zones = |ctl: &Ctl| ctl.json(&["zone", "list"])[0]["name"].as_str().unwrap().to_owned();
    assert_eq!((zones(owner), zones(&meghna)), ("North".to_owned(), "South".to_owned()));
    assert_eq!(meghna.json(&["provider", "show"])["name"], "Meghna Net");
    assert_eq!(owner.with("DEMARC_TENANT", "Nobody's").refused(&["zone", "list"]).0, 4);
    // a developer is made by who owns the database's server, and reaches all of it
    owner.with("DEMARC_NEW_PASSWORD", "another battery staple").json(&["staff", "add", "Devi", "--role", "developer"]);
    let devi = Ctl::new(terminal.path()).with("DEMARC_USER", "Devi").with("DEMARC_PASSWORD", "another battery staple");
    assert_eq!(devi.json(&["tenant", "list"]).as_array().unwrap().len(), 2);
    assert_eq!(zones(&devi.with("DEMARC_TENANT", "Meghna Net")), "South");
}

#[tokio::test]
async fn a_schema_of_another_age_is_told_and_a_central_one_brought_up_to_date() {
    let provider = tests::provider::Provider::new().await;
    let server = provider.demarc.place().server().await.unwrap();
    let database = format!("postgres://{}:{}/{}", server.host, server.port, server.database);
    let folder = tempfile::tempdir().unwrap();
    let desk = Ctl::new(folder.path())
        .with("DEMARC_DATABASE", &database)
        .with("DEMARC_USER", "Karim")
        .with("DEMARC_PASSWORD", OWNER_PASSWORD);
    desk.json(&["zone", "list"]);
    provider.sql("update _sqlx_migrations set version = 99 where version = 9").await;
    let (code, said) = desk.refused(&["zone", "list"]);
    assert_eq!(code, 6);
    assert!(said.contains("newer than this program's") && said.contains("update this program"), "{said}");
    provider.sql("update _sqlx_migrations set version = 9 where version = 99").await;
    // as before the ninth migration
    provider.sql("alter function schema_version() rename to something_else").await;
    let (_, said) = desk.refused(&["zone", "list"]);
    assert!(said.contains("older than this program's") && said.contains("db migrate --administrator"), "{said}");
    provider.sql("alter function something_else() rename to schema_version").await;
    let settings = std::fs::read(provider.folder.path().join("database/embedded.json")).unwrap();
    let settings: Value = serde_json::from_slice(&settings).unwrap();
    desk.with("DEMARC_ADMINISTRATOR_PASSWORD", settings["password"].as_str().unwrap()).json(&[
        "db",
        "migrate",
        "--administrator",
        "demarc_administrator",
    ]);
    desk.json(&["zone", "list"]);
}

#[test]
fn the_tour_does_the_whole_job_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let steps = Ctl::new(home.path()).json(&["tour"]);
    let steps = steps.as_array().unwrap();
    assert_eq!(steps.len(), 12);
    assert!(steps[5]["saw"].as_str().unwrap().starts_with("Access-Accept"));
    assert!(steps[6]["saw"].as_str().unwrap().starts_with("Access-Reject"));
    assert!(steps[10]["saw"].as_str().unwrap().contains("10.20."), "{steps:?}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn help_reads_well() {
    let home = tempfile::tempdir().unwrap();
    let help = |arguments: &[&str]| {
        let output = Ctl::new(home.path()).with("COLUMNS", "100").call(arguments);
        String::from_utf8(output.stdout).unwrap()
    };
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_customer_add", help(&["customer", "add", "--help"]));
}

#[test]
fn no_password_is_an_argument() {
    fn walk(command: &clap::Command, path: &str) {
        for argument in command.get_arguments() {
            let name = argument.get_id().as_str();
            let is_secret = name.contains("password") || name.contains("secret");
            assert!(!is_secret || name.ends_with("_file"), "{path} takes `{name}` on the command line");
        }
        for subcommand in command.get_subcommands() {
            walk(subcommand, &format!("{path} {}", subcommand.get_name()));
        }
    }
    walk(&demarcctl::command_line(), "demarcctl");
}
