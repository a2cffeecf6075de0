//! Plans: what a run would do to a router. Nothing is written for one.
//!
//! Cost: one connection, the checks, and one reading of each menu that the template has items in, all asked side by side.

use std::collections::{BTreeMap, BTreeSet};

use domain::provision::{
    ArmedBy, Blank, ChangeKind, Conflict, ConflictChoice, Plan, PlanChange, PlanCheck, PlanCheckState, PlanStep,
    PlanWarning, PropertyChange, ProvisionRequest,
};
use domain::router::Router;
use domain::template::{Filled, Template};
use domain::{Error, ErrorCode, Permission};
use routeros::config::{Actual, Change, Choice, Difference, Entry, Identity, Item, Wanted, What, difference};
use routeros::menus::Table;
use routeros::{Command, Connection, Release};
use sha2::{Digest, Sha256};

use super::arming::{SAFE_ACTIONS, UNDOES_AFTER};
use super::blanks::{self, Values};
use super::checks::Checks;
use super::job::Way;
use super::look::Look;
use super::sections;
use super::template;
use crate::router::{Routers, words};
use crate::run::ANSWER;
use crate::{Result, Session};

/// The step that narrows how the router is reached comes last, after the run is kept.
pub(super) const LAST: &str = "services";

/// Menus whose items are called by what they are: another address is no other name.
const NAMELESS: &[&str] =
    &["/ip/address", "/ip/dhcp-server/network", "/ip/firewall/address-list", "/interface/list/member", "/ip/route"];

/// A plan, and what a run needs beyond it.
pub(super) struct Planned {
    pub plan: Plan,
    pub router: Router,
    pub way: Way,
    pub values: Values,
    pub template: Template,
    pub filled: Filled,
    pub wanted: Wanted,
    pub changes: Vec<Change>,
}

/// Plans what would be done to a router. `progress` is told of the checks, the whole list of them each time.
pub async fn plan(
    session: &Session,
    routers: &Routers,
    request: &ProvisionRequest,
    progress: impl FnMut(&[PlanCheck]) + Send,
) -> Result<Plan> {
    session.require(Permission::Provision)?;
    Ok(planned(session, routers, request, progress).await?.plan)
}

pub(super) async fn planned(
    session: &Session,
    routers: &Routers,
    request: &ProvisionRequest,
    progress: impl FnMut(&[PlanCheck]) + Send,
) -> Result<Planned> {
    session.require(Permission::RouterSecret)?;
    let router = store::router::show(session, request.router_id).await?;
    let (written, template) = template::parsed(session, &request.template).await?;
    let values = blanks::fill(session, &router, &template, request).await?;
    let filled = values.fill(&template)?;
    let applied = blanks::applied(session, router.id).await?;
    let mut checks = Checks::new(progress);
    let router = routers.met(session, &router).await.inspect_err(|error| checks.could_not(error))?;
    let way = Way::known(session, &router).await?;
    let connection = checks.reach(&router, &way).await?;
    let planned = async {
        let look =
            Look::at(&connection, &way).await.map_err(|error| words::not_done(&router, "read what it is", &error))?;
        checks.look_around(session, &router, &way, &look, &filled).await;
        let mut wanted = sections::wanted(&filled, &look.facts);
        if let Some(applied) = &applied {
            // items keep the mark that they have: another template takes them over, and removes what it has not
            wanted.name.clone_from(&applied.name);
        }
        refuse_unfit(&wanted, look.facts.release)?;
        let both = Wanted {
            name: wanted.name.clone(),
            items: wanted.items.iter().chain(applied.iter().flat_map(|applied| &applied.items)).cloned().collect(),
        };
        let actual = Actual::read(&connection, &both)
            .await
            .map_err(|error| words::not_done(&router, "read the configuration", &error))?;
        Ok::<_, Error>((look, wanted, actual))
    }
    .await;
    connection.close().await;
    let (look, wanted, actual) = planned?;
    let renames_nothing =
        |key: &str| wanted.items.iter().any(|item| item.key == key && NAMELESS.contains(&item.menu.as_str()));
    let choices =
        request.choices.iter().filter(|(key, choice)| **choice == ConflictChoice::Adopt || !renames_nothing(key));
    let choices = choices.map(|(key, choice)| (key.clone(), chosen(*choice))).collect();
    let mut difference = difference(&wanted, &actual, &choices);
    leave_accepted(session, router.id, &written.name, &mut difference.changes).await?;
    let shown = values.shown(&template, &look.interface_names());
    let before = blanks::before(session, router.id).await?;
    let unchanged = before.is_some_and(|before| before.is(&written.name, written.version, &values.apart(&template).0));
    let titles = Titles { router: &router, title: &written.title, template: &written.name, version: written.version };
    let mut warnings = sections::refusals(&filled, &look.facts);
    warnings.extend(sections::warnings(&filled, &look.facts));
    let head = Head { titles: &titles, unchanged };
    let plan = head.plan(&look, shown, checks.list, warnings, &difference, &request.choices);
    Ok(Planned { plan, router, way, values, template, filled, wanted, changes: difference.changes })
}

