//! Bringing routers into service from a template, and taking it back.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::customer::{ConnectionType, CustomerDraft};
use domain::package::PackageDraft;
use domain::provision::{Plan, ProvisionRequest};
use domain::router::Router;
use domain::run::{RunDetail, RunState, RunStepState};
use operations::provision::{planning, start};
use operations::{router, run};
use routeros::menus::file::{Secrets, export};
use routeros_sim::subscriber::{SessionHandle, Subscriber};
use routeros_sim::{Options, Simulator};
use tests::nas::free_udp_port;
use tests::provider::{CUSTOMER_PASSWORD, Provider, customer, pppoe};
use tests::radius::Radius;
use tests::simulator::{add, connect, simulator};

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
        for (name, value) in
            [("radius_address", "127.0.0.1"), ("radius_port", auth.as_str()), ("radius_accounting_port", &accounting)]
        {
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
        assert!(plan.ready, "{plan:#?}");
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
        let detail = tokio::time::timeout(Duration::from_secs(60), watch).await.expect("the run ends").unwrap();
        self.provider.demarc.driving().settled().await;
        detail
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
    async fn export(&self) -> String {
        let connection = connect(&self.sim).await;
        let text = export(&connection, Secrets::Shown).await.expect("an export");
        connection.close().await;
        let text = String::from_utf8(text).expect("text");
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
    let before = site.export().await;
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
    assert_eq!(site.export().await, before, "{release} {template}");
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
