//! The names scripts use.

use super::body;
use super::error::FileError;
use crate::host::attempt::Attempt;
use crate::host::json;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map, NativeCallContext};

#[export_module]
pub mod files {
    /// The scenario's own directory, made on first need and readable by nobody else. It stays until the run is removed, so
    /// later phases find what earlier ones wrote. An absolute path.
    ///
    /// ```rhai
    /// write_file("notes.txt", "hello");
    /// assert file_exists(work_dir() + "/notes.txt");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn work_dir(ctx: NativeCallContext) -> Result<String, Raise> {
        let attempt = script::attempt(&ctx)?;
        let dir = body::work_dir(&attempt).map_err(|error| refuse(&ctx, &attempt, error))?;
        Ok(dir.to_string_lossy().into_owned())
    }

    /// A fresh, empty directory below the scenario's own, removed when the phase ends. An absolute path.
    ///
    /// ```rhai
    /// let dir = temp_dir();
    /// write_file(dir + "/input.csv", "a,b\n1,2\n");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn temp_dir(ctx: NativeCallContext) -> Result<String, Raise> {
        make_temp(&ctx, Map::new())
    }

    /// Like `temp_dir()` with options: `prefix` of its name (default `"tmp"`), and `keep: true` to leave it there when
    /// the phase ends.
    ///
    /// ```rhai
    /// let dir = temp_dir(#{ prefix: "export" });
    /// assert dir.contains("/export-");
    /// ```
    #[rhai_fn(name = "temp_dir", return_raw)]
    pub fn temp_dir_with(ctx: NativeCallContext, options: Map) -> Result<String, Raise> {
        make_temp(&ctx, options)
    }

    /// Writes a file in the scenario's own directory, replacing what was there: text, bytes, or a map or list (as JSON).
    /// Directories on the way are made. The path is relative, or one that `work_dir` or `temp_dir` gave; it cannot lead
    /// elsewhere. Gives back the absolute path.
    ///
    /// ```rhai
    /// let path = write_file("config/app.json", #{ port: 8080 });
    /// assert path.ends_with("/config/app.json");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn write_file(
        ctx: NativeCallContext,
        path: &str,
        content: Dynamic,
    ) -> Result<String, Raise> {
        let attempt = script::attempt(&ctx)?;
        let title = format!("write {path}");
        attempt.step("file", &title, script::call_site(&ctx), |step| {
            let bytes = bytes(path, &content).map_err(|error| refuse(&ctx, &attempt, error))?;
            step.data = serde_json::json!({ "path": path, "bytes": bytes.len() });
            let path = body::write(&attempt, path, &bytes)
                .map_err(|error| refuse(&ctx, &attempt, error))?;
            Ok(path.to_string_lossy().into_owned())
        })
    }

    /// The text of a file in the scenario's own directory, else beside the script; up to 64 MiB of UTF-8. A file that is
    /// not there is a usage error. For fixture files at the top level of a script there is `load_text`.
    ///
    /// ```rhai
    /// write_file("notes.txt", "hello");
    /// assert read_file("notes.txt") == "hello";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read_file(ctx: NativeCallContext, path: &str) -> Result<ImmutableString, Raise> {
        let attempt = script::attempt(&ctx)?;
        body::read_text(&attempt, path)
            .map(Into::into)
            .map_err(|error| refuse(&ctx, &attempt, error))
    }

    /// Like `read_file`, for bytes.
    ///
    /// ```rhai
    /// write_file("data.bin", "abc".to_blob());
    /// assert read_bytes("data.bin").len == 3;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn read_bytes(ctx: NativeCallContext, path: &str) -> Result<Blob, Raise> {
        let attempt = script::attempt(&ctx)?;
        body::read(&attempt, path).map_err(|error| refuse(&ctx, &attempt, error))
    }

    /// Whether there is a file or directory in the scenario's own directory or beside the script.
    ///
    /// ```rhai
    /// assert !file_exists("no/such/file");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn file_exists(ctx: NativeCallContext, path: &str) -> Result<bool, Raise> {
        let attempt = script::attempt(&ctx)?;
        match body::locate(&attempt, path) {
            Ok(found) => Ok(found.is_some()),
            Err(error) => Err(refuse(&ctx, &attempt, error)),
        }
    }

    /// The files in the scenario's own directory that match `pattern` (`*` within a name, `**` across directories),
    /// relative to it and sorted.
    ///
    /// ```rhai
    /// write_file("out/b.txt", "2");
    /// write_file("out/a.txt", "1");
    /// assert list_files("out/*.txt") == ["out/a.txt", "out/b.txt"];
    /// ```
    #[rhai_fn(return_raw)]
    pub fn list_files(ctx: NativeCallContext, pattern: &str) -> Result<Array, Raise> {
        let attempt = script::attempt(&ctx)?;
        let files = body::list(&attempt, pattern).map_err(|error| refuse(&ctx, &attempt, error))?;
        Ok(files.into_iter().map(Dynamic::from).collect())
    }
}

fn refuse(ctx: &NativeCallContext, attempt: &Attempt, error: FileError) -> Raise {
    script::fail(ctx, attempt, error.into())
}

fn make_temp(ctx: &NativeCallContext, options: Map) -> Result<String, Raise> {
    let attempt = script::attempt(ctx)?;
    let make = || {
        let mut options = Options::new("temp_dir", options);
        let prefix = options.text("prefix")?.unwrap_or_else(|| "tmp".into());
        let keep = options.flag("keep")?.unwrap_or(false);
        options.finish()?;
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if prefix.is_empty() || prefix.len() > 100 || !prefix.chars().all(plain) {
            let got = format!("\"{}\"", json::cut(&prefix, 100));
            return Err(FileError::Prefix { got }.into());
        }
        Ok(body::temp_dir(&attempt, &prefix, keep)?)
    };
    let dir = make().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    Ok(dir.to_string_lossy().into_owned())
}

fn bytes(path: &str, content: &Dynamic) -> Result<Vec<u8>, FileError> {
    let content = content.flatten_clone();
    if let Some(text) = content.read_lock::<ImmutableString>() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(bytes) = content.read_lock::<Blob>() {
        return Ok(bytes.clone());
    }
    if content.is_map() || content.is_array() {
        let value = json::to_json(&content, path)?;
        return Ok(format!("{value:#}\n").into_bytes());
    }
    Err(FileError::Content {
        what: json::type_in_words(&content),
    })
}
