//! Attachments: small ones become parts of the page, large ones are copied beside it.

use super::pack::{self, Chunk};
use super::shape::File;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A picture of a page is smaller as a rule.
const LARGEST: u64 = 2 << 20;

/// All of them together: a page that browsers open at once.
const ROOM: u64 = 48 << 20;

/// Where attachments come from and go to.
pub struct Files {
    run_dir: PathBuf,
    /// `None` where there is no beside, as on standard output.
    folder: Option<PathBuf>,
    chunks: Vec<Chunk>,
    known: HashMap<String, File>,
    names: HashSet<String>,
    used: u64,
}

impl Files {
    pub fn new(run_dir: PathBuf, folder: Option<PathBuf>) -> Self {
        Self {
            run_dir,
            folder,
            chunks: Vec::new(),
            known: HashMap::new(),
            names: HashSet::new(),
            used: 0,
        }
    }

    /// The parts of the page they became.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The bytes of a file of the run; none if it is no longer there.
    pub fn whole(&self, path: &str) -> Vec<u8> {
        self.find(path)
            .and_then(|path| fs::read(path).ok())
            .unwrap_or_default()
    }

    /// Takes a file of the run along; `None` if it is no longer there.
    pub fn keep(&mut self, path: &str, media_type: &str) -> io::Result<Option<File>> {
        if let Some(known) = self.known.get(path) {
            return Ok(Some(known.clone()));
        }
        let Some(from) = self.find(path) else {
            return Ok(None);
        };
        let Ok(meta) = fs::metadata(&from) else {
            return Ok(None);
        };
        let shown = shown_as(media_type);
        let fits = meta.len() <= LARGEST && self.used + meta.len() <= ROOM;
        let mut file = File {
            shown,
            ..File::default()
        };
        if fits {
            let Ok(bytes) = fs::read(&from) else {
                return Ok(None);
            };
            self.used += meta.len();
            file.chunk = Some(self.chunks.len());
            let is_packed = media_type.starts_with("image/") && !media_type.contains("svg");
            self.chunks.push(if is_packed {
                pack::plain(&bytes)
            } else {
                pack::packed(&bytes)
            });
        } else if let Some(folder) = self.folder.clone() {
            fs::create_dir_all(&folder)?;
            let name = self.name(path);
            fs::copy(&from, folder.join(&name))?;
            let beside = folder.file_name().unwrap_or_default().to_string_lossy();
            file.href = Some(format!("{}/{name}", percent(&beside)));
        } else {
            return Ok(None);
        }
        self.known.insert(path.to_owned(), file.clone());
        Ok(Some(file))
    }

    /// A file below the run's directory: a stream from elsewhere may name anything.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let inside = Path::new(path);
        let stays = inside
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let whole = self.run_dir.join(inside);
        (stays && whole.is_file()).then_some(whole)
    }

    /// A name of its own, of letters that mean nothing anywhere.
    fn name(&mut self, path: &str) -> String {
        let plain = |c: char| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '-',
        };
        let last = path.rsplit('/').next().unwrap_or(path);
        let base: String = last.chars().map(plain).collect();
        let mut name = base.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{number}-{base}");
            number += 1;
        }
        name
    }
}

/// What a browser may take it for: nothing that runs.
pub fn shown_as(media_type: &str) -> &'static str {
    match media_type {
        "image/png" => "image/png",
        "image/jpeg" => "image/jpeg",
        "image/gif" => "image/gif",
        "image/webp" => "image/webp",
        "application/pdf" => "application/octet-stream",
        other if other.starts_with("text/") || other.contains("json") || other.contains("xml") => {
            "text/plain;charset=utf-8"
        }
        _ => "application/octet-stream",
    }
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
