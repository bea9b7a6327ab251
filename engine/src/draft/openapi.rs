//! An OpenAPI description (3.0 or 3.1, JSON or YAML): one scenario for each operation, with the examples of the
//! description, and the shape of the answer it promises.

use super::error::DraftError;
use super::request::{Auth, Body, Draft, Exchange, Expected, Planned, Request};
use serde_json::{Map, Value, json};

/// How deep schemas are followed; they may contain themselves.
const DEPTH: u8 = 6;
const METHODS: &[&str] = &[
    "get", "post", "put", "patch", "delete", "head", "options", "trace",
];

/// The scenarios of a description: all, or that of one operation (`listPets`, or `GET /pets`).
pub fn of_openapi(text: &str, operation: Option<&str>) -> Result<Draft, DraftError> {
    let root = read(text)?;
    let paths = root["paths"]
        .as_object()
        .ok_or_else(|| DraftError::NotOpenApi("it has no `paths`".into()))?;
    let api = Api { root: &root };
    let mut known = Vec::new();
    let mut scenarios = Vec::new();
    for (path, item) in paths {
        for method in METHODS {
            let described = &item[*method];
            if !described.is_object() {
                continue;
            }
            let title = format!("{} {path}", method.to_uppercase());
            let id = described["operationId"].as_str();
            known.extend(id.map(str::to_owned));
            known.push(title.clone());
            let is_wanted = operation.is_none_or(|wanted| {
                id == Some(wanted) || title.eq_ignore_ascii_case(wanted.trim())
            });
            if is_wanted {
                let said = described["summary"]
                    .as_str()
                    .filter(|text| !text.is_empty());
                scenarios.push(Planned {
                    name: match said {
                        Some(summary) => format!("{title}: {summary}"),
                        None => format!("{title} answers"),
                    },
                    exchanges: vec![api.exchange(method, path, item, described)],
                });
            }
        }
    }
    match (scenarios.is_empty(), operation) {
        (false, _) => Ok(Draft {
            origin: format!("the OpenAPI description of {}", api.title()),
            scenarios,
        }),
        (true, Some(wanted)) => Err(DraftError::NoOperation {
            wanted: wanted.to_owned(),
            known,
        }),
        (true, None) => Err(DraftError::NotOpenApi("it describes no operation".into())),
    }
}

fn read(text: &str) -> Result<Value, DraftError> {
    let not = |error: String| DraftError::NotOpenApi(error);
    let text = text.trim_start_matches('\u{feff}');
    let root: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| not(error.to_string()))?
    } else {
        serde_norway::from_str(text).map_err(|error| not(error.to_string()))?
    };
    match root["openapi"].as_str() {
        Some(version) if version.starts_with("3.") => Ok(root),
        Some(version) => Err(not(format!("its version is {version}"))),
        None if root.get("swagger").is_some() => Err(not("its version is Swagger 2".into())),
        None => Err(not("it has no `openapi: 3.…`".into())),
    }
}

struct Api<'a> {
    root: &'a Value,
}

