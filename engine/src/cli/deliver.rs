//! Tells the outside of a run that has ended: its traces to a collector, its outcome to a chat. Who cannot be reached is
//! named and changes nothing: the run is what it was.

use super::output;
use super::prepare::Prepared;
use crate::model::{Outcome, View};
use crate::report::{clean, notify, otlp};
use scenario_stdlib::http::body::{
    Client, ClientSpec, HttpError, Payload, Recorder, Request, Timeouts, Transports,
};
use std::sync::Arc;
use std::time::Duration;

/// How long the outside may take for each message.
const LIMIT: Duration = Duration::from_secs(10);

/// Spans of one message: collectors refuse large ones.
const SPANS: usize = 2000;

/// Tells everybody who is to be told.
pub fn deliver(prepared: &Prepared, view: &View, runtime: &tokio::runtime::Runtime) {
    let telemetry = &prepared.settings.telemetry;
    if let Some(url) = &telemetry.otlp {
        let url = traces(url);
        // What is parked is told when it has ended.
        let mut ended = view.clone();
        ended
            .scenarios
            .retain(|scenario| scenario.outcome != Some(Outcome::Parked));
        for request in otlp::requests(&ended, SPANS) {
            if let Err(why) = runtime.block_on(post(&url, request.to_string())) {
                eprintln!(
                    "warning: traces could not be sent to {}: {why}",
                    clean::name(&url)
                );
                break;
            }
        }
    }
    if let Some(url) = &telemetry.notify
        && (telemetry.notify_always || notify::is_bad(view))
    {
        let run_dir = &prepared.library.world().run_dir;
        let message = notify::message(view, &output::options(&prepared.settings, run_dir));
        if let Err(why) = runtime.block_on(post(url, message.to_string())) {
            // The address itself is a secret: whoever has it can write there.
            let why = prepared.library.world().masker.mask(&why).into_owned();
            eprintln!("warning: the outcome could not be posted to notify.url: {why}");
        }
    }
}

/// Where traces go below an endpoint; an endpoint that names them already is taken as it is.
fn traces(endpoint: &str) -> String {
    match endpoint.trim_end_matches('/') {
        whole if whole.ends_with("/v1/traces") => whole.to_owned(),
        base => format!("{base}/v1/traces"),
    }
}

async fn post(url: &str, body: String) -> Result<(), String> {
    let words = |error: HttpError| clean::line(&error.to_string(), clean::NAME);
    let spec = ClientSpec {
        timeouts: Timeouts {
            total: Some(LIMIT),
            ..Timeouts::default()
        },
        ..ClientSpec::default()
    };
    let client = Client::new(Arc::new(spec), Arc::new(Transports::default())).map_err(words)?;
    let request = Request {
        payload: Payload::Json(body),
        ..Request::new("POST", url)
    };
    let sent = client.send(&request, &Recorder::new()).await;
    let response = sent.map_err(|error| words(error.error))?;
    if response.status >= 400 {
        return Err(format!("it answered {}", response.status));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_where_collectors_take_them() {
        assert_eq!(
            traces("http://localhost:4318"),
            "http://localhost:4318/v1/traces"
        );
        assert_eq!(traces("http://a/b/v1/traces/"), "http://a/b/v1/traces");
    }
}
