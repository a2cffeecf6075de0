//! Simple scripts: commands one after another, `:do {…} on-error={…}`, `:if`-less. What a backup job, an inverse script or an export holds.
//!
//! `/menu/path verb arg=value`, `/menu path verb value [find where k=v]`, `;` and line ends, quotes and their escapes, a line that ends
//! in `\`, a path alone that the next lines belong to, `:log`, `:put`, `:error`, `:delay`, `:do`. Anything else is an error, as an
//! unknown word is on a router.

mod condition;
mod parse;

use crate::actor::Actor;
use crate::request::Request;
use crate::router::Router;
use crate::schema::MenuIndex;
use crate::store::id_text;
use crate::trap::Trap;

pub(crate) use parse::quoted;
use parse::{Argument, Line, Word};

/// Scripts may call scripts; routers stop somewhere too.
const DEPTH: u32 = 10;

impl Router {
    /// Runs a script; the first error ends it. What `:put` said is returned.
    pub(crate) fn run_script(&mut self, actor: &Actor, source: &[u8]) -> Result<Vec<u8>, Trap> {
        let mut said = Vec::new();
        if self.script_depth >= DEPTH {
            return Err(Trap::with(3, "maximum script recursion depth reached"));
        }
        self.script_depth += 1;
        let done = self.run_lines(actor, source, &mut said);
        self.script_depth -= 1;
        done.map(|()| said)
    }

    /// Runs a script as somebody with all rights would on the console. What `:put` said is returned.
    pub fn run(&mut self, source: &str) -> Result<Vec<u8>, Trap> {
        self.run_script(&Actor::Test, source.as_bytes())
    }

    fn run_lines(&mut self, actor: &Actor, source: &[u8], said: &mut Vec<u8>) -> Result<(), Trap> {
        let mut menu = String::new();
        for line in parse::lines(source)? {
            self.run_line(actor, &line, &mut menu, said)?;
        }
        Ok(())
    }

    fn run_line(&mut self, actor: &Actor, line: &Line, menu: &mut String, said: &mut Vec<u8>) -> Result<(), Trap> {
        let Some(first) = line.first_word() else { return Ok(()) };
        match first.as_str() {
            ":do" => {
                let body = line.block(1).ok_or_else(|| Trap::with(3, "expected command block"))?;
                match self.run_script(actor, body) {
                    Ok(text) => said.extend(text),
                    Err(error) => match line.named("on-error") {
                        Some(block) => said.extend(self.run_script(actor, &block)?),
                        None => return Err(error),
                    },
                }
                Ok(())
            }
            ":log" => {
                let (topic, text) = (line.text(1), line.text(2));
                self.log(&format!("script,{}", topic.unwrap_or_default()), &text.unwrap_or_default());
                Ok(())
            }
            ":put" => {
                said.extend(line.text(1).unwrap_or_default().bytes());
                said.push(b'\n');
                Ok(())
            }
            ":error" => Err(Trap::with(3, line.text(1).unwrap_or_default())),
            // a script of ours never has to wait
            ":delay" => Ok(()),
            word if word.starts_with(':') => {
                Err(Trap::with(3, format!("bad command name {} (simulated scripts are simple)", &word[1..])))
            }
            _ => self.run_command(actor, line, menu),
        }
    }

    fn run_command(&mut self, actor: &Actor, line: &Line, context: &mut String) -> Result<(), Trap> {
        let mut path = context.clone();
        let mut at = 0;
        let mut verb = None;
        while let Some(word) = line.bare(at) {
            let absolute = word.starts_with('/');
            if absolute && at == 0 {
                path.clear();
            } else if absolute {
                break;
            }
            at += 1;
            for part in word.split('/').filter(|part| !part.is_empty()) {
                let next = format!("{path}/{part}");
                if let Some(known) =
                    self.store.schema.find(&path).filter(|menu| self.store.schema.menu(*menu).has_verb(part))
                {
                    verb = Some((known, part.to_owned()));
                } else if self.store.schema.is_directory(&next) {
                    path = next;
                } else {
                    return Err(Trap::with(3, format!("bad command name {part}")));
                }
            }
            if verb.is_some() {
                break;
            }
            if let Some(known) =
                self.store.schema.find(&path).filter(|menu| self.store.schema.menu(*menu).has_verb("."))
            {
                verb = Some((known, String::new()));
                break;
            }
        }
        let Some((menu, verb)) = verb else {
            // a path alone: the lines that follow belong to it
            *context = path;
            return Ok(());
        };
        let mut request =
            Request { path: if verb.is_empty() { path } else { format!("{path}/{verb}") }, ..Request::default() };
        for argument in &line.arguments()[at..] {
            self.argument(actor, menu, &verb, argument, &mut request);
        }
        // what a script selects may be nothing: that is no error on routers
        if request.attributes.iter().any(|(name, value)| name == "numbers" && value.is_empty()) {
            return Ok(());
        }
        self.execute(actor, &request).map(drop)
    }

    fn argument(&self, actor: &Actor, menu: MenuIndex, verb: &str, argument: &Argument, request: &mut Request) {
        match argument {
            Argument::Named(name, word) => {
                let value = self.word(actor, menu, word);
                request.attributes.push((name.clone(), value));
            }
            Argument::Bare(word) => {
                let value = self.word(actor, menu, word);
                let chooses = matches!(
                    verb,
                    "set"
                        | "remove"
                        | "enable"
                        | "disable"
                        | "comment"
                        | "unset"
                        | "move"
                        | "sign"
                        | "run"
                        | "reset-counters"
                        | "reset"
                );
                let chosen = request.attributes.iter().any(|(name, _)| name == "numbers");
                if chooses && !chosen && !self.is_single(menu) {
                    request.attributes.push(("numbers".to_owned(), value));
                } else if verb == "unset" && chosen {
                    request.attributes.push(("value-name".to_owned(), value));
                } else if verb == "move" && chosen {
                    request.attributes.push(("destination".to_owned(), value));
                } else {
                    request.attributes.push((String::from_utf8_lossy(&value).into_owned(), Vec::new()));
                }
            }
        }
    }

    fn word(&self, actor: &Actor, menu: MenuIndex, word: &Word) -> Vec<u8> {
        match word {
            Word::Text(text) | Word::Block(text) => text.clone(),
            Word::Find(path, conditions) => {
                let named = path.as_deref().map(|path| self.menu(path));
                let Some(menu) = named.unwrap_or(Some(menu)) else { return Vec::new() };
                let shown = self.shown(actor, menu, &Request::default());
                let mut ids = Vec::new();
                for item in self.store.table(menu).iter() {
                    if conditions.iter().all(|condition| condition.holds(&self.view(&shown, item))) {
                        ids.push(id_text(item.id));
                    }
                }
                ids.join(",").into_bytes()
            }
        }
    }
}