/// What somebody decided that the router keeps is neither planned again nor missed at reading back.
pub(super) async fn leave_accepted(
    session: &Session,
    router_id: i64,
    template: &str,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let Some(provisioned) = store::provision::of_router(session, router_id).await? else { return Ok(()) };
    if provisioned.template != template {
        return Ok(());
    }
    let kept = |key: &str, property: Option<&str>| {
        provisioned.accepted.iter().any(|one| one.key == key && one.property.as_deref() == property)
    };
    changes.retain_mut(|change| {
        let key = change.key.clone();
        match &mut change.what {
            What::Set(alterations) => {
                alterations.retain(|one| !kept(&key, Some(&one.name)));
                !alterations.is_empty()
            }
            What::Move { .. } => !kept(&key, Some("place")),
            What::Do(action) => !kept(&key, Some(&action.verb)),
            What::Add { .. } | What::Remove { .. } => !kept(&key, None),
        }
    });
    Ok(())
}

/// What a router would be asked for that has nothing yet.
pub(super) fn preview(wanted: &Wanted) -> Vec<PlanStep> {
    let mut blank = Actual::new(None);
    let menus: BTreeSet<&str> = wanted.items.iter().map(|item| item.menu.as_str()).collect();
    for menu in menus {
        blank = blank.with(menu, always_there(menu, wanted));
    }
    steps(&difference(wanted, &blank, &BTreeMap::new()).changes)
}

/// What every router has in a menu that a configuration changes and never adds to.
fn always_there(menu: &str, wanted: &Wanted) -> Vec<Entry> {
    let of_menu = wanted.items.iter().filter(|item| item.menu == menu);
    let entry = |item: &Item| match &item.identity {
        Identity::Settings => Some(Entry::new(None, &[])),
        Identity::Existing(properties) => {
            let pairs: Vec<(&str, &str)> =
                properties.iter().map(|property| (property.name.as_str(), property.value.as_str())).collect();
            Some(Entry::new(None, &pairs))
        }
        Identity::Named(_) | Identity::Marked => None,
    };
    of_menu.filter_map(entry).collect()
}

/// A plan of changes that come from no template.
pub(super) fn of_changes(
    titles: &Titles<'_>,
    look: &Look,
    changes: &[Change],
    by_hand: &[String],
) -> (Plan, Option<ArmedBy>) {
    let difference = Difference { changes: changes.to_vec(), ..Difference::default() };
    let head = Head { titles, unchanged: true };
    let mut plan = head.plan(look, Vec::new(), Vec::new(), Vec::new(), &difference, &BTreeMap::new());
    plan.warnings.extend(by_hand.iter().map(|line| PlanWarning {
        key: "by-hand".into(),
        message: format!("only by hand: {line}"),
        hint: "an export does not tell what stands where nothing is said".into(),
        forbids: false,
    }));
    let armed = plan.armed;
    (plan, armed)
}

/// What a plan is of.
pub(super) struct Titles<'a> {
    pub router: &'a Router,
    pub title: &'a str,
    pub template: &'a str,
    pub version: i32,
}

struct Head<'a> {
    titles: &'a Titles<'a>,
    /// It was provisioned with exactly this before.
    unchanged: bool,
}

