//! The `scenario` program.

use mimalloc::MiMalloc;

/// A request or a poll asks for memory some hundred and fifty times, on many threads: with the allocator of the system a fifth
/// of the processor time of ten thousand waits went into that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::process::ExitCode {
    // Comes back unless this process is the guard of another.
    scenario_stdlib::guard::role::enter();
    scenario::cli::main().into()
}
