//! Where each setting and variable comes from.

use super::Project;
use insta::assert_snapshot;

fn layered() -> Project {
    Project::new()
        .file("scenario.toml", "base_url = \"demo:\"\nscripts = [\"tests\"]\nretries = 1\n[env]\nA = \"toml\"\nB = \"toml\"\n")
        .file(".env", "B=top\nC=top\nD=top\nE=top\n")
        .file("tests/.env", "C=tests\nD=tests\nE=tests\n")
        .file("tests/a.rhai", "log(`${env(\"A\")} ${env(\"B\")} ${env(\"C\")} ${env(\"D\")} ${env(\"E\")}`);\nassert true;")
        .env("D", "shell")
        .env("E", "shell")
}

#[test]
fn p25_variables_are_layered_for_scripts() {
    layered()
        .run(&["run", "-v", "--env", "E=flag"])
        .passes()
        .says("toml top tests shell flag");
}

#[test]
fn p25_every_value_knows_its_origin() {
    let project = layered().env("SCENARIO_WAIT_TIMEOUT", "7s");
    let explained = project
        .run(&[
            "config",
            "--explain",
            "--env",
            "E=flag",
            "--retries",
            "2",
            "-j",
            "3",
        ])
        .passes();
    let variables = [
        "env.A ",
        "env.B ",
        "env.C ",
        "env.D ",
        "env.E ",
        "retries ",
        "wait_timeout ",
        "jobs ",
        "base_url ",
        "scripts ",
    ];
    let lines: Vec<&str> = explained
        .stdout
        .lines()
        .filter(|line| {
            variables
                .iter()
                .any(|name| line.trim_start().starts_with(name))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    scripts                    tests  (scenario.toml:2)
    base_url                   demo:  (scenario.toml:1)
    wait_timeout               7s  (SCENARIO_WAIT_TIMEOUT (environment))
    jobs                       3  (--jobs)
    retries                    2  (--retries, over scenario.toml:3)
    env.A                      toml  (scenario.toml:5)
    env.B                      top  (.env:1, over scenario.toml:6)
    env.C                      tests  (tests/.env:1, over .env:2)
    env.D                      shell  (environment, over tests/.env:2, over .env:3)
    env.E                      flag  (--env, over environment, over tests/.env:3, over .env:4)
    ");
}

#[test]
fn a_profile_is_above_the_file_and_below_flags() {
    let project = Project::bare().file(
        "scenario.toml",
        "base_url = \"http://127.0.0.1:1\"\n[profile.staging]\nbase_url = \"http://127.0.0.1:2\"\n",
    );
    let base = |args: &[&str]| {
        let ran = project
            .run(&[&["config", "--explain"], args].concat())
            .passes();
        ran.stdout
            .lines()
            .find(|line| line.starts_with("base_url"))
            .expect("a line")
            .to_owned()
    };
    let lines = [
        base(&[]),
        base(&["-p", "staging"]),
        base(&["-p", "staging", "-u", "http://127.0.0.1:3"]),
    ];
    assert_snapshot!(lines.join("\n"), @"
    base_url                   http://127.0.0.1:1  (scenario.toml:1)
    base_url                   http://127.0.0.1:2  (scenario.toml:3, over scenario.toml:1)
    base_url                   http://127.0.0.1:3  (--base-url, over scenario.toml:3, over scenario.toml:1)
    ");
}
