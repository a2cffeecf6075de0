//! Templates: those that come with Demarc, and what the provider made of them.

use std::collections::BTreeMap;

use domain::provision::{
    Blank, BlankSource, SectionDoc, Template, TemplateCheck, TemplateProblem, TemplateSummary, TemplateVersion,
};
use domain::template::{self, Template as Parsed};
use domain::{Error, ErrorCode, Permission};
use store::provision::WrittenTemplate;

use super::{planning, sections};
use crate::{Result, Session};

/// The version of what came with Demarc: the provider's own begin at 1.
const SHIPPED: i32 = 0;

/// The release that a preview is of.
const PREVIEWED: &str = "7.24";

/// All templates, by title.
pub async fn list(session: &Session) -> Result<Vec<TemplateSummary>> {
    session.require(Permission::RouterRead)?;
    let (written, used) = (store::provision::templates(session).await?, store::provision::template_use(session).await?);
    let mut all: BTreeMap<String, TemplateSummary> = BTreeMap::new();
    for (name, text) in template::shipped() {
        all.insert((*name).to_owned(), summary(&shipped(name, text), &used));
    }
    for one in &written {
        all.insert(one.name.clone(), summary(one, &used));
    }
    let mut all: Vec<TemplateSummary> = all.into_values().collect();
    all.sort_by(|a, b| (!a.shipped, &a.title, &a.name).cmp(&(!b.shipped, &b.title, &b.name)));
    Ok(all)
}

/// A template with its text, of a version or the newest.
pub async fn show(session: &Session, name: &str, version: Option<i32>) -> Result<Template> {
    session.require(Permission::RouterRead)?;
    let written = read(session, name, version).await?;
    let used = store::provision::template_use(session).await?;
    let parsed = Parsed::parse(&written.text).ok();
    let mut versions = store::provision::template_versions(session, name).await?;
    if is_shipped(name) {
        versions.push(TemplateVersion { version: SHIPPED, written_by: None, written_at: None });
    }
    Ok(Template {
        summary: summary(&written, &used),
        blanks: parsed.map(|parsed| blanks(&parsed)).unwrap_or_default(),
        text: written.text,
        versions,
    })
}

/// The sections that a template may have, with their fields.
pub fn docs() -> Vec<SectionDoc> {
    template::documentation()
}

/// What is wrong with a template's text, and what it would give a router that has nothing yet.
pub fn check(text: &str) -> TemplateCheck {
    match Parsed::parse(text) {
        Err(problems) => TemplateCheck { problems, blanks: Vec::new(), preview: Vec::new() },
        Ok(parsed) => match parsed.fill(&parsed.examples()) {
            Ok(filled) => {
                let facts = sections::Facts::of(routeros::Release::parse(PREVIEWED));
                let wanted = sections::wanted(&filled, &facts);
                let unfit = wanted.check(facts.release).err().unwrap_or_default();
                TemplateCheck {
                    problems: unfit.iter().map(|unfit| problem("", unfit.to_string())).collect(),
                    blanks: blanks(&parsed),
                    preview: planning::preview(&wanted),
                }
            }
            Err(wrong) => TemplateCheck {
                problems: wrong.into_iter().map(|(path, why)| problem(&path, why.words())).collect(),
                blanks: blanks(&parsed),
                preview: Vec::new(),
            },
        },
    }
}

/// Keeps a new version of a template; `version` is the one that was changed, 0 for a new one or one that came with Demarc.
pub async fn save(session: &Session, name: &str, version: i32, text: &str) -> Result<Template> {
    session.require(Permission::TemplateWrite)?;
    let checked = check(text);
    if let Some(first) = checked.problems.first() {
        let place = match (first.line, first.path.as_str()) {
            (Some(line), _) => format!("line {line}: "),
            (None, "") => String::new(),
            (None, path) => format!("`{path}`: "),
        };
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("the template is not in order: {place}{}", first.message),
        )
        .hint("`demarcctl template check` lists everything that is wrong with it"));
    }
    let parsed = Parsed::parse(text).map_err(|_| Error::changed("template"))?;
    if parsed.name != name {
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("the template is kept as `{name}`, and its text names it `{}`", parsed.name),
        )
        .hint("name it alike in both places"));
    }
    let newest = store::provision::template(session, name, None).await?.map_or(SHIPPED, |newest| newest.version);
    if newest != version {
        return Err(Error::changed("template"));
    }
    let written = WrittenTemplate {
        name: name.to_owned(),
        version: version + 1,
        title: parsed.title.clone(),
        about: parsed.about.clone(),
        sections: parsed.sections.names().iter().map(|name| (*name).to_owned()).collect(),
        text: text.to_owned(),
        written_by: session.staff.name.clone(),
        written_at: chrono::Utc::now(),
    };
    store::provision::keep_template(session, &written).await?;
    show(session, name, None).await
}

