//! The stacks that a file declares, for commands that bring one up without running a scenario.

use super::check;
use super::load::{Library, explain, limited_engine};
use rhai::Scope;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::loading::Loading;
use scenario_stdlib::stack::{self, Stack};
use std::path::Path;
use std::sync::Arc;

impl Library {
    /// Evaluates the top level of `file`, a module or a script, and gives the stacks it declares, with those of its modules.
    pub fn stacks(&self, file: &str) -> Result<Vec<Stack>, Vec<Failure>> {
        let path = self.world().project.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| vec![Failure::usage(format!("cannot read {file}: {error}"))])?;
        let ast = self
            .language()
            .compile(file, &text)
            .map_err(|error| vec![check::explain_parse_error(&text, &error, file)])?;
        let loading = Loading {
            world: self.world().clone(),
            extensions: Arc::default(),
            script_dir: path.parent().map(Path::to_path_buf).unwrap_or_default(),
        };
        limited_engine(self.language(), &loading, self.limit)
            .run_ast_with_scope(&mut Scope::new(), &ast)
            .map_err(|error| vec![explain(&error, file, self.language().sources())])?;
        Ok(stack::declared(&loading.extensions).all())
    }

    /// The name under which the module `file` exports the stack called `stack`.
    pub fn exported_stack(&self, file: &str, stack: &str) -> Option<String> {
        let module = self.resolver.module(None, file).ok()?;
        let mut exported = module.iter_var();
        exported.find_map(|(name, value)| {
            let found = value.read_lock::<Stack>()?;
            (found.0.name == stack).then(|| name.to_owned())
        })
    }
}