impl Head<'_> {
    fn plan(
        &self,
        look: &Look,
        blanks: Vec<Blank>,
        checks: Vec<PlanCheck>,
        mut warnings: Vec<PlanWarning>,
        difference: &Difference,
        choices: &BTreeMap<String, ConflictChoice>,
    ) -> Plan {
        let armed = armed_by(look, &difference.changes);
        let steps = steps(&difference.changes);
        warnings.extend(own_warnings(look, difference, armed));
        let conflicts: Vec<Conflict> =
            difference.conflicts.iter().map(|conflict| shown_conflict(conflict, choices)).collect();
        let may_cut = armed.is_none() && difference.changes.iter().any(may_cut);
        if may_cut {
            warnings.push(PlanWarning {
                key: "cannot-arm".into(),
                message: "this router cannot undo by itself what may cut the line to it".into(),
                hint: "allow the scheduler on it: /system device-mode update scheduler=yes, and confirm at the router"
                    .into(),
                forbids: true,
            });
        }
        let failed = checks.iter().any(|check| check.state == PlanCheckState::Failed);
        let refused = warnings.iter().any(|warning| warning.forbids);
        let mut plan = Plan {
            router_id: self.titles.router.id,
            router_name: self.titles.router.name.clone(),
            template: self.titles.template.to_owned(),
            template_title: self.titles.title.to_owned(),
            template_version: self.titles.version,
            release: look.version.clone(),
            board: look.facts.board.clone(),
            same: u32::try_from(difference.same.len()).unwrap_or(u32::MAX),
            ready: !failed && !refused && conflicts.is_empty() && (!steps.is_empty() || !self.unchanged),
            blanks,
            checks,
            steps,
            conflicts,
            warnings,
            armed: armed.filter(|_| !difference.changes.is_empty()),
            digest: String::new(),
        };
        plan.digest = digest(&plan);
        plan
    }
}

/// What a run is held to: the changes, and what they are for. Not the checks, and no secret, as those that are drawn differ.
fn digest(plan: &Plan) -> String {
    let counted = (
        (plan.router_id, &plan.template, plan.template_version, &plan.release, &plan.board),
        &plan.steps,
        &plan.conflicts,
        plan.armed,
        plan.blanks.iter().map(|blank| (&blank.name, &blank.value, blank.source)).collect::<Vec<_>>(),
    );
    let hash = Sha256::digest(serde_json::to_vec(&counted).expect("our own types are JSON"));
    hash.iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn refuse_unfit(wanted: &Wanted, release: Option<Release>) -> Result<()> {
    let Err(unfit) = wanted.check(release) else { return Ok(()) };
    let all: Vec<String> = unfit.iter().map(ToString::to_string).collect();
    Err(Error::new(
        ErrorCode::InvalidInput,
        format!("this router cannot have what the template says: {}", all.join("; ")),
    )
    .hint("upgrade the router, or choose another template"))
}

fn chosen(choice: ConflictChoice) -> Choice {
    match choice {
        ConflictChoice::Adopt => Choice::Adopt,
        ConflictChoice::Rename => Choice::Rename,
    }
}

fn shown_conflict(conflict: &routeros::config::Conflict, choices: &BTreeMap<String, ConflictChoice>) -> Conflict {
    Conflict {
        key: conflict.key.clone(),
        menu: conflict.menu.clone(),
        theirs: conflict.theirs.clone(),
        ours: conflict.key.clone(),
        choice: choices.get(&conflict.key).copied(),
        can_rename: conflict.options.contains(&Choice::Rename) && !NAMELESS.contains(&conflict.menu.as_str()),
    }
}

/// How the router takes back by itself what is not finished. None: it cannot.
fn armed_by(look: &Look, changes: &[Change]) -> Option<ArmedBy> {
    let before_kept = changes.iter().filter(|change| change.step != LAST).count();
    let take = Command::new("/safe-mode/take");
    if Table::get().check(&take, look.facts.release).is_ok() && before_kept <= SAFE_ACTIONS {
        return Some(ArmedBy::SafeMode);
    }
    look.allows("scheduler").then_some(ArmedBy::Scheduler)
}

/// Whether a change may cut the line to the router.
fn may_cut(change: &Change) -> bool {
    let menus = [
        "/interface/wireguard",
        "/interface/l2tp-client",
        "/interface/sstp-client",
        "/ip/hotspot",
        "/ip/firewall/nat",
        "/certificate",
        "/ip/firewall/filter",
        "/ip/service",
        "/ip/address",
        "/user",
        "/interface/list",
        "/interface/bridge",
        "/ip/route",
    ];
    menus.iter().any(|menu| change.menu.starts_with(menu))
}

fn own_warnings(look: &Look, difference: &Difference, armed: Option<ArmedBy>) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    let mut warn = |key: &str, message: String, hint: String| {
        warnings.push(PlanWarning { key: key.into(), message, hint, forbids: false });
    };
    let sessions = look.sessions;
    let serves = |change: &Change| {
        matches!(change.what, What::Set(_) | What::Remove { .. })
            && ["/interface/pppoe-server", "/ip/hotspot", "/ppp/profile"]
                .iter()
                .any(|menu| change.menu.starts_with(menu))
    };
    if sessions > 0 && difference.changes.iter().any(serves) {
        warn(
            "online",
            format!(
                "{sessions} customers are online: those of the services that are changed lose their sessions, and dial in again"
            ),
            "start it at a quiet hour".into(),
        );
    }
    if difference.changes.iter().any(may_cut) {
        let how = match armed {
            Some(ArmedBy::SafeMode) => "if it does, the router takes everything back by itself (safe mode)".to_owned(),
            Some(ArmedBy::Scheduler) => {
                format!("if it does, a job on the router takes everything back after {UNDOES_AFTER}")
            }
            None => "the router cannot take it back by itself".to_owned(),
        };
        warn("may-cut", "firewall, services or users are changed: that can cut your own line".into(), how);
    }
    for absent in &difference.absent {
        warn("absent", format!("`{}` is left out: this router has no {}", absent.key, absent.menu), String::new());
    }
    if !difference.untold.is_empty() {
        let keys: BTreeSet<&str> = difference.untold.iter().map(|untold| untold.key.as_str()).collect();
        warn(
            "untold",
            format!(
                "the router does not tell its secrets of {}: they are taken to be right",
                keys.into_iter().collect::<Vec<_>>().join(", ")
            ),
            "log in as a user whose group has the policy `sensitive`".into(),
        );
    }
    for left in &difference.left {
        warn("left", format!("`{}` has a name like ours and is left alone: {}", left.menu, left.shown), String::new());
    }
    warnings
}

