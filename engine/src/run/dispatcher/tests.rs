//! Scheduling told as stories: messages and a made-up time go in, commands come out.

use super::*;
use crate::model::progress::Progress;
use crate::model::{Cause, Event, Name, Need, Outcome, Phase, PhaseKey, PhaseState, Terms};
use scenario_stdlib::host::failure::{Code, Failure};
use serde_json::{Map, json};

fn phase(name: &str, needs: &[&str]) -> Phase {
    Phase {
        needs: needs.iter().map(|need| Need::of(*need)).collect(),
        ..Phase::new(name)
    }
}

fn not_yet(seen: &str) -> Answer {
    Answer::NotYet {
        seen: seen.into(),
        exchange: None,
    }
}

fn always(name: &str) -> Phase {
    Phase {
        always: true,
        waits_for_earlier: true,
        ..phase(name, &[])
    }
}

fn scenario(name: &str, phases: Vec<Phase>) -> Declared {
    Declared {
        phases: phases.into(),
        ..Declared::new(ScenarioId::new("t.rhai", name), 1)
    }
}

pub(super) fn rules() -> Rules {
    Rules {
        jobs: 2,
        max_fail: None,
        retries: 0,
        phase_timeout: Duration::from_secs(180),
        poll_timeout: Duration::from_secs(30),
        every: Duration::from_secs(1),
        time_scale: 1.0,
        seed: 7,
        until: None,
        max_wait: None,
        unparkable: None,
        rounds: 1,
        former: Former::Continued,
        clock: Timestamp::UNIX_EPOCH,
    }
}

/// A run told step by step.
pub(super) struct Story {
    pub dispatcher: Dispatcher,
    pub now: Instant,
    pub executing: Vec<Job>,
    pub polls: Vec<PollJob>,
    cancelled: Vec<(Name, String)>,
    pub events: Vec<What>,
    closed_files: Vec<String>,
    cleans_up_as: PhaseState,
    /// Who holds every lock.
    lock_held_by: Option<String>,
    /// What lives only as long as the process.
    held: Vec<String>,
    delivered: Vec<(String, serde_json::Value)>,
    pub finished: bool,
}

impl Story {
    pub fn begin(rules: Rules, scenarios: Vec<Declared>) -> Self {
        let plan = scenarios
            .into_iter()
            .map(|declared| Planned {
                declared: Arc::new(declared),
                verdict: Verdict::Run,
                quarantined: false,
                expired: None,
                standing: None,
            })
            .collect();
        Self::resume(rules, plan)
    }

    /// A run that another process began.
    pub fn resume(rules: Rules, plan: Vec<Planned>) -> Self {
        let mut story = Self {
            dispatcher: Dispatcher::new(rules, plan),
            now: Instant::now(),
            executing: Vec::new(),
            polls: Vec::new(),
            cancelled: Vec::new(),
            events: Vec::new(),
            closed_files: Vec::new(),
            cleans_up_as: PhaseState::Passed,
            lock_held_by: None,
            held: Vec::new(),
            delivered: Vec::new(),
            finished: false,
        };
        story.tell(Msg::Start);
        story
    }

    /// What a later process finds when this one is gone: the events, and the scenarios that are not over.
    pub fn cut_off(self, declared: &[Declared]) -> (Vec<What>, Vec<Planned>) {
        let planned = declared.iter().map(|declared| What::ScenarioPlanned {
            declared: Arc::new(declared.clone()),
        });
        let stream: Vec<Event> = (1..)
            .zip(planned.chain(self.events.iter().cloned()))
            .map(|(seq, what)| Event {
                seq,
                at: Timestamp::UNIX_EPOCH,
                what,
            })
            .collect();
        let progress = Progress::of(&stream);
        let left = progress
            .scenarios
            .into_iter()
            .filter(|standing| standing.goes_on());
        let planned = left.map(|standing| Planned {
            declared: standing.declared.clone(),
            verdict: Verdict::Run,
            quarantined: false,
            expired: None,
            standing: Some(Box::new(standing)),
        });
        (self.events, planned.collect())
    }

