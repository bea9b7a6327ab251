//! A page before anybody asks for it. Most of what a page of its own costs is the process that the browser starts for it, so where such
//! pages are opened again and again, the next one is made while the last one is in use; several, where one would come too late.

use super::context::Context;
use super::host::{BrowserHost, lock};
use super::options::ContextOptions;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;

/// Contexts that a browser had before more are expected: one that nobody asks for costs as much as any.
const SEVERAL: u32 = 2;
/// As many are made side by side at most, where they are asked for faster than one after the other is made.
const AT_ONCE: usize = 3;

/// The contexts with an empty page that are there, or on their way.
#[derive(Default)]
pub struct Spare(Mutex<Stock>);

#[derive(Default)]
struct Stock {
    makings: VecDeque<Making>,
    /// How many more than one to keep: as many as were asked for before they were there.
    more: usize,
}

struct Making {
    options: ContextOptions,
    task: JoinHandle<Option<Arc<Context>>>,
}

impl Spare {
    /// The oldest context that is just what is wanted. One on its way is waited for: another would not be there sooner.
    pub async fn take(&self, options: &ContextOptions) -> Option<Arc<Context>> {
        let making = lock(&self.0).take(options)?;
        let context = making.task.await.ok().flatten()?;
        context.is_usable().then_some(context)
    }

    /// Makes some like `context`, as more like it are to be expected. Windows that people see open only when they ask.
    pub fn follow(&self, context: &Context) {
        let host = context.host();
        let options = context.options();
        let is_usual = options.storage.is_none() && !options.by_hand;
        if !is_usual || !host.is_unseen() || host.opened() < SEVERAL {
            return;
        }
        let mut stock = lock(&self.0);
        while stock.makings.len() <= stock.more {
            stock.makings.push_back(Making {
                options: options.clone(),
                task: host.runtime().spawn(make(host.clone(), options.clone())),
            });
        }
    }

    /// How many could be taken at once, for tests.
    #[cfg(test)]
    pub fn ready(&self) -> usize {
        let stock = lock(&self.0);
        let ready = stock.makings.iter().filter(|it| it.task.is_finished());
        ready.count()
    }

    /// Leaves them to end with the browser.
    pub fn abandon(&self) {
        for making in lock(&self.0).makings.drain(..) {
            making.task.abort();
        }
    }
}

impl Stock {
    fn take(&mut self, options: &ContextOptions) -> Option<Making> {
        let at = self.makings.iter().position(|it| it.options == *options)?;
        let making = self.makings.remove(at)?;
        self.more = match making.task.is_finished() {
            true => self.more.saturating_sub(1),
            false => (self.more + 1).min(AT_ONCE - 1),
        };
        Some(making)
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
