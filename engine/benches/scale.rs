//! (d) What much waiting and a long past cost: 10,000 and 100,000 phases that wait for a trivial condition, looked at
//! every 10 s; how late phases begin behind the moment they could; and a resume behind 10,000 passed phases.
//! `cargo bench --bench scale -- 10000` for one size only.

mod common;

use common::{Figures, folder, median, roles, scenario};
use std::path::Path;
use std::process::{Command, Stdio};

/// How long each phase waits.
const SECONDS: u64 = 30;
const PASSED: usize = 10_000;

fn main() {
    roles(|_| unreachable!("there is nothing to compare with"));
    let sizes: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let sizes = match sizes.is_empty() {
        true => vec![10_000, 100_000],
        false => sizes,
    };
    println!("| | wall ms | CPU s | peak MB |");
    println!("|---|---|---|---|");
    for size in sizes {
        let folder = folder("scale");
        let script = format!(
            r#"for n in 0..{size} {{ scenario(`wait ${{n}}`, [
    phase("prepare", |state| {{ state.id = n; }}),
    phase("validate", #{{ ready: || false, every: "10s", within: "{SECONDS}s", ignore_outcome: true }}, || {{ assert true; }}),
]); }}"#
        );
        std::fs::write(folder.join("wait.rhai"), script).expect("written");
        let waited = scenario(&folder, &["run", "wait.rhai", "-q"]);
        row(&format!("{size} phases waiting {SECONDS} s"), waited);
        let _ = std::fs::remove_dir_all(folder);
    }
    for size in [1_000, 10_000] {
        late(size);
    }
    let resumed = median(5, || {
        let folder = folder("resume");
        park(&folder);
        let resumed = scenario(&folder, &["resume", "-q"]);
        let _ = std::fs::remove_dir_all(folder);
        resumed
    });
    row(&format!("resume behind {PASSED} passed phases"), resumed);
}

/// How often a phase is looked at that may become ready at any moment.
const EVERY: u64 = 500;

/// Says how long after its condition came true each phase began.
fn late(size: usize) {
    let folder = folder("late");
    let script = format!(
        r#"for n in 0..{size} {{ scenario(`wait ${{n}}`, [
    phase("prepare", |state| {{ state.at = now().epoch_ms + random.int(2000..8000); }}),
    phase("validate", #{{ ready: |state| now().epoch_ms >= state.at, every: "{EVERY}ms", within: "60s" }},
        |state| {{ log(`late by ${{now().epoch_ms - state.at}}`); assert true; }}),
]); }}"#
    );
    std::fs::write(folder.join("late.rhai"), script).expect("written");
    let figures = scenario(
        &folder,
        &["run", "late.rhai", "-q", "--reporter", "json=events.json"],
    );
    let events = std::fs::read_to_string(folder.join("events.json")).expect("events");
    let said = events.split("late by ").skip(1);
    let mut late: Vec<u64> = said
        .filter_map(|rest| rest.split('"').next()?.parse().ok())
        .collect();
    assert_eq!(late.len(), size, "every phase said it once");
    late.sort_unstable();
    let at = |share: f64| late[((size - 1) as f64 * share) as usize];
    row(
        &format!("{size} phases ready within 6 s, looked at every {EVERY} ms"),
        figures,
    );
    println!(
        "| late by, of {size}: half {} ms, p99 {} ms, most {} ms | | | |",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    let _ = std::fs::remove_dir_all(folder);
}

/// A run in which one scenario is left to be gone on with, and all others passed.
fn park(folder: &Path) {
    let passed = format!(
        "for n in 1..{PASSED} {{ scenario(`prepare ${{n}}`, [phase(\"prepare\", || {{ assert true; }})]); }}"
    );
    let parked = r#"scenario("both", [phase("prepare", || { assert true; }), phase("validate", || { assert true; })]);"#;
    std::fs::write(folder.join("passed.rhai"), passed).expect("written");
    std::fs::write(folder.join("parked.rhai"), parked).expect("written");
    let status = Command::new(env!("CARGO_BIN_EXE_scenario"))
        .args(["run", "-q", "--phase", "prepare", "."])
        .current_dir(folder)
        .env_remove("CI")
        .stdout(Stdio::null())
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(75), "one scenario is parked");
}

fn row(name: &str, figures: Figures) {
    println!(
        "| {name} | {:.0} | {:.2} | {:.0} |",
        figures.wall.as_secs_f64() * 1e3,
        figures.cpu.as_secs_f64(),
        figures.peak_mb,
    );
}
