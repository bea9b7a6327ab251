//! What a script can claim about a page, and about pictures of pages and elements.

use super::claims_text::snapshot_of;
use super::doing::{limit, missed_failure};
use super::finders::Finder;
use super::page::Page;
use super::shots;
use crate::browser::claim::{Expected, LocatorClaim, Options, PageClaim, Subject, judge};
use crate::browser::locator::{Locator, Wording, verdict};
use crate::browser::picture::{self, Baseline, Difference, Shot, Tolerance};
use crate::browser::step::{self, Deed};
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure};
use crate::host::options;
use crate::host::script::{self, Raise};
use crate::log::artifact;
use rhai::plugin::*;
use rhai::{Dynamic, Map, NativeCallContext};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Whether pictures of before are written anew: `--env UPDATE_SCREENSHOTS=1`.
const UPDATE: &str = "UPDATE_SCREENSHOTS";

#[export_module]
pub mod pages {
    /// Begins a claim about a page: `expect(page).to_…`. It is looked at again until it holds.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<title>Shop</title>");
    /// expect(page).to_have_title("Shop");
    /// ```
    #[rhai_fn(name = "expect")]
    pub fn expect_page(ctx: NativeCallContext, page: Page) -> PageClaim {
        PageClaim {
            place: page.base(&ctx).place,
            message: None,
        }
    }

    /// Like `expect(page)`; `message` stands before the explanation when the claim does not hold.
    #[rhai_fn(name = "expect")]
    pub fn expect_page_saying(ctx: NativeCallContext, page: Page, message: &str) -> PageClaim {
        PageClaim {
            place: page.base(&ctx).place,
            message: Some(message.to_owned()),
        }
    }

    /// Claims that the page is at this address: relative to the base URL, or to the page; `*` stands for a part of a path and
    /// `**` for anything. Or `regex("…")`.
    ///
    /// ```rhai
    /// let page = browser.open("about:blank");
    /// expect(page).to_have_url("about:blank");
    /// expect(page).not_to_have_url(regex("/login"));
    /// ```
    #[rhai_fn(name = "to_have_url", name = "not_to_have_url", return_raw, pure)]
    pub fn to_have_url(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        url: Dynamic,
    ) -> Result<bool, Raise> {
        at(&ctx, claim, &url, Map::new())
    }

    /// Like `to_have_url(url)` with the option `timeout`.
    #[rhai_fn(name = "to_have_url", name = "not_to_have_url", return_raw, pure)]
    pub fn to_have_url_with(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        url: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        at(&ctx, claim, &url, options)
    }

    /// Claims that the page has exactly this title, white space aside, or one that fits `regex("…")`.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<title>Shop: cart</title>");
    /// expect(page).to_have_title(regex("cart$"));
    /// ```
    #[rhai_fn(name = "to_have_title", name = "not_to_have_title", return_raw, pure)]
    pub fn to_have_title(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        title: Dynamic,
    ) -> Result<bool, Raise> {
        titled(&ctx, claim, &title, Map::new())
    }

    /// Like `to_have_title(title)` with the options `ignore_case` and `timeout`.
    #[rhai_fn(name = "to_have_title", name = "not_to_have_title", return_raw, pure)]
    pub fn to_have_title_with(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        title: Dynamic,
        options: Map,
    ) -> Result<bool, Raise> {
        titled(&ctx, claim, &title, options)
    }

