//! A subscriber's line as the router describes it, and the question whether it may come in.

use std::net::Ipv4Addr;

use super::attribute::{
    ACCT_SESSION_ID, CALLED_STATION_ID, CALLING_STATION_ID, FRAMED_IP_ADDRESS, FRAMED_PROTOCOL, MESSAGE_AUTHENTICATOR,
    NAS_IDENTIFIER, NAS_IP_ADDRESS, NAS_PORT, NAS_PORT_ID, NAS_PORT_TYPE, REPLY_MESSAGE, SERVICE_TYPE, USER_NAME,
    integer, microsoft, mikrotik, open, text, wispr,
};
use super::client::{Counters, NoAnswer, Question, Server};
use super::grant::Grant;
use super::packet::{Authenticator, Code, Draft, Packet};
use super::proof::Proof;

/// How a password is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// In clear to the router, hidden from others by the RADIUS secret.
    Pap,
    /// By MD5 of a challenge (RFC 1994).
    Chap,
    /// PPP only.
    MsChapV2,
}

/// Which of the router's services the line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `ppp` in `/radius`.
    Pppoe,
    /// `hotspot` in `/radius`.
    Hotspot,
}

/// A session's number: two digits of service, one that grows with each reboot, five that grow with each session
/// (MikroTik's manual, page "RADIUS", Acct-Session-Id). Hotspot's `80` and the order of digits are in logs of FreeRADIUS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionNumber(pub u32);

impl SessionNumber {
    /// The number of the session that is the `count`-th of its service since the `reboots`-th start.
    pub fn new(service: Service, reboots: u32, count: u32) -> Self {
        let service = match service {
            Service::Hotspot => 0x80,
            Service::Pppoe => 0x81,
        };
        Self(service << 24 | (reboots & 0xf) << 20 | (count & 0xf_ffff))
    }

    /// NAS-Port. Hotspot sends the whole number; PPPoE counts upwards from 15728640, as seen in public logs.
    fn nas_port(self, service: Service) -> u32 {
        match service {
            Service::Hotspot => self.0,
            Service::Pppoe => 0x00f0_0000 + (self.0 & 0xf_ffff),
        }
    }

    /// `0x81000001`: how `/ppp/active` prints it.
    pub fn prefixed(self) -> String {
        format!("0x{:08x}", self.0)
    }
}

/// `81000001`: Acct-Session-Id.
impl std::fmt::Display for SessionNumber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:08x}", self.0)
    }
}

/// What the router tells of a line in every packet about it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which service it came to.
    pub service: Service,
    /// Acct-Session-Id and NAS-Port come from it.
    pub session: SessionNumber,
    /// As the subscriber gave it.
    pub user_name: Vec<u8>,
    /// The router's identity.
    pub nas_identifier: Vec<u8>,
    /// Where the router's packets come from.
    pub nas_ip_address: Ipv4Addr,
    /// 15 Ethernet, 17 Cable, 19 Wireless-802.11.
    pub nas_port_type: u32,
    /// The interface on which the server runs.
    pub nas_port_id: Vec<u8>,
    /// The subscriber's MAC, in the notation that the service uses.
    pub calling_station_id: Vec<u8>,
    /// The PPPoE service's or the hotspot server's name.
    pub called_station_id: Vec<u8>,
    /// Hotspot clients have one before they log in, PPP clients after.
    pub address: Option<Ipv4Addr>,
    /// WISPr-Location-ID and -Name of the hotspot's profile.
    pub location: (Vec<u8>, Vec<u8>),
    /// WISPr-Logoff-URL of the hotspot.
    pub logoff_url: Vec<u8>,
}

impl Line {
    /// What comes before the password and the status, in RouterOS's order.
    pub(super) fn write_first(&self, draft: &mut Draft) {
        let session = self.session.to_string();
        match self.service {
            Service::Pppoe => {
                draft.integer(SERVICE_TYPE, 2); // Framed-User
                draft.integer(FRAMED_PROTOCOL, 1); // PPP
                draft.integer(NAS_PORT, self.session.nas_port(self.service));
                draft.integer(NAS_PORT_TYPE, self.nas_port_type);
                draft.push(USER_NAME, &self.user_name);
                draft.push(CALLING_STATION_ID, &self.calling_station_id);
                draft.push(CALLED_STATION_ID, &self.called_station_id);
                draft.push(NAS_PORT_ID, &self.nas_port_id);
                draft.push(ACCT_SESSION_ID, session.as_bytes());
                if let Some(address) = self.address {
                    draft.push(FRAMED_IP_ADDRESS, &address.octets());
                }
            }
            Service::Hotspot => {
                draft.integer(NAS_PORT_TYPE, self.nas_port_type);
                draft.push(CALLING_STATION_ID, &self.calling_station_id);
                draft.push(CALLED_STATION_ID, &self.called_station_id);
                draft.push(NAS_PORT_ID, &self.nas_port_id);
                draft.push(USER_NAME, &self.user_name);
                draft.integer(NAS_PORT, self.session.nas_port(self.service));
                draft.push(ACCT_SESSION_ID, session.as_bytes());
                if let Some(address) = self.address {
                    draft.push(FRAMED_IP_ADDRESS, &address.octets());
                    draft.vendor(mikrotik::VENDOR, mikrotik::HOST_IP, &address.octets());
                }
            }
        }
    }

