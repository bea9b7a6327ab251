//! Feeds all reporters and keeps a broken one from harming the others or the run. Knows none of them.

use super::error::{Broken, ReportError};
use super::output::Output;
use super::screen::Screen;
use super::{Options, Reporter, Spec};
use crate::model::{Event, View};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The reporters of a run.
pub struct Reporters {
    slots: Vec<Slot>,
    screen: Screen,
    broken: Vec<Broken>,
}

struct Slot {
    name: &'static str,
    to_stdout: bool,
    /// `None` once it is muted.
    reporter: Option<Box<dyn Reporter>>,
}

impl Reporters {
    /// Sets up those asked for. Places that cannot be written are found now.
    pub fn open(specs: &[Spec], options: &Options) -> Result<Self, ReportError> {
        refuse_collisions(specs)?;
        let mut slots = Vec::with_capacity(specs.len());
        for Spec { row, output } in specs {
            let made = (row.make)(options, output);
            let reporter = made.map_err(|source| ReportError::CannotWrite {
                name: row.name.into(),
                path: match output {
                    Output::Stdout => "stdout".into(),
                    Output::File(path) => path.clone(),
                },
                source,
            })?;
            slots.push(Slot {
                name: row.name,
                to_stdout: *output == Output::Stdout,
                reporter: Some(reporter),
            });
        }
        Ok(Self {
            slots,
            screen: options.screen.clone(),
            broken: Vec::new(),
        })
    }

    /// Tells all of them what happened; it is folded into `view` already.
    pub fn on(&mut self, event: &Event, view: &View) {
        self.each(|reporter| reporter.on(event, view));
    }

    /// Whether one of them wants to be told what former processes told.
    pub fn recall(&self) -> bool {
        let mut reporters = self.slots.iter().filter_map(|slot| slot.reporter.as_ref());
        reporters.any(|reporter| reporter.recalls())
    }

    /// Tells all of them what a former process told of the run.
    pub fn past(&mut self, event: &Event, view: &View) {
        self.each(|reporter| reporter.past(event, view));
    }

    /// Lets them show that time goes by; to be called some ten times a second while the run is live.
    pub fn tick(&mut self, view: &View) {
        self.each(|reporter| reporter.tick(view));
    }

    /// Tells all of them that nothing more will come, and names those that broke on the way.
    pub fn finish(&mut self, view: &View) -> &[Broken] {
        self.each(|reporter| reporter.finish(view));
        self.slots.clear();
        &self.broken
    }

    /// Those that broke so far: each turns the exit code to fault.
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// Shows a message of the program on stderr without disturbing what is drawn there.
    pub fn say(&self, text: &str) {
        self.screen.say(text);
    }

    fn each(&mut self, mut tell: impl FnMut(&mut dyn Reporter) -> io::Result<()>) {
        for slot in &mut self.slots {
            let Some(reporter) = &mut slot.reporter else {
                continue;
            };
            let told = catch_unwind(AssertUnwindSafe(|| tell(reporter.as_mut())));
            let reason = match told {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => {
                    // Whoever reads our output has seen enough (`| head`): no fault of anyone.
                    if slot.to_stdout && error.kind() == io::ErrorKind::BrokenPipe {
                        slot.reporter = None;
                        continue;
                    }
                    error.to_string()
                }
                Err(_) => "it panicked".into(),
            };
            slot.reporter = None;
            self.screen.say(&format!(
                "fault: reporter `{}` stopped working: {reason}\n  the run and the other reporters go on",
                slot.name
            ));
            self.broken.push(Broken {
                reporter: slot.name,
                reason,
            });
        }
    }
}

