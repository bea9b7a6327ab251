//! All tasks, in the order of their ids. Locks are held for a push or a look-up, never while a view is made.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::task::{State, Task};

/// Beyond it the oldest tasks are forgotten.
const MOST: usize = 200_000;

pub(crate) struct Tasks {
    ring: RwLock<Ring>,
    queue: Duration,
}

struct Ring {
    /// The id of the first task still known.
    first: u64,
    tasks: VecDeque<Arc<Task>>,
}

impl Ring {
    fn empty() -> Self {
        Self {
            first: 1,
            tasks: VecDeque::new(),
        }
    }
}

impl Tasks {
    pub fn new(queue: Duration) -> Self {
        Self {
            ring: RwLock::new(Ring::empty()),
            queue,
        }
    }

    pub fn reset(&self) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Ring::empty();
    }

    pub fn add(&self, kind: String, rows: u64, fail: bool, lasts: Duration) -> Arc<Task> {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let id = ring.first + ring.tasks.len() as u64;
        let task = Arc::new(Task::new(id, kind, rows, fail, lasts, self.queue));
        ring.tasks.push_back(task.clone());
        if ring.tasks.len() > MOST {
            ring.tasks.pop_front();
            ring.first += 1;
        }
        task
    }

    pub fn get(&self, id: u64) -> Option<Arc<Task>> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let index = usize::try_from(id.checked_sub(ring.first)?).ok()?;
        ring.tasks.get(index).cloned()
    }

    /// One page of those that `wanted` accepts, newest first, and how many there are in all.
    pub fn page(
        &self,
        skip: usize,
        size: usize,
        wanted: Option<&dyn Fn(&Task) -> bool>,
    ) -> (Vec<Arc<Task>>, usize) {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let newest_first = ring.tasks.iter().rev();
        match wanted {
            None => (
                newest_first.skip(skip).take(size).cloned().collect(),
                ring.tasks.len(),
            ),
            Some(wanted) => {
                let all: Vec<_> = newest_first.filter(|task| wanted(task)).collect();
                (
                    all.iter()
                        .skip(skip)
                        .take(size)
                        .map(|task| Arc::clone(task))
                        .collect(),
                    all.len(),
                )
            }
        }
    }

    pub fn count_by_state(&self) -> BTreeMap<&'static str, usize> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let mut counts: BTreeMap<_, _> = State::ALL.iter().map(|state| (state.name(), 0)).collect();
        for task in &ring.tasks {
            *counts.entry(task.state().name()).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_up_and_the_oldest_are_forgotten() {
        let tasks = Tasks::new(Duration::ZERO);
        for expected in 1..=(MOST as u64 + 2) {
            assert_eq!(
                tasks.add(String::new(), 0, false, Duration::ZERO).id,
                expected
            );
        }
        assert!(tasks.get(0).is_none() && tasks.get(2).is_none());
        assert_eq!(tasks.get(3).map(|task| task.id), Some(3));
        assert_eq!(
            tasks.get(MOST as u64 + 2).map(|task| task.id),
            Some(MOST as u64 + 2)
        );
        assert!(tasks.get(MOST as u64 + 3).is_none());
    }

    #[test]
    fn pages_are_newest_first_and_filters_count_what_they_accept() {
        let tasks = Tasks::new(Duration::ZERO);
        for number in 0..5 {
            tasks.add(String::new(), number, number % 2 == 0, Duration::ZERO);
        }
        let ids = |page: Vec<Arc<Task>>| page.iter().map(|task| task.id).collect::<Vec<_>>();
        let (page, total) = tasks.page(1, 2, None);
        assert_eq!((ids(page), total), (vec![4, 3], 5));
        let (page, total) = tasks.page(0, 2, Some(&|task: &Task| task.state() == State::Failure));
        assert_eq!((ids(page), total), (vec![5, 3], 3));
    }
}
