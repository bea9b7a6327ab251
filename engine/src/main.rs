//! The `scenario` program.

fn main() -> std::process::ExitCode {
    scenario::cli::main().into()
}
