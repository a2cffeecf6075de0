//! Bringing routers into service from a template, and taking it back.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::customer::{ConnectionType, CustomerDraft};
use domain::package::PackageDraft;
use domain::provision::{BackupReason, ConflictChoice, DriftCause, Plan, ProvisionRequest};
use domain::router::Router;
use domain::run::{ReportForm, RunDetail, RunState, RunStepState};
use operations::provision::{backup, drift, planning, restore, start, template};
use operations::{router, run};
use routeros_sim::subscriber::{SessionHandle, Subscriber};
use routeros_sim::{Options, Simulator};
use tests::nas::free_udp_port;
use tests::provider::{CUSTOMER_PASSWORD, Provider, customer, pppoe};
use tests::radius::Radius;
use tests::simulator::{ROUTER_PASSWORD, add, configure, connect, simulator};

/// The releases on which everything is tried.
const RELEASES: [&str; 4] = ["6.49.18", "7.12", "7.18", "7.24"];

/// A provider with a router that has nothing yet.
struct Site {
    provider: Provider,
    sim: Simulator,
    tower: Router,
    coa_port: u16,
    auth_port: u16,
}

impl Site {
    async fn new(release: &str, auth_port: u16, provider: Provider) -> Self {
        Self::of(Options { release: release.parse().expect("a release"), ..Options::default() }, auth_port, provider)
            .await
    }

    async fn of(options: Options, auth_port: u16, provider: Provider) -> Self {
        let tls = Some(([127, 0, 0, 1], 0).into());
        let sim = simulator(Options { identity: "MikroTik".into(), tls, ..options }).await;
        let session = &provider.session;
        let tower = add(session, "tower-1", "127.0.0.1", sim.addr()).await;
        let coa_port = free_udp_port([127, 0, 0, 1].into());
        let mut draft = tests::simulator::draft("tower-1", "127.0.0.1", sim.addr());
        draft.coa_port = coa_port.to_string();
        let tower = router::edit(session, tower.id, tower.version, &draft).await.unwrap();
        Self { provider, sim, tower, coa_port, auth_port }
    }

    fn request(&self, template: &str) -> ProvisionRequest {
        let accounting = (self.auth_port + 1).to_string();
        let auth = self.auth_port.to_string();
        let mut blanks: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in [
            ("wan_interface", "ether1"),
            ("radius_address", "127.0.0.1"),
            ("radius_port", auth.as_str()),
            ("radius_accounting_port", &accounting),
        ] {
            blanks.insert(name.into(), value.into());
        }
        if template.contains("pppoe") {
            blanks.insert("access_interface".into(), "ether2".into());
        }
        if template.contains("hotspot") {
            blanks.insert("hotspot_interface".into(), "ether3".into());
        }
        ProvisionRequest { router_id: self.tower.id, template: template.into(), blanks, ..ProvisionRequest::default() }
    }

    async fn plan(&self, request: &ProvisionRequest) -> Plan {
        let demarc = &self.provider.demarc;
        planning::plan(&self.provider.session, demarc.routers(), request, |_| {})
            .await
            .unwrap_or_else(|error| panic!("{error:?}"))
    }

    async fn apply(&self, request: &ProvisionRequest) -> RunDetail {
        let plan = self.plan(request).await;
        let why = (&plan.checks, &plan.warnings, &plan.conflicts);
        assert!(plan.ready, "{why:#?}");
        let (session, demarc) = (&self.provider.session, &self.provider.demarc);
        let begun = start::start(session, demarc.routers(), demarc.driving(), request, &plan.digest).await.unwrap();
        self.watched(begun.id).await
    }

    async fn undo(&self, id: i64) -> RunDetail {
        let (session, demarc) = (&self.provider.session, &self.provider.demarc);
        run::undo(session, demarc.routers(), demarc.driving(), id).await.unwrap();
        self.watched(id).await
    }

