//! The part of the terminal that is drawn over and over. One per process: whoever wants to write to the terminal
//! while something is drawn there goes through it. Knows lines, not what they say.

use super::echo::Silence;
use super::fit;
use super::palette::Palette;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What is drawn at the bottom: a list above a bar that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    pub list: Vec<String>,
    pub done: usize,
    pub total: usize,
    /// Behind the bar.
    pub tail: String,
}

/// A handle on stderr; clones share one screen. The default draws nothing and still says things.
#[derive(Clone)]
pub struct Screen {
    live: Option<Arc<Live>>,
    messages: Arc<Mutex<dyn Write + Send>>,
    palette: Palette,
    lending: Arc<Lending>,
}

/// Who has the terminal.
#[derive(Default)]
struct Lending {
    lent: AtomicBool,
    over: AtomicBool,
    /// What is to be said when it is given back.
    kept: Mutex<Vec<String>>,
}

/// The terminal is somebody else's until this is dropped.
pub struct Lent<'a>(&'a Screen);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let screen = self.0;
        screen.lending.lent.store(false, Ordering::Release);
        if let Some(live) = &screen.live {
            live.silence.begin_again();
        }
        let kept = std::mem::take(
            &mut *screen
                .lending
                .kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        for text in kept {
            screen.say(&text);
        }
    }
}

struct Live {
    multi: MultiProgress,
    list: ProgressBar,
    bar: ProgressBar,
    silence: Silence,
}

impl Default for Screen {
    fn default() -> Self {
        Self::still(io::stderr())
    }
}

impl Screen {
    /// Draws on stderr, which is a terminal.
    pub fn live(color: bool) -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(20));
        let list = multi.add(ProgressBar::no_length());
        let bar = multi.add(ProgressBar::new(0));
        list.set_style(template("{msg}"));
        Self {
            live: Some(Arc::new(Live {
                multi,
                list,
                bar,
                silence: Silence::begin(),
            })),
            palette: Palette::new(color),
            ..Self::default()
        }
    }

    /// Draws nothing; what it says goes to `messages`.
    pub fn still(messages: impl Write + Send + 'static) -> Self {
        Self {
            live: None,
            messages: Arc::new(Mutex::new(messages)),
            palette: Palette::default(),
            lending: Arc::default(),
        }
    }

    /// Takes the picture away and lets somebody else have the terminal: nothing is drawn or said meanwhile.
    pub fn lend(&self) -> Lent<'_> {
        self.lending.lent.store(true, Ordering::Release);
        if let Some(live) = &self.live {
            let _ = live.multi.clear();
            live.silence.end();
        }
        Lent(self)
    }

    /// Whether somebody else has the terminal.
    pub fn is_lent(&self) -> bool {
        self.lending.lent.load(Ordering::Acquire)
    }

    /// Whether nothing will be drawn any more.
    pub fn is_over(&self) -> bool {
        self.lending.over.load(Ordering::Acquire)
    }

    /// Whether anything is drawn at all.
    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// The colours of what is drawn.
    pub fn palette(&self) -> Palette {
        self.palette
    }

    /// Rows and columns; asked for anew because windows are resized.
    pub fn size(&self) -> (usize, usize) {
        let (rows, columns) = console::Term::stderr().size();
        (rows.into(), columns.into())
    }

    /// Draws `picture`, having written `above` to `out`, where it stays.
    pub fn draw(&self, picture: &Picture, above: &str, out: &mut dyn Write) -> io::Result<()> {
        let Some(live) = &self.live else {
            return write_whole(out, above);
        };
        let (_, columns) = self.size();
        live.bar.set_style(bar_style(columns, self.palette));
        live.bar.set_length(picture.total as u64);
        live.bar.set_position(picture.done as u64);
        live.bar.set_message(picture.tail.clone());
        live.list.set_message(picture.list.join("\n"));
        if above.is_empty() {
            live.bar.tick();
            return Ok(());
        }
        live.multi.suspend(|| write_whole(out, above))
    }

    /// Takes the picture away.
    pub fn clear(&self) {
        self.lending.over.store(true, Ordering::Release);
        if let Some(live) = &self.live {
            live.list.finish_and_clear();
            live.bar.finish_and_clear();
            // Nothing can be done about a terminal that is gone.
            let _ = live.multi.clear();
            live.silence.end();
        }
    }

    /// Shows a line on stderr, above the picture. What cannot be said is not worth failing for.
    pub fn say(&self, text: &str) {
        if self.is_lent() {
            let mut kept = self
                .lending
                .kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            return kept.push(text.to_owned());
        }
        let say = || {
            let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = messages.write_all(format!("{text}\n").as_bytes());
        };
        match &self.live {
            Some(live) => live.multi.suspend(say),
            None => say(),
        }
    }
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen")
            .field("live", &self.is_live())
            .finish()
    }
}

fn write_whole(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Columns the count and the tail need before a bar is worth its place.
const BAR_FROM: usize = 60;

fn bar_style(columns: usize, palette: Palette) -> ProgressStyle {
    let bar = match columns {
        ..BAR_FROM => return template("{pos}/{len}  {msg}"),
        _ => columns / 5,
    };
    let colors = if palette.is_on() { ".green/dim" } else { "" };
    template(&format!(
        "{{bar:{}{colors}}} {{pos}}/{{len}}  {{msg}}",
        bar.min(40)
    ))
    .progress_chars("━╸─")
}

/// How many columns are left for the tail.
pub fn tail_room(columns: usize, total: usize) -> usize {
    let count = 2 * total.to_string().len() + 3;
    let bar = if columns < BAR_FROM {
        0
    } else {
        (columns / 5).min(40) + 1
    };
    columns.saturating_sub(bar + count + 1)
}

fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// `text` in one line of the picture; a full line would wrap on some terminals.
pub fn picture_line(text: &str, columns: usize) -> String {
    fit::fit(text, columns.saturating_sub(1))
}
