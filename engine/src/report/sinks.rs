//! What all reports for machines must stand: anything may be in them, nothing may be missing, and a run that was killed,
//! goes on or is empty is told as such. Each story is told live and from what is stored, which must come out the same.

use super::story::{self, Story, Tale, hostile, wrong_body, wrong_status};
use super::{Options, Output, REPORTERS};
use crate::model::{Outcome, PhaseState};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::record::{Record, ServiceNews, StepOutcome};
use serde_json::{Value, json};
use std::io::Read;

fn story() -> Story {
    Story::new()
        .with(Tale::new("a.rhai", "works").tags(&["smoke"]).passes(40))
        .with(Tale::new("a.rhai", "is wrong").fails(70, wrong_status()))
        .with(
            Tale::new("b.rhai", "is flaky")
                .retries(1)
                .starts()
                .executes("is flaky")
                .step("http", "GET /", None, 3)
                .bad(wrong_body())
                .attempt_ends(PhaseState::Failed, 9)
                .try_ends(Outcome::Failed)
                .starts()
                .executes("is flaky")
                .attempt_ends(PhaseState::Passed, 4)
                .ends(Outcome::Passed),
        )
        .with(served())
        .with(Tale::new("b.rhai", "is left out").skips("not today"))
        .exit(1)
}

/// A scenario with a service, which lives on behind the attempt that started it.
fn served() -> Tale {
    let news = |what| Record::Service {
        name: "db".into(),
        what,
        data: Details::of(&json!({"pid": 7})),
    };
    Tale::new("b.rhai", "has a service")
        .starts()
        .executes("has a service")
        .opens("spawn", "db", None)
        .records(2, news(ServiceNews::Started))
        .records(20, news(ServiceNews::Ready))
        .closes(1, StepOutcome::Passed, 23)
        .attempt_ends(PhaseState::Passed, 30)
        .records(3, news(ServiceNews::Stopped))
        .ends(Outcome::Passed)
}

/// The JSON documents of a report.
fn documents(name: &str, story: &Story) -> Vec<Value> {
    let text = story::report(name, story);
    let stream = serde_json::Deserializer::from_str(&text).into_iter();
    stream
        .map(|one| one.unwrap_or_else(|error| panic!("{name}: {error}\n{text}")))
        .collect()
}

/// The only document of a report.
fn one(name: &str, story: &Story) -> Value {
    let mut all = documents(name, story);
    assert_eq!(all.len(), 1, "{name}");
    all.remove(0)
}

const DOCUMENTS: [&str; 5] = ["ctrf", "digest", "perfetto", "otlp", "notify"];

/// The overview of a page, and what is packed in it.
fn unpacked(page: &str) -> (Value, Vec<Value>) {
    let (_, behind) = page.split_once("id=\"overview\">").unwrap();
    let overview = serde_json::from_str(behind.split_once("</script>").unwrap().0).unwrap();
    let chunks = page
        .split("<script type=\"application/octet-stream\" id=\"c")
        .skip(1);
    let chunks = chunks.map(|chunk| {
        let (_, text) = chunk.split_once('>').unwrap();
        let bytes = STANDARD.decode(text.split_once('<').unwrap().0).unwrap();
        let mut json = String::new();
        flate2::read::DeflateDecoder::new(bytes.as_slice())
            .read_to_string(&mut json)
            .unwrap();
        serde_json::from_str(&json).unwrap()
    });
    (overview, chunks.collect())
}

#[test]
fn hostile_text_stays_text_in_every_document() {
    let story = Story::new().with(hostile()).exit(1);
    for name in DOCUMENTS {
        let text = story::report(name, &story);
        assert!(!documents(name, &story).is_empty(), "{name}");
        for bad in ['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}'] {
            assert!(!text.contains(bad), "{name} holds {bad:?}");
        }
        assert!(!text.contains("##["), "{name}");
    }
    let page = story::report("html", &story);
    assert!(!page.contains("<b>&"), "markup came through");
    let (overview, chunks) = unpacked(&page);
    assert_eq!(overview["rows"].as_array().unwrap().len(), 1);
    assert!(
        chunks[0][0].to_string().contains("owned"),
        "the text is there, as data"
    );
}