    async fn watched(&self, id: i64) -> RunDetail {
        let watch = run::watch(&self.provider.session, id, |_| true);
        let detail = tokio::time::timeout(Duration::from_mins(1), watch).await.expect("the run ends").unwrap();
        self.provider.demarc.driving().settled().await;
        detail
    }

    /// Somebody types a command at the router.
    fn by_hand(&self, command: &str) {
        self.sim.router().run(command).unwrap_or_else(|error| panic!("{command}: {error:?}"));
    }

    /// A customer who dials in through the router, and is let in.
    async fn subscriber_online(&self, name: &str, package_id: i64) -> SessionHandle {
        customer(&self.provider.session, &pppoe(name, name, package_id)).await;
        let dialled = self.sim.dial(Subscriber::pppoe(name, CUSTOMER_PASSWORD)).await;
        dialled.unwrap_or_else(|refused| panic!("{name}: {refused}"))
    }

    /// Upload and download of the queue whose name begins so, in bit/s.
    fn speed(&self, name: &str) -> String {
        let rows = self.sim.router().rows("/queue/simple");
        let queue = rows.iter().find(|row| row.get("name").is_some_and(|called| called.starts_with(name)));
        queue
            .and_then(|row| row.get("max-limit").map(str::to_owned))
            .unwrap_or_else(|| format!("no {name} in {rows:?}"))
    }

    /// The router's configuration without the line that tells the time.
    fn export(&self) -> String {
        let text = self.sim.router().export_text(None, true, false);
        text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
    }
}

fn ended(detail: &RunDetail, state: RunState) {
    let steps: Vec<String> = detail
        .steps
        .iter()
        .map(|step| {
            format!(
                "{:?} {}: {} {:?}",
                step.state,
                step.title,
                step.said,
                step.problem.as_ref().map(|problem| &problem.message)
            )
        })
        .collect();
    assert_eq!(detail.run.state, state, "{:#?}\n{}\n{:#?}", detail.run, steps.join("\n"), detail.notes);
}

/// Blank, planned, applied, planned again to nothing, used by subscribers, taken back.
async fn whole_way(release: &str, template: &str) {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let pool = |name: &str, pool: &str| PackageDraft {
        name: name.into(),
        rate_limit: "5M/10M".into(),
        validity_days: "30".into(),
        price: "500".into(),
        address_pool: pool.into(),
        ..PackageDraft::default()
    };
    let home = operations::package::add(&provider.session, &pool("Home", "demarc-pppoe")).await.expect("a package");
    let guests = operations::package::add(&provider.session, &pool("Guests", "")).await.expect("a package");
    let site = Site::new(release, radius.auth_port, provider).await;
    let before = site.export();
    let request = site.request(template);
    let detail = site.apply(&request).await;
    ended(&detail, RunState::Done);
    assert!(detail.steps.iter().all(|step| step.state == RunStepState::Done), "{:#?}", detail.steps);
    let after = site.plan(&request).await;
    assert!(after.steps.is_empty(), "{release}: {:#?}", after.steps);
    assert!(!after.ready);
    let met = router::show(&site.provider.session, site.tower.id).await.unwrap();
    assert_eq!((met.access_user.as_deref(), met.api.plain), (Some("demarc"), false));
    assert_eq!(met.template.as_deref(), Some(template));

    if template.contains("pppoe") {
        let handle = site.subscriber_online("rahim", home.id).await;
        assert!(handle.address().to_string().starts_with("10.20."), "{:?}", handle.address());
        assert_eq!(site.speed("<pppoe-rahim>"), "5000000/10000000");
        handle.hang_up();
    }
    if template.contains("hotspot") {
        let draft = CustomerDraft {
            connection_type: ConnectionType::Hotspot,
            mobile: "01712-345678".into(),
            ..pppoe("salma", "", guests.id)
        };
        customer(&site.provider.session, &draft).await;
        let dialled = site.sim.dial(Subscriber::hotspot("01712345678", CUSTOMER_PASSWORD)).await;
        let handle = dialled.unwrap_or_else(|refused| panic!("{release}: {refused}"));
        assert!(handle.address().to_string().starts_with("10.40."), "{:?}", handle.address());
        assert_eq!(site.speed("<hotspot-"), "5000000/10000000");
        handle.hang_up();
    }
    tests::wait_for("the subscribers to be gone", Duration::from_secs(10), || async {
        let router = site.sim.router();
        (router.rows("/ppp/active").is_empty() && router.rows("/ip/hotspot/active").is_empty()).then_some(())
    })
    .await;
    let undone = site.undo(detail.run.id).await;
    ended(&undone, RunState::Undone);
    assert_eq!(site.export(), before, "{release} {template}");
    let back = router::show(&site.provider.session, site.tower.id).await.unwrap();
    assert_eq!((back.access_user.as_deref(), back.api.plain, back.template), (Some("admin"), true, None));
    assert!(site.coa_port > 0);
}

