//! The GraphQL endpoint.

use serde_json::{Value, json};

use crate::site::{Site, body};

async fn ask(site: &Site, query: &str, variables: Value) -> Value {
    let answer = site
        .post(
            "/graphql",
            json!({ "query": query, "variables": variables }),
        )
        .await;
    assert_eq!(answer.status(), 200);
    body(answer).await
}

#[tokio::test]
async fn a_task_is_started_and_asked_for() {
    let site = Site::new().await;
    let start = "mutation Start($s: Float) { startTask(kind: \"report\", seconds: $s) { id } }";
    assert_eq!(
        ask(&site, start, json!({ "s": 60 })).await,
        json!({ "data": { "startTask": { "id": 1 } } })
    );
    let query = "query One($id: ID!) { mine: task(id: $id) { __typename number: id kind } tasks(first: 5) { id } }";
    let expected = json!({ "data": { "mine": { "__typename": "Task", "number": 1, "kind": "report" }, "tasks": [{ "id": 1 }] } });
    assert_eq!(ask(&site, query, json!({ "id": "1" })).await, expected);
    let cancel = ask(&site, "mutation { cancelTask(id: 1) { state } }", json!({})).await;
    assert_eq!(cancel["data"]["cancelTask"]["state"], "REVOKED");
}

#[tokio::test]
async fn what_fails_is_null_with_an_error_and_the_rest_is_answered() {
    let site = Site::new().await;
    let answer = ask(
        &site,
        "{\n  task(id: 9) { id }\n  me { name }\n  item(id: 1) { sku colour tags }\n}",
        json!(null),
    )
    .await;
    assert_eq!(
        answer["data"],
        json!({ "task": null, "me": null, "item": { "sku": "LAMP-1", "colour": null, "tags": ["light"] } })
    );
    let errors = answer["errors"].as_array().expect("errors");
    assert_eq!(
        errors[0],
        json!({ "message": "there is no task with the id 9", "path": ["task"], "locations": [{ "line": 2, "column": 3 }] })
    );
    assert_eq!(
        (&errors[1]["message"], &errors[2]["path"]),
        (&json!("sign in first"), &json!(["item", "colour"]))
    );
    site.sign_in().await;
    assert_eq!(
        ask(&site, "{ me { name } }", json!({})).await["data"]["me"]["name"],
        "Ada Lovelace"
    );
}

#[tokio::test]
async fn mistakes_in_the_query_are_errors_without_data() {
    let site = Site::new().await;
    let broken = ask(&site, "{ task(id: 1) { ", json!({})).await;
    assert!(broken.get("data").is_none());
    assert_eq!(
        broken["errors"][0]["message"],
        "Syntax Error: Expected a name, found the end."
    );
    let wrong = ask(
        &site,
        "mutation { startTask(seconds: -1) { id } }",
        json!({}),
    )
    .await;
    assert!(
        wrong["errors"][0]["message"]
            .as_str()
            .expect("a message")
            .starts_with("seconds must be between")
    );
    assert_eq!(site.post("/graphql", json!({})).await.status(), 422);
}
