//! What holds for every graph of phases, whatever comes of them and whenever it is interrupted: played through at random.

use super::tests::{Story, rules};
use super::*;
use crate::model::{Cause, Need, Outcome, Phase, PhaseState, Verdict as NeedVerdict};
use proptest::prelude::*;
use proptest::sample::Index;
use scenario_stdlib::host::failure::{Code, Failure};
use serde_json::{Map, json};
use std::collections::HashMap;

/// One thing that happens in a run.
#[derive(Clone, Debug)]
enum Happens {
    Ends(Index, PhaseState),
    Answers(Index, Reply),
    TimePasses(u32),
    Interrupt { now: bool },
    Signal,
}

#[derive(Clone, Copy, Debug)]
enum Reply {
    Ready,
    NotYet,
    Never,
}

fn happens() -> impl Strategy<Value = Happens> {
    let end = prop_oneof![
        6 => Just(PhaseState::Passed),
        2 => Just(PhaseState::Failed),
        1 => Just(PhaseState::Skipped),
        1 => Just(PhaseState::Defective),
        1 => Just(PhaseState::Aborted),
    ];
    let reply =
        prop_oneof![3 => Just(Reply::Ready), 3 => Just(Reply::NotYet), 1 => Just(Reply::Never)];
    prop_oneof![
        8 => (any::<Index>(), end).prop_map(|(which, state)| Happens::Ends(which, state)),
        6 => (any::<Index>(), reply).prop_map(|(which, reply)| Happens::Answers(which, reply)),
        4 => (0..5_000_u32).prop_map(Happens::TimePasses),
        1 => any::<bool>().prop_map(|now| Happens::Interrupt { now }),
        1 => Just(Happens::Signal),
    ]
}

fn states() -> impl Strategy<Value = Vec<PhaseState>> {
    prop_oneof![
        4 => Just(Vec::new()),
        1 => Just(vec![PhaseState::Executing]),
        1 => Just(PhaseState::TERMINAL.to_vec()),
        1 => Just(vec![PhaseState::Failed, PhaseState::Skipped]),
    ]
}

/// A phase that needs only earlier ones, so that there is no circle.
fn phase(at: usize) -> impl Strategy<Value = Phase> {
    let needs = proptest::collection::vec((any::<Index>(), states()), 0..3);
    let kind = 0..10_u8;
    (needs, kind, any::<bool>(), 0..2_u32).prop_map(move |(needs, kind, ignored, retries)| {
        let needs: Vec<Need> = match at {
            0 => Vec::new(),
            at => needs
                .into_iter()
                .map(|(which, states)| Need {
                    phase: format!("p{}", which.index(at)).into(),
                    states,
                })
                .collect(),
        };
        let mut phase = Phase {
            needs,
            retries,
            ignore_outcome: ignored && kind == 9,
            ..Phase::new(format!("p{at}"))
        };
        match kind {
            0 | 1 => phase.has_ready = true,
            2 => phase.not_before = Some(Duration::from_secs(2)),
            3 => phase.signal = Some("go".into()),
            4 => {
                phase.always = true;
                phase.waits_for_earlier = phase.needs.is_empty();
            }
            5 if at > 0 => {
                phase.stop_when = vec![Need {
                    phase: "p0".into(),
                    states: PhaseState::TERMINAL.to_vec(),
                }];
            }
            6 if at > 0 => {
                phase = Phase {
                    during: Some(format!("p{}", at - 1).into()),
                    ..Phase::new(format!("p{at}"))
                };
            }
            _ => {}
        }
        phase
    })
}

fn scenarios() -> impl Strategy<Value = Vec<Declared>> {
    let phases = (1..6_usize).prop_flat_map(|count| (0..count).map(phase).collect::<Vec<_>>());
    let one = (phases, 0..2_u32, 1..3_u32, any::<bool>());
    proptest::collection::vec(one, 1..4).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(at, (phases, retries, rounds, locks))| {
                let mut declared = Declared::new(ScenarioId::new("t.rhai", &format!("s{at}")), 1);
                declared.phases = phases.into();
                declared.terms_mut().retries = Some(retries);
                declared.terms_mut().rounds = rounds;
                declared.terms_mut().locks = if locks { vec!["db".into()] } else { Vec::new() };
                declared
            })
            .collect()
    })
}

