//! The calls of `mongo`, of its databases and collections.

use super::super::body::{document, documents, filter, from_bson, id_text, update as change};
use super::ask::{ask, connect, read};
use super::{Collection as Files, Documents, Mongo as Value_, seed};
use crate::client::script::to_script;
use crate::client::{Connector, Value};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::script::{self, Raise};
use futures_util::TryStreamExt;
use mongodb::bson::{Bson, Document};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Map, NativeCallContext};

#[export_module]
pub mod mongo {
    pub type Mongo = Value_;
    pub type MongoDb = Documents;
    pub type Collection = Files;

    /// Connects to a MongoDB server: `mongodb://user:password@host:27017/database`. Fails within 5 seconds when nobody is
    /// there. The connection ends with the phase.
    ///
    /// ```rhai,no_run
    /// let db = mongo.connect("mongodb://127.0.0.1/shop");
    /// db.collection("users").insert(#{ name: "Ada" });
    /// ```
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_plain(
        ctx: NativeCallContext,
        mongo: &mut Mongo,
        url: &str,
    ) -> Result<MongoDb, Raise> {
        let _ = mongo;
        connect(&ctx, url, Map::new())
    }

    /// Like `connect(url)` with options: `database`, `timeout` of one call (30s), `connect_timeout` (5s), and `ca`,
    /// `insecure` as in `http.client`.
    #[rhai_fn(name = "connect", return_raw, pure)]
    pub fn connect_with(
        ctx: NativeCallContext,
        mongo: &mut Mongo,
        url: &str,
        options: Map,
    ) -> Result<MongoDb, Raise> {
        let _ = mongo;
        connect(&ctx, url, options)
    }

    /// A collection by its name; it need not exist yet.
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// assert users.count() == 0;
    /// ```
    #[rhai_fn(pure)]
    pub fn collection(db: &mut MongoDb, name: &str) -> Collection {
        Files::of(db, name)
    }

    /// The names of the collections, sorted.
    ///
    /// ```rhai,no_run
    /// assert mongo.connect("mongodb://127.0.0.1/shop").collections() == ["users"];
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn collections(ctx: NativeCallContext, db: &mut MongoDb) -> Result<Dynamic, Raise> {
        let names = ask(&ctx, db, "collections", &[], async |link| {
            let names = link.database().list_collection_names().await;
            let mut names = names.map_err(|error| link.trouble(&error))?;
            names.sort();
            Ok(Value::List(names.into_iter().map(Value::Text).collect()))
        })?;
        Ok(to_script(names))
    }

