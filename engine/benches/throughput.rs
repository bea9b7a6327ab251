//! (b) 1,000 files, each a login, four authenticated GETs and six assertions; the natural number of jobs; and what it costs to write a page of all of it.

mod common;

use common::{Demo, Wire, bare, field, folder, header, median, roles, row, scenario};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const FILES: usize = 1000;
const LOGIN: &str = r#"{"email":"ada@example.com","password":"lovelace"}"#;

const SCRIPT: &str = r#"let login = http.post("/api/login", #{ json: #{ email: "ada@example.com", password: "lovelace" } });
assert login.status == 200;
let auth = #{ headers: #{ authorization: `Bearer ${login.json.token}` } };
let me = http.get("/api/me", auth);
assert me.status == 200;
assert me.json.email == "ada@example.com";
assert http.get("/api/chat", auth).status == 200;
assert http.get("/tasks?per_page=1", auth).status == 200;
assert http.get("/health", auth).json.database == "up";
"#;

fn main() {
    roles(|args| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let next = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            let lanes = (0..4).map(|_| {
                let (addr, next) = (args[0].clone(), next.clone());
                tokio::spawn(async move {
                    while next.fetch_add(1, Ordering::Relaxed) < FILES {
                        journey(&addr).await;
                    }
                })
            });
            for lane in lanes.collect::<Vec<_>>() {
                lane.await.expect("a lane");
            }
        });
    });
    let demo = Demo::start();
    let folder = folder("throughput");
    for number in 0..FILES {
        std::fs::write(folder.join(format!("f{number:04}.rhai")), SCRIPT).expect("written");
    }
    let url = demo.url();
    let args = ["run", ".", "--base-url", &url];
    scenario(&folder, &args);
    let bare = median(5, || bare(&[&demo.addr]));
    header();
    row("bare client, 4 in flight", bare, bare);
    row("scenario", median(5, || scenario(&folder, &args)), bare);
    let page = format!("html={}", folder.join("report.html").display());
    let everything = [&args[..], &["--reporter", "terminal", "--reporter", &page]].concat();
    row(
        "scenario with its page of everything",
        median(5, || scenario(&folder, &everything)),
        bare,
    );
    row(
        "scenario --jobs 1",
        median(3, || {
            scenario(&folder, &[&args[..], &["--jobs", "1"]].concat())
        }),
        bare,
    );
    let _ = std::fs::remove_dir_all(folder);
}

async fn journey(addr: &str) {
    let mut wire = Wire::open(addr).await;
    let (status, body) = wire.send("POST", "/api/login", None, Some(LOGIN)).await;
    assert_eq!(status, 200, "{body}");
    let token = field(&body, "token").to_owned();
    for path in ["/api/me", "/api/chat", "/tasks?per_page=1", "/health"] {
        let (status, body) = wire.send("GET", path, Some(&token), None).await;
        assert_eq!(status, 200, "{path}: {body}");
    }
}
