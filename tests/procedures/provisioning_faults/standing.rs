//! How a simulated router stands.

use routeros_sim::Simulator;

/// What an export does not tell.
const BESIDE: [(&str, &[&str]); 5] = [
    ("/user", &["name", "group", "address", "disabled", "comment"]),
    ("/user/group", &["name", "policy", "comment"]),
    ("/certificate", &["name", "common-name", "trusted"]),
    ("/file", &["name"]),
    ("/system/scheduler", &["name", "interval"]),
];

/// All of it that a run may change, without the time.
pub fn of(sim: &Simulator, secrets: bool) -> String {
    let router = sim.router();
    let export = router.export_text(None, secrets, false);
    let mut lines: Vec<String> = export.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    for (menu, properties) in BESIDE {
        for row in router.rows(menu) {
            let values: Vec<&str> = properties.iter().map(|name| row.get(name).unwrap_or_default()).collect();
            lines.push(format!("{menu} {}", values.join(" ")));
        }
    }
    lines.join("\n")
}

/// The same with the lines of each menu in order.
pub fn sorted(standing: &str) -> String {
    let mut lines: Vec<(String, &str)> = Vec::new();
    let mut menu = String::new();
    for line in standing.lines() {
        if line.starts_with('/') {
            line.clone_into(&mut menu);
        }
        lines.push((menu.clone(), line));
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

/// What differs between two, in order.
pub fn same(what: &str, expected: &str, there: &str) -> Result<(), String> {
    if expected == there {
        return Ok(());
    }
    let only = |one: &str, other: &str| {
        let lines: Vec<&str> = one.lines().filter(|line| !other.lines().any(|known| known == *line)).collect();
        lines.join("\n      ")
    };
    Err(format!(
        "it is not as {what}:\n    missing\n      {}\n    too much\n      {}",
        only(expected, there),
        only(there, expected)
    ))
}
