//! The names a script may use without declaring them. Knows Rhai's metadata, not its syntax tree.

use rhai::{Engine, FnNamespace, Module, Shared};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

/// A function or method: the numbers of arguments it takes, a receiver counted as the first. A set of bits, because
/// every start of the program makes more than a thousand of them; beyond 63 all are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arities(u64);

impl Arities {
    pub fn insert(&mut self, count: usize) {
        self.0 |= 1 << count.min(63);
    }

    pub fn contains(self, count: usize) -> bool {
        self.0 & 1 << count.min(63) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Smallest first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |count| self.contains(*count))
    }

    /// What is in either.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without the receiver.
    pub fn of_method(self) -> Self {
        Self(self.0 >> 1)
    }
}

impl FromIterator<usize> for Arities {
    fn from_iter<I: IntoIterator<Item = usize>>(counts: I) -> Self {
        let mut arities = Self::default();
        counts.into_iter().for_each(|count| arities.insert(count));
        arities
    }
}

type Functions = HashMap<String, Arities>;

/// What exists outside of a script.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Global variables that win over anything a script declares: `http`, `run`, …
    pub primitives: BTreeSet<String>,
    /// Global constants a script may shadow.
    pub constants: BTreeSet<String>,
    /// Functions in a name space that needs no import, as `space::name`.
    pub qualified: BTreeMap<String, Arities>,
    /// Words with a syntax of their own: `assert`, `verify`.
    pub syntax: BTreeSet<String>,
    functions: Functions,
    rest: Rest,
}

/// Functions of modules that are themselves made only when they are called, such as Rhai's own library. They are
/// counted up when a script names none of the others: that takes longer than a small script does.
#[derive(Clone, Debug, Default)]
struct Rest {
    modules: Vec<Shared<Module>>,
    functions: OnceLock<Functions>,
}

/// What Rhai answers itself, without a registered function.
const BUILT_IN: &[(&str, &[usize])] = &[
    ("Fn", &[1]),
    ("is_def_fn", &[2, 3]),
    ("is_def_var", &[1]),
    ("is_shared", &[1]),
    ("type_of", &[1]),
    ("print", &[1]),
    ("debug", &[1]),
];

impl Names {
    /// The functions and constants of modules whose content needs no import.
    pub fn from_modules(modules: impl IntoIterator<Item = Shared<Module>>) -> Self {
        let mut constants = BTreeSet::new();
        let mut engine = Engine::new_raw();
        let mut rest = Rest::default();
        for module in modules {
            constants.extend(module.iter_var().map(|(name, _)| name.to_owned()));
            if module.has_lazy_functions() {
                rest.modules.push(module);
            } else {
                engine.register_global_module(module);
            }
        }
        Self {
            constants,
            rest,
            ..Self::from_engine(&engine)
        }
    }

    /// The functions an engine has. It does not tell its global constants: those come from modules.
    pub fn from_engine(engine: &Engine) -> Self {
        let mut names = Self::default();
        for (name, arities) in BUILT_IN {
            names.add(name, arities.iter().copied());
        }
        for (space, name, arity) in signatures(engine) {
            if space.is_empty() {
                names.functions.entry(name).or_default().insert(arity);
            } else {
                let name = format!("{space}::{name}");
                names.qualified.entry(name).or_default().insert(arity);
            }
        }
        names
    }

    /// Adds a function with the numbers of arguments it takes.
    pub fn add(&mut self, name: &str, arities: impl IntoIterator<Item = usize>) {
        let known = self.functions.entry(name.to_owned()).or_default();
        *known = known.or(arities.into_iter().collect());
    }

    /// The numbers of arguments that the functions and methods of a name take; none if there is no such function.
    pub fn arities(&self, name: &str) -> Arities {
        let of = |functions: &Functions| functions.get(name).copied().unwrap_or_default();
        of(&self.functions).or(of(self.rest.functions()))
    }

    /// Whether a call of this name with so many arguments is one of a function there is.
    pub fn takes(&self, name: &str, count: usize) -> bool {
        let known = self.functions.get(name);
        known.is_some_and(|arities| arities.contains(count)) || self.arities(name).contains(count)
    }

