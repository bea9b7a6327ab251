//! Asking documents: functions of the toolkit in a world of their own, and scripts in the page's world.

use super::super::error::TabError;
use super::super::toolkit::{self, SANDBOX};
use super::{ElementRef, Frame, PROMPT, Tab};
use serde_json::{Value, json};
use std::time::Duration;

/// Runs a script with arguments: an expression, a function of the arguments, or statements with `return`.
const EXPRESSION: &str = "async (args) => { const it = (\n//SOURCE\n); const value = typeof it === 'function' ? \
    await it(...JSON.parse(args)) : await it; return value === undefined ? 'null' : JSON.stringify(value) ?? 'null'; }";
const OF_ELEMENT: &str = "async (element, args) => { const value = await (\n//SOURCE\n)(element, ...JSON.parse(args)); \
    return value === undefined ? 'null' : JSON.stringify(value) ?? 'null'; }";
const STATEMENTS: &str = "async (args) => { const value = await (async (...args) => {\n//SOURCE\n})(...JSON.parse(args)); \
    return value === undefined ? 'null' : JSON.stringify(value) ?? 'null'; }";

impl Tab {
    /// Calls `name` of the toolkit in a frame; one round trip. A promise is waited for. A document that goes away
    /// meanwhile is [`TabError::Navigated`]: ask again.
    pub async fn call(&self, frame: &Frame, name: &str, args: &Value) -> Result<Value, TabError> {
        let text = args.to_string();
        let straight = self.call_straight(frame, name, &text);
        match self.freed(straight).await? {
            Some(told) => decode(&told),
            None => decode(&self.of_toolkit(frame, toolkit::CALL, name, args).await?),
        }
    }

    /// Asks the main document; again when it is replaced meanwhile.
    pub async fn ask_document(&self, name: &str) -> Result<Value, TabError> {
        loop {
            match self.call(&self.main_frame(), name, &json!({})).await {
                Err(TabError::Navigated) => tokio::task::yield_now().await,
                other => return other,
            }
        }
    }

    /// Calls a function of the toolkit that gives back an element.
    pub async fn find(
        &self,
        frame: &Frame,
        name: &str,
        args: &Value,
    ) -> Result<Option<ElementRef>, TabError> {
        let got = self.of_toolkit(frame, toolkit::FIND, name, args).await?;
        Ok(got["sharedId"].as_str().map(|id| ElementRef(id.to_owned())))
    }

    /// One call of the toolkit. It is in every document from its beginning, but for those that were there before it.
    async fn of_toolkit(
        &self,
        frame: &Frame,
        call: &str,
        name: &str,
        args: &Value,
    ) -> Result<Value, TabError> {
        let arguments = [text(name), text(&args.to_string())];
        let asked = self.function(frame, call, &arguments, Some(SANDBOX), PROMPT);
        let got = self.freed(asked).await?;
        if got["value"] != toolkit::MISSING {
            return Ok(got);
        }
        let declaration = toolkit::equipping(call);
        self.function(frame, &declaration, &arguments, Some(SANDBOX), PROMPT)
            .await
    }

    /// The document inside an `<iframe>`.
    pub async fn child_frame(&self, of: &Frame, element: &ElementRef) -> Result<Frame, TabError> {
        let arguments = [json!({ "sharedId": element.0 })];
        let got = self
            .function(
                of,
                "(element) => element.contentWindow",
                &arguments,
                None,
                PROMPT,
            )
            .await?;
        match got.pointer("/value/context").and_then(Value::as_str) {
            Some(id) => Ok(Frame { id: id.to_owned() }),
            None => Err(TabError::Usage("the element is no frame".into())),
        }
    }

    /// Runs a script in the page's own world: an expression, a function of the arguments, or statements with `return`.
    /// What it gives, also as a promise, has to be JSON. Only with `patience` may it keep the page busy.
    pub async fn evaluate(
        &self,
        frame: &Frame,
        source: &str,
        args: &[Value],
        patience: Option<Duration>,
    ) -> Result<Value, TabError> {
        let arguments = [text(&Value::from(args).to_string())];
        let (first, second) = match has_return(source) {
            true => (STATEMENTS, EXPRESSION),
            false => (EXPRESSION, STATEMENTS),
        };
        let run = async |wrapper: &str| {
            // A loop without a body ends with one that counts.
            let source = match wrapper == EXPRESSION {
                true => source.trim().trim_end_matches(';'),
                false => source,
            };
            let declaration = wrapper.replace("//SOURCE", source);
            let run = async |limit| {
                self.function(frame, &declaration, &arguments, None, limit)
                    .await
            };
            self.watched(frame, patience, run).await
        };
        match run(first).await {
            Err(TabError::Script(said)) if said.contains("SyntaxError") => {
                // Told of the way it was most likely meant.
                match run(second).await {
                    Err(TabError::Script(again)) if again.contains("SyntaxError") => {
                        Err(TabError::Script(said))
                    }
                    other => decode(&other?),
                }
            }
            other => decode(&other?),
        }
    }

    /// Calls a function of the page's own world with an element and the arguments. Only with `patience` may it keep the page
    /// busy.
    pub async fn evaluate_on(
        &self,
        frame: &Frame,
        element: &ElementRef,
        source: &str,
        args: &[Value],
        patience: Option<Duration>,
    ) -> Result<Value, TabError> {
        let declaration = OF_ELEMENT.replace("//SOURCE", source.trim().trim_end_matches(';'));
        let arguments = [
            json!({ "sharedId": element.0 }),
            text(&Value::from(args).to_string()),
        ];
        let run = async |limit| {
            self.function(frame, &declaration, &arguments, None, limit)
                .await
        };
        decode(&self.watched(frame, patience, run).await?)
    }

    /// One call of a function in a document.
    async fn function(
        &self,
        frame: &Frame,
        declaration: &str,
        arguments: &[Value],
        sandbox: Option<&str>,
        limit: Duration,
    ) -> Result<Value, TabError> {
        let mut target = json!({ "context": frame.id() });
        if let Some(sandbox) = sandbox {
            target["sandbox"] = sandbox.into();
        }
        let asked = json!({
            "functionDeclaration": declaration,
            "arguments": arguments,
            "awaitPromise": true,
            "target": target,
            "userActivation": sandbox.is_none(),
        });
        let mut answer = self.ask("script.callFunction", asked, limit).await?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(thrown(details)),
            None => Ok(answer["result"].take()),
        }
    }
}

fn text(text: &str) -> Value {
    json!({ "type": "string", "value": text })
}

/// The JSON text that a function of ours gave.
fn decode(got: &Value) -> Result<Value, TabError> {
    let text = got["value"].as_str().unwrap_or("null");
    serde_json::from_str(text).map_err(|error| TabError::Script(format!("no JSON: {error}")))
}

/// What a script threw.
fn thrown(details: &Value) -> TabError {
    let text = details["text"].as_str().unwrap_or("something was thrown");
    let text = text.strip_prefix("Uncaught ").unwrap_or(text);
    match text.contains("context was destroyed") || text.contains("detached") {
        true => TabError::Navigated,
        false => TabError::Script(text.to_owned()),
    }
}

/// Whether a script is written as statements.
fn has_return(source: &str) -> bool {
    let start = source.trim_start();
    start.starts_with("return ") || start.starts_with("return;") || start.starts_with("return(")
}
