//! How large a page is seen.

use super::super::options::Device;
use super::super::step::{self, Deed};
use super::page::Page;
use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::plugin::*;
use rhai::{INT, NativeCallContext};

#[export_module]
pub mod screen {
    /// Makes the page as large as a device: `"1280x720"`, `"DESKTOP"`, `"LAPTOP"`, `"TABLET"` or `"MOBILE"`. Pages that are
    /// opened later are as large as their context says.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// page.set_viewport("MOBILE");
    /// assert page.evaluate("innerWidth") == 320;
    /// ```
    #[rhai_fn(name = "set_viewport", return_raw, pure)]
    pub fn set_viewport_named(
        ctx: NativeCallContext,
        page: &mut Page,
        size: &str,
    ) -> Result<(), Raise> {
        resize(&ctx, page, size)
    }

    /// Makes the page this many CSS pixels wide and high.
    ///
    /// ```rhai
    /// let page = browser.open("/");
    /// page.set_viewport(600, 800);
    /// assert page.evaluate("[innerWidth, innerHeight]") == [600, 800];
    /// ```
    #[rhai_fn(name = "set_viewport", return_raw, pure)]
    pub fn set_viewport(
        ctx: NativeCallContext,
        page: &mut Page,
        width: INT,
        height: INT,
    ) -> Result<(), Raise> {
        resize(&ctx, page, &format!("{width}x{height}"))
    }
}

fn resize(ctx: &NativeCallContext, page: &Page, size: &str) -> Result<(), Raise> {
    let attempt = script::attempt_for(ctx, "page.set_viewport")?;
    let device = Device::parse(size).ok_or_else(|| {
        let failure = Failure::usage(format!("`{size}` is no viewport"))
            .hint("write it like \"1280x720\", or DESKTOP, LAPTOP, TABLET, MOBILE");
        script::fail(ctx, &attempt, failure)
    })?;
    let deed = Deed::new("viewport", format!("set the viewport to {size}"));
    let work = page.0.set_viewport(device.width, device.height);
    step::act(ctx, &attempt, &page.0, deed, work)
}
