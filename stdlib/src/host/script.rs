//! Between Rhai's calls and errors and our own words. The one file that uses Rhai's internals.

use super::attempt::Attempt;
use super::clock::Stop;
use super::failure::{Code, Failure, Kind};
use super::loading::Loading;
use super::location::Location;
use super::sources::Sources;
use super::world::World;

pub use super::meaning::{Meaning, explain};

use rhai::{
    Dynamic, Engine, EvalAltResult, FnPtr, GlobalRuntimeState, NativeCallContext, Position, Shared,
};
use std::sync::{Arc, Mutex};

/// An error on its way through a script.
pub type Raise = Box<EvalAltResult>;

/// What `ErrorTerminated` carries.
#[derive(Clone, Debug)]
pub struct Terminated(pub Stop);

/// The attempt a primitive was called in. While a file is loaded there is none, and the call is refused.
pub fn attempt(ctx: &NativeCallContext) -> Result<Attempt, Raise> {
    attempt_for(ctx, ctx.fn_name())
}

/// Like [`attempt`], for a method: `name` is what the script wrote, such as `http.get`.
pub fn attempt_for(ctx: &NativeCallContext, name: &str) -> Result<Attempt, Raise> {
    let attempt = try_attempt(ctx).ok_or_else(|| {
        let failure = Failure::new(
            Kind::Usage,
            Code::Script,
            format!("`{name}` acts, and loading a file only declares"),
        )
        .hint(format!(
            "move it into a phase: phase(\"…\", || {{ … {name}(…) … }})"
        ));
        raise(failure, ctx.call_position())
    })?;
    match attempt.alarm() {
        Some(failure) => Err(fail(ctx, &attempt, failure)),
        None => Ok(attempt),
    }
}

/// The attempt a primitive was called in, if any: for primitives that may also be used while loading.
pub fn try_attempt(ctx: &NativeCallContext) -> Option<Attempt> {
    ctx.tag()?.clone().try_cast::<Attempt>()
}

/// The run a primitive was called in, while a phase runs and while a file is loaded.
pub fn world(ctx: &NativeCallContext) -> Result<Arc<World>, Raise> {
    let loading = || Loading::of(ctx).map(|loading| loading.world);
    try_attempt(ctx)
        .map(|attempt| attempt.world().clone())
        .or_else(loading)
        .ok_or_else(|| {
            let failure = Failure::fault(format!("`{}` was called outside a run", ctx.fn_name()));
            raise(failure, ctx.call_position())
        })
}

/// `file:line` of the call, for the account.
pub fn call_site(ctx: &NativeCallContext) -> String {
    match (ctx.call_source(), ctx.call_position().line()) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => String::new(),
    }
}

/// The place of the call, ready to be drawn.
pub fn call_location(ctx: &NativeCallContext, sources: &Sources) -> Option<Location> {
    sources.locate(ctx.call_source(), ctx.call_position())
}

/// Bad news as a Rhai error, without an attempt to keep it.
pub fn raise(failure: Failure, position: Position) -> Raise {
    if failure.kind == Kind::Fault {
        EvalAltResult::ErrorSystem(String::new(), Box::new(failure)).into()
    } else {
        EvalAltResult::ErrorRuntime(Dynamic::from(failure), position).into()
    }
}

/// Bad news of a primitive: located at its call, kept by the attempt, and raised.
pub fn fail(ctx: &NativeCallContext, attempt: &Attempt, mut failure: Failure) -> Raise {
    if failure.location.is_none() {
        failure.location = call_location(ctx, attempt.sources());
    }
    raise(attempt.latch(failure), ctx.call_position())
}

/// A stop as a Rhai error that scripts cannot catch.
pub fn stop(stop: Stop, position: Position) -> Raise {
    EvalAltResult::ErrorTerminated(Dynamic::from(Terminated(stop)), position).into()
}

/// A wrong argument, raised where there may be no attempt.
pub fn usage(ctx: &NativeCallContext, failure: Failure) -> Raise {
    match try_attempt(ctx) {
        Some(attempt) => fail(ctx, &attempt, failure),
        None => raise(failure, ctx.call_position()),
    }
}

/// What a copy of captured values does with host values, such as a page or a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Live {
    /// The closure runs in another phase, where they are no more.
    Refused,
    /// The closure runs in the same phase: they stay the same thing.
    Kept,
}

/// A closure that runs later or on another thread: a snapshot of what it captured, together with the imports
/// and constants of the place it was written in.
#[derive(Clone, Debug)]
pub struct Deferred {
    closure: FnPtr,
    parameters: usize,
    /// Whether every call gets its own copy of the captures.
    apart: bool,
    place: Arc<Place>,
    position: Position,
}

impl Deferred {
    /// Keeps `closure`, which was handed to the primitive of `ctx`.
    pub fn keep(ctx: &NativeCallContext, closure: &FnPtr) -> Result<Self, Failure> {
        Self::keep_apart(ctx, closure, Live::Refused)
    }

