//! Real servers for tests: each in a directory of its own, on a free port, ended with its value. A program that is not
//! installed is a failure, never a skip: `.ci/install` has them all.

use std::fs::File;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for any machine: only a hang is ever told apart by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs.
pub struct Server {
    child: Child,
    dir: tempfile::TempDir,
    pub port: u16,
    /// Where it was last started from.
    command: Vec<String>,
    who: Who,
    /// What it needs beside it.
    helpers: Vec<Child>,
}

/// A port nobody uses right now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Whom a server runs as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// Some refuse to run as root.
    Nobody,
    /// Some lie where nobody else can read.
    Us,
}

/// All servers end when the test does, however it does.
fn command(words: &[String], who: Who) -> Command {
    let mut command = Command::new("setpriv");
    if who == Who::Nobody && rustix::process::geteuid().is_root() {
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "KILL", "--"]).args(words);
    command.stdin(Stdio::null());
    command
}

/// A directory that the server may use.
fn directory() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    give_away(dir.path());
    dir
}

/// Makes `path` belong to the one servers run as.
fn give_away(path: &Path) {
    if rustix::process::geteuid().is_root() {
        let ids = Command::new("id")
            .args(["-u", "nobody"])
            .output()
            .expect("id");
        let uid = String::from_utf8_lossy(&ids.stdout)
            .trim()
            .parse()
            .expect("a number");
        std::os::unix::fs::chown(path, Some(uid), None).expect("given away");
    }
}

