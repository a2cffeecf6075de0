//! The private database of a laptop: started, stopped, killed, cut off in the middle.

use std::time::Duration;

use domain::ErrorCode;
use operations::{Credentials, Demarc, EmbeddedStatus, Phase, Place, StepState};
use tests::provider::{OWNER_PASSWORD, Provider, package, setup};

fn owner() -> Credentials {
    Credentials { name: "karim".into(), password: OWNER_PASSWORD.into() }
}

fn kill_database(provider: &Provider) {
    let pid = std::fs::read_to_string(provider.folder.path().join("database/cluster/postmaster.pid")).unwrap();
    let killed = std::process::Command::new("kill").args(["-KILL", pid.lines().next().unwrap()]).status().unwrap();
    assert!(killed.success());
}

#[tokio::test]
async fn set_up_tells_every_step_before_the_first_and_can_be_done_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let demarc = Demarc::new(Place::embedded_in(folder.path()), "tests");
    assert_eq!(demarc.state().await.phase, Phase::SetUp);
    let mut told = Vec::new();
    let state = demarc.set_up(&setup("Padma Net", "Karim"), |steps| told.push(steps.to_vec())).await.unwrap();
    assert_eq!(state.phase, Phase::Ready);
    assert_eq!(told[0].len(), 4);
    assert!(told[0].iter().all(|step| step.state == StepState::Waiting));
    assert!(told.last().unwrap().iter().all(|step| step.state == StepState::Done));
    let error = demarc.set_up(&setup("Again", "Other"), |_| {}).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AlreadySetUp);
    demarc.quit().await;
    assert_ne!(
        demarc.place().embedded().unwrap().status().await.unwrap(),
        EmbeddedStatus::Absent,
        "the data stays when the program quits"
    );
}

#[tokio::test]
async fn a_set_up_that_was_cut_off_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    // cut off while the cluster was being made: a part of it is there
    std::fs::create_dir_all(folder.path().join("database/cluster.new/base")).unwrap();
    std::fs::write(folder.path().join("database/cluster.new/PG_VERSION"), "15\n").unwrap();
    let demarc = Demarc::new(Place::embedded_in(folder.path()), "tests");
    assert_eq!(demarc.state().await.phase, Phase::SetUp);
    // refused before anything is made
    let mut bad = setup("Padma Net", "Karim");
    bad.password = "short".into();
    let error = demarc.set_up(&bad, |_| {}).await.unwrap_err();
    assert_eq!(error.fields[0].field, "password");
    demarc.set_up(&setup("Padma Net", "Karim"), |_| {}).await.unwrap();
    demarc.place().embedded().unwrap().stop(false).await.unwrap();
}

#[tokio::test]
async fn a_database_that_lost_its_settings_is_left_alone() {
    let provider = Provider::new().await;
    let place = provider.demarc.place().clone();
    place.embedded().unwrap().stop(false).await.unwrap();
    let settings = provider.folder.path().join("database/embedded.json");
    let kept = std::fs::read(&settings).unwrap();
    std::fs::remove_file(&settings).unwrap();
    let again = Demarc::new(place.clone(), "tests");
    assert_eq!(again.state().await.phase, Phase::Failed);
    let error = again.set_up(&setup("Other", "Other"), |_| {}).await.unwrap_err();
    assert!(error.message.contains("lost its settings"), "{error}");
    std::fs::write(&settings, kept).unwrap();
    again.log_in(&owner()).await.expect("the data is there as before");
}

#[tokio::test]
async fn a_database_that_is_only_slow_is_not_taken_for_dead() {
    let provider = Provider::new().await;
    let embedded = provider.demarc.place().embedded().unwrap();
    let before = embedded.status().await.unwrap();
    let pid = std::fs::read_to_string(provider.folder.path().join("database/cluster/postmaster.pid")).unwrap();
    let signal = |name: &str| {
        std::process::Command::new("kill").args([name, pid.lines().next().unwrap()]).status().unwrap();
    };
    signal("-STOP");
    let during = embedded.start_if_wanted().await;
    signal("-CONT");
    assert!(!during.unwrap(), "nothing was started beside it");
    assert_eq!(embedded.status().await.unwrap(), before);
    provider.demarc.log_in(&owner()).await.unwrap();
}

#[tokio::test]
async fn data_that_is_newer_than_the_program_is_refused_in_words() {
    let provider = Provider::new().await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of a later release', true, '', 0)",
    )
    .execute(&provider.administrator().await)
    .await
    .unwrap();
    let error = provider.demarc.log_in(&owner()).await.unwrap_err();
    assert!(error.hint.unwrap().contains("update the program"), "{}", error.message);
}

