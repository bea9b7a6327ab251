//! What outlives a phase: services and other things that belong to a try of a scenario, to a file or to the whole run.
//! Whoever runs scenarios closes a scope when its owner is over.

use super::attempt::Cleanup;
use super::extensions::Extensions;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// How long something lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Extent {
    /// To the end of the scenario's try.
    #[default]
    Scenario,
    /// To the end of the last scenario of the file.
    File,
    /// To the end of the run.
    Run,
}

/// Whose a scope is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    Try {
        /// `file.rhai::name of the scenario`.
        scenario: String,
        round: u32,
        try_number: u32,
    },
    File(String),
    Run,
}

/// Something that ends with this process, by its name, and whether it lives.
type Held = (String, Box<dyn Fn() -> bool + Send + Sync>);

/// What belongs to one owner, and how it ends.
#[derive(Default)]
pub struct Scope {
    locals: Extensions,
    /// Each with the phase that began it, if one did.
    endings: Mutex<Vec<(String, Cleanup)>>,
    held: Mutex<Vec<Held>>,
    parkings: Mutex<Vec<Cleanup>>,
    failed: AtomicBool,
}

impl Scope {
    /// Where a primitive keeps what belongs to this owner.
    pub fn locals(&self) -> &Extensions {
        &self.locals
    }

    /// Registers what has to be undone when the owner is over, whatever happens. Undone in reverse order.
    pub fn on_end(&self, cleanup: Cleanup) {
        self.on_end_of("", cleanup);
    }

    /// Like [`Scope::on_end`], for what a phase began: undone already when an attempt of that phase is to be repeated.
    pub fn on_end_of(&self, phase: &str, cleanup: Cleanup) {
        lock(&self.endings).push((phase.to_owned(), cleanup));
    }

    /// Takes the last clean-up of what a phase began.
    pub fn next_cleanup_of(&self, phase: &str) -> Option<Cleanup> {
        let mut endings = lock(&self.endings);
        let last = endings.iter().rposition(|(by, _)| by == phase)?;
        Some(endings.remove(last).1)
    }

    /// Registers what has to be done instead of all clean-ups when the owner is parked, for another process to go on with.
    pub fn on_park(&self, parking: Cleanup) {
        lock(&self.parkings).push(parking);
    }

    /// Takes the last of what is to be done when the owner is parked.
    pub fn next_parking(&self) -> Option<Cleanup> {
        lock(&self.parkings).pop()
    }

    /// Says that `name`, which the owner uses, lives only as long as this process: the owner cannot be parked while it
    /// does.
    pub fn hold(&self, name: &str, lives: impl Fn() -> bool + Send + Sync + 'static) {
        lock(&self.held).push((name.to_owned(), Box::new(lives)));
    }

    /// The names of what lives, and only as long as this process.
    fn held(&self) -> Vec<String> {
        let held = lock(&self.held);
        let living = held.iter().filter(|(_, lives)| lives());
        living.map(|(name, _)| name.clone()).collect()
    }

    /// Remembers that something failed in here: what belongs to the owner is then kept for whoever looks into it.
    pub fn mark_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Whether something failed in here.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Takes the last registered clean-up. Called by whoever closes the scope until it answers `None`.
    pub fn next_cleanup(&self) -> Option<Cleanup> {
        lock(&self.endings).pop().map(|(_, cleanup)| cleanup)
    }
}

/// The owners that use something which may be another's, each counted once.
#[derive(Default)]
pub struct Users(Mutex<Vec<Weak<Scope>>>);

impl Users {
    /// Whether the owner of `scope` is new among them.
    pub fn add(&self, scope: &Arc<Scope>) -> bool {
        let mut users = lock(&self.0);
        users.retain(|user| user.strong_count() > 0);
        let is_new = users.iter().all(|user| user.as_ptr() != Arc::as_ptr(scope));
        if is_new {
            users.push(Arc::downgrade(scope));
        }
        is_new
    }
}

/// The scopes of a run that are open, made on first need.
#[derive(Default)]
pub struct Scopes {
    open: Mutex<HashMap<Owner, Arc<Scope>>>,
    /// Spares the many scenarios without a scope the question whether they have one.
    used: AtomicBool,
}

