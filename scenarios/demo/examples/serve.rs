//! The demo on its own, for working on it: `cargo run --release -p scenario-demo --example serve -- 127.0.0.1:8080`.

use scenario_demo::{Options, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut options = Options::default();
    if let Some(addr) = std::env::args().nth(1) {
        options.addr = addr.parse().map_err(std::io::Error::other)?;
    }
    let demo = serve(options).await?;
    println!("{}", demo.url());
    tokio::signal::ctrl_c().await?;
    demo.stop().await;
    Ok(())
}
