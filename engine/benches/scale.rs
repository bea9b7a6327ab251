//! (d) What much waiting and a long past cost: 10,000 and 100,000 phases that wait for a trivial condition, looked at
//! every 10 s, and a resume behind 10,000 passed phases. `cargo bench --bench scale -- 10000` for one size only.

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
    let resumed = median(5, || {
        let folder = folder("resume");
        park(&folder);
        let resumed = scenario(&folder, &["resume", "-q"]);
        let _ = std::fs::remove_dir_all(folder);
        resumed
    });
    row(&format!("resume behind {PASSED} passed phases"), resumed);
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
