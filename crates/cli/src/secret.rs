//! Passwords and secrets: from the environment, from a file, or asked for; never from the command line, which every user
//! of the computer can read.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use domain::{Error, ErrorCode};
use operations::Result;

/// The value of `variable`, else the first line of `file` (`-` is standard input), else what a person types. None where
/// there is nobody to ask.
pub(crate) fn given(variable: &str, file: Option<&Path>, prompt: &str) -> Result<Option<String>> {
    if let Some(file) = file {
        let text = if file == Path::new("-") {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).map(|_| line)
        } else {
            std::fs::read_to_string(file)
        };
        let text = text.map_err(|error| {
            Error::new(ErrorCode::File, format!("could not read the password from `{}`: {error}", file.display()))
        })?;
        return Ok(text.lines().next().map(str::to_owned));
    }
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(Some(value)),
        _ => ask(prompt, true),
    }
}

/// Asks a person, if one is there.
pub(crate) fn ask(prompt: &str, hidden: bool) -> Result<Option<String>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let answer = if hidden {
        rpassword::prompt_password(prompt)
    } else {
        eprint!("{prompt}");
        let mut line = String::new();
        std::io::stderr().flush().and_then(|()| std::io::stdin().read_line(&mut line)).map(|_| line)
    };
    let answer =
        answer.map_err(|error| Error::new(ErrorCode::File, format!("could not read from the terminal: {error}")))?;
    Ok(Some(answer.trim_end_matches(['\r', '\n']).to_owned()).filter(|answer| !answer.is_empty()))
}
