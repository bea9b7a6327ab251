//! What a person did, and the lines that come of it.

use super::recording::Recording;
use super::transcript::{Manner, Transcript, transcribe};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use scenario_stdlib::browser::record::{Act, Deed, Heard, What};
use std::collections::BTreeMap;

fn did(at: &str, act: Act) -> What {
    What::Did(Deed {
        at: at.into(),
        frames: Vec::new(),
        act,
    })
}

fn fill(at: &str, value: &str, called: &str) -> What {
    let (value, called) = (value.into(), called.into());
    let secret = false;
    did(
        at,
        Act::Fill {
            value,
            secret,
            called,
        },
    )
}

const CLICK: Act = Act::Click { button: None };

fn arrived(url: &str) -> What {
    What::Arrived {
        url: url.into(),
        was_asked: false,
    }
}

/// The lines of a recording that began at `/`.
fn lines(what: Vec<What>) -> Transcript {
    let mut recording = Recording::default();
    let url = "http://shop/".to_owned();
    let first = [
        What::Opened { by: None },
        What::Asked { url: url.clone() },
        What::Arrived {
            url,
            was_asked: true,
        },
    ];
    for what in first.into_iter().chain(what) {
        recording.hear(Heard { page: 1, what });
    }
    let manner = Manner {
        base_url: Some("http://shop".into()),
        known: BTreeMap::from([("lovelace".into(), "ADA_PASSWORD".into())]),
        folder: "order_files".into(),
    };
    transcribe(&recording, &manner)
}

#[test]
fn what_was_one_deed_is_one_line() {
    let got = lines(vec![
        did("field", Act::Focus),
        fill("field", "t", ""),
        fill("field", "tea", ""),
        did("box", CLICK),
        did("box", CLICK),
        did("box", Act::Dblclick),
        did("other", Act::Focus),
    ]);
    assert_eq!(
        got.lines,
        [
            "let page = browser.open(\"/\");",
            "page.field.fill(\"tea\");",
            "page.box.dblclick();",
            "expect(page).to_have_url(\"/\");",
        ]
    );
}

#[test]
fn where_a_deed_led_is_claimed_without_what_differs_from_run_to_run() {
    let got = lines(vec![
        did("link", CLICK),
        arrived("http://shop/go"),
        arrived("http://shop/orders/1234/items?page=2"),
        did("other", CLICK),
        arrived("http://pay.test/3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ]);
    assert_eq!(
        got.lines[1..],
        [
            "page.link.click();",
            "expect(page).to_have_url(\"/orders/*/items**\");",
            "page.other.click();",
            "expect(page).to_have_url(\"http://pay.test/*\");",
        ]
    );
}

#[test]
fn addresses_that_a_person_asks_for_are_visited_again_left_or_gone_back_to() {
    let asked = |url: &str| {
        let url = url.to_owned();
        let was_asked = true;
        [
            What::Asked { url: url.clone() },
            What::Arrived { url, was_asked },
        ]
    };
    let went = ["http://shop/a", "http://shop/a", "http://shop/"];
    let got = lines(went.into_iter().flat_map(asked).collect());
    assert_eq!(
        got.lines[1..4],
        ["page.visit(\"/a\");", "page.reload();", "page.back();"]
    );
}

#[test]
fn secrets_have_names_of_their_own_or_those_they_had() {
    let got = lines(vec![
        fill("a", "lovelace", "Password"),
        fill("b", "hush", "API key"),
        fill("c", "pst", "Password"),
        fill("d", "x", "Password"),
    ]);
    let text = &got.script.text;
    for name in ["ADA_PASSWORD", "API_KEY", "PASSWORD", "PASSWORD_2"] {
        assert!(text.contains(&format!("secret(\"{name}\")")), "{text}");
    }
    for value in ["lovelace", "hush", "pst", "\"x\""] {
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn a_new_tab_a_download_and_a_question_stand_around_the_deed_that_began_them() {
    let mut recording = Recording::default();
    let mut hear = |page, what| recording.hear(Heard { page, what });
    hear(1, What::Opened { by: None });
    let url = "http://shop/".to_owned();
    hear(1, What::Asked { url });
    hear(1, did("link", CLICK));
    hear(2, What::Opened { by: Some(1) });
    hear(1, did("list", CLICK));
    hear(1, What::Downloads);
    hear(1, did("delete", CLICK));
    let answer = What::Answered {
        accepted: true,
        text: Some("ok".into()),
    };
    hear(1, answer.clone());
    hear(1, did("again", CLICK));
    hear(1, answer);
    let got = transcribe(&recording, &Manner::default());
    assert_eq!(
        got.lines[1..],
        [
            "let page_2 = page.wait_for_popup(|page| page.link.click());",
            "let download = page.wait_for_download(|page| page.list.click());",
            "page.answer_dialogs(#{ accept: true, text: \"ok\" });",
            "page.delete.click();",
            "page.again.click();",
        ]
    );
}

#[test]
fn files_that_are_long_or_no_text_lie_beside_the_script() {
    let files = Act::Files {
        number: "1".into(),
        names: vec!["a.txt".into(), "../b.png".into(), "gone.iso".into()],
    };
    let content = |index, bytes: &[u8]| {
        let act = Act::Content {
            number: "1".into(),
            index,
            base64: BASE64_STANDARD.encode(bytes),
        };
        did("", act)
    };
    let got = lines(vec![
        did("files", files),
        content(0, b"tea"),
        content(1, &[0x89, 0xff]),
    ]);
    assert_eq!(
        got.lines[1],
        "page.files.set_input_files([#{ name: \"a.txt\", content: \"tea\" }, \"order_files/.._b.png\", \"gone.iso\"]);"
    );
    assert_eq!(got.files["order_files/.._b.png"], [0x89, 0xff]);
}
