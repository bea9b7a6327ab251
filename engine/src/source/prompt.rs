//! Statements that are typed one after another: compiled and checked like a file, each seeing what those before declared.
//! Evaluates nothing.
//!
//! All of them together are one text, behind that of a file whose functions and imports they may use. So every place in
//! it can be drawn, also that of a function defined long ago.

use super::check::{self, FileKind, Kind, Unit, tokens};
use super::load::Library;
pub use super::path::between;
use super::path::tidy;
use rhai::{AST, ASTFlags, ASTNode, Expr, Stmt};
use scenario_stdlib::host::failure::{Code, Failure};
use scenario_stdlib::host::location::Location;
use std::path::Path;
use std::sync::Arc;

/// What has been typed so far.
pub struct Prompt {
    library: Arc<Library>,
    /// How the text is called by Rhai: lies in the folder that imports are relative to.
    name: String,
    base: Option<Base>,
    /// Where in the text scripts stand that were loaded.
    loaded: Vec<Loaded>,
    text: String,
    lines: usize,
    /// Functions and imports of all statements so far, and the text they stand in.
    known: AST,
    definitions: String,
}

/// The file that is there from the beginning.
struct Base {
    file: String,
    lines: usize,
}

/// A script that was loaded.
struct Loaded {
    file: String,
    /// Lines of the text before it.
    before: usize,
    lines: usize,
}

/// A statement, ready to be evaluated.
pub struct Compiled {
    /// With the functions and imports of those before.
    pub ast: AST,
    pub sort: Sort,
    own: AST,
    text: String,
    lines: usize,
}

/// What a statement is, for whoever writes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Only functions and imports.
    Definition,
    /// Compares, and does nothing else with the outcome.
    Comparison,
    /// Looks at a value, and calls nothing.
    Look,
    Action,
}

/// How the text of the prompt is called in messages.
const SHOWN: &str = "repl";

impl Prompt {
    /// An empty prompt whose imports are relative to `folder`, below the project.
    pub fn new(library: Arc<Library>, folder: &str) -> Self {
        let name = match folder {
            "" | "." => SHOWN.to_owned(),
            folder => format!("{folder}/{SHOWN}"),
        };
        Self {
            library,
            name,
            base: None,
            loaded: Vec::new(),
            text: String::new(),
            lines: 0,
            known: AST::empty(),
            definitions: String::new(),
        }
    }

    /// A prompt that knows the functions and imports of `file`. Gives its constants and variables too, as statements of
    /// their own, to be evaluated by whoever can.
    pub fn open(library: Arc<Library>, file: &str) -> Result<(Self, Vec<AST>), Vec<Failure>> {
        library.load(file)?;
        let text = library.language().sources().get(file).unwrap_or_default();
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        let mut prompt = Self::new(library.clone(), &folder.to_string_lossy());
        let lines = text.lines().count();
        prompt.base = Some(Base {
            file: file.to_owned(),
            lines,
        });
        prompt.text = format!("{}\n", text.trim_end_matches('\n'));
        prompt.lines = lines;
        let name = prompt.name.clone();
        let ast = library
            .language()
            .compile(&name, &prompt.text)
            .map_err(|error| vec![check::explain_parse_error(&text, &error, file)])?;
        prompt.known = definitions(&ast);
        prompt.definitions.clone_from(&prompt.text);
        let is_plain = check::classify(&ast) == FileKind::Plain;
        let sets = ast.statements().iter().filter(|statement| match statement {
            Stmt::Var(_, flags, _) => !is_plain || flags.contains(ASTFlags::CONSTANT),
            _ => false,
        });
        let sets = sets
            .map(|statement| {
                prompt.with(&AST::new(
                    [statement.clone()],
                    AST::empty().shared_lib().clone(),
                ))
            })
            .collect();
        Ok((prompt, sets))
    }