    pub fn tell(&mut self, msg: Msg) {
        let mut cleaned = Vec::new();
        let mut asked = Vec::new();
        let mut locked = Vec::new();
        for command in self.dispatcher.on(msg, self.now) {
            match command {
                Command::Lock { scenario, .. } => locked.push(scenario),
                Command::Unlock(_) => {}
                Command::MayPark(key) => asked.push(key),
                Command::LetGo(_) => {}
                Command::Deliver { name, data, .. } => self.delivered.push((name, data)),
                Command::CleanUp(key) => cleaned.push(key),
                Command::CloseFile(file) => self.closed_files.push(file),
                Command::Emit(what) => self.events.push(what),
                Command::Execute(job) => self.executing.push(job),
                Command::Poll(job) => self.polls.push(job),
                Command::Cancel { key, reason } => self.cancelled.push((key.phase.phase, reason)),
                Command::Finish => self.finished = true,
            }
        }
        for scenario in locked {
            let refused = self.lock_held_by.clone();
            self.tell(Msg::Locked { scenario, refused });
        }
        for key in asked {
            let held = self.held.clone();
            self.tell(Msg::MayPark { key, held });
        }
        for key in cleaned {
            let report = Report {
                state: self.cleans_up_as,
                ..Report::nothing()
            };
            self.tell(Msg::Ended { key, report });
        }
    }

    fn pass(&mut self, time: &str) {
        self.now += scenario_stdlib::host::duration::parse(time).unwrap();
        self.tell(Msg::Tick);
    }

    fn names(&self) -> Vec<String> {
        self.executing
            .iter()
            .map(|job| format!("{}/{}", job.key.phase.scenario.name(), job.key.phase.phase))
            .collect()
    }

    fn end(&mut self, name: &str, state: PhaseState) {
        self.end_with(name, state, json!({}));
    }

    fn end_with(&mut self, name: &str, state: PhaseState, writes: serde_json::Value) {
        self.end_so(name, state, writes, false);
    }

    fn end_so(&mut self, name: &str, state: PhaseState, writes: serde_json::Value, lost: bool) {
        let at = self
            .names()
            .iter()
            .position(|n| n == name)
            .unwrap_or_else(|| panic!("{name} is not executing"));
        let job = self.executing.remove(at);
        let report = Report {
            state,
            cause: None,
            took: Duration::from_secs(1),
            assertions: 1,
            writes: writes.as_object().cloned().unwrap_or_default(),
            removed: Vec::new(),
            hopeless: false,
            again: false,
            lost,
        };
        self.tell(Msg::Ended {
            key: job.key,
            report,
        });
    }

    fn answer(&mut self, answer: Answer) {
        let job = self.polls.remove(0);
        self.tell(Msg::Polled {
            phase: job.phase,
            answer,
        });
    }

    pub fn states(&self) -> Vec<String> {
        let line = |what: &What| match what {
            What::PhaseChanged { phase, to, .. } => Some(format!("{} {}", phase.phase, to.name())),
            _ => None,
        };
        self.events.iter().filter_map(line).collect()
    }

    fn outcome(&self, name: &str) -> Option<(Outcome, bool, String)> {
        self.events.iter().find_map(|what| match what {
            What::ScenarioEnded {
                scenario,
                outcome,
                flaky,
                reason,
                ..
            } if scenario.name() == name => Some((*outcome, *flaky, reason.clone())),
            _ => None,
        })
    }
}

#[test]
fn phases_run_in_order_and_hand_state_on() {
    let mut story = Story::begin(
        rules(),
        vec![scenario(
            "a",
            vec![phase("one", &[]), phase("two", &["one"])],
        )],
    );
    assert_eq!(story.names(), ["a/one"]);
    assert!(!story.executing[0].after_another);
    story.end_with("a/one", PhaseState::Passed, json!({"task": 7}));
    assert_eq!(
        story.executing[0].state,
        *json!({"task": 7}).as_object().unwrap()
    );
    assert!(
        story.executing[0].after_another,
        "must wait until the first is durable"
    );
    story.end("a/two", PhaseState::Passed);
    assert!(story.finished);
    assert_eq!(
        story.outcome("a"),
        Some((Outcome::Passed, false, String::new()))
    );
}

#[test]
fn no_more_scenarios_than_slots_execute_at_once() {
    let all = (0..5)
        .map(|i| scenario(&i.to_string(), vec![phase("p", &[])]))
        .collect();
    let mut story = Story::begin(rules(), all);
    assert_eq!(story.names(), ["0/p", "1/p"]);
    story.end("0/p", PhaseState::Passed);
    assert_eq!(story.names(), ["1/p", "2/p"]);
}

