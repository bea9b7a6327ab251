//! The keyboard and the mouse of a page, where no element is meant.

use super::doing::button;
use super::page::Page;
use crate::browser::locator::keys;
use crate::browser::step::{self, Deed};
use crate::browser::{Action, Button, Tab};
use crate::host::duration;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// `page.keyboard`
#[derive(Clone)]
pub struct Keyboard(Arc<Tab>);

/// `page.mouse`
#[derive(Clone)]
pub struct Mouse(Arc<Tab>);

#[export_module]
pub mod hands {
    /// The keyboard of the page: what it types goes to the element that has the focus.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<input aria-label=Name autofocus>");
    /// page.keyboard.type("Ada");
    /// page.keyboard.press("Shift+Home");
    /// page.keyboard.press("Delete");
    /// expect(page.get_by_label("Name")).to_be_empty();
    /// ```
    #[rhai_fn(get = "keyboard", pure)]
    pub fn keyboard(page: &mut Page) -> Keyboard {
        Keyboard(page.0.clone())
    }

    /// The mouse of the page, at points of the viewport in CSS pixels.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<body onclick='document.title=event.clientX'>");
    /// page.mouse.click(30, 40);
    /// expect(page).to_have_title("30");
    /// ```
    #[rhai_fn(get = "mouse", pure)]
    pub fn mouse(page: &mut Page) -> Mouse {
        Mouse(page.0.clone())
    }

    /// Presses a key or a chord and lets it go: `"Enter"`, `"a"`, `"Control+A"`.
    #[rhai_fn(name = "press", return_raw, pure)]
    pub fn keyboard_press(
        ctx: NativeCallContext,
        keyboard: &mut Keyboard,
        key: &str,
    ) -> Result<(), Raise> {
        do_it(&ctx, &keyboard.0, "press", format!("press {key}"), || {
            keys::chord(key)
        })
    }

    /// Presses a key and holds it.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.keyboard.down("Shift");
    /// ```
    #[rhai_fn(name = "down", return_raw, pure)]
    pub fn keyboard_down(
        ctx: NativeCallContext,
        keyboard: &mut Keyboard,
        key: &str,
    ) -> Result<(), Raise> {
        do_it(&ctx, &keyboard.0, "down", format!("hold {key}"), || {
            Ok(vec![Action::KeyDown(keys::code(key)?)])
        })
    }

    /// Lets a key go.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.keyboard.down("Shift");
    /// page.keyboard.up("Shift");
    /// ```
    #[rhai_fn(name = "up", return_raw, pure)]
    pub fn keyboard_up(
        ctx: NativeCallContext,
        keyboard: &mut Keyboard,
        key: &str,
    ) -> Result<(), Raise> {
        do_it(&ctx, &keyboard.0, "up", format!("let go {key}"), || {
            Ok(vec![Action::KeyUp(keys::code(key)?)])
        })
    }

    /// Types a text key by key.
    #[rhai_fn(name = "type", return_raw, pure)]
    pub fn keyboard_type(
        ctx: NativeCallContext,
        keyboard: &mut Keyboard,
        text: &str,
    ) -> Result<(), Raise> {
        do_it(&ctx, &keyboard.0, "type", "type".into(), || {
            Ok(keys::typed(text, Duration::ZERO))
        })
    }

    /// Like `type(text)` with a pause between keys, such as `"50ms"`.
    #[rhai_fn(name = "type", return_raw, pure)]
    pub fn keyboard_type_slowly(
        ctx: NativeCallContext,
        keyboard: &mut Keyboard,
        text: &str,
        delay: &str,
    ) -> Result<(), Raise> {
        do_it(&ctx, &keyboard.0, "type", "type".into(), || {
            let delay =
                duration::parse(delay).map_err(|error| Failure::usage(error.to_string()))?;
            Ok(keys::typed(text, delay))
        })
    }

    /// Moves the mouse to a point.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.mouse.move(10, 20);
    /// ```
    #[rhai_fn(name = "move", return_raw, pure)]
    pub fn mouse_move(
        ctx: NativeCallContext,
        mouse: &mut Mouse,
        x: Dynamic,
        y: Dynamic,
    ) -> Result<(), Raise> {
        do_it(&ctx, &mouse.0, "move", format!("move to {x}, {y}"), || {
            let (x, y) = point(&x, &y)?;
            Ok(vec![Action::Move { x, y }])
        })
    }

    /// Clicks at a point.
    #[rhai_fn(name = "click", return_raw, pure)]
    pub fn mouse_click(
        ctx: NativeCallContext,
        mouse: &mut Mouse,
        x: Dynamic,
        y: Dynamic,
    ) -> Result<(), Raise> {
        clicked(&ctx, mouse, &x, &y, Map::new(), 1)
    }