    /// Compiles and checks a statement; `variables` are those there are.
    pub fn compile(&self, text: &str, variables: &[String]) -> Result<Compiled, Vec<Failure>> {
        let language = self.library.language();
        let padded = format!("{}{text}", "\n".repeat(self.lines));
        let whole = format!("{}{text}\n", self.text);
        let compiled = language.compile(&self.name, &padded);
        language.sources().add(&self.name, whole);
        let own = compiled.map_err(|error| {
            vec![self.told(check::explain_parse_error(&padded, &error, &self.name))]
        })?;
        let ast = self.with(&own);
        let imports = |path: &str| self.library.resolver.module(Some(&self.name), path).ok();
        let unit = Unit {
            file: &self.name,
            source: &padded,
            ast: &ast,
            imports: &imports,
        };
        let first = self.lines as u32 + 1;
        let problems = check::check_more(&unit, &self.library.names, variables, first);
        if !problems.is_empty() {
            return Err(problems.into_iter().map(|one| self.told(one)).collect());
        }
        Ok(Compiled {
            sort: sort(&own),
            ast,
            own,
            text: text.to_owned(),
            lines: text.lines().count().max(1),
        })
    }

    /// Compiles and checks the statements of a script, whose places are told as those of `file`.
    pub fn compile_file(
        &mut self,
        file: &str,
        text: &str,
        variables: &[String],
    ) -> Result<Compiled, Vec<Failure>> {
        self.loaded.push(Loaded {
            file: file.to_owned(),
            before: self.lines,
            lines: text.lines().count().max(1),
        });
        let compiled = self.compile(text, variables);
        if compiled.is_err() {
            self.loaded.pop();
        }
        compiled
    }

    /// The statements of a script that is kept, one by one.
    pub fn statements(&self, compiled: &Compiled) -> Vec<(AST, Sort)> {
        let all = compiled.own.statements().iter();
        let all = all.filter(|one| !matches!(one, Stmt::Import(..) | Stmt::Noop(_)));
        let all = all.map(|one| AST::new([one.clone()], AST::empty().shared_lib().clone()));
        all.map(|own| (self.with(&own), sort(&own))).collect()
    }

    /// Remembers a statement that was evaluated, whatever came of it: its functions are there from now on.
    pub fn keep(&mut self, compiled: &Compiled) {
        self.text.push_str(compiled.text.trim_end_matches('\n'));
        self.text.push('\n');
        self.lines += compiled.lines;
        let new = definitions(&compiled.own);
        let named = |name: &str| rhai::is_valid_identifier(name);
        if !new.statements().is_empty() || new.iter_functions().any(|one| named(one.name)) {
            self.definitions
                .push_str(compiled.text.trim_end_matches('\n'));
            self.definitions.push('\n');
        }
        self.known = self.known.merge(&new);
    }

    /// The text in which functions and imports stand.
    pub fn definitions(&self) -> &str {
        &self.definitions
    }

    /// Forgets imports that cannot be resolved any more; says what is wrong with them.
    pub fn drop_broken_imports(&mut self) -> Vec<Failure> {
        let mut broken = Vec::new();
        let whole = |statement: &Stmt| match statement {
            Stmt::Import(parts, _) => match &parts.0 {
                Expr::StringConstant(path, _) => Some(path.to_string()),
                _ => None,
            },
            _ => None,
        };
        let kept: Vec<Stmt> = self
            .known
            .statements()
            .iter()
            .filter(|statement| {
                let Some(path) = whole(statement) else {
                    return true;
                };
                match self.library.resolver.check(Some(&self.name), &path) {
                    Ok(_) => true,
                    Err(problems) => {
                        broken.extend(problems);
                        false
                    }
                }
            })
            .cloned()
            .collect();
        self.known = AST::new(kept, self.known.shared_lib().clone());
        broken
    }

    /// How Rhai calls the text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of the file that is there from the beginning.
    pub fn base_text(&self) -> &str {
        let Some(base) = &self.base else {
            return "";
        };
        let mut ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let end = base.lines.checked_sub(1).and_then(|last| ends.nth(last));
        &self.text[..end.unwrap_or(0)]
    }

    /// What imports are relative to, below the project.
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The functions that are there, as a person calls them: `total(a, b)`.
    pub fn functions(&self) -> Vec<String> {
        let named = self.known.iter_functions();
        let named = named.filter(|function| rhai::is_valid_identifier(function.name));
        let mut all: Vec<String> = named
            .map(|function| format!("{}({})", function.name, function.params.join(", ")))
            .collect();
        all.sort();
        all
    }

