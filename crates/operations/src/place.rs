//! Where the data is: on this laptop, or on the provider's server.

use std::path::{Path, PathBuf};

use domain::{Error, ErrorCode};
use store::embedded::Embedded;
use store::install::Administrator;

use crate::{Result, Server};

/// A database, and this person's folder beside it.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    central: Option<Server>,
}

impl Place {
    /// `DEMARC_HOME` is the folder, else the platform's own for application data; `DEMARC_DATABASE` is a central
    /// database, else it is the embedded one in the folder.
    pub fn from_environment() -> Result<Self> {
        let folder = match std::env::var_os("DEMARC_HOME") {
            Some(folder) => PathBuf::from(folder),
            None => directories::ProjectDirs::from("net", "Demarc", "demarc")
                .ok_or_else(|| {
                    Error::new(ErrorCode::File, "this computer has no home folder").hint("set DEMARC_HOME to a folder")
                })?
                .data_dir()
                .to_owned(),
        };
        let central = match std::env::var("DEMARC_DATABASE") {
            Ok(text) if !text.is_empty() => Some(Server::parse(&text)?),
            _ => None,
        };
        Ok(Self { folder, central })
    }

    /// The embedded database of a folder.
    pub fn embedded_in(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), central: None }
    }

    /// A central database.
    pub fn central(folder: &Path, server: Server) -> Self {
        Self { folder: folder.to_owned(), central: Some(server) }
    }

    /// The folder for what belongs to this person on this computer.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The embedded database, if that is what is used.
    pub fn embedded(&self) -> Option<Embedded> {
        self.central.is_none().then(|| Embedded::new(&self.folder.join("database")))
    }

    /// The central server, if that is what is used.
    pub fn central_server(&self) -> Option<&Server> {
        self.central.as_ref()
    }

    /// In words: `embedded`, or the server.
    pub fn location(&self) -> String {
        self.central.as_ref().map_or_else(|| "embedded".to_owned(), ToString::to_string)
    }

    /// The server to log in to; the embedded one is started if it is not running.
    pub async fn server(&self) -> Result<Server> {
        let Some(embedded) = self.embedded() else {
            return Ok(self.central.clone().expect("a place is embedded or central"));
        };
        if !embedded.is_made() {
            return Err(not_set_up());
        }
        embedded.start_if_wanted().await?;
        Ok(embedded.administrator()?.server)
    }

    /// The administrator of the embedded database. A central one's has to be named by a person.
    pub async fn administrator(&self) -> Result<Administrator> {
        let embedded = self.embedded().ok_or_else(|| {
            Error::new(ErrorCode::NotAllowed, "this is for the administrator of the central database")
                .hint("run it there with `demarcctl`, naming the administrator with --administrator")
        })?;
        if !embedded.is_made() {
            return Err(not_set_up());
        }
        embedded.start_if_wanted().await?;
        embedded.administrator()
    }
}

pub(crate) fn not_set_up() -> Error {
    Error::new(ErrorCode::NotSetUp, "there is no provider in this database yet")
        .hint("run `demarcctl init`, or open Demarc and answer its first questions")
}
