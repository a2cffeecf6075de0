//! Sessions as a router has them and as it reported them: subscribers of a simulated router that log in through a real
//! FreeRADIUS, and are ended and changed from Demarc.

use std::time::Duration;

use domain::router::{Agreement, Router, RouterSessions, SessionChoice, ToldBy};
use domain::session::{LiveState, Service, SessionQuery, SessionRow};
use domain::{ErrorCode, Role};
use operations::service::Beside;
use operations::{router, session as sessions};
use routeros::Connection;
use routeros_sim::subscriber::{SessionHandle, Subscriber, TerminateCause};
use routeros_sim::{Options, Simulator};
use tests::nas::free_udp_port;
use tests::provider::{CUSTOMER_PASSWORD, Provider, customer, package, pppoe};
use tests::radius::Radius;
use tests::simulator::{add, configure, serve_subscribers, simulator};
use tests::tree;

/// A provider with a FreeRADIUS, and a router that serves subscribers.
struct Site {
    provider: Provider,
    sim: Simulator,
    tower: Router,
    connection: Connection,
    home: i64,
    beside: Option<Beside>,
    _radius: Radius,
}

impl Site {
    async fn new() -> Self {
        let provider = Provider::new().await;
        let session = &provider.session;
        let radius = Radius::start(&provider).await;
        let sim = simulator(Options { identity: "tower-1".into(), ..Options::default() }).await;
        let tower = add(session, "tower-1", "127.0.0.1", sim.addr()).await;
        let coa_port = free_udp_port([127, 0, 0, 1].into());
        let mut draft = tests::simulator::draft("tower-1", "127.0.0.1", sim.addr());
        draft.coa_port = coa_port.to_string();
        let tower = router::edit(session, tower.id, tower.version, &draft).await.unwrap();
        let secret = router::reveal_secret(session, tower.id).await.unwrap();
        let connection = serve_subscribers(&sim, radius.auth_port, &secret, coa_port).await;
        let beside = Beside::live_changes(provider.demarc.place()).await.unwrap();
        let home = package(session).await.id;
        Self { provider, sim, tower, connection, home, beside, _radius: radius }
    }

    /// A customer who dials and is let in, and whose session is reported.
    async fn online(&self, name: &str) -> (SessionHandle, SessionRow) {
        customer(&self.provider.session, &pppoe(name, name, self.home)).await;
        let handle = self.dial(name).await;
        (handle, self.reported(name).await)
    }

    async fn dial(&self, name: &str) -> SessionHandle {
        let subscriber = Subscriber::pppoe(name, CUSTOMER_PASSWORD);
        self.sim.dial(subscriber).await.unwrap_or_else(|refused| panic!("{name}: {refused}"))
    }

    async fn reported(&self, name: &str) -> SessionRow {
        let query = SessionQuery { search: name.into(), limit: 10, ..SessionQuery::default() };
        tests::wait_for(&format!("the report about {name}"), Duration::from_secs(10), || async {
            let rows = sessions::list(&self.provider.session, &query).await.unwrap().rows;
            rows.into_iter().find(|row| row.user_name == name)
        })
        .await
    }

    async fn compared(&self) -> RouterSessions {
        router::sessions(&self.provider.session, self.provider.demarc.routers(), self.tower.id).await.unwrap()
    }

    async fn end(mut self) {
        if let Some(beside) = self.beside.take() {
            beside.stop().await;
        }
    }
}

async fn ended(handle: &SessionHandle) -> TerminateCause {
    tokio::time::timeout(Duration::from_secs(10), handle.ended()).await.expect("the session ends")
}

