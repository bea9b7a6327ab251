//! Does what is typed: statements are evaluated and their values shown, commands are carried out.

use super::command::{self, Command, Way};
use super::known::{self, Known};
use super::save;
use super::session::{Ended, Session, Trouble};
use super::show::{self, Look};
use super::{help, script, services};
use crate::report::{clean, fit};
use crate::source::prompt::{Sort, below};
use scenario_stdlib::browser::show_windows;
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::duration;
use scenario_stdlib::host::failure::Failure;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A session and whoever shows what comes of it.
pub struct Desk {
    pub session: Session,
    look: Look,
    setting: Setting,
    /// Files this session wrote, which it may write again.
    saved: BTreeSet<PathBuf>,
    /// Whether any statement did not work.
    failed: bool,
}

/// Where the desk stands.
pub struct Setting {
    /// A person sits at it: times are told.
    pub interactive: bool,
    /// A script stands still until its visitor leaves.
    pub is_guest: bool,
    pub project: PathBuf,
    /// What paths of commands are relative to.
    pub cwd: PathBuf,
    /// What only somebody else can do.
    pub errands: Box<Errands>,
}

/// Who does errands: says why one could not be done.
pub type Errands = dyn Fn(Errand<'_>) -> Result<(), String> + Send;

/// What the desk asks somebody else for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand<'a> {
    /// Run scenarios: `FILE[:LINE]`.
    Run(&'a str),
    /// Read the file of the script that stands still anew.
    Renew,
}

/// How a conversation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Quit,
    Continue,
    Retry,
    Skip,
}

impl Desk {
    pub fn new(session: Session, look: Look, setting: Setting) -> Self {
        Self {
            session,
            look,
            setting,
            saved: BTreeSet::new(),
            failed: false,
        }
    }

    pub fn look(&self) -> &Look {
        &self.look
    }

    pub fn is_guest(&self) -> bool {
        self.setting.is_guest
    }

    /// Whether any statement did not work.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// The terminal has so many columns now.
    pub fn resize(&mut self, columns: usize) {
        self.look.columns = columns.max(20);
    }

    /// What is there, for completion.
    pub fn known(&self) -> Known {
        Known::of(&self.session)
    }

    /// Does what was typed. Says whether the conversation is over.
    pub fn take(&mut self, input: &str) -> Option<Leave> {
        let input = input.trim();
        if input.is_empty() {
            return None;
        }
        if self.setting.is_guest
            && let Some(way) = command::way(input)
        {
            return self.leave(way);
        }
        if !input.starts_with(':') {
            self.evaluate(input);
            return None;
        }
        match command::parse(input) {
            Ok(command) => self.command(command),
            Err(message) => {
                self.refuse(&message);
                None
            }
        }
    }

    /// Evaluates a statement and shows what came of it.
    pub fn evaluate(&mut self, text: &str) -> bool {
        let ended = self.session.eval(text);
        self.tell(&ended)
    }

    fn tell(&mut self, ended: &Ended) -> bool {
        for news in &ended.soft {
            self.fail(&show::failure(news, &self.look));
        }
        match &ended.result {
            Ok(value) => {
                let clock = Arc::new(Clock::start("showing the value", Duration::from_secs(5)));
                let (_, engine) = self.session.engine(&clock);
                if let Some(text) = show::value(value, &engine, &self.look) {
                    self.say(&text);
                }
            }
            Err(Trouble::Refused(problems)) => {
                for problem in problems {
                    self.fail(&show::failure(problem, &self.look));
                }
            }
            Err(Trouble::Failed(failure)) => self.fail(&show::failure(failure, &self.look)),
            Err(Trouble::Stopped(reason)) => {
                self.fail(&self.look.palette.warn(clean::line(reason, clean::NAME)));
            }
        }
        let was_begun = !matches!(ended.result, Err(Trouble::Refused(_)));
        if self.setting.interactive && was_begun {
            let took = duration::show(ended.took);
            eprintln!("{}", self.look.palette.dim(format!("  {took}")));
        }
        ended.result.is_ok() && ended.soft.is_empty()
    }

