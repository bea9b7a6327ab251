//! What the fields of a query mean: objects are made as JSON and then cut down to what was selected.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::parse::{Location, Operation, Selection};
use crate::accounts::User;
use crate::app::App;
use crate::problem::Problem;
use crate::tasks::{self, Wanted};

#[derive(Debug, Serialize)]
pub(super) struct FieldError {
    message: String,
    path: Vec<Value>,
    locations: [Location; 1],
}

/// Every field that fails is `null` in the data and has an error; the others are answered all the same.
pub(super) fn resolve(
    app: &App,
    who: Option<&User>,
    operation: &Operation,
) -> (Value, Vec<FieldError>) {
    let mut data = Map::new();
    let mut errors = Vec::new();
    for selection in &operation.fields {
        let found = match operation.is_mutation {
            true => change(app, selection),
            false => look_up(app, who, selection),
        };
        let path = vec![json!(selection.key)];
        let value = match found {
            Ok((kind, value)) => select(kind, &value, selection, path, &mut errors),
            Err(message) => {
                errors.push(FieldError {
                    message,
                    path,
                    locations: [selection.at],
                });
                Value::Null
            }
        };
        data.insert(selection.key.clone(), value);
    }
    (Value::Object(data), errors)
}

type Found = Result<(&'static str, Value), String>;

fn look_up(app: &App, who: Option<&User>, selection: &Selection) -> Found {
    match selection.name.as_str() {
        "__typename" => Ok(("String", json!("Query"))),
        "task" => {
            let id = id(selection)?;
            let task = app
                .tasks
                .get(id)
                .ok_or_else(|| format!("there is no task with the id {id}"))?;
            Ok(("Task", json!(task.view())))
        }
        "tasks" => {
            let (tasks, _) = app.tasks.page(0, first(selection)?, None);
            Ok((
                "Task",
                tasks.iter().map(|task| json!(task.view())).collect(),
            ))
        }
        "item" => {
            let id = id(selection)?;
            let shelves = app.shop.shelves();
            let item = shelves
                .get(id)
                .ok_or_else(|| format!("there is no item with the id {id}"))?;
            Ok(("Item", json!(item)))
        }
        "items" => {
            let first = first(selection)?;
            Ok((
                "Item",
                app.shop
                    .shelves()
                    .items()
                    .take(first)
                    .map(|item| json!(item))
                    .collect(),
            ))
        }
        "me" => who
            .map(|user| ("User", json!(user)))
            .ok_or_else(|| "sign in first".to_owned()),
        other => Err(format!("Cannot query field \"{other}\" on type \"Query\".")),
    }
}

fn change(app: &App, selection: &Selection) -> Found {
    match selection.name.as_str() {
        "__typename" => Ok(("String", json!("Mutation"))),
        "startTask" => {
            let wanted: Wanted = serde_json::from_value(Value::Object(selection.args.clone()))
                .map_err(|error| format!("startTask: {error}"))?;
            let task = tasks::create(app, wanted).map_err(told)?;
            Ok(("Task", json!(task.view())))
        }
        "cancelTask" => {
            let id = id(selection)?;
            let task = app
                .tasks
                .get(id)
                .ok_or_else(|| format!("there is no task with the id {id}"))?;
            if !task.revoke() {
                return Err(format!("task {id} has ended already"));
            }
            app.webhooks.task_ended(&task);
            Ok(("Task", json!(task.view())))
        }
        other => Err(format!(
            "Cannot query field \"{other}\" on type \"Mutation\"."
        )),
    }
}

fn told(problem: Problem) -> String {
    match problem {
        Problem::Invalid(fields) => fields
            .iter()
            .map(|field| format!("{} {}", field.field, field.message))
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

/// An ID may be written as a number or as text.
fn id(selection: &Selection) -> Result<u64, String> {
    let given = selection.args.get("id").unwrap_or(&Value::Null);
    let id = given.as_u64().or_else(|| given.as_str()?.parse().ok());
    id.ok_or_else(|| {
        format!(
            "{}: the argument `id` is {given}, which is no id",
            selection.name
        )
    })
}

fn first(selection: &Selection) -> Result<usize, String> {
    let given = selection.args.get("first").unwrap_or(&Value::Null);
    if given.is_null() {
        return Ok(20);
    }
    let first = given
        .as_u64()
        .filter(|first| (1..=100).contains(first))
        .and_then(|first| usize::try_from(first).ok());
    first.ok_or_else(|| {
        format!(
            "{}: the argument `first` must be between 1 and 100",
            selection.name
        )
    })
}

fn select(
    kind: &str,
    value: &Value,
    selection: &Selection,
    path: Vec<Value>,
    errors: &mut Vec<FieldError>,
) -> Value {
    match value {
        Value::Array(values) if kind != "String" => values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let mut path = path.clone();
                path.push(json!(index));
                select(kind, value, selection, path, errors)
            })
            .collect(),
        Value::Object(object) if kind != "String" => {
            if selection.fields.is_empty() {
                let message = format!(
                    "Field \"{}\" of type \"{kind}\" must have a selection of subfields.",
                    selection.name
                );
                errors.push(FieldError {
                    message,
                    path,
                    locations: [selection.at],
                });
                return Value::Null;
            }
            let mut picked = Map::new();
            for field in &selection.fields {
                let mut path = path.clone();
                path.push(json!(field.key));
                let value = match object.get(&field.name) {
                    _ if field.name == "__typename" => json!(kind),
                    // Everything below the first level (`result`, `tags`) counts as a scalar.
                    Some(value) if field.fields.is_empty() => value.clone(),
                    Some(_) => refuse(
                        field,
                        format!("Field \"{}\" must not have a selection.", field.name),
                        path,
                        errors,
                    ),
                    None => {
                        let message =
                            format!("Cannot query field \"{}\" on type \"{kind}\".", field.name);
                        refuse(field, message, path, errors)
                    }
                };
                picked.insert(field.key.clone(), value);
            }
            Value::Object(picked)
        }
        scalar => scalar.clone(),
    }
}

fn refuse(
    field: &Selection,
    message: String,
    path: Vec<Value>,
    errors: &mut Vec<FieldError>,
) -> Value {
    errors.push(FieldError {
        message,
        path,
        locations: [field.at],
    });
    Value::Null
}
