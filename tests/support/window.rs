//! The real window, driven from outside through WebKit's own driver.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

use crate::{program, wait_for};

/// How long anything on the screen may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One window at a time, also where the tests share a process: a second one would bring the first forward.
static TURN: Mutex<()> = Mutex::const_new(());

/// An open window, and the driver that holds it.
pub struct Window {
    pub client: Client,
    driver: Child,
    _turn: MutexGuard<'static, ()>,
}

impl Window {
    /// Opens Demarc on the data in `home`.
    pub async fn open(home: &Path) -> Self {
        Self::open_with(home, &[]).await
    }

    /// The same with more environment variables.
    pub async fn open_with(home: &Path, variables: &[(&str, &str)]) -> Self {
        let turn = TURN.lock().await;
        let port = crate::radius::free_tcp_port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DEMARC_HOME", home)
            .env("DEMARC_AUTOMATION", "1")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("TZ", "Asia/Dhaka")
            .env_remove("DEMARC_DATABASE")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // with the window that it opens, so that both can be ended together
            .process_group(0)
            .spawn()
            .expect("WebKitWebDriver starts");
        let browser = json!({ "binary": program("demarc"), "args": [] });
        let capabilities = serde_json::Map::from_iter([("webkitgtk:browserOptions".to_owned(), browser)]);
        let address = format!("http://127.0.0.1:{port}");
        let client = wait_for("the window's driver", PATIENCE, || async {
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities.clone()).connect(&address).await.ok()
        })
        .await;
        Self { client, driver, _turn: turn }
    }

    /// The element, once it is there.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => {
                self.picture("failed").await;
                panic!("`{css}` did not appear: {error}")
            }
        }
    }

    /// The element with this `data-testid`, once it is there.
    pub async fn part(&self, id: &str) -> Element {
        self.find(&format!("[data-testid='{id}']")).await
    }

    /// Whether it is there now.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find_all(Locator::Css(css)).await.is_ok_and(|found| !found.is_empty())
    }

    /// Clicks it once it can be clicked.
    pub async fn click(&self, id: &str) {
        let css = format!("[data-testid='{id}']:not([disabled]):not([aria-disabled='true'])");
        wait_for(&format!("`{id}` to be clicked"), PATIENCE, || async {
            let button = self.client.find(Locator::Css(&css)).await.ok()?;
            if button.clone().click().await.is_ok() {
                return Some(());
            }
            // the driver does not scroll within a pane (WebKitGTK 2.50)
            self.scroll_to(&button).await;
            button.click().await.ok()
        })
        .await;
    }

    /// Writes into the field of that name, replacing what is there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        self.type_over(&field, text).await;
    }

    /// Chooses from a list: by typing where it can be typed into, by name where it cannot.
    pub async fn choose(&self, name: &str, choice: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        if field.tag_name().await.expect("a tag") == "select" {
            field.select_by_label(choice).await.expect("the choice is there");
            return;
        }
        // the choices may still be on their way when the field is there: then there is nothing to choose from yet
        wait_for(&format!("`{choice}` to be chosen in `{name}`"), PATIENCE, || async {
            if !field.prop("value").await.ok()??.contains(choice) || self.has("[role='option']").await {
                self.type_over(&field, choice).await;
                wait_for(&format!("the choices of `{name}`"), PATIENCE, || async {
                    self.has("[role='option']").await.then_some(())
                })
                .await;
                // Enter takes the best match
                field.send_keys(&Key::Enter.to_string()).await.ok()?;
            }
            let closed = !self.has("[role='option']").await;
            (closed && field.prop("value").await.ok()??.contains(choice)).then_some(())
        })
        .await;
    }

    /// As a person does it: what is there is marked, and typed over.
    async fn type_over(&self, field: &Element, text: &str) {
        self.scroll_to(field).await;
        field.click().await.expect("the field can be clicked");
        let marked = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
        field.send_keys(&marked).await.expect("the field's text can be marked");
        let typed = if text.is_empty() { String::from(char::from(Key::Delete)) } else { text.to_owned() };
        field.send_keys(&typed).await.expect("the field takes text");
    }

    /// The driver itself does not scroll within a pane (WebKitGTK 2.50).
    async fn scroll_to(&self, element: &Element) {
        let element = serde_json::to_value(element).expect("an element has its number");
        let scrolled = self.client.execute("arguments[0].scrollIntoView({ block: 'nearest' })", vec![element]).await;
        scrolled.expect("an element can be scrolled to");
    }

    /// Sends a form by its button.
    pub async fn submit(&self, form: &str) {
        let button = self.find(&format!("[data-testid='{form}'] [type='submit']")).await;
        button.click().await.expect("the form is sent");
    }

    /// Waits until the element's text contains `text`.
    pub async fn shows(&self, css: &str, text: &str) {
        let shown = async {
            wait_for(&format!("`{css}` to show `{text}`"), PATIENCE * 2, || async {
                let found = self.client.find(Locator::Css(css)).await.ok()?;
                found.prop("textContent").await.ok()??.contains(text).then_some(())
            })
            .await;
        };
        if tokio::time::timeout(PATIENCE, shown).await.is_err() {
            self.picture("failed").await;
            panic!("`{css}` does not show `{text}`");
        }
    }

    /// Waits until it is gone.
    pub async fn gone(&self, css: &str) {
        wait_for(&format!("`{css}` to go"), PATIENCE, || async { (!self.has(css).await).then_some(()) }).await;
    }

    /// Presses a key in the window.
    pub async fn press(&self, key: Key) {
        let body = self.client.find(Locator::Css("body")).await.expect("a body");
        body.send_keys(&key.to_string()).await.expect("a key");
    }

    /// Types into whatever has the focus, as on a keyboard: text, and keys by [`Key`].
    pub async fn keys(&self, keys: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("it takes keys");
    }

    /// Presses a key while another is held.
    pub async fn chord(&self, held: Key, key: &str) {
        self.keys(&format!("{}{key}{}", char::from(held), char::from(Key::Null))).await;
    }

    /// Waits until what has the focus fits the selector.
    pub async fn focused(&self, css: &str) {
        let script = "return document.activeElement !== null && document.activeElement.matches(arguments[0])";
        wait_for(&format!("the focus to be on `{css}`"), PATIENCE, || async {
            let fits = self.client.execute(script, vec![css.into()]).await.ok()?;
            fits.as_bool()?.then_some(())
        })
        .await;
    }

    /// Presses Tab until what has the focus fits the selector.
    pub async fn tab_to(&self, css: &str) {
        let script = "return document.activeElement !== null && document.activeElement.matches(arguments[0])";
        for _ in 0..60 {
            let fits = self.client.execute(script, vec![css.into()]).await.expect("the page answers");
            if fits.as_bool() == Some(true) {
                return;
            }
            self.keys(&String::from(char::from(Key::Tab))).await;
        }
        self.picture("failed").await;
        panic!("Tab does not lead to `{css}`");
    }

    /// Keeps what the display shows, for a person to look at, if `DEMARC_SCREENSHOTS` names a folder. Needs `import` of
    /// ImageMagick: the driver's own screenshot hangs while a page is being replaced (WebKitGTK 2.50).
    pub async fn picture(&self, name: &str) {
        if let Some(folder) = std::env::var_os("DEMARC_SCREENSHOTS") {
            std::fs::create_dir_all(&folder).expect("a folder");
            // what was asked for is painted by the next frames
            tokio::time::sleep(Duration::from_millis(400)).await;
            let file = Path::new(&folder).join(format!("{name}.png"));
            let taken = Command::new("import").args(["-window", "root"]).arg(file).status().expect("import starts");
            assert!(taken.success(), "a picture of `{name}`");
        }
    }

    /// Closes the window as a person does.
    pub async fn close(self) {
        let _ = self.client.clone().close().await;
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // a window that a failed test leaves behind would be brought forward instead of opening the next one
        let group = format!("-{}", self.driver.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.driver.wait();
    }
}
