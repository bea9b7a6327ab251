//! Each recipe starts its server, and the server does what it is there for.

use super::common::Project;
use super::{project, repository, script};

fn passes(imports: &str, body: &str) {
    script(imports, body).run(&["run", "a.rhai"]).passes();
}

#[test]
fn g3_g5_postgres_serves_private_databases_and_copies() {
    passes(
        "postgres",
        r#"
        let db = postgres_server::start(#{ database: "shop", settings: #{ work_mem: "1MB" } });
        let shop = sql.connect(db.url);
        assert shop.value("show work_mem") == "1MB" && shop.value("show fsync") == "off";
        shop.execute("create table items (name text); insert into items values ('lamp')");
        shop.close();

        let one = postgres_server::copy(db, "shop");
        let other = postgres_server::copy(db, "shop");
        sql.connect(one.url).execute("delete from items");
        assert sql.connect(other.url).value("select count(*) from items") == 1;

        let empty = postgres_server::database(db);
        let tables = "select count(*) from pg_tables where schemaname = 'public'";
        assert sql.connect(empty.url).value(tables) == 0;
        postgres_server::drop_database(db, empty);
        assert sql.connect(one.url).value("select count(*) from pg_database where datname = $1", [empty.name]) == 0;

        assert exec(["stat", "-c", "%U", db.dir + "/data/postgresql.conf"]).stdout != "root\n";
        assert exec(["stat", "-c", "%a", db.dir]).stdout == "700\n";
        "#,
    );
}

#[test]
fn postgres_is_there_again_with_its_data_after_a_restart() {
    passes(
        "postgres",
        r#"
        let db = postgres_server::start();
        let before = sql.connect(db.url);
        before.execute("create table kept (id int); insert into kept values (7)");
        before.close();
        db.restart();
        assert sql.connect(db.url).value("select id from kept") == 7;
        "#,
    );
}

#[test]
fn g3_redis_keeps_what_it_is_given() {
    passes(
        "redis",
        r#"
        let one = redis_server::start(#{ settings: #{ maxmemory: "10mb" } });
        let client = redis.connect(one.url);
        client.set("a", "b");
        assert client.get("a") == "b";
        assert client.command(["CONFIG", "GET", "maxmemory"])[1] == "10485760";
        "#,
    );
}

#[test]
fn g3_an_object_store_has_its_buckets_when_it_is_ready() {
    passes(
        "s3",
        r#"
        let store = s3_server::start(#{ buckets: ["one", "two"] });
        let client = s3_server::client(store);
        client.put("a.txt", "hello");
        client.bucket("two").put("b.txt", "there");
        assert client.get("a.txt") == "hello" && client.bucket("two").list("").len() == 1;
        "#,
    );
}

#[test]
fn p22_p24_documents_are_loaded_and_linked_in_a_store_of_the_recipe() {
    let items = r#"[{"name": "lamp"}, {"name": "desk"}]"#;
    let project = script(
        "mongo",
        r#"
        let store = mongo_server::start();
        let db = mongo.connect(store.url);
        db.load("data", #{
            add: #{ taskId: run.id },
            required: #{ items: 2 },
            after_load: |db| {
                for item in db.collection("items").find() {
                    db.collection("items").update(#{ _id: item._id }, #{ uuid: uuid() });
                }
            },
        });
        assert db.collection("items").count(#{ taskId: run.id }) == 2;
        assert db.collection("items").find_one(#{ name: "lamp" }).uuid.len() == 36;
        "#,
    );
    project.write("data/items.json", items);
    project.run(&["run", "a.rhai"]).passes();
}

#[test]
fn rabbitmq_takes_messages_and_leaves_no_daemon() {
    passes(
        "rabbitmq",
        r#"
        let broker = rabbitmq_server::start();
        let names = broker.port("names");
        amqp.connect(broker.url).close();
        broker.stop();
        assert !exec(["sh", "-c", `ps ax | grep -v grep | grep 'epmd.*${names}'`], #{ may_fail: true }).ok;
        "#,
    );
}

#[test]
fn nats_passes_messages_on() {
    passes(
        "nats",
        r#"
        let broker = nats_server::start();
        nats.connect(broker.url).publish("orders", "hello");
        wait_until("10s", || http.get(`http://127.0.0.1:${broker.port("monitor")}/varz`).json.in_msgs >= 1);
        "#,
    );
}

/// Answers with what it was asked for, and the header of its front.
const ECHO: &str = r#"
import http.server, os
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{os.environ['NAME']} {self.path} {self.headers.get('x-forwarded-for')}".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Echo).serve_forever()
"#;

#[test]
fn c25_nginx_passes_on_to_services_it_is_given_by_name() {
    let project = script(
        "nginx python",
        r#"
        let shop = stack("shop", #{ services: #{
            front: nginx_server::service(#{ "/": "{{ app.url }}", "/media/": "{{ media.url }}" }),
            app:   python_server::script("echo.py", #{ venv: "", env: #{ NAME: "app" } }),
            media: python_server::script("echo.py", #{ venv: "", env: #{ NAME: "media" } }),
        } }).up();
        assert shop.services[2] == "front";
        assert http.get(shop.front.url + "/x").text == "app /x 127.0.0.1";
        assert http.get(shop.front.url + "/media/y").text == "media /media/y 127.0.0.1";
        "#,
    );
    project.write("echo.py", ECHO);
    project.run(&["run", "a.rhai"]).passes();
}

#[test]
fn a_virtual_environment_is_made_once_for_each_content() {
    let project = script(
        "python",
        r#"
        let up = stack("s", #{ services: #{
            venv: python_server::venv("requirements.txt"),
            app:  python_server::script("echo.py", #{ env: #{ NAME: "app" } }),
        } }).up();
        assert http.get(up.app.url + "/").status == 200;
        assert up.venv.values.python.contains("/.scenario/venvs/");
        log(up.venv.values.python);
        "#,
    );
    project.write("echo.py", ECHO);
    project.write("requirements.txt", "# nothing\n");
    project.run(&["run", "a.rhai"]).passes();
    let made = || {
        let folder = std::fs::read_dir(project.path(".scenario/venvs")).expect("it is there");
        let paths = folder.map(|entry| entry.expect("readable").path());
        let mut made: Vec<_> = paths
            .filter(|path| path.is_dir())
            .map(|path| {
                path.join("complete")
                    .metadata()
                    .expect("complete")
                    .modified()
                    .expect("a time")
            })
            .collect();
        made.sort();
        made
    };
    let first = made();
    project.run(&["run", "a.rhai"]).passes();
    assert_eq!(made(), first);
    project.write("requirements.txt", "# something else\n");
    project.run(&["run", "a.rhai"]).passes();
    assert_eq!(made().len(), 2);
}

#[test]
fn celery_works_off_what_is_sent() {
    let venv = repository().join("target/two_phase/bin/python");
    assert!(
        venv.exists(),
        "{} is not there: run .ci/install",
        venv.display()
    );
    let project = script(
        "celery redis python",
        &format!(
            r#"
        let up = stack("s", #{{ services: #{{
            broker: redis_server::service(),
            venv:   #{{ cmd: "true", ready: "completed", values: #{{ python: "{}" }} }},
            worker: celery_server::worker("tasks", #{{ broker: "{{{{ broker.url }}}}" }}),
        }} }}).up();
        let sent = exec([up.venv.values.python, "-m", "celery", "--app", "tasks", "--broker", up.broker.url, "call", "tasks.double", "--args=[21]"]);
        up.worker.wait_for_log("double.* succeeded in .*: 42", #{{ timeout: "20s" }});
        "#,
            venv.display()
        ),
    );
    let tasks = "import celery\napp = celery.Celery('tasks')\n@app.task\ndef double(n):\n    return 2 * n\n";
    project.write("tasks.py", tasks);
    project.run(&["run", "a.rhai"]).passes();
}

/// Says what it was asked, as `docker` would run a container.
const ENGINE: &str = "#!/bin/sh
case $1 in
    info) exit 0 ;;
    run) echo \"$@\"; exec sleep 60 ;;
    rm) echo \"$@\" >> removed ;;
esac
";

#[test]
fn a_container_is_run_with_its_ports_and_removed() {
    let project = script(
        "docker",
        r#"
        let db = spawn_service("db", docker_server::service("postgres:16", #{
            ports: #{ sql: 5432 }, env: #{ POSTGRES_PASSWORD: "x" }, command: ["-c", "fsync=off"], ready: #{ log: "run" }, grace: "200ms",
        }));
        let said = db.log;
        assert said.contains(`--publish 127.0.0.1:${db.port}:5432 --env POSTGRES_PASSWORD=x postgres:16 -c fsync=off`);
        assert said.starts_with("run --rm --init --name scenario-");
        "#,
    );
    let project = with_engine(project, ENGINE);
    project.run(&["run", "a.rhai"]).passes();
    assert!(project.read("removed").starts_with("rm --force scenario-"));
}

