//! The report as one page that needs nothing else: everything about a run, for somebody who did not write it. An overview
//! that opens at once however long the run, and what happened in each scenario packed beside it, unpacked when it is
//! looked at. Nothing that came from the run is ever markup: the page builds text nodes from data.

mod account;
mod assets;
mod detail;
mod files;
mod lines;
mod overview;
mod pack;
mod page;
mod shape;
mod sources;

use super::output::Output;
use super::{Options, Reporter};
use crate::model::view::{AttachmentView, View};
use crate::model::{Event, ScenarioId, What};
use account::Account;
use files::Files;
use overview::Overview;
use pack::Pack;
use shape::Log;
use sources::Sources;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// The reporter.
pub struct Html {
    output: Output,
    options: Options,
    account: Account,
    pack: Pack,
    files: Files,
    sources: Sources,
    /// Where what is known of a scenario was packed; the last part is the newest.
    parts: HashMap<ScenarioId, Vec<(usize, usize)>>,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    let folder = match output {
        Output::File(path) => Some(folder_of(path)),
        Output::Stdout => None,
    };
    Ok(Box::new(Html {
        output: output.clone(),
        account: Account::default(),
        pack: Pack::default(),
        files: Files::new(options.run_dir.clone(), folder),
        sources: Sources::new(&options.project),
        parts: HashMap::new(),
        options: options.clone(),
    }))
}

/// Where artifacts stand that are too large for the page: `report.files` beside `report.html`.
fn folder_of(page: &Path) -> PathBuf {
    page.with_extension("files")
}

impl Reporter for Html {
    fn on(&mut self, event: &Event, view: &View) -> io::Result<()> {
        self.account.on(event);
        // What is parked goes on: it is packed when nothing more can come.
        if let What::ScenarioEnded {
            scenario, outcome, ..
        } = &event.what
            && *outcome != crate::model::Outcome::Parked
        {
            self.pack(scenario, view)?;
        }
        Ok(())
    }

    fn past(&mut self, event: &Event, _: &View) -> io::Result<()> {
        self.account.on(event);
        Ok(())
    }

    fn recalls(&self) -> bool {
        true
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        for scenario in &view.scenarios {
            let id = &scenario.declared.id;
            if self.account.has_news(id) || !self.parts.contains_key(id) {
                self.pack(id, view)?;
            }
        }
        let shared = self.pack_shared(view);
        self.pack.close();
        let past = self.options.past_of(view);
        let overview = Overview::of(view, &self.options, &self.parts, &past);
        let overview = overview.sharing(shared).json();
        let page = page::assemble(&overview, self.pack.chunks(), self.files.chunks());
        self.output.write(&page)
    }
}

impl Html {
    /// What shared services wrote: whose they were, and where it is packed.
    fn pack_shared(&mut self, view: &View) -> Vec<(String, (usize, usize))> {
        let logs = shared_logs(view).filter_map(|(file, kept)| {
            let json = shared_log(kept, view, &self.files)?;
            Some((file.clone(), self.pack.add(json)))
        });
        logs.collect()
    }

    fn pack(&mut self, id: &ScenarioId, view: &View) -> io::Result<()> {
        let Some(scenario) = view.scenario(id) else {
            return Ok(());
        };
        if scenario.tries.is_empty() {
            return Ok(());
        }
        let taken = self.account.take(id);
        let json = detail::json(scenario, view, &taken, &mut self.sources, &mut self.files)?;
        let place = self.pack.add(json);
        self.parts.entry(id.clone()).or_default().push(place);
        Ok(())
    }
}

/// What services wrote that were shared, and by whom.
fn shared_logs(view: &View) -> impl Iterator<Item = &(String, AttachmentView)> {
    let kept = view.shared.iter();
    kept.filter(|(_, kept)| kept.media_type == lines::MEDIA_TYPE)
}

/// One of them, as JSON.
fn shared_log(kept: &AttachmentView, view: &View, files: &Files) -> Option<Vec<u8>> {
    let began = view.started.unwrap_or_default();
    let read = lines::read(&files.whole(&kept.path), began);
    let log = Log {
        service: lines::service(&kept.name).to_owned(),
        cut: read.cut,
        lines: read.lines,
        ..Log::default()
    };
    serde_json::to_vec(&log).ok()
}

/// A page that asks for its data while a run goes on, see `scenario report --serve`.
pub mod live {
    use super::*;

    /// What there is of a run so far, for a page that looks on.
    pub struct Live {
        options: Options,
        account: Account,
        files: Files,
        sources: Sources,
        pub view: View,
        pub seq: u64,
    }

    impl Live {
        /// Nothing yet.
        pub fn new(options: &Options) -> Self {
            Self {
                account: Account::default(),
                files: Files::new(options.run_dir.clone(), None),
                sources: Sources::new(&options.project),
                view: View::default(),
                seq: 0,
                options: options.clone(),
            }
        }

        /// One more event.
        pub fn on(&mut self, event: &Event) {
            self.view.apply(event);
            self.account.on(event);
            self.seq = event.seq;
        }

        /// The page, which asks for the rest.
        pub fn page(&self) -> Vec<u8> {
            page::assemble_live(&self.overview())
        }

        /// What the list of scenarios needs.
        pub fn overview(&self) -> String {
            let past = self.options.past_of(&self.view);
            let shared = shared_logs(&self.view).zip(0usize..);
            let shared: Vec<_> = shared.map(|((file, _), number)| (file, number)).collect();
            Overview::of(&self.view, &self.options, &HashMap::new(), &past)
                .sharing(shared)
                .live(self.seq)
                .json()
        }

        /// What a shared service wrote, by its number in the overview.
        pub fn shared(&self, number: usize) -> Option<Vec<u8>> {
            let (_, kept) = shared_logs(&self.view).nth(number)?;
            shared_log(kept, &self.view, &self.files)
        }

        /// A file that is kept with the run, and what it may be shown as.
        pub fn file(&self, path: &str) -> Option<(Vec<u8>, &'static str)> {
            let attempts = self
                .view
                .scenarios
                .iter()
                .flat_map(|scenario| &scenario.tries);
            let attempts = attempts
                .flat_map(|tried| &tried.phases)
                .flat_map(|phase| &phase.attempts);
            let mut kept = attempts.flat_map(|attempt| &attempt.attachments);
            let media_type = kept
                .find(|one| one.path == path)
                .map(|one| one.media_type.as_str());
            // Pictures that steps name are no attachments.
            let media_type = media_type.or(path.ends_with(".png").then_some("image/png"))?;
            Some((self.files.whole(path), files::shown_as(media_type)))
        }

        /// Everything about one scenario.
        pub fn detail(&mut self, id: &ScenarioId) -> io::Result<Option<Vec<u8>>> {
            let Some(scenario) = self.view.scenario(id) else {
                return Ok(None);
            };
            let taken = self.account.look(id);
            detail::json(
                scenario,
                &self.view,
                &taken,
                &mut self.sources,
                &mut self.files,
            )
            .map(Some)
        }
    }
}
