//! What comes out for what goes in.

use super::*;

fn of_line(line: &str) -> Draft {
    of_curl(&[line.to_owned()]).unwrap()
}

fn script(draft: &Draft) -> String {
    write(draft, &Style::default()).text
}

/// The script of a curl command, without its comments.
fn body(line: &str) -> String {
    let text = script(&of_line(line));
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("//") && !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_simplest_command() {
    assert_eq!(
        body("curl http://shop.test/api/items"),
        "scenario(\"GET /api/items answers\", || {\n    let res = http.get(\"http://shop.test/api/items\");\n    assert res.ok;\n});"
    );
}

#[test]
fn method_headers_query_and_json() {
    let text = body(
        r#"curl -X PUT 'https://shop.test/items/7?force=1&tag=a&tag=b' -H 'X-Team: red' -H 'Content-Type: application/json' -d '{"name": "Lamp", "default": null}'"#,
    );
    assert!(
        text.contains("http.put(\"https://shop.test/items/7\", #{"),
        "{text}"
    );
    assert!(
        text.contains("headers: #{ \"X-Team\": \"red\" },"),
        "{text}"
    );
    assert!(
        text.contains("query: #{ force: \"1\", tag: [\"a\", \"b\"] },"),
        "{text}"
    );
    assert!(
        text.contains("json: #{ \"default\": (), name: \"Lamp\" },"),
        "{text}"
    );
    assert!(!text.contains("Content-Type"), "{text}");
}

#[test]
fn data_makes_a_form_and_a_post() {
    let text = body("curl shop.test/login -d email=ada@example.com --data-urlencode 'note=a b'");
    assert!(
        text.contains("http.post(\"http://shop.test/login\""),
        "{text}"
    );
    assert!(
        text.contains("form: #{ email: \"ada@example.com\", note: \"a b\" }"),
        "{text}"
    );
    let text = body("curl -G shop.test/find -d q=lamp");
    assert!(
        text.contains("http.get(") && text.contains("query: #{ q: \"lamp\" }"),
        "{text}"
    );
    let text = body("curl shop.test/x --data-raw 'plain words'");
    assert!(text.contains("body: \"plain words\""), "{text}");
    let text = body("curl shop.test/x --data-binary @big.bin");
    assert!(text.contains("file: \"big.bin\""), "{text}");
}

#[test]
fn forms_with_files() {
    let text =
        body("curl -F title=Hi -F 'photo=@a.png;type=image/png;filename=b.png' shop.test/up");
    assert!(text.contains("title: \"Hi\""), "{text}");
    assert!(
        text.contains(
            "photo: #{ file: \"a.png\", filename: \"b.png\", content_type: \"image/png\" }"
        ),
        "{text}"
    );
}

#[test]
fn secrets_do_not_stand_in_the_script() {
    let made = write(
        &of_line(
            r#"curl https://shop.test/a -H 'Authorization: Bearer abc.def' -H 'X-Api-Key: 12345678' -b 'session=s3cr3t' --json '{"password": "lovelace", "user": {"token": "tok-1"}}'"#,
        ),
        &Style::default(),
    );
    for value in ["abc.def", "12345678", "s3cr3t", "lovelace", "tok-1"] {
        assert!(!made.text.contains(value), "{value} in {}", made.text);
    }
    assert!(
        made.text
            .contains("auth: #{ bearer: secret(\"API_TOKEN\") }"),
        "{}",
        made.text
    );
    assert!(
        made.text.contains("\"X-Api-Key\": secret(\"X_API_KEY\")"),
        "{}",
        made.text
    );
    assert!(
        made.text.contains("password: secret(\"PASSWORD\")"),
        "{}",
        made.text
    );
    assert_eq!(made.secrets["API_TOKEN"], "abc.def");
    assert_eq!(made.secrets["COOKIE"], "session=s3cr3t");
    let made = write(
        &of_line("curl -u ada:lovelace shop.test"),
        &Style::default(),
    );
    assert!(
        made.text
            .contains("auth: [\"ada\", secret(\"API_PASSWORD\")]"),
        "{}",
        made.text
    );
    let made = write(
        &of_line("curl http://ada:love%20lace@shop.test/"),
        &Style::default(),
    );
    assert_eq!(made.secrets["API_PASSWORD"], "love lace");
}

#[test]
fn options_of_the_client() {
    let text = body("curl -skL --compressed --max-time 2.5 --retry 3 https://shop.test/");
    assert!(
        text.contains("let api = http.client(#{ insecure: true, compressed: true });"),
        "{text}"
    );
    assert!(
        text.contains(
            "api.get(\"https://shop.test/\", #{ redirects: 10, retry: 3, timeout: \"2500ms\" })"
        ),
        "{text}"
    );
}

#[test]
fn what_a_browser_copies_is_cleaned_of_its_noise() {
    let text = body(
        "curl 'https://shop.test/api' \\\n  -H 'accept: application/json' \\\n  -H 'sec-fetch-mode: cors' \\\n  -H 'user-agent: Mozilla/5.0' \\\n  -H 'x-team: red' \\\n  --data-raw $'{\"a\":\"it\\'s \\u0021\"}' -H 'content-type: application/json'",
    );
    assert!(text.contains("headers: #{ \"x-team\": \"red\" }"), "{text}");
    assert!(text.contains("json: #{ a: \"it's !\" }"), "{text}");
}

#[test]
fn a_word_is_as_good_as_a_line() {
    let words: Vec<String> = ["curl", "-XPATCH", "-d@body.json", "https://shop.test/x"]
        .map(str::to_owned)
        .to_vec();
    let draft = of_curl(&words).unwrap();
    let request = &draft.scenarios[0].exchanges[0].request;
    assert_eq!(request.method, "PATCH");
    assert_eq!(request.body, Body::File("body.json".into()));
}

#[test]
fn what_is_not_understood_is_said() {
    let error = |line: &str| of_curl(&[line.to_owned()]).unwrap_err().to_string();
    assert_eq!(
        error("wget x"),
        "the command line does not begin with `curl`"
    );
    assert_eq!(
        error("curl --frobnicate x"),
        "curl's option `--frobnicate` is not understood"
    );
    assert_eq!(error("curl -X"), "curl's option `-X` needs a value");
    assert_eq!(error("curl -s"), "the command line names no URL");
    assert_eq!(error("curl 'x"), "a quote is not closed: x");
    assert_eq!(error("curl http://"), "\"http://\" is no URL");
    assert_eq!(of_curl(&[]).unwrap_err(), DraftError::NotCurl);
}

#[test]
fn texts_from_outside_stay_texts() {
    let text =
        body("curl 'http://shop.test/\"); exec(\"x' -H 'X-A: \"}); boom(); //' -d 'a\n`${b}`'");
    let code: String = text.replace("\\\"", "");
    assert_eq!(code.matches("boom").count(), 1);
    assert!(text.contains("\"X-A\": \"\\\"}); boom(); //\""), "{text}");
    let mut draft = of_line("curl shop.test");
    draft.origin = "a\nexec(\"rm\")".into();
    draft.scenarios[0].name = "a\n\"b".into();
    let text = script(&draft);
    assert!(text.lines().all(|line| !line.starts_with("exec")), "{text}");
    assert!(text.contains("scenario(\"a \\\"b\""), "{text}");
}

#[test]
fn addresses_below_the_base_are_relative() {
    let style = Style {
        base_url: Some("https://shop.test/v1/".into()),
        attach: false,
    };
    let at = |line: &str| write(&of_line(line), &style).text;
    assert!(at("curl https://shop.test/v1/items").contains("http.get(\"/items\")"));
    assert!(
        at("curl https://shop.test/v10/items")
            .contains("http.get(\"https://shop.test/v10/items\")")
    );
}

#[test]
fn the_shape_of_an_answer_is_claimed() {
    let kept = serde_json::json!({
        "status": 201, "type": "application/json; charset=utf-8",
        "text": r#"{"id": 7, "at": "2026-01-05T10:00:00Z", "tags": ["a"], "lines": [{"sku": "A", "price": 1.5}], "none": null, "key": "d9428888-122b-11e1-b85c-61cd3cbb3210"}"#,
    });
    let mut draft = of_line("curl -X POST shop.test/orders");
    draft.scenarios[0].exchanges[0].expected = expected(&kept.to_string());
    let text = script(&draft);
    for part in [
        "assert res.status == 201;",
        "id: \"#integer\"",
        "at: \"#time\"",
        "tags: \"#[] #string\"",
        "lines: [#{ price: \"#number\", sku: \"#string\" }]",
        "none: \"#ignore\"",
        "key: \"#uuid\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let html =
        expected(r#"{"status": 200, "type": "text/html; charset=utf-8", "text": "<p>"}"#).unwrap();
    assert_eq!(html.media_type.as_deref(), Some("text/html"));
}

const HAR: &str = r#"{"log": {"entries": [
  {"_resourceType": "image", "request": {"method": "GET", "url": "http://shop.test/logo.png", "headers": []}, "response": {"status": 200, "content": {"mimeType": "image/png"}}},
  {"request": {"method": "POST", "url": "http://shop.test/api/login", "headers": [{"name": "sec-fetch-mode", "value": "cors"}, {"name": "Accept-Language", "value": "en"}, {"name": "Cookie", "value": "a=b"}],
    "postData": {"mimeType": "application/json", "text": "{\"email\": \"ada@example.com\", \"password\": \"lovelace\"}"}},
   "response": {"status": 200, "content": {"mimeType": "application/json", "text": "eyJ1c2VyIjoxfQ==", "encoding": "base64"}}},
  {"request": {"method": "GET", "url": "http://shop.test/", "headers": []}, "response": {"status": 200, "content": {"mimeType": "text/html; charset=utf-8", "text": "<p>"}}}
]}}"#;

