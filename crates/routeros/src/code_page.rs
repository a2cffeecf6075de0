//! The code page that a router's texts were written in.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use encoding_rs::{Encoding, WINDOWS_1252};

/// How text that is not UTF-8 is read. RouterOS stores bytes and declares no character set: WinBox 3 wrote the operator's
/// Windows code page, WinBox 4 writes UTF-8, so one router may hold both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CodePage(&'static Encoding);

impl Default for CodePage {
    fn default() -> Self {
        Self(WINDOWS_1252)
    }
}

impl CodePage {
    /// A Windows code page by its number: 1250 to 1258, 866, 874, 932, 936, 949, 950.
    pub fn windows(number: u16) -> Option<Self> {
        let label = match number {
            866 => "ibm866".to_owned(),
            932 => "shift_jis".to_owned(),
            936 => "gbk".to_owned(),
            949 => "euc-kr".to_owned(),
            950 => "big5".to_owned(),
            874 | 1250..=1258 => format!("windows-{number}"),
            _ => return None,
        };
        Encoding::for_label(label.as_bytes()).map(Self)
    }

    /// The text of these bytes: as UTF-8 if they are that, else in this code page.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => self.0.decode_without_bom_handling(bytes).0,
        }
    }

    /// The bytes of a text in this code page, for a router whose other tools read nothing else. None: it has a letter
    /// that the code page lacks.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let (bytes, _, lossy) = self.0.encode(text);
        (!lossy).then(|| bytes.into_owned())
    }
}

impl fmt::Display for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_lowercase())
    }
}

impl fmt::Debug for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that names no code page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no code page that a router's texts could be in")]
pub struct NotACodePage(pub String);

impl FromStr for CodePage {
    type Err = NotACodePage;

    /// Reads `1251`, `windows-1251`, `cp1251`, `koi8-r` and the other labels of the WHATWG Encoding Standard.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let label = text.trim();
        let number = label.strip_prefix("cp").unwrap_or(label).parse().ok();
        number
            .and_then(Self::windows)
            .or_else(|| Encoding::for_label(label.as_bytes()).map(Self))
            // UTF-16 and the like cannot be in a router whose own words are ASCII
            .filter(|page| page.0.is_ascii_compatible())
            .ok_or_else(|| NotACodePage(label.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_comes_first_and_the_code_page_after() {
        let cyrillic: CodePage = "1251".parse().unwrap();
        assert_eq!(cyrillic.decode("Иван".as_bytes()), "Иван");
        assert_eq!(cyrillic.decode(b"\xC8\xE2\xE0\xED"), "Иван");
        assert_eq!(cyrillic.encode("Иван").as_deref(), Some(&b"\xC8\xE2\xE0\xED"[..]));
        assert_eq!(cyrillic.encode("রহিম"), None);
        assert_eq!(CodePage::windows(1250).unwrap().decode(b"\x8Aed\xE1"), "Šedá");
        assert_eq!(CodePage::default().decode(b"Jos\xE9"), "José");
    }

    #[test]
    fn a_code_page_has_many_names_and_utf_16_is_none() {
        for (text, name) in
            [("1251", "windows-1251"), ("cp1250", "windows-1250"), ("KOI8-R", "koi8-r"), ("utf-8", "utf-8")]
        {
            assert_eq!(text.parse::<CodePage>().map(|page| page.to_string()), Ok(name.into()));
        }
        for text in ["", "utf-16le", "99", "nonsense"] {
            assert!(text.parse::<CodePage>().is_err(), "{text}");
        }
    }
}
