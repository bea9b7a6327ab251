//! Ports: leased, exported, never given twice, and left alone when they are somebody else's.

use super::{House, SERVER, only_failure};
use crate::host::failure::Kind;
use crate::service::lease::{Office, is_free, leased_ports};
use std::collections::BTreeSet;
use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};

#[test]
fn c22_a_leased_port_is_not_given_again_and_is_free_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let office = Office::at(dir.path(), "test");
    let first = office.any("a").unwrap();
    let port = first.port();
    let error = office.exactly("b", port).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "port {port} for `b` is leased by test (pid {})",
            std::process::id()
        )
    );
    assert_eq!(leased_ports(dir.path()), [port]);
    drop(first);
    assert_eq!(office.exactly("b", port).unwrap().port(), port);
}

#[test]
fn c22_a_port_must_be_free_for_tcp_and_udp() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    assert!(!is_free(tcp.local_addr().unwrap().port()));
    // Others on this machine are given ports, too: of several, one is free again.
    let is_free_again = || {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = udp.local_addr().unwrap().port();
        assert!(!is_free(port));
        drop(udp);
        is_free(port)
    };
    assert!((0..20).any(|_| is_free_again()));
}

#[test]
fn c22_a_range_of_one_taken_port_fails_at_once_and_names_the_holder() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ran = House::new().run(&format!(
        "spawn_service(\"api\", #{{ cmd: \"x\", ports: #{{ web: \"{port}-{port}\" }} }})"
    ));
    let text = only_failure(&ran);
    assert!(
        text.starts_with(&format!(
            "no free port from {port} to {port} for `api`: it is taken\n"
        )),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "port {port}: held by pid {} `",
            std::process::id()
        )),
        "{text}"
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Fault);
}

/// A server that is none of ours; gone with the test, however that ends.
struct Foreign(Child);

impl Foreign {
    fn start() -> Self {
        let mut command = Command::new("python3");
        command
            .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn row_8_a_port_of_a_foreign_process_is_named_and_left_alone() {
    let mut foreign = Foreign::start();
    let mut line = String::new();
    let stdout = foreign.0.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
    let port = regex::Regex::new(r"port (\d+)")
        .unwrap()
        .captures(&line)
        .unwrap()[1]
        .to_owned();
    let ran = House::new().run(&format!(
        "spawn_service(\"api\", #{{ cmd: \"x\", ports: #{{ web: {port} }} }})"
    ));
    let text = only_failure(&ran);
    let expected = format!("port {port} for `api` is taken by pid {} `", foreign.0.id());
    assert!(text.starts_with(&expected), "{text}");
    let first = text.lines().next().unwrap();
    assert!(
        first.ends_with("python3 -u -m http.server 0 --bind 127.0.0.1`"),
        "{text}"
    );
    assert!(text.ends_with("hint: it was left alone: stop it yourself, or let the service have any free port: ports: [\"web\"]"), "{text}");
    assert_eq!(foreign.0.try_wait().unwrap(), None, "it is still there");
}

#[test]
fn a_port_lost_to_somebody_in_between_is_replaced() {
    let house = House::new().file(
        "first_loses.py",
        "import os,sys,time\nif not os.path.exists('data/tried'):\n  open('data/tried','w').write(os.environ['PORT'])\n  sys.exit('OSError: [Errno 98] Address already in use')\nprint('up', flush=True)\ntime.sleep(60)\n",
    );
    house
        .run(
            r#"
            let api = spawn_service("api", #{ cmd: ["python3", "{{ project }}/first_loses.py"], ports: ["web"], ready: #{ log: "up" } });
            let first = load_text(api.dir + "/data/tried");
            assert first != `${api.port}` && api.env.PORT == `${api.port}`;
            "#,
        )
        .passes();
}

#[test]
fn free_port_is_leased_to_the_end_of_the_scenario() {
    let house = House::new();
    let first = house.phase(
        "one",
        "state.port = free_port(); state.other = free_port(\"20000-20999\");",
    );
    first.passes();
    let port = first.state["port"].as_u64().unwrap() as u16;
    assert!((20_000..=20_999).contains(&first.state["other"].as_u64().unwrap()));
    let taken = house.phase("two", &format!("free_port(\"{port}-{port}\")"));
    assert!(only_failure(&taken).starts_with(&format!(
        "no free port from {port} to {port} for `free_port`: it is taken\n"
    )));
    house.last_phase("one", "").passes();
    house
        .last_phase(
            "two",
            &format!("assert free_port(\"{port}-{port}\") == {port};"),
        )
        .passes();
}

/// How many stacks each of the two processes below starts.
const EACH: usize = 32;

/// Not a test by itself: one of two processes that start many services at once. Says which ports they had.
fn start_many() -> Vec<u64> {
    let house = House::new().file("server.py", SERVER);
    let ports = std::thread::scope(|scope| {
        let house = &house;
        let threads: Vec<_> = (0..EACH)
            .map(|number| {
                scope.spawn(move || {
                    let nonce = format!("{}-{number}", std::process::id());
                    let ran = house.phase(
                        &format!("s{number}"),
                        &format!(
                            r#"
                            let up = stack("pair", #{{ services: #{{
                                web: #{{ cmd: ["python3", "{{{{ project }}}}/server.py"], ports: ["web"],
                                    env: #{{ NONCE: "{nonce}" }}, timeout: "2m", ready: "/" }},
                                beside: #{{ cmd: "exec sleep 600", ports: ["one", "two"], ready: "running", needs: "web" }},
                            }} }}).up();
                            assert http.get(up.web.url).text == "{nonce}";
                            state.ports = [up.web.port, up.beside.port("one"), up.beside.port("two")];
                            "#
                        ),
                    );
                    ran.passes();
                    let ports = ran.state["ports"].as_array().unwrap().clone();
                    ports.iter().map(|port| port.as_u64().unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    // All stay up until the last is ready; then each scenario ends.
    for number in 0..EACH {
        house.last_phase(&format!("s{number}"), "").passes();
    }
    ports
}

const PART: &str = "SCENARIO_TEST_PART";

#[test]
fn g6_row_7_sixty_four_stacks_from_two_processes_never_collide() {
    if std::env::var_os(PART).is_some() {
        println!("ports {:?}", start_many());
        return;
    }
    let other = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "service::tests::ports::g6_row_7_sixty_four_stacks_from_two_processes_never_collide",
            "--nocapture",
        ])
        .env(PART, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mine = start_many();
    let output = other.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let line = text
        .lines()
        .find_map(|line| line.split_once("ports ["))
        .unwrap()
        .1;
    let theirs: Vec<u64> = line
        .trim_end_matches(']')
        .split(", ")
        .map(|port| port.parse().unwrap())
        .collect();
    assert_eq!((mine.len(), theirs.len()), (EACH * 3, EACH * 3));
    let distinct: BTreeSet<u64> = mine.iter().copied().collect();
    assert_eq!(distinct.len(), EACH * 3, "no port twice in one process");
    // Shown by CI: what the README says of collisions.
    eprintln!(
        "chaos: {} stacks in parallel from two processes, {} ports, 0 collisions",
        EACH * 2,
        EACH * 6
    );
}