#[tokio::test]
async fn a_router_of_7_18_goes_into_service_and_back() {
    whole_way("7.18", "pppoe-hotspot").await;
}

#[tokio::test]
async fn a_router_of_7_12_goes_into_service_and_back() {
    whole_way("7.12", "pppoe-hotspot").await;
}

#[tokio::test]
async fn a_router_of_7_24_goes_into_service_and_back() {
    whole_way("7.24", "pppoe-hotspot").await;
}

#[tokio::test]
async fn a_router_of_6_49_goes_into_service_and_back() {
    whole_way(RELEASES[0], "pppoe-hotspot").await;
}

#[tokio::test]
async fn what_differs_is_told_with_who_made_it_and_is_kept_or_applied_again() {
    let provider = Provider::new().await;
    let site = Site::new("7.18", 1812, provider).await;
    let request = site.request("pppoe");
    ended(&site.apply(&request).await, RunState::Done);
    let (session, routers) = (&site.provider.session, site.provider.demarc.routers());
    let look = async || drift::diff(session, routers, site.tower.id).await.unwrap();
    assert_eq!(look().await.differences, []);
    // somebody changes the pool at the router
    site.by_hand("/ip pool set [find name=demarc-pppoe] ranges=10.20.0.2-10.20.0.99");
    let found = look().await;
    let one = &found.differences[0];
    assert_eq!(found.differences.len(), 1, "{found:#?}");
    assert_eq!(
        (one.key.as_str(), one.property.as_deref(), one.cause),
        ("pppoe.pool", Some("ranges"), DriftCause::Router)
    );
    assert_eq!(one.has.as_deref(), Some("10.20.0.2-10.20.0.99"));
    assert_eq!(one.applied, one.wanted);
    let shown = router::show(session, site.tower.id).await.unwrap();
    assert_eq!(shown.drift, Some(1), "the badge");
    // the router keeps it
    let kept = drift::adopt(session, routers, site.tower.id, "pppoe.pool", Some("ranges"), true).await.unwrap();
    assert!(kept.differences[0].accepted);
    assert_eq!(router::show(session, site.tower.id).await.unwrap().drift, Some(0));
    assert!(site.plan(&request).await.steps.is_empty(), "what is kept is not planned again");
    // another change is made beside it
    site.by_hand("/system identity set name=other");
    ended(&site.apply(&request).await, RunState::Done);
    assert!(look().await.differences.iter().all(|one| one.accepted), "it is kept still");
    // or it is applied again
    drift::adopt(session, routers, site.tower.id, "pppoe.pool", None, false).await.unwrap();
    let again = site.apply(&request).await;
    ended(&again, RunState::Done);
    assert_eq!(look().await.differences, []);
    // the template changes
    let text = template::show(session, "pppoe", None).await.unwrap();
    let changed = text.text.replace("\"clock\": {", "\"clock\": {\n    \"when\": \"yes\",");
    template::save(session, "pppoe", 0, &changed.replace("pool.ntp.org", "time.example.net")).await.unwrap();
    let found = look().await;
    assert_eq!((found.applied_version, found.newest_version), (0, 1));
    assert!(found.differences.iter().all(|one| one.cause == DriftCause::Template), "{found:#?}");
    assert!(!found.differences.is_empty());
}

