//! What `load` does with files, counts and closures.

use super::super::body::{Target, document};
use super::Documents;
use crate::client::perform::waited;
use crate::client::{ClientError, Session, Value};
use crate::data;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::failure::Failure;
use crate::host::scope::Extent;
use crate::host::script::{self, Raise};
use crate::seed::{self, Batch, SeedError, Wanted};
use mongodb::bson::{Bson, Document, doc};
use rhai::{Dynamic, Map, NativeCallContext};
use std::sync::Arc;

/// The ids of what was loaded into one collection.
type Own = (String, Vec<Bson>);

/// Loads files into collections.
pub(super) fn fill(
    ctx: &NativeCallContext,
    db: &Documents,
    path: &str,
    options: Map,
) -> Result<Map, Raise> {
    let attempt = script::attempt_for(ctx, "mongo.load")?;
    let refuse = |failure: Failure| script::fail(ctx, &attempt, failure);
    let wanted = Wanted::read("mongo.load", options).map_err(refuse)?;
    attempt.step(
        "mongo",
        &format!("load {path}"),
        script::call_site(ctx),
        |step| {
            let mut batches =
                seed::read(&data::folder(ctx), path).map_err(|error| refuse(error.into()))?;
            wanted.complete(&mut batches);
            let loaded = waited(ctx, &attempt, load(db, &batches, wanted.replace))?;
            let emptied: serde_json::Map<_, _> = loaded
                .emptied
                .iter()
                .map(|(name, count)| (name.clone(), (*count).into()))
                .collect();
            let counts = loaded
                .own
                .iter()
                .map(|(name, ids)| (name.clone(), ids.len().into()));
            step.data = serde_json::json!({ "loaded": counts.collect::<serde_json::Map<_, _>>() });
            if !emptied.is_empty() {
                step.data["emptied"] = emptied.into();
            }
            let counts: Map = loaded
                .own
                .iter()
                .map(|(name, ids)| (name.into(), Dynamic::from(ids.len() as i64)))
                .collect();
            // Registered before the closure: what it breaks is deleted all the same.
            if wanted.cleanup {
                clean_up_later(&attempt, db.0.connector.clone(), loaded.own);
            }
            if let Some(after) = &wanted.after_load {
                let _: Dynamic = after.call_within_context(ctx, (db.clone(),))?;
            }
            for (name, least) in &wanted.required {
                let has = waited(ctx, &attempt, count(db, name))?;
                let one = vec![(name.clone(), *least)];
                let error = seed::missing(&one, &batches, path, |_| has).or_else(|| {
                    (has < *least).then(|| SeedError::TooFew {
                        what: "collection",
                        name: name.clone(),
                        has,
                        items: if has == 1 { "document" } else { "documents" },
                        wanted: *least,
                    })
                });
                if let Some(error) = error {
                    attempt.forget_evidence();
                    return Err(refuse(error.into()));
                }
            }
            Ok(counts)
        },
    )
}

#[derive(Default)]
struct Loaded {
    own: Vec<Own>,
    emptied: Vec<(String, u64)>,
}

async fn load(db: &Documents, batches: &[Batch], replace: bool) -> Result<Loaded, ClientError> {
    db.0.call(async |link| {
        let mut loaded = Loaded::default();
        for batch in batches {
            let collection = link.collection(&batch.name);
            if replace {
                let gone = collection
                    .delete_many(doc! {})
                    .await
                    .map_err(|error| link.trouble(&error))?;
                loaded
                    .emptied
                    .push((batch.name.clone(), gone.deleted_count));
            }
            let mut ids = Vec::new();
            if !batch.records.is_empty() {
                let records = batch.records.iter().map(|record| {
                    let value = Value::from_json(serde_json::Value::Object(record.clone()));
                    document(&value, "a document")
                });
                let records: Vec<Document> = records.collect::<Result<_, _>>()?;
                let done = collection
                    .insert_many(records)
                    .await
                    .map_err(|error| link.trouble(&error))?;
                ids = done.inserted_ids.into_values().collect();
            }
            loaded.own.push((batch.name.clone(), ids));
        }
        Ok(loaded)
    })
    .await
}

async fn count(db: &Documents, name: &str) -> Result<i64, ClientError> {
    db.0.call(async |link| {
        let count = link.collection(name).count_documents(doc! {}).await;
        count
            .map(|count| count as i64)
            .map_err(|error| link.trouble(&error))
    })
    .await
}

fn clean_up_later(attempt: &Attempt, target: Target, own: Vec<Own>) {
    let names: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(", ");
    let title = format!("delete what was loaded into {names}");
    let scope = attempt.scope(Extent::Scenario);
    // Which documents they are, only this process knows.
    scope.hold(
        &format!("what was loaded into {names}, with `cleanup`,"),
        || true,
    );
    scope.on_end(Cleanup {
        title,
        run: Box::new(move |attempt| {
            let limit = target.common.timeout;
            let session = Arc::new(Session::new(target, limit, attempt.runtime().clone()));
            let work = session.call(async |link| {
                for (name, ids) in own.iter().rev() {
                    let ours = doc! { "_id": { "$in": ids.clone() } };
                    link.collection(name)
                        .delete_many(ours)
                        .await
                        .map_err(|error| link.trouble(&error))?;
                }
                Ok(())
            });
            match attempt.block_on(Box::pin(work)) {
                Ok(result) => result.map_err(Failure::from),
                Err(stop) => Err(attempt.stop_failure(&stop)),
            }
        }),
    });
}
