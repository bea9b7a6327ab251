//! Keeps bytes beside the run: a file of its own name under `artifacts/`, masked, and recorded.

use super::error::LogError;
use crate::host::attempt::Attempt;
use crate::host::json;
use crate::host::mask::Masker;
use crate::host::record::{Level, Record};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// What is beyond is cut off, with a warning.
const LARGEST: u64 = 256 << 20;
/// Masking works line by line; a longer line is masked in pieces.
const LONGEST_LINE: u64 = 1 << 20;
/// Names of directories and files stay well below what file systems take.
const LONGEST_NAME: usize = 80;

/// Keeps `content` as an attachment called `name`. Text in it is masked, whatever its media type.
pub fn keep(
    attempt: &Attempt,
    name: &str,
    media_type: &str,
    content: impl Read,
) -> Result<(), LogError> {
    let unkept = |error| LogError::Unkept {
        name: json::cut(name, LONGEST_NAME),
        error,
    };
    let masker = &attempt.world().masker;
    let run_dir = &attempt.world().run_dir;
    let folder = Path::new("artifacts").join(file_name(&masker.mask(&attempt.identity().scenario)));
    fs::create_dir_all(run_dir.join(&folder)).map_err(unkept)?;
    let (file, path) = create(
        run_dir,
        &folder,
        &file_name(&masker.mask_in("attachments", name)),
    )
    .map_err(unkept)?;
    let mut out = BufWriter::new(file);
    // A value that begins before the cut is known only as a whole.
    let most = LARGEST + 1 + masker.longest() as u64;
    let mut content = BufReader::new(content.take(most));
    let copied = copy(masker, LARGEST, &mut content, &mut out, || {
        attempt.stopped().is_some()
    });
    let bytes = match copied.and_then(|bytes| out.flush().map(|()| bytes)) {
        Ok(bytes) => bytes,
        Err(error) => {
            let _ = fs::remove_file(run_dir.join(&path));
            return Err(unkept(error));
        }
    };
    if bytes.cut {
        attempt.log(
            Level::Warn,
            format!("the attachment `{name}` was cut after {LARGEST} bytes"),
        );
    }
    attempt.record(Record::Attached {
        step: attempt.open_step(),
        name: json::cut(name, 4 * LONGEST_NAME),
        path: path.to_string_lossy().into_owned(),
        media_type: media_type.to_owned(),
        bytes: bytes.written,
    });
    Ok(())
}

/// Keeps bytes that need no masking as a file of the run, which only the data of a step names. Returns its path below the
/// directory of the run.
pub fn store(attempt: &Attempt, name: &str, content: &[u8]) -> Result<String, LogError> {
    let unkept = |error| LogError::Unkept {
        name: json::cut(name, LONGEST_NAME),
        error,
    };
    let run_dir = &attempt.world().run_dir;
    let scenario = attempt.world().masker.mask(&attempt.identity().scenario);
    let folder = Path::new("artifacts").join(file_name(&scenario));
    fs::create_dir_all(run_dir.join(&folder)).map_err(unkept)?;
    let (mut file, path) = create(run_dir, &folder, &file_name(name)).map_err(unkept)?;
    file.write_all(content).map_err(unkept)?;
    Ok(path.to_string_lossy().into_owned())
}

/// A new file of this name, or one with a random part when there is one already. Returns its path below `run_dir`.
fn create(run_dir: &Path, folder: &Path, name: &str) -> io::Result<(File, PathBuf)> {
    let mut path = folder.join(name);
    loop {
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(run_dir.join(&path));
        match created {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let random = uuid::Uuid::new_v4().simple().to_string();
                let (stem, extension) = split(name);
                path = folder.join(format!("{stem}-{}{extension}", &random[..12]));
            }
            Err(error) => return Err(error),
        }
    }
}

/// `name` as a file name that is safe everywhere: no separators, no leading dot, not too long.
fn file_name(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let safe = c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if safe {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    let (stem, extension) = split(out.trim_matches(['.', '-']));
    let room = LONGEST_NAME.saturating_sub(extension.len());
    let stem = &stem[..stem.len().min(room)];
    match stem {
        "" => format!("attachment{extension}"),
        stem => format!("{stem}{extension}"),
    }
}

/// Stem and extension, the latter with its dot and only if it looks like one.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 10 => name.split_at(dot),
        _ => (name, ""),
    }
}

