//! Runs jobs side by side and waits for all of them. Knows no Rhai.

use crate::language::STACK_SIZE;
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};
use std::thread;

/// How a job ended: its result, or the words of its panic.
pub type Outcome<T> = Result<T, String>;

/// The turn to begin. The next job does not begin before it is dropped, so what jobs do first is done in their order.
pub struct Turn<'n>(MutexGuard<'n, usize>);

impl<'n> Turn<'n> {
    fn of(next: &'n Mutex<usize>) -> Self {
        Self(next.lock().unwrap_or_else(|e| e.into_inner()))
    }

    fn take(&mut self) -> usize {
        let index = *self.0;
        *self.0 += 1;
        index
    }
}

/// Runs the jobs `0..count`, at most `limit` at a time, and returns their outcomes in order. When the machine gives
/// fewer threads than asked for, those there are do all the work; without any it is an error.
pub fn side_by_side<T: Send>(
    count: usize,
    limit: usize,
    job: impl Fn(usize, Turn<'_>) -> T + Sync,
) -> io::Result<Vec<Outcome<T>>> {
    let next = Mutex::new(0);
    let outcomes: Vec<Mutex<Option<Outcome<T>>>> = (0..count).map(|_| Mutex::default()).collect();
    let work = || {
        loop {
            let mut turn = Turn::of(&next);
            let index = turn.take();
            let Some(outcome) = outcomes.get(index) else {
                return;
            };
            let ended = caught(|| job(index, turn));
            *outcome.lock().unwrap_or_else(|e| e.into_inner()) = Some(ended);
        }
    };
    thread::scope(|scope| {
        for index in 0..count.min(limit.max(1)) {
            let thread = thread::Builder::new()
                .name(format!("branch {index}"))
                .stack_size(STACK_SIZE)
                .spawn_scoped(scope, work);
            match thread {
                Err(error) if index == 0 => return Err(error),
                Err(_) => break,
                Ok(_) => {}
            }
        }
        Ok(())
    })?;
    Ok(outcomes
        .into_iter()
        .map(|outcome| {
            let outcome = outcome.into_inner().unwrap_or_else(|e| e.into_inner());
            outcome.unwrap_or_else(|| Err("it was never run".into()))
        })
        .collect())
}

/// Runs `job`; a panic becomes its words.
pub fn caught<T>(job: impl FnOnce() -> T) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(job)).map_err(words)
}

fn words(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn outcomes_come_in_order_and_a_panic_is_words() {
        let outcomes = side_by_side(4, 4, |index, _| {
            assert!(index != 2, "two is wrong");
            index * 10
        })
        .unwrap();
        assert_eq!(outcomes[0], Ok(0));
        assert_eq!(outcomes[3], Ok(30));
        assert_eq!(outcomes[2], Err("two is wrong".into()));
    }

    #[test]
    fn all_run_at_the_same_time() {
        let all = Barrier::new(50);
        side_by_side(50, 50, |_, turn| {
            drop(turn);
            all.wait().is_leader()
        })
        .unwrap();
    }

    #[test]
    fn no_more_than_the_limit_run_at_a_time() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        side_by_side(20, 3, |_, turn| {
            drop(turn);
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
        })
        .unwrap();
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn what_jobs_do_first_is_done_in_their_order() {
        let began = Mutex::new(Vec::new());
        side_by_side(200, 50, |index, turn| {
            thread::yield_now();
            began.lock().unwrap().push(index);
            drop(turn);
            thread::yield_now();
        })
        .unwrap();
        assert_eq!(began.into_inner().unwrap(), (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_to_do_is_done() {
        assert_eq!(side_by_side(0, 5, |index, _| index).unwrap(), []);
    }
}
