//! Registration, sessions, OAuth2 and HTTP basic.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Method;
use scenario_demo::{ADA_EMAIL, ADA_PASSWORD, CLIENT_ID, CLIENT_SECRET};
use serde_json::{Value, json};

use crate::site::{Site, body, client, refused_fields};

#[tokio::test]
async fn a_new_account_can_sign_in() {
    let site = Site::new().await;
    let new = json!({ "email": "Bob@example.com", "password": "correct horse", "name": "Bob" });
    let created = site.post("/api/register", new.clone()).await;
    assert_eq!(created.status(), 201);
    assert_eq!(
        body(created).await,
        json!({ "id": 2, "email": "bob@example.com", "name": "Bob" })
    );
    assert_eq!(site.post("/api/register", new).await.status(), 409);
    let login = site
        .post(
            "/api/login",
            json!({ "email": "bob@example.com", "password": "correct horse" }),
        )
        .await;
    assert_eq!(login.status(), 200);
    assert_eq!(site.json("/api/me").await["name"], "Bob");
}

#[tokio::test]
async fn registration_names_every_wrong_field() {
    let site = Site::new().await;
    let refused = site
        .post(
            "/api/register",
            json!({ "email": "bob", "password": "short" }),
        )
        .await;
    assert_eq!(refused_fields(refused).await, ["email", "password"]);
}

#[tokio::test]
async fn a_session_works_by_cookie_and_by_token_and_ends_for_both() {
    let site = Site::new().await;
    assert_eq!(site.get("/api/me").await.status(), 401);
    let token = site.sign_in().await;
    assert_eq!(site.json("/api/me").await["email"], ADA_EMAIL);
    let stranger = client();
    let me = || {
        stranger
            .get(format!("{}/api/me", site.demo.url()))
            .bearer_auth(&token)
            .send()
    };
    assert_eq!(me().await.expect("an answer").status(), 200);
    let out = site
        .request(Method::POST, "/api/logout")
        .send()
        .await
        .expect("an answer");
    assert_eq!(out.status(), 204);
    assert!(
        out.headers()["set-cookie"]
            .to_str()
            .expect("text")
            .contains("Max-Age=0")
    );
    let refused = me().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.headers()["www-authenticate"],
        "Bearer realm=\"demo\""
    );
    assert_eq!(body(refused).await["error"], "unauthorized");
}

#[tokio::test]
async fn the_session_cookie_is_out_of_reach_of_scripts() {
    let site = Site::new().await;
    let login = site
        .post(
            "/api/login",
            json!({ "email": ADA_EMAIL, "password": ADA_PASSWORD }),
        )
        .await;
    let cookie = login.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        cookie.starts_with("session=")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused_alike() {
    let site = Site::new().await;
    let wrong = body(
        site.post("/api/login", json!({ "email": ADA_EMAIL, "password": "x" }))
            .await,
    )
    .await;
    let unknown = body(
        site.post(
            "/api/login",
            json!({ "email": "x@example.com", "password": "x" }),
        )
        .await,
    )
    .await;
    assert_eq!(wrong, unknown);
    assert_eq!(site.post("/api/login", json!({})).await.status(), 401);
}

#[tokio::test]
async fn login_takes_a_form_too() {
    let site = Site::new().await;
    let login = site
        .request(Method::POST, "/api/login")
        .form(&[("email", ADA_EMAIL), ("password", ADA_PASSWORD)]);
    assert_eq!(login.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn client_credentials_give_a_token_that_works() {
    let site = Site::new().await;
    let grant = [
        ("grant_type", "client_credentials"),
        ("scope", "tasks:read"),
    ];
    let asked = site
        .request(Method::POST, "/oauth/token")
        .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
        .form(&grant);
    let answer = body(asked.send().await.expect("an answer")).await;
    assert_eq!(
        (answer["token_type"].as_str(), answer["scope"].as_str()),
        (Some("Bearer"), Some("tasks:read"))
    );
    let token = answer["access_token"].as_str().expect("a token");
    let claims = token.split('.').nth(1).expect("three parts");
    let claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64"))
            .expect("JSON");
    assert_eq!(claims["sub"], CLIENT_ID);
    let me = site
        .request(Method::GET, "/api/me")
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(body(me).await["name"], CLIENT_ID);
}

#[tokio::test]
async fn client_credentials_in_the_body_work_and_mistakes_have_their_names() {
    let site = Site::new().await;
    let ask = async |form: Vec<(&str, &str)>| {
        let answer = site
            .request(Method::POST, "/oauth/token")
            .form(&form)
            .send()
            .await
            .expect("an answer");
        (
            answer.status().as_u16(),
            body(answer).await["error"].as_str().map(str::to_owned),
        )
    };
    let grant = ("grant_type", "client_credentials");
    let id = ("client_id", CLIENT_ID);
    assert_eq!(
        ask(vec![grant, id, ("client_secret", CLIENT_SECRET)]).await,
        (200, None)
    );
    assert_eq!(
        ask(vec![grant, id, ("client_secret", "x")]).await,
        (401, Some("invalid_client".into()))
    );
    assert_eq!(
        ask(vec![("grant_type", "password")]).await,
        (400, Some("unsupported_grant_type".into()))
    );
    assert_eq!(ask(vec![id]).await, (400, Some("invalid_request".into())));
    let json = site
        .post(
            "/oauth/token",
            json!({ "grant_type": "client_credentials" }),
        )
        .await;
    assert_eq!(json.status(), 400);
}

#[tokio::test]
async fn basic_authentication_challenges_and_accepts() {
    let site = Site::new().await;
    let challenge = site.get("/basic-auth").await;
    assert_eq!(challenge.status(), 401);
    assert!(
        challenge.headers()["www-authenticate"]
            .to_str()
            .expect("text")
            .starts_with("Basic realm=")
    );
    let basic = |path: &str, user: &str, password: &str| {
        site.request(Method::GET, path)
            .basic_auth(user.to_owned(), Some(password.to_owned()))
            .send()
    };
    let ada = basic("/basic-auth", ADA_EMAIL, ADA_PASSWORD)
        .await
        .expect("an answer");
    assert_eq!(
        body(ada).await,
        json!({ "authenticated": true, "user": ADA_EMAIL })
    );
    assert_eq!(
        basic("/basic-auth", ADA_EMAIL, "x")
            .await
            .expect("an answer")
            .status(),
        401
    );
    assert_eq!(
        basic("/basic-auth/u/p:w", "u", "p:w")
            .await
            .expect("an answer")
            .status(),
        200
    );
    assert_eq!(
        basic("/basic-auth/u/p", "u", "q")
            .await
            .expect("an answer")
            .status(),
        401
    );
}