    /// Runs a command of the database and gives back its answer.
    ///
    /// ```rhai,no_run
    /// let db = mongo.connect("mongodb://127.0.0.1/shop");
    /// assert db.command(#{ ping: 1 }).ok == 1.0;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn command(
        ctx: NativeCallContext,
        db: &mut MongoDb,
        command: Map,
    ) -> Result<Dynamic, Raise> {
        let command = read(&ctx, &command.into(), "the command")?;
        let answer = ask(
            &ctx,
            db,
            "command",
            &[("command", &command)],
            async |link| {
                let command = document(&command, "a command")?;
                let answer = link.database().run_command(command).await;
                answer
                    .map(|answer| from_bson(answer.into()))
                    .map_err(|error| link.trouble(&error))
            },
        )?;
        Ok(to_script(answer))
    }

    /// Loads a file or a folder of files into collections named after them: JSON, YAML or CSV. Gives back how many
    /// documents each collection got.
    ///
    /// ```rhai,no_run
    /// let db = mongo.connect("mongodb://127.0.0.1/shop");
    /// assert db.load("seed") == #{ users: 2 };
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn load(ctx: NativeCallContext, db: &mut MongoDb, path: &str) -> Result<Map, Raise> {
        seed::fill(&ctx, db, path, Map::new())
    }

    /// Like `load(path)` with options: `required` (the least number of documents of each collection in the end), `after_load`
    /// (a closure that gets the database), `add` (fields for every document), `replace: true` (empties the collections first),
    /// and `cleanup: true` (deletes what was loaded, and nothing else, at the end of the scenario).
    #[rhai_fn(name = "load", return_raw, pure)]
    pub fn load_with(
        ctx: NativeCallContext,
        db: &mut MongoDb,
        path: &str,
        options: Map,
    ) -> Result<Map, Raise> {
        seed::fill(&ctx, db, path, options)
    }

    /// Ends the connection before its phase does.
    ///
    /// ```rhai,no_run
    /// mongo.connect("mongodb://127.0.0.1/shop").close();
    /// ```
    #[rhai_fn(pure)]
    pub fn close(db: &mut MongoDb) {
        db.0.close();
    }

    /// Inserts a document and gives back its id.
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// let id = users.insert(#{ name: "Ada", joined: now() });
    /// assert users.find_one(#{ _id: id }).name == "Ada";
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn insert(
        ctx: NativeCallContext,
        collection: &mut Collection,
        record: Map,
    ) -> Result<Dynamic, Raise> {
        let record = read(&ctx, &record.into(), "the document")?;
        let what = format!("insert into {}", collection.name());
        let id = ask(
            &ctx,
            collection.db(),
            &what,
            &[("document", &record)],
            async |link| {
                let record = document(&record, "a document")?;
                let done = link.collection(collection.name()).insert_one(record).await;
                done.map(|done| id_text(&done.inserted_id))
                    .map_err(|error| link.trouble(&error))
            },
        )?;
        Ok(to_script(id))
    }

    /// Inserts a list of documents and gives back the list of their ids.
    #[rhai_fn(name = "insert", return_raw, pure)]
    pub fn insert_many(
        ctx: NativeCallContext,
        collection: &mut Collection,
        records: Array,
    ) -> Result<Dynamic, Raise> {
        let records = read(&ctx, &records.into(), "the documents")?;
        let what = format!("insert into {}", collection.name());
        let ids = ask(
            &ctx,
            collection.db(),
            &what,
            &[("documents", &records)],
            async |link| {
                let records = documents(&records, "a document")?;
                let done = link
                    .collection(collection.name())
                    .insert_many(records)
                    .await;
                let done = done.map_err(|error| link.trouble(&error))?;
                let mut ids: Vec<(usize, Bson)> = done.inserted_ids.into_iter().collect();
                ids.sort_by_key(|(at, _)| *at);
                Ok(Value::List(ids.iter().map(|(_, id)| id_text(id)).collect()))
            },
        )?;
        Ok(to_script(ids))
    }

    /// All documents of the collection.
    #[rhai_fn(name = "find", return_raw, pure)]
    pub fn find_all(ctx: NativeCallContext, collection: &mut Collection) -> Result<Dynamic, Raise> {
        search(&ctx, collection, &Map::new(), Map::new())
    }

    /// The documents that match a filter: a list of maps.
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// let adults = users.find(#{ age: #{ "$gte": 18 } });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn find(
        ctx: NativeCallContext,
        collection: &mut Collection,
        filter: Map,
    ) -> Result<Dynamic, Raise> {
        search(&ctx, collection, &filter, Map::new())
    }

    /// Like `find(filter)` with options: `sort` (`#{ age: -1 }`), `limit`, `skip`, and `fields` (a list of those wanted).
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// let oldest = users.find(#{}, #{ sort: #{ age: -1 }, limit: 1, fields: ["name"] });
    /// ```
    #[rhai_fn(name = "find", return_raw, pure)]
    pub fn find_with(
        ctx: NativeCallContext,
        collection: &mut Collection,
        filter: Map,
        options: Map,
    ) -> Result<Dynamic, Raise> {
        search(&ctx, collection, &filter, options)
    }

    /// The first document that matches a filter, as a map; `()` when there is none.
    ///
    /// ```rhai,no_run
    /// let jobs = mongo.connect("mongodb://127.0.0.1/shop").collection("jobs");
    /// wait_until("5s", || jobs.find_one(#{ number: 7, state: "done" }));
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn find_one(
        ctx: NativeCallContext,
        collection: &mut Collection,
        filter: Map,
    ) -> Result<Dynamic, Raise> {
        let given = read(&ctx, &filter.into(), "the filter")?;
        let what = format!("find one in {}", collection.name());
        let found = ask(
            &ctx,
            collection.db(),
            &what,
            &[("filter", &given)],
            async |link| {
                let filter = super::filter(&given)?;
                let found = link.collection(collection.name()).find_one(filter).await;
                let found = found.map_err(|error| link.trouble(&error))?;
                Ok(found.map_or(Value::Null, |found| from_bson(found.into())))
            },
        )?;
        Ok(to_script(found))
    }

    /// How many documents there are.
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// assert users.count() >= users.count(#{ name: "Ada" });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn count(ctx: NativeCallContext, collection: &mut Collection) -> Result<Dynamic, Raise> {
        counted(&ctx, collection, Map::new())
    }

    /// How many documents match a filter.
    #[rhai_fn(name = "count", return_raw, pure)]
    pub fn count_matching(
        ctx: NativeCallContext,
        collection: &mut Collection,
        filter: Map,
    ) -> Result<Dynamic, Raise> {
        counted(&ctx, collection, filter)
    }

    /// Changes every document that matches a filter: plain fields are set, operators are what they are. Gives back how many
    /// matched.
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// users.update(#{ name: "Ada" }, #{ role: "admin" });
    /// users.update(#{}, #{ "$inc": #{ visits: 1 } });
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn update(
        ctx: NativeCallContext,
        collection: &mut Collection,
        filter: Map,
        change: Map,
    ) -> Result<Dynamic, Raise> {
        let given = read(&ctx, &filter.into(), "the filter")?;
        let changed = read(&ctx, &change.into(), "the change")?;
        let what = format!("update {}", collection.name());
        let asked = [("filter", &given), ("change", &changed)];
        let matched = ask(&ctx, collection.db(), &what, &asked, async |link| {
            let (filter, change) = (super::filter(&given)?, super::change(&changed)?);
            let done = link
                .collection(collection.name())
                .update_many(filter, change)
                .await;
            done.map(|done| Value::from_unsigned(done.matched_count))
                .map_err(|error| link.trouble(&error))
        })?;
        Ok(to_script(matched))
    }

    /// Deletes every document that matches a filter; gives back how many there were.
    ///
    /// ```rhai,no_run
    /// let users = mongo.connect("mongodb://127.0.0.1/shop").collection("users");
    /// assert users.delete(#{ name: "Ada" }) == 1;
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn delete(
        ctx: NativeCallContext,
        collection: &mut Collection,
        filter: Map,
    ) -> Result<Dynamic, Raise> {
        let given = read(&ctx, &filter.into(), "the filter")?;
        let what = format!("delete from {}", collection.name());
        let deleted = ask(
            &ctx,
            collection.db(),
            &what,
            &[("filter", &given)],
            async |link| {
                let filter = super::filter(&given)?;
                let done = link.collection(collection.name()).delete_many(filter).await;
                done.map(|done| Value::from_unsigned(done.deleted_count))
                    .map_err(|error| link.trouble(&error))
            },
        )?;
        Ok(to_script(deleted))
    }

    /// Removes the collection with all its documents.
    ///
    /// ```rhai,no_run
    /// mongo.connect("mongodb://127.0.0.1/shop").collection("users").drop();
    /// ```
    #[rhai_fn(name = "drop", return_raw, pure)]
    pub fn drop_collection(
        ctx: NativeCallContext,
        collection: &mut Collection,
    ) -> Result<(), Raise> {
        let what = format!("drop {}", collection.name());
        let done = ask(&ctx, collection.db(), &what, &[], async |link| {
            let done = link.collection(collection.name()).drop().await;
            done.map(|()| Value::Null)
                .map_err(|error| link.trouble(&error))
        });
        done.map(|_| ())
    }

    /// The documents an aggregation pipeline gives.
    ///
    /// ```rhai,no_run
    /// let orders = mongo.connect("mongodb://127.0.0.1/shop").collection("orders");
    /// let sums = orders.aggregate([#{ "$group": #{ _id: "$user", total: #{ "$sum": "$total" } } }]);
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub fn aggregate(
        ctx: NativeCallContext,
        collection: &mut Collection,
        pipeline: Array,
    ) -> Result<Dynamic, Raise> {
        let pipeline = read(&ctx, &pipeline.into(), "the pipeline")?;
        let what = format!("aggregate {}", collection.name());
        let found = ask(
            &ctx,
            collection.db(),
            &what,
            &[("pipeline", &pipeline)],
            async |link| {
                let stages = documents(&pipeline, "a stage")?;
                let cursor = link.collection(collection.name()).aggregate(stages).await;
                let cursor = cursor.map_err(|error| link.trouble(&error))?;
                let found: Vec<Document> = cursor
                    .try_collect()
                    .await
                    .map_err(|error| link.trouble(&error))?;
                Ok(list(found))
            },
        )?;
        Ok(to_script(found))
    }

    /// The database in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show(db: &mut MongoDb) -> String {
        db.0.connector.server()
    }

    /// The collection in words.
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub fn show_collection(collection: &mut Collection) -> String {
        format!("collection {}", collection.name())
    }
}

