//! A provider with two machines, and as many simulated routers as there are cases.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::provision::{Plan, ProvisionRequest};
use domain::run::RunDetail;
use operations::provision::{planning, start};
use operations::router::Routers;
use operations::run::{self, Driving, Patience};
use operations::{Credentials, Demarc, Session};
use routeros_sim::{Options, Simulator};
use sqlx::postgres::PgPool;
use tests::provider::{OWNER_PASSWORD, Provider};
use tests::simulator::{add, simulator};

use super::standing;

/// A run with its faults is over by then, on a busy computer.
const ENDS_WITHIN: Duration = Duration::from_secs(90);

/// Log-ins of one person: each has two connections to the database.
const MACHINES: usize = 12;

/// The provider.
pub struct Site {
    pub provider: Provider,
    administrator: PgPool,
    machines: Vec<Machine>,
    routers: AtomicU32,
}

/// A computer on which somebody is logged in.
#[derive(Clone)]
pub struct Machine {
    pub session: Session,
    pub routers: Routers,
    demarc: Demarc,
}

/// A router that nothing was done with yet, and its record.
pub struct Tower {
    pub sim: Simulator,
    pub id: i64,
    pub name: String,
    pub address: String,
    pub before: String,
}

impl Site {
    pub async fn new() -> Self {
        let provider = Provider::new().await;
        let mut machines = Vec::new();
        for _ in 0..MACHINES {
            machines.push(Machine::new(&provider).await);
        }
        let administrator = provider.administrator().await;
        Self { provider, administrator, machines, routers: AtomicU32::new(1) }
    }

    /// One of the machines; the next numbers have others.
    pub fn machine(&self, number: usize) -> &Machine {
        &self.machines[number % self.machines.len()]
    }

    pub async fn tower(&self, options: Options) -> Tower {
        let number = self.routers.fetch_add(1, Ordering::Relaxed);
        let [_, high, middle, low] = (number + 1).to_be_bytes();
        let address = Ipv4Addr::new(127, high + 1, middle, low);
        let listen = (address, 0).into();
        let sim = simulator(Options {
            listen,
            tls: Some(listen),
            identity: "MikroTik".into(),
            signing: Duration::from_millis(20),
            ..options
        })
        .await;
        let (name, address) = (format!("tower-{number:05}"), address.to_string());
        let machine = self.machine(usize::try_from(number).expect("small"));
        let router = add(&machine.session, &name, &address, sim.addr()).await;
        let before = standing::of(&sim, true);
        Tower { sim, id: router.id, name, address, before }
    }

    /// The database dies; every machine notices it and finds it again.
    pub fn kill_database(&self) {
        for machine in &self.machines {
            let demarc = machine.demarc.clone();
            tokio::spawn(async move { demarc.watch().await });
        }
        let file = self.provider.folder.path().join("database/cluster/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("it runs");
        let pid = text.lines().next().expect("its number");
        let killed = std::process::Command::new("kill").args(["-KILL", pid]).status().expect("kill");
        assert!(killed.success());
    }

    /// The run when nobody drives it any more, as soon as the database tells.
    pub async fn ended_in_spite(&self, machine: &Machine, driving: &Driving, run_id: i64) -> RunDetail {
        tokio::time::timeout(ENDS_WITHIN, driving.settled()).await.expect("it ends");
        tests::wait_for("the database", Duration::from_mins(1), || async {
            run::show(&machine.session, run_id).await.ok()
        })
        .await
    }

    /// The machine that drove a run is gone for so long that its lease is over.
    pub async fn forget_lease(&self, run_id: i64) {
        sqlx::query("update run set held_until = clock_timestamp() - interval '1 second' where id = $1")
            .bind(run_id)
            .execute(&self.administrator)
            .await
            .expect("the administrator may");
    }
}

impl Machine {
    async fn new(provider: &Provider) -> Self {
        let demarc = Demarc::new(provider.demarc.place().clone(), "tests");
        let owner = Credentials { name: "Karim".into(), password: OWNER_PASSWORD.into() };
        demarc.log_in(&owner).await.expect("the owner logs in");
        let session = demarc.session().await.expect("the owner is logged in");
        Self { session, routers: Routers::default(), demarc }
    }

    pub async fn plan(&self, request: &ProvisionRequest) -> Result<Plan, domain::Error> {
        planning::plan(&self.session, &self.routers, request, |_| {}).await
    }

