use crate::host::fake::Fake;
use crate::host::record::Record;

fn drawn(seed: u64) -> String {
    let script = "state.all = [random.int(0..1000000), random.float(), random.string(12), random.name(), \
         random.shuffle([1, 2, 3, 4, 5]), random.pick([1, 2, 3]), random.bool(), random.email(), random.seed];";
    let ran = Fake::new().world(|world| world.seed = seed).run(script);
    ran.passes();
    ran.state["all"].to_string()
}

#[test]
fn o17_the_seed_of_the_run_brings_back_all_values() {
    assert_eq!(drawn(42), drawn(42));
    assert_ne!(drawn(42), drawn(43));
}

#[test]
fn o17_a_random_pick_prints_its_seed_once() {
    let ran = Fake::new()
        .world(|world| world.seed = 42)
        .run("random.pick([1]); random.int(1..3);");
    let lines: Vec<_> = ran
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Log { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(lines, ["random values from seed 42"]);
}

#[test]
fn what_cannot_be_drawn_is_a_usage_error() {
    for (script, message) in [
        ("random.int(5..5)", "the range 5..5 is empty"),
        ("random.int(5..=4)", "the range 5..=4 is empty"),
        ("random.float(1.0, 1.0)", "the range 1..1 is empty"),
        ("random.pick([])", "there is nothing to pick from"),
        (
            "random.string(-1)",
            "a random string cannot have -1 characters",
        ),
        (
            "random.string(100000000)",
            "a random string can have 1000000 characters at most, not 100000000",
        ),
        (
            "random.bool(2.0)",
            "a probability is between 0 and 1, not 2",
        ),
    ] {
        let ran = Fake::new().run(script);
        assert!(
            ran.error().starts_with(message),
            "{script}: {}",
            ran.error()
        );
    }
}
