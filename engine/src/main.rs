//! The `scenario` program.

fn main() -> std::process::ExitCode {
    // Comes back unless this process is the guard of another.
    scenario_stdlib::guard::role::enter();
    scenario::cli::main().into()
}
