//! No secret leaves the process: not on the terminal, in no report, in no file, in none of its usual disguises.

use super::Project;
use std::path::Path;

const CANARY: &str = "c4n@ry/wh1t+tail";

/// As it stands, in base64 (at any offset), in a URL, in hex, and as JSON text.
fn disguises() -> Vec<String> {
    let base64 = |bytes: &[u8]| {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for three in bytes.chunks_exact(3) {
            let word = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            for shift in [18, 12, 6, 0] {
                out.push(char::from(DIGITS[(word >> shift) as usize & 63]));
            }
        }
        out
    };
    let bytes = CANARY.as_bytes();
    let mut all = vec![
        CANARY.to_owned(),
        "c4n%40ry%2Fwh1t%2Btail".into(),
        "c4n%40ry/wh1t+tail".into(),
        "c4n%40ry%2fwh1t%2btail".into(),
        CANARY.bytes().map(|byte| format!("{byte:02x}")).collect(),
        CANARY.bytes().map(|byte| format!("{byte:02X}")).collect(),
        "c4n@ry\\/wh1t+tail".into(),
    ];
    // Whatever stands before it in the encoded text shifts it by up to two bytes.
    all.extend([0, 1, 2].map(|skip| base64(&bytes[skip..])[..12].to_owned()));
    all
}

fn leaks(text: &[u8]) -> Option<String> {
    disguises()
        .into_iter()
        .find(|form| text.windows(form.len()).any(|part| part == form.as_bytes()))
}

fn files_below(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_dir() {
            files_below(&entry.path(), out);
        } else {
            out.push(entry.path());
        }
    }
}

/// Everything that is packed in a page.
fn unpacked(page: &str) -> String {
    use base64::Engine as _;
    use std::io::Read;
    let mut all = String::new();
    for chunk in page
        .split("<script type=\"application/octet-stream\"")
        .skip(1)
    {
        let (head, text) = chunk.split_once('>').expect("a part");
        let text = text.split_once('<').expect("an end").0;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64");
        let mut unpacked = Vec::new();
        if head.contains("data-packed") {
            let mut decoder = flate2::read::DeflateDecoder::new(bytes.as_slice());
            decoder.read_to_end(&mut unpacked).expect("deflated");
        } else {
            unpacked = bytes;
        }
        all.push_str(&String::from_utf8_lossy(&unpacked));
    }
    all
}

#[test]
fn how_many_values_were_masked_and_in_what_is_told() {
    let script = r#"log(secret("TOKEN")); attach("a.txt", secret("TOKEN")); assert 1 == 1;"#;
    let project = Project::script(script).env("TOKEN", CANARY);
    project
        .run(&["run", "--reporter=json=run.json", "a.rhai"])
        .passes();
    let last = project.read("run.json").lines().last().map(str::to_owned);
    let last: serde_json::Value = serde_json::from_str(&last.expect("a line")).expect("JSON");
    assert_eq!(
        last["masked_in"],
        serde_json::json!({"logs": 1, "attachments": 1})
    );
    assert_eq!(last["masked"], 2);
}

