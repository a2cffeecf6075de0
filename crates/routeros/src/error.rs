//! How a command can fail.

use std::fmt;
use std::time::Duration;

use crate::release::Release;
use crate::text::Text;
use crate::trap::{Refusal, Trap};

/// Why a command has no good answer. Nothing in it holds an argument's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The router refused. This does not prove that nothing happened, but nearly.
    #[error("the router refused `{command}`: {}", Words(traps))]
    Trap {
        /// The path of the command.
        command: String,
        /// All that it said, in order: at least one.
        traps: Vec<Trap>,
    },
    /// The router ended the connection with these words while the command ran. Its outcome is unknown.
    #[error("the router ended the connection during `{command}`: {text}")]
    Fatal {
        /// The path of the command.
        command: String,
        /// The router's words.
        text: Text,
    },
    /// The line was lost after the command was sent. Its outcome is unknown: look before doing it again.
    #[error("the line was lost during `{command}`: {reason}")]
    Unknown {
        /// The path of the command.
        command: String,
        /// What happened to the line.
        reason: CloseReason,
    },
    /// The line was lost, or closed, before anything of the command was sent. Nothing happened.
    #[error("`{command}` was not sent: {reason}")]
    NotSent {
        /// The path of the command.
        command: String,
        /// What happened to the line.
        reason: CloseReason,
    },
    /// No answer in time. The router was told to cancel it; the outcome of a command that writes is unknown.
    #[error("no answer to `{command}` within {} seconds", after.as_secs_f32())]
    Deadline {
        /// The path of the command.
        command: String,
        /// How long the answer was waited for.
        after: Duration,
        /// False: the router took not even the command's bytes, so nothing happened.
        sent: bool,
    },
    /// It was cancelled by us before its end.
    #[error("`{command}` was cancelled")]
    Cancelled {
        /// The path of the command.
        command: String,
    },
    /// More was answered, or is to be sent, than may be.
    #[error("`{command}` is too large: the limit is {limit} {unit}")]
    TooLarge {
        /// The path of the command.
        command: String,
        /// The limit.
        limit: usize,
        /// Of what: `rows` or `bytes`.
        unit: &'static str,
    },
    /// The stream was not read while other commands waited for the line, and was cancelled.
    #[error("`{command}` was cancelled because its rows were not taken for {} seconds", after.as_secs_f32())]
    SlowReader {
        /// The path of the command.
        command: String,
        /// How long they were not taken.
        after: Duration,
    },
    /// The router's release does not know the menu, the command or the argument. Nothing was sent.
    #[error("{0}")]
    NotInRelease(Box<NotInRelease>),
    /// The command gave rows, which [`Connection::call`](crate::Connection::call) does not take.
    #[error("`{command}` answered with rows, which nobody asked for")]
    UnexpectedRows {
        /// The path of the command.
        command: String,
    },
    /// A property that every release prints is not there, or is no value of its kind.
    #[error("`{command}` did not tell `{property}`")]
    Unreadable {
        /// The path of the command.
        command: String,
        /// Which property.
        property: String,
    },
}