/// Checks, event by event, what must hold at all times.
#[derive(Default)]
struct Watch {
    states: HashMap<PhaseKey, (PhaseState, Option<Cause>)>,
    passed: HashMap<PhaseKey, u32>,
    seen: usize,
    ended: HashMap<ScenarioId, u32>,
    hurried: bool,
}

impl Watch {
    fn look(&mut self, story: &Story, declared: &[Declared]) -> Result<(), TestCaseError> {
        for what in &story.events[self.seen..] {
            match what {
                What::PhaseChanged {
                    phase,
                    from,
                    to,
                    cause,
                } => {
                    let before = self
                        .states
                        .get(phase)
                        .map_or(PhaseState::Pending, |(state, _)| *state);
                    prop_assert_eq!(before, *from, "{:?} was elsewhere", phase);
                    prop_assert!(!before.is_terminal(), "{:?} moved after its end", phase);
                    if *to == PhaseState::Executing {
                        self.may_begin(phase, declared)?;
                    }
                    if *to == PhaseState::Passed {
                        *self.passed.entry(phase.clone()).or_default() += 1;
                        prop_assert_eq!(self.passed[phase], 1, "{:?} passed twice", phase);
                    }
                    self.states.insert(phase.clone(), (*to, cause.clone()));
                }
                What::TryEnded {
                    scenario,
                    round,
                    try_number,
                    ..
                } => {
                    let one = declared
                        .iter()
                        .find(|one| one.id == *scenario)
                        .expect("known");
                    for phase in one.phases.iter() {
                        let key = PhaseKey {
                            scenario: scenario.clone(),
                            round: *round,
                            try_number: *try_number,
                            phase: phase.name.clone(),
                        };
                        let (state, cause) = self.states.get(&key).cloned().unzip();
                        prop_assert!(
                            state.is_some_and(PhaseState::is_terminal),
                            "{:?} was left {:?}",
                            key,
                            state
                        );
                        if phase.waits_for_earlier && !self.hurried {
                            let by_script = matches!(cause, Some(Some(Cause::Script { .. })));
                            prop_assert!(
                                state != Some(PhaseState::Skipped) || by_script,
                                "{:?} did not run",
                                key
                            );
                        }
                    }
                }
                What::ScenarioEnded { scenario, .. } => {
                    *self.ended.entry(scenario.clone()).or_default() += 1;
                    prop_assert_eq!(self.ended[scenario], 1, "{:?} ended twice", scenario);
                }
                _ => {}
            }
        }
        self.seen = story.events.len();
        Ok(())
    }

    /// A phase begins only when everything it needs is as it wants it.
    fn may_begin(&self, key: &PhaseKey, declared: &[Declared]) -> Result<(), TestCaseError> {
        let one = declared
            .iter()
            .find(|one| one.id == key.scenario)
            .expect("known");
        let at = one
            .phases
            .iter()
            .position(|phase| phase.name == key.phase)
            .expect("known");
        let state_of = |name: &str| {
            let other = PhaseKey {
                phase: name.into(),
                ..key.clone()
            };
            self.states.get(&other).cloned().unwrap_or_default()
        };
        let again = self
            .states
            .get(key)
            .is_some_and(|(_, cause)| matches!(cause, Some(Cause::Retry { .. })));
        for need in &one.phases[at].needs {
            let (state, cause) = state_of(&need.phase);
            let verdict = need.verdict(state, cause.as_ref());
            // What it needed to be executing may be over when it is done once more.
            prop_assert!(
                verdict == NeedVerdict::Met || again || need.states == [PhaseState::Executing],
                "{:?} began while {} was {:?}",
                key,
                need.phase,
                state
            );
        }
        if one.phases[at].waits_for_earlier {
            for earlier in &one.phases[..at] {
                prop_assert!(state_of(&earlier.name).0.is_terminal());
            }
        }
        Ok(())
    }
}

fn report(state: PhaseState) -> Report {
    Report {
        state,
        cause: (state == PhaseState::Skipped).then(|| Cause::Script { reason: "x".into() }),
        took: Duration::from_millis(10),
        assertions: 1,
        writes: json!({"k": 1})
            .as_object()
            .cloned()
            .unwrap_or_else(Map::new),
        removed: Vec::new(),
        hopeless: false,
        again: false,
        lost: false,
    }
}

