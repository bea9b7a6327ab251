//! JUnit XML, as CI systems read it: a suite a file, a case a scenario. Former tries and attempts are kept as flaky
//! failures or reruns. Made from the view alone, at the end.

use super::output::Output;
use super::setback::{Setback, decisive};
use super::timeline::{between, stages};
use super::verdict::{Verdict, reason};
use super::{Options, Reporter, clean, trace_of};
use crate::model::Event;
use crate::model::view::{AttachmentView, ScenarioView, View};
use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite,
};
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::{Failure, Kind};
use scenario_stdlib::host::record::SERVICE_LINES;
use std::fmt::Write;
use std::io;
use std::time::Duration;

/// Longest name of a case; long enough to stay unique, short enough for any database behind it.
const NAME: usize = 1000;

/// Longest log of a case.
const LOG: usize = 256 * 1024;

/// The reporter.
pub struct Junit {
    output: Output,
    options: Options,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Junit {
        output: output.clone(),
        options: options.clone(),
    }))
}

impl Reporter for Junit {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let text = report(view, &self.options).to_string();
        self.output
            .write(text.map_err(io::Error::other)?.as_bytes())
    }
}

fn report(view: &View, options: &Options) -> Report {
    let mut report = Report::new("scenario");
    report.timestamp = view.started.and_then(|at| at.to_string().parse().ok());
    report.set_time(view.took());
    let mut files: Vec<(&str, Vec<&ScenarioView>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for scenario in &view.scenarios {
        let file = scenario.declared.id.file();
        let at = *index.entry(file).or_insert_with(|| {
            files.push((file, Vec::new()));
            files.len() - 1
        });
        files[at].1.push(scenario);
    }
    for (file, scenarios) in files {
        report.add_test_suite(suite(file, &scenarios, view, options));
    }
    report
}

fn suite(file: &str, scenarios: &[&ScenarioView], view: &View, options: &Options) -> TestSuite {
    let mut suite = TestSuite::new(clean::line(file, NAME));
    if let Some(run) = &view.run {
        suite.add_property(property("run", clean::name(&run.run.0)));
        suite.add_property(property("seed", run.seed.to_string()));
        suite.add_property(property("profile", clean::name(&run.profile)));
        if let Some(url) = &run.base_url {
            suite.add_property(property("base_url", clean::name(url)));
        }
        suite
            .extra
            .insert("hostname".into(), clean::name(&run.host).into());
    }
    let began = scenarios
        .iter()
        .filter_map(|s| Some(s.tries.first()?.started))
        .min();
    suite.timestamp = began.and_then(|at| at.to_string().parse().ok());
    suite.set_time(scenarios.iter().map(|scenario| scenario.took).sum());
    for scenario in scenarios {
        suite.add_test_case(case(scenario, view, options));
    }
    suite
}

fn case(scenario: &ScenarioView, view: &View, options: &Options) -> TestCase {
    let declared = &scenario.declared;
    let setbacks = Setback::all(scenario);
    let mut case = TestCase::new(
        clean::line(declared.id.name(), NAME),
        status(scenario, &setbacks, view),
    );
    case.set_classname(clean::line(declared.id.file(), NAME));
    case.set_assertions(scenario.assertions as usize);
    case.set_time(scenario.took);
    let began = scenario.tries.first().map(|tried| tried.started);
    case.timestamp = began.and_then(|at| at.to_string().parse().ok());
    case.extra
        .insert("file".into(), clean::line(declared.id.file(), NAME).into());
    case.extra
        .insert("line".into(), declared.line.to_string().into());
    case.add_properties(properties(scenario, options));
    if let (true, Some(run)) = (options.is_traced, &view.run) {
        let tries = scenario.tries.iter();
        let traces = tries.map(|tried| property("trace", trace_of(&run.run.0, scenario, tried)));
        case.add_properties(traces);
    }
    let log = log(scenario, view);
    if !log.is_empty() {
        case.set_system_out(clean::block(&log, LOG));
    }
    case
}

fn status(scenario: &ScenarioView, setbacks: &[Setback], view: &View) -> TestCaseStatus {
    let verdict = Verdict::of(scenario);
    let kind = match verdict {
        Verdict::Passed | Verdict::Flaky => {
            let mut status = TestCaseStatus::success();
            status.add_reruns(setbacks.iter().map(rerun));
            return status;
        }
        Verdict::Skipped => return skipped("", &reason(scenario, view)),
        Verdict::Running | Verdict::Queued => {
            return skipped(verdict.name(), &reason(scenario, view));
        }
        Verdict::Parked => return skipped("parked", &reason(scenario, view)),
        // It is reported and does not gate; JUnit has no other word for that.
        _ if scenario.quarantined => return skipped("quarantined", &reason(scenario, view)),
        Verdict::Failed => NonSuccessKind::Failure,
        Verdict::Errored | Verdict::Interrupted | Verdict::CutOff | Verdict::NotRun => {
            NonSuccessKind::Error
        }
    };
    let mut status = TestCaseStatus::non_success(kind);
    let failures = || decisive(setbacks).flat_map(|setback| setback.failures);
    let headline = match failures().next() {
        Some(failure) if scenario.reason.is_empty() => failure.message.clone(),
        _ => reason(scenario, view),
    };
    status.set_message(clean::line(&headline, clean::BLOCK));
    let ty = match failures().next() {
        Some(failure) => code(failure),
        None => verdict.name().to_owned(),
    };
    status.set_type(ty);
    let text: Vec<String> = decisive(setbacks).map(Setback::text).collect();
    if !text.is_empty() {
        status.set_description(text.join("\n\n"));
    }
    status.add_reruns(
        setbacks
            .iter()
            .filter(|setback| !setback.is_final())
            .map(rerun),
    );
    status
}

fn skipped(prefix: &str, reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    let message = match (prefix, reason) {
        ("", reason) => reason.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, reason) => format!("{prefix}: {reason}"),
    };
    if !message.is_empty() {
        status.set_message(clean::line(&message, clean::BLOCK));
    }
    status
}