#[test]
fn a_har_file_becomes_its_requests_for_data_and_pages() {
    let made = write(&of_har(HAR, "shop").unwrap(), &Style::default());
    assert!(made.text.contains("scenario(\"shop\""), "{}", made.text);
    assert_eq!(made.text.matches("let res =").count(), 2, "{}", made.text);
    assert!(
        made.text
            .contains("expect(res.json).to_match(#{ user: \"#integer\" });"),
        "{}",
        made.text
    );
    assert!(
        made.text.contains("starts_with(\"text/html\")"),
        "{}",
        made.text
    );
    assert_eq!(made.secrets["PASSWORD"], "lovelace");
    assert!(!made.text.contains("Accept-Language") && !made.text.contains("a=b"));
}

#[test]
fn what_is_no_har_file_is_said() {
    assert!(
        of_har("{", "x")
            .unwrap_err()
            .to_string()
            .starts_with("it is not a HAR file")
    );
    assert!(
        of_har("{}", "x")
            .unwrap_err()
            .to_string()
            .contains("log.entries")
    );
    let empty = r#"{"log": {"entries": [{"request": {"method": "OPTIONS", "url": "http://a/"}}]}}"#;
    assert_eq!(of_har(empty, "x").unwrap_err(), DraftError::EmptyHar(1));
}