#[tokio::test]
async fn a_router_and_its_reports_are_held_against_each_other() {
    let site = Site::new().await;
    let (_rahim, reported) = site.online("rahim").await;
    // a list on the router lets her in, and nothing is reported
    configure(
        &site.connection,
        &["/ppp/aaa/set accounting=no", "/ppp/secret/add name=salma password=own profile=home"],
    )
    .await;
    let _salma = site.sim.dial(Subscriber::pppoe("salma", "own")).await.unwrap();
    // it ended in a power cut, and nobody was told
    site.provider
        .sql(
            "insert into radacct (acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, username, nasipaddress,
               acctstarttime, acctupdatetime)
             select 'lost', '81f00001', tenant_id, operator_id, id, 'karim', address, now() - interval '1 hour', now()
             from router",
        )
        .await;

    let compared = site.compared().await;
    assert_eq!((compared.agreed, compared.only_on_router, compared.only_reported), (1, 1, 1), "{compared:?}");
    let by_name = |name: &str| compared.rows.iter().find(|row| row.user_name == name).unwrap();
    let rahim = by_name("rahim");
    assert_eq!((rahim.agreement, rahim.session_id), (Agreement::Agreed, Some(reported.id)));
    assert_eq!((rahim.service, rahim.through_radius), (Some(Service::Pppoe), true));
    assert_eq!(rahim.customer_name.as_deref(), Some("rahim"));
    let salma = by_name("salma");
    assert_eq!((salma.agreement, salma.session_id, salma.through_radius), (Agreement::OnlyOnRouter, None, false));
    assert_eq!(by_name("karim").agreement, Agreement::OnlyReported);
    assert_ne!(compared.rows[0].agreement, Agreement::Agreed, "differences come first");

    let dead = add(&site.provider.session, "dead", "127.0.0.9", ([127, 0, 0, 1], 9).into()).await;
    let mut told = 0;
    let all =
        sessions::differences(&site.provider.session, site.provider.demarc.routers(), |_| told += 1).await.unwrap();
    assert_eq!((all.len(), told), (2, 2));
    let of = |id: i64| all.iter().find(|one| one.router_id == id).unwrap();
    assert!(of(dead.id).problem.as_deref().is_some_and(|problem| problem.contains("dead")), "{:?}", of(dead.id));
    assert_eq!(of(site.tower.id).rows.len(), 2, "those that agree are left out");
    site.end().await;
}

#[tokio::test]
async fn sessions_are_ended_through_radius_where_it_works_and_else_at_the_router() {
    let site = Site::new().await;
    let (session, routers) = (&site.provider.session, site.provider.demarc.routers());
    let (rahim, first) = site.online("rahim").await;
    let (jamila, second) = site.online("jamila").await;
    let alone =
        sessions::disconnect(session, routers, &[SessionChoice::Reported { session_id: 999_999 }], |_| {}).await;
    assert_eq!(alone.unwrap_err().code, ErrorCode::NotFound);
    let choices = [SessionChoice::Reported { session_id: first.id }, SessionChoice::Reported { session_id: 999_999 }];
    let mut told = Vec::new();
    let outcomes = sessions::disconnect(session, routers, &choices, |one| told.push(one.state)).await.unwrap();
    assert_eq!(told.len(), 2);
    let of = |id: i64| outcomes.iter().find(|one| one.choice == SessionChoice::Reported { session_id: id }).unwrap();
    assert_eq!((of(first.id).state, of(first.id).told_by), (LiveState::Done, ToldBy::Radius), "{outcomes:?}");
    assert_eq!(of(999_999).state, LiveState::Refused, "{outcomes:?}");
    assert_eq!(ended(&rahim).await, TerminateCause::AdminReset);

    // from now on it obeys nobody
    configure(&site.connection, &["/radius/incoming/set accept=no"]).await;
    let choices = [SessionChoice::Reported { session_id: second.id }];
    let outcomes = sessions::disconnect(session, routers, &choices, |_| {}).await.unwrap();
    assert_eq!((outcomes[0].state, outcomes[0].told_by), (LiveState::Done, ToldBy::Api), "{outcomes:?}");
    ended(&jamila).await;

    // one that only the router knows
    configure(
        &site.connection,
        &["/ppp/aaa/set accounting=no", "/ppp/secret/add name=salma password=own profile=home"],
    )
    .await;
    let salma = site.sim.dial(Subscriber::pppoe("salma", "own")).await.unwrap();
    let row = site.compared().await.rows.into_iter().find(|row| row.user_name == "salma").unwrap();
    let choice = SessionChoice::OnRouter {
        router_id: site.tower.id,
        service: Service::Pppoe,
        item_id: row.item_id.unwrap(),
        user_name: "salma".into(),
    };
    let outcomes = sessions::disconnect(session, routers, std::slice::from_ref(&choice), |_| {}).await.unwrap();
    assert_eq!((outcomes[0].state, outcomes[0].told_by), (LiveState::Done, ToldBy::Api), "{outcomes:?}");
    ended(&salma).await;
    let again = sessions::disconnect(session, routers, &[choice], |_| {}).await.unwrap();
    assert_eq!(again[0].state, LiveState::Gone, "{again:?}");

    let query = domain::audit::AuditQuery { record: Some("router".into()), limit: 50, ..Default::default() };
    let rows = operations::audit::list(session, &query).await.unwrap().rows;
    let noted = rows.iter().filter(|row| row.action == domain::audit::AuditAction::Disconnect).count();
    assert_eq!(noted, 2, "each that was ended at the router: {rows:?}");
    site.end().await;
}

