//! One adapter for each command of `operations::COMMANDS`: finds the session, calls, returns.

// Tauri hands arguments over by value
#![allow(clippy::needless_pass_by_value)]

use std::time::Duration;

use chrono::NaiveDate;
use domain::Error;
use domain::audit::{AuditPage, AuditQuery};
use domain::customer::{Customer, CustomerCount, CustomerDraft, CustomerPage, CustomerQuery};
use domain::device::DeviceDraft;
use domain::explanation::{AskAbout, Explanation};
use domain::key::{KeyState, RotationProgress};
use domain::operator::{Operator, OperatorDraft, OperatorMove, Tenant};
use domain::package::{Package, PackageDraft};
use domain::payment::PaymentDraft;
use domain::provider::{Provider, ProviderDraft, ProviderSetup, SetupChoices, TenantDraft};
use domain::provision::{
    BackupReason, Blank, ConfigBackup, ConfigComparison, Drift, Plan, PlanCheck, ProvisionOutcome, ProvisionRequest,
    SectionDoc, Template, TemplateCheck, TemplateSummary,
};
use domain::router::{
    NearbyRouter, Router, RouterAccess, RouterDraft, RouterLive, RouterLogLine, RouterSessions, RouterTest,
    SessionChoice, SessionOutcome, TestStep,
};
use domain::run::{ReportForm, Run, RunCount, RunDetail, RunPage, RunQuery};
use domain::session::{LiveChange, RadiusState, SessionCount, SessionPage, SessionQuery, Usage};
use domain::staff::{PasswordChange, RolePermission, StaffDraft, StaffEnded, StaffMember};
use domain::zone::{Zone, ZoneDraft};
use operations::radius::{Listen, RadiusExport, RadiusSetup};
use operations::{AppState, Credentials, Demarc, Preferences, SetupStep};
use tauri::State;
use tauri::ipc::Channel;

type Reply<T> = Result<T, Error>;

