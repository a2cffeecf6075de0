//! Sentences one after the other, as long as nobody is logged in.

use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::error::ConnectError;
use crate::address::Address;
use crate::code_page::CodePage;
use crate::command::Command;
use crate::error::CloseReason;
use crate::options::Options;
use crate::wire::{Broken, Framer, Kind, Sentence};

/// A TLS record of the kinds that a server sends first: an alert or a handshake message of version 3.x (RFC 8446, 5.1).
const TLS_RECORDS: [[u8; 2]; 2] = [[0x15, 0x03], [0x16, 0x03]];

/// A line on which one speaks at a time.
pub(super) struct Exchange<'a, Line> {
    pub line: Line,
    pub buffer: BytesMut,
    pub framer: Framer,
    address: &'a Address,
    options: &'a Options,
    started: Instant,
}

impl<'a, Line: AsyncRead + AsyncWrite + Unpin> Exchange<'a, Line> {
    pub fn new(line: Line, address: &'a Address, options: &'a Options) -> Self {
        let framer = Framer::new(options.largest_word);
        Self { line, buffer: BytesMut::new(), framer, address, options, started: Instant::now() }
    }

    /// Sends a command and reads the first sentence that answers it. An `!empty` says nothing: what follows it does.
    pub async fn ask(&mut self, command: &Command) -> Result<(Kind, Sentence), ConnectError> {
        let until = self.started + self.options.log_in;
        let exchange = async {
            let sent = async {
                self.line.write_all(&command.sentence(None)).await?;
                self.line.flush().await
            };
            // what the router said before it closed is still there to be read
            let sent = sent.await;
            let answer = loop {
                match self.sentence().await {
                    Ok((Kind::Empty, _)) => {}
                    answer => break answer,
                }
            };
            match (sent, answer) {
                (Err(error), Err(ConnectError::Closed { .. })) => Err(closed(self.address, &error)),
                (_, answer) => answer,
            }
        };
        match timeout_at(until, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(self.silent(self.options.log_in)),
        }
    }

    pub fn code_page(&self) -> CodePage {
        self.options.code_page
    }

    /// Reads on to the `!done` behind a refusal, so that another command may be asked. False: there is none.
    pub async fn refusal_ends(&mut self) -> bool {
        let until = self.started + self.options.log_in;
        let end = async {
            loop {
                match self.sentence().await {
                    Ok((Kind::Done, _)) => return true,
                    Ok((Kind::Fatal, _)) | Err(_) => return false,
                    Ok(_) => {}
                }
            }
        };
        timeout_at(until, end).await.unwrap_or(false)
    }

    fn silent(&self, after: Duration) -> ConnectError {
        ConnectError::Silent { address: self.address.clone(), after }
    }

    async fn sentence(&mut self) -> Result<(Kind, Sentence), ConnectError> {
        loop {
            match self.framer.next(&self.buffer) {
                Ok(Some(found)) => {
                    let end = self.framer.found();
                    let bytes = self.buffer.split_to(end).freeze().slice(found.range);
                    self.framer.drained();
                    return Ok((found.kind, Sentence::new(bytes, self.options.code_page)));
                }
                Ok(None) => {}
                Err(Broken::TooLarge(limit)) => {
                    let reason = CloseReason::TooLarge(limit);
                    return Err(ConnectError::Closed { address: self.address.clone(), reason });
                }
                Err(Broken::NotAReply(start)) if TLS_RECORDS.iter().any(|record| start.starts_with(record)) => {
                    return Err(ConnectError::SpeaksTls { address: self.address.clone() });
                }
                Err(Broken::NotAReply(_) | Broken::ControlByte(_)) => {
                    return Err(ConnectError::NotRouterOs { address: self.address.clone() });
                }
            }
            match self.line.read_buf(&mut self.buffer).await {
                Ok(0) => {
                    let reason = CloseReason::ByRouter;
                    return Err(ConnectError::Closed { address: self.address.clone(), reason });
                }
                Ok(_) => {}
                Err(error) => return Err(closed(self.address, &error)),
            }
        }
    }
}

fn closed(address: &Address, error: &std::io::Error) -> ConnectError {
    ConnectError::Closed { address: address.clone(), reason: CloseReason::of(error) }
}