fn refuse_collisions(specs: &[Spec]) -> Result<(), ReportError> {
    for (index, second) in specs.iter().enumerate() {
        for first in &specs[..index] {
            let (name, other) = (first.row.name.to_owned(), second.row.name.to_owned());
            match (&first.output, &second.output) {
                (Output::Stdout, Output::Stdout)
                    if name == other || !(first.row.shares_stdout || second.row.shares_stdout) =>
                {
                    return Err(ReportError::BothOnStdout {
                        first: name,
                        second: other,
                    });
                }
                (Output::File(path), Output::File(same)) if path == same => {
                    return Err(ReportError::SameFile {
                        first: name,
                        second: other,
                        path: path.clone(),
                    });
                }
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::story::{Shared, Story};
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Counts what it hears and fails in its own way.
    struct Fake {
        heard: Arc<Mutex<u32>>,
        failing: fn() -> io::Result<()>,
    }

    impl Reporter for Fake {
        fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
            *self.heard.lock().unwrap() += 1;
            (self.failing)()
        }

        fn finish(&mut self, _: &View) -> io::Result<()> {
            self.on(&Story::new().events()[0], &View::default())
        }
    }

    fn run(failing: fn() -> io::Result<()>, to_stdout: bool) -> (u32, u32, Vec<Broken>, String) {
        let said = Shared::default();
        let screen = Screen::still(said.clone());
        let counters = [Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0))];
        let slot = |index: usize, failing| Slot {
            name: ["first", "second"][index],
            to_stdout,
            reporter: Some(Box::new(Fake {
                heard: Arc::clone(&counters[index]),
                failing,
            })),
        };
        let mut reporters = Reporters {
            slots: vec![slot(0, failing), slot(1, || Ok(()))],
            screen,
            broken: Vec::new(),
        };
        let event = &Story::new().events()[0];
        for _ in 0..3 {
            reporters.on(event, &View::default());
        }
        let broken = reporters.finish(&View::default()).to_vec();
        let heard = counters.map(|counter| *counter.lock().unwrap());
        (heard[0], heard[1], broken, said.text())
    }

    #[test]
    fn a_broken_reporter_is_muted_and_named_once_and_the_others_go_on() {
        let (first, second, broken, said) = run(|| Err(io::Error::other("disk full")), true);
        assert_eq!((first, second), (1, 4));
        assert_eq!(broken.len(), 1);
        assert_eq!(
            said,
            "fault: reporter `first` stopped working: disk full\n  the run and the other reporters go on\n"
        );
    }

    #[test]
    fn a_reader_that_had_enough_is_no_fault() {
        let (first, second, broken, said) = run(|| Err(io::ErrorKind::BrokenPipe.into()), true);
        assert_eq!((first, second), (1, 4));
        assert_eq!(broken, []);
        assert_eq!(said, "");
    }

    #[test]
    fn a_broken_pipe_elsewhere_is_a_fault() {
        let (.., broken, _) = run(|| Err(io::ErrorKind::BrokenPipe.into()), false);
        assert_eq!(broken.len(), 1);
    }

    #[test]
    fn a_reporter_that_panics_harms_nobody() {
        let (first, second, broken, _) = run(|| panic!("bug"), true);
        assert_eq!((first, second), (1, 4));
        assert_eq!(broken[0].reason, "it panicked");
    }

    #[test]
    fn two_reporters_do_not_write_into_each_other() {
        let specs = |texts: &[&str]| -> Vec<Spec> {
            texts
                .iter()
                .map(|text| Spec::parse(text).unwrap())
                .collect()
        };
        let refused = |texts: &[&str]| {
            refuse_collisions(&specs(texts))
                .err()
                .map(|e| e.to_string())
        };
        assert_eq!(
            refused(&["terminal", "junit"]).unwrap(),
            "reporters `terminal` and `junit` would both write to stdout\n  hint: give one a file: --reporter junit=FILE"
        );
        assert_eq!(
            refused(&["json=x", "junit=x"]).unwrap(),
            "reporters `json` and `junit` would both write to x"
        );
        assert_eq!(refused(&["terminal", "github", "junit=x", "junit=y"]), None);
        assert!(refused(&["terminal", "terminal"]).is_some());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_before_the_run() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        for name in ["terminal", "junit", "json", "tap", "github"] {
            let path = dir.path().join("file/report");
            let spec = Spec::parse(&format!("{name}={}", path.display())).unwrap();
            let error = Reporters::open(&[spec], &Options::default()).err().unwrap();
            let text = error.to_string();
            let expected = format!("reporter `{name}` cannot write {}: ", path.display());
            assert!(text.starts_with(&expected), "{text}");
        }
    }
}
