//! Reads every PPP secret of a router on this computer: `read_secrets PORT`, with the password of `admin` in ROUTER_PASSWORD.
//! Prints seconds, how many there were, and the most memory that it took in KiB (Linux; else 0).

use std::process::ExitCode;
use std::time::Instant;

use routeros::menus::PppSecret;
use routeros::{Address, Connection, LogIn, Options, Security};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let (Some(port), Ok(password)) = (port, std::env::var("ROUTER_PASSWORD")) else {
        eprintln!("usage: ROUTER_PASSWORD=… read_secrets PORT");
        return ExitCode::from(2);
    };
    match read(port, &password).await {
        Ok((seconds, count)) => {
            println!("{seconds} {count} {}", peak_memory());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn read(port: u16, password: &str) -> Result<(f64, usize), Box<dyn std::error::Error>> {
    let address = Address::new("127.0.0.1", port);
    let log_in = LogIn::new("admin", password);
    let connection = Connection::open(&address, &Security::Plain, &log_in, &Options::default()).await?;
    let began = Instant::now();
    let mut secrets = PppSecret::stream(&connection);
    let mut count = 0;
    while let Some(secret) = secrets.next().await {
        secret?;
        count += 1;
    }
    Ok((began.elapsed().as_secs_f64(), count))
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
