//! What is done with the pointer, and what it must not hit.

use super::actions::run;

#[test]
fn a_press_that_would_hit_something_else_is_spared_and_tried_again() {
    run(&[("<ul id=list><li><button onclick='document.title = document.title.replace(`t`, ``) + `right `'>Right</button></ul>", r##"
        page.evaluate("() => { const shift = () => document.querySelector('#list').insertAdjacentHTML('afterbegin', `<li><button onmousedown='document.title = 1' onpointerdown='document.title = 2' onclick='document.title = 3'>Wrong</button>`); addEventListener('pointermove', shift, { once: true }) }");
        page.get_by_role("button", "Right").click();
        expect(page).to_have_title("right");
        // Nothing is left that would keep a press from what comes next.
        page.get_by_role("button", "Wrong").click();
        expect(page).to_have_title("3");
        page.get_by_role("button", "Right").click(#{ trial: true });
        page.get_by_role("button", "Wrong").hover();
        page.mouse.down();
        page.mouse.up();
        expect(page).to_have_title("3");
    "##)]).passes();
}

#[test]
fn the_pointer_hovers_presses_drags_and_taps() {
    run(&[("<p id=a onmouseenter='document.title = `over`' ondblclick='document.title = `twice`' oncontextmenu='document.title = `menu`; return false'>A</p>\
            <button id=b onclick='document.title = [event.shiftKey, event.detail, event.isTrusted]'>B</button>", r##"
        page.locator("#a").hover();
        expect(page).to_have_title("over");
        page.locator("#a").dblclick();
        expect(page).to_have_title("twice");
        page.locator("#a").click(#{ button: "right" });
        expect(page).to_have_title("menu");
        page.locator("#b").click(#{ modifiers: ["Shift"] });
        expect(page).to_have_title("true,1,true");
        page.locator("#b").tap();
        expect(page).to_have_title("false,1,true");
        page.locator("#b").click(#{ trial: true });
        page.mouse.click(400, 300);
        expect(page).to_have_title("false,1,true");
    "##),
    ("<div id=from draggable=true style='width:50px;height:50px;background:red' ondragstart='event.dataTransfer.setData(`text`, `cargo`)'>from</div>\
      <div id=to style='width:80px;height:80px;background:blue' ondragover='event.preventDefault()' ondrop='event.preventDefault(); document.title = event.dataTransfer.getData(`text`)'>to</div>", r##"
        page.locator("#from").drag_to(page.locator("#to"));
        expect(page).to_have_title("cargo");
    "##)]).passes();
}

#[test]
fn an_element_that_stood_still_before_is_waited_for_when_a_script_moves_it() {
    run(&[("<style>button { position: absolute; left: 0; top: 0; width: 60px; height: 30px }</style><button onclick='hit(event)'>Go</button>", r##"
        page.evaluate(`() => { window.hits = []; window.hit = (event) => hits.push([event.isTrusted, Boolean(window.moving)]);
            window.slide = () => new Promise((began) => { window.moving = true; let at = 0; const step = () => { at += 8;
                document.querySelector('button').style.left = at + 'px'; if (at === 16) began(); moving = at < 400; if (moving) requestAnimationFrame(step); }; step(); }) }`);
        let button = page.get_by_role("button", "Go");
        for n in 0..5 { button.click(); }
        page.evaluate("slide()");
        button.click();
        expect(page.evaluate("hits")).to_equal([[true, false], [true, false], [true, false], [true, false], [true, false], [true, false]]);
    "##)]).passes();
}

#[test]
fn clicks_in_a_row_are_no_double_click_and_frames_and_held_keys_count() {
    run(&[("<button id=a onclick='document.title += event.detail' ondblclick='document.title += `twice`'>A</button>\
            <iframe style='position:absolute;left:70px;top:50px' srcdoc='<button style=\"margin:40px\" \
            onclick=\"parent.document.title = [this.textContent, event.clientX < 200, event.altKey]\">Inside</button>'></iframe>", r##"
        page.evaluate("document.title = ''");
        page.locator("#a").click();
        page.locator("#a").click();
        expect(page).to_have_title("11");
        page.locator("#a").dblclick();
        expect(page).to_have_title("1112twice");
        page.keyboard.down("Alt");
        page.frame_locator("iframe").get_by_role("button").click();
        expect(page).to_have_title("Inside,true,true");
        page.keyboard.up("Alt");
        page.frame_locator("iframe").get_by_role("button").click();
        expect(page).to_have_title("Inside,true,false");
    "##)]).passes();
}

#[test]
fn a_drag_that_would_begin_on_something_else_is_spared_and_tried_again() {
    run(&[("<div id=veil onpointerdown='document.title += `veil `' onmouseup='document.title += `veil `' onclick='document.title += `veil `'></div>\
            <div id=from style='width:50px;height:50px' onmousedown='document.title = `from`'>from</div>\
            <div id=to style='width:80px;height:80px' onmouseup='document.title += ` to`'>to</div>", r##"
        page.evaluate("() => { document.title = ''; addEventListener('pointermove', () => { const veil = document.querySelector('#veil').style; veil.cssText = 'position:fixed;inset:0'; setTimeout(() => { veil.cssText = '' }, 200) }, { once: true, capture: true }) }");
        page.locator("#from").drag_to(page.locator("#to"));
        expect(page).to_have_title("from to");
    "##)]).passes();
}

#[test]
fn what_is_dragged_far_begins_before_the_page_scrolls() {
    run(&[("<div id=from draggable=true style='width:50px;height:50px' ondragstart='event.dataTransfer.setData(`text`, `cargo`)'>from</div>\
            <div id=to style='margin-top:3000px;height:80px' ondragover='event.preventDefault()' ondrop='event.preventDefault(); document.title = event.dataTransfer.getData(`text`)'>to</div>", r##"
        page.locator("#from").drag_to(page.locator("#to"));
        expect(page).to_have_title("cargo");
    "##),
    ("<div id=from style='width:50px;height:50px' onpointerdown='document.title = [event.offsetX, event.offsetY]'>from</div>\
      <iframe id=f srcdoc='<div id=to style=height:80px onmouseup=parent.document.title+=1>to</div>'></iframe>", r##"
        page.locator("#from").drag_to(page.frame_locator("#f").locator("#to"), #{ source_position: #{ x: 7, y: 9 } });
        expect(page).to_have_title("7,91");
    "##)]).passes();
}

#[test]
fn a_drag_that_fails_names_the_one_of_the_two_it_failed_with() {
    let cases = [
        (
            "page.locator(`#none`).drag_to(page.locator(`#to`), LIMIT)",
            "there is no `locator(\"#none\")`",
        ),
        (
            "page.locator(`#from`).drag_to(page.locator(`#none`), LIMIT)",
            "there is no `locator(\"#none\")`",
        ),
        (
            "page.locator(`#from`).drag_to(page.locator(`#to`), LIMIT)",
            "`locator(\"#to\")` is covered",
        ),
    ];
    let html = "<div id=from style='height:50px'>from</div><div id=to style='height:50px'>to</div>\
                <div style='position:fixed;top:60px;left:0;right:0;bottom:0'></div>";
    let deeds = cases.map(|(deed, _)| {
        let limited = deed.replace("LIMIT", r#"#{ timeout: "300ms" }"#);
        format!("try {{ {limited} }} catch {{}}")
    });
    let ran = run(&deeds.each_ref().map(|deed| (html, deed.as_str())));
    for ((_, told), news) in cases.iter().zip(&ran.bad_news) {
        let text = news.to_string();
        assert!(text.contains(told), "{text}");
    }
    assert_eq!(ran.bad_news.len(), cases.len());
}

#[test]
fn a_hover_that_would_hit_something_else_is_spared_and_tried_again() {
    // The key that is held comes before the move: what it brings about is there in time to be in the way.
    run(&[("<button onmousemove='if (event.shiftKey) document.title = `over`'>Go</button>\
            <div id=veil onmousemove='window.hit = true'></div>", r##"
        page.evaluate("() => { const veil = document.querySelector('#veil').style; addEventListener('keydown', () => { veil.cssText = 'position:fixed;inset:0'; setTimeout(() => { veil.cssText = '' }, 200) }, { once: true }) }");
        page.get_by_role("button").hover(#{ modifiers: ["Shift"] });
        expect(page).to_have_title("over");
        assert page.evaluate("window.hit") == ();
    "##)]).passes();
}

#[test]
fn a_finger_is_told_from_a_mouse() {
    run(&[("<button ontouchstart='document.title = event.touches.length' ontouchend='document.title += ` up`' onclick='document.title += ` ` + event.pointerType'>Go</button>", r##"
        page.get_by_role("button").tap();
        expect(page).to_have_title(regex("touch$"));
        let held = browser.open("about:blank", #{ touch: true });
        held.evaluate("html => { document.body.innerHTML = html }", [page.evaluate("document.body.innerHTML")]);
        held.get_by_role("button").tap();
        expect(held).to_have_title("1 up touch");
    "##)]).passes();
}

#[test]
fn options_that_mean_nothing_for_a_deed_are_refused() {
    let slips = [
        ("tap(#{ button: `right` })", "`tap` has no option `button`"),
        ("hover(#{ delay: `1s` })", "`hover` has no option `delay`"),
        (
            "dblclick(#{ click_count: 3 })",
            "`dblclick` has no option `click_count`",
        ),
        (
            "check(#{ modifiers: [`Shift`] })",
            "`check` has no option `modifiers`",
        ),
        (
            "press(`a`, #{ delay: `1s` })",
            "`press` has no option `delay`",
        ),
        ("click(#{ button: `wheel` })", "there is no button `wheel`"),
    ];
    let script: String = slips
        .iter()
        .map(|(slip, _)| format!("try {{ page.locator(`body`).{slip} }} catch {{}}\n"))
        .collect();
    let ran = run(&[("", &script)]);
    let told: Vec<&str> = ran.bad_news.iter().map(|news| &*news.message).collect();
    assert_eq!(told, slips.map(|(_, told)| told));
}

#[test]
fn mouse_and_keyboard_do_what_a_hand_does() {
    run(&[("<div style='width:200px;height:200px' onmousedown='document.title = [event.clientX, event.clientY, event.button]' onmouseup='document.title += ` ` + [event.clientX, event.clientY]' ondblclick='document.title += ` twice`'>x</div><input>", r##"
        page.mouse.move(20, 30);
        page.mouse.down();
        page.mouse.move(50, 60);
        page.mouse.up();
        expect(page).to_have_title("20,30,0 50,60");
        page.mouse.dblclick(30, 30);
        expect(page).to_have_title(regex("twice$"));
        page.mouse.click(30, 40, #{ button: "middle" });
        expect(page).to_have_title("30,40,1 30,40");
        page.locator("input").focus();
        page.keyboard.type("ab ü😀");
        page.keyboard.down("Shift");
        page.keyboard.press("Home");
        page.keyboard.up("Shift");
        page.keyboard.press("Control+X");
        page.keyboard.press("+");
        page.keyboard.press("Control+V");
        expect(page.locator("input")).to_have_value("+ab ü😀");
        page.locator("input").blur();
        expect(page.locator("input")).not_to_be_focused();
    "##)]).passes();
}