#[tokio::test]
async fn a_router_that_is_gone_leaves_each_session_with_both_reasons() {
    let site = Site::new().await;
    let (_rahim, row) = site.online("rahim").await;
    let (provider, beside) = (site.provider, site.beside);
    drop((site.connection, site.sim));
    let choices = [SessionChoice::Reported { session_id: row.id }];
    let outcomes = sessions::disconnect(&provider.session, provider.demarc.routers(), &choices, |_| {}).await.unwrap();
    assert_eq!(outcomes.len(), 1);
    assert!(matches!(outcomes[0].state, LiveState::NoAnswer | LiveState::Waiting), "{outcomes:?}");
    assert!(outcomes[0].detail.contains("tower-1"), "{outcomes:?}");
    beside.unwrap().stop().await;
}

#[tokio::test]
async fn a_sessions_speed_is_changed_until_something_else_changes_it() {
    let site = Site::new().await;
    let (session, routers) = (&site.provider.session, site.provider.demarc.routers());
    let (_rahim, row) = site.online("rahim").await;
    let rate = |sim: &Simulator| {
        let router = sim.router();
        let queue = router.find("/queue/simple", "name", "<pppoe-rahim>").expect("its queue");
        router.row("/queue/simple", queue).and_then(|row| row.get("max-limit").map(str::to_owned)).unwrap_or_default()
    };
    assert_eq!(rate(&site.sim), "5000000/10000000");
    let outcomes = sessions::limit(session, &[row.id], "1M/2M", |_| {}).await.unwrap();
    assert_eq!((outcomes[0].state, outcomes[0].told_by), (LiveState::Done, ToldBy::Radius), "{outcomes:?}");
    assert_eq!(rate(&site.sim), "1000000/2000000");
    assert_eq!(site.reported("rahim").await.rate_limit.as_deref(), Some("1M/2M"));

    let back = sessions::apply(session, row.id).await.unwrap();
    assert_eq!(back.state, LiveState::Done, "{back:?}");
    assert_eq!(rate(&site.sim), "5000000/10000000", "it has what a log-in would get");

    // a package that changes goes before it, and so does a suspension
    configure(&site.connection, &["/radius/incoming/set accept=no"]).await;
    sessions::limit(session, &[row.id], "1M/2M", |_| {}).await.unwrap();
    site.provider.sql("update package set rate_limit = '20M/20M'").await;
    let waiting = "select limit_rate is null and cause = 'package' from live_change order by id desc limit 1";
    let administrator = site.provider.administrator().await;
    let (cleared,): (bool,) = sqlx::query_as(waiting).fetch_one(&administrator).await.unwrap();
    assert!(cleared, "the package goes before the speed by hand");
    sessions::limit(session, &[row.id], "1M/2M", |_| {}).await.unwrap();
    operations::customer::suspend(session, row.customer_id.unwrap(), "").await.unwrap();
    sessions::limit(session, &[row.id], "1M/2M", |_| {}).await.unwrap();
    let planned = "select p.action from live_change l cross join lateral service.plan_live_change(l.id) p
                   order by l.id desc limit 1";
    let (action,): (String,) = sqlx::query_as(planned).fetch_one(&administrator).await.unwrap();
    assert_eq!(action, "disconnect", "who is suspended does not go on faster");

    let refused = sessions::limit(session, &[row.id], "fast", |_| {}).await.unwrap_err();
    assert_eq!((refused.code, refused.fields[0].field.as_str()), (ErrorCode::InvalidInput, "rate_limit"));
    let none = sessions::disconnect(session, routers, &[], |_| {}).await.unwrap_err();
    assert_eq!(none.code, ErrorCode::InvalidInput);

    // nobody obeys: it says so, and what to do
    let outcomes = sessions::limit(session, &[row.id], "1M/2M", |_| {}).await.unwrap();
    assert!(outcomes[0].state != LiveState::Done && outcomes[0].detail.contains("end it"), "{outcomes:?}");
    site.end().await;
}

