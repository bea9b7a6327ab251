//! Tells a story to reporters, live and from its stored form, which must come out the same.

use super::Story;
use crate::model::{Event, View};
use crate::report::terminal::Terminal;
use crate::report::{Options, Output, REPORTERS, Reporter};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// What was written, readable by a test.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Feeds `events` to `reporter`, one by one, and ends.
pub fn tell(reporter: &mut dyn Reporter, events: &[Event]) {
    let mut view = View::default();
    for event in events {
        view.apply(event);
        reporter.on(event, &view).unwrap();
    }
    reporter.finish(&view).unwrap();
}

/// The stream as it comes back from the store.
pub fn stored(events: &[Event]) -> Vec<Event> {
    let lines = events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap());
    lines
        .map(|line| serde_json::from_str(&line).unwrap())
        .collect()
}

/// The report `name` makes of `story`, live and replayed, which must be the same.
pub fn report_with(name: &str, options: &Options, story: &Story) -> String {
    let dir = tempfile::tempdir().unwrap();
    let told = |events: &[Event], file: &str| {
        let path = dir.path().join(file);
        let row = REPORTERS.iter().find(|row| row.name == name).unwrap();
        let mut reporter = (row.make)(options, &Output::File(path.clone())).unwrap();
        tell(reporter.as_mut(), events);
        drop(reporter);
        std::fs::read_to_string(path).unwrap()
    };
    let live = told(&story.events(), "live");
    let replayed = told(&stored(&story.events()), "replayed");
    assert_eq!(live, replayed);
    live
}

/// The same with options that say nothing.
pub fn report(name: &str, story: &Story) -> String {
    report_with(name, &Options::default(), story)
}

/// What people see on stdout, live and replayed.
pub fn account(options: &Options, story: &Story) -> String {
    let told = |events: &[Event]| {
        let out = Shared::default();
        tell(
            &mut Terminal::new(Box::new(out.clone()), options.clone()),
            events,
        );
        out.text()
    };
    let live = told(&story.events());
    assert_eq!(live, told(&stored(&story.events())));
    live
}
