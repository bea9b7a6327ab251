//! Coverage one can trust: `docs/src/seeds.md` lists every behaviour that the five seed systems ask for, and whatever it names is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many behaviours each seed has.
const SEEDS: &[(char, u32)] = &[('O', 23), ('C', 39), ('G', 30), ('A', 31), ('P', 29)];

/// What may still say `not yet`. It is empty, and stays so.
const NOT_YET: &[&str] = &[];

/// What nobody will build here, each with its reason in the page.
const OUT_OF_SCOPE: &[&str] = &["O23"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The last cell of each row, by the id in its first.
fn rows() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(repository().join("docs/src/seeds.md")).unwrap();
    let cells = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let id = cells.next()?.to_owned();
        Some((id, cells.last()?.to_owned()))
    });
    let mut rows = BTreeMap::new();
    for (id, shown) in cells.filter(|(id, _)| id.starts_with(|c: char| c.is_ascii_uppercase())) {
        assert!(
            rows.insert(id.clone(), shown).is_none(),
            "{id} stands there twice"
        );
    }
    rows
}

/// What stands between backticks.
fn names(shown: &str) -> Vec<&str> {
    shown.split('`').skip(1).step_by(2).collect()
}

/// The name of every function of the workspace's sources that is a test.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for folder in ["engine", "stdlib"] {
        collect(&repository().join(folder), &mut tests);
    }
    tests
}

fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for after in text.split("#[test]").skip(1) {
                let name = after
                    .split("fn ")
                    .nth(1)
                    .and_then(|rest| rest.split('(').next());
                tests.extend(name.map(str::to_owned));
            }
        }
    }
}

/// `file::name` of every scenario, the file relative to `scenarios/`, with its tags.
fn scenarios() -> BTreeMap<String, String> {
    let listed = Command::new(env!("CARGO_BIN_EXE_scenario"))
        .args(["list", "scenarios", "--color", "never"])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(
        listed.status.success(),
        "{}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let text = String::from_utf8(listed.stdout).unwrap();
    let lines = text.lines().filter_map(|line| {
        let mut parts = line.split("  ");
        let (file, _) = parts.next()?.strip_prefix("scenarios/")?.split_once(':')?;
        let name = parts.next()?;
        Some((format!("{file}::{name}"), parts.collect()))
    });
    lines.collect()
}

#[test]
fn every_behaviour_of_the_seeds_is_listed() {
    let rows = rows();
    let wanted = SEEDS
        .iter()
        .flat_map(|(seed, count)| (1..=*count).map(move |number| format!("{seed}{number}")));
    let wanted: BTreeSet<String> = wanted.collect();
    let listed: BTreeSet<String> = rows.keys().cloned().collect();
    assert_eq!(wanted, listed);
}

#[test]
fn what_is_not_there_yet_and_what_never_will_be_is_known() {
    let told = |prefix: &str| -> Vec<String> {
        let rows = rows();
        let found = rows.iter().filter(|(_, shown)| shown.starts_with(prefix));
        found.map(|(id, _)| id.clone()).collect()
    };
    let known = |ids: &[&str]| -> Vec<String> {
        let ids: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        ids.into_iter().collect()
    };
    assert_eq!(
        told("not yet: "),
        known(NOT_YET),
        "what is there now must be named"
    );
    assert_eq!(told("out of scope: "), known(OUT_OF_SCOPE));
}

#[test]
fn whatever_is_named_is_there() {
    let (tests, scenarios) = (tests(), scenarios());
    let mut missing = Vec::new();
    for (id, shown) in rows() {
        if shown.starts_with("not yet: ") || shown.starts_with("out of scope: ") {
            continue;
        }
        let names = names(&shown);
        if names.is_empty() {
            missing.push(format!("{id} names nothing"));
        }
        for name in names {
            let there = match name.contains("::") {
                true => scenarios.contains_key(name),
                false => tests.contains(name),
            };
            if !there {
                missing.push(format!("{id}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// How many scenarios of the automation server have a tag.
fn tier(tag: &str) -> usize {
    let scenarios = scenarios();
    let of_tier = scenarios
        .iter()
        .filter(|(id, tags)| id.starts_with("automation/") && tags.contains(tag));
    of_tier.count()
}

#[test]
fn a30_tier_1_has_33_scenarios() {
    assert_eq!(tier("tier1"), 33);
}

#[test]
fn a29_tiers_2_and_3_are_there_by_name() {
    assert_eq!((tier("tier2"), tier("tier3")), (13, 19));
}
