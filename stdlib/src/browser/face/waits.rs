//! What a script can wait for.

use super::super::step::{self, Deed};
use super::page::Page;
use super::session;
use crate::host::script::{self, Raise};
use rhai::NativeCallContext;
use rhai::plugin::*;

#[export_module]
pub mod waits {
    /// Waits until the page is so far: `"domcontentloaded"`, `"load"`, or `"networkidle"` (loaded, and no request for half a
    /// second).
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/");
    /// page.wait_for_load_state("networkidle");
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn wait_for_load_state(
        ctx: NativeCallContext,
        page: &mut Page,
        state: &str,
    ) -> Result<(), Raise> {
        let attempt = script::attempt_for(&ctx, "page.wait_for_load_state")?;
        let until =
            session::until(state).map_err(|failure| script::fail(&ctx, &attempt, failure))?;
        let deed = Deed::new("wait", format!("wait for {}", until.name()));
        let work = page
            .0
            .wait_for_load_state(until, session::patience(&attempt));
        step::act(&ctx, &attempt, &page.0, deed, work)
    }
}
