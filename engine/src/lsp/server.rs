//! The session: what the client asks, and who answers it. Decides nothing itself.

use super::desk::{Desk, Publish, path_of};
use super::lenses::{self, RERUN_FAILED, RUN};
use super::{Host, answer, frames, outline, position};
use crate::complete::{self, Symbol};
use scenario_stdlib::language::STACK_SIZE;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader};
use tokio::runtime::Handle;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    CodeLens, CodeLensOptions, CodeLensParams, CompletionOptions, CompletionParams,
    CompletionResponse, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentSymbolParams,
    DocumentSymbolResponse, ExecuteCommandOptions, ExecuteCommandParams, GotoDefinitionParams,
    GotoDefinitionResponse, Hover, HoverParams, HoverProviderCapability, InitializeParams,
    InitializeResult, InitializedParams, Location, MessageType, OneOf, Range, SaveOptions,
    ServerCapabilities, ServerInfo, SignatureHelp, SignatureHelpOptions, SignatureHelpParams,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri,
};
use tower_lsp_server::{Client, LanguageServer, LspService, Server};

/// Serves one client until it is gone.
pub async fn serve(
    host: Box<dyn Host>,
    input: impl AsyncRead + Unpin + Send + 'static,
    output: impl AsyncWrite + Unpin,
) {
    // The transport stops at the first message that is none, so it only gets to see good ones.
    let (clean, mut passed) = tokio::io::duplex(1 << 16);
    let reading = tokio::spawn(async move {
        // An input that breaks is one that has ended.
        let _ = frames::copy(&mut BufReader::new(input), &mut passed).await;
    });
    let (service, socket) = LspService::new(|client| Session::new(client, host));
    Server::new(clean, output, socket).serve(service).await;
    reading.abort();
}

struct Session {
    client: Client,
    desk: Arc<Desk>,
    folder: parking_lot::Mutex<Option<PathBuf>>,
    /// The editor can put its cursor between the brackets of a call.
    snippets: AtomicBool,
    /// The editor asks for lenses again when it is told to.
    refreshes: Arc<AtomicBool>,
    is_running: Arc<AtomicBool>,
}

impl Session {
    fn new(client: Client, host: Box<dyn Host>) -> Self {
        let (desk, inbox) = Desk::new(host);
        let refreshes = Arc::new(AtomicBool::new(false));
        let handle = Handle::current();
        let publish: Publish = {
            let (client, handle) = (client.clone(), handle.clone());
            Box::new(move |uri, found, version| {
                handle.block_on(client.publish_diagnostics(uri, found, version));
            })
        };
        let refresh = {
            let (client, refreshes) = (client.clone(), refreshes.clone());
            move || {
                if refreshes.load(Ordering::Relaxed) {
                    let client = client.clone();
                    // Not waited for: a client need not answer.
                    handle.spawn(async move { client.code_lens_refresh().await });
                }
            }
        };
        let at_desk = desk.clone();
        // Scripts need deep stacks, also to be checked. Without the thread there are no diagnostics, and all else works.
        let _ = std::thread::Builder::new()
            .name("check".into())
            .stack_size(STACK_SIZE)
            .spawn(move || inbox.work(&at_desk, &publish, &refresh));
        Self {
            client,
            desk,
            folder: parking_lot::Mutex::default(),
            snippets: AtomicBool::new(false),
            refreshes,
            is_running: Arc::default(),
        }
    }

    /// Opens the project unless it is open, and tells what is in the way.
    async fn open_project(&self) {
        let folder = self.folder.lock().clone();
        if let (Some(folder), None) = (folder, self.desk.project())
            && let Err(problem) = self.desk.open_project(&folder)
        {
            self.client.show_message(MessageType::ERROR, problem).await;
        }
    }