fn list(found: Vec<Document>) -> Value {
    Value::List(
        found
            .into_iter()
            .map(|found| from_bson(found.into()))
            .collect(),
    )
}

fn counted(ctx: &NativeCallContext, collection: &Files, given: Map) -> Result<Dynamic, Raise> {
    let given = read(ctx, &given.into(), "the filter")?;
    let what = format!("count {}", collection.name());
    let count = ask(
        ctx,
        collection.db(),
        &what,
        &[("filter", &given)],
        async |link| {
            let filter = filter(&given)?;
            let count = link
                .collection(collection.name())
                .count_documents(filter)
                .await;
            count
                .map(Value::from_unsigned)
                .map_err(|error| link.trouble(&error))
        },
    )?;
    Ok(to_script(count))
}

/// The options of `find`.
struct Manner {
    sort: Value,
    limit: i64,
    skip: u64,
    fields: Vec<String>,
}

fn manner(options: Map) -> Result<Manner, Failure> {
    let mut options = Options::new("mongo.find", options);
    let sort = options
        .json("sort")?
        .unwrap_or_else(|| serde_json::json!({}));
    let limit = options.int("limit", 0..=i64::MAX)?.unwrap_or(0);
    let skip = options.int("skip", 0..=i64::MAX)?.unwrap_or(0);
    let fields = options.texts("fields")?.unwrap_or_default();
    options.finish()?;
    Ok(Manner {
        sort: Value::from_json(sort),
        limit,
        skip: skip as u64,
        fields,
    })
}

fn search(
    ctx: &NativeCallContext,
    collection: &Files,
    given: &Map,
    options: Map,
) -> Result<Dynamic, Raise> {
    let manner = manner(options).map_err(|failure| script::usage(ctx, failure))?;
    let given = read(ctx, &given.clone().into(), "the filter")?;
    let what = format!("find in {}", collection.name());
    let found = ask(
        ctx,
        collection.db(),
        &what,
        &[("filter", &given)],
        async |link| {
            let fields: Document = manner
                .fields
                .iter()
                .map(|field| (field.clone(), Bson::Int32(1)))
                .collect();
            let files = link.collection(collection.name());
            let mut find = files
                .find(filter(&given)?)
                .sort(document(&manner.sort, "`sort`")?)
                .skip(manner.skip);
            if manner.limit > 0 {
                find = find.limit(manner.limit);
            }
            if !fields.is_empty() {
                find = find.projection(fields);
            }
            let cursor = find.await.map_err(|error| link.trouble(&error))?;
            let found: Result<Vec<Document>, _> = cursor.try_collect().await;
            found.map(list).map_err(|error| link.trouble(&error))
        },
    )?;
    Ok(to_script(found))
}
