//! `scenario lsp`: a language server for editors, on standard input and output.

use super::exit::Exit;
use super::tell::{Done, Trouble};
use super::{drive, prepare, stored, world};
use crate::config::Flags;
use crate::lsp::{self, Project, Ran};
use crate::model::View;
use crate::source::Library;
use crate::store::{Home, Store, new_run_id};
use jiff::Timestamp;
use parking_lot::Mutex;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long the top level of a file may compute while somebody types.
const LIMIT: Duration = Duration::from_secs(2);

/// Speaks the Language Server Protocol on standard input and output, for editors.
#[derive(clap::Args)]
pub struct Args {
    /// Takes the flag that many clients add; there is no other way to talk
    #[arg(long, hide = true)]
    stdio: bool,
}

pub fn main(_: &Args) -> Done {
    let runtime = drive::runtime()?;
    let host = Box::new(Host::default());
    let input = std::io::stdin().as_fd().try_clone_to_owned()?;
    let output = std::io::stdout().as_fd().try_clone_to_owned()?;
    let file = |handle: OwnedFd| tokio::fs::File::from_std(std::fs::File::from(handle));
    runtime.block_on(lsp::serve(host, file(input), file(output)));
    // A read from standard input cannot be called off.
    runtime.shutdown_background();
    Ok(Exit::Passed)
}

/// What the server asks of the rest of the program.
#[derive(Default)]
struct Host {
    home: Mutex<Option<Home>>,
}

impl lsp::Host for Host {
    fn open(&self, folder: &Path) -> Result<Project, String> {
        let open = || -> Result<Project, Trouble> {
            // All else of the program takes the project from where it was started.
            std::env::set_current_dir(folder)?;
            let settings = prepare::settings(&Flags::default())?;
            let home = Home::new(&settings.project.store);
            let run = new_run_id(Timestamp::now());
            let run_dir = home.run_dir(&run).map_err(stored::trouble)?;
            let base_url = settings.http.base_url.clone();
            let world = Arc::new(world::world(&settings, &run.0, run_dir, base_url));
            *self.home.lock() = Some(home);
            Ok(Project {
                root: settings.project.root.clone(),
                library: Library::with_limit(world, settings.project.modules.clone(), LIMIT),
            })
        };
        open().map_err(|trouble| {
            let news = trouble.news.iter().map(|failure| failure.render());
            news.collect::<Vec<_>>().join("\n")
        })
    }

    fn last(&self) -> Vec<Ran> {
        let home = self.home.lock();
        let Some(home) = home.as_ref().filter(|home| home.database().exists()) else {
            return Vec::new();
        };
        read_last(home).unwrap_or_default()
    }
}

/// The last run that is over. Whatever cannot be read has no results to show.
fn read_last(home: &Home) -> Option<Vec<Ran>> {
    let store = Store::open_existing(home).ok()?;
    let run = store.find("latest").ok()?;
    let mut view = View::default();
    for event in store.events(&run).by_ref() {
        view.apply(&event.ok()?);
    }
    let scenarios = view.scenarios.iter();
    let ran = scenarios.map(|scenario| {
        let failures = scenario
            .last_try()
            .into_iter()
            .flat_map(|tried| tried.bad_news())
            .map(|(_, failure)| failure.clone())
            .collect();
        Ran {
            file: scenario.declared.id.file().to_owned(),
            name: scenario.declared.id.name().to_owned(),
            line: scenario.declared.line,
            outcome: scenario.outcome,
            failures,
        }
    });
    Some(ran.collect())
}