fn rerun(setback: &Setback) -> TestRerun {
    let is_fault = setback
        .failures
        .iter()
        .any(|failure| failure.kind != Kind::Failure);
    let kind = if is_fault || setback.failures.is_empty() {
        NonSuccessKind::Error
    } else {
        NonSuccessKind::Failure
    };
    let mut rerun = TestRerun::new(kind);
    rerun.set_message(clean::line(&setback.headline(), clean::BLOCK));
    if let Some(failure) = setback.failures.first() {
        rerun.set_type(code(failure));
    }
    rerun.set_description(setback.text());
    if let Some(attempt) = setback.attempt {
        rerun.set_time(attempt.took);
        rerun.timestamp = attempt.started.to_string().parse().ok();
    }
    rerun
}

/// `assertion`, `wait_timeout`: as in the events.
fn code(failure: &Failure) -> String {
    let code = serde_json::to_value(failure.code).ok();
    code.and_then(|code| code.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn properties(scenario: &ScenarioView, options: &Options) -> Vec<Property> {
    let mut properties: Vec<Property> = Vec::new();
    let mut add = |name: &str, value: String| properties.push(property(name, value));
    for tag in &scenario.declared.terms.tags {
        add("tag", clean::name(tag));
    }
    let verdict = Verdict::of(scenario);
    add("outcome", verdict.name().into());
    if let (true, Some(quarantine)) = (scenario.quarantined, &scenario.declared.terms.quarantine) {
        add("quarantine.expires", quarantine.expires.to_string());
        add("quarantine.owner", clean::name(&quarantine.owner));
        if !quarantine.ticket.is_empty() {
            add("quarantine.ticket", clean::name(&quarantine.ticket));
        }
    }
    for tried in &scenario.tries {
        for attempt in tried.phases.iter().flat_map(|phase| &phase.attempts) {
            add("attempt.seed", attempt.seed.to_string());
            let for_people = |one: &&AttachmentView| one.media_type != SERVICE_LINES;
            for attachment in attempt.attachments.iter().filter(for_people) {
                add("attachment", options.attachment(&attachment.path));
            }
        }
    }
    properties
}

fn property(name: &str, value: String) -> Property {
    Property::new(name, value)
}

/// The stages with their durations, then every log line of every attempt.
fn log(scenario: &ScenarioView, view: &View) -> String {
    let mut out = String::new();
    let many_tries = scenario.tries.len() > 1;
    let many_phases = scenario.declared.phases.len() > 1;
    for tried in &scenario.tries {
        if many_tries {
            let _ = writeln!(out, "try {}", tried.number);
        }
        let stages = stages(tried, view.now);
        if stages.len() > 1 {
            for stage in stages {
                let took = stage
                    .took
                    .map_or(String::new(), |took| format!(" {}", show(took)));
                let note = match stage.note.as_str() {
                    "" => String::new(),
                    note => format!(": {}", clean::line(note, clean::BLOCK)),
                };
                let _ = writeln!(out, "{}{took}{note}", clean::name(&stage.label));
            }
        }
        for phase in &tried.phases {
            for attempt in &phase.attempts {
                for log in &attempt.logs {
                    let at: Duration = between(attempt.started, log.at);
                    let text = clean::log(&log.text, clean::BLOCK);
                    let phase = match many_phases {
                        true => format!("{} ", clean::name(&phase.name)),
                        false => String::new(),
                    };
                    let _ = writeln!(out, "[{phase}+{}] {text}", show(at));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::story::{self, Story, Tale, hostile, wrong_body, wrong_status};
    use crate::model::{Outcome, PhaseState};
    use scenario_stdlib::host::failure::Failure;

    fn junit(story: &Story) -> String {
        story::report("junit", story)
    }

    #[test]
    fn a_suite_a_file_and_a_case_a_scenario() {
        let story = Story::new()
            .with(
                Tale::new("scenarios/login.rhai", "login as Ada")
                    .tags(&["smoke", "api"])
                    .passes(240),
            )
            .with(Tale::new("scenarios/other.rhai", "other").skips("needs a browser"))
            .with(
                Tale::new("scenarios/login.rhai", "login as Eve")
                    .starts()
                    .executes("login as Eve")
                    .logs(5, "\u{1b}[1mhello\u{1b}[0m")
                    .attaches("page", "shots/page.png")
                    .bad(wrong_status())
                    .attempt_ends(PhaseState::Failed, 30)
                    .ends(Outcome::Failed),
            )
            .exit(1);
        insta::assert_snapshot!(junit(&story));
    }

    #[test]
    fn c29_former_tries_are_kept() {
        let tried = |tale: Tale, state, outcome| {
            tale.starts()
                .executes("x")
                .bad(wrong_body())
                .attempt_ends(state, 10)
                .try_ends(outcome)
        };
        let twice = |name| {
            let tale = Tale::new(name, "x").retries(2);
            let tale = tried(tale, PhaseState::Failed, Outcome::Failed);
            tried(tale, PhaseState::Failed, Outcome::Failed)
        };
        let flaky = twice("flaky.rhai")
            .starts()
            .executes("x")
            .attempt_ends(PhaseState::Passed, 9)
            .ends(Outcome::Passed);
        let failing = twice("failing.rhai")
            .starts()
            .executes("x")
            .bad(wrong_status())
            .attempt_ends(PhaseState::Failed, 9)
            .ends(Outcome::Failed);
        let text = junit(&Story::new().with(flaky).with(failing).exit(1));
        assert_eq!(text.matches("<flakyFailure").count(), 2);
        assert_eq!(text.matches("<rerunFailure").count(), 2);
        assert_eq!(text.matches("<failure").count(), 1);
    }

    #[test]
    fn o21_faults_are_errors() {
        let story = Story::new()
            .with(Tale::new("a.rhai", "x").errs(5, Failure::fault("chromedriver crashed")))
            .exit(3);
        let text = junit(&story);
        assert!(
            text.contains(r#"tests="1" skipped="0" errors="1" failures="0""#),
            "{text}"
        );
        assert!(
            text.contains(r#"<error message="chromedriver crashed" type="internal">"#),
            "{text}"
        );
    }

    #[test]
    fn what_does_not_gate_is_skipped_and_what_was_cut_off_is_an_error() {
        let story = Story::new()
            .with(
                Tale::new("a.rhai", "old")
                    .quarantine("2026-12-31", "ada", "")
                    .fails(3, wrong_body()),
            )
            .with(
                Tale::new("a.rhai", "later")
                    .starts()
                    .ends_because(Outcome::Parked, "`b` waits"),
            )
            .with(Tale::new("a.rhai", "open").starts().executes("open"))
            .with(Tale::new("a.rhai", "never begun"))
            .killed();
        let text = junit(&story);
        for part in [
            r#"<skipped message="quarantined: the body is not as expected, in 2 places"/>"#,
            r#"<skipped message="parked: `b` waits"/>"#,
            r#"<error message="the run was killed while it was under way" type="cut off">open"#,
            r#"<error message="the run was killed before it began" type="not run"/>"#,
        ] {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = junit(&Story::new().with(hostile()).exit(1));
        assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None);
        assert!(!text.contains("]]>") && !text.contains("<b>"), "{text}");
        let read = quick_junit::Report::deserialize_from_str(&text).unwrap();
        assert_eq!((read.tests, read.failures), (1, 1));
    }

    #[test]
    fn an_empty_run_is_a_valid_document() {
        let text = junit(&Story::new().exit(4));
        assert!(text.contains(r#"tests="0""#), "{text}");
    }
}
