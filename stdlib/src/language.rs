//! How an engine is put together: the standard library and all primitives are built once, an engine for an
//! attempt costs microseconds.

use crate::host::attempt::Attempt;
use crate::host::record::Level;
use crate::host::script::Terminated;
use crate::host::sources::Sources;
use crate::host::{inspect, json};
use crate::{PRIMITIVES, Primitive};
use rhai::packages::{Package, StandardPackage};
use rhai::{
    AST, Dynamic, Engine, Module, ModuleResolver, OptimizationLevel, Position, Scope, Shared,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Deepest nesting of script calls.
const CALL_LEVELS: usize = 100;
/// Deepest nesting of one expression, outside and inside functions.
const EXPRESSION_DEPTHS: (usize, usize) = (256, 128);
/// What a thread that runs scripts needs for these depths, also in a debug build.
pub const STACK_SIZE: usize = 8 << 20;

/// Everything a script can say, ready to be put into engines.
pub struct Language {
    standard: Standard,
    ours: Shared<Module>,
    globals: HashMap<&'static str, fn() -> Dynamic>,
    sources: Sources,
    resolver: Arc<dyn ModuleResolver>,
}

impl Language {
    /// The primitives of this crate plus `more` of the caller's, with imports answered by `resolver`.
    pub fn new(more: &[Primitive], resolver: Arc<dyn ModuleResolver>, sources: Sources) -> Self {
        let mut ours = Module::new();
        let mut globals = HashMap::new();
        for primitive in PRIMITIVES.iter().chain(more) {
            (primitive.register)(&mut ours);
            globals.extend(primitive.globals.iter().copied());
        }
        ours.build_index();
        Self {
            standard: Standard::default(),
            ours: Shared::new(ours),
            globals,
            sources,
            resolver,
        }
    }

    /// The text of every script loaded so far.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Names that are always there without being declared, such as `http`.
    pub fn global_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.globals.keys().copied()
    }

    /// The function libraries, Rhai's own first.
    pub fn modules(&self) -> [Shared<Module>; 2] {
        [self.standard.lazy.clone(), self.ours.clone()]
    }

    /// An engine for one attempt.
    pub fn engine(self: &Arc<Self>, attempt: &Attempt) -> Engine {
        let mut engine = self.bare_engine(Dynamic::from(attempt.clone()));
        let running = attempt.clone();
        engine.on_progress(move |operations| {
            running
                .interrupted(operations)
                .map(|stop| Dynamic::from(Terminated(stop)))
        });
        let printing = attempt.clone();
        engine.on_print(move |text| printing.log(Level::Info, text));
        let debugging = attempt.clone();
        engine.on_debug(move |text, _, position| {
            debugging.log(Level::Debug, format!("{text} ({position:?})"));
        });
        inspect::watch(&mut engine, attempt);
        engine
    }

    /// An engine that compiles and loads; primitives find `tag` in their call context. Without an attempt as its
    /// tag, those that act refuse.
    pub fn bare_engine(self: &Arc<Self>, tag: Dynamic) -> Engine {
        let mut engine = Engine::new_raw();
        engine.register_global_module(self.standard.module());
        engine.register_global_module(self.ours.clone());
        for primitive in PRIMITIVES {
            if let Some(syntax) = primitive.syntax {
                syntax(&mut engine);
            }
        }
        crate::words::free(&mut engine);
        engine.set_module_resolver(Resolver(self.resolver.clone()));
        engine.set_max_call_levels(CALL_LEVELS);
        engine.set_max_expr_depths(EXPRESSION_DEPTHS.0, EXPRESSION_DEPTHS.1);
        engine.set_max_strings_interned(0);
        engine.set_optimization_level(OptimizationLevel::None);
        engine.set_fail_on_invalid_map_property(true);
        engine.set_default_tag(tag);
        engine.on_print(|_| {});
        engine.on_debug(|_, _, _| {});
        let language = self.clone();
        #[expect(deprecated, reason = "volatile API of the pinned Rhai version")]
        engine.on_var(move |name, _, _| Ok(language.globals.get(name).map(|make| make())));
        engine
    }

    /// Compiles a script known as `file`, whose text is kept for error messages.
    pub fn compile(self: &Arc<Self>, file: &str, text: &str) -> Result<AST, rhai::ParseError> {
        self.sources.add(file, text);
        let engine = self.bare_engine(Dynamic::UNIT);
        let mut ast = engine.compile_with_scope(&Scope::new(), text)?;
        ast.set_source(file);
        Ok(ast)
    }
}

/// Rhai's own library. Made whole it takes longer than a small run; made as far as it is asked for, each engine pays for
/// each function again.
struct Standard {
    lazy: Shared<Module>,
    whole: OnceLock<Shared<Module>>,
    engines: AtomicUsize,
}

/// One for each thing done with a single small file: compiling it, loading it, running it.
const FEW_ENGINES: usize = 4;

impl Default for Standard {
    fn default() -> Self {
        Self {
            lazy: StandardPackage::new_lazy().as_shared_module(),
            whole: OnceLock::new(),
            engines: AtomicUsize::new(0),
        }
    }
}

impl Standard {
    /// For one more engine.
    fn module(&self) -> Shared<Module> {
        if self.engines.fetch_add(1, Ordering::Relaxed) < FEW_ENGINES {
            return self.lazy.clone();
        }
        let whole = || StandardPackage::new().as_shared_module();
        self.whole.get_or_init(whole).clone()
    }
}

/// Rhai takes a resolver by value; ours is shared by all engines.
struct Resolver(Arc<dyn ModuleResolver>);

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<rhai::EvalAltResult>> {
        self.0.resolve(engine, source, path, position)
    }
}

/// A value in words for messages of the language itself.
pub(crate) fn shown(value: &Dynamic) -> String {
    json::show(value, 120)
}