    /// Claims that the page has these roles, names and states in it, in this order.
    ///
    /// ```rhai
    /// let page = browser.open("data:text/html,<h1>Shop</h1><p>Welcome</p>");
    /// expect(page).to_match_aria_snapshot("- heading \"Shop\"");
    /// ```
    #[rhai_fn(
        name = "to_match_aria_snapshot",
        name = "not_to_match_aria_snapshot",
        return_raw,
        pure
    )]
    pub fn page_to_match_aria_snapshot(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        text: &str,
    ) -> Result<bool, Raise> {
        judge(
            &ctx,
            &Subject::Page(&claim.place),
            claim.message.as_deref(),
            || snapshot_of(text, Map::new()),
        )
    }

    /// Like `to_match_aria_snapshot(snapshot)` with the option `timeout`.
    #[rhai_fn(
        name = "to_match_aria_snapshot",
        name = "not_to_match_aria_snapshot",
        return_raw,
        pure
    )]
    pub fn page_to_match_aria_snapshot_with(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        text: &str,
        options: Map,
    ) -> Result<bool, Raise> {
        judge(
            &ctx,
            &Subject::Page(&claim.place),
            claim.message.as_deref(),
            || snapshot_of(text, options),
        )
    }

    /// Claims that the page looks as in the picture of before, `screenshots/<script>/<name>.png` beside the script. It is
    /// written with `scenario run --env UPDATE_SCREENSHOTS=1`; look at it before you commit it.
    #[rhai_fn(name = "to_have_screenshot", return_raw, pure)]
    pub fn page_to_have_screenshot(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        name: &str,
    ) -> Result<bool, Raise> {
        looks(&ctx, Seen::Page(claim), name, Map::new())
    }

    /// Like `to_have_screenshot(name)` with options: `full_page`, `mask` (locators painted over), `mask_color`, `threshold` (how
    /// far a colour may be off, 0.2), `max_diff_pixels`, `max_diff_ratio` (how many pixels may), `timeout`.
    ///
    /// ```rhai,no_run
    /// let page = browser.open("/cart");
    /// expect(page).to_have_screenshot("cart", #{ mask: page.get_by_test_id("clock"), max_diff_ratio: 0.01 });
    /// ```
    #[rhai_fn(name = "to_have_screenshot", return_raw, pure)]
    pub fn page_to_have_screenshot_with(
        ctx: NativeCallContext,
        claim: &mut PageClaim,
        name: &str,
        options: Map,
    ) -> Result<bool, Raise> {
        looks(&ctx, Seen::Page(claim), name, options)
    }

    /// Claims that the element looks as in the picture of before.
    #[rhai_fn(name = "to_have_screenshot", return_raw, pure)]
    pub fn to_have_screenshot(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        name: &str,
    ) -> Result<bool, Raise> {
        looks(&ctx, Seen::Element(claim), name, Map::new())
    }

    /// Like `to_have_screenshot(name)` with the options of a page's picture, except `full_page`.
    #[rhai_fn(name = "to_have_screenshot", return_raw, pure)]
    pub fn to_have_screenshot_with(
        ctx: NativeCallContext,
        claim: &mut LocatorClaim,
        name: &str,
        options: Map,
    ) -> Result<bool, Raise> {
        looks(&ctx, Seen::Element(claim), name, options)
    }
}

fn at(
    ctx: &NativeCallContext,
    claim: &PageClaim,
    url: &Dynamic,
    options: Map,
) -> Result<bool, Raise> {
    let base = script::world(ctx)?.base_url.clone();
    judge(
        ctx,
        &Subject::Page(&claim.place),
        claim.message.as_deref(),
        || {
            let wording = Wording::read(url, "the address")?;
            let expected = Expected::default()
                .arg("expected", wording.to_json())
                .showing(wording.show());
            let expected = match base {
                Some(base) => expected.arg("base", base),
                None => expected,
            };
            Ok((expected, Options::read("to_have_url", options)?))
        },
    )
}

fn titled(
    ctx: &NativeCallContext,
    claim: &PageClaim,
    title: &Dynamic,
    options: Map,
) -> Result<bool, Raise> {
    judge(
        ctx,
        &Subject::Page(&claim.place),
        claim.message.as_deref(),
        || {
            Ok((
                Expected::words(title)?,
                Options::read("to_have_title", options)?,
            ))
        },
    )
}

