//! What a person chose for themselves; it follows them to every computer.

use domain::{Error, FieldError, Problem};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{Result, Session};

/// A person's own choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Preferences {
    /// Rows a page: 25, 50, 100 or 200.
    pub page_size: u32,
    /// `system`, `light` or `dark`
    pub theme: Theme,
    /// `en` or `bn`
    pub language: Language,
    /// The tenant that was worked in last, for whoever has several.
    #[serde(default)]
    pub tenant_id: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    Bn,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { page_size: 50, theme: Theme::default(), language: Language::default(), tenant_id: None }
    }
}

/// The person's choices, or the defaults. What another release kept and this one cannot read counts as not chosen.
pub async fn show(session: &Session) -> Result<Preferences> {
    let kept = store::preference::show(session).await?;
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// Keeps the person's choices.
pub async fn edit(session: &Session, preferences: &Preferences) -> Result<Preferences> {
    if ![25, 50, 100, 200].contains(&preferences.page_size) {
        return Err(Error::invalid(vec![FieldError::new("page_size", Problem::UnknownChoice)]));
    }
    let value = serde_json::to_value(preferences).expect("three plain fields");
    store::preference::keep(session, &value).await?;
    Ok(preferences.clone())
}
