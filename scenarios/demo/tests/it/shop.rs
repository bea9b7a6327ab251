//! Items and orders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Site, body, header, refused_fields};

#[tokio::test]
async fn an_item_lives_through_all_verbs() {
    let site = Site::new().await;
    let new = json!({ "sku": "sofa-1", "name": "Sofa", "price": 799, "tags": ["furniture"] });
    let created = site.post("/api/items", new.clone()).await;
    assert_eq!(created.status(), 201);
    assert_eq!(created.headers()["location"], "/api/items/13");
    assert_eq!(body(created).await["sku"], "SOFA-1");
    assert_eq!(site.post("/api/items", new.clone()).await.status(), 409);
    let put = site
        .request(Method::PUT, "/api/items/13")
        .json(&json!({ "sku": "SOFA-2", "name": "Sofa", "price": 1 }));
    let put = body(put.send().await.expect("an answer")).await;
    assert_eq!(
        (
            put["sku"].as_str(),
            put["tags"].clone(),
            put["version"].as_u64()
        ),
        (Some("SOFA-2"), json!([]), Some(2))
    );
    let patch = site
        .request(Method::PATCH, "/api/items/13")
        .json(&json!({ "stock": 3 }))
        .send()
        .await;
    let patch = body(patch.expect("an answer")).await;
    assert_eq!(
        (patch["stock"].as_u64(), patch["name"].as_str()),
        (Some(3), Some("Sofa"))
    );
    assert_eq!(site.delete("/api/items/13").await.status(), 204);
    assert_eq!(site.get("/api/items/13").await.status(), 404);
    assert_eq!(site.delete("/api/items/13").await.status(), 404);
    assert_eq!(
        site.post("/api/items", new).await.status(),
        201,
        "its SKU is free again"
    );
}

#[tokio::test]
async fn every_wrong_field_is_listed() {
    let site = Site::new().await;
    let refused = site
        .post(
            "/api/items",
            json!({ "sku": "?", "price": "free", "color": "red" }),
        )
        .await;
    assert_eq!(
        refused_fields(refused).await,
        ["name", "color", "sku", "price"]
    );
    let unread = site
        .request(Method::POST, "/api/items")
        .body("{")
        .send()
        .await
        .expect("an answer");
    assert_eq!(unread.status(), 400);
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged() {
    let site = Site::new().await;
    let skus = |list: Value| {
        list.as_array()
            .expect("a list")
            .iter()
            .map(|item| item["sku"].as_str().expect("a SKU").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        skus(site.json("/api/items?tag=kitchen&sort=-price").await),
        ["KETTLE-1", "MUG-2", "MUG-1"]
    );
    assert_eq!(
        skus(site.json("/api/items?q=LAMP&max_price=50").await),
        ["LAMP-1"]
    );
    let page = site.get("/api/items?per_page=5&page=3").await;
    assert_eq!(page.headers()["x-total-count"], "12");
    assert_eq!(skus(body(page).await), ["CABLE-1", "PAPER-1"]);
    assert_eq!(
        refused_fields(site.get("/api/items?sort=colour").await).await,
        ["sort"]
    );
    assert_eq!(
        refused_fields(site.get("/api/items?max_price=cheap").await).await,
        ["max_price"]
    );
}

#[tokio::test]
async fn entity_tags_save_answers_and_guard_changes() {
    let site = Site::new().await;
    let item = site.get("/api/items/1").await;
    assert_eq!(item.headers()["etag"], "\"1\"");
    let known = site
        .request(Method::GET, "/api/items/1")
        .header("if-none-match", "\"1\"")
        .send()
        .await;
    assert_eq!(known.expect("an answer").status(), 304);
    let patch = |tag: &'static str| {
        site.request(Method::PATCH, "/api/items/1")
            .header("if-match", tag)
            .json(&json!({ "stock": 1 }))
            .send()
    };
    assert_eq!(
        patch("\"1\"").await.expect("an answer").headers()["etag"],
        "\"2\""
    );
    assert_eq!(patch("\"1\"").await.expect("an answer").status(), 412);
    assert_eq!(patch("*").await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn an_idempotency_key_makes_a_repetition_harmless() {
    let site = Site::new().await;
    let add = |sku: &str| {
        let item = json!({ "sku": sku, "name": "Rug", "price": 5 });
        site.request(Method::POST, "/api/items")
            .header("idempotency-key", "k1")
            .json(&item)
            .send()
    };
    let first = add("RUG-1").await.expect("an answer");
    assert!(!first.headers().contains_key("idempotent-replayed"));
    let first = body(first).await;
    let again = add("RUG-1").await.expect("an answer");
    assert_eq!(
        (
            again.status().as_u16(),
            header(&again, "idempotent-replayed")
        ),
        (201, "true")
    );
    assert_eq!(body(again).await, first);
    assert_eq!(
        refused_fields(add("RUG-2").await.expect("an answer")).await,
        ["Idempotency-Key"]
    );
}

#[tokio::test]
async fn an_order_needs_a_customer_and_stock() {
    let site = Site::new().await;
    let lines =
        |sku: &str, quantity: u64| json!({ "lines": [{ "sku": sku, "quantity": quantity }] });
    assert_eq!(
        site.post("/api/orders", lines("MUG-1", 1)).await.status(),
        401
    );
    site.sign_in().await;
    let placed = site.post("/api/orders", lines("MUG-1", 3)).await;
    assert_eq!(placed.status(), 201);
    assert_eq!(placed.headers()["location"], "/api/orders/1");
    assert_eq!(body(placed).await["total"], 29.7);
    assert_eq!(
        site.json("/api/orders/1").await,
        site.json("/api/orders").await[0]
    );
    assert_eq!(site.json("/api/items/8").await["stock"], 117);
    assert_eq!(
        site.post("/api/orders", lines("KETTLE-1", 1))
            .await
            .status(),
        409
    );
    assert_eq!(
        refused_fields(site.post("/api/orders", lines("NONE", 1)).await).await,
        ["lines[0].sku"]
    );
    assert_eq!(
        refused_fields(site.post("/api/orders", lines("", 0)).await).await,
        ["lines[0].sku", "lines[0].quantity"]
    );
    assert_eq!(
        refused_fields(site.post("/api/orders", json!({})).await).await,
        ["lines"]
    );
    assert_eq!(site.get("/api/orders/2").await.status(), 404);
}

#[tokio::test]
async fn orders_of_others_are_not_there() {
    let site = Site::new().await;
    site.sign_in().await;
    site.post(
        "/api/orders",
        json!({ "lines": [{ "sku": "MUG-1", "quantity": 1 }] }),
    )
    .await;
    site.post(
        "/api/register",
        json!({ "email": "eve@example.com", "password": "password" }),
    )
    .await;
    site.post(
        "/api/login",
        json!({ "email": "eve@example.com", "password": "password" }),
    )
    .await;
    assert_eq!(site.json("/api/orders").await, json!([]));
    assert_eq!(site.get("/api/orders/1").await.status(), 404);
}