impl Scopes {
    /// The scope of `owner`.
    pub fn of(&self, owner: Owner) -> Arc<Scope> {
        self.used.store(true, Ordering::Release);
        lock(&self.open).entry(owner).or_default().clone()
    }

    /// Whether any owner ever had a scope.
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }

    /// The scope of `owner`, if one is open.
    pub fn get(&self, owner: &Owner) -> Option<Arc<Scope>> {
        lock(&self.open).get(owner).cloned()
    }

    /// Takes over what an owner of the same kind had in another run.
    pub fn adopt(&self, owner: Owner, scope: Arc<Scope>) {
        self.used.store(true, Ordering::Release);
        lock(&self.open).insert(owner, scope);
    }

    /// Takes the scope of an owner that is over, if it ever needed one.
    pub fn close(&self, owner: &Owner) -> Option<Arc<Scope>> {
        lock(&self.open).remove(owner)
    }

    /// What `owner` uses that lives only as long as this process.
    pub fn held(&self, owner: &Owner) -> Vec<String> {
        let mut held = self.get(owner).map_or_else(Vec::new, |scope| scope.held());
        held.sort();
        held.dedup();
        held
    }

    /// Remembers that something failed for `owner`, in its own scope and those it shares with others.
    pub fn mark_failed(&self, owner: &Owner) {
        if !self.is_used() {
            return;
        }
        let open = lock(&self.open);
        let file = match owner {
            Owner::Try { scenario, .. } => scenario.split("::").next(),
            Owner::File(_) | Owner::Run => None,
        };
        let shared = [
            file.map(|file| Owner::File(file.to_owned())),
            Some(Owner::Run),
        ];
        let all = [Some(owner.clone())].into_iter().chain(shared).flatten();
        for scope in all.filter_map(|owner| open.get(&owner)) {
            scope.mark_failed();
        }
    }

    /// Whether `owner` has a scope open.
    pub fn is_open(&self, owner: &Owner) -> bool {
        lock(&self.open).contains_key(owner)
    }
}

impl std::fmt::Debug for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(lock(&self.open).keys()).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_the_same_until_it_is_closed() {
        let scopes = Scopes::default();
        let first = scopes.of(Owner::Run);
        assert!(Arc::ptr_eq(&first, &scopes.of(Owner::Run)));
        assert!(!scopes.is_open(&Owner::File("a.rhai".into())));
        assert!(
            scopes
                .close(&Owner::Run)
                .is_some_and(|closed| Arc::ptr_eq(&closed, &first))
        );
        assert!(scopes.close(&Owner::Run).is_none());
    }

    #[test]
    fn what_would_end_with_the_process_is_named_for_as_long_as_it_lives() {
        let scopes = Scopes::default();
        let own = |name: &str| Owner::Try {
            scenario: format!("a.rhai::{name}"),
            round: 1,
            try_number: 1,
        };
        let lives = Arc::new(AtomicBool::new(true));
        let of_one = lives.clone();
        scopes
            .of(own("one"))
            .hold("service `api`", move || of_one.load(Ordering::Relaxed));
        for name in ["one", "two"] {
            scopes.of(own(name)).hold("stack `shop`", || true);
        }
        assert_eq!(scopes.held(&own("one")), ["service `api`", "stack `shop`"]);
        assert_eq!(scopes.held(&own("two")), ["stack `shop`"]);
        // One that uses none of it is held by none of it.
        assert!(scopes.held(&own("three")).is_empty());
        lives.store(false, Ordering::Relaxed);
        assert_eq!(scopes.held(&own("one")), ["stack `shop`"]);
    }

    #[test]
    fn each_user_is_counted_once() {
        let (users, one, two) = (Users::default(), Arc::default(), Arc::default());
        assert!(users.add(&one) && users.add(&two));
        assert!(!users.add(&one));
    }

    #[test]
    fn what_began_last_ends_first() {
        let scope = Scope::default();
        for title in ["database", "application"] {
            scope.on_end(Cleanup {
                title: title.into(),
                run: Box::new(|_| Ok(())),
            });
        }
        let titles: Vec<_> = std::iter::from_fn(|| scope.next_cleanup())
            .map(|end| end.title)
            .collect();
        assert_eq!(titles, ["application", "database"]);
    }
}