const OPENAPI: &str = r##"
openapi: 3.0.3
info: { title: Shop, version: "1" }
servers: [{ url: "https://{region}.shop.test/v1/", variables: { region: { default: eu } } }]
security: [{ token: [] }]
paths:
  /orders/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
    get:
      operationId: getOrder
      summary: One order
      parameters:
        - { name: expand, in: query, required: true, schema: { type: string, enum: [lines, none] } }
        - { name: page, in: query, schema: { type: integer } }
      responses:
        "404": { description: no }
        "200": { description: yes, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
  /orders:
    post:
      operationId: createOrder
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses: { "201": { description: made } }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  schemas:
    Order:
      type: object
      required: [id, lines]
      properties:
        id: { type: string, format: uuid, readOnly: true }
        note: { type: string, nullable: true }
        parent: { $ref: "#/components/schemas/Order" }
        lines: { type: array, items: { type: object, required: [sku], properties: { sku: { type: string, example: "A-1" } } } }
"##;

#[test]
fn an_openapi_description_becomes_a_scenario_for_each_operation() {
    let made = write(&of_openapi(OPENAPI, None).unwrap(), &Style::default());
    let text = &made.text;
    assert_eq!(text.matches("scenario(\"").count(), 2, "{text}");
    assert!(
        text.contains("scenario(\"GET /orders/{id}: One order\""),
        "{text}"
    );
    assert!(
        text.contains(
            "http.get(\"https://eu.shop.test/v1/orders/00000000-0000-4000-8000-000000000000\""
        ),
        "{text}"
    );
    assert!(text.contains("query: #{ expand: \"lines\" }"), "{text}");
    assert!(
        text.contains("auth: #{ bearer: secret(\"API_TOKEN\") }"),
        "{text}"
    );
    assert!(
        text.contains("json: #{ lines: [#{ sku: \"A-1\" }] }"),
        "{text}"
    );
    assert!(
        text.contains("assert res.status == 200;") && text.contains("assert res.status == 201;")
    );
    assert!(text.contains("note: \"##string\""), "{text}");
    assert!(text.contains("id: \"#uuid\""), "{text}");
    assert_eq!(made.secrets["API_TOKEN"], "");
}

#[test]
fn one_operation_is_chosen_by_id_or_by_path() {
    let count = |operation| of_openapi(OPENAPI, Some(operation)).map(|draft| draft.scenarios.len());
    assert_eq!(count("createOrder"), Ok(1));
    assert_eq!(count("get /orders/{id}"), Ok(1));
    let error = count("creatOrder").unwrap_err();
    let failure = scenario_stdlib::host::failure::Failure::from(error);
    assert_eq!(failure.hint.as_deref(), Some("did you mean `createOrder`?"));
}

#[test]
fn what_is_no_description_is_said() {
    let error = |text: &str| of_openapi(text, None).unwrap_err().to_string();
    assert!(error("swagger: '2.0'").contains("Swagger 2"));
    assert!(error("a: 1").contains("openapi: 3"));
    assert!(error("{").starts_with("it is not an OpenAPI description"));
    assert!(error("openapi: 3.1.0").contains("no `paths`"));
    assert!(error("openapi: 3.1.0\npaths: {}").contains("no operation"));
}