#[test]
fn c35_a_heavy_scenario_takes_its_slots_and_one_that_is_too_heavy_runs_alone() {
    let heavy = |name: &str, slots| Declared {
        terms: Arc::new(Terms {
            slots,
            ..Terms::default()
        }),
        ..scenario(name, vec![phase("p", &[])])
    };
    let all = vec![heavy("a", 2), heavy("b", 2), heavy("c", 1), heavy("d", 9)];
    let mut story = Story::begin(Rules { jobs: 3, ..rules() }, all);
    assert_eq!(
        story.names(),
        ["a/p", "c/p"],
        "there is no room for b beside a"
    );
    story.end("a/p", PhaseState::Passed);
    assert_eq!(story.names(), ["c/p", "b/p"]);
    story.end("c/p", PhaseState::Passed);
    assert_eq!(story.names(), ["b/p"]);
    story.end("b/p", PhaseState::Passed);
    assert_eq!(story.names(), ["d/p"]);
}

#[test]
fn a_waiting_phase_holds_no_slot() {
    let waits = Phase {
        has_ready: true,
        every: Some(Duration::from_secs(2)),
        ..phase("validate", &["prepare"])
    };
    let all = (0..3)
        .map(|i| scenario(&i.to_string(), vec![phase("prepare", &[]), waits.clone()]))
        .collect();
    let mut story = Story::begin(Rules { jobs: 1, ..rules() }, all);
    for name in ["0/prepare", "1/prepare", "2/prepare"] {
        assert_eq!(story.names(), [name]);
        story.end(name, PhaseState::Passed);
    }
    assert!(story.executing.is_empty());
    assert_eq!(story.polls.len(), 3, "all three wait at the same time");
    story.answer(not_yet("PENDING"));
    assert_eq!(
        story.dispatcher.next_wake(),
        Some(story.now + Duration::from_secs(2))
    );
    story.answer(Answer::Ready);
    assert_eq!(story.names(), ["1/validate"]);
    story.pass("2s");
    assert_eq!(
        story.polls.len(),
        2,
        "the third of the first round, and the first again"
    );
}

#[test]
fn looks_keep_their_beat_and_a_slow_answer_has_half_a_pause_behind_it() {
    let waits = Phase {
        has_ready: true,
        every: Some(Duration::from_secs(2)),
        ..phase("validate", &[])
    };
    let mut story = Story::begin(rules(), vec![scenario("a", vec![waits])]);
    let began = story.now;
    for (answers_in, looked_at) in [("300ms", 2), ("0s", 4), ("900ms", 6), ("1500ms", 9)] {
        story.pass(answers_in);
        story.answer(not_yet("PENDING"));
        let due = began + Duration::from_secs(looked_at);
        assert_eq!(story.dispatcher.next_wake(), Some(due), "{answers_in}");
        let left = due - story.now;
        story.pass(&format!("{}ms", left.as_millis()));
        assert_eq!(story.polls.len(), 1);
    }
}

#[test]
fn with_backoff_the_pauses_grow_up_to_half_a_minute() {
    let waits = Phase {
        has_ready: true,
        every: Some(Duration::from_secs(2)),
        backoff: Some(3.0),
        ..phase("validate", &[])
    };
    let mut story = Story::begin(rules(), vec![scenario("a", vec![waits])]);
    for pause in [2, 6, 18, 30, 30] {
        story.answer(not_yet("PENDING"));
        let due = story.now + Duration::from_secs(pause);
        assert_eq!(story.dispatcher.next_wake(), Some(due));
        story.pass(&format!("{pause}s"));
        assert_eq!(story.polls.len(), 1, "after {pause}s");
    }
}

#[test]
fn a_wait_that_runs_out_names_what_it_last_saw() {
    let waits = Phase {
        has_ready: true,
        within: Some(Duration::from_secs(3)),
        ..phase("validate", &[])
    };
    let mut story = Story::begin(rules(), vec![scenario("a", vec![waits])]);
    for _ in 0..3 {
        story.answer(not_yet("STARTED"));
        story.pass("1s");
    }
    story.answer(not_yet("STARTED"));
    let failure = story.events.iter().find_map(|what| match what {
        What::PhaseFailed { failure, .. } => Some(failure.render()),
        _ => None,
    });
    let text = failure.unwrap();
    assert!(
        text.starts_with("phase \"validate\" was not ready within 3s"),
        "{text}"
    );
    assert!(
        text.contains("last seen:     STARTED") && text.contains("polls:         4"),
        "{text}"
    );
    assert_eq!(story.outcome("a").unwrap().0, Outcome::Failed);
}