#[test]
fn killed_empty_and_running_runs_are_told_as_what_they_are() {
    let cut = Tale::new("a.rhai", "cut")
        .starts()
        .executes("cut")
        .opens("http", "GET /slow", None);
    let killed = Story::new().with(cut).killed();
    let digest = one("digest", &killed);
    assert_eq!(digest["state"], "killed");
    assert_eq!(digest["bad"][0]["verdict"], "cut off");
    let ctrf = one("ctrf", &killed);
    assert_eq!(ctrf["results"]["tests"][0]["status"], "other");
    assert_eq!(ctrf["results"]["environment"]["extra"]["killed"], true);
    let (overview, _) = unpacked(&story::report("html", &killed));
    assert_eq!(overview["run"]["life"], "killed");
    assert_eq!(overview["run"]["exit"], Value::Null);

    let mut view = killed.view();
    view.set_live(true);
    let live = super::digest::digest(&view, &Options::default());
    assert_eq!(
        (
            live["state"].as_str(),
            live["bad"].as_array().unwrap().len()
        ),
        (Some("running"), 0)
    );
    assert!(super::verdict::Verdict::of(&view.scenarios[0]) == super::verdict::Verdict::Running);

    for name in DOCUMENTS.iter().filter(|name| **name != "otlp") {
        assert_eq!(documents(name, &Story::new()).len(), 1, "{name}");
    }
    let (overview, chunks) = unpacked(&story::report("html", &Story::new()));
    assert_eq!(
        (overview["rows"].as_array().unwrap().len(), chunks.len()),
        (0, 0)
    );
}