struct Copied {
    written: u64,
    cut: bool,
}

fn copy(
    masker: &Masker,
    largest: u64,
    content: &mut impl BufRead,
    out: &mut impl Write,
    stopped: impl Fn() -> bool,
) -> io::Result<Copied> {
    let mut line = Vec::new();
    let mut held = Vec::new();
    let (mut read, mut written) = (0, 0);
    loop {
        line.clear();
        // What may be the beginning of a value is masked together with what follows.
        line.append(&mut held);
        content.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(Copied {
                written,
                cut: false,
            });
        }
        if stopped() {
            return Err(io::Error::new(
                io::ErrorKind::Interrupted,
                "the phase was stopped",
            ));
        }
        let is_piece = line.len() as u64 >= LONGEST_LINE && !line.ends_with(b"\n");
        if is_piece {
            line = masker.mask_bytes("attachments", &line).into_owned();
            held = line.split_off(border(&line, masker.longest()));
        }
        read += line.len() as u64;
        let masked = masker.mask_bytes("attachments", &line);
        if read > largest {
            let kept = line.len() - (read - largest) as usize;
            let kept = &masked[..masked.len().min(kept)];
            out.write_all(kept)?;
            written += kept.len() as u64;
            return Ok(Copied { written, cut: true });
        }
        out.write_all(&masked)?;
        written += masked.len() as u64;
    }
}

/// Where a piece may end: before anything that its last bytes may begin, and not within a character.
fn border(piece: &[u8], longest: usize) -> usize {
    let mut border = piece.len().saturating_sub(longest.max(4));
    while border > 0 && piece[border] & 0b1100_0000 == 0b1000_0000 {
        border -= 1;
    }
    border
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_safe_file_names() {
        assert_eq!(file_name("page after login.html"), "page-after-login.html");
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
        assert_eq!(
            file_name("a.rhai::Chät with support"),
            "a.rhai-Ch-t-with-support"
        );
        assert_eq!(file_name(".."), "attachment");
        assert_eq!(file_name("日本.png"), "png");
        assert!(file_name(&"x".repeat(500)).len() <= LONGEST_NAME);
        assert!(file_name(&format!("{}.json", "x".repeat(500))).ends_with("x.json"));
    }

    #[test]
    fn a_stop_ends_the_copy() {
        let mut out = Vec::new();
        let error = copy(
            &Masker::default(),
            LARGEST,
            &mut &b"a\nb\n"[..],
            &mut out,
            || true,
        );
        assert_eq!(
            error.err().map(|e| e.kind()),
            Some(io::ErrorKind::Interrupted)
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_masked_and_else_stay_as_they_are() {
        let masker = Masker::default();
        masker.add("T", "token-1");
        let mut out = Vec::new();
        copy(
            &masker,
            LARGEST,
            &mut &b"\xff\xfe token-1\ntoken-1\n"[..],
            &mut out,
            || false,
        )
        .unwrap();
        assert_eq!(out, b"\xff\xfe [masked:T]\n[masked:T]\n");
    }

    #[test]
    fn a_value_across_the_border_of_two_pieces_is_masked() {
        let masker = Masker::default();
        masker.add("T", "token-across-the-border");
        for before in 0..24 {
            let mut text = vec![b'x'; LONGEST_LINE as usize - before];
            text.extend(b"token-across-the-border");
            text.extend(vec!["é"; 100].concat().into_bytes());
            let mut out = Vec::new();
            copy(&masker, LARGEST, &mut text.as_slice(), &mut out, || false).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains("x[masked:T]é"), "{before}");
            assert!(!out.contains("border"), "{before}");
        }
    }

    #[test]
    fn a_value_at_the_end_of_what_is_kept_is_masked() {
        let masker = Masker::default();
        masker.add("T", "token-at-the-end");
        let mut out = Vec::new();
        let text = b"abc\nxx token-at-the-end and more";
        let copied = copy(&masker, 12, &mut &text[..], &mut out, || false).unwrap();
        assert!(copied.cut);
        assert_eq!(String::from_utf8(out).unwrap(), "abc\nxx [mask");
    }
}