/// The texts of traps.
struct Words<'a>(&'a [Trap]);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, trap) in self.0.iter().enumerate() {
            write!(f, "{}{trap}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl CommandError {
    /// What failed, on what.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Trap { .. } => match self.refusal()? {
                Refusal::NotEnoughPermissions => "give the router's user a group with the policies that this needs",
                Refusal::NoSuchCommand => "the menu is not on this model, or its package is not installed",
                Refusal::DeviceMode => {
                    "allow it with `/system/device-mode update` and press the router's button or cut its power within five \
                     minutes"
                }
                Refusal::Busy => "wait until the router is less busy and try again",
                _ => return None,
            },
            Self::Fatal { .. } | Self::Unknown { .. } | Self::Deadline { .. } => {
                "if it was a change, look at the router before doing it again"
            }
            Self::NotSent { .. } => "nothing was changed; try again when the router is reachable",
            Self::TooLarge { unit: "rows", .. } => "narrow the list",
            Self::NotInRelease(_) => "upgrade RouterOS, or do without it",
            _ => return None,
        })
    }

    /// What the router's refusal means, if it is one: the first trap whose words tell.
    pub fn refusal(&self) -> Option<Refusal> {
        let Self::Trap { traps, .. } = self else { return None };
        let refusals = traps.iter().map(Trap::refusal);
        refusals.reduce(|first, next| if first == Refusal::Other { next } else { first })
    }

    /// Whether the command may have been carried out all the same.
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Fatal { .. }
                | Self::Unknown { .. }
                | Self::Deadline { sent: true, .. }
                | Self::Cancelled { .. }
                | Self::SlowReader { .. }
                | Self::UnexpectedRows { .. }
        )
    }
}

/// What a router's release does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct NotInRelease {
    /// The menu, such as `/radius`.
    pub menu: String,
    /// The command in it, such as `add`.
    pub verb: String,
    /// The argument, if it is that which is missing.
    pub argument: Option<String>,
    /// The router's release, if it could be read.
    pub release: Option<Release>,
    /// The releases that know it, such as `7.15`, `-7.16`. Empty: none that we know of.
    pub known_in: String,
}

impl fmt::Display for NotInRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { menu, verb, argument, release, known_in } = self;
        match release {
            Some(release) => write!(f, "RouterOS {release} has no")?,
            None => f.write_str("RouterOS has no")?,
        }
        match argument {
            Some(argument) => write!(f, " `{argument}` in `{menu} {verb}`")?,
            None => write!(f, " `{menu} {verb}`")?,
        }
        match (known_in.strip_prefix('-'), known_in.split_once('-')) {
            _ if known_in.is_empty() => Ok(()),
            _ if known_in.contains(',') => write!(f, ": only in {known_in}"),
            (Some(last), _) => write!(f, ": only up to {last}"),
            (None, Some((first, last))) => write!(f, ": only from {first} to {last}"),
            (None, None) => write!(f, ": only from {known_in}"),
        }
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// We closed it.
    #[error("the connection was closed")]
    ByUs,
    /// The router closed it without a word: a reboot, or the service was switched off.
    #[error("the router closed the connection")]
    ByRouter,
    /// The router closed it with these words.
    #[error("the router closed the connection: {0}")]
    Fatal(Text),
    /// The line broke; the operating system's words.
    #[error("the line broke: {0}")]
    Lost(String),
    /// Not a byte for this long, though the router was asked for one.
    #[error("the router was silent for {} seconds", .0.as_secs_f32())]
    Silent(Duration),
    /// What came is not RouterOS's protocol.
    #[error("what came is not the RouterOS API")]
    Garbage,
    /// A word or a sentence was longer than this many bytes.
    #[error("the router's answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl CloseReason {
    /// What an error of the line means. TLS that ends without its good-bye is an end like any other here: every answer
    /// tells by itself whether it is whole.
    pub(crate) fn of(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::ByRouter,
            kind => Self::Lost(kind.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_release_lacks_is_said_with_those_that_have_it() {
        let lacking = |known_in: &str| NotInRelease {
            menu: "/radius".into(),
            verb: "add".into(),
            argument: Some("require-message-auth".into()),
            release: Release::parse("7.12.2 (stable)"),
            known_in: known_in.into(),
        };
        assert_eq!(
            lacking("7.15").to_string(),
            "RouterOS 7.12.2 has no `require-message-auth` in `/radius add`: only from 7.15"
        );
        assert!(lacking("-7.9").to_string().ends_with(": only up to 7.9"));
        assert!(lacking("7.10-7.11").to_string().ends_with(": only from 7.10 to 7.11"));
        assert!(lacking("").to_string().ends_with("`/radius add`"));
    }
}
