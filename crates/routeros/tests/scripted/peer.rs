//! A router that follows a script. Its codec is its own, so that it cannot share a mistake of the client.

use std::future::Future;
use std::time::Duration;

use routeros::{Address, ConnectError, Connection, LogIn, Options, Security};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything here takes, shorter than anybody waits.
const DEADLINE: Duration = Duration::from_secs(20);

/// Waits with a deadline.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.expect("it comes in time")
}

/// A line as the router sees it.
pub struct Line<S = TcpStream> {
    pub stream: S,
    pub read: Vec<Vec<String>>,
}

/// One sentence in bytes.
pub fn sentence<W: AsRef<[u8]>>(words: &[W]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in words {
        let word = word.as_ref();
        match word.len() {
            length @ 0..0x80 => bytes.push(u8::try_from(length).unwrap()),
            length @ 0x80..0x4000 => bytes.extend(u16::try_from(length | 0x8000).unwrap().to_be_bytes()),
            length => bytes.extend(&u32::try_from(length | 0xC0_0000).unwrap().to_be_bytes()[1..]),
        }
        bytes.extend_from_slice(word);
    }
    bytes.push(0);
    bytes
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// The next sentence of the client; None if it has gone.
    pub async fn next(&mut self) -> Option<Vec<String>> {
        let mut words = Vec::new();
        loop {
            let first = within(self.stream.read_u8()).await.ok()?;
            let more = match first {
                0..0x80 => 0,
                0x80..0xC0 => 1,
                0xC0..0xE0 => 2,
                _ => 3,
            };
            let mut length = usize::from(first) & (0xFF >> (more + usize::from(more > 0)));
            for _ in 0..more {
                length = length << 8 | usize::from(self.stream.read_u8().await.ok()?);
            }
            if length == 0 {
                self.read.push(words.clone());
                return Some(words);
            }
            let mut word = vec![0; length];
            self.stream.read_exact(&mut word).await.ok()?;
            words.push(String::from_utf8_lossy(&word).into_owned());
        }
    }

    /// The next sentence, which must be this command; its tag word.
    pub async fn expect(&mut self, path: &str) -> String {
        let words = self.next().await.unwrap_or_else(|| panic!("the client went away before `{path}`"));
        assert_eq!(words[0], path, "{words:?}");
        tag_of(&words)
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub async fn say<W: AsRef<[u8]>>(&mut self, words: &[W]) {
        self.write(&sentence(words)).await;
    }

    pub async fn done(&mut self, tag: &str) {
        self.say(&["!done", tag]).await;
    }

    /// Lets the client in and tells this version.
    pub async fn welcome_as(&mut self, version: &str) {
        assert_eq!(self.next().await.unwrap(), ["/login", "=name=admin", "=password=s3cret-word"]);
        self.say(&["!done"]).await;
        let tag = self.expect("/system/resource/print").await;
        self.say(&["!re", &tag, &format!("=version={version}")]).await;
        self.done(&tag).await;
    }

    pub async fn welcome(&mut self) {
        self.welcome_as("7.18.2 (stable)").await;
    }
}

/// `.tag=…` of a sentence; empty if it has none.
pub fn tag_of(words: &[String]) -> String {
    words.iter().find(|word| word.starts_with(".tag=")).cloned().unwrap_or_default()
}

/// A router with one connection's script.
pub struct Peer {
    pub address: Address,
    script: JoinHandle<()>,
}

impl Peer {
    pub async fn follow<F, Script>(script: F) -> Self
    where
        F: FnOnce(Line) -> Script + Send + 'static,
        Script: Future<Output = ()> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::new("127.0.0.1", listener.local_addr().unwrap().port());
        let script = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            script(Line::new(stream)).await;
        });
        Self { address, script }
    }

    /// Connects plainly with these options.
    pub async fn connect(&self, options: &Options) -> Result<Connection, ConnectError> {
        within(Connection::open(&self.address, &Security::Plain, &log_in(), options)).await
    }

    pub async fn connection(&self) -> Connection {
        self.connect(&Options::default()).await.unwrap()
    }

    /// The script came to its end, and nothing in it failed.
    pub async fn finish(self) {
        within(self.script).await.unwrap();
    }
}

pub fn log_in() -> LogIn {
    LogIn::new("admin", "s3cret-word")
}
