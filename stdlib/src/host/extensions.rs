//! A place where a primitive keeps what belongs to a run or an attempt, without the contract knowing it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// At most one value a type, made on first need.
#[derive(Default)]
pub struct Extensions {
    inner: Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Extensions {
    /// The value of type `T`, made by `Default` when it is asked for the first time.
    pub fn get<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        self.get_or(T::default)
    }

    /// The value of type `T`, made by `make` when it is asked for the first time.
    pub fn get_or<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut inner = self.inner.lock().unwrap_or_else(|e| e.into_inner());
        let value = inner
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(make()));
        Arc::downcast(value.clone()).unwrap_or_else(|_| unreachable!("keyed by its own type"))
    }
}

impl std::fmt::Debug for Extensions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Extensions")
    }
}