/// A program of the virtual environment that `.ci/install` makes.
fn installed(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/servers/bin")
        .join(name);
    assert!(root.exists(), "{name} is not installed: run .ci/install");
    root.display().to_string()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Runs a program to its end.
fn run(program: &[&str], dir: &Path) {
    let output = command(&words(program), Who::Nobody)
        .current_dir(dir)
        .env("HOME", dir)
        .output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", program[0]));
    assert!(
        output.status.success(),
        "{} failed:\n{}\n{}",
        program.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn spawn(words: &[String], dir: &Path, who: Who) -> Child {
    let log = File::create(dir.join("server.log")).expect("a log");
    command(words, who)
        .current_dir(dir)
        .env("HOME", dir)
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", words[0]))
}

impl Server {
    fn start(dir: tempfile::TempDir, port: u16, command: Vec<String>) -> Self {
        Self::start_as(dir, port, command, Who::Nobody)
    }

    fn start_as(dir: tempfile::TempDir, port: u16, command: Vec<String>, who: Who) -> Self {
        let child = spawn(&command, dir.path(), who);
        let mut server = Self {
            child,
            dir,
            port,
            command,
            who,
            helpers: Vec::new(),
        };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let over = self.child.try_wait().expect("a child");
            assert!(
                over.is_none() && began.elapsed() < PATIENCE,
                "{:?} did not come up: {}",
                self.command,
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Where its files are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("server.log")).unwrap_or_default()
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again on the same port and files.
    pub fn restart(&mut self) {
        self.kill();
        self.child = spawn(&self.command, self.dir.path(), self.who);
        self.wait();
    }

    /// PostgreSQL with the superuser `ada` and the password `lovelace`.
    pub fn postgres() -> Self {
        Self::postgres_with(None)
    }

    /// Like [`Server::postgres`]; with a certificate and its key it speaks TLS.
    pub fn postgres_with(tls: Option<(&str, &str)>) -> Self {
        let dir = directory();
        let data = dir.path().join("data").display().to_string();
        let secret: PathBuf = dir.path().join("password");
        let mut file = File::create(&secret).expect("a file");
        file.write_all(b"lovelace\n").expect("written");
        give_away(&secret);
        let pwfile = format!("--pwfile={}", secret.display());
        run(
            &[
                "initdb",
                "-D",
                &data,
                "-U",
                "ada",
                &pwfile,
                "--auth=scram-sha-256",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
            ],
            dir.path(),
        );
        let port = free_port();
        let port_text = port.to_string();
        let mut command = words(&[
            "postgres",
            "-D",
            &data,
            "-p",
            &port_text,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
            "-c",
            "timezone=UTC",
        ]);
        if let Some((certificate, key)) = tls {
            for (name, text) in [("server.crt", certificate), ("server.key", key)] {
                let path = dir.path().join("data").join(name);
                std::fs::write(&path, text).expect("written");
                // PostgreSQL refuses a key that others can read.
                let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                std::fs::set_permissions(&path, private).expect("private");
                give_away(&path);
            }
            command.extend(words(&["-c", "ssl=on"]));
        }
        Self::start(dir, port, command).ready("ready to accept connections")
    }

    /// Waits until it says so; an open port may come first.
    fn ready(self, line: &str) -> Self {
        let began = Instant::now();
        while !self.log().contains(line) {
            assert!(began.elapsed() < PATIENCE, "not ready: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// A server that speaks the protocol of MongoDB.
    pub fn mongo() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let port = free_port();
        let command = vec![
            installed("secantusd-py"),
            "--host=127.0.0.1".into(),
            format!("--port={port}"),
            format!("--storage-path={}/data", dir.path().display()),
            "--standalone".into(),
        ];
        Self::start_as(dir, port, command, Who::Us)
    }

    /// SeaweedFS as an object store that knows `ada` with the secret key `lovelace`.
    pub fn s3() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let users = r#"{"identities": [{"name": "ada", "credentials": [{"accessKey": "ada", "secretKey": "lovelace"}], "actions": ["Admin"]}]}"#;
        let config = dir.path().join("s3.json");
        std::fs::write(&config, users).expect("written");
        let data = dir.path().join("data");
        std::fs::create_dir(&data).expect("a directory");
        let port = free_port();
        let mut command = vec![
            installed("weed"),
            "server".into(),
            format!("-dir={}", data.display()),
            "-ip=127.0.0.1".into(),
            "-ip.bind=127.0.0.1".into(),
            "-s3".into(),
            format!("-s3.port={port}"),
            format!("-s3.config={}", config.display()),
            "-master.volumePreallocate=false".into(),
            "-master.volumeSizeLimitMB=64".into(),
            "-volume.max=20".into(),
        ];
        // Every part listens; by default all on well-known ports.
        let parts = [
            "s3.port.grpc",
            "s3.port.iceberg",
            "s3.port.lance",
            "master.port",
            "master.port.grpc",
            "volume.port",
            "volume.port.grpc",
            "filer.port",
            "filer.port.grpc",
        ];
        command.extend(parts.map(|part| format!("-{part}={}", free_port())));
        Self::start_as(dir, port, command, Who::Us)
    }

    /// NATS that knows `ada` with the password `lovelace`.
    pub fn nats() -> Self {
        let port = free_port();
        let command = words(&[
            "nats-server",
            "-a",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "--user",
            "ada",
            "--pass",
            "lovelace",
        ]);
        Self::start(directory(), port, command)
    }

    /// RabbitMQ as it comes: `guest` with the password `guest`.
    pub fn rabbitmq() -> Self {
        let dir = directory();
        let home = dir.path().display().to_string();
        let (port, names) = (free_port(), free_port());
        // The nodes of Erlang find each other by it; left to itself, RabbitMQ starts one that stays for ever.
        let epmd = words(&["epmd", "-port", &names.to_string(), "-address", "127.0.0.1"]);
        let helper = spawn(&epmd, dir.path(), Who::Nobody);
        let mut command = words(&[
            "env",
            "RABBITMQ_NODENAME=test@localhost",
            "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
        ]);
        command.extend([
            format!("RABBITMQ_NODE_PORT={port}"),
            format!("RABBITMQ_DIST_PORT={}", free_port()),
            format!("ERL_EPMD_PORT={names}"),
            format!("RABBITMQ_MNESIA_BASE={home}/mnesia"),
            format!("RABBITMQ_LOG_BASE={home}/log"),
            format!("RABBITMQ_ENABLED_PLUGINS_FILE={home}/plugins"),
            // Lets its script be replaced by Erlang: ending the child then ends the broker.
            "RUNNING_UNDER_SYSTEMD=true".into(),
            "/usr/lib/rabbitmq/bin/rabbitmq-server".into(),
        ]);
        let mut server = Self::start(dir, port, command);
        server.helpers.push(helper);
        server
    }

    /// Redis with the password `lovelace`, which keeps nothing over a restart.
    pub fn redis() -> Self {
        let port = free_port();
        let port_text = port.to_string();
        let command = words(&[
            "redis-server",
            "--port",
            &port_text,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--requirepass",
            "lovelace",
        ]);
        Self::start(directory(), port, command)
    }

    /// MariaDB with the user `ada`, the password `lovelace` and the database `shop`.
    pub fn mysql() -> Self {
        let dir = directory();
        let data = format!("--datadir={}/data", dir.path().display());
        run(
            &[
                "mariadb-install-db",
                "--no-defaults",
                &data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            dir.path(),
        );
        let setup = dir.path().join("setup.sql");
        let text = "create database shop;\n\
                    create user ada@'127.0.0.1' identified by 'lovelace';\n\
                    create user ada@localhost identified by 'lovelace';\n\
                    grant all on *.* to ada@'127.0.0.1';\n\
                    grant all on *.* to ada@localhost;\n";
        std::fs::write(&setup, text).expect("written");
        let port = free_port();
        let command = words(&[
            "mariadbd",
            "--no-defaults",
            &data,
            &format!("--port={port}"),
            "--bind-address=127.0.0.1",
            &format!("--socket={}/sock", dir.path().display()),
            &format!("--init-file={}", setup.display()),
            "--innodb-flush-log-at-trx-commit=0",
        ]);
        Self::start(dir, port, command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        for helper in &mut self.helpers {
            let _ = helper.kill();
            let _ = helper.wait();
        }
    }
}
