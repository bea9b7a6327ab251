//! How much do two pictures differ, as an eye sees it? Pure.
//!
//! Colours are compared by brightness and hue as in "Measuring perceived color difference using YIQ NTSC transmission color
//! space" (Kotsarenko and Ramos, 2010), on white where they are transparent.

use image::{Rgba, RgbaImage};

/// The largest difference the formula gives: black and white.
const MOST: f64 = 35_215.0;

/// What is not yet another picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// From 0 to 1: how far a pixel's colour may be off.
    pub threshold: f64,
    /// How many pixels may be off further.
    pub pixels: Option<u64>,
    /// Which part of all pixels may be, from 0 to 1.
    pub ratio: Option<f64>,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            threshold: 0.2,
            pixels: None,
            ratio: None,
        }
    }
}

/// Why two pictures are not the same.
#[derive(Debug, PartialEq)]
pub enum Difference {
    Size {
        expected: (u32, u32),
        received: (u32, u32),
    },
    Pixels {
        off: u64,
        all: u64,
        allowed: u64,
        /// The expected picture in grey, what differs in red.
        picture: RgbaImage,
    },
}

impl Difference {
    /// In a few words.
    pub fn show(&self) -> String {
        match self {
            Self::Size { expected, received } => format!(
                "the picture is {}×{}, and was {}×{}",
                received.0, received.1, expected.0, expected.1
            ),
            Self::Pixels {
                off, all, allowed, ..
            } => {
                let percent = *off as f64 * 100.0 / (*all).max(1) as f64;
                format!("{off} of {all} pixels ({percent:.2} %) differ, and {allowed} may")
            }
        }
    }
}

/// Compares a picture with that of before.
pub fn compare(
    expected: &RgbaImage,
    received: &RgbaImage,
    tolerance: &Tolerance,
) -> Result<(), Difference> {
    if expected.dimensions() != received.dimensions() {
        return Err(Difference::Size {
            expected: expected.dimensions(),
            received: received.dimensions(),
        });
    }
    let limit = MOST * tolerance.threshold * tolerance.threshold;
    let pairs = expected.pixels().zip(received.pixels());
    let off = pairs
        .filter(|(one, other)| distance(one, other) > limit)
        .count() as u64;
    let all = u64::from(expected.width()) * u64::from(expected.height());
    let by_ratio = tolerance.ratio.map(|ratio| (all as f64 * ratio) as u64);
    let allowed = match (tolerance.pixels, by_ratio) {
        (Some(pixels), Some(ratio)) => pixels.min(ratio),
        (pixels, ratio) => pixels.or(ratio).unwrap_or(0),
    };
    if off <= allowed {
        return Ok(());
    }
    let picture = RgbaImage::from_fn(expected.width(), expected.height(), |x, y| {
        let (one, other) = (expected.get_pixel(x, y), received.get_pixel(x, y));
        match distance(one, other) > limit {
            true => Rgba([255, 0, 0, 255]),
            false => faded(one),
        }
    });
    Err(Difference::Pixels {
        off,
        all,
        allowed,
        picture,
    })
}

fn faded(pixel: &Rgba<u8>) -> Rgba<u8> {
    let [red, green, blue] = on_white(pixel);
    let (y, _, _) = yiq([red, green, blue]);
    let grey = (255.0 + (y - 255.0) * 0.15) as u8;
    Rgba([grey, grey, grey, 255])
}

fn on_white(pixel: &Rgba<u8>) -> [f64; 3] {
    let [red, green, blue, alpha] = pixel.0.map(f64::from);
    [red, green, blue].map(|channel| 255.0 + (channel - 255.0) * alpha / 255.0)
}

fn yiq([red, green, blue]: [f64; 3]) -> (f64, f64, f64) {
    (
        red * 0.298_895_31 + green * 0.586_622_47 + blue * 0.114_482_23,
        red * 0.595_977_99 - green * 0.274_171_6 - blue * 0.321_801_89,
        red * 0.211_470_17 - green * 0.522_617_11 + blue * 0.311_146_94,
    )
}

fn distance(one: &Rgba<u8>, other: &Rgba<u8>) -> f64 {
    if one == other {
        return 0.0;
    }
    let (y1, i1, q1) = yiq(on_white(one));
    let (y2, i2, q2) = yiq(on_white(other));
    let (y, i, q) = (y1 - y2, i1 - i2, q1 - q2);
    0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(colour: [u8; 4]) -> RgbaImage {
        RgbaImage::from_pixel(10, 10, Rgba(colour))
    }

    #[test]
    fn what_no_eye_sees_is_no_difference() {
        let one = plain([200, 200, 200, 255]);
        let other = plain([204, 201, 198, 255]);
        assert_eq!(compare(&one, &other, &Tolerance::default()), Ok(()));
        let strict = Tolerance {
            threshold: 0.0,
            ..Tolerance::default()
        };
        assert!(compare(&one, &other, &strict).is_err());
    }

    #[test]
    fn black_and_white_differ_as_much_as_colours_can() {
        let (black, white) = (Rgba([0, 0, 0, 255]), Rgba([255, 255, 255, 255]));
        assert!((distance(&black, &white) / MOST - 0.933).abs() < 0.01);
        assert_eq!(
            distance(&Rgba([9, 9, 9, 0]), &white),
            0.0,
            "what is transparent is as white as its ground"
        );
    }

    #[test]
    fn single_pixels_may_be_allowed_and_are_painted_red() {
        let one = plain([255, 255, 255, 255]);
        let mut other = one.clone();
        other.put_pixel(3, 4, Rgba([0, 0, 0, 255]));
        let difference = compare(&one, &other, &Tolerance::default()).unwrap_err();
        assert_eq!(
            difference.show(),
            "1 of 100 pixels (1.00 %) differ, and 0 may"
        );
        let Difference::Pixels { picture, .. } = difference else {
            panic!("pixels differ");
        };
        assert_eq!(picture.get_pixel(3, 4), &Rgba([255, 0, 0, 255]));
        assert_eq!(picture.get_pixel(0, 0), &Rgba([255, 255, 255, 255]));
        let lenient = Tolerance {
            ratio: Some(0.01),
            ..Tolerance::default()
        };
        assert_eq!(compare(&one, &other, &lenient), Ok(()));
    }

    #[test]
    fn another_size_is_another_picture() {
        let difference =
            compare(&plain([0; 4]), &RgbaImage::new(5, 6), &Tolerance::default()).unwrap_err();
        assert_eq!(difference.show(), "the picture is 5×6, and was 10×10");
    }
}
