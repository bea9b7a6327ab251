//! (c) Many scenarios at once, each starting a 10 s task and polling it every 0.5 s; ideal 10 s.
//! `cargo bench --bench waiting -- 1000` for one size only.

mod common;

use common::{Demo, Wire, bare, field, folder, header, roles, row, scenario};

const SECONDS: u64 = 10;

fn main() {
    roles(|args| {
        let count: usize = args[1].parse().expect("a number");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let tasks: Vec<_> = (0..count)
                .map(|_| tokio::spawn(wait(args[0].clone())))
                .collect();
            for task in tasks {
                task.await.expect("a wait");
            }
        });
    });
    let sizes: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let sizes = if sizes.is_empty() {
        vec![1_000, 10_000]
    } else {
        sizes
    };
    let demo = Demo::start();
    let url = demo.url();
    header();
    for size in sizes {
        let folder = folder("waiting");
        let threads = format!(
            r#"for n in 0..{size} {{ scenario(`wait ${{n}}`, || {{
    let id = http.post("/tasks", #{{ json: #{{ kind: "export", seconds: {SECONDS} }} }}).json.id;
    wait_until(#{{ timeout: "60s", every: "500ms" }}, || http.get(`/tasks/${{id}}`).json.state == "SUCCESS");
}}); }}"#
        );
        let phases = format!(
            r#"for n in 0..{size} {{ scenario(`wait ${{n}}`, [
    phase("prepare", |state| {{ state.id = http.post("/tasks", #{{ json: #{{ kind: "export", seconds: {SECONDS} }} }}).json.id; }}),
    phase("validate", #{{ ready: |state| http.get(`/tasks/${{state.id}}`).json.state == "SUCCESS", every: "500ms", within: "60s" }},
        |state| {{ assert http.get(`/tasks/${{state.id}}`).json.state == "SUCCESS"; }}),
]); }}"#
        );
        std::fs::write(folder.join("threads.rhai"), threads).expect("written");
        std::fs::write(folder.join("phases.rhai"), phases).expect("written");
        let number = size.to_string();
        let bare = bare(&[&demo.addr, &number]);
        row(&format!("bare client, {size}"), bare, bare);
        let held = scenario(
            &folder,
            &[
                "run",
                "threads.rhai",
                "--base-url",
                &url,
                "--jobs",
                &number,
                "-q",
            ],
        );
        row(&format!("scenario, {size} × wait_until"), held, bare);
        let free = scenario(&folder, &["run", "phases.rhai", "--base-url", &url, "-q"]);
        row(&format!("scenario, {size} × phase ready"), free, bare);
        let _ = std::fs::remove_dir_all(folder);
    }
}

async fn wait(addr: String) {
    let mut wire = Wire::open(&addr).await;
    let body = format!(r#"{{"kind":"export","seconds":{SECONDS}}}"#);
    let (status, body) = wire.send("POST", "/tasks", None, Some(&body)).await;
    assert_eq!(status, 202, "{body}");
    let path = format!("/tasks/{}", field(&body, "id"));
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let (_, body) = wire.send("GET", &path, None, None).await;
        if field(&body, "state") == "SUCCESS" {
            return;
        }
    }
}
