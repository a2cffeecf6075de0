//! A simulated MikroTik router that speaks the RouterOS API, for tests and for trying things out: a library
//! ([`Simulator`]) and the program `routeros-sim`. It uses no other crate of this project, so that it cannot share a
//! mistake with the client.
//!
//! # What it does as a router does
//! - **The line**: words and sentences of any split; both log-ins and their failures; tags, interleaved replies, `/cancel`;
//!   `listen` and `follow`; `!empty` from 7.18 on; `/ip/service` with its port, `disabled`, `address` and `max-sessions`;
//!   `api-ssl` with a certificate of `/certificate`, and a handshake that fails without one.
//! - **The firewall in front of it**: the input chain of `/ip/firewall/filter` decides about every line, and about RADIUS
//!   orders: first match, states, protocols, addresses, ports, address lists, interfaces, their lists and bridges, chains. A line whose
//!   packets are dropped goes silent and lives on when they are let through again; a new one is held without a word, or reset. Clients
//!   stand where a test says ([`ClientPlace`], `--client-address`, `--client-interface`; `ether1` unless told), not on loopback.
//!   A port that nobody set counts as 8728 or 8729 too, wherever it really is.
//! - **Menus by release**: 6.42 to 6.49 (6.49.17 for the last of it) and 7.9 to 7.24, from `schema/menus.txt`: unknown
//!   menus, commands, arguments and keywords are refused with the router's words, as are references to nothing, duplicates,
//!   missing arguments and commands that the user's group may not. 6.42 logs in by challenge.
//! - **Items**: hexadecimal ids that are never given twice, order, flags, dynamic items; references by id (a removed
//!   referent prints as `*1`); queries, `.proplist`, `count-only`; values as bytes. A print shows the table as it was when
//!   the command came.
//! - **A new home router** with `--factory` ([`Options::factory`]): five ports and a radio in a bridge, `WAN` and `LAN`, DHCP, the
//!   firewall with FastTrack that drops what does not come from `LAN`, a `flash` folder beside memory that a restart empties, licence
//!   level 4. Otherwise the router is blank: no bridge, no rule, 192.168.88.1/24 on `ether1`.
//! - **Beyond**: `/export` and `/import`, `/file`, `/system/backup`, `/system/scheduler`, `/system/script` with simple
//!   scripts, `/safe-mode`, `/system/history` and `/undo`, `/log`, device-mode, counters that grow, subscribers with RADIUS
//!   ([`subscriber`]), neighbour discovery ([`neighbor`]). A command that is known and has no simulation answers
//!   `failure: not simulated`.
//!
//! # What it cannot vouch for
//! Nobody here ran a router. These questions have a switch ([`Switches`]; on the command line `--switch NAME,NAME`):
//!
//! | switch | taken unless switched | switched |
//! | --- | --- | --- |
//! | `empty-after-writes` | `set`, `remove` … answer a bare `!done` | `!empty` before it |
//! | `tag-last` | `.tag` is the second word of a reply | the last |
//! | `abbreviations` | a part of a name or keyword is refused | a unique beginning is taken |
//! | `rates-as-typed` | `5M/5M` comes back as `5000000/5000000` | as typed |
//! | `export-answers` | `/export` without `file` answers nothing | the text as `=ret=` of `!done` |
//! | `fatal-before-log-in` | a command before log-in is trapped | `!fatal` |
//! | `no-late-challenge` | 6.43 and newer take the challenge form too | they do not |
//! | `silent-refusal` | one session too many, or a wrong address, is closed | left without an answer |
//! | `ask-for-secrets` | `sensitive` shows secrets in every print | from 7.21 on only with `show-sensitive` |
//! | `stale-safe-mode` | a lost connection unrolls safe mode | the hold and the changes stay |
//! | `yes-in-queries` | `?disabled=yes` finds nothing, `true` does | `yes` and `no` are understood |
//! | `device-mode-home` | everything is allowed | hotspot, scheduler, fetch … are refused |
//! | `answers-while-dropped` | of a line that the input chain drops nothing goes out either | what is said still goes out |
//! | `disabled-service-closes` | connections live on when their service is disabled | they end |
//! | `keywords-in-order` | lists such as `authentication` come back as written | in the order of the keywords |
//! | `incoming-port-1700` | `/radius/incoming` has port 3799 from the factory | 1700 |
//!
//! Without a switch, and not known either:
//! - the texts of duplicate PPP profiles, hotspot profiles and servers, PPPoE services, users, groups, jobs, scripts,
//!   queues and certificates; of dynamic items that someone sets or removes; of safe mode and backups that fail; of a bad
//!   duration; what the log says of changes;
//! - what a user without `sensitive` is told who asks for a secret by `get` (taken: `not enough permissions (9)`; no query
//!   finds anything by a secret); the refusal of a profile's `rate-limit`; what keeps the last user of group `full` from
//!   being removed, disabled or put into another group;
//! - that connections on which nobody logs in are closed after 30 s and take none of `max-sessions`; that sessions of a
//!   removed user end, and rights of a changed group change at once;
//! - the releases that brought `group-by` of `print` (taken: 7.13) and `proplist` and `freeze-frame-interval` of commands
//!   that watch (7.19 and 7.21), which the comparison of releases leaves out;
//! - the category of a trap: `failure:` texts have none, argument errors 1, missing items and commands 0;
//! - that `remove` of several ids stops at the first that is missing, and `set` at the first that is refused, with the ones
//!   before done; that `/cancel` of an unknown tag is a bare `!done`;
//! - which commands need which policy beyond `read` and `write` (taken: `policy` for users, jobs and scripts, `ftp` for
//!   files, exports to files and backups, `test`, `reboot`);
//! - the answer of `/file/read` (taken: one `!re` with `=data=`), of `/safe-mode/get`, of device-mode's `update`, and of
//!   `print =file=` (refused);
//! - that the switch of date forms came with 7.10, and `no such item` without its number with 7.23;
//! - when a connection is noticed to be gone whose packets are dropped: after 9 minutes ([`Options::silence`]; the manual tells this
//!   of safe mode), and nobody tells the peer; a closed or reset one is noticed at once. Connections that are open survive a changed
//!   `address` of their service, user or router;
//! - that safe mode undoes certificates and address-list entries with a timeout, and files not; that `/certificate/sign` goes on
//!   when who asked is gone, and what it says meanwhile (`progress=generating key`); how long it takes ([`Options::signing`]);
//! - the texts of rules whose `reject-with=tcp-reset` or `jump` lack what they need, and of bad WireGuard keys;
//! - that PPPoE servers, hotspots and DHCP on a port of a bridge are invalid and serve nobody; that a licence's limit refuses
//!   the session that is too many;
//! - that the rules with a matcher that means nothing here (limits, times, contents, marks …) match nothing, that
//!   `fasttrack-connection` in `input` passes on, and that `tarpit` holds as `drop` does; rules count nothing and log nothing;
//! - that commands without a tag wait for the print without a tag before them;
//! - everything of 6.49 beyond what its menus and log-in are known to differ in: it is 7.9 without what is marked `@7`.
//!
//! And what is only formal: certificates have P-256 keys whatever their `key-size`, since no RSA keys can be made here
//! (the crate rcgen makes none over ring); WireGuard keys are random bytes and a digest of them; the kernel accepts connections that the
//! firewall drops, so that they fail by silence and not already in connecting, and a rejected one is reset after that; a backup is not encrypted; pings are answered by
//! everyone but 192.0.2.0/24, and nothing is sent.
//!
//! Limits of the simulator itself: a `listen` whose reader leaves 10,000 changes unread ends with `interrupted`, so that it
//! holds up nobody; the journal forgets its older half at 100,000 commands (`since` counts from those that it holds).
//!
//! # The state file
//! `--state FILE` holds the configuration as JSON: of each menu its items, in order, and the next id; no session, log,
//! counter or history. It is written before anybody is served (or the start fails), and anew 20 ms after a change, which
//! takes as long as the changed menus are big; an end of the process, however sudden, leaves a whole file. It is of one
//! release: another one refuses it. It holds the secrets in clear, and only its owner may read it. With a state file
//! `--user` and the seeds count for the first start alone.
//!
//! # The control port
//! `--control 127.0.0.1:0`, of loopback only, takes JSON objects, one a line, and answers each with one: `"ok":true` and what
//! is named here, or `{"ok":false,"error":"…"}`. In the same process [`Simulator`] offers the same. The program prints one line when it
//! listens: `{"listen":"127.0.0.1:8728","tls":null,"control":"127.0.0.1:40001"}`.
//!
//! | request | answer |
//! | --- | --- |
//! | `{"do":"rows","menu":"/ppp/secret"}` | `{"rows":[{".id":"*1","name":"anna",…}]}`, secrets included |
//! | `{"do":"add","menu":"/ppp/secret","values":{"name":"anna"}}` | `{"id":"*1"}`, checked as for a user |
//! | `{"do":"insert-dynamic","menu":"/ppp/active","values":{"name":"anna"}}` | `{"id":"*80000001"}`, unchecked |
//! | `{"do":"set","menu":"/ppp/secret","id":"*1","values":{"name":"bert"}}` | `{}`; no `id` for menus such as `/ppp/aaa` |
//! | `{"do":"remove","menu":"/ppp/secret","id":"*1"}` | `{}` |
//! | `{"do":"script","source":"/ip pool remove [find]"}` | `{"said":"…"}`, what `:put` wrote |
//! | `{"do":"fault","menu":"/ppp/secret","verb":"add","nth":2,"moment":"after","what":"drop"}` | `{}`; see below |
//! | `{"do":"clear-faults"}` | `{}` |
//! | `{"do":"commands","since":10}` | `{"commands":[{"connection":1,"tag":null,"words":["/login",…],"at":120}]}` |
//! | `{"do":"drop-connections"}`, `{"do":"reboot"}`, `{"do":"confirm-device-mode"}` | `{}` |
//! | `{"do":"silence-connections"}` | `{}`; nothing comes or goes over them any more, and neither side is told |
//! | `{"do":"place","from":"127.0.0.2","address":"192.168.88.10","interface":"ether2"}` | `{}`; where clients from there stand, without `from` all others |
//! | `{"do":"advance","milliseconds":60000}` | `{}`; the router's clock, with its timers and uptimes |
//! | `{"do":"wait","menu":"/ppp/secret","values":{"name":"anna"},"gone":false,"milliseconds":5000}` | `{}` when it is so |
//! | `{"do":"wait-commands","count":10,"milliseconds":5000}` | `{}` when so many have come |
//!
//! A fault's `what` is `"drop"`, `{"trap":"text"}`, `{"late":500}`, `"silence"`, `"dead"`, `"half"`, `"garbage"` or `"reboot"`; its
//! `moment` `before` or `after` the command took effect; without `menu` or `verb` it meets any; `nth` counts from 1.
//!
//! Subscribers ([`subscriber`] tells all that a dial takes; `access` is `pppoe`, `hotspot` or `hotspot-mac`):
//!
//! | request | answer |
//! | --- | --- |
//! | `{"do":"dial","access":"pppoe","name":"anna","password":"…"}` | `{"session":"81000001","address":"10.5.0.9","interface":"<pppoe-anna>"}` or `{"refused":"…"}` |
//! | `{"do":"traffic","session":"81000001","upload":1000,"download":9000}` | `{}`; bytes at once, with `rate` bytes per second |
//! | `{"do":"hang-up","session":"81000001"}`, or `vanish` | `{}` |
//! | `{"do":"ended","session":"81000001"}` | `{"cause":"Admin-Reset"}`, when it has ended |
//! | `{"do":"cut-power"}` | `{}`; a restart of which RADIUS is told nothing |

mod actor;
mod announce;
mod connection;
mod control;
mod fault;
mod forms;
mod history;
mod input;
mod kind;
mod line;
mod listener;
mod locked;
mod mask;
mod menus;
pub mod neighbor;
mod options;
mod output;
mod policies;
mod query;
pub mod radius;
mod release;
mod repeat;
mod reply;
mod request;
mod router;
mod schema;
mod script;
mod simulator;
mod state;
mod store;
pub mod subscriber;
mod table;
mod timer;
mod tls;
mod trap;
mod value;
pub mod wire;

pub use actor::{Actor, Policies, User};
pub use fault::{Fault, Mishap, Moment};
pub use input::ClientPlace;
pub use locked::Locked;
pub use options::{Options, Seeds, Switches, UnknownSwitch};
pub use release::{Release, UnknownRelease};
pub use router::{Change, Received, Removed, Router, Row, What};
pub use schema::{Field, Menu, MenuIndex, Schema, Shape};
pub use simulator::{Simulator, TimedOut};
pub use table::{FieldIndex, Item};
pub use timer::TimerId;
pub use trap::Trap;
pub use value::{Counter, Live, Millis, Text, Value};