impl<'a> Api<'a> {
    fn title(&self) -> &'a str {
        self.root["info"]["title"].as_str().unwrap_or("an API")
    }

    /// What a reference stands for, or the value itself.
    fn resolve(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..DEPTH {
            let Some(reference) = value["$ref"].as_str() else {
                return value;
            };
            let Some(found) = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
            else {
                return &Value::Null;
            };
            value = found;
        }
        value
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        item: &'a Value,
        described: &'a Value,
    ) -> Exchange {
        let mut request = Request {
            method: method.to_uppercase(),
            ..Request::default()
        };
        let mut filled = path.to_owned();
        let shared = item["parameters"].as_array().into_iter().flatten();
        let own = described["parameters"].as_array().into_iter().flatten();
        for parameter in shared.chain(own) {
            let parameter = self.resolve(parameter);
            let Some(name) = parameter["name"].as_str() else {
                continue;
            };
            let value = in_words(&self.parameter(parameter));
            let required = parameter["required"].as_bool().unwrap_or(false);
            match parameter["in"].as_str() {
                Some("path") => filled = filled.replace(&format!("{{{name}}}"), &segment(&value)),
                Some("query") if required => request.query.push((name.to_owned(), value)),
                Some("header") if required => request.headers.push((name.to_owned(), value)),
                _ => {}
            }
        }
        request.url = format!("{}{filled}", self.server(item, described));
        self.identify(&mut request, described);
        self.carry(&mut request, described);
        Exchange {
            request,
            expected: self.expected(described),
        }
    }

    /// The address of the first server; empty if it is that of the project.
    fn server(&self, item: &'a Value, described: &'a Value) -> String {
        let servers = [described, item, self.root]
            .into_iter()
            .find_map(|place| place["servers"].as_array());
        let Some(server) = servers.and_then(|servers| servers.first()) else {
            return String::new();
        };
        let mut url = server["url"].as_str().unwrap_or_default().to_owned();
        let variables = server["variables"].as_object().into_iter().flatten();
        for (name, variable) in variables {
            let value = variable["default"].as_str().unwrap_or_default();
            url = url.replace(&format!("{{{name}}}"), value);
        }
        url.trim_end_matches('/').to_owned()
    }

    fn parameter(&self, parameter: &'a Value) -> Value {
        let examples = parameter["examples"]
            .as_object()
            .and_then(|all| all.values().next());
        let example = examples.map(|example| &self.resolve(example)["value"]);
        [Some(&parameter["example"]), example]
            .into_iter()
            .flatten()
            .find(|value| !value.is_null())
            .cloned()
            .unwrap_or_else(|| self.example(&parameter["schema"], DEPTH))
    }

    /// A value that a schema describes.
    fn example(&self, schema: &'a Value, depth: u8) -> Value {
        let schema = self.resolve(schema);
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Null;
        };
        for given in [&schema["example"], &schema["default"], &schema["const"]] {
            if !given.is_null() {
                return given.clone();
            }
        }
        for list in ["examples", "enum"] {
            if let Some(first) = schema[list].as_array().and_then(|all| all.first()) {
                return first.clone();
            }
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(first) = schema[choice].as_array().and_then(|all| all.first()) {
                return self.example(first, depth);
            }
        }
        if let Some(all) = schema["allOf"].as_array() {
            let mut merged = Map::new();
            for part in all {
                if let Value::Object(map) = self.example(part, depth) {
                    merged.extend(map);
                }
            }
            return Value::Object(merged);
        }
        match kind(schema) {
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => schema.get("minimum").cloned().unwrap_or(json!(1.5)),
            "boolean" => json!(true),
            "array" => json!([self.example(&schema["items"], depth)]),
            "object" => {
                let required: Vec<&str> = schema["required"]
                    .as_array()
                    .map(|names| names.iter().filter_map(Value::as_str).collect())
                    .unwrap_or_default();
                let properties = schema["properties"].as_object().into_iter().flatten();
                let wanted = properties.filter(|(name, property)| {
                    let read_only = self.resolve(property)["readOnly"] == json!(true);
                    (required.is_empty() || required.contains(&name.as_str())) && !read_only
                });
                wanted
                    .map(|(name, property)| (name.clone(), self.example(property, depth)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            _ => json!(text_example(schema)),
        }
    }

    fn identify(&self, request: &mut Request, described: &'a Value) {
        let security = [described, self.root]
            .into_iter()
            .find_map(|place| place["security"].as_array());
        let first = security
            .and_then(|all| all.first())
            .and_then(Value::as_object);
        let Some(name) = first.and_then(|first| first.keys().next()) else {
            return;
        };
        let scheme = self.resolve(&self.root["components"]["securitySchemes"][name.as_str()]);
        let text = |key: &str| scheme[key].as_str().unwrap_or_default();
        // What nobody told is a secret to be set.
        match (text("type"), text("scheme").to_lowercase().as_str()) {
            ("http", "basic") => {
                request.auth = Some(Auth::Basic("user".into(), String::new()));
            }
            ("http" | "oauth2" | "openIdConnect", _) => {
                request.auth = Some(Auth::Bearer(String::new()));
            }
            ("apiKey", _) => {
                let pair = (text("name").to_owned(), String::new());
                match text("in") {
                    "header" => request.headers.push(pair),
                    "query" => request.query.push(pair),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn carry(&self, request: &mut Request, described: &'a Value) {
        let content = &self.resolve(&described["requestBody"])["content"];
        let Some((media, body)) = preferred(content) else {
            return;
        };
        let value = self.parameter(body);
        request.body = match (media.as_str(), value) {
            ("application/x-www-form-urlencoded", Value::Object(map)) => Body::Form(
                map.iter()
                    .map(|(name, value)| (name.clone(), in_words(value)))
                    .collect(),
            ),
            (media, value) if media.contains("json") => Body::Json(value),
            (_, value) => {
                request.headers.push(("Content-Type".into(), media.clone()));
                Body::Text(in_words(&value))
            }
        };
    }

    /// The answer that goes well.
    fn expected(&self, described: &'a Value) -> Option<Expected> {
        let answers = described["responses"].as_object()?;
        let good = answers.iter().find(|(status, _)| status.starts_with('2'));
        let (status, answer) = good.or_else(|| answers.iter().next())?;
        let content = &self.resolve(answer)["content"];
        let media = preferred(content);
        let json = media.filter(|(media, _)| media.contains("json"));
        Some(Expected {
            status: status.replace(['X', 'x'], "0").parse().unwrap_or(200),
            shape: json.map(|(_, body)| self.shape(&body["schema"], DEPTH)),
            media_type: match json {
                Some(_) => None,
                None => media
                    .map(|(media, _)| media.clone())
                    .filter(|m| !m.contains('*')),
            },
        })
    }

    /// The pattern that whatever a schema describes matches.
    fn shape(&self, schema: &'a Value, depth: u8) -> Value {
        let schema = self.resolve(schema);
        let Some(depth) = depth.checked_sub(1) else {
            return json!("#ignore");
        };
        if let Some(all) = schema["allOf"].as_array() {
            let mut merged = Map::new();
            for part in all {
                if let Value::Object(map) = self.shape(part, depth) {
                    merged.extend(map);
                }
            }
            return Value::Object(merged);
        }
        let nullable = schema["nullable"] == json!(true)
            || schema["type"]
                .as_array()
                .is_some_and(|all| all.contains(&json!("null")));
        if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() {
            return json!("#ignore");
        }
        let marker = match (kind(schema), schema["format"].as_str()) {
            ("string", Some("uuid")) => "#uuid",
            ("string", Some("date-time")) => "#time",
            ("string", _) => "#string",
            ("integer", _) => "#integer",
            ("number", _) => "#number",
            ("boolean", _) => "#bool",
            ("array", _) => match self.shape(&schema["items"], depth) {
                Value::String(marker) if !marker.starts_with("##") && marker != "#ignore" => {
                    return json!(format!("#[] {marker}"));
                }
                _ => "#array",
            },
            ("object", _) => {
                let Some(properties) = schema["properties"].as_object() else {
                    return json!("#object");
                };
                if nullable {
                    return json!("##object");
                }
                let required = schema["required"].as_array();
                let keys = properties.iter().map(|(name, property)| {
                    let shape = self.shape(property, depth);
                    let must = required.is_some_and(|names| names.contains(&json!(name)));
                    (name.clone(), if must { shape } else { optional(shape) })
                });
                return keys.collect::<Map<_, _>>().into();
            }
            _ => return json!("#ignore"),
        };
        match nullable {
            true => json!(format!("#{marker}")),
            false => json!(marker),
        }
    }
}

/// A pattern that may also be missing.
fn optional(shape: Value) -> Value {
    match shape {
        Value::String(marker) if marker.starts_with("#[") => json!("##array"),
        Value::String(marker) if marker.starts_with("##") || marker == "#ignore" => json!(marker),
        Value::String(marker) => json!(format!("#{marker}")),
        _ => json!("##object"),
    }
}

/// The type a schema names, or the one its keys give away.
fn kind(schema: &Value) -> &str {
    let named = match &schema["type"] {
        Value::Array(all) => all
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        named => named.as_str(),
    };
    named.unwrap_or_else(|| match schema {
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "",
    })
}

fn text_example(schema: &Value) -> &'static str {
    match schema["format"].as_str() {
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("date") => "2026-01-31",
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("email") => "ada@example.com",
        Some("uri") => "https://example.com/",
        Some("password") => "",
        _ => "text",
    }
}

/// JSON if there is any, else what comes first.
fn preferred(content: &Value) -> Option<(&String, &Value)> {
    let all = content.as_object()?;
    let json = all.iter().find(|(media, _)| media.contains("json"));
    json.or_else(|| all.iter().next())
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A value as part of a path.
fn segment(value: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    encoded.replace('+', "%20")
}