    /// Like `click(x, y)` with options: `button` (`"left"`, `"right"`, `"middle"`), `click_count`.
    #[rhai_fn(name = "click", return_raw, pure)]
    pub fn mouse_click_with(
        ctx: NativeCallContext,
        mouse: &mut Mouse,
        x: Dynamic,
        y: Dynamic,
        options: Map,
    ) -> Result<(), Raise> {
        clicked(&ctx, mouse, &x, &y, options, 1)
    }

    /// Clicks twice at a point.
    #[rhai_fn(name = "dblclick", return_raw, pure)]
    pub fn mouse_dblclick(
        ctx: NativeCallContext,
        mouse: &mut Mouse,
        x: Dynamic,
        y: Dynamic,
    ) -> Result<(), Raise> {
        clicked(&ctx, mouse, &x, &y, Map::new(), 2)
    }

    /// Presses the left button where the mouse is, and holds it.
    #[rhai_fn(name = "down", return_raw, pure)]
    pub fn mouse_down(ctx: NativeCallContext, mouse: &mut Mouse) -> Result<(), Raise> {
        do_it(&ctx, &mouse.0, "down", "hold the button".into(), || {
            Ok(vec![Action::Down(Button::Left)])
        })
    }

    /// Lets the left button go.
    #[rhai_fn(name = "up", return_raw, pure)]
    pub fn mouse_up(ctx: NativeCallContext, mouse: &mut Mouse) -> Result<(), Raise> {
        do_it(&ctx, &mouse.0, "up", "let the button go".into(), || {
            Ok(vec![Action::Up(Button::Left)])
        })
    }

    /// Turns the wheel in the middle of the viewport, by CSS pixels to the right and down.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<div style='height:9999px'>");
    /// page.mouse.wheel(0, 500);
    /// wait_until(|| page.evaluate("scrollY") > 0);
    /// ```
    #[rhai_fn(name = "wheel", return_raw, pure)]
    pub fn mouse_wheel(
        ctx: NativeCallContext,
        mouse: &mut Mouse,
        dx: Dynamic,
        dy: Dynamic,
    ) -> Result<(), Raise> {
        let tab = mouse.0.clone();
        let attempt = script::attempt(&ctx)?;
        let deed = Deed::new("wheel", format!("turn the wheel by {dx}, {dy}"));
        let (dx, dy) = point(&dx, &dy).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        step::act(&ctx, &attempt, &mouse.0, deed, async {
            let frame = tab.main_frame();
            let size = tab.call(&frame, "document", &json!({})).await?;
            let middle = |key: &str| size[key].as_f64().unwrap_or_default() / 2.0;
            let (x, y) = (middle("width"), middle("height"));
            tab.perform(&frame, (0.0, 0.0), &[Action::Scroll { x, y, dx, dy }])
                .await
        })
    }
}

fn clicked(
    ctx: &NativeCallContext,
    mouse: &Mouse,
    x: &Dynamic,
    y: &Dynamic,
    given: Map,
    count: i64,
) -> Result<(), Raise> {
    do_it(ctx, &mouse.0, "click", format!("click at {x}, {y}"), || {
        let mut options = Options::new("mouse.click", given);
        let button = button(&mut options)?;
        let count = options.int("click_count", 1..=10)?.unwrap_or(count);
        options.finish()?;
        let (x, y) = point(x, y)?;
        let clicks = (0..count).flat_map(|_| [Action::Down(button), Action::Up(button)]);
        Ok([Action::Move { x, y }].into_iter().chain(clicks).collect())
    })
}

fn do_it(
    ctx: &NativeCallContext,
    tab: &Arc<Tab>,
    action: &'static str,
    title: String,
    actions: impl FnOnce() -> Result<Vec<Action>, Failure>,
) -> Result<(), Raise> {
    let attempt = script::attempt(ctx)?;
    let actions = actions().map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let work = async { tab.perform(&tab.main_frame(), (0.0, 0.0), &actions).await };
    step::act(ctx, &attempt, tab, Deed::new(action, title), work)
}

/// Two numbers, whole or not.
pub(super) fn point(x: &Dynamic, y: &Dynamic) -> Result<(f64, f64), Failure> {
    let side = |value: &Dynamic| {
        value
            .as_float()
            .or_else(|_| value.as_int().map(|whole| whole as f64))
    };
    match (side(x), side(y)) {
        (Ok(x), Ok(y)) => Ok((x, y)),
        _ => Err(Failure::usage("a point is two numbers")),
    }
}
