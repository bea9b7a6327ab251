//! The endpoints of items and orders.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

use super::idempotency::{Answer, Known};
use super::item::{Draft, Item};
use super::store::{Refused, Shelves};
use crate::accounts::SignedIn;
use crate::app::{App, Shared};
use crate::input::{Params, param, param_or, parse, text_header};
use crate::paging::Page;
use crate::problem::{FieldError, Problem};

const MOST_LINES: usize = 100;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/items", get(list).post(add))
        .route(
            "/api/items/{id}",
            get(show).put(replace).patch(patch).delete(remove),
        )
        .route("/api/orders", get(orders).post(order))
        .route("/api/orders/{id}", get(show_order))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown(id) => Self::not_found("item", id),
            Refused::Duplicate(sku) => {
                Self::Conflict(format!("there is an item with the SKU {sku} already"))
            }
            Refused::Stale { version } => {
                Self::Precondition(format!("the item has changed: its ETag is \"{version}\""))
            }
            Refused::UnknownSku { line, sku } => Self::field(
                &format!("lines[{line}].sku"),
                format!("`{sku}` is not sold here"),
            ),
            Refused::OutOfStock { sku, stock } => {
                Self::Conflict(format!("only {stock} of {sku} are in stock"))
            }
            Refused::Full => Self::Full,
        }
    }
}

async fn list(State(app): Shared, Query(params): Params) -> Result<Response, Problem> {
    let page = Page::from_params(&params)?;
    let query = param(&params, "q").map(str::to_lowercase);
    let tag = param(&params, "tag");
    let dearest = param_or(&params, "max_price", f64::INFINITY)?;
    let mut found: Vec<Item> = app
        .shop
        .shelves()
        .items()
        .filter(|item| {
            let draft = &item.draft;
            query.as_ref().is_none_or(|query| {
                draft.name.to_lowercase().contains(query)
                    || draft.sku.to_lowercase().contains(query)
            }) && tag.is_none_or(|tag| draft.tags.iter().any(|own| own == tag))
                && draft.price <= dearest
        })
        .cloned()
        .collect();
    match param(&params, "sort") {
        None | Some("id") => {}
        Some("name") => found.sort_by(|a, b| a.draft.name.cmp(&b.draft.name)),
        Some("price") => found.sort_by(|a, b| a.draft.price.total_cmp(&b.draft.price)),
        Some("-price") => found.sort_by(|a, b| b.draft.price.total_cmp(&a.draft.price)),
        Some(other) => {
            return Err(Problem::field(
                "sort",
                format!("`{other}` is none of id, name, price, -price"),
            ));
        }
    }
    let headers = page.headers("/api/items", &params, found.len());
    let items: Vec<_> = found
        .into_iter()
        .skip(page.skip())
        .take(page.size())
        .collect();
    Ok((headers, Json(items)).into_response())
}

fn number(id: &str) -> Result<u64, Problem> {
    id.parse().map_err(|_| Problem::not_found("item", id))
}

fn tagged(item: &Item) -> Response {
    (
        [(header::ETAG, format!("\"{}\"", item.version))],
        Json(item),
    )
        .into_response()
}

async fn show(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let shelves = app.shop.shelves();
    let item = shelves
        .get(number(&id)?)
        .ok_or_else(|| Problem::not_found("item", &id))?;
    let tag = format!("\"{}\"", item.version);
    if text_header(&headers, "if-none-match") == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(tagged(item))
}

/// The version that `If-Match` wants; `*` and no header want any.
fn wanted_version(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    match text_header(headers, "if-match") {
        None | Some("*") => Ok(None),
        Some(tag) => tag
            .trim_matches('"')
            .parse()
            .map(Some)
            .map_err(|_| Problem::Precondition(format!("{tag} is no ETag of an item"))),
    }
}

async fn replace(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let draft = Draft::whole(&parse::<Value>(&body)?).map_err(Problem::Invalid)?;
    change(&app, &id, &headers, |_| Ok(draft))
}

async fn patch(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let sent = parse::<Value>(&body)?;
    change(&app, &id, &headers, |item| {
        item.draft.patched(&sent).map_err(Problem::Invalid)
    })
}

