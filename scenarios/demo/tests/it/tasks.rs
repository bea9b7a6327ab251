//! Background tasks over the API.

use reqwest::Method;
use serde_json::json;

use crate::site::{Site, body, refused_fields};

#[tokio::test]
async fn a_task_starts_pending_and_ends_in_success_with_its_rows() {
    let site = Site::new().await;
    let started = site
        .post(
            "/tasks",
            json!({ "kind": "export", "seconds": 0.2, "rows": 2500 }),
        )
        .await;
    assert_eq!(started.status(), 202);
    assert_eq!(started.headers()["location"], "/tasks/1");
    let started = body(started).await;
    assert_eq!(
        (started["id"].as_u64(), started["state"].as_str()),
        (Some(1), Some("PENDING"))
    );
    assert_eq!(site.get("/tasks/1/result.csv").await.status(), 409);
    let ended = site
        .until("/tasks/1", |task| task["state"] == "SUCCESS")
        .await;
    assert_eq!(
        ended["result"],
        json!({ "rows": 2500, "url": "/tasks/1/result.csv" })
    );
    assert_eq!(ended["progress"], 100);
    assert!(ended["finished_at"].as_str() > ended["started_at"].as_str());
    let csv = site
        .get("/tasks/1/result.csv")
        .await
        .text()
        .await
        .expect("text");
    assert_eq!(csv.lines().count(), 2501);
    assert!(
        csv.starts_with("row,customer,amount\n1,customer-2,7.13\n"),
        "{}",
        &csv[..60]
    );
    assert!(csv.ends_with("2500,customer-76,500.00\n"));
}

#[tokio::test]
async fn a_task_without_rows_has_a_result_with_a_head_only() {
    let site = Site::new().await;
    site.post("/tasks", json!({ "seconds": 0, "rows": 0 }))
        .await;
    let csv = site
        .get("/tasks/1/result.csv")
        .await
        .text()
        .await
        .expect("text");
    assert_eq!(csv, "row,customer,amount\n");
}

#[tokio::test]
async fn a_task_can_be_made_to_fail() {
    let site = Site::new().await;
    site.post(
        "/tasks",
        json!({ "seconds": 0.01, "fail": true, "rows": 30 }),
    )
    .await;
    let ended = site
        .until("/tasks/1", |task| task["state"] == "FAILURE")
        .await;
    assert!(
        ended["error"]
            .as_str()
            .expect("an error")
            .contains("row 20 of 30"),
        "{ended}"
    );
    assert!(ended["result"].is_null());
    assert_eq!(site.get("/tasks/1/result.csv").await.status(), 409);
}

#[tokio::test]
async fn a_cancelled_task_is_revoked_once() {
    let site = Site::new().await;
    site.post("/tasks", json!({ "seconds": 60 })).await;
    let revoked = site.delete("/tasks/1").await;
    assert_eq!(revoked.status(), 200);
    assert_eq!(body(revoked).await["state"], "REVOKED");
    let again = site.delete("/tasks/1").await;
    assert_eq!(again.status(), 409);
    assert_eq!(
        body(again).await["message"],
        "task 1 has ended in REVOKED already"
    );
}

#[tokio::test]
async fn the_list_is_newest_first_in_pages_and_can_be_filtered() {
    let site = Site::new().await;
    for number in 1..=5 {
        let kind = if number % 2 == 0 { "import" } else { "export" };
        site.post("/tasks", json!({ "kind": kind, "seconds": 60 }))
            .await;
    }
    site.delete("/tasks/2").await;
    let page = site.get("/tasks?page=2&per_page=2&kind=export").await;
    assert_eq!(page.headers()["x-total-count"], "3");
    let link = page.headers()["link"].to_str().expect("text").to_owned();
    assert!(
        link.contains("</tasks?page=1&per_page=2&kind=export>; rel=\"prev\""),
        "{link}"
    );
    assert!(!link.contains("next"), "{link}");
    assert_eq!(body(page).await.as_array().map(Vec::len), Some(1));
    let ids = |list: serde_json::Value| {
        list.as_array()
            .expect("a list")
            .iter()
            .map(|task| task["id"].as_u64().expect("an id"))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(site.json("/tasks").await), [5, 4, 3, 2, 1]);
    assert_eq!(ids(site.json("/tasks?state=revoked").await), [2]);
    assert_eq!(ids(site.json("/tasks?page=9").await), [0; 0]);
}

#[tokio::test]
async fn wrong_wishes_are_refused() {
    let site = Site::new().await;
    let refused = site
        .post("/tasks", json!({ "kind": " ", "seconds": -1, "rows": 0.5 }))
        .await;
    assert_eq!(refused_fields(refused).await, ["kind", "seconds", "rows"]);
    assert_eq!(
        refused_fields(site.post("/tasks", json!({ "seconds": "soon" })).await).await,
        ["body"]
    );
    assert_eq!(
        refused_fields(site.get("/tasks?state=LOST").await).await,
        ["state"]
    );
    assert_eq!(
        refused_fields(site.get("/tasks?per_page=1000").await).await,
        ["per_page"]
    );
    for missing in [
        "/tasks/1",
        "/tasks/0",
        "/tasks/-1",
        "/tasks/x",
        "/tasks/99999999999999999999",
    ] {
        assert_eq!(site.get(missing).await.status(), 404, "{missing}");
    }
}

#[tokio::test]
async fn an_empty_body_starts_a_task_of_the_usual_kind() {
    let site = Site::new().await;
    let started = site
        .request(Method::POST, "/tasks")
        .send()
        .await
        .expect("an answer");
    assert_eq!(started.status(), 202);
    assert_eq!(body(started).await["kind"], "export");
}

#[tokio::test]
async fn ten_thousand_tasks_at_once_are_all_remembered() {
    let site = Site::new().await;
    for _ in 0..100 {
        let batch = (0..100).map(|_| site.post("/tasks", json!({ "seconds": 600 })));
        for started in batch {
            assert_eq!(started.await.status(), 202);
        }
    }
    let stats = site.json("/admin/stats").await;
    assert_eq!(
        stats["tasks"]["PENDING"]
            .as_u64()
            .zip(stats["tasks"]["STARTED"].as_u64())
            .map(|(a, b)| a + b),
        Some(10_000)
    );
    assert_eq!(site.json("/tasks/10000").await["id"], 10_000);
}
