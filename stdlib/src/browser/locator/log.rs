//! The call log of one action or expectation: what was seen, in order, without repetitions.

use serde_json::Value;

/// Lines beyond are counted only: an element that flickers must not fill the report.
const LONGEST: usize = 30;

/// What was seen while something was waited for.
#[derive(Clone, Debug, Default)]
pub struct CallLog {
    lines: Vec<String>,
    more: usize,
}

impl CallLog {
    pub fn tell(&mut self, line: impl Into<String>) {
        self.take(&[line.into()]);
    }

    /// Takes the log of a slice; one that only repeats how the last ended adds nothing.
    pub fn add(&mut self, answer: &Value) {
        let lines: Vec<String> = answer["log"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|line| Some(line.as_str()?.to_owned()))
            .collect();
        if !self.lines.ends_with(&lines) {
            self.take(&lines);
        }
    }

    fn take(&mut self, lines: &[String]) {
        for line in lines {
            if self.lines.len() < LONGEST {
                self.lines.push(line.clone());
            } else {
                self.more += 1;
            }
        }
    }

    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// One line each, or nothing.
    pub fn show(&self) -> String {
        let mut text: String = self
            .lines
            .iter()
            .map(|line| format!("- {line}\n"))
            .collect();
        if self.more > 0 {
            text.push_str(&format!("- and {} more\n", self.more));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn slices_that_see_the_same_are_told_once() {
        let mut log = CallLog::default();
        let covered = json!({ "log": ["found <a>", "<b> covers it"] });
        log.add(&covered);
        log.add(&covered);
        log.add(&json!({ "log": ["no such element"] }));
        log.add(&covered);
        assert_eq!(
            log.show(),
            "- found <a>\n- <b> covers it\n- no such element\n- found <a>\n- <b> covers it\n"
        );
    }

    #[test]
    fn a_flickering_element_does_not_fill_the_log() {
        let mut log = CallLog::default();
        for number in 0..50 {
            log.tell(format!("line {number}"));
        }
        assert!(log.show().ends_with("- line 29\n- and 20 more\n"));
    }
}
