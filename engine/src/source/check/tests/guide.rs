//! The scripts people are shown first.

use super::problems;

/// The scripts of the guide, as they are shown there.
const SHOWN: &[&str] = &[
    r##"
scenario("Export finishes", #{ tags: ["export", "two-phase"], retries: 1 });

phase("prepare", |state| {
    let res = http.post("/tasks", #{ json: #{ kind: "export", rows: 500 } });
    assert res.status == 202;
    state.task = res.json.id;                      // what crosses the gap is what you put on `state`
});

phase("validate", #{
    ready: |state| {                               // polled by the scheduler; no thread, browser or slot is held
        let task = http.get(`/tasks/${state.task}`).json;
        if task.state == "FAILURE" { give_up(`task ended in ${task.state}: ${task.error}`) }
        task.state == "SUCCESS"
    },
    every: "2s", within: "10m",
}, |state| {
    let page = browser.open("/");
    expect(page.locator(`#task-${state.task} .state`)).to_have_text("SUCCESS");
});
"##,
    r##"
import "stacks/shop" as shop;
scenario("A customer chats with support", #{ tags: ["journey", "smoke"], timeout: "2m" });

phase("journey", || {
    let app = shop::up();                          // PostgreSQL, Redis, object store and the app, in a private directory
    let page = browser.open(app.web.url);
    step("log in", || {
        page.get_by_label("E-mail").fill("ada@example.com");
        page.get_by_label("Password").fill(secret("ADA_PASSWORD"));
        page.get_by_role("button", "Sign in").click();
        expect(page).to_have_url("/dashboard");
    });
    step("chat", || {
        page.get_by_role("textbox", "Message").fill("hello");
        page.keyboard.press("Enter");
        expect(page.get_by_test_id("reply").last()).to_contain_text("hello");
    });
});
"##,
    r##"
scenario("Integration trial", [
    phase("compile", |state| {
        exec("make api");
        state.port = free_port();
        state.url = `http://127.0.0.1:${state.port}`;
        state.db = unique("trial");
        exec(["createdb", state.db]);
    }),
    phase("run api",   #{ needs: ["compile"], stop_when: #{ test: TERMINAL } }, |state| exec(["./api", "--port", state.port])),
    phase("api is up", #{ needs: #{ "run api": ["executing"] } }, |state| wait_until(|| http.get(state.url).status == 200)),
    phase("test",      #{ needs: ["api is up"] }, |state| { /* … */ }),
    phase("drop db",   #{ needs: #{ test: TERMINAL }, always: true }, |state| exec(["dropdb", state.db])),
]);
"##,
    r##"
let res = http.get("https://localhost:8443/health");
assert res.status == 200;
assert res.json.database == "up", "migrations must have run";
"##,
    "for user in load_csv(\"users.csv\") { scenario(`login as ${user.name}`, || { log(user); }) }",
];

#[test]
fn the_scripts_of_the_guide_raise_nothing() {
    for script in SHOWN {
        assert_eq!(problems(script), "");
    }
}