    /// Begins a run.
    pub async fn begin(&self, driving: &Driving, request: &ProvisionRequest) -> Result<i64, String> {
        let ids = [request.router_id];
        let begun = start::start_many(&self.session, &self.routers, driving, &ids, request, |_| {}).await;
        let outcome = begun.map_err(|error| format!("{error:?}"))?.remove(0);
        outcome.run.map(|run| run.id).ok_or_else(|| format!("it did not begin: {:?}", outcome.problem))
    }

    /// Continues or undoes a run, which another machine drove.
    pub async fn take_over(&self, run_id: i64, back: bool) -> Result<RunDetail, String> {
        let driving = driving();
        let taken = if back {
            run::undo(&self.session, &self.routers, &driving, run_id).await
        } else {
            run::go_on(&self.session, &self.routers, &driving, run_id).await
        };
        taken.map_err(|error| format!("it is not taken over: {error:?}"))?;
        self.ended(&driving, run_id).await
    }

    /// The run when nobody drives it any more.
    pub async fn ended(&self, driving: &Driving, run_id: i64) -> Result<RunDetail, String> {
        let settled = tokio::time::timeout(ENDS_WITHIN, driving.settled()).await;
        let detail = run::show(&self.session, run_id).await.map_err(|error| format!("{error:?}"))?;
        settled.map_err(|_| format!("it does not end: {}", told(&detail)))?;
        Ok(detail)
    }
}

/// A program's runs, with less patience than a person's.
pub fn driving() -> Driving {
    Driving::patient(Patience {
        way: Duration::from_secs(8),
        answer: Duration::from_secs(4),
        hold: Duration::from_secs(2),
        ..Patience::default()
    })
}

impl Tower {
    /// What is asked for: the same on all routers, as far as it can be.
    pub fn request(&self, template: &str) -> ProvisionRequest {
        let mut blanks = BTreeMap::from(
            [
                ("wan_interface", "ether1"),
                ("radius_address", "127.0.0.1"),
                ("management_password", "managed-by-demarc-1"),
                ("snmp_community", "watched-by-demarc-1"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        if template.contains("pppoe") {
            blanks.insert("access_interface".into(), "ether2".into());
        }
        if template.contains("hotspot") {
            blanks.insert("hotspot_interface".into(), "ether3".into());
        }
        ProvisionRequest { router_id: self.id, template: template.into(), blanks, ..ProvisionRequest::default() }
    }

    /// How it stands, with what is its own and no other's named alike, and sorted: what was added again stands elsewhere. Where
    /// order counts, a plan says whether it is right.
    pub fn planned(&self, run_id: i64) -> String {
        standing::sorted(&standing::of(&self.sim, false))
            .replace(&self.name, "<name>")
            .replace(&self.address, "<address>")
            .replace(&format!("demarc-before-{run_id}."), "demarc-before-<run>.")
    }

    /// Whether it is as before, and Demarc knows it as before.
    pub async fn is_before(&self, machine: &Machine) -> Result<(), String> {
        standing::same("before", &self.before, &standing::of(&self.sim, true))?;
        let known = operations::router::show(&machine.session, self.id).await.map_err(|error| format!("{error:?}"))?;
        match (known.access_user.as_deref(), known.api.plain, &known.template) {
            (Some("admin"), true, None) => Ok(()),
            other => Err(format!("Demarc knows it otherwise than before: {other:?}")),
        }
    }

    /// Whether it is as planned, and Demarc reaches it so.
    pub async fn is_planned(
        &self,
        machine: &Machine,
        template: &str,
        run_id: i64,
        planned: &str,
    ) -> Result<(), String> {
        standing::same("planned", planned, &self.planned(run_id))?;
        let plan = machine.plan(&self.request(template)).await.map_err(|error| format!("{error:?}"))?;
        if !plan.steps.is_empty() || plan.ready {
            return Err(format!("something is left to do: {:#?}", plan.steps));
        }
        Ok(())
    }
}

/// The end of a run in a few words, for whoever looks for a mistake.
pub fn told(detail: &RunDetail) -> String {
    let steps: Vec<String> = detail
        .steps
        .iter()
        .map(|step| {
            let problem = step.problem.as_ref().map(|problem| problem.message.as_str()).unwrap_or_default();
            format!("    {:?} {}: {} {problem}", step.state, step.key, step.said)
        })
        .collect();
    let notes: Vec<&str> = detail.notes.iter().map(|note| note.text.as_str()).collect();
    format!("run {} {:?}\n{}\n    notes: {}", detail.run.id, detail.run.state, steps.join("\n"), notes.join(" | "))
}
