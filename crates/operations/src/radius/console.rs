//! FreeRADIUS's port for Demarc itself: on this computer only, with a secret of its own beside the configuration.

use std::fmt;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use domain::{Error, ErrorCode};
use radius::{Answer, Attribute, LogIn, Method, Peer, Secret};
use serde::{Deserialize, Serialize};

use crate::Result;

/// Where Demarc asks FreeRADIUS.
#[derive(Clone, Serialize, Deserialize)]
pub struct Console {
    /// UDP, on 127.0.0.1.
    pub port: u16,
    pub(crate) secret: String,
}

impl Console {
    pub(crate) const FILE: &str = "console.json";

    /// Asks FreeRADIUS whether it is there (Status-Server, RFC 5997). Returns how long the answer took.
    pub async fn probe(&self) -> std::result::Result<Duration, radius::Error> {
        radius::probe(&self.peer()).await
    }

    /// Tries a log-in as the router at `router` would. It is decided and recorded like any other, as a test.
    pub async fn log_in(
        &self,
        router: Ipv4Addr,
        user_name: &str,
        password: &str,
        method: Method,
        calling_station_id: Option<&str>,
    ) -> std::result::Result<Answer, radius::Error> {
        let mut attributes = vec![Attribute::NasIpAddress(router), Attribute::NasIdentifier("Demarc".to_owned())];
        if let Some(caller) = calling_station_id {
            attributes.push(Attribute::CallingStationId(caller.to_owned()));
        }
        let attempt = LogIn { user_name: user_name.to_owned(), password: Secret::new(password), method, attributes };
        radius::log_in(&self.peer(), &attempt).await
    }

    fn peer(&self) -> Peer {
        Peer::new((Ipv4Addr::LOCALHOST, self.port).into(), Secret::new(self.secret.clone()))
    }

    /// The console of the configuration in `folder`.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        let unreadable = |why: String| {
            Error::new(ErrorCode::File, format!("could not read `{}`: {why}", path.display()))
                .hint("write FreeRADIUS's configuration again: `demarcctl radius export-config`")
        };
        let text = fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("port", &self.port).finish_non_exhaustive()
    }
}