    pub(super) fn write_nas_identifier(&self, draft: &mut Draft) {
        draft.push(NAS_IDENTIFIER, &self.nas_identifier);
    }

    pub(super) fn write_nas_ip_address(&self, draft: &mut Draft) {
        draft.push(NAS_IP_ADDRESS, &self.nas_ip_address.octets());
    }

    pub(super) fn write_location(&self, draft: &mut Draft) {
        let (id, name) = &self.location;
        for (number, value) in [(wispr::LOCATION_ID, id), (wispr::LOCATION_NAME, name)] {
            if !value.is_empty() {
                draft.vendor(wispr::VENDOR, number, value);
            }
        }
    }
}

pub(super) fn write_realm(draft: &mut Draft, server: &Server) {
    if let Some(realm) = &server.realm {
        draft.vendor(mikrotik::VENDOR, mikrotik::REALM, realm.as_bytes());
    }
}

/// What a RADIUS server says to a log-in.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It may come in.
    Accepted(Box<Grant>),
    /// Its Reply-Message or, with MS-CHAP, the text in MS-CHAP-Error.
    Rejected(Option<String>),
}

/// Asks `server` whether the subscriber may come in.
pub async fn log_in(server: &Server, line: &Line, proof: &Proof, counters: &Counters) -> Result<Answer, NoAnswer> {
    let authenticator: Authenticator = rand::random();
    let mut draft = Draft::new(Code::AccessRequest, rand::random());
    line.write_first(&mut draft);
    proof.write(&mut draft, &server.secret, &authenticator);
    if line.service == Service::Hotspot {
        draft.integer(SERVICE_TYPE, 1); // Login-User
        if !line.logoff_url.is_empty() {
            draft.vendor(wispr::VENDOR, wispr::LOGOFF_URL, &line.logoff_url);
        }
        line.write_location(&mut draft);
    }
    write_realm(&mut draft, server);
    line.write_nas_identifier(&mut draft);
    line.write_nas_ip_address(&mut draft);
    let signed = server.message_authenticator;
    let octets = draft.seal_access(&server.secret, &authenticator, signed);
    let question = Question { octets: &octets, port: server.authentication_port, signed };
    let answer = server.ask(question, counters).await?;
    if !answer.is(Code::AccessAccept) {
        // a challenge means nothing to a PPP or hotspot client, so it is a refusal as well
        Counters::add(&counters.rejects);
        return Ok(Answer::Rejected(reason(&answer)));
    }
    let success = find(&answer, Some(microsoft::VENDOR), microsoft::MS_CHAP2_SUCCESS);
    if !proof.is_convinced(&line.user_name, success) {
        Counters::add(&counters.bad_replies);
        return Ok(Answer::Rejected(Some("peer failed to authenticate the server".to_owned())));
    }
    Counters::add(&counters.accepts);
    let attributes = answer.attributes().filter(|(number, _)| *number != MESSAGE_AUTHENTICATOR);
    Ok(Answer::Accepted(Box::new(Grant::read(open(attributes)))))
}

fn reason(answer: &Packet) -> Option<String> {
    let message = find(answer, None, REPLY_MESSAGE).or_else(|| {
        let error = find(answer, Some(microsoft::VENDOR), microsoft::MS_CHAP_ERROR)?;
        // an identifier precedes the text, in which M= begins what people read (RFC 2548 section 2.1.5)
        let at = error.windows(2).position(|two| two == b"M=")?;
        error.get(at + 2..)
    });
    message.map(text).filter(|message| !message.is_empty())
}

fn find(answer: &Packet, vendor: Option<u32>, number: u8) -> Option<&[u8]> {
    open(answer.attributes())
        .find_map(|(its, its_number, value)| (its == vendor && its_number == number).then_some(value))
}

/// Four octets as an address.
pub(super) fn address(value: &[u8]) -> Option<Ipv4Addr> {
    integer(value).map(Ipv4Addr::from)
}
