//! Two providers in one database, a sales tree with rows of every table at each place, and people of every role.

use std::collections::BTreeMap;

use domain::operator::OperatorDraft;
use domain::router::RouterAccess;
use domain::staff::{Held, Permission, Role, StaffDraft};
use domain::zone::ZoneDraft;
use operations::{Credentials, Demarc, Session};
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Executor as _};
use store::router_watch::Noted;

use crate::provider::{OWNER_PASSWORD, Provider, customer, package, pppoe, router};

/// Of everybody but the owners.
pub const STAFF_PASSWORD: &str = "another battery staple";

/// The places of rows, as seen from the operator `own`.
pub const PLACES: [&str; 6] = ["parent", "own", "sub", "sub-sibling", "sibling", "other-tenant"];

/// The whole of it.
pub struct Tree {
    pub provider: Provider,
    /// The operator's id at each place.
    pub operators: BTreeMap<&'static str, i64>,
    /// Plain connections, as `psql` would make them.
    pub roles: BTreeMap<&'static str, PgPool>,
    /// A customer of each place.
    pub customers: BTreeMap<&'static str, i64>,
}

/// Makes a person and logs them in.
pub async fn person(
    provider: &Provider,
    by: &Session,
    name: &str,
    role: Role,
    operator_id: i64,
    permissions: Vec<Permission>,
) -> (Demarc, Session) {
    let draft = StaffDraft {
        name: name.into(),
        role,
        operator_id: Some(operator_id),
        permissions,
        password: STAFF_PASSWORD.into(),
    };
    operations::staff::add(by, &draft).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    log_in(provider, name, STAFF_PASSWORD).await.unwrap_or_else(|error| panic!("{name} logs in: {error}"))
}

/// Logs somebody in with a program of their own.
pub async fn log_in(provider: &Provider, name: &str, password: &str) -> operations::Result<(Demarc, Session)> {
    let demarc = Demarc::new(provider.demarc.place().clone(), "tests");
    demarc.log_in(&Credentials { name: name.into(), password: password.into() }).await?;
    let session = demarc.session().await?;
    Ok((demarc, session))
}

/// Adds an operator.
pub async fn operator(by: &Session, name: &str, parent_id: i64) -> i64 {
    let draft = OperatorDraft { name: name.into(), parent_id: Some(parent_id) };
    operations::operator::add(by, &draft).await.expect("an operator").id
}

/// A plain connection as a person.
pub async fn plainly(provider: &Provider, name: &str, password: &str) -> PgPool {
    let server = provider.demarc.place().server().await.expect("the database runs");
    provider
        .connect_as(&store::staff::login_role(&server.database, name), password)
        .await
        .unwrap_or_else(|error| panic!("{name} connects: {error}"))
}

/// What provisioning writes about a router.
async fn provisioned(session: &Session, router_id: i64) {
    let key = store::router_key::of(session, router_id).await.expect("a router's key");
    let plan = domain::provision::Plan {
        router_id,
        router_name: "tower".into(),
        template: "pppoe".into(),
        template_title: "PPPoE".into(),
        template_version: 0,
        release: "7.18".into(),
        board: "CHR".into(),
        blanks: vec![],
        checks: vec![],
        steps: vec![],
        same: 0,
        conflicts: vec![],
        warnings: vec![],
        armed: None,
        digest: "none".into(),
        ready: true,
    };
    let steps = [store::run::NewStep { key: "pools".into(), title: "Pools".into(), writes: true, commands: vec![] }];
    let nothing = serde_json::json!({});
    let new = store::run::NewRun {
        kind: domain::run::RunKind::Provision,
        title: "PPPoE",
        router_id,
        plan: &plan,
        work: &nothing,
        steps: &steps,
    };
    let run_id = store::run::add(session, &key, &new).await.expect("a run");
    store::run::hold(session, run_id, uuid::Uuid::new_v4(), "here", false).await.expect("the run is held");
    let provisioned = store::provision::NewProvisioned {
        router_id,
        template: "pppoe",
        title: "PPPoE",
        version: 0,
        blanks: &BTreeMap::new(),
        applied: &nothing,
        run_id,
    };
    store::provision::keep_of_router(session, &key, &provisioned).await.expect("what it was provisioned from");
    store::provision::keep_blank(session, "radius_address", "192.0.2.1").await.expect("a blank's value");
    let backup = store::config_backup::NewBackup {
        router_id,
        reason: domain::provision::BackupReason::Hand,
        release: "7.18",
        changed_lines: None,
        text: "/ip pool",
        digest: &[1],
        binary: None,
        run_id: Some(run_id),
    };
    store::config_backup::add(session, &key, &backup).await.expect("a configuration");
    if session.may(Permission::TemplateWrite) {
        let template = store::provision::WrittenTemplate {
            name: "own".into(),
            version: 1,
            title: "Own".into(),
            about: String::new(),
            sections: vec![],
            text: "{}".into(),
            written_by: String::new(),
            written_at: chrono::Utc::now(),
        };
        store::provision::keep_template(session, &template).await.expect("a template");
    }
}

