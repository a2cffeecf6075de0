//! Sessions, as routers report them through a real FreeRADIUS: whatever goes wrong on the way, the truth comes out.

use domain::session::{OnlineState, SessionFilter, SessionQuery, SessionRow, SessionState};
use tests::provider::{Provider, customer, package, pppoe, router};
use tests::radius::{Line, Radius};

const MAC: &str = "08:55:31:AA:0B:0C";

async fn list(provider: &Provider, filter: SessionFilter) -> Vec<SessionRow> {
    let query = SessionQuery { filter, limit: 50, ..SessionQuery::default() };
    operations::session::list(&provider.session, &query).await.unwrap().rows
}

/// A provider with tower-1, the package and the customer `rahim`.
async fn provider() -> (Provider, Radius, String, i64) {
    let provider = Provider::new().await;
    let radius = Radius::start(&provider).await;
    let (_, secret) = router(&provider.session, "tower-1", "127.0.0.1").await;
    let home = package(&provider.session).await;
    let rahim = customer(&provider.session, &pppoe("Rahim", "rahim", home.id)).await.id;
    (provider, radius, secret, rahim)
}

#[tokio::test]
async fn a_customer_is_unknown_online_stale_and_offline() {
    let (provider, radius, secret, rahim) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let online = async || operations::customer::show(&provider.session, rahim).await.unwrap().online;
    assert_eq!(online().await, OnlineState::Unknown, "nobody ever reported a session");

    let class = line.start("80000001", "10.0.0.9").await;
    assert_eq!(online().await, OnlineState::Online);
    let rows = list(&provider, SessionFilter::Open).await;
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((row.state, row.customer_id, row.mac.as_deref()), (SessionState::Online, Some(rahim), Some(MAC)));
    assert_eq!((row.address.as_deref(), row.rate_limit.as_deref()), (Some("10.0.0.9"), Some("5M/10M")));
    assert_eq!(row.service, Some(domain::session::Service::Pppoe));

    // one interval without a report is nothing yet; two are stale
    provider.sql("update radacct set acctupdatetime = now() - interval '9 minutes'").await;
    assert_eq!(online().await, OnlineState::Online);
    provider.sql("update radacct set acctupdatetime = now() - interval '11 minutes'").await;
    assert_eq!(online().await, OnlineState::Stale);
    assert_eq!(list(&provider, SessionFilter::Stale).await.len(), 1);
    let counted = operations::session::count(&provider.session).await.unwrap();
    assert_eq!((counted.online, counted.stale), (0, 1));

    line.report("Interim-Update", "80000001", Some(&class), &["Acct-Session-Time = 700"]).await;
    assert_eq!(online().await, OnlineState::Online);
    let stop = ["Acct-Session-Time = 800", "Acct-Terminate-Cause = User-Request"];
    line.report("Stop", "80000001", Some(&class), &stop).await;
    assert_eq!(online().await, OnlineState::Offline);
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 0);
    assert_eq!(list(&provider, SessionFilter::Ended).await[0].terminate_cause.as_deref(), Some("User-Request"));

    // let in, and then silence: the router does no accounting
    line.class().await;
    assert_eq!(online().await, OnlineState::Offline, "the start may be on its way");
    provider.sql("update radpostauth set at = at - interval '2 minutes'").await;
    provider.sql("update radacct set acctupdatetime = acctupdatetime - interval '5 minutes'").await;
    assert_eq!(online().await, OnlineState::Unknown);
}

#[tokio::test]
async fn a_lost_stop_is_made_good_by_the_devices_next_session_wherever_that_is() {
    let (provider, radius, secret, rahim) = provider().await;
    let (_, other_secret) = router(&provider.session, "tower-2", "127.0.0.2").await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let first = line.start("80000001", "10.0.0.9").await;

    // the router restarted, counts from the beginning again and says nothing of the old session
    let second = line.start("80000001", "10.0.0.10").await;
    let rows = operations::customer::show(&provider.session, rahim).await.unwrap().sessions;
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [SessionState::Online, SessionState::Ended]);
    assert_eq!(rows[1].terminate_cause.as_deref(), Some("Lost-Stop"));

    // the device moved to the next tower
    let moved =
        Line { router: "127.0.0.2".into(), nas_identifier: "tower-2".into(), secret: other_secret, ..line.clone() };
    moved.start("80000007", "10.0.1.9").await;
    let rows = list(&provider, SessionFilter::Open).await;
    assert_eq!(rows.iter().map(|row| row.router_name.as_str()).collect::<Vec<_>>(), ["tower-2"]);

    // and if the old tower reports the session after all, it was not over
    line.report("Interim-Update", "80000001", Some(&second), &["Acct-Session-Time = 300"]).await;
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 2);
    // while a late report of the very first changes nothing: it says no more than was known
    line.report("Start", "80000001", Some(&first), &[]).await;
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 2);
}

