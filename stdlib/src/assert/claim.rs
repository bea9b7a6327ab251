//! Whether a claim holds, and what to show when it does not. Each side is evaluated exactly once.

use crate::expect::body::Matcher;
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::json;
use crate::host::location::Location;
use crate::host::script::{self, Meaning, Raise};
use crate::language::shown;
use rhai::{Dynamic, EvalAltResult, EvalContext, Expr, Expression, FnCallExpr, Position};

/// Longest value shown beside the carets; longer ones get a block of their own.
const INLINE: usize = 60;

type Checked = Result<Result<(), Failure>, Raise>;

/// Checks one `assert` or, with `soft`, one `verify`.
pub fn check(ctx: &mut EvalContext, inputs: &[Expression], soft: bool) -> Result<Dynamic, Raise> {
    let word = if soft { "verify" } else { "assert" };
    let position = start_of(&inputs[0]);
    let Some(attempt) = ctx.tag().clone().try_cast::<Attempt>() else {
        let failure = Failure::new(
            Kind::Usage,
            Code::Script,
            format!("`{word}` checks a running system, and loading a file only declares"),
        )
        .hint(format!(
            "move it into a phase: phase(\"…\", || {{ {word} … }})"
        ));
        return Err(script::raise(failure, position));
    };
    attempt.count_assertion();
    let result = match soft {
        true => attempt.softly(|| evaluate(ctx, &inputs[0])),
        false => evaluate(ctx, &inputs[0]),
    };
    let result = match result {
        // An `expect` inside it did not hold, and has been told so.
        Err(error) if soft && is_soft(&error, &attempt) => return Ok(Dynamic::FALSE),
        result => result?,
    };
    let Err(mut failure) = result else {
        // So that a wait whose condition ends in a claim ends when the claim holds.
        return Ok(Dynamic::TRUE);
    };
    if let Some(message) = inputs.get(1) {
        let message = message.eval_with_context(ctx)?.to_string();
        failure.message = format!("{message}: {}", failure.message);
    }
    let source = ctx.source().map(str::to_owned);
    failure = place(failure, &attempt, source.as_deref(), position, word);
    if soft && failure.kind == Kind::Failure {
        failure.soft = true;
        attempt.latch(failure);
        return Ok(Dynamic::FALSE);
    }
    Err(script::raise(attempt.latch(failure), position))
}

fn is_soft(error: &EvalAltResult, attempt: &Attempt) -> bool {
    match script::explain(error, None, attempt.sources()) {
        Meaning::News(failure) => failure.soft,
        Meaning::Stopped(_) => false,
    }
}

/// Where an expression begins; Rhai places an operator call at its operator.
fn start_of(expr: &Expr) -> Position {
    match expr {
        Expr::FnCall(call, _) if call.name == "contains" && call.args.len() == 2 => {
            start_of(&call.args[1])
        }
        Expr::FnCall(call, _) if call.is_operator_call() && call.args.len() == 2 => {
            start_of(&call.args[0])
        }
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => start_of(&pair.lhs),
        Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
            parts.first().map_or(Position::NONE, start_of)
        }
        other => other.position(),
    }
}

/// Puts the failure at its expression, quoting the claim as it stands in the script.
fn place(
    mut failure: Failure,
    attempt: &Attempt,
    file: Option<&str>,
    position: Position,
    word: &str,
) -> Failure {
    let Some(at) = attempt.sources().locate(file, position) else {
        return failure;
    };
    let at = from_word(at, word);
    let claim = claim_text(&at);
    if failure.kind == Kind::Failure {
        failure.message = failure.message.replace("{claim}", &format!("`{claim}`"));
    }
    failure.location = Some(at.with_width(claim.chars().count() as u32));
    failure
}