#[tokio::test]
async fn support_ends_sessions_without_ever_logging_in_to_a_router() {
    let site = Site::new().await;
    let owner = &site.provider.session;
    let (rahim, row) = site.online("rahim").await;
    let permissions = vec![domain::Permission::SessionRead, domain::Permission::SessionChange];
    let (demarc, support) =
        tree::person(&site.provider, owner, "Support", Role::Staff, owner.staff.operator_id, permissions).await;
    let before = site.sim.connections();
    let choices = [SessionChoice::Reported { session_id: row.id }];
    let outcomes = sessions::disconnect(&support, demarc.routers(), &choices, |_| {}).await.unwrap();
    assert_eq!((outcomes[0].state, outcomes[0].told_by), (LiveState::Done, ToldBy::Radius), "{outcomes:?}");
    ended(&rahim).await;
    assert_eq!(site.sim.connections(), before);
    let refused = sessions::differences(&support, demarc.routers(), |_| {}).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotAllowed);
    site.end().await;
}

#[tokio::test]
async fn a_session_that_came_back_is_not_taken_for_the_one_before() {
    let site = Site::new().await;
    let (session, routers) = (&site.provider.session, site.provider.demarc.routers());
    let (rahim, row) = site.online("rahim").await;
    // the session before ended unreported: the same name, device and address, under another number
    site.provider
        .sql(
            "insert into radacct (acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username,
               nasipaddress, acctstarttime, acctupdatetime, mac, framedipaddress)
             select 'before', '81f00099', tenant_id, operator_id, router_id, customer_id, username, nasipaddress,
               acctstarttime - interval '1 hour', now(), mac, framedipaddress from radacct",
        )
        .await;
    let compared = site.compared().await;
    assert_eq!((compared.agreed, compared.only_reported), (1, 1), "{compared:?}");
    let before = compared.rows.iter().find(|row| row.agreement == Agreement::OnlyReported).unwrap();
    configure(&site.connection, &["/radius/incoming/set accept=no"]).await;
    let choice = SessionChoice::Reported { session_id: before.session_id.unwrap() };
    let outcomes = sessions::disconnect(session, routers, &[choice], |_| {}).await.unwrap();
    assert_eq!((outcomes[0].state, outcomes[0].told_by), (LiveState::Gone, ToldBy::Api), "{outcomes:?}");
    assert_eq!(rahim.cause(), None, "the one that is there goes on");
    let open = sessions::list(session, &SessionQuery { limit: 10, ..SessionQuery::default() }).await.unwrap().rows;
    assert_eq!(open.iter().map(|row| row.id).collect::<Vec<_>>(), [row.id], "the record of the other one has ended");
    site.end().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_not_told_as_if_nothing_had_happened() {
    use routeros_sim::{Fault, Mishap, Moment};
    let site = Site::new().await;
    let (session, routers) = (&site.provider.session, site.provider.demarc.routers());
    configure(
        &site.connection,
        &["/ppp/aaa/set accounting=no", "/ppp/secret/add name=salma password=own profile=home"],
    )
    .await;
    let _salma = site.sim.dial(Subscriber::pppoe("salma", "own")).await.unwrap();
    let choose = async || {
        let row = site.compared().await.rows.into_iter().find(|row| row.user_name == "salma").unwrap();
        let (router_id, service, item_id) = (site.tower.id, Service::Pppoe, row.item_id.unwrap());
        SessionChoice::OnRouter { router_id, service, item_id, user_name: "salma".into() }
    };
    let fault = |what| Fault {
        menu: Some("/ppp/active".into()),
        verb: Some("remove".into()),
        nth: 1,
        moment: Moment::Before,
        what,
    };
    site.sim.fault(fault(Mishap::Trap("not enough permissions (9)".into())));
    let outcomes = sessions::disconnect(session, routers, &[choose().await], |_| {}).await.unwrap();
    assert_eq!(outcomes[0].state, LiveState::Refused, "{outcomes:?}");
    assert!(outcomes[0].detail.contains("policies"), "it says what to do: {outcomes:?}");
    site.sim.fault(fault(Mishap::Drop));
    let outcomes = sessions::disconnect(session, routers, &[choose().await], |_| {}).await.unwrap();
    assert_eq!(outcomes[0].state, LiveState::Unknown, "{outcomes:?}");
    site.end().await;
}
