//! Why a session ended.

/// Acct-Terminate-Cause (RFC 2866 section 5.10), as far as a simulated router gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum TerminateCause {
    /// The subscriber hung up or logged out.
    UserRequest = 1,
    /// The subscriber no longer answers.
    LostCarrier = 2,
    /// Nothing went over the line for too long.
    IdleTimeout = 4,
    /// Its time is used up.
    SessionTimeout = 5,
    /// Somebody removed it, or the RADIUS server disconnected it.
    AdminReset = 6,
    /// Its server was disabled, or its volume is used up.
    NasRequest = 10,
    /// The router restarts.
    NasReboot = 11,
}

impl TerminateCause {
    /// As FreeRADIUS calls it, and the control port.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserRequest => "User-Request",
            Self::LostCarrier => "Lost-Carrier",
            Self::IdleTimeout => "Idle-Timeout",
            Self::SessionTimeout => "Session-Timeout",
            Self::AdminReset => "Admin-Reset",
            Self::NasRequest => "NAS-Request",
            Self::NasReboot => "NAS-Reboot",
        }
    }

    /// What a PPP log says after `terminating...`.
    pub(super) fn ppp_reason(self) -> &'static str {
        match self {
            Self::UserRequest => "hungup",
            Self::LostCarrier => "peer is not responding",
            Self::IdleTimeout => "idle timeout",
            Self::SessionTimeout => "session timeout",
            Self::AdminReset => "administrator request",
            Self::NasRequest => "nas request",
            Self::NasReboot => "nas reboot",
        }
    }

    /// What a hotspot log says after `logged out:`.
    pub(super) fn hotspot_reason(self) -> &'static str {
        match self {
            Self::UserRequest => "user request",
            Self::LostCarrier => "keepalive timeout",
            Self::IdleTimeout => "idle timeout",
            Self::SessionTimeout => "session timeout",
            Self::AdminReset => "admin reset",
            Self::NasRequest => "traffic limit reached",
            Self::NasReboot => "nas reboot",
        }
    }
}