#[test]
fn o21_every_outcome_has_its_own_status_and_flaky_is_told() {
    let ctrf = one("ctrf", &story());
    let summary = &ctrf["results"]["summary"];
    assert_eq!(
        ["tests", "passed", "failed", "skipped", "flaky"].map(|key| summary[key].as_u64().unwrap()),
        [5, 3, 1, 1, 1]
    );
    let flaky = &ctrf["results"]["tests"][2];
    assert_eq!(
        (&flaky["flaky"], &flaky["retries"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(flaky["retryAttempts"][0]["status"], "failed");
    let (overview, _) = unpacked(&story::report("html", &story()));
    let rows = overview["rows"].as_array().unwrap();
    // failed, flaky, skipped and passed as the page numbers them
    assert_eq!(
        rows.iter()
            .map(|row| row[3].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [9, 0, 4, 9, 8]
    );
}

#[test]
fn c1_c33_every_change_of_phases_and_services_is_there_with_its_time() {
    let (overview, chunks) = unpacked(&story::report("html", &story()));
    let place = &overview["rows"][3][11][0];
    let detail = &chunks[place[0].as_u64().unwrap() as usize][place[1].as_u64().unwrap() as usize];
    let tried = &detail["tries"][0];
    let states: Vec<&str> = tried["phases"][0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change[1].as_str().unwrap())
        .collect();
    assert_eq!(states, ["executing", "passed"]);
    let news: Vec<(&str, i64)> = tried["services"][0]["news"]
        .as_array()
        .unwrap()
        .iter()
        .map(|news| (news["what"].as_str().unwrap(), news["at"].as_i64().unwrap()))
        .collect();
    assert_eq!(
        news.iter().map(|(what, _)| *what).collect::<Vec<_>>(),
        ["started", "ready", "stopped"]
    );
    assert!(news.is_sorted_by_key(|(_, at)| *at) && news[2].1 > news[0].1);
    let trace = one("perfetto", &story());
    let service = trace["traceEvents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["cat"] == "service");
    assert_eq!(
        service
            .map(|event| event["ph"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["b", "n", "e"]
    );
}

#[test]
fn spans_hang_together_and_name_what_failed() {
    let requests = documents("otlp", &story());
    let spans = requests[0]["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .unwrap();
    let is_known = |parent: &Value| spans.iter().any(|span| span["spanId"] == *parent);
    let mut ids: Vec<String> = spans
        .iter()
        .map(|span| format!("{}{}", span["traceId"], span["spanId"]))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), spans.len(), "each has an id of its own");
    for span in spans {
        assert!(span.get("parentSpanId").is_none_or(is_known), "{span}");
        let nanos = |key: &str| span[key].as_str().unwrap().parse::<u128>().unwrap();
        assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"));
    }
    let wrong = spans
        .iter()
        .find(|span| span["name"] == "is wrong")
        .unwrap();
    assert_eq!(wrong["status"]["code"], 2);
    assert_eq!(
        spans
            .iter()
            .filter(|span| span.get("parentSpanId").is_none())
            .count(),
        5
    );
}

#[test]
fn the_digest_of_many_failures_is_still_small() {
    let mut many = Story::new();
    for number in 0..200 {
        many = many.with(
            Tale::new("a.rhai", &format!("number {number}"))
                .fails(5, wrong_body().detail("long", "x".repeat(50_000))),
        );
    }
    let text = story::report("digest", &many);
    assert!(text.len() < 60_000, "{} bytes", text.len());
    let digest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (digest["bad"].as_array().unwrap().len(), &digest["more"]),
        (20, &json!(180))
    );
    assert_eq!(
        digest["bad"][0]["failures"][0]["expected"],
        "{\"state\":\"SUCCESS\"}"
    );
}

#[test]
fn allure_results_are_a_file_a_try_and_the_same_when_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let row = REPORTERS.iter().find(|row| row.name == "allure").unwrap();
    let write = |events: &[crate::model::Event]| {
        let output = Output::File(folder.path().to_owned());
        let mut reporter = (row.make)(&Options::default(), &output).unwrap();
        story::tell(reporter.as_mut(), events);
        let mut results = Vec::new();
        for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            results.push((name, std::fs::read_to_string(entry.path()).unwrap()));
        }
        results.sort();
        results
    };
    let events = story().events();
    let live = write(&events);
    assert_eq!(live, write(&story::stored(&events)));
    let results: Vec<Value> = live
        .iter()
        .filter(|(name, _)| name.ends_with("-result.json"))
        .map(|(_, text)| serde_json::from_str(text).unwrap())
        .collect();
    assert_eq!(results.len(), 6, "five scenarios, one of them tried twice");
    let mut statuses: Vec<&str> = results
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    statuses.sort_unstable();
    assert_eq!(
        statuses,
        ["failed", "failed", "passed", "passed", "passed", "skipped"]
    );
    let of_flaky: Vec<&Value> = results
        .iter()
        .filter(|one| one["name"] == "is flaky")
        .collect();
    assert_eq!(of_flaky[0]["historyId"], of_flaky[1]["historyId"]);
    let error = (row.make)(&Options::default(), &Output::Stdout)
        .err()
        .unwrap();
    assert_eq!(error.to_string(), "it is a folder: write allure=DIR");
}

#[test]
fn nobody_is_called_by_a_name_from_outside() {
    let story = Story::new()
        .with(Tale::new("a.rhai", "<!channel> @here").fails(3, wrong_status()))
        .exit(1);
    let message = one("notify", &story);
    let text = message["text"].as_str().unwrap();
    assert!(text.starts_with("Scenarios: 1 failed"), "{text}");
    assert!(
        !text.contains("<!channel>") && !text.contains("@here"),
        "{text}"
    );
}

#[test]
fn artifacts_that_are_gone_and_paths_that_lead_out_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kept.png"), b"\x89PNG").unwrap();
    std::fs::write(dir.path().join("secret.png"), b"outside").unwrap();
    let run_dir = dir.path().join("run");
    std::fs::create_dir(&run_dir).unwrap();
    std::fs::write(run_dir.join("kept.png"), b"\x89PNG").unwrap();
    let options = Options {
        run_dir,
        ..Options::default()
    };
    let tale = Tale::new("a.rhai", "attaches")
        .starts()
        .executes("attaches")
        .attaches("here", "kept.png")
        .attaches("gone", "gone.png")
        .attaches("outside", "../secret.png")
        .attempt_ends(PhaseState::Passed, 5)
        .ends(Outcome::Passed);
    let page = story::report_with("html", &options, &Story::new().with(tale));
    let (_, chunks) = unpacked(&page);
    let files = chunks[0][0]["files"].as_object().unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["kept.png"]);
    assert_eq!(page.matches("id=\"f").count(), 1);
}