#[test]
fn o7_a_wait_that_can_never_come_true_ends_at_once() {
    let waits = Phase {
        has_ready: true,
        ..phase("validate", &[])
    };
    let mut story = Story::begin(rules(), vec![scenario("a", vec![waits])]);
    story.answer(Answer::Never(Box::new(Failure::product(
        Code::GaveUp,
        "gave up: FAILURE",
    ))));
    assert_eq!(story.outcome("a").unwrap().0, Outcome::Failed);
}

#[test]
fn c8_what_can_no_longer_run_is_skipped_at_once_and_says_why() {
    let on_skipped = Phase {
        needs: vec![Need {
            phase: "two".into(),
            states: vec![PhaseState::Skipped],
        }],
        ..phase("instead", &[])
    };
    let mut story = Story::begin(
        rules(),
        vec![scenario(
            "a",
            vec![
                phase("one", &[]),
                phase("two", &["one"]),
                phase("three", &["two"]),
                on_skipped,
            ],
        )],
    );
    story.end("a/one", PhaseState::Failed);
    assert_eq!(
        story.states(),
        [
            "one executing",
            "one failed",
            "two skipped",
            "three skipped",
            "instead executing"
        ]
    );
    let cause = story.events.iter().find_map(|what| match what {
        What::PhaseChanged { phase, cause, .. } if phase.phase == "two" => cause.clone(),
        _ => None,
    });
    assert_eq!(
        cause,
        Some(Cause::Needs {
            phase: "one".into(),
            state: PhaseState::Failed
        })
    );
}

#[test]
fn c5_executing_is_a_state_to_wait_for_and_c7_stop_when_ends_a_phase() {
    let watch = Phase {
        needs: vec![Need {
            phase: "serve".into(),
            states: vec![PhaseState::Executing],
        }],
        ..phase("test", &[])
    };
    let serve = Phase {
        stop_when: vec![Need {
            phase: "test".into(),
            states: PhaseState::TERMINAL.to_vec(),
        }],
        ..phase("serve", &[])
    };
    let mut story = Story::begin(rules(), vec![scenario("a", vec![serve, watch])]);
    assert_eq!(story.names(), ["a/serve", "a/test"]);
    story.end("a/test", PhaseState::Passed);
    assert_eq!(story.cancelled, [("serve".into(), STOP_WHEN.to_owned())]);
    story.end("a/serve", PhaseState::Passed);
    assert_eq!(story.outcome("a").unwrap().0, Outcome::Passed);
}

#[test]
fn c19_an_always_phase_runs_whatever_happened() {
    for state in [
        PhaseState::Passed,
        PhaseState::Failed,
        PhaseState::Defective,
        PhaseState::Skipped,
    ] {
        let mut story = Story::begin(
            rules(),
            vec![scenario(
                "a",
                vec![phase("one", &[]), phase("two", &["one"]), always("tidy")],
            )],
        );
        story.end_with("a/one", state, json!({"db": "x"}));
        if state == PhaseState::Passed {
            story.end("a/two", PhaseState::Failed);
        }
        assert_eq!(story.names(), ["a/tidy"], "{state:?}");
        assert_eq!(
            story.executing[0].state["db"], "x",
            "it sees the writes of what failed"
        );
        story.end("a/tidy", PhaseState::Passed);
        assert!(story.finished);
    }
}

#[test]
fn c18_an_interrupt_still_runs_what_must_always_run() {
    let mut story = Story::begin(
        rules(),
        vec![
            scenario(
                "a",
                vec![phase("one", &[]), phase("two", &["one"]), always("tidy")],
            ),
            scenario("b", vec![phase("p", &[])]),
            scenario("c", vec![phase("p", &[])]),
        ],
    );
    story.tell(Msg::Interrupt {
        reason: "Ctrl-C".into(),
        now: false,
    });
    assert_eq!(story.cancelled.len(), 2);
    assert_eq!(
        story.outcome("c").unwrap(),
        (Outcome::Interrupted, false, "not started: Ctrl-C".into())
    );
    story.end("a/one", PhaseState::Aborted);
    assert_eq!(story.names(), ["b/p", "a/tidy"]);
    story.end("a/tidy", PhaseState::Passed);
    story.end("b/p", PhaseState::Aborted);
    assert!(story.finished);
    assert_eq!(story.outcome("a").unwrap().0, Outcome::Interrupted);
}

