//! The numbers of the attributes that a router writes and reads.

/// RFC 2865 section 5.
pub(super) const USER_NAME: u8 = 1;
pub(super) const USER_PASSWORD: u8 = 2;
pub(super) const CHAP_PASSWORD: u8 = 3;
pub(super) const NAS_IP_ADDRESS: u8 = 4;
pub(super) const NAS_PORT: u8 = 5;
pub(super) const SERVICE_TYPE: u8 = 6;
pub(super) const FRAMED_PROTOCOL: u8 = 7;
pub(super) const FRAMED_IP_ADDRESS: u8 = 8;
pub(super) const FRAMED_IP_NETMASK: u8 = 9;
pub(super) const FILTER_ID: u8 = 11;
pub(super) const REPLY_MESSAGE: u8 = 18;
pub(super) const FRAMED_ROUTE: u8 = 22;
pub(super) const CLASS: u8 = 25;
pub(super) const VENDOR_SPECIFIC: u8 = 26;
pub(super) const SESSION_TIMEOUT: u8 = 27;
pub(super) const IDLE_TIMEOUT: u8 = 28;
pub(super) const CALLED_STATION_ID: u8 = 30;
pub(super) const CALLING_STATION_ID: u8 = 31;
pub(super) const NAS_IDENTIFIER: u8 = 32;
pub(super) const PROXY_STATE: u8 = 33;
pub(super) const CHAP_CHALLENGE: u8 = 60;
pub(super) const NAS_PORT_TYPE: u8 = 61;
pub(super) const PORT_LIMIT: u8 = 62;
/// RFC 2866 section 5.
pub(super) const ACCT_STATUS_TYPE: u8 = 40;
pub(super) const ACCT_DELAY_TIME: u8 = 41;
pub(super) const ACCT_INPUT_OCTETS: u8 = 42;
pub(super) const ACCT_OUTPUT_OCTETS: u8 = 43;
pub(super) const ACCT_SESSION_ID: u8 = 44;
pub(super) const ACCT_AUTHENTIC: u8 = 45;
pub(super) const ACCT_SESSION_TIME: u8 = 46;
pub(super) const ACCT_INPUT_PACKETS: u8 = 47;
pub(super) const ACCT_OUTPUT_PACKETS: u8 = 48;
pub(super) const ACCT_TERMINATE_CAUSE: u8 = 49;
/// RFC 2869 section 5.
pub(super) const ACCT_INPUT_GIGAWORDS: u8 = 52;
pub(super) const ACCT_OUTPUT_GIGAWORDS: u8 = 53;
pub(super) const EVENT_TIMESTAMP: u8 = 55;
pub(super) const MESSAGE_AUTHENTICATOR: u8 = 80;
pub(super) const ACCT_INTERIM_INTERVAL: u8 = 85;
pub(super) const NAS_PORT_ID: u8 = 87;
pub(super) const FRAMED_POOL: u8 = 88;
/// RFC 5176 section 3.5.
pub(super) const ERROR_CAUSE: u8 = 101;

/// Microsoft's numbers (RFC 2548).
pub(super) mod microsoft {
    pub(in super::super) const VENDOR: u32 = 311;
    pub(in super::super) const MS_CHAP_ERROR: u8 = 2;
    pub(in super::super) const MS_CHAP_CHALLENGE: u8 = 11;
    pub(in super::super) const MS_CHAP2_RESPONSE: u8 = 25;
    pub(in super::super) const MS_CHAP2_SUCCESS: u8 = 26;
}

/// MikroTik's own numbers (FreeRADIUS's `dictionary.mikrotik`; MikroTik's manual, page "RADIUS").
pub(super) mod mikrotik {
    pub(in super::super) const VENDOR: u32 = 14988;
    pub(in super::super) const RECV_LIMIT: u8 = 1;
    pub(in super::super) const XMIT_LIMIT: u8 = 2;
    pub(in super::super) const GROUP: u8 = 3;
    pub(in super::super) const RATE_LIMIT: u8 = 8;
    pub(in super::super) const REALM: u8 = 9;
    pub(in super::super) const HOST_IP: u8 = 10;
    pub(in super::super) const MARK_ID: u8 = 11;
    pub(in super::super) const ADVERTISE_URL: u8 = 12;
    pub(in super::super) const ADVERTISE_INTERVAL: u8 = 13;
    pub(in super::super) const RECV_LIMIT_GIGAWORDS: u8 = 14;
    pub(in super::super) const XMIT_LIMIT_GIGAWORDS: u8 = 15;
    pub(in super::super) const TOTAL_LIMIT: u8 = 17;
    pub(in super::super) const TOTAL_LIMIT_GIGAWORDS: u8 = 18;
    pub(in super::super) const ADDRESS_LIST: u8 = 19;
}

/// Numbers of the Wi-Fi Alliance (FreeRADIUS's `dictionary.wispr`).
pub(super) mod wispr {
    pub(in super::super) const VENDOR: u32 = 14122;
    pub(in super::super) const LOCATION_ID: u8 = 1;
    pub(in super::super) const LOCATION_NAME: u8 = 2;
    pub(in super::super) const LOGOFF_URL: u8 = 3;
    pub(in super::super) const REDIRECTION_URL: u8 = 4;
    pub(in super::super) const BANDWIDTH_MIN_UP: u8 = 5;
    pub(in super::super) const BANDWIDTH_MIN_DOWN: u8 = 6;
    pub(in super::super) const BANDWIDTH_MAX_UP: u8 = 7;
    pub(in super::super) const BANDWIDTH_MAX_DOWN: u8 = 8;
    pub(in super::super) const SESSION_TERMINATE_TIME: u8 = 9;
}

/// Vendor, number and value; a Vendor-Specific is opened, and one that is written otherwise is left out.
pub(super) fn open<'packet>(
    attributes: impl Iterator<Item = (u8, &'packet [u8])>,
) -> impl Iterator<Item = (Option<u32>, u8, &'packet [u8])> {
    attributes.flat_map(|(number, value)| {
        if number != VENDOR_SPECIFIC {
            return vec![(None, number, value)];
        }
        let Some((vendor, rest)) = value.split_first_chunk::<4>() else { return Vec::new() };
        let vendor = Some(u32::from_be_bytes(*vendor));
        if !super::packet::fill(rest) {
            return Vec::new();
        }
        super::packet::split(rest).map(|(number, value)| (vendor, number, value)).collect()
    })
}

/// A value of four octets.
pub(super) fn integer(value: &[u8]) -> Option<u32> {
    value.try_into().ok().map(u32::from_be_bytes)
}

/// Text as people read it.
pub(super) fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