    /// Whether there is a function or method of this name.
    pub fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name) || self.rest.functions().contains_key(name)
    }

    /// The names of all functions and methods, sorted.
    pub fn functions(&self) -> BTreeSet<&str> {
        let all = self.functions.keys().chain(self.rest.functions().keys());
        all.map(String::as_str).collect()
    }
}

impl Rest {
    fn functions(&self) -> &Functions {
        self.functions.get_or_init(|| {
            let mut engine = Engine::new_raw();
            for module in &self.modules {
                engine.register_global_module(module.clone());
            }
            let mut functions = Functions::new();
            for (_, name, arity) in signatures(&engine) {
                functions.entry(name).or_default().insert(arity);
            }
            functions
        })
    }
}

/// Name space, name and number of parameters of every function of an engine.
fn signatures(engine: &Engine) -> Vec<(String, String, usize)> {
    engine.collect_fn_metadata(
        None,
        |info| {
            let name = info.metadata.name.to_string();
            is_name(&name).then(|| (info.namespace.to_string(), name, info.metadata.num_params))
        },
        true,
    )
}

/// What an imported module offers.
#[derive(Clone, Debug, Default)]
pub(super) struct Exports {
    /// Reached as `alias::name(…)`.
    pub functions: BTreeMap<String, Arities>,
    /// Reached as `alias::name`.
    pub variables: BTreeSet<String>,
    /// Reached as methods, without the alias; the receiver is not counted.
    pub methods: BTreeMap<String, Arities>,
    pub modules: BTreeMap<String, Exports>,
}

impl Exports {
    pub fn of(module: &Shared<Module>) -> Self {
        let mut exports = Self::default();
        let mut engine = Engine::new_raw();
        engine.register_global_module(module.clone());
        for (_, name, arity) in signatures(&engine) {
            exports.functions.entry(name).or_default().insert(arity);
        }
        for (space, _, name, arity, _) in module.iter_script_fn_info() {
            if space == FnNamespace::Global {
                let methods = exports.methods.entry(name.to_owned()).or_default();
                methods.insert(arity);
            }
        }
        exports.variables = module.iter_var().map(|(name, _)| name.to_owned()).collect();
        exports.modules = module
            .iter_sub_modules()
            .map(|(name, module)| (name.to_owned(), Self::of(module)))
            .collect();
        exports
    }
}

/// Whether a script can write it as a name; operators, getters and closures have names it cannot.
pub(super) fn is_name(text: &str) -> bool {
    rhai::is_valid_identifier(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhai::packages::{Package, StandardPackage};

    fn arities(names: &Names, name: &str) -> Vec<usize> {
        names.arities(name).iter().collect()
    }

    #[test]
    fn modules_give_functions_with_all_their_arities_and_constants() {
        let mut module = Module::new();
        module.set_var("TERMINAL", 1_i64);
        module.set_native_fn("wait", |_: i64| Ok(()));
        module.set_native_fn("wait", |_: i64, _: i64| Ok(()));
        module.set_getter_fn("size", |_: &mut i64| Ok(0_i64));
        let names = Names::from_modules([module.into()]);
        assert_eq!(arities(&names, "wait"), [1, 2]);
        assert!(names.constants.contains("TERMINAL"));
        assert!(!names.functions().iter().any(|name| name.contains("size")));
    }

    #[test]
    fn the_packages_of_rhai_can_be_read() {
        let names = Names::from_modules([StandardPackage::new().as_shared_module()]);
        assert_eq!(arities(&names, "Fn"), [1]);
        assert!(names.has_function("split"));
    }

    #[test]
    fn static_name_spaces_stay_apart() {
        let mut module = Module::new();
        module.set_native_fn("abs", |x: i64| Ok(x.abs()));
        let mut engine = Engine::new_raw();
        engine.register_static_module("math", module.into());
        let names = Names::from_engine(&engine);
        assert!(names.qualified.contains_key("math::abs"));
        assert!(!names.has_function("abs"));
    }
}
