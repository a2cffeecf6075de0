//! Reports about a session: Start, Interim-Update, Stop (RFC 2866). A router that restarts says nothing of it: RouterOS
//! sends no Accounting-On.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::attribute::{
    ACCT_AUTHENTIC, ACCT_DELAY_TIME, ACCT_INPUT_GIGAWORDS, ACCT_INPUT_OCTETS, ACCT_INPUT_PACKETS,
    ACCT_OUTPUT_GIGAWORDS, ACCT_OUTPUT_OCTETS, ACCT_OUTPUT_PACKETS, ACCT_SESSION_TIME, ACCT_STATUS_TYPE,
    ACCT_TERMINATE_CAUSE, CLASS, EVENT_TIMESTAMP,
};
use super::client::{Counters, NoAnswer, Question, Server};
use super::line::{Line, Service, write_realm};
use super::packet::{Code, Draft};

/// What has gone over a line, seen from the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// From the subscriber.
    pub input_octets: u64,
    /// To the subscriber.
    pub output_octets: u64,
    /// From the subscriber.
    pub input_packets: u64,
    /// To the subscriber.
    pub output_packets: u64,
}

/// Which report it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The session begins.
    Start,
    /// The session goes on.
    Interim,
    /// With the number of its Acct-Terminate-Cause (RFC 2866 section 5.10).
    Stop(u32),
}

/// A report about a session.
#[derive(Debug, Clone)]
pub struct Report<'session> {
    /// Whose session it is.
    pub line: &'session Line,
    /// Which report it is.
    pub status: Status,
    /// Since the session began.
    pub session_time: Duration,
    /// Since the session began.
    pub traffic: Traffic,
    /// As the server gave it.
    pub class: &'session [Vec<u8>],
    /// Whether the server decided about the log-in, and not the router itself.
    pub by_radius: bool,
}

/// Sends a report; it is answered or lost.
pub async fn report(server: &Server, report: &Report<'_>, counters: &Counters) -> Result<(), NoAnswer> {
    let octets = write(server, report, SystemTime::now());
    let question = Question { octets: &octets, port: server.accounting_port, signed: false };
    let answer = server.ask(question, counters).await?;
    if answer.is(Code::AccountingResponse) { Ok(()) } else { Err(NoAnswer) }
}

fn write(server: &Server, report: &Report<'_>, now: SystemTime) -> Vec<u8> {
    let mut draft = Draft::new(Code::AccountingRequest, rand::random());
    let status = match report.status {
        Status::Start => 1,
        Status::Stop(_) => 2,
        Status::Interim => 3,
    };
    // where the status stands differs, as logs of servers show
    if report.line.service == Service::Hotspot {
        draft.integer(ACCT_STATUS_TYPE, status);
    }
    report.line.write_first(&mut draft);
    for class in report.class {
        draft.push(CLASS, class);
    }
    if report.line.service == Service::Pppoe {
        draft.integer(ACCT_AUTHENTIC, if report.by_radius { 1 } else { 2 });
    }
    draft.integer(EVENT_TIMESTAMP, seconds(now.duration_since(UNIX_EPOCH).unwrap_or_default()));
    if report.status != Status::Start {
        let traffic = report.traffic;
        draft.integer(ACCT_SESSION_TIME, seconds(report.session_time));
        volume(&mut draft, ACCT_INPUT_OCTETS, ACCT_INPUT_GIGAWORDS, traffic.input_octets);
        draft.integer(ACCT_INPUT_PACKETS, low(traffic.input_packets));
        volume(&mut draft, ACCT_OUTPUT_OCTETS, ACCT_OUTPUT_GIGAWORDS, traffic.output_octets);
        draft.integer(ACCT_OUTPUT_PACKETS, low(traffic.output_packets));
    }
    if report.line.service == Service::Pppoe {
        draft.integer(ACCT_STATUS_TYPE, status);
    } else {
        report.line.write_location(&mut draft);
    }
    if let Status::Stop(cause) = report.status {
        draft.integer(ACCT_TERMINATE_CAUSE, cause);
    }
    write_realm(&mut draft, server);
    report.line.write_nas_identifier(&mut draft);
    draft.integer(ACCT_DELAY_TIME, 0);
    report.line.write_nas_ip_address(&mut draft);
    draft.seal_accounting(&server.secret)
}

fn volume(draft: &mut Draft, octets: u8, gigawords: u8, whole: u64) {
    draft.integer(octets, low(whole));
    draft.integer(gigawords, low(whole >> 32));
}

fn low(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
