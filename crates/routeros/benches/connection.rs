//! How fast rows come and changes go, against a peer that has its answers ready. Run: `cargo bench -p routeros`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use routeros::menus::PppSecret;
use routeros::{Address, Command, Connection, LogIn, Options, Security};

const ROWS: usize = 1_000_000;
const CHANGES: usize = 1_000;
const LATENCY: Duration = Duration::from_millis(50);

fn sentence(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in words {
        bytes.push(u8::try_from(word.len()).expect("short words"));
        bytes.extend_from_slice(word.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// Every tag among these bytes.
fn tags(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split(".tag=").skip(1).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect()).collect()
}

fn read(line: &mut TcpStream) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 16];
    let length = line.read(&mut bytes).expect("the client writes");
    bytes.truncate(length);
    bytes
}

fn welcome(line: &mut TcpStream) {
    read(line);
    line.write_all(&sentence(&["!done"])).unwrap();
    let tag = format!(".tag={}", tags(&read(line))[0]);
    let version = sentence(&["!re", &tag, "=version=7.18.2 (stable)"]);
    line.write_all(&[version, sentence(&["!done", &tag])].concat()).unwrap();
}

/// Answers every `print` with a million secrets.
fn rows(mut line: TcpStream) {
    welcome(&mut line);
    loop {
        let Some(tag) = tags(&read(&mut line)).pop() else { return };
        let tag = format!(".tag={tag}");
        let row = sentence(&[
            "!re",
            &tag,
            "=.id=*1A2B",
            "=name=customer-0123456",
            "=service=pppoe",
            "=caller-id=08:55:31:AA:0B:0C",
            "=password=0123456789",
            "=profile=home-20",
            "=remote-address=10.20.30.40",
            "=routes=",
            "=disabled=false",
            "=comment=demarc",
        ]);
        let thousand = row.repeat(1000);
        for _ in 0..ROWS / 1000 {
            line.write_all(&thousand).unwrap();
        }
        line.write_all(&sentence(&["!done", &tag])).unwrap();
    }
}

/// Answers everything, so long after it came.
fn late(mut line: TcpStream) {
    welcome(&mut line);
    let mut writing = line.try_clone().unwrap();
    let (queue, queued) = std::sync::mpsc::channel::<(Instant, Vec<String>)>();
    thread::spawn(move || {
        for (came, tags) in queued {
            thread::sleep((came + LATENCY).saturating_duration_since(Instant::now()));
            let answers: Vec<u8> = tags.iter().flat_map(|tag| sentence(&["!done", &format!(".tag={tag}")])).collect();
            if writing.write_all(&answers).is_err() {
                return;
            }
        }
    });
    loop {
        let bytes = read(&mut line);
        if bytes.is_empty() {
            return;
        }
        // a sentence may be cut by the reading: its tag then is not
        let _ = queue.send((Instant::now(), tags(&bytes)));
    }
}

async fn connect(router: fn(TcpStream), options: Options) -> Connection {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::new("127.0.0.1", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        let (line, _) = listener.accept().unwrap();
        line.set_nodelay(true).unwrap();
        router(line);
    });
    Connection::open(&address, &Security::Plain, &LogIn::new("admin", ""), &options).await.unwrap()
}

/// The most memory that this process ever had, in KiB; None where the operating system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

fn report(what: &str, count: usize, took: Duration) {
    let rate = f64::from(u32::try_from(count).expect("it is small")) / took.as_secs_f64();
    let memory = peak_memory().map_or_else(|| "?".to_owned(), |peak| format!("{} MiB", peak / 1024));
    println!("{what:<44} {count:>8} in {:>8.3} s {rate:>12.0} a second, peak memory {memory}", took.as_secs_f64());
}

#[tokio::main]
async fn main() {
    let connection = connect(rows, Options::default()).await;
    let before = Instant::now();
    let mut stream = connection.stream(Command::new("/ppp/secret/print"));
    let mut count = 0;
    while let Some(row) = stream.next().await {
        row.unwrap();
        count += 1;
    }
    report("rows, not looked at", count, before.elapsed());

    let before = Instant::now();
    let mut stream = connection.stream(Command::new("/ppp/secret/print"));
    let mut length = 0;
    let mut count = 0;
    while let Some(row) = stream.next().await {
        let row = row.unwrap();
        for name in ["name", "password", "profile", "remote-address"] {
            length += row.text(name).unwrap().len();
        }
        count += 1;
    }
    assert_eq!(length, ROWS * (16 + 10 + 7 + 11));
    report("rows, four properties read as text", count, before.elapsed());

    let before = Instant::now();
    let mut secrets = PppSecret::stream(&connection);
    let mut count = 0;
    while let Some(secret) = secrets.next().await {
        assert!(!secret.unwrap().disabled);
        count += 1;
    }
    report("secrets, as structs of their own", count, before.elapsed());

    for in_flight in [1_usize, 16, 64] {
        let connection = connect(late, Options { in_flight, ..Options::default() }).await;
        let changes = if in_flight == 1 { CHANGES / 20 } else { CHANGES };
        let before = Instant::now();
        let mut callers = tokio::task::JoinSet::new();
        for number in 0..changes {
            let connection = connection.clone();
            let command = Command::new("/ppp/secret/set").arg(".id", "*1").arg("comment", number);
            callers.spawn(async move { connection.call(command).await });
        }
        while let Some(done) = callers.join_next().await {
            done.unwrap().unwrap();
        }
        report(&format!("changes at 50 ms, {in_flight} in flight"), changes, before.elapsed());
    }
}