    /// Keeps `closure` for another thread of the same phase: plain data is copied, while host values, such as
    /// the state or a page, stay the same thing.
    pub fn keep_beside(ctx: &NativeCallContext, closure: &FnPtr) -> Result<Self, Failure> {
        Self::keep_apart(ctx, closure, Live::Kept)
    }

    fn keep_apart(ctx: &NativeCallContext, closure: &FnPtr, live: Live) -> Result<Self, Failure> {
        Ok(Self {
            closure: snapshot_closure(closure, live)?,
            apart: true,
            ..Self::keep_shared(ctx, closure)
        })
    }

    /// Keeps `closure` for later in the same phase: it goes on sharing what it captured.
    pub fn keep_shared(ctx: &NativeCallContext, closure: &FnPtr) -> Self {
        let mut place = Place::of(ctx);
        let mut position = ctx.call_position();
        let parameters = ctx
            .iter_namespaces()
            .find_map(|module| parameters(module, closure))
            .or_else(|| {
                let global = ctx.global_runtime_state();
                let (home, parameters) = global
                    .iter_imports_raw()
                    .find_map(|(_, module)| home(module, closure))?;
                // What goes wrong in it is told of there; where it was handed over is in another file.
                position = Position::NONE;
                place.move_to(home);
                Some(parameters)
            });
        Self {
            closure: closure.clone(),
            parameters: parameters.unwrap_or(0),
            apart: false,
            place: place.shared(ctx),
            position,
        }
    }

    /// What the closure captured.
    pub fn captured(&self) -> &[Dynamic] {
        self.closure.curry()
    }

    /// Whether calling one is calling the other: both were handed over in one place, and neither captured anything.
    pub fn is_same(&self, other: &Self) -> bool {
        self.captured().is_empty()
            && other.captured().is_empty()
            && self.closure.fn_name() == other.closure.fn_name()
            && self.position == other.position
            && Arc::ptr_eq(&self.place, &other.place)
    }

    /// How many parameters the closure declares.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// `file:line` of where it was handed over.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The script it was written in.
    pub fn source(&self) -> Option<&str> {
        self.place.source.as_deref()
    }

    /// Calls it on `engine` as part of `attempt`, with its own copy of what it captured. Arguments beyond the
    /// parameters it declares are left out.
    pub fn call(
        &self,
        engine: &Engine,
        attempt: &Attempt,
        args: Vec<Dynamic>,
    ) -> Result<Dynamic, Raise> {
        let closure = match self.apart {
            // Host values among what it captured were judged when it was kept.
            true => snapshot_closure(&self.closure, Live::Kept)
                .map_err(|failure| raise(failure, self.position))?,
            false => self.closure.clone(),
        };
        let mut global = self.place.global.clone();
        if attempt.inspector().is_some() {
            inspectable(&mut global, engine);
        }
        global.tag = Dynamic::from(attempt.clone());
        let name = closure.fn_name();
        let ctx = NativeCallContext::new_with_all_fields(
            engine,
            name,
            self.source(),
            &global,
            self.position,
        );
        let args: Vec<Dynamic> = args.into_iter().take(self.parameters).collect();
        closure.call_raw(&ctx, None, args)
    }
}

/// Where a closure was written: the functions, imports and constants it sees. A loop may declare a hundred thousand
/// closures in one place, which therefore share it.
#[derive(Debug)]
struct Place {
    source: Option<String>,
    global: GlobalRuntimeState,
}

/// Where the closure before was written while a file is loaded: as a rule the next one is, too.
#[derive(Default)]
struct Latest(Option<Arc<Place>>);

impl Place {
    fn of(ctx: &NativeCallContext) -> Self {
        let mut global = ctx.global_runtime_state().clone();
        // Each call brings its own; this one would hold what loading leaves behind.
        global.tag = Dynamic::UNIT;
        Self {
            source: ctx.fn_source().map(str::to_owned),
            global,
        }
    }

    /// Makes it a place in the module `home`.
    fn move_to(&mut self, home: Shared<rhai::Module>) {
        self.source = home.id().map(str::to_owned);
        self.global.source = home.id().map(Into::into);
        // First, because Rhai looks for closures there.
        self.global.lib.insert(0, home);
    }

