//! A provider with its owner logged in, on an embedded database of its own.

use domain::customer::{ConnectionType, Customer, CustomerDraft};
use domain::package::{Package, PackageDraft};
use domain::payment::{PaymentDraft, PaymentMethod};
use domain::provider::ProviderSetup;
use domain::router::{Router, RouterDraft};
use operations::{Credentials, Demarc, Place, Session};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tempfile::TempDir;

/// Long enough for the rules, and nobody's.
pub const OWNER_PASSWORD: &str = "correct horse battery";
pub const CUSTOMER_PASSWORD: &str = "Secret-1";

/// A provider, its database, and its owner.
pub struct Provider {
    pub demarc: Demarc,
    pub session: Session,
    // last, so that it is removed after everything else is gone
    pub folder: TempDir,
}

/// Answers to the first questions.
pub fn setup(provider_name: &str, owner_name: &str) -> ProviderSetup {
    ProviderSetup {
        provider_name: provider_name.into(),
        country: "BD".into(),
        currency: "BDT".into(),
        time_zone: "Asia/Dhaka".into(),
        owner_name: owner_name.into(),
        password: OWNER_PASSWORD.into(),
    }
}

impl Provider {
    /// Sets one up.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let demarc = Demarc::new(Place::embedded_in(folder.path()), "tests");
        demarc.set_up(&setup("Padma Net", "Karim"), |_| {}).await.expect("set-up");
        let session = demarc.session().await.expect("the owner is logged in");
        Self { demarc, session, folder }
    }

    /// The data alone, for another program to open.
    pub fn into_folder(mut self) -> TempDir {
        let elsewhere = tempfile::tempdir().expect("a temporary folder");
        std::mem::replace(&mut self.folder, elsewhere)
    }

    /// A second provider in the same database, with its own owner logged in.
    pub async fn another(&self, provider_name: &str, owner_name: &str) -> (Demarc, Session) {
        let administrator = self.demarc.place().administrator().await.expect("the embedded administrator");
        operations::demarc::set_up_central(&administrator, &setup(provider_name, owner_name), true)
            .await
            .expect("a second provider");
        let demarc = Demarc::new(self.demarc.place().clone(), "tests");
        let credentials = Credentials { name: owner_name.into(), password: OWNER_PASSWORD.into() };
        demarc.log_in(&credentials).await.expect("the second owner logs in");
        let session = demarc.session().await.expect("the second owner is logged in");
        (demarc, session)
    }

    /// A plain connection as `role`, as `psql` would make it.
    pub async fn connect_as(&self, role: &str, password: &str) -> sqlx::Result<PgPool> {
        let server = self.demarc.place().server().await.expect("the database runs");
        let options = PgConnectOptions::new_without_pgpass()
            .host(&server.host)
            .port(server.port)
            .database(&server.database)
            .username(role)
            .password(password)
            .options([("search_path", "demarc")]);
        PgPoolOptions::new().max_connections(1).connect_with(options).await
    }

    /// The database's administrator: for fixtures and for looking, never for what is tested.
    pub async fn administrator(&self) -> PgPool {
        let path = self.folder.path().join("database/embedded.json");
        let settings: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).expect("settings")).expect("settings are JSON");
        let password = settings["password"].as_str().expect("a password");
        self.connect_as("demarc_administrator", password).await.expect("the administrator connects")
    }
}

impl Provider {
    /// As the administrator, moves the rows: that is how time passes.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.administrator().await).await.expect(statement);
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // the folder is about to go: the server must not outlive it
        let cluster = self.folder.path().join("database/cluster/postmaster.pid");
        let pid = std::fs::read_to_string(cluster).ok().and_then(|text| text.lines().next().map(str::to_owned));
        if let Some(pid) = pid {
            let _ = std::process::Command::new("kill").args(["-QUIT", &pid]).status();
        }
    }
}

/// A package of 5M/10M for 30 days.
pub async fn package(session: &Session) -> Package {
    let draft = PackageDraft {
        name: "Home 10".into(),
        rate_limit: "5M/10M".into(),
        validity_days: "30".into(),
        price: "500".into(),
        address_pool: "home".into(),
        ..PackageDraft::default()
    };
    operations::package::add(session, &draft).await.expect("a package")
}

/// A router at `address`, and its secret.
pub async fn router(session: &Session, name: &str, address: &str) -> (Router, String) {
    let draft = RouterDraft { name: name.into(), address: address.into(), ..RouterDraft::default() };
    let router = operations::router::add(session, &draft).await.expect("a router");
    let secret = operations::router::reveal_secret(session, router.id).await.expect("its secret");
    (router, secret)
}

/// What one types for a PPPoE customer who pays at once.
pub fn pppoe(name: &str, username: &str, package_id: i64) -> CustomerDraft {
    CustomerDraft {
        connection_type: ConnectionType::Pppoe,
        name: name.into(),
        mobile: String::new(),
        username: username.into(),
        password: CUSTOMER_PASSWORD.into(),
        mac: String::new(),
        devices_only: false,
        address: String::new(),
        package_id: Some(package_id),
        zone_id: None,
        postal_address: String::new(),
        note: String::new(),
        first_payment: true,
    }
}

/// Adds a customer.
pub async fn customer(session: &Session, draft: &CustomerDraft) -> Customer {
    operations::customer::add(session, draft).await.expect("a customer")
}

/// Takes the price of the package, which renews.
pub async fn pay(session: &Session, customer_id: i64) -> Customer {
    let payment = PaymentDraft {
        customer_id,
        renew: true,
        amount: String::new(),
        method: PaymentMethod::Cash,
        reference: String::new(),
        request_id: uuid::Uuid::new_v4().to_string(),
    };
    operations::customer::pay(session, &payment).await.expect("a payment")
}