#[test]
fn a_second_interrupt_stops_the_cleaning_too() {
    let mut story = Story::begin(
        rules(),
        vec![scenario("a", vec![phase("one", &[]), always("tidy")])],
    );
    story.tell(Msg::Interrupt {
        reason: "Ctrl-C".into(),
        now: false,
    });
    story.end("a/one", PhaseState::Aborted);
    story.tell(Msg::Interrupt {
        reason: "Ctrl-C".into(),
        now: true,
    });
    assert_eq!(story.cancelled.last().unwrap().0, "tidy");
    story.end("a/tidy", PhaseState::Aborted);
    assert!(story.finished);
}

#[test]
fn c29_a_scenario_is_tried_again_and_then_flaky() {
    let mut declared = scenario("a", vec![phase("one", &[])]);
    declared.terms_mut().retries = Some(2);
    declared.terms_mut().retry_pause = Duration::from_secs(5);
    let mut story = Story::begin(rules(), vec![declared]);
    story.end_with("a/one", PhaseState::Failed, json!({"left": 1}));
    assert!(story.names().is_empty());
    story.pass("5s");
    assert_eq!(story.names(), ["a/one"]);
    assert!(
        story.executing[0].state.is_empty(),
        "a new try begins with an empty state"
    );
    story.end("a/one", PhaseState::Passed);
    assert_eq!(
        story.outcome("a"),
        Some((Outcome::Passed, true, String::new()))
    );
}

#[test]
fn a_phase_retry_repeats_only_that_phase() {
    let again = Phase {
        retries: 1,
        ..phase("two", &["one"])
    };
    let mut story = Story::begin(rules(), vec![scenario("a", vec![phase("one", &[]), again])]);
    story.end_with("a/one", PhaseState::Passed, json!({"n": 1}));
    story.end_with("a/two", PhaseState::Failed, json!({"bad": 1}));
    assert_eq!(story.names(), ["a/two"]);
    assert_eq!(story.executing[0].key.attempt, 2);
    assert_eq!(
        story.executing[0].state,
        *json!({"n": 1}).as_object().unwrap(),
        "not the writes of the failed attempt"
    );
    story.end("a/two", PhaseState::Passed);
    assert_eq!(
        story.outcome("a"),
        Some((Outcome::Passed, true, String::new()))
    );
}

#[test]
fn a_phase_that_lost_what_it_worked_with_is_begun_once_more_without_any_retries() {
    let mut story = Story::begin(rules(), vec![scenario("a", vec![phase("p", &[])])]);
    story.end_so("a/p", PhaseState::Defective, json!({}), true);
    assert_eq!(story.names(), ["a/p"]);
    assert!(!story.executing[0].may_lose);
    story.end("a/p", PhaseState::Passed);
    assert_eq!(
        story.outcome("a"),
        Some((Outcome::Passed, true, String::new()))
    );

    let mut story = Story::begin(rules(), vec![scenario("a", vec![phase("p", &[])])]);
    story.end_so("a/p", PhaseState::Defective, json!({}), true);
    story.end_so("a/p", PhaseState::Defective, json!({}), true);
    assert_eq!(story.names(), [""; 0]);
    assert_eq!(story.outcome("a").unwrap().0, Outcome::Errored);
}

#[test]
fn fail_fast_starts_nothing_more_and_lets_the_rest_end() {
    let all = (0..4)
        .map(|i| scenario(&i.to_string(), vec![phase("p", &[])]))
        .collect();
    let mut story = Story::begin(
        Rules {
            max_fail: Some(1),
            ..rules()
        },
        all,
    );
    story.end("0/p", PhaseState::Failed);
    assert_eq!(story.names(), ["1/p"]);
    assert_eq!(
        story.outcome("2").unwrap(),
        (
            Outcome::Skipped,
            false,
            "not started: stopped after 1 failure".into()
        )
    );
    story.end("1/p", PhaseState::Passed);
    assert!(story.finished);
}

