//! Which browser does an attempt use? A few browsers share the work; each serves many contexts. One that is sick, or has
//! served long enough, gets no new contexts and ends with its last one.

use super::error::BrowserError;
use super::flags::Launch;
use super::host::{BrowserHost, lock};
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::scope::Extent;
use crate::host::world::World;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A browser grows with what it was used for.
const CONTEXTS: u32 = 200;
/// Contexts of one browser before another one is started beside it.
const ENOUGH: usize = 1;

/// The browsers of a run.
#[derive(Default)]
pub struct Pool {
    seats: Mutex<Vec<Arc<Seat>>>,
    is_registered: Mutex<bool>,
    /// Somebody asked to see what is done, although the settings do not say so.
    is_shown: AtomicBool,
}

/// Has the pages that are opened from now on seen in windows, or no longer. Those that are open stay as they are.
pub fn show_windows(world: &World, is_shown: bool) {
    let pool = world.shared.get::<Pool>();
    if pool.is_shown.swap(is_shown, Ordering::AcqRel) == is_shown {
        return;
    }
    for seat in lock(&pool.seats).iter() {
        // One that is being started was asked for before.
        if let Some(host) = seat.host.try_lock().ok().and_then(|host| host.clone()) {
            host.give_up_on();
        }
    }
}

/// A place for one browser.
#[derive(Default)]
struct Seat {
    users: AtomicUsize,
    host: tokio::sync::Mutex<Option<Arc<BrowserHost>>>,
}

/// A browser in use by one context.
pub struct Lease {
    host: Arc<BrowserHost>,
    /// `None` for a browser of its own.
    seat: Option<Arc<Seat>>,
}

impl Lease {
    /// Of a browser that nobody else uses; it ends with this.
    pub fn own(host: Arc<BrowserHost>) -> Self {
        Self { host, seat: None }
    }

    pub fn host(&self) -> &Arc<BrowserHost> {
        &self.host
    }

    /// Whether nobody else uses the browser.
    pub fn is_dedicated(&self) -> bool {
        self.seat.is_none()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match &self.seat {
            Some(seat) => {
                seat.users.fetch_sub(1, Ordering::AcqRel);
            }
            None => {
                let host = self.host.clone();
                let runtime = host.runtime().clone();
                runtime.spawn(async move { host.close().await });
            }
        }
    }
}

/// Counts a user, also one that never gets its browser.
struct Taken(Option<Arc<Seat>>);

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(seat) = &self.0 {
            seat.users.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// A place in a browser of the run; one is started if need be. It ends with the run.
pub async fn lease(attempt: &Attempt) -> Result<Lease, BrowserError> {
    let world = attempt.world();
    let pool = world.shared.get::<Pool>();
    pool.end_with_run(attempt);
    let most = world.browsing.processes.unwrap_or_else(usual);
    let mut taken = Taken(Some(pool.take(most)));
    let Some(seat) = taken.0.clone() else {
        unreachable!("it was taken above")
    };
    let mut place = seat.host.lock().await;
    let is_used_up = |host: &Arc<BrowserHost>| {
        !host.is_sound() || (host.opened() >= CONTEXTS && seat.users.load(Ordering::Acquire) <= 1)
    };
    if let Some(old) = place.take_if(|host| is_used_up(host)) {
        let runtime = attempt.runtime().clone();
        // Those who still use it go on; it ends when they have.
        if seat.users.load(Ordering::Acquire) <= 1 || old.fate().is_some() {
            runtime.spawn(async move { old.close().await });
        } else {
            pool.retire(old);
        }
    }
    let host = match &*place {
        Some(host) => host.clone(),
        None => {
            let wanted = Launch {
                headed: world.browsing.headed || pool.is_shown.load(Ordering::Acquire),
                args: world.browsing.args.clone(),
                ..Launch::default()
            };
            let host = BrowserHost::start(world, &wanted, attempt.runtime().clone()).await?;
            *place = Some(host.clone());
            host
        }
    };
    drop(place);
    taken.0 = None;
    Ok(Lease {
        host,
        seat: Some(seat),
    })
}

/// A browser for one context alone.
pub async fn dedicated(attempt: &Attempt, wanted: &Launch) -> Result<Lease, BrowserError> {
    let host = BrowserHost::start(attempt.world(), wanted, attempt.runtime().clone()).await?;
    Ok(Lease { host, seat: None })
}

/// How many browsers work well side by side: each keeps about a core busy.
fn usual() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .clamp(1, 4)
}

impl Pool {
    /// One of the browsers, for tests.
    #[cfg(test)]
    pub fn any(&self) -> Option<Arc<BrowserHost>> {
        let seats = lock(&self.seats);
        seats
            .iter()
            .find_map(|seat| seat.host.try_lock().ok()?.clone())
    }

    /// The seat with the fewest users; a new one while all have enough.
    fn take(&self, most: usize) -> Arc<Seat> {
        let mut seats = lock(&self.seats);
        let users = |seat: &Arc<Seat>| seat.users.load(Ordering::Acquire);
        let least = seats.iter().min_by_key(|seat| users(seat)).cloned();
        let seat = match least {
            Some(seat) if users(&seat) < ENOUGH || seats.len() >= most.max(1) => seat,
            _ => {
                let seat = Arc::new(Seat::default());
                seats.push(seat.clone());
                seat
            }
        };
        seat.users.fetch_add(1, Ordering::AcqRel);
        seat
    }

    /// Keeps a browser that gets no new contexts until the end of the run.
    fn retire(&self, host: Arc<BrowserHost>) {
        let seat = Seat {
            users: AtomicUsize::new(usize::MAX / 2),
            host: tokio::sync::Mutex::new(Some(host)),
        };
        lock(&self.seats).push(Arc::new(seat));
    }

    fn end_with_run(self: &Arc<Self>, attempt: &Attempt) {
        let mut is_registered = lock(&self.is_registered);
        if *is_registered {
            return;
        }
        *is_registered = true;
        let pool = self.clone();
        attempt.scope(Extent::Run).on_end(Cleanup {
            title: "end the browsers".into(),
            run: Box::new(move |attempt| {
                *lock(&pool.is_registered) = false;
                let seats = std::mem::take(&mut *lock(&pool.seats));
                let ended = attempt.block_on(async {
                    for seat in seats {
                        if let Some(host) = seat.host.lock().await.take() {
                            host.close().await;
                        }
                    }
                });
                drop(ended);
                Ok(())
            }),
        });
    }
}