/// Changes by step, in the order in which they are made.
pub(super) fn grouped(changes: &[Change]) -> Vec<(String, Vec<Change>)> {
    let mut steps: Vec<(String, Vec<Change>)> = Vec::new();
    for change in changes {
        let key = if change.step.is_empty() { "removals" } else { change.step.as_str() };
        match steps.last_mut().filter(|(last, _)| last == key) {
            Some((_, group)) => group.push(change.clone()),
            None => match steps.iter_mut().find(|(known, _)| known == key) {
                Some((_, group)) => group.push(change.clone()),
                None => steps.push((key.to_owned(), vec![change.clone()])),
            },
        }
    }
    // what narrows how the router is reached is last
    let (last, mut others): (Vec<_>, Vec<_>) = steps.into_iter().partition(|(key, _)| key == LAST);
    others.extend(last);
    others
}

/// What a step is called.
pub(super) fn step_title(key: &str) -> String {
    let known = sections::STEPS.iter().find(|(step, _)| *step == key).map(|(_, title)| *title);
    match (known, key) {
        (Some(title), _) => title.to_owned(),
        (None, "removals") => "What the template no longer has".to_owned(),
        (None, key) if key.starts_with('/') => key.to_owned(),
        (None, key) => key.replace(['_', '-'], " "),
    }
}

/// As a plan shows them.
pub(super) fn steps(changes: &[Change]) -> Vec<PlanStep> {
    grouped(changes)
        .into_iter()
        .map(|(key, group)| PlanStep { title: step_title(&key), changes: group.iter().map(shown).collect(), key })
        .collect()
}

fn shown(change: &Change) -> PlanChange {
    let kind = match &change.what {
        What::Add { .. } => ChangeKind::Add,
        What::Set(_) => ChangeKind::Change,
        What::Move { .. } => ChangeKind::Move,
        What::Remove { .. } => ChangeKind::Remove,
        What::Do(_) => ChangeKind::Action,
    };
    let properties =
        change.properties().into_iter().map(|(name, old, new)| PropertyChange { name, old, new }).collect();
    let community = change.menu == "/snmp/community" && !change.key.starts_with("snmp.");
    let told = |text: String| if community { super::backup::community_masked(&text) } else { text };
    PlanChange {
        key: change.key.clone(),
        menu: change.menu.clone(),
        kind,
        command: told(change.shown()),
        inverse: told(change.inverse_shown()),
        properties,
    }
}

/// A connection that is only looked through.
pub(super) async fn open(router: &Router, way: &Way) -> Result<Connection> {
    way.open(ANSWER).await.map_err(|error| words::not_connected(router, &error))
}
