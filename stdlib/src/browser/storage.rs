//! What a context knows of those who use it: cookies, and what pages keep for their origins. As JSON, so that it can cross from
//! phase to phase on `state`.

use super::context::Context;
use super::error::TabError;
use super::tab::{Tab, Until};
use super::traffic::{Answer, Handler, Pattern, Route};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long an empty page of ours may take.
const PROMPT: Duration = Duration::from_secs(10);

/// What of a cookie has to be told for it to be the same.
const COOKIE: &[&str] = &[
    "name", "value", "domain", "path", "httpOnly", "secure", "sameSite", "expiry",
];

impl Context {
    /// All of it, from the cookies and the pages that are open.
    pub async fn storage_state(&self) -> Result<Value, TabError> {
        let cookies: Vec<Value> = self.cookies().await?.iter().map(told).collect();
        let mut origins = Map::new();
        for tab in self.tabs() {
            let Ok(kept) = tab.ask_document("storage").await else {
                continue;
            };
            let Some(origin) = kept["origin"].as_str().filter(|origin| *origin != "null") else {
                continue;
            };
            let is_empty = |part: &str| kept[part].as_object().is_none_or(Map::is_empty);
            if !(is_empty("local") && is_empty("session")) {
                origins.insert(
                    origin.to_owned(),
                    json!({ "local": kept["local"], "session": kept["session"] }),
                );
            }
        }
        Ok(json!({ "cookies": cookies, "origins": origins }))
    }

    /// Puts it into an empty context.
    pub(super) async fn restore(self: &Arc<Self>, state: &Value) -> Result<(), TabError> {
        for cookie in state["cookies"].as_array().into_iter().flatten() {
            self.set_cookie(asked(cookie)).await?;
        }
        let Some(origins) = state["origins"]
            .as_object()
            .filter(|origins| !origins.is_empty())
        else {
            return Ok(());
        };
        // Only a page of an origin can put something into it: an empty one of ours, which its server never sees.
        let tab: Arc<Tab> = self.new_tab().await?;
        let pattern = Pattern::parse("**", None).map_err(TabError::Usage)?;
        let handler: Handler = Arc::new(|_, sender| drop(sender.send(empty_page())));
        tab.route(Route { pattern, handler }).await?;
        for (origin, kept) in origins {
            tab.visit(&format!("{origin}/"), Until::DomContentLoaded, PROMPT)
                .await?;
            tab.call(&tab.main_frame(), "restore", kept).await?;
        }
        tab.close().await
    }
}

fn empty_page() -> Answer {
    Answer::Respond {
        status: 200,
        headers: vec![("content-type".into(), "text/html".into())],
        body: b"<!doctype html>".to_vec(),
        delay: Duration::ZERO,
    }
}

/// A cookie as scripts and `state` have it.
pub fn told(cookie: &Value) -> Value {
    let mut told = Map::new();
    for key in COOKIE {
        let value = match *key {
            "value" => cookie["value"]["value"].clone(),
            key => cookie[key].clone(),
        };
        if !value.is_null() {
            told.insert(snake(key).into(), value);
        }
    }
    Value::Object(told)
}

/// A cookie as the browser takes it.
pub fn asked(cookie: &Value) -> Value {
    let mut asked = Map::new();
    for key in COOKIE {
        let value = &cookie[snake(key)];
        // What was not said is told as `none`, which browsers take of safe cookies only.
        let is_unsaid = *key == "sameSite" && value == "none" && cookie["secure"] != true;
        if !value.is_null() && !is_unsaid {
            let value = match *key {
                "value" => json!({ "type": "string", "value": value }),
                _ => value.clone(),
            };
            asked.insert((*key).into(), value);
        }
    }
    Value::Object(asked)
}

fn snake(key: &str) -> &str {
    match key {
        "httpOnly" => "http_only",
        "sameSite" => "same_site",
        "expiry" => "expires",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_the_same_after_it_was_told() {
        let cookie = json!({
            "name": "sid", "value": { "type": "string", "value": "42" }, "domain": "127.0.0.1", "path": "/",
            "httpOnly": true, "secure": false, "sameSite": "lax", "size": 5,
        });
        let told = told(&cookie);
        assert_eq!(told["value"], "42");
        assert_eq!(told["http_only"], true);
        assert!(told.get("size").is_none());
        let asked = asked(&told);
        assert_eq!(asked["value"]["value"], "42");
        assert_eq!(asked["sameSite"], "lax");
        let unsaid = json!({ "name": "a", "value": "b", "same_site": "none", "secure": false });
        assert!(super::asked(&unsaid).get("sameSite").is_none());
    }
}
