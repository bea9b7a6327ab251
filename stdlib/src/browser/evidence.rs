//! What a failure shows of the page: a picture, the document, its roles and names, its console, its requests. Kept as
//! artifacts of the failing step; whatever of it cannot be had is left out.

use super::host::lock;
use super::tab::Tab;
use super::trace::Mark;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::browsing::Tracing;
use crate::host::failure::Failure;
use crate::host::record::Level;
use crate::log::artifact;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Failures of one attempt that are shown so; a phase with hundreds of soft ones needs no hundreds of pictures.
const MOST: u32 = 5;
/// A page that hangs must not keep its failure waiting.
const LIMIT: Duration = Duration::from_secs(2);
/// What is looked at when the time of the scenario is up already may take that long, on any machine.
pub const LONGEST: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Shown(AtomicU32);

/// Keeps what the page looks like now, and what it did, at the step that is open.
pub fn attach(attempt: &Attempt, tab: &Arc<Tab>) {
    if attempt.is_polling() {
        return;
    }
    let shown = attempt.locals().get::<Shown>();
    if shown.0.fetch_add(1, Ordering::Relaxed) >= MOST {
        return;
    }
    let step = attempt.open_step().unwrap_or(0);
    let keep = |name: &str, media: &str, content: &[u8]| {
        let name = format!("{step}-{name}");
        if let Err(error) = artifact::keep(attempt, &name, media, content) {
            attempt.log(Level::Warn, error.to_string());
        }
    };
    let limit = tab.host().scaled(LIMIT);
    let seen = attempt.block_on(async {
        tokio::join!(
            tokio::time::timeout(limit, tab.screenshot(None, false)),
            tokio::time::timeout(limit, text(tab, "dom")),
            tokio::time::timeout(limit, text(tab, "aria")),
        )
    });
    if let Ok((picture, content, aria)) = seen {
        if let Ok(Ok(picture)) = picture {
            keep("screenshot.png", "image/png", &picture);
        }
        if let Ok(Some(content)) = content {
            keep("dom.html", "text/html", content.as_bytes());
        }
        if let Ok(Some(aria)) = aria
            && !aria.is_empty()
        {
            keep("aria.yml", "text/yaml", aria.as_bytes());
        }
    }
    // Also what came before the step: what went wrong is seldom told in the step that notices it.
    let lines = tab.trace().lines_since(Mark::default());
    if !lines.is_empty() {
        keep("console.jsonl", "application/jsonl", &json_lines(&lines));
    }
    let requests = tab.trace().requests_since(Mark::default());
    if !requests.is_empty() {
        keep("network.jsonl", "application/jsonl", &json_lines(&requests));
    }
}

/// What a function of the toolkit says of the document, if it is there and answers.
async fn text(tab: &Tab, name: &str) -> Option<String> {
    let got = tab.call(&tab.main_frame(), name, &json!({})).await.ok()?;
    match got {
        Value::String(text) => Some(text),
        _ => None,
    }
}

pub(super) fn json_lines(items: &[impl Serialize]) -> Vec<u8> {
    let mut out = Vec::new();
    for item in items {
        if serde_json::to_writer(&mut out, item).is_ok() {
            out.push(b'\n');
        }
    }
    out
}

/// Pictures of an attempt that go when it passes.
#[derive(Default)]
struct Pictures(Mutex<Vec<PathBuf>>);

/// Keeps a picture of a step; gives its path below the directory of the run.
pub fn picture(attempt: &Attempt, name: &str, png: &[u8]) -> Option<String> {
    let path = match artifact::store(attempt, name, png) {
        Ok(path) => path,
        Err(error) => {
            attempt.log(Level::Warn, error.to_string());
            return None;
        }
    };
    if attempt.world().browsing.trace == Tracing::RetainOnFailure {
        let pictures = attempt.locals().get::<Pictures>();
        let mut kept = lock(&pictures.0);
        if kept.is_empty() {
            attempt.on_end(Cleanup {
                title: "let go of the pictures of its steps".into(),
                run: Box::new(let_go),
            });
        }
        kept.push(attempt.world().run_dir.join(&path));
    }
    Some(path)
}

fn let_go(attempt: &Attempt) -> Result<(), Failure> {
    if attempt.bad_news().is_empty() {
        let pictures = attempt.locals().get::<Pictures>();
        for path in lock(&pictures.0).drain(..) {
            let _ = std::fs::remove_file(path);
        }
    }
    Ok(())
}
