//! The report for people: what is going on now (drawn on stderr), a line for each scenario that ended, failures in
//! full, and a summary that says what to type next (on stdout).

mod ask;
mod attention;
mod follow;
mod header;
mod heartbeat;
mod line;
mod live;
mod remarks;
mod setback;
mod status;
mod summary;

pub use status::status;

use super::output::Output;
use super::palette::Palette;
use super::screen::Screen;
use super::verdict::Verdict;
use super::{Options, Reporter};
use crate::model::view::ScenarioView;
use crate::model::{Event, PhaseState, View, What};
use jiff::Timestamp;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// The picture is drawn no more often than this.
const REDRAW: Duration = Duration::from_millis(100);

/// How the account looks.
#[derive(Clone, Debug)]
struct Look {
    palette: Palette,
    /// `None`: nothing is cut.
    width: Option<usize>,
    options: Options,
}

/// The reporter itself: keeps what was said, decides nothing about how it is worded.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    screen: Screen,
    look: Look,
    /// Known once all scenarios are planned; the header is written then.
    columns: Option<line::Columns>,
    follower: follow::Follower,
    heartbeat: heartbeat::Heartbeat,
    /// The last thing written was a block: an empty line goes before the next.
    gap: bool,
    /// Written, but not shown yet: while a picture is drawn, lines go above it in batches.
    pending: String,
    drawn: Option<Instant>,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    let mut options = options.clone();
    let to_file = *output != Output::Stdout;
    if to_file {
        options.color = false;
        options.width = None;
        // One of its kind may draw; this one keeps the account only.
        options.screen = Screen::still(io::sink());
    }
    Ok(Box::new(Terminal::new(output.stream()?, options)))
}

impl Terminal {
    pub(super) fn new(out: Box<dyn Write + Send>, options: Options) -> Self {
        Self {
            out,
            screen: options.screen.clone(),
            look: Look {
                palette: Palette::new(options.color),
                width: options.width,
                options,
            },
            columns: None,
            follower: follow::Follower::default(),
            heartbeat: heartbeat::Heartbeat::start(Instant::now()),
            gap: false,
            pending: String::new(),
            drawn: None,
        }
    }

    fn columns(&mut self, view: &View) -> line::Columns {
        if let Some(columns) = self.columns {
            return columns;
        }
        if !self.look.options.quiet {
            self.pending.push_str(&header::header(view, &self.look));
        }
        let columns = line::Columns::of(view, self.look.width);
        self.columns = Some(columns);
        columns
    }

    fn write(&mut self, text: &str, is_block: bool) {
        if text.is_empty() {
            return;
        }
        if self.gap {
            self.pending.push('\n');
        }
        self.pending.push_str(text);
        self.gap = is_block;
    }

    fn show(&mut self, view: &View) -> io::Result<()> {
        if self.screen.is_lent() {
            return Ok(());
        }
        if !self.screen.is_live() {
            return self.flush();
        }
        if self.drawn.is_some_and(|at| at.elapsed() < REDRAW) {
            return Ok(());
        }
        self.drawn = Some(Instant::now());
        let picture = live::picture(
            view,
            Timestamp::now(),
            self.screen.size(),
            self.screen.palette(),
        );
        let above = std::mem::take(&mut self.pending);
        self.screen.draw(&picture, &above, &mut self.out)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.heartbeat.spoke(Instant::now());
        let text = std::mem::take(&mut self.pending);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

impl Reporter for Terminal {
    fn on(&mut self, event: &Event, view: &View) -> io::Result<()> {
        let is_planning = matches!(
            event.what,
            What::RunStarted(_) | What::ScenarioPlanned { .. } | What::ScenarioNotSelected { .. }
        );
        if is_planning {
            return Ok(());
        }
        let columns = self.columns(view);
        let mut text = String::new();
        if self.look.options.verbose > 0 {
            self.follower.follow(event, view, &self.look, &mut text);
        }
        let mut is_block = false;
        match &event.what {
            What::ScenarioEnded { scenario, .. } => {
                let worth_telling = |scenario: &&ScenarioView| {
                    !self.look.options.quiet || Verdict::of(scenario).is_bad()
                };
                if let Some(scenario) = view.scenario(scenario).filter(worth_telling) {
                    is_block = line::ended(scenario, view, columns, &self.look, &mut text);
                }
            }
            What::PhaseChanged {
                phase,
                to: PhaseState::Waiting,
                ..
            } => ask::ask(phase, view, &self.look, &mut text),
            What::ScenarioResumed { scenario } => {
                ask::again(scenario, view, &self.look, &mut text);
            }
            What::Warned { text: warning } => line::warning(warning, &self.look, &mut text),
            What::Interrupted { reason, now } => {
                line::interrupted(reason, *now, &self.look, &mut text);
            }
            _ => {}
        }
        self.write(&text, is_block);
        self.show(view)
    }

    fn tick(&mut self, view: &View) -> io::Result<()> {
        if self.screen.is_live() {
            return self.show(view);
        }
        if self.heartbeat.is_due(Instant::now()) {
            let text = heartbeat::text(view, Timestamp::now());
            self.screen.say(&text);
        }
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let columns = self.columns(view);
        for scenario in &view.scenarios {
            if matches!(Verdict::of(scenario), Verdict::CutOff | Verdict::Running) {
                let mut text = String::new();
                let is_block = line::ended(scenario, view, columns, &self.look, &mut text);
                self.write(&text, is_block);
            }
        }
        summary::summary(view, &self.look, &mut self.pending);
        self.screen.clear();
        self.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.screen.clear();
    }
}

#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod tests;
