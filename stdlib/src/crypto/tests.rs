use crate::host::failure::Kind;
use crate::host::fake::Fake;

fn error(script: &str) -> String {
    Fake::new().run(script).error().to_owned()
}

#[test]
fn text_and_bytes_give_the_same_digest() {
    Fake::new()
        .run(
            r#"
            let bytes = hex_decode_bytes("616263");
            assert sha256(bytes) == sha256("abc") && md5(bytes) == md5("abc");
            assert hmac("sha512", bytes, bytes) == hmac("SHA-512", "abc", "abc");
            assert base64url_decode(base64url_encode(bytes)) == "abc";
            "#,
        )
        .passes();
}

#[test]
fn a_wrong_argument_is_usage_and_a_broken_text_a_failure() {
    let ran = Fake::new().run("sha256(#{ a: 1 })");
    assert!(
        ran.error()
            .starts_with("`sha256` takes a text or bytes, not a map"),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Usage);
    assert!(error("hmac(\"sha265\", \"k\", \"x\")").contains("did you mean `sha256`?"));
    let ran = Fake::new().run("base64_decode(\"a$\")");
    assert!(
        ran.error().starts_with("not base64: invalid symbol"),
        "{}",
        ran.error()
    );
    assert_eq!(ran.bad_news[0].kind, Kind::Failure);
    assert!(error("hex_decode(\"ff\")").contains("use `hex_decode_bytes`"));
}

#[test]
fn a_token_is_opened() {
    Fake::new()
        .run(
            r#"
            let token = ["{\"alg\":\"HS256\"}", "{\"sub\":\"ada\",\"exp\":1}"].map(|part| base64url_encode(part));
            let jwt = jwt_decode("Bearer " + token[0] + "." + token[1] + ".c2ln");
            assert jwt.header.alg == "HS256" && jwt.payload.sub == "ada";
            assert jwt.expired && jwt.expires == "1970-01-01T00:00:01Z";
            expect(jwt.lifetime).to_match("^expired .* ago$");
            "#,
        )
        .passes();
    assert!(error("jwt_decode(\"abc\")").starts_with("not a JWT: it has 1 parts"));
}