/// What is in a picture.
enum Seen<'a> {
    Page(&'a PageClaim),
    Element(&'a LocatorClaim),
}

/// What a picture is compared with, and how.
struct Comparison {
    file: PathBuf,
    shot: Shot,
    tolerance: Tolerance,
    limit: Duration,
    update: bool,
}

fn looks(ctx: &NativeCallContext, seen: Seen<'_>, name: &str, given: Map) -> Result<bool, Raise> {
    let attempt = script::attempt(ctx)?;
    attempt.count_assertion();
    let wanted = comparison(&attempt, &seen, name, given)
        .map_err(|failure| script::fail(ctx, &attempt, failure))?;
    let (place, chain, shown) = match &seen {
        Seen::Page(claim) => (&claim.place, None, "page".to_owned()),
        Seen::Element(claim) => (
            &claim.locator.place,
            Some(&claim.locator.chain),
            claim.locator.show(),
        ),
    };
    let deed = Deed::new(
        "expect",
        format!("expect {shown} to_have_screenshot {name:?}"),
    )
    .on(shown);
    let subject = Locator {
        place: place.clone(),
        chain: chain.cloned().unwrap_or_default(),
    };
    let mut pictures: Vec<(&'static str, Vec<u8>)> = Vec::new();
    step::perform(ctx, &attempt, &place.tab, deed, async |account| {
        let log = &mut account.log;
        let deadline = Instant::now() + wanted.limit;
        let verdict = loop {
            let png = match picture::take(place, chain, &wanted.shot, deadline, log).await {
                Ok(png) => png,
                Err(missed) => {
                    return Err(missed_failure(
                        &subject,
                        "to_have_screenshot",
                        missed,
                        wanted.limit,
                        log,
                    )
                    .await);
                }
            };
            match Baseline::hold(&wanted.file, &png, &wanted.tolerance, wanted.update)? {
                Baseline::Differs(difference) if Instant::now() < deadline => {
                    log.tell(difference.show())
                }
                Baseline::Differs(difference) => break Err((png, Some(difference))),
                Baseline::Absent => break Err((png, None)),
                Baseline::Same => break Ok(()),
                Baseline::Written => {
                    log.tell(format!("written: {}", wanted.file.display()));
                    break Ok(());
                }
            }
        };
        let Err((png, difference)) = verdict else {
            return Ok(true);
        };
        let failure = told(name, &wanted, difference.as_ref());
        pictures.extend(
            difference
                .and_then(|difference| difference.png())
                .map(|png| ("diff", png)),
        );
        pictures.extend(
            std::fs::read(&wanted.file)
                .ok()
                .map(|png| ("expected", png)),
        );
        pictures.push(("actual", png));
        keep(&attempt, name, &pictures);
        Err(verdict::with_log(failure, log))
    })
}

fn comparison(
    attempt: &Attempt,
    seen: &Seen<'_>,
    name: &str,
    given: Map,
) -> Result<Comparison, Failure> {
    let mut options = options::Options::new("to_have_screenshot", given);
    let mut shot = shots::read(&mut options)?;
    let tolerance = shots::tolerance(&mut options)?;
    let timeout = options.duration("timeout")?;
    if matches!(seen, Seen::Page(_)) {
        shot.full_page = options.flag("full_page")?.unwrap_or(false);
    }
    options.finish()?;
    let identity = attempt.identity();
    let update = attempt
        .world()
        .env
        .get(UPDATE)
        .is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    // Whoever writes pictures anew does not want to wait until they are as before.
    let limit = if update {
        Duration::ZERO
    } else {
        limit(attempt, timeout.or(Some(Duration::from_secs(5))))
    };
    Ok(Comparison {
        file: picture::file_of(&identity.script_dir, identity.file(), name)?,
        shot,
        tolerance,
        limit,
        update,
    })
}

fn told(name: &str, wanted: &Comparison, difference: Option<&Difference>) -> Failure {
    let file = wanted.file.display().to_string();
    let failure = match difference {
        Some(difference) => Failure::product(
            Code::Assertion,
            format!("{name:?} does not look as before: {}", difference.show()),
        ),
        None => Failure::product(
            Code::Assertion,
            format!("there is no picture {name:?} to compare with yet"),
        ),
    };
    let again = format!(
        "if it is right as it is now: scenario run --env {UPDATE}=1 …, look at the picture, and commit it"
    );
    failure.detail("picture", file).hint(again)
}

/// Keeps the pictures at the step, for whoever reads the report.
fn keep(attempt: &Attempt, name: &str, pictures: &[(&'static str, Vec<u8>)]) {
    for (what, png) in pictures {
        let file = format!("{}-{what}.png", name.trim_end_matches(".png"));
        if let Err(error) = artifact::keep(attempt, &file, "image/png", png.as_slice()) {
            attempt.log(crate::host::record::Level::Warn, error.to_string());
        }
    }
}
