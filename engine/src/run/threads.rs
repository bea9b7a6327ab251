//! Threads for scripts: big enough stacks, kept for reuse, because starting one costs more than most phases do.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Work = Box<dyn FnOnce() + Send>;

/// How long an idle thread is kept.
const IDLE: Duration = Duration::from_secs(10);

/// Runs work on threads of its own, as many as are asked for at once.
#[derive(Clone, Default)]
pub struct Threads {
    idle: Arc<Mutex<Vec<Sender<Work>>>>,
}

impl Threads {
    /// Runs `work` on an idle thread, or on a new one.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let mut work: Work = Box::new(work);
        while let Some(idle) = self.take_idle() {
            match idle.send(work) {
                Ok(()) => return Ok(()),
                // That thread went home between being listed and being asked.
                Err(back) => work = back.0,
            }
        }
        let (sender, inbox) = channel::<Work>();
        let idle = self.idle.clone();
        std::thread::Builder::new()
            .name("script".into())
            .stack_size(scenario_stdlib::language::STACK_SIZE)
            .spawn(move || {
                work();
                loop {
                    idle.lock()
                        .unwrap_or_else(|e| e.into_inner())
                        .push(sender.clone());
                    match inbox.recv_timeout(IDLE) {
                        Ok(work) => work(),
                        Err(_) => return,
                    }
                }
            })
            .map(drop)
    }

    fn take_idle(&self) -> Option<Sender<Work>> {
        self.idle.lock().unwrap_or_else(|e| e.into_inner()).pop()
    }
}
