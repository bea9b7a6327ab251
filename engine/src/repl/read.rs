//! Where lines come from: a person at a terminal, with history, colours and Tab, or a pipe.

use super::complete::{self, Item};
use super::desk::{Desk, Leave};
use super::known::Known;
use super::paint;
use crate::complete::{Context, book, embedded, signature_at};
use crate::report::{Palette, fit};
use crate::source::prompt::is_open;
use rustyline::completion::{Candidate, Completer};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Editor, Helper};
use std::borrow::Cow;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// How lines are read.
pub enum Manner {
    Terminal {
        prompt: String,
        /// Where lines are remembered.
        history: Option<PathBuf>,
    },
    Pipe,
}

/// Takes line after line to the desk until somebody leaves or there are no more.
pub fn converse(desk: &mut Desk, manner: Manner) -> std::io::Result<Leave> {
    match manner {
        Manner::Terminal { prompt, history } => {
            type_in(desk, &prompt, history.as_deref()).map_err(|error| match error {
                ReadlineError::Io(error) => error,
                other => std::io::Error::other(other.to_string()),
            })
        }
        Manner::Pipe => pipe_in(desk),
    }
}

fn pipe_in(desk: &mut Desk) -> std::io::Result<Leave> {
    let mut input = String::new();
    let mut stdin = std::io::stdin().lock();
    loop {
        let read = stdin.read_line(&mut input)?;
        let is_command = input.trim_start().starts_with(':');
        let typed = input.strip_suffix('\n').unwrap_or(&input);
        if read > 0 && !is_command && is_open(typed) {
            continue;
        }
        let text = std::mem::take(&mut input);
        if let Some(leave) = desk.take(&text) {
            return Ok(leave);
        }
        if read == 0 || desk.session.switch().was_pressed() {
            return Ok(Leave::Quit);
        }
    }
}

fn type_in(desk: &mut Desk, prompt: &str, history: Option<&Path>) -> Result<Leave, ReadlineError> {
    let config = Config::builder()
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .build();
    let mut editor = Editor::<Aid, FileHistory>::with_config(config)?;
    if let Some(path) = history {
        // There is none yet the first time.
        let _ = editor.load_history(path);
    }
    editor.set_helper(Some(Aid {
        known: desk.known(),
        palette: desk.look().palette,
    }));
    // Made in milliseconds, but not before the first prompt.
    let _ = std::thread::Builder::new().name("book".into()).spawn(|| {
        book();
    });
    loop {
        let line = match editor.readline(prompt) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Leave::Quit),
            Err(error) => return Err(error),
        };
        if !line.trim().is_empty() {
            let _ = editor.add_history_entry(line.as_str());
            if let Some(path) = history {
                // A history that cannot be kept is none worth stopping for.
                let _ = editor.append_history(path);
            }
        }
        if let Some((_, columns)) = console::Term::stdout().size_checked() {
            desk.resize(columns.into());
        }
        if let Some(leave) = desk.take(&line) {
            return Ok(leave);
        }
        if let Some(aid) = editor.helper_mut() {
            aid.known = desk.known();
        }
    }
}

/// Helps whoever types.
struct Aid {
    known: Known,
    palette: Palette,
}

impl Helper for Aid {}

impl Candidate for Item {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.insert
    }
}

impl Completer for Aid {
    type Candidate = Item;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Item>)> {
        let (_, columns) = console::Term::stdout().size();
        let (range, items) = complete::offers(&self.known, line, at, columns.into());
        Ok((range.start, items))
    }
}

/// Of functions that take almost anything, nobody wants to read the parameters.
const SEVERAL: usize = 4;

/// The parameters of the call that was just opened.
struct Parameters(String);

impl Hint for Parameters {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Aid {
    type Hint = Parameters;

    fn hint(&self, line: &str, at: usize, _: &rustyline::Context<'_>) -> Option<Parameters> {
        if at < line.len() || !line.ends_with('(') || line.starts_with(':') {
            return None;
        }
        let module = |path: &str| {
            let text = self.known.modules.get(path).cloned();
            text.or_else(|| embedded(path))
        };
        let context = Context {
            book: book(),
            locals: &self.known.locals,
            module: &module,
        };
        let text = format!("{}{line}", self.known.definitions);
        let found = signature_at(&context, &text, text.len())?;
        if found.all.len() > SEVERAL {
            return None;
        }
        let longest = found
            .all
            .into_iter()
            .max_by_key(|one| one.parameters.len())?;
        let (_, columns) = console::Term::stdout().size();
        let room =
            usize::from(columns).saturating_sub(fit::width(line) % usize::from(columns.max(1)) + 4);
        let text = longest.parameters.join(", ") + ")";
        (room > 10).then(|| Parameters(fit::fit(&text, room)))
    }
}

impl Highlighter for Aid {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match line.starts_with(':') {
            true => Cow::Owned(self.palette.note(line)),
            false => Cow::Owned(paint::code(line, self.palette)),
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(self.palette.strong(prompt))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(self.palette.dim(hint))
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.palette.is_on()
    }
}

impl Validator for Aid {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        let goes_on = !input.trim_start().starts_with(':') && is_open(input);
        Ok(match goes_on {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}
