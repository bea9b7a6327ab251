//! Rhai has a property `tag` on every value, which would hide a key of that name: `state.tag = 5` would be lost. Saying
//! here that there is no such property makes Rhai ask the value itself.

use rhai::{Dynamic, EvalAltResult, FuncRegistration, Module, NativeCallContext, RhaiFunc};
use std::any::TypeId;

/// Adds the getter and the setter that know nothing. They are registered raw, because a function with parameters of
/// its own would have taken the value away before Rhai could offer it to the next.
pub fn register(module: &mut Module) {
    let value = TypeId::of::<Dynamic>();
    // The words of Rhai for any other name that is not known.
    add(module, "get$tag", vec![value], |kind| {
        format!("Unknown property 'tag' - a getter is not registered for type '{kind}'")
    });
    let parameters = vec![value, TypeId::of::<i64>()];
    add(module, "set$tag", parameters, |kind| {
        format!("No writable property 'tag' - a setter is not registered for type '{kind}'")
    });
}

fn add(
    module: &mut Module,
    name: &str,
    parameters: Vec<TypeId>,
    message: impl Fn(&str) -> String + Send + Sync + 'static,
) {
    let refuse = move |ctx: Option<NativeCallContext>, args: &mut [&mut Dynamic]| {
        let ctx = ctx.ok_or("called without a context")?;
        let kind = ctx.engine().map_type_name(args[0].type_name());
        Err(EvalAltResult::ErrorDotExpr(message(kind), ctx.call_position()).into())
    };
    let function = RhaiFunc::Method {
        func: rhai::Shared::new(refuse),
        has_context: true,
        is_pure: true,
        is_volatile: false,
    };
    FuncRegistration::new(name)
        .in_global_namespace()
        .set_into_module_raw(module, parameters, function);
}
