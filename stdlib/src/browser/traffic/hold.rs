//! Who answers a request that is held back. Whatever goes wrong with that, the request goes on or fails: no page waits for an
//! answer that never comes.

use super::answer::{Answer, Held};
use super::pattern::Pattern;
use crate::browser::context::Context;
use crate::browser::error::TabError;
use crate::browser::host::lock;
use crate::browser::tab::Tab;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a closure may think about a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Gives a request its answer, some time; dropping the sender lets it fail.
pub type Handler = Arc<dyn Fn(Held, oneshot::Sender<Answer>) + Send + Sync>;

/// What is done with requests for some addresses.
#[derive(Clone)]
pub struct Route {
    pub pattern: Pattern,
    pub handler: Handler,
}

/// The routes of a page, newest last; the newest that fits answers.
#[derive(Default)]
pub struct Routes {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    routes: Vec<Route>,
    /// What holds requests back in the browser.
    intercept: Option<String>,
    /// Requests whose server has refused the name and password already.
    refused: HashSet<String>,
}

impl Tab {
    /// Has requests for `route` answered by it, from now on.
    pub async fn route(&self, route: Route) -> Result<(), TabError> {
        lock(&self.routes().inner).routes.push(route);
        self.hold_back().await
    }

    /// Takes back all routes of this pattern; whether there were any.
    pub fn unroute(&self, pattern: &str) -> bool {
        let mut inner = lock(&self.routes().inner);
        let before = inner.routes.len();
        inner.routes.retain(|route| route.pattern.text() != pattern);
        before != inner.routes.len()
    }

    /// Routes that the options of its context ask for: hosts that are not to be talked to, servers that ask who we are.
    pub(in crate::browser) async fn route_usual(&self, context: &Context) -> Result<(), TabError> {
        for host in &context.options().block {
            let patterns = [format!("*://{host}/**"), format!("*://{host}:*/**")];
            for pattern in patterns
                .iter()
                .filter_map(|text| Pattern::parse(text, None).ok())
            {
                let handler: Handler = Arc::new(|_, sender| drop(sender.send(Answer::Abort)));
                lock(&self.routes().inner)
                    .routes
                    .push(Route { pattern, handler });
            }
        }
        self.hold_back().await
    }

    /// Has the browser hold requests of this page back, if it does not yet.
    pub(in crate::browser) async fn hold_back(&self) -> Result<(), TabError> {
        if lock(&self.routes().inner).intercept.is_some() {
            return Ok(());
        }
        let asked = json!({
            "phases": ["beforeRequestSent", "authRequired"],
            "contexts": [self.id()],
        });
        let answer = self.host().command("network.addIntercept", asked).await?;
        let id = answer["intercept"].as_str().map(str::to_owned);
        lock(&self.routes().inner).intercept = id;
        Ok(())
    }

    /// A request of it is held back.
    pub(in crate::browser) fn held(self: &Arc<Self>, params: &Value) {
        let Some(held) = Held::read(params) else {
            return;
        };
        let routes = lock(&self.routes().inner).routes.clone();
        let fitting = routes
            .into_iter()
            .rev()
            .find(|route| route.pattern.is_match(&held.url));
        let host = self.host().clone();
        self.host().runtime().spawn(async move {
            let answer = match fitting {
                None => Answer::PassOn,
                Some(route) => {
                    let (sender, receiver) = oneshot::channel();
                    (route.handler)(held.clone(), sender);
                    let answered = tokio::time::timeout(host.scaled(PATIENCE), receiver).await;
                    answered.ok().and_then(Result::ok).unwrap_or(Answer::Abort)
                }
            };
            if let Answer::Respond { delay, .. } = &answer
                && !delay.is_zero()
            {
                tokio::time::sleep(*delay).await;
            }
            let (command, params) = answer.command(&held);
            if host.command(command, params).await.is_err() && answer != Answer::PassOn {
                // What the browser does not take as an answer must not hang, either.
                let (command, params) = Answer::Abort.command(&held);
                let _ = host.command(command, params).await;
            }
        });
    }

    /// A server asks who we are.
    pub(in crate::browser) fn asked_who(
        self: &Arc<Self>,
        params: &Value,
        auth: Option<(String, String)>,
    ) {
        let Some(held) = Held::read(params) else {
            return;
        };
        let is_first = lock(&self.routes().inner).refused.insert(held.id.clone());
        let asked = match auth {
            Some((username, password)) if is_first => json!({
                "request": held.id,
                "action": "provideCredentials",
                "credentials": { "type": "password", "username": username, "password": password },
            }),
            _ => json!({ "request": held.id, "action": "cancel" }),
        };
        let host = self.host().clone();
        self.host().runtime().spawn(async move {
            let _ = host.command("network.continueWithAuth", asked).await;
        });
    }
}
