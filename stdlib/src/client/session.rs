//! A connection as a script holds it: made again when it was lost, used by one call at a time, ended with its phase.

use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::error::ClientError;
use crate::host::attempt::{Attempt, Cleanup};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

/// How connections of one kind are made.
pub trait Connector: Send + Sync + 'static {
    type Link: Send + 'static;

    /// As messages call it: `redis at 127.0.0.1:6379`.
    fn server(&self) -> String;

    /// Makes a connection; within the limit for connecting.
    fn connect(&self) -> impl Future<Output = Result<Self::Link, ClientError>> + Send;

    /// Whether a connection can still be used.
    fn is_alive(&self, _link: &Self::Link) -> bool {
        true
    }

    /// Lets go of what outlives a connection: the session is over.
    fn forget(&self) {}
}

/// One connection of a script.
pub struct Session<C: Connector> {
    pub connector: C,
    /// For one call.
    pub limit: Duration,
    slot: Arc<Mutex<Slot<C::Link>>>,
    runtime: Handle,
    /// Who has the connection for itself, such as a transaction.
    holder: Lock<Option<std::thread::ThreadId>>,
    /// A connection that was lent cannot be replaced: what was begun on it is gone with it.
    is_lent: bool,
}

struct Slot<L> {
    link: Option<L>,
    is_open: bool,
}

impl<C: Connector> Session<C> {
    /// A session that is not connected yet.
    pub fn new(connector: C, limit: Duration, runtime: Handle) -> Self {
        Self {
            connector,
            limit,
            slot: Arc::new(Mutex::new(Slot {
                link: None,
                is_open: true,
            })),
            runtime,
            holder: Lock::default(),
            is_lent: false,
        }
    }

    /// Connects now, rather than at the first call.
    pub async fn open(&self) -> Result<(), ClientError> {
        self.slot.lock().await.link = Some(self.connector.connect().await?);
        Ok(())
    }

    /// Does `work` on the connection, within the limit of a call. A connection left in the middle of an exchange, by
    /// an error or by a stop, is not used again.
    pub async fn call<T>(
        &self,
        work: impl AsyncFnOnce(&mut C::Link) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        if *lock(&self.holder) == Some(std::thread::current().id()) {
            return Err(ClientError::usage("this connection is in a transaction")
                .hinting("use what the closure gets: db.transaction(|tx| tx.execute(…))"));
        }
        let silent = || ClientError::Silent {
            server: self.connector.server(),
            limit: self.limit,
        };
        let Ok(mut slot) = timeout(self.limit, self.slot.lock()).await else {
            return Err(silent());
        };
        let mut link = self.take(&mut slot).await?;
        match timeout(self.limit, work(&mut link)).await {
            Err(_) => Err(silent()),
            Ok(result) => {
                if !result.as_ref().is_err_and(ClientError::breaks) {
                    slot.link = Some(link);
                }
                result
            }
        }
    }

    async fn take(&self, slot: &mut Slot<C::Link>) -> Result<C::Link, ClientError> {
        let server = || self.connector.server();
        if !slot.is_open {
            return Err(ClientError::Closed { server: server() });
        }
        match slot.link.take() {
            Some(link) if self.connector.is_alive(&link) => Ok(link),
            _ if self.is_lent => Err(ClientError::Lost {
                server: server(),
                reason: "and the transaction with it".into(),
            }),
            _ => self.connector.connect().await,
        }
    }

    /// Whether this is a connection that belongs to somebody else.
    pub fn is_lent(&self) -> bool {
        self.is_lent
    }

    /// Ends the connection; later calls are refused. One that is in use ends with its call.
    pub fn close(&self) {
        let _inside = self.runtime.enter();
        if let Ok(mut slot) = self.slot.try_lock() {
            slot.is_open = false;
            slot.link = None;
        }
        if !self.is_lent {
            self.connector.forget();
        }
    }
}

impl<C: Connector + Clone> Session<C> {
    /// Lends the connection: until it is given back, it belongs to the session returned.
    pub async fn lend(&self) -> Result<(Arc<Self>, Lent<C>), ClientError> {
        if *lock(&self.holder) == Some(std::thread::current().id()) || self.is_lent {
            return Err(ClientError::usage("transactions cannot be nested"));
        }
        let Ok(mut guard) = timeout(self.limit, self.slot.clone().lock_owned()).await else {
            return Err(ClientError::Silent {
                server: self.connector.server(),
                limit: self.limit,
            });
        };
        let link = self.take(&mut guard).await?;
        *lock(&self.holder) = Some(std::thread::current().id());
        let mut borrower = Self::new(self.connector.clone(), self.limit, self.runtime.clone());
        borrower.is_lent = true;
        let borrower = Arc::new(borrower);
        borrower.slot.lock().await.link = Some(link);
        let lent = Lent {
            home: guard,
            borrower: borrower.clone(),
        };
        Ok((borrower, lent))
    }

    /// Takes the connection back. `None` when it was lost, or must not be used again.
    pub fn take_back(&self, mut lent: Lent<C>, is_sound: bool) {
        let _inside = self.runtime.enter();
        if let Ok(mut slot) = lent.borrower.slot.try_lock() {
            slot.is_open = false;
            let link = slot.link.take();
            lent.home.link = link.filter(|_| is_sound);
        }
        *lock(&self.holder) = None;
    }
}

/// A connection that is lent.
pub struct Lent<C: Connector> {
    home: OwnedMutexGuard<Slot<C::Link>>,
    borrower: Arc<Session<C>>,
}

impl<C: Connector> Drop for Session<C> {
    /// Drivers say good-bye from within the runtime; scripts let go outside of it.
    fn drop(&mut self) {
        self.close();
    }
}

/// What can be ended.
trait End: Send + Sync {
    fn end(&self);
}

impl<C: Connector> End for Session<C> {
    fn end(&self) {
        self.close();
    }
}

/// The connections an attempt has open.
#[derive(Default)]
struct Open(Lock<Vec<Weak<dyn End>>>);

/// Ends `session` with the phase, if the script did not let go of it before.
pub fn end_with_phase<C: Connector>(attempt: &Attempt, session: &Arc<Session<C>>) {
    let open = attempt.locals().get::<Open>();
    let session: Arc<dyn End> = session.clone();
    let mut all = lock(&open.0);
    if all.is_empty() {
        attempt.on_end(Cleanup {
            title: "close connections".into(),
            run: Box::new(|attempt| {
                let open = attempt.locals().get::<Open>();
                let all = std::mem::take(&mut *lock(&open.0));
                all.iter()
                    .rev()
                    .filter_map(Weak::upgrade)
                    .for_each(|session| session.end());
                Ok(())
            }),
        });
    }
    // A poll that connects anew each time lets go of each.
    all.retain(|session| session.strong_count() > 0);
    all.push(Arc::downgrade(&session));
}

fn lock<T>(mutex: &Lock<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