#[tokio::test]
async fn what_somebody_changed_since_is_left_by_an_undo_and_told() {
    let provider = Provider::new().await;
    let site = Site::new("7.18", 1812, provider).await;
    let detail = site.apply(&site.request("pppoe")).await;
    ended(&detail, RunState::Done);
    site.by_hand("/system identity set name=by-hand");
    let undone = site.undo(detail.run.id).await;
    ended(&undone, RunState::Undone);
    let step = undone.steps.iter().find(|step| step.key == "identity").unwrap();
    assert!(step.said.contains("left as it is") && step.said.contains("by-hand"), "{}", step.said);
    assert!(site.export().contains("name=by-hand"));
}

#[tokio::test]
async fn somebody_elses_item_is_a_conflict_until_it_is_decided() {
    let provider = Provider::new().await;
    let site = Site::new("7.18", 1812, provider).await;
    let connection = connect(&site.sim).await;
    configure(&connection, &["/ip/pool/add name=demarc-pppoe ranges=10.9.0.2-10.9.0.9 comment=mine"]).await;
    let before = site.export();
    let mut request = site.request("pppoe");
    let plan = site.plan(&request).await;
    assert!(!plan.ready);
    assert_eq!(plan.conflicts.len(), 1, "{:#?}", plan.conflicts);
    assert!(plan.conflicts[0].theirs.contains("10.9.0.2"));
    let (session, demarc) = (&site.provider.session, &site.provider.demarc);
    let refused = start::start(session, demarc.routers(), demarc.driving(), &request, &plan.digest).await.unwrap_err();
    assert!(refused.message.contains("in the way"), "{refused}");
    for choice in [ConflictChoice::Adopt, ConflictChoice::Rename] {
        request.choices.insert("pppoe.pool".into(), choice);
        let detail = site.apply(&request).await;
        ended(&detail, RunState::Done);
        assert!(site.plan(&site.request("pppoe")).await.steps.is_empty());
        ended(&site.undo(detail.run.id).await, RunState::Undone);
        assert_eq!(site.export(), before, "{choice:?}");
    }
}

#[tokio::test]
async fn a_half_configured_router_is_completed() {
    let provider = Provider::new().await;
    let site = Site::new("7.18", 1812, provider).await;
    let request = site.request("pppoe");
    let first = site.apply(&request).await;
    ended(&first, RunState::Done);
    let whole = site.export();
    for menu in ["/ip firewall nat", "/interface pppoe-server server", "/radius"] {
        site.by_hand(&format!("{menu} remove [find]"));
    }
    let plan = site.plan(&request).await;
    assert!(plan.same > 20 && plan.ready, "{} {:#?}", plan.same, plan.warnings);
    ended(&site.apply(&request).await, RunState::Done);
    assert_eq!(site.export(), whole);
}

