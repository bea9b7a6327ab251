//! Colours, and whether to use them. Every report reads well without; nothing here reads the environment itself.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;

/// What `--color` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// What the environment says about the place the output goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `NO_COLOR`, not empty.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` or `FORCE_COLOR`, neither empty nor `0`.
    pub force_color: bool,
    /// `CI`, neither empty nor `false`.
    pub ci: bool,
    /// `TERM=dumb`.
    pub dumb: bool,
}

impl Surroundings {
    /// Reads them through `var`, such as `|name| std::env::var(name).ok()`.
    pub fn read(var: impl Fn(&str) -> Option<String>) -> Self {
        let is_on = |name: &str| {
            var(name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
        };
        Self {
            no_color: var("NO_COLOR").is_some_and(|value| !value.is_empty()),
            force_color: is_on("CLICOLOR_FORCE") || is_on("FORCE_COLOR"),
            ci: is_on("CI"),
            dumb: var("TERM").is_some_and(|value| value == "dumb"),
        }
    }

    /// Whether output may be coloured.
    pub fn wants_color(self, choice: ColorChoice, is_terminal: bool) -> bool {
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto => self.force_color || (is_terminal && !self.dumb),
        }
    }

    /// Whether a list that is drawn over and over on stderr makes sense. Not in CI, whose logs keep every drawing even
    /// on a terminal; and not when stdout is piped: `| tee` would write into the drawing.
    pub fn wants_live(self, stdout_is_terminal: bool, stderr_is_terminal: bool) -> bool {
        stdout_is_terminal && stderr_is_terminal && !self.ci && !self.dumb
    }
}

/// Paints text, or leaves it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    on: bool,
}

impl Palette {
    /// Colours when `on`.
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    /// Whether it paints at all.
    pub fn is_on(self) -> bool {
        self.on
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        if self.on {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    /// All went well.
    pub fn good(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Someone has to look at it.
    pub fn bad(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// What was taken away, or a caret.
    pub fn red(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// Nothing was learnt about the product.
    pub fn fault(self, text: impl Display) -> String {
        self.paint(AnsiColor::Magenta.on_default().bold(), text)
    }

    /// Worth a look, not gating.
    pub fn warn(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// A next move, or something that goes on.
    pub fn note(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// Of second importance.
    pub fn dim(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Of first importance.
    pub fn strong(self, text: impl Display) -> String {
        self.paint(Style::new().bold(), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)]) -> Surroundings {
        Surroundings::read(|name| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colour_follows_the_terminal_unless_someone_says_otherwise() {
        let auto = |vars: &[_], terminal| with(vars).wants_color(ColorChoice::Auto, terminal);
        assert!(auto(&[], true));
        assert!(!auto(&[], false));
        assert!(!auto(&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], true));
        assert!(auto(&[("NO_COLOR", "")], true));
        assert!(auto(&[("CLICOLOR_FORCE", "1")], false));
        assert!(!auto(&[("TERM", "dumb")], true));
        assert!(with(&[("NO_COLOR", "1")]).wants_color(ColorChoice::Always, false));
        assert!(!with(&[]).wants_color(ColorChoice::Never, true));
    }

    #[test]
    fn nothing_is_drawn_over_in_ci_or_beside_a_pipe() {
        assert!(with(&[]).wants_live(true, true));
        assert!(!with(&[("CI", "true")]).wants_live(true, true));
        assert!(with(&[("CI", "false")]).wants_live(true, true));
        assert!(!with(&[]).wants_live(false, true));
        assert!(!with(&[]).wants_live(true, false));
    }
}