#[tokio::test]
async fn a_router_that_is_renamed_or_starts_anew_splits_no_session() {
    let (provider, radius, secret, _) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let class = line.start("80000001", "10.0.0.9").await;
    let renamed = Line { nas_identifier: "tower-north".into(), ..line.clone() };
    renamed.report("Interim-Update", "80000001", Some(&class), &["Acct-Session-Time = 300"]).await;
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 1);

    // Accounting-On: nothing of before goes on, until it is reported again
    let on = ["Acct-Status-Type = Accounting-On", "Packet-Src-IP-Address = 127.0.0.1"];
    assert!(radius.account(&on, &secret).await.starts_with("Accounting-Response"));
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 0);
    assert_eq!(list(&provider, SessionFilter::Ended).await[0].terminate_cause.as_deref(), Some("NAS-Reboot"));
    renamed.report("Interim-Update", "80000001", Some(&class), &["Acct-Session-Time = 600"]).await;
    let rows = list(&provider, SessionFilter::Open).await;
    assert_eq!((rows.len(), rows[0].seconds, rows[0].ended_at), (1, 600, None));
}

#[tokio::test]
async fn reports_that_come_twice_late_and_out_of_order_count_once() {
    let (provider, radius, secret, rahim) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let class = line.class().await;
    // the start is lost; each report comes twice; an older one comes after a newer one
    let report = async |status: &str, seconds: u32, gigawords: u32, octets: u32| {
        let time = format!("Acct-Session-Time = {seconds}");
        let low = format!("Acct-Output-Octets = {octets}");
        let high = format!("Acct-Output-Gigawords = {gigawords}");
        for _ in 0..2 {
            line.report(status, "80000001", Some(&class), &[&time, &low, &high]).await;
        }
    };
    report("Interim-Update", 300, 0, 4_000_000_000).await;
    // beyond 4 GiB the low word begins anew
    report("Interim-Update", 900, 1, 100).await;
    report("Interim-Update", 600, 0, 4_294_967_295).await;
    report("Stop", 1000, 1, 5_000).await;
    report("Interim-Update", 900, 1, 100).await;
    report("Start", 0, 0, 0).await;

    let shown = operations::customer::show(&provider.session, rahim).await.unwrap();
    let bytes = (1_i64 << 32) + 5_000;
    let sessions: Vec<_> = shown.sessions.iter().map(|row| (row.state, row.seconds, row.download)).collect();
    assert_eq!(sessions, [(SessionState::Ended, 1000, bytes)]);
    let usage = operations::session::usage(&provider.session, rahim, None, None).await.unwrap();
    assert_eq!((usage.download, usage.upload, usage.seconds), (bytes, 0, 1000));
    assert_eq!(shown.quota.map(|quota| quota.used_bytes), Some(bytes));
}

#[tokio::test]
async fn a_routers_clock_is_not_asked_and_a_report_that_waited_counts_from_when_it_was_written() {
    let (provider, radius, secret, rahim) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let class = line.class().await;
    let more = ["Acct-Session-Time = 600", "Event-Timestamp = \"Jan 1 1970 00:00:07 UTC\"", "Acct-Delay-Time = 120"];
    line.report("Interim-Update", "80000001", Some(&class), &more).await;
    let row = &operations::customer::show(&provider.session, rahim).await.unwrap().sessions[0];
    let now = chrono::Utc::now();
    let age = |at: chrono::DateTime<chrono::Utc>| (now - at).num_seconds();
    assert!((118..130).contains(&age(row.updated_at)), "{}", age(row.updated_at));
    assert!((718..730).contains(&age(row.started_at)), "{}", age(row.started_at));
    assert_eq!(row.state, SessionState::Online);
    // a delay from a clock that jumped is not believed beyond a day
    let more = ["Acct-Session-Time = 700", "Acct-Delay-Time = 4000000000"];
    line.report("Interim-Update", "80000001", Some(&class), &more).await;
    let row = &operations::customer::show(&provider.session, rahim).await.unwrap().sessions[0];
    assert!((118..140).contains(&age(row.updated_at)), "the newest report stands: {}", age(row.updated_at));
}

