//! One API connection: sentences in, replies out.

mod job;
mod log_in;

pub(crate) use log_in::hex;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::actor::{Actor, User};
use crate::fault::{Fault, Mishap, Moment};
use crate::output::Output;
use crate::reply::Replies;
use crate::request::Request;
use crate::router::{Outcome, PrintJob};
use crate::simulator::Shared;
use crate::trap::Trap;
use crate::wire::Decoder;

use job::Job;

/// A print goes out in pieces of about this size, so that other commands' replies come between.
pub(crate) const PIECE: usize = 64 << 10;
/// Commands without a tag that may wait; then nothing more is read.
const WAITING: usize = 1000;
/// The longest sentence of a user who is logged in, and before.
const LONGEST: usize = 16 << 20;
const LONGEST_BEFORE_LOG_IN: usize = 4 << 10;

/// Where a connection came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) number: u64,
    pub(crate) address: IpAddr,
    /// `api` or `api-ssl`
    pub(crate) via: &'static str,
}

/// What becomes of the connection after a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    /// What is written still goes out.
    Close,
    /// Nothing goes out any more.
    Cut,
}

struct Session {
    shared: Arc<Shared>,
    origin: Origin,
    output: Output,
    user: Option<User>,
    /// The rights of `user` are those of this many changes of users and groups.
    rights: u64,
    log_in_by: Instant,
    challenge: Option<[u8; 16]>,
    failures: u32,
    sentences: u64,
    jobs: Vec<Job>,
    /// Commands without a tag wait for the one without a tag that is still printing.
    waiting: VecDeque<Request>,
}

/// Serves a connection until either side ends it, or `cut` says so.
pub(crate) async fn serve<S>(shared: Arc<Shared>, line: S, origin: Origin, mut cut: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut reader, writer) = tokio::io::split(line);
    let (output, writing) = Output::new(shared.latency(), writer);
    let writing = tokio::spawn(writing);
    let mut session = Session {
        shared: Arc::clone(&shared),
        origin,
        output: output.clone(),
        user: None,
        rights: 0,
        log_in_by: Instant::now() + shared.log_in_within(),
        challenge: None,
        failures: 0,
        sentences: 0,
        jobs: Vec::new(),
        waiting: VecDeque::new(),
    };
    let then = tokio::select! {
        then = session.run(&mut reader) => then,
        _ = cut.wait_for(|cut| *cut) => Then::Cut,
    };
    session.end();
    drop(session);
    if then == Then::Close {
        output.finish(Vec::new());
        drop(output);
        // what was said last is read or the peer is gone; a peer that never reads is cut with the router
        tokio::select! {
            _ = writing => {}
            _ = cut.wait_for(|cut| *cut) => {}
        }
    } else {
        writing.abort();
    }
}

