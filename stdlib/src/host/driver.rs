//! Who drives a future that a script waits for. Two threads woken for each request, one that waits for the socket and
//! one that waits for the answer, cost more than the request; so a script's thread may wait for its sockets itself.
//!
//! What a future spawns on a driver of its own stands still between two calls of [`drive`]: right for the connections
//! of requests, wrong for anything that must go on by itself.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::Future;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime};

/// Which driver a connection belongs to; it can be used on no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DriverId(u64);

/// Threads that may have a driver of their own. Each costs three file descriptors and its own connections; beyond,
/// threads use the shared one, which costs time only.
const MOST: usize = 64;

/// A connection used so lately is taken to be there still: it could as well close while the next request is on its way.
const FRESH: Duration = Duration::from_millis(5);

static MADE: AtomicUsize = AtomicUsize::new(0);
static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static OWN: OnceCell<Option<Own>> = const { OnceCell::new() };
    static CURRENT: Cell<DriverId> = const { Cell::new(DriverId(0)) };
}

struct Own {
    id: DriverId,
    runtime: Runtime,
    /// When it last drove something.
    drove: Cell<Option<Instant>>,
    /// What is done before it goes.
    ends: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Own {
    fn make() -> Option<Self> {
        if MADE.fetch_add(1, Ordering::Relaxed) >= MOST {
            MADE.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let runtime = Builder::new_current_thread().enable_all().build().ok();
        if runtime.is_none() {
            MADE.fetch_sub(1, Ordering::Relaxed);
        }
        Some(Self {
            id: DriverId(NEXT.fetch_add(1, Ordering::Relaxed)),
            runtime: runtime?,
            drove: Cell::new(None),
            ends: RefCell::default(),
        })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        for end in self.ends.take() {
            end();
        }
        MADE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The driver of the future that is being polled on this thread.
pub fn current() -> DriverId {
    CURRENT.get()
}

/// Has `end` done when the driver of the future that is being polled goes, with its thread. The shared one never does.
pub fn at_end(end: impl FnOnce() + 'static) {
    OWN.with(|own| {
        let own = own.get().and_then(Option::as_ref);
        if let Some(own) = own.filter(|own| own.id == current()) {
            own.ends.borrow_mut().push(Box::new(end));
        }
    });
}

/// Drives `future` to its end on this thread's own driver, or on `shared` where there is none.
pub fn drive<F: Future>(shared: &Handle, future: F) -> F::Output {
    OWN.with(|own| match own.get_or_init(Own::make) {
        Some(own) => {
            let _reset = Reset(CURRENT.replace(own.id));
            let rested = own.drove.get().is_none_or(|at| at.elapsed() > FRESH);
            let output = own.runtime.block_on(async {
                if rested {
                    // Once for the sockets to be looked at and once for the connections to hear of it: one that was
                    // closed since the last call is then not used again.
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                }
                future.await
            });
            own.drove.set(Some(Instant::now()));
            output
        }
        None => shared.block_on(future),
    })
}

/// Puts the former driver back, also when the future panics.
struct Reset(DriverId);

impl Drop for Reset {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_its_driver_and_threads_do_not_share_one() {
        let shared = Builder::new_current_thread().build().unwrap();
        let mine = drive(shared.handle(), async { current() });
        assert_eq!(drive(shared.handle(), async { current() }), mine);
        assert_eq!(current(), DriverId::default(), "outside of any");
        let handle = shared.handle().clone();
        let other = std::thread::spawn(move || drive(&handle, async { current() }));
        assert_ne!(other.join().unwrap(), mine);
    }

    #[test]
    fn a_panic_leaves_no_driver_behind() {
        let shared = Builder::new_current_thread().build().unwrap();
        let handle = shared.handle().clone();
        let result = std::panic::catch_unwind(move || drive(&handle, async { panic!("boo") }));
        assert!(result.is_err());
        assert_eq!(current(), DriverId::default());
    }
}