#[tokio::test]
async fn usage_is_kept_by_day_of_the_providers_time_zone() {
    let (provider, radius, secret, rahim) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let class = line.start("80000001", "10.0.0.9").await;
    let report = async |seconds: u32, up: u32, down: u32| {
        let more = [
            format!("Acct-Session-Time = {seconds}"),
            format!("Acct-Input-Octets = {up}"),
            format!("Acct-Output-Octets = {down}"),
        ];
        line.report("Interim-Update", "80000001", Some(&class), &more.each_ref().map(String::as_str)).await;
    };
    report(300, 1_000, 10_000).await;
    // a day passes
    provider.sql("update usage_day set day = day - 1").await;
    report(600, 1_500, 30_000).await;
    let usage = operations::session::usage(&provider.session, rahim, None, None).await.unwrap();
    let days: Vec<_> = usage.days.iter().map(|day| (day.upload, day.download, day.seconds)).collect();
    assert_eq!(days, [(1_000, 10_000, 300), (500, 20_000, 300)]);
    let dhaka = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Dhaka).date_naive();
    assert_eq!(usage.days[1].day, dhaka);
    let one = operations::session::usage(&provider.session, rahim, Some(dhaka), Some(dhaka)).await.unwrap();
    assert_eq!((one.download, one.days.len()), (20_000, 1));
    let error = operations::session::usage(&provider.session, rahim, Some(dhaka), dhaka.pred_opt()).await.unwrap_err();
    assert_eq!(error.fields[0].field, "to");
}

#[tokio::test]
async fn sessions_are_found_by_customer_device_address_and_router_page_by_page() {
    let (provider, radius, secret, _) = provider().await;
    let home = operations::package::list(&provider.session).await.unwrap()[0].id;
    for number in 1..=5 {
        customer(&provider.session, &pppoe(&format!("Customer {number}"), &format!("user{number}"), home)).await;
        let line = Line::new(&radius, &secret, &format!("user{number}"), &format!("08:55:31:AA:0B:{number:02}"));
        line.start(&format!("8000000{number}"), &format!("10.0.0.{number}")).await;
    }
    let found = async |search: &str| -> Vec<String> {
        let query = SessionQuery { search: search.into(), limit: 50, ..SessionQuery::default() };
        let page = operations::session::list(&provider.session, &query).await.unwrap();
        page.rows.into_iter().map(|row| row.user_name).collect()
    };
    assert_eq!(found("Customer 3").await, ["user3"]);
    assert_eq!(found("user2").await, ["user2"]);
    assert_eq!(found("0855.31aa.0b04").await, ["user4"]);
    assert_eq!(found("10.0.0.5").await, ["user5"]);
    assert_eq!(found("nobody").await, Vec::<String>::new());
    let first =
        operations::session::list(&provider.session, &SessionQuery { limit: 3, ..SessionQuery::default() }).await;
    let first = first.unwrap();
    let names: Vec<_> = first.rows.iter().map(|row| row.user_name.as_str()).collect();
    assert_eq!(names, ["user5", "user4", "user3"], "the newest first");
    let rest = SessionQuery { limit: 3, after: first.next, ..SessionQuery::default() };
    let rest = operations::session::list(&provider.session, &rest).await.unwrap();
    assert_eq!((rest.rows.len(), rest.next), (2, None));
}