    /// Shows what went wrong before anything was typed.
    pub fn warn(&self, news: &[Failure]) {
        for one in news {
            let text = show::failure(one, &self.look);
            eprintln!("{}", self.look.masked(&text));
        }
    }

    fn say(&self, text: &str) {
        use std::io::Write;
        // A reader that is gone is nobody's fault.
        let _ = writeln!(std::io::stdout().lock(), "{}", self.look.masked(text));
    }

    fn fail(&mut self, text: &str) {
        self.failed = true;
        eprintln!("{}", self.look.masked(text));
    }

    fn refuse(&mut self, message: &str) {
        let text = format!("{}: {message}", self.look.palette.bad("error"));
        self.fail(&text);
    }

    fn refuse_all(&mut self, problems: &[Failure]) {
        for problem in problems {
            self.fail(&show::failure(problem, &self.look));
        }
    }

    fn command(&mut self, command: Command) -> Option<Leave> {
        match command {
            Command::Help(name) if name.is_empty() => {
                self.say(&help::commands(&self.look, self.setting.is_guest));
            }
            Command::Help(name) => match help::of(&name, &self.look) {
                Ok(text) => self.say(&text),
                Err(message) => self.refuse(&message),
            },
            Command::Vars => self.vars(),
            Command::Services => {
                let text = services::list(self.session.attempt(), &self.look);
                self.say(&text);
            }
            Command::Logs { service, follow } => self.logs(&service, follow),
            Command::Browser(words) => self.browser(&words),
            Command::Reload => self.reload(),
            Command::Load(path) => self.load(&path),
            Command::Save(path) => self.save(&path),
            Command::Run(target) => {
                if let Err(message) = (self.setting.errands)(Errand::Run(&target)) {
                    self.refuse(&message);
                }
            }
            Command::Phase(name) => self.session.phase = Some(name),
            Command::Statements => self.statements(),
            Command::Drop(number) => {
                if number > self.session.done.len() {
                    self.refuse("there is no statement of that number; `:statements` lists them");
                } else {
                    self.session.done.remove(number - 1);
                }
            }
            Command::Timeout(time) => match duration::parse(&time) {
                Ok(limit) => self.session.limit = limit,
                Err(error) => self.refuse(&error.to_string()),
            },
            Command::Leave(way) => return self.leave(way),
            Command::Quit => return Some(Leave::Quit),
        }
        None
    }

    fn leave(&mut self, way: Way) -> Option<Leave> {
        if !self.setting.is_guest {
            self.refuse("no script stands still here; `:quit` ends the session");
            return None;
        }
        match way {
            Way::Continue => Some(Leave::Continue),
            Way::Skip => Some(Leave::Skip),
            Way::Retry => match (self.setting.errands)(Errand::Renew) {
                Ok(()) => Some(Leave::Retry),
                Err(message) => {
                    self.fail(&message);
                    None
                }
            },
        }
    }

    fn vars(&mut self) {
        let clock = Arc::new(Clock::start("showing variables", Duration::from_secs(5)));
        let (_, engine) = self.session.engine(&clock);
        let variables = self.session.variables();
        let wide = variables.iter().map(|(name, _)| fit::width(name)).max();
        let wide = wide.unwrap_or(0).min(20);
        for (name, value) in &variables {
            let shown = if name == "state" {
                serde_json::Value::Object(self.session.attempt().state()).to_string()
            } else {
                let room = self.look.columns.saturating_sub(wide + 3);
                show::line(value, &engine, room)
            };
            let name = self.look.palette.note(fit::pad(&clean::name(name), wide));
            self.say(&format!("{name}  {}", clean::block(&shown, clean::BLOCK)));
        }
        for signature in self.session.prompt().functions() {
            self.say(&format!("{} {signature}", self.look.palette.dim("fn")));
        }
    }

