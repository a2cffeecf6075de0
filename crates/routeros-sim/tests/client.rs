//! A client as small as can be: words and sentences.

use std::time::Duration;

use routeros_sim::{Options, Simulator, wire};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Nothing here takes longer on a healthy machine.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A line that sentences go over.
pub trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

pub struct Client {
    line: Box<dyn Line>,
    decoder: wire::Decoder,
    buffer: Vec<u8>,
}

pub type Sentence = Vec<String>;

impl Client {
    pub async fn connect(simulator: &Simulator) -> Self {
        Self::over(TcpStream::connect(simulator.addr()).await.expect("the simulator listens"))
    }

    pub fn over(line: impl Line + 'static) -> Self {
        Self { line: Box::new(line), decoder: wire::Decoder::default(), buffer: vec![0; 16384] }
    }

    /// Connects and logs in as `admin` without a password.
    pub async fn admin(simulator: &Simulator) -> Self {
        let mut client = Self::connect(simulator).await;
        assert_eq!(client.call(&["/login", "=name=admin", "=password="]).await, [["!done"]]);
        client
    }

    pub async fn send(&mut self, words: &[&str]) {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.send_bytes(&words).await;
    }

    pub async fn send_bytes(&mut self, words: &[&[u8]]) {
        let mut bytes = Vec::new();
        for word in words {
            wire::write_word(word, &mut bytes);
        }
        bytes.push(0);
        self.raw(&bytes).await;
    }

    pub async fn raw(&mut self, bytes: &[u8]) {
        self.line.write_all(bytes).await.expect("the line takes what is sent");
    }

    /// The next sentence; none when the router closed the line.
    pub async fn next(&mut self) -> Option<Sentence> {
        let words = tokio::time::timeout(DEADLINE, self.read()).await.expect("the router answers in time")?;
        Some(words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect())
    }

    pub async fn read(&mut self) -> Option<Vec<Vec<u8>>> {
        loop {
            if let Some(words) = self.decoder.next(1 << 26).expect("the router speaks sentences") {
                return Some(words);
            }
            match self.line.read(&mut self.buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.decoder.push(&self.buffer[..count]),
            }
        }
    }

    /// All sentences of one command without a tag.
    pub async fn call(&mut self, words: &[&str]) -> Vec<Sentence> {
        self.send(words).await;
        self.answer().await
    }

    pub async fn answer(&mut self) -> Vec<Sentence> {
        let mut answer = Vec::new();
        while let Some(sentence) = self.next().await {
            let last = matches!(sentence[0].as_str(), "!done" | "!fatal");
            answer.push(sentence);
            if last {
                break;
            }
        }
        answer
    }

    /// The message of the trap that a command answers.
    pub async fn refused(&mut self, words: &[&str]) -> String {
        let answer = self.call(words).await;
        assert_eq!(answer[0][0], "!trap", "{answer:?}");
        assert_eq!(answer.last().expect("an answer ends")[0], "!done", "{answer:?}");
        let message = answer[0].iter().find_map(|word| word.strip_prefix("=message="));
        message.expect("a trap has a message").to_owned()
    }

    /// The id that `add` answers.
    pub async fn added(&mut self, words: &[&str]) -> String {
        let answer = self.call(words).await;
        let id = answer[0].iter().find_map(|word| word.strip_prefix("=ret="));
        id.unwrap_or_else(|| panic!("{words:?} answered {answer:?}")).to_owned()
    }

    /// A command that answers a bare `!done`.
    pub async fn does(&mut self, words: &[&str]) {
        let answer = self.call(words).await;
        assert_eq!(answer, [["!done"]], "{words:?}");
    }

    /// Rows as lists of words without `!re`.
    pub async fn rows(&mut self, words: &[&str]) -> Vec<Sentence> {
        let answer = self.call(words).await;
        let rows: Vec<Sentence> =
            answer.iter().filter(|sentence| sentence[0] == "!re").map(|sentence| sentence[1..].to_vec()).collect();
        assert_eq!(answer.last().map(|last| last[0].as_str()), Some("!done"), "{words:?}");
        assert!(!answer.iter().any(|sentence| sentence[0] == "!trap"), "{words:?} answered {answer:?}");
        rows
    }

    /// The value of a property in the only row.
    pub async fn value(&mut self, words: &[&str], property: &str) -> Option<String> {
        let rows = self.rows(words).await;
        assert_eq!(rows.len(), 1, "{words:?}");
        value(&rows[0], property)
    }
}

pub fn value(row: &[String], property: &str) -> Option<String> {
    row.iter().find_map(|word| word.strip_prefix('=')?.strip_prefix(property)?.strip_prefix('=').map(str::to_owned))
}

pub async fn router() -> Simulator {
    Simulator::start(Options::default()).await.expect("a free port")
}

pub async fn router_of(release: &str) -> Simulator {
    let release = release.parse().expect("a release");
    Simulator::start(Options { release, ..Options::default() }).await.expect("a free port")
}