#[test]
fn c26_scenarios_with_the_same_lock_never_overlap() {
    let all = (0..3)
        .map(|i| Declared {
            terms: Arc::new(Terms {
                locks: vec!["db".into()],
                ..Terms::default()
            }),
            ..scenario(&i.to_string(), vec![phase("p", &[])])
        })
        .chain([scenario("free", vec![phase("p", &[])])])
        .collect();
    let mut story = Story::begin(Rules { jobs: 4, ..rules() }, all);
    assert_eq!(story.names(), ["0/p", "free/p"]);
    story.end("0/p", PhaseState::Passed);
    assert_eq!(story.names(), ["free/p", "1/p"]);
}

#[test]
fn c11_the_table_of_results() {
    use PhaseState::{Aborted, Defective, Failed, Passed, Skipped};
    let table = [
        (vec![Passed, Passed], Outcome::Passed),
        (vec![Aborted, Aborted], Outcome::Interrupted),
        (vec![Defective, Failed], Outcome::Errored),
        (vec![Passed, Failed], Outcome::Failed),
        (vec![Skipped, Skipped], Outcome::Skipped),
        (vec![Passed, Skipped], Outcome::Passed),
    ];
    for (states, outcome) in table {
        let mut story = Story::begin(
            rules(),
            vec![scenario("a", vec![phase("0", &[]), phase("1", &[])])],
        );
        for (index, state) in states.iter().enumerate() {
            story.end(&format!("a/{index}"), *state);
        }
        assert_eq!(story.outcome("a").unwrap().0, outcome, "{states:?}");
    }
}

#[test]
fn c12_an_ignored_outcome_does_not_count() {
    let ignored = Phase {
        ignore_outcome: true,
        ..phase("service", &[])
    };
    let mut story = Story::begin(
        rules(),
        vec![scenario("a", vec![ignored, phase("test", &[])])],
    );
    story.end("a/service", PhaseState::Failed);
    story.end("a/test", PhaseState::Passed);
    assert_eq!(story.outcome("a").unwrap().0, Outcome::Passed);
}

#[test]
fn an_expired_quarantine_is_red_and_a_valid_one_does_not_gate() {
    let planned = |quarantined, expired: Option<&str>| Planned {
        declared: Arc::new(scenario("a", vec![phase("p", &[])])),
        verdict: Verdict::Run,
        quarantined,
        expired: expired.map(str::to_owned),
        standing: None,
    };
    for (plan, state, outcome) in [
        (
            planned(true, None),
            PhaseState::Failed,
            (Outcome::Failed, true),
        ),
        (
            planned(false, Some("expired")),
            PhaseState::Passed,
            (Outcome::Failed, false),
        ),
    ] {
        let mut dispatcher = Dispatcher::new(rules(), vec![plan]);
        let now = Instant::now();
        let key = PhaseKey {
            scenario: ScenarioId::new("t.rhai", "a"),
            round: 1,
            try_number: 1,
            phase: "p".into(),
        }
        .attempt(1);
        dispatcher.on(Msg::Start, now);
        let report = Report {
            state,
            cause: None,
            took: Duration::ZERO,
            assertions: 0,
            writes: Map::new(),
            removed: Vec::new(),
            hopeless: false,
            again: false,
            lost: false,
        };
        dispatcher.on(Msg::Ended { key, report }, now);
        let key = dispatcher.scenarios[0].clean_up();
        let report = Report::nothing();
        let commands = dispatcher.on(Msg::Ended { key, report }, now);
        let ended = commands.iter().find_map(|command| match command {
            Command::Emit(What::ScenarioEnded {
                outcome,
                quarantined,
                ..
            }) => Some((*outcome, *quarantined)),
            _ => None,
        });
        assert_eq!(ended, Some(outcome));
    }
}

#[test]
fn seeds_of_attempts_survive_json() {
    let phase = PhaseKey {
        scenario: ScenarioId::new("t.rhai", "a"),
        round: 1,
        try_number: 1,
        phase: "p".into(),
    };
    let seeds = (1..200).map(|attempt| seed_of(7, &phase, attempt));
    let seeds: Vec<u64> = seeds.collect();
    assert!(seeds.iter().all(|seed| *seed <= 1 << 53));
    assert!(seeds.iter().any(|seed| *seed > 1 << 50));
}

