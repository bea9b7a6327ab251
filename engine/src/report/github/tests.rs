//! Whole annotations and summaries.

use crate::model::{Outcome, PhaseState};
use crate::report::story::{Story, Tale, hostile, report, report_with, wrong_body, wrong_status};
use crate::report::{GithubPlaces, Options};
use scenario_stdlib::host::failure::Failure;

fn mixed() -> Story {
    Story::new()
        .with(Tale::new("scenarios/login.rhai", "login as Ada").passes(240))
        .with(Tale::new("scenarios/login.rhai", "login as Eve").fails(30, wrong_status()))
        .with(Tale::new("scenarios/db.rhai", "rows").errs(9, Failure::fault("no space left")))
        .with(
            Tale::new("scenarios/order.rhai", "order")
                .retries(1)
                .starts()
                .executes("order")
                .bad(wrong_body())
                .attempt_ends(PhaseState::Failed, 400)
                .try_ends(Outcome::Failed)
                .starts()
                .executes("order")
                .attempt_ends(PhaseState::Passed, 380)
                .ends(Outcome::Passed),
        )
        .exit(3)
}

#[test]
fn annotations_point_at_the_line_within_the_repository() {
    let options = Options {
        project: "/repo/shop/e2e".into(),
        github: GithubPlaces {
            workspace: Some("/repo".into()),
            step_summary: None,
        },
        ..Options::default()
    };
    insta::assert_snapshot!(report_with("github", &options, &mixed()));
}

#[test]
fn no_more_annotations_than_are_shown() {
    let mut story = Story::new().exit(1);
    for index in 0..25 {
        story = story.with(Tale::new("a.rhai", &format!("number {index}")).fails(1, wrong_body()));
    }
    let text = report("github", &story);
    assert_eq!(text.lines().count(), 10);
    assert_eq!(
        text.lines().last(),
        Some("::error title=scenario::… and 16 more of this level")
    );
}

#[test]
fn the_summary_is_appended_for_the_step() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("summary.md");
    std::fs::write(&path, "# before\n").unwrap();
    let summary = |story: &Story| {
        let options = Options {
            github: GithubPlaces {
                workspace: None,
                step_summary: Some(path.clone()),
            },
            ..Options::default()
        };
        report_with("github", &options, story);
        std::fs::read_to_string(&path).unwrap()
    };
    // Told twice, live and replayed.
    let text = summary(&mixed());
    let (once, twice) = text.split_at("# before\n".len() + (text.len() - "# before\n".len()) / 2);
    assert_eq!(once, format!("# before\n{twice}"));
    insta::assert_snapshot!(twice);
}

#[test]
fn hostile_text_stays_text() {
    let text = report("github", &Story::new().with(hostile()).exit(1));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None);
    insta::assert_snapshot!(super::markdown::summary(
        &Story::new().with(hostile()).exit(1).view()
    ));
}

#[test]
fn the_summary_alone_is_markdown() {
    let story = mixed();
    assert_eq!(
        report("markdown", &story),
        super::markdown::summary(&story.view())
    );
}
