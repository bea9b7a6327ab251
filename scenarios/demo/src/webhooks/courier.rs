//! The one background task of the demo: it knows when running tasks are due to end, and it delivers. A heap of
//! due times stands for a timer per task.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::post::post;
use super::store::{Hook, News, Outcome, Try};
use crate::app::App;
use crate::digest::{hex, sign};

/// One call and up to three more.
const TRIES: u32 = 4;
const AT_ONCE: usize = 64;

/// Due time and id; the task itself is looked up when its time has come, so that a reset forgets it.
type Due = Reverse<(Instant, u64)>;

pub(crate) async fn run(app: Arc<App>, mut news: mpsc::UnboundedReceiver<News>) {
    let mut due: BinaryHeap<Due> = BinaryHeap::new();
    let mut calls = JoinSet::new();
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let next = due.peek().map(|Reverse((at, _))| *at);
        tokio::select! {
            heard = news.recv() => match heard {
                Some(News::Started(task)) => due.push(Reverse((task.ends(), task.id))),
                Some(News::Happened { event, data }) => {
                    for hook in app.webhooks.wanting(event) {
                        calls.spawn(deliver(app.clone(), slots.clone(), hook, event, data.clone()));
                    }
                }
                None => break,
            },
            () = sleep_until(next) => tell_ended(&app, &mut due),
            Some(_) = calls.join_next() => {}
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn tell_ended(app: &App, due: &mut BinaryHeap<Due>) {
    let now = Instant::now();
    while let Some(Reverse((at, id))) = due.peek().copied()
        && at <= now
    {
        due.pop();
        // Cancelled tasks were told of when they were cancelled. After a reset the id may belong to a younger
        // task, which has an entry of its own.
        if let Some(task) = app
            .tasks
            .get(id)
            .filter(|task| task.ends() == at && !task.is_revoked())
        {
            app.webhooks.task_ended(&task);
        }
    }
}

async fn deliver(
    app: Arc<App>,
    slots: Arc<Semaphore>,
    hook: Arc<Hook>,
    event: &'static str,
    data: Value,
) {
    let payload = json!({ "event": event, "sent_at": Timestamp::now(), "data": data });
    let body = payload.to_string();
    let id = hook.open(event, payload);
    let signature = format!(
        "sha256={}",
        hex(&sign(hook.secret.as_bytes(), body.as_bytes()))
    );
    let mut pause = app.options.webhook_backoff;
    for number in 1..=TRIES {
        let slot = slots.acquire().await;
        let (at, begin) = (Timestamp::now(), Instant::now());
        let headers = [
            ("x-demo-event", event),
            ("x-demo-delivery", &id),
            ("x-demo-signature", &signature),
        ];
        let result = post(&hook.url, &headers, body.clone()).await;
        drop(slot);
        let state = match &result {
            Ok(status) if status.is_success() => Outcome::Delivered,
            _ if number == TRIES => Outcome::Failed,
            _ => Outcome::Pending,
        };
        let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (status, error) = match result {
            Ok(status) => (Some(status.as_u16()), None),
            Err(error) => (None, Some(error.to_string())),
        };
        hook.note(
            &id,
            Try {
                at,
                status,
                error,
                ms,
            },
            state,
        );
        // A hook that was removed meanwhile is not called again.
        if state != Outcome::Pending || app.webhooks.get(hook.id).is_none() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}
