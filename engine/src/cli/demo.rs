//! `scenario demo`: a system to practise on.

use super::exit::Exit;
use super::tell::{Done, say};
use scenario_stdlib::host::failure::Failure;

/// Starts the demo system and holds it until Ctrl-C.
#[derive(clap::Args)]
pub struct Args {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
}

pub fn main(args: &Args) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let options = scenario_demo::Options {
            addr: ([127, 0, 0, 1], args.port).into(),
            ..scenario_demo::Options::default()
        };
        let demo = scenario_demo::serve(options).await.map_err(|error| {
            Failure::fault(format!("cannot listen on 127.0.0.1:{}: {error}", args.port))
                .hint("choose another with --port, or let it choose: --port 0")
        })?;
        say(format_args!("{}", demo.url()));
        eprintln!(
            "Open it in a browser, or run scenarios against it: scenario run --base-url {}",
            demo.url()
        );
        eprintln!("Ctrl-C ends it.");
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        demo.stop().await;
        Ok(Exit::Passed)
    })
}