#[tokio::test]
async fn old_sessions_and_attempts_move_to_months_and_usage_stays() {
    let (provider, radius, secret, rahim) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    for number in ["80000001", "80000002", "80000003"] {
        let class = line.start(number, "10.0.0.9").await;
        let more = ["Acct-Session-Time = 300", "Acct-Output-Octets = 1000"];
        line.report("Stop", number, Some(&class), &more).await;
    }
    let open = line.start("80000004", "10.0.0.9").await;
    // one is 40 days old, one 70, and one three years; the attempts likewise. The open one began long ago
    provider
        .sql(
            "update radacct set acctstoptime = now() - case acctsessionid
               when '80000001' then interval '40 days' when '80000002' then interval '70 days'
               else interval '3 years' end where acctstoptime is not null",
        )
        .await;
    provider.sql("update radacct set acctstarttime = now() - interval '2 years' where acctstoptime is null").await;
    provider.sql("update radpostauth set at = now() - interval '40 days' where class is not null").await;

    let service =
        store::service::Service::beside(&provider.demarc.place().administrator().await.unwrap()).await.unwrap();
    assert_eq!(service.keep_history().await.unwrap(), 3 + 4);
    assert_eq!(service.keep_history().await.unwrap(), 0, "a second time there is nothing to do");
    let administrator = provider.administrator().await;
    let count = async |sql: &'static str| -> i64 { sqlx::query_scalar(sql).fetch_one(&administrator).await.unwrap() };
    assert_eq!(count("select count(*) from radacct").await, 1);
    assert_eq!(count("select count(*) from radacct_history").await, 2, "three years is too long ago");
    assert_eq!(count("select count(*) from radpostauth").await, 0);
    assert_eq!(count("select count(*) from radpostauth_history").await, 4);
    let usage = operations::session::usage(&provider.session, rahim, None, None).await.unwrap();
    assert_eq!(usage.download, 3000);
    // the session that goes on is still known by its Class
    line.report("Interim-Update", "80000004", Some(&open), &["Acct-Session-Time = 300"]).await;
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 1);
}

#[tokio::test]
async fn what_a_router_writes_in_its_own_code_page_is_kept_and_a_wrong_counter_is_not() {
    let (provider, radius, secret, rahim) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    // octets that are no UTF-8, as WinBox writes them, a zero among them; quotes, and what FreeRADIUS would expand
    for (number, name) in ["0x746f7572e9", "0x746f00757221", "\"it's %{User-Name} \\\\ `x`\""].iter().enumerate() {
        let number = format!("8000000{number}");
        let answer = {
            let name = format!("NAS-Identifier = {name}");
            let password = format!("User-Password = \"{}\"", tests::provider::CUSTOMER_PASSWORD);
            let odd =
                ["User-Name = \"rahim\"", &password, &name, "Calling-Station-Id = 0x2241e9", "Framed-Protocol = PPP"];
            radius.ask(&odd, &secret).await
        };
        assert!(answer.starts_with("Access-Accept"), "{answer}");
        let class = tests::radius::attribute(&answer, "Class").unwrap();
        let port = format!("NAS-Port-Id = {name}");
        line.report("Interim-Update", &number, Some(&class), &["Acct-Session-Time = 60", &port]).await;
    }
    assert_eq!(list(&provider, SessionFilter::Open).await.len() + list(&provider, SessionFilter::Ended).await.len(), 3);
    let shown = operations::customer::show(&provider.session, rahim).await.unwrap();
    assert_eq!(shown.attempts.len(), 3);
    assert_eq!(shown.attempts[0].calling_station_id.as_deref(), Some("\"Aé"));

    // 2^63 octets in a minute are no customer's; what comes after them counts
    let class = line.class().await;
    for more in [
        ["Acct-Session-Time = 60", "Acct-Input-Gigawords = 2147483647"],
        ["Acct-Session-Time = 90", "Acct-Input-Gigawords = 4294967295"],
        ["Acct-Session-Time = 4294967295", "Acct-Input-Octets = 0"],
        ["Acct-Session-Time = 120", "Acct-Input-Octets = 5000"],
    ] {
        line.report("Interim-Update", "80000009", Some(&class), &more).await;
    }
    let quota = operations::customer::show(&provider.session, rahim).await.unwrap().quota.unwrap();
    assert_eq!(quota.used_bytes, 5_000);
}

#[tokio::test]
async fn a_report_that_was_not_kept_is_not_acknowledged() {
    let (provider, radius, secret, _) = provider().await;
    let line = Line::new(&radius, &secret, "rahim", MAC);
    let class = line.class().await;
    provider.sql("create function demarc.broken() returns trigger language plpgsql as $$ begin raise deadlock_detected; end $$").await;
    provider
        .sql("create trigger broken before insert on demarc.radacct for each row execute function demarc.broken()")
        .await;
    let class_text = format!("Class = {class}");
    let start = ["Acct-Status-Type = Start", "User-Name = \"rahim\"", "Acct-Session-Id = \"1\"", &class_text];
    assert_eq!(radius.account(&start, &secret).await, "no answer", "the router sends it again");
    provider.sql("drop trigger broken on demarc.radacct").await;
    assert!(radius.account(&start, &secret).await.starts_with("Accounting-Response"));
    assert_eq!(list(&provider, SessionFilter::Open).await.len(), 1);
}
