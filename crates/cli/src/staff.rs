//! `demarcctl staff` and `demarcctl permission`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::staff::{Held, PasswordChange, Permission, Role, StaffDraft, StaffEnded, StaffMember};
use domain::{Error, ErrorCode};
use operations::{Administrator, Result, Session, operator, staff};
use serde_json::json;

use crate::output::or_dash;
use crate::{Context, init, output, secret};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Everybody whom you may see
    List,
    /// One person
    Show {
        /// Name or number
        person: String,
    },
    /// Add a person who may log in
    ///
    /// The password to begin with comes from --password-file, from DEMARC_NEW_PASSWORD, or is asked for. A developer is
    /// made by the database's administrator: on this computer by whoever owns the embedded database, else with
    /// --administrator.
    Add(Add),
    /// Change a person: name, role, operator, permissions; what is not named stays
    Edit(Edit),
    /// Switch a person's log-in off; their open sessions end at once
    Deactivate {
        /// Name or number
        person: String,
    },
    /// Let a person log in again, with the password that they had
    Activate {
        /// Name or number
        person: String,
    },
    /// Give somebody else a new password; their open sessions end at once
    ///
    /// With --administrator, as the database's administrator: when nobody is left who could, or when a restored database
    /// names log-ins that the server does not have.
    ResetPassword {
        /// Name, or number
        person: String,
        /// Read the new password from this file (else DEMARC_NEW_PASSWORD, else it is asked for)
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// A superuser of the central server, or of this computer's embedded database if it is empty
        #[arg(long, value_name = "ROLE", num_args = 0..=1, default_missing_value = "")]
        administrator: Option<String>,
    },
    /// Change your own password; your sessions on other machines end
    ChangePassword {
        /// Read the new password from this file (else DEMARC_NEW_PASSWORD, else it is asked for)
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Add {
    name: String,
    /// admin, operator, sub_operator, manager, accountant, sales_manager, technician, staff; super_admin; developer
    #[arg(long)]
    role: String,
    /// Where they work, by name or number [default: where you do]
    #[arg(long)]
    operator: Option<String>,
    /// What is given by hand to a manager or staff, separated by commas [default: the usual ones; see `permission list`]
    #[arg(long, value_name = "NAMES")]
    permissions: Option<String>,
    /// Read the password from this file (else DEMARC_NEW_PASSWORD, else it is asked for)
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// For a developer: a superuser of the central server
    #[arg(long, value_name = "ROLE")]
    administrator: Option<String>,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// Name or number
    person: String,
    /// The new name, which is also the name to log in with
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    role: Option<String>,
    /// Where they work, by name or number
    #[arg(long)]
    operator: Option<String>,
    /// Exactly these, separated by commas
    #[arg(long, value_name = "NAMES", conflicts_with_all = ["give", "take"])]
    permissions: Option<String>,
    /// These too
    #[arg(long, value_name = "NAMES")]
    give: Option<String>,
    /// These no more
    #[arg(long, value_name = "NAMES")]
    take: Option<String>,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<()> {
    match &verb {
        Verb::Add(add) if add.role == "developer" => {
            let administrator = administrator(context, add.administrator.as_deref().unwrap_or_default()).await?;
            let password = new_password(add.password_file.as_deref())?;
            staff::add_developer(&administrator, &add.name, &password).await?;
            output::print(context, &json!({ "name": add.name, "role": "developer" }), |_| {
                format!("{} is a developer, and may log in", add.name)
            });
            return Ok(());
        }
        Verb::ResetPassword { person, password_file, administrator: Some(role) } => {
            let administrator = administrator(context, role).await?;
            let password = new_password(password_file.as_deref())?;
            staff::reset_password_as(&administrator, person, &password).await?;
            output::print(context, &json!({ "name": person }), |_| format!("{person} has a new password"));
            return Ok(());
        }
        _ => {}
    }
    let session = &context.session().await?;
    let shown = match verb {
        Verb::List => {
            output::print(context, &staff::list(session).await?, |people| {
                let rows: Vec<Vec<String>> = people.iter().map(row).collect();
                output::table(&["NAME", "ROLE", "OPERATOR", "STATE", "PERMISSIONS GIVEN"], &rows)
            });
            return Ok(());
        }
        Verb::Show { person } => staff::find(session, &person).await?,
        Verb::Add(add) => {
            let role = role_of(&add.role)?;
            let operator_id = match &add.operator {
                Some(name) => operator::find(session, name).await?.id,
                None => session.staff.operator_id,
            };
            let draft = StaffDraft {
                name: add.name,
                role,
                operator_id: Some(operator_id),
                permissions: match add.permissions {
                    Some(names) => permissions_of(&names)?,
                    None => usual(session, role).await?,
                },
                password: new_password(add.password_file.as_deref())?,
            };
            staff::add(session, &draft).await?
        }
        Verb::Edit(edit) => edited(session, edit).await?,
        Verb::Deactivate { person } => {
            let ended = staff::deactivate(session, staff::find(session, &person).await?.id).await?;
            print_ended(context, &ended, "may not log in any more");
            return Ok(());
        }
        Verb::Activate { person } => staff::activate(session, staff::find(session, &person).await?.id).await?,
        Verb::ResetPassword { person, password_file, .. } => {
            let found = staff::find(session, &person).await?;
            let ended = staff::reset_password(session, found.id, &new_password(password_file.as_deref())?).await?;
            print_ended(context, &ended, "has a new password");
            return Ok(());
        }
        Verb::ChangePassword { password_file } => {
            let change = PasswordChange { current: context.password()?, new: new_password(password_file.as_deref())? };
            let ended = staff::change_password(session, &change).await?;
            output::print(context, &json!({ "sessions_ended": ended }), |_| {
                format!("your password is changed; {ended} of your other sessions were ended")
            });
            return Ok(());
        }
    };
    output::print(context, &shown, facts);
    Ok(())
}

/// `demarcctl permission`
#[derive(Subcommand)]
pub(crate) enum PermissionVerb {
    /// What each role may do: always, or given one by one
    List {
        /// One role only
        #[arg(long)]
        role: Option<String>,
    },
}

pub(crate) async fn permissions(context: &Context, verb: PermissionVerb) -> Result<()> {
    let PermissionVerb::List { role } = verb;
    let session = &context.session().await?;
    let role = role.map(|role| role_of(&role)).transpose()?;
    let mut all = staff::permissions(session).await?;
    all.retain(|one| role.is_none_or(|role| one.role == role));
    output::print(context, &all, |all| {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|one| {
                let held = match one.held {
                    Held::Always => "always",
                    Held::Preset => "given, usually",
                    Held::Offered => "given",
                };
                vec![word(&one.role), word(&one.permission), held.to_owned(), one.permission.words().to_owned()]
            })
            .collect();
        output::table(&["ROLE", "PERMISSION", "HELD", "WHAT IT LETS THEM DO"], &rows)
    });
    Ok(())
}

async fn edited(session: &Session, edit: Edit) -> Result<StaffMember> {
    let found = staff::find(session, &edit.person).await?;
    let role = edit.role.map_or(Ok(found.role), |role| role_of(&role))?;
    let mut permissions = match &edit.permissions {
        Some(names) => permissions_of(names)?,
        None if role == found.role => found.permissions.clone(),
        // another role begins with what is usual for it
        None => usual(session, role).await?,
    };
    permissions.extend(permissions_of(edit.give.as_deref().unwrap_or_default())?);
    let taken = permissions_of(edit.take.as_deref().unwrap_or_default())?;
    permissions.retain(|permission| !taken.contains(permission));
    let draft = StaffDraft {
        name: edit.name.unwrap_or(found.name),
        role,
        operator_id: match &edit.operator {
            Some(name) => Some(operator::find(session, name).await?.id),
            None => found.operator_id,
        },
        permissions,
        password: String::new(),
    };
    staff::edit(session, found.id, found.version, &draft).await
}

/// What a new person of that role is usually given, as far as the one who makes them has it.
async fn usual(session: &Session, role: Role) -> Result<Vec<Permission>> {
    let all = staff::permissions(session).await?;
    Ok(all
        .iter()
        .filter(|one| one.role == role && one.held == Held::Preset && one.mine)
        .map(|one| one.permission)
        .collect())
}

/// The embedded database's administrator, or a central one's.
pub(crate) async fn administrator(context: &Context, role: &str) -> Result<Administrator> {
    if context.place.central_server().is_none() {
        operations::demarc::require_set_up(&context.place)?;
        return context.place.administrator().await;
    }
    if role.is_empty() {
        return Err(Error::new(ErrorCode::InvalidInput, "this is for the administrator of the database's server")
            .hint("name the superuser with --administrator ROLE"));
    }
    init::central_administrator(context, role)
}

fn new_password(file: Option<&std::path::Path>) -> Result<String> {
    Ok(secret::given("DEMARC_NEW_PASSWORD", file, "The new password (10 characters or more): ")?.unwrap_or_default())
}

fn role_of(text: &str) -> Result<Role> {
    let folded = text.trim().to_lowercase().replace([' ', '-'], "_");
    Role::ALL
        .into_iter()
        .find(|role| word(role) == folded)
        .ok_or_else(|| Error::not_found("role", text).hint("`demarcctl permission list` names them"))
}

fn permissions_of(text: &str) -> Result<Vec<Permission>> {
    text.split(',')
        .map(|name| name.trim().to_lowercase().replace('-', "_"))
        .filter(|name| !name.is_empty())
        .map(|name| {
            Permission::ALL
                .into_iter()
                .find(|permission| word(permission) == name)
                .ok_or_else(|| Error::not_found("permission", name).hint("`demarcctl permission list` names them"))
        })
        .collect()
}

fn print_ended(context: &Context, ended: &StaffEnded, what: &str) {
    output::print(context, ended, |ended| {
        format!("{} {what}; {} open connections were ended", ended.member.name, ended.sessions_ended)
    });
}

fn row(person: &StaffMember) -> Vec<String> {
    vec![
        person.name.clone(),
        word(&person.role),
        or_dash(person.operator_name.as_ref()),
        state(person).to_owned(),
        given(person),
    ]
}

fn state(person: &StaffMember) -> &'static str {
    match (person.active, person.has_log_in) {
        (false, _) => "switched off",
        (true, false) => "no log-in on this server: reset the password",
        (true, true) if person.myself => "you",
        (true, true) => "may log in",
    }
}

fn given(person: &StaffMember) -> String {
    person.permissions.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn facts(person: &StaffMember) -> String {
    output::facts(&[
        ("name", person.name.clone()),
        ("role", word(&person.role)),
        ("operator", person.operator_name.clone().unwrap_or_default()),
        ("provider", person.tenant_name.clone().unwrap_or_default()),
        ("state", state(person).to_owned()),
        ("permissions given", given(person)),
        ("password set", person.password_set_at.format("%Y-%m-%d %H:%M UTC").to_string()),
    ])
}

/// The word of a closed list, as on the wire.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
