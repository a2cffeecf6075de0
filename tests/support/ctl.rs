//! `demarcctl`, as a person or a script calls it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::program;

/// A folder, and a person who calls `demarcctl` there.
pub struct Ctl {
    home: PathBuf,
    variables: Vec<(String, String)>,
}

impl Ctl {
    /// Calls in `home`, as nobody.
    pub fn new(home: &Path) -> Self {
        Self { home: home.to_owned(), variables: Vec::new() }
    }

    /// The same with one more environment variable.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut variables = self.variables.clone();
        variables.push((name.to_owned(), value.to_owned()));
        Self { home: self.home.clone(), variables }
    }

    /// Calls it and returns everything.
    pub fn call(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(program("demarcctl"));
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("DEMARC_") && name != "DEMARC_POSTGRES_BIN")
        {
            command.env_remove(name);
        }
        command
            .env("DEMARC_HOME", &self.home)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("demarcctl starts")
    }

    /// Calls it with `--json`, which must succeed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.call(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("it prints JSON")
    }

    /// Calls it, which must be refused: the exit code, and what it says on standard error.
    pub fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.call(arguments);
        assert!(!output.status.success(), "{arguments:?} was not refused");
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