    fn logs(&mut self, service: &str, follow: bool) {
        let limit = match follow {
            true => Duration::from_secs(24 * 3600),
            false => self.session.limit,
        };
        let clock = Arc::new(Clock::start("the log", limit));
        let switch = self.session.switch().clone();
        let _busy = switch.begin(&clock);
        let (attempt, _) = self.session.engine(&clock);
        let mut say = |line: String| self.say(&line);
        let told = services::logs(&attempt, service, follow, &self.look, &mut say);
        if let Err(message) = told {
            self.refuse(&message);
        }
    }

    /// Pages are variables: what is done with them is what a script would do.
    fn browser(&mut self, words: &[String]) {
        if let Some(way @ ("headed" | "headless")) = words.first().map(String::as_str) {
            show_windows(&self.look.world, way == "headed");
            let how = match way {
                "headed" => "in a window",
                _ => "without a window",
            };
            return self.say(
                &self
                    .look
                    .palette
                    .dim(format!("what `browser.open` opens from now on is {how}")),
            );
        }
        let clock = Arc::new(Clock::start("looking for pages", Duration::from_secs(5)));
        let (_, engine) = self.session.engine(&clock);
        let variables = self.session.variables().into_iter();
        let pages: Vec<String> = variables
            .filter(|(_, value)| known::word(value, &engine) == "Page")
            .map(|(name, _)| name)
            .collect();
        let Some(last) = pages.last() else {
            return self.refuse("no page is open here: `let page = browser.open(\"/\")` opens one");
        };
        match words.first().map(String::as_str) {
            None => {
                for name in &pages {
                    let url = self.session.ask(&format!("{name}.url"));
                    let url = url.map_or_else(|_| "it is gone".into(), |url| url.to_string());
                    let room = self.look.columns.saturating_sub(name.len() + 2);
                    self.say(&format!("{name}  {}", clean::short(&url, room.max(20))));
                }
            }
            Some("shot") => {
                let file = words.get(1).map_or("shot.png", String::as_str);
                let file = self.setting.cwd.join(file);
                match self.session.ask(&format!("{last}.screenshot()")) {
                    Ok(picture) => {
                        let picture = picture.into_blob().unwrap_or_default();
                        match std::fs::write(&file, picture) {
                            Ok(()) => self.say(&format!("{last} is in {}", file.display())),
                            Err(error) => {
                                self.refuse(&format!("cannot write {}: {error}", file.display()));
                            }
                        }
                    }
                    Err(trouble) => {
                        let ended = Ended {
                            result: Err(trouble),
                            soft: Vec::new(),
                            took: Duration::ZERO,
                        };
                        self.tell(&ended);
                    }
                }
            }
            Some(other) => self.refuse(&format!(
                "`:browser {other}` is nothing; `:browser shot page.png` takes a picture, `:browser headed` shows windows"
            )),
        }
    }

    fn reload(&mut self) {
        match self.session.reload() {
            Ok(news) if news.is_empty() => {
                let what = self.session.file().unwrap_or("modules").to_owned();
                self.say(&self.look.palette.dim(format!("read {what} anew")));
            }
            Ok(news) => self.refuse_all(&news),
            Err(problems) => {
                self.refuse_all(&problems);
                self.say(&self.look.palette.dim("everything stays as it was"));
            }
        }
    }

    fn load(&mut self, path: &str) {
        let file = self.setting.cwd.join(path);
        match std::fs::read_to_string(&file) {
            Ok(text) if declares(&text) => self.refuse(&format!(
                "{path} declares phases; `:run {path}` runs it, `scenario repl {path}` opens it"
            )),
            Ok(text) => {
                let name = below(&self.setting.project, &file);
                let folder = parent(&name);
                let is_beside = |path: &str| self.is_beside(&folder, path);
                // Imports are relative to the file they stand in.
                let prompt = self.session.prompt().name().to_owned();
                let text = script::moved(&text, &folder, &prompt, &is_beside);
                let ended = self.session.load(&name, &text);
                self.tell(&ended);
            }
            Err(error) => self.refuse(&format!("cannot read {path}: {error}")),
        }
    }

