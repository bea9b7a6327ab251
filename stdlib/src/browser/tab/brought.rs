//! What a page brings about when something is done in it: pop-ups, downloads, dialogs, questions for files.

use super::super::error::TabError;
use super::super::host::lock;
use super::super::trace::{Mark, Request};
use super::dialogs::Dialog;
use super::downloads::{Download, DownloadEnd};
use super::navigate::Until;
use super::wait::Look;
use super::{ElementRef, Frame, Tab};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Tab {
    pub fn popup_count(&self) -> usize {
        lock(&self.state).popups.len()
    }

    /// The pop-up that came behind the first `count`, once it has loaded.
    pub async fn popup_after(&self, count: usize, limit: Duration) -> Result<Arc<Tab>, TabError> {
        let end = Instant::now() + limit;
        let opened = self.until("no pop-up opened", limit, |state| {
            match state.popups.get(count) {
                Some(popup) => Look::Yes(popup.clone()),
                None => Look::NotYet,
            }
        });
        let popup = opened.await?;
        popup.prepare().await?;
        // The first document of a pop-up is empty and is there at once; the one that was meant is on its way.
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        popup
            .until("the pop-up did not load", left(end), |state| {
                match state.moves > 0 || state.pending.is_none() && state.url == "about:blank" {
                    true => Look::Yes(()),
                    false => Look::NotYet,
                }
            })
            .await?;
        popup.wait_for_load_state(Until::Load, left(end)).await?;
        Ok(popup)
    }

    pub fn download_count(&self) -> usize {
        lock(&self.state).downloads.0.len()
    }

    /// The download that began behind the first `count`, once it is complete.
    pub async fn download_after(
        &self,
        count: usize,
        limit: Duration,
    ) -> Result<(Download, PathBuf), TabError> {
        let look = |state: &super::state::State| match state.downloads.0.get(count) {
            Some(download) if download.end.is_some() => Look::Yes(download.clone()),
            _ => Look::NotYet,
        };
        let what = "no download began";
        let download = self.until(what, limit, look).await.map_err(|error| {
            let begun = lock(&self.state)
                .downloads
                .0
                .get(count)
                .map(|it| it.name.clone());
            match (error, begun) {
                (TabError::Late { limit, .. }, Some(name)) => TabError::Late {
                    what: format!("the download `{name}` was not complete"),
                    limit,
                },
                (other, _) => other,
            }
        })?;
        match download.end.clone() {
            Some(DownloadEnd::Complete(path)) => Ok((download, path)),
            _ => Err(TabError::Unloadable {
                url: download.url,
                reason: "the download was broken off".into(),
            }),
        }
    }

    /// The dialog that came behind the first `count`.
    pub async fn dialog_behind(&self, count: usize, limit: Duration) -> Result<Dialog, TabError> {
        self.until("no dialog opened", limit, |state| {
            match state.dialogs.after(count) {
                Some(dialog) => Look::Yes(dialog),
                None => Look::NotYet,
            }
        })
        .await
    }

    /// The first request since `mark` that is meant and has its answer, or none for good.
    pub async fn response_since(
        &self,
        mark: Mark,
        what: &str,
        limit: Duration,
        is_meant: impl Fn(&Request) -> bool,
    ) -> Result<Request, TabError> {
        self.until(what, limit, |_| {
            let requests = self.trace.requests_since(mark);
            let is_over = |request: &Request| request.status.is_some() || request.error.is_some();
            let found = requests
                .into_iter()
                .find(|request| is_meant(request) && is_over(request));
            found.map_or(Look::NotYet, Look::Yes)
        })
        .await
    }

    pub fn chooser_count(&self) -> usize {
        lock(&self.state).choosers.len()
    }

    /// The element that asked for files behind the first `count`, with the frame it is in.
    pub async fn chooser_after(
        &self,
        count: usize,
        limit: Duration,
    ) -> Result<(Frame, ElementRef), TabError> {
        let what = "the page did not ask for files";
        let found = self.until(what, limit, |state| match state.choosers.get(count) {
            Some(found) => Look::Yes(found.clone()),
            None => Look::NotYet,
        });
        let (id, element) = found.await?;
        Ok((Frame { id }, ElementRef(element)))
    }
}
