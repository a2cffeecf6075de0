//! A TCP line that the router's firewall can make silent: nothing is read, nothing is sent, and nobody hangs up.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// What goes over a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Open,
    /// Packets are dropped; the line lives on if they are let through again.
    Silent,
    /// The peer is told that there is nobody.
    Reset,
}

/// Where a line's packets pass or not.
#[derive(Debug)]
pub(crate) struct Gate {
    flow: watch::Sender<Flow>,
    parked: Mutex<Parked>,
    /// What the router says still goes out while nothing comes in.
    one_way: bool,
}

#[derive(Debug, Default)]
struct Parked {
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Gate {
    pub(crate) fn new(one_way: bool) -> Arc<Self> {
        Arc::new(Self { flow: watch::channel(Flow::Silent).0, parked: Mutex::default(), one_way })
    }

    pub(crate) fn flow(&self) -> Flow {
        *self.flow.borrow()
    }

    pub(crate) fn set(&self, flow: Flow) {
        if self.flow.send_replace(flow) == flow {
            return;
        }
        let parked = std::mem::take(&mut *self.parked.lock().unwrap_or_else(PoisonError::into_inner));
        parked.reader.into_iter().chain(parked.writer).for_each(Waker::wake);
    }

    /// Until packets pass (true), or the peer is to be told that there is nobody, or has gone itself.
    pub(crate) async fn opened(&self, line: &TcpStream) -> bool {
        let mut flows = self.flow.subscribe();
        let gone = async {
            // as long as it has said nothing, a peer that gives up is noticed
            match line.peek(&mut [0]).await {
                Ok(count) if count > 0 => std::future::pending().await,
                _ => {}
            }
        };
        tokio::select! {
            biased;
            flow = flows.wait_for(|flow| *flow != Flow::Silent) => flow.is_ok_and(|flow| *flow == Flow::Open),
            () = gone => false,
        }
    }

    fn park(&self, reads: bool, context: &Context<'_>) {
        let mut parked = self.parked.lock().unwrap_or_else(PoisonError::into_inner);
        let place = if reads { &mut parked.reader } else { &mut parked.writer };
        *place = Some(context.waker().clone());
    }
}

/// Lines that were left by the router without their peers' being told.
pub(crate) type Left = Arc<Mutex<Vec<TcpStream>>>;

/// The line itself.
#[derive(Debug)]
pub(crate) struct Filtered {
    line: Option<TcpStream>,
    gate: Arc<Gate>,
    left: Left,
}

impl Filtered {
    pub(crate) fn new(line: TcpStream, gate: Arc<Gate>, left: Left) -> Self {
        Self { line: Some(line), gate, left }
    }

    /// The line if packets pass, else why not; who asks is woken when that changes.
    fn passing(&mut self, reads: bool, context: &Context<'_>) -> Poll<io::Result<Pin<&mut TcpStream>>> {
        // parked first: a change between the look and the parking would wake nobody
        self.gate.park(reads, context);
        match (self.gate.flow(), &mut self.line) {
            (Flow::Reset, _) | (_, None) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            (Flow::Silent, _) if reads || !self.gate.one_way => Poll::Pending,
            (_, Some(line)) => Poll::Ready(Ok(Pin::new(line))),
        }
    }
}

impl AsyncRead for Filtered {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut().passing(true, context) {
            Poll::Ready(Ok(line)) => line.poll_read(context, buffer),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncWrite for Filtered {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut().passing(false, context) {
            Poll::Ready(Ok(line)) => line.poll_write(context, bytes),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match &mut this.line {
            Some(line) if this.gate.flow() == Flow::Open => Pin::new(line).poll_shutdown(context),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl Drop for Filtered {
    fn drop(&mut self) {
        let Some(line) = self.line.take() else { return };
        match self.gate.flow() {
            Flow::Open => {}
            // a peer that hears nothing does not hear that the router has left either
            Flow::Silent => self.left.lock().unwrap_or_else(PoisonError::into_inner).push(line),
            Flow::Reset => reset(&line),
        }
    }
}

/// The peer hears a reset instead of an orderly end when this line is dropped.
pub(crate) fn reset(line: &TcpStream) {
    let _ = SockRef::from(line).set_linger(Some(std::time::Duration::ZERO));
}
