//! The open texts and the project they belong to, and the thread that checks them: one check after the other, always of
//! what stands there now.

use super::diagnose::diagnostics;
use super::documents::{Document, Documents};
use super::{Host, Project, Ran};
use crate::complete::{self, Context};
use parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use tower_lsp_server::ls_types::{Diagnostic, Uri};

/// A longer text is neither checked nor completed: no scenario is that long, and a check costs time with its square.
const LONGEST: usize = 2 << 20;

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
        };
        (Arc::new(desk), Inbox(inbox))
    }

    /// Opens the project that `folder` is in.
    pub fn open_project(&self, folder: &Path) -> Result<(), String> {
        let project = self.host.open(folder)?;
        for (uri, document) in self.documents.lock().all() {
            if let Some(path) = path_of(&uri) {
                project
                    .library
                    .overlay(&path, Some(document.text.to_string()));
            }
        }
        *self.project.write() = Some(Arc::new(project));
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
        let found = match self.project() {
            Some(project) if document.text.len() <= LONGEST => {
                let file = self.file_of(uri);
                let problems = project.library.examine(&file, &document.text);
                diagnostics(&file, &document.text, &problems, &self.ran.read())
            }
            _ => Vec::new(),
        };
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
            let all: Vec<Work> = std::iter::once(first).chain(self.0.try_iter()).collect();
            if all.iter().any(|work| matches!(work, Work::Results)) {
                *desk.ran.write() = desk.host.last();
                refresh();
            }
            let typed = all.into_iter().rev().find_map(|work| match work {
                Work::Check(uri) => uri,
                Work::Results => None,
            });
            let mut documents = desk.documents.lock().all();
            documents.sort_by_key(|(uri, _)| Some(uri) != typed.as_ref());
            let is_open = documents.iter().any(|(uri, _)| Some(uri) == typed.as_ref());
            if let Some(closed) = typed.filter(|_| !is_open) {
                publish(closed, Vec::new(), None);
            }
            for (uri, document) in documents {
                // A text that changed meanwhile is in the inbox already.
                let now = desk.documents.lock().get(&uri);
                if now.is_some_and(|now| now.version == document.version) {
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
