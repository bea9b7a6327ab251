"""One worker: remembers what it was asked to do in a SQLite file of its own, and refuses to do it twice.

PUT /trouble {"uuid": …} lets one todo fail until DELETE /trouble. With STUBBORN set, the worker ignores SIGTERM.
"""

import os
import signal
import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)
path = os.environ["DATABASE_PATH"]
trouble: set[str] = set()
with sqlite3.connect(path) as db:
    db.execute("create table if not exists done (uuid text primary key, result text)")
print("database", path, flush=True)
if os.environ.get("STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@app.get("/health")
def health():
    return jsonify(name=os.environ["NAME"], role=os.environ["ROLE"], task=os.environ["TASK_ID"], port=os.environ["PORT"])


@app.get("/todos")
def done():
    with sqlite3.connect(path) as db:
        return jsonify([uuid for (uuid,) in db.execute("select uuid from done order by rowid")])


@app.post("/todos")
def work():
    todo = request.json
    if todo["uuid"] in trouble:
        return jsonify(success=False, error="the worker ran out of memory")
    with sqlite3.connect(path) as db:
        if db.execute("select 1 from done where uuid = ?", [todo["uuid"]]).fetchone():
            return jsonify(success=False, error="it is done already"), 409
        db.execute("insert into done values (?, ?)", [todo["uuid"], todo["title"].upper()])
    print("did", todo["title"], flush=True)
    return jsonify(success=True, result=todo["title"].upper())


@app.put("/trouble")
def make_trouble():
    trouble.add(request.json["uuid"])
    return jsonify(sorted(trouble))


@app.delete("/trouble")
def mend():
    trouble.discard(request.json["uuid"])
    return jsonify(sorted(trouble))


app.run("127.0.0.1", int(os.environ["PORT"]))