/// Opening brackets leave no trace in the syntax tree: where the word stands on the same line, the claim begins
/// right behind it.
fn from_word(mut at: Location, word: &str) -> Location {
    let before: String = at.text.chars().take(at.column as usize - 1).collect();
    if let Some(index) = before.rfind(word) {
        let behind = &before[index + word.len()..];
        if behind
            .chars()
            .all(|c| c.is_whitespace() || "(!-[".contains(c))
        {
            let blanks = behind.chars().take_while(|c| c.is_whitespace()).count();
            at.column = (before[..index].chars().count() + word.len() + blanks + 1) as u32;
        }
    }
    at
}

/// The claim as written, up to the end of its line.
fn claim_text(at: &Location) -> String {
    let rest: String = at.text.chars().skip(at.column as usize - 1).collect();
    let end = end_of_expression(&rest);
    rest[..end].trim_end().to_owned()
}

/// Byte offset where the expression at the start of `text` ends: at `;`, a comma or a closing bracket outside of
/// brackets and quotes.
fn end_of_expression(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '`' | '\'' => quote = Some(c),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => return index,
                ')' | ']' | '}' => depth -= 1,
                ';' | ',' if depth == 0 => return index,
                _ => {}
            },
        }
    }
    text.len()
}

fn evaluate(ctx: &mut EvalContext, expr: &Expr) -> Checked {
    match expr {
        Expr::FnCall(call, _) if call.args.len() == 2 && is_comparison(call) => {
            compare(ctx, &call.name, &call.args[0], &call.args[1])
        }
        Expr::FnCall(call, _) if call.name == "!" && call.args.len() == 1 => {
            negation(ctx, &call.args[0])
        }
        Expr::And(parts, _) => {
            for part in parts.iter() {
                if let Err(failure) = evaluate(ctx, part)? {
                    return Ok(Err(failure));
                }
            }
            Ok(Ok(()))
        }
        Expr::Or(parts, _) => {
            let mut missed = Vec::new();
            for part in parts.iter() {
                match evaluate(ctx, part)? {
                    Ok(()) => return Ok(Ok(())),
                    Err(failure) if failure.kind == Kind::Failure => missed.push(failure),
                    Err(failure) => return Ok(Err(failure)),
                }
            }
            let mut failure = claim_failed();
            for (index, part) in missed.into_iter().enumerate() {
                let seen = if part.label.is_empty() {
                    "false".into()
                } else {
                    part.label
                };
                failure = failure.detail(format!("side {}", index + 1), seen);
                failure.details.extend(part.details);
            }
            Ok(Err(failure))
        }
        other => {
            let value = Expression::from(other).eval_with_context(ctx)?.flatten();
            match value.as_bool() {
                Ok(true) => Ok(Ok(())),
                Ok(false) => Ok(Err(claim_failed().label("is false"))),
                Err(_) => Ok(Err(Failure::new(
                    Kind::Usage,
                    Code::Script,
                    "a claim must be true or false",
                )
                .detail(
                    "got",
                    format!("{} ({})", shown(&value), json::type_in_words(&value)),
                )
                .hint("compare it with what you expect: … == …"))),
            }
        }
    }
}

fn claim_failed() -> Failure {
    Failure::product(Code::Assertion, "assertion failed: {claim}")
}

/// `in` arrives as a plain call of `contains`.
fn is_comparison(call: &FnCallExpr) -> bool {
    let operator =
        call.is_operator_call() && matches!(&*call.name, "==" | "!=" | "<" | "<=" | ">" | ">=");
    operator || call.name == "contains"
}

fn negation(ctx: &mut EvalContext, inner: &Expr) -> Checked {
    if let Expr::FnCall(call, _) = inner
        && call.name == "contains"
        && call.args.len() == 2
    {
        // `x !in list` arrives as the negation of `contains(list, x)`.
        let list = value_of(ctx, &call.args[0])?;
        let item = value_of(ctx, &call.args[1])?;
        return Ok(if operate(ctx, "contains", &list, &item)? {
            Err(with_value(
                claim_failed().detail("item", shown(&item)),
                "in",
                &list,
            ))
        } else {
            Ok(())
        });
    }
    let value = value_of(ctx, inner)?;
    Ok(match value.as_bool() {
        Ok(false) => Ok(()),
        Ok(true) => Err(claim_failed().label("is false, since what follows `!` is true")),
        Err(_) => Err(
            Failure::new(Kind::Usage, Code::Script, "`!` needs true or false").detail(
                "got",
                format!("{} ({})", shown(&value), json::type_in_words(&value)),
            ),
        ),
    })
}

