//! What the benchmarks share: the system under test, a bare client making the same requests, and a fair measure of a
//! whole process. Figures are ratios of one run, because machines are noisy.
#![allow(dead_code, reason = "each benchmark uses its part")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The demo system as a process of its own.
pub struct Demo {
    child: Child,
    pub addr: String,
}

impl Demo {
    pub fn start() -> Self {
        let mut child = Command::new(program())
            .args(["demo", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the demo system starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout"))
            .read_line(&mut line)
            .expect("its address");
        let addr = line
            .trim()
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        Self { child, addr }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process took, by the account of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub wall: Duration,
    pub cpu: Duration,
    pub peak_mb: f64,
}

const MEASURE: &str = "BENCH_MEASURE";
const BARE: &str = "BENCH_BARE";

/// Must be called first in `main`: the benchmark re-executes itself to measure others and to be the bare client.
pub fn roles(bare: impl FnOnce(Vec<String>)) {
    if std::env::var_os(MEASURE).is_some() {
        measure_here();
        std::process::exit(0);
    }
    if let Ok(args) = std::env::var(BARE) {
        bare(args.split(' ').map(str::to_owned).collect());
        std::process::exit(0);
    }
}

fn measure_here() {
    use nix::sys::resource::{UsageWho, getrusage};
    let mut args = std::env::args().skip(1);
    let program = args.next().expect("a program");
    let mut command = Command::new(program);
    command.args(args).env_remove(MEASURE).stdout(Stdio::null());
    let began = Instant::now();
    let status = command.status().expect("it runs");
    let wall = began.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() * 1_000_000 + time.tv_usec();
    let cpu = micros(usage.user_time()) + micros(usage.system_time());
    println!(
        "{} {} {} {}",
        wall.as_micros(),
        cpu,
        usage.max_rss(),
        status.code().unwrap_or(-1)
    );
}

fn measured(command: &mut Command) -> Figures {
    let output = command
        .env(MEASURE, "1")
        .stderr(Stdio::inherit())
        .output()
        .expect("measured");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<i64> = text
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    let [wall, cpu, rss, code] = numbers[..] else {
        panic!("no figures: {text}")
    };
    assert_eq!(code, 0, "the measured process failed");
    Figures {
        wall: Duration::from_micros(wall as u64),
        cpu: Duration::from_micros(cpu as u64),
        peak_mb: rss as f64 / 1024.0,
    }
}

/// The program that is measured: the one built for the benchmark, or another that `SCENARIO_PROGRAM` names.
pub fn program() -> std::ffi::OsString {
    std::env::var_os("SCENARIO_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_scenario").into())
}

/// `scenario ARGS` in `folder`.
pub fn scenario(folder: &Path, args: &[&str]) -> Figures {
    let me = std::env::current_exe().expect("me");
    let mut command = Command::new(me);
    command.arg(program()).args(args).current_dir(folder);
    command.env_remove("CI");
    measured(&mut command)
}

/// This benchmark as the bare client.
pub fn bare(args: &[&str]) -> Figures {
    let me = std::env::current_exe().expect("me");
    let mut command = Command::new(&me);
    command.arg(&me).env(BARE, args.join(" "));
    measured(&mut command)
}

/// The run whose wall time is the median.
pub fn median(runs: usize, mut run: impl FnMut() -> Figures) -> Figures {
    let mut all: Vec<Figures> = (0..runs).map(|_| run()).collect();
    all.sort_by_key(|figures| figures.wall);
    all[all.len() / 2]
}

/// One row of the table, compared with the bare client.
pub fn row(name: &str, figures: Figures, bare: Figures) {
    println!(
        "| {name} | {:.2} | {:.3} | {:.0} | {:.1} | {:.1} |",
        figures.wall.as_secs_f64() * 1e3,
        figures.cpu.as_secs_f64(),
        figures.peak_mb,
        figures.wall.as_secs_f64() / bare.wall.as_secs_f64(),
        figures.cpu.as_secs_f64() / bare.cpu.as_secs_f64().max(0.001),
    );
}

pub fn header() {
    println!("| | wall ms | CPU s | peak MB | x bare wall | x bare CPU |");
    println!("|---|---|---|---|---|---|");
}

/// A folder for generated scripts, removed at the end.
pub fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("scenario-bench-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

/// One HTTP/1.1 connection, written by hand: the physical limit.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub async fn open(addr: &str) -> Self {
        let stream = TcpStream::connect(addr).await.expect("connected");
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            buffer: Vec::with_capacity(4096),
        }
    }

    /// Sends a request; gives back status and body.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&str>,
    ) -> (u16, String) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n");
        if let Some(token) = token {
            request.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        let body = body.unwrap_or("");
        if !body.is_empty() {
            request.push_str(&format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            ));
        }
        request.push_str("\r\n");
        request.push_str(body);
        self.stream
            .write_all(request.as_bytes())
            .await
            .expect("sent");
        self.buffer.clear();
        loop {
            let read = self
                .stream
                .read_buf(&mut self.buffer)
                .await
                .expect("answered");
            assert!(read > 0, "the connection was closed");
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|n| n.trim().parse().ok())
                .unwrap_or(0);
            if self.buffer.len() >= end + 4 + length {
                let status = head
                    .split_whitespace()
                    .nth(1)
                    .and_then(|s| s.parse().ok())
                    .unwrap_or(0);
                let body =
                    String::from_utf8_lossy(&self.buffer[end + 4..end + 4 + length]).into_owned();
                return (status, body);
            }
        }
    }
}

/// The text of a JSON field, found without parsing.
pub fn field<'a>(body: &'a str, name: &str) -> &'a str {
    let key = format!("\"{name}\":");
    let rest = body
        .split_once(&key)
        .map_or("", |(_, rest)| rest.trim_start());
    rest.trim_start_matches('"')
        .split(['"', ',', '}'])
        .next()
        .unwrap_or("")
}
