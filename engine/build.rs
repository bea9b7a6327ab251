//! How the program is linked.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The functions that a short run passes through.
const ORDER: &str = "start.order";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if !is("CARGO_CFG_TARGET_OS", "linux") {
        return;
    }
    // At a fixed address there is nothing to relocate: a third of the pages touched at a start, and a megabyte of
    // memory of every process, went into that.
    println!("cargo::rustc-link-arg-bins=-no-pie");

    println!("cargo::rerun-if-changed={ORDER}");
    if is("PROFILE", "release")
        && let Some(script) = ordering()
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}

fn is(key: &str, value: &str) -> bool {
    env::var(key).is_ok_and(|found| found == value)
}

/// A script for the linker that puts those functions side by side, if this linker can follow it. Each page that is touched
/// brings fifteen neighbours along, so a start that is spread over the whole program counts most of it as its memory.
fn ordering() -> Option<PathBuf> {
    let order = fs::read_to_string(ORDER).ok()?;
    let mut script = String::from("SECTIONS\n{\n.text.start :\n{\n");
    for symbol in order.lines().filter(|line| !line.starts_with('#')) {
        writeln!(script, "*(.text.{symbol} .text.unlikely.{symbol})").ok()?;
    }
    script.push_str("}\n}\nINSERT BEFORE .text;\n");
    let path = PathBuf::from(env::var_os("OUT_DIR")?).join("start.ld");
    fs::write(&path, script).ok()?;
    is_understood(&path).then_some(path)
}

/// Whether a program of nothing can be linked by this script; not all linkers know such.
fn is_understood(script: &Path) -> bool {
    if env::var("HOST").ok() != env::var("TARGET").ok() {
        return false;
    }
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".into());
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let chosen = |flag: &str| Some(flag[flag.find("-fuse-ld=")?..].to_owned());
    let trial = Command::new(linker)
        .args(["-x", "c", "-", "-o"])
        .arg(script.with_extension("trial"))
        .arg(format!("-Wl,-T,{}", script.display()))
        .args(flags.split('\x1f').filter_map(chosen))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut trial) = trial else { return false };
    let source = trial.stdin.take();
    let is_given = source
        .is_some_and(|mut source| source.write_all(b"int main(void) { return 0; }\n").is_ok());
    trial.wait().is_ok_and(|status| status.success()) && is_given
}