/// Puts a stand-in for `docker` before everything else.
pub fn with_engine(project: Project, text: &str) -> Project {
    use std::os::unix::fs::PermissionsExt;
    project.write("bin/docker", text);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(project.path("bin/docker"), executable).expect("set");
    let path = std::env::var("PATH").unwrap_or_default();
    let bin = project.path("bin");
    project.env("PATH", &format!("{}:{path}", bin.display()))
}

#[test]
fn g6_two_runs_side_by_side_have_servers_of_their_own() {
    let project = project().file(
        "a.rhai",
        r#"
        import "std/redis" as redis_server;
        for number in 1..=4 {
            scenario(`${number}`, || {
                let client = redis.connect(redis_server::start().url);
                assert client.get("who") == ();
                client.set("who", "me");
            });
        }
        "#,
    );
    let (one, other) = (
        project.start(&["run", "a.rhai"]),
        project.start(&["run", "a.rhai"]),
    );
    one.end().passes();
    other.end().passes();
}

/// A server that is none of ours, of the same make; gone with the test, however that ends.
struct Foreign(std::process::Child, u16);

impl Foreign {
    fn start(folder: &std::path::Path) -> Self {
        // Out of the way of those that runs lease.
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = taken.local_addr().expect("bound").port();
        drop(taken);
        let mut command = std::process::Command::new("redis-server");
        command
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
            ])
            .current_dir(folder)
            .stdout(std::process::Stdio::null());
        let mut foreign = Self(command.spawn().expect("redis-server"), port);
        let began = std::time::Instant::now();
        while !foreign.answers() {
            assert!(began.elapsed().as_secs() < 60, "it never answered");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        foreign
    }

    /// It is the same process, and serves.
    fn answers(&mut self) -> bool {
        use std::io::{Read, Write};
        assert!(self.0.try_wait().expect("ours").is_none(), "it has ended");
        let mut answer = [0; 7];
        std::net::TcpStream::connect(("127.0.0.1", self.1)).is_ok_and(|mut stream| {
            let asked = stream.write_all(b"PING\r\n");
            asked.and_then(|()| stream.read_exact(&mut answer)).is_ok() && answer == *b"+PONG\r\n"
        })
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn g15_a_foreign_server_of_the_same_make_survives_runs_that_pass_and_runs_that_are_killed() {
    let project = script(
        "redis",
        r#"
        let one = redis_server::start();
        assert redis.connect(one.url).command(["PING"]) == "PONG";
        log(`pid ${one.pid} of ours`);
        if env("STAY", "") != "" { sleep("10m") }
        "#,
    )
    .env("STAY", "");
    let mut foreign = Foreign::start(&project.path(""));
    project.run(&["run", "a.rhai"]).passes();
    assert!(foreign.answers());

    let running = project.start(&["run", "a.rhai", "-v", "--env", "STAY=yes"]);
    running.until(" of ours");
    let said = running.said();
    let (_, pid) = said.split_once("pid ").expect("it is told");
    let pid = pid.split(' ').next().expect("a number").to_owned();
    running.signal(super::common::Signal::KILL);
    running.end();
    let began = std::time::Instant::now();
    while std::path::Path::new("/proc").join(&pid).exists() {
        assert!(began.elapsed().as_secs() < 60, "ours is still there");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // The next run looks for what that one has left.
    project.run(&["run", "a.rhai"]).passes();
    assert!(foreign.answers());
}
