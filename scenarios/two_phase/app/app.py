"""The API and the page: they start tasks and tell how far each is. Started with `flask --app app run`."""

import time
import uuid

from flask import Flask, jsonify, redirect, render_template, request

import tasks

app = Flask(__name__)


def start(wanted):
    """Hands a task to the worker; its id is known, and listed, before the worker has seen it."""
    task = str(uuid.uuid4())
    kind = str(wanted.get("kind", "export"))
    tasks.store.hset(f"task:{task}", mapping={"kind": kind, "created_at": time.time()})
    tasks.store.lpush("tasks", task)
    tasks.work.apply_async(
        (float(wanted.get("seconds", 1)), bool(wanted.get("fail", False))),
        task_id=task,
        countdown=float(wanted["delay"]) if "delay" in wanted else None,
    )
    return task


def show(task):
    kept = tasks.store.hgetall(f"task:{task}")
    if not kept:
        return None
    result = tasks.app.AsyncResult(task)
    state = result.state
    seen = {"id": task, "kind": kept["kind"], "state": state}
    for name in ("created_at", "started_at", "finished_at"):
        seen[name] = float(kept[name]) if name in kept else None
    seen["result"] = result.result if state == "SUCCESS" else None
    seen["error"] = str(result.result) if state == "FAILURE" else None
    return seen


def everything():
    """All tasks, the newest first."""
    shown = [show(task) for task in tasks.store.lrange("tasks", 0, -1)]
    kind = request.args.get("kind")
    return [task for task in shown if kind is None or task["kind"] == kind]


@app.get("/health")
def health():
    return jsonify(redis=tasks.store.ping())


@app.post("/tasks")
def create():
    return jsonify(id=start(request.get_json())), 202


@app.get("/tasks")
def index():
    return jsonify(everything())


@app.get("/tasks/<task>")
def one(task):
    seen = show(task)
    return (jsonify(seen), 200) if seen else (jsonify(error="no such task"), 404)


@app.get("/")
def page():
    return render_template("tasks.html", tasks=everything())


@app.post("/start")
def button():
    start(request.form)
    return redirect("/", code=303)
