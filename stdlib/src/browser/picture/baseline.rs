//! The picture of before: a PNG beside the script, kept under version control.

use super::compare::{Difference, Tolerance, compare};
use crate::host::failure::Failure;
use image::{ImageFormat, RgbaImage};
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// The folder beside a script where its pictures are.
const FOLDER: &str = "screenshots";

/// Where the picture called `name` of a script is: `screenshots/<script>/<name>.png` beside it.
pub fn file_of(script_dir: &Path, script: &str, name: &str) -> Result<PathBuf, Failure> {
    let name = name.strip_suffix(".png").unwrap_or(name);
    let is_plain = !name.is_empty() && !name.contains(['/', '\\', '\0']) && !name.starts_with('.');
    if !is_plain {
        return Err(
            Failure::usage(format!("{name:?} is no name for a screenshot"))
                .hint("a name such as \"cart\"; it becomes a file beside the script"),
        );
    }
    let stem = Path::new(script).file_stem().unwrap_or_default();
    Ok(script_dir
        .join(FOLDER)
        .join(stem)
        .join(format!("{name}.png")))
}

/// What became of a comparison.
#[derive(Debug)]
pub enum Baseline {
    /// As before.
    Same,
    /// Written, because that was asked for.
    Written,
    /// There is none yet.
    Absent,
    Differs(Difference),
}

impl Baseline {
    /// Compares `png` with the file; with `update`, writes it where it differs.
    pub fn hold(
        file: &Path,
        png: &[u8],
        tolerance: &Tolerance,
        update: bool,
    ) -> Result<Self, Failure> {
        let received = decode(png, "the screenshot")?;
        let verdict = match std::fs::read(file) {
            Ok(before) => match compare(
                &decode(&before, &file.display().to_string())?,
                &received,
                tolerance,
            ) {
                Ok(()) => return Ok(Self::Same),
                Err(difference) => Self::Differs(difference),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::Absent,
            Err(error) => {
                return Err(Failure::fault(format!(
                    "{} cannot be read: {error}",
                    file.display()
                )));
            }
        };
        if !update {
            return Ok(verdict);
        }
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(file, png))
            .map_err(|error| {
                Failure::fault(format!("{} cannot be written: {error}", file.display()))
            })?;
        Ok(Self::Written)
    }
}

/// A picture from PNG.
pub fn decode(png: &[u8], what: &str) -> Result<RgbaImage, Failure> {
    image::load_from_memory_with_format(png, ImageFormat::Png)
        .map(|picture| picture.to_rgba8())
        .map_err(|error| Failure::usage(format!("{what} is no PNG: {error}")))
}

impl Difference {
    /// The picture of what differs, as PNG.
    pub fn png(&self) -> Option<Vec<u8>> {
        let Self::Pixels { picture, .. } = self else {
            return None;
        };
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).ok()?;
        Some(out.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    fn png(colour: [u8; 4]) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        RgbaImage::from_pixel(4, 4, Rgba(colour))
            .write_to(&mut out, ImageFormat::Png)
            .unwrap();
        out.into_inner()
    }

    #[test]
    fn a_picture_is_written_only_when_that_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let file = file_of(dir.path(), "shop/cart.rhai", "empty").unwrap();
        assert!(file.ends_with("screenshots/cart/empty.png"));
        let hold =
            |png: &[u8], update| Baseline::hold(&file, png, &Tolerance::default(), update).unwrap();
        let (black, white) = (png([0, 0, 0, 255]), png([255; 4]));
        assert!(matches!(hold(&black, false), Baseline::Absent));
        assert!(!file.exists());
        assert!(matches!(hold(&black, true), Baseline::Written));
        assert!(matches!(hold(&black, false), Baseline::Same));
        let Baseline::Differs(difference) = hold(&white, false) else {
            panic!("white is not black");
        };
        assert!(difference.png().unwrap().starts_with(b"\x89PNG"));
        assert!(matches!(hold(&white, true), Baseline::Written));
        assert!(matches!(hold(&white, false), Baseline::Same));
    }

    #[test]
    fn a_name_cannot_lead_elsewhere() {
        for name in ["", "../x", "a/b", ".hidden", "a\\b"] {
            assert!(file_of(Path::new("."), "s.rhai", name).is_err(), "{name}");
        }
    }
}
