//! Working through a long list, and what is remembered of how somebody works.

use fantoccini::Locator;
use operations::Place;
use tests::provider::{OWNER_PASSWORD, Provider, customer, package, pppoe, router};
use tests::window::Window;

/// A provider with three thousand customers, whose program has quit.
async fn many_customers() -> tempfile::TempDir {
    let provider = Provider::new().await;
    let session = &provider.session;
    let home = package(session).await;
    router(session, "tower-1", "10.0.0.1").await;
    customer(session, &pppoe("Zahid Hasan", "zahid", home.id)).await;
    sqlx::query(
        "with person as (
           insert into customer (tenant_id, operator_id, package_id, connection_type, name, name_folded, mobile,
             search_text, registered_at, expires_at, balance, status)
           select 1, 1, $1, 'pppoe', name, lower(name), mobile, lower(name) || ' ' || mobile,
             now() - n * interval '5 hours', case when n % 11 <> 0 then now() + (n % 37 - 6) * interval '19 hours' end,
             case when n % 5 = 0 then -50000 when n % 17 = 0 then 12500 else 0 end,
             case when n % 23 = 0 then 'suspended' else 'active' end
           from (
             select n, '+88017' || to_char(10000000 + n * 7919 % 89999999, 'FM00000000') as mobile,
               (array['Abdul', 'Rahim', 'Salma', 'Karima', 'Jamal', 'Nusrat', 'Farhana', 'Tanvir', 'Shafiq', 'Mitu', 'Anika',
                 'Bashir', 'Delwar', 'Habiba', 'Imran'])[1 + n % 15]
               || ' ' || chr(65 + (n / 15) % 20) || '. ' ||
               (array['Uddin', 'Begum', 'Hossain', 'Akter', 'Chowdhury', 'Khatun', 'Miah', 'Sarkar', 'Das', 'Sultana'])
                 [1 + (n / 300) % 10]
               as name
             from generate_series(1, 3000) n
           ) people
           returning id, name
         )
         insert into login (tenant_id, operator_id, customer_id, kind, name, name_folded, secret)
         select 1, 1, id, 'pppoe', 'user' || id, 'user' || id, 'not-a-real-one' from person",
    )
    .bind(home.id)
    .execute(&provider.administrator().await)
    .await
    .unwrap();
    provider.demarc.quit().await;
    provider.into_folder()
}

async fn log_in(window: &Window) {
    window.part("login-form").await;
    window.fill("name", "Karim").await;
    window.fill("password", OWNER_PASSWORD).await;
    window.submit("login-form").await;
    window.part("customer-row").await;
}

/// The first row that is shown.
async fn first_name(window: &Window) -> String {
    window.part("customer-row").await.prop("textContent").await.unwrap().unwrap_or_default()
}

#[tokio::test]
async fn a_long_list_is_paged_searched_and_sorted_and_choices_are_remembered() {
    let folder = many_customers().await;
    let window = Window::open(folder.path()).await;
    log_in(&window).await;
    window.shows("main, body", "3,001").await;
    window.find("[name='page_size']").await.select_by_value("200").await.unwrap();
    window.shows("body", "200 rows").await;
    // windowed: what is not in sight is not in the document
    let rows = window.client.find_all(Locator::Css("[data-testid='customer-row']")).await.unwrap().len();
    assert!((10..100).contains(&rows), "{rows} rows in the document");
    window.part("customer-row").await.click().await.unwrap();
    window.part("customer-detail").await;
    window.picture("30-list-and-customer").await;

    window.fill("search", "zahid").await;
    window.shows("[data-testid='customer-row']", "Zahid Hasan").await;
    window.shows("main, body", "1 found").await;
    window.fill("search", "").await;
    window.shows("main, body", "3,001").await;
    tests::wait_for("the first name", std::time::Duration::from_secs(10), || async {
        first_name(&window).await.contains("Abdul").then_some(())
    })
    .await;

    // dark, and in Bengali
    window.click("nav-settings").await;
    window.find("a[href='#/settings/appearance']").await.click().await.unwrap();
    window.find("[name='theme'][value='dark']").await.click().await.unwrap();
    let colour = "return getComputedStyle(document.body).backgroundColor";
    let dark = window.client.execute(colour, Vec::new()).await.unwrap();
    assert_eq!(dark.as_str(), Some("rgb(26, 28, 30)"), "the person's choice, not the system's");
    window.picture("31-settings-dark").await;
    window.find("[name='language'][value='bn']").await.click().await.unwrap();
    window.shows("[data-testid='nav-customers']", "গ্রাহক").await;
    window.click("nav-customers").await;
    window.part("customer-row").await;
    window.picture("32-customers-dark-bengali").await;
    window.click("log-out").await;
    log_in(&window).await;
    window.picture("33-logged-in-again").await;
    let language = window.find("html").await.attr("lang").await.unwrap();
    assert_eq!(language.as_deref(), Some("bn"));
    let page_size = window.find("[name='page_size']").await.prop("value").await.unwrap();
    assert_eq!(page_size.as_deref(), Some("200"));
    window.close().await;
    Place::embedded_in(folder.path()).embedded().unwrap().stop(false).await.unwrap();
}
