//! The mouse of a page, where DevTools are: a click is one message after the other, none of which waits for the answer to
//! the one before. The driver's own words wait: a move is answered with the next frame only.
//! As Playwright and Puppeteer do it: https://github.com/puppeteer/puppeteer (`Mouse.click`).

use super::super::input::{Action, Button};
use serde_json::{Value, json};
use std::ops::Range;

/// What DevTools call a movement or a press.
pub const METHOD: &str = "Input.dispatchMouseEvent";

/// Where the mouse is, and what is held.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hand {
    x: f64,
    y: f64,
    buttons: u8,
    modifiers: u8,
}

impl Hand {
    /// Notes which modifiers are held; the keys themselves are the driver's.
    pub fn note_keys(&mut self, actions: &[Action]) {
        for action in actions {
            match action {
                Action::KeyDown(key) => self.modifiers |= modifier(key),
                Action::KeyUp(key) => self.modifiers &= !modifier(key),
                _ => {}
            }
        }
    }

    /// What to send for actions of the mouse, in order: all of one group at once, one group after the other. Points are
    /// moved by `corner`, that of their frame.
    pub fn groups(&mut self, actions: &[Action], corner: (f64, f64)) -> Vec<Vec<Value>> {
        let mut groups: Vec<Vec<Value>> = Vec::new();
        let mut clicks = 0;
        let mut goes_on = false;
        for action in actions {
            let is_held = self.buttons != 0;
            let event = match action {
                Action::Move { x, y } => {
                    (self.x, self.y) = (x + corner.0, y + corner.1);
                    clicks = 0;
                    self.event("mouseMoved", held(self.buttons), 0)
                }
                Action::Down(button) => {
                    clicks += 1;
                    self.buttons |= bit(*button);
                    self.event("mousePressed", name(*button), clicks)
                }
                Action::Up(button) => {
                    self.buttons &= !bit(*button);
                    self.event("mouseReleased", name(*button), clicks.max(1))
                }
                _ => continue,
            };
            // Pages see each move by itself: one that another follows is waited for, and so is one that drags.
            let is_move = matches!(action, Action::Move { .. });
            match groups.last_mut().filter(|_| goes_on && !is_move) {
                Some(group) => group.push(event),
                None => groups.push(vec![event]),
            }
            goes_on = !(is_move && is_held);
        }
        groups
    }

    fn event(&self, kind: &str, button: &str, clicks: u32) -> Value {
        json!({
            "type": kind, "x": self.x, "y": self.y, "button": button, "buttons": self.buttons,
            "modifiers": self.modifiers, "clickCount": clicks,
        })
    }
}

/// Whether the mouse alone does it.
fn is_of_mouse(action: &Action) -> bool {
    matches!(
        action,
        Action::Move { .. } | Action::Down(_) | Action::Up(_)
    )
}

/// The parts of a sequence that the mouse does, and those that something else does; with whether it is the mouse.
pub fn parts(actions: &[Action]) -> Vec<(bool, Range<usize>)> {
    let mut parts: Vec<(bool, Range<usize>)> = Vec::new();
    for (at, action) in actions.iter().enumerate() {
        let mouse = is_of_mouse(action);
        match parts.last_mut().filter(|(last, _)| *last == mouse) {
            Some((_, range)) => range.end = at + 1,
            None => parts.push((mouse, at..at + 1)),
        }
    }
    parts
}

fn bit(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Right => 2,
        Button::Middle => 4,
    }
}

fn name(button: Button) -> &'static str {
    match button {
        Button::Left => "left",
        Button::Right => "right",
        Button::Middle => "middle",
    }
}

/// The button that drags.
fn held(buttons: u8) -> &'static str {
    let all = [Button::Left, Button::Right, Button::Middle];
    all.into_iter()
        .find(|button| buttons & bit(*button) != 0)
        .map_or("none", name)
}

/// The bit that DevTools have for a modifier, by its WebDriver code.
fn modifier(key: &str) -> u8 {
    match key {
        "\u{E00A}" | "\u{E052}" => 1,
        "\u{E009}" | "\u{E051}" => 2,
        "\u{E03D}" | "\u{E053}" => 4,
        "\u{E008}" | "\u{E050}" => 8,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(groups: &[Vec<Value>]) -> Vec<Vec<String>> {
        let one = |event: &Value| {
            let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {} {},{} {}",
                text("type"),
                text("button"),
                event["buttons"],
                event["x"],
                event["y"],
                event["clickCount"]
            )
        };
        groups
            .iter()
            .map(|group| group.iter().map(one).collect())
            .collect()
    }

    #[test]
    fn a_double_click_is_sent_at_once_in_the_frame_it_is_meant_in() {
        let (down, up) = (Action::Down(Button::Left), Action::Up(Button::Left));
        let actions = [
            Action::Move { x: 3.0, y: 4.0 },
            down.clone(),
            up.clone(),
            down,
            up,
        ];
        let groups = Hand::default().groups(&actions, (10.0, 20.0));
        assert_eq!(
            told(&groups),
            [[
                "mouseMoved none 0 13.0,24.0 0",
                "mousePressed left 1 13.0,24.0 1",
                "mouseReleased left 0 13.0,24.0 1",
                "mousePressed left 1 13.0,24.0 2",
                "mouseReleased left 0 13.0,24.0 2",
            ]]
        );
    }

    #[test]
    fn each_move_of_a_drag_is_waited_for_and_what_is_held_stays_so() {
        let mut hand = Hand::default();
        hand.groups(
            &[Action::Move { x: 1.0, y: 1.0 }, Action::Down(Button::Right)],
            (0.0, 0.0),
        );
        let moves = [
            Action::Move { x: 2.0, y: 2.0 },
            Action::Move { x: 3.0, y: 3.0 },
            Action::Up(Button::Right),
        ];
        assert_eq!(
            told(&hand.groups(&moves, (0.0, 0.0))),
            [
                ["mouseMoved right 2 2.0,2.0 0"],
                ["mouseMoved right 2 3.0,3.0 0"],
                ["mouseReleased right 0 3.0,3.0 1"],
            ]
        );
    }

    #[test]
    fn a_modifier_counts_for_as_long_as_it_is_held() {
        let mut hand = Hand::default();
        let shift = "\u{E008}".to_owned();
        let mut modifiers = |key: Action| {
            hand.note_keys(&[key]);
            hand.groups(&[Action::Down(Button::Left)], (0.0, 0.0))[0][0]["modifiers"].clone()
        };
        assert_eq!(modifiers(Action::KeyDown(shift.clone())), 8);
        assert_eq!(modifiers(Action::KeyDown("a".into())), 8);
        assert_eq!(modifiers(Action::KeyUp(shift)), 0);
    }

    #[test]
    fn keys_and_mouse_take_turns() {
        let actions = [
            Action::KeyDown("\u{E008}".into()),
            Action::Move { x: 1.0, y: 1.0 },
            Action::Down(Button::Left),
            Action::Up(Button::Left),
            Action::KeyUp("\u{E008}".into()),
        ];
        assert_eq!(
            parts(&actions),
            [(false, 0..1), (true, 1..4), (false, 4..5)]
        );
    }
}
