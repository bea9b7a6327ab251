//! What is offered where. `|` marks the place in a text.

use super::*;

fn split(marked: &str) -> (String, usize) {
    let at = marked.find('‸').expect("a place marked by ‸");
    (marked.replacen('‸', "", 1), at)
}

fn modules(path: &str) -> Option<String> {
    match path {
        "shop" => Some(
            "// The shop.\n\n// Starts it.\nfn up(name, size) { spawn_service(name, #{}) }\nprivate fn inner() {}\nexport const PORT = 80;\n"
                .into(),
        ),
        path => embedded(path),
    }
}

fn context() -> Context<'static> {
    Context {
        book: book(),
        locals: &[],
        module: &modules,
    }
}

fn labels(marked: &str) -> Vec<String> {
    let (text, at) = split(marked);
    let offers = complete(&context(), &text, at);
    offers.items.into_iter().map(|item| item.label).collect()
}

#[track_caller]
fn offers(marked: &str, wanted: &[&str], unwanted: &[&str]) {
    let labels = labels(marked);
    for word in wanted {
        assert!(
            labels.iter().any(|label| label == word),
            "{marked}: no {word} in {labels:?}"
        );
    }
    for word in unwanted {
        assert!(
            !labels.iter().any(|label| label == word),
            "{marked}: {word} in {labels:?}"
        );
    }
}

#[test]
fn of_several_functions_of_one_name_the_one_for_the_argument_is_meant() {
    offers(
        "expect(1).to_‸",
        &["to_equal", "to_match"],
        &["to_be_visible", "to_have_url"],
    );
    offers(
        "expect(total(1), \"why\").to_‸",
        &["to_equal"],
        &["to_be_visible"],
    );
    let page = "let page = browser.open(\"/\"); ";
    offers(
        &format!("{page}expect(page).to_‸"),
        &["to_have_url"],
        &["to_equal", "to_be_visible"],
    );
    let button = "expect(page.get_by_role(\"button\")).to_‸";
    offers(
        &format!("{page}{button}"),
        &["to_be_visible"],
        &["to_equal", "to_have_url"],
    );
}

#[test]
fn the_methods_of_a_primitive_stand_behind_its_point() {
    offers(
        "http.‸",
        &["get", "post", "client", "cookies"],
        &["status", "push", "http"],
    );
    assert_eq!(labels("http.ge‸"), ["get"]);
}

#[test]
fn an_obvious_call_is_followed_to_what_it_gives() {
    offers("http.get(\"/\").‸", &["status", "json", "header"], &["get"]);
    offers(
        "let res = http.get(\"/\", #{ timeout: \"1s\" });\nres.‸",
        &["status"],
        &["post"],
    );
    offers(
        "let api = http.client(); let r = api.post(\"/\"); { r.‸ }",
        &["ok"],
        &[],
    );
    offers(
        "let s = spawn_service(\"a\", #{}); s.‸",
        &["pid", "logs"],
        &["status"],
    );
    offers(
        "http.get(\"/\").text.‸",
        &["split", "contains"],
        &["status"],
    );
    offers(
        "fn load() { let a = 1; http.get(\"/\") }\nload().‸",
        &["status"],
        &[],
    );
}

#[test]
fn a_map_has_the_keys_it_was_written_with() {
    offers(
        "let user = #{ name: \"Ada\", age: 36 }; user.‸",
        &["name", "age", "keys"],
        &["status"],
    );
}

#[test]
fn the_state_has_the_keys_that_the_file_assigns() {
    let text = "phase(\"a\", |state| { state.task = 1; });\nphase(\"b\", |state| { state.‸ });";
    offers(text, &["task", "get"], &["status"]);
}

#[test]
fn option_keys_stand_in_the_map_of_a_known_call() {
    offers(
        "http.get(\"/\", #{ ‸ })",
        &["headers", "timeout", "retry"],
        &["json", "http"],
    );
    offers(
        "http.post(\"/\", #{ timeout: \"1s\", ‸ })",
        &["json", "form"],
        &["timeout"],
    );
    offers("wait_until(#{ ho‸", &["hold_for"], &["timeout"]);
    offers(
        "phase(\"a\", #{ re‸ }, || {})",
        &["ready", "retries"],
        &["every"],
    );
    offers("http.get(\"/\", #{ timeout: ‸ })", &["env"], &["headers"]);
    let of_scenario = "scenario(\"a\", #{ re‸ }, || {})";
    offers(of_scenario, &["retries", "requires"], &["ready"]);
    offers("let m = #{ ‸ }", &[], &["headers", "http"]);
}

#[test]
fn what_a_module_exports_stands_behind_its_alias() {
    let text = "import \"shop\" as shop;\nshop::‸";
    assert_eq!(labels(text), ["up", "PORT"]);
    offers(
        "import \"shop\" as shop;\nshop::up(\"a\", 1).‸",
        &["pid"],
        &["status"],
    );
    offers(
        "import \"std/p‸",
        &["std/postgres", "std/python"],
        &["std/redis"],
    );
}

