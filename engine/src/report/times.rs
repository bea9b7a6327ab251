//! What each scenario took, in seconds by its id: kept by a pipeline for `--times`, which balances the parts of a run.

use super::output::Output;
use super::{Options, Reporter};
use crate::model::{Event, Outcome, View};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The reporter.
pub struct Times {
    out: Box<dyn Write + Send>,
}

/// The row's constructor.
pub fn make(_: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    Ok(Box::new(Times {
        out: output.stream()?,
    }))
}

impl Reporter for Times {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        // What did not run to its end says nothing about how long it takes.
        let ran = view.scenarios.iter().filter(|scenario| {
            matches!(
                scenario.outcome,
                Some(Outcome::Passed | Outcome::Failed | Outcome::Errored)
            )
        });
        let times: BTreeMap<&str, f64> = ran
            .map(|scenario| {
                let seconds = (scenario.took.as_secs_f64() * 1000.0).round() / 1000.0;
                (scenario.declared.id.0.as_str(), seconds)
            })
            .collect();
        serde_json::to_writer_pretty(&mut self.out, &times)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::{self, Story, Tale};
    use std::collections::BTreeMap;

    #[test]
    fn each_scenario_that_ran_is_there_with_its_seconds() {
        let story = Story::new()
            .with(Tale::new("a.rhai", "first").passes(1200))
            .with(Tale::new("a.rhai", "second").passes(5));
        let times: BTreeMap<String, f64> =
            serde_json::from_str(&story::report("times", &story)).expect("JSON");
        assert_eq!(times.len(), 2);
        assert!(times["a.rhai::first"] > times["a.rhai::second"]);
    }
}