impl Session {
    async fn run(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Then {
        let mut decoder = Decoder::default();
        let mut buffer = vec![0; 16 << 10];
        loop {
            loop {
                let longest = if self.user.is_some() { LONGEST } else { LONGEST_BEFORE_LOG_IN };
                let words = match decoder.next(longest) {
                    Ok(Some(words)) => words,
                    Ok(None) => break,
                    Err(_) => return Then::Cut,
                };
                match self.sentence(&words).await {
                    Then::GoOn => {}
                    then => return then,
                }
            }
            let read = if let Some(busy) = self.jobs.iter_mut().find(|job| job.holds_others()) {
                let room = self.waiting.len() < WAITING;
                tokio::select! {
                    read = reader.read(&mut buffer), if room => Some(read),
                    () = busy.ended() => None,
                }
            } else if self.user.is_some() {
                Some(reader.read(&mut buffer).await)
            } else {
                match tokio::time::timeout_at(self.log_in_by, reader.read(&mut buffer)).await {
                    Ok(read) => Some(read),
                    Err(_) => return Then::Cut,
                }
            };
            match read {
                Some(Ok(0) | Err(_)) => {
                    return if self.waiting.is_empty() && self.jobs.is_empty() { Then::Close } else { Then::Cut };
                }
                Some(Ok(count)) => decoder.push(&buffer[..count]),
                None => match self.go_on().await {
                    Then::GoOn => {}
                    then => return then,
                },
            }
        }
    }

    /// Commands that waited for a print without a tag.
    async fn go_on(&mut self) -> Then {
        self.jobs.retain(|job| !job.is_over());
        while !self.jobs.iter().any(Job::holds_others) {
            let Some(request) = self.waiting.pop_front() else { break };
            match self.command(request).await {
                Then::GoOn => {}
                then => return then,
            }
        }
        Then::GoOn
    }

    async fn sentence(&mut self, words: &[Vec<u8>]) -> Then {
        self.sentences += 1;
        let request = Request::read(words);
        self.shared.received(self.origin.number, words, &request);
        if self.shared.drop_after().is_some_and(|most| self.sentences > most) {
            return Then::Cut;
        }
        self.jobs.retain(|job| !job.is_over());
        let held = request.tag.is_none() && request.path != "/cancel" && self.jobs.iter().any(Job::holds_others);
        if held {
            self.waiting.push_back(request);
            return Then::GoOn;
        }
        self.command(request).await
    }

    async fn command(&mut self, request: Request) -> Then {
        let (menu, verb) = request.parts();
        let fault = self.shared.meet_fault(menu, verb);
        if let Some(Fault { moment: Moment::Before, what, .. }) = &fault {
            match what {
                Mishap::Late(_) => {}
                what => return self.mishap(what, &request, Vec::new()).await,
            }
        }
        match request.path.as_str() {
            "/login" => return self.log_in(&request).await,
            "/quit" => {
                self.fatal(&request, "session terminated on request");
                return Then::Close;
            }
            _ => {}
        }
        let Some(mut user) = self.user.clone() else {
            return self.not_logged_in(&request).await;
        };
        if request.path == "/cancel" {
            self.cancel(&request).await;
            return Then::GoOn;
        }
        let (answer, reboot, unwelcome) = {
            let mut router = self.shared.lock();
            if self.rights != router.rights {
                self.rights = router.rights;
                router.update_rights(&mut user);
                self.user = Some(user.clone());
            }
            let answer = router.execute(&Actor::User(user), &request);
            (answer, std::mem::take(&mut router.wants_reboot), std::mem::take(&mut router.unwelcome))
        };
        let (own, others): (Vec<u64>, Vec<u64>) =
            unwelcome.into_iter().partition(|number| *number == self.origin.number);
        self.shared.cut(&others);
        if !own.is_empty() {
            // who removes himself still hears that it is done
            self.answer(request, answer, fault).await;
            return Then::Close;
        }
        if reboot {
            // the answer still goes out
            let shared = Arc::clone(&self.shared);
            let then = self.answer(request, answer, fault).await;
            shared.reboot_soon();
            return then;
        }
        self.answer(request, answer, fault).await
    }

    /// Says what a command answered, or what a fault makes of it.
    async fn answer(&mut self, request: Request, answer: Result<Outcome, Trap>, fault: Option<Fault>) -> Then {
        let mut out = Vec::new();
        let mut replies = self.replies(&request, &mut out);
        let mut job = None;
        match answer {
            Err(trap) => {
                replies.trap(&trap);
                replies.done(None);
            }
            Ok(Outcome::Done) => {
                if self.shared.switches().empty_after_writes && self.shared.says_empty() {
                    replies.empty();
                }
                replies.done(None);
            }
            Ok(Outcome::Ret(ret)) => replies.done(Some(&ret)),
            Ok(Outcome::Rows(rows)) => {
                if rows.is_empty() && self.shared.says_empty() {
                    replies.empty();
                }
                for row in &rows {
                    replies.row(row);
                }
                replies.done(None);
            }
            Ok(Outcome::Repeat(repeat)) => {
                self.repeat(request, repeat);
                return Then::GoOn;
            }
            Ok(Outcome::Print(mut print)) => {
                if self.first_piece(&mut print, &mut replies) {
                    self.print_ends(&print, &mut replies);
                } else {
                    job = Some(print);
                }
            }
            Ok(Outcome::Listen { job: print, changes, rows_first }) => {
                self.listen(request, print, changes, rows_first);
                return Then::GoOn;
            }
        }
        if let Some(fault) = fault
            && (fault.moment == Moment::After || matches!(fault.what, Mishap::Late(_)))
        {
            return self.mishap(&fault.what, &request, out).await;
        }
        self.output.send(out).await;
        if let Some(print) = job {
            self.print_on(request, print);
        }
        Then::GoOn
    }

    fn first_piece(&self, print: &mut PrintJob, replies: &mut Replies<'_>) -> bool {
        self.shared.lock().print_some(print, replies, PIECE)
    }

    fn print_ends(&self, print: &PrintJob, replies: &mut Replies<'_>) {
        if print.was_empty() && self.shared.says_empty() {
            replies.empty();
        }
        replies.done(None);
    }

    async fn mishap(&mut self, what: &Mishap, request: &Request, answer: Vec<u8>) -> Then {
        match what {
            Mishap::Drop => Then::Cut,
            Mishap::Trap(message) => {
                let mut out = Vec::new();
                let mut replies = self.replies(request, &mut out);
                replies.trap(&Trap::new(message.as_str()));
                replies.done(None);
                self.output.send(out).await;
                Then::GoOn
            }
            Mishap::Late(_) => {
                // only this answer is late: those of other commands overtake it
                let (output, delay) = (self.output.clone(), what.delay());
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    output.send(answer).await;
                });
                Then::GoOn
            }
            Mishap::Silence => Then::GoOn,
            Mishap::Dead => {
                let own = self.origin.number;
                self.shared.lock().kill_lines(|number| number == own);
                Then::GoOn
            }
            Mishap::Half => {
                let whole = if answer.is_empty() {
                    let mut out = Vec::new();
                    self.replies(request, &mut out).done(None);
                    out
                } else {
                    answer
                };
                self.output.finish(half(whole));
                Then::Close
            }
            Mishap::Garbage => {
                self.output.finish(b"\xFF\xFE\x00garbage\x91\x80\x05!d".to_vec());
                Then::Close
            }
            Mishap::Reboot => {
                self.shared.reboot();
                Then::Cut
            }
        }
    }

    fn replies<'a>(&self, request: &Request, out: &'a mut Vec<u8>) -> Replies<'a> {
        Replies::new(out, request.tag.as_deref(), self.shared.switches().tag_last)
    }

    fn fatal(&self, request: &Request, text: &str) {
        let mut out = Vec::new();
        self.replies(request, &mut out).fatal(text);
        self.output.finish(out);
    }

    fn end(&mut self) {
        for job in &self.jobs {
            job.abort();
        }
        if let Some(user) = self.user.take() {
            let mut router = self.shared.lock();
            router.logged_out(&user);
            router.connection_lost(user.connection);
        }
    }
}

/// The first half, ending within a sentence.
fn half(mut answer: Vec<u8>) -> Vec<u8> {
    answer.truncate(answer.len().div_ceil(2));
    let mut decoder = Decoder::default();
    decoder.push(&answer);
    while let Ok(Some(_)) = decoder.next(usize::MAX) {}
    if decoder.is_between_sentences() {
        answer.truncate(answer.len().saturating_sub(2));
    }
    answer
}
