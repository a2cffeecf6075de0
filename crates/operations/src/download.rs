//! Files that a person saves from the window.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use domain::{Error, ErrorCode};

use crate::Result;

/// Names that are tried when one is taken.
const TRIES: u32 = 1000;

/// Saves a text in the person's folder for downloads, under this name or the next free one. For that person's eyes only: it
/// may be a configuration with secrets. Returns the whole path.
pub fn save(name: &str, text: &str) -> Result<String> {
    let folder = folder().ok_or_else(|| Error::new(ErrorCode::File, "this computer has no folder for downloads"))?;
    save_in(&folder, name, text)
}

/// `DEMARC_DOWNLOADS`, for tests; the platform's own; else the person's own folder.
fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("DEMARC_DOWNLOADS") {
        return Some(folder.into());
    }
    let directories = directories::UserDirs::new()?;
    Some(directories.download_dir().unwrap_or_else(|| directories.home_dir()).to_owned())
}

fn save_in(folder: &Path, name: &str, text: &str) -> Result<String> {
    let could_not = |path: &Path, error: &std::io::Error| {
        Error::new(ErrorCode::File, format!("could not write `{}`: {error}", path.display()))
            .hint("make room there, or let yourself write into that folder")
    };
    std::fs::create_dir_all(folder).map_err(|error| could_not(folder, &error))?;
    let name = plain(name);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "txt"));
    for number in 0..TRIES {
        let free = if number == 0 { format!("{stem}.{extension}") } else { format!("{stem} ({number}).{extension}") };
        let path = folder.join(free);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(mut file) => {
                return match file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
                    Ok(()) => Ok(path.display().to_string()),
                    Err(error) => {
                        // half a file is worse than none
                        let _ = std::fs::remove_file(&path);
                        Err(could_not(&path, &error))
                    }
                };
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(could_not(&path, &error)),
        }
    }
    Err(Error::new(ErrorCode::File, format!("`{}` holds too many files of that name", folder.display()))
        .hint("tidy it up, and save again"))
}

/// A name that is a file's in every file system, and in no other folder.
fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || " ._-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(kept).take(100).collect();
    let name = name.trim_matches([' ', '.', '-']);
    if name.is_empty() { "demarc.txt".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let save = |name: &str| save_in(folder.path(), name, "text").unwrap();
        assert!(save("../../etc/run 7.html").ends_with("etc-run 7.html"));
        assert!(save("a.html").ends_with("a.html") && save("a.html").ends_with("a (1).html"));
        assert!(save("..").ends_with("demarc.txt"));
        for path in std::fs::read_dir(folder.path()).unwrap() {
            assert_eq!(path.unwrap().path().parent().unwrap(), folder.path());
        }
    }

    #[cfg(unix)]
    #[test]
    fn others_do_not_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = save_in(folder.path(), "tower.rsc", "secret").unwrap();
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