/// A command that works in the session of whoever is logged in.
macro_rules! in_session {
    (@carry_out $demarc:ident, $call:expr) => { $demarc.carry_out($call).await };
    (@carry_out $demarc:ident, $call:expr, $routers:ident) => {{
        let $routers = $demarc.routers();
        $demarc.carry_out_at_router($call).await
    }};
    (@carry_out $demarc:ident, $call:expr, $routers:ident, $driving:ident) => {{
        let ($routers, $driving) = ($demarc.routers(), $demarc.driving());
        $demarc.carry_out_at_router($call).await
    }};
    ($($(#[$doc:meta])* $name:ident ( $($argument:ident : $type:ty),* ) -> $reply:ty =
        |$session:ident $(, $routers:ident $(, $driving:ident)?)?| $call:expr;)*) => {$(
        $(#[$doc])*
        #[tauri::command]
        #[specta::specta]
        pub(crate) async fn $name(demarc: State<'_, Demarc>, $($argument: $type),*) -> Reply<$reply> {
            let $session = &demarc.session().await?;
            in_session!(@carry_out demarc, $call $(, $routers $(, $driving)?)?)
        }
    )*};
}

in_session! {
    customer_list(query: CustomerQuery) -> CustomerPage = |session| operations::customer::list(session, &query);
    customer_count(query: CustomerQuery) -> CustomerCount = |session| operations::customer::count(session, &query);
    customer_show(id: i64) -> Customer = |session| operations::customer::show(session, id);
    customer_add(draft: CustomerDraft) -> Customer = |session| operations::customer::add(session, &draft);
    customer_edit(id: i64, version: i32, draft: CustomerDraft) -> Customer =
        |session| operations::customer::edit(session, id, version, &draft);
    customer_suspend(id: i64, reason: String) -> Customer =
        |session| operations::customer::suspend(session, id, &reason);
    customer_activate(id: i64) -> Customer = |session| operations::customer::activate(session, id);
    customer_pay(payment: PaymentDraft) -> Customer = |session| operations::customer::pay(session, &payment);
    customer_reveal_password(id: i64) -> String = |session| operations::customer::reveal_password(session, id);
    customer_add_device(id: i64, draft: DeviceDraft) -> Customer =
        |session| operations::customer::add_device(session, id, &draft);
    customer_remove_device(id: i64, device_id: i64) -> Customer =
        |session| operations::customer::remove_device(session, id, device_id);
    customer_primary_device(id: i64, device_id: i64) -> Customer =
        |session| operations::customer::primary_device(session, id, device_id);
    customer_explain(id: i64, about: AskAbout) -> Explanation =
        |session| operations::customer::explain(session, id, &about);
    customer_usage(id: i64, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Usage =
        |session| operations::session::usage(session, id, from, to);
    session_list(query: SessionQuery) -> SessionPage = |session| operations::session::list(session, &query);
    session_count() -> SessionCount = |session| operations::session::count(session);
    session_apply(id: i64) -> LiveChange = |session| operations::session::apply(session, id);
    run_list(query: RunQuery) -> RunPage = |session| operations::run::list(session, &query);
    run_show(id: i64) -> RunDetail = |session| operations::run::show(session, id);
    run_count() -> RunCount = |session| operations::run::count(session);
    run_cancel(id: i64) -> Run = |session| operations::run::cancel(session, id);
    run_undo(id: i64) -> Run = |session, routers, driving| operations::run::undo(session, routers, driving, id);
    run_continue(id: i64) -> Run = |session, routers, driving| operations::run::go_on(session, routers, driving, id);
    run_report(id: i64, form: ReportForm) -> String = |session| operations::run::report(session, id, form);
    template_list() -> Vec<TemplateSummary> = |session| operations::provision::template::list(session);
    template_show(name: String, version: Option<i32>) -> Template =
        |session| operations::provision::template::show(session, &name, version);
    template_save(name: String, version: i32, text: String) -> Template =
        |session| operations::provision::template::save(session, &name, version, &text);
    template_drop(name: String) -> () = |session| operations::provision::template::drop(session, &name);
    provision_blanks(request: ProvisionRequest) -> Vec<Blank> =
        |session, routers| operations::provision::blanks::list(session, routers, &request);
    provision_start(request: ProvisionRequest, digest: String) -> Run = |session, routers, driving|
        Box::pin(operations::provision::start::start(session, routers, driving, &request, &digest));
    provision_diff(router_id: i64) -> Drift =
        |session, routers| operations::provision::drift::diff(session, routers, router_id);
    provision_adopt(router_id: i64, key: String, property: Option<String>, accepted: bool) -> Drift = |session, routers|
        operations::provision::drift::adopt(session, routers, router_id, &key, property.as_deref(), accepted);
    backup_list(router_id: i64) -> Vec<ConfigBackup> =
        |session| operations::provision::backup::list(session, router_id);
    backup_make(router_id: i64) -> ConfigBackup = |session, routers|
        operations::provision::backup::make(session, routers, router_id, BackupReason::Hand);
    backup_compare(id: i64, other: Option<i64>) -> ConfigComparison =
        |session, routers| operations::provision::backup::compare(session, routers, id, other);
    backup_text(id: i64) -> String = |session| operations::provision::backup::text(session, id);
    backup_remove(id: i64) -> () = |session| operations::provision::backup::remove(session, id);
    backup_plan_restore(id: i64) -> Plan =
        |session, routers| operations::provision::restore::plan(session, routers, id);
    backup_restore(id: i64, digest: String) -> Run = |session, routers, driving|
        Box::pin(operations::provision::restore::start(session, routers, driving, id, &digest));
    radius_state() -> RadiusState = |session| operations::radius::state(session);
    package_list() -> Vec<Package> = |session| operations::package::list(session);
    package_add(draft: PackageDraft) -> Package = |session| operations::package::add(session, &draft);
    package_edit(id: i64, version: i32, draft: PackageDraft) -> Package =
        |session| operations::package::edit(session, id, version, &draft);
    zone_list() -> Vec<Zone> = |session| operations::zone::list(session);
    zone_add(draft: ZoneDraft) -> Zone = |session| operations::zone::add(session, &draft);
    zone_edit(id: i64, version: i32, draft: ZoneDraft) -> Zone =
        |session| operations::zone::edit(session, id, version, &draft);
    router_list() -> Vec<Router> = |session| operations::router::list(session);
    router_add(draft: RouterDraft) -> Router = |session| operations::router::add(session, &draft);
    router_edit(id: i64, version: i32, draft: RouterDraft) -> Router =
        |session| operations::router::edit(session, id, version, &draft);
    router_reveal_secret(id: i64) -> String = |session| operations::router::reveal_secret(session, id);
    router_keep_access(id: i64, access: RouterAccess) -> Router =
        |session| operations::router::keep_access(session, id, &access);
    router_reveal_access(id: i64) -> RouterAccess = |session| operations::router::reveal_access(session, id);
    router_show(id: i64) -> Router = |session| operations::router::show(session, id);
    router_live(id: i64) -> RouterLive = |session, routers| operations::router::live(session, routers, id);
    router_sessions(id: i64) -> RouterSessions = |session, routers| operations::router::sessions(session, routers, id);
    router_log(id: i64, lines: u16) -> Vec<RouterLogLine> =
        |session, routers| operations::router::log(session, routers, id, lines);
    router_retry(id: i64) -> Router = |session, routers| operations::router::retry(session, routers, id);
    router_trust(id: i64, fingerprint: String) -> Router =
        |session, routers| operations::router::trust(session, routers, id, &fingerprint);
    router_export(id: i64) -> String = |session, routers| operations::router::export(session, routers, id);
    staff_list() -> Vec<StaffMember> = |session| operations::staff::list(session);
    staff_add(draft: StaffDraft) -> StaffMember = |session| operations::staff::add(session, &draft);
    staff_edit(id: i64, version: i32, draft: StaffDraft) -> StaffMember =
        |session| operations::staff::edit(session, id, version, &draft);
    staff_deactivate(id: i64) -> StaffEnded = |session| operations::staff::deactivate(session, id);
    staff_activate(id: i64) -> StaffMember = |session| operations::staff::activate(session, id);
    staff_reset_password(id: i64, password: String) -> StaffEnded =
        |session| operations::staff::reset_password(session, id, &password);
    staff_change_password(change: PasswordChange) -> i64 =
        |session| operations::staff::change_password(session, &change);
    permission_list() -> Vec<RolePermission> = |session| operations::staff::permissions(session);
    operator_list() -> Vec<Operator> = |session| operations::operator::list(session);
    operator_add(draft: OperatorDraft) -> Operator = |session| operations::operator::add(session, &draft);
    operator_edit(id: i64, version: i32, draft: OperatorDraft) -> Operator =
        |session| operations::operator::edit(session, id, version, &draft);
    tenant_list() -> Vec<Tenant> = |session| operations::tenant::list(session);
    tenant_add(draft: TenantDraft) -> Tenant = |session| operations::tenant::add(session, &draft);
    tenant_set_owner(id: i64, staff_id: i64, owns: bool) -> Tenant =
        |session| operations::tenant::set_owner(session, id, staff_id, owns);
    audit_list(query: AuditQuery) -> AuditPage = |session| operations::audit::list(session, &query);
    key_show() -> KeyState = |session| operations::key::show(session);
    provider_show() -> Provider = |session| operations::provider::show(session);
    provider_edit(version: i32, draft: ProviderDraft) -> Provider =
        |session| operations::provider::edit(session, version, &draft);
    preferences_show() -> Preferences = |session| operations::preference::show(session);
    preferences_edit(preferences: Preferences) -> Preferences =
        |session| operations::preference::edit(session, &preferences);
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn app_state(demarc: State<'_, Demarc>) -> Reply<AppState> {
    Ok(demarc.state().await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn setup_choices() -> Reply<SetupChoices> {
    Ok(Demarc::setup_choices())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_up(
    demarc: State<'_, Demarc>,
    setup: ProviderSetup,
    progress: Channel<Vec<SetupStep>>,
) -> Reply<AppState> {
    // a window that has gone away does not stop the set-up
    demarc.set_up(&setup, |steps| drop(progress.send(steps.to_vec()))).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn log_in(demarc: State<'_, Demarc>, credentials: Credentials) -> Reply<AppState> {
    demarc.log_in(&credentials).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn log_out(demarc: State<'_, Demarc>) -> Reply<AppState> {
    demarc.log_out().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn operator_move(
    demarc: State<'_, Demarc>,
    id: i64,
    version: i32,
    to: OperatorMove,
) -> Reply<Operator> {
    let session = demarc.session().await?;
    demarc.carry_out_all(operations::operator::place(&session, id, version, &to)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn operator_close(
    demarc: State<'_, Demarc>,
    id: i64,
    version: i32,
    successor_id: i64,
) -> Reply<Operator> {
    let session = demarc.session().await?;
    demarc.carry_out_all(operations::operator::close(&session, id, version, successor_id)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn tenant_enter(demarc: State<'_, Demarc>, id: i64) -> Reply<AppState> {
    demarc.enter_tenant(id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn key_rotate(demarc: State<'_, Demarc>, progress: Channel<RotationProgress>) -> Reply<KeyState> {
    // a window that has gone away stops it; it goes on where it was
    demarc.rotate_key(|reached| progress.send(reached).is_ok()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn key_stop(demarc: State<'_, Demarc>) -> Reply<()> {
    demarc.stop_rotation();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn router_ask_all(demarc: State<'_, Demarc>, progress: Channel<Router>) -> Reply<Vec<Router>> {
    let session = demarc.session().await?;
    let ask = operations::router::ask_all(&session, demarc.routers(), |router| drop(progress.send(router.clone())));
    demarc.carry_out_at_router(ask).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn router_test(
    demarc: State<'_, Demarc>,
    id: i64,
    progress: Channel<Vec<TestStep>>,
) -> Reply<RouterTest> {
    let session = demarc.session().await?;
    let test =
        operations::router::test(&session, demarc.routers(), id, move |steps| drop(progress.send(steps.to_vec())));
    demarc.carry_out_at_router(Box::pin(test)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn router_discover(
    demarc: State<'_, Demarc>,
    seconds: u8,
    progress: Channel<Vec<NearbyRouter>>,
) -> Reply<Vec<NearbyRouter>> {
    let session = demarc.session().await?;
    let during = Duration::from_secs(seconds.min(30).into());
    let ask = operations::router::Ask::from_environment();
    let discover = operations::router::discover(&session, &ask, during, |found| drop(progress.send(found.to_vec())));
    demarc.carry_out_at_router(discover).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn run_watch(demarc: State<'_, Demarc>, id: i64, progress: Channel<RunDetail>) -> Reply<RunDetail> {
    let session = demarc.session().await?;
    // a window that has gone away stops watching; the run goes on
    operations::run::watch(&session, id, |detail| progress.send(detail.clone()).is_ok()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn file_save(name: String, text: String) -> Reply<String> {
    operations::download::save(&name, &text)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn template_docs() -> Reply<Vec<SectionDoc>> {
    Ok(operations::provision::template::docs())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn template_check(text: String) -> Reply<TemplateCheck> {
    Ok(operations::provision::template::check(&text))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn provision_plan(
    demarc: State<'_, Demarc>,
    request: ProvisionRequest,
    progress: Channel<Vec<PlanCheck>>,
) -> Reply<Plan> {
    let session = demarc.session().await?;
    let plan = operations::provision::planning::plan(&session, demarc.routers(), &request, move |checks| {
        drop(progress.send(checks.to_vec()));
    });
    demarc.carry_out_at_router(Box::pin(plan)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn provision_start_many(
    demarc: State<'_, Demarc>,
    router_ids: Vec<i64>,
    request: ProvisionRequest,
    progress: Channel<ProvisionOutcome>,
) -> Reply<Vec<ProvisionOutcome>> {
    let session = demarc.session().await?;
    let (routers, driving) = (demarc.routers(), demarc.driving());
    let tell = |outcome: &ProvisionOutcome| drop(progress.send(outcome.clone()));
    let start = operations::provision::start::start_many(&session, routers, driving, &router_ids, &request, tell);
    demarc.carry_out_all(Box::pin(start)).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn session_differences(
    demarc: State<'_, Demarc>,
    progress: Channel<RouterSessions>,
) -> Reply<Vec<RouterSessions>> {
    let session = demarc.session().await?;
    let differences = operations::session::differences(&session, demarc.routers(), |of_router| {
        drop(progress.send(of_router.clone()));
    });
    demarc.carry_out_all(differences).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn session_disconnect(
    demarc: State<'_, Demarc>,
    choices: Vec<SessionChoice>,
    progress: Channel<SessionOutcome>,
) -> Reply<Vec<SessionOutcome>> {
    let session = demarc.session().await?;
    let disconnect = operations::session::disconnect(&session, demarc.routers(), &choices, |outcome| {
        drop(progress.send(outcome.clone()));
    });
    demarc.carry_out_all(disconnect).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn session_limit(
    demarc: State<'_, Demarc>,
    session_ids: Vec<i64>,
    rate_limit: String,
    progress: Channel<SessionOutcome>,
) -> Reply<Vec<SessionOutcome>> {
    let session = demarc.session().await?;
    let limit = operations::session::limit(&session, &session_ids, &rate_limit, |outcome| {
        drop(progress.send(outcome.clone()));
    });
    demarc.carry_out_all(limit).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn radius_show(demarc: State<'_, Demarc>) -> Reply<RadiusSetup> {
    Ok(operations::radius::show(demarc.place()))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn radius_export_config(demarc: State<'_, Demarc>, folder: String) -> Reply<RadiusExport> {
    let session = demarc.session().await?;
    operations::radius::export_from_window(demarc.place(), &session, &folder, &Listen::default()).await
}

/// All of them, by name.
pub(crate) fn all() -> tauri_specta::Commands<tauri::Wry> {
    tauri_specta::collect_commands![
        app_state,
        audit_list,
        backup_compare,
        backup_list,
        backup_make,
        backup_plan_restore,
        backup_remove,
        backup_restore,
        backup_text,
        customer_activate,
        customer_add,
        customer_add_device,
        customer_count,
        customer_edit,
        customer_explain,
        customer_list,
        customer_pay,
        customer_primary_device,
        customer_remove_device,
        customer_reveal_password,
        customer_show,
        customer_suspend,
        customer_usage,
        file_save,
        key_rotate,
        key_show,
        key_stop,
        log_in,
        log_out,
        operator_add,
        operator_close,
        operator_edit,
        operator_list,
        operator_move,
        package_add,
        package_edit,
        package_list,
        permission_list,
        preferences_edit,
        preferences_show,
        provider_edit,
        provider_show,
        provision_adopt,
        provision_blanks,
        provision_diff,
        provision_plan,
        provision_start,
        provision_start_many,
        radius_export_config,
        radius_show,
        radius_state,
        router_add,
        router_ask_all,
        router_discover,
        router_edit,
        router_export,
        router_keep_access,
        router_list,
        router_live,
        router_log,
        router_retry,
        router_reveal_access,
        router_reveal_secret,
        router_sessions,
        router_show,
        router_test,
        router_trust,
        run_cancel,
        run_continue,
        run_count,
        run_list,
        run_report,
        run_show,
        run_undo,
        run_watch,
        session_apply,
        session_count,
        session_differences,
        session_disconnect,
        session_limit,
        session_list,
        set_up,
        setup_choices,
        staff_activate,
        staff_add,
        staff_change_password,
        staff_deactivate,
        staff_edit,
        staff_list,
        staff_reset_password,
        template_check,
        template_docs,
        template_drop,
        template_list,
        template_save,
        template_show,
        tenant_add,
        tenant_enter,
        tenant_list,
        tenant_set_owner,
        zone_add,
        zone_edit,
        zone_list,
    ]
}
