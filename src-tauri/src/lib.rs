//! The desktop: a window, and the commands of `operations` behind it. Translates and nothing more: a command that has to
//! decide something belongs in `operations`.

mod commands;
mod log;

use operations::{DatabaseState, Demarc, Place};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager, RunEvent, WebviewUrl, WebviewWindowBuilder};
use tauri_specta::Event;

/// The database went away or came back.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct DatabaseStateEvent(pub DatabaseState);

/// The commands and events, for the window and for the generated TypeScript.
pub fn interface() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::new()
        .error_handling(tauri_specta::ErrorHandlingMode::Throw)
        .commands(commands::all())
        .events(tauri_specta::collect_events![DatabaseStateEvent])
        .constant("RECORDS", domain::audit::AUDITED)
        .constant("CODE_PAGES", domain::router::CODE_PAGES)
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
}

/// Opens the window and stays until it is closed.
pub fn run() {
    prepare_environment();
    let place = match Place::from_environment() {
        Ok(place) => place,
        Err(error) => {
            eprintln!("demarc: {error}");
            std::process::exit(2);
        }
    };
    let _log = log::start(place.folder());
    let pages = place.folder().join("window");
    let demarc = Demarc::new(place, "demarc");
    let interface = interface();
    let handler = interface.invoke_handler();

    let app = tauri::Builder::default()
        // first, so that a second start does nothing but bring this window forward
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| bring_forward(app)))
        .manage(demarc)
        .invoke_handler(handler)
        .setup(move |app| {
            interface.mount_events(app);
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Demarc")
                .inner_size(1280.0, 800.0)
                .min_inner_size(720.0, 480.0)
                // what the pages remember belongs to this data, not to every copy of the program
                .data_directory(pages);
            window.build()?;
            watch_database(app.handle());
            Ok(())
        })
        .build(tauri::generate_context!())
        .unwrap_or_else(|error| {
            eprintln!("demarc: the window could not be opened: {error}");
            std::process::exit(1);
        });
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            tauri::async_runtime::block_on(app.state::<Demarc>().quit());
        }
    });
}

fn bring_forward(app: &AppHandle) {
    tracing::info!("started a second time: the window that is there comes forward");
    if let Some(window) = app.get_webview_window("main") {
        // each may be refused by the window manager; the window is there all the same
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Asks the database whether it is there, and tells the window when that changes.
fn watch_database(app: &AppHandle) {
    let demarc = app.state::<Demarc>().inner().clone();
    let mut states = demarc.database();
    let watching = demarc.clone();
    tauri::async_runtime::spawn(async move { watching.watch_routers().await });
    tauri::async_runtime::spawn(async move { demarc.watch().await });
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        while states.changed().await.is_ok() {
            let state = states.borrow_and_update().clone();
            if let Err(error) = DatabaseStateEvent(state).emit(&app) {
                tracing::warn!(%error, "could not tell the window about the database");
            }
        }
    });
}

/// Settings of WebKit that must stand before it starts; nothing else runs yet.
fn prepare_environment() {
    #[cfg(target_os = "linux")]
    {
        // on many graphics drivers the window stays empty without this
        if std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
            set_variable("WEBKIT_DISABLE_DMABUF_RENDERER", Some("1"));
        }
        // the window may be driven from outside only when that was asked for by our own name
        if std::env::var_os("DEMARC_AUTOMATION").is_none() {
            set_variable("TAURI_WEBVIEW_AUTOMATION", None);
        }
    }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "changing the environment is safe before the first thread, and this is before it")]
fn set_variable(name: &str, value: Option<&str>) {
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
}