#[tokio::test]
async fn configurations_are_kept_compared_and_given_back() {
    let provider = Provider::new().await;
    let site = Site::new("7.18", 1812, provider).await;
    let (session, demarc) = (&site.provider.session, &site.provider.demarc);
    let (routers, id) = (demarc.routers(), site.tower.id);
    let connection = connect(&site.sim).await;
    configure(
        &connection,
        &["/ip/pool/add name=home ranges=10.0.0.2-10.0.0.9", "/ppp/secret/add name=anna password=hidden-1"],
    )
    .await;
    let before = site.export();
    let first = backup::make(session, routers, id, BackupReason::Hand).await.unwrap();
    let again = backup::make(session, routers, id, BackupReason::Hand).await.unwrap();
    assert_eq!((first.id, first.changed_lines), (again.id, None), "one that is as the newest makes no new one");
    configure(
        &connection,
        &[
            "/ip/pool/add name=guests ranges=10.1.0.2-10.1.0.9",
            "/ip/pool/set .id=*1 ranges=10.0.0.2-10.0.0.99",
            "/ppp/secret/set .id=*1 password=hidden-2",
        ],
    )
    .await;
    backup::by_schedule(session, routers, &[id]).await;
    assert_eq!(backup::list(session, id).await.unwrap().len(), 1, "it was looked at within the day");
    let second = backup::make(session, routers, id, BackupReason::Hand).await.unwrap();
    assert_eq!(second.changed_lines, Some(3));
    let compared = backup::compare(session, routers, first.id, Some(second.id)).await.unwrap();
    assert_eq!(compared.lines.len(), 3);
    assert!(!format!("{compared:?}").contains("hidden"), "{compared:?}");
    assert!(backup::text(session, first.id).await.unwrap().contains("hidden-1"), "the text itself is whole");
    let plan = restore::plan(session, routers, first.id).await.unwrap();
    assert!(!format!("{plan:?}").contains("hidden"), "{plan:?}");
    let begun = restore::start(session, routers, demarc.driving(), first.id, &plan.digest).await.unwrap();
    let detail = site.watched(begun.id).await;
    ended(&detail, RunState::Done);
    assert_eq!(site.export(), before);
    assert!(restore::plan(session, routers, first.id).await.unwrap().steps.is_empty());
    ended(&site.undo(begun.id).await, RunState::Undone);
    assert!(site.export().contains("guests"));
    backup::remove(session, second.id).await.unwrap();
    assert_eq!(backup::list(session, id).await.unwrap().len(), 2, "the first, and the run's own");
}

#[tokio::test]
async fn a_report_holds_the_plan_and_no_secret() {
    let provider = Provider::new().await;
    let site = Site::new("7.18", 1812, provider).await;
    let detail = site.apply(&site.request("pppoe-hotspot")).await;
    ended(&detail, RunState::Done);
    let session = &site.provider.session;
    let secret = router::reveal_secret(session, site.tower.id).await.unwrap();
    let access = router::reveal_access(session, site.tower.id).await.unwrap();
    for form in [ReportForm::Html, ReportForm::Json] {
        let report = run::report(session, detail.run.id, form).await.unwrap();
        assert!(report.contains("demarc-pppoe") && report.contains("Karim"), "{report}");
        assert!(!report.contains(&secret) && !report.contains(&access.password));
        assert!(!report.contains(ROUTER_PASSWORD));
    }
    // nor do they stand in the database in clear
    let everything: String = sqlx::query_scalar(
        "select (select string_agg(u::text, '') from run u) || (select string_agg(s::text, '') from run_step s)
           || (select string_agg(t::text, '') from router_template t)",
    )
    .fetch_one(&site.provider.administrator().await)
    .await
    .unwrap();
    assert!(!everything.contains(&secret) && !everything.contains(&access.password));
}

#[tokio::test]
async fn a_configuration_that_is_too_long_to_be_handed_out_holds_nothing_up() {
    let provider = Provider::new().await;
    let seeds = routeros_sim::Seeds { pools: 200, ..Default::default() };
    let release = RELEASES[0].parse().expect("a release");
    let site = Site::of(Options { release, seeds, ..Options::default() }, 1812, provider).await;
    let before = site.export();
    assert!(before.len() > 4096);
    let detail = site.apply(&site.request("pppoe")).await;
    ended(&detail, RunState::Done);
    let (session, demarc) = (&site.provider.session, &site.provider.demarc);
    let kept = backup::list(session, site.tower.id).await.unwrap();
    let refused = restore::plan(session, demarc.routers(), kept[0].id).await.unwrap_err();
    assert!(refused.message.contains("too long"), "{refused}");
    let (bytes, password) = backup::binary(session, kept[0].id).await.unwrap();
    assert!(bytes.is_empty() && password.len() == 32, "it stayed on the router");
    ended(&site.undo(detail.run.id).await, RunState::Undone);
    assert_eq!(site.export(), before);
}
