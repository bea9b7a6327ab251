use crate::Primitive;
use crate::host::failure::{Code, Kind};
use crate::host::fake::{Fake, starts};
use crate::host::record::Record;
use std::time::{Duration, Instant};

fn error(script: &str) -> String {
    Fake::new().run(script).error().to_owned()
}

#[test]
fn values_come_in_order_or_by_name() {
    let ran = Fake::new().run(
        "assert parallel([|| { sleep(\"30ms\"); 1 }, || 2]) == [1, 2]; assert parallel([]) == [];
         assert parallel(#{ a: || 1, b: || \"x\" }) == #{ a: 1, b: \"x\" };
         assert parallel(#{ limit: 1 }, [|| 1, || 2]) == [1, 2]; assert parallel(#{ limit: 4 }, #{ a: || 1 }) == #{ a: 1 };",
    );
    ran.passes();
    assert_eq!(ran.steps()[0], "parallel: 2 branches");
}

#[test]
fn steps_of_a_branch_belong_to_it() {
    let ran = Fake::new().run("step(\"outer\", || parallel([|| step(\"inner\", || 1)]));");
    ran.passes();
    let parents: Vec<_> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            Record::StepBegan(begin) => Some((begin.title.as_str(), begin.parent)),
            _ => None,
        })
        .collect();
    assert_eq!(
        parents,
        [
            ("outer", None),
            ("1 branch", Some(1)),
            ("branch 1", Some(2)),
            ("inner", Some(3))
        ]
    );
}

#[test]
fn branches_get_copies_of_data_and_share_the_state() {
    let ran = Fake::new().run(
        "let list = [1]; let n = 0; let f = |x| x * 2;
         let got = parallel([|| { list.push(2); n += 1; list }, || { list.push(3); n += 1; f.call(n) }]);
         assert got == [[1, 2], 2]; assert list == [1]; assert n == 0;
         parallel([|| { state.a = 1; }, || { state.b = 2; }]); assert state.a + state.b == 3;",
    );
    ran.passes();
}

