//! Rows per second of a print of 100,000 PPP secrets, against a reader that only counts bytes.

use std::time::Instant;

use routeros_sim::{Options, Seeds, Simulator, wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SECRETS: u32 = 100_000;

async fn send(line: &mut TcpStream, words: &[&str]) {
    let mut bytes = Vec::new();
    for word in words {
        wire::write_word(word.as_bytes(), &mut bytes);
    }
    bytes.push(0);
    line.write_all(&bytes).await.expect("the simulator reads");
}

/// Reads until the bytes of `!done` end what has come; the number of bytes.
async fn drain(line: &mut TcpStream) -> usize {
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0;
    loop {
        let count = line.read(&mut buffer).await.expect("the simulator answers");
        total += count;
        if count == 0 || buffer[..count].ends_with(b"\x05!done\0") {
            return total;
        }
    }
}

#[tokio::main]
async fn main() {
    let seeds = Seeds { secrets: SECRETS, profiles: 20, pools: 5, active: 0 };
    let started = Instant::now();
    let simulator = Simulator::start(Options { seeds, ..Options::default() }).await.expect("a free port");
    println!("{:>40} {:>9.3} s", "start with 100,000 secrets", started.elapsed().as_secs_f64());
    let mut line = TcpStream::connect(simulator.addr()).await.expect("the simulator listens");
    send(&mut line, &["/login", "=name=admin", "=password="]).await;
    drain(&mut line).await;
    let mut cases = Vec::new();
    for (name, words) in [
        ("all properties", &["/ppp/secret/print"][..]),
        (".proplist of four", &["/ppp/secret/print", "=.proplist=.id,name,profile,disabled"]),
        ("a query that finds none", &["/ppp/secret/print", "?comment=x"]),
    ] {
        let mut best = f64::MAX;
        let mut bytes = 0;
        for _ in 0..5 {
            let asked = Instant::now();
            send(&mut line, words).await;
            bytes = drain(&mut line).await;
            best = best.min(asked.elapsed().as_secs_f64());
        }
        cases.push((f64::from(SECRETS) / best, name, bytes));
    }
    cases.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (rate, name, bytes) in cases {
        println!("{name:>40} {rate:>12.0} rows/s, {bytes} bytes");
    }
}
