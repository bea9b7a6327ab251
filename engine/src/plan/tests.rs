//! Whole plans, from what was declared and asked for to what will be run.

use super::*;
use crate::model::{Need, Phase, Quarantine, Terms};
use jiff::civil::date;
use proptest::prelude::*;
use scenario_stdlib::host::failure::Failure;

/// A scenario with one phase.
pub fn scenario(file: &str, name: &str, line: u32) -> Declared {
    Declared {
        phases: vec![phase("main", &[])].into(),
        ..Declared::new(ScenarioId::new(file, name), line)
    }
}

/// Scenarios as a loader holds them.
pub fn shared(declared: &[Declared]) -> Vec<Arc<Declared>> {
    declared.iter().cloned().map(Arc::new).collect()
}

/// A phase with needs that name no states.
pub fn phase(name: &str, needs: &[&str]) -> Phase {
    Phase {
        needs: needs.iter().map(|need| Need::of(*need)).collect(),
        ..Phase::new(name)
    }
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn tagged(file: &str, name: &str, line: u32, tags: &[&str]) -> Declared {
    Declared {
        terms: Arc::new(Terms {
            tags: texts(tags),
            ..Terms::default()
        }),
        ..scenario(file, name, line)
    }
}

fn planned(declared: &[Declared], request: &Request) -> Plan {
    let plan = plan(&shared(declared), &Sources::default(), request);
    assert_eq!(plan.errors, []);
    plan
}

fn refused(declared: &[Declared], sources: &Sources, request: &Request) -> Vec<String> {
    let plan = plan(&shared(declared), sources, request);
    assert!(plan.selected.is_empty());
    let errors = plan.errors.into_iter();
    errors.map(|error| Failure::from(error).render()).collect()
}

fn names(plan: &Plan) -> Vec<&str> {
    let selected = plan.selected.iter();
    selected.map(|planned| planned.declared.id.name()).collect()
}

fn five() -> [Declared; 5] {
    [
        tagged("a.rhai", "one", 3, &["preparation"]),
        tagged("a.rhai", "two", 9, &["validation", "slow"]),
        tagged("a.rhai", "three", 20, &["preparation", "slow"]),
        tagged("b.rhai", "four", 1, &[]),
        tagged("b.rhai", "five", 5, &["preparation"]),
    ]
}

#[test]
fn o1_tags_choose_and_the_others_are_listed_with_reasons() {
    let request = Request {
        tags: Some("preparation".into()),
        ..Request::default()
    };
    let plan = planned(&five(), &request);
    assert_eq!(names(&plan), ["one", "three", "five"]);
    let reasons: Vec<(&str, &str)> = plan
        .not_selected
        .iter()
        .map(|(id, reason)| (id.name(), reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (
                "two",
                "its tags [validation, slow] do not match `preparation`"
            ),
            ("four", "it has no tags, and `preparation` was asked for"),
        ]
    );
}

#[test]
fn a16_an_undeclared_tag_in_an_expression_shows_where() {
    let request = Request {
        tags: Some("preparation and not slwo".into()),
        declared_tags: Some(texts(&["preparation", "validation", "slow"])),
        ..Request::default()
    };
    assert_eq!(
        refused(&five(), &Sources::default(), &request),
        [
            "the tag `slwo` is not declared\n  --> --tags:1:21\n   |\n 1 | preparation and not slwo\n   |                     ^^^^\n  hint: did you mean `slow`?"
        ]
    );
}

#[test]
fn a16_an_undeclared_tag_in_a_script_is_an_error_with_its_place() {
    let sources = Sources::default();
    sources.add(
        "a.rhai",
        "scenario(\"x\", #{\n  tags: [\"smoke\", \"tier4\"],\n});",
    );
    let request = Request {
        declared_tags: Some(texts(&["smoke", "tier1"])),
        ..Request::default()
    };
    let declared = [tagged("a.rhai", "x", 1, &["smoke", "tier4"])];
    assert_eq!(
        refused(&declared, &sources, &request),
        [
            "scenario `a.rhai::x` has the tag `tier4`, which is not declared\n  --> a.rhai:2:19\n   |\n 2 |   tags: [\"smoke\", \"tier4\"],\n   |                   ^^^^^^^\n  hint: did you mean `tier1`?"
        ]
    );
}

#[test]
fn a16_without_declared_tags_a_slip_is_a_warning() {
    let request = Request {
        tags: Some("preparaton or nothing".into()),
        ..Request::default()
    };
    let plan = planned(&five(), &request);
    assert!(plan.selected.is_empty());
    assert_eq!(
        plan.warnings,
        ["no scenario has the tag `preparaton`: did you mean `preparation`?"]
    );
}

#[test]
fn o13_a_name_chooses_by_substring_over_file_and_name() {
    let grep = |text: &str| Request {
        grep: Some(text.into()),
        ..Request::default()
    };
    let plan = planned(&five(), &grep("b.rhai::F"));
    assert_eq!(names(&plan), ["four", "five"]);
    assert_eq!(
        plan.not_selected[0].1,
        "its name does not match `b.rhai::F`"
    );
    assert_eq!(names(&planned(&five(), &grep("/::t/"))), ["two", "three"]);
    let messages = refused(&five(), &Sources::default(), &grep("/(/"));
    assert!(messages[0].starts_with("`/(/` is not a regular expression\n  why:"));
}

#[test]
fn a_line_chooses_the_scenario_it_lies_in() {
    let at = |lines: &[u32]| Request {
        spots: [(
            "a.rhai".to_owned(),
            Spots {
                lines: lines.to_vec(),
                names: Vec::new(),
            },
        )]
        .into(),
        ..Request::default()
    };
    let plan = planned(&five(), &at(&[19]));
    assert_eq!(names(&plan), ["two", "four", "five"]);
    assert_eq!(
        plan.not_selected[0].1,
        "other scenarios of a.rhai were asked for"
    );
    assert_eq!(
        names(&planned(&five(), &at(&[3, 9999]))),
        ["one", "three", "four", "five"]
    );
    assert_eq!(
        refused(&five(), &Sources::default(), &at(&[2])),
        [
            "no scenario of a.rhai begins at or before line 2\n  hint: the first one begins at a.rhai:3"
        ]
    );
    let looped = [
        scenario("a.rhai", "as Ada", 4),
        scenario("a.rhai", "as Bob", 4),
    ];
    assert_eq!(names(&planned(&looped, &at(&[5]))), ["as Ada", "as Bob"]);
}

#[test]
fn a_name_behind_a_file_chooses_that_scenario() {
    let called = |name: &str| Request {
        spots: [(
            "a.rhai".to_owned(),
            Spots {
                lines: Vec::new(),
                names: texts(&[name]),
            },
        )]
        .into(),
        grep: Some("a.rhai".into()),
        ..Request::default()
    };
    assert_eq!(names(&planned(&five(), &called("two"))), ["two"]);
    assert_eq!(names(&planned(&five(), &called("two (3/20)"))), ["two"]);
    let messages = refused(&five(), &Sources::default(), &called("thre"));
    assert_eq!(
        messages,
        ["a.rhai has no scenario `thre`\n  hint: did you mean `three`?"]
    );
}

#[test]
fn only_what_failed_last_time_also_when_it_was_repeated() {
    let failed = ["a.rhai::one (2/3)", "b.rhai::four"];
    let request = Request {
        last_failed: Some(failed.map(|id| ScenarioId(id.into())).into()),
        ..Request::default()
    };
    let plan = planned(&five(), &request);
    assert_eq!(names(&plan), ["one", "four"]);
    assert_eq!(plan.not_selected[0].1, "it did not fail in the last run");
}

#[test]
fn o15_what_is_needed_runs_too_and_first() {
    let mut declared = five();
    declared[0].terms_mut().needs = texts(&["five"]);
    declared[4].terms_mut().needs = texts(&["b.rhai::four"]);
    let request = Request {
        grep: Some("one".into()),
        ..Request::default()
    };
    let plan = planned(&declared, &request);
    assert_eq!(names(&plan), ["four", "five", "one"]);
    let by = |at: usize| plan.selected[at].needed_by.as_ref().map(ScenarioId::name);
    assert_eq!([by(0), by(1), by(2)], [Some("five"), Some("one"), None]);
    assert_eq!(plan.selected[2].needs, [ScenarioId::new("b.rhai", "five")]);
    assert_eq!(plan.not_selected.len(), 2);
}

#[test]
fn o14_what_is_skipped_is_selected_and_says_so() {
    let mut declared = five();
    declared[3].terms_mut().skip = Some("moved".into());
    declared[4].terms_mut().needs = texts(&["four"]);
    declared[0].terms_mut().skip_in = texts(&["stagng"]);
    let request = Request {
        profiles: texts(&["default", "staging"]),
        ..Request::default()
    };
    let plan = planned(&declared, &request);
    assert_eq!(plan.selected.len(), 5);
    let decision = |name: &str| {
        let mut selected = plan.selected.iter();
        let planned = selected.find(|planned| planned.declared.id.name() == name);
        planned.unwrap().decision.clone()
    };
    let reason = "moved".to_owned();
    assert_eq!(decision("four"), Decision::Skip { reason });
    let reason = "needs `b.rhai::four`, which is not run: moved".to_owned();
    assert_eq!(decision("five"), Decision::Skip { reason });
    assert_eq!(decision("one"), Decision::Run);
    assert_eq!(
        plan.warnings,
        [
            "scenario `a.rhai::one` is skipped in `stagng`, which is no profile: did you mean `staging`?"
        ]
    );
}

#[test]
fn quarantine_is_marked_and_expires() {
    let mut declared = [scenario("a.rhai", "x", 1)];
    declared[0].terms_mut().quarantine = Some(Box::new(Quarantine {
        expires: date(2026, 1, 31),
        owner: "ada".into(),
        ticket: String::new(),
    }));
    let mut request = Request::default();
    request.conditions.today = date(2026, 1, 31);
    let plan = planned(&declared, &request);
    assert!(plan.selected[0].quarantined);
    assert_eq!(plan.selected[0].expired, None);
    request.conditions.today = date(2026, 2, 1);
    let plan = planned(&declared, &request);
    assert!(!plan.selected[0].quarantined);
    assert_eq!(plan.selected[0].decision, Decision::Run);
    let expired = plan.selected[0].expired.as_deref();
    assert_eq!(
        expired,
        Some("its quarantine expired on 2026-01-31: owner ada")
    );
}

#[test]
fn g29_repetitions_come_round_by_round_and_need_their_own_round() {
    let mut declared = [scenario("a.rhai", "x", 1), scenario("a.rhai", "y", 2)];
    declared[1].terms_mut().needs = texts(&["x"]);
    let request = Request {
        repeat: 2,
        ..Request::default()
    };
    let plan = planned(&declared, &request);
    assert_eq!(names(&plan), ["x (1/2)", "y (1/2)", "x (2/2)", "y (2/2)"]);
    assert_eq!(
        plan.selected[3].needs,
        [ScenarioId::new("a.rhai", "x (2/2)")]
    );
    assert_eq!(plan.selected[3].declared.terms.needs, ["a.rhai::x (2/2)"]);
    assert_eq!(plan.selected[3].declared_id, ScenarioId::new("a.rhai", "y"));
}

#[test]
fn c29_retries_are_for_scenarios_that_set_none() {
    let mut declared = [scenario("a.rhai", "x", 1), scenario("a.rhai", "y", 2)];
    declared[1].terms_mut().retries = Some(0);
    let request = Request {
        retries: 2,
        ..Request::default()
    };
    let plan = planned(&declared, &request);
    let retries = plan
        .selected
        .iter()
        .map(|planned| planned.declared.terms.retries);
    assert_eq!(retries.collect::<Vec<_>>(), [Some(2), Some(0)]);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let mut declared = five();
    declared[0].terms_mut().needs = texts(&["nobody"]);
    declared[1].phases = vec![phase("a", &["b"]), phase("b", &["a"])].into();
    declared[2].terms_mut().requires = texts(&["moon"]);
    let request = Request {
        tags: Some("(".into()),
        grep: Some("/(/".into()),
        ..Request::default()
    };
    assert_eq!(refused(&declared, &Sources::default(), &request).len(), 5);
}

#[test]
fn a_shard_says_where_the_others_are() {
    let request = Request {
        shard: Some(Shard {
            k: 2,
            n: 4_000_000_000,
        }),
        ..Request::default()
    };
    let plan = planned(&five(), &request);
    assert_eq!(plan.selected.len(), 1);
    assert_eq!(plan.not_selected.len(), 4);
    assert!(plan.not_selected[0].1.starts_with("it is in shard "));
}

proptest! {
    #[test]
    fn shards_are_a_partition_whatever_each_machine_lacks_and_remembers(
        n in 1..5_u32,
        repeat in 1..4_u32,
        seed in any::<u64>(),
        edges in prop::collection::vec((0..12_usize, 0..12_usize), 0..8),
    ) {
        let mut declared: Vec<Declared> =
            (0..12).map(|at| scenario("a.rhai", &format!("s{at}"), at + 1)).collect();
        for (a, b) in edges {
            if a > b {
                declared[a].terms_mut().needs.push(format!("s{b}"));
            }
        }
        declared[0].terms_mut().requires = texts(&["browser"]);
        let mut seen = BTreeSet::new();
        for k in 1..=n {
            let mut request = Request {
                repeat,
                order: Order::Shuffled(seed.wrapping_add(k.into())),
                shard: Some(Shard { k, n }),
                ..Request::default()
            };
            request.conditions.requirements = texts(&["browser"]);
            let past = Duration::from_secs(u64::from(k) * 7);
            request.durations.insert(ScenarioId::new("a.rhai", "s1"), past);
            if k == 1 {
                request.conditions.absent.insert("browser".into(), "missing".into());
            }
            let plan = planned(&declared, &request);
            prop_assert_eq!(plan.selected.len() + plan.not_selected.len(), 12 * repeat as usize);
            let here: BTreeSet<ScenarioId> =
                plan.selected.iter().map(|p| p.declared.id.clone()).collect();
            for planned in &plan.selected {
                prop_assert!(planned.needs.iter().all(|need| here.contains(need)));
                prop_assert!(seen.insert(planned.declared.id.clone()));
            }
        }
        prop_assert_eq!(seen.len(), 12 * repeat as usize);
    }
}

#[test]
fn c40_what_failed_in_a_part_is_repeated_by_that_part() {
    let of_part = |k, failed: Option<&BTreeSet<ScenarioId>>| {
        let request = Request {
            shard: Some(Shard { k, n: 2 }),
            last_failed: failed.cloned(),
            ..Request::default()
        };
        planned(&five(), &request)
    };
    for k in [1, 2] {
        let part = of_part(k, None);
        let ran: BTreeSet<ScenarioId> = part
            .selected
            .iter()
            .map(|p| p.declared.id.clone())
            .collect();
        assert!(ran.len() >= 2);
        // Everything that ran here failed: all of it is repeated, and nothing of the other part.
        let again = of_part(k, Some(&ran));
        assert_eq!(names(&again), names(&part));
        assert_eq!(again.selected.len() + again.not_selected.len(), 5);
    }
}
