use crate::host::failure::Kind;
use crate::host::fake::Fake;

fn error(script: &str) -> String {
    Fake::new().run(script).error().to_owned()
}

#[test]
fn times_are_values_with_parts_and_operators() {
    Fake::new()
        .run(
            r#"
            let t = time("2026-03-19T10:47:33.5Z");
            assert [t.year, t.month, t.day, t.hour, t.minute, t.second] == [2026, 3, 19, 10, 47, 33];
            assert t.weekday == "Thursday" && t.date == "2026-03-19";
            assert t.epoch_ms == 1773917253500 && from_epoch_ms(t.epoch_ms) == t;
            assert from_epoch(t.epoch) < t && from_epoch(1773917253.5) == t;
            assert t + "1h" > t && t - "1h" <= t && t - (t - "90s") == 90.0 && t != t + "1ms";
            assert `${t}` == "2026-03-19T10:47:33.5Z";
            assert time("2026-01-05T11:00:00+01:00").to_string() == "2026-01-05T11:00:00+01:00";
            assert now().to_string().len() <= 27;
            "#,
        )
        .passes();
}

#[test]
fn a_text_that_is_no_time_is_a_failure_and_a_wrong_unit_usage() {
    let ran = Fake::new().run("time(\"yesterday\")");
    assert_eq!(
        ran.error(),
        "`yesterday` is not a time\n  --> test.rhai:1:1\n   |\n 1 | time(\"yesterday\")\n   | ^^^^\n  hint: write it like \"2026-01-05T10:00:00Z\""
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Failure);
    let ran = Fake::new().run("now().truncate(\"hours\"); now().truncate(\"hor\")");
    assert!(
        ran.error().starts_with("a time cannot be cut to `hor`")
            && ran.error().ends_with("did you mean `hour`?")
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
    assert!(error("now() + \"5 hourglasses\"").contains("`hourglasses` is no unit of time"));
    assert!(error("now().in_zone(\"Mars\")").contains("`Mars` is no known time zone"));
    assert!(error("time(\"2026-01-05 10:00\")").contains("hint: end it with `Z`"));
}

#[test]
fn a21_intervals_of_mixed_times() {
    Fake::new()
        .run(
            r#"
            let seen = intervals([time("2026-01-05T10:00:10Z"), "2026-01-05T10:00:00Z", 1767607204.5]);
            assert seen.gaps == [4.5, 5.5] && seen.count == 3;
            assert [seen.min, seen.max, seen.avg] == [4.5, 5.5, 5.0];
            assert intervals([]).avg == ();
            "#,
        )
        .passes();
    assert!(error("intervals([true])").starts_with("`intervals` takes times; [0] is a bool"));
    assert!(
        error("intervals([1, \"x\"])")
            .starts_with("`intervals` takes times; at [1], `x` is not a time")
    );
}

#[test]
fn time_zones_are_known_where_the_machine_has_none() {
    let zones = jiff::tz::TimeZoneDatabase::bundled();
    assert!(zones.get("Europe/Paris").is_ok());
}
