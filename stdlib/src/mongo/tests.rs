use crate::client::servers::{Server, free_port};
use crate::host::fake::Fake;
use crate::host::scope::Owner;
use crate::host::world::World;
use std::sync::Arc;

#[test]
fn p22_p23_p24_mongo_documents_seeds_and_errors() {
    let server = Server::mongo();
    let port = server.port;
    let url = format!("mongodb://127.0.0.1:{port}/shop");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("seed")).expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("seed/issues.json", r#"{"_id": 1, "title": "broken"}"#);
    write(
        "seed/todos.json",
        r#"[{"title": "b", "needs": ["a"]}, {"title": "a", "needs": []}]"#,
    );
    let world = Arc::new(World {
        project: folder.path().into(),
        run_dir: folder.path().join("work"),
        ..World::default()
    });
    let run = |script: &str| {
        Fake::new().run_in(
            &world,
            &format!("let db = mongo.connect(\"{url}\"); {script}"),
        )
    };
    let ran = run(r#"
        let users = db.collection("users");
        let at = time("2026-01-05T10:00:00Z");
        let id = users.insert(#{ name: "Ada", at: at, tags: ["a", #{ b: () }], big: 5000000000, f: 1.5, bin: "ab".to_blob() });
        assert id.len == 24;
        let ada = users.find_one(#{ _id: id });
        assert ada._id == id && ada.at == "2026-01-05T10:00:00Z" && ada.tags == ["a", #{ b: () }] && ada.big == 5000000000 && ada.f == 1.5;
        assert ada.bin.len == 2;
        assert users.find_one(#{ at: at }).name == "Ada";
        assert users.insert([#{ _id: "bob", name: "Bob", n: 1 }, #{ name: "Cyd", n: 2 }])[0] == "bob";
        assert users.count() == 3 && users.count(#{ n: #{ "$gt": 1 } }) == 1;
        assert users.find(#{ n: #{ "$exists": true } }, #{ sort: #{ n: -1 }, limit: 1, fields: ["name"] })[0].name == "Cyd";
        assert users.find().len == 3 && users.find(#{ name: "none" }) == [] && users.find_one(#{ name: "none" }) == ();
        assert users.update(#{ _id: id }, #{ role: "admin" }) == 1 && users.find_one(#{ role: "admin" }).name == "Ada";
        assert users.update(#{}, #{ "$inc": #{ n: 10 } }) == 3 && users.find_one(#{ _id: "bob" }).n == 11;
        assert users.aggregate([#{ "$match": #{ n: #{ "$gt": 10 } } }, #{ "$count": "many" }])[0].many == 2;
        assert users.delete(#{ _id: "bob" }) == 1;
        assert db.collections() == ["users"] && db.command(#{ ping: 1 }).ok == 1.0;
        users.drop();
        assert db.collections() == [];
        // The example of the seed system: link, number and map what was loaded.
        let loaded = db.load("seed", #{
            add: #{ taskId: "t1" }, cleanup: true, required: #{ todos: 2 },
            after_load: |db| {
                let todos = db.collection("todos");
                let ids = #{};
                for todo in todos.find() {
                    let id = uuid();
                    ids[todo.title] = id;
                    todos.update(#{ _id: todo._id }, #{ uuid: id, issue: db.collection("issues").find_one(#{})._id });
                }
                for todo in todos.find() {
                    todos.update(#{ _id: todo._id }, #{ needs: todo.needs.map(|title| ids[title]) });
                }
            },
        });
        assert loaded == #{ issues: 1, todos: 2 };
        let b = db.collection("todos").find_one(#{ title: "b" });
        let a = db.collection("todos").find_one(#{ title: "a" });
        assert b.needs == [a.uuid] && b.issue == 1 && b.taskId == "t1";
        db.collection("todos").insert(#{ title: "not ours" });
    "#);
    let steps = ran.passes().steps();
    assert_eq!(
        steps[0],
        format!("mongo: connect to mongo at 127.0.0.1:{port}")
    );
    assert!(
        steps[1].starts_with("mongo: insert into users {"),
        "{}",
        steps[1]
    );
    let error = |script: &str| run(script).told().replace(&port.to_string(), "PORT");
    assert_eq!(
        error("db.load(\"seed\", #{ replace: true, required: #{ todos: 3 } })"),
        "collection todos has 2 documents, requires 3"
    );
    assert_eq!(
        error("db.load(\"seed\", #{ replace: true, required: #{ todo: 3 } })"),
        "`todo` requires 3, and seed has no file for it\n  hint: did you mean `todos`?"
    );
    let twice = error("let u = db.collection(\"u\"); u.insert(#{ _id: 1 }); u.insert(#{ _id: 1 })");
    assert!(
        twice.starts_with("mongo: E11000 duplicate key error") && twice.ends_with("code: 11000"),
        "{twice}"
    );
    let wrong = error("db.command(#{ fly: 1 })");
    assert!(
        wrong.starts_with("mongo: no such command: 'fly'"),
        "{wrong}"
    );
    assert_eq!(
        error("db.collection(\"u\").update(#{}, #{ a: 1, \"$inc\": #{ b: 1 } })"),
        "a change has either plain fields or operators\n  hint: #{ \"$set\": #{ state: \"done\" }, \"$inc\": #{ tries: 1 } }"
    );
    // Only what was loaded is deleted.
    run("db.collection(\"todos\").delete(#{ title: #{ \"$ne\": \"a\" } }); db.collection(\"todos\").insert(#{ title: \"later\" })").passes();
    let owner = Owner::Try {
        scenario: "test.rhai::test".into(),
        round: 0,
        try_number: 1,
    };
    let before = run(
        "db.collection(\"todos\").drop(); db.collection(\"todos\").insert(#{ title: \"x\" }); db.load(\"seed\", #{ cleanup: true })",
    );
    assert!(
        before.told().starts_with("mongo: E11000"),
        "{}",
        before.told()
    );
    run("db.collection(\"issues\").drop(); db.load(\"seed\", #{ cleanup: true }); db.collection(\"todos\").insert(#{ title: \"y\" })").passes();
    let scope = world.scopes.close(&owner).expect("a scope");
    let cleanup = scope.next_cleanup().expect("a clean-up");
    assert_eq!(cleanup.title, "delete what was loaded into issues, todos");
    Fake::new().end_in(&world, cleanup);
    let left = run(
        "state.left = db.collection(\"todos\").find().map(|todo| todo.title); state.issues = db.collection(\"issues\").count()",
    );
    assert_eq!(
        (&left.passes().state["left"], &left.state["issues"]),
        (&serde_json::json!(["x", "y"]), &0.into())
    );
}

#[test]
fn p26_mongo_that_is_not_there_is_told_at_once() {
    let port = free_port();
    let began = std::time::Instant::now();
    let ran = Fake::new().run(&format!("mongo.connect(\"mongodb://127.0.0.1:{port}\")"));
    assert_eq!(
        ran.told().replace(&port.to_string(), "PORT"),
        "cannot connect to mongo at 127.0.0.1:PORT: connection refused\n  hint: is it running? nothing listens on that port"
    );
    assert!(began.elapsed().as_secs() < 5);
    let ran = Fake::new().run("mongo.connect(\"mongo://127.0.0.1\")");
    assert_eq!(
        ran.told(),
        "bad address `mongo://127.0.0.1`: `mongo` is no scheme of mongo\n  hint: did you mean `mongodb`?"
    );
    let ran = Fake::new().run("mongo.connect(\"mongodb://127.0.0.1/?authsource=x\")");
    assert_eq!(ran.bad_news.len(), 1);
}
