use crate::host::fake::{Fake, starts};
use crate::host::record::Record;
use serde_json::json;

#[test]
fn every_assignment_is_an_event() {
    let ran = Fake::new()
        .run("state.a = 1; state.b = #{ c: [1] }; state.b.c.push(2); state.remove(\"a\");");
    ran.passes();
    assert_eq!(ran.state, *json!({"b": {"c": [1, 2]}}).as_object().unwrap());
    let keys: Vec<_> = ran
        .records
        .iter()
        .filter_map(|r| match r {
            Record::State { key, value } => Some((key.as_str(), value.is_some())),
            _ => None,
        })
        .collect();
    assert_eq!(keys, [("a", true), ("b", true), ("b", true), ("a", false)]);
}

#[test]
fn what_is_not_json_is_refused_by_path() {
    let text = Fake::new()
        .run("state.x = #{ list: [1, || 2] };")
        .error()
        .to_owned();
    assert!(
        text.starts_with("state.x.list[1] is a closure, which is not JSON"),
        "{text}"
    );
}

#[test]
fn a_missing_key_is_an_error_with_its_neighbour() {
    let text = Fake::new()
        .run("state.task = 1; state.tsak")
        .error()
        .to_owned();
    assert!(text.contains("nothing was put on `state.tsak`"), "{text}");
    assert!(text.contains("did you mean `state.task`?"), "{text}");
    Fake::new().run("assert state.get(\"x\") == (); assert state.get(\"x\", 3) == 3; assert !(\"x\" in state);").passes();
}

#[test]
fn a_secret_is_kept_by_name_and_a_text_around_it_refused() {
    let with_secret = |script: &str| {
        Fake::new()
            .world(|world| world.masker.add_secret("TOKEN", "s3cr3t-value"))
            .run(script)
    };
    let ran = with_secret("state.t = \"s3cr3t-value\"; assert state.t == \"s3cr3t-value\";");
    ran.passes();
    assert_eq!(ran.state["t"], json!({"$secret": "TOKEN"}));
    let text = with_secret("state.t = #{ a: \"Bearer s3cr3t-value\" };")
        .error()
        .to_owned();
    assert!(text.starts_with("state.t.a holds a masked value"), "{text}");
}

#[test]
fn what_was_masked_at_run_time_is_refused() {
    let ran =
        Fake::new().run("mask(\"tok-31415926\"); state.login = #{ token: \"tok-31415926\" };");
    let text = ran.error();
    starts(text, "state.login.token holds a masked value");
    assert!(text.contains("log in again in the later phase"), "{text}");
}

#[test]
fn the_key_tag_is_a_key_like_any_other() {
    let ran = Fake::new()
        .run("state.tag = \"v1\"; state.tag = 5; assert state.tag == 5; log(state.tag);");
    ran.passes();
    assert_eq!(ran.state["tag"], 5);
    starts(
        Fake::new().run("state.tag").error(),
        "nothing was put on `state.tag`",
    );
}

#[test]
fn a_secret_that_this_process_lacks_is_an_error_not_nothing() {
    let kept = json!({"login": {"name": "ada", "token": {"$secret": "TOKEN"}}});
    for read in [
        "state.login",
        "state.get(\"login\")",
        "state.get(\"login\", 1)",
    ] {
        let text = Fake::new()
            .state(kept.clone())
            .run(&format!("let x = {read};"));
        let text = text.error();
        starts(
            text,
            "`state.login` holds a secret by name, and secret `TOKEN` is not set",
        );
        assert!(text.contains("hint: secrets are read anew"), "{text}");
    }
    Fake::new()
        .state(kept)
        .world(|world| drop(world.env.insert("TOKEN".into(), "s3cr3t-value".into())))
        .run("assert state.login.token == \"s3cr3t-value\";")
        .passes();
}

#[test]
fn a_time_is_kept_as_text() {
    let ran = Fake::new().run(
        "state.t = time(\"2026-01-05T11:00:00+01:00\"); state.l = #{ at: [time(\"2026-01-05T10:00:00Z\")] };
         assert state.t.starts_with(\"2026-01-05T11\"); assert time(state.t) == time(state.l.at[0]);",
    );
    ran.passes();
    assert_eq!(ran.state["l"], json!({"at": ["2026-01-05T10:00:00Z"]}));
}
