//! One hop: a request out, a response with its body back, written down on the way.

use std::path::Path;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue};
use reqwest::{Method, Url, Version};

use super::classify::{Scene, classify};
use super::error::{HttpError, TimeLimit};
use super::exchange::{Cause, RequestRecord, ResponseRecord};
use super::payload::{Opened, ReadyPayload};
use super::pool::Pool;
use super::probe::Probe;
use super::receive::{Limits, Received, receive};
use super::recorder::Recorder;
use super::spec::{ClientSpec, ProxySpec, Timeouts};

/// Everything a hop needs.
pub(crate) struct HopPlan<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) spec: &'a ClientSpec,
    pub(crate) cause: Cause,
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) cookies: Option<HeaderValue>,
    pub(crate) payload: &'a ReadyPayload,
    pub(crate) timeouts: &'a Timeouts,
    pub(crate) max: u64,
    pub(crate) save_to: Option<&'a Path>,
}

/// What a hop brought back.
pub(crate) struct Landed {
    pub(crate) status: u16,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) url: Url,
    pub(crate) remote: Option<std::net::SocketAddr>,
    pub(crate) received: Received,
}

/// Makes the hop. The record holds it from the moment it is sent, however it ends.
pub(crate) async fn hop(plan: HopPlan<'_>, recorder: &Recorder) -> Result<Landed, HttpError> {
    let (opened, body) = plan.payload.open().await?;
    let request = assemble(&plan, opened)?;
    let probe = Probe::new(plan.timeouts.connect);
    let record = RequestRecord {
        method: plan.method.clone(),
        url: plan.url.clone(),
        headers: request.headers().clone(),
        body,
    };
    recorder.begins(plan.cause, record, probe.clone());
    let scene = Scene {
        url: plan.url,
        probe: &probe,
        proxy: match &plan.spec.proxy {
            ProxySpec::Url { url, .. } => Some(url),
            ProxySpec::System | ProxySpec::None => None,
        },
        unix_socket: plan.spec.unix_socket.as_deref(),
        has_client_certificate: plan.spec.tls.cert.is_some(),
        connect_limit: plan.timeouts.connect,
    };
    let reply = {
        let sending = pin!(plan.pool.execute(request, &probe));
        within(sending, plan.timeouts.first_byte, &probe).await?
    };
    let reply = reply.map_err(|error| classify(&error, &scene))?;
    probe.head_arrives(reply.content_length());

    let head = ResponseRecord {
        status: reply.status().as_u16(),
        version: reply.version(),
        headers: reply.headers().clone(),
        remote: reply.remote(),
        raw_size: 0,
        size: 0,
        start: Default::default(),
        saved_to: None,
    };
    // Written down before the body: a body that never ends still had a head.
    recorder.responds(head.clone());
    let limits = Limits {
        max: plan.max,
        idle: plan.timeouts.idle,
        save_to: plan.save_to,
    };
    let received = receive(reply, &limits, &scene).await?;
    probe.ends();
    recorder.receives(&received);
    Ok(Landed {
        status: head.status,
        version: head.version,
        headers: head.headers,
        url: plan.url.clone(),
        remote: head.remote,
        received,
    })
}

fn assemble(plan: &HopPlan<'_>, opened: Opened) -> Result<reqwest::Request, HttpError> {
    let mut request = reqwest::Request::new(plan.method.clone(), plan.url.clone());
    let mut headers = plan.headers.clone();
    if let Some(cookies) = &plan.cookies {
        headers.entry(COOKIE).or_insert_with(|| cookies.clone());
    }
    *request.headers_mut() = headers;
    match opened {
        Opened::Empty => {}
        Opened::Bytes(bytes) => *request.body_mut() = Some(bytes.into()),
        Opened::File(file, size) => {
            request
                .headers_mut()
                .insert(CONTENT_LENGTH, HeaderValue::from(size));
            *request.body_mut() = Some(file.into());
        }
        Opened::Form(form) => {
            let Pool::Reqwest(client) = plan.pool else {
                return Err(HttpError::NoClient(
                    "forms are written by reqwest".to_owned(),
                ));
            };
            // Only the form knows its boundary, so nobody else may state the type.
            request.headers_mut().remove(CONTENT_TYPE);
            request = reqwest::RequestBuilder::from_parts(client.clone(), request)
                .multipart(form)
                .build()
                .map_err(|error| HttpError::BadOption {
                    option: "multipart",
                    reason: error.to_string(),
                })?;
        }
    }
    Ok(request)
}

/// Waits for the head of the response, at most `limit` after the connection was there.
async fn within<F: Future>(
    mut sending: Pin<&mut F>,
    limit: Option<Duration>,
    probe: &Probe,
) -> Result<F::Output, HttpError> {
    let Some(limit) = limit else {
        return Ok(sending.await);
    };
    loop {
        let from = probe.connected_at().unwrap_or_else(Instant::now);
        if let Ok(outcome) = tokio::time::timeout_at((from + limit).into(), sending.as_mut()).await
        {
            return Ok(outcome);
        }
        // The connection may have come about while we waited; then the time runs from there.
        let is_over = probe
            .connected_at()
            .is_some_and(|at| at + limit <= Instant::now());
        if is_over {
            return Err(HttpError::Timeout {
                limit: TimeLimit::FirstByte,
                phase: probe.phase(),
                elapsed: limit,
                received: 0,
                announced: None,
            });
        }
    }
}
