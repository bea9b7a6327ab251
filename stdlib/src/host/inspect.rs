//! Looking into a script where it stands: the variables of the calls it is in, and a stop at `pause()`. Costs a copy of
//! the variables at each statement, so it is done only where a person may want to look.
#![expect(
    deprecated,
    reason = "volatile, not deprecated, in the pinned Rhai version"
)]

use super::attempt::Attempt;
use super::script::Raise;
use rhai::debugger::{DebuggerCommand, DebuggerEvent};
use rhai::{ASTNode, Blob, Dynamic, Engine, EvalContext, Expr, FnCallExpr, Position, Stmt};
use std::sync::{Mutex, MutexGuard};

/// The call at which a script stops.
pub const PAUSE: &str = "pause";

/// Who looks.
pub trait Inspector: Send + Sync {
    /// The script stands at `pause()`. What comes back is given to the variables of these names.
    fn paused(
        &self,
        attempt: &Attempt,
        variables: Vec<Variable>,
        place: (Option<&str>, Position),
    ) -> Result<Vec<Variable>, Raise>;
}

/// A variable and its value.
pub type Variable = (String, Dynamic);

/// The variables of the calls a script is in, the innermost call last.
#[derive(Debug, Default)]
pub struct Frames(Mutex<Vec<Frame>>);

#[derive(Debug)]
struct Frame {
    level: usize,
    variables: Vec<Variable>,
}

/// Values with more parts than this are not copied again while they keep their size.
const BIG: usize = 256;

impl Frames {
    fn lock(&self) -> MutexGuard<'_, Vec<Frame>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Each name once, as the innermost call sees it. The outermost call comes first.
    pub fn variables(&self) -> Vec<Variable> {
        let mut all: Vec<Variable> = Vec::new();
        for (name, value) in self.lock().iter().flat_map(|frame| &frame.variables) {
            all.retain(|(known, _)| known != name);
            all.push((name.clone(), value.clone()));
        }
        all
    }

    /// Forgets them.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Takes in those of a branch, until the script goes on here.
    pub fn take_in(&self, branch: &Self) {
        let of_branch = std::mem::take(&mut *branch.lock());
        let frames = of_branch.into_iter().map(|frame| Frame {
            level: usize::MAX,
            ..frame
        });
        self.lock().extend(frames);
    }

    fn see(&self, context: &EvalContext<'_, '_, '_, '_, '_, '_>) {
        let level = context.call_level();
        let mut frames = self.lock();
        let mut before = Vec::new();
        while frames.last().is_some_and(|frame| frame.level >= level) {
            before = frames.pop().map_or(before, |frame| frame.variables);
        }
        let variables = context.scope().iter_raw().map(|(name, _, value)| {
            let size = size(value);
            let known = before
                .iter()
                .find(|(known, old)| known == name && size > BIG && self::size(old) == size);
            let value = known.map_or_else(|| value.clone(), |(_, old)| old.clone());
            (name.to_owned(), value)
        });
        let mut variables: Vec<Variable> = variables.collect();
        // Rhai gives the newest first.
        variables.reverse();
        frames.push(Frame { level, variables });
    }
}

fn size(value: &Dynamic) -> usize {
    if value.is_shared() {
        return 0; // Cheap to copy.
    }
    if let Some(items) = value.read_lock::<rhai::Array>() {
        return items.len();
    }
    if let Some(map) = value.read_lock::<rhai::Map>() {
        return map.len();
    }
    value.read_lock::<Blob>().map_or(0, |bytes| bytes.len())
}

/// Lets whoever may look into `attempt` do so on `engine`.
pub fn watch(engine: &mut Engine, attempt: &Attempt) {
    let Some(inspector) = attempt.inspector() else {
        return;
    };
    let frames = attempt.frames();
    let attempt = attempt.clone();
    engine.register_debugger(
        |_, debugger| debugger,
        move |mut context, event, node, source, position| {
            if matches!(event, DebuggerEvent::Step | DebuggerEvent::Start) {
                if node.is_stmt() || may_fail(&node) {
                    frames.see(&context);
                }
                if pauses(&node) {
                    let place = (source, position);
                    let news = inspector.paused(&attempt, frames.variables(), place)?;
                    give_back(&mut context, news);
                }
            }
            Ok(DebuggerCommand::StepInto)
        },
    );
}

/// Statements that are only an expression are no statements to Rhai.
fn may_fail(node: &ASTNode<'_>) -> bool {
    matches!(
        node,
        ASTNode::Expr(Expr::FnCall(..) | Expr::MethodCall(..) | Expr::Custom(..) | Expr::Dot(..))
    )
}

fn pauses(node: &ASTNode<'_>) -> bool {
    let is_pause =
        |call: &FnCallExpr| call.name == PAUSE && call.args.is_empty() && !call.is_qualified();
    match node {
        ASTNode::Stmt(Stmt::FnCall(call, _)) => is_pause(call),
        ASTNode::Expr(Expr::FnCall(call, _)) => is_pause(call),
        _ => false,
    }
}

/// Only the variables of the innermost call can be given back.
fn give_back(context: &mut EvalContext<'_, '_, '_, '_, '_, '_>, news: Vec<Variable>) {
    let scope = context.scope_mut();
    for (name, value) in news {
        if scope.is_constant(&name) == Some(false)
            && let Some(slot) = scope.get_mut(&name)
            && !slot.is_shared()
        {
            *slot = value;
        }
    }
}
