//! How real input is described: one hand after the other, in the order given. Points are in the viewport of the frame.

use serde_json::{Value, json};
use std::time::Duration;

/// A button of the mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Button {
    #[default]
    Left = 0,
    Middle = 1,
    Right = 2,
}

/// One thing a person does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Move {
        x: f64,
        y: f64,
    },
    Down(Button),
    Up(Button),
    /// A finger instead of the mouse: touches and lifts.
    Tap {
        x: f64,
        y: f64,
    },
    /// One character, or a key by its WebDriver code.
    KeyDown(String),
    KeyUp(String),
    Scroll {
        x: f64,
        y: f64,
        dx: f64,
        dy: f64,
    },
    Pause(Duration),
}

/// How long they may take a page that answers: what is paused, and time for each.
pub fn length(actions: &[Action]) -> Duration {
    const EACH: Duration = Duration::from_millis(100);
    let long = |action: &Action| match action {
        Action::Pause(time) => *time,
        _ => EACH,
    };
    actions.iter().map(long).sum()
}

/// The sources of input of WebDriver: each has one entry for each tick, so the others wait while one acts.
pub fn sources(actions: &[Action]) -> Value {
    let mut mouse = Vec::new();
    let mut finger = Vec::new();
    let mut keys = Vec::new();
    let mut wheel = Vec::new();
    let mut uses = [false; 4];
    let pause = || json!({ "type": "pause" });
    for action in actions {
        let steps: Vec<(usize, Value)> = match action {
            Action::Move { x, y } => vec![(0, json!({ "type": "pointerMove", "x": x, "y": y }))],
            Action::Down(button) => {
                vec![(0, json!({ "type": "pointerDown", "button": *button as u8 }))]
            }
            Action::Up(button) => {
                vec![(0, json!({ "type": "pointerUp", "button": *button as u8 }))]
            }
            Action::Tap { x, y } => vec![
                (1, json!({ "type": "pointerMove", "x": x, "y": y })),
                (1, json!({ "type": "pointerDown", "button": 0 })),
                (1, json!({ "type": "pointerUp", "button": 0 })),
            ],
            Action::KeyDown(key) => vec![(2, json!({ "type": "keyDown", "value": key }))],
            Action::KeyUp(key) => vec![(2, json!({ "type": "keyUp", "value": key }))],
            Action::Scroll { x, y, dx, dy } => vec![(
                3,
                json!({ "type": "scroll", "x": *x as i64, "y": *y as i64,
                        "deltaX": *dx as i64, "deltaY": *dy as i64 }),
            )],
            Action::Pause(time) => {
                vec![(
                    2,
                    json!({ "type": "pause", "duration": time.as_millis() as u64 }),
                )]
            }
        };
        for (hand, step) in steps {
            uses[hand] = true;
            for (other, list) in [&mut mouse, &mut finger, &mut keys, &mut wheel]
                .into_iter()
                .enumerate()
            {
                list.push(if other == hand { step.clone() } else { pause() });
            }
        }
    }
    let all = [
        json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": mouse }),
        json!({ "type": "pointer", "id": "finger", "parameters": { "pointerType": "touch" }, "actions": finger }),
        json!({ "type": "key", "id": "keyboard", "actions": keys }),
        json!({ "type": "wheel", "id": "wheel", "actions": wheel }),
    ];
    let used = all.into_iter().zip(uses).filter(|(_, is_used)| *is_used);
    used.map(|(source, _)| source).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_wait_for_each_other() {
        let actions = [
            Action::KeyDown("\u{E008}".into()),
            Action::Move { x: 3.0, y: 4.0 },
            Action::Down(Button::Left),
            Action::Up(Button::Left),
            Action::KeyUp("\u{E008}".into()),
        ];
        let sources = sources(&actions);
        let kinds = |id: &str| -> Vec<String> {
            let source = sources
                .as_array()
                .unwrap()
                .iter()
                .find(|source| source["id"] == id);
            let actions = source.unwrap()["actions"].as_array().unwrap();
            actions
                .iter()
                .map(|step| step["type"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            sources.as_array().unwrap().len(),
            2,
            "only hands that do something"
        );
        assert_eq!(
            kinds("keyboard"),
            ["keyDown", "pause", "pause", "pause", "keyUp"]
        );
        assert_eq!(
            kinds("mouse"),
            ["pause", "pointerMove", "pointerDown", "pointerUp", "pause"]
        );
    }
}
