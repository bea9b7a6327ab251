//! A page before anybody asks for it. Most of what a page of its own costs is the process that the browser starts for it, so where such
//! pages are opened again and again, the next one is made while the last one is in use.

use super::context::Context;
use super::host::{BrowserHost, lock};
use super::options::ContextOptions;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;

/// Contexts that a browser had before more are expected: one that nobody asks for costs as much as any.
const SEVERAL: u32 = 3;

/// The context with an empty page that is there, or on its way; at most one.
#[derive(Default)]
pub struct Spare(Mutex<Option<Making>>);

struct Making {
    options: ContextOptions,
    task: JoinHandle<Option<Arc<Context>>>,
}

impl Spare {
    /// The context, if it is just what is wanted. One on its way is waited for: another would not be there sooner.
    pub async fn take(&self, options: &ContextOptions) -> Option<Arc<Context>> {
        let making = lock(&self.0).take_if(|making| making.options == *options)?;
        let context = making.task.await.ok().flatten()?;
        context.is_usable().then_some(context)
    }

    /// Makes one like `context`, as more like it are to be expected. Windows that people see open only when they ask.
    pub fn follow(&self, context: &Context) {
        let host = context.host();
        let options = context.options();
        let is_usual = options.storage.is_none() && !options.by_hand;
        if !is_usual || !host.is_unseen() || host.opened() < SEVERAL {
            return;
        }
        lock(&self.0).get_or_insert_with(|| Making {
            options: options.clone(),
            task: host.runtime().spawn(make(host.clone(), options.clone())),
        });
    }

    /// Whether one could be taken at once, for tests.
    #[cfg(test)]
    pub fn is_ready(&self) -> bool {
        lock(&self.0)
            .as_ref()
            .is_some_and(|making| making.task.is_finished())
    }

    /// Leaves it to end with the browser.
    pub fn abandon(&self) {
        if let Some(making) = lock(&self.0).take() {
            making.task.abort();
        }
    }
}

async fn make(host: Arc<BrowserHost>, options: ContextOptions) -> Option<Arc<Context>> {
    let context = Context::make(host, options).await.ok()?;
    match context.park_tab().await {
        Ok(()) => Some(context),
        Err(_) => {
            context.close().await;
            None
        }
    }
}
