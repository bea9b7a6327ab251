//! Stacks that a session of the REPL brings up: they stay between statements, and scenarios with `existing: "attach"` find
//! them.

use super::stacks_up::{self, Entry};
use super::tell::Trouble;
use super::up;
use crate::repl::{Desk, Trouble as Bad};
use crate::source::prompt::{below, between};
use crate::store::Home;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::stack::{Stack, Up};
use std::path::Path;

/// A stack that is up.
pub struct Raised {
    file: String,
    up: Up,
}

impl Raised {
    /// Lets others find it.
    pub fn announce(&self, home: &Home) -> Result<Entry, Trouble> {
        stacks_up::announce(home, self.up.name(), &self.file, self.up.exports())
    }
}

/// Brings up what `--stack FILE[::NAME]` names.
pub fn named(text: &str, desk: &mut Desk) -> Result<Raised, Trouble> {
    let (path, name) = match text.split_once("::") {
        Some((path, name)) => (path, Some(name)),
        None => (text, None),
    };
    let library = desk.session.library().clone();
    let file = below(
        &library.world().project,
        &std::env::current_dir()?.join(path),
    );
    let stack = up::choose(&library, &file, name)?;
    raise(&file, &stack, desk)
}

/// Brings up the stack that `file` declares, if it declares one; says so if there are several.
pub fn only_one(file: &str, desk: &mut Desk) -> Result<Option<Raised>, Trouble> {
    let library = desk.session.library().clone();
    // A script without declarations acts at its top level, which nobody asked for.
    let Ok(stacks) = library.stacks(file) else {
        return Ok(None);
    };
    match stacks.as_slice() {
        [] => Ok(None),
        [stack] => raise(file, stack, desk).map(Some),
        several => {
            let names = several.iter().map(|stack| stack.0.name.as_str());
            eprintln!(
                "{file} has several stacks; --stack {file}::NAME brings one up: {}",
                names.collect::<Vec<_>>().join(", ")
            );
            Ok(None)
        }
    }
}

/// As a statement where the module exports it, so that it is saved with the others.
fn raise(file: &str, stack: &Stack, desk: &mut Desk) -> Result<Raised, Trouble> {
    let library = desk.session.library().clone();
    let name = variable(&stack.0.name);
    let exported = library.exported_stack(file, &stack.0.name);
    let is_open = desk.session.file() == Some(file);
    let text = match exported {
        Some(exported) if is_open => format!("let {name} = {exported}.up();"),
        Some(exported) => {
            let from = Path::new(desk.session.prompt().folder());
            let path = between(from, Path::new(file)).with_extension("");
            let alias = format!("{name}_stack");
            format!(
                "import \"{}\" as {alias};\nlet {name} = {alias}::{exported}.up();",
                path.display()
            )
        }
        None => {
            desk.session
                .set("declared_stack", rhai::Dynamic::from(stack.clone()));
            format!("let {name} = declared_stack.up();")
        }
    };
    match desk.session.eval(&text).result {
        Ok(_) => {}
        Err(Bad::Failed(failure)) => return Err((*failure).into()),
        Err(Bad::Refused(problems)) => return Err(problems.into()),
        Err(Bad::Stopped(reason)) => return Err(Failure::fault(reason).into()),
    }
    let found = desk
        .session
        .variables()
        .into_iter()
        .find(|(known, _)| *known == name);
    let value = found.map(|(_, value)| value.flatten()).unwrap_or_default();
    let kind = value.type_name();
    let up = value.try_cast::<Up>().ok_or_else(|| {
        Failure::fault(format!("the stack `{name}` did not come up")).detail("got", kind)
    })?;
    let names: Vec<&str> = up.services().iter().map(|service| service.name()).collect();
    eprintln!("`{name}` is up, with {}", names.join(", "));
    Ok(Raised {
        file: file.to_owned(),
        up,
    })
}

/// The name of a stack as that of a variable.
fn variable(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    match clean.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => clean,
        false => format!("stack_{clean}"),
    }
}