fn play(story: &mut Story, what: &Happens) {
    match what {
        Happens::Ends(which, state) if !story.executing.is_empty() => {
            let job = story.executing.remove(which.index(story.executing.len()));
            story.tell(Msg::Ended {
                key: job.key,
                report: report(*state),
            });
        }
        Happens::Answers(which, reply) if !story.polls.is_empty() => {
            let poll = story.polls.remove(which.index(story.polls.len()));
            let answer = match reply {
                Reply::Ready => Answer::Ready,
                Reply::NotYet => Answer::NotYet {
                    seen: "no".into(),
                    exchange: None,
                },
                Reply::Never => Answer::Never(Box::new(Failure::product(Code::GaveUp, "gave up"))),
            };
            story.tell(Msg::Polled {
                phase: poll.phase,
                answer,
            });
        }
        Happens::TimePasses(millis) => {
            story.now += Duration::from_millis(u64::from(*millis));
            story.tell(Msg::Tick);
        }
        Happens::Interrupt { now } => story.tell(Msg::Interrupt {
            reason: "Ctrl-C".into(),
            now: *now,
        }),
        Happens::Signal => {
            let number = story.events.len() as u64 + 1;
            story.tell(Msg::Signal(Signal {
                number,
                name: "go".into(),
                scenario: None,
                data: json!(1),
            }));
        }
        Happens::Ends(..) | Happens::Answers(..) => {}
    }
}

/// Plays until nothing is left to do: everything passes, every wait comes true.
fn play_out(story: &mut Story) {
    for turn in 0..2_000 {
        if story.finished {
            return;
        }
        let which = first();
        if !story.executing.is_empty() {
            play(story, &Happens::Ends(which, PhaseState::Passed));
        } else if !story.polls.is_empty() {
            play(story, &Happens::Answers(which, Reply::Ready));
        } else {
            play(story, &Happens::Signal);
            play(story, &Happens::TimePasses(10_000 * (1 + turn / 50)));
        }
    }
}

fn first() -> Index {
    use proptest::strategy::{Strategy, ValueTree};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let tree = any::<Index>().new_tree(&mut runner);
    tree.expect("an index").current()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_in_order(
        declared in scenarios(),
        script in proptest::collection::vec(happens(), 0..60),
        jobs in 1..4_usize,
        max_wait in proptest::option::of(1..5_u64),
    ) {
        let rules = Rules { jobs, max_wait: max_wait.map(Duration::from_secs), ..rules() };
        let mut story = Story::begin(rules, declared.clone());
        let mut watch = Watch::default();
        for what in &script {
            watch.hurried |= matches!(what, Happens::Interrupt { now: true });
            play(&mut story, what);
            watch.look(&story, &declared)?;
            prop_assert!(story.executing.len() <= jobs + 6 * declared.len(), "more executes than may");
        }
        play_out(&mut story);
        watch.look(&story, &declared)?;
        prop_assert!(story.finished, "it never ended: {:?}", story.states());
        prop_assert_eq!(watch.ended.len(), declared.len());
        prop_assert_eq!(story.dispatcher.free, jobs, "a slot was lost");
        prop_assert!(story.dispatcher.locks.is_empty(), "a lock was kept");
    }

    /// What another process parked or was killed in goes on where it was: all that passed stays so.
    #[test]
    fn a_run_goes_on_where_it_was_cut_off(
        declared in scenarios(),
        script in proptest::collection::vec(happens(), 0..40),
    ) {
        let mut story = Story::begin(rules(), declared.clone());
        let mut watch = Watch::default();
        for what in &script {
            watch.hurried |= matches!(what, Happens::Interrupt { now: true });
            play(&mut story, what);
        }
        watch.look(&story, &declared)?;
        let (events, planned) = story.cut_off(&declared);
        watch.ended.retain(|id, _| {
            let last = events.iter().rev().find_map(|what| match what {
                What::ScenarioEnded { scenario, outcome, .. } if scenario == id => Some(*outcome),
                _ => None,
            });
            last != Some(Outcome::Parked)
        });
        let mut second = Story::resume(rules(), planned);
        // One stream, as the store keeps it.
        second.events.splice(0..0, events);
        play_out(&mut second);
        watch.look(&second, &declared)?;
        prop_assert!(second.finished, "it never ended: {:?}", second.states());
        prop_assert_eq!(watch.ended.len(), declared.len());
    }
}
