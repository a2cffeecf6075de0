//! `routeros-sim`: the simulated router as a program. It prints one line of JSON with its addresses and runs until it is stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use routeros_sim::{Options, Release, Seeds, Simulator, Switches};

/// A simulated MikroTik router that speaks the RouterOS API.
#[derive(Debug, Parser)]
#[command(name = "routeros-sim", version)]
struct Arguments {
    /// Plain API; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8728", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// api-ssl; without it that service cannot be reached
    #[arg(long, value_name = "ADDRESS")]
    tls: Option<SocketAddr>,
    /// 6.42 to 6.49 and 7.9 to 7.24; 6.42 logs in by challenge
    #[arg(long, default_value = "7.18.2")]
    release: Release,
    /// The name in /system/identity
    #[arg(long, default_value = "MikroTik")]
    identity: String,
    /// The first user, of group full
    #[arg(long, default_value = "admin")]
    user: String,
    /// The environment variable that holds that user's password
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,
    /// The board's model; RB4011iGS+ unless told, with --factory RB952Ui-5ac2nD
    #[arg(long, conflicts_with = "chr")]
    board: Option<String>,
    /// A Cloud Hosted Router: no board, no /system/routerboard
    #[arg(long)]
    chr: bool,
    /// A new home router with its factory configuration: bridge, DHCP, a firewall that lets only the bridge in, FastTrack
    #[arg(long, conflicts_with = "chr")]
    factory: bool,
    /// The licence's level: 4 serves 200 sessions, 5 serves 500, 6 any number; 6 unless told, with --factory 4
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(0..=6))]
    license_level: Option<u8>,
    /// The address that clients seem to come from, as the firewall, services and users see it
    #[arg(long, value_name = "ADDRESS")]
    client_address: Option<std::net::IpAddr>,
    /// The interface that clients come in by: ether1 unless told, with --factory ether2
    #[arg(long, value_name = "NAME")]
    client_interface: Option<String>,
    /// How long /certificate/sign takes
    #[arg(long, default_value = "300ms", value_parser = duration)]
    signing: Duration,
    /// After how long a connection whose packets are dropped is given up
    #[arg(long, default_value = "540s", value_parser = duration)]
    silence: Duration,
    /// Firewall rules of the chain forward
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed_firewall: u32,
    /// PPP secrets customer-000001 and on
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed_secrets: u32,
    /// PPP profiles package-1 and on
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed_profiles: u32,
    /// Address pools pool-1 and on
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed_pools: u32,
    /// PPPoE sessions of the first secrets, no more than those
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed_active: u32,
    /// Each reply comes this much later, such as 50ms; commands in flight share the delay
    #[arg(long, default_value = "0ms", value_parser = duration)]
    latency: Duration,
    /// Every connection drops after this many sentences, one at least
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    drop_after: Option<u64>,
    /// Where the configuration outlives the process
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Every command is appended here, secrets masked
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Where another program steers the router: JSON lines, see the crate's documentation
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,
    /// Announces itself to neighbours (MNDP); without a destination to loopback's, 127.255.255.255:5678
    #[arg(long, value_name = "ADDRESS[:PORT]", num_args = 0..=1, default_missing_value = "127.255.255.255", value_parser = destination)]
    announce: Option<SocketAddr>,
    /// Behaviours that are not known from routers, comma-joined: see the list in the crate's documentation
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    switch: Vec<String>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let parts = text.strip_suffix("ms").map(|digits| (digits, 1));
    let parts = parts.or_else(|| text.strip_suffix('s').map(|digits| (digits, 1000)));
    let parts = parts.and_then(|(digits, size)| Some((digits.parse::<u64>().ok()?, size)));
    let (number, size) = parts.ok_or_else(|| format!("`{text}` is no time such as 50ms or 2s"))?;
    number.checked_mul(size).map(Duration::from_millis).ok_or_else(|| format!("`{text}` is too long"))
}

fn destination(text: &str) -> Result<SocketAddr, String> {
    let with_port = |address| SocketAddr::new(address, routeros_sim::neighbor::PORT);
    let address = text.parse().or_else(|_| text.parse().map(with_port));
    address.map_err(|_| format!("`{text}` is no address such as 127.255.255.255 or 127.0.0.1:5678"))
}

impl Arguments {
    fn options(self) -> Result<Options, String> {
        let password = match &self.password_env {
            Some(variable) => std::env::var(variable)
                .map_err(|_| format!("the environment has no variable `{variable}` with the password"))?,
            None => String::new(),
        };
        if self.seed_active > self.seed_secrets {
            let (active, secrets) = (self.seed_active, self.seed_secrets);
            return Err(format!("--seed-active {active} needs as many secrets\nhint: --seed-secrets is {secrets}"));
        }
        let mut switches = Switches::default();
        for name in &self.switch {
            switches.turn(name).map_err(|unknown| unknown.to_string())?;
        }
        let model = if self.factory { "RB952Ui-5ac2nD" } else { "RB4011iGS+" };
        let board = self.board.unwrap_or_else(|| model.to_owned());
        Ok(Options {
            factory: self.factory,
            license_level: self.license_level,
            client_address: self.client_address,
            client_interface: self.client_interface,
            signing: self.signing,
            silence: self.silence,
            seed_firewall: self.seed_firewall,
            listen: self.listen,
            tls: self.tls,
            release: self.release,
            identity: self.identity,
            user: self.user,
            password,
            board: (!self.chr).then_some(board),
            seeds: Seeds {
                secrets: self.seed_secrets,
                profiles: self.seed_profiles,
                pools: self.seed_pools,
                active: self.seed_active,
            },
            latency: self.latency,
            drop_after: self.drop_after,
            state: self.state,
            log: self.log,
            control: self.control,
            switches,
            ..Options::default()
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("routeros-sim: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let (listen, announce) = (arguments.listen, arguments.announce);
    for address in [Some(listen), arguments.tls].into_iter().flatten().filter(|address| !address.ip().is_loopback()) {
        eprintln!("routeros-sim: {address} can be reached from other machines");
    }
    let simulator = Simulator::start(arguments.options()?).await.map_err(|error| error.to_string())?;
    let _announcer = match announce {
        Some(to) => {
            let announced = simulator.announce(to);
            Some(announced.map_err(|error| format!("could not announce the router to {to}: {error}"))?)
        }
        None => None,
    };
    let end = end().map_err(|error| format!("could not wait for the end: {error}"))?;
    let addresses = serde_json::json!({ "listen": simulator.addr(), "tls": simulator.tls_addr(), "control": simulator.control_addr() });
    println!("{addresses}");
    end.await;
    Ok(())
}

/// Listens for who asks for the end: from here on, so that nobody who has read the addresses asks too early.
fn end() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