fn change(
    app: &App,
    id: &str,
    headers: &HeaderMap,
    draft: impl FnOnce(&Item) -> Result<Draft, Problem>,
) -> Result<Response, Problem> {
    let version = wanted_version(headers)?;
    let key = number(id)?;
    let mut shelves = app.shop.shelves();
    let draft = draft(
        shelves
            .get(key)
            .ok_or_else(|| Problem::not_found("item", id))?,
    )?;
    Ok(tagged(&shelves.change(key, draft, version)?))
}

async fn remove(State(app): Shared, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    app.shop
        .shelves()
        .remove(number(&id)?)
        .map_err(|_| Problem::not_found("item", &id))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add(State(app): Shared, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    once(&app, "items", &headers, &body, |shelves| {
        let draft = Draft::whole(&parse::<Value>(&body)?).map_err(Problem::Invalid)?;
        let item = shelves.add(draft)?;
        Ok((format!("/api/items/{}", item.id), json!(item)))
    })
}

async fn orders(State(app): Shared, SignedIn(user): SignedIn) -> Json<Value> {
    Json(json!(app.shop.shelves().orders_of(&user.email)))
}

/// Orders of other customers are not there, as far as this one is concerned.
async fn show_order(
    State(app): Shared,
    SignedIn(user): SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let shelves = app.shop.shelves();
    let own = shelves
        .orders_of(&user.email)
        .into_iter()
        .find(|order| order.id.to_string() == id);
    own.map(|order| Json(order).into_response())
        .ok_or_else(|| Problem::not_found("order", &id))
}

async fn order(
    State(app): Shared,
    SignedIn(user): SignedIn,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    once(
        &app,
        &format!("orders:{}", user.id),
        &headers,
        &body,
        |shelves| {
            let lines = wanted_lines(&parse::<Value>(&body)?).map_err(Problem::Invalid)?;
            let order = shelves.order(user.email.clone(), &lines)?;
            Ok((format!("/api/orders/{}", order.id), json!(order)))
        },
    )
}

fn wanted_lines(sent: &Value) -> Result<Vec<(String, u64)>, Vec<FieldError>> {
    let Some(lines) = sent["lines"]
        .as_array()
        .filter(|lines| (1..=MOST_LINES).contains(&lines.len()))
    else {
        return Err(vec![FieldError::new(
            "lines",
            format!("must be a list of 1 to {MOST_LINES} lines"),
        )]);
    };
    let mut wrong = Vec::new();
    let mut wanted = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let sku = line["sku"].as_str().unwrap_or_default();
        let quantity = line["quantity"].as_u64().unwrap_or_default();
        if sku.is_empty() {
            wrong.push(FieldError::new(format!("lines[{index}].sku"), "is missing"));
        }
        if !(1..=1_000).contains(&quantity) {
            wrong.push(FieldError::new(
                format!("lines[{index}].quantity"),
                "must be a whole number between 1 and 1000",
            ));
        }
        wanted.push((sku.to_owned(), quantity));
    }
    if wrong.is_empty() {
        Ok(wanted)
    } else {
        Err(wrong)
    }
}

/// Does `create` unless its `Idempotency-Key` was answered before. Refusals are not remembered: a corrected
/// request may use its key again.
fn once(
    app: &App,
    scope: &str,
    headers: &HeaderMap,
    body: &[u8],
    create: impl FnOnce(&mut Shelves) -> Result<(String, Value), Problem>,
) -> Result<Response, Problem> {
    let key = text_header(headers, "idempotency-key").map(|key| format!("{scope}:{key}"));
    let mut shelves = app.shop.shelves();
    if let Some(key) = &key {
        match shelves.memory.look_up(key, body) {
            Known::No => {}
            Known::Replay(answer) => return Ok(respond(&answer, true)),
            Known::Misused => {
                return Err(Problem::field(
                    "Idempotency-Key",
                    "was used for another request already",
                ));
            }
        }
    }
    let (location, created) = create(&mut shelves)?;
    let answer = Answer {
        status: StatusCode::CREATED,
        location: Some(location),
        body: text(&created),
    };
    let response = respond(&answer, false);
    if let Some(key) = key {
        shelves.memory.remember(key, body, answer);
    }
    Ok(response)
}

fn text(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .unwrap_or_default()
}

fn respond(answer: &Answer, is_replay: bool) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (answer.status, kind, answer.body.clone()).into_response();
    let location = answer
        .location
        .as_deref()
        .and_then(|location| HeaderValue::from_str(location).ok());
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if is_replay {
        response
            .headers_mut()
            .insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