#[test]
fn the_clean_up_ends_a_try_before_the_next_begins_and_a_file_after_its_last() {
    let mut declared = scenario("a", vec![phase("one", &[])]);
    declared.terms_mut().retries = Some(1);
    let mut story = Story::begin(
        rules(),
        vec![declared, scenario("b", vec![phase("p", &[])])],
    );
    story.end("a/one", PhaseState::Failed);
    story.end("b/p", PhaseState::Passed);
    assert!(
        story.closed_files.is_empty(),
        "one of its scenarios goes on"
    );
    story.pass("1s");
    story.end("a/one", PhaseState::Passed);
    assert_eq!(story.closed_files, ["t.rhai"]);
    assert!(story.finished);
}

#[test]
fn what_cannot_be_cleaned_up_spoils_a_good_outcome_and_no_other() {
    for (phase_state, cleaned, outcome) in [
        (PhaseState::Passed, PhaseState::Defective, Outcome::Errored),
        (PhaseState::Passed, PhaseState::Failed, Outcome::Failed),
        (PhaseState::Failed, PhaseState::Defective, Outcome::Failed),
    ] {
        let mut story = Story::begin(rules(), vec![scenario("a", vec![phase("p", &[])])]);
        story.cleans_up_as = cleaned;
        story.end("a/p", phase_state);
        assert_eq!(story.outcome("a").unwrap().0, outcome);
    }
}

#[test]
fn c27_a_lock_that_another_process_holds_is_asked_for_again() {
    let declared = Declared {
        terms: Arc::new(Terms {
            locks: vec!["db".into()],
            ..Terms::default()
        }),
        ..scenario("a", vec![phase("p", &[])])
    };
    let mut story = Story::begin(rules(), Vec::new());
    story.lock_held_by = Some("run r1".into());
    story.dispatcher = Dispatcher::new(
        rules(),
        vec![Planned {
            declared: Arc::new(declared),
            verdict: Verdict::Run,
            quarantined: false,
            expired: None,
            standing: None,
        }],
    );
    story.tell(Msg::Start);
    story.pass("1s");
    assert!(story.names().is_empty());
    let warned = |what: &&What| matches!(what, What::Warned { .. });
    assert_eq!(story.events.iter().filter(warned).count(), 1, "said once");
    story.lock_held_by = None;
    story.pass("1s");
    assert_eq!(story.names(), ["a/p"]);
}

#[test]
fn c26_a_scenario_that_is_skipped_keeps_no_lock() {
    let planned = |name: &str, verdict| Planned {
        declared: Arc::new(Declared {
            terms: Arc::new(Terms {
                locks: vec!["db".into()],
                ..Terms::default()
            }),
            ..scenario(name, vec![phase("p", &[])])
        }),
        verdict,
        quarantined: false,
        expired: None,
        standing: None,
    };
    let plan = vec![
        planned("a", Verdict::Skip("not here".into())),
        planned("b", Verdict::Run),
    ];
    let mut story = Story::resume(rules(), plan);
    assert_eq!(story.names(), ["b/p"]);
    story.end("b/p", PhaseState::Passed);
    assert!(story.finished);
}

#[test]
fn who_asks_again_for_the_same_signal_gets_one() {
    let mut story = Story::begin(rules(), vec![scenario("a", vec![phase("wait", &[])])]);
    let key = story.executing[0].key.clone();
    for _ in 0..3 {
        story.tell(Msg::Wants {
            key: key.clone(),
            name: "go".into(),
        });
    }
    for number in 1..=2 {
        story.tell(Msg::Signal(Signal {
            number,
            name: "go".into(),
            scenario: None,
            data: json!(number),
        }));
    }
    assert_eq!(story.delivered, [("go".to_owned(), json!(1))]);
}

#[test]
fn polls_beyond_those_that_may_be_under_way_follow_the_answers() {
    let ready = Phase {
        has_ready: true,
        ..phase("p", &[])
    };
    let all = (0..waiting::POLLS + 1).map(|i| scenario(&i.to_string(), vec![ready.clone()]));
    let mut story = Story::begin(rules(), all.collect());
    assert_eq!(story.polls.len(), waiting::POLLS);
    assert_eq!(story.dispatcher.next_wake(), None, "only an answer helps");
    let first = story.polls[0].phase.clone();
    story.tell(Msg::Polled {
        phase: first,
        answer: not_yet("no"),
    });
    assert_eq!(story.polls.len(), waiting::POLLS + 1);
}