#[test]
fn a_thousand_branches_run_at_once() {
    let began = Instant::now();
    Fake::new()
        .timeout(Duration::from_secs(120))
        .run(
            "let list = []; list.pad(1000, 0);
             let got = parallel(list.map(|item, n| || { sleep(\"1s\"); n }));
             assert got.len == 1000; assert got[999] == 999;",
        )
        .passes();
    // One after the other they would take a quarter of an hour.
    assert!(began.elapsed() < Duration::from_secs(100));
}

#[test]
fn all_are_awaited_and_the_first_failure_in_order_is_raised() {
    let ran = Fake::new().run(
        "parallel([|| { sleep(\"50ms\"); fail(\"slow\") }, || fail(\"quick\"), || { sleep(\"80ms\"); state.done = true; }]);",
    );
    assert!(
        ran.error().starts_with("slow\n  --> test.rhai:1:"),
        "{}",
        ran.error()
    );
    let mut messages: Vec<_> = ran
        .bad_news
        .iter()
        .map(|news| news.message.as_str())
        .collect();
    messages.sort_unstable();
    assert_eq!(messages, ["quick", "slow"]);
    assert_eq!(ran.state["done"], true);
}

#[test]
fn a_failure_in_a_branch_knows_its_steps_and_cannot_be_caught_away() {
    let ran = Fake::new().run(
        "step(\"shop\", || { try { parallel(#{ pay: || step(\"card\", || { assert 1 == 2; }) }); } catch { } });",
    );
    assert!(ran.result.is_ok());
    assert_eq!(ran.bad_news.len(), 1);
    assert_eq!(
        ran.bad_news[0].steps,
        ["shop", "1 branch", "branch `pay`", "card"]
    );
}

#[test]
fn a_throw_in_a_branch_is_kept_too() {
    let ran = Fake::new().run("try { parallel([|| { throw \"x\" }, || nowhere()]); } catch { }");
    let messages: Vec<_> = ran
        .bad_news
        .iter()
        .map(|news| news.message.as_str())
        .collect();
    assert!(messages.contains(&"thrown: \"x\""), "{messages:?}");
    assert!(ran.bad_news.iter().any(|news| news.code == Code::Thrown));
    assert_eq!(ran.bad_news.len(), 2, "{messages:?}");
}

#[test]
fn the_deadline_ends_all_branches() {
    let ran = Fake::new()
        .timeout(Duration::from_millis(150))
        .run("parallel([|| { loop {} }, || sleep(\"1h\"), || wait_until(\"1h\", || false)]);");
    assert!(
        ran.error().starts_with("stopped: Deadline"),
        "{}",
        ran.error()
    );
}

#[test]
fn a_wait_around_it_ends_all_branches() {
    let text =
        error("wait_until(\"100ms\", || { parallel([|| sleep(\"1h\"), || { loop {} }]); true });");
    assert!(
        text.contains("the last poll did not answer in time"),
        "{text}"
    );
    // It is the inner wait that ends, and the outer one polls again.
    Fake::new()
        .run(
            "let polls = 0; wait_until(\"15s\", || { polls += 1;
             try { wait_until(\"50ms\", || { parallel([|| sleep(\"1h\")]); true }); } catch { } polls == 2 });",
        )
        .passes();
}

#[test]
fn in_a_poll_a_failed_branch_means_not_yet() {
    Fake::new()
        .run("let n = 0; wait_until(\"5s\", || { n += 1; let m = n; parallel([|| { assert m == 3; }]); true });")
        .passes();
}

#[test]
fn skip_in_a_branch_skips_the_phase() {
    let ran = Fake::new().run("parallel([|| skip(\"no need\"), || 1]); state.after = 1;");
    assert_eq!(ran.skipped.as_deref(), Some("no need"));
    assert!(!ran.state.contains_key("after"));
}

#[test]
fn what_is_no_branch_is_refused() {
    let text = error("parallel([|| 1, 5])");
    assert!(
        text.starts_with("branch 2 of `parallel` must be a closure\n"),
        "{text}"
    );
    assert!(text.contains("got: 5 (an integer)"), "{text}");
    let text = error("parallel(#{ a: |x| x })");
    assert!(
        text.starts_with(
            "branch `a` of `parallel` takes parameters, and there is nothing to give it\n"
        ),
        "{text}"
    );
    let text = error("parallel(#{ limits: 3 }, [|| 1])");
    assert!(text.ends_with("hint: did you mean `limit`?"), "{text}");
    let text = error("parallel(#{ limit: 0 }, [|| 1])");
    assert!(text.contains("a whole number from 1 to 10000"), "{text}");
    let text = Fake::new().load("parallel([])").unwrap_err();
    assert!(
        text.starts_with("`parallel` acts, and loading a file only declares"),
        "{text}"
    );
}

#[test]
fn branches_may_have_branches() {
    Fake::new()
        .run("assert parallel([|| parallel([|| 1, || 2]), || parallel([|| 3])]) == [[1, 2], [3]];")
        .passes();
}

#[test]
fn branches_call_the_functions_of_their_script() {
    Fake::new()
        .run("fn double(x) { x * 2 } assert parallel([|| double(2), || [1].map(double)]) == [4, [2]];")
        .passes();
}

#[test]
fn bad_news_of_a_branch_keeps_its_kind() {
    let ran = Fake::new().run("parallel([|| nowhere()])");
    assert!(
        ran.error()
            .starts_with("there is no function `nowhere()`\n  --> test.rhai:1:14"),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
}

#[test]
fn a_panic_in_a_branch_is_a_fault() {
    static BOOM: &[Primitive] = &[Primitive {
        name: "boom",
        guide: "",
        register: |module| {
            module.set_native_fn("boom", || -> Result<(), Box<rhai::EvalAltResult>> {
                panic!("out of cheese")
            });
        },
        globals: &[],
        syntax: None,
    }];
    let ran = Fake::new()
        .more(BOOM)
        .run("try { parallel(#{ a: || boom(), b: || { state.b = 1; } }); } catch { }");
    assert_eq!(ran.bad_news.len(), 1);
    assert_eq!(ran.bad_news[0].kind, Kind::Fault);
    starts(
        &ran.bad_news[0].message,
        "branch `a` of `parallel` panicked: out of cheese",
    );
    assert_eq!(ran.state["b"], 1);
    let ended = |record: &&Record| matches!(record, Record::StepEnded { .. });
    assert_eq!(ran.records.iter().filter(ended).count(), 3);
}
