//! What a process gets when it starts, and why one does not.

use super::*;
use crate::guard::{How, Stdin};
use crate::host::failure::{Failure, Kind};

#[test]
fn it_gets_its_arguments_environment_directory_and_input() {
    let house = House::new();
    let program = [
        "sh",
        "-c",
        "pwd; echo $1; echo \"$GREETING\"; cat",
        "x",
        "a b",
    ];
    let mut spawn = house.order(Program::List(program.map(str::to_owned).to_vec()));
    spawn.env.insert("GREETING".into(), "hello  *".into());
    spawn.stdin = Stdin::Bytes(vec![b'i'; 1 << 20]);
    let process = house.start(spawn).unwrap();
    assert_eq!(wait(process.exited()).how, How::Code(0));
    let lines = texts(process.log().lines().unwrap());
    let folder = house.folder.path().canonicalize().unwrap();
    assert_eq!(lines[..3], [folder.to_str().unwrap(), "a b", "hello  *"]);
    let input: usize = lines[3..].iter().map(String::len).sum();
    assert_eq!(input, 1 << 20);
}

#[test]
fn it_is_marked_and_has_no_terminal() {
    let house = House::new();
    let process = house
        .shell("echo $SCENARIO_RUN_ID; exec 2>/dev/null; cat /dev/tty || echo none; env | wc -l");
    wait(process.exited());
    let lines = texts(process.log().lines().unwrap());
    assert_eq!(lines[..2], [house.run.as_str(), "none"]);
    // PATH, the mark, and PWD of the shell itself: nothing of the host.
    let count: i32 = lines[2].trim().parse().unwrap();
    assert!(count <= 5, "{count}");
}

#[test]
fn it_inherits_what_is_passed_and_nothing_else() {
    let house = House::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut end, pipe) = std::io::pipe().unwrap();
    let program = "echo four >&4; ls /proc/self/fd | tr '\\n' ' '";
    let mut spawn = house.order(Program::Shell(program.into()));
    spawn.pass_fds = vec![listener.into(), pipe.into()];
    let process = house.start(spawn).unwrap();
    wait(process.exited());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut end, &mut said).unwrap();
    assert_eq!(said, "four\n");
    let fds = texts(process.log().lines().unwrap()).concat();
    // Beside 0 to 4 only what `ls` has opened itself.
    assert_eq!(fds.trim(), "0 1 2 3 4 5");
}

#[test]
fn what_cannot_be_executed_is_explained() {
    let house = House::new();
    let refused = |program: &[&str]| {
        let program = program.iter().map(|word| (*word).to_owned()).collect();
        let error = house
            .start(house.order(Program::List(program)))
            .unwrap_err();
        let failure = Failure::from(error);
        assert_eq!(failure.kind, Kind::Usage);
        failure.render()
    };
    let text = refused(&["slep", "1"]);
    assert!(text.starts_with("there is no program `slep`\n"), "{text}");
    assert!(text.ends_with("hint: did you mean `sleep`?"), "{text}");
    let text = refused(&["./api", "1"]);
    assert!(text.contains("build it first"), "{text}");
    let script = house.path("script");
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    let script = script.to_str().unwrap().to_owned();
    let text = refused(&[&script]);
    assert!(
        text.contains("cannot be executed: permission denied"),
        "{text}"
    );
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let text = refused(&[&script]);
    assert!(
        text.contains("its interpreter `/no/such/interpreter` is not there"),
        "{text}"
    );
    assert!(refused(&[]).starts_with("a command needs a program"));
    let mut spawn = house.order(Program::Shell("true".into()));
    spawn.cwd = house.path("nowhere");
    let text = house.start(spawn).unwrap_err().to_string();
    assert!(
        text.starts_with("the directory ") && text.ends_with("/nowhere is not there"),
        "{text}"
    );
    let mut spawn = house.order(Program::Shell("true".into()));
    spawn.stdout = house.path("nowhere/out");
    let text = house.start(spawn).unwrap_err().to_string();
    assert!(text.starts_with("the log file "), "{text}");
    assert_eq!(house.alive(), Vec::<String>::new());
}

#[test]
fn an_exit_is_known_in_full_by_all_who_wait() {
    let house = House::new();
    let process = house.shell("echo last words >&2; exit 3");
    let (a, b) = wait(async { tokio::join!(process.exited(), process.exited()) });
    assert_eq!(
        (a.how, a.to_string().as_str() > "exit code 3 after"),
        (How::Code(3), true)
    );
    assert_eq!(a, b);
    assert_eq!(texts(process.log().tail(5).unwrap()), ["last words"]);
    let process = house.shell("kill -9 $$");
    assert_eq!(wait(process.exited()).how, How::Signal(9));
    assert_eq!(process.try_exit().unwrap().code(), 137);
}
