//! Whatever a template wants besides.

use domain::template::{Extra, Text};
use routeros::config::{Identity, Item, Property};

use super::build::marked;
use super::{Making, STEPS};

pub(super) fn items(making: &Making<'_>) -> Vec<Item> {
    making.filled.sections.extra.iter().map(|extra| item(making, extra)).collect()
}

fn item(making: &Making<'_>, extra: &Extra) -> Item {
    let step = extra.step.as_deref().filter(|step| is_step(step)).unwrap_or("extra");
    let build = marked(step, format!("extra.{}", extra.key), &extra.menu).identity(identity(making, extra));
    extra.values.iter().fold(build, |build, (name, text)| build.set(name, text)).done()
}

pub(super) fn is_step(name: &str) -> bool {
    STEPS.iter().any(|(step, _)| *step == name)
}

fn identity(making: &Making<'_>, extra: &Extra) -> Identity {
    let property = |(name, text): &(String, Text)| {
        if text.is_secret() { Property::secret(name, text.to_string()) } else { Property::new(name, text.to_string()) }
    };
    match &extra.find {
        Some(find) if find.is_empty() => Identity::Settings,
        Some(find) => Identity::Existing(find.iter().map(property).collect()),
        // without comments there is only the name to tell ours by
        None if making.facts.takes(&format!("{}/add", extra.menu), "comment") => Identity::Marked,
        None => Identity::Named("name".to_owned()),
    }
}
