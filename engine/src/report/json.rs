//! The event stream as JSON lines, for programs: exactly what is stored, each line written out at once. Its format is
//! that of the events, versioned by the first of them.

use super::output::Output;
use super::{Options, Reporter, clean};
use crate::model::{Event, View};
use std::io::{self, Write};

/// The reporter.
pub struct Json {
    out: Box<dyn Write + Send>,
}

/// The row's constructor.
pub fn make(_: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    Ok(Box::new(Json {
        out: output.stream()?,
    }))
}

impl Reporter for Json {
    fn on(&mut self, event: &Event, _: &View) -> io::Result<()> {
        let mut line = clean::json(event.line()?);
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }

    fn finish(&mut self, _: &View) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::{self, Story, Tale, hostile};
    use crate::model::Event;

    #[test]
    fn every_event_is_a_line_that_reads_back_the_same() {
        let story = Story::new()
            .with(Tale::new("a.rhai", "first").passes(12))
            .with(hostile())
            .killed();
        let text = story::report("json", &story);
        let read: Vec<Event> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(read, story.events());
        let controls = text.chars().filter(|c| c.is_control() && *c != '\n');
        assert_eq!(controls.count(), 0);
    }

    #[test]
    fn the_first_line_tells_the_version() {
        let text = story::report("json", &Story::new());
        insta::assert_snapshot!(text.lines().next().unwrap());
    }
}
