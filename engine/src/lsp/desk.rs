//! The open texts and the project they belong to, and the thread that checks them: one check after the other, always of
//! what stands there now.

use super::diagnose::diagnostics;
use super::documents::{Document, Documents};
use super::{Host, Project, Ran};
use crate::complete::{self, Context};
use parking_lot::{Mutex, RwLock};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use tower_lsp_server::ls_types::{Diagnostic, Uri};

/// A longer text is neither checked nor completed: no scenario is that long, and a check costs time with its square.
const LONGEST: usize = 1 << 20;

/// What the thread is asked for.
enum Work {
    /// Everything; this text first, because somebody types in it.
    Check(Option<Uri>),
    /// The results of the last run anew, then everything.
    Results,
}

/// Where diagnostics go.
pub type Publish = Box<dyn Fn(Uri, Vec<Diagnostic>, Option<i32>) + Send>;

/// The state of a session.
pub struct Desk {
    pub documents: Mutex<Documents>,
    project: RwLock<Option<Arc<Project>>>,
    pub ran: RwLock<Vec<Ran>>,
    host: Box<dyn Host>,
    work: Mutex<Sender<Work>>,
    opening: Mutex<()>,
}

impl Desk {
    pub fn new(host: Box<dyn Host>) -> (Arc<Self>, Inbox) {
        let (work, inbox) = mpsc::channel();
        let desk = Self {
            documents: Mutex::default(),
            project: RwLock::default(),
            ran: RwLock::default(),
            host,
            work: Mutex::new(work),
            opening: Mutex::default(),
        };
        (Arc::new(desk), Inbox(inbox))
    }

    /// Opens the project that `folder` is in, unless it is open.
    pub fn open_project(&self, folder: &Path) -> Result<(), String> {
        let _opening = self.opening.lock();
        if self.project().is_some() {
            return Ok(());
        }
        let project = Arc::new(self.host.open(folder)?);
        *self.project.write() = Some(project.clone());
        // Held, so that no newer text is replaced by an older one.
        let documents = self.documents.lock();
        for (uri, document) in documents.all() {
            if let Some(path) = path_of(&uri) {
                let text = document.text.to_string();
                project.library.overlay(&path, Some(text));
            }
        }
        drop(documents);
        self.ask(Work::Results);
        Ok(())
    }

    pub fn project(&self) -> Option<Arc<Project>> {
        self.project.read().clone()
    }

    /// A text is there, or reads differently, or (`None`) is closed.
    pub fn changed(&self, uri: &Uri) {
        if let (Some(project), Some(path)) = (self.project(), path_of(uri)) {
            let text = self.documents.lock().get(uri);
            let text = text.filter(|document| document.text.len() <= LONGEST);
            project
                .library
                .overlay(&path, text.map(|document| document.text.to_string()));
        }
        self.ask(Work::Check(Some(uri.clone())));
    }

    /// Something beside the open texts may have changed.
    pub fn check_all(&self) {
        self.ask(Work::Check(None));
    }

    /// A run has ended.
    pub fn read_results(&self) {
        self.ask(Work::Results);
    }

    fn ask(&self, work: Work) {
        // Nobody listens any more when the session ends.
        let _ = self.work.lock().send(work);
    }

    /// How a text is called: its path in the project, or all of it.
    pub fn file_of(&self, uri: &Uri) -> String {
        let Some(path) = path_of(uri) else {
            return "untitled.rhai".into();
        };
        let root = self.project().map(|project| project.root.clone());
        let inside = root.as_deref().and_then(|root| {
            let real = path.canonicalize().ok();
            let inside = path.strip_prefix(root).ok().map(Path::to_path_buf);
            inside.or_else(|| {
                let root = root.canonicalize().ok()?;
                Some(real?.strip_prefix(root).ok()?.to_path_buf())
            })
        });
        let path = inside.unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }

    /// An open text, unless it is too long to be looked at.
    pub fn text(&self, uri: &Uri) -> Option<Arc<str>> {
        let document = self.documents.lock().get(uri)?;
        (document.text.len() <= LONGEST).then_some(document.text)
    }

    /// Answers a question about a text with what is known beside it.
    pub fn with<T>(&self, uri: &Uri, ask: impl FnOnce(&Context<'_>, &str) -> T) -> Option<T> {
        let text = self.text(uri)?;
        let project = self.project();
        let file = self.file_of(uri);
        let module = |path: &str| match &project {
            Some(project) => Some(project.library.import(&file, path)?.text),
            None => complete::embedded(path),
        };
        let context = Context {
            book: complete::book(),
            locals: &[],
            module: &module,
        };
        Some(ask(&context, &text))
    }

    fn check(&self, uri: &Uri, document: &Document, publish: &Publish) {
        // Before the project is open nothing is known to be right either.
        let Some(project) = self.project() else {
            return;
        };
        let mut found = Vec::new();
        if document.text.len() <= LONGEST {
            let file = self.file_of(uri);
            // Whatever a text does to the check, the next one is checked again.
            let examined = catch_unwind(AssertUnwindSafe(|| {
                project.library.examine(&file, &document.text)
            }));
            let problems = examined.unwrap_or_default();
            found = diagnostics(&file, &document.text, &problems, &self.ran.read());
        }
        publish(uri.clone(), found, Some(document.version));
    }
}

/// What the thread has to do.
pub struct Inbox(Receiver<Work>);

impl Inbox {
    /// Checks until the session ends. `refresh` is called when there are new results.
    pub fn work(self, desk: &Desk, publish: &Publish, refresh: &dyn Fn()) {
        while let Ok(first) = self.0.recv() {
            // Whatever was asked for meanwhile is answered by the same check.
            let asked: Vec<Work> = std::iter::once(first).chain(self.0.try_iter()).collect();
            if asked.iter().any(|work| matches!(work, Work::Results)) {
                *desk.ran.write() = desk.host.last();
                refresh();
            }
            let is_all = |work: &Work| !matches!(work, Work::Check(Some(_)));
            let all = asked.iter().any(is_all);
            let typed: Vec<Uri> = asked
                .into_iter()
                .filter_map(|work| match work {
                    Work::Check(uri) => uri,
                    Work::Results => None,
                })
                .collect();
            let mut documents = desk.documents.lock().all();
            for closed in &typed {
                if !documents.iter().any(|(uri, _)| uri == closed) {
                    publish(closed.clone(), Vec::new(), None);
                }
            }
            documents.sort_by_key(|(uri, _)| !typed.contains(uri));
            for (uri, document) in documents {
                // One that imports nothing is as good or bad as it was.
                let concerned = all || typed.contains(&uri) || document.text.contains("import");
                // A text that changed meanwhile is in the inbox already.
                let now = desk.documents.lock().get(&uri);
                if concerned && now.is_some_and(|now| now.version == document.version) {
                    desk.check(&uri, &document, publish);
                }
            }
        }
    }
}

/// The file of a text, if it is one.
pub fn path_of(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().as_str().eq_ignore_ascii_case("file");
    let path = is_file.then(|| uri.to_file_path()).flatten()?;
    Some(path.into_owned())
}
