//! (a) Cold start: one file, one request, one assertion, whole process.

mod common;

use common::{Demo, Wire, bare, folder, header, median, roles, row, scenario};

fn main() {
    roles(|args| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (status, _) = Wire::open(&args[0])
                .await
                .send("GET", "/health", None, None)
                .await;
            assert_eq!(status, 200);
        });
    });
    let demo = Demo::start();
    let folder = folder("cold");
    std::fs::write(
        folder.join("one.rhai"),
        "assert http.get(\"/health\").status == 200;\n",
    )
    .expect("written");
    let url = demo.url();
    let args = ["run", "one.rhai", "--base-url", &url];
    scenario(&folder, &args);
    let bare = median(15, || bare(&[&demo.addr]));
    header();
    row("bare client", bare, bare);
    row(
        "scenario, existing store",
        median(15, || scenario(&folder, &args)),
        bare,
    );
    let fresh = median(15, || {
        let _ = std::fs::remove_dir_all(folder.join(".scenario"));
        scenario(&folder, &args)
    });
    row("scenario, no store yet", fresh, bare);
    row(
        "scenario --version",
        median(15, || scenario(&folder, &["--version"])),
        bare,
    );
    let _ = std::fs::remove_dir_all(folder);
}
