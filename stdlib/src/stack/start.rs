//! Starts the services of a stack: each as soon as those it needs are ready, side by side where possible. One that fails
//! ends the others and is the only one named.

use super::board::Board;
use super::description::Description;
use super::exports::{self, Exports};
use super::folder::Folder;
use super::order;
use super::up::Up;
use crate::guard::Guard;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::script::{self, Meaning};
use crate::parallel;
use crate::service::running::Service;
use crate::service::spec::{EnvLayer, Given, Spec};
use crate::service::start::{self as service, Setting, Unstarted};
use crate::service::template::{self, Facts, Names};
use minijinja::value::Value;
use rhai::{Dynamic, Map};
use std::sync::Arc;
use std::time::Duration;

pub fn start_all(attempt: &Attempt, description: &Arc<Description>) -> Result<Up, Unstarted> {
    let folder = Folder::make(attempt, description)?;
    let guard = Guard::of(attempt.world())?;
    guard.remove_on_end(folder.path())?;
    let board = Board::default();
    let services = &description.services;
    let lanes: Vec<Attempt> = services.iter().map(|_| attempt.branch()).collect();
    let ran = parallel::side_by_side(services.len(), services.len(), |index, turn| {
        // They wait for each other by their needs.
        drop(turn);
        start_one(
            &lanes[index],
            description,
            &folder,
            &services[index],
            &board,
        );
    });
    let mut progress = board.take();
    if let Err(error) = ran {
        let failure = Failure::fault(format!(
            "stack `{}` cannot start its threads: {error}",
            description.name
        ));
        progress
            .failed
            .get_or_insert((String::new(), failure.into()));
    }
    let is_whole = progress.ready.len() == services.len();
    let exports = match (progress.failed.take(), is_whole) {
        (None, true) => export(attempt, description, &folder, &progress.ready),
        (None, false) => {
            Err(Failure::fault(format!("stack `{}` came to nothing", description.name)).into())
        }
        (Some((service, cause)), _) => Err(explained(description, &service, cause)),
    };
    match exports {
        Ok(exports) => {
            let up = Up::new(description, folder, progress.ready, exports, false);
            up.write_down(attempt, "up");
            Ok(up)
        }
        Err(cause) => {
            let up = Up::new(description, folder, progress.ready, Exports::new(), false);
            // Its own time: the one of the attempt may be what ran out.
            let clock = attempt.clock().begin_cleanup(Duration::from_secs(60));
            let _ = up.end(&attempt.on_clock(clock), true);
            Err(cause)
        }
    }
}

fn start_one(
    attempt: &Attempt,
    description: &Description,
    folder: &Folder,
    spec: &Spec,
    board: &Board,
) {
    let needs: Vec<String> = order::all_needs(&description.needs, &spec.name)
        .into_iter()
        .collect();
    let _leaving = Leaving(board);
    let Some(ready) = board.wait_for(attempt, &needs) else {
        return;
    };
    let result = attempt.step("service", &spec.name, String::new(), |step| {
        let others: Vec<Facts> = ready.iter().map(Service::facts).collect();
        let mut stack_env = EnvLayer::new();
        for (name, value) in others.iter().flat_map(exports::of_service) {
            stack_env.insert(name, Some(value));
        }
        stack_env.extend(description.env_for(&spec.name));
        let setting = Setting {
            attempt,
            parent: folder.path().to_owned(),
            folder: description.folder.clone(),
            stack_env,
            others: &|| others.clone(),
            map: &|| map_of(&ready).into(),
            abort: board.abort.clone(),
            more: vec![(
                "SCENARIO_STACK_DIR",
                folder.path().to_string_lossy().into_owned(),
            )],
        };
        let service = service::start(&setting, spec, |service| Dynamic::from(service.clone()))?;
        step.data = service.account();
        Ok::<Service, Unstarted>(service)
    });
    match result {
        Ok(service) => board.succeeded(service),
        Err(cause) => board.failed(&spec.name, with_what_it_lacked(description, spec, cause)),
    }
}

/// A service that dies for want of a variable does not know that the stack has it.
fn with_what_it_lacked(description: &Description, spec: &Spec, cause: Unstarted) -> Unstarted {
    let Unstarted::Failed(mut failure) = cause else {
        return cause;
    };
    for (name, service) in description.env_for_others(&spec.name) {
        let text = format!("the stack has it for those who need `{service}`");
        failure = Box::new(failure.detail(format!("without {name}"), text));
    }
    Unstarted::Failed(failure)
}

/// A thread that panics keeps nobody waiting.
struct Leaving<'a>(&'a Board);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}

fn map_of(services: &[Service]) -> Map {
    services
        .iter()
        .map(|service| (service.name().into(), Dynamic::from(service.clone())))
        .collect()
}

/// Says whose the failure is, and what to do when it speaks of a service that is not needed.
fn explained(description: &Description, service: &str, cause: Unstarted) -> Unstarted {
    let Unstarted::Failed(mut failure) = cause else {
        return cause;
    };
    let needed = order::all_needs(&description.needs, service);
    let missed = description
        .needs
        .keys()
        .filter(|name| *name != service && !needed.contains(*name))
        .find(|name| {
            let said = [
                format!("there is no property `{name}`"),
                format!("there is no `{name}`"),
            ];
            said.iter()
                .any(|said| failure.message.ends_with(said.as_str()))
        });
    if let Some(name) = missed {
        failure.hint = Some(format!(
            "service `{service}` uses `{name}` without needing it: needs: [\"{name}\"]"
        ));
    }
    failure.message = format!("stack `{}`: {}", description.name, failure.message);
    Unstarted::Failed(failure)
}

/// All variables for whoever uses the stack.
fn export(
    attempt: &Attempt,
    description: &Description,
    folder: &Folder,
    services: &[Service],
) -> Result<Exports, Unstarted> {
    let facts: Vec<Facts> = services.iter().map(Service::facts).collect();
    let mut all = exports::of_stack(&description.name, folder.path(), &facts);
    let own = match &description.exports {
        Given::Now(layer) => layer.clone(),
        Given::Later(closure) => {
            let engine = attempt.language().engine(attempt);
            let made = closure.call(&engine, attempt, vec![map_of(services).into()]);
            let value = made.map_err(|error| {
                match script::explain(&error, closure.source(), attempt.sources()) {
                    Meaning::News(failure) => Unstarted::Failed(failure),
                    Meaning::Stopped(stop) => Unstarted::Stopped(stop),
                }
            })?;
            crate::service::options::environment(&description.name, "exports", &value)?
        }
    };
    let mut names: Names = all
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    names.extend(
        facts
            .iter()
            .map(|facts| (facts.name.clone(), facts.value())),
    );
    names.insert(
        "dir".into(),
        folder.path().to_string_lossy().as_ref().into(),
    );
    names.insert("env".into(), Value::from(all.clone()));
    for (name, value) in own {
        match value {
            Some(text) => {
                let place = format!("export `{name}` of stack `{}`", description.name);
                all.insert(name, template::render(&place, &text, &names)?);
            }
            None => {
                all.remove(&name);
            }
        }
    }
    Ok(all)
}