    /// This place, or the same as it was found before.
    fn shared(self, ctx: &NativeCallContext) -> Arc<Self> {
        let Some(loading) = Loading::of(ctx) else {
            return Arc::new(self);
        };
        let latest = loading.extensions.get::<Mutex<Latest>>();
        let mut latest = latest.lock().unwrap_or_else(|e| e.into_inner());
        match &latest.0 {
            Some(known) if known.is_same(&self) => known.clone(),
            _ => latest.0.insert(Arc::new(self)).clone(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let (a, b) = (&self.global, &other.global);
        let constants = |of: &GlobalRuntimeState| of.constants.as_ref().map(Arc::as_ptr);
        self.source == other.source
            && a.source == b.source
            && (a.level, a.scope_level, a.always_search_scope)
                == (b.level, b.scope_level, b.always_search_scope)
            && constants(a) == constants(b)
            && a.lib
                .iter()
                .map(Arc::as_ptr)
                .eq(b.lib.iter().map(Arc::as_ptr))
            && imports(a).eq(imports(b))
    }
}

fn imports(global: &GlobalRuntimeState) -> impl Iterator<Item = (&str, *const rhai::Module)> {
    let imports = global.scan_imports_raw();
    imports.map(|(name, module)| (name.as_str(), Arc::as_ptr(module)))
}

/// The same surroundings, as they would be on an engine that looks into scripts: they were kept by one that does not.
fn inspectable(global: &mut GlobalRuntimeState, engine: &Engine) {
    let mut new = engine.new_global_runtime_state();
    for (name, module) in global.scan_imports_raw() {
        new.push_import(name.clone(), module.clone());
    }
    new.lib = std::mem::take(&mut global.lib);
    new.source = global.source.take();
    new.num_modules_loaded = global.num_modules_loaded;
    new.level = global.level;
    new.scope_level = global.scope_level;
    new.always_search_scope = global.always_search_scope;
    new.embedded_module_resolver = global.embedded_module_resolver.take();
    new.constants = global.constants.take();
    *global = new;
}

/// How many parameters `closure` declares, if it was written in `module`.
fn parameters(module: &rhai::Module, closure: &FnPtr) -> Option<usize> {
    let captured = closure.curry().len();
    let declared = |extra: &usize| module.get_script_fn(closure.fn_name(), captured + extra);
    (0..=8).find(|extra| declared(extra).is_some())
}

/// The imported module in which `closure` was written, which the closure itself does not know; also one that `module` imports.
fn home(module: &Shared<rhai::Module>, closure: &FnPtr) -> Option<(Shared<rhai::Module>, usize)> {
    match parameters(module, closure) {
        Some(parameters) => Some((module.clone(), parameters)),
        None => module
            .iter_sub_modules()
            .find_map(|(_, module)| home(module, closure)),
    }
}

fn snapshot_closure(closure: &FnPtr, live: Live) -> Result<FnPtr, Failure> {
    let mut copy = closure.clone();
    for captured in copy.iter_curry_mut() {
        *captured = copy_apart(captured, live)?;
    }
    Ok(copy)
}

/// A deep copy that shares nothing with the original. Plain data, closures over plain data, and values that
/// declare themselves capturable; anything else is a usage error.
pub fn snapshot(value: &Dynamic) -> Result<Dynamic, Failure> {
    copy_apart(value, Live::Refused)
}

fn copy_apart(value: &Dynamic, live: Live) -> Result<Dynamic, Failure> {
    let value = value.flatten_clone();
    if let Some(items) = value.read_lock::<rhai::Array>() {
        let copy: Result<rhai::Array, Failure> =
            items.iter().map(|item| copy_apart(item, live)).collect();
        return Ok(copy?.into());
    }
    if let Some(map) = value.read_lock::<rhai::Map>() {
        let mut copy = rhai::Map::new();
        for (key, item) in map.iter() {
            copy.insert(key.clone(), copy_apart(item, live)?);
        }
        return Ok(copy.into());
    }
    if let Some(closure) = value.read_lock::<FnPtr>() {
        return Ok(Dynamic::from(snapshot_closure(&closure, live)?));
    }
    if live == Live::Refused && value.is_variant() && !is_capturable(&value) {
        let what = super::json::type_in_words(&value);
        return Err(Failure::usage(format!(
            "a closure that runs later captures {what}, which lives only in its own phase"
        ))
        .hint("put plain data on `state` and make the rest inside the closure"));
    }
    Ok(value)
}

fn is_capturable(value: &Dynamic) -> bool {
    // What is there without being declared, such as `sql`, is there in the closure, too.
    let mut globals = crate::PRIMITIVES.iter().flat_map(|row| row.globals);
    globals.any(|(_, make)| make().type_id() == value.type_id())
        || crate::CAPTURABLE.iter().any(|is| is(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_of_one_place_share_it_while_a_file_is_loaded() {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let mut engine = Engine::new();
        engine.set_default_tag(Dynamic::from(Loading {
            world: Arc::default(),
            extensions: Arc::default(),
            script_dir: Default::default(),
        }));
        let keeping = kept.clone();
        engine.register_fn("keep", move |ctx: NativeCallContext, closure: FnPtr| {
            let deferred = Deferred::keep(&ctx, &closure).expect("plain captures");
            keeping.lock().expect("a lock").push(deferred);
        });
        let script = "for n in 0..3 { keep(|| n) } const FOUR = 4; keep(|| 4);";
        engine.run(script).expect("it runs");
        let kept = kept.lock().expect("a lock");
        assert!(Arc::ptr_eq(&kept[0].place, &kept[2].place));
        assert!(
            !Arc::ptr_eq(&kept[0].place, &kept[3].place),
            "a constant more"
        );
        let captured: Vec<_> = kept.iter().map(|one| one.captured().len()).collect();
        assert_eq!(captured, [1, 1, 1, 0]);
    }
}