    /// Bad news whose places are told as a person knows them: in the file, or at the prompt.
    pub fn told(&self, mut failure: Failure) -> Failure {
        let places = failure.location.iter_mut().chain(&mut failure.calls);
        for place in places {
            self.tell(place);
        }
        let base = self.base.as_ref().map_or(0, |base| base.lines as u32);
        if failure.code == Code::Script {
            for detail in &mut failure.details {
                // `also: lines 12, 14` counts the lines of the file, too.
                if detail.label == "also" && base > 0 {
                    detail.label.clear();
                }
            }
            failure.details.retain(|detail| !detail.label.is_empty());
        }
        failure
    }

    fn tell(&self, place: &mut Location) {
        if place.file != self.name {
            return;
        }
        match &self.base {
            Some(base) if place.line as usize <= base.lines => place.file.clone_from(&base.file),
            base => {
                let line = place.line as usize;
                let mut loaded = self.loaded.iter();
                let from =
                    loaded.find(|one| (one.before + 1..=one.before + one.lines).contains(&line));
                let (file, before) = match from {
                    Some(one) => (one.file.as_str(), one.before),
                    None => (SHOWN, base.as_ref().map_or(0, |base| base.lines)),
                };
                place.file = file.to_owned();
                place.line -= before as u32;
            }
        }
    }

    /// `own` behind all definitions so far.
    fn with(&self, own: &AST) -> AST {
        let mut ast = self.known.merge(own);
        ast.set_source(&self.name);
        ast
    }
}

/// Only functions and imports.
fn definitions(ast: &AST) -> AST {
    let imports = ast
        .statements()
        .iter()
        .filter(|one| matches!(one, Stmt::Import(..)));
    let imports: Vec<Stmt> = imports.cloned().collect();
    AST::new(imports, ast.shared_lib().clone())
}

fn sort(ast: &AST) -> Sort {
    let is_definition = |one: &Stmt| matches!(one, Stmt::Import(..) | Stmt::Noop(_));
    match ast.statements() {
        all if all.iter().all(is_definition) => Sort::Definition,
        [Stmt::Expr(expression)] if compares(expression) => Sort::Comparison,
        // A call of an operator is a statement of its own kind.
        [Stmt::FnCall(call, _)] if call.is_operator_call() && is_comparison(&call.name) => {
            Sort::Comparison
        }
        [Stmt::Expr(_) | Stmt::FnCall(..)] if !acts(ast) => Sort::Look,
        _ => Sort::Action,
    }
}

fn is_comparison(name: &str) -> bool {
    ["==", "!=", "<", "<=", ">", ">=", "contains", "!"].contains(&name)
}

fn compares(expression: &Expr) -> bool {
    match expression {
        Expr::FnCall(call, _) => call.is_operator_call() && is_comparison(&call.name),
        Expr::And(..) | Expr::Or(..) => true,
        _ => false,
    }
}

fn acts(ast: &AST) -> bool {
    let mut found = false;
    ast.walk(&mut |path| {
        found |= match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => {
                !call.is_operator_call()
            }
            Some(ASTNode::Expr(Expr::MethodCall(..) | Expr::Custom(..))) => true,
            _ => false,
        };
        !found
    });
    found
}

/// Whether a person who typed this has more to say: an open bracket, string or comment, or an operator at the end. A
/// blank line ends all but brackets and strings.
pub fn is_open(text: &str) -> bool {
    let found = tokens(text);
    let nesting: i32 = found.iter().map(check::Token::nesting).sum();
    let unclosed = found
        .iter()
        .any(|token| !token.closed && matches!(token.kind, Kind::Template | Kind::Comment));
    if nesting > 0 || unclosed {
        return true;
    }
    let wants_more = found.last().is_some_and(|last| match last.kind {
        Kind::Symbol => ENDS_OPEN.contains(&last.text),
        Kind::Word => last.text == "else",
        _ => false,
    });
    wants_more && !text.ends_with("\n")
}

/// What no statement ends with.
const ENDS_OPEN: &[&str] = &[
    "=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "&&", "||",
    "??", ".", "?.", ",", "=>", "::", ":", "&", "^", "<",
];

/// `path` below the project, as `import` in a script at the prompt would name it.
pub fn below(project: &Path, path: &Path) -> String {
    let path = tidy(path);
    let path = path.strip_prefix(project).unwrap_or(&path);
    path.to_string_lossy().into_owned()
}
