//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    if is_linux {
        // At a fixed address there is nothing to relocate: a third of the pages touched at a start, and a megabyte of
        // memory of every process, went into that.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
