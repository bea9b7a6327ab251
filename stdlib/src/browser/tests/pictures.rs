//! Pictures compared with those of before, and pages looked at for people who cannot see them.

use super::*;
use crate::host::record::Record;
use std::path::Path;

const PAGE: &str = "<!doctype html><html lang=en><title>t</title><style>body { margin: 0 } p { animation: m 1s infinite } @keyframes m { to { opacity: .3 } }</style>\
    <div id=box style='width:100px;height:50px;background:rgb(0, 128, 0)'></div><p data-testid=clock>x</p>";

fn looked(dir: &Path, update: bool, script: &str) -> crate::host::fake::Ran {
    let (here, flag) = (dir.to_owned(), update);
    against(serve(Box::leak(Box::new([("/", PAGE)]))))
        .identity(|identity| identity.scenario = "shop.rhai::looks".into())
        .world(move |world| {
            world.project = here;
            if flag {
                world.env.insert("UPDATE_SCREENSHOTS".into(), "1".into());
            }
        })
        .run(script)
}

#[test]
fn a_picture_is_compared_with_that_of_before() {
    let dir = tempfile::tempdir().unwrap();
    let script = r##"
        let page = browser.open("/");
        expect(page.locator("#box")).to_have_screenshot("box");
        expect(page).to_have_screenshot("page", #{ mask: page.get_by_test_id("clock") });
    "##;
    let absent = looked(dir.path(), false, script);
    assert!(
        absent
            .error()
            .contains("there is no picture \"box\" to compare with yet"),
        "{}",
        absent.error()
    );
    looked(dir.path(), true, script).passes();
    assert!(dir.path().join("screenshots/shop/box.png").is_file());
    looked(dir.path(), false, script).passes();

    let changed = looked(
        dir.path(),
        false,
        r##"
        let page = browser.open("/");
        page.evaluate("document.querySelector('#box').style.background = 'rgb(128, 0, 0)'");
        expect(page.locator("#box")).to_have_screenshot("box", #{ timeout: "1ms" });
    "##,
    );
    assert!(
        changed
            .error()
            .contains("5000 of 5000 pixels (100.00 %) differ, and 0 may"),
        "{}",
        changed.error()
    );
    let kept: Vec<&str> = changed
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Attached { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    for name in ["box-diff.png", "box-expected.png", "box-actual.png"] {
        assert!(kept.contains(&name), "{name}: {kept:?}");
    }
}

#[test]
fn a_page_is_checked_for_people_who_cannot_see_it() {
    let bad = "<img src=x><input><button></button><label for=q>q</label><i id=q></i><i id=q></i>";
    let ran = against(serve(Box::leak(Box::new([("/", bad), ("/good", PAGE)])))).run(
        r##"
        browser.open("/good").check_accessibility();
        browser.open("/").check_accessibility(#{ except: ["document-title"] });
    "##,
    );
    let text = ran.error();
    assert!(
        text.contains("the page breaks 5 rules of accessibility"),
        "{text}"
    );
    assert!(
        text.contains("image-alt") && text.contains("is get_by_role(\"textbox\")"),
        "{text}"
    );
    assert!(!text.contains("document-title:"), "{text}");
}

#[test]
fn a_picture_of_a_page_paints_over_what_its_masks_name() {
    let dir = tempfile::tempdir().unwrap();
    let ran = looked(
        dir.path(),
        false,
        r#"
        let page = browser.open("data:text/html,<title>Rugs</title><h1>Rugs</h1>");
        let bare = page.screenshot();
        let pink = page.screenshot(#{ mask: page.locator("body"), mask_color: "rgb(255, 0, 255)", name: "hidden" });
        assert pink.len() > 100 && pink != bare;
        assert page.screenshot() == bare, "what was painted over is there again";
        page.screenshot(#{ masks: [] });
        "#,
    );
    assert!(
        ran.error().contains("did you mean `mask`?"),
        "{}",
        ran.error()
    );
}