    /// The file behind an import of a text; a module of the program is written down for the editor to show.
    fn module_file(&self, from: &Uri, path: &str) -> Option<(PathBuf, String)> {
        let file = self.desk.file_of(from);
        let found = self.desk.project()?.library.import(&file, path)?;
        let path = match found.path {
            Some(path) => path,
            None => written_down(&found.name, &found.text)?,
        };
        Some((path, found.text))
    }

    async fn run(&self, line: Vec<String>) {
        let Some(project) = self.desk.project() else {
            return;
        };
        if self.is_running.swap(true, Ordering::SeqCst) {
            let told = "a run goes on; wait for its end";
            self.client.show_message(MessageType::INFO, told).await;
            return;
        }
        let (client, desk, is_running) = (
            self.client.clone(),
            self.desk.clone(),
            self.is_running.clone(),
        );
        tokio::spawn(async move {
            let ended = run(&client, &project.root, &line).await;
            is_running.store(false, Ordering::SeqCst);
            desk.read_results();
            let (kind, told) = match ended {
                Ok(Some(0)) => (MessageType::INFO, "passed".to_owned()),
                Ok(Some(code)) => (MessageType::WARNING, format!("exit {code}, see the output")),
                Ok(None) => (MessageType::WARNING, "the run was killed".to_owned()),
                Err(error) => (MessageType::ERROR, format!("cannot run: {error}")),
            };
            let target = line.last().cloned().unwrap_or_default();
            client.show_message(kind, format!("{target}: {told}")).await;
        });
    }
}

/// Runs this program and passes on what it says.
async fn run(client: &Client, root: &Path, line: &[String]) -> std::io::Result<Option<i32>> {
    let mut child = tokio::process::Command::new(std::env::current_exe()?)
        .args(line)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let tell = |pipe: Option<Box<dyn AsyncRead + Unpin + Send>>| async move {
        let Some(pipe) = pipe else { return };
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            client.log_message(MessageType::LOG, line).await;
        }
    };
    tokio::join!(
        tell(out.map(|pipe| Box::new(pipe) as _)),
        tell(err.map(|pipe| Box::new(pipe) as _))
    );
    Ok(child.wait().await?.code())
}

/// A module of the program as a file that can be looked at.
fn written_down(name: &str, text: &str) -> Option<PathBuf> {
    let folder = format!("scenario-modules-{}", env!("CARGO_PKG_VERSION"));
    let path = std::env::temp_dir()
        .join(folder)
        .join(format!("{name}.rhai"));
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known != text {
        std::fs::create_dir_all(path.parent()?).ok()?;
        std::fs::write(&path, text).ok()?;
    }
    Some(path)
}

/// The folder that the client works in.
fn folder(params: &InitializeParams) -> Option<PathBuf> {
    let first = params.workspace_folders.iter().flatten().next();
    #[expect(deprecated, reason = "what older clients send")]
    let root = first
        .map(|folder| folder.uri.clone())
        .or_else(|| params.root_uri.clone());
    root.and_then(|uri| path_of(&uri))
        .or_else(|| std::env::current_dir().ok())
}