#[test]
fn names_of_the_text_are_offered_where_they_are_visible() {
    let text = "fn helper(a) { }\nlet outer = 1;\nif true { let inner = 2; ou‸ }\n";
    offers(text, &["outer"], &["inner"]);
    offers(
        "if true { let inner = 2; }\n‸",
        &["assert", "http", "let"],
        &["inner"],
    );
    offers("let outer = 1;\nfn f(x) { ‸ }", &["x", "f"], &["outer"]);
    offers("[1].map(|item, index| i‸)", &["item", "index"], &[]);
    offers("for row in [1] { r‸ }", &["row", "run"], &[]);
    offers("try { } catch (caught) { ‸ }", &["caught"], &[]);
    offers("let later = lat‸", &[], &["later"]);
}

#[test]
fn nothing_is_offered_where_nothing_can_be_completed() {
    for text in [
        "// http.‸",
        "\"http.‸\"",
        "let ‸",
        "/* http.‸ */",
        "`http.‸`",
    ] {
        assert_eq!(labels(text), Vec::<String>::new(), "{text}");
    }
    offers("`${http.‸}`", &["get"], &[]);
}

#[test]
fn a_completion_replaces_the_word_that_was_begun() {
    let (text, at) = split("http.ge‸t(1)");
    let offers = complete(&context(), &text, at);
    assert_eq!(offers.range, 5..7);
    assert_eq!(offers.items[0].insert, "get(");
    assert!(offers.items[0].docs.contains("Sends a GET request"));
}

#[test]
fn the_argument_being_written_is_known() {
    let (text, at) = split("http.post(\"/a\", #{ json: ‸");
    let found = signature_at(&context(), &text, at).unwrap();
    let active = &found.all[found.active];
    assert_eq!(
        active.label,
        "Http.post(url: text, options: map) -> Response"
    );
    assert_eq!(
        (found.argument, active.parameters[1].as_str()),
        (1, "options: map")
    );

    let (text, at) = split("phase(\"a\", #{ needs: [\"b\", \"c\"] }, ‸");
    assert_eq!(signature_at(&context(), &text, at).unwrap().argument, 2);
    let (text, at) = split("fn both(a, b) {}\nboth(1, ‸)");
    assert_eq!(
        signature_at(&context(), &text, at).unwrap().all[0].label,
        "both(a, b)"
    );
    let (text, at) = split("phase(\"a\", || { ‸ })");
    assert_eq!(signature_at(&context(), &text, at), None);
}

#[test]
fn a_hover_tells_what_a_name_is() {
    let told = |marked: &str| {
        let (text, at) = split(marked);
        hover(&context(), &text, at)
            .map(|(_, told)| told)
            .unwrap_or_default()
    };
    assert!(told("http.g‸et(\"/\")").contains("Http.get(url: text) -> Response"));
    assert!(told("ht‸tp.get(\"/\")").starts_with("# http"));
    assert!(told("let r = http.get(\"/\"); ‸r.ok").contains("r: Response"));
    assert!(told("http.get(\"/\", #{ tim‸eout: \"1s\" })").contains("option `timeout` of `get`"));
    assert!(told("// Adds one.\nfn inc(x) { x + 1 }\ninc‸(1)").contains("Adds one."));
    assert!(told("import \"shop\" as shop; shop::u‸p()").contains("Starts it."));
    assert!(told("import \"sh‸op\" as shop;").contains("The shop."));
    assert_eq!(told("1 + ‸2"), "");
}

#[test]
fn a_name_leads_to_where_it_was_declared() {
    let declared = |marked: &str| {
        let (text, at) = split(marked);
        match symbol_at(&context(), &text, at)?.1 {
            Symbol::Variable(place, _) | Symbol::Function(place, ..) => Some(place.start),
            Symbol::State(places) => places.first().map(|place| place.start),
            _ => None,
        }
    };
    assert_eq!(declared("let a = 1; let a = 2; ‸a"), Some(15));
    assert_eq!(declared("le‸t a = 1;"), None);
    assert_eq!(declared("let ‸a = 1;"), Some(4));
    assert_eq!(declared("fn f() { 1 } ‸f()"), Some(3));
    assert_eq!(declared("|state| { state.id = 1; state.‸id }"), Some(16));
}

#[test]
fn help_is_found_by_name() {
    let book = book();
    assert!(
        doc_of(book, "http.get")
            .unwrap()
            .contains("Http.get(url: text) -> Response")
    );
    assert!(doc_of(book, "http").unwrap().starts_with("# http"));
    assert!(doc_of(book, "wait_until").unwrap().contains("hold_for"));
    assert!(
        doc_of(book, "Response.json")
            .unwrap()
            .contains("Response.json")
    );
    assert!(doc_of(book, "assert").unwrap().starts_with("# assert"));
    assert_eq!(doc_of(book, "http.gett"), None);
}

#[test]
fn no_text_and_no_place_is_too_odd() {
    let texts = [
        "", "ä", "`${", "http.", "#{", "a::", ".", "|", "fn", "import", "((((", "))))", "\"", "/*",
        "`a${b}c",
    ];
    for text in texts {
        for at in 0..text.len() + 3 {
            complete(&context(), text, at);
            signature_at(&context(), text, at);
            hover(&context(), text, at);
        }
    }
}
