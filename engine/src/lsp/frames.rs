//! What the client sends, frame by frame. Only well-formed messages are let through: behind them the transport gives up
//! at the first one it cannot read, and an editor must not lose its server over a slip.

use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest message that is read; longer ones are skipped.
const LONGEST: usize = 64 << 20;

/// Copies messages until the input ends.
pub async fn copy(
    input: &mut (impl AsyncBufRead + Unpin),
    output: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    while let Some(length) = head(input).await? {
        if length > LONGEST {
            let mut rest = input.take(length as u64);
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
            continue;
        }
        let mut body = vec![0; length];
        if input.read_exact(&mut body).await.is_err() {
            break;
        }
        let Some(message) = message(&body) else {
            continue;
        };
        let text = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        output.write_all(frame.as_bytes()).await?;
        output.flush().await?;
    }
    output.shutdown().await
}

/// The length that a head announces; lines that announce nothing are passed over. `None` at the end.
async fn head(input: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<usize>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end would be read for ever.
        let mut some = (&mut *input).take(4096);
        if some.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            match length {
                Some(length) => return Ok(Some(length)),
                None => continue,
            }
        }
        if let Some((name, value)) = text.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok().or(length);
        }
    }
}

/// A message that the transport understands: what is JSON but no message becomes a request that gets an error.
fn message(body: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let method = value.get("method").filter(|method| method.is_string());
    let id = value.get("id").filter(|id| id.is_i64() || id.is_string());
    let params_fit = value
        .get("params")
        .is_none_or(|params| params.is_object() || params.is_array());
    match (method, id) {
        (Some(method), _) if params_fit => {
            let mut clean = json!({ "jsonrpc": "2.0", "method": method });
            clean["params"] = value.get("params").cloned().unwrap_or(json!({}));
            if let Some(id) = id {
                clean["id"] = id.clone();
            }
            if value.get("params").is_none()
                && let Some(message) = clean.as_object_mut()
            {
                message.remove("params");
            }
            Some(clean)
        }
        (None, Some(id)) if value.get("result").is_some() => {
            Some(json!({ "jsonrpc": "2.0", "id": id, "result": value["result"] }))
        }
        (None, Some(id))
            if value
                .get("error")
                .is_some_and(|error| error["code"].is_i64()) =>
        {
            let message = value["error"]["message"].as_str().unwrap_or_default();
            let error = json!({ "code": value["error"]["code"], "message": message });
            Some(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
        }
        (_, Some(id)) => Some(json!({ "jsonrpc": "2.0", "id": id, "method": "$/nonsense" })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(input: &[u8]) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut out = Vec::new();
        runtime.block_on(copy(&mut &*input, &mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn frame(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn messages_pass() {
        let message = r#"{"id":1,"jsonrpc":"2.0","method":"shutdown"}"#;
        assert_eq!(copied(frame(message).as_bytes()), frame(message));
    }

    #[test]
    fn nonsense_is_left_out_and_what_follows_is_read() {
        let good = frame(r#"{"jsonrpc":"2.0","method":"exit"}"#);
        for bad in [
            frame("{ not json"),
            frame("[]"),
            frame("null"),
            frame("{\"method\": 7}"),
            frame("\u{0}\u{1}"),
            "hello\r\n\r\n".to_owned(),
            "Content-Length: many\r\n\r\n".to_owned(),
            "Content-Type: x\r\n\r\n".to_owned(),
        ] {
            let all = copied(format!("{bad}{good}").as_bytes());
            assert_eq!(all, good, "{bad:?}");
        }
        assert_eq!(copied(b"Content-Length: 99\r\n\r\n{}"), "");
    }

    #[test]
    fn a_request_that_is_none_is_answered() {
        let out = copied(frame(r#"{"id":7,"params":3}"#).as_bytes());
        assert!(
            out.contains(r#""id":7"#) && out.contains("$/nonsense"),
            "{out}"
        );
    }
}
