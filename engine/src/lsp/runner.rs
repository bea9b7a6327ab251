//! Runs of scenarios that the editor asks for: this program, as a person would start it.

use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tower_lsp_server::Client;
use tower_lsp_server::ls_types::MessageType;

/// Runs this program and passes on what it says.
pub async fn run(client: &Client, root: &Path, line: &[String]) -> std::io::Result<Option<i32>> {
    let mut child = tokio::process::Command::new(std::env::current_exe()?)
        .args(line)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let tell = |pipe: Option<Box<dyn AsyncRead + Unpin + Send>>| async move {
        let Some(pipe) = pipe else { return };
        let mut lines = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            client.log_message(MessageType::LOG, line).await;
        }
    };
    tokio::join!(
        tell(out.map(|pipe| Box::new(pipe) as _)),
        tell(err.map(|pipe| Box::new(pipe) as _))
    );
    Ok(child.wait().await?.code())
}