/// Drops what the provider made of a template: one that came with Demarc is as it came again; another is gone, unless a router
/// was provisioned from it.
pub async fn drop(session: &Session, name: &str) -> Result<()> {
    session.require(Permission::TemplateWrite)?;
    let used = store::provision::template_use(session).await?.get(name).copied().unwrap_or_default();
    if used > 0 && !is_shipped(name) {
        return Err(Error::new(
            ErrorCode::InvalidInput,
            format!("the template `{name}` cannot be dropped: {used} routers were provisioned from it"),
        )
        .hint("provision them from another template first"));
    }
    if !store::provision::drop_template(session, name).await? {
        return Err(unknown(name));
    }
    Ok(())
}

/// A template as it is written, of a version or the newest.
pub(super) async fn read(session: &Session, name: &str, version: Option<i32>) -> Result<WrittenTemplate> {
    if version != Some(SHIPPED)
        && let Some(written) = store::provision::template(session, name, version).await?
    {
        return Ok(written);
    }
    let text = template::shipped().iter().find(|(shipped, _)| *shipped == name);
    match (text, version) {
        (Some((name, text)), None | Some(SHIPPED)) => Ok(shipped(name, text)),
        _ => Err(unknown(name)),
    }
}

/// A template in order.
pub(super) async fn parsed(session: &Session, name: &str) -> Result<(WrittenTemplate, Parsed)> {
    let written = read(session, name, None).await?;
    let parsed = Parsed::parse(&written.text).map_err(|problems| {
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        Error::new(ErrorCode::InvalidInput, format!("the template `{name}` is not in order: {first}"))
            .hint("it was written for another version of Demarc: open it under Templates")
    })?;
    Ok((written, parsed))
}

fn is_shipped(name: &str) -> bool {
    template::shipped().iter().any(|(shipped, _)| *shipped == name)
}

fn shipped(name: &str, text: &str) -> WrittenTemplate {
    let parsed = Parsed::parse(text).ok();
    let (title, about, sections) =
        parsed.map(|parsed| (parsed.title.clone(), parsed.about.clone(), parsed.sections.names())).unwrap_or_default();
    WrittenTemplate {
        name: name.to_owned(),
        version: SHIPPED,
        title,
        about,
        sections: sections.iter().map(|name| (*name).to_owned()).collect(),
        text: text.to_owned(),
        written_by: String::new(),
        written_at: chrono::DateTime::UNIX_EPOCH,
    }
}

fn summary(written: &WrittenTemplate, used: &BTreeMap<String, u32>) -> TemplateSummary {
    let ours = written.version > SHIPPED;
    TemplateSummary {
        name: written.name.clone(),
        title: written.title.clone(),
        about: written.about.clone(),
        version: written.version,
        shipped: is_shipped(&written.name),
        changed: ours && is_shipped(&written.name),
        sections: written.sections.clone(),
        written_by: ours.then(|| written.written_by.clone()),
        written_at: ours.then_some(written.written_at),
        routers: used.get(&written.name).copied().unwrap_or_default(),
    }
}

/// The blanks of a template, with what it fills them with itself.
fn blanks(parsed: &Parsed) -> Vec<Blank> {
    parsed
        .blanks
        .iter()
        .map(|blank| {
            let value = blank.default.clone().unwrap_or_default();
            let source = match (&blank.default, blank.is_drawn()) {
                (Some(_), _) => BlankSource::Template,
                (None, true) => BlankSource::Drawn,
                (None, false) => BlankSource::Missing,
            };
            // a default may have blanks of its own: it is checked when they are filled
            Blank { problem: None, ..blank.shown(&value, source) }
        })
        .collect()
}

fn problem(path: &str, message: String) -> TemplateProblem {
    TemplateProblem { path: path.to_owned(), line: None, column: None, message }
}

fn unknown(name: &str) -> Error {
    Error::new(ErrorCode::NotFound, format!("there is no template `{name}`"))
        .hint("`demarcctl template list` shows them")
}