    /// Whether an import that stands in `folder` leads to a file of the project beside it.
    fn is_beside(&self, folder: &str, path: &str) -> bool {
        let mut file = Path::new(folder).join(path);
        if file.extension().is_none_or(|extension| extension != "rhai") {
            file.as_mut_os_string().push(".rhai");
        }
        file.is_relative() && self.setting.project.join(file).is_file()
    }

    fn statements(&mut self) {
        let mut phase = None;
        for (index, done) in self.session.done.iter().enumerate() {
            if done.phase != phase {
                phase.clone_from(&done.phase);
                let name = phase.as_deref().unwrap_or_default();
                self.say(&self.look.palette.strong(format!("phase {name}")));
            }
            let note = match done.sort {
                Sort::Look => "  (only a look: left out)",
                Sort::Comparison => "  (saved as an assert)",
                Sort::Definition | Sort::Action => "",
            };
            let room = self.look.columns.saturating_sub(6 + note.len());
            let text = clean::short(&done.text, room.max(10));
            let note = self.look.palette.dim(note);
            self.say(&format!("{:>3}  {text}{note}", index + 1));
        }
        if self.session.done.is_empty() {
            self.say("nothing worked yet");
        }
    }

    fn save(&mut self, path: &str) {
        let path = match path.ends_with(".rhai") {
            true => path.to_owned(),
            false => format!("{path}.rhai"),
        };
        let file = self.setting.cwd.join(&path);
        if file.exists() && !self.saved.contains(&file) {
            return self.refuse(&format!("{path} is there already; name another file"));
        }
        let name = below(&self.setting.project, &file);
        let written = save::write(&save::Work {
            file: &name,
            done: &self.session.done,
            base: self.session.file(),
            base_text: self.session.prompt().base_text(),
            folder: self.session.prompt().folder(),
            is_beside: &|folder, path| self.is_beside(folder, path),
        });
        if written.statements == 0 {
            return self.refuse(
                "nothing worked yet that a scenario could do; `:statements` shows what there is",
            );
        }
        if let Err(problems) = self.session.library().try_text(&name, &written.text) {
            self.refuse("what worked here does not make a scenario as it stands:");
            return self.refuse_all(&problems);
        }
        let folder = file.parent().map(std::fs::create_dir_all);
        let done = folder
            .unwrap_or(Ok(()))
            .and_then(|()| std::fs::write(&file, &written.text));
        match done {
            Ok(()) => {
                self.saved.insert(file);
                let plural = |count: usize, word: &str| match count {
                    1 => format!("1 {word}"),
                    count => format!("{count} {word}s"),
                };
                let count = format!(
                    "{} in {}",
                    plural(written.statements, "statement"),
                    plural(written.phases, "phase")
                );
                self.say(&format!("{path}: {count}; `:run {path}` runs it"));
                for remark in written.remarks {
                    self.say(&self.look.palette.warn(remark));
                }
            }
            Err(error) => self.refuse(&format!("cannot write {path}: {error}")),
        }
    }
}

/// The folder of a file of the project.
fn parent(file: &str) -> String {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    folder.to_string_lossy().into_owned()
}

/// Whether a text calls `scenario` or `phase`.
fn declares(text: &str) -> bool {
    let tokens = crate::source::check::tokens(text);
    let calls = |at: usize| tokens.get(at + 1).is_some_and(|next| next.is("("));
    let is_method = |at: usize| at > 0 && tokens[at - 1].is(".");
    (0..tokens.len()).any(|at| {
        (tokens[at].is_word("scenario") || tokens[at].is_word("phase"))
            && calls(at)
            && !is_method(at)
    })
}
