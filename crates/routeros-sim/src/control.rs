//! The control port (`--control`): one JSON object a line in, one a line out. See the crate's documentation for the requests.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::actor::Actor;
use crate::fault::Fault;
use crate::input::ClientPlace;
use crate::router::{Router, Row};
use crate::simulator::Shared;
use crate::store::{id_text, parse_id};
use crate::subscriber::Subscribers;
use crate::value::Value;

// no Debug: values may be secrets
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Request {
    Rows {
        menu: String,
    },
    Add {
        menu: String,
        values: BTreeMap<String, String>,
    },
    InsertDynamic {
        menu: String,
        values: BTreeMap<String, String>,
    },
    Set {
        menu: String,
        id: Option<String>,
        values: BTreeMap<String, String>,
    },
    Remove {
        menu: String,
        id: String,
    },
    Script {
        source: String,
    },
    Fault(Fault),
    ClearFaults,
    Commands {
        since: Option<usize>,
    },
    DropConnections,
    SilenceConnections,
    Place {
        from: Option<std::net::IpAddr>,
        address: Option<std::net::IpAddr>,
        interface: Option<String>,
    },
    Reboot,
    Advance {
        milliseconds: u64,
    },
    ConfirmDeviceMode,
    /// Until a menu has an item with these printed values, or has none.
    Wait {
        menu: String,
        values: BTreeMap<String, String>,
        #[serde(default)]
        gone: bool,
        milliseconds: u64,
    },
    /// Until so many commands have come.
    WaitCommands {
        count: usize,
        milliseconds: u64,
    },
}

/// Takes steering connections until the simulator ends.
pub(crate) async fn listen(shared: Arc<Shared>, subscribers: Weak<Subscribers>, listener: TcpListener) {
    loop {
        if let Ok((line, _)) = listener.accept().await {
            let (shared, subscribers) = (Arc::clone(&shared), Weak::clone(&subscribers));
            tokio::spawn(async move {
                // whoever steers may go away at any moment
                let _ = serve(&shared, &subscribers, line).await;
            });
        }
    }
}

async fn serve(shared: &Arc<Shared>, subscribers: &Weak<Subscribers>, line: TcpStream) -> io::Result<()> {
    let (reader, mut writer) = line.into_split();
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match serde_json::from_str::<Json>(&line) {
            Ok(request) if Subscribers::understands(&request) => match subscribers.upgrade() {
                Some(subscribers) => subscribers.control(request).await,
                None => return Ok(()),
            },
            Ok(request) => match serde_json::from_value(request) {
                Ok(request) => answer(shared, request).await,
                Err(error) => Err(format!("not a request: {error}")),
            },
            Err(error) => Err(format!("not a request: {error}")),
        };
        let answer = match answer {
            Ok(mut answer) => {
                answer["ok"] = true.into();
                answer
            }
            Err(error) => json!({ "ok": false, "error": error }),
        };
        writer.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}

async fn answer(shared: &Arc<Shared>, request: Request) -> Result<Json, String> {
    let deadline = Duration::from_millis(match &request {
        Request::Wait { milliseconds, .. } | Request::WaitCommands { milliseconds, .. } => *milliseconds,
        _ => 0,
    });
    match request {
        Request::Wait { menu, values, gone, .. } => {
            shared
                .until(deadline, |router| found(router, &menu, &values) != gone)
                .await
                .map_err(|error| error.to_string())?;
        }
        Request::WaitCommands { count, .. } => {
            shared
                .until(deadline, |router| router.commands().len() >= count)
                .await
                .map_err(|error| error.to_string())?;
        }
        Request::Fault(fault) => shared.fault(fault),
        Request::SilenceConnections => shared.lock().kill_lines(|_| true),
        Request::Place { from, address, interface } => {
            shared.lock().place_client(from, ClientPlace { address, interface });
        }
        Request::ClearFaults => shared.clear_faults(),
        Request::DropConnections => shared.cut_all(),
        Request::Reboot => shared.reboot(),
        Request::Commands { since } => {
            let router = shared.lock();
            let commands = router.commands().iter().skip(since.unwrap_or(0));
            let commands: Vec<Json> =
                commands.map(|command| json!({ "connection": command.connection, "tag": command.tag, "words": command.words, "at": command.at })).collect();
            return Ok(json!({ "commands": commands }));
        }
        request => {
            let (answer, reboot) = {
                let mut router = shared.lock();
                (change(&mut router, request), std::mem::take(&mut router.wants_reboot))
            };
            if reboot {
                shared.reboot();
            }
            return answer;
        }
    }
    Ok(json!({}))
}

fn change(router: &mut Router, request: Request) -> Result<Json, String> {
    let unknown = |menu: &str| format!("this release has no menu `{menu}`");
    match request {
        Request::Rows { menu } => {
            router.menu(&menu).ok_or_else(|| unknown(&menu))?;
            let rows: Vec<Json> = router.rows(&menu).iter().map(as_json).collect();
            Ok(json!({ "rows": rows }))
        }
        Request::Add { menu, values } => {
            let id = router.add_as(&Actor::Test, &menu, &pairs(&values)).map_err(|trap| trap.message)?;
            Ok(json!({ "id": id_text(id) }))
        }
        Request::InsertDynamic { menu, values } => {
            router.menu(&menu).ok_or_else(|| unknown(&menu))?;
            let values: Vec<(&str, Value)> = values.iter().map(|(name, value)| (name.as_str(), value.into())).collect();
            Ok(json!({ "id": id_text(router.insert_dynamic(&menu, &values, &Actor::Test)) }))
        }
        Request::Set { menu, id, values } => {
            let id = id.as_deref().map_or(Some(0), |id| parse_id(id.as_bytes())).ok_or("`id` is no id such as *1A")?;
            router.set_as(&Actor::Test, &menu, id, &pairs(&values)).map_err(|trap| trap.message)?;
            Ok(json!({}))
        }
        Request::Remove { menu, id } => {
            let id = parse_id(id.as_bytes()).ok_or("`id` is no id such as *1A")?;
            if router.remove(&menu, id, &Actor::Test) {
                Ok(json!({}))
            } else {
                Err(format!("`{menu}` has no item {}", id_text(id)))
            }
        }
        Request::Script { source } => {
            let said = router.run_script(&Actor::Test, source.as_bytes()).map_err(|trap| trap.message)?;
            Ok(json!({ "said": String::from_utf8_lossy(&said) }))
        }
        Request::Advance { milliseconds } => {
            router.advance(milliseconds);
            Ok(json!({}))
        }
        Request::ConfirmDeviceMode => {
            router.confirm_device_mode();
            Ok(json!({}))
        }
        _ => Err("not a request for the router".to_owned()),
    }
}

fn pairs(values: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn found(router: &Router, menu: &str, values: &BTreeMap<String, String>) -> bool {
    router.rows(menu).iter().any(|row| values.iter().all(|(name, value)| row.get(name) == Some(value)))
}

fn as_json(row: &Row) -> Json {
    let mut object = serde_json::Map::new();
    object.insert(".id".to_owned(), id_text(row.id).into());
    for (name, value) in &row.values {
        object.insert(name.clone(), String::from_utf8_lossy(value).into());
    }
    Json::Object(object)
}