impl LanguageServer for Session {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let text = params.capabilities.text_document.as_ref();
        let item = text
            .and_then(|text| text.completion.as_ref())
            .and_then(|completion| completion.completion_item.as_ref());
        let snippets = item.and_then(|item| item.snippet_support);
        self.snippets
            .store(snippets.unwrap_or(false), Ordering::Relaxed);
        let workspace = params.capabilities.workspace.as_ref();
        let lens = workspace.and_then(|workspace| workspace.code_lens.as_ref());
        let refreshes = lens.and_then(|lens| lens.refresh_support);
        self.refreshes
            .store(refreshes.unwrap_or(false), Ordering::Relaxed);
        *self.folder.lock() = folder(&params);
        Ok(InitializeResult {
            capabilities: capabilities(),
            server_info: Some(ServerInfo {
                name: "scenario".into(),
                version: Some(env!("CARGO_PKG_VERSION").into()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.open_project().await;
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let opened = params.text_document;
        let uri = opened.uri.clone();
        self.desk
            .documents
            .lock()
            .open(opened.uri, opened.version, opened.text);
        self.desk.changed(&uri);
        self.open_project().await;
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let changed = params.text_document;
        self.desk
            .documents
            .lock()
            .change(&changed.uri, changed.version, params.content_changes);
        self.desk.changed(&changed.uri);
    }

    async fn did_save(&self, _: DidSaveTextDocumentParams) {
        self.open_project().await;
        self.desk.check_all();
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.desk.documents.lock().close(&uri);
        self.desk.changed(&uri);
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let place = params.text_document_position;
        let snippets = self.snippets.load(Ordering::Relaxed);
        let items = self.desk.with(&place.text_document.uri, |context, text| {
            let offset = position::offset(text, place.position);
            answer::completions(text, complete::complete(context, text, offset), snippets)
        });
        Ok(items.map(CompletionResponse::Array))
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let place = params.text_document_position_params;
        let found = self.desk.with(&place.text_document.uri, |context, text| {
            let offset = position::offset(text, place.position);
            let (bytes, told) = complete::hover(context, text, offset)?;
            Some(answer::hover(text, &bytes, told))
        });
        Ok(found.flatten())
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        let place = params.text_document_position_params;
        let found = self.desk.with(&place.text_document.uri, |context, text| {
            let offset = position::offset(text, place.position);
            complete::signature_at(context, text, offset).map(answer::signatures)
        });
        Ok(found.flatten())
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let place = params.text_document_position_params;
        let uri = place.text_document.uri;
        let here = |text: &str, bytes: &std::ops::Range<usize>| Location {
            uri: uri.clone(),
            range: position::range(text, bytes),
        };
        let found = self.desk.with(&uri, |context, text| {
            let offset = position::offset(text, place.position);
            let (_, symbol) = complete::symbol_at(context, text, offset)?;
            let places = match symbol {
                Symbol::Variable(bytes, _) | Symbol::Function(bytes, ..) => {
                    vec![here(text, &bytes)]
                }
                Symbol::State(all) => all.iter().map(|bytes| here(text, bytes)).collect(),
                Symbol::Exported(path, export) => {
                    let (file, module) = self.module_file(&uri, &path)?;
                    vec![Location {
                        uri: Uri::from_file_path(file)?,
                        range: position::range(&module, &export.place),
                    }]
                }
                Symbol::Module(path) => {
                    let (file, _) = self.module_file(&uri, &path)?;
                    vec![Location {
                        uri: Uri::from_file_path(file)?,
                        range: Range::default(),
                    }]
                }
                Symbol::Global(_) | Symbol::Entries(_) | Symbol::Option(..) => Vec::new(),
            };
            Some(GotoDefinitionResponse::Array(places))
        });
        Ok(found.flatten())
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        let text = self.desk.text(&params.text_document.uri);
        Ok(text.map(|text| DocumentSymbolResponse::Nested(outline::symbols(&text))))
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let uri = params.text_document.uri;
        let file = self.desk.file_of(&uri);
        let text = self.desk.text(&uri);
        Ok(text.map(|text| lenses::lenses(&file, &text, &self.desk.ran.read())))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        match lenses::command_line(&params.command, &params.arguments) {
            Some(line) => self.run(line).await,
            None => {
                let told = format!("there is no command `{}` of such arguments", params.command);
                self.client.show_message(MessageType::ERROR, told).await;
            }
        }
        Ok(None)
    }
}

fn capabilities() -> ServerCapabilities {
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::SaveOptions(
                    SaveOptions::default(),
                )),
                ..TextDocumentSyncOptions::default()
            },
        )),
        completion_provider: Some(CompletionOptions {
            trigger_characters: words(&[".", ":", "{", "\"", "/"]),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: words(&["(", ","]),
            ..SignatureHelpOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        code_lens_provider: Some(CodeLensOptions {
            resolve_provider: Some(false),
        }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![RUN.into(), RERUN_FAILED.into()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}
