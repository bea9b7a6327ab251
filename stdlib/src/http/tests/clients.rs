//! Clients, their jars and settings.

use super::*;

#[test]
fn a11_two_clients_have_two_jars_and_http_its_own() {
    passes(
        r#"
        let ada = http.client();
        let bob = http.client();
        ada.get("/login/ada");
        bob.get("/login/bob");
        assert ada.get("/anything").json.headers.cookie == "user=ada";
        assert bob.get("/anything").json.headers.cookie == "user=bob";
        assert http.get("/anything").json.headers.get("cookie") == ();
        assert ada.cookies.get("user").http_only;
        assert http.get("/login/eve").cookies.user.value == "eve";
        "#,
    );
}

#[test]
fn cookies_can_be_set_listed_carried_over_and_cleared() {
    passes(
        r#"
        http.cookies.set("theme", "dark");
        http.cookies.set("deep", "1", #{ path: "/anything", secure: false });
        assert http.get("/anything").json.headers.cookie == "deep=1; theme=dark";
        state.cookies = http.cookies.list();
        http.cookies.clear();
        assert http.cookies.list() == [];
        http.cookies.load(state.cookies);
        assert http.cookies.get("theme").value == "dark";
        assert http.cookies.remove("theme") && !http.cookies.remove("theme");
        assert `${http.cookies}` == "cookies [deep]";
        "#,
    );
    assert!(error("http.cookies.set(\"a b\", \"1\")").starts_with("`a b` is no cookie name"));
    assert!(error("http.cookies.load([1])").starts_with("this is not what list() gives"));
    let none = error("http.client(#{ cookies: false }).cookies.list()");
    assert!(none.starts_with("this client keeps no cookies"), "{none}");
}

#[test]
fn a_client_has_settings_of_its_own_and_its_children_too() {
    passes(
        r#"
        let api = http.client(#{ base_url: "/anything", headers: #{ "X-A": "1" }, query: #{ k: "v" } });
        let told = api.get("/x").json;
        assert told.uri == "/anything/x?k=v";
        assert told.headers["x-a"] == "1";
        let child = api.client(#{ headers: #{ "x-a": "2", "X-B": "3" } });
        let told = child.get("/y").json;
        assert told.uri == "/anything/y?k=v";
        assert told.headers["x-a"] == "2" && told.headers["x-b"] == "3";
        assert `${http} ${api}` == "http http.client(/anything)";
        "#,
    );
}

#[test]
fn configured_headers_go_with_every_request_and_can_be_overridden() {
    let ran = Fake::new()
        .base_url(site())
        .world(|world| {
            world.http_headers.insert("X-Run".into(), "r1".into());
            world
                .http_headers
                .insert("x-own".into(), "configured".into());
        })
        .run(
            r#"
            let api = http.client(#{ headers: #{ "X-Own": "mine" } });
            let told = api.get("/anything").json.headers;
            assert told["x-run"] == "r1" && told["x-own"] == "mine";
            "#,
        );
    ran.passes();
}

#[test]
fn a_token_is_fetched_and_hidden() {
    let ran = run(r#"
        let api = http.client(#{ auth: #{ oauth2: #{
            token_url: "/token", client_id: "me", client_secret: "s3cret-value",
        } } });
        api.get("/anything").json.headers.authorization
        "#);
    assert_eq!(
        ran.value().into_string().expect("text"),
        "Bearer tok-abcdef"
    );
}

#[test]
fn what_lacks_a_base_url_says_so() {
    let error = |script: &str| Fake::new().run(script).error().to_owned();
    let cookie = error("http.cookies.set(\"a\", \"1\")");
    assert!(cookie.starts_with("a cookie belongs to a site"), "{cookie}");
    Fake::new()
        .run("http.cookies.set(\"a\", \"1\", #{ url: \"http://localhost\" })")
        .passes();
    let client = error("http.client(#{ base_url: \"/api\" }).get(\"/x\")");
    assert!(
        client.contains("bad URL `/api`: a base URL that is a path belongs to"),
        "{client}"
    );
}

#[test]
fn loading_may_describe_a_client_but_not_use_one() {
    let sources = Sources::default();
    let resolver = Arc::new(rhai::module_resolvers::DummyModuleResolver::new());
    let language = Arc::new(Language::new(&[], resolver, sources.clone()));
    let loading = Loading {
        world: Arc::default(),
        extensions: Arc::default(),
        script_dir: "/scripts".into(),
    };
    let engine = language.bare_engine(Dynamic::from(loading));
    let eval = |script: &str| engine.eval::<Dynamic>(script);
    let client = eval("http.client(#{ ca: \"ca.pem\" })").expect("only a description");
    assert!(is_client(&client));
    assert!(snapshot(&client).is_ok(), "a phase may capture it");
    let refused = |script| match explain(&eval(script).expect_err("it acts"), None, &sources) {
        Meaning::News(failure) => failure.render(),
        Meaning::Stopped(stop) => panic!("{stop:?}"),
    };
    let get = refused("http.get(\"/\")");
    assert!(
        get.starts_with("`http.get` acts, and loading a file only declares"),
        "{get}"
    );
    let cookies = refused("http.client().cookies.list()");
    assert!(cookies.starts_with("`http.cookies` acts"), "{cookies}");
    let slip = refused("http.client(#{ haeders: #{} })");
    assert!(slip.contains("did you mean `headers`?"), "{slip}");
}
