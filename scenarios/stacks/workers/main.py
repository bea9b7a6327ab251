"""One worker: remembers what it was asked to do in a SQLite file of its own, and refuses to do it twice."""

import os
import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)
path = os.environ["DATABASE_PATH"]
with sqlite3.connect(path) as db:
    db.execute("create table if not exists done (uuid text primary key, result text)")
print("database", path, flush=True)


@app.get("/health")
def health():
    return jsonify(name=os.environ["NAME"], role=os.environ["ROLE"], task=os.environ["TASK_ID"], port=os.environ["PORT"])


@app.post("/todos")
def work():
    todo = request.json
    with sqlite3.connect(path) as db:
        if db.execute("select 1 from done where uuid = ?", [todo["uuid"]]).fetchone():
            return jsonify(success=False, error="it is done already"), 409
        db.execute("insert into done values (?, ?)", [todo["uuid"], todo["title"].upper()])
    print("did", todo["title"], flush=True)
    return jsonify(success=True, result=todo["title"].upper())


app.run("127.0.0.1", int(os.environ["PORT"]))
