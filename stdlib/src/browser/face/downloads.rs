//! Downloads: waiting for one, and what a script has of it.

use super::page::Page;
use super::waits::{around, only_timeout};
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Blob, FnPtr, Map, NativeCallContext};

/// A finished download.
#[derive(Clone, Debug)]
pub struct Downloaded {
    name: String,
    url: String,
    path: std::path::PathBuf,
}

#[export_module]
pub mod downloads {
    /// Runs a block that starts a download, and gives it back once it is complete: `.name`, `.url`, `.path`, `.text()`,
    /// `.bytes()`, `.attach()`.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/files");
    /// let report = page.wait_for_download(|page| page.get_by_text("report.csv").click());
    /// assert report.name == "report.csv";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_download(
        ctx: NativeCallContext,
        page: &mut Page,
        block: FnPtr,
    ) -> Result<Downloaded, Raise> {
        wait_for_download_with(ctx, page, Map::new(), block)
    }

    /// Like `wait_for_download(block)` with the option `timeout` (30s): how long until the download is complete.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/files");
    /// let backup = page.wait_for_download(#{ timeout: "5m" }, |page| page.get_by_text("backup.zip").click());
    /// ```
    #[rhai_fn(name = "wait_for_download", return_raw, pure)]
    pub fn wait_for_download_with(
        ctx: NativeCallContext,
        page: &mut Page,
        options: Map,
        block: FnPtr,
    ) -> Result<Downloaded, Raise> {
        let limit = only_timeout(&ctx, "page.wait_for_download", options)?;
        let before = page.now().download_count();
        let tab = page.0.clone();
        let wait = async |limit| {
            let (download, path) = tab.download_after(before, limit).await?;
            Ok(Downloaded {
                name: download.name,
                url: download.url,
                path,
            })
        };
        around(&ctx, page, "wait for a download", limit, &block, wait)
    }

    /// The name the server gave a download.
    #[rhai_fn(get = "name", pure)]
    pub fn download_name(download: &mut Downloaded) -> String {
        download.name.clone()
    }

    /// Where a download came from.
    #[rhai_fn(get = "url", pure)]
    pub fn download_url(download: &mut Downloaded) -> String {
        download.url.clone()
    }

    /// Where a download is, until the phase ends.
    #[rhai_fn(get = "path", pure)]
    pub fn download_path(download: &mut Downloaded) -> String {
        download.path.display().to_string()
    }

    /// The content of a download as text.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// let file = page.wait_for_download(|page| page.get_by_text("report.csv").click());
    /// assert file.text().contains("total");
    /// ```
    #[rhai_fn(name = "text", return_raw, pure)]
    pub fn download_text(
        ctx: NativeCallContext,
        download: &mut Downloaded,
    ) -> Result<String, Raise> {
        let bytes = content(&ctx, download)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The content of a download.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// let file = page.wait_for_download(|page| page.get_by_text("report.csv").click());
    /// assert file.bytes().len() > 0;
    /// ```
    #[rhai_fn(name = "bytes", return_raw, pure)]
    pub fn download_bytes(
        ctx: NativeCallContext,
        download: &mut Downloaded,
    ) -> Result<Blob, Raise> {
        content(&ctx, download)
    }

    /// Keeps a download with the run, under its name.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// let file = page.wait_for_download(|page| page.get_by_text("report.csv").click());
    /// file.attach();
    /// ```
    #[rhai_fn(name = "attach", return_raw, pure)]
    pub fn download_attach(ctx: NativeCallContext, download: &mut Downloaded) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "download.attach")?;
        let bytes = content(&ctx, download)?;
        let media = mime_guess::from_path(&download.name).first_or_octet_stream();
        crate::log::artifact::keep(&attempt, &download.name, media.as_ref(), bytes.as_slice())
            .map_err(|error| script::fail(&ctx, &attempt, error.into()))
    }
}

fn content(ctx: &NativeCallContext, download: &Downloaded) -> Result<Vec<u8>, Raise> {
    let attempt: Attempt = script::attempt_for(ctx, "download")?;
    std::fs::read(&download.path).map_err(|error| {
        let text = format!("the download `{}` cannot be read: {error}", download.name);
        let failure = Failure::fault(text).hint("downloads are removed when their phase ends");
        script::fail(ctx, &attempt, failure)
    })
}