#[test]
fn a_canary_is_found_nowhere() {
    let script = r##"
let token = secret("TOKEN");
let session = mask(`sess-${http.get("/health").status}-abcdef`, "session");
scenario("Whatever can be told", #{ retries: 1 }, || {
    log(`the token is ${token}`);
    log(#{ nested: [token] });
    step(`signing in with ${token}`, || {
        http.get("/anything", #{ query: #{ t: token }, headers: #{ "X-Token": token }, auth: #{ bearer: token } });
        http.get("/basic-auth", #{ auth: ["ada", token] });
        http.post("/anything", #{ form: #{ t: token }, headers: #{ "X-Session": `${token}${token}` } });
        http.post("/anything", #{ json: #{ deep: #{ token: token } } });
    });
    attach("token.txt", `here: ${token}`);
    write_file("kept.txt", "without");
    attach("token.json", #{ token: token });
    print(token);
    verify http.get(`/anything/${token}`).json.path == "/", `soft ${token}`;
    verify token == "something else";
    expect(#{ a: token }).to_match(#{ a: "#regex ^x$" });
    spawn_service("api", #{ cmd: ["sh", "-c", "printf %s \"$TOKEN\" | cut -c 1-7 | tr -d '\\n'; sleep 0.05; printf '%s\\n' \"$TOKEN\" | cut -c 8-; printf '%s' \"$TOKEN\" | od -An -tx1 | tr -d ' \\n' >&2; echo up; sleep 60"], env: #{ TOKEN: token }, ready: #{ log: "up" } });
    http.get("/anything", #{ headers: #{ "Cookie": `t=${token}` } });
    throw `thrown ${token}`;
});
scenario("Waiting in vain", || wait_until("50ms", || http.get(`/anything?x=${secret("TOKEN")}`).json.query.x == "y"));
scenario("Skipped", || skip(`because of ${secret("TOKEN")}`));
"##
    .replace("let session = mask(`sess-${http.get(\"/health\").status}-abcdef`, \"session\");\n", "");
    let project = Project::script(&script)
        .env("TOKEN", CANARY)
        .env("GITHUB_STEP_SUMMARY", "summary.md");
    let ran = project.run(&[
        "run",
        "-v",
        "--keep",
        "--var",
        &format!("hidden={CANARY}"),
        "--reporter=terminal",
        "--reporter=junit=out/junit.xml",
        "--reporter=json=out/run.json",
        "--reporter=tap=out/run.tap",
        "--reporter=github=out/run.github",
        "--reporter=html=out/run.html",
        "--reporter=ctrf=out/ctrf.json",
        "--reporter=digest=out/digest.json",
        "--reporter=perfetto=out/trace.json",
        "--reporter=otlp=out/otlp.json",
        "--reporter=notify=out/notify.json",
        "--reporter=allure=out/allure",
        "a.rhai",
    ]);
    let ran = ran.exits(1);
    assert!(ran.stdout.contains("[masked:TOKEN]"), "{}", ran.stdout);
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        assert_eq!(leaks(text.as_bytes()), None, "{name}:\n{text}");
    }
    let mut files = Vec::new();
    files_below(&project.path(""), &mut files);
    assert!(files.iter().any(|file| file.ends_with("store.db")));
    for file in files.iter().filter(|file| !file.ends_with("a.rhai")) {
        let text = std::fs::read(file).expect("a file");
        if file.ends_with("run.html") {
            let page = unpacked(&String::from_utf8_lossy(&text));
            assert!(page.contains("[masked:TOKEN]"));
            assert_eq!(leaks(page.as_bytes()), None, "the parts of the page");
        }
        assert_eq!(
            leaks(&text),
            None,
            "{}:\n{}",
            file.display(),
            String::from_utf8_lossy(&text)
        );
    }
    for args in [
        &["show", "-v"][..],
        &["runs"],
        &["report", "latest", "--reporter", "json"],
        &["config", "--explain"],
    ] {
        let ran = project.run(args);
        assert_eq!(
            leaks(ran.stdout.as_bytes()),
            None,
            "{args:?}:\n{}",
            ran.stdout
        );
    }
}

#[test]
fn a_token_that_came_over_the_wire_is_masked_from_then_on() {
    let script = r#"
let res = http.post("/api/login", #{ form: #{ email: "ada@example.com", password: "lovelace" } });
let token = mask(res.json.token, "session");
log(`signed in with ${token}`);
assert http.get("/api/me", #{ auth: #{ bearer: token } }).status == 418;
"#;
    let ran = Project::script(script)
        .run(&["run", "-v", "a.rhai"])
        .exits(1);
    let ran = ran.says("signed in with [masked:session]");
    ran.says("[masked:session]'");
}

#[test]
fn variables_named_in_the_configuration_are_secrets_too() {
    let project = Project::new()
        .file(
            "scenario.toml",
            "base_url = \"demo:\"\nsecrets = [\"API_KEY\"]\n",
        )
        .file(
            "a.rhai",
            "log(env(\"API_KEY\"));\nassert env(\"API_KEY\") == \"x\";",
        )
        .env("API_KEY", CANARY);
    let ran = project.run(&["run", "-v", "a.rhai"]).exits(1);
    assert_eq!(leaks(ran.stdout.as_bytes()), None, "{}", ran.stdout);
    let shown = project.run(&["config", "--explain"]).passes();
    assert_eq!(leaks(shown.stdout.as_bytes()), None, "{}", shown.stdout);
}

/// Longer than most of what is shown, and no part of it comes twice: whatever cuts it, cuts within it.
fn long_key() -> String {
    (0..100).map(|number| format!("k{number:03}")).collect()
}

/// A part of the key that stands in `text`.
fn part_of_key(text: &[u8]) -> Option<String> {
    let (key, text) = (long_key(), String::from_utf8_lossy(text));
    let parts = (0..key.len() - 8).map(|at| &key[at..at + 8]);
    let mut known = parts.filter(|part| text.contains(*part));
    known.next().map(str::to_owned)
}

#[test]
fn what_a_cut_leaves_of_a_secret_is_hidden_too() {
    let script = r##"
scenario("Cuts", || {
    let key = secret("KEY");
    let pad = |length| { let text = ""; text.pad(length, "-"); text };
    verify false, `soft ${key}`;
    log(`${pad.call(15900)}${key}`);
    step(`with ${key}`, || ());
    exec(["echo", `${key}${pad.call(1800)}`]);
    exec(["sh", "-c", `echo ${key} >&2; exit 3`], #{ may_fail: true });
    attach(`${key}.txt`, "named");
    http.get(`/anything/${key}`);
    http.post("/anything", #{ body: `${pad.call(65500)}${key}` });
    let db = sql.connect("sqlite::memory:");
    db.query(`select '${key}' as a, '${pad.call(300)}${key}' as b`);
    try { expect(`${key}\nb`).to_equal(`${pad.call(200)}${key}\nc`); } catch {}
    try { expect([#{ a: key }]).to_equal([#{ a: 1 }]); } catch {}
    try { db.query(`select '${pad.call(120)}${key}' form '${key}'`); } catch {}
    try { wait_until("50ms", || http.get(`/anything?x=${key}`).json.query.x == "y"); } catch {}
    try { read_file(`${key}`); } catch {}
    try { assert http.get(`/status/500?x=${key}`).ok; } catch {}
    throw `${pad.call(250)}${key}`;
});
scenario("In a service", || {
    let key = secret("KEY");
    spawn_service("talker", #{ cmd: ["sh", "-c", "printf '%s' \"$A$KEY$A$KEY\"; sleep 60"], env: #{ KEY: key, A: key.sub_string(0, 1) }, ready: #{ log: "never" }, timeout: "300ms" });
});
"##;
    let project = Project::script(script).env("KEY", &long_key());
    let ran = project.run(&[
        "run",
        "-v",
        "--keep",
        "--reporter=terminal",
        "--reporter=json=run.json",
        "a.rhai",
    ]);
    assert!(ran.stdout.contains("[masked:KEY]…"), "{}", ran.stdout);
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        assert_eq!(part_of_key(text.as_bytes()), None, "{name}:\n{text}");
    }
    let mut files = Vec::new();
    files_below(&project.path(""), &mut files);
    for file in files.iter().filter(|file| !file.ends_with("a.rhai")) {
        let text = std::fs::read(file).expect("a file");
        let shown = file.display();
        assert_eq!(
            part_of_key(&text),
            None,
            "{shown}:\n{}",
            String::from_utf8_lossy(&text)
        );
    }
}
