//! What guarding costs: starting the guard, each process under it, a thousand of them, and a gigabyte of output.
//! `cargo bench --bench guard -- 200` for fewer processes.

use scenario_stdlib::guard::{Guard, How, Program, Spawn, Stream, role};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

fn main() {
    // The benchmark is its own guard.
    role::enter();
    let count: usize = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .next()
        .unwrap_or(1000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let folder = std::env::temp_dir().join(format!("scenario-bench-guard-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let starts: Vec<Duration> = (0..21).map(|_| start()).collect();
    println!("guard, from nothing to ready        {}", shown(starts));
    let guard = Guard::start("bench", None).expect("a guard");
    println!(
        "containment                         {}",
        guard.containment()
    );
    overhead(&runtime, &guard, &folder);
    many(&runtime, &guard, &folder, count);
    flood(&runtime, &guard, &folder);
    guard.finish(Duration::from_secs(10));
    let _ = std::fs::remove_dir_all(folder);
}

fn start() -> Duration {
    let began = Instant::now();
    let guard = Guard::start("bench", None).expect("a guard");
    let took = began.elapsed();
    guard.finish(Duration::from_secs(10));
    took
}

fn spawn(folder: &Path, program: Program) -> Spawn {
    let mut spawn = Spawn::new("bench", "it", program, folder, folder);
    let path = std::env::var("PATH").unwrap_or_default();
    spawn.env.insert("PATH".into(), path);
    spawn
}

fn truth() -> Program {
    Program::List(vec!["true".into()])
}

/// The same program, started by the standard library and by the guard, in turns.
fn overhead(runtime: &Runtime, guard: &Guard, folder: &Path) {
    let (mut bare, mut bare_end, mut started, mut ended) = (vec![], vec![], vec![], vec![]);
    for _ in 0..201 {
        let began = Instant::now();
        let mut command = Command::new("true");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        bare.push(began.elapsed());
        child.wait().expect("it ends");
        bare_end.push(began.elapsed());
        let began = Instant::now();
        let process = runtime
            .block_on(guard.spawn(spawn(folder, truth())))
            .expect("it starts");
        started.push(began.elapsed());
        assert_eq!(runtime.block_on(process.exited()).how, How::Code(0));
        ended.push(began.elapsed());
        runtime.block_on(process.ended());
    }
    println!("std::process, started               {}", shown(bare));
    println!("std::process, ended                 {}", shown(bare_end));
    println!("guard, started                      {}", shown(started));
    println!("guard, ended and seen               {}", shown(ended));
}

/// Services started and stopped one after the other: nothing may grow.
fn many(runtime: &Runtime, guard: &Guard, folder: &Path, count: usize) {
    let one = || {
        runtime.block_on(async {
            let program = Program::Shell("echo up; exec sleep 600".into());
            let process = guard
                .spawn(spawn(folder, program))
                .await
                .expect("it starts");
            let up = process.log().follow(Default::default()).next().await;
            assert_eq!(up.expect("a line").text, "up");
            process.stop().await
        })
    };
    for _ in 0..20 {
        one();
    }
    let before = [Size::of(std::process::id() as i32), Size::of(guard.pid())];
    let began = Instant::now();
    for _ in 0..count {
        assert_eq!(one().survivors, []);
    }
    let took = began.elapsed();
    let after = [Size::of(std::process::id() as i32), Size::of(guard.pid())];
    println!(
        "{count} services, started and stopped   {:.2} ms each",
        took.as_secs_f64() * 1e3 / count as f64
    );
    for (name, (before, after)) in ["host", "guard"].iter().zip(before.iter().zip(&after)) {
        println!(
            "  {name:<5} descriptors {} -> {}, memory {} -> {} KiB, children {} -> {}",
            before.fds, after.fds, before.kib, after.kib, before.children, after.children
        );
    }
}

/// A gigabyte without a line end, as fast as it comes.
fn flood(runtime: &Runtime, guard: &Guard, folder: &Path) {
    let bytes = 1_u64 << 30;
    let bare = Instant::now();
    let line = format!("head -c {bytes} /dev/zero | tr '\\0' x");
    let status = Command::new("sh")
        .args(["-c", &format!("{line} > flood")])
        .current_dir(folder)
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    let bare = bare.elapsed();
    let _ = std::fs::remove_file(folder.join("flood"));
    let before = Size::of(std::process::id() as i32);
    let began = Instant::now();
    let process = runtime
        .block_on(guard.spawn(spawn(folder, Program::Shell(line))))
        .expect("it starts");
    assert_eq!(runtime.block_on(process.exited()).how, How::Code(0));
    let took = began.elapsed();
    runtime.block_on(process.ended());
    let after = Size::of(std::process::id() as i32);
    let kept = std::fs::metadata(process.log().path(Stream::Stdout)).map_or(0, |meta| meta.len());
    println!(
        "1 GiB of output                     {:.2} s (straight into a file: {:.2} s), host memory at most {} -> {} KiB, \
         {} KiB kept, {} bytes cut",
        took.as_secs_f64(),
        bare.as_secs_f64(),
        before.peak_kib,
        after.peak_kib,
        kept >> 10,
        process.log().missing(Stream::Stdout)
    );
}

struct Size {
    fds: usize,
    kib: u64,
    peak_kib: u64,
    children: usize,
}

impl Size {
    fn of(pid: i32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.unwrap_or(0)
        };
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        Self {
            fds: std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count),
            kib: number("VmRSS:"),
            peak_kib: number("VmHWM:"),
            children: children.unwrap_or_default().split_whitespace().count(),
        }
    }
}

fn shown(mut all: Vec<Duration>) -> String {
    all.sort_unstable();
    let ms = |part: f64| all[(all.len() as f64 * part) as usize].as_secs_f64() * 1e3;
    format!("median {:.2} ms, 95 % {:.2} ms", ms(0.5), ms(0.95))
}