fn value_of(ctx: &mut EvalContext, expr: &Expr) -> Result<Dynamic, Raise> {
    Ok(Expression::from(expr).eval_with_context(ctx)?.flatten())
}

fn operate(
    ctx: &mut EvalContext,
    name: &str,
    left: &Dynamic,
    right: &Dynamic,
) -> Result<bool, Raise> {
    let (mut left, mut right) = (left.clone(), right.clone());
    let value = ctx.call_fn_raw(name, false, false, &mut [&mut left, &mut right])?;
    Ok(value.as_bool().unwrap_or(false))
}

fn compare(ctx: &mut EvalContext, name: &str, left: &Expr, right: &Expr) -> Checked {
    let a = value_of(ctx, left)?;
    let b = value_of(ctx, right)?;
    if name == "contains" {
        return Ok(if operate(ctx, name, &a, &b)? {
            Ok(())
        } else {
            Err(with_value(
                claim_failed().detail("item", shown(&b)),
                "not in",
                &a,
            ))
        });
    }
    let equality = matches!(name, "==" | "!=");
    if !comparable(&a, &b, equality) {
        return Ok(Err(Failure::new(
            Kind::Usage,
            Code::Script,
            format!(
                "{} and {} cannot be compared with `{name}`",
                json::type_in_words(&a),
                json::type_in_words(&b)
            ),
        )
        .detail("left", shown(&a))
        .detail("right", shown(&b))
        .hint(if a.is_string() || b.is_string() {
            "convert one side: parse_int(text), or value.to_string()"
        } else {
            "values of different types are never equal in Rhai, so this could not tell anything"
        })));
    }
    if operate(ctx, name, &a, &b)? {
        return Ok(Ok(()));
    }
    let mut failure = claim_failed();
    let shown_a = json::show(&a, 2_000);
    if shown_a.chars().count() <= INLINE {
        failure = failure.label(format!("is {shown_a}"));
    } else {
        failure = failure.detail("left", shown_a);
    }
    if !right.is_constant() || !failure.details.is_empty() {
        failure = failure.detail("right", json::show(&b, 2_000));
    }
    if name == "==" {
        failure = with_difference(failure, &a, &b);
    }
    Ok(Err(failure))
}

/// Lists where two structures differ, as `expect` does: the right side is what was expected.
fn with_difference(failure: Failure, left: &Dynamic, right: &Dynamic) -> Failure {
    let (Ok(left), Ok(right)) = (json::to_json(left, "$"), json::to_json(right, "$")) else {
        return failure;
    };
    if !left.is_object() && !left.is_array() {
        return failure;
    }
    let Ok(Err(mismatch)) = Matcher::Equal(right).judge(&left, false) else {
        return failure;
    };
    match mismatch.listing() {
        Some(listing) => failure.detail("differences", listing + "\n"),
        None => failure,
    }
}

fn with_value(failure: Failure, label: &str, value: &Dynamic) -> Failure {
    failure.detail(label, json::show(value, 500))
}

/// In Rhai `"5" != 5` is true and `() < 5` false: such comparisons tell nothing.
fn comparable(a: &Dynamic, b: &Dynamic, equality: bool) -> bool {
    let number = |v: &Dynamic| v.is_int() || v.is_float();
    let text = |v: &Dynamic| v.is_string() || v.is_char();
    (equality && (a.is_unit() || b.is_unit()))
        || (number(a) && number(b))
        || (text(a) && text(b))
        || (!a.is_unit() && a.type_id() == b.type_id())
}