impl Tree {
    /// Plants it.
    pub async fn plant() -> Self {
        let provider = Provider::new().await;
        let karim = provider.session.clone();
        let (_, jamal) = provider.another("Meghna Net", "Jamal").await;
        let parent = karim.staff.operator_id;
        let own = operator(&karim, "Own", parent).await;
        let sibling = operator(&karim, "Sibling", parent).await;
        let (_, owner) = person(&provider, &karim, "Operator", Role::Operator, own, vec![]).await;
        let sub = operator(&owner, "Sub", own).await;
        let sub_sibling = operator(&owner, "Sub sibling", own).await;
        let (_, at_sub) = person(&provider, &owner, "Sub-operator", Role::SubOperator, sub, vec![]).await;
        let (_, at_sub_sibling) =
            person(&provider, &owner, "Sub-operator 2", Role::SubOperator, sub_sibling, vec![]).await;
        let (_, at_sibling) = person(&provider, &karim, "Operator 2", Role::Operator, sibling, vec![]).await;
        let places = [
            ("parent", &karim, parent),
            ("own", &owner, own),
            ("sub", &at_sub, sub),
            ("sub-sibling", &at_sub_sibling, sub_sibling),
            ("sibling", &at_sibling, sibling),
            ("other-tenant", &jamal, jamal.staff.operator_id),
        ];

        let administrator = provider.administrator().await;
        let mut customers = BTreeMap::new();
        for (number, (place, session, _)) in places.iter().enumerate() {
            let address = format!("127.0.0.{}", number + 1);
            let (tower, _) = router(session, &format!("tower {place}"), &address).await;
            let access = RouterAccess { user_name: "admin".into(), password: "winbox".into() };
            // everybody's key comes from the provider's; in the other tenant it is the owner's own
            store::key::prepare(&karim).await;
            operations::router::keep_access(session, tower.id, &access).await.expect("the router's log-in is kept");
            let seen = Noted { router_id: tower.id, up: true, identity: Some("tower".into()), ..Noted::default() };
            store::router_watch::note(session, uuid::Uuid::new_v4(), &[seen]).await.expect("what was seen is kept");
            let home = package(session).await;
            operations::zone::add(session, &ZoneDraft { name: "North".into() }).await.expect("a zone");
            operations::preference::edit(session, &operations::Preferences::default()).await.expect("preferences");
            let mut draft = pppoe("Somebody", &format!("name-{place}"), home.id);
            draft.mac = "08:55:31:aa:0b:0c".into();
            let somebody = customer(session, &draft).await;
            customers.insert(*place, somebody.id);
            // RADIUS writes as it would, through its own functions
            for statement in [
                format!(
                    "select radius.record_attempt('{address}', 'name-{place}', 'accepted {} - -', true, 'true', '', '', '', null,
                       '', '', '', '', '', null)",
                    somebody.id
                ),
                format!(
                    "select radius.account('{address}', 'Interim-Update', '', n, 'name-{place}', '', '', '', '', 'pppoe', '',
                       60, 7, 7, '', 0) from unnest(array['1', '2']) n"
                ),
            ] {
                administrator.execute(AssertSqlSafe(statement)).await.expect("RADIUS writes");
            }
            provisioned(session, tower.id).await;
            // writes what is to be sent to the live sessions; nobody is there to send it, so it is not waited for
            store::customer::set_suspended(session, somebody.id, Some("")).await.expect("a suspension");
        }
        for statement in [
            "update package set for_resellers = true where tenant_id = 1 and operator_id = 1",
            "update radacct set acctstoptime = now() - interval '90 days' where acctsessionid = '1'",
            "insert into radpostauth (at, tenant_id, operator_id, user_name, accepted, verdict)
             select now() - interval '90 days', tenant_id, operator_id, user_name, accepted, verdict from radpostauth",
            "select service.keep_history(100)",
            "select service.radius_watched(true, 1, '')",
            "insert into radius_stranger (address) values ('127.0.0.99')",
            "select create_staff(id, 'card_distributor', 'Distributor', 'distributor', null, '{}') from operator where name = 'Own'",
        ] {
            administrator.execute(statement).await.expect(statement);
        }

        let mut tree = Self {
            operators: places.iter().map(|(place, _, id)| (*place, *id)).collect(),
            roles: BTreeMap::new(),
            customers,
            provider,
        };
        tree.people(&karim, &owner).await;
        tree
    }

    /// One person of each role, and each with a plain connection.
    async fn people(&mut self, karim: &Session, owner: &Session) {
        let provider = &self.provider;
        let offered = operations::staff::permissions(karim).await.expect("permissions");
        let all = |role: Role| -> Vec<Permission> {
            let given = offered.iter().filter(|one| one.role == role && one.held != Held::Always);
            given.map(|one| one.permission).collect()
        };
        let own = self.operators["own"];
        let administrator = provider.demarc.place().administrator().await.expect("the administrator");
        operations::staff::add_developer(&administrator, "Developer", STAFF_PASSWORD).await.expect("a developer");
        let (_, admin) = person(provider, karim, "Admin", Role::Admin, self.operators["parent"], vec![]).await;
        let mut sessions = vec![karim.clone(), owner.clone(), admin];
        for (name, role, permissions) in [
            ("Manager", Role::Manager, all(Role::Manager)),
            ("Manager without", Role::Manager, vec![]),
            ("Accountant", Role::Accountant, vec![]),
            ("Sales manager", Role::SalesManager, vec![]),
            ("Technician", Role::Technician, vec![]),
            ("Staff", Role::Staff, all(Role::Staff)),
            ("Staff without", Role::Staff, vec![]),
        ] {
            sessions.push(person(provider, owner, name, role, own, permissions).await.1);
        }
        // twice: whoever opened their keys after they were handed round gets theirs in the second round
        for _ in 0..2 {
            for session in &sessions {
                store::key::prepare(session).await;
            }
        }
        let mut roles = BTreeMap::new();
        for (label, name, password) in [
            ("developer", "Developer", STAFF_PASSWORD),
            ("super_admin", "Karim", OWNER_PASSWORD),
            ("admin", "Admin", STAFF_PASSWORD),
            ("operator", "Operator", STAFF_PASSWORD),
            ("sub_operator", "Sub-operator", STAFF_PASSWORD),
            ("manager", "Manager", STAFF_PASSWORD),
            ("manager without", "Manager without", STAFF_PASSWORD),
            ("accountant", "Accountant", STAFF_PASSWORD),
            ("sales_manager", "Sales manager", STAFF_PASSWORD),
            ("technician", "Technician", STAFF_PASSWORD),
            ("staff", "Staff", STAFF_PASSWORD),
            ("staff without", "Staff without", STAFF_PASSWORD),
        ] {
            roles.insert(label, plainly(provider, name, password).await);
        }
        let (freeradius, demarcd) = self.programs().await;
        roles.insert("freeradius", freeradius);
        roles.insert("demarcd", demarcd);
        self.roles = roles;
    }

    /// FreeRADIUS's log-in and demarcd's, as their configuration names them.
    async fn programs(&self) -> (PgPool, PgPool) {
        let folder = self.provider.folder.path().join("radius");
        let administrator = self.provider.demarc.place().administrator().await.expect("the administrator");
        let listen = operations::radius::Listen::default();
        operations::radius::export_config(&administrator, &folder, &listen).await.expect("a configuration");
        let conf = std::fs::read_to_string(folder.join("database.conf")).expect("database.conf");
        let setting = |name: &str| {
            let line = conf.lines().find_map(|line| line.strip_prefix(&format!("{name} = \""))).expect("a setting");
            line.trim_end_matches('"').to_owned()
        };
        let service = std::fs::read(folder.join("demarcd.json")).expect("demarcd.json");
        let service: serde_json::Value = serde_json::from_slice(&service).expect("demarcd.json is JSON");
        let text = |name: &str| service[name].as_str().expect("a setting").to_owned();
        let freeradius = self.provider.connect_as(&setting("login"), &setting("password")).await;
        let demarcd = self.provider.connect_as(&text("role"), &text("password")).await;
        (freeradius.expect("FreeRADIUS connects"), demarcd.expect("demarcd connects"))
    }
}