#[tokio::test]
async fn two_programs_that_set_up_at_once_make_one_provider() {
    let folder = tempfile::tempdir().unwrap();
    let programs = [(); 2].map(|()| Demarc::new(Place::embedded_in(folder.path()), "tests"));
    let answers = [setup("One", "Karim"), setup("Other", "Jamal")];
    let (one, other) = tokio::join!(programs[0].set_up(&answers[0], |_| {}), programs[1].set_up(&answers[1], |_| {}));
    let (done, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    done.unwrap();
    assert_eq!(refused.unwrap_err().code, ErrorCode::AlreadySetUp);
    programs[0].place().embedded().unwrap().stop(false).await.unwrap();
}

#[tokio::test]
async fn a_log_in_is_refused_in_the_same_words_whether_the_name_or_the_password_is_wrong() {
    let provider = Provider::new().await;
    let mut said = Vec::new();
    for (name, password) in [("Karim", "wrong"), ("nobody", OWNER_PASSWORD)] {
        let credentials = Credentials { name: name.into(), password: password.into() };
        let error = provider.demarc.log_in(&credentials).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::LogInRefused);
        said.push(error.message);
    }
    assert_eq!(said[0], said[1]);
    provider.demarc.log_in(&owner()).await.expect("capitals in the name do not matter");
}

#[tokio::test]
async fn a_killed_database_is_noticed_and_brought_back_and_nothing_is_lost() {
    let provider = Provider::new().await;
    package(&provider.session).await;
    let demarc = provider.demarc.clone();
    tokio::spawn(async move { demarc.watch().await });
    let mut states = provider.demarc.database();
    kill_database(&provider);
    let away = tokio::time::timeout(Duration::from_secs(15), states.wait_for(|state| !state.online)).await;
    let away = away.expect("noticed").unwrap().clone();
    assert!(away.reason.is_some() && away.next_try_at.is_some());
    let error = provider.demarc.session().await.map(|_| ()).unwrap_err();
    assert_eq!(error.code, ErrorCode::DatabaseUnreachable);
    let back = tokio::time::timeout(Duration::from_secs(30), states.wait_for(|state| state.online)).await;
    drop(back.expect("brought back").unwrap());
    let session = provider.demarc.session().await.unwrap();
    assert_eq!(operations::package::list(&session).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_that_was_stopped_by_hand_stays_stopped_until_it_is_started_by_hand() {
    let provider = Provider::new().await;
    let demarc = provider.demarc.clone();
    tokio::spawn(async move { demarc.watch().await });
    let mut states = provider.demarc.database();
    let embedded = provider.demarc.place().embedded().unwrap();
    embedded.stop(true).await.unwrap();
    let away = tokio::time::timeout(
        Duration::from_secs(15),
        states.wait_for(|state| state.reason.as_ref().is_some_and(|reason| reason.contains("demarcctl db start"))),
    );
    drop(away.await.expect("the reason names the next step").unwrap());
    assert_eq!(embedded.status().await.unwrap(), EmbeddedStatus::Stopped { on_purpose: true });
    let error = provider.demarc.place().server().await.unwrap_err();
    assert_eq!(error.code, ErrorCode::DatabaseNotStarted);
    embedded.start().await.unwrap();
    let back = tokio::time::timeout(Duration::from_secs(15), states.wait_for(|state| state.online)).await;
    drop(back.expect("reconnected by itself").unwrap());
}

#[tokio::test]
async fn quitting_leaves_the_database_running_while_somebody_else_needs_it() {
    let provider = Provider::new().await;
    let embedded = provider.demarc.place().embedded().unwrap();
    let somebody = provider.administrator().await;
    sqlx::query("select 1").execute(&somebody).await.unwrap();
    provider.demarc.quit().await;
    assert!(matches!(embedded.status().await.unwrap(), EmbeddedStatus::Running { .. }));
    somebody.close().await;
    tests::wait_for("the database to stop", Duration::from_secs(10), || async {
        provider.demarc.quit().await;
        matches!(embedded.status().await.unwrap(), EmbeddedStatus::Stopped { on_purpose: false }).then_some(())
    })
    .await;

    // once FreeRADIUS has its log-in, it may ask at any time
    provider.demarc.log_in(&owner()).await.unwrap();
    drop(tests::radius::Radius::start(&provider).await);
    provider.demarc.quit().await;
    assert!(matches!(embedded.status().await.unwrap(), EmbeddedStatus::Running { .. }));
}

#[cfg(unix)]
#[tokio::test]
async fn files_with_secrets_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let provider = Provider::new().await;
    drop(tests::radius::Radius::start(&provider).await);
    for file in ["database/embedded.json", "radius/database.conf"] {
        let mode = std::fs::metadata(provider.folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
