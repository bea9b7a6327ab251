//! For GitHub Actions: annotations in the lines of a pull request, and a summary of the step in Markdown. Written at
//! the end, because only so many annotations are shown and the worst come first.

mod annotation;
mod markdown;

use super::error::cannot_write;
use super::output::Output;
use super::{Options, Reporter};
use crate::model::{Event, View};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The reporter.
pub struct Github {
    output: Output,
    /// Prefix that makes a path of the project one of the repository.
    prefix: PathBuf,
    summary: Option<PathBuf>,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    let workspace = options.github.workspace.as_deref();
    let prefix = workspace.and_then(|root| options.project.strip_prefix(root).ok());
    let summary = options.github.step_summary.clone();
    if let Some(path) = &summary {
        append(path, "")?;
    }
    Ok(Box::new(Github {
        output: output.clone(),
        prefix: prefix.unwrap_or(Path::new("")).to_owned(),
        summary,
    }))
}

impl Reporter for Github {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let lines = annotation::annotations(view, &self.prefix);
        self.output.write(lines.as_bytes())?;
        match &self.summary {
            Some(path) => append(path, &markdown::summary(view)),
            None => Ok(()),
        }
    }
}

/// The summary alone, for wherever Markdown is read.
struct Markdown(Output);

/// The row's constructor.
pub fn make_markdown(_: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Markdown(output.clone())))
}

impl Reporter for Markdown {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        self.0.write(markdown::summary(view).as_bytes())
    }
}

/// Other steps of the job write there too.
fn append(path: &Path, text: &str) -> io::Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| io::Error::new(error.kind(), cannot_write(path, &error)))
}

#[cfg(test)]
mod tests;
